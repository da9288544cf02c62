//! `examples/compose/nginx` and `examples/k8s/nginx`: templates, and a server that can write nothing.

use std::path::Path;
use std::process::Child;
use std::sync::OnceLock;

use serde_json::json;

use super::images::{Images, images, keeper};
use super::pod::{READ, kind};
use super::podman::Podman;
use super::project::Project;
use super::{eventually, get, output};
use crate::harness::{last_outcomes, python, skip, stat};

static BUILT: OnceLock<(String, Child)> = OnceLock::new();

fn built(test: &str) -> Option<(&'static Images, &'static str)> {
    let images = images(test)?;
    if !Path::new("/usr/sbin/nginx").exists() {
        skip(test, "nginx-light");
        return None;
    }
    let (name, _) = BUILT.get_or_init(|| {
        let name = format!("nginx:test-{}", std::process::id());
        let keeper = keeper(images.engine, &name);
        let mut command = images.engine.command("examples/images/one-program/build");
        command.args([&name, "/usr/sbin/nginx", "nginx:101", "examples/nginx/nginx.conf=/etc/nginx/nginx.conf"]);
        output(command.arg("/etc/nginx/mime.types=/etc/nginx/mime.types")).code(0);
        (name, keeper)
    });
    Some((images, name))
}

#[test]
fn nginx_reads_what_was_rendered_and_its_root_stays_read_only() {
    let test = "nginx_reads_what_was_rendered_and_its_root_stays_read_only";
    if !Project::is_possible(test) {
        return;
    }
    let Some((images, image)) = built(test) else { return };
    let environment = vec![
        ("FITOUT_IMAGE", images.fitout.as_str().into()),
        ("NGINX_IMAGE", image.into()),
        ("NGINX_GREETING", "good morning".into()),
        ("NGINX_PUBLISH", "0".into()),
    ];
    let project = Project::new(images.engine, "examples/compose/nginx/compose.yaml", environment);
    for outcome in ["changed", "unchanged"] {
        project.compose(&["up", "--detach"]).code(0);
        let answer =
            eventually("the server's answer", || get(project.port("nginx", "8080"), "/?name=you", "Host: example\r\n"));
        assert_eq!(answer, (200, "good morning from example to you\n".to_owned()));
        let log = project.log("init");
        assert_eq!(last_outcomes(&log, 1), [outcome], "{log}");
        assert_eq!(stat(&project.volume("conf").join("default.conf")), "0:0 0644");
        project.compose(&["stop"]).code(0);
        assert_eq!(project.state("nginx"), "exited 0");
    }
}

#[test]
fn the_pod_of_nginx_starts_without_root() {
    const FILE: &str = "examples/k8s/nginx/pod.yaml";
    let test = "the_pod_of_nginx_starts_without_root";
    let Some(mut command) = python(test) else { return };
    let validate = Path::new(command.get_program()).with_file_name("kubernetes-validate");
    output(command.arg(&validate).args(["--strict", FILE])).code(0);
    let Some(mut command) = python(test) else { return };
    let ran = output(command.args(["-c", READ, "", FILE])).code(0);
    let (_, mut documents): (String, Vec<serde_json::Value>) = serde_json::from_str(&ran.stdout).unwrap();
    // The pod holds what the files hold.
    let map = kind(&mut documents, "ConfigMap")["data"].take();
    for (key, path) in [("plan.yaml", "plan.yaml"), ("default.conf.template", "templates/default.conf.template")] {
        let text = std::fs::read_to_string(super::repository().join("examples/nginx").join(path)).unwrap();
        assert_eq!(map[key], text, "{key}");
    }
    kind(&mut documents, "ConfigMap")["data"] = map;
    if !Podman::is_here(test) {
        return;
    }
    let Some((images, image)) = built(test) else { return };
    let pod = kind(&mut documents, "Pod");
    pod["metadata"]["annotations"] = json!({ "io.podman.annotations.init.container.type": "always" });
    let spec = &mut pod["spec"];
    spec["restartPolicy"] = json!("Never");
    spec["containers"][0].as_object_mut().unwrap().remove("ports");
    spec["initContainers"][0]["image"] = json!(images.fitout);
    spec["containers"][0]["image"] = json!(image);
    let podman = Podman::new("nginx", images.engine, &[&images.fitout, image]);
    podman.play(&documents).code(0);
    assert_eq!(podman.state("nginx-fitout"), "exited 0");
    let arguments = ["exec", "nginx-nginx", "/usr/sbin/nginx", "-t"];
    eventually("a configuration that is right", || {
        podman.run(&arguments).stderr.contains("test is successful").then_some(())
    });
    assert_eq!(podman.state("nginx-nginx"), "running 0");
}
