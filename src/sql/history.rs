//! What the history says and what is still to do.

use super::migration::Migration;
use crate::failure::{Failure, Kind};

/// A row of the history: a migration that was applied.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Record {
    pub(crate) version: u64,
    pub(crate) name: String,
    pub(crate) checksum: String,
}

impl Record {
    /// A row as the database gives it.
    pub(super) fn parse(version: &str, name: String, checksum: String) -> Result<Self, Failure> {
        let version = version.parse().map_err(|_| {
            Failure::new(Kind::Database, format!("cannot read the history: `{version}` is not a version"))
                .hint("the table belongs to another program: name another with `table`")
        })?;
        Ok(Self { version, name, checksum })
    }
}

/// The migrations that are not applied, in order. `migrations` is in order; the history need not be.
pub(crate) fn pending<'a>(migrations: &'a [Migration], history: &[Record]) -> Result<Vec<&'a Migration>, Failure> {
    let newest_file = migrations.last().map(|migration| migration.version);
    let newest_applied = history.iter().max_by_key(|record| record.version);
    let mut sorted: Vec<&Record> = history.iter().collect();
    sorted.sort_by_key(|record| record.version);
    for record in &sorted {
        match migrations.binary_search_by_key(&record.version, |migration| migration.version) {
            Ok(at) => check_drift(&migrations[at], &record.checksum)?,
            // The application was rolled back and the database was not, which new migrations must allow for.
            Err(_) if Some(record.version) > newest_file => log::warn!(
                "the database has migration {} `{}`, which is newer than every file: accepted",
                record.version,
                record.name
            ),
            Err(_) => return Err(missing(record)),
        }
    }
    let applied =
        |migration: &&Migration| sorted.binary_search_by_key(&migration.version, |record| record.version).is_ok();
    let pending: Vec<&Migration> = migrations.iter().filter(|migration| !applied(migration)).collect();
    match (pending.first(), newest_applied) {
        (Some(first), Some(newest)) if first.version < newest.version => Err(out_of_order(first, newest)),
        _ => Ok(pending),
    }
}

/// Fails when the file is no longer the one that was applied.
pub(super) fn check_drift(migration: &Migration, stored: &str) -> Result<(), Failure> {
    if migration.checksum == stored {
        return Ok(());
    }
    let message = format!("cannot accept `{}`: it was changed after it was applied", migration.path());
    Err(Failure::new(Kind::Database, message)
        .note(format!("stored: {stored}"))
        .note(format!("found: {}", migration.checksum))
        .hint("restore the file as it was, and put the change into a new migration"))
}

fn missing(record: &Record) -> Failure {
    let message = format!("cannot find migration {} `{}`: it is applied, but has no file", record.version, record.name);
    Failure::new(Kind::Database, message).hint("restore the file, or check that the whole directory is mounted")
}

fn out_of_order(migration: &Migration, newest: &Record) -> Failure {
    let cause = format!("migration {} `{}` is applied already, and newer", newest.version, newest.name);
    Failure::new(Kind::Database, format!("cannot apply `{}`: {cause}", migration.path()))
        .hint(format!("give the file a version above {}", newest.version))
}

#[cfg(test)]
mod tests {
    use super::{Record, pending};
    use crate::failure::{Kind, Source};
    use crate::sql::Migration;

    fn migration(version: u64) -> Migration {
        let source = Source::new(format!("/m/{version}_a.sql"), "");
        Migration { version, name: "a".to_owned(), checksum: format!("sum{version}"), source }
    }

    fn record(version: u64, checksum: &str) -> Record {
        Record { version, name: "a".to_owned(), checksum: checksum.to_owned() }
    }

    #[test]
    fn what_is_to_do() {
        let files: Vec<_> = [1, 2, 10].map(migration).into();
        for (history, wanted) in [
            (vec![], Ok(vec![1, 2, 10])),
            (vec![record(1, "sum1")], Ok(vec![2, 10])),
            (vec![record(2, "sum2"), record(1, "sum1")], Ok(vec![10])),
            (vec![record(1, "sum1"), record(2, "sum2"), record(10, "sum10")], Ok(vec![])),
            (vec![record(1, "sum1"), record(2, "sum2"), record(10, "sum10"), record(11, "x")], Ok(vec![])),
            (vec![record(1, "other")], Err("cannot accept `/m/1_a.sql`: it was changed after it was applied")),
            (vec![record(0, "x")], Err("cannot find migration 0 `a`: it is applied, but has no file")),
            (
                vec![record(1, "sum1"), record(3, "x")],
                Err("cannot find migration 3 `a`: it is applied, but has no file"),
            ),
            (
                vec![record(1, "sum1"), record(10, "sum10")],
                Err("cannot apply `/m/2_a.sql`: migration 10 `a` is applied already, and newer"),
            ),
            (vec![record(11, "x")], Err("cannot apply `/m/1_a.sql`: migration 11 `a` is applied already, and newer")),
        ] {
            let found = pending(&files, &history);
            if let Err(failure) = &found {
                assert_eq!(failure.kind(), Kind::Database);
            }
            let found = found.map(|found| found.iter().map(|migration| migration.version).collect::<Vec<_>>());
            assert_eq!(found.map_err(|failure| failure.to_string()), wanted.map_err(str::to_owned), "{history:?}");
        }
    }
}
