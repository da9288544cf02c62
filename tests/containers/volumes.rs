//! Volumes as a kubelet hands them over: `fsGroup` directories that belong to root, and `ConfigMap`s that are links.

use std::path::Path;
use std::process::Command;

use super::engine::Container;
use super::images::{Images, images};
use super::{TOKEN, TOKEN_PART, output, repository};
use crate::harness::{Ran, Scene, last_outcomes, root_or_skip};

/// A `ConfigMap` or Secret volume: each file is a link through `..data` to a directory with a date.
fn farm(scene: &Scene, name: &str, source: &Path) {
    scene.directory(&format!("{name}/..2026_01_01")).link("..2026_01_01", &format!("{name}/..data"));
    let files = if source.is_dir() {
        std::fs::read_dir(source).unwrap().map(|entry| entry.unwrap().path()).collect()
    } else {
        vec![source.to_owned()]
    };
    for file in files {
        let key = file.file_name().unwrap().to_str().unwrap().to_owned();
        scene.file(&format!("{name}/..2026_01_01/{key}"), std::fs::read(&file).unwrap());
        scene.link(&format!("..data/{key}"), &format!("{name}/{key}"));
    }
}

fn apply(images: &'static Images, scene: &Scene) -> Ran {
    let mut arguments: Vec<String> = "--read-only --user 10001:10001 --cap-drop ALL --security-opt no-new-privileges"
        .split(' ')
        .map(Into::into)
        .collect();
    for (folder, target) in [
        ("plan", "/etc/fitout:ro"),
        ("templates", "/source/templates:ro"),
        ("migrations", "/source/migrations:ro"),
        ("secret", "/secret:ro"),
        ("config", "/config"),
        ("data", "/data"),
    ] {
        arguments.extend(["--volume".to_owned(), format!("{}:{target}", scene.path(folder).display())]);
    }
    for variable in ["CALCULATOR_SOURCE=/source", "CALCULATOR_TOKEN_FILE=/secret/token"] {
        arguments.extend(["--env".to_owned(), variable.to_owned()]);
    }
    arguments.extend([images.fitout.clone(), "apply".to_owned()]);
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let (_container, mut command) = Container::command(images.engine, &arguments);
    output(&mut command).code(0).lacks(TOKEN_PART)
}

#[test]
fn volumes_from_a_kubelet_are_made_ready_without_root() {
    let test = "volumes_from_a_kubelet_are_made_ready_without_root";
    if !root_or_skip(test) {
        return;
    }
    let Some(images) = images(test) else { return };
    let scene = Scene::new();
    let calculator = repository().join("examples/calculator");
    farm(&scene, "plan", &calculator.join("plan.yaml"));
    farm(&scene, "templates", &calculator.join("templates"));
    farm(&scene, "migrations", &calculator.join("migrations"));
    scene.file("token", TOKEN);
    farm(&scene, "secret", &scene.path("token"));
    for volume in ["config", "data"] {
        scene.directory(volume).owned(volume, 0, 10001).mode(volume, 0o2777);
    }

    let wanted = [
        ("config/config.json", "10001:10001 0640"),
        ("config/passwd", "10001:10001 0444"),
        ("data/history", "10001:10001 0750"),
        ("data/history/calculator.db", "10001:10001 0640"),
    ];
    let modes = || wanted.map(|(path, _)| (path, scene.stat(path)));
    let wanted_modes = wanted.map(|(path, mode)| (path, mode.to_owned()));
    apply(images, &scene);
    assert_eq!(modes(), wanted_modes);
    assert_eq!(last_outcomes(&apply(images, &scene).stderr, 9), ["unchanged"; 6]);

    // What fsGroup does when a volume is mounted again.
    output(Command::new("chmod").args(["--recursive", "g+rw"]).args([scene.path("config"), scene.path("data")]))
        .code(0);
    output(Command::new("chmod").arg("g+rwxs").arg(scene.path("data/history"))).code(0);
    assert_ne!(modes(), wanted_modes);
    apply(images, &scene);
    assert_eq!(modes(), wanted_modes);
    assert_eq!(last_outcomes(&apply(images, &scene).stderr, 9), ["unchanged"; 6]);
}
