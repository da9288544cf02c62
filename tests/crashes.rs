//! Kills at any moment: a database that was migrated by many runs that were killed is the same as one that was migrated in peace.
//!
//! `FITOUT_CRASH_ROUNDS` asks for more rounds than the few of each run of the tests; `FITOUT_CRASH_SEED` for those of an earlier run.

mod boundaries;
mod mariadb;
mod sqlite;
mod wire;

use std::process::Child;
use std::time::Duration;

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use self::boundaries::Bench;
use crate::harness::Scene;
use crate::postgres::{PASSWORD, Server, encoded};

/// Each statement can be told from its other runs: by its table, its index, or its row. No sequence: those skip numbers after a crash.
const POSTGRES: [(&str, &str); 6] = [
    (
        "m/1_a.sql",
        "CREATE TABLE a (id int, label text);\nSELECT pg_sleep(0.005);\nINSERT INTO a SELECT n, n::text FROM generate_series(1, 2000) n;\n",
    ),
    (
        "m/2_b.sql",
        "INSERT INTO a VALUES (-1, 'once');\nSELECT pg_sleep(0.005);\nCREATE INDEX CONCURRENTLY a_id ON a (id);\n\
         INSERT INTO a VALUES (-2, 'once');\nSELECT pg_sleep(0.005);\nCREATE UNIQUE INDEX CONCURRENTLY a_label ON a (label, id);\n\
         INSERT INTO a VALUES (-3, 'once');\n",
    ),
    ("m/3_c.sql", "CREATE TABLE c (id int PRIMARY KEY);\nSELECT pg_sleep(0.005);\nINSERT INTO c VALUES (1);\n"),
    (
        "m/4_d.sql",
        "-- fitout: no-transaction\nCREATE TABLE d (id int);\nSELECT pg_sleep(0.005);\nINSERT INTO d VALUES (1);\nINSERT INTO d VALUES (2);\n",
    ),
    (
        "m/5_e.sql",
        "REINDEX INDEX CONCURRENTLY a_id;\nDROP INDEX CONCURRENTLY a_label;\nINSERT INTO a VALUES (-4, 'once');\nVACUUM a;\n",
    ),
    (
        "m/6_f.sql",
        "ALTER TABLE a ADD COLUMN more int DEFAULT 7;\nSELECT pg_sleep(0.005);\nALTER TABLE c ADD COLUMN x int;\n",
    ),
];

const SQLITE: [(&str, &str); 4] = [
    (
        "m/1_a.sql",
        "CREATE TABLE a (id int, label text);\nINSERT INTO a WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 5000) SELECT i, 'x' FROM n;\n",
    ),
    (
        "m/2_b.sql",
        "INSERT INTO a VALUES (-1, 'once');\nCREATE INDEX a_id ON a (id);\nUPDATE a SET label = label || id;\n",
    ),
    (
        "m/3_c.sql",
        "-- fitout: no-transaction\nCREATE TABLE c (id int);\nINSERT INTO c VALUES (1);\nINSERT INTO c VALUES (2);\nVACUUM;\nINSERT INTO c VALUES (3);\n",
    ),
    ("m/4_d.sql", "ALTER TABLE a ADD COLUMN more int;\nUPDATE a SET more = id;\n"),
];

/// How long the first run of a round lives at most, in microseconds.
const LONGEST: u64 = 60_000;

/// Numbers that look random, and are the same for the same seed.
struct Moments(u64);

impl Moments {
    fn new(test: &str) -> Self {
        let seed = variable("FITOUT_CRASH_SEED").unwrap_or_else(|| u64::from(std::process::id()));
        eprintln!("{test}: FITOUT_CRASH_SEED={seed}");
        Self(seed.wrapping_mul(2).wrapping_add(1))
    }

    fn next(&mut self, below: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % below
    }
}

fn variable(name: &str) -> Option<u64> {
    std::env::var(name).ok().map(|value| value.parse().unwrap())
}

fn rounds(few: u64) -> u64 {
    variable("FITOUT_CRASH_ROUNDS").unwrap_or(few)
}

/// Starts the program and kills it after a moment, again and again, until it has come to its end by itself. The moments become
/// longer by a tenth, so that this ends on a slow machine too.
fn until_done(start: impl Fn() -> Child, moments: &mut Moments) -> u32 {
    let (mut kills, mut longest) = (0, LONGEST);
    loop {
        let child = start();
        std::thread::sleep(Duration::from_micros(moments.next(longest)));
        longest += longest / 10;
        // It has not been waited for, so the number is still its own.
        kill(Pid::from_raw(i32::try_from(child.id()).unwrap()), Signal::SIGKILL).unwrap();
        let output = child.wait_with_output().unwrap();
        match output.status.code() {
            Some(0) => return kills,
            None => kills += 1,
            code => panic!("after {kills} kills: {code:?}\n{}", String::from_utf8_lossy(&output.stderr)),
        }
    }
}

/// Schema and rows, without our own tables, and the versions that the history has.
fn contents(server: &Server) -> String {
    let dump = server.client("pg_dump").args(["--exclude-table=fitout_*", "--inserts"]).output().unwrap();
    assert!(dump.status.success(), "{}", String::from_utf8_lossy(&dump.stderr));
    // Later releases write a key of their own into each dump.
    let dump = String::from_utf8(dump.stdout).unwrap();
    let mut lines: Vec<&str> = dump.lines().filter(|line| !line.contains("restrict ")).collect();
    // The order of rows is not that of a table.
    lines.sort_unstable();
    let history = "SELECT string_agg(version || name || checksum, ' ' ORDER BY version) FROM fitout_migrations";
    format!("{}\n{}", lines.join("\n"), server.query(history))
}

fn clean(server: &Server) {
    server.query("DROP SCHEMA public CASCADE");
    server.query("CREATE SCHEMA public");
}

fn started(test: &str) -> Option<Server> {
    let server = Server::start(test)?;
    server.wait();
    // So that every round begins with the same.
    clean(&server);
    for (name, text) in POSTGRES {
        server.scene.file(name, text);
    }
    server
        .scene
        .env("DATABASE_URL", format!("postgres://app:{}@127.0.0.1:{}/postgres", encoded(PASSWORD), server.port));
    Some(server)
}

const MIGRATE: [&str; 5] = ["migrate", "--database-env", "DATABASE_URL", "--source", "/m"];

#[test]
fn kills_leave_the_same_postgresql_database() {
    let test = "kills_leave_the_same_postgresql_database";
    let Some(server) = started(test) else { return };
    server.scene.run(&MIGRATE).code(0);
    let undisturbed = contents(&server);
    let mut moments = Moments::new(test);
    let mut kills = 0;
    for round in 0..rounds(6) {
        clean(&server);
        kills += until_done(|| server.scene.start(&MIGRATE), &mut moments);
        assert!(contents(&server) == undisturbed, "round {round}: {}", contents(&server));
        let left = server.query("SELECT count(*) FROM fitout_migrations_journal");
        assert_eq!(left, "0", "round {round}: rows of the journal are left");
        assert_eq!(server.query("SELECT count(*) FROM pg_index WHERE NOT indisvalid"), "0", "round {round}");
    }
    assert!(kills > 0, "no run was killed");
}

#[test]
fn kills_at_messages_leave_the_same_postgresql_database() {
    let test = "kills_at_messages_leave_the_same_postgresql_database";
    let Some(server) = started(test) else { return };
    let bench = Bench {
        scene: &server.scene,
        port: server.port,
        url: &|port| format!("postgres://app:{}@127.0.0.1:{port}/postgres", encoded(PASSWORD)),
        clean: &|| clean(&server),
        contents: &|| {
            let left = "SELECT count(*) FROM fitout_migrations_journal";
            format!("{}\n{}", contents(&server), server.query(left))
        },
    };
    bench.kill_at_messages(test);
}

#[test]
fn a_restart_of_the_server_leaves_the_same_database() {
    let test = "a_restart_of_the_server_leaves_the_same_database";
    let Some(mut server) = started(test) else { return };
    server.scene.run(&MIGRATE).code(0);
    let undisturbed = contents(&server);
    let mut moments = Moments::new(test);
    let mut losses = 0;
    for round in 0..rounds(2) {
        clean(&server);
        let mut longest = LONGEST;
        loop {
            let child = server.scene.start(&MIGRATE);
            std::thread::sleep(Duration::from_micros(moments.next(longest)));
            longest += longest / 4;
            server.restart();
            let output = child.wait_with_output().unwrap();
            let log = String::from_utf8_lossy(&output.stderr).into_owned();
            match output.status.code() {
                Some(0) => break,
                Some(7) => losses += 1,
                code => panic!("{code:?}: {log}"),
            }
        }
        assert!(contents(&server) == undisturbed, "round {round}: {}", contents(&server));
    }
    assert!(losses > 0, "no run lost the server");
}

/// The schema, the rows, and what the history and the journal have.
fn sqlite_contents(scene: &Scene) -> Vec<String> {
    let connection = rusqlite::Connection::open(scene.path("app.db")).unwrap();
    let mut found = Vec::new();
    for sql in [
        "PRAGMA integrity_check",
        "SELECT coalesce(sql, name) FROM sqlite_master ORDER BY name",
        "SELECT id || ' ' || label || ' ' || more FROM a ORDER BY id",
        "SELECT CAST(id AS text) FROM c ORDER BY id",
        "SELECT version || name || checksum FROM fitout_migrations ORDER BY version",
        "SELECT version FROM fitout_migrations_journal",
    ] {
        let mut statement = connection.prepare(sql).unwrap();
        found.extend(statement.query_map([], |row| row.get::<_, String>(0)).unwrap().map(Result::unwrap));
    }
    found
}
