//! `link`: a symbolic link is there.

#[cfg(test)]
mod tests;

use std::ffi::OsStr;

use super::{Change, Context, Difference, Outcome, Perform, Sign, ownership};
use crate::failure::{Failure, Failures, Kind};
use crate::root::{Attributes, Error, FileKind, shown};
use crate::spec::LinkSpec;

impl Perform for LinkSpec {
    type Work = Attributes;

    fn observe(&self, context: &Context) -> Result<Change<Attributes>, Failures> {
        // A value may have made it so.
        if let Some(failure) = self.findings() {
            return Err(failure.into());
        }
        let wished = ownership::attributes(self.owner.as_ref(), None, context)?;
        let subject = self.path.as_str();
        let (parent, name) = match context.root.parent(self.path.as_path()) {
            Ok(found) => found,
            // The step that makes the parent may not have been carried out: `show` changes nothing.
            Err(error) if error.is_not_found() => return Ok(Change::new(vec![self.creation()], wished)),
            Err(error) => return Err(self.failure(&error).into()),
        };
        let Some(metadata) = parent.metadata(name).map_err(|error| self.failure(&error))? else {
            return Ok(Change::new(vec![self.creation()], wished));
        };
        if metadata.kind != FileKind::Link {
            let message = format!("cannot make link `{subject}`: {} is in its place", metadata.kind);
            return Err(Failure::new(Kind::FileSystem, message).at(self.path.span).into());
        }
        let target = parent.read_link(name).map_err(|error| self.failure(&error))?;
        let mut details = Vec::new();
        if target != self.target.value.as_str() {
            details.push(format!("-> {} instead of {}", shown(&self.target.value), shown(&target)));
        }
        details.extend(ownership::differences(&metadata, wished));
        let differences = match details.as_slice() {
            [] => Vec::new(),
            details => vec![Difference::new(Sign::Modify, subject, details.join(", "))],
        };
        Ok(Change::new(differences, wished))
    }

    fn apply(&self, change: Change<Attributes>, context: &Context) -> Result<Outcome, Failures> {
        context.check_interrupt()?;
        let make = || {
            let (parent, name) = context.root.parent(self.path.as_path())?;
            // What cannot be swept does no harm.
            let _ = context.root.sweep_directory(&parent);
            parent.link(name, OsStr::new(&self.target.value), change.work)
        };
        make().map_err(|error| self.failure(&error))?;
        Ok(Outcome::changed(format!("-> {}", shown(&self.target.value))))
    }
}

impl LinkSpec {
    fn creation(&self) -> Difference {
        Difference::new(Sign::Create, self.path.as_str(), format!("-> {}", shown(&self.target.value)))
    }

    fn failure(&self, error: &Error) -> Failure {
        error.cannot("make link", &self.path.value).at(self.path.span)
    }
}
