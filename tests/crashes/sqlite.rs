//! The same for `SQLite`: kills at what is written to the disk.

use super::{Moments, SQLITE, rounds, sqlite_contents, until_done, variable};
use crate::harness::{Ran, Scene, skip};

const MIGRATE: [&str; 5] = ["migrate", "--database", "sqlite:///app.db", "--source", "/m"];

/// What SQLite asks of the system to change a file and its journal.
const CALLS: [&str; 4] = ["pwrite64", "fdatasync", "unlink", "ftruncate"];

fn scene() -> Scene {
    let scene = Scene::new();
    for (name, text) in SQLITE {
        scene.file(name, text);
    }
    scene
}

#[test]
fn kills_leave_the_same_sqlite_database() {
    let test = "kills_leave_the_same_sqlite_database";
    let mut moments = Moments::new(test);
    let undisturbed = scene();
    undisturbed.run(&MIGRATE).code(0);
    let (undisturbed, mut kills) = (sqlite_contents(&undisturbed), 0);
    for round in 0..rounds(10) {
        let scene = scene();
        kills += until_done(|| scene.start(&MIGRATE), &mut moments);
        assert_eq!(sqlite_contents(&scene), undisturbed, "round {round}");
    }
    assert!(kills > 0, "no run was killed");
    eprintln!("{test}: {kills} kills");
}

#[test]
fn kills_at_writes_leave_the_same_sqlite_database() {
    let test = "kills_at_writes_leave_the_same_sqlite_database";
    if std::process::Command::new("strace").arg("-V").output().is_err() {
        return skip(test, "strace");
    }
    let mut chance = Moments::new(test);
    let undisturbed = scene();
    undisturbed.run(&MIGRATE).code(0);
    let undisturbed = sqlite_contents(&undisturbed);
    let all = variable("FITOUT_CRASH_ROUNDS").is_some();
    let mut kills = 0;
    for call in CALLS {
        // Each of them or, where no more is asked for, some.
        let mut number = 1 + if all { 0 } else { chance.next(5) };
        loop {
            let scene = scene();
            let inject = format!("inject={call}:signal=KILL:when={number}");
            let traced = ["-qq", "-o", "/dev/null", "-e", &format!("trace={call}"), "-e", &inject];
            let killed: Ran = scene.traced(&traced, &MIGRATE).output().unwrap().into();
            if killed.code == 0 {
                break;
            }
            kills += 1;
            let ran = scene.run(&MIGRATE);
            assert_eq!(ran.code, 0, "{call} {number}: {}", ran.stderr);
            assert_eq!(sqlite_contents(&scene), undisturbed, "{call} {number}");
            number += 1 + if all { 0 } else { number / 2 + chance.next(5) };
        }
    }
    assert!(kills > 10, "{kills} kills");
    eprintln!("{test}: {kills} kills");
}
