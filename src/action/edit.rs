//! `edit`: keys or lines in an existing file have the wished value.

mod carry_out;

use carry_out::Contradiction;

use super::diff::Before;
use super::validate::{Subject, validate, validate_staged};
use super::{Change, Context, Difference, Outcome, Perform, Sign, exclusive, ownership};
use crate::document;
use crate::failure::{Failure, Failures, Kind, Source, Span};
use crate::format::{self, EditError, Language};
use crate::root::{Attributes, FileKind, Metadata, Written, shown};
use crate::spec::{EditFormat, EditSpec, Operations, Validate};

/// Bytes of a file that is edited.
const SIZE_LIMIT: u64 = 256 * 1024 * 1024;
/// The mode of a new file when the plan gives none: with a secret in it, and without.
const SECRET_MODE: u32 = 0o600;
const FILE_MODE: u32 = 0o644;

/// The file as it should be; without content only its owner and mode are wrong.
pub(crate) struct Work {
    content: Option<Vec<u8>>,
    attributes: Attributes,
    /// What the file held when it was edited, and what was known of it.
    seen: Vec<u8>,
    metadata: Option<Metadata>,
    /// Something that is put in must not be printed.
    is_secret: bool,
}

impl Perform for EditSpec {
    type Work = Work;

    fn observe(&self, context: &Context) -> Result<Change<Work>, Failures> {
        let path = self.path.as_path();
        let wished = ownership::attributes(self.owner.as_ref(), self.mode.as_ref(), context)?;
        let cannot = |error: crate::root::Error| self.cannot(&error);
        let metadata = context.root.metadata(path).map_err(cannot)?;
        let current = match &metadata {
            Some(metadata) if metadata.kind == FileKind::File => context.root.read(path, SIZE_LIMIT).map_err(cannot)?,
            Some(metadata) => return Err(self.wrong_kind(metadata.kind, context)?.into()),
            None if self.create => Vec::new(),
            None => {
                let hint = "`create: true`, or `--create`, makes it";
                return Err(self.refusal("no such file or directory").hint(hint).into());
            }
        };
        let (text, encoding) = format::decode(&current);
        let operations = Operations::new(self)?;
        let edited = carry_out::carry_out(&operations, &text);
        if !matches!(edited, Err(EditError::Text(_))) {
            self.refuse_broken(&operations, &text)?;
        }
        let edited = edited.map_err(|error| self.explain(&error, &text, &operations))?;
        self.refuse_contradiction(&operations, &text, &edited)?;
        let is_secret = is_secret(&operations, context);
        let mut work = Work { content: None, attributes: wished, seen: Vec::new(), metadata, is_secret };
        let mut details = Vec::new();
        if edited != text || metadata.is_none() {
            let made = Some(("edited", self.path.as_str()));
            let subject = Subject { path, made, is_secret: true, language: operations.language() };
            // A structured file was read by its editor, which knows comments in JSON.
            if self.validate.value != Validate::Auto || operations.is_text() {
                validate(&self.validate, &subject, edited.as_bytes(), context)?;
            }
            details.push("content".to_owned());
            work.content =
                Some(encoding.encode(edited.into_owned()).map_err(|problem| self.refusal(&problem.message))?);
        }
        let sign = match &metadata {
            Some(metadata) => {
                details.extend(ownership::differences(metadata, wished));
                Sign::Modify
            }
            None => {
                let mode = if is_secret { SECRET_MODE } else { FILE_MODE };
                work.attributes.mode = wished.mode.or(Some(mode));
                details = vec![ownership::description(FileKind::File, work.attributes)];
                Sign::Create
            }
        };
        if details.is_empty() {
            return Ok(Change::new(Vec::new(), work));
        }
        work.seen = current;
        Ok(Change::new(vec![Difference::new(sign, shown(path), details.join(", "))], work))
    }

    fn preview(&self, change: &mut Change<Work>, _context: &Context) -> Result<(), Failures> {
        let Work { content, seen, metadata, is_secret, .. } = &change.work;
        let (Some(content), Some(difference)) = (content, change.differences.first_mut()) else { return Ok(()) };
        let (text, edited) = (format::decode(seen).0, format::decode(content).0);
        difference.diff = Before::new(&text, metadata.as_ref()).diff_of_changed_lines(&edited, *is_secret);
        Ok(())
    }

    fn apply(&self, change: Change<Work>, context: &Context) -> Result<Outcome, Failures> {
        let path = self.path.as_path();
        // Two runs that edit one file at once: the second edits what the first one made of it.
        let _lock = exclusive::lock(path, context).map_err(|failure| failure.at(self.path.span))?;
        let change = if self.was_changed(&change.work, context)? { self.observe(context)? } else { change };
        if change.differences.is_empty() {
            return Ok(Outcome::unchanged("edited by another run meanwhile"));
        }
        let Work { content, attributes, is_secret, .. } = change.work;
        let cannot = |error: crate::root::Error| error.cannot("write", shown(path)).at(self.path.span);
        let Some(content) = content else {
            context.root.set_attributes(path, attributes).map_err(cannot)?;
            return Ok(Outcome::changed("owner or mode mended"));
        };
        let subject = Subject { path, made: None, is_secret, language: Language::None };
        validate_staged(&self.validate, &subject, &content, attributes, context)?;
        if context.root.write(path, &content, attributes).map_err(cannot)? == Written::InPlace {
            log::warn!("`{}` is a mount of its own and was written in place", path.display());
        }
        Ok(Outcome::changed("edited"))
    }
}

impl EditSpec {
    fn was_changed(&self, work: &Work, context: &Context) -> Result<bool, Failure> {
        let cannot = |error: crate::root::Error| self.cannot(&error);
        let path = self.path.as_path();
        match context.root.metadata(path).map_err(cannot)? {
            Some(metadata) if metadata.kind == FileKind::File => {
                context.root.holds(path, &work.seen).map(|same| !same).map_err(cannot)
            }
            Some(_) => Ok(true),
            None => Ok(!work.seen.is_empty()),
        }
    }

    fn wrong_kind(&self, kind: FileKind, context: &Context) -> Result<Failure, Failure> {
        let path = self.path.as_path();
        let refusal = match kind {
            FileKind::Link => {
                let target = context.root.read_link(path).map_err(|error| self.cannot(&error))?;
                self.refusal(&format!("it is {kind} to `{}`", shown(&target)))
                    .hint("a link is never written through: name the file that it leads to")
            }
            FileKind::Directory => self.refusal(&format!("it is {kind}")).hint("name a file in it"),
            _ => self.refusal(&format!("it is {kind}")).hint("only a regular file can be edited"),
        };
        Ok(refusal)
    }

    fn cannot(&self, error: &crate::root::Error) -> Failure {
        error.cannot("edit", shown(self.path.as_path())).at(self.path.span)
    }

    fn refusal(&self, cause: &str) -> Failure {
        Failure::new(Kind::FileSystem, format!("cannot edit `{}`: {cause}", shown(self.path.as_path())))
            .at(self.path.span)
    }

    fn refuse_contradiction(&self, operations: &Operations, text: &str, edited: &str) -> Result<(), Failure> {
        let Some(contradiction) = carry_out::contradiction(operations, text, edited) else { return Ok(()) };
        let (cause, span) = match contradiction {
            Contradiction::Between(first, second) => (
                format!(
                    "{} and {} contradict each other: the first {} at the next run what the second makes",
                    operations.name(first),
                    operations.name(second),
                    if operations.is_text() { "changes" } else { "changes, or fails at," },
                ),
                operations.span(first),
            ),
            Contradiction::Among => {
                ("its operations contradict each other: the next run changes it again".into(), None)
            }
        };
        let hint = if operations.is_text() {
            "let only one of them write that text"
        } else {
            "let only one of them write that place"
        };
        let message = format!("cannot edit `{}`: {cause}", shown(self.path.as_path()));
        Err(Failure::new(Kind::Step, message).at(span.unwrap_or(self.path.span)).hint(hint))
    }

    /// Only the editor of YAML passes over what it has no need to understand.
    fn refuse_broken(&self, operations: &Operations, text: &str) -> Result<(), Failure> {
        if operations.format != EditFormat::Yaml || format::yaml::is_surely_sound(text) {
            return Ok(());
        }
        document::check_syntax(text).map_err(|failure| {
            let Span { line, column, .. } = failure.details().span;
            let message = format!("cannot edit `{}`: {failure}", shown(self.path.as_path()));
            Failure::new(Kind::Step, message)
                .at(self.path.span)
                .note(format!("line {line} column {column} of the file"))
        })
    }

    /// The line of the file is not shown: it may hold a secret that nobody told us of.
    fn explain(&self, error: &EditError, text: &str, operations: &Operations) -> Failure {
        let cannot =
            |cause: &str| Failure::new(Kind::Step, format!("cannot edit `{}`: {cause}", shown(self.path.as_path())));
        match error {
            EditError::Text(problem) => {
                let span = Source::new("", text).span_at(problem.offset);
                cannot(&problem.message)
                    .at(self.path.span)
                    .note(format!("line {} column {} of the file", span.line, span.column))
                    .maybe_hint(problem.hint.clone())
            }
            EditError::Operation { index, message, hint } => {
                cannot(message).at(operations.span(*index).unwrap_or(self.path.span)).maybe_hint(hint.clone())
            }
        }
    }
}

fn is_secret(operations: &Operations, context: &Context) -> bool {
    operations.values.iter().any(|value| context.scrubber.scrub(value) != *value)
}
