//! The walk by several threads: each takes the directory that was found last, so that the number of open ones stays small.

use std::ffi::CString;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::{Builder, Scope};

use super::super::directory::Directory;
use super::super::entries::Buffer;
use super::{Place, Tree, Visitor};
use crate::failure::Failure;

/// From this depth on a directory is walked through by one thread, with few of the directories above it open.
const DEPTH: usize = 24;

/// Small trees are not worth a second thread.
const WAITING: usize = 8;

/// A directory whose content is not done yet.
struct Node<Kept> {
    above: Option<Arc<Self>>,
    name: CString,
    directory: Directory,
    kept: Kept,
    depth: usize,
    /// How many of the directories in it are not done, and one more while its own entries are not.
    left: AtomicUsize,
}

/// A directory that nobody has entered yet.
struct Found<Kept> {
    above: Option<Arc<Node<Kept>>>,
    name: CString,
}

struct Queue<Kept> {
    found: Vec<Found<Kept>>,
    /// How many threads are at work: as long as there is one, more may be found.
    working: usize,
    threads: usize,
}

pub(super) struct Walk<'a, V: Visitor> {
    tree: &'a Tree,
    visitor: &'a V,
    queue: Mutex<Queue<V::Kept>>,
    changed: Condvar,
    is_stopped: AtomicBool,
    failure: Mutex<Option<Failure>>,
}

impl<'a, V: Visitor> Walk<'a, V> {
    pub(super) fn new(tree: &'a Tree, visitor: &'a V) -> Self {
        let top = Found { above: None, name: tree.name.clone() };
        Self {
            tree,
            visitor,
            queue: Mutex::new(Queue { found: vec![top], working: 0, threads: 1 }),
            changed: Condvar::new(),
            is_stopped: AtomicBool::new(false),
            failure: Mutex::new(None),
        }
    }

    pub(super) fn run(self) -> Result<(), Failure> {
        std::thread::scope(|scope| self.work(scope));
        self.failure.into_inner().unwrap_or_else(PoisonError::into_inner).map_or(Ok(()), Err)
    }

    fn work<'scope>(&'scope self, scope: &'scope Scope<'scope, '_>) {
        let mut buffer = Buffer::large();
        while let Some(found) = self.next() {
            if let Err(failure) = self.directory(found, &mut buffer, scope) {
                self.is_stopped.store(true, Ordering::Relaxed);
                self.failure.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert(failure);
            }
            let mut queue = self.queue();
            queue.working -= 1;
            if queue.working == 0 {
                self.changed.notify_all();
            }
        }
    }

    /// The next directory; `None` when there are none left or the walk was stopped.
    fn next(&self) -> Option<Found<V::Kept>> {
        let mut queue = self.queue();
        loop {
            if self.is_stopped() {
                return None;
            }
            if let Some(found) = queue.found.pop() {
                queue.working += 1;
                return Some(found);
            }
            if queue.working == 0 {
                return None;
            }
            queue = self.changed.wait(queue).unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// Enters a directory and visits what it holds; the directories in it wait for their turn.
    fn directory<'scope>(
        &'scope self,
        found: Found<V::Kept>,
        buffer: &mut Buffer,
        scope: &'scope Scope<'scope, '_>,
    ) -> Result<(), Failure> {
        let Found { above, name } = found;
        let depth = above.as_ref().map_or(0, |above| above.depth + 1);
        if let Some(above) = above.as_ref().filter(|_| depth >= DEPTH) {
            self.deep(&above.directory, &above.kept, name, buffer)?;
        } else if let Some(node) = self.enter(above.clone(), name, depth)? {
            // What could not be read was told; it is not left, but what is above it is.
            if let Some(directories) = self.tree.visit_entries(self.visitor, &node.directory, &node.kept, buffer)? {
                node.left.fetch_add(directories.len(), Ordering::Relaxed);
                self.add(&node, directories, scope);
                return self.done(node);
            }
        }
        above.map_or(Ok(()), |above| self.done(above))
    }

    fn enter(
        &self,
        above: Option<Arc<Node<V::Kept>>>,
        name: CString,
        depth: usize,
    ) -> Result<Option<Arc<Node<V::Kept>>>, Failure> {
        let parent = above.as_ref().map_or(&self.tree.parent, |above| &above.directory);
        let place = self.tree.place(parent, &name, above.is_none());
        let entered = self.tree.enter(self.visitor, &place, above.as_ref().map(|above| &above.kept))?;
        Ok(entered
            .map(|(directory, kept)| Arc::new(Node { above, name, directory, kept, depth, left: AtomicUsize::new(1) })))
    }

    fn add<'scope>(
        &'scope self,
        node: &Arc<Node<V::Kept>>,
        directories: Vec<CString>,
        scope: &'scope Scope<'scope, '_>,
    ) {
        let mut queue = self.queue();
        queue.found.extend(directories.into_iter().map(|name| Found { above: Some(Arc::clone(node)), name }));
        while queue.found.len() >= WAITING && queue.threads < self.tree.threads {
            queue.threads += 1;
            // Where no more threads may be started those that there are do the work.
            let _ = Builder::new().spawn_scoped(scope, || self.work(scope));
        }
        drop(queue);
        self.changed.notify_all();
    }

    /// Counts one thing in a directory as done; the last one lets the directory itself be done, and so on upwards.
    fn done(&self, mut node: Arc<Node<V::Kept>>) -> Result<(), Failure> {
        while node.left.fetch_sub(1, Ordering::AcqRel) == 1 && !self.is_stopped() {
            self.visitor.leave(&self.place_of(&node), &node.directory, &node.kept)?;
            match node.above.clone() {
                Some(above) => node = above,
                None => break,
            }
        }
        Ok(())
    }

    fn place_of<'n>(&'n self, node: &'n Node<V::Kept>) -> Place<'n> {
        let parent = node.above.as_ref().map_or(&self.tree.parent, |above| &above.directory);
        self.tree.place(parent, &node.name, node.above.is_none())
    }

    fn deep(&self, above: &Directory, kept: &V::Kept, name: CString, buffer: &mut Buffer) -> Result<(), Failure> {
        self.tree.walk_deep(self.visitor, (above, kept), name, buffer, &|| self.is_stopped())
    }

    fn is_stopped(&self) -> bool {
        self.is_stopped.load(Ordering::Relaxed)
    }

    fn queue(&self) -> MutexGuard<'_, Queue<V::Kept>> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
