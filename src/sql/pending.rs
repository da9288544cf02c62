//! What the history says and what is still to do.

use super::history::{History, Record};
use super::migration::Migration;
use super::version::Version;
use crate::failure::{Failure, Kind};

/// What a plan allows.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Rules {
    /// A migration may be older than the newest that is applied.
    pub(crate) out_of_order: bool,
    /// A migration that is applied, and newer than every file, is a failure.
    pub(crate) refuse_newer: bool,
}

/// The migrations that are not applied, in order. `migrations` is in order; the history need not be.
pub(crate) fn pending<'a>(
    migrations: &'a [Migration],
    records: &[Record],
    history: &History,
    rules: Rules,
) -> Result<Vec<&'a Migration>, Failure> {
    let mut applied: Vec<(&Version, &Record)> = records
        .iter()
        .filter(|record| !record.dirty)
        .filter_map(|record| Some((record.version.as_ref()?, record)))
        .collect();
    applied.sort_by(|a, b| a.0.cmp(b.0));
    check_applied(migrations, &applied, history, rules)?;
    let newest = applied.last();
    let mut pending = Vec::new();
    for migration in migrations {
        match &migration.version {
            None if is_current(migration, records, history) => {}
            None => pending.push(migration),
            Some(version) if applied.binary_search_by(|(known, _)| (*known).cmp(version)).is_ok() => {}
            Some(version) => match newest {
                Some((newest, record)) if version < *newest && !rules.out_of_order && !history.is_unordered() => {
                    return Err(out_of_order(migration, newest, record));
                }
                _ => pending.push(migration),
            },
        }
    }
    Ok(pending)
}

/// Every applied version must have its file, as it was, or be newer than every file.
fn check_applied(
    migrations: &[Migration],
    applied: &[(&Version, &Record)],
    history: &History,
    rules: Rules,
) -> Result<(), Failure> {
    let newest_file = migrations.iter().rev().find_map(|migration| migration.version.as_ref());
    for (version, record) in applied {
        // Those without version stand last.
        let file = migrations.binary_search_by(|migration| match &migration.version {
            Some(known) => known.cmp(version),
            None => std::cmp::Ordering::Greater,
        });
        match file.ok().and_then(|at| migrations.get(at)) {
            Some(file) => check_drift(file, record, history)?,
            None if Some(*version) > newest_file && rules.refuse_newer => {
                let message = format!(
                    "cannot accept migration {version} `{}`: it is applied, and newer than every file",
                    record.name
                );
                return Err(Failure::new(Kind::Drift, message)
                    .hint("deploy the newer application, or accept that with `on_newer: accept`"));
            }
            // The application was rolled back and the database was not, which new migrations must allow for.
            None if Some(*version) > newest_file => log::warn!(
                "the database has migration {version} `{}`, which is newer than every file: accepted",
                record.name
            ),
            None => return Err(missing(version, record)),
        }
    }
    Ok(())
}

/// Fails when the file is no longer the one that was applied.
pub(super) fn check_drift(migration: &Migration, record: &Record, history: &History) -> Result<(), Failure> {
    let Some(stored) = &record.checksum else { return Ok(()) };
    let Some(found) = history.checksum(migration) else { return Ok(()) };
    if *stored == found || migration.directives.accepted.contains(&stored.to_ascii_lowercase()) {
        return Ok(());
    }
    if history.accepts(migration, stored) {
        log::warn!("`{}` has other line ends than when it was applied: accepted", migration.path());
        return Ok(());
    }
    let message = format!("cannot accept `{}`: it was changed after it was applied", migration.path());
    Err(Failure::new(Kind::Drift, message)
        .note(format!("stored: {stored}"))
        .note(format!("found: {found}"))
        .hint("restore the file as it was, and put the change into a new migration"))
}

/// Of a migration without version: was it applied as it is now?
pub(super) fn is_current(migration: &Migration, records: &[Record], history: &History) -> bool {
    let last =
        records.iter().rev().find(|record| record.version.is_none() && record.name == history.describe(migration));
    last.is_some_and(|record| record.checksum == history.checksum(migration))
}

/// Fails where another runner left a migration half done. While that one holds its lock, its row means that it is at work.
pub(crate) fn check_dirty(records: &[Record], history: &History) -> Result<(), Failure> {
    records.iter().find(|record| record.dirty).map_or(Ok(()), |record| Err(dirty(record, history)))
}

fn missing(version: &Version, record: &Record) -> Failure {
    let message = format!("cannot find migration {version} `{}`: it is applied, but has no file", record.name);
    Failure::new(Kind::Drift, message).hint("restore the file, or check that the whole directory is mounted")
}

fn dirty(record: &Record, history: &History) -> Failure {
    let label = record.version.as_ref().map_or_else(String::new, |version| format!("{version} "));
    let message = format!("cannot go on after migration {label}`{}`: the history says that it failed", record.name);
    Failure::new(Kind::InDoubt, message)
        .note(format!("another runner began it and left its row in {}", history.label()))
        .maybe_hint(record.version.as_ref().map(|version| {
            format!(
                "undo what is left of it, then `fitout migrate --resolve {version}=retry`; or finish it by hand, then `--resolve {version}=done`"
            )
        }))
}

fn out_of_order(migration: &Migration, newest: &Version, record: &Record) -> Failure {
    let cause = format!("migration {newest} `{}` is applied already, and newer", record.name);
    Failure::new(Kind::Drift, format!("cannot apply `{}`: {cause}", migration.path()))
        .hint(format!("give the file a version above {newest}, or allow it with `out_of_order: true`"))
}

#[cfg(test)]
mod tests {
    use super::super::Dialect;
    use super::{History, Record, Rules, check_dirty, pending};
    use crate::sql::{Migration, Version};

    fn migration(version: &str, text: &str) -> Migration {
        let named = (Some(Version::parse(version).unwrap()), "a".to_owned());
        Migration::parse(format!("/m/{version}_a.sql"), named, text.as_bytes()).unwrap()
    }

    fn record(version: &str, text: &str) -> Record {
        let checksum = Some(migration(version, text).checksum);
        Record { version: Some(Version::parse(version).unwrap()), name: "a".to_owned(), checksum, dirty: false }
    }

    fn labels(records: &[Record], rules: Rules) -> Result<Vec<String>, String> {
        let files: Vec<_> = ["1", "2", "10"].map(|version| migration(version, "x\n")).into();
        let history = History::for_test("fitout", Dialect::Sqlite);
        pending(&files, records, &history, rules)
            .map(|pending| pending.iter().map(|migration| migration.label()).collect())
            .map_err(|failure| failure.to_line().split("; ").next().unwrap_or_default().to_owned())
    }

    #[test]
    fn what_is_to_do() {
        let strict = Rules::default();
        let changed = "cannot accept `/m/1_a.sql`: it was changed after it was applied";
        for (records, rules, wanted) in [
            (vec![], strict, Ok(vec!["1", "2", "10"])),
            (vec![record("1", "x\n")], strict, Ok(vec!["2", "10"])),
            (vec![record("2", "x\n"), record("1", "x\n")], strict, Ok(vec!["10"])),
            (vec![record("0001", "x\n")], strict, Ok(vec!["2", "10"])),
            (vec![record("1", "x\n"), record("2", "x\n"), record("10", "x\n"), record("11", "")], strict, Ok(vec![])),
            (vec![record("1", "other")], strict, Err(changed)),
            (vec![record("1", "x\r\n")], strict, Ok(vec!["2", "10"])),
            (vec![record("0", "")], strict, Err("cannot find migration 0 `a`: it is applied, but has no file")),
            (
                vec![record("1", "x\n"), record("3", "")],
                strict,
                Err("cannot find migration 3 `a`: it is applied, but has no file"),
            ),
            (
                vec![record("1", "x\n"), record("10", "x\n")],
                strict,
                Err("cannot apply `/m/2_a.sql`: migration 10 `a` is applied already, and newer"),
            ),
            (vec![record("1", "x\n"), record("10", "x\n")], Rules { out_of_order: true, ..strict }, Ok(vec!["2"])),
            (
                vec![record("11", "")],
                strict,
                Err("cannot apply `/m/1_a.sql`: migration 11 `a` is applied already, and newer"),
            ),
            (
                vec![record("11", "")],
                Rules { refuse_newer: true, ..strict },
                Err("cannot accept migration 11 `a`: it is applied, and newer than every file"),
            ),
        ] {
            let wanted = wanted.map(|labels| labels.into_iter().map(str::to_owned).collect()).map_err(str::to_owned);
            assert_eq!(labels(&records, rules), wanted, "{records:?}");
        }
    }

    #[test]
    fn a_row_that_another_runner_left_stops_everything() {
        let dirty = Record { dirty: true, ..record("1", "x\n") };
        let history = History::for_test("sqlx", Dialect::Sqlite);
        let failure = check_dirty(std::slice::from_ref(&dirty), &history).unwrap_err();
        assert!(failure.to_line().starts_with("cannot go on after migration 1 `a`: the history says that it failed"));
        // As long as that runner may be at work, it is something to wait for.
        assert_eq!(labels(&[dirty], Rules::default()).unwrap(), ["1", "2", "10"]);
    }
}
