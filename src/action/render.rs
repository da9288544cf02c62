//! `render`: a file, or a tree, equals its rendered template.

use std::path::{Path, PathBuf};

use super::{Change, Context, Difference, Outcome, Perform, Sign, ownership};
use crate::failure::{Failure, Kind, Source};
use crate::root::{Attributes, FileKind, shown};
use crate::secret::REDACTED;
use crate::spec::{Escape, Present, RenderSpec};
use crate::template::{Escaper, Template};

/// Bytes of a template, and of a file that is compared with its result.
const SIZE_LIMIT: u64 = 256 * 1024 * 1024;
/// Bytes of a text that is shown as a diff; a longer one is only said to differ.
const DIFF_LIMIT: usize = 256 * 1024;
/// What is taken off the name of a template in a tree.
const SUFFIX: &str = ".hbs";
/// The mode of a new file, and of a new directory, when the plan gives none.
const FILE_MODE: u32 = 0o644;
const DIRECTORY_MODE: u32 = 0o755;
/// The mode of a new file that holds a secret.
const SECRET_MODE: u32 = 0o600;

/// A file as it should be.
struct Wished {
    path: PathBuf,
    content: Vec<u8>,
    preview: Preview,
    /// The mode when the plan gives none; without it that of the existing file, or the default.
    mode: Option<u32>,
}

/// What of a file's content may be shown.
enum Preview {
    /// All of it.
    Content,
    /// It holds a secret: the same with the secret masked.
    Masked(String),
    /// It holds a secret, and cannot be made of masks.
    Hidden,
}

/// What is to be written.
pub(crate) struct Work {
    directories: Vec<PathBuf>,
    files: Vec<Wished>,
    attributes: Attributes,
    /// How many files were rendered in all.
    rendered: usize,
}

impl Perform for RenderSpec {
    type Work = Work;

    fn observe(&self, context: &Context) -> Result<Change<Work>, Failure> {
        let (user, group) = ownership::resolve(self.owner.as_ref(), context)?;
        let attributes = Attributes { user, group, mode: self.mode.as_ref().map(|mode| mode.bits()) };
        let mut work = Work { directories: Vec::new(), files: Vec::new(), attributes, rendered: 0 };
        let mut differences = Vec::new();
        for directory in self.directories(context)? {
            if context.root.metadata(&directory).map_err(|error| error.cannot("read", directory.display()))?.is_none() {
                let mode = self.directory_mode.as_ref().map_or(DIRECTORY_MODE, |mode| mode.bits());
                differences.push(Difference::new(
                    Sign::Create,
                    shown(&directory),
                    described(Attributes { mode: Some(mode), ..attributes }, "directory"),
                ));
                work.directories.push(directory);
            }
        }
        for mut wished in self.wished(context)? {
            context.check_interrupt()?;
            work.rendered += 1;
            if !matches!(wished.preview, Preview::Content)
                && attributes.mode.is_none()
                && is_missing(&wished.path, context)?
            {
                wished.mode = Some(SECRET_MODE);
            }
            if let Some(difference) = compare(self, &wished, attributes, context)? {
                differences.push(difference);
                work.files.push(wished);
            }
        }
        Ok(Change::new(differences, work))
    }

    fn apply(&self, change: Change<Work>, context: &Context) -> Result<Outcome, Failure> {
        let Work { directories, files, attributes, rendered } = change.work;
        let mode = Some(self.directory_mode.as_ref().map_or(DIRECTORY_MODE, |mode| mode.bits()));
        for directory in directories {
            context
                .root
                .make_directory(&directory, Attributes { mode, ..attributes })
                .map_err(|error| error.cannot("create", directory.display()).at(self.path.span))?;
        }
        let written = files.len();
        for file in files {
            context.check_interrupt()?;
            let outcome = context
                .root
                .write(&file.path, &file.content, Attributes { mode: attributes.mode.or(file.mode), ..attributes })
                .map_err(|error| error.cannot("write", file.path.display()).at(self.path.span))?;
            if outcome == crate::root::Written::InPlace {
                log::warn!("`{}` is a mount of its own and was written in place", file.path.display());
            }
        }
        Ok(Outcome::changed(format!("{written} of {rendered} files written")))
    }
}

impl RenderSpec {
    /// The directory that holds the results: left-overs of killed runs lie there.
    pub(crate) fn target_directory(&self) -> &Path {
        self.path.as_path().parent().unwrap_or_else(|| Path::new("/"))
    }

    fn is_tree(&self, context: &Context) -> Result<bool, Failure> {
        let Some(source) = &self.source else { return Ok(false) };
        let cannot = |cause: String| {
            Failure::new(Kind::Plan, format!("cannot read the template `{}`: {cause}", source.value)).at(source.span)
        };
        match context.root.metadata_followed(source.as_path()).map_err(|error| cannot(error.to_string()))? {
            Some(metadata) => Ok(metadata.kind == FileKind::Directory),
            None => Err(cannot("no such file or directory".to_owned())),
        }
    }

    /// The directories of a tree, outer ones first.
    fn directories(&self, context: &Context) -> Result<Vec<PathBuf>, Failure> {
        if !self.is_tree(context)? {
            return Ok(Vec::new());
        }
        let mut directories = vec![self.path.as_path().to_owned()];
        self.walk(context, &mut |relative, kind| {
            if kind == FileKind::Directory {
                directories.push(self.path.as_path().join(relative));
            }
            Ok(())
        })?;
        Ok(directories)
    }

    /// Every file as it should be.
    fn wished(&self, context: &Context) -> Result<Vec<Wished>, Failure> {
        if let Some(text) = &self.text {
            let source = Source::new(self.path.as_str(), text.value.as_str());
            let content = self.render(&source, self.path.as_path(), context).map_err(|failure| {
                let kind = failure.kind();
                Failure::new(kind, failure.to_string()).at(text.span).maybe_hint(failure.details().hint.clone())
            })?;
            return Ok(vec![content]);
        }
        let Some(source) = &self.source else { return Ok(Vec::new()) };
        if !self.is_tree(context)? {
            return Ok(vec![self.render(&self.read(source.as_path(), context)?, self.path.as_path(), context)?]);
        }
        let mut files = Vec::new();
        self.walk(context, &mut |relative, kind| {
            if kind == FileKind::Directory {
                return Ok(());
            }
            let from = source.as_path().join(relative);
            let target = self.path.as_path().join(relative);
            let name = target.file_name().and_then(|name| name.to_str()).unwrap_or_default();
            let wished = match name.strip_suffix(SUFFIX).filter(|stripped| !stripped.is_empty()) {
                Some(stripped) => {
                    let path = target.with_file_name(stripped);
                    self.render(&self.read(&from, context)?, &path, context)?
                }
                None => {
                    let content = context.root.read(&from, SIZE_LIMIT);
                    let content = content.map_err(|error| error.cannot("read", shown(&from)))?;
                    Wished { content, path: target, preview: Preview::Content, mode: None }
                }
            };
            files.push(wished);
            Ok(())
        })?;
        Ok(files)
    }

    /// Visits everything below a source directory, sorted, each directory before its content. Dotfiles that begin with
    /// two dots are the machinery of a mounted ConfigMap.
    fn walk(
        &self,
        context: &Context,
        visit: &mut dyn FnMut(&Path, FileKind) -> Result<(), Failure>,
    ) -> Result<(), Failure> {
        let Some(source) = &self.source else { return Ok(()) };
        let mut pending = vec![PathBuf::new()];
        while let Some(directory) = pending.pop() {
            context.check_interrupt()?;
            let path = source.as_path().join(&directory);
            let entries = context.root.list(&path).map_err(|error| error.cannot("read", path.display()))?;
            let mut inner = Vec::new();
            for entry in entries.iter().filter(|entry| !entry.name.as_encoded_bytes().starts_with(b"..")) {
                let relative = directory.join(&entry.name);
                let from = source.as_path().join(&relative);
                let metadata =
                    context.root.metadata_followed(&from).map_err(|error| error.cannot("read", from.display()))?;
                match metadata.map(|metadata| metadata.kind) {
                    Some(FileKind::File) => visit(&relative, FileKind::File)?,
                    Some(FileKind::Directory) if entry.kind == FileKind::Directory => {
                        visit(&relative, FileKind::Directory)?;
                        inner.push(relative);
                    }
                    _ => log::warn!("`{}` is neither a file nor a directory and is left out", from.display()),
                }
            }
            pending.extend(inner.into_iter().rev());
        }
        Ok(())
    }

    fn read(&self, path: &Path, context: &Context) -> Result<std::sync::Arc<Source>, Failure> {
        let span = self.source.as_ref().map(|source| source.span).unwrap_or_default();
        let cannot = |cause: String| {
            Failure::new(Kind::Plan, format!("cannot read the template `{}`: {cause}", path.display())).at(span)
        };
        let bytes = context.root.read(path, SIZE_LIMIT).map_err(|error| cannot(error.to_string()))?;
        let text = String::from_utf8(bytes).map_err(|_| cannot("it is not UTF-8".to_owned()))?;
        Ok(Source::new(shown(path), text))
    }

    fn render(&self, source: &std::sync::Arc<Source>, target: &Path, context: &Context) -> Result<Wished, Failure> {
        let template = Template::parse(source)?;
        let escaper = escaper(self.escape, target);
        let content = template.render(&context.data, escaper)?.into_bytes();
        // What helpers make of a secret cannot be recognized: so the text is made once more, of masks.
        let preview = match template.secret(context.data.secret()) {
            None if !template.reads_files() => Preview::Content,
            _ => match template.render(&context.data.masked(REDACTED), escaper) {
                Ok(masked) => Preview::Masked(masked),
                Err(_) => Preview::Hidden,
            },
        };
        Ok(Wished { path: target.to_owned(), content, preview, mode: None })
    }
}

/// The escaper that the plan asks for, or that the name of the target asks for.
pub(crate) fn escaper(escape: Escape, target: &Path) -> Escaper {
    match escape {
        Escape::Auto => Escaper::for_name(&target.to_string_lossy()),
        Escape::None => Escaper::None,
        Escape::Json => Escaper::Json,
    }
}

fn is_missing(path: &Path, context: &Context) -> Result<bool, Failure> {
    context.root.metadata(path).map(|found| found.is_none()).map_err(|error| error.cannot("read", shown(path)))
}

fn described(attributes: Attributes, what: &str) -> String {
    let id = |id: Option<u32>| id.map_or_else(|| "-".to_owned(), |id| id.to_string());
    let mode = attributes.mode.unwrap_or(FILE_MODE);
    match (attributes.user, attributes.group) {
        (None, None) => format!("{what}, mode {mode:04o}"),
        (user, group) => format!("{what}, owner {}:{}, mode {mode:04o}", id(user), id(group)),
    }
}

/// The difference between the file and the wish, if there is one.
fn compare(
    spec: &RenderSpec,
    wished: &Wished,
    attributes: Attributes,
    context: &Context,
) -> Result<Option<Difference>, Failure> {
    let path = shown(&wished.path);
    let cannot = |error: crate::root::Error| error.cannot("read", &path).at(spec.path.span);
    let Some(metadata) = context.root.metadata(&wished.path).map_err(cannot)? else {
        let attributes = Attributes { mode: attributes.mode.or(wished.mode), ..attributes };
        let mut difference = Difference::new(Sign::Create, &path, described(attributes, "file"));
        difference.diff = diff(&[], wished);
        return Ok(Some(difference));
    };
    if metadata.kind == FileKind::Directory {
        return Err(
            Failure::new(Kind::FileSystem, format!("cannot write `{path}`: it is a directory")).at(spec.path.span)
        );
    }
    if spec.if_exists == Present::Keep {
        return Ok(None);
    }
    let mut details = Vec::new();
    let mut shown_diff = None;
    if metadata.kind == FileKind::File {
        let current = if metadata.size == wished.content.len() as u64 || metadata.size <= DIFF_LIMIT as u64 {
            context.root.read(&wished.path, SIZE_LIMIT).map_err(cannot)?
        } else {
            Vec::new()
        };
        if metadata.size != wished.content.len() as u64 || current != wished.content {
            details.push("content".to_owned());
            shown_diff = diff(&current, wished);
        }
        let (user, group) = (attributes.user.unwrap_or(metadata.user), attributes.group.unwrap_or(metadata.group));
        if (user, group) != (metadata.user, metadata.group) {
            details.push(format!("owner {}:{} -> {user}:{group}", metadata.user, metadata.group));
        }
        if let Some(mode) = attributes.mode.filter(|mode| *mode != metadata.mode) {
            details.push(format!("mode {:04o} -> {mode:04o}", metadata.mode));
        }
    } else {
        details.push("is not a regular file and is replaced by one".to_owned());
        shown_diff = diff(&[], wished);
    }
    if details.is_empty() {
        return Ok(None);
    }
    let mut difference = Difference::new(Sign::Modify, path, details.join(", "));
    difference.diff = shown_diff;
    Ok(Some(difference))
}

/// A unified diff, where both sides are text of a size that a person reads. Of a file that holds a secret, lines that go
/// are masked: they may hold the secret of yesterday, which nobody told us.
fn diff(current: &[u8], wished: &Wished) -> Option<String> {
    if current.len() > DIFF_LIMIT || wished.content.len() > DIFF_LIMIT {
        return None;
    }
    let current = std::str::from_utf8(current).ok()?;
    let text = match &wished.preview {
        Preview::Content => std::str::from_utf8(&wished.content).ok()?,
        Preview::Masked(masked) => masked,
        Preview::Hidden => return None,
    };
    let diff = similar::TextDiff::from_lines(current, text).unified_diff().context_radius(3).to_string();
    if matches!(wished.preview, Preview::Content) {
        return Some(diff);
    }
    let hide = |line: &str| if line.starts_with('-') { format!("-{REDACTED}\n") } else { format!("{line}\n") };
    Some(diff.lines().map(hide).collect())
}
