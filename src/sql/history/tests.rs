//! Checksums, statements and locks that other runners would write.

use super::{FORMATS, History};
use crate::sql::Dialect::{self, Mysql, Postgres};
use crate::sql::session::LockName;
use crate::sql::{Migration, Version};

fn migration(version: &str, name: &str, bytes: &[u8]) -> Migration {
    let version = (!version.is_empty()).then(|| Version::parse(version).unwrap());
    let mut migration = Migration::parse("/m/x.sql".to_owned(), (version, name.to_owned()), bytes).unwrap();
    migration.entry = "x.sql".to_owned();
    migration
}

/// The vectors are measured with the real runners, or published by them.
#[test]
fn checksums_are_those_of_the_runners() {
    let lines = "create table a(id int);\ninsert into a values(1);\n";
    for (runner, bytes, wanted) in [
        ("flyway", lines.as_bytes().to_vec(), "-267429415"),
        ("flyway", lines.replace('\n', "\r\n").into_bytes(), "-267429415"),
        ("flyway", lines.replace('\n', "\r").into_bytes(), "-267429415"),
        ("flyway", [b"\xef\xbb\xbf", lines.trim_end().as_bytes()].concat(), "-267429415"),
        ("flyway", "create table é(id int);\n\n".as_bytes().to_vec(), "2038597321"),
        ("flyway", Vec::new(), "0"),
        // printf 'select 1' | sha384sum
        ("sqlx", b"select 1".to_vec(), SHA384_OF_SELECT),
        ("prisma", b"select 1".to_vec(), SHA256_OF_SELECT),
    ] {
        let found = History::for_test(runner, Postgres).checksum(&migration("1", "a", &bytes));
        assert_eq!(found.as_deref(), Some(wanted), "{runner} {:?}", String::from_utf8_lossy(&bytes));
    }
}

const SHA384_OF_SELECT: &str =
    "645e440deb3b1b7a7d1a63e7304e5089b8d9a4ca98be374d2f67c01db51b347a4b2eda8ded8079a6193f2fa2e11bc809";
const SHA256_OF_SELECT: &str = "822ae07d4783158bc1912bb623e5107cc9002d519e1143a9c200ed6ee18b6d0f";

#[test]
fn other_checksums_of_the_same_file() {
    let file = migration("1", "a", b"a\r\nb\n");
    let history = |runner| History::for_test(runner, Postgres);
    let lf = migration("1", "a", b"a\nb\n").checksum;
    assert!(history("prisma").accepts(&file, &lf));
    assert!(history("fitout").accepts(&file, &lf));
    assert!(!history("sqlx").accepts(&file, &lf));
    assert!(!history("prisma").accepts(&file, "0"));
}

#[test]
fn locks_are_those_of_the_runners() {
    for (runner, dialect, wanted) in [
        ("prisma", Postgres, Some(LockName::Number(72_707_369))),
        ("prisma", Mysql, Some(LockName::Text("prisma_migrate".to_owned()))),
        ("fitout", Postgres, None),
        // Seen in `pg_locks` while dbmate migrates.
        ("dbmate", Postgres, Some(LockName::Number(48_372_615))),
        ("dbmate", Mysql, None),
        // 0x3d32ad9e times the CRC-32 of the name of the database, `d`.
        ("sqlx", Postgres, Some(LockName::Number(2_633_195_895_041_557_992))),
        ("sqlx", Mysql, Some(LockName::Text("248afdb71bf805e8".to_owned()))),
    ] {
        let locks = History::for_test(runner, dialect).locks();
        assert_eq!(locks.get(1).cloned(), wanted, "{runner}");
        assert!(matches!((&locks[0], dialect), (LockName::Number(_), Postgres) | (LockName::Text(_), Mysql)));
    }
    assert!(FORMATS.iter().all(|format| History::for_test(format.name, Dialect::Sqlite).locks().is_empty()));
}

#[test]
fn files_that_a_history_cannot_hold() {
    for (runner, version, wanted) in [
        ("sqlx", "1.2", Some("its version is not one number")),
        ("sqlx", "9223372036854775808", Some("its version is too large")),
        ("refinery", "2147483647", None),
        ("refinery", "2147483648", Some("its version is too large for the `int4` of the table")),
        ("goose", "", Some("it has no version")),
        ("dbmate", "", Some("it has no version")),
        ("flyway", "1.2", None),
        ("flyway", "", None),
        ("fitout", "", None),
    ] {
        let result = History::for_test(runner, Postgres).check(&migration(version, "a", b""));
        let message = result.err().map(|failure| failure.to_line());
        match wanted {
            Some(wanted) => {
                let line = format!("cannot keep `/m/x.sql` in the history \"s\".\"t\" of {runner}: {wanted}");
                assert!(message.as_deref().is_some_and(|message| message.starts_with(&line)), "{message:?}");
            }
            None => assert_eq!(message, None, "{runner}"),
        }
    }
}

#[test]
fn rows_are_read_as_the_runner_means_them() {
    let files: Vec<_> = ["1", "2", "3"].iter().map(|version| migration(version, "a", b"")).collect();
    let row = |fields: &[&str]| fields.iter().map(|field| (!field.is_empty()).then(|| (*field).to_owned())).collect();
    for (runner, rows, wanted) in [
        ("golang-migrate", vec![row(&["2", "f"])], vec![("1", false), ("2", false)]),
        ("golang-migrate", vec![row(&["2", "t"])], vec![("1", false), ("2", true)]),
        ("golang-migrate", vec![row(&["-1", "f"])], vec![]),
        ("golang-migrate", vec![], vec![]),
        ("goose", vec![row(&["0", "t"]), row(&["1", "t"]), row(&["2", "t"]), row(&["2", "f"])], vec![("1", false)]),
        ("flyway", vec![row(&["2", "<< baseline >>", "BASELINE", "", "t"])], vec![("1", false), ("2", false)]),
        (
            "flyway",
            vec![
                row(&["1", "a", "SQL", "7", "t"]),
                row(&["", "views", "SQL", "8", "t"]),
                row(&["2", "b", "SQL", "9", "f"]),
            ],
            vec![("1", false), ("", false), ("2", true)],
        ),
        ("flyway", vec![row(&["1", "a", "SQL", "7", "t"]), row(&["1", "a", "DELETE", "", "t"])], vec![]),
        ("sqlx", vec![row(&["1", "a", "0", "ab"])], vec![("1", true)]),
        ("prisma", vec![row(&["20240101000000_init", "ab", "t"])], vec![("20240101000000", false)]),
        ("dbmate", vec![row(&["0001"])], vec![("1", false)]),
    ] {
        let format = FORMATS.into_iter().find(|format| format.name == runner).unwrap();
        let records = (format.records)(&rows, &files).unwrap();
        let found: Vec<(String, bool)> = records
            .iter()
            .map(|record| (record.version.as_ref().map_or(String::new(), ToString::to_string), record.dirty))
            .collect();
        let wanted: Vec<_> = wanted.into_iter().map(|(version, dirty)| (version.to_owned(), dirty)).collect();
        assert_eq!(found, wanted, "{runner}");
    }
}

#[test]
fn rows_that_are_no_history() {
    for (runner, row) in [("dbmate", "abc"), ("prisma", "init"), ("sqlx", "1x")] {
        let format = FORMATS.into_iter().find(|format| format.name == runner).unwrap();
        assert!((format.records)(&[vec![Some(row.to_owned())]], &[]).is_err(), "{runner}");
    }
}
