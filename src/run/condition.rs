//! Whether the condition of a step holds. Reads the world, changes nothing.

use std::ffi::OsString;

use crate::action::Context;
use crate::failure::{Failure, Kind};
use crate::root::Access as RootAccess;
use crate::spec::{Access, Condition, condition_regex};

/// Bytes of a file that `contains` looks into.
const SIZE_LIMIT: u64 = 16 * 1024 * 1024;

/// Whether the condition holds; `arguments` are those of the command that will be handed over to.
pub(super) fn holds(condition: &Condition, context: &Context, arguments: &[OsString]) -> Result<bool, Failure> {
    let cannot = |error: crate::root::Error, path: &crate::spec::AbsolutePath| error.cannot("read", path);
    if let Some(name) = &condition.env {
        let text = context.data.env_text(name).filter(|text| !text.is_empty());
        return text.map_or(Ok(false), |text| condition.accepts(&text));
    }
    if let Some(index) = &condition.argument {
        let argument = usize::try_from(index.value).ok().and_then(|index| arguments.get(index));
        return argument.map_or(Ok(false), |argument| condition.accepts(&argument.to_string_lossy()));
    }
    if let Some(path) = &condition.exists {
        return Ok(context.root.metadata_followed(path.as_path()).map_err(|error| cannot(error, path))?.is_some());
    }
    if let Some(path) = &condition.missing {
        return Ok(context.root.metadata_followed(path.as_path()).map_err(|error| cannot(error, path))?.is_none());
    }
    if let Some(path) = &condition.empty {
        return match context.root.list(path.as_path()) {
            Ok(entries) => Ok(entries.iter().all(|entry| entry.name == "lost+found")),
            Err(error) if error.is_not_found() => Ok(true),
            Err(error) => Err(cannot(error, path)),
        };
    }
    if let Some(user) = &condition.user {
        return Ok(nix::unistd::geteuid().as_raw() == user.value);
    }
    if let (Some(access), Some(path)) = (&condition.can, &condition.path) {
        let access = match access.value {
            Access::Read => RootAccess::Read,
            Access::Write => RootAccess::Write,
            Access::Execute => RootAccess::Execute,
        };
        return context.root.can(path.as_path(), access).map_err(|error| cannot(error, path));
    }
    if let (Some(pattern), Some(path)) = (&condition.contains, &condition.path) {
        let regex = condition_regex(pattern)?;
        return match context.root.read(path.as_path(), SIZE_LIMIT) {
            Ok(content) => Ok(String::from_utf8_lossy(&content).lines().any(|line| regex.is_match(line))),
            Err(error) if error.is_not_found() => Ok(false),
            Err(error) => Err(cannot(error, path)),
        };
    }
    if let Some(all) = &condition.all {
        return all.iter().try_fold(true, |so_far, inner| Ok(so_far && holds(inner, context, arguments)?));
    }
    if let Some(any) = &condition.any {
        return any.iter().try_fold(false, |so_far, inner| Ok(so_far || holds(inner, context, arguments)?));
    }
    match &condition.not {
        Some(inner) => Ok(!holds(inner, context, arguments)?),
        None => Err(Failure::new(Kind::Internal, "a condition without a question")),
    }
}
