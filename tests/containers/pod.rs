//! `examples/k8s/calculator`: the same with an init container, under `podman kube play`.

use std::cell::RefCell;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;

use serde_json::{Value, json};

use super::images::{Images, images};
use super::podman::Podman;
use super::{TOKEN, TOKEN_PART, eventually, output};
use crate::harness::{Ran, last_outcomes, python, stat};

const FILES: [&str; 2] = ["examples/k8s/calculator/configmap.yaml", "examples/k8s/calculator/pod.yaml"];

/// Prints all documents of YAML files as JSON, and with them the first argument as a Secret holds it.
pub(super) const READ: &str = "import base64, json, sys, yaml
documents = [document for path in sys.argv[2:] for document in yaml.safe_load_all(open(path, encoding='utf-8'))]
print(json.dumps([base64.b64encode(sys.argv[1].encode()).decode(), documents]))";

pub(super) fn kind<'a>(documents: &'a mut [Value], kind: &str) -> &'a mut Value {
    documents.iter_mut().find(|document| document["kind"] == kind).unwrap()
}

/// The documents with what stands in for a kubelet; `README.md` says why.
fn documents(test: &str, images: &Images, podman: &Podman, token: bool) -> Option<(String, Vec<Value>)> {
    let ran = output(python(test)?.args(["-c", READ, TOKEN]).args(FILES)).code(0);
    let (encoded, mut documents): (String, Vec<Value>) = serde_json::from_str(&ran.stdout).unwrap();
    kind(&mut documents, "Secret")["data"] = if token { json!({ "token": &encoded }) } else { json!({}) };
    let pod = kind(&mut documents, "Pod");
    pod["metadata"]["annotations"] = json!({ "io.podman.annotations.init.container.type": "always" });
    let spec = &mut pod["spec"];
    spec["restartPolicy"] = json!("Never");
    spec["containers"][0].as_object_mut().unwrap().remove("ports");
    assert_eq!(
        (&spec["initContainers"][0]["image"], &spec["containers"][0]["image"]),
        (&json!("fitout:dev"), &json!("calculator:dev"))
    );
    spec["initContainers"][0]["image"] = json!(images.fitout);
    spec["containers"][0]["image"] = json!(images.calculator);
    podman.scene.file("termination-log", "").mode("termination-log", 0o666);
    let path = podman.scene.path("termination-log");
    let volume = json!({ "name": "termination", "hostPath": { "path": path, "type": "File" } });
    spec["volumes"].as_array_mut().unwrap().push(volume);
    let mount = json!({ "name": "termination", "mountPath": "/dev/termination-log" });
    spec["initContainers"][0]["volumeMounts"].as_array_mut().unwrap().push(mount);
    Some((encoded, documents))
}

/// The pod after `kube play`, and the token as its Secret holds it.
fn played(test: &str, token: bool) -> Option<(Podman, String, Ran)> {
    python(test)?;
    if !Podman::is_here(test) {
        return None;
    }
    let images = images(test)?;
    let podman = Podman::new("calculator", images.engine, &[&images.fitout, images.calculator]);
    let (encoded, documents) = documents(test, images, &podman, token)?;
    let ran = podman.play(&documents).lacks(TOKEN_PART).lacks(&encoded);
    Some((podman, encoded, ran))
}

/// What `/health` answers in the calculator's container.
fn health(podman: &Podman) -> Value {
    let line = "import urllib.request as u; print(u.urlopen('http://127.0.0.1:8080/health').read().decode())";
    let last = RefCell::new(String::new());
    let asked = catch_unwind(AssertUnwindSafe(|| {
        eventually("the calculator's answer", || {
            let ran = podman.run(&["exec", "calculator-calculator", "/usr/bin/python3", "-I", "-c", line]);
            last.replace(format!("{}: {}", ran.code, ran.stderr));
            (ran.code == 0).then(|| serde_json::from_str(&ran.stdout).unwrap())
        })
    }));
    asked.unwrap_or_else(|_| {
        let names = ["calculator-fitout", "calculator-calculator"];
        let told = names.map(|name| format!("{name} is {}:\n{}\n", podman.state(name), podman.log(name))).concat();
        panic!("no answer, the last try ended with {}\n{told}", last.take())
    })
}

#[test]
fn the_pod_is_valid() {
    let Some(mut command) = python("the_pod_is_valid") else { return };
    let validate = PathBuf::from(command.get_program()).with_file_name("kubernetes-validate");
    let ran = output(command.arg(&validate).arg("--strict").args(FILES)).code(0);
    for name in ["calculator-plan", "calculator-templates", "calculator-migrations", "/calculator"] {
        assert!(ran.stdout.contains(name), "{name} was not validated: {}", ran.stdout);
    }
}

#[test]
fn the_pod_starts_after_the_init_container_and_a_second_start_changes_nothing() {
    let test = "the_pod_starts_after_the_init_container_and_a_second_start_changes_nothing";
    let Some((podman, encoded, ran)) = played(test, true) else { return };
    ran.code(0);
    assert_eq!(podman.state("calculator-fitout"), "exited 0");
    assert_eq!(podman.state("calculator-calculator"), "running 0");
    let answer = health(&podman);
    assert_eq!((&answer["uid"], &answer["gid"]), (&json!(10001), &json!(10001)), "{answer}");
    // The migration made its database as the right user already.
    let first = ["changed", "changed", "changed", "changed", "changed", "unchanged"];
    assert_eq!(last_outcomes(&podman.log("calculator-fitout"), 9), first);

    let volume = |name| {
        let ran = podman.run(&["volume", "inspect", "--format", "{{.Mountpoint}}", name]).code(0);
        PathBuf::from(ran.stdout.trim())
    };
    let (config, data) = (volume("config"), volume("data"));
    for (path, wanted) in [
        (config.join("config.json"), "10001:10001 0640"),
        (config.join("passwd"), "10001:10001 0444"),
        (data.join("history"), "10001:10001 0750"),
        (data.join("history/calculator.db"), "10001:10001 0640"),
    ] {
        assert_eq!(stat(&path), wanted, "{}", path.display());
    }
    let content: Value = serde_json::from_str(&std::fs::read_to_string(config.join("config.json")).unwrap()).unwrap();
    // Podman 4.3 puts a Secret into its volume without decoding it.
    assert!(content["token"] == TOKEN || content["token"] == *encoded, "{content}");

    podman.run(&["pod", "stop", "--time", "5", "calculator"]).code(0);
    assert_eq!(podman.state("calculator-calculator"), "exited 0");
    podman.run(&["pod", "start", "calculator"]).code(0);
    health(&podman);
    let log = podman.log("calculator-fitout");
    assert_eq!(last_outcomes(&log, 6), ["unchanged"; 6], "{log}");
    for text in [log, podman.log("calculator-calculator")] {
        assert!(!text.contains(TOKEN_PART) && !text.contains(&encoded), "{text}");
    }
    assert_eq!(podman.scene.read("termination-log"), "", "a run that ends well has no reason to give");
}

#[test]
fn without_the_secret_the_pod_does_not_start_and_the_termination_message_says_why() {
    let test = "without_the_secret_the_pod_does_not_start_and_the_termination_message_says_why";
    let Some((podman, _, ran)) = played(test, false) else { return };
    ran.code(125);
    assert_eq!(podman.state("calculator-fitout"), "exited 4");
    assert_eq!(podman.state("calculator-calculator"), "created 0");
    let reason = "cannot read `/run/secrets/calculator/token`, named by `CALCULATOR_TOKEN_FILE`: no such file";
    let log = podman.log("calculator-fitout");
    assert!(log.contains(reason), "{log}");
    let message = podman.scene.read("termination-log");
    assert!(message.starts_with(&format!("input: {reason}")), "{message}");
}
