//! The walk by one thread through what lies deep: however deep it is, only few directories are open.

use std::ffi::CString;

use super::super::descent::Descent;
use super::super::directory::Directory;
use super::super::entries::Buffer;
use super::{Tree, Visitor};
use crate::failure::Failure;

struct Level<Kept> {
    name: CString,
    kept: Kept,
    /// The directories in it that are still to do.
    directories: Vec<CString>,
}

impl Tree {
    /// Walks through the directory `name` of `above`, which is held together with what the visitor kept of it.
    pub(super) fn walk_deep<V: Visitor>(
        &self,
        visitor: &V,
        (above, kept_above): (&Directory, &V::Kept),
        name: CString,
        buffer: &mut Buffer,
        is_stopped: &dyn Fn() -> bool,
    ) -> Result<(), Failure> {
        let mut descent = match above.try_clone() {
            Ok(above) => Descent::new(above),
            Err(error) => return visitor.refused(error),
        };
        let mut levels: Vec<Level<V::Kept>> = Vec::new();
        let mut next = Some(name);
        while !is_stopped() {
            if let Some(name) = next.take() {
                let kept_above = levels.last().map_or(kept_above, |level| &level.kept);
                let place = self.place(descent.current(), &name, false);
                if let Some((directory, kept)) = self.enter(visitor, &place, Some(kept_above))?
                    && let Some(directories) = self.visit_entries(visitor, &directory, &kept, buffer)?
                {
                    if let Err(error) = descent.descend(directory) {
                        return visitor.refused(error);
                    }
                    levels.push(Level { name, kept, directories });
                }
            } else if let Some(Level { name, kept, .. }) = levels.pop() {
                match descent.leave() {
                    Ok(Some(left)) => visitor.leave(&self.place(descent.current(), &name, false), &left, &kept)?,
                    Ok(None) => {}
                    // The way back is lost: nothing above can be done.
                    Err(error) => return visitor.refused(error),
                }
            }
            match levels.last_mut() {
                Some(level) => next = level.directories.pop(),
                None => return Ok(()),
            }
        }
        Ok(())
    }
}
