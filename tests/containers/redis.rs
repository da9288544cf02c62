//! `examples/compose/redis` and `examples/k8s/redis`: the owner of the data, the umask, the user, and a password.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::Child;
use std::sync::OnceLock;
use std::time::Duration;

use serde_json::json;

use super::images::{Images, images, keeper};
use super::pod::{READ, kind};
use super::podman::Podman;
use super::project::Project;
use super::{eventually, output};
use crate::harness::{Scene, binary, last_outcomes, python, skip, stat};

static BUILT: OnceLock<(String, Child)> = OnceLock::new();

const PASSWORD: &str = r#"hun"ter2 \n $HOME 'x' {{y}}"#;

fn built(test: &str) -> Option<(&'static Images, &'static str)> {
    let images = images(test)?;
    if !Path::new("/usr/bin/redis-server").exists() {
        skip(test, "redis-server");
        return None;
    }
    let (name, _) = BUILT.get_or_init(|| {
        let name = format!("redis:test-{}", std::process::id());
        let keeper = keeper(images.engine, &name);
        let mut command = images.engine.command("examples/images/one-program/build");
        command.args([&name, "/usr/bin/redis-server", "redis:999"]);
        command.arg(format!("{}=/fitout", binary().display()));
        output(command.arg("examples/redis/plan.yaml=/etc/fitout/plan.yaml")).code(0);
        (name, keeper)
    });
    Some((images, name))
}

/// What a server on the loopback address answers to these words, one line or one text of them.
fn ask(port: u16, commands: &[&[&str]]) -> Option<String> {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).ok()?;
    stream.set_read_timeout(Some(Duration::from_secs(10))).ok()?;
    let quit: &[&str] = &["QUIT"];
    for words in commands.iter().chain([&quit]) {
        let text: String = words.iter().map(|word| format!("${}\r\n{word}\r\n", word.len())).collect();
        stream.write_all(format!("*{}\r\n{text}", words.len()).as_bytes()).ok()?;
    }
    let mut text = String::new();
    stream.read_to_string(&mut text).ok()?;
    Some(text)
}

#[test]
fn redis_gets_its_data_its_password_and_no_right_of_root() {
    let test = "redis_gets_its_data_its_password_and_no_right_of_root";
    if !Project::is_possible(test) {
        return;
    }
    let Some((images, image)) = built(test) else { return };
    let scene = Scene::new();
    scene.file("password", format!("{PASSWORD}\n")).mode("password", 0o600);
    let environment = vec![
        ("REDIS_IMAGE", image.into()),
        ("REDIS_PASSWORD_SOURCE", scene.path("password").into()),
        ("REDIS_EXTRA_FLAGS", "--maxmemory '64mb'".into()),
        ("REDIS_PUBLISH", "0".into()),
    ];
    let project = Project::new(images.engine, "examples/compose/redis/compose.yaml", environment);
    project.compose(&["up", "--detach"]).code(0);
    let login: &[&str] = &["AUTH", PASSWORD];
    let answer = eventually("an answer with the password", || {
        let text =
            ask(project.port("redis", "6379"), &[login, &["SET", "key", "kept"], &["CONFIG", "GET", "maxmemory"]])?;
        text.starts_with("+OK\r\n+OK").then_some(text)
    });
    assert!(answer.contains("67108864"), "{answer}");
    let refused = ask(project.port("redis", "6379"), &[&["GET", "key"]]).unwrap();
    assert!(refused.starts_with("-NOAUTH"), "{refused}");

    let data = project.volume("data");
    assert_eq!((stat(&data), stat(&data.join("appendonlydir"))), ("999:999 0755".into(), "999:999 0700".into()));
    let container = project.container("redis").unwrap();
    let pid = images.engine.inspect("container", "{{.State.Pid}}", &container);
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap();
    for line in ["Uid:\t999\t999\t999\t999", "Umask:\t0077", "CapEff:\t0000000000000000", "NoNewPrivs:\t1"] {
        assert!(status.contains(line), "{line} is not in\n{status}");
    }

    project.compose(&["restart"]).code(0);
    eventually("the data after a restart", || {
        let text = ask(project.port("redis", "6379"), &[login, &["GET", "key"]])?;
        text.contains("kept").then_some(())
    });
    let log = project.log("redis");
    assert!(!log.contains("ter2"), "{log}");
    assert_eq!(last_outcomes(&log, 2)[0], "unchanged", "{log}");
}

#[test]
fn the_pod_of_redis_gets_its_volume_from_root() {
    const FILE: &str = "examples/k8s/redis/pod.yaml";
    let test = "the_pod_of_redis_gets_its_volume_from_root";
    let Some(mut command) = python(test) else { return };
    let validate = Path::new(command.get_program()).with_file_name("kubernetes-validate");
    output(command.arg(&validate).args(["--strict", FILE])).code(0);
    if !Podman::is_here(test) {
        return;
    }
    let Some((images, image)) = built(test) else { return };
    let Some(mut command) = python(test) else { return };
    let ran = output(command.args(["-c", READ, "", FILE])).code(0);
    let (_, mut documents): (String, Vec<serde_json::Value>) = serde_json::from_str(&ran.stdout).unwrap();
    let pod = kind(&mut documents, "Pod");
    pod["metadata"]["annotations"] = json!({ "io.podman.annotations.init.container.type": "always" });
    pod["spec"]["restartPolicy"] = json!("Never");
    pod["spec"]["initContainers"][0]["image"] = json!(image);
    pod["spec"]["containers"][0]["image"] = json!(image);
    let podman = Podman::new("redis", images.engine, &[image]);
    podman.play(&documents).code(0);
    assert_eq!(podman.state("redis-fitout"), "exited 0");
    eventually("a server that is ready", || {
        podman.log("redis-redis").contains("Ready to accept connections").then_some(())
    });
    let volume = podman.run(&["volume", "inspect", "--format", "{{.Mountpoint}}", "data"]).code(0).stdout;
    let data = Path::new(volume.trim());
    assert!(stat(data).starts_with("999:999 "), "{}", stat(data));
    assert!(data.join("appendonlydir").is_dir());
}
