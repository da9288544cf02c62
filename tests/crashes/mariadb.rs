//! The same for `MariaDB`, where nearly every statement commits.

use super::boundaries::Bench;
use super::{LONGEST, Moments, rounds, until_done};
use crate::mariadb::Stage;
use crate::mariadb::server::PASSWORD;

/// Nothing that only a person could settle.
const FILES: [(&str, &str); 5] = [
    ("m/1_a.sql", "CREATE TABLE a (id int, label text);\nINSERT INTO a SELECT seq, seq FROM seq_1_to_2000;\n"),
    (
        "m/2_b.sql",
        "INSERT INTO a VALUES (-1, 'once');\nCREATE INDEX a_id ON a (id);\nINSERT INTO a VALUES (-2, 'once');\n\
         ALTER TABLE a ADD COLUMN more int DEFAULT 7;\nSET @n = -3;\nINSERT INTO a VALUES (-3, 'once', 1);\n\
         ALTER TABLE a MODIFY label varchar(100), ALTER more SET DEFAULT 8;\n",
    ),
    (
        "m/3_c.sql",
        "CREATE TABLE c (id int PRIMARY KEY);\nINSERT INTO c VALUES (1);\nDROP INDEX a_id ON a;\nINSERT INTO c VALUES (2);\n\
         CREATE VIEW v AS SELECT id FROM c;\nTRUNCATE c;\nINSERT INTO c VALUES (3);\nCREATE TABLE gone (x int);\nDROP TABLE gone;\n",
    ),
    (
        "m/4_d.sql",
        "DELIMITER //\nCREATE PROCEDURE p() BEGIN INSERT INTO c VALUES (9); END//\nDELIMITER ;\n\
         CREATE TRIGGER t AFTER INSERT ON c FOR EACH ROW UPDATE a SET more = more + 1 WHERE id = 1;\nINSERT INTO c VALUES (4);\n\
         OPTIMIZE TABLE c;\nDROP TRIGGER t;\nINSERT INTO c VALUES (5);\n",
    ),
    ("m/5_e.sql", "UPDATE a SET more = id;\nDELETE FROM a WHERE id > 1990;\n"),
];

fn started(test: &str) -> Option<Stage> {
    let stage = Stage::new(test)?;
    for (name, text) in FILES {
        stage.scene.file(name, text);
    }
    Some(stage)
}

fn clean(stage: &Stage) {
    stage.said("DROP DATABASE IF EXISTS app; CREATE DATABASE app CHARACTER SET utf8mb4");
}

/// Schema and rows, without our own tables, what the history has, and that nothing is left in the journal.
fn contents(stage: &Stage) -> String {
    let mut dump = stage.program("mariadb-dump");
    dump.args(["--skip-comments", "--skip-extended-insert", "--routines", "--order-by-primary", "app"]);
    dump.args(["--ignore-table=app.fitout_migrations", "--ignore-table=app.fitout_migrations_journal"]);
    let dump = dump.output().unwrap();
    assert!(dump.status.success(), "{}", String::from_utf8_lossy(&dump.stderr));
    let dump = String::from_utf8(dump.stdout).unwrap();
    let mut lines: Vec<&str> = dump.lines().collect();
    // The order of rows is not that of a table.
    lines.sort_unstable();
    let history = "SELECT GROUP_CONCAT(version, name, checksum ORDER BY version) FROM fitout_migrations; \
                   SELECT COUNT(*) FROM fitout_migrations_journal";
    format!("{}\n{}", lines.join("\n"), stage.said(history))
}

const MIGRATE: [&str; 5] = ["migrate", "--database-env", "DATABASE_URL", "--source", "/m"];

fn url(stage: &Stage, port: u16) -> String {
    let url = stage.url(PASSWORD, "127.0.0.1", "?ssl-mode=disabled");
    url.replace(&format!(":{}/", stage.server.port), &format!(":{port}/"))
}

#[test]
fn kills_leave_the_same_mariadb_database() {
    let test = "kills_leave_the_same_mariadb_database";
    let Some(stage) = started(test) else { return };
    stage.scene.env("DATABASE_URL", url(&stage, stage.server.port));
    clean(&stage);
    stage.scene.run(&MIGRATE).code(0);
    let undisturbed = contents(&stage);
    assert!(undisturbed.ends_with("\n0"), "{undisturbed}");
    let (mut moments, mut kills) = (Moments::new(test), 0);
    for round in 0..rounds(6) {
        clean(&stage);
        kills += until_done(|| stage.scene.start(&MIGRATE), &mut moments);
        assert!(contents(&stage) == undisturbed, "round {round}: {}", contents(&stage));
    }
    assert!(kills > 0, "no run was killed");
    eprintln!("{test}: {kills} kills");
}

#[test]
fn kills_at_messages_leave_the_same_mariadb_database() {
    let test = "kills_at_messages_leave_the_same_mariadb_database";
    let Some(stage) = started(test) else { return };
    let bench = Bench {
        scene: &stage.scene,
        port: stage.server.port,
        url: &|port| url(&stage, port),
        clean: &|| clean(&stage),
        contents: &|| contents(&stage),
    };
    bench.kill_at_messages(test);
}

#[test]
fn a_crash_of_mariadb_leaves_the_same_database() {
    let test = "a_crash_of_mariadb_leaves_the_same_database";
    let Some(mut stage) = started(test) else { return };
    stage.scene.env("DATABASE_URL", url(&stage, stage.server.port));
    clean(&stage);
    stage.scene.run(&MIGRATE).code(0);
    let undisturbed = contents(&stage);
    let (mut moments, mut losses) = (Moments::new(test), 0);
    let mut round = 0;
    while round < rounds(1) || losses == 0 {
        round += 1;
        clean(&stage);
        let mut longest = LONGEST;
        loop {
            let child = stage.scene.start(&MIGRATE);
            std::thread::sleep(std::time::Duration::from_micros(moments.next(longest)));
            longest += longest / 4;
            stage.restart();
            stage.scene.env("DATABASE_URL", url(&stage, stage.server.port));
            let output = child.wait_with_output().unwrap();
            match output.status.code() {
                Some(0) => break,
                Some(7) => losses += 1,
                code => panic!("{code:?}: {}", String::from_utf8_lossy(&output.stderr)),
            }
        }
        assert!(contents(&stage) == undisturbed, "round {round}: {}", contents(&stage));
    }
    eprintln!("{test}: {losses} losses");
}
