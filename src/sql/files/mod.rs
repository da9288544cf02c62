//! Migration files: read, checked and put into order before any database is asked.

mod directives;
mod file_name;

use std::path::{Path, PathBuf};

use super::Dialect;
use super::migration::Migration;
use crate::failure::{Failure, Failures, Kind};
use crate::root::{Entry, FileKind, Root};
use crate::spec::Glob;

pub(crate) use directives::Directives;
pub(super) use directives::{read as read_directives, read_leading};
use file_name::FileName;
use file_name::Style;

/// A larger file is data, not a migration; it would be held in memory as a whole.
const LARGEST: u64 = 64 * 1024 * 1024;

const NAMES: &str = "name migrations `<version>_<name>.sql`, for instance `0001_create_users.sql`";

/// The directory of the migrations, and the names that are meant: `/migrations/V*.sql` names those of a directory.
fn select(root: &Root, source: &Path) -> Result<(PathBuf, Option<Glob>), Failure> {
    let cannot = |cause: &dyn std::fmt::Display| {
        Failure::new(Kind::Plan, format!("cannot read `{}`: {cause}", source.display()))
    };
    let (directory, name) = (source.parent(), source.file_name().map(|name| name.to_string_lossy()));
    let (Some(directory), Some(name)) = (directory, name.filter(|name| Glob::is_pattern(name))) else {
        return Ok((source.to_owned(), None));
    };
    if Glob::is_pattern(&directory.to_string_lossy()) {
        return Err(cannot(&"only its last part may be a pattern"));
    }
    let is_there = root.metadata_followed(source).map_err(|error| error.cannot("read", source.display()))?.is_some();
    if is_there {
        return Ok((source.to_owned(), None));
    }
    let glob = Glob::try_from(name.into_owned()).map_err(|cause| cannot(&cause))?;
    Ok((directory.to_owned(), Some(glob)))
}

/// All migrations of a directory by version and then those without one by name, or everything that is wrong with them. Needs no
/// database.
pub(crate) fn read_migrations(root: &Root, source: &Path, dialect: Dialect) -> Result<Vec<Migration>, Failures> {
    let (directory, glob) = select(root, source)?;
    let mut entries = root.list(&directory).map_err(|error| error.cannot("read", directory.display()))?;
    entries.retain(|entry| glob.as_ref().is_none_or(|glob| glob.matches(&entry.name.to_string_lossy())));
    entries.sort_by(|a, b| a.name.cmp(&b.name));
    let mut findings = Vec::new();
    let mut migrations = Vec::new();
    for entry in &entries {
        match read_entry(root, &directory, entry, dialect) {
            Ok(Some((migration, found))) => {
                migrations.push(migration);
                findings.extend(found);
            }
            Ok(None) => {}
            Err(failure) => findings.push(failure),
        }
    }
    migrations.sort_by(Migration::order);
    findings.extend(migrations.windows(2).filter_map(|pair| twice(&pair[0], &pair[1])));
    // An empty directory is what a volume that was not mounted looks like.
    if migrations.is_empty() && findings.is_empty() {
        let message = format!("cannot find migrations in `{}`: no file in it is one", source.display());
        findings.push(Failure::new(Kind::Plan, message).hint(NAMES));
    }
    Failures::check(findings).map(|()| migrations)
}

/// Two migrations that nothing puts into an order, or tells apart.
fn twice(first: &Migration, second: &Migration) -> Option<Failure> {
    let same = match (&first.version, &second.version) {
        (Some(one), Some(other)) if one == other => format!("both are version {other}"),
        (None, None) if first.name == second.name => "both have the same name".to_owned(),
        _ => return None,
    };
    let message = format!("cannot order `{}` and `{}`: {same}", first.path(), second.path());
    Some(Failure::new(Kind::Plan, message).hint("give one of them another version"))
}

/// The migration that an entry is, if it is one, and what is wrong with its statements.
fn read_entry(
    root: &Root,
    directory: &Path,
    entry: &Entry,
    dialect: Dialect,
) -> Result<Option<(Migration, Vec<Failure>)>, Failure> {
    let file = entry.name.to_string_lossy();
    let named = directory.join(&entry.name);
    let (path, name) = match entry.kind {
        // A pipe or a device is never opened; a link is followed inside the root, as in the mount of a ConfigMap.
        FileKind::File | FileKind::Link => (named, FileName::parse(&file)),
        FileKind::Directory => match inside(root, &named)? {
            Some((path, style)) => (path, FileName::of_directory(&file, style)),
            None => return Ok(None),
        },
        FileKind::Other => return Ok(None),
    };
    let cannot = |cause: &str| {
        let message = format!("cannot take `{}` as a migration: {cause}", path.display());
        Failure::new(Kind::Plan, message)
    };
    let (version, name, style) = match name {
        FileName::Migration { version, name, style } => (version, name, style),
        FileName::Ignored => {
            log::debug!("`{}` is not a migration", path.display());
            return Ok(None);
        }
        FileName::Ambiguous => {
            let hint = "Flyway takes it for the way back, refinery for a migration: leave it out, or name it `V…`";
            return Err(cannot("`U` may mean two things").hint(hint));
        }
        FileName::Malformed(cause) => return Err(cannot(cause).hint(NAMES)),
    };
    let bytes = root.read(&path, LARGEST).map_err(|error| error.cannot("read", path.display()))?;
    let mut migration = Migration::parse(path.display().to_string(), (version, name), &bytes)?;
    migration.entry = file.into_owned();
    if style == Style::Diesel && runs_outside(root, &path)? {
        migration.directives.no_transaction = true;
    }
    let found = migration.check(dialect);
    Ok(Some((migration, found)))
}

/// The way up in a directory that is a migration.
fn inside(root: &Root, directory: &Path) -> Result<Option<(PathBuf, Style)>, Failure> {
    for (file, style) in [("up.sql", Style::Diesel), ("migration.sql", Style::Prisma)] {
        let path = directory.join(file);
        let found = root.metadata_followed(&path).map_err(|error| error.cannot("read", path.display()))?;
        if found.is_some() {
            return Ok(Some((path, style)));
        }
    }
    Ok(None)
}

/// diesel's `metadata.toml` beside the way up.
fn runs_outside(root: &Root, up: &Path) -> Result<bool, Failure> {
    let path = up.with_file_name("metadata.toml");
    match root.read(&path, LARGEST) {
        Ok(bytes) => {
            let text = String::from_utf8_lossy(&bytes);
            let setting = |line: &str| line.split_whitespace().collect::<String>() == "run_in_transaction=false";
            Ok(text.lines().any(setting))
        }
        Err(error) if error.is_not_found() => Ok(false),
        Err(error) => Err(error.cannot("read", path.display())),
    }
}
