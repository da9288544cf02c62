//! `mariadb`.

use std::path::Path;
use std::process::Command;
use std::time::Duration;

use super::super::{Scratch, apply_all, never};
use super::{Construct, FILES, compare, compare_dumps, compare_statements, directory, lacks, made, output, paths};
use crate::sql::Dialect::Mysql;
use crate::sql::Mysql as Session;
use crate::sql::lexer::{Class, Doubt, accepted_codes, statements};
use crate::sql::mysql::tests::{address, server};

const CONSTRUCTS: &[Construct] = &[
    &["insert into log (n) values ({n})"],
    &["INSERT INTO log (n) SELECT {n} WHERE ';' <> 'it''s;'"],
    &["insert into log (n) select {n} from dual where '\\';' <> '\\\\'"],
    &["insert into log (n) select {n} from dual where \"\\\";\" <> \"it's;\"\"\""],
    &["insert into log (n) select {n} as `a;b``c;\\`"],
    &["insert into log (n) select {n} from dual where x'00' <> b'1' and N';' <> _utf8mb4'' and 0x3b <> ''"],
    &["insert into log (n) /* ; /* ; */ values ({n})"],
    &["insert into log (n) -- ; '\n values # \" ;\n ({n})"],
    &["insert into log (n) values ({n}--1-1)"],
    &["insert into log (n) values ({n} --\n)"],
    &["insert into log (n) values ({n} --\t;\n)"],
    &["insert into log (n) select {n} from dual where 3 */*;*/ 2 > 1"],
    &["/*!40101 insert into log (n) values ({n}) */"],
    &["insert into log (n) values ({n} /*!99999 + 1 */)"],
    &["insert into log (n) values ({n} /*! + 1 */ /*M! - 1 */)"],
    &["/*!50003 insert*/ /*!50020 into log*/ (n) values ({n})"],
    &["insert /*+ ; */ into log (n) values ({n})"],
    &["insert into log (n) select case when {n} >= 0 then {n} end"],
    &["insert into log (n) select if({n} > -1, {n}, repeat('x', 3))"],
    &["insert into log (n) select v.end from (select {n} as end, 1 as begin) as v"],
    &["set @a = {n}", "insert into log (n) values (@a)"],
    &["set @`a;b` = {n}, @'c;' = 1", "insert into log (n) values (@`a;b`)"],
    &[
        "create table t{n} (begin int, end int, `if;` int)",
        "insert into t{n} (begin, end) values ({n}, 1)",
        "insert into log (n) select begin from t{n}",
    ],
    &["create procedure p{n}() insert into log (n) values ({n})", "call p{n}()"],
    &["create procedure p{n}() begin insert into log (n) values ({n}); end", "call p{n}()"],
    &[
        "create procedure p{n}(in a int, out b decimal(10, 2)) comment ';' modifies sql data sql security invoker l: begin \
         set b = a; if a then insert into log (n) values (a - 1); elseif b then begin end; else select 1; end if; end l",
        "call p{n}({n} + 1, @b)",
    ],
    &[
        "create procedure p{n}() begin declare i int default case when true then 0 else 1 end; declare c cursor for select 1 from dual; \
         declare continue handler for sqlstate value '42S02', 1051, not found begin set i = 5; end; \
         declare exit handler for sqlexception rollback; open c; close c; \
         l: loop set i = i + 1; if i > 3 then leave l; end if; end loop l; while i > 0 do set i = i - 1; end while; \
         repeat set i = i + 1; until i > 5 end repeat; case i when 1 then begin end; else insert into log (n) values ({n}); end case; end",
        "call p{n}()",
    ],
    &[
        "create procedure p{n}() begin repeat set @x = 1; until case @x when 1 then true end end repeat; for i in 1..3 do set @x = i; end for; \
         for r in (select case 1 when 1 then 2 end as v) do set @x = r.v; end for; insert into log (n) values ({n}); end",
        "call p{n}()",
    ],
    &[
        "create procedure p{n}() begin set @x = case when 1 then if(2, 3, 4) else repeat('x', 3) end; \
         case when @x = case 3 when 3 then 3 end then insert into log (n) values ({n}); end case; end",
        "call p{n}()",
    ],
    &[
        "create procedure p{n}() begin create temporary table if not exists e (start int, end int); insert into e (start, end) values (1, 2); \
         update e set end = 3 where e.end > 1 and end < 4; select case when end > 1 then end else e.end end into @y from e; drop temporary table e; \
         insert into log (n) values ({n}); end",
        "call p{n}()",
    ],
    &[
        "create function f{n}(a int) returns int deterministic return case a when -1 then 2 else a end",
        "insert into log (n) values (f{n}({n}))",
    ],
    &[
        "create function f{n}(a int) returns varchar(20) charset utf8mb4 no sql begin return concat(a, ''); end",
        "insert into log (n) values (f{n}({n}))",
    ],
    &["create function f{n}() returns int return if(1, {n}, 2)", "insert into log (n) values (f{n}())"],
    &[
        "create table t{n} (a int)",
        "create trigger g{n} after insert on t{n} for each row insert into log (n) values (new.a)",
        "create trigger h{n} after insert on t{n} for each row follows g{n} begin set @a = 1; set @b = 2; end",
        "create trigger i{n} before insert on t{n} for each row if new.a is null then set new.a = 1; end if",
        "insert into t{n} values ({n})",
    ],
    &[
        "create table t{n} (a int)",
        "/*!50003 CREATE*/ /*!50017 DEFINER=CURRENT_USER*/ /*!50003 TRIGGER g{n} BEFORE INSERT ON t{n} FOR EACH ROW BEGIN SET @a = 1; insert into log (n) values (new.a); END */",
        "insert into t{n} values ({n})",
    ],
    &[
        "create event e{n} on schedule every 1 day starts now() + interval 1 day on completion preserve disable comment ';' do begin \
       delete from log; delete from log; end",
        "insert into log (n) values ({n})",
    ],
    &["begin not atomic declare a int default {n}; if a >= 0 then insert into log (n) values (a); end if; end"],
    &["if {n} >= 0 then insert into log (n) values ({n}); else select 1; end if"],
    &["for i in {n}..{n} do insert into log (n) values (i); end for"],
    &["begin", "insert into log (n) values ({n})", "commit"],
    &["start transaction", "insert into log (n) values ({n})", "savepoint a", "rollback to a", "commit"],
    &["prepare s from 'insert into log (n) values (?)'", "set @a = {n}", "execute s using @a", "deallocate prepare s"],
    &["execute immediate 'insert into log (n) values ({n});'"],
    &["create table é{n} (ü varchar(10) default 'ß;💥')", "insert into log (n) values ({n})"],
    &["lock tables log write", "insert into log (n) values ({n})", "unlock tables"],
    &["create view v{n} as select {n} as n, ';' as `a;`", "insert into log (n) select n from v{n}"],
];

/// What the client can only pass on with a delimiter of its own.
const BODIES: [&str; 8] = [
    "create procedure",
    "create function",
    "create trigger",
    "create event",
    "begin not",
    "if ",
    "for ",
    "/*!50003 CREATE",
];

const DIVISIONS: &[&str] =
    &["~", "~\n", " ~\n\n", "\n~\t", "~ -- ~ it's\n", "~/* ~ \" */", "~ # ;\n", "~\r\n", "\n# end~\n~\n", "/* ' */~\n"];

/// What stands ready, and a statement that is run twice; its class has to say what the second time brings.
const TWICE: &[(&str, &str)] = &[
    ("", "create table a (b int)"),
    ("", "create table a as select 1 as b"),
    ("", "create table if not exists a (b int)"),
    ("", "create or replace table a (b int)"),
    ("create table a (b int)", "create index i on a (b)"),
    ("create table a (b int)", "create unique index if not exists i on a (b)"),
    ("create table a (b int)", "alter table a add c int"),
    ("create table a (b int)", "alter table a add column (c int, d int)"),
    ("create table a (b int)", "alter table a add column if not exists c int, drop column if exists d"),
    ("create table a (b int)", "alter table a add primary key (b)"),
    ("create table a (b int)", "alter table a add index i (b)"),
    ("create table a (b int)", "alter table a add unique key i (b)"),
    ("create table a (b text)", "alter table a add fulltext i (b)"),
    ("create table a (b int)", "alter table a add constraint c check (b > 0)"),
    ("create table a (b int)", "alter table a add constraint c unique (b)"),
    ("create table a (b int, c int)", "alter table a drop c"),
    ("create table a (b int, primary key (b))", "alter table a drop primary key"),
    ("create table a (b int, key i (b))", "alter table a drop index i"),
    ("create table a (b int, key i (b))", "drop index i on a"),
    ("create table a (b int, constraint c check (b > 0))", "alter table a drop constraint c"),
    (
        "create table a (b int primary key, d int, constraint c foreign key (d) references a (b))",
        "alter table a drop foreign key c",
    ),
    ("create table a (b int, d int)", "alter table a modify b bigint not null, alter d set default 1, comment = 'x'"),
    ("create table a (b int)", "alter table a change b `b` bigint"),
    ("create table a (b int)", "alter table a engine = innodb"),
    ("create table a (b int)", "alter table a convert to character set utf8mb4"),
    ("create table a (b int)", "alter table a disable keys"),
    ("create table a (b int)", "alter table a auto_increment = 5, algorithm = copy"),
    ("create table a (b int)", "drop table a"),
    ("create table a (b int); create table c (d int)", "drop table a, c"),
    ("", "drop table if exists a"),
    ("create table a (b int)", "truncate table a"),
    ("create table a (b int)", "analyze table a"),
    ("create table a (b int)", "optimize table a"),
    ("", "create view v as select 1 as b"),
    ("create view v as select 1 as b", "drop view v"),
    ("create view v as select 1 as b", "alter view v as select 2 as b"),
    ("", "create procedure p() select 1"),
    ("", "create or replace procedure p() begin select 1; end"),
    ("create procedure p() select 1", "drop procedure p"),
    ("", "create function f() returns int return 1"),
    ("create function f() returns int return 1", "drop function f"),
    ("create table a (b int)", "create trigger t before insert on a for each row set @a = 1"),
    ("create table a (b int); create trigger t before insert on a for each row set @a = 1", "drop trigger t"),
    ("", "create event e on schedule every 1 day do select 1"),
    ("create event e on schedule every 1 day do select 1", "drop event e"),
    ("", "create sequence s"),
    ("create sequence s", "drop sequence s"),
    ("", "create database other"),
    ("create database other", "drop database other"),
    ("", "create user if not exists u"),
    ("", "drop user if exists u"),
    ("create user u", "grant select on *.* to u"),
    ("", "flush privileges"),
    ("", "alter database app character set utf8mb4"),
];

/// Gone before each of them.
const CLEAN: &str = "drop table if exists a, c; drop view if exists v; drop procedure if exists p; drop function if exists f; \
                     drop event if exists e; drop sequence if exists s; drop database if exists other; drop user if exists u;";

#[test]
fn mariadb_and_we_see_the_same_statements() {
    if lacks("the client mariadb", Path::new("/usr/bin/mariadb").exists()) {
        return;
    }
    let scratch = Scratch::new(&[]);
    let server = server::Server::start(&scratch.0, &[]);
    if lacks("MariaDB", server.is_some()) {
        return;
    }
    let Some(server) = server else { return };
    let client = |sql: &str| output(&mut command(&server, &scratch, sql));
    // Three ways to divide the same statements: the client's, with a delimiter for bodies; ours, which needs none; and what we send.
    let with = |delimiter: &'static str| {
        made(CONSTRUCTS, DIVISIONS, move |statement, division| {
            let body = delimiter == ";" && BODIES.iter().any(|body| statement.starts_with(body));
            let (before, behind) = if body {
                ("\ndelimiter |\n", "|\ndelimiter ;\n".to_owned())
            } else {
                ("", division.replace('~', delimiter))
            };
            format!("{before}{statement}{behind}")
        })
    };
    let table = "create or replace table log (n int, o int auto_increment primary key);";
    let clean = "select concat('drop ', if(table_type = 'VIEW', 'view', 'table'), ' `', table_name, '`;') from information_schema.tables \
                 where table_schema = 'app' union all select concat('drop ', routine_type, ' ', routine_name, ';') \
                 from information_schema.routines where routine_schema = 'app' union all select concat('drop event ', event_name, ';') \
                 from information_schema.events";
    for delimiter in [";", "$$"] {
        let made = with(delimiter);
        let text = if delimiter == ";" { made.text.clone() } else { format!("delimiter {delimiter}\n{}", made.text) };
        client(&client(clean));
        client(table);
        client(&text);
        compare_statements(&made, &text, Mysql);
        compare(&made, &client("select n from log order by o;"));
    }
    let plain = made(CONSTRUCTS, DIVISIONS, |statement, division| format!("{statement}{}", division.replace('~', ";")));
    compare_statements(&plain, &plain.text, Mysql);
}

#[test]
fn mariadb_and_we_make_the_same_of_a_directory() {
    let programs = ["/usr/bin/mariadb", "/usr/bin/mariadb-dump"];
    let there = programs.iter().all(|program| Path::new(program).exists());
    let scratch = directory(CONSTRUCTS, Mysql, |statement, dice| {
        let body = BODIES.iter().any(|body| statement.starts_with(body));
        let (before, behind) = if body {
            ("\ndelimiter |\n", "|\ndelimiter ;\n".to_owned())
        } else {
            ("", dice.choose(DIVISIONS).replace('~', ";"))
        };
        format!("{before}{statement}{behind}")
    });
    let place = Scratch::new(&[]);
    let server = server::Server::start(&place.0, &[]).filter(|_| there);
    if lacks("MariaDB and its clients", server.is_some()) {
        return;
    }
    let Some(server) = server else { return };
    let client = |sql: &str| output(&mut command(&server, &place, sql));
    let table = "create table log (n int, o int auto_increment primary key);";
    client(&format!("drop table users; {table}"));
    for path in paths(&scratch) {
        client(&std::fs::read_to_string(path).unwrap());
    }
    let dump = || {
        let mut command = Command::new(programs[1]);
        command.args(["--no-defaults", "--skip-comments", "--routines", "--events", "--user=app", "app"]);
        command.args(["--ignore-table=app.fitout_migrations", "--ignore-table=app.fitout_migrations_journal"]);
        command.arg(format!("--password={}", server::PASSWORD)).arg(format!("--socket={}", server.socket.display()));
        let dump = output(&mut command);
        // Events begin at the moment when they are made.
        dump.lines().filter(|line| !line.contains("EVENT")).collect::<Vec<_>>().join("\n")
    };
    let theirs = dump();
    client("drop database app; create database app character set utf8mb4;");
    client(table);
    let session = Session::connect(&address(server.port), &[], never()).unwrap();
    assert_eq!(apply_all(session, &scratch.migrations(Mysql), Duration::from_secs(30)).unwrap(), FILES);
    compare_dumps(&theirs, &dump());
}

#[test]
fn what_is_done_twice_in_mariadb_ends_as_its_class_says() {
    let scratch = Scratch::new(&[]);
    let there = Path::new("/usr/bin/mariadb").exists();
    let server = server::Server::start(&scratch.0, &[]).filter(|_| there);
    if lacks("MariaDB and its client", server.is_some()) {
        return;
    }
    let Some(server) = server else { return };
    let mut wrong: Vec<String> = Vec::new();
    for (before, text) in TWICE {
        output(&mut command(&server, &scratch, &format!("{CLEAN} {before};")));
        let once = format!("delimiter $$\n{text}$$\n");
        output(command(&server, &scratch, &once).stdout(std::process::Stdio::null()));
        let again = command(&server, &scratch, &once).output().unwrap();
        let said = String::from_utf8_lossy(&again.stderr).into_owned();
        let code = said.split_once("ERROR ").and_then(|(_, rest)| rest.split(' ').next()).unwrap_or_default();
        let Class::Alone(doubt) = statements(text, Mysql).unwrap()[0].class(Mysql) else { panic!("{text}") };
        let accepted = accepted_codes(&doubt, Mysql);
        let settled = if doubt == Doubt::Repeat { code.is_empty() } else { accepted.contains(&code) };
        if !settled {
            wrong.push(format!("{text}: {doubt:?}, {code} {}", said.trim()));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    // MySQL has a number for this, 1826; MariaDB's stands for much else, so that it stays with a person.
    let key = "alter table a add constraint c foreign key (d) references a (b);";
    let ready = format!("{CLEAN} create table a (b int primary key, d int); {key}");
    output(&mut command(&server, &scratch, &ready));
    let again = command(&server, &scratch, key).output().unwrap();
    let said = String::from_utf8_lossy(&again.stderr).into_owned();
    assert!(said.contains("ERROR 1005 ") && !accepted_codes(&Doubt::Create, Mysql).contains(&"1005"), "{said}");
}

/// Runs the statements as a file.
fn command(server: &server::Server, scratch: &Scratch, sql: &str) -> Command {
    scratch.write("made.sql", sql);
    let mut command = Command::new("/usr/bin/mariadb");
    command.args(["--no-defaults", "--batch", "--skip-column-names", "--default-character-set=utf8mb4", "--user=app"]);
    command.arg(format!("--password={}", server::PASSWORD)).arg(format!("--socket={}", server.socket.display()));
    command.args(["--database=app", "--execute"]).arg(format!("source {}", scratch.path("made.sql").display()));
    command
}
