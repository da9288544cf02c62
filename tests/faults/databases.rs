//! Databases that fail in the middle: a clear message, nothing half, and a second run that finishes.

use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use super::in_mount_namespace;
use crate::harness::{Ran, Scene, root_or_skip};
use crate::mariadb::Stage;
use crate::mariadb::server::PASSWORD as MARIADB_PASSWORD;
use crate::postgres::{PASSWORD, Server, USER, encoded};

pub(super) const MIGRATE: [&str; 5] = ["migrate", "--database-env", "DATABASE_URL", "--source", "/m"];

pub(super) fn url(user: &str, port: u16) -> String {
    format!("postgres://{user}:{}@127.0.0.1:{port}/postgres", encoded(PASSWORD))
}

/// A server with two migrations beside it: one transaction, and one of steps.
fn started(test: &str, prepare: impl FnOnce(&Scene)) -> Option<Server> {
    let server = Server::start_with(test, prepare)?;
    server.wait();
    let scene = &server.scene;
    scene.file("m/1_a.sql", "CREATE TABLE a (x int);\nINSERT INTO a VALUES (1);\n");
    scene.file(
        "m/2_b.sql",
        "INSERT INTO a VALUES (2);\nCREATE INDEX CONCURRENTLY i ON a (x);\nINSERT INTO a VALUES (3);\n",
    );
    scene.env("DATABASE_URL", url("app", server.port));
    Some(server)
}

/// Everything is there, once.
#[track_caller]
fn assert_finished(server: &Server, ran: Ran) {
    ran.code(0);
    assert_eq!(server.query("SELECT string_agg(x::text, ' ' ORDER BY x) FROM a"), "1 2 3");
    assert_eq!(server.query("SELECT count(*) FROM fitout_migrations"), "2");
    assert_eq!(server.query("SELECT count(*) FROM fitout_migrations_journal"), "0");
}

#[test]
fn a_server_that_is_read_only_is_named_as_such() {
    let Some(server) = started("a_server_that_is_read_only_is_named_as_such", |_| {}) else { return };
    server.query("ALTER ROLE app SET default_transaction_read_only = on");
    let ran = server.scene.run(&MIGRATE).code(7);
    ran.stderr_has("cannot execute CREATE TABLE in a read-only transaction (SQLSTATE 25006)")
        .stderr_has("hint: this server is a replica, or read-only: name the primary");
    server.query("BEGIN READ WRITE; ALTER ROLE app RESET default_transaction_read_only; COMMIT");
    assert_finished(&server, server.scene.run(&MIGRATE));
}

#[test]
fn a_standby_is_named_as_such() {
    let Some(mut server) = started("a_standby_is_named_as_such", |_| {}) else { return };
    server.scene.run(&MIGRATE).code(0);
    server.scene.file("server/data/standby.signal", "");
    server.restart();
    // What is applied can be read there, and waited for.
    server.scene.run(&MIGRATE).code(0);
    server.scene.file("m/3_c.sql", "INSERT INTO a VALUES (4);\n");
    let ran = server.scene.run(&MIGRATE).code(7);
    ran.stderr_has("cannot apply `/m/3_c.sql`: ").stderr_has("(SQLSTATE 25006)").stderr_has("name the primary");
    std::fs::remove_file(server.scene.path("server/data/standby.signal")).unwrap();
    server.restart();
    server.scene.run(&MIGRATE).code(0).stderr_has("1 migration applied");
}

#[test]
fn rights_that_are_missing_are_named() {
    let Some(server) = started("rights_that_are_missing_are_named", |_| {}) else { return };
    server.query(&format!("CREATE ROLE little LOGIN PASSWORD '{PASSWORD}'"));
    server.scene.env("DATABASE_URL", url("little", server.port));
    // Since PostgreSQL 15 nobody else may make tables there.
    server.query("REVOKE CREATE ON SCHEMA public FROM PUBLIC");
    let ran = server.scene.run(&MIGRATE).code(7);
    ran.stderr_has("cannot make the history \"public\".\"fitout_migrations\": permission denied for schema public (SQLSTATE 42501)")
        .stderr_has("hint: grant the user of the migrations that right");
    server.query("GRANT CREATE ON SCHEMA public TO little");
    server.scene.run(&MIGRATE).code(0);

    server.query("ALTER TABLE fitout_migrations OWNER TO app; REVOKE ALL ON fitout_migrations FROM little");
    server.scene.file("m/3_c.sql", "INSERT INTO a VALUES (4);\n");
    let ran = server.scene.run(&MIGRATE).code(7);
    ran.stderr_has(
        "cannot read the history \"public\".\"fitout_migrations\": permission denied for table fitout_migrations",
    );
    // To read is not to write: the migration is rolled back with its row.
    server.query("GRANT SELECT ON fitout_migrations TO little");
    let ran = server.scene.run(&MIGRATE).code(7);
    ran.stderr_has("cannot apply `/m/3_c.sql`: permission denied for table fitout_migrations")
        .stderr_has("nothing of this migration is left");
    assert_eq!(server.query("SELECT count(*) FROM a"), "3");
    server.query("GRANT INSERT ON fitout_migrations TO little");
    server.scene.run(&MIGRATE).code(0);
    assert_eq!(server.query("SELECT count(*) FROM a"), "4");
}

#[test]
fn a_disk_that_fills_up_on_the_server_leaves_nothing_half() {
    let test = "a_disk_that_fills_up_on_the_server_leaves_nothing_half";
    if !root_or_skip(test) {
        return;
    }
    let Some(mut server) = started(test, |_| {}) else { return };
    let space = server.scene.path("space");
    server.scene.directory("space");
    server.restart_with_small_disk(&space, "2m");
    server.query(&format!("CREATE TABLESPACE small LOCATION '{}'", space.display()));
    server.query("ALTER ROLE app SET default_tablespace = small");
    let fill = |rows: u32| {
        let text = format!(
            "INSERT INTO a VALUES (2);\nCREATE TABLE b AS SELECT md5(n::text) AS y FROM generate_series(1, {rows}) n;\n\
             CREATE INDEX CONCURRENTLY i ON b (y);\nINSERT INTO a VALUES (3);\n"
        );
        server.scene.file("m/2_b.sql", text);
    };
    // In a transaction, and then in an index that is built outside of one.
    fill(60_000);
    let ran = server.scene.run(&MIGRATE).code(7);
    ran.stderr_has("(SQLSTATE 53100)")
        .stderr_has("hint: make room on the disk of the database")
        .stderr_has("/m/2_b.sql:2:1");
    assert_eq!(server.query("SELECT string_agg(x::text, ' ' ORDER BY x) FROM a"), "1");
    fill(20_000);
    let ran = server.scene.run(&MIGRATE).code(7);
    ran.stderr_has("(SQLSTATE 53100)").stderr_has("/m/2_b.sql:3:1").stderr_has("the next run goes on with it");
    server.enlarge_disk(&space, "64m");
    assert_finished(&server, server.scene.run(&MIGRATE));
    assert_eq!(server.query("SELECT count(*) FROM pg_index WHERE NOT indisvalid"), "0");
}

#[test]
fn a_disk_that_fills_up_under_sqlite_leaves_nothing_half() {
    if !root_or_skip("a_disk_that_fills_up_under_sqlite_leaves_nothing_half") {
        return;
    }
    let scene = Scene::new();
    scene.directory("v").file("m/1_a.sql", "CREATE TABLE a (x);\nINSERT INTO a VALUES (1);\n").file(
        "m/2_b.sql",
        "INSERT INTO a WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 300) SELECT zeroblob(1000) FROM n;\n\
         VACUUM;\nINSERT INTO a VALUES (2);\n",
    );
    let script = "mount -t tmpfs -o size=300k none v; migrate() { \"$1\" migrate --database sqlite:///v/app.db --source /m || echo code $?; }; \
                  migrate \"$1\"; mount -o remount,size=500k v; ls -A v; migrate \"$1\"; mount -o remount,size=9m v; migrate \"$1\"; ls -A v; \
                  migrate \"$1\" 2>&1 | grep -c unchanged";
    let ran = in_mount_namespace(&scene, script).code(0);
    assert_eq!(ran.stdout, "code 7\napp.db\ncode 7\napp.db\n1\n", "{}", ran.stderr);
    ran.stderr_has("database or disk is full")
        .stderr_has("hint: make room on the disk of the database")
        .stderr_has("/m/2_b.sql:2:1");
}

#[test]
fn a_migration_that_fails_is_never_told_as_applied() {
    let scene = Scene::new();
    scene
        .file("m/1_a.sql", "CREATE TABLE a (x);\n")
        .file("m/2_b.sql", "INSERT INTO a VALUES (1);\nINSERT INTO b VALUES (1);\n");
    let migrate = ["migrate", "--database", "sqlite:///app.db", "--source", "/m"];
    let first = scene.run(&migrate).code(7).stderr_has("no such table: b").stderr_has("applied before: 1 migration");
    first.stderr_has("applied `/m/1_a.sql`").lacks("applied `/m/2_b.sql`").lacks("changed, ");
    let again = scene.run(&[&migrate[..], &["--log", "json"]].concat()).code(7).stderr_has("\"kind\":\"failed\"");
    again.lacks("applied `/m/").lacks("changed, ");
    scene.file("m/2_b.sql", "INSERT INTO a VALUES (1);\n");
    scene.run(&migrate).code(0).stderr_has("1 migration applied");
}

/// A way to a server that can go silent, as a network does that is cut.
struct Cut {
    port: u16,
    silent: Arc<AtomicBool>,
}

impl Cut {
    fn new(server: u16) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let (port, silent) = (listener.local_addr().unwrap().port(), Arc::new(AtomicBool::new(false)));
        let hears = Arc::clone(&silent);
        thread::spawn(move || {
            for client in listener.incoming() {
                let (Ok(client), Ok(server)) = (client, TcpStream::connect(("127.0.0.1", server))) else { return };
                for (from, to) in [(&client, &server), (&server, &client)] {
                    let (mut from, mut to) = (from.try_clone().unwrap(), to.try_clone().unwrap());
                    let silent = Arc::clone(&hears);
                    thread::spawn(move || {
                        let mut buffer = vec![0; 64 * 1024];
                        while let Ok(count @ 1..) = from.read(&mut buffer) {
                            if !silent.load(Ordering::SeqCst) && to.write_all(&buffer[..count]).is_err() {
                                break;
                            }
                        }
                        // Not even the end of a connection comes through.
                        if !silent.load(Ordering::SeqCst) {
                            let _ = to.shutdown(std::net::Shutdown::Both);
                        }
                    });
                }
            }
        });
        Self { port, silent }
    }
}

#[test]
fn a_network_that_is_cut_ends_with_the_time_of_the_step() {
    let Some(server) = started("a_network_that_is_cut_ends_with_the_time_of_the_step", |_| {}) else { return };
    let scene = &server.scene;
    scene.file("m/3_c.sql", "SELECT pg_sleep(0.5);\nINSERT INTO a VALUES (4);\n");
    let cut = Cut::new(server.port);
    scene.env("DATABASE_URL", url("app", cut.port));
    let child = scene.start(&[&MIGRATE[..], &["--timeout", "3s"]].concat());
    server.wait_for_sleep();
    cut.silent.store(true, Ordering::SeqCst);
    let ran = Ran::from(child.wait_with_output().unwrap()).code(5);
    ran.stderr_has("the time of the step is over")
        .stderr_has("the database did not say in time what became of the statement");
    // The server has heard everything, and committed.
    scene.env("DATABASE_URL", url("app", server.port));
    let ran = scene.run(&[&MIGRATE[..], &["--timeout", "60s"]].concat()).code(0);
    ran.stderr_has("unchanged");
    assert_eq!(server.query("SELECT string_agg(x::text, ' ' ORDER BY x) FROM a"), "1 2 3 4");
}

/// To the kernel a server that reads no further looks like one that is gone.
#[test]
fn lines_that_the_server_leaves_unread_for_long_are_taken_at_last() {
    let Some(server) = started("lines_that_the_server_leaves_unread_for_long_are_taken_at_last", |_| {}) else {
        return;
    };
    let scene = &server.scene;
    let options = "?keepalives_idle=1&keepalives_interval=1&keepalives_count=1";
    scene.env("DATABASE_URL", format!("{}{options}", url("app", server.port)));
    scene.file("m/3_c.sql", "CREATE TABLE c (x int UNIQUE, y text);\n");
    scene.run(&MIGRATE).code(0);
    scene.file("held.sql", "BEGIN; INSERT INTO c VALUES (0, ''); SELECT pg_sleep(7); ROLLBACK;\n");
    let mut other = server.start_file(&scene.path("held.sql"));
    server.wait_for_sleep();
    let filling = "x".repeat(16 * 1024);
    let lines: String = (0..1500).map(|number| format!("{number}\t{filling}\n")).collect();
    scene.file("m/4_d.sql", format!("COPY c FROM stdin;\n{lines}\\.\n"));
    scene.run(&MIGRATE).code(0);
    assert_eq!(server.query("SELECT count(*) FROM c"), "1500");
    assert!(other.wait().unwrap().success());
}

#[test]
fn mariadb_that_is_read_only_or_grants_too_little() {
    let Some(stage) = Stage::new("mariadb_that_is_read_only_or_grants_too_little") else { return };
    let scene = &stage.scene;
    stage.said(&format!(
        "CREATE USER little@'%' IDENTIFIED BY '{MARIADB_PASSWORD}'; GRANT SELECT, CREATE, INSERT, DELETE ON app.* TO little@'%'; \
         CREATE TABLE app.a (x int); SET GLOBAL read_only = 1"
    ));
    scene.file(
        "m/1_a.sql",
        "INSERT INTO a VALUES (1);\nALTER TABLE a ADD COLUMN y int;\nINSERT INTO a VALUES (2, 2);\n",
    );
    let url = stage.url(MARIADB_PASSWORD, "127.0.0.1", "").replace("//app:", "//little:");
    scene.env("DATABASE_URL", url);
    let ran = scene.run(&MIGRATE).code(7);
    ran.stderr_has("running with the --read-only option so it cannot execute this statement (error 1290)");
    stage.said("SET GLOBAL read_only = 0");
    let ran = scene.run(&MIGRATE).code(7);
    ran.stderr_has("ALTER command denied to user 'little'")
        .stderr_has("/m/1_a.sql:2:1")
        .stderr_has("the next run goes on with it");
    stage.said("GRANT ALTER ON app.* TO little@'%'");
    scene.run(&MIGRATE).code(0).stderr_has("goes on with its statement 2");
    assert_eq!(stage.said("SELECT COUNT(*), COUNT(y) FROM a"), "2\t1");
}

impl Server {
    /// With a small disk of its own at this place, which nobody else sees.
    fn restart_with_small_disk(&mut self, place: &std::path::Path, size: &str) {
        let script = format!(
            "mount -t tmpfs -o size={size},uid={USER},gid={USER},mode=0700 none {0} && exec \"$@\"",
            place.display()
        );
        self.restart_under(&["unshare", "-m", "/bin/sh", "-e", "-c", &script, "sh"]);
    }

    fn enlarge_disk(&self, place: &std::path::Path, size: &str) {
        let process = self.process().to_string();
        let mut command = Command::new("nsenter");
        command.args(["-t", &process, "-m", "mount", "-o", &format!("remount,size={size}")]).arg(place);
        assert!(command.status().unwrap().success());
    }
}
