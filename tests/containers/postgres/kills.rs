//! The first run is killed at random moments, again and again.

use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use super::{Client, PASSWORD, built, output};
use crate::containers::engine::Container;
use crate::harness::Scene;

/// How often a first run is killed; `FITOUT_KILLS` says another number.
const KILLS: u32 = 9;
/// How often that of one database is.
const KILLS_OF_ONE: u32 = 3;

/// Numbers without any order, of which the first one is told so that they can be had again.
struct Numbers(u64);

impl Numbers {
    fn new() -> Self {
        let seed = std::env::var("FITOUT_SEED").ok().and_then(|seed| seed.parse().ok());
        let seed = seed.unwrap_or_else(|| SystemTime::now().duration_since(UNIX_EPOCH).unwrap().subsec_nanos().into());
        eprintln!("FITOUT_SEED={seed}");
        Self(seed)
    }

    fn below(&mut self, limit: Duration) -> Duration {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let part = u32::try_from(self.0 >> 40).unwrap();
        limit.mul_f64(f64::from(part) / f64::from(1 << 24))
    }
}

#[test]
fn a_first_run_that_is_killed_anywhere_ends_in_a_whole_database() {
    let test = "a_first_run_that_is_killed_anywhere_ends_in_a_whole_database";
    let Some(built) = built(test) else { return };
    let engine = built.images.engine;
    let kills = std::env::var("FITOUT_KILLS").ok().and_then(|kills| kills.parse().ok()).unwrap_or(KILLS);
    let mut numbers = Numbers::new();
    let scene = Scene::new();
    scene.file("initdb.d/1.sql", "CREATE TABLE t (n int);\n");
    scene.file("initdb.d/2.sql", "INSERT INTO t SELECT generate_series(1, 1000);\n");
    scene.directory("run").mode("run", 0o1777);
    let mounts = ["initdb.d:/docker-entrypoint-initdb.d:ro", "run:/var/run/postgresql"];
    let mounts = mounts.map(|mount| format!("{}/{mount}", scene.directory.display()));
    let password = format!("POSTGRES_PASSWORD={PASSWORD}");
    let wal = "POSTGRES_INITDB_WALDIR=/var/lib/postgresql/wal";
    let docker = |arguments: &[&str]| output(&mut engine.docker(arguments));

    // About how long a first run takes here.
    let mut longest = Duration::from_secs(4);
    for round in 1..=kills.div_ceil(KILLS_OF_ONE) {
        let mut options = vec!["--detach", "--env", "POSTGRES_DB=shop", "--env", &password];
        for mount in &mounts {
            options.extend(["--volume", mount]);
        }
        if round % 2 == 0 {
            options.extend(["--env", wal]);
        }
        let (container, mut command) = Container::command(engine, &[&options[..], &[&built.init]].concat());
        output(&mut command).code(0);
        let name = container.name.as_str();
        for _ in 0..KILLS_OF_ONE {
            let started = Instant::now();
            std::thread::sleep(numbers.below(longest));
            docker(&["kill", "--signal", "KILL", name]).code(0);
            docker(&["start", name]).code(0);
            longest = longest.max(started.elapsed()).min(Duration::from_secs(8));
        }
        let host = scene.path("run").display().to_string();
        let client = Client { host, port: "5432", user: "postgres", database: "shop", password: PASSWORD };
        let log = || docker(&["logs", name]).stderr;
        let deadline = Instant::now() + Duration::from_mins(3);
        let found = loop {
            let ran = client.ask("SELECT count(*) FROM t");
            if ran.code == 0 {
                break ran.stdout;
            }
            let state = engine.inspect("container", "{{.State.Status}}", name);
            assert!(
                state == "running" && Instant::now() < deadline,
                "round {round}: {state}: {}\n{}",
                ran.stderr,
                log()
            );
            std::thread::sleep(Duration::from_millis(100));
        };
        assert_eq!(found.trim(), "1000", "round {round}\n{}", log());
        let left = "SELECT count(*) FROM pg_ls_dir('.', true, true) n WHERE n LIKE '.%' AND n NOT IN ('.', '..')";
        assert_eq!(client.answer(left), "0", "round {round}\n{}", log());
        assert_eq!(client.answer("SELECT pg_catalog.count(*) FROM pg_hba_file_rules WHERE error IS NOT NULL"), "0");
        assert_eq!(log().matches("PANIC").count(), 0, "round {round}\n{}", log());
    }
}
