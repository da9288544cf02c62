//! The end of a `once`: everything gets its place, the marker last.

use std::ffi::{OsStr, OsString};

use super::{COMPLETE, MARKER_MODE, Once};
use crate::action::Context;
use crate::document::Located;
use crate::failure::{Failure, Failures, Kind};
use crate::root::{Attributes, Directory, Error, StateFile, shown};
use crate::spec::AbsolutePath;

impl Once<'_> {
    /// The steps have ended: what they made is put in its place. It is on the disk before its name says that it is complete.
    pub(crate) fn complete(&self, state: &StateFile, context: &Context) -> Result<(), Failures> {
        let marker = &self.spec.marker;
        let written = match &self.spec.stage {
            None => context.root.parent(marker.as_path()).and_then(|(directory, _)| directory.sync_file_system()),
            Some(stage) => {
                let opened = context.root.destination(stage.as_path());
                let held = opened.map_err(|error| cannot("open the stage", stage, &error))?;
                self.mark_stage(stage, &held, context)?;
                self.refuse_what_is_there(&held, context)?;
                held.sync_file_system()
            }
        };
        written.map_err(|error| cannot("write out what the steps made for", marker, &error))?;
        state.write_behind(&self.begun(), COMPLETE).map_err(|error| self.failure("write", &error))?;
        self.finish(state, context)
    }

    /// The rest of that, also where a killed run had come so far already.
    pub(crate) fn finish(&self, state: &StateFile, context: &Context) -> Result<(), Failures> {
        self.publish(context)?;
        state.remove().map_err(|error| self.failure("remove", &error).into())
    }

    /// Makes the marker, unless the steps did.
    fn mark(&self, context: &Context) -> Result<(), Failure> {
        let marker = &self.spec.marker;
        let failed = |error: Error| error.cannot("make the marker", &marker.value).at(marker.span);
        if !self.is_marked(context)? {
            let attributes = Attributes { mode: Some(MARKER_MODE), ..self.owner(context)? };
            context.root.write(marker.as_path(), b"", attributes).map_err(failed)?;
        }
        Ok(())
    }

    fn mark_stage(&self, stage: &Located<AbsolutePath>, held: &Directory, context: &Context) -> Result<(), Failure> {
        let name = self.marker_name();
        let path = stage.as_path().join(name);
        let failed = |error: Error| error.cannot("make the marker", shown(&path)).at(self.spec.marker.span);
        if held.metadata(name).map_err(failed)?.is_some() {
            return Ok(());
        }
        let attributes = Attributes { mode: Some(MARKER_MODE), ..self.owner(context)? };
        context.root.write(&path, b"", attributes).map(drop).map_err(failed)
    }

    /// Before anything is moved: a name that is taken would leave a half.
    fn refuse_what_is_there(&self, stage: &Directory, context: &Context) -> Result<(), Failure> {
        let Some(place) = self.destination(context)? else { return Ok(()) };
        for name in names(stage).map_err(|error| self.move_failure(&error))? {
            if place.metadata(&name).map_err(|error| self.move_failure(&error))?.is_some() {
                let path = shown(place.child(&name));
                let message = format!("cannot move what the steps made to `{path}`: something is there already");
                return Err(Failure::new(Kind::FileSystem, message)
                    .at(self.spec.marker.span)
                    .hint("it is not of this step; remove it, or name another `marker`"));
            }
        }
        Ok(())
    }

    /// The directory of the marker, if it is there.
    fn destination(&self, context: &Context) -> Result<Option<Directory>, Failure> {
        let Some(place) = self.place() else { return Ok(None) };
        match context.root.destination(place) {
            Ok(directory) => Ok(Some(directory)),
            Err(error) if error.is_absent() => Ok(None),
            Err(error) => Err(self.move_failure(&error)),
        }
    }

    /// Moves what is in the stage; what an earlier run moved is not there any more.
    fn publish(&self, context: &Context) -> Result<(), Failure> {
        let Some(stage) = &self.spec.stage else { return self.mark(context) };
        let failed = |error: Error| self.move_failure(&error);
        let (beside, stage_name) = context.root.parent(stage.as_path()).map_err(failed)?;
        let Some(place) = self.destination(context)? else {
            return self.publish_whole(&beside, stage_name, context);
        };
        let held = beside.enter(stage_name).map_err(failed)?;
        let marker = self.marker_name();
        for name in names(&held).map_err(failed)?.iter().filter(|name| *name != marker) {
            held.relocate(name, &place, name).map_err(failed)?;
        }
        place.sync().map_err(failed)?;
        held.relocate(marker, &place, marker).map_err(failed)?;
        place.sync().map_err(failed)?;
        beside.remove_directory(stage_name).map_err(failed)?;
        beside.sync().map_err(failed)
    }

    /// Nothing is there yet: the stage becomes the directory of the marker.
    fn publish_whole(&self, beside: &Directory, stage_name: &OsStr, context: &Context) -> Result<(), Failure> {
        let failed = |error: Error| self.move_failure(&error);
        let Some(place) = self.place() else { return Ok(()) };
        let (above, name) = context.root.parent(place).map_err(failed)?;
        beside.relocate(stage_name, &above, name).map_err(failed)?;
        above.sync().map_err(failed)?;
        beside.sync().map_err(failed)
    }

    fn move_failure(&self, error: &Error) -> Failure {
        let place = self.place().map(shown).unwrap_or_default();
        error.cannot("move what the steps made to", place).at(self.spec.marker.span)
    }
}

fn names(directory: &Directory) -> Result<Vec<OsString>, Error> {
    Ok(directory.list()?.into_iter().map(|entry| entry.name).collect())
}

fn cannot(verb: &str, path: &Located<AbsolutePath>, error: &Error) -> Failure {
    error.cannot(verb, &path.value).at(path.span)
}
