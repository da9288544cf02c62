//! `sql` with a client program: what it reads, in which order, and what becomes of how it ends.

mod servers;
mod sources;

use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use crate::harness::{Scene, root_or_skip};

/// A plan with one step whose client is a script of a shell; `fields` is the rest of the step.
pub(crate) fn plan(script: &str, fields: &str) -> Scene {
    let command = serde_json::json!(["/bin/sh", "-c", script]);
    let scene = Scene::with_plan(&format!(
        "version: 1\ninputs: {{ env: {{ NAME: {{ default: none }}, TOKEN: {{ secret: true }} }} }}\nsteps:\n  \
         - sql: {{ command: {command}, {fields} }}\n"
    ));
    scene.env("PATH", "/usr/bin:/bin").env("FITOUT_CONFINE", "off").env("TOKEN", "unused");
    scene
}

#[test]
fn each_file_is_read_by_a_program_of_its_own_in_the_order_of_bytes() {
    let scene = plan("echo \"[$(cat)]\" >> out", "source: /sql");
    for name in ["b.sql", "B.sql", "10.sql", "9.sql", "é.sql", "a 'b\" $c.sql", "new\nline.sql"] {
        scene.file(&format!("sql/{name}"), name.replace('\n', "-"));
    }
    scene.run(&["show", "plan.yaml"]).code(10);
    assert!(!scene.exists("out"), "show executed something");
    scene.apply().code(0).stderr_has("changed, 7 files executed by `/bin/sh`");
    let wanted = "[10.sql]\n[9.sql]\n[B.sql]\n[a 'b\" $c.sql]\n[b.sql]\n[new-line.sql]\n[é.sql]\n";
    assert_eq!(scene.read("out"), wanted);
}

#[test]
fn a_failure_names_the_file_and_what_was_printed_every_time() {
    let script =
        "cat > last; echo out of it; echo 'ERROR: no table' >&2; grep -q good last || exit 3; cat last >> done";
    let scene = plan(script, "source: /sql");
    scene.file("sql/1.sql", "good 1\n").file("sql/2.sql", "bad\n").file("sql/3.sql", "good 3\n");
    for number in 1..=2 {
        let ran = scene.apply().code(7).stderr_has("error: cannot apply `/sql/2.sql`: `/bin/sh` ended with code 3");
        ran.stderr_has("= /bin/sh: ERROR: no table").stderr_has("= /bin/sh: out of it");
        assert_eq!(scene.read("done"), "good 1\n".repeat(number));
    }
    scene.file("sql/2.sql", "good 2\n");
    scene.apply().code(0);
    let killed = plan("kill -9 $$", "text: x");
    killed.apply().code(7).stderr_has("cannot apply `text`: `/bin/sh` was ended by SIGKILL");
    let missing = plan("true", "text: x");
    missing.file("plan.yaml", "version: 1\nsteps:\n  - sql: { command: [/none], text: x }\n");
    missing.apply().code(1).stderr_has("cannot execute `/none`: no such file");
}

#[test]
fn what_the_query_of_unless_prints_says_that_nothing_is_to_do() {
    let script =
        "read line; case $line in ask*) echo asked >> asked; cat done 2> /dev/null;; *) echo $line > done;; esac; true";
    let scene = plan(script, "text: \"do it\", unless: \"ask {{env.NAME}}\", dialect: postgres");
    scene.apply().code(0).stderr_has("changed, executed by `/bin/sh`");
    scene.apply().code(0).stderr_has(": unchanged");
    scene.run(&["show", "plan.yaml"]).code(0);
    assert_eq!((scene.read("asked").lines().count(), scene.read("done")), (3, "do it\n".to_owned()));
    // What it says at standard error is no answer.
    let scene = plan("cat >> out; echo NOTICE >&2", "text: T, unless: U");
    scene.apply().code(0).stderr_has("changed");
    assert_eq!(scene.read("out"), "UT");
    let scene = plan("echo no server >&2; exit 2", "text: T, unless: U");
    let ran = scene.apply().code(7).stderr_has("cannot ask the query of `unless`: `/bin/sh` ended with code 2");
    ran.stderr_has("= /bin/sh: no server");
}

#[test]
fn values_are_written_as_the_client_reads_them() {
    for (dialect, wanted) in
        [("postgres", r"select 'it''s \'"), ("mysql", r"select 'it''s \\'"), ("sqlite", r"select 'it''s \'")]
    {
        let scene = plan("cat > out", &format!("text: \"select '{{{{env.NAME}}}}'\", dialect: {dialect}"));
        scene.env("NAME", r"it's \");
        scene.apply().code(0);
        let out = scene.read("out");
        assert!(out == wanted || out == wanted.replace("''", r"\'"), "{dialect}: {out}");
    }
}

#[test]
fn what_a_client_prints_of_a_secret_is_not_shown() {
    let fields = "text: \"select '{{env.TOKEN}}'\", dialect: postgres";
    let scene = plan("cat; cat >&2; exit 1", fields);
    scene.env("TOKEN", "it's hunter2");
    let ran = scene.apply().code(7).lacks("hunter2").lacks("it''s");
    ran.stderr_has("what it printed is not shown: the statements hold a secret");
    let scene = plan("cat; cat >&2", fields);
    scene.env("TOKEN", "it's hunter2");
    scene.run(&["apply", "plan.yaml", "--log-level", "debug"]).code(0).lacks("hunter2").lacks("it''s");
    let scene = plan("cat; exit 1", "text: T, unless: \"select '{{env.TOKEN}}'\", dialect: postgres");
    scene.env("TOKEN", "it's hunter2");
    scene.apply().code(7).lacks("hunter2").stderr_has("what it printed is not shown");
}

#[test]
fn the_client_has_its_user_variables_and_secrets() {
    if !root_or_skip("the_client_has_its_user_variables_and_secrets") {
        return;
    }
    let script = "id -u > out/user; cat $PASSFILE > out/pass; pwd > out/where; cat > out/sql; env > out/env";
    let fields = "source: /sql, directory: /out, as: \"1000:1000\", env: { PASSFILE: \"{{secret_files.pw}}\", GONE: null }, \
                  secrets_as_files: { pw: { from_env: TOKEN } }";
    let scene = plan(&script.replace("out/", ""), fields);
    scene.env("TOKEN", "hunter2hunter2").env("GONE", "x").directory("out").mode("out", 0o777);
    // The program need not be allowed to read the file itself.
    scene.file("sql/a.sql", "select 1").mode("sql/a.sql", 0o600);
    scene.apply().code(0);
    assert_eq!((scene.read("out/user"), scene.read("out/pass")), ("1000\n".to_owned(), "hunter2hunter2".to_owned()));
    assert_eq!(scene.read("out/sql"), "select 1");
    assert!(scene.read("out/where").ends_with("/out\n") && !scene.read("out/env").contains("GONE"));
}

#[test]
fn sigterm_ends_the_client_and_no_further_file_is_read() {
    let scene = plan("cat >> out; touch started; sleep 100", "source: /sql");
    scene.file("sql/1.sql", "1").file("sql/2.sql", "2");
    let child = scene.start(&["apply", "plan.yaml"]);
    let began = Instant::now();
    while !scene.exists("started") {
        assert!(began.elapsed() < Duration::from_mins(1), "the client does not start");
        std::thread::sleep(Duration::from_millis(10));
    }
    kill(Pid::from_raw(i32::try_from(child.id()).unwrap()), Signal::SIGTERM).unwrap();
    let output = child.wait_with_output().unwrap();
    let log = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(143), "{log}");
    assert!(log.contains("`/bin/sh` was stopped") && log.contains("it was given `/sql/1.sql`"), "{log}");
    assert_eq!(scene.read("out"), "1");
}

#[test]
fn a_client_has_the_time_of_its_step() {
    let scene = plan("cat >> out; sleep 100", "source: /sql");
    scene.file("sql/1.sql", "1").file("sql/2.sql", "2");
    let timed = scene.read("plan.yaml").replace("- sql:", "- timeout: 500ms\n    sql:");
    scene.file("plan.yaml", timed);
    let ran = scene.apply().code(5).stderr_has("timed out: `/bin/sh` was stopped after ");
    ran.stderr_has("it was given `/sql/1.sql`");
    assert_eq!(scene.read("out"), "1");
}

#[test]
fn rules_across_fields_are_found_by_check() {
    let client = "command: [client]";
    for (fields, wanted) in [
        ("text: x", "`sql` needs either `database` or `command`"),
        (&format!("{client}, database: \"sqlite:///a\", text: x"), "`sql` has both `database` and `command`"),
        (client, "`sql` needs either `text` or `source`"),
        (&format!("{client}, text: x, lock_wait: 1s"), "`lock_wait` has no meaning beside `command`"),
        (&format!("{client}, text: x, session: [x]"), "`session` has no meaning beside `command`"),
        (&format!("{client}, text: x, unsupported: skip"), "`unsupported` has no meaning without `source`"),
        ("database: \"sqlite:///a\", text: x, env: { A: b }", "`env` has no meaning without `command`"),
        ("database: \"sqlite:///a\", text: x, dialect: mysql", "`dialect` has no meaning without `command`"),
        (&format!("{client}, text: \"{{{{env.NAME}}}}\""), "cannot tell how values are written for `client`"),
        (&format!("{client}, text: x, dialect: oracle"), "expected one of"),
        ("command: [psql], text: x", "`psql` goes on after a statement that failed, and ends with 0"),
        ("command: [/usr/bin/psql, -v, ON_ERROR_STOP=1], text: x, unless: y", "`psql` prints something also when"),
        ("command: [postgres, --single], text: x", "`postgres` goes on after a statement that failed"),
        ("command: [client, \"{{env.TOKEN}}\"], text: x", "`env.TOKEN` is secret, and arguments can be seen"),
        ("command: [client], text: \"{{env.NAMES}}\"", "did you mean `NAME`"),
    ] {
        let scene = Scene::with_plan(&format!(
            "version: 1\ninputs: {{ env: {{ NAME: {{ default: n }}, TOKEN: {{ secret: true }} }} }}\nsteps:\n  - sql: {{ {fields} }}\n"
        ));
        scene.run(&["check", "plan.yaml"]).code(3).stderr_has(wanted);
    }
    for fields in [
        "command: [psql, -XAt, -v, ON_ERROR_STOP=1], text: \"{{env.NAME}}\", unless: y",
        "command: [psql, --tuples-only, --set=ON_ERROR_STOP=0], text: x, unless: y, as: \"1:1\"",
        "command: [mariadb], text: \"{{env.NAME}}\", unless: y",
    ] {
        let scene = Scene::with_plan(&format!(
            "version: 1\ninputs: {{ env: {{ NAME: {{ default: n }} }} }}\nsteps:\n  - sql: {{ {fields} }}\n"
        ));
        scene.run(&["check", "plan.yaml"]).code(0);
    }
    let scene = Scene::with_plan(
        "version: 1\nsteps:\n  - as: \"1\"\n    sql: { command: [x], text: y, as: \"2\" }\n  - as: \"1\"\n    sql: { database: \"sqlite:///a\", text: y }\n",
    );
    let ran = scene.run(&["check", "plan.yaml"]).code(3).stderr_has("`as` stands twice");
    ran.stderr_has("`as` has no meaning for `sql`");
}

#[test]
fn a_client_on_the_command_line() {
    let scene = Scene::new();
    scene.file("sql/1.sql", "one").file("sql/x.sh", "rm").directory("out");
    let arguments = ["sql", "--source", "/sql", "--unsupported", "skip", "--env", "A=b", "--writes", "/out", "--"];
    let client = ["sh", "-c", "cat > out/sql; echo $A >> out/sql"];
    scene.run(&[&arguments[..], &client[..]].concat()).code(0).stderr_has("1 file executed by `sh`");
    assert_eq!(scene.read("out/sql"), "oneb\n");
    scene.run(&["sql", "--source", "/sql"]).code(2).stderr_has("`sql` needs either `database` or `command`");
}
