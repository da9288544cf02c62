//! Statements against a real server.

use std::time::Duration;

use super::{TestServer, ask, value};
use crate::sql::Dialect;
use crate::sql::lexer::{Statement, statements};
use crate::sql::session::{Batch, Lock, LockName, Session as _, Transacted};

/// Runs a file in one transaction.
fn transact(
    session: &mut super::Mysql,
    file: &str,
    record: &[String],
    guard: Option<&str>,
) -> Result<Transacted, crate::sql::report::Report> {
    let statements = statements(file, Dialect::Mysql).unwrap();
    session.transact(&Batch { guard, statements: &statements, record, lock_timeout: Duration::ZERO })
}

fn statements_of(file: &str) -> Vec<Statement<'_>> {
    statements(file, Dialect::Mysql).unwrap()
}

#[test]
fn every_type_of_value_is_text() {
    let Some(server) = TestServer::shared() else { return };
    let mut session = server.session();
    for (expression, wanted) in [
        ("1", Some("1")),
        ("-9223372036854775808", Some("-9223372036854775808")),
        ("CAST(18446744073709551615 AS UNSIGNED)", Some("18446744073709551615")),
        ("1.50", Some("1.50")),
        ("1.5e300", Some("1.5e300")),
        ("TRUE", Some("1")),
        ("NULL", None),
        ("''", Some("")),
        ("'a\\nü💥'", Some("a\nü💥")),
        ("_latin1 X'fc'", Some("ü")),
        ("X'C0FF'", Some("0xC0FF")),
        ("DATE '2024-02-29'", Some("2024-02-29")),
        ("TIMESTAMP '2024-02-29 12:34:56.789'", Some("2024-02-29 12:34:56.789")),
        ("TIME '-12:34:56'", Some("-12:34:56")),
        ("JSON_OBJECT('a', 1)", Some("{\"a\": 1}")),
        ("CAST(b'101' AS UNSIGNED)", Some("5")),
        ("UUID_SHORT() > 0", Some("1")),
        ("INET6_ATON('10.0.5.9')", Some("\n\0\u{5}\t")),
        ("REPEAT('x', 300)", Some(&"x".repeat(300))),
        ("LENGTH(REPEAT('x', 70000))", Some("70000")),
    ] {
        let rows = session.query(&format!("SELECT {expression}, 'end'")).unwrap();
        assert_eq!(rows, [vec![wanted.map(str::to_owned), Some("end".to_owned())]], "{expression}");
    }
    session
        .query(
            "CREATE TEMPORARY TABLE all_types (a tinyint, b year, c decimal(20,5), d float, e bit(8), f enum('x','y'), \
             g set('p','q'), h blob, i json, j datetime(6), k char(3), l geometry); \
             INSERT INTO all_types VALUES (-1, 2024, 1.5, 0.5, b'1000001', 'y', 'p,q', 'b', '[1]', \
             '2024-01-01 00:00:00.000001', 'é', NULL), (NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL)",
        )
        .unwrap();
    let rows = session.query("SELECT * FROM all_types").unwrap();
    let texts = ["-1", "2024", "1.50000", "0.5", "A", "y", "p,q", "b", "[1]", "2024-01-01 00:00:00.000001", "é"];
    let wanted: Vec<Option<String>> = texts.iter().map(|text| Some((*text).to_owned())).chain([None]).collect();
    assert_eq!(rows, [wanted, vec![None; 12]]);
}

#[test]
fn all_rows_of_all_statements_come_back() {
    let Some(server) = TestServer::shared() else { return };
    let mut session = server.session();
    let rows = session.query("SELECT 1; DO 1; SELECT 2 UNION SELECT 3; SELECT 4 WHERE 0").unwrap();
    assert_eq!(rows.concat(), ["1", "2", "3"].map(|text| Some(text.to_owned())));
    let report = session.query("SELECT 1; SELECT missing; SELECT 2").unwrap_err();
    assert_eq!(
        (report.code.as_str(), report.message.as_str()),
        ("1054", "unknown column 'missing' in 'SELECT' (error 1054)")
    );
    assert_eq!(ask(&mut session, "SELECT 'still here'"), "still here");
    // More rows than one packet, or one buffer, holds.
    assert_eq!(session.query("SELECT seq FROM seq_1_to_20000").unwrap().len(), 20_000);
}

#[test]
fn statements_and_rows_longer_than_a_packet() {
    let Some(server) = TestServer::shared() else { return };
    let mut session = server.database("long_ones");
    let long = "x".repeat(17 * 1024 * 1024);
    assert_eq!(ask(&mut session, &format!("SELECT LENGTH('{long}')")), (17 * 1024 * 1024).to_string());
    assert!(ask(&mut session, "SELECT REPEAT('x', 17 * 1024 * 1024)") == long);
    // As a statement of a file, between others that go in one message.
    let file = format!("CREATE TABLE a (v longtext);\nINSERT INTO a VALUES ('{long}');\nINSERT INTO a VALUES ('y');");
    transact(&mut session, &file, &[], None).unwrap();
    assert_eq!(ask(&mut session, "SELECT GROUP_CONCAT(LENGTH(v)) FROM a"), format!("{},1", 17 * 1024 * 1024));
    // What the server would not take is not sent.
    let report = session.query(&format!("SELECT '{}'", "x".repeat(64 * 1024 * 1024))).unwrap_err();
    assert_eq!(report.code, "1153");
    assert!(report.message.contains("67108864"), "{report:?}");
    assert!(report.hint.unwrap().contains("max_allowed_packet"));
    // More than we take.
    let report = session.query("SELECT REPEAT('x', 33 * 1024 * 1024)").unwrap_err();
    assert!(report.is_lost() && report.message.contains("more than 33554432 bytes"), "{report:?}");
    let report = session.query("SELECT 1").unwrap_err();
    assert!(report.is_lost(), "{report:?}");
}

#[test]
fn rows_of_files_are_not_kept() {
    let Some(server) = TestServer::shared() else { return };
    let mut session = server.session();
    let file = "SELECT REPEAT('x', 40 * 1024 * 1024);";
    let statements = statements(file, Dialect::Mysql).unwrap();
    session.run_alone(&statements[0]).unwrap();
    transact(&mut session, file, &[], None).unwrap();
    assert_eq!(ask(&mut session, "SELECT 1"), "1");
}

#[test]
fn a_transaction_is_done_or_not() {
    let Some(server) = TestServer::shared() else { return };
    let mut session = server.database("transactions");
    session.query("CREATE TABLE a (x int PRIMARY KEY); CREATE TABLE history (v text)").unwrap();
    let record = |text: &str| [format!("INSERT INTO history VALUES ('{text}')")];
    let count = |session: &mut super::Mysql| {
        ask(session, "SELECT CONCAT((SELECT COUNT(*) FROM a), ' ', (SELECT COUNT(*) FROM history))")
    };

    // Ends in a comment, and in none.
    let file = "INSERT INTO a VALUES (1);\n\n INSERT INTO a VALUES (2); SELECT * FROM a -- end";
    assert_eq!(transact(&mut session, file, &record("é\u{1f4a5}"), None).unwrap(), Transacted::Committed);
    assert_eq!(ask(&mut session, "SELECT v FROM history"), "é\u{1f4a5}");
    assert_eq!(count(&mut session), "2 1");

    let file = "INSERT INTO a VALUES (3);\n\n  -- twice\n  INSERT INTO a VALUES (1);\nINSERT INTO a VALUES (4);";
    let report = transact(&mut session, file, &record("no"), None).unwrap_err();
    assert_eq!((report.code.as_str(), report.place), ("1062", file.find("INSERT INTO a VALUES (1)")));
    assert_eq!(report.message, "duplicate entry for key 'PRIMARY' (error 1062)");
    assert_eq!(count(&mut session), "2 1");

    let file = "INSERT INTO a VALUES (3);\nINSERT INTO a\n  VALEUS (4);\nINSERT INTO a VALUES (5);";
    let report = transact(&mut session, file, &record("no"), None).unwrap_err();
    assert_eq!((report.message.as_str(), report.place), ("syntax error (error 1064)", file.find("VALEUS")));
    let file = "INSERT INTO a VALUES (3";
    let report = transact(&mut session, file, &record("no"), None).unwrap_err();
    assert_eq!((report.message.as_str(), report.place), ("syntax error (error 1064)", Some(0)));
    let report = transact(&mut session, "INSERT INTO a VALUES (3);", &["no sql".to_owned()], None).unwrap_err();
    assert_eq!((report.code.as_str(), report.place), ("1064", None));
    assert_eq!(count(&mut session), "2 1");

    assert_eq!(
        transact(&mut session, "INSERT INTO a VALUES (3)", &record("no"), Some("SELECT 1")).unwrap(),
        Transacted::Guarded
    );
    assert_eq!(count(&mut session), "2 1");
    let guard = "SELECT 1 FROM a WHERE x = 3";
    assert_eq!(
        transact(&mut session, "INSERT INTO a VALUES (3)", &record("3"), Some(guard)).unwrap(),
        Transacted::Committed
    );
    let report = transact(&mut session, "INSERT INTO a VALUES (3)", &record("3"), Some("SELECT 1 FROM a WHERE x = 4"));
    assert_eq!(report.unwrap_err().place, Some(0));
    assert_eq!(count(&mut session), "3 2");
    assert_eq!(ask(&mut session, "SELECT @@in_transaction"), "0");
    assert_eq!(transact(&mut session, "", &record("4"), None).unwrap(), Transacted::Committed);
    assert_eq!(count(&mut session), "3 3");
}

#[test]
fn time_is_told_and_limits_end_with_their_transaction() {
    let Some(server) = TestServer::shared() else { return };
    let mut session = server.database("limits");
    session.query("CREATE TABLE history (v bigint)").unwrap();
    session.limit_lock_wait(Duration::from_secs(7)).unwrap();
    let waits = "SELECT CONCAT(@@lock_wait_timeout, ' ', @@innodb_lock_wait_timeout)";
    let record = [format!("INSERT INTO history VALUES ({})", session.elapsed())];
    transact(&mut session, "DO SLEEP(0.2);", &record, None).unwrap();
    let elapsed: u64 = ask(&mut session, "SELECT v FROM history").parse().unwrap();
    assert!((150..60_000).contains(&elapsed), "{elapsed}");
    assert_eq!(ask(&mut session, waits), "7 7");
    transact(&mut session, "SELECT missing", &[], None).unwrap_err();
    assert_eq!(ask(&mut session, waits), "7 7");
    // What a file sets is noticed.
    let set = statements("SET SESSION lock_wait_timeout = 3", Dialect::Mysql).unwrap();
    session.run_alone(&set[0]).unwrap();
    assert_eq!(ask(&mut session, waits), "3 7");
    session.limit_lock_wait(Duration::from_secs(7)).unwrap();
    assert_eq!(ask(&mut session, waits), "7 7");
    session.limit_lock_wait(Duration::ZERO).unwrap();
    assert_eq!(ask(&mut session, waits), "31536000 31536000");

    let mut other = server.database("limits_of_others");
    other.query("CREATE TABLE a (x int); START TRANSACTION; INSERT INTO a VALUES (1)").unwrap();
    session.limit_lock_wait(Duration::from_millis(1)).unwrap();
    let statements = statements("ALTER TABLE limits_of_others.a ADD COLUMN y int", Dialect::Mysql).unwrap();
    let report = session.run_alone(&statements[0]).unwrap_err();
    assert_eq!(report.code, "1205", "{report:?}");
    other.query("COMMIT").unwrap();
    session.run_alone(&statements[0]).unwrap();
}

#[test]
fn one_statement_is_never_several() {
    let Some(server) = TestServer::shared() else { return };
    let mut session = server.database("alone");
    // The clients of the server would take both.
    let two = "DELIMITER //\nCREATE TABLE a (x int); CREATE TABLE b (x int) //";
    let report = session.run_alone(&statements_of(two)[0]).unwrap_err();
    assert_eq!((report.code.as_str(), report.place), ("1064", two.find(" CREATE TABLE b").map(|before| before + 1)));
    assert_eq!(session.query("SHOW TABLES").unwrap().len(), 0);
    let routine = "DELIMITER //\nCREATE PROCEDURE p() BEGIN SELECT 1; SELECT 2; END//\nDELIMITER ;\nCALL p();";
    for statement in statements_of(routine) {
        session.run_alone(&statement).unwrap();
    }
    assert_eq!(value(&session.query("SELECT 1; SELECT 2").unwrap()), "2");
}

#[test]
fn a_lock_is_held_by_one_session() {
    let Some(server) = TestServer::shared() else { return };
    let (mut one, mut other) = (server.session(), server.session());
    let lock = LockName::Text("it's \\ a lock".to_owned());
    assert_eq!(one.try_lock(&lock).unwrap(), Lock::Held);
    assert_eq!(one.try_lock(&lock).unwrap(), Lock::Held);
    let Lock::Busy(holder) = other.try_lock(&lock).unwrap() else { panic!("two hold it") };
    let number = ask(&mut one, "SELECT CONNECTION_ID()");
    assert!(holder.starts_with(&format!("connection {number} (`app` from 127.0.0.1:")), "{holder}");
    assert!(holder.contains(", sleep for "), "{holder}");
    assert_eq!(other.try_lock(&LockName::Text("another".to_owned())).unwrap(), Lock::Held);
    // A name that no server takes is an error, and never a lock.
    let report = other.try_lock(&LockName::Text("x".repeat(300))).unwrap_err();
    assert!(!report.message.is_empty());
    Box::new(one).close().unwrap();
    super::until("the lock is not free", || other.try_lock(&lock).unwrap() == Lock::Held);
    assert!(!other.is_clustered().unwrap());

    other.query("CREATE OR REPLACE USER little@'%' IDENTIFIED BY 'x'; GRANT SELECT ON app.* TO little@'%'").unwrap();
    let password = Some(crate::secret::Secret::new("x".to_owned()));
    let address = super::MysqlAddress { user: "little".to_owned(), password, ..server.address() };
    let mut little = super::connect(&address).unwrap();
    let Lock::Busy(holder) = little.try_lock(&lock).unwrap() else { panic!("two hold it") };
    assert_eq!(holder, format!("connection {}", ask(&mut other, "SELECT CONNECTION_ID()")));
}

#[test]
fn what_files_change_is_set_back() {
    let Some(server) = TestServer::shared() else { return };
    let mut session =
        super::Mysql::connect(&server.address(), &["SET FOREIGN_KEY_CHECKS=0".to_owned()], super::never()).unwrap();
    let state = "SELECT CONCAT_WS(' ', @@foreign_key_checks, @@unique_checks, @@time_zone, @@sql_notes, @@character_set_client, \
                 @@character_set_results, @@collation_connection, @@autocommit, @@sql_mode)";
    let before = ask(&mut session, state);
    assert!(before.starts_with("OFF ON SYSTEM ON utf8mb4 utf8mb4 utf8mb4_"), "{before}");
    let file = "SET NAMES latin1, FOREIGN_KEY_CHECKS=1, UNIQUE_CHECKS=0, TIME_ZONE='+00:00', SQL_NOTES=0, \
                SQL_MODE='ANSI_QUOTES', SESSION autocommit=0";
    let statements = statements(file, Dialect::Mysql).unwrap();
    session.run_alone(&statements[0]).unwrap();
    let changed = ask(&mut session, state);
    assert_ne!(changed, before);
    // Within a unit it stays.
    transact(&mut session, "DO 1", &[], None).unwrap();
    assert_ne!(ask(&mut session, state), before);
    session.begin_unit().unwrap();
    session.run_alone(&statements_of("DO 1")[0]).unwrap();
    assert_eq!(ask(&mut session, state), before);
    session.run_alone(&statements[0]).unwrap();
    session.begin_unit().unwrap();
    let file = "DO 1; SELECT missing";
    let report = transact(&mut session, file, &[], None).unwrap_err();
    assert_eq!(report.place, file.find("SELECT"));
    assert_eq!(ask(&mut session, state), before);
}
