//! Where the walk through the target is: entries come in any order, and only directories that are held are written to.

use std::ffi::OsString;

use crate::root::{Descent, Directory, Error};

/// The way from the directory that holds the target, or from the root if that is the target, to where the last entry was.
pub(super) struct Way {
    descent: Descent,
    at: Vec<OsString>,
    /// How many of the last directories are missing.
    absent: usize,
}

impl Way {
    /// Begins at a directory.
    pub(super) fn new(beginning: Directory) -> Self {
        Self { descent: Descent::new(beginning), at: Vec::new(), absent: 0 }
    }

    /// Goes to a directory, given from the beginning of the way by the parts of a base and those below it, and hands it out if
    /// it is there.
    pub(super) fn go(
        &mut self,
        base: &[OsString],
        below: &[OsString],
        entered: &dyn Fn(&Directory),
    ) -> Result<Option<&Directory>, Error> {
        let parts = || base.iter().chain(below);
        let same = self.at.iter().zip(parts()).take_while(|(at, part)| at == part).count();
        while self.at.len() > same {
            self.leave()?;
        }
        for part in parts().skip(same) {
            self.enter(part, entered)?;
        }
        Ok((self.absent == 0).then(|| self.descent.current()))
    }

    /// How many of the directories that were gone to are there.
    pub(super) fn present(&self) -> usize {
        self.at.len() - self.absent
    }

    fn enter(&mut self, name: &OsString, entered: &dyn Fn(&Directory)) -> Result<(), Error> {
        if self.absent > 0 {
            self.absent += 1;
        } else {
            match self.descent.enter(name) {
                Ok(()) => entered(self.descent.current()),
                Err(error) if error.is_not_found() => self.absent = 1,
                Err(error) => return Err(error),
            }
        }
        self.at.push(name.clone());
        Ok(())
    }

    fn leave(&mut self) -> Result<(), Error> {
        if self.at.pop().is_none() {
            return Ok(());
        }
        if self.absent > 0 {
            self.absent -= 1;
            return Ok(());
        }
        self.descent.leave().map(|_| ())
    }
}
