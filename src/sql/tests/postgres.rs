//! Migrations against a real PostgreSQL server.

use std::net::TcpListener;
use std::thread;
use std::time::{Duration, Instant};

use super::server::{Server, TestDatabase, address, query};
use super::{Scratch, apply_all, assert_text, never, until};
use crate::failure::{Failure, Kind};
use crate::process::Interrupt;
use crate::sql::Dialect::Postgres as Language;
use crate::sql::session::LockName;
use crate::sql::{Postgres, Stop};

const WAIT: Duration = Duration::from_secs(30);

fn apply_until(database: &TestDatabase, scratch: &Scratch, wait: Duration, stop: Stop) -> Result<usize, Failure> {
    let session = Postgres::connect(&database.address(), &[], stop)?;
    apply_all(session, &scratch.migrations(Language), wait)
}

fn apply(database: &TestDatabase, scratch: &Scratch) -> Result<usize, Failure> {
    apply_until(database, scratch, WAIT, never())
}

fn tables(database: &TestDatabase) -> String {
    database.query(
        "select coalesce(string_agg(tablename, ',' order by tablename), '') from pg_tables where schemaname = 'public'",
    )
}

/// Waits until a migration sleeps on the server.
fn until_asleep(session: &mut Postgres) {
    until("the migration does not start", || {
        query(
            session,
            "select count(*) from pg_stat_activity where application_name = 'fitout/migrate' and wait_event = \
                        'PgSleep' and datname = current_database()",
        ) == "1"
    });
}

#[test]
fn the_second_run_does_nothing() {
    let Some(server) = Server::shared() else { return };
    let database = server.database("second_run");
    let scratch = Scratch::new(&[
        ("1_a.sql", "create table a(x int); -- end"),
        (
            "2_b's.sql",
            "create function f() returns int language sql begin atomic select 1; select 2; end;\ndo $$ begin perform f(); end $$",
        ),
        ("3_empty.sql", ""),
        ("10_c.sql", "insert into a values (1)"),
    ]);
    assert_eq!(apply(&database, &scratch).unwrap(), 4);
    assert_eq!(apply(&database, &scratch).unwrap(), 0);
    assert_eq!(
        database.query("select string_agg(version || name, ' ' order by version::int) from fitout_migrations"),
        "1a 2b's 3empty 10c"
    );
    assert_eq!(
        database.query("select bool_and(applied_at <= now() and execution_milliseconds >= 0) from fitout_migrations"),
        "t"
    );
}

#[test]
fn a_failed_migration_leaves_nothing_and_shows_its_line() {
    let Some(server) = Server::shared() else { return };
    let database = server.database("failed");
    let scratch = Scratch::new(&[(
        "1_a.sql",
        "create table a(x int unique deferrable initially deferred, y int check (y > 0));",
    )]);
    for (sql, wanted) in [
        (
            "create table b();\n-- ü💥\nselect 'ü' from\n  missing where x;",
            vec![
                "cannot apply `/2_b.sql`: relation \"missing\" does not exist (SQLSTATE 42P01)\n",
                "--> /2_b.sql:4:3\n",
                " 4 |   missing where x;\n   |   ^^^^^^^\n",
                "nothing of this migration is left",
            ],
        ),
        (
            "create table b();\nselect 1 +;\n",
            vec!["syntax error at or near \";\" (SQLSTATE 42601)", "--> /2_b.sql:2:11"],
        ),
        ("create table b();\n;;\n/* c */ insert into a values (1, 0);", vec!["check constraint", "--> /2_b.sql:3:9"]),
        ("create table b();\nselect f();", vec!["the server's hint: No function matches", "--> /2_b.sql:2:8"]),
        ("create table b();\ninsert into a values (7), (7);", vec!["duplicate key value violates unique constraint"]),
    ] {
        scratch.write("2_b.sql", sql);
        let failure = apply(&database, &scratch).unwrap_err();
        assert_eq!(failure.kind(), Kind::Database);
        assert_text(&failure, &wanted);
        // DETAIL holds the row.
        assert!(!["=(7)", "Failing row"].iter().any(|value| failure.to_text().contains(value)), "{failure}");
        assert_eq!(tables(&database), "a,fitout_migrations", "{sql}");
        assert_eq!(database.query("select count(*) from fitout_migrations"), "1");
    }
    scratch.write("2_b.sql", "create table b()");
    assert_eq!(apply(&database, &scratch).unwrap(), 1);
}

#[test]
fn what_was_applied_must_stay() {
    let Some(server) = Server::shared() else { return };
    let database = server.database("rules");
    let scratch = Scratch::new(&[("1_a.sql", "create table a()"), ("3_c.sql", "create table c()")]);
    assert_eq!(apply(&database, &scratch).unwrap(), 2);
    scratch.write("2_b.sql", "create table b()");
    assert_text(&apply(&database, &scratch).unwrap_err(), &["migration 3 `c` is applied already, and newer"]);
    scratch.remove("2_b.sql");
    scratch.write("1_a.sql", "create table a(x int)");
    assert_text(&apply(&database, &scratch).unwrap_err(), &["cannot accept `/1_a.sql`: it was changed", "stored: "]);
    scratch.remove("1_a.sql");
    assert_text(&apply(&database, &scratch).unwrap_err(), &["cannot find migration 1 `a`"]);
    scratch.write("1_a.sql", "create table a()");
    scratch.remove("3_c.sql");
    assert_eq!(apply(&database, &scratch).unwrap(), 0);
}

#[test]
fn eight_at_once_apply_each_once() {
    let Some(server) = Server::shared() else { return };
    let database = server.database("eight");
    let scratch = Scratch::new(&[("1_a.sql", "create table a(x int); select pg_sleep(0.3)")]);
    for version in 2..12 {
        scratch.write(&format!("{version}_b.sql"), format!("insert into a values ({version})"));
    }
    let applied: usize = thread::scope(|scope| {
        let runners: Vec<_> = (0..8).map(|_| scope.spawn(|| apply(&database, &scratch))).collect();
        runners.into_iter().map(|runner| runner.join().unwrap().unwrap()).sum()
    });
    assert_eq!(applied, 11);
    assert_eq!(database.query("select count(*) || ' ' || count(distinct x) from a"), "10 10");
}

#[test]
fn a_lost_connection_leaves_nothing() {
    let Some(server) = Server::shared() else { return };
    let database = server.database("lost");
    let scratch = Scratch::new(&[("1_a.sql", "create table a(); select pg_sleep(30)")]);
    let failure = thread::scope(|scope| {
        let runner = scope.spawn(|| apply(&database, &scratch));
        let mut session = database.session();
        until_asleep(&mut session);
        query(
            &mut session,
            "select pg_terminate_backend(pid) from pg_stat_activity where wait_event = 'PgSleep' and datname = \
                         current_database()",
        );
        runner.join().unwrap().unwrap_err()
    });
    assert_eq!(failure.kind(), Kind::Unreachable);
    assert_eq!(tables(&database), "fitout_migrations");
    scratch.write("1_a.sql", "create table a()");
    assert_eq!(apply(&database, &scratch).unwrap(), 1);
}

#[test]
fn a_signal_rolls_back_at_once() {
    let Some(server) = Server::shared() else { return };
    let database = server.database("signal");
    let scratch = Scratch::new(&[("1_a.sql", "create table a(); select pg_sleep(30)")]);
    let interrupt = Interrupt::manual().unwrap();
    let started = Instant::now();
    thread::scope(|scope| {
        let stop = Stop::new(interrupt.clone(), None);
        let runner = scope.spawn(|| apply_until(&database, &scratch, WAIT, stop));
        let mut session = database.session();
        until_asleep(&mut session);
        interrupt.trigger(15);
        assert_eq!(runner.join().unwrap().unwrap_err().kind(), Kind::Interrupted(15));
        until("the statement is not cancelled", || {
            query(
                &mut session,
                "select count(*) from pg_stat_activity where wait_event = 'PgSleep' and datname = \
                             current_database()",
            ) == "0"
        });
    });
    assert!(started.elapsed() < Duration::from_secs(20));
    assert_eq!(tables(&database), "fitout_migrations");
}

#[test]
fn a_lock_that_stays_held_is_reported_with_its_holder() {
    let Some(server) = Server::shared() else { return };
    let database = server.database("locked");
    let scratch = Scratch::new(&[("1_a.sql", "create table a()")]);
    let mut other = database.session();
    let LockName::Number(key) = LockName::number("fitout:migrate:public.fitout_migrations") else { panic!("a number") };
    query(&mut other, &format!("select pg_advisory_lock({key})"));
    let pid = query(&mut other, "select pg_backend_pid()");
    let failure = apply_until(&database, &scratch, Duration::from_millis(300), never()).unwrap_err();
    assert_eq!(failure.kind(), Kind::Lock);
    assert_text(&failure, &[&format!("it is held by process {pid} (`fitout/migrate` from 127.0.0.1, idle for ")]);
    let stop = Stop::new(Interrupt::none(), Some(Instant::now() + Duration::from_millis(300)));
    assert_eq!(apply_until(&database, &scratch, WAIT, stop).unwrap_err().kind(), Kind::Timeout);
    drop(other);
    assert_eq!(apply(&database, &scratch).unwrap(), 1);
}

#[test]
fn what_a_migration_sets_ends_with_it() {
    let Some(server) = Server::shared() else { return };
    let database = server.database("session");
    database.query("create role nobody_much");
    let scratch = Scratch::new(&[
        ("1_a.sql", "select pg_catalog.set_config('search_path', '', false); create table public.a();"),
        ("2_b.sql", "set standard_conforming_strings = off; set role nobody_much;"),
        ("3_c.sql", "create table b(); comment on table b is 'a\\';"),
    ]);
    assert_eq!(apply(&database, &scratch).unwrap(), 3);
    assert_eq!(tables(&database), "a,b,fitout_migrations");
}

#[test]
fn a_refused_connection_says_why_and_tells_no_password() {
    let Some(server) = Server::shared() else { return };
    let database = server.database("refused");
    let closed = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    for (url, wanted) in [
        (database.url("app:hunter2"), "password authentication failed for user \"app\" (SQLSTATE 28P01)"),
        (database.url("app"), "the server wants a password"),
        (database.url("app:hunter2").replace("/refused", "/none"), "password authentication failed"),
        (format!("postgres://app:hunter2@127.0.0.1:{closed}/x"), "connection refused\n"),
        ("postgres://app:hunter2@%2Fnowhere/x".to_owned(), "no such file or directory\n"),
    ] {
        let failure = Postgres::connect(&address(&url), &[], never()).unwrap_err();
        assert_eq!(failure.kind().code(), 7, "{url}");
        assert_text(&failure, &["cannot connect to database `", wanted]);
        assert!(!format!("{failure:?}").contains("hunter2"), "{failure:?}");
    }
}

#[test]
fn values_of_rows_stay_in_the_database() {
    let Some(server) = Server::shared() else { return };
    let database = server.database("values");
    let scratch = Scratch::new(&[("1_a.sql", "create table a(x text); insert into a values ('hunter2');")]);
    assert_eq!(apply(&database, &scratch).unwrap(), 1);
    for (sql, wanted) in [
        ("alter table a alter x type int using x::int;", "invalid input syntax for type integer (SQLSTATE 22P02)"),
        ("alter table a alter x type date using x::date;", "invalid input syntax for type date (SQLSTATE 22007)"),
        ("update a set x = to_date(x, 'YYYY');", "(SQLSTATE 22007)"),
        ("alter table a alter x type varchar(3);", "value too long for type character varying(3) (SQLSTATE 22001)"),
        ("alter table a alter x type json using x::json;", "invalid input syntax for type json (SQLSTATE 22P02)"),
        (
            "update a set x = ('9' || length(x) || '99999999999')::int;",
            "is out of range for type integer (SQLSTATE 22003)",
        ),
        ("create unique index on a((x > 'a')); insert into a values ('hunter3');", "(SQLSTATE 23505)"),
        ("alter table a add check (x < 'a');", "is violated by some row (SQLSTATE 23514)"),
    ] {
        scratch.write("2_b.sql", sql);
        let failure = apply(&database, &scratch).unwrap_err();
        assert_text(&failure, &[wanted, "--> /2_b.sql:1:"]);
        // Our own line of the file is what may be shown.
        let said = failure.to_text().replace(sql, "");
        assert!(!said.contains("hunter") && !said.contains("9799"), "{said}");
    }
}

#[test]
fn a_holder_of_whom_little_may_be_seen() {
    let Some(server) = Server::shared() else { return };
    let database = server.database("locked_by_other");
    database.query("create role holds_less login password 'x'");
    let mut other = database.session();
    let LockName::Number(key) = LockName::number("fitout:migrate:public.fitout_migrations") else { panic!("a number") };
    query(&mut other, &format!("select pg_advisory_lock({key})"));
    let pid = query(&mut other, "select pg_backend_pid()");
    let scratch = Scratch::new(&[("1_a.sql", "create table a()")]);
    let session = Postgres::connect(&address(&database.url("holds_less:x")), &[], never()).unwrap();
    let failure = apply_all(session, &scratch.migrations(Language), Duration::ZERO).unwrap_err();
    let wanted =
        format!("it is held by process {pid} (`fitout/migrate`; what it does only `pg_read_all_stats` may see)");
    assert_text(&failure, &[&wanted]);
    drop(other);
    database.query("drop role holds_less");
}

#[test]
fn a_server_notices_that_we_are_gone_whatever_a_migration_resets() {
    let Some(server) = Server::shared() else { return };
    let database = server.database("keepalives");
    let state = "create table s as select name, setting from pg_settings where name in \
                 ('client_connection_check_interval', 'tcp_keepalives_idle', 'tcp_keepalives_interval', 'tcp_keepalives_count')";
    let scratch =
        Scratch::new(&[("1_a.sql", "reset all;"), ("2_b.sql", "vacuum;\nreset all;\nvacuum;"), ("3_c.sql", state)]);
    assert_eq!(apply(&database, &scratch).unwrap(), 3);
    assert_eq!(database.query("select string_agg(setting, ' ' order by name) from s"), "2000 3 30 10");
}
