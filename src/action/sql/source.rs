//! Files with statements: one, or those of a directory.

use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};

use crate::action::Context;
use crate::archive::{Packing, Unreadable};
use crate::document::Located;
use crate::failure::{Failure, Failures, Kind};
use crate::root::{Entry, Error, File, FileKind, Root, shown};
use crate::spec::{AbsolutePath, SqlSpec, Unsupported};

/// What is larger is held by nobody in memory: neither statements that we divide ourselves, nor what was compressed.
const LARGEST: u64 = 64 * 1024 * 1024;

/// How many names of what cannot be executed are told.
const TOLD: usize = 20;

/// A file with statements.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Part {
    path: PathBuf,
    packing: Option<Packing>,
}

impl Part {
    fn new(path: PathBuf) -> Self {
        let packing = path.file_name().and_then(|name| Packing::of(name.as_bytes()).0);
        Self { path, packing }
    }

    pub(super) fn name(&self) -> String {
        shown(&self.path)
    }

    pub(super) fn is_packed(&self) -> bool {
        self.packing.is_some()
    }

    pub(super) fn open(&self, context: &Context) -> Result<File, Failure> {
        let opened = context.root.open_file(&self.path);
        opened.map(|(file, _)| file).map_err(|error| error.cannot("read", self.name()))
    }

    /// All of its statements, to be held in memory.
    pub(super) fn read(&self, context: &Context) -> Result<Vec<u8>, Failure> {
        if !self.is_packed() {
            return context.root.read(&self.path, LARGEST).map_err(|error| error.cannot("read", self.name()));
        }
        let mut content = Vec::new();
        self.unpack(context, &mut |piece| {
            content.extend_from_slice(piece);
            Ok(())
        })?;
        Ok(content)
    }

    /// Hands what is compressed over, piece by piece.
    pub(super) fn unpack(
        &self,
        context: &Context,
        take: &mut dyn FnMut(&[u8]) -> std::io::Result<()>,
    ) -> Result<(), Failure> {
        let Some(packing) = self.packing else { return Ok(()) };
        let cannot = |cause: &str| Failure::new(Kind::FileSystem, format!("cannot read `{}`: {cause}", self.name()));
        let interrupted = || context.check_interrupt().is_err();
        packing.unpack(self.open(context)?, LARGEST, &interrupted, take).map_err(|problem| match problem {
            Unreadable::Content(cause) if cause.ends_with("too large") => {
                cannot(&format!("{cause}: more than {} MiB", LARGEST >> 20)).hint("decompress it, or divide it")
            }
            Unreadable::Content(cause) => cannot(&cause),
            Unreadable::Taker(error) => cannot(&error.to_string()),
            Unreadable::Interrupted => context.check_interrupt().err().unwrap_or_else(|| cannot("interrupted")),
        })
    }
}

/// What a source holds: what can be executed, and what cannot, with the reason.
struct Found {
    parts: Vec<Part>,
    others: Vec<String>,
}

/// The file, or the files of the directory in the order of the bytes of their names.
pub(super) fn parts(
    source: &Located<AbsolutePath>,
    unsupported: Unsupported,
    context: &Context,
) -> Result<Vec<Part>, Failures> {
    let Found { parts, others } = found(source, unsupported, &context.root)?;
    if unsupported == Unsupported::Warn {
        let step = context.step.as_str();
        for other in &others {
            log::warn!(step; "{step}: not executed: {other}");
        }
    }
    Ok(parts)
}

/// What is wrong with a source, as far as its names tell.
pub(crate) fn check_statements(spec: &SqlSpec, root: &Root) -> Result<(), Failure> {
    let Some(source) = &spec.source else { return Ok(()) };
    for part in found(source, spec.unsupported(), root)?.parts {
        let opened = root.open_file(&part.path);
        opened.map_err(|error| error.cannot("read", part.name()).at(source.span))?;
    }
    Ok(())
}

fn found(source: &Located<AbsolutePath>, unsupported: Unsupported, root: &Root) -> Result<Found, Failure> {
    let path = source.as_path();
    let cannot = |error: Error| error.cannot("read", &source.value).at(source.span);
    let (mut parts, mut others) = (Vec::new(), Vec::new());
    let metadata = root.metadata_followed(path).map_err(cannot)?;
    if metadata.is_none_or(|metadata| metadata.kind != FileKind::Directory) {
        return Ok(Found { parts: vec![Part::new(path.to_owned())], others });
    }
    // What begins with a dot is how a ConfigMap is mounted, or hidden.
    let entries = root.list(path).map_err(cannot)?.into_iter();
    for entry in entries.filter(|entry| !entry.name.as_bytes().starts_with(b".")) {
        match obstacle(path, &entry, root).map_err(cannot)? {
            None => parts.push(Part::new(path.join(entry.name))),
            Some(why) => others.push(format!("`{}`: {why}", shown(Path::new(&entry.name)))),
        }
    }
    if unsupported == Unsupported::Fail && !others.is_empty() {
        return Err(refusal(source, &others));
    }
    Ok(Found { parts, others })
}

/// Why it cannot be executed.
fn obstacle(directory: &Path, entry: &Entry, root: &Root) -> Result<Option<&'static str>, Error> {
    let (packing, inner) = Packing::of(entry.name.as_bytes());
    if packing.is_none() && inner.ends_with(b".sh") {
        return Ok(Some("a script of a shell, and no shell runs here"));
    }
    let kind = match entry.kind {
        FileKind::Link => root.metadata_followed(&directory.join(&entry.name))?.map(|found| found.kind),
        kind => Some(kind),
    };
    Ok(match kind {
        Some(FileKind::File) if inner.ends_with(b".sql") => None,
        Some(FileKind::File) => Some("its name does not end in .sql, .sql.gz, .sql.xz, .sql.zst or .sql.bz2"),
        Some(FileKind::Directory) => Some("a directory"),
        Some(_) => Some("no file"),
        None => Some("a link that leads to nothing"),
    })
}

fn refusal(source: &Located<AbsolutePath>, others: &[String]) -> Failure {
    let message = format!("cannot execute everything in `{}`", source.value);
    let failure = Failure::new(Kind::Plan, message).at(source.span);
    let failure = others.iter().take(TOLD).fold(failure, |failure, other| failure.note(other.as_str()));
    let more = others.len().saturating_sub(TOLD);
    let failure = if more > 0 { failure.note(format!("and {more} more")) } else { failure };
    failure.hint("put them elsewhere, or write `unsupported: warn` or `skip`; what a script does, steps of the plan do")
}
