//! Where the walk through the target is: entries come in any order, and only directories that are held are written to.

use std::ffi::OsString;

use crate::root::{Attributes, Descent, Directory, Error};

/// The way from the directory that holds the target, or from the root if that is the target, to where the last entry was.
pub(super) struct Way {
    descent: Descent,
    at: Vec<Step>,
    /// How many of the last directories are missing; none while changes are made.
    absent: usize,
}

struct Step {
    name: OsString,
    /// Whether names in it were changed that a loss of power could take back.
    changed: bool,
}

/// Whether a directory that is missing is made, and how.
pub(super) enum Missing<'a> {
    Stays,
    /// By the directory that it is to be in, and its parts from the beginning of the way.
    Made(&'a NewDirectory<'a>),
}

type NewDirectory<'a> = dyn Fn(&Directory, &[OsString]) -> Result<Attributes, Error> + 'a;

impl Way {
    /// Begins at a directory.
    pub(super) fn new(beginning: Directory) -> Self {
        Self { descent: Descent::new(beginning), at: Vec::new(), absent: 0 }
    }

    /// Goes to a directory, given from the beginning of the way, and hands it out if it is there.
    pub(super) fn go(
        &mut self,
        parts: &[OsString],
        missing: &Missing<'_>,
        entered: &dyn Fn(&Directory),
    ) -> Result<Option<&Directory>, Error> {
        let same = self.at.iter().zip(parts).take_while(|(step, part)| step.name == **part).count();
        while self.at.len() > same {
            self.leave()?;
        }
        for length in same + 1..=parts.len() {
            self.enter(&parts[..length], missing, entered)?;
        }
        Ok(self.current())
    }

    fn current(&self) -> Option<&Directory> {
        (self.absent == 0).then(|| self.descent.current())
    }

    fn enter(&mut self, parts: &[OsString], missing: &Missing<'_>, entered: &dyn Fn(&Directory)) -> Result<(), Error> {
        let Some(name) = parts.last() else { return Ok(()) };
        if self.absent > 0 {
            self.absent += 1;
        } else {
            match (self.descent.enter(name), missing) {
                (Ok(()), _) => entered(self.descent.current()),
                (Err(error), Missing::Stays) if error.is_not_found() => self.absent = 1,
                (Err(error), Missing::Made(attributes)) if error.is_not_found() => {
                    let directory = self.descent.current();
                    directory.make(name, attributes(directory, parts)?)?;
                    self.descent.enter(name)?;
                }
                (Err(error), _) => return Err(error),
            }
        }
        self.at.push(Step { name: name.clone(), changed: false });
        Ok(())
    }

    /// Says that names in the current directory were changed.
    pub(super) fn changed(&mut self) -> Result<(), Error> {
        match self.at.last_mut() {
            Some(step) => step.changed = true,
            None => self.descent.current().sync()?,
        }
        Ok(())
    }

    fn leave(&mut self) -> Result<(), Error> {
        let Some(step) = self.at.pop() else { return Ok(()) };
        if self.absent > 0 {
            self.absent -= 1;
            return Ok(());
        }
        if step.changed {
            self.descent.current().sync()?;
        }
        self.descent.leave().map(|_| ())
    }

    /// Goes back to the beginning, so that everything that was changed survives a loss of power.
    pub(super) fn finish(&mut self) -> Result<(), Error> {
        while !self.at.is_empty() {
            self.leave()?;
        }
        Ok(())
    }
}
