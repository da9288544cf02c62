//! `sqlite3`.

use std::path::Path;
use std::process::Command;
use std::time::Duration;

use super::super::{Scratch, apply_all, never};
use super::{Construct, FILES, compare, compare_dumps, compare_statements, directory, lacks, made, output, paths};
use crate::root::Root;
use crate::sql::Dialect::Sqlite;
use crate::sql::Sqlite as Session;

const CONSTRUCTS: &[Construct] = &[
    &["insert into log (n) values ({n})"],
    &["INSERT INTO log (n) SELECT {n} WHERE ';' <> 'it''s;'"],
    &["insert into log (n) select {n} where '\\' <> ';'"],
    &["insert into log (n) select {n} as \"a;b\"\"c;\""],
    &["insert into log (n) select {n} as [a;b'c]"],
    &["insert into log (n) select {n} as `a;b``c;`"],
    &["insert into log (n) select {n} where x'00' <> X'3b'"],
    &["insert into log (n) /* ; /* ; */ values ({n})"],
    &["insert into log (n) -- ; '\n values -- \" ;\r ;\n ({n})"],
    &["insert into log (n) select {n} where 3 */*;*/ 2 > 1"],
    &["insert into log (n) select({n})where';'<>''"],
    &["insert into log (n) select case when {n} >= 0 then {n} end"],
    &["insert into log (n) select {n} as \"end\""],
    &["with a as (select {n} as n) insert into log (n) select n from a"],
    &["create table t{n} (\"trigger\" text default ';', [end] int)", "insert into log (n) values ({n})"],
    &["create table trigger_{n} (a)", "insert into log (n) values ({n})"],
    &["create temp table t{n}_temp (a)", "insert into log (n) values ({n})"],
    &[
        "create table t{n} (a)",
        "create trigger g{n} after insert on t{n} begin insert into log (n) values (new.a); select ';'; end",
        "insert into t{n} values ({n})",
    ],
    &[
        "create table t{n} (a)",
        "CREATE TEMP TRIGGER IF NOT EXISTS g{n} AFTER INSERT ON t{n} FOR EACH ROW WHEN new.a = CASE WHEN 1 THEN new.a END BEGIN\n  \
         INSERT INTO log (n) SELECT CASE new.a WHEN -1 THEN 0 ELSE new.a END;\n  UPDATE t{n} SET a = CASE WHEN a THEN 1 END; /* ; END; */\nEND",
        "insert into t{n} values ({n})",
        "drop trigger g{n}",
    ],
    &[
        "create table [t;{n}] (a)",
        "create /* trigger */ temporary -- x\n trigger [g;{n}] before insert on [t;{n}] begin delete from [t;{n}] where a = 'end;'; \
         insert into log (n) values (new.a) ; /* a */ end",
        "insert into [t;{n}] values ({n})",
    ],
    &[
        "create view v{n} as select 1 as a",
        "create trigger g{n} instead of insert on v{n} begin insert into log (n) values (new.a); end",
        "insert into v{n} values ({n})",
    ],
    &["begin", "insert into log (n) values ({n})", "commit"],
    &["begin immediate", "insert into log (n) values ({n})", "end transaction"],
    &["savepoint a", "insert into log (n) values ({n})", "release a"],
    &["pragma foreign_keys = off", "insert into log (n) values ({n})"],
    &["vacuum", "insert into log (n) values ({n})"],
    &[
        "alter table log rename column n to m",
        "alter table log rename column m to n",
        "insert into log (n) values ({n})",
    ],
    &["create table é{n} (ü text default 'ß;💥')", "insert into log (n) values ({n})"],
    &["create index i{n} on log (n) where n > 1e3 and n <> ';'", "insert into log (n) values ({n})", "drop index i{n}"],
];

const DIVISIONS: &[&str] = &[
    ";",
    ";\n",
    " ;\n\n",
    "\n;\t",
    "; -- ; it's\n",
    ";/* ; \" */",
    ";;",
    "; ;\n;",
    ";\r\n",
    " -- end;\n;\n",
    "/* ' */;\n",
];

#[test]
fn sqlite3_and_we_see_the_same_statements() {
    if lacks("sqlite3", Command::new("sqlite3").arg("--version").output().is_ok()) {
        return;
    }
    let scratch = Scratch::new(&[]);
    let made = made(CONSTRUCTS, DIVISIONS, |statement, division| format!("{statement}{division}"));
    scratch.write("made.sql", &made.text);
    let file = scratch.path("made.sql").display().to_string();
    let sqlite = |arguments: &[&str]| {
        output(
            Command::new("sqlite3")
                .args(["-batch", "-bail", "-init", "/dev/null"])
                .arg(scratch.path("made"))
                .args(arguments),
        )
    };
    sqlite(&["create table log (n int, o integer primary key autoincrement)"]);
    sqlite(&[&format!(".read {file}")]);
    compare_statements(&made, &made.text, Sqlite);
    compare(&made, &sqlite(&["select n from log order by o"]));
}

#[test]
fn sqlite3_and_we_make_the_same_of_a_directory() {
    if lacks("sqlite3", Command::new("sqlite3").arg("--version").output().is_ok()) {
        return;
    }
    let scratch = directory(CONSTRUCTS, Sqlite, |statement, dice| format!("{statement}{}", dice.choose(DIVISIONS)));
    let sqlite = |file: &str, commands: &[String]| {
        let mut command = Command::new("sqlite3");
        command.args(["-batch", "-bail", "-init", "/dev/null"]).arg(scratch.path(file)).args(commands);
        output(&mut command)
    };
    let table = "create table log (n int, o integer primary key autoincrement)".to_owned();
    for file in ["theirs", "ours"] {
        sqlite(file, std::slice::from_ref(&table));
    }
    sqlite("theirs", &paths(&scratch).iter().map(|path| format!(".read {path}")).collect::<Vec<_>>());
    let file = Root::open(&scratch.path("")).unwrap().hold_or_make_file(Path::new("/ours")).unwrap();
    let session = Session::open(file.into(), &[], (Duration::from_secs(30), never())).unwrap();
    assert_eq!(apply_all(session, &scratch.migrations(Sqlite), Duration::from_secs(30)).unwrap(), FILES);
    let clean = "drop table if exists fitout_migrations; drop table if exists fitout_migrations_journal;".to_owned();
    let dump = |file: &str| sqlite(file, &[clean.clone(), ".dump".to_owned()]);
    compare_dumps(&dump("theirs"), &dump("ours"));
}
