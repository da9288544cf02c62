//! Migrations against real SQLite files.

use std::os::unix::fs::MetadataExt as _;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use rusqlite::Connection;

use super::{Scratch, apply_all, assert_text, never};
use crate::failure::{Failure, Kind};
use crate::process::Interrupt;
use crate::root::Root;
use crate::sql::Dialect::Sqlite as Language;
use crate::sql::{Session as _, Sqlite, Stop};

const LONG: &str = "with recursive n(i) as (select 1 union all select i + 1 from n) insert into a select i from n;";

fn root(scratch: &Scratch) -> Root {
    Root::open(&scratch.path("")).unwrap()
}

fn open(scratch: &Scratch, lock_wait: Duration, stop: Stop) -> Result<Sqlite, Failure> {
    let held = root(scratch).hold_or_make_file(Path::new("/app.db"));
    let file = held.map_err(|error| error.cannot("open the database", "/app.db"))?;
    Sqlite::open(file.into(), &[], (lock_wait, stop))
}

fn apply(scratch: &Scratch) -> Result<usize, Failure> {
    let wait = Duration::from_secs(30);
    apply_all(open(scratch, wait, never())?, &scratch.migrations(Language), wait)
}

fn query(scratch: &Scratch, sql: &str) -> String {
    let connection = Connection::open(scratch.path("app.db")).unwrap();
    connection.query_row(sql, [], |row| row.get::<_, String>(0)).unwrap()
}

fn tables(scratch: &Scratch) -> String {
    query(
        scratch,
        "select coalesce(group_concat(name), '') from (select name from sqlite_master where type = 'table' order by 1)",
    )
}

#[test]
fn the_second_run_does_nothing() {
    let scratch = Scratch::new(&[
        ("1_a.sql", "create table a(x integer primary key); -- end"),
        ("2_b.sql", "create trigger t after insert on a begin update a set x = x; delete from a where x < 0; end;"),
        ("3_empty.sql", ""),
        ("10_c.sql", "insert into a values (1)"),
    ]);
    assert_eq!(apply(&scratch).unwrap(), 4);
    assert_eq!(apply(&scratch).unwrap(), 0);
    assert_eq!(query(&scratch, "select group_concat(version || name, ' ') from fitout_migrations"), "1a 2b 3empty 10c");
    assert_eq!(
        query(&scratch, "select max(typeof(applied_at) || (applied_at glob '20*T*Z')) from fitout_migrations"),
        "text1"
    );
}

#[test]
fn a_failed_migration_leaves_nothing_and_shows_its_line() {
    let scratch = Scratch::new(&[
        ("1_a.sql", "create table a(x integer unique);"),
        ("2_b.sql", "create table b(x);\n-- ü\ninsert into a values (1);\n  insert into a valuess (2);\n"),
    ]);
    let failure = apply(&scratch).unwrap_err();
    assert_eq!(failure.kind(), Kind::Database);
    assert_text(
        &failure,
        &[
            "error: cannot apply `/2_b.sql`: near \"valuess\": syntax error\n",
            "  --> /2_b.sql:4:17\n",
            "4 |   insert into a valuess (2);\n   |                 ^^^^^^^\n",
            "nothing of this migration is left",
            "applied before: 1 migration",
        ],
    );
    assert_eq!(tables(&scratch), "a,fitout_migrations");
    scratch.write("2_b.sql", "create table b(x);\n\ninsert into a values (1), (1);");
    assert_text(&apply(&scratch).unwrap_err(), &["UNIQUE constraint failed: a.x", "/2_b.sql:3:1"]);
    scratch.write("2_b.sql", "create table b(x)");
    assert_eq!(apply(&scratch).unwrap(), 1);
}

#[test]
fn what_was_applied_must_stay() {
    let scratch = Scratch::new(&[("1_a.sql", "create table a(x)"), ("3_c.sql", "create table c(x)")]);
    assert_eq!(apply(&scratch).unwrap(), 2);
    scratch.write("2_b.sql", "create table b(x)");
    assert_text(
        &apply(&scratch).unwrap_err(),
        &["cannot apply `/2_b.sql`: migration 3 `c` is applied already, and newer"],
    );
    scratch.remove("2_b.sql");
    scratch.write("1_a.sql", "create table a(y)");
    assert_text(&apply(&scratch).unwrap_err(), &["cannot accept `/1_a.sql`: it was changed", "stored: ", "found: "]);
    scratch.remove("1_a.sql");
    assert_text(&apply(&scratch).unwrap_err(), &["cannot find migration 1 `a`: it is applied, but has no file"]);
    scratch.write("1_a.sql", "create table a(x)");
    scratch.remove("3_c.sql");
    assert_eq!(apply(&scratch).unwrap(), 0);
}

#[test]
fn eight_at_once_apply_each_once() {
    let scratch = Scratch::new(&[("1_a.sql", "create table a(x)")]);
    for version in 2..12 {
        scratch.write(&format!("{version}_b.sql"), format!("insert into a values ({version})"));
    }
    let applied: usize = thread::scope(|scope| {
        let runners: Vec<_> = (0..8).map(|_| scope.spawn(|| apply(&scratch))).collect();
        runners.into_iter().map(|runner| runner.join().unwrap().unwrap()).sum()
    });
    assert_eq!(applied, 11);
    assert_eq!(query(&scratch, "select count(*) || ' ' || count(distinct x) from a"), "10 10");
}

#[test]
fn a_signal_rolls_back() {
    let scratch = Scratch::new(&[("1_a.sql", "create table a(x)"), ("2_b.sql", &format!("create table b(x); {LONG}"))]);
    let interrupt = Interrupt::manual().unwrap();
    let wait = Duration::from_secs(30);
    let started = Instant::now();
    let failure = thread::scope(|scope| {
        scope.spawn(|| {
            thread::sleep(Duration::from_millis(300));
            interrupt.trigger(15);
        });
        let database = open(&scratch, wait, Stop::new(interrupt.clone(), None)).unwrap();
        apply_all(database, &scratch.migrations(Language), wait).unwrap_err()
    });
    assert_eq!(failure.kind(), Kind::Interrupted(15));
    assert!(started.elapsed() < Duration::from_secs(10));
    assert_eq!(tables(&scratch), "a,fitout_migrations");
}

#[test]
fn the_deadline_of_the_step_counts() {
    let scratch = Scratch::new(&[("1_a.sql", &format!("create table a(x); {LONG}"))]);
    let wait = Duration::from_secs(30);
    let stop = Stop::new(Interrupt::none(), Some(Instant::now() + Duration::from_millis(200)));
    let failure = apply_all(open(&scratch, wait, stop).unwrap(), &scratch.migrations(Language), wait).unwrap_err();
    assert_eq!(failure.kind(), Kind::Timeout);
    assert_eq!(tables(&scratch), "fitout_migrations");
}

#[test]
fn another_program_is_waited_for_so_long() {
    let scratch = Scratch::new(&[("1_a.sql", "create table a(x)")]);
    let other = Connection::open(scratch.path("app.db")).unwrap();
    other.execute_batch("create table o(x); begin exclusive").unwrap();
    let wait = Duration::from_millis(300);
    let failure = apply_all(open(&scratch, wait, never()).unwrap(), &scratch.migrations(Language), wait).unwrap_err();
    assert_eq!(failure.kind(), Kind::Lock);
    assert_text(
        &failure,
        &["cannot lock the database: another program has held `/app.db` for 0 s", "hint: stop the other program"],
    );
    thread::scope(|scope| {
        let runner = scope.spawn(|| apply(&scratch));
        thread::sleep(Duration::from_millis(400));
        other.execute_batch("commit").unwrap();
        assert_eq!(runner.join().unwrap().unwrap(), 1);
    });
}

#[test]
fn rebuilding_a_table_keeps_the_rows_that_refer_to_it() {
    let rebuild = "create table new(id integer primary key, name text);\ninsert into new(id) select id from parent;\n\
                   drop table parent;\nalter table new rename to parent;\n";
    for (pragma, wanted) in [("", "1"), ("PRAGMA foreign_keys=OFF;\n", "1"), ("PRAGMA foreign_keys=ON;\n", "0")] {
        let scratch = Scratch::new(&[
            (
                "1_a.sql",
                "create table parent(id integer primary key); insert into parent values (1);
                 create table child(parent integer references parent(id) on delete cascade); insert into child values (1);",
            ),
            ("2_b.sql", &format!("{pragma}{rebuild}")),
        ]);
        assert_eq!(apply(&scratch).unwrap(), 2);
        assert_eq!(query(&scratch, "select cast(count(*) as text) from child"), wanted, "{pragma}");
    }
}

#[test]
fn the_file_is_private_from_the_start_and_nothing_is_left_beside_it() {
    let scratch = Scratch::new(&[("1_a.sql", "create table a(x)")]);
    let database = open(&scratch, Duration::ZERO, never()).unwrap();
    assert_eq!(std::fs::metadata(scratch.path("app.db")).unwrap().mode() & 0o777, 0o600);
    Box::new(database).close().unwrap();
    Connection::open(scratch.path("app.db")).unwrap().pragma_update(None, "journal_mode", "wal").unwrap();
    assert_eq!(apply(&scratch).unwrap(), 1);
    for suffix in ["-wal", "-shm", "-journal"] {
        assert!(!scratch.path(&format!("app.db{suffix}")).exists(), "{suffix}");
    }
    assert_eq!(query(&scratch, "pragma journal_mode"), "wal");
}

#[test]
fn a_link_in_the_place_of_the_file_is_refused() {
    let scratch = Scratch::new(&[("1_a.sql", "create table a(x)")]);
    std::os::unix::fs::symlink("elsewhere", scratch.path("app.db")).unwrap();
    assert_text(&apply(&scratch).unwrap_err(), &["cannot open the database `/app.db`", "symbolic link"]);
    assert!(!scratch.path("elsewhere").exists());
}

#[test]
fn a_database_that_was_exchanged_before_it_was_opened_is_refused() {
    let scratch = Scratch::new(&[]);
    std::fs::create_dir(scratch.path("volume")).unwrap();
    std::fs::create_dir(scratch.path("outside")).unwrap();
    scratch.write("outside/app.db", "");
    let file = std::rc::Rc::new(root(&scratch).hold_or_make_file(Path::new("/volume/app.db")).unwrap());
    exchange(&scratch, "volume", "outside");
    let failure = Sqlite::open(file.clone(), &[], (Duration::ZERO, never())).unwrap_err();
    assert_eq!(failure.kind(), Kind::FileSystem);
    assert_text(&failure, &["cannot open the database `/volume/app.db`: was exchanged while it was looked at"]);
    exchange(&scratch, "volume", "outside");
    Sqlite::open(file, &[], (Duration::ZERO, never())).unwrap();
}

#[test]
fn a_race_for_the_directory_of_a_database_makes_nothing_outside() {
    let scratch = Scratch::new(&[]);
    for directory in ["volume", "outside"] {
        std::fs::create_dir(scratch.path(directory)).unwrap();
    }
    std::fs::create_dir(scratch.path("volume/db")).unwrap();
    // The link of a service user: with one of root, the file layer would rightly follow it.
    std::os::unix::fs::symlink(scratch.path("outside"), scratch.path("volume/link")).unwrap();
    let foreign = std::os::unix::fs::lchown(scratch.path("volume/link"), Some(10001), Some(10001)).is_ok();
    let done = AtomicBool::new(false);
    let opened = thread::scope(|scope| {
        scope.spawn(|| {
            while !done.load(Ordering::Relaxed) {
                exchange(&scratch, "volume/db", "volume/link");
            }
        });
        let started = Instant::now();
        let mut opened = 0;
        // Counted are those that got through: most find nothing at the name.
        while opened < 100 && started.elapsed() < Duration::from_secs(2) {
            opened += u32::from(open_in_race(&scratch));
        }
        done.store(true, Ordering::Relaxed);
        opened
    });
    assert!(opened > 0, "the race was never won");
    let made = std::fs::read_dir(scratch.path("outside")).unwrap().count();
    assert!(made == 0 || !foreign, "{made} files outside, {opened} opened");
}

fn open_in_race(scratch: &Scratch) -> bool {
    let path = Path::new("/volume/db/app.db");
    let Ok(file) = root(scratch).hold_or_make_file(path) else { return false };
    Sqlite::open(file.into(), &[], (Duration::ZERO, never())).is_ok()
}

/// Where the C library has no `renameat2`, three renames have to do.
fn exchange(scratch: &Scratch, one: &str, other: &str) {
    for (from, to) in [(one, "between"), (other, one), ("between", other)] {
        std::fs::rename(scratch.path(from), scratch.path(to)).unwrap();
    }
}

#[test]
fn eight_at_once_go_through_steps_together() {
    let scratch = Scratch::new(&[
        (
            "1_a.sql",
            "create table a(x integer primary key);\nvacuum;\ninsert into a values (1);\nvacuum;\ninsert into a values (2);",
        ),
        ("2_b.sql", "insert into a values (3);\nvacuum;"),
    ]);
    let applied: usize = thread::scope(|scope| {
        let runners: Vec<_> = (0..8).map(|_| scope.spawn(|| apply(&scratch))).collect();
        runners.into_iter().map(|runner| runner.join().unwrap().unwrap()).sum()
    });
    assert!(applied >= 2, "{applied}");
    assert_eq!(query(&scratch, "select group_concat(x) from a"), "1,2,3");
    assert_eq!(query(&scratch, "select count(*) || '' from fitout_migrations_journal"), "0");
    assert_eq!(query(&scratch, "select count(*) || '' from fitout_migrations"), "2");
}

/// With a statement for the start of the session.
fn apply_with(scratch: &Scratch, statement: &str) -> Result<usize, Failure> {
    let file = root(scratch).hold_or_make_file(Path::new("/app.db")).unwrap();
    let wait = Duration::from_secs(30);
    let session = Sqlite::open(file.into(), &[statement.to_owned()], (wait, never()))?;
    apply_all(session, &scratch.migrations(Language), wait)
}

#[test]
fn what_a_file_sets_ends_with_it() {
    let scratch = Scratch::new(&[
        (
            "1_a.sql",
            "create table a(x);\npragma recursive_triggers = on;\npragma foreign_keys = on;\ncreate temp table t(x);",
        ),
        (
            "2_b.sql",
            "insert into a select recursive_triggers from pragma_recursive_triggers;\n\
             insert into a select foreign_keys from pragma_foreign_keys;\ncreate temp table t(y);\nvacuum;\npragma cache_size = 7;",
        ),
        (
            "3_c.sql",
            "insert into a select cache_size <> 7 from pragma_cache_size; insert into a select count(*) from temp.sqlite_master;",
        ),
    ]);
    assert_eq!(apply(&scratch).unwrap(), 3);
    assert_eq!(query(&scratch, "select group_concat(x) from a"), "0,0,1,0");
}

#[test]
fn what_a_file_sets_holds_for_all_of_its_steps() {
    let look = "insert into a select recursive_triggers || foreign_keys from pragma_recursive_triggers, pragma_foreign_keys;\n";
    let first =
        format!("create table a(x);\npragma recursive_triggers = on;\npragma foreign_keys = 1;\n{look}vacuum;\n{look}");
    let scratch = Scratch::new(&[("1_a.sql", &format!("{first}insert into none values (1);"))]);
    assert_text(&apply(&scratch).unwrap_err(), &["no such table: none"]);
    // Another connection goes on.
    scratch.write("1_a.sql", format!("{first}select 1;\n"));
    assert_eq!(apply(&scratch).unwrap(), 1);
    assert_eq!(query(&scratch, "select group_concat(x) from a"), "11,11");
}

#[test]
fn foreign_keys_are_as_the_session_says_unless_a_file_does() {
    let rebuild = "create table new(id integer primary key);\ninsert into new(id) select id from parent;\n\
                   drop table parent;\nalter table new rename to parent;\n";
    for (session, pragma, wanted) in [
        ("PRAGMA foreign_keys=ON", "", "0"),
        ("PRAGMA foreign_keys=ON", "PRAGMA foreign_keys=OFF;\n", "1"),
        ("PRAGMA foreign_keys=OFF", "", "1"),
        ("PRAGMA foreign_keys=OFF", "PRAGMA foreign_keys=ON;\n", "0"),
    ] {
        let scratch = Scratch::new(&[
            (
                "1_a.sql",
                "create table parent(id integer primary key); insert into parent values (1);
                 create table child(parent integer references parent(id) on delete cascade); insert into child values (1);",
            ),
            ("2_b.sql", &format!("{pragma}{rebuild}")),
        ]);
        assert_eq!(apply_with(&scratch, session).unwrap(), 2);
        assert_eq!(query(&scratch, "select cast(count(*) as text) from child"), wanted, "{session} {pragma}");
    }
}

#[test]
fn a_statement_that_runs_alone_waits_for_the_file_too() {
    let scratch = Scratch::new(&[("1_a.sql", "create table a(x)")]);
    assert_eq!(apply(&scratch).unwrap(), 1);
    scratch.write("2_b.sql", "pragma journal_mode = delete;");
    let other = Connection::open(scratch.path("app.db")).unwrap();
    // As long as anybody has the file open its log stays, beside which it can be written to.
    other.execute_batch("pragma journal_mode = wal; begin; select * from a;").unwrap();
    thread::scope(|scope| {
        let runner = scope.spawn(|| apply(&scratch));
        super::until("the statement is not begun", || {
            let sql = "select count(*) || '' from sqlite_master where name = 'fitout_migrations_journal'";
            query(&scratch, sql) == "1"
                && query(&scratch, "select count(*) || '' from fitout_migrations_journal where state = 'running'")
                    == "1"
        });
        thread::sleep(Duration::from_millis(800));
        drop(other);
        assert_eq!(runner.join().unwrap().unwrap(), 1);
    });
}
