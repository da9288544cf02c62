//! A network that is cut in the middle of a migration: packets are dropped, and nobody is told.

use std::panic::resume_unwind;
use std::process::{Command, Output};
use std::thread;
use std::time::{Duration, Instant};

use nix::sched::{CloneFlags, unshare};

use super::databases::{MIGRATE, url};
use crate::harness::{Ran, Scene, root_or_skip, skip};
use crate::mariadb::Stage;
use crate::mariadb::server::PASSWORD as MARIADB_PASSWORD;
use crate::postgres::Server;

/// In a network of its own, which nobody else sees and which ends with the thread.
fn alone(test: &str, work: impl FnOnce() + Send) {
    if !root_or_skip(test) {
        return;
    }
    let done = thread::scope(|scope| {
        scope
            .spawn(|| {
                if let Err(needed) = prepared() {
                    return skip(test, &needed);
                }
                work();
            })
            .join()
    });
    done.unwrap_or_else(|panic| resume_unwind(panic));
}

fn prepared() -> Result<(), String> {
    unshare(CloneFlags::CLONE_NEWNET).map_err(|errno| format!("a network namespace: {errno}"))?;
    done("ip", "link set lo up")?;
    done("nft", "add table inet cut")?;
    done("nft", "delete table inet cut")
}

fn done(program: &str, words: &str) -> Result<(), String> {
    let output: Output = Command::new(program)
        .args(words.split(' '))
        .output()
        .map_err(|error| format!("the program `{program}`: {error}"))?;
    let said = String::from_utf8_lossy(&output.stderr);
    if output.status.success() { Ok(()) } else { Err(format!("what `{program}` cannot do here: {said}")) }
}

/// What is sent to the server is lost from now on, and what it sends too if `both`.
fn cut(port: u16, both: bool) {
    done("nft", "add table inet cut").unwrap();
    done("nft", "add chain inet cut lost { type filter hook input priority 0 ; }").unwrap();
    for side in ["dport", "sport"].iter().take(if both { 2 } else { 1 }) {
        done("nft", &format!("add rule inet cut lost tcp {side} {port} drop")).unwrap();
    }
}

fn heal() {
    done("nft", "delete table inet cut").unwrap();
}

/// A run during which the network is cut after `wait`. It ends by itself, and the network is whole again.
#[track_caller]
fn run_that_is_cut(scene: &Scene, wait: impl Fn(), port: u16, both: bool, limit: Duration) -> Ran {
    let child = scene.start(&MIGRATE);
    wait();
    cut(port, both);
    let cut_at = Instant::now();
    let ran = Ran::from(child.wait_with_output().unwrap()).code(7);
    heal();
    assert!(cut_at.elapsed() < limit, "{:?}: {}", cut_at.elapsed(), ran.stderr);
    ran
}

#[test]
fn a_network_that_drops_everything_ends_a_migration_of_postgresql() {
    let test = "a_network_that_drops_everything_ends_a_migration_of_postgresql";
    alone(test, || {
        let Some(server) = Server::start(test) else { return };
        server.wait();
        let scene = &server.scene;
        let options = "?keepalives_idle=1&keepalives_interval=1&keepalives_count=2";
        scene.env("DATABASE_URL", format!("{}{options}", url("app", server.port)));
        scene.file(
            "m/1_a.sql",
            "CREATE TABLE a (x int);\nINSERT INTO a VALUES (1);\nCREATE FUNCTION slow(int) RETURNS int IMMUTABLE LANGUAGE plpgsql \
             AS 'BEGIN PERFORM pg_sleep(2); RETURN $1; END';\n",
        );
        scene.run(&MIGRATE).code(0);
        let cut = |both| run_that_is_cut(scene, || server.wait_for_sleep(), server.port, both, Duration::from_secs(30));
        // A transaction, an index that the server goes on building, and a statement that does not reach the server any more.
        scene.file("m/2_b.sql", "INSERT INTO a VALUES (2);\nSELECT pg_sleep(2);\n");
        cut(true).stderr_has("cannot apply `/m/2_b.sql`: the connection was lost").stderr_has("hint: run it again");
        scene.run(&MIGRATE).code(0);
        scene.file("m/3_c.sql", "CREATE INDEX CONCURRENTLY i ON a (slow(x));\nINSERT INTO a VALUES (3);\n");
        cut(true).stderr_has("/m/3_c.sql:1:1");
        scene.run(&MIGRATE).code(0).stderr_has("waiting for the lock on the history");
        scene.file("m/4_d.sql", "SELECT pg_sleep(2);\nVACUUM a;\nINSERT INTO a VALUES (4);\n");
        cut(false).stderr_has("/m/4_d.sql:2:1");
        scene.run(&MIGRATE).code(0).stderr_has("`/m/4_d.sql` goes on with its statement 2");
        assert_eq!(server.query("SELECT string_agg(x::text, ' ' ORDER BY x) FROM a"), "1 2 3 4");
        assert_eq!(server.query("SELECT count(*) FROM pg_index WHERE NOT indisvalid"), "0");
        scene.run(&MIGRATE).code(0).stderr_has("unchanged");
    });
}

#[test]
fn a_network_that_drops_everything_ends_a_migration_of_mariadb() {
    let test = "a_network_that_drops_everything_ends_a_migration_of_mariadb";
    alone(test, || {
        let Some(stage) = Stage::new(test) else { return };
        // Nothing of ours can be set for a server's answer that does not arrive: it gives up sooner than after a quarter of an hour.
        std::fs::write("/proc/sys/net/ipv4/tcp_retries2", "5").unwrap();
        let scene = &stage.scene;
        scene.env("DATABASE_URL", stage.url(MARIADB_PASSWORD, "127.0.0.1", ""));
        scene.file("m/1_a.sql", "CREATE TABLE a (x int);\nINSERT INTO a VALUES (1);\n");
        scene.run(&MIGRATE).code(0);
        scene.file(
            "m/2_b.sql",
            "INSERT INTO a VALUES (2);\nDO SLEEP(2);\nALTER TABLE a ADD COLUMN y int;\nINSERT INTO a VALUES (3, 3);\n",
        );
        // Our own limit is a minute.
        let ran = run_that_is_cut(scene, || stage.wait_for_sleep(), stage.server.port, true, Duration::from_secs(90));
        ran.stderr_has("cannot apply `/m/2_b.sql`: the server does not answer any more")
            .stderr_has("hint: run it again");
        scene.run(&MIGRATE).code(0).stderr_has("`/m/2_b.sql` goes on with its statement 3");
        assert_eq!(stage.said("SELECT GROUP_CONCAT(x ORDER BY x) FROM a"), "1,2,3");
        scene.run(&MIGRATE).code(0).stderr_has("unchanged");
    });
}
