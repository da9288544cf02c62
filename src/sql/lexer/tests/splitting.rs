//! Where statements end.

use super::{sent, split};
use crate::sql::Dialect::{Mysql, Postgres, Sqlite};

#[test]
fn statements_of_postgres() {
    let atomic = "create or replace function f() returns int language sql begin atomic select case when true then 1 \
                  else 2 end; select 3; end";
    let rule = "create rule r as on insert to a do also (insert into b values (1); delete from c)";
    for (text, wanted) in [
        ("select 1; update x; -- end", vec!["select 1", "update x"]),
        (";;/* nothing */;\n", vec![]),
        (" ;; select 1 ;; ", vec!["select 1"]),
        ("-- a ; b\nselect 1 -- c ; d\n;", vec!["select 1"]),
        (&format!("{rule}; select 1"), vec![rule, "select 1"]),
        (&format!("{atomic}; select 1;"), vec![atomic, "select 1"]),
        (
            "create function begin() returns int as $$begin; end;$$ language plpgsql; drop table x;",
            vec!["create function begin() returns int as $$begin; end;$$ language plpgsql", "drop table x"],
        ),
        ("do $x$ begin commit; end $x$; select 1", vec!["do $x$ begin commit; end $x$", "select 1"]),
        ("do $x$ $$;$$ $x$;select $1$$;$$", vec!["do $x$ $$;$$ $x$", "select $1$$;$$"]),
        (
            "create procedure p() begin atomic select 1 as end; select t.end from t; end; select 2",
            vec!["create procedure p() begin atomic select 1 as end; select t.end from t; end", "select 2"],
        ),
        (
            "create function f() returns int begin atomic select (case when (case 1 when 1 then true end) then 1 end); end;x",
            vec![
                "create function f() returns int begin atomic select (case when (case 1 when 1 then true end) then 1 end); end",
                "x",
            ],
        ),
        (
            "create function f() returns int return 1; select 2",
            vec!["create function f() returns int return 1", "select 2"],
        ),
        ("begin; select case when 1 then 2 end; end; x", vec!["begin", "select case when 1 then 2 end", "end", "x"]),
        ("select 'a' -- b\n ';' ; x", vec!["select 'a' -- b\n ';'", "x"]),
        ("select E'a' -- b\n '\\';' ; x", vec!["select E'a' -- b\n '\\';'", "x"]),
        ("select E'a' /* b */ '\\'; x", vec!["select E'a' /* b */ '\\'", "x"]),
        (
            "select U&\"d\\0061t;a\", U&'\\0441;' uescape '!'; x",
            vec!["select U&\"d\\0061t;a\", U&'\\0441;' uescape '!'", "x"],
        ),
        ("select B'1;', X'a;', N';'; x", vec!["select B'1;', X'a;', N';'", "x"]),
        ("select 1/*;*/+/*;*/2; x", vec!["select 1/*;*/+/*;*/2", "x"]),
        ("select 1--;\n; x", vec!["select 1", "x"]),
    ] {
        assert_eq!(sent(text, Postgres), wanted, "{text}");
    }
}

#[test]
fn lines_of_psql() {
    for (text, wanted) in [
        ("\\restrict aB1\n-- x\nSELECT 1;\n\n\\unrestrict aB1\n", vec!["SELECT 1"]),
        ("  \\restrict it's\r\nselect 1", vec!["select 1"]),
        ("select 1; \\restrict a\n", vec!["select 1", "\\restrict a"]),
        ("\\restricted a\n", vec!["\\restricted a"]),
        ("\\echo it's\nselect 1;", vec!["\\echo it's\nselect 1"]),
        ("select 1 \\gset\n;", vec!["select 1 \\gset"]),
    ] {
        assert_eq!(sent(text, Postgres), wanted, "{text}");
    }
}

#[test]
fn data_of_copy() {
    for (text, wanted) in [
        (
            "COPY t FROM stdin;\n1\tit's\n2\t;\n\\.\nselect 1;",
            vec![("COPY t FROM stdin", Some("1\tit's\n2\t;\n")), ("select 1", None)],
        ),
        (
            "copy a.\"b\" (c, d) from STDIN with (format csv, header); -- rows\r\n\\.\r\n",
            vec![("copy a.\"b\" (c, d) from STDIN with (format csv, header)", Some(""))],
        ),
        ("copy t from stdin;\n\\.x\n \\.\n\\\\.\n\\.", vec![("copy t from stdin", Some("\\.x\n \\.\n\\\\.\n"))]),
        ("copy t from '/x/stdin'; select 1", vec![("copy t from '/x/stdin'", None), ("select 1", None)]),
        ("copy (select a from stdin) to '/x'; x", vec![("copy (select a from stdin) to '/x'", None), ("x", None)]),
        ("copy \"from stdin\" to program 'x'; x", vec![("copy \"from stdin\" to program 'x'", None), ("x", None)]),
        ("insert into a select from stdin; x", vec![("insert into a select from stdin", None), ("x", None)]),
    ] {
        let found = split(text, Postgres);
        let parts = found.iter().filter(|statement| statement.head().is_some());
        let found: Vec<_> = parts.map(|statement| (statement.sql(), statement.copy_data())).collect();
        assert_eq!(found, wanted, "{text}");
    }
}

#[test]
fn statements_of_mysql() {
    for (text, wanted) in [
        ("select 1; select '\\';', \";\\\"\", `;`; x", vec!["select 1", "select '\\';', \";\\\"\", `;`", "x"]),
        ("# a;b\nselect 1 -- c;d\n; x", vec!["select 1", "x"]),
        ("select 1--;1; x", vec!["select 1--", "1", "x"]),
        ("select 5 --\n;--\n", vec!["select 5"]),
        ("select /* /* ; */ 1; x */", vec!["select /* /* ; */ 1", "x */"]),
        (
            "/*!40101 SET NAMES utf8 */;\n/*M!100100 select 1*/; /* x */;",
            vec!["/*!40101 SET NAMES utf8 */", "/*M!100100 select 1*/"],
        ),
        (
            "create /*!32312 if not exists*/ table t (a int) /*!; ';' */; x",
            vec!["create /*!32312 if not exists*/ table t (a int) /*!; ';' */", "x"],
        ),
        (
            "/*!50003 CREATE*/ /*!50020 DEFINER=`a`@`b`*/ /*!50003 TRIGGER t BEFORE INSERT ON x FOR EACH ROW BEGIN SET @a = 1; END */; x",
            vec![
                "/*!50003 CREATE*/ /*!50020 DEFINER=`a`@`b`*/ /*!50003 TRIGGER t BEFORE INSERT ON x FOR EACH ROW BEGIN SET @a = 1; END */",
                "x",
            ],
        ),
        ("select /*+ MAX_EXECUTION_TIME(1) ; */ 1; x", vec!["select /*+ MAX_EXECUTION_TIME(1) ; */ 1", "x"]),
        ("begin; insert into a values (1); commit; x", vec!["begin", "insert into a values (1)", "commit", "x"]),
        ("select if(a, b, c); select repeat('x', 3); x", vec!["select if(a, b, c)", "select repeat('x', 3)", "x"]),
        ("select 1;\n", vec!["select 1"]),
    ] {
        assert_eq!(sent(text, Mysql), wanted, "{text}");
    }
}

#[test]
fn delimiters_of_the_client() {
    for (text, wanted) in [
        (
            "DELIMITER //\ncreate x begin a; b; end//\nselect 1; select 2//\nDELIMITER ;\nselect 3; y",
            vec!["create x begin a; b; end", "select 1; select 2", "select 3", "y"],
        ),
        ("delimiter $$\ncall a()$$ call b(';') $$\n  delimiter ; \nx;y", vec!["call a()", "call b(';')", "x", "y"]),
        (
            "DELIMITER ;;\r\n/*!50003 CREATE TRIGGER t BEGIN a; END */;;\r\nDELIMITER ;\r\nx; y",
            vec!["/*!50003 CREATE TRIGGER t BEGIN a; END */", "x", "y"],
        ),
        ("-- a\ndelimiter GO\nselect '; GO' GO x GO\n", vec!["select '; GO'", "x"]),
        ("delimiter | -- the bar\nselect 1|select 2", vec!["select 1", "select 2"]),
        ("delimiter $$\nselect END$$x", vec!["select END", "x"]),
        ("select delimiter\n//; x", vec!["select delimiter\n//", "x"]),
        ("select 1; delimiter //\nx;", vec!["select 1", "delimiter //\nx"]),
        ("delimiter\nselect 1;", vec!["delimiter\nselect 1"]),
        ("delimiter a\\b\nselect 1;", vec!["delimiter a\\b\nselect 1"]),
        ("delimiter 1234567890123456\nselect 1;", vec!["delimiter 1234567890123456\nselect 1"]),
    ] {
        assert_eq!(sent(text, Mysql), wanted, "{text}");
    }
}

/// Each is one statement, with and without `DELIMITER`.
#[test]
fn routines_without_delimiter() {
    for text in [
        "create procedure p() select 1",
        "create procedure p() begin end",
        "create procedure p() begin select 1; select 2; end",
        "create or replace definer = `a`@`%` procedure if not exists d.p(in a int, out b decimal(10, 2)) \
         comment ';' reads sql data sql security invoker begin set b = a; end",
        "create definer=current_user() function f(a int) returns varchar(10) charset utf8mb4 deterministic begin return a; end",
        "create function f(a int) returns int return case a when 1 then 2 else 3 end",
        "create function f(a int) returns int deterministic no sql return if(a, repeat('x', 2), 1)",
        "create aggregate function f(a int) returns int begin declare continue handler for not found return 1; \
         loop fetch group next row; end loop; end",
        "create procedure p() begin declare exit handler for sqlexception begin rollback; end; \
         declare continue handler for sqlstate value '23000', 1051, not found, sqlwarning set @a = 1; select 1; end",
        "create procedure p() begin declare c cursor for select a, end from t; declare x int default case when 1 then 2 end; \
         open c; end",
        "create procedure p() begin if a then select 1; elseif b then select 2; else select 3; end if; end",
        "create procedure p() begin if (a) then if b then select 1; end if; end if; select if(a, b, c); end",
        "create procedure p() begin case a when 1 then select 1; when 2 then begin end; else select 2; end case; end",
        "create procedure p() begin case when a = case b when 1 then 2 end then select 1; end case; end",
        "create procedure p() begin l: loop leave l; end loop l; w: while a do set a = a - 1; end while w; end",
        "create procedure p() begin repeat set @a = @a + 1; until @a > 5 end repeat; select 1; end",
        "create procedure p() begin repeat select 1; until case a when 1 then true end end repeat; end",
        "create procedure p() begin for i in 1..10 do insert into a values (i); end for; \
         for r in (select a from b) do select r.a; end for; end",
        "create procedure p() l: begin select 1; begin select 2; end; end l",
        "create procedure p() begin update t set start = 1, end = 2 where t.end > 3 and end < 4; insert into t (start, end) values (1, 2); \
         select case when end > 1 then end else t.end end, begin from t; end",
        "create procedure p() begin set @x = case when a then if(b, c, d) else repeat('x', 3) end; select @end; end",
        "create procedure p() begin select 1 for update; drop table if exists a; start transaction; commit; end",
        "create procedure begin() begin select 1; end",
        "create procedure p() while a do select 1; end while",
        "create procedure p() if a then select 1; end if",
        "create trigger t before insert on begin for each row begin set new.a = 1; end",
        "create trigger t after update on d.x for each row follows u begin set @a = 1; set @b = 2; end",
        "create trigger t after update on x for each row precedes u set @a = new.b",
        "create trigger if not exists t after delete on x for each row if old.a then set @a = 1; end if",
        "create event e on schedule every 1 day starts now() + interval 1 hour on completion preserve comment ';' do begin \
         delete from a; delete from b; end",
        "create event if not exists e on schedule at now() do delete from a",
        "alter definer = a@localhost event e on schedule every 1 hour do begin select 1; end",
        "begin not atomic select 1; if a then select 2; end if; end",
        "create procedure p() begin begin not atomic declare exit handler for 1051 begin end; select 1; end; select 2; end",
        "if a then select 1; else select 2; end if",
        "while a do select 1; end while",
        "create function f returns string soname 'f.so'",
        "create table t (begin int, end int, `if` int)",
        "create table event (a int)",
        "create view v as select case a when 1 then 2 end from t",
        "alter procedure p comment 'x'",
        "create user 'begin'@'%' identified by ';'",
    ] {
        for text in [text.to_owned(), text.to_ascii_uppercase(), text.replace(' ', "\n/* ; */ ")] {
            assert_eq!(sent(&format!("{text}; select 'next'"), Mysql), [&text, "select 'next'"]);
            let delimited = format!("delimiter //\n{text}//\ndelimiter ;\nselect 'next'");
            assert_eq!(sent(&delimited, Mysql), [&text, "select 'next'"]);
        }
    }
}

#[test]
fn statements_of_sqlite() {
    let trigger =
        "create trigger t after insert on a begin update a set x = case when 1 then 2 end; delete from b; end";
    for text in [
        trigger.to_owned(),
        trigger.replacen("create", "create temp", 1),
        trigger.replacen("create trigger", "CREATE TEMPORARY TRIGGER IF NOT EXISTS", 1),
        trigger.replace("end", "/* x; */ END"),
        trigger.replacen("create", "explain query plan create", 1),
        "create trigger t instead of update of a on v when new.a > case 1 when 1 then 2 end begin select raise(abort, ';'); end".to_owned(),
        "create trigger [a;b] before delete on `c;d` for each row begin select 1; select \"end;\"; end".to_owned(),
        "create table trigger_end(x, 'end;')".to_owned(),
        "create temp table trigger(x)".to_owned(),
        "with a as (select ';') select * from a".to_owned(),
        "insert into a values (';', x'00', [b;c], `d;`, \"e;\") -- f;\n".trim_end().to_owned(),
    ] {
        let text = text.split(" -- ").next().unwrap_or_default();
        assert_eq!(sent(&format!("/* a; */ {text} ; select 1"), Sqlite), [text, "select 1"]);
    }
    assert_eq!(sent(".mode csv it's\nselect 1;", Sqlite), [".mode csv it's\nselect 1"]);
    assert_eq!(sent("select 1\n.5;", Sqlite), ["select 1\n.5"]);
}
