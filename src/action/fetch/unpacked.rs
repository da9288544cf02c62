//! With `unpack`: what is fetched is an archive, and its content is there afterwards.

use std::fmt::Debug;
use std::path::Path;

use nix::unistd::Uid;

use super::super::unpack::unpack_as;
use super::{Change, Context, Difference, Outcome, Sign, Work, ownership};
use crate::document::Located;
use crate::failure::{Failure, Failures, Kind};
use crate::root::{Attributes, Directory, Error, FileKind, same_bytes};
use crate::spec::{AbsolutePath, FetchSpec, Glob, IfExists, UnpackSpec};

/// Tells the next run what was unpacked. It comes last, and goes before anything is written.
const MARK: &str = ".fitout-unpacked";
const MARK_MODE: u32 = 0o644;
const OTHERS_WRITE: u32 = 0o022;

impl FetchSpec {
    pub(super) fn observe_unpacked(&self, context: &Context) -> Result<Change<Work>, Failures> {
        let attributes = ownership::attributes(self.owner.as_ref(), None, context)?;
        let (sign, detail) = match self.target(context)? {
            None => (Sign::Create, "unpacked from"),
            Some(target) if self.is_marked(&target, attributes, context)? => {
                return Ok(Change::new(Vec::new(), Work { attributes, content: false }));
            }
            Some(_) => (Sign::Modify, "unpacked anew from"),
        };
        let difference = Difference::new(sign, self.path.as_str(), format!("{detail} `{}`", *self.url));
        Ok(Change::new(vec![difference], Work { attributes, content: true }))
    }

    pub(super) fn fetch_and_unpack(&self, attributes: Attributes, context: &Context) -> Result<Outcome, Failures> {
        let cannot = |error: Error| self.failure(&error, context);
        if let Some(target) = self.target(context)? {
            return self.fetch_into(&target, attributes, context);
        }
        let (parent, name) = context.root.parent(self.path.as_path()).map_err(cannot)?;
        parent.make(name, Attributes::default()).map_err(cannot)?;
        let outcome = self.fetch_into(&parent.enter(name).map_err(cannot)?, attributes, context);
        if outcome.is_err() {
            // Unless something was unpacked to it.
            let _ = parent.remove_directory(name);
        }
        outcome
    }

    /// The archive lies under a temporary name in the directory: there the next run looks for what a killed one left.
    fn fetch_into(&self, target: &Directory, attributes: Attributes, context: &Context) -> Result<Outcome, Failures> {
        let cannot = |error: Error| self.failure(&error, context);
        let fetched = self.fetched(target, context)?;
        let take_mark_away = || match target.remove(MARK.as_ref()) {
            Err(error) if !error.is_not_found() => Err(cannot(error)),
            Err(_) => Ok(()),
            Ok(()) => target.sync().map_err(cannot),
        };
        let archive = self.unpacking(&fetched.growing.path())?;
        let outcome = unpack_as(&self.url.to_string(), &archive, context, take_mark_away)?;
        let received = format!("{} bytes{}", fetched.growing.length(), fetched.tries());
        // With the mark nobody looks for left-overs.
        drop(fetched);
        let mark = self.path.as_path().join(MARK);
        let user = Some(Uid::effective().as_raw());
        let ours = Attributes { user, mode: Some(MARK_MODE), ..Attributes::default() };
        context.root.write(&mark, self.mark(attributes).as_bytes(), ours).map_err(cannot)?;
        Ok(Outcome::changed(format!("{received}, {}", outcome.summary)))
    }

    /// The directory, if it is there.
    fn target(&self, context: &Context) -> Result<Option<Directory>, Failure> {
        let cannot = |error: Error| self.failure(&error, context);
        let (parent, name) = match context.root.parent(self.path.as_path()) {
            Ok(found) => found,
            // The step that makes it may not have been carried out.
            Err(error) if error.is_not_found() => return Ok(None),
            Err(error) => return Err(cannot(error)),
        };
        match parent.metadata(name).map_err(cannot)? {
            None => Ok(None),
            Some(found) if found.kind == FileKind::Directory => parent.enter(name).map(Some).map_err(cannot),
            Some(found) => {
                let message = format!("cannot unpack to `{}`: {} is in its place", self.path.value, found.kind);
                Err(Failure::new(Kind::FileSystem, message).at(self.path.span))
            }
        }
    }

    fn unpacking(&self, archive: &Path) -> Result<UnpackSpec, Failure> {
        let archive = AbsolutePath::try_from(archive.to_string_lossy().into_owned())
            .map_err(|cause| Failure::new(Kind::Internal, cause))?;
        // What an archive says about itself does not count.
        let mark = Glob::try_from(MARK.to_owned()).map_err(|cause| Failure::new(Kind::Internal, cause))?;
        let exclude = self.exclude.iter().cloned().chain([mark]).collect();
        Ok(UnpackSpec {
            archive: Located::new(self.url.span, archive),
            path: self.path.clone(),
            strip_components: self.strip_components.as_ref().map_or(0, |strip| strip.value),
            include: self.include.value.clone(),
            exclude,
            owner: self.owner.clone(),
            file_mode: None,
            directory_mode: None,
            if_exists: IfExists::Update,
            sha256: None,
            max_size: None,
            max_entries: None,
        })
    }

    /// All that decides what is there, a line for each.
    fn mark(&self, attributes: Attributes) -> String {
        let line = |name: &str, value: &dyn Debug| format!("{name} {value:?}\n");
        let mut mark = String::new();
        mark.extend(self.expected().map(|expected| format!("{} {}\n", expected.name, expected.digits)));
        mark.extend(self.strip_components.iter().map(|strip| line("strip_components", &strip.value)));
        mark.extend(self.include.iter().map(|glob| line("include", &glob.as_str())));
        mark.extend(self.exclude.iter().map(|glob| line("exclude", &glob.as_str())));
        mark.extend(attributes.user.map(|user| line("user", &user)));
        mark.extend(attributes.group.map(|group| line("group", &group)));
        mark
    }

    /// Whether all of it was unpacked as it is wished now. Only a mark counts that nobody else can have made, or whoever owns the
    /// directory and could change what is in it as well: a step `own` may have given him both.
    fn is_marked(&self, target: &Directory, attributes: Attributes, context: &Context) -> Result<bool, Failure> {
        let cannot = |error: Error| self.failure(&error, context);
        let name = MARK.as_ref();
        let mark = self.mark(attributes);
        let Some(found) = target.metadata(name).map_err(cannot)? else { return Ok(false) };
        let owner = target.own_metadata().map_err(cannot)?.user;
        let is_ours = [0, owner, Uid::effective().as_raw()].contains(&found.user);
        if found.kind != FileKind::File
            || !is_ours
            || found.mode & OTHERS_WRITE != 0
            || found.links != 1
            || found.size != mark.len() as u64
        {
            return Ok(false);
        }
        let (file, _) = target.open_file(name).map_err(cannot)?;
        same_bytes(&file, &target.child(name), 0, mark.as_bytes()).map_err(cannot)
    }
}
