//! Reading a directory of migrations.

use super::Scratch;
use crate::failure::{Failure, Kind};
use crate::sql::Dialect::{Postgres, Sqlite};

#[test]
fn files_are_in_numeric_order() {
    let scratch = Scratch::new(&[
        ("10_c.sql", ""),
        ("2_b.sql", "select 2"),
        ("0001_a.up.sql", "\u{feff}select 1"),
        ("0001_a.down.sql", "drop table x"),
        ("README.md", "read"),
        (".hidden_1.sql", "no"),
    ]);
    std::fs::create_dir(scratch.path("3_d.sql")).unwrap();
    let migrations = scratch.migrations(Postgres);
    let found: Vec<_> =
        migrations.iter().map(|migration| (migration.label(), migration.name.as_str(), migration.text())).collect();
    let wanted = [("1", "a", "select 1"), ("2", "b", "select 2"), ("10", "c", "")];
    assert_eq!(found, wanted.map(|(label, name, text)| (label.to_owned(), name, text)));
    // sha256sum of the raw bytes, with the byte order mark.
    assert_eq!(migrations[2].checksum, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    assert_eq!(migrations[0].checksum, "0cf60669b81a3820c772264ca575b5809472826e332fdc9571f6cd918bd22627");
}

#[test]
fn links_of_a_config_map_are_followed() {
    let scratch = Scratch::new(&[]);
    std::fs::create_dir(scratch.path("..2026_01_01")).unwrap();
    scratch.write("..2026_01_01/1_a.sql", "select 1");
    std::os::unix::fs::symlink("..2026_01_01", scratch.path("..data")).unwrap();
    std::os::unix::fs::symlink("..data/1_a.sql", scratch.path("1_a.sql")).unwrap();
    assert_eq!(scratch.migrations(Postgres).len(), 1);
}

#[test]
fn all_findings_come_at_once() {
    let scratch = Scratch::new(&[
        ("1_a.sql", "select 1;\n  select 'ü' || 'open"),
        ("01_b.sql", "create table a(x int);\ncommit;\n"),
        ("x.sql", ""),
        ("3_c.sql", "select 1;\n\nrollback;\nvacuum;"),
    ]);
    scratch.write("4_d.sql", b"select 1;\nselect '\xff'");
    let findings = scratch.read(Postgres).unwrap_err();
    assert!(findings.iter().all(|finding| finding.kind() == Kind::Plan));
    let lines: Vec<_> = findings.iter().map(Failure::to_line).collect();
    for (line, wanted) in lines.iter().zip([
        "cannot use `/01_b.sql` as a migration: `COMMIT` controls the transaction that every migration is run in \
         (/01_b.sql:2:1)",
        "cannot use `/1_a.sql` as a migration: the string is not closed (/1_a.sql:2:17)",
        "cannot use `/3_c.sql` as a migration: `ROLLBACK` controls the transaction that every migration is run in \
         (/3_c.sql:3:1)",
        "cannot read `/4_d.sql`: line 2 is not UTF-8",
        "cannot take `/x.sql` as a migration: the name does not start with a version",
        "cannot order `/01_b.sql` and `/1_a.sql`: both are version 1",
    ]) {
        assert!(line.starts_with(wanted), "{wanted}\n{line}");
    }
    assert_eq!(lines.len(), 6, "{lines:#?}");
}

#[test]
fn a_directory_without_migrations_is_a_mount_that_is_missing() {
    let findings = Scratch::new(&[("README.md", "")]).read(Sqlite).unwrap_err();
    assert_eq!(
        findings.to_termination_message().split(';').next(),
        Some("plan: cannot find migrations in `/`: no file in it is one")
    );
}
