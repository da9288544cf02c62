//! `render`: a file, or a tree, equals its rendered template.

mod check;
mod prune;
mod source;
#[cfg(test)]
mod tests;
mod wish;

use std::path::{Path, PathBuf};

use super::diff::{self, Before, Preview};
use super::engine::Engine;
use super::validate::{validate, validate_staged};
use super::{Change, Context, Difference, Outcome, Perform, Sign, ownership};
use crate::failure::{Failure, Failures, Kind};
use crate::root::{Attributes, FileKind, Metadata, Unwritten, Written, shown};
use crate::spec::{Present, RenderSpec};

pub(crate) use check::check_templates;
use wish::{Wish, Wished};

/// Bytes of a template, and of a file that is compared with its result.
pub(super) const SIZE_LIMIT: u64 = 256 * 1024 * 1024;
/// The mode of a new file, and of a new directory, when the plan gives none.
const FILE_MODE: u32 = 0o644;
const DIRECTORY_MODE: u32 = 0o755;
/// The mode of a new file that holds a secret.
pub(super) const SECRET_MODE: u32 = 0o600;

/// What is to be written.
pub(crate) struct Work {
    directories: Vec<PathBuf>,
    /// Each with the index of its difference.
    files: Vec<(Wished, usize)>,
    superfluous: Vec<prune::Superfluous>,
    attributes: Attributes,
    /// How many files were rendered in all.
    rendered: usize,
}

impl Perform for RenderSpec {
    type Work = Work;

    fn observe(&self, context: &Context) -> Result<Change<Work>, Failures> {
        let (user, group) = ownership::resolve(self.owner.as_ref(), context)?;
        let attributes = Attributes { user, group, mode: self.mode.as_ref().map(|mode| mode.bits()) };
        let wish = Wish::new(self, context)?;
        let superfluous = if self.prune { prune::find(self, &wish, context)? } else { Vec::new() };
        let mut work =
            Work { directories: Vec::new(), files: Vec::new(), superfluous, attributes, rendered: wish.files.len() };
        let (mut differences, mut findings) = (Vec::new(), Vec::new());
        for directory in wish.directories {
            if let Some(difference) = self.compare_directory(&directory, attributes, context)? {
                differences.push(difference);
                work.directories.push(directory);
            }
        }
        for mut wished in wish.files {
            context.check_interrupt()?;
            if wished.holds_a_secret && attributes.mode.is_none() && is_missing(&wished.path, context)? {
                wished.mode = Some(SECRET_MODE);
            }
            if let Some(difference) = self.compare(&mut wished, attributes, context)? {
                let found = validate(&self.validate, &wished.subject(self), &wished.content, context).err();
                // What is wrong with a schema is the same for every file.
                let is_new =
                    |failure: &Failure| findings.iter().all(|other: &Failure| other.to_string() != failure.to_string());
                findings.extend(found.filter(is_new));
                work.files.push((wished, differences.len()));
                differences.push(difference);
            }
        }
        Failures::check(findings)?;
        for (path, _) in &work.superfluous {
            differences.push(Difference::new(Sign::Delete, shown(path), "not made by this step"));
        }
        Ok(Change::new(differences, work))
    }

    fn preview(&self, change: &mut Change<Work>, context: &Context) -> Result<(), Failures> {
        let engine = Engine::new(self, context)?;
        for (file, index) in &change.work.files {
            context.check_interrupt()?;
            let (metadata, current) = self.content_to_compare(file, context)?;
            if let (Some(current), Some(difference)) = (current, change.differences.get_mut(*index))
                && current != file.content
                && let Ok(text) = std::str::from_utf8(&current)
            {
                let preview = file
                    .template
                    .as_ref()
                    .map_or(Preview::Content, |template| engine.preview(template, &file.path, context));
                difference.diff = Before::new(text, metadata.as_ref()).diff(&file.content, &preview);
            }
        }
        Ok(())
    }

    fn apply(&self, change: Change<Work>, context: &Context) -> Result<Outcome, Failures> {
        let Work { directories, files, superfluous, attributes, rendered } = change.work;
        let files: Vec<Wished> = files.into_iter().map(|(file, _)| file).collect();
        let wished = |file: &Wished| Attributes { mode: attributes.mode.or(file.mode), ..attributes };
        // All of them before anything is made.
        for file in &files {
            validate_staged(&self.validate, &file.subject(self), &file.content, wished(file), context)?;
        }
        let mode = Some(self.directory_mode.as_ref().map_or(DIRECTORY_MODE, |mode| mode.bits()));
        for directory in directories {
            context
                .root
                .make_directory(&directory, Attributes { mode, ..attributes })
                .map_err(|error| error.cannot("create", directory.display()).at(self.path.span))?;
        }
        let kept = self.write_all(&files, wished, context)?;
        let removed =
            prune::remove(self.path.as_path(), superfluous, context).map_err(|failure| failure.at(self.path.span))?;
        let mut summary = format!("{} of {rendered} files written", files.len() - kept);
        for (number, what) in [(kept, "with another owner or mode"), (removed, "removed")] {
            if number > 0 {
                summary = format!("{summary}, {number} {what}");
            }
        }
        Ok(Outcome::changed(summary))
    }
}

impl RenderSpec {
    /// Writes the files, and tells how many only got another owner or mode.
    fn write_all(
        &self,
        files: &[Wished],
        wished: impl Fn(&Wished) -> Attributes,
        context: &Context,
    ) -> Result<usize, Failure> {
        let (mut batch, mut kept) = (context.root.batch(), 0);
        let cannot = |Unwritten { path, error }: Unwritten| error.cannot("write", path.display()).at(self.path.span);
        let mut write = |file: &Wished| {
            context.check_interrupt()?;
            if file.right.is_some_and(|seen| context.root.set_attributes_of(&file.path, wished(file), &seen)) {
                kept += 1;
                return Ok(());
            }
            if self.keep_inode && self.write_into(file, wished(file), context)? {
                return Ok(());
            }
            let outcome = batch.write(&file.path, &file.content, wished(file)).map_err(cannot)?;
            if outcome == Written::InPlace {
                log::warn!("`{}` is a mount of its own and was written in place", file.path.display());
            }
            Ok(())
        };
        let written = files.iter().try_for_each(&mut write);
        // Also for those that were written before a failure.
        written.and(batch.finish().map_err(cannot)).map(|()| kept)
    }

    /// Writes into the file that is there, if there is one.
    fn write_into(&self, file: &Wished, wished: Attributes, context: &Context) -> Result<bool, Failure> {
        let written = context.root.write_into(&file.path, &file.content, wished);
        let written = written.map_err(|error| error.cannot("write", file.path.display()).at(self.path.span))?;
        if written {
            log::info!("`{}` was written in place and keeps its inode", shown(&file.path));
        }
        Ok(written)
    }

    /// The directory that holds the results: left-overs of killed runs lie there.
    pub(crate) fn target_directory(&self) -> &Path {
        self.path.as_path().parent().unwrap_or_else(|| Path::new("/"))
    }

    /// What is there now, if it is no longer than what is compared; nothing in place of what is no file.
    fn content_to_compare(
        &self,
        wished: &Wished,
        context: &Context,
    ) -> Result<(Option<Metadata>, Option<Vec<u8>>), Failure> {
        let cannot = |error: crate::root::Error| error.cannot("read", shown(&wished.path)).at(self.path.span);
        match context.root.metadata(&wished.path).map_err(cannot)? {
            Some(metadata) if metadata.kind == FileKind::File => {
                if metadata.size > diff::LIMIT as u64 {
                    return Ok((Some(metadata), None));
                }
                let content = context.root.read(&wished.path, diff::LIMIT as u64).map_err(cannot)?;
                Ok((Some(metadata), Some(content)))
            }
            _ => Ok((None, Some(Vec::new()))),
        }
    }

    fn compare_directory(
        &self,
        directory: &Path,
        attributes: Attributes,
        context: &Context,
    ) -> Result<Option<Difference>, Failure> {
        if !is_missing(directory, context)? {
            return Ok(None);
        }
        let mode = self.directory_mode.as_ref().map_or(DIRECTORY_MODE, |mode| mode.bits());
        let detail = ownership::description(FileKind::Directory, Attributes { mode: Some(mode), ..attributes });
        Ok(Some(Difference::new(Sign::Create, shown(directory), detail)))
    }

    /// The difference between the file and the wish, if there is one.
    fn compare(
        &self,
        wished: &mut Wished,
        attributes: Attributes,
        context: &Context,
    ) -> Result<Option<Difference>, Failure> {
        let path = shown(&wished.path);
        let cannot = |error: crate::root::Error| error.cannot("read", &path).at(self.path.span);
        let Some(metadata) = context.root.metadata(&wished.path).map_err(cannot)? else {
            let mode = attributes.mode.or(wished.mode).or(Some(FILE_MODE));
            let detail = ownership::description(FileKind::File, Attributes { mode, ..attributes });
            return Ok(Some(Difference::new(Sign::Create, &path, detail)));
        };
        if metadata.kind == FileKind::Directory {
            let message = format!("cannot write `{path}`: it is a directory");
            return Err(Failure::new(Kind::FileSystem, message).at(self.path.span));
        }
        if self.if_exists == Present::Keep {
            return Ok(None);
        }
        let mut details = Vec::new();
        if metadata.kind == FileKind::File {
            let holding = context.root.holding(&wished.path, &wished.content).map_err(cannot)?;
            if holding.is_none() {
                details.push("content".to_owned());
            }
            wished.right = holding.filter(|found| found.is_written_only_by(attributes.user));
            details.extend(ownership::differences(&metadata, attributes));
        } else {
            details.push("is not a regular file and is replaced by one".to_owned());
        }
        if details.is_empty() {
            return Ok(None);
        }
        Ok(Some(Difference::new(Sign::Modify, path, details.join(", "))))
    }
}

fn is_missing(path: &Path, context: &Context) -> Result<bool, Failure> {
    context.root.metadata(path).map(|found| found.is_none()).map_err(|error| error.cannot("read", shown(path)))
}
