//! The stage of a `once`: made empty for its steps, and thrown away when they did not come to their end.

use super::{Once, Said};
use crate::action::{Context, Perform};
use crate::failure::{Failure, Failures, Kind};
use crate::root::{Attributes, Error, StateFile, shown};
use crate::spec::{OnLeftover, RemoveSpec};

/// For as long as nobody but the steps is to look into it.
const STAGE_MODE: u32 = 0o700;

impl Once<'_> {
    /// Makes an empty stage. From here on what is in it is ours, and the state says so.
    pub(crate) fn prepare(&self, state: &StateFile, context: &Context) -> Result<(), Failures> {
        let begun = self.begun();
        let kept = if self.said_by(state)? == Said::Nothing {
            let looked = self.refuse_stage_of_others(context).and_then(|()| self.refuse_other_mount(context));
            looked.inspect_err(|_| Self::give_back(state))?;
            0
        } else {
            self.take_leftover(state, context)?;
            self.refuse_other_mount(context)?;
            begun.len()
        };
        let (kept, rest) = begun.split_at(kept);
        state.write_behind(kept, rest).map_err(|error| self.failure("write", &error))?;
        self.make_stage(context)?;
        Ok(())
    }

    fn take_leftover(&self, state: &StateFile, context: &Context) -> Result<(), Failures> {
        let what = match &self.spec.stage {
            Some(stage) => format!("`{}`", stage.value),
            None => "what its steps did".to_owned(),
        };
        if self.spec.on_leftover == OnLeftover::Fail {
            let remove = match &self.spec.stage {
                Some(stage) => format!("`{}` and `{}`", stage.value, shown(state.path())),
                None => format!("`{}`", shown(state.path())),
            };
            return Err(Failure::new(Kind::Step, format!("an earlier run did not come to its end, and left {what}"))
                .hint(format!("look at it and remove {remove}, or write `on_leftover: redo`"))
                .into());
        }
        log::warn!("an earlier run did not come to its end: {what} is made anew");
        self.clear_stage(context)
    }

    /// Removes the stage, which is ours: the state says so.
    pub(super) fn clear_stage(&self, context: &Context) -> Result<(), Failures> {
        let Some(stage) = &self.spec.stage else { return Ok(()) };
        let remove = RemoveSpec { path: stage.clone(), recursive: true };
        remove.carry_out(context, &mut |_| {}).map(drop)
    }

    fn stage_is_there(&self, context: &Context) -> Result<bool, Failure> {
        let Some(stage) = &self.spec.stage else { return Ok(false) };
        let found = context.root.metadata(stage.as_path());
        Ok(found.map_err(|error| error.cannot("look at", &stage.value).at(stage.span))?.is_some())
    }

    /// A stage that no run of this step left is somebody's data, but for an empty directory.
    fn refuse_stage_of_others(&self, context: &Context) -> Result<(), Failure> {
        let Some(stage) = self.spec.stage.as_ref() else { return Ok(()) };
        if !self.stage_is_there(context)? {
            return Ok(());
        }
        let emptied = context.root.parent(stage.as_path()).and_then(|(parent, name)| parent.remove_directory(name));
        emptied.map_err(|_| {
            let message = format!("cannot work in `{}`: it is there already, and is not of this step", stage.value);
            Failure::new(Kind::FileSystem, message).at(stage.span).hint("name a `stage` that nothing else uses")
        })
    }

    fn make_stage(&self, context: &Context) -> Result<(), Failure> {
        let Some(stage) = &self.spec.stage else { return Ok(()) };
        let attributes = Attributes { mode: Some(STAGE_MODE), ..self.owner(context)? };
        let cannot = |error: Error| error.cannot("make the stage", &stage.value).at(stage.span);
        let (parent, name) = context.root.parent(stage.as_path()).map_err(cannot)?;
        parent.make(name, attributes).map_err(cannot)
    }

    /// What is on another mount could not be moved at the end, even where both are of one file system.
    fn refuse_other_mount(&self, context: &Context) -> Result<(), Failure> {
        let (Some(stage), Some(place)) = (&self.spec.stage, self.place()) else { return Ok(()) };
        let cannot = |error: Error| error.cannot("look at", shown(error.path())).at(stage.span);
        let (beside, _) = context.root.parent(stage.as_path()).map_err(cannot)?;
        let place = match context.root.destination(place) {
            Err(error) if error.is_absent() => context.root.parent(place).map_err(cannot)?.0,
            found => found.map_err(cannot)?,
        };
        if beside.is_on_mount_of(&place).map_err(cannot)? {
            return Ok(());
        }
        let message = format!("cannot work in `{}`: it is on another file system than the marker", stage.value);
        Err(Failure::new(Kind::FileSystem, message).at(stage.span).hint("name a `stage` on the same volume"))
    }

    /// Whether what a complete run made is still there to be moved.
    pub(super) fn can_be_finished(&self, context: &Context) -> Result<bool, Failure> {
        let Some(stage) = &self.spec.stage else { return Ok(true) };
        let found = context.root.metadata(&stage.as_path().join(self.marker_name()));
        Ok(found.map_err(|error| error.cannot("look at", &stage.value).at(stage.span))?.is_some())
    }
}
