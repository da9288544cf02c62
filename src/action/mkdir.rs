//! `mkdir`: a directory is there.

#[cfg(test)]
mod tests;

use super::{Change, Context, Difference, Outcome, Perform, Sign, ownership};
use crate::failure::{Failure, Failures, Kind};
use crate::root::{Attributes, Error, FileKind, Metadata};
use crate::spec::MkdirSpec;

impl Perform for MkdirSpec {
    type Work = Attributes;

    fn observe(&self, context: &Context) -> Result<Change<Attributes>, Failures> {
        let wished = ownership::attributes(self.owner.as_ref(), self.mode.as_ref(), context)?;
        let differences = match self.existing(context).map_err(|error| self.failure(&error))? {
            None => vec![Difference::new(
                Sign::Create,
                self.path.as_str(),
                ownership::description(FileKind::Directory, wished),
            )],
            Some(metadata) if metadata.kind == FileKind::Directory => ownership::differences(&metadata, wished)
                .map(|detail| Difference::new(Sign::Modify, self.path.as_str(), detail))
                .into_iter()
                .collect(),
            Some(metadata) => {
                let message = format!("cannot make directory `{}`: {} is in its place", self.path.value, metadata.kind);
                return Err(Failure::new(Kind::FileSystem, message).at(self.path.span).into());
            }
        };
        Ok(Change::new(differences, wished))
    }

    fn apply(&self, change: Change<Attributes>, context: &Context) -> Result<Outcome, Failures> {
        context.check_interrupt()?;
        context.root.make_directory(self.path.as_path(), change.work).map_err(|error| self.failure(&error))?;
        let made = change.differences.iter().any(|difference| difference.sign == Sign::Create);
        Ok(Outcome::changed(if made { "made" } else { "owner or mode set" }))
    }
}

impl MkdirSpec {
    fn existing(&self, context: &Context) -> Result<Option<Metadata>, Error> {
        match context.root.parent(self.path.as_path()) {
            Ok((parent, name)) => parent.metadata(name),
            Err(error) if error.is_not_found() => Ok(None),
            Err(error) => Err(error),
        }
    }

    fn failure(&self, error: &Error) -> Failure {
        error.cannot("make directory", &self.path.value).at(self.path.span)
    }
}
