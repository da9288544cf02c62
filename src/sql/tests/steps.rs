//! Migrations that cannot be one transaction, against a real PostgreSQL server.

use std::thread;
use std::time::Duration;

use super::server::{Server, TestDatabase};
use super::{Scratch, apply_all, assert_text, never, run};
use crate::failure::{Failure, Kind};
use crate::sql::Dialect::Postgres as Language;
use crate::sql::{Postgres, resolve};

fn apply(database: &TestDatabase, scratch: &Scratch) -> Result<usize, Failure> {
    let session = Postgres::connect(&database.address(), &[], never())?;
    apply_all(session, &scratch.migrations(Language), Duration::from_secs(30))
}

fn indexes(database: &TestDatabase) -> String {
    database.query(
        "select coalesce(string_agg(c.relname || ' ' || i.indisvalid, ', ' order by c.relname), '') from pg_index i \
         join pg_class c on c.oid = i.indexrelid where c.relname like 'i%'",
    )
}

#[test]
fn indexes_are_built_beside_others_while_eight_start_at_once() {
    let Some(server) = Server::shared() else { return };
    let database = server.database("steps_eight");
    let scratch = Scratch::new(&[
        ("1_a.sql", "create table a(x int);\ninsert into a select generate_series(1, 1000);"),
        (
            "2_b.sql",
            "create index concurrently i1 on a(x);\nalter table a add y int;\ninsert into a values (0, 0);\n\
             create unique index concurrently i2 on a(y); vacuum a;",
        ),
        (
            "3_c.sql",
            "-- fitout: no-transaction\ncreate type t as enum ('a'); alter type t add value 'b'; create table b(t t default 'b');",
        ),
    ]);
    let applied: usize = thread::scope(|scope| {
        let runners: Vec<_> = (0..8).map(|_| scope.spawn(|| apply(&database, &scratch))).collect();
        runners.into_iter().map(|runner| runner.join().unwrap().unwrap()).sum()
    });
    assert_eq!(applied, 3);
    assert_eq!(indexes(&database), "i1 true, i2 true");
    assert_eq!(database.query("select count(*) from fitout_migrations_journal"), "0");
    assert_eq!(database.query("select count(*) from a"), "1001");
    assert_eq!(apply(&database, &scratch).unwrap(), 0);
}

#[test]
fn a_failed_statement_is_repaired_and_gone_on_with() {
    let Some(server) = Server::shared() else { return };
    let database = server.database("steps_failed");
    let first = "create table a(x int);\ninsert into a values (1), (1);\n";
    let scratch = Scratch::new(&[("1_a.sql", &format!("{first}create unique index concurrently i on a(x);"))]);
    let failure = apply(&database, &scratch).unwrap_err();
    assert_eq!(failure.kind(), Kind::Database);
    assert_text(
        &failure,
        &["could not create unique index \"i\"", "--> /1_a.sql:3:1\n", "what was done before this statement stays"],
    );
    assert_eq!(indexes(&database), "i false");
    assert_text(&apply(&database, &scratch).unwrap_err(), &["could not create unique index"]);
    scratch.write("1_a.sql", "create table b();\ncreate unique index concurrently i on a(x);");
    let failure = apply(&database, &scratch).unwrap_err();
    assert_eq!(failure.kind(), Kind::Drift);
    assert_text(&failure, &["cannot go on with `/1_a.sql`: it was changed before its statement 3"]);
    // The data is put right by hand, and the statement itself is changed.
    database.query("truncate a");
    scratch.write(
        "1_a.sql",
        format!("{first}create unique index concurrently if not exists i on a(x);\ncreate table c();"),
    );
    assert_eq!(apply(&database, &scratch).unwrap(), 1);
    assert_eq!(indexes(&database), "i true");
    assert_eq!(database.query("select count(*) from a"), "0");
}

/// What a kill leaves: the entry of the journal, and the statement done or not.
fn killed(database: &TestDatabase, scratch: &Scratch, done: &str) {
    let text = scratch.migrations(Language)[0].clone();
    let statements = text.statements(Language);
    let step = statements.len() - 1;
    let entry = crate::sql::journal::Marks::new(&statements).entry(&statements, step, true);
    database.query(&format!(
        "create table fitout_migrations_journal (version text primary key, step integer not null, state varchar(10) not null, \
         before_hash varchar(64) not null, statement_hash varchar(64) not null, written_at timestamptz not null default now()); \
         insert into fitout_migrations_journal values ('1', {step}, 'running', '{}', '{}'); {done}",
        entry.before, entry.statement
    ));
}

#[test]
fn a_statement_in_doubt_is_settled_by_its_kind() {
    let Some(server) = Server::shared() else { return };
    let part =
        "create table p(x int) partition by range (x); create table p1 partition of p for values from (0) to (9);";
    for (name, statement, done, wanted) in [
        ("not_done", "create index concurrently i on a(x);", "create table a(x int)", Ok("i true")),
        ("done", "create index concurrently i on a(x);", "create table a(x int); create index i on a(x)", Ok("i true")),
        ("drop", "drop index concurrently i;", "create table a(x int)", Ok("")),
        ("drop_not_done", "drop index concurrently i;", "create table a(x int); create index i on a(x)", Ok("")),
        ("reindex", "reindex index concurrently i;", "create table a(x int); create index i on a(x)", Ok("i true")),
        ("vacuum", "vacuum a;", "create table a(x int)", Ok("")),
        (
            "detach",
            "alter table p detach partition p1 concurrently;",
            part,
            Err("an earlier run was ended in the middle of this statement"),
        ),
    ] {
        let database = server.database(&format!("doubt_{name}"));
        let scratch = Scratch::new(&[("1_a.sql", &format!("create table never();\n{statement}"))]);
        killed(&database, &scratch, done);
        match (apply(&database, &scratch), wanted) {
            (Ok(applied), Ok(wanted)) => {
                assert_eq!((applied, indexes(&database).as_str()), (1, wanted), "{name}");
                // What stood before was done, as the journal said.
                assert_eq!(database.query("select count(*) from pg_class where relname = 'never'"), "0");
            }
            (Err(failure), Err(wanted)) => {
                assert_eq!(failure.kind(), Kind::InDoubt);
                assert_text(
                    &failure,
                    &[
                        wanted,
                        "--> /1_a.sql:2:1\n",
                        "`fitout migrate --resolve 1=done`, or `--resolve 1=retry` to run it again",
                    ],
                );
            }
            (found, _) => panic!("{name}: {found:?}"),
        }
    }
}

#[test]
fn a_statement_in_doubt_must_not_have_changed() {
    let Some(server) = Server::shared() else { return };
    let database = server.database("doubt_changed");
    let scratch = Scratch::new(&[("1_a.sql", "create table never();\nvacuum;")]);
    killed(&database, &scratch, "select 1");
    scratch.write("1_a.sql", "create table never();\nvacuum full;");
    let failure = apply(&database, &scratch).unwrap_err();
    assert_eq!(failure.kind(), Kind::InDoubt);
    assert_text(&failure, &["its statement 2 was changed after it was begun"]);
}

#[test]
fn a_frame_of_begin_and_commit_is_what_is_done_anyway() {
    let Some(server) = Server::shared() else { return };
    let database = server.database("framed");
    let scratch =
        Scratch::new(&[("1_a.sql", "-- golang-migrate\nBEGIN;\ncreate table a();\nselect 1 from nothing;\nCOMMIT;\n")]);
    assert_text(&apply(&database, &scratch).unwrap_err(), &["\"nothing\" does not exist", "--> /1_a.sql:4:15"]);
    assert_eq!(database.query("select count(*) from pg_class where relname = 'a'"), "0");
    scratch.write("1_a.sql", "BEGIN;\ncreate table a();\nCOMMIT;\n");
    assert_eq!(apply(&database, &scratch).unwrap(), 1);
}

#[test]
fn lines_of_copy_are_part_of_the_transaction() {
    let Some(server) = Server::shared() else { return };
    let database = server.database("copied");
    let copy = |last: &str| {
        format!(
            "\\restrict abc\ncreate table a(x int, y text);\nCOPY a (x, y) FROM stdin;\n1\tone;\n2\t\\N\n{last}\n\\.\n\ninsert into a values (4, 'four');\n\
             COPY a FROM stdin;\n\\.\nselect 1;\n\\unrestrict abc\n"
        )
    };
    let scratch = Scratch::new(&[("1_a.sql", &copy("x\tthree"))]);
    let failure = apply(&database, &scratch).unwrap_err();
    assert_text(
        &failure,
        &["invalid input syntax for type integer", "--> /1_a.sql:3:1", "nothing of this migration is left"],
    );
    assert_eq!(database.query("select count(*) from pg_class where relname = 'a'"), "0");
    scratch.write("1_a.sql", copy("3\tthree"));
    assert_eq!(apply(&database, &scratch).unwrap(), 1);
    assert_eq!(
        database.query("select string_agg(x || coalesce(y, 'NULL'), ' ' order by x) from a"),
        "1one; 2NULL 3three 4four"
    );
}

#[test]
fn what_was_done_in_steps_is_not_done_again_when_the_rest_needs_none() {
    let Some(server) = Server::shared() else { return };
    let database = server.database("steps_no_more");
    let first = "create table a(x int);\ninsert into a values (1), (1);\n";
    let scratch = Scratch::new(&[("1_a.sql", &format!("{first}create unique index concurrently i on a(x);"))]);
    assert_eq!(apply(&database, &scratch).unwrap_err().kind(), Kind::Database);
    scratch.write("1_a.sql", format!("{first}create index i2 on a(x);"));
    assert_eq!(apply(&database, &scratch).unwrap(), 1);
    assert_eq!(database.query("select count(*) from a"), "2");
    assert_eq!(database.query("select count(*) from fitout_migrations_journal"), "0");
}

#[test]
fn settings_of_the_file_hold_for_all_of_its_steps() {
    let Some(server) = Server::shared() else { return };
    let database = server.database("steps_settings");
    let scratch = Scratch::new(&[(
        "1_a.sql",
        "create schema s; create table s.a(x int);\nset search_path = s;\nvacuum a;\ninsert into a values (1);\nvacuum a;",
    )]);
    assert_eq!(apply(&database, &scratch).unwrap(), 1);
    assert_eq!(database.query("select count(*) from s.a"), "1");
}

fn resolved(database: &TestDatabase, scratch: &Scratch, text: &str) -> Result<String, Failure> {
    let mut session = Postgres::connect(&database.address(), &[], never())?;
    let migrations = scratch.migrations(Language);
    resolve(Some(&mut session), &run(&migrations, Duration::from_secs(1)), &text.parse().unwrap())
}

#[test]
fn what_was_changed_before_the_statement_in_doubt_cannot_be_resolved() {
    let Some(server) = Server::shared() else { return };
    let database = server.database("resolve_changed");
    let scratch = Scratch::new(&[("1_a.sql", "create table never();\ncall f();")]);
    killed(&database, &scratch, "select 1");
    scratch.write("1_a.sql", "create table other();\ncall f();");
    let failure = resolved(&database, &scratch, "1=done").unwrap_err();
    assert_eq!(failure.kind(), Kind::Drift);
    assert_text(&failure, &["cannot go on with `/1_a.sql`: it was changed before its statement 2"]);
    // What comes after it may be another.
    scratch.write("1_a.sql", "create table never();\nselect 1;");
    assert_eq!(apply(&database, &scratch).unwrap_err().kind(), Kind::InDoubt);
    assert_eq!(
        resolved(&database, &scratch, "1=retry").unwrap(),
        "the next run goes on with statement 2 of `/1_a.sql`"
    );
    assert_eq!(apply(&database, &scratch).unwrap(), 1);
}

#[test]
fn a_setting_that_a_file_takes_back_is_taken_back_for_all_of_its_steps() {
    let Some(server) = Server::shared() else { return };
    let database = server.database("steps_reset");
    let scratch = Scratch::new(&[(
        "1_a.sql",
        "create schema s;\nset search_path = s;\nvacuum;\nreset search_path;\nvacuum;\ncreate table a();\n\
         select pg_catalog.set_config('search_path', 's', false);\nvacuum;\ncreate table b();",
    )]);
    assert_eq!(apply(&database, &scratch).unwrap(), 1);
    assert_eq!(
        database.query(
            "select string_agg(schemaname || '.' || tablename, ' ' order by tablename) from pg_tables \
                               where tablename in ('a', 'b')"
        ),
        "public.a s.b"
    );
}

#[test]
fn a_person_can_say_that_the_statement_in_doubt_was_done_or_not() {
    let Some(server) = Server::shared() else { return };
    let part =
        "create table p(x int) partition by range (x); create table p1 partition of p for values from (0) to (9);";
    for (name, resolution, partitions) in [("resolve_not_done", "1=retry", "0"), ("resolve_done", "001=done", "1")] {
        let database = server.database(name);
        let text = "create table never();\nalter table p detach partition p1 concurrently;";
        let scratch = Scratch::new(&[("1_a.sql", text)]);
        killed(&database, &scratch, part);
        assert_eq!(apply(&database, &scratch).unwrap_err().kind(), Kind::InDoubt);
        let meaning = resolved(&database, &scratch, resolution).unwrap();
        assert!(meaning.starts_with("the next run goes on "), "{meaning}");
        // Once said, it is said.
        let failure = resolved(&database, &scratch, resolution).unwrap_err();
        assert_text(&failure, &["cannot resolve `/1_a.sql`: nothing of it is in doubt"]);
        assert_eq!(apply(&database, &scratch).unwrap(), 1);
        assert_eq!(database.query("select count(*) from pg_inherits"), partitions, "{name}");
        assert_eq!(database.query("select count(*) from fitout_migrations_journal"), "0");
        assert_eq!(apply(&database, &scratch).unwrap(), 0);
    }
}

#[test]
fn what_may_commit_runs_alone_in_a_file_that_is_no_transaction() {
    let Some(server) = Server::shared() else { return };
    let database = server.database("steps_routines");
    let scratch = Scratch::new(&[(
        "1_a.sql",
        "-- fitout: no-transaction\ncreate table a(x int);\n\
         create procedure p() language plpgsql as $$ begin insert into a values (1); commit; insert into a values (2); end $$;\n\
         call p();\ndo $$ begin insert into a values (3); commit; insert into a values (4); end $$;\n\
         create type t as enum ('a');\nalter type t add value 'b';\ncreate table b(t t default 'b');\ninsert into b default values;\n",
    )]);
    assert_eq!(apply(&database, &scratch).unwrap(), 1);
    assert_eq!(database.query("select string_agg(x::text, ' ' order by x) from a"), "1 2 3 4");
    assert_eq!(database.query("select string_agg(t::text, ' ') from b"), "b");
    assert_eq!(database.query("select count(*) from fitout_migrations_journal"), "0");
}
