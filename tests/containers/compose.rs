//! `examples/compose/calculator`: a one-shot that makes volumes ready, and the service that starts only then.

use std::ffi::OsString;
use std::os::unix::fs::MetadataExt;

use super::images::images;
use super::project::Project;
use super::{TOKEN, TOKEN_PART, eventually, get};
use crate::harness::{Scene, last_outcomes, stat};

/// The calculator's project, with the file of its token.
struct Calculator {
    project: Project,
    _scene: Scene,
}

impl Calculator {
    fn new(test: &str, environment: &[(&'static str, &str)]) -> Option<Self> {
        if !Project::is_possible(test) {
            return None;
        }
        let images = images(test)?;
        let scene = Scene::new();
        scene.file("token", format!("{TOKEN}\n")).mode("token", 0o600);
        let mut all: Vec<(&'static str, OsString)> = vec![
            ("FITOUT_IMAGE", images.fitout.as_str().into()),
            ("CALCULATOR_IMAGE", images.calculator.into()),
            ("CALCULATOR_TOKEN_SOURCE", scene.path("token").into()),
            // The engine chooses a free port.
            ("CALCULATOR_PUBLISH", "0".into()),
        ];
        all.extend(environment.iter().map(|(name, value)| (*name, value.into())));
        let project = Project::new(images.engine, "examples/compose/calculator/compose.yaml", all);
        Some(Self { project, _scene: scene })
    }

    fn log(&self, service: &str) -> String {
        let log = self.project.log(service);
        assert!(!log.contains(TOKEN_PART), "{log}");
        log
    }

    /// What the service answers, as soon as it does.
    fn ask(&self, path: &str, header: &str) -> (u16, String) {
        eventually("the calculator's answer", || get(self.project.port("calculator", "8080"), path, header))
    }
}

#[test]
fn the_calculator_starts_after_the_one_shot_and_a_second_start_changes_nothing() {
    let test = "the_calculator_starts_after_the_one_shot_and_a_second_start_changes_nothing";
    let Some(calculator) = Calculator::new(test, &[]) else { return };
    let project = &calculator.project;
    project.compose(&["up", "--detach"]).code(0).lacks(TOKEN_PART);
    assert_eq!(project.state("init"), "exited 0");
    assert_eq!(last_outcomes(&calculator.log("init"), 9), ["changed"; 6], "{}", calculator.log("init"));

    // The name comes from the passwd file in the volume.
    let (status, body) = calculator.ask("/health", "");
    assert_eq!(status, 200, "{body}");
    let health: serde_json::Value = serde_json::from_str(&body).unwrap();
    assert_eq!(health, serde_json::json!({ "status": "ok", "user": "calculator", "uid": 10001, "gid": 10001 }));
    let (_, body) = calculator.ask("/add?a=0.1&b=0.2", "");
    assert!(body.contains(r#""result": "0.3""#), "{body}");
    assert_eq!(calculator.ask("/history", "Authorization: Bearer wrong\r\n").0, 401);
    let (status, body) = calculator.ask("/history", &format!("Authorization: Bearer {TOKEN}\r\n"));
    assert_eq!(status, 200, "the token is another one in the application: {body}");
    assert!(body.contains(r#""totals": {"add": 1}"#), "{body}");

    let (config, data) = (project.volume("config"), project.volume("data"));
    for (path, wanted) in [
        (config.join("config.json"), "10001:10001 0640"),
        (config.join("passwd"), "10001:10001 0444"),
        (config.join("group"), "10001:10001 0444"),
        (data.join("history"), "10001:10001 0750"),
        (data.join("history/calculator.db"), "10001:10001 0640"),
    ] {
        assert_eq!(stat(&path), wanted, "{}", path.display());
    }
    let text = std::fs::read_to_string(config.join("config.json")).unwrap();
    let content: serde_json::Value = serde_json::from_str(&text).unwrap();
    let wanted = serde_json::json!({
        "listen": { "address": "0.0.0.0", "port": 8080 }, "precision": 12, "history_limit": 20, "log_level": "info",
        "database": "/data/history/calculator.db", "token": TOKEN
    });
    assert_eq!(content, wanted);

    let identity = || {
        let metadata = config.join("config.json").symlink_metadata().unwrap();
        (metadata.ino(), metadata.ctime(), metadata.ctime_nsec())
    };
    let before = identity();
    project.compose(&["up", "--detach"]).code(0);
    assert_eq!(project.state("init"), "exited 0");
    let log = calculator.log("init");
    assert_eq!(last_outcomes(&log, 6), ["unchanged"; 6], "{log}");
    assert_eq!(identity(), before, "the second start wrote the configuration again");
    assert_eq!(calculator.ask("/health", "").0, 200);
    calculator.log("calculator");

    project.compose(&["stop"]).code(0);
    assert_eq!(project.state("calculator"), "exited 0");
}

/// The one-shot fails with this reason, and the service is never made.
fn refused(test: &str, environment: (&'static str, &str), reason: &str) {
    let Some(calculator) = Calculator::new(test, &[environment]) else { return };
    let project = &calculator.project;
    project.compose(&["up", "--detach"]).code(1).lacks(TOKEN_PART);
    assert_eq!(project.state("init"), "exited 4");
    assert_eq!(project.container("calculator"), None, "the calculator was started");
    let log = calculator.log("init");
    assert!(log.contains(reason), "{log}");
    assert!(!project.volume("config").join("config.json").exists(), "a step was done all the same");
}

#[test]
fn without_the_secret_the_one_shot_says_so_and_the_calculator_does_not_start() {
    let test = "without_the_secret_the_one_shot_says_so_and_the_calculator_does_not_start";
    let reason = "cannot read `/run/secrets/none`, named by `CALCULATOR_TOKEN_FILE`: no such file or directory";
    refused(test, ("CALCULATOR_TOKEN_PATH", "/run/secrets/none"), reason);
}

#[test]
fn a_malformed_input_stops_the_start_too() {
    let test = "a_malformed_input_stops_the_start_too";
    refused(
        test,
        ("CALCULATOR_PRECISION", "99"),
        "cannot use the environment variable `CALCULATOR_PRECISION`: it is above 50",
    );
}
