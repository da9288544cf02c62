//! `install`: this program in a volume, where a container that has none can start it.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use nix::unistd::Uid;

use super::args::InstallArguments;
use super::session::Session;
use crate::failure::{Failure, Failures, Kind};
use crate::root::{At, Attributes, Content, Error, File, FileKind, Metadata, Root, same_content, shown};
use crate::run::confined_beside;
use crate::spec::AbsolutePath;

/// The name in a directory.
const NAME: &str = "fitout";
/// Everybody may execute it, and nobody may write it: it is replaced as a whole.
const MODE: u32 = 0o555;

pub(super) fn run(arguments: &InstallArguments, session: &Session) -> Result<ExitCode, Failures> {
    let path = target(&arguments.path, &session.root)?;
    let place = shown(&path);
    let (program, own) = Root::own_program().map_err(|error| {
        error
            .cannot("read this program", error.path().display())
            .hint("it is read through `/proc`, which has to be mounted")
    })?;
    let failed = |error: Error| match session.interrupt.check() {
        Err(interrupted) if error.is_interrupted() => interrupted,
        _ if error.is_not_found() => {
            let directory = shown(path.parent().unwrap_or(&path));
            Failure::new(Kind::FileSystem, format!("cannot install `{place}`: there is no directory `{directory}`"))
                .hint("mount the volume there, or make the directory first: `fitout mkdir`")
        }
        _ => error.cannot("install", &place),
    };
    let interrupted = || session.interrupt.signal().is_some();
    let install = || -> Result<bool, Error> {
        if is_installed(&program, &path, session)? {
            return Ok(false);
        }
        let content = Content::File { file: &program, at: At::from(&path), interrupted: &interrupted };
        let attributes = Attributes { mode: Some(MODE), ..Attributes::default() };
        session.root.replace(&path, content, attributes).map(|()| true)
    };
    let confine = session.settings.confine.unwrap_or_default();
    if confined_beside(&path, &session.root, confine, "install", install)?.map_err(failed)? {
        log::info!("`{place}`: installed, {} bytes of version {}", own.size, env!("CARGO_PKG_VERSION"));
    } else {
        log::info!("`{place}`: unchanged");
    }
    Ok(ExitCode::SUCCESS)
}

/// The file to make: in a directory, one with our name.
fn target(typed: &str, root: &Root) -> Result<PathBuf, Failure> {
    let path = AbsolutePath::try_from(typed.to_owned()).map_err(|text| {
        let (cause, hint) = text.split_once('\n').unwrap_or((&text, ""));
        let failure = Failure::new(Kind::Usage, format!("cannot install `{typed}`: {cause}"));
        failure.maybe_hint((!hint.is_empty()).then(|| hint.to_owned()))
    })?;
    let path = path.as_path();
    let found = root.metadata(path).map_err(|error| error.cannot("install", shown(path)))?;
    let leads_to_directory =
        || root.metadata_followed(path).is_ok_and(|to| to.is_some_and(|to| to.kind == FileKind::Directory));
    if found.as_ref().is_some_and(|found| found.kind == FileKind::Link) && !typed.ends_with('/') && leads_to_directory()
    {
        let place = shown(path);
        let message = format!("cannot install `{place}`: it is a link to a directory");
        return Err(
            Failure::new(Kind::FileSystem, message).hint(format!("to install into the directory write `{place}/`"))
        );
    }
    let is_directory = found.is_some_and(|found| found.kind == FileKind::Directory) || typed.ends_with('/');
    Ok(if is_directory { path.join(NAME) } else { path.to_owned() })
}

/// Whether the file is there already, as we would make it.
fn is_installed(program: &File, path: &Path, session: &Session) -> Result<bool, Error> {
    let right = |found: &Metadata| {
        found.kind == FileKind::File && found.mode == MODE && found.user == Uid::effective().as_raw()
    };
    if !session.root.metadata(path)?.as_ref().is_some_and(right) {
        return Ok(false);
    }
    let (installed, found) = session.root.open_file(path)?;
    Ok(right(&found)
        && same_content((program, path.into()), (&installed, path), &|| session.interrupt.signal().is_some())?)
}
