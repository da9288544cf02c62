//! The file of an SQLite database: opened without being led astray, and owned by whoever uses it.

use std::path::{Path, PathBuf};
use std::rc::Rc;

use nix::unistd::Uid;

use crate::action::{Context, Difference, Sign, ownership};
use crate::failure::Failure;
use crate::root::{self, Attributes, FileKind, HeldFile, Metadata};
use crate::spec::MigrateSpec;
use crate::sql::{Session, Sqlite, Stop};

const DEFAULT_MODE: u32 = 0o640;
/// What SQLite may leave beside its file.
const COMPANIONS: [&str; 3] = ["-wal", "-shm", "-journal"];

impl MigrateSpec {
    /// The file of the database, if there is one. Anything else in its place is refused.
    pub(super) fn file(&self, path: &Path, context: &Context) -> Result<Option<HeldFile>, Failure> {
        context.root.hold_file(path).map_err(|error| self.cannot_open(&error, path))
    }

    fn cannot_open(&self, error: &root::Error, path: &Path) -> Failure {
        let failure = error.cannot("open the database", path.display()).at(self.target().span);
        if error.is_wrong_kind() { failure.hint("name a file, by its real path") } else { failure }
    }

    pub(super) fn open(&self, file: Rc<HeldFile>, stop: Stop) -> Result<Box<dyn Session>, Failure> {
        let session = Sqlite::open(file, &self.session, (self.lock_wait.get(), stop));
        Ok(Box::new(session.map_err(|failure| failure.at(self.target().span))?))
    }

    /// Opens the file for the migrations, with the owner and, if it is new, the mode of the spec. `true`: the owner of an
    /// older file was changed.
    pub(super) fn open_sqlite(&self, path: &Path, context: &Context) -> Result<(Box<dyn Session>, bool), Failure> {
        // The file is made for its owner only and has its mode before anything is written to it.
        let file = Rc::new(context.root.hold_or_make_file(path).map_err(|error| self.cannot_open(&error, path))?);
        let session = self.open(Rc::clone(&file), self.stop(context))?;
        warn_of_exchange(path, context);
        let (user, group) = ownership::resolve(self.owner.as_ref(), context)?;
        let old = file.metadata().size > 0;
        let wrong = old && is_wrong(file.metadata(), user, group);
        if wrong || !old {
            let new_mode = || self.mode.as_ref().map_or(DEFAULT_MODE, |mode| mode.bits());
            let mode = (!old).then(new_mode);
            file.set_attributes(Attributes { user, group, mode })
                .map_err(|error| error.cannot("own the database", path.display()).at(self.target().span))?;
        }
        Ok((session, wrong))
    }

    /// A journal that is left belongs to whoever owns the database, or the application could not open it.
    pub(super) fn own_companions(&self, path: &Path, context: &Context) -> Result<(), Failure> {
        let (user, group) = ownership::resolve(self.owner.as_ref(), context)?;
        for suffix in COMPANIONS {
            let mut name = path.as_os_str().to_owned();
            name.push(suffix);
            let companion = PathBuf::from(name);
            let cannot = |error: root::Error| error.cannot("own", companion.display()).at(self.target().span);
            let found = context.root.metadata(&companion).map_err(cannot)?;
            if found.is_some_and(|found| found.kind == FileKind::File && is_wrong(&found, user, group)) {
                match context.root.set_attributes(&companion, Attributes { user, group, mode: None }) {
                    // Another program closed the database in the meantime.
                    Err(error) if error.is_not_found() => {}
                    result => result.map_err(cannot)?,
                }
            }
        }
        Ok(())
    }

    pub(super) fn ownership_difference(
        &self,
        path: &Path,
        found: &Metadata,
        context: &Context,
    ) -> Result<Option<Difference>, Failure> {
        let (user, group) = ownership::resolve(self.owner.as_ref(), context)?;
        let wanted = (user.unwrap_or(found.user), group.unwrap_or(found.group));
        let detail = format!("owner {}:{} -> {}:{}", found.user, found.group, wanted.0, wanted.1);
        let difference = || Difference::new(Sign::Modify, path.display().to_string(), detail);
        Ok(is_wrong(found, user, group).then(difference))
    }
}

/// SQLite makes its journal by name. Only root can be led to where the other user may not write himself.
fn warn_of_exchange(path: &Path, context: &Context) {
    if !Uid::effective().is_root() {
        return;
    }
    if let Ok(Some(directory)) = context.root.exchangeable(path) {
        log::warn!(
            "`{}` lets other users exchange the directory of the database `{}` while it is migrated: put the database \
             directly into the volume's directory, or let root own `{0}`",
            root::shown(&directory),
            root::shown(path)
        );
    }
}

fn is_wrong(found: &Metadata, user: Option<u32>, group: Option<u32>) -> bool {
    user.is_some_and(|user| user != found.user) || group.is_some_and(|group| group != found.group)
}
