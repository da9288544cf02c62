//! What statements mean for a transaction, and how they are settled in doubt.

use super::split;
use crate::sql::Dialect::{self, Mysql, Postgres, Sqlite};
use crate::sql::lexer::{Class, Doubt, IndexDoubt, IndexWork, accepted_codes};

/// In one word, and what belongs to it.
fn class(text: &str, dialect: Dialect) -> String {
    match split(text, dialect)[0].class(dialect) {
        Class::Ordinary => "ordinary".to_owned(),
        Class::TransactionControl(words) => format!("control {words}"),
        Class::Refused(refused) => format!("refused {}", refused.cause),
        Class::Alone(Doubt::Index(IndexDoubt { work, schema, name, table })) => {
            let work = match work {
                IndexWork::Create => "create",
                IndexWork::Reindex => "reindex",
                IndexWork::Drop => "drop",
            };
            let part = |part: Option<String>| part.unwrap_or_else(|| "-".to_owned());
            format!("{work} {} {} {}", part(schema), part(name), part(table))
        }
        Class::Alone(doubt) => format!("{doubt:?}").to_lowercase(),
    }
}

/// A class, and statements that are of it.
type Rows = &'static [(&'static str, &'static [&'static str])];

fn check(dialect: Dialect, rows: Rows) {
    for (wanted, texts) in rows {
        for text in *texts {
            let found = class(text, dialect);
            let matches = if *wanted == "refused" { found.starts_with(wanted) } else { found == *wanted };
            assert!(matches, "{dialect:?} {text}: {found}, not {wanted}");
        }
    }
}

const POSTGRES: Rows = &[
    (
        "ordinary",
        &[
            "select 1",
            "create table a (b int)",
            "create index i on a (b)",
            "create index \"concurrently\" on a (b)",
            "create index if not exists concurrently_built on a (b)",
            "drop index i",
            "reindex table a",
            "cluster a using i",
            "analyze",
            "alter type a add value 'b'",
            "alter table a detach partition b",
            "alter table a add column concurrently int",
            "refresh materialized view concurrently a",
            "truncate a",
            "grant select on a to b",
            "set constraints all deferred",
            "set local search_path = a",
            "prepare a as select 1",
            "prepare transaction_log as select 1",
            "savepoint a",
            "rollback to a",
            "rollback work to savepoint a",
            "release a",
            "do $$begin commit; end$$",
            "call a()",
            "copy a from '/b'",
            "copy a from stdin;\n1\n\\.\n",
            "create schema a create table b (c int)",
            "alter database a rename to b",
            "discard plans",
            "create statistics a on b, c from d",
            "drop table database",
            "/* vacuum */ select 1 -- vacuum",
            "\\restrict a\nselect 1",
            " -- nothing",
        ],
    ),
    ("control BEGIN", &["begin", "BEGIN WORK;", "/* a */ begin isolation level serializable"]),
    ("control COMMIT", &["commit", "commit and chain", "commit prepared 'a'"]),
    ("control ROLLBACK", &["rollback", "rollback prepared 'a'", "rollback work"]),
    ("control END", &["end"]),
    ("control ABORT", &["abort"]),
    ("control START", &["start transaction read only"]),
    ("control PREPARE", &["prepare transaction 'a'"]),
    ("control SET TRANSACTION", &["set transaction isolation level serializable", "set local transaction read only"]),
    (
        "create - i a",
        &[
            "create index concurrently i on a (b)",
            "CREATE UNIQUE INDEX CONCURRENTLY IF NOT EXISTS I ON ONLY A USING btree (b)",
        ],
    ),
    ("create s I\"x a.b", &["create index concurrently \"I\"\"x\" on s.\"a.b\" (c)"]),
    ("create - - a", &["create index concurrently on a (b)", "create unique index concurrently on only a (b)"]),
    ("create S on t", &["create index concurrently \"on\" on d.\"S\".t (b)"]),
    ("drop - i -", &["drop index concurrently i", "DROP INDEX CONCURRENTLY IF EXISTS I CASCADE"]),
    ("drop s i -", &["drop index concurrently s.i"]),
    (
        "reindex - i -",
        &[
            "reindex index concurrently i",
            "reindex (verbose, tablespace x) index concurrently i",
            "reindex (concurrently) index i",
        ],
    ),
    ("reindex s - a", &["reindex table concurrently s.a"]),
    ("reindex s - -", &["reindex schema concurrently s"]),
    ("reindex - - -", &["reindex database concurrently d", "reindex (concurrently) system"]),
    (
        "repeat",
        &[
            "vacuum",
            "vacuum (full, analyze) a",
            "reindex database a",
            "reindex schema a",
            "reindex (verbose) system a",
            "alter system set work_mem = '1GB'",
            "cluster",
            "cluster verbose",
            "cluster (verbose)",
            "drop database if exists a",
            "drop subscription if exists a",
            "alter database a set tablespace b",
            "alter subscription a refresh publication",
            "alter subscription a set publication b",
            "repack (concurrently) a",
        ],
    ),
    (
        "create",
        &[
            "create database a",
            "create tablespace a location '/b'",
            "create subscription a connection 'b' publication c",
        ],
    ),
    ("drop", &["drop database a", "drop tablespace a", "drop subscription a"]),
    (
        "unknown",
        &[
            "alter table a detach partition b concurrently",
            "alter table a detach partition b finalize",
            "alter subscription a add publication b",
            "create index concurrently U&\"d\\0061t\" on a (b)",
        ],
    ),
    (
        "refused",
        &[
            "copy a to stdout",
            "copy (select 1) to stdout with csv",
            "copy a from stdin",
            "copy a from stdin; select 1\n\\.\n",
            "select 1 \\gset",
        ],
    ),
    (
        "refused a backslash starts a command of psql, which is not SQL: `\\connect`",
        &["\\connect other\nselect 1", "select 1\n\\connect other"],
    ),
    ("refused a backslash starts a command of psql, which is not SQL: `\\c`", &["\\c other\n"]),
];

#[test]
fn classes_of_postgres() {
    check(Postgres, POSTGRES);
}

#[test]
fn names_as_the_catalogue_has_them() {
    let long = "é".repeat(40);
    let found = class(&format!("drop index concurrently {long}x"), Postgres);
    assert_eq!(found, format!("drop - {} -", "é".repeat(31)), "63 bytes, and no half character");
}

const SQLITE: Rows = &[
    (
        "ordinary",
        &[
            "create table a (b)",
            "alter table a drop column b",
            "create trigger a after insert on b begin select 1; end",
            "pragma foreign_keys = off",
            "pragma user_version = 3",
            "reindex",
            "analyze",
            "savepoint a",
            "release a",
            "rollback to a",
            "rollback transaction to savepoint a",
            "select 'vacuum'",
        ],
    ),
    ("control BEGIN", &["begin immediate"]),
    ("control END", &["end transaction"]),
    ("control COMMIT", &["commit"]),
    ("control ROLLBACK", &["rollback"]),
    (
        "repeat",
        &[
            "vacuum",
            "vacuum main",
            "pragma journal_mode = wal",
            "PRAGMA main.synchronous=off",
            "pragma wal_checkpoint(truncate)",
        ],
    ),
    ("refused", &["attach '/etc/x' as y", "detach y", "vacuum into 'x'", "vacuum main into 'x'", ".read x\n"]),
];

#[test]
fn classes_of_sqlite() {
    check(Sqlite, SQLITE);
}

const MYSQL: Rows = &[
    (
        "ordinary",
        &[
            "select 1",
            "(select 1) union (select 2)",
            "insert into a values (1)",
            "update a set b = 1",
            "delete from a",
            "replace into a values (1)",
            "with a as (select 1) select * from a",
            "set @a = 1",
            "set names utf8mb4",
            "set foreign_key_checks = 0",
            "SET @OLD = @@AUTOCOMMIT, @b = 1",
            "set session transaction isolation level read committed",
            "do sleep(0)",
            "values row(1)",
            "table a",
            "load data infile '/a' into table b",
            "create temporary table a (b int)",
            "create or replace temporary table a (b int)",
            "drop temporary table a",
            "savepoint a",
            "rollback to a",
            "rollback work to savepoint a",
            "release savepoint a",
            "show tables",
            "explain select 1",
            "prepare a from 'select 1'",
            "deallocate prepare a",
            "set statement max_statement_time = 1 for select 1",
            "/*!40101 SET NAMES utf8 */",
            "/*!99999 */",
            " -- nothing",
        ],
    ),
    ("control BEGIN", &["begin", "begin work"]),
    ("control START TRANSACTION", &["start transaction", "/*!40000 start transaction */"]),
    ("control COMMIT", &["commit"]),
    ("control ROLLBACK", &["rollback"]),
    ("control XA", &["xa start 'a'"]),
    ("control LOCK TABLES", &["lock tables a write"]),
    ("control UNLOCK TABLES", &["unlock tables"]),
    ("control SET TRANSACTION", &["set transaction isolation level serializable"]),
    (
        "control SET autocommit",
        &[
            "set autocommit = 0",
            "set @@session.autocommit := 1",
            "SET SESSION AUTOCOMMIT=0",
            "set names utf8, @@autocommit = 0",
            "/*!40101 SET @OLD_AUTOCOMMIT=@@AUTOCOMMIT, AUTOCOMMIT=0 */",
            "set `autocommit` = 0",
        ],
    ),
    (
        "create",
        &[
            "create table a (b int)",
            "create table a as select 1",
            "create database a",
            "create index i on a (b)",
            "create unique index i on a (b)",
            "create fulltext index i on a (b)",
            "create view a as select 1",
            "create algorithm = merge definer = a@b sql security invoker view a as select 1",
            "create procedure p() create table if not exists a (b int)",
            "create definer = a@b function f() returns int return 1",
            "create trigger t before insert on a for each row set @a = 1",
            "create event e on schedule every 1 day do select 1",
            "create sequence a",
            "alter table a add b int",
            "alter table d.a add column b int after c",
            "alter table a add column (b int, c int)",
            "alter table a add index i (b)",
            "alter table a add unique key i (b)",
            "alter table a add unique i (b)",
            "alter table a add fulltext i (b)",
            "alter table a add primary key (b)",
            "alter table a add constraint c foreign key (b) references d (e)",
            "alter table a add constraint c unique (b)",
            "alter table a add constraint c check (b > 0)",
            "alter table a wait 5 add b enum('c', 'd')",
            "/*!50003 create procedure p() begin end */",
        ],
    ),
    (
        "drop",
        &[
            "drop table a",
            "drop table a, b",
            "drop database a",
            "drop index i on a",
            "drop view a",
            "drop procedure p",
            "drop function f",
            "drop trigger t",
            "drop event e",
            "alter table a drop b",
            "alter table a drop column b",
            "alter table a drop primary key",
            "alter table a drop index i",
            "alter table a drop foreign key c",
            "alter table a drop constraint c",
        ],
    ),
    (
        "repeat",
        &[
            "create table if not exists a (b int)",
            "create table /*!32312 if not exists*/ a (b int)",
            "create or replace view a as select 1",
            "create or replace procedure p() begin end",
            "create definer = a@b procedure if not exists p() begin end",
            "create index if not exists i on a (b)",
            "create user if not exists a",
            "drop table if exists a",
            "drop user if exists a",
            "drop index if exists i on a",
            "alter table a modify b bigint not null",
            "alter table a modify column b int, alter c set default 1, comment = 'x, y'",
            "alter table a change b b int",
            "alter table a change column `b` B int",
            "alter table a engine = innodb",
            "alter table a auto_increment = 5, algorithm = inplace, lock = none",
            "alter table a convert to character set utf8mb4",
            "alter table a default character set utf8mb4",
            "alter table a disable keys",
            "alter table a add column if not exists b int",
            "alter table a add column if not exists b int, drop column if exists c",
            "alter table if exists a modify b int",
            "alter database a character set utf8mb4",
            "alter user a identified by 'b'",
            "alter view a as select 1",
            "analyze table a",
            "optimize table a",
            "flush privileges",
            "grant all on a.* to b",
            "truncate table a",
            "set password = 'a'",
            "set default role a",
        ],
    ),
    (
        "unknown",
        &[
            "alter table a add b int, add c int",
            "alter table a add b int, drop c",
            "alter table a rename to b",
            "alter table a rename column b to c",
            "alter table a change b c int",
            "alter table a add index (b)",
            "alter table a add unique (b)",
            "alter table a add unique key (b)",
            "alter table a add key using btree (b)",
            "alter table a add foreign key (b) references c (d)",
            "alter table a add constraint foreign key (b) references c (d)",
            "alter table a add check (b > 0)",
            "alter table a exchange partition p with table b",
            "rename table a to b",
            "rename user a to b",
            "create user a",
            "drop user a",
            "create role a",
            "revoke select on a.* from b",
            "call p()",
            "execute a",
            "execute immediate 'select 1'",
            "begin not atomic select 1; end",
            "install plugin a soname 'b'",
            "set statement max_statement_time = 1 for create table a (b int)",
            "frobnicate a",
        ],
    ),
    (
        "refused",
        &[
            "use other",
            "source x.sql",
            "\\. x.sql",
            "\\! rm",
            "select 1\\G",
            "status",
            "load data local infile 'a' into table b",
            "load data low_priority local infile 'a' into table b",
            "delimiter\nselect 1",
            "connect other",
        ],
    ),
];

#[test]
fn classes_of_mysql() {
    check(Mysql, MYSQL);
}

#[test]
fn codes_that_are_accepted() {
    assert!(accepted_codes(&Doubt::Create, Postgres).contains(&"42P07"));
    assert!(accepted_codes(&Doubt::Drop, Postgres).contains(&"42P01"));
    assert!(accepted_codes(&Doubt::Create, Mysql).contains(&"1060"));
    assert!(accepted_codes(&Doubt::Drop, Mysql).contains(&"1091"));
    for dialect in [Postgres, Mysql, Sqlite] {
        for doubt in [Doubt::Repeat, Doubt::Unknown] {
            assert_eq!(accepted_codes(&doubt, dialect), [""; 0]);
        }
    }
}

#[test]
fn refused_statements() {
    for (dialect, text, wanted) in [
        (Postgres, "BEGIN;", Some("`BEGIN` controls")),
        (Postgres, " /* x */ commit and chain;", Some("`COMMIT` controls")),
        (Postgres, "start transaction", Some("`START` controls")),
        (Postgres, "prepare transaction 'x'", Some("`PREPARE` controls")),
        (Postgres, "prepare x as select 1", None),
        (Postgres, "end", Some("`END` controls")),
        (Postgres, "abort", Some("`ABORT` controls")),
        (Postgres, "rollback", Some("`ROLLBACK` controls")),
        (Postgres, "rollback to savepoint a", None),
        (Postgres, "rollback work to a", None),
        (Postgres, "savepoint a", None),
        (Postgres, "discard all", Some("`DISCARD ALL` gives the lock away")),
        (Postgres, "release a", None),
        (Postgres, "do $$begin commit; end$$", None),
        (Postgres, "create unique index concurrently on a(b)", None),
        (Postgres, "create index \"concurrently\" on a(b)", None),
        (Postgres, "refresh materialized view concurrently a", None),
        (Postgres, "reindex (verbose) table concurrently a", None),
        (Postgres, "alter table a detach partition b concurrently", None),
        (Postgres, "vacuum", None),
        (Postgres, "copy a (b, c, d, e, f, g, h, i, j) from stdin", Some("`COPY` from or to")),
        (Postgres, "copy a from stdin;\n1\n\\.\n", None),
        (Postgres, "copy a from '/x'", None),
        (Postgres, "\\restrict abc\nselect 1", None),
        (Postgres, "\\restrict abc\n", None),
        (Sqlite, "begin immediate", Some("`BEGIN` controls")),
        (Sqlite, "end transaction", Some("`END` controls")),
        (Sqlite, "vacuum into 'x'", Some("`VACUUM`")),
        (Sqlite, "attach '/etc/x' as y", Some("`ATTACH`")),
        (Sqlite, "create trigger a after insert on b begin select 1; end", None),
        (Mysql, "create table a (b int)", None),
        (Mysql, "insert into a values (1)", None),
    ] {
        let found = split(text, dialect);
        let cause = found.iter().find_map(|statement| statement.refused(dialect)).map(|refused| refused.cause);
        match wanted {
            Some(wanted) => assert!(cause.as_deref().is_some_and(|c| c.starts_with(wanted)), "{text}: {cause:?}"),
            None => assert_eq!(cause, None, "{text}"),
        }
    }
}

#[test]
fn the_place_of_what_is_refused() {
    for (dialect, text, wanted) in [
        (Postgres, "select 1; /* a */ rollback é;", "rollback é"),
        (Postgres, "select 1\n\\c other", "\\c"),
        (Postgres, "copy a from stdin; select 2\n\\.\n", "select 2"),
        (Sqlite, "\n .read x", ".read x"),
        (Mysql, "select 1; select 2\\G\n", "\\G"),
        (Mysql, "select 1;\n\\. x.sql\n", "\\. x.sql"),
    ] {
        let found = split(text, dialect);
        let refused = found.iter().find_map(|statement| statement.refused(dialect)).unwrap();
        let marked: String = text[refused.start..].chars().take(refused.length).collect();
        assert_eq!(marked, wanted, "{text}");
    }
}

#[test]
fn foreign_keys_pragma() {
    for (text, wanted) in [
        ("PRAGMA foreign_keys=OFF;", Some(false)),
        ("pragma foreign_keys = on;", Some(true)),
        ("pragma foreign_keys = 'yes';", Some(true)),
        ("pragma foreign_keys(1);", Some(true)),
        ("pragma foreign_keys;", None),
        ("pragma journal_mode = wal;", None),
    ] {
        assert_eq!(split(text, Sqlite)[0].foreign_keys(), wanted, "{text}");
    }
}
