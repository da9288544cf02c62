//! `psql`.

use std::process::{Command, Stdio};
use std::time::Duration;

use super::super::server::{PASSWORD, Server, TestDatabase};
use super::super::{Scratch, apply_all, never};
use super::{Construct, FILES, compare, compare_dumps, compare_statements, directory, made, output, paths};
use crate::sql::Dialect::Postgres;
use crate::sql::Postgres as Session;
use crate::sql::lexer::{Class, Doubt, Statement, accepted_codes, statements};

/// Without an `E''` that goes on in the next line: psql, which reads lines, takes it for another string, and the server does not.
const CONSTRUCTS: &[Construct] = &[
    &["insert into log values ({n})"],
    &["INSERT INTO log SELECT {n} WHERE ';' <> 'it''s;'"],
    &["insert into log select {n} where E'\\';' <> e'\\\\'"],
    &["insert into log select {n} where '\\' <> ';'"],
    &["insert into log select {n} where 'a'\n'\\' <> ';'"],
    &["insert into log select {n} where U&'\\0441;' <> U&'!0441;' uescape '!' || 'x'"],
    &["insert into log select {n} as \"a;b\"\"c;\""],
    &["insert into log select {n} as U&\"d!0061t;a\" uescape '!'"],
    &["insert into log select {n} where B'1' <> X'a' and N';' <> ''"],
    &["insert into log select {n} where $$;$$ <> $a$ $$;$b$ $a$"],
    &["insert into log select {n} where $é$ ; $é$ <> $_1$;$_1$"],
    &["insert into log select({n})where $$;$$<>$$'$$"],
    &["insert into log /* ; /* ; */ ' ; */ values ({n})"],
    &["insert into log -- ; '\n values -- \" ;\n ({n})"],
    &["insert into log values (+/* ; */{n}--;\n)"],
    &["insert into log select {n} where 3 */*;*/ 2 > 1"],
    &["insert into log values (({n}))"],
    &["insert into log select sum(a) from (values ({n}), (0)) as v (a)"],
    &["with a as (insert into log values ({n}) returning n) select n from a where false"],
    &["insert into log select case when {n} >= 0 then {n} end"],
    &["insert into log select {n} as end where false is not null"],
    &["insert into log select v.n from (select {n} as n, ';' as \"end\") as v"],
    &["do $$ begin insert into log values ({n}); perform 1; end; $$"],
    &["do $do$ declare a text := $$;$$; begin insert into log values ({n}); end $do$ language plpgsql"],
    &["do 'begin insert into log values ({n}); end;'"],
    &["do E'begin insert into log values ({n}); perform \\';\\'; end;'"],
    &[
        "create function f{n}() returns void language sql begin atomic insert into log values ({n}); select null::void; end",
        "select f{n}()",
    ],
    &[
        "create or replace function f{n}() returns void language sql begin atomic select case when true then 1 end; \
         select case when (case 1 when 1 then true end) then 2 else 3 end; insert into log values ({n}); select null::void; END",
        "select f{n}()",
    ],
    &["create procedure p{n}() language sql begin atomic insert into log values ({n}); end", "call p{n}()"],
    &[
        "create procedure p{n}() begin /* ; */ atomic -- ;\n insert into log values ({n}); select ';'; end",
        "call p{n}()",
    ],
    &["create procedure p{n}() begin atomic end", "insert into log values ({n})"],
    &[
        "create procedure p{n}(a int default case when true then 1 end) begin atomic insert into log values (a - 1 + {n}); end",
        "call p{n}()",
    ],
    &[
        "create function f{n}() returns int return (select case when true then {n} end)",
        "insert into log values (f{n}())",
    ],
    &[
        "create function \"begin\"() returns int language sql as 'select {n};'",
        "insert into log values (\"begin\"())",
        "drop function \"begin\"",
    ],
    &[
        "create function f{n}() returns int as $_$ begin return {n}; end; $_$ language plpgsql",
        "insert into log select f{n}()",
    ],
    &[
        "create table t{n} (a int)",
        "create rule r as on insert to t{n} do also (insert into log values (new.a); select ';'; update t{n} set a = 0)",
        "insert into t{n} values ({n})",
    ],
    &["create table t{n} (\"begin\" int, atomic text default ';')", "insert into log values ({n})"],
    &[
        "create table t{n} (a int)",
        "create function f{n}() returns trigger language plpgsql as $$ begin insert into log values (new.a); return null; end; $$",
        "create trigger t after insert on t{n} for each row execute function f{n}()",
        "insert into t{n} values ({n})",
    ],
    &["create view v{n} as select {n} as n, ';'::text as \"a;\"", "insert into log select n from v{n}"],
    &["prepare s{n} as insert into log values ($1)", "execute s{n} ({n})", "deallocate s{n}"],
    &["prepare s{n} (int, text) as insert into log select $1 where $2=$$;$$", "execute s{n} ({n}, ';')"],
    &["begin", "insert into log values ({n})", "commit"],
    &["begin isolation level serializable", "insert into log values ({n})", "end"],
    &[
        "start transaction",
        "insert into log values ({n})",
        "savepoint a",
        "insert into log values (-1)",
        "rollback to a",
        "commit and no chain",
    ],
    &["comment on table log is ';''; --'", "insert into log values ({n})"],
    &["create index concurrently i{n} on log (n)", "insert into log values ({n})", "drop index concurrently i{n}"],
    &["vacuum", "insert into log values ({n})"],
    &["set search_path = public, \"a;b\"", "insert into log values ({n})", "reset search_path"],
    &["create table é{n} (ü text default 'ß;💥')", "insert into log values ({n})", "drop table é{n}"],
    &["insert into log select {n} where '{\"a\": \";\"}'::jsonb ? 'a' and '{1;2}'::text[] @> '{}' and 'a' ~ '^[^;]$'"],
    &["insert into log select ('{{n}}'::int[])[1]"],
    &["insert into log select {n} where 'a' !~~ ';' and 5 # 3 > 0 and @ -1 = 1"],
];

const DIVISIONS: &[&str] = &[
    ";",
    ";\n",
    " ;\n\n",
    "\n;\t",
    "; -- ; it's\n",
    ";/* ; /* \" */ */",
    ";;",
    "; ;\n;",
    ";\r\n",
    " -- end;\n;\n",
    "/* ' */;\n",
    ";\n\\restrict a1\n\\unrestrict a1\n",
];

const COPIES: &str = "copy log (n) from stdin;\n1000\n1001\n\\.\nCOPY \"log\" (n) FROM STDIN WITH (FORMAT csv, HEADER); -- rows\nit's;\n1002\n\\.\n\
    copy log (n) from stdin with delimiter ';'\n;\n\\.\ninsert into log values (1003);\ncopy (select n from log where false) to '/dev/null';";

#[test]
fn psql_and_we_see_the_same_statements() {
    let Some(server) = Server::shared() else { return };
    let database = server.database("clients");
    let scratch = Scratch::new(&[]);
    let psql = |arguments: &[&str]| {
        let mut command = Command::new("psql");
        command.args(["-X", "-q", "-At", "-v", "ON_ERROR_STOP=1", "-d", &database.url("app")]).args(arguments);
        output(command.env("PGPASSWORD", PASSWORD).env("PGCLIENTENCODING", "UTF8"))
    };
    let made = made(CONSTRUCTS, DIVISIONS, |statement, division| format!("{statement}{division}"));
    scratch.write("made.sql", &made.text);
    psql(&["-c", "create table log (n int, o int generated always as identity)"]);
    psql(&["-f", scratch.path("made.sql").to_str().unwrap()]);
    compare_statements(&made, &made.text, Postgres);
    compare(&made, &psql(&["-c", "select n from log order by o"]));

    scratch.write("copies.sql", COPIES);
    psql(&["-c", "truncate log", "-f", scratch.path("copies.sql").to_str().unwrap()]);
    assert_eq!(psql(&["-c", "select n from log order by o"]), "1000\n1001\n1002\n1003\n");
    let statements = statements(COPIES, Postgres).unwrap();
    let data: Vec<_> = statements.iter().map(Statement::copy_data).collect();
    assert_eq!(data, [Some("1000\n1001\n"), Some("it's;\n1002\n"), Some(""), None, None]);
}

#[test]
fn psql_and_we_make_the_same_of_a_directory() {
    let Some(server) = Server::shared() else { return };
    let scratch = directory(CONSTRUCTS, Postgres, |statement, dice| format!("{statement}{}", dice.choose(DIVISIONS)));
    let table = "create table log (n int, o int generated always as identity)";
    let (theirs, ours) = (server.database("directory_theirs"), server.database("directory_ours"));
    for database in [&theirs, &ours] {
        database.query(table);
    }
    let client = |program: &str, database: &TestDatabase| {
        let mut command = Command::new(program);
        command.args(["-d", &database.url("app")]).env("PGPASSWORD", PASSWORD).env("PGCLIENTENCODING", "UTF8");
        command
    };
    let mut psql = client("psql", &theirs);
    psql.args(["-X", "-q", "-At", "-v", "ON_ERROR_STOP=1"]).stdout(Stdio::null());
    psql.args(paths(&scratch).iter().flat_map(|path| ["-f".to_owned(), path.clone()]));
    output(&mut psql);
    let session = Session::connect(&ours.address(), &[], never()).unwrap();
    let applied = apply_all(session, &scratch.migrations(Postgres), Duration::from_secs(30)).unwrap();
    assert_eq!(applied, FILES);
    let dump = |database: &TestDatabase| {
        let dump = output(client("pg_dump", database).args(["--inserts", "--exclude-table=fitout_*"]));
        // Later releases write a key of their own into each dump.
        dump.lines().filter(|line| !line.contains("restrict ")).collect::<Vec<_>>().join("\n")
    };
    compare_dumps(&dump(&theirs), &dump(&ours));
}

/// Inside of a transaction, and twice outside of one.
#[test]
fn what_postgresql_runs_alone_ends_as_its_class_says() {
    let Some(server) = Server::shared() else { return };
    let database = server.database("alone");
    let psql = |sql: &[&str]| {
        let mut command = Command::new("psql");
        command.args([
            "-X",
            "-q",
            "-At",
            "-v",
            "ON_ERROR_STOP=1",
            "-v",
            "VERBOSITY=sqlstate",
            "-d",
            &database.url("app"),
        ]);
        let arguments = sql.iter().flat_map(|sql| ["-c", *sql]);
        let output = command.args(arguments).env("PGPASSWORD", PASSWORD).output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        said.split_once("ERROR:  ").map(|(_, code)| code.trim().to_owned()).unwrap_or_default()
    };
    assert_eq!(psql(&["create table a (b int)", "create index k on a (b)", "cluster a using k"]), "");
    for text in [
        "create index concurrently i on a (b)",
        "reindex index concurrently i",
        "reindex table concurrently a",
        "reindex (concurrently) schema public",
        "drop index concurrently i",
        "reindex database alone",
        "reindex (verbose) schema public",
        "create database alone_other",
        "drop database alone_other",
        "drop database if exists alone_other",
        "alter system set work_mem = '8MB'",
        "alter system reset all",
        "vacuum",
        "vacuum (analyze) a",
        "cluster",
    ] {
        let Class::Alone(doubt) = statements(text, Postgres).unwrap()[0].class(Postgres) else { panic!("{text}") };
        let inside = psql(&["begin", text]);
        assert!(["25001", "0A000"].contains(&inside.as_str()), "{text} runs inside of a transaction: {inside}");
        assert_eq!(psql(&[text]), "", "{text}");
        let again = psql(&[text]);
        match doubt {
            Doubt::Repeat => assert_eq!(again, "", "{text}"),
            Doubt::Create | Doubt::Drop => {
                assert!(accepted_codes(&doubt, Postgres).contains(&again.as_str()), "{text}: {again}");
            }
            Doubt::Index(_) => {}
            Doubt::Unknown => panic!("{text}"),
        }
    }
    for text in [
        "refresh materialized view concurrently m",
        "reindex table a",
        "cluster a",
        "cluster a using k",
        "alter type t add value 'b'",
        "analyze",
        "discard plans",
        "create statistics s on b, c from d",
        "truncate a",
    ] {
        assert_eq!(statements(text, Postgres).unwrap()[0].class(Postgres), Class::Ordinary, "{text}");
        let ready = "create materialized view m as select 1 as x; create unique index on m (x); create type t as enum ('a'); \
                     create table d (b int, c int); cluster a using k";
        let inside = psql(&["begin", ready, text]);
        assert_eq!(inside, "", "{text} does not run inside of a transaction");
    }
}
