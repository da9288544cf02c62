//! A `MariaDB` server whose disk is full.

use std::path::PathBuf;
use std::process::Command;

use super::databases::MIGRATE;
use crate::harness::root_or_skip;
use crate::mariadb::Stage;
use crate::mariadb::server::{PASSWORD, Server};

/// A server makes its own files larger by many MiB at once.
const ENOUGH: u64 = 256;

/// A server with its data on a small disk of its own, which nobody else sees.
struct Small {
    stage: Stage,
    data: PathBuf,
}

impl Small {
    fn new(test: &str) -> Option<Self> {
        if !root_or_skip(test) {
            return None;
        }
        let mut stage = Stage::new(test)?;
        let data = stage.scene.path("server/data");
        stage.server.kill();
        let script = format!(
            "cp -a {0} {0}-kept; mount -t tmpfs none {0}; cp -a --sparse=never {0}-kept/. {0}; exec \"$@\"",
            data.display()
        );
        let wrapper = ["unshare", "-m", "/bin/sh", "-e", "-c", &script, "sh"];
        stage.server = Server::start_under(&wrapper, &stage.scene.path("server"), &[])?;
        stage.scene.env("DATABASE_URL", stage.url(PASSWORD, "127.0.0.1", ""));
        Some(Self { stage, data })
    }

    /// As the server sees its disk.
    fn inside(&self, program: &str, arguments: &[&str]) -> String {
        let process = self.stage.server.process.id().to_string();
        let mut command = Command::new("nsenter");
        let output = command.args(["-t", &process, "-m", program]).args(arguments).arg(&self.data).output().unwrap();
        assert!(output.status.success(), "{program}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8_lossy(&output.stdout).into_owned()
    }

    /// Leaves so many MiB.
    fn leave(&self, room: u64) {
        let said = self.inside("df", &["--block-size=1K", "--output=used"]);
        let used: u64 = said.lines().last().unwrap().trim().parse().unwrap();
        self.inside("mount", &["-o", &format!("remount,size={}k", used + room * 1024)]);
    }
}

/// Needs about so many MiB.
fn rows(table: &str, room: u32) -> String {
    format!(
        "INSERT INTO {table} WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 500) \
         SELECT MD5(n.i) FROM n, n AS m WHERE m.i <= {};\n",
        room * 30
    )
}

#[test]
fn a_disk_that_fills_up_under_mariadb_leaves_nothing_half() {
    let Some(small) = Small::new("a_disk_that_fills_up_under_mariadb_leaves_nothing_half") else { return };
    let (stage, scene) = (&small.stage, &small.stage.scene);
    scene.file("m/1_a.sql", "CREATE TABLE a (x int);\nCREATE TABLE b (y char(32));\n");
    scene.run(&MIGRATE).code(0);
    scene.file("m/2_b.sql", format!("INSERT INTO a VALUES (1);\n{}INSERT INTO a VALUES (2);\n", rows("b", 16)));
    small.leave(6);
    let full = |place: &str| {
        let ran = scene.run(&MIGRATE).code(7).stderr_has("hint: make room on the disk of the database");
        ran.stderr_has(place)
    };
    full("/m/2_b.sql:2:1").stderr_has("nothing of this migration is left");
    assert_eq!(stage.said("SELECT COUNT(*) FROM a UNION ALL SELECT COUNT(*) FROM b"), "0\n0");
    small.leave(ENOUGH);
    scene.run(&MIGRATE).code(0).stderr_has("1 migration applied");
    assert_eq!(stage.said("SELECT COUNT(*) FROM a"), "2");
}

#[test]
fn a_disk_that_fills_up_under_steps_of_mariadb_stops_at_one_of_them() {
    let Some(small) = Small::new("a_disk_that_fills_up_under_steps_of_mariadb_stops_at_one_of_them") else { return };
    let (stage, scene) = (&small.stage, &small.stage.scene);
    scene.file("m/1_a.sql", format!("CREATE TABLE a (x int);\nCREATE TABLE b (y char(32));\n{}", rows("b", 16)));
    small.leave(6);
    let full = |place: &str| {
        let ran = scene.run(&MIGRATE).code(7).stderr_has("hint: make room on the disk of the database");
        ran.stderr_has(place).stderr_has("the next run goes on with it")
    };
    full("/m/1_a.sql:3:1");
    assert_eq!(stage.said("SELECT COUNT(*) FROM b"), "0");
    small.leave(ENOUGH);
    scene.run(&MIGRATE).code(0).stderr_has("`/m/1_a.sql` goes on with its statement 3");
    scene
        .file("m/2_b.sql", "INSERT INTO a VALUES (1);\nALTER TABLE b ADD KEY (y), FORCE;\nINSERT INTO a VALUES (2);\n");
    small.leave(6);
    full("/m/2_b.sql:2:1");
    assert_eq!(stage.said("SELECT COUNT(*) FROM a"), "1");
    small.leave(ENOUGH);
    scene.run(&MIGRATE).code(0).stderr_has("`/m/2_b.sql` goes on with its statement 2");
    assert_eq!(stage.said("SELECT COUNT(*) FROM a"), "2");
    assert_eq!(stage.said("SELECT COUNT(*) FROM b FORCE INDEX (y)"), "240000");
    scene.run(&MIGRATE).code(0).stderr_has("unchanged");
}
