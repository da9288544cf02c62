//! Owners by name or number, and how an object differs from the wished owner and mode.

#[cfg(test)]
pub(super) mod fixture;
#[cfg(test)]
mod tests;

use crate::document::Located;
use crate::failure::{Failure, Kind, did_you_mean};
use crate::root::{Accounts, Attributes, FileKind, Metadata};
use crate::spec::{Id, Mode, Owner};

use super::Context;

/// The numbers of an owner. The files of users are read only when there is a name in it.
pub(super) fn resolve(
    owner: Option<&Located<Owner>>,
    context: &Context,
) -> Result<(Option<u32>, Option<u32>), Failure> {
    let Some(owner) = owner else {
        return Ok((None, None));
    };
    if let (None | Some(Id::Number(_)), None | Some(Id::Number(_))) = (&owner.user, &owner.group) {
        return Ok((owner.user.as_ref().and_then(number), owner.group.as_ref().and_then(number)));
    }
    let accounts =
        Accounts::read(&context.root).map_err(|error| error.cannot("look up owner", &owner.value).at(owner.span))?;
    let user = owner.user.as_ref().map(|id| find_user(id, &accounts)).transpose();
    let group = owner.group.as_ref().map(|id| find_group(id, &accounts)).transpose();
    Ok((user.map_err(|failure| failure.at(owner.span))?, group.map_err(|failure| failure.at(owner.span))?))
}

fn number(id: &Id) -> Option<u32> {
    match id {
        Id::Number(number) => Some(*number),
        Id::Name(_) => None,
    }
}

fn find_user(id: &Id, accounts: &Accounts) -> Result<u32, Failure> {
    match id {
        Id::Number(number) => Ok(*number),
        Id::Name(name) => accounts
            .user(name)
            .map(|user| user.uid)
            .ok_or_else(|| unknown("user", name, "/etc/passwd", accounts.user_names())),
    }
}

fn find_group(id: &Id, accounts: &Accounts) -> Result<u32, Failure> {
    match id {
        Id::Number(number) => Ok(*number),
        Id::Name(name) => {
            accounts.group(name).ok_or_else(|| unknown("group", name, "/etc/group", accounts.group_names()))
        }
    }
}

fn unknown<'a>(what: &str, name: &str, file: &str, known: impl Iterator<Item = &'a str>) -> Failure {
    let remedy = match did_you_mean(name, known) {
        Some(suggestion) => format!("{suggestion} Numbers always work"),
        None => "numbers always work, for instance \"1000:1000\"".to_owned(),
    };
    Failure::new(Kind::Step, format!("unknown {what} `{name}` in `{file}`")).hint(remedy)
}

/// The wished attributes of a step with these fields.
pub(super) fn attributes(
    owner: Option<&Located<Owner>>,
    mode: Option<&Located<Mode>>,
    context: &Context,
) -> Result<Attributes, Failure> {
    let (user, group) = resolve(owner, context)?;
    Ok(Attributes { user, group, mode: mode.map(|mode| mode.bits()) })
}

/// How `metadata` differs from `wished`, for instance `owner 0:0 -> 1000:1000, mode 0644 -> 0640`.
pub(super) fn differences(metadata: &Metadata, wished: Attributes) -> Option<String> {
    let missing = wished.missing_in(metadata);
    let mut details = Vec::new();
    if missing.user.is_some() || missing.group.is_some() {
        let (user, group) = (missing.user.unwrap_or(metadata.user), missing.group.unwrap_or(metadata.group));
        details.push(format!("owner {}:{} -> {user}:{group}", metadata.user, metadata.group));
    }
    if let Some(mode) = missing.mode {
        details.push(format!("mode {:04o} -> {mode:04o}", metadata.mode));
    }
    (!details.is_empty()).then(|| details.join(", "))
}

/// What a new object will be, for instance `directory, owner 1000:1000, mode 0750`.
pub(super) fn description(kind: FileKind, wished: Attributes) -> String {
    let name = match kind {
        FileKind::File => "file",
        FileKind::Directory => "directory",
        FileKind::Link => "link",
        FileKind::Other => "object",
    };
    let owner = match (wished.user, wished.group) {
        (Some(user), Some(group)) => format!(", owner {user}:{group}"),
        (Some(user), None) => format!(", owner {user}"),
        (None, Some(group)) => format!(", group {group}"),
        (None, None) => String::new(),
    };
    let mode = wished.mode.map_or_else(String::new, |mode| format!(", mode {mode:04o}"));
    format!("{name}{owner}{mode}")
}
