//! Migration files: read, checked and put into order before any database is asked.

use std::path::Path;
use std::sync::Arc;

use sha2::{Digest, Sha256};

use super::Dialect;
use super::file_name::FileName;
use super::statement::statements;
use crate::failure::{Failure, Failures, Kind, Source, Span};
use crate::hexadecimal::hexadecimal;
use crate::root::{Entry, FileKind, Root};

/// A larger file is data, not a migration; it would be held in memory as a whole.
const LARGEST: u64 = 64 * 1024 * 1024;

const NAMES: &str = "name migrations `<version>_<name>.sql`, for instance `0001_create_users.sql`";

/// A migration, as its file says.
#[derive(Debug, Clone)]
pub(crate) struct Migration {
    pub(crate) version: u64,
    pub(crate) name: String,
    /// SHA-256 over the bytes of the file, in hexadecimal digits.
    pub(crate) checksum: String,
    /// The path of the file and its text, without byte order mark.
    pub(crate) source: Arc<Source>,
}

impl Migration {
    pub(crate) fn path(&self) -> &str {
        &self.source.name
    }

    pub(crate) fn sql(&self) -> &str {
        &self.source.text
    }

    /// The failure with its place in the file.
    pub(crate) fn locate(&self, failure: Failure, start: usize, length: usize) -> Failure {
        failure.at(span(self.sql(), start, length)).in_source(&self.source)
    }

    /// The failure with the word in the file that starts there.
    pub(super) fn locate_word(&self, failure: Failure, start: usize) -> Failure {
        let rest = self.sql().get(start..).unwrap_or_default();
        let length = rest.chars().take_while(|c| c.is_alphanumeric() || *c == '_').count();
        self.locate(failure, start, length.max(1))
    }
}

/// All migrations of a directory by version, or everything that is wrong with them. Needs no database.
pub(crate) fn read_migrations(root: &Root, directory: &Path, dialect: Dialect) -> Result<Vec<Migration>, Failures> {
    let mut entries = root.list(directory).map_err(|error| error.cannot("read", directory.display()))?;
    entries.sort_by(|a, b| a.name.cmp(&b.name));
    let mut findings = Vec::new();
    let mut migrations = Vec::new();
    for entry in &entries {
        match read_entry(root, directory, entry, dialect) {
            Ok((migration, found)) => {
                migrations.extend(migration);
                findings.extend(found);
            }
            Err(failure) => findings.push(failure),
        }
    }
    migrations.sort_by_key(|migration| migration.version);
    findings.extend(migrations.windows(2).filter(|pair| pair[0].version == pair[1].version).map(|pair| {
        let (first, second) = (pair[0].path(), pair[1].path());
        Failure::new(Kind::Plan, format!("cannot order `{first}` and `{second}`: both are version {}", pair[0].version))
            .hint("give one of them another version")
    }));
    // An empty directory is what a volume that was not mounted looks like.
    if migrations.is_empty() && findings.is_empty() {
        let message = format!("cannot find migrations in `{}`: no file in it is one", directory.display());
        findings.push(Failure::new(Kind::Plan, message).hint(NAMES));
    }
    Failures::check(findings).map(|()| migrations)
}

/// The migration that an entry is, if it is one, and what is wrong with its statements.
fn read_entry(
    root: &Root,
    directory: &Path,
    entry: &Entry,
    dialect: Dialect,
) -> Result<(Option<Migration>, Vec<Failure>), Failure> {
    let file = entry.name.to_string_lossy();
    let path = directory.join(&entry.name);
    // A pipe or a device is never opened; a link is followed inside the root, as in the mount of a ConfigMap.
    if !matches!(entry.kind, FileKind::File | FileKind::Link) {
        return Ok((None, Vec::new()));
    }
    let (version, name) = match FileName::parse(&file) {
        FileName::Migration { version, name } => (version, name),
        FileName::Ignored => {
            log::debug!("`{}` is not a migration", path.display());
            return Ok((None, Vec::new()));
        }
        FileName::Malformed(cause) => {
            let message = format!("cannot take `{}` as a migration: {cause}", path.display());
            return Err(Failure::new(Kind::Plan, message).hint(NAMES));
        }
    };
    let bytes = root.read(&path, LARGEST).map_err(|error| error.cannot("read", path.display()))?;
    parse(path.display().to_string(), version, name, &bytes, dialect).map(|(migration, found)| (Some(migration), found))
}

/// The migration of a file's bytes and what is wrong with its statements.
pub(super) fn parse(
    path: String,
    version: u64,
    name: String,
    bytes: &[u8],
    dialect: Dialect,
) -> Result<(Migration, Vec<Failure>), Failure> {
    let checksum = hexadecimal(&Sha256::digest(bytes));
    let text = std::str::from_utf8(bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes)).map_err(|error| {
        let line = bytes.iter().take(error.valid_up_to()).filter(|byte| **byte == b'\n').count() + 1;
        Failure::new(Kind::Plan, format!("cannot read `{path}`: line {line} is not UTF-8"))
            .hint("save the file as UTF-8")
    })?;
    let migration = Migration { version, name, checksum, source: Source::new(path, text) };
    let found = check(&migration, dialect);
    Ok((migration, found))
}

fn check(migration: &Migration, dialect: Dialect) -> Vec<Failure> {
    let finding = |cause: String, start: usize, length: usize| {
        let failure = Failure::new(Kind::Plan, format!("cannot use `{}` as a migration: {cause}", migration.path()));
        migration.locate(failure, start, length)
    };
    if let Some(at) = migration.sql().find('\0') {
        return vec![finding("it holds a NUL character".to_owned(), at, 1)];
    }
    match statements(migration.sql(), dialect) {
        Err(open) => vec![finding(format!("the {} is not closed", open.what), open.start, open.length)],
        Ok(statements) => {
            let refused = statements.iter().filter_map(|statement| statement.refused(dialect));
            refused.map(|refused| finding(refused.cause, refused.start, refused.length).hint(refused.hint)).collect()
        }
    }
}

/// The place of a byte in a text.
pub(super) fn span(text: &str, start: usize, length: usize) -> Span {
    let before = text.get(..start).unwrap_or(text);
    let line = before.matches('\n').count() + 1;
    let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
    Span::new(line, column, length)
}
