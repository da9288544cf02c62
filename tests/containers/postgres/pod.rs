//! `examples/k8s/postgres`: the same as a pod, under `podman kube play`.

use std::path::PathBuf;

use serde_json::{Value, json};

use super::{Built, Client, PASSWORD, built, output};
use crate::containers::pod::{READ, kind};
use crate::containers::podman::Podman;
use crate::harness::{last_outcomes, python, stat};

const FILE: &str = "examples/k8s/postgres/pod.yaml";

/// The documents with what stands in for a kubelet; `README.md` says why. And the password as the Secret holds it.
fn documents(test: &str, built: &Built) -> Option<(String, Vec<Value>)> {
    let ran = output(python(test)?.args(["-c", READ, PASSWORD, FILE])).code(0);
    let (encoded, mut documents): (String, Vec<Value>) = serde_json::from_str(&ran.stdout).unwrap();
    kind(&mut documents, "Secret")["data"] = json!({ "password": &encoded });
    let pod = kind(&mut documents, "Pod");
    pod["metadata"]["annotations"] = json!({ "io.podman.annotations.init.container.type": "always" });
    let spec = &mut pod["spec"];
    spec["restartPolicy"] = json!("Never");
    spec["containers"][0].as_object_mut().unwrap().remove("ports");
    let images = (&spec["initContainers"][0]["image"], &spec["containers"][0]["image"]);
    assert_eq!(images, (&json!("postgres-init:dev"), &json!("postgres:dev")));
    spec["initContainers"][0]["image"] = json!(built.init);
    spec["containers"][0]["image"] = json!(built.server);
    Some((encoded, documents))
}

#[test]
fn the_pod_of_postgres_is_valid() {
    let Some(mut command) = python("the_pod_of_postgres_is_valid") else { return };
    let validate = PathBuf::from(command.get_program()).with_file_name("kubernetes-validate");
    let ran = output(command.arg(&validate).args(["--strict", FILE])).code(0);
    assert!(ran.stdout.contains("postgres-initdb") && ran.stdout.contains("/postgres"), "{}", ran.stdout);
}

#[test]
fn the_server_starts_after_the_init_container_and_keeps_its_data_at_the_second_start() {
    let test = "the_server_starts_after_the_init_container_and_keeps_its_data_at_the_second_start";
    if python(test).is_none() || !Podman::is_here(test) {
        return;
    }
    let Some(built) = built(test) else { return };
    let podman = Podman::new("postgres", built.images.engine, &[&built.init, built.server]);
    let Some((encoded, documents)) = documents(test, built) else { return };
    podman.play(&documents).code(0);
    assert_eq!(podman.state("postgres-fitout"), "exited 0");
    assert_eq!(podman.state("postgres-postgres"), "running 0");

    let volume = |name| {
        let ran = podman.run(&["volume", "inspect", "--format", "{{.Mountpoint}}", name]).code(0);
        PathBuf::from(ran.stdout.trim())
    };
    let data = volume("data").join("data");
    assert_eq!((stat(&data), stat(&data.join("PG_VERSION"))), ("999:999 0700".into(), "999:999 0600".into()));
    let socket = volume("socket").display().to_string();
    let client = |password| Client { host: socket.clone(), port: "5432", user: "app", database: "app", password };
    // Podman 4.3 puts a Secret into its volume without decoding it.
    let password = super::eventually("a login", || {
        [PASSWORD, &encoded].into_iter().find(|password| client(password).ask("SELECT 1").code == 0)
    });
    client("wrong").ask("SELECT 1").code(2).stderr_has("password authentication failed for user \"app\"");
    client(password).ask("INSERT INTO notes (text) VALUES ('kept')").code(0);

    podman.run(&["pod", "stop", "--time", "10", "postgres"]).code(0);
    podman.run(&["pod", "start", "postgres"]).code(0);
    assert_eq!(client(password).answer("SELECT text FROM notes"), "kept");
    let log = podman.log("postgres-fitout");
    let wanted = ["unchanged", "skipped", "skipped", "skipped", "skipped", "skipped", "unchanged", "skipped"];
    assert_eq!(last_outcomes(&log, 8), wanted, "{log}");
    assert!(!log.contains("hunter2") && !log.contains(&encoded), "{log}");
}
