//! `examples/compose/calculator`: a one-shot that makes volumes ready, and the service that starts only then.

use std::os::unix::fs::MetadataExt;
use std::path::PathBuf;
use std::process::Command;

use super::engine::has_program;
use super::images::{Images, images};
use super::{TOKEN, TOKEN_PART, eventually, get, output, unique};
use crate::harness::{Ran, Scene, last_outcomes, root_or_skip, skip, stat};

/// The example under a project name of its own; taken down at the end.
struct Project {
    images: &'static Images,
    name: String,
    scene: Scene,
    environment: Vec<(&'static str, &'static str)>,
}

impl Project {
    fn new(test: &str, environment: &[(&'static str, &'static str)]) -> Option<Self> {
        if !has_program("docker-compose") {
            skip(test, "docker-compose");
            return None;
        }
        // The volumes' files are looked at from outside.
        if !root_or_skip(test) {
            return None;
        }
        let images = images(test)?;
        let scene = Scene::new();
        scene.file("token", format!("{TOKEN}\n")).mode("token", 0o600);
        Some(Self { images, name: unique(), scene, environment: environment.to_vec() })
    }

    fn compose(&self, arguments: &[&str]) -> Ran {
        let mut command: Command = self.images.engine.command("docker-compose");
        command
            .args(["--project-name", &self.name, "--file", "examples/compose/calculator/compose.yaml"])
            .args(arguments)
            .env("FITOUT_IMAGE", &self.images.fitout)
            .env("CALCULATOR_IMAGE", self.images.calculator)
            .env("CALCULATOR_TOKEN_SOURCE", self.scene.path("token"))
            // The engine chooses a free port.
            .env("CALCULATOR_PUBLISH", "0")
            .envs(self.environment.iter().copied());
        output(&mut command)
    }

    /// The container of a service, when it was made.
    fn container(&self, service: &str) -> Option<String> {
        let project = format!("label=com.docker.compose.project={}", self.name);
        let service = format!("label=com.docker.compose.service={service}");
        let arguments = ["ps", "--all", "--quiet", "--filter", &project, "--filter", &service];
        let ran = output(&mut self.images.engine.docker(&arguments)).code(0);
        ran.stdout.lines().next().map(str::to_owned)
    }

    fn state(&self, service: &str) -> String {
        let container = self.container(service).unwrap_or_else(|| panic!("there is no container of `{service}`"));
        self.images.engine.inspect("container", "{{.State.Status}} {{.State.ExitCode}}", &container)
    }

    fn log(&self, service: &str) -> String {
        self.compose(&["logs", "--no-color", service]).code(0).lacks(TOKEN_PART).stdout
    }

    fn volume(&self, name: &str) -> PathBuf {
        let name = format!("{}_{name}", self.name);
        self.images.engine.inspect("volume", "{{.Mountpoint}}", &name).into()
    }

    /// What the service answers, as soon as it does.
    fn ask(&self, path: &str, header: &str) -> (u16, String) {
        eventually("the calculator's answer", || {
            let port = self.compose(&["port", "calculator", "8080"]).stdout;
            get(port.trim().rsplit(':').next()?.parse().ok()?, path, header)
        })
    }
}

impl Drop for Project {
    fn drop(&mut self) {
        let ran = self.compose(&["down", "--volumes", "--timeout", "2"]);
        if ran.code != 0 {
            eprintln!("{}", ran.stderr);
        }
    }
}

#[test]
fn the_calculator_starts_after_the_one_shot_and_a_second_start_changes_nothing() {
    let test = "the_calculator_starts_after_the_one_shot_and_a_second_start_changes_nothing";
    let Some(project) = Project::new(test, &[]) else { return };
    project.compose(&["up", "--detach"]).code(0).lacks(TOKEN_PART);
    assert_eq!(project.state("init"), "exited 0");
    assert_eq!(last_outcomes(&project.log("init"), 9), ["changed"; 6], "{}", project.log("init"));

    // The name comes from the passwd file in the volume.
    let (status, body) = project.ask("/health", "");
    assert_eq!(status, 200, "{body}");
    let health: serde_json::Value = serde_json::from_str(&body).unwrap();
    assert_eq!(health, serde_json::json!({ "status": "ok", "user": "calculator", "uid": 10001, "gid": 10001 }));
    let (_, body) = project.ask("/add?a=0.1&b=0.2", "");
    assert!(body.contains(r#""result": "0.3""#), "{body}");
    assert_eq!(project.ask("/history", "Authorization: Bearer wrong\r\n").0, 401);
    let (status, body) = project.ask("/history", &format!("Authorization: Bearer {TOKEN}\r\n"));
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
    let log = project.log("init");
    assert_eq!(last_outcomes(&log, 6), ["unchanged"; 6], "{log}");
    assert_eq!(identity(), before, "the second start wrote the configuration again");
    assert_eq!(project.ask("/health", "").0, 200);
    project.log("calculator");

    project.compose(&["stop"]).code(0);
    assert_eq!(project.state("calculator"), "exited 0");
}

/// The one-shot fails with this reason, and the service is never made.
fn refused(test: &str, environment: (&'static str, &'static str), reason: &str) {
    let Some(project) = Project::new(test, &[environment]) else { return };
    project.compose(&["up", "--detach"]).code(1).lacks(TOKEN_PART);
    assert_eq!(project.state("init"), "exited 4");
    assert_eq!(project.container("calculator"), None, "the calculator was started");
    let log = project.log("init");
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
