//! Directories and files with statements: for a client program, and for a database that Fitout itself speaks to.

use std::io::Write as _;
use std::process::{Command, Stdio};

use super::plan;
use crate::harness::Scene;

/// The text as this program compresses it.
fn packed(program: &str, text: &[u8]) -> Vec<u8> {
    let mut child = Command::new(program).arg("-c").stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let text = text.to_vec();
    let writer = std::thread::spawn(move || stdin.write_all(&text).unwrap());
    let output = child.wait_with_output().unwrap();
    writer.join().unwrap();
    output.stdout
}

/// The same step for both who may execute statements.
fn both(fields: &str) -> [Scene; 2] {
    let direct = Scene::with_plan(&format!(
        "version: 1\nsteps:\n  - sql: {{ database: {{ driver: sqlite, path: /app.db }}, {fields} }}\n"
    ));
    rusqlite::Connection::open(direct.path("app.db")).unwrap().execute_batch("create table t (name text)").unwrap();
    [plan("cat >> out", fields), direct]
}

/// What was executed.
fn executed(scene: &Scene) -> String {
    if !scene.exists("app.db") {
        return if scene.exists("out") { scene.read("out") } else { String::new() };
    }
    let rows = crate::pages::rows(scene, "app.db", "select name from t");
    rows.lines().map(|name| format!("insert into t values ('{name}');\n")).collect()
}

fn insert(name: &str) -> String {
    format!("insert into t values ('{name}');\n")
}

#[test]
fn compressed_files_are_decompressed() {
    for scene in both("source: /sql") {
        for (suffix, program) in [("gz", "gzip"), ("xz", "xz"), ("zst", "zstd"), ("bz2", "bzip2")] {
            scene.file(&format!("sql/{suffix}.sql.{suffix}"), packed(program, insert(suffix).as_bytes()));
        }
        scene.file("sql/plain.sql", insert("plain"));
        scene.apply().code(0);
        let wanted: String = ["bz2", "gz", "plain", "xz", "zst"].map(insert).concat();
        assert_eq!(executed(&scene), wanted);
    }
    for scene in both("source: /dump.sql.gz") {
        scene.file("dump.sql.gz", packed("gzip", insert("one").as_bytes()));
        scene.apply().code(0);
        assert_eq!(executed(&scene), insert("one"));
    }
}

#[test]
fn a_compressed_file_that_is_damaged_stops_everything_before_it_begins() {
    let whole = packed("gzip", insert("x").repeat(100).as_bytes());
    let mut damaged = whole.clone();
    let middle = damaged.len() / 2;
    damaged[middle] ^= 0x55;
    for (bytes, wanted) in [
        (&whole[..whole.len() - 4], "cannot read `/sql/2.sql.gz`: it ends too early"),
        (&damaged[..], "cannot read `/sql/2.sql.gz`: "),
        (b"select 1;", "cannot read `/sql/2.sql.gz`: it is not gzip"),
        (b"", "cannot read `/sql/2.sql.gz`: it is not gzip"),
    ] {
        for scene in both("source: /sql") {
            scene.file("sql/1.sql", insert("first")).file("sql/2.sql.gz", bytes);
            scene.apply().code(6).stderr_has(wanted);
            assert_eq!(executed(&scene), "", "{wanted}");
        }
    }
}

#[test]
fn a_file_that_becomes_larger_than_memory_should_hold_is_refused() {
    let zeros = packed("gzip", &vec![b' '; (64 << 20) + 1]);
    for scene in both("source: /sql") {
        scene.file("sql/1.sql.gz", &zeros);
        let ran =
            scene.apply().code(6).stderr_has("cannot read `/sql/1.sql.gz`: it becomes too large: more than 64 MiB");
        ran.stderr_has("hint: decompress it, or divide it");
    }
    // A client reads a file as it is, of any size.
    let scene = plan("wc -c > out", "source: /sql");
    scene.file("sql/1.sql", vec![b' '; (64 << 20) + 1]);
    scene.apply().code(0);
    assert_eq!(scene.read("out").trim(), "67108865");
}

#[test]
fn what_is_no_sql_is_named_all_at_once_and_nothing_is_executed() {
    for scene in both("source: /sql") {
        scene
            .file("sql/1.sql", insert("first"))
            .file("sql/2-users.sh", "rm -rf /")
            .file("sql/read me.txt", "")
            .file("sql/dump.SQL", "")
            .file("sql/dump.sql.zip", "")
            .directory("sql/sub.sql")
            .link("/nowhere", "sql/gone.sql");
        nix::unistd::mkfifo(&scene.path("sql/pipe.sql"), nix::sys::stat::Mode::S_IRWXU).unwrap();
        scene.run(&["check", "plan.yaml"]).code(3).stderr_has("error: cannot execute everything in `/sql`");
        let ran = scene.apply().code(3).stderr_has("error: cannot execute everything in `/sql`");
        for wanted in [
            "= `2-users.sh`: a script of a shell, and no shell runs here\n",
            "= `dump.SQL`: its name does not end in .sql, ",
            "= `dump.sql.zip`: its name does not end in .sql, ",
            "= `gone.sql`: a link that leads to nothing\n",
            "= `pipe.sql`: no file\n",
            "= `read me.txt`: its name does not end in .sql, ",
            "= `sub.sql`: a directory\n",
            "`unsupported: warn` or `skip`",
        ] {
            assert!(ran.stderr.contains(wanted), "{wanted}: {}", ran.stderr);
        }
        assert_eq!(executed(&scene), "");
    }
    for (policy, warns) in [("warn", true), ("skip", false)] {
        for scene in both(&format!("source: /sql, unsupported: {policy}")) {
            scene.file("sql/1.sql", insert("first")).file("sql/2-users.sh", "rm -rf /");
            let ran = scene.apply().code(0);
            let wanted = "fitout: warn: step 1 `sql`: not executed: `2-users.sh`: a script of a shell";
            assert_eq!(ran.stderr.contains(wanted), warns, "{}", ran.stderr);
            assert_eq!(executed(&scene), insert("first"));
        }
    }
    for scene in both("source: /sql") {
        for number in 0..50 {
            scene.file(&format!("sql/{number}.sh"), "");
        }
        scene.apply().code(3).stderr_has("= and 30 more\n");
    }
}

#[test]
fn a_mounted_config_map_and_an_empty_directory() {
    for scene in both("source: /sql") {
        scene
            .file("sql/..2026_01_01/1.sql", insert("mounted"))
            .link("..2026_01_01", "sql/..data")
            .link("..data/1.sql", "sql/1.sql")
            .file("sql/.hidden.sql", "nonsense");
        scene.apply().code(0);
        assert_eq!(executed(&scene), insert("mounted"));
    }
    for scene in both("source: /sql, unless: nonsense") {
        scene.directory("sql");
        scene.apply().code(0).stderr_has("step 1 `sql`: unchanged");
        scene.run(&["show", "plan.yaml"]).code(0);
    }
}

#[test]
fn a_source_that_is_missing_is_said_by_its_name() {
    for scene in both("source: /sql") {
        scene.apply().code(6).stderr_has("cannot read `/sql`: no such file");
        scene.run(&["check", "plan.yaml"]).stderr_has("cannot read `/sql`: no such file");
        let made = scene.read("plan.yaml").replace("steps:\n", "steps:\n  - copy: { source: /from, path: /sql }\n");
        scene.file("plan.yaml", made).run(&["check", "plan.yaml"]).code(0);
    }
}
