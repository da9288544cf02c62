//! The examples as a reader runs them, without containers: `containers/` has those.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::harness::{Ran, binary, last_outcomes, python, skip};

fn repository() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn output(command: &mut Command) -> Ran {
    command.current_dir(repository()).stdin(std::process::Stdio::null()).output().unwrap().into()
}

/// Every plan below `examples/`, whatever its name: a document that begins with a version.
fn plans() -> Vec<PathBuf> {
    fn collect(directory: &Path, found: &mut Vec<PathBuf>) {
        for entry in std::fs::read_dir(directory).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                collect(&path, found);
            } else if path.extension().is_some_and(|suffix| suffix == "yaml")
                && std::fs::read_to_string(&path).unwrap().lines().any(|line| line == "version: 1")
            {
                found.push(path);
            }
        }
    }
    let mut found = Vec::new();
    collect(&repository().join("examples"), &mut found);
    found.sort();
    assert!(!found.is_empty());
    found
}

#[test]
fn the_demo_answers_a_request_and_a_second_start_changes_nothing() {
    if !Path::new("/usr/bin/python3").exists() {
        skip("the_demo_answers_a_request_and_a_second_start_changes_nothing", "python3");
        return;
    }
    let ran = output(Command::new("examples/calculator/demo").arg(binary())).code(0);
    let (user, group) = match (nix::unistd::geteuid().as_raw(), nix::unistd::getegid().as_raw()) {
        (0, _) => (10001, 10001),
        other => other,
    };
    for text in [
        r#"{"operation": "add", "a": "0.1", "b": "0.2", "result": "0.3"}"#.to_owned(),
        format!("Uid:\t{user}\t{user}\t{user}\t{user}\nGid:\t{group}\t{group}\t{group}\t{group}\nNoNewPrivs:\t1\n"),
        "== the calculator ended with status 0\n".to_owned(),
    ] {
        assert!(ran.stdout.contains(&text), "`{text}` is not in:\n{}", ran.stdout);
    }
    let mut files: Vec<(String, String)> = Vec::new();
    for line in ran.stdout.lines().filter(|line| line.starts_with("-r")) {
        let fields: Vec<&str> = line.split_whitespace().collect();
        files.push((fields[4].to_owned(), format!("{} {}", fields[0], fields[1])));
    }
    files.sort();
    let wanted = [
        ("/config/config.json", "-rw-r-----"),
        ("/config/group", "-r--r--r--"),
        ("/config/passwd", "-r--r--r--"),
        ("/data/history/calculator.db", "-rw-r-----"),
    ];
    assert_eq!(files, wanted.map(|(path, mode)| (path.to_owned(), format!("{mode} {user}:{group}"))));

    assert_eq!(last_outcomes(&ran.stderr, 12)[..5], ["changed"; 5], "{}", ran.stderr);
    assert_eq!(last_outcomes(&ran.stderr, 6), ["unchanged"; 6], "{}", ran.stderr);

    let process = ran.stdout.lines().find_map(|line| line.strip_prefix("== process ")).unwrap();
    let process = process.split(' ').next().unwrap();
    assert!(!Path::new("/proc").join(process).exists(), "the demo leaves its calculator behind");
}

#[test]
fn config_maps_hold_what_the_common_files_hold() {
    output(Command::new("examples/k8s/calculator/generate").arg("--check")).code(0);
}

#[test]
fn every_plan_passes_the_check() {
    for plan in plans() {
        let folder = plan.parent().unwrap();
        let mut command = Command::new(binary());
        command.env("CALCULATOR_SOURCE", folder).env("NGINX_ENVSUBST_TEMPLATE_DIR", folder.join("templates"));
        output(command.arg("check").arg(&plan)).code(0);
    }
}

#[test]
fn every_plan_fits_the_schema() {
    const VALIDATE: &str = "import json, jsonschema, sys, yaml
schema = json.load(open('plan.schema.json', encoding='utf-8'))
validator = jsonschema.validators.validator_for(schema)
validator.check_schema(schema)
findings = 0
for path in sys.argv[1:]:
    for error in validator(schema).iter_errors(yaml.safe_load(open(path, encoding='utf-8'))):
        findings += 1
        print(path, error.json_path, error.message)
sys.exit(bool(findings))";
    let test = "every_plan_fits_the_schema";
    let Some(mut command) = python(test) else { return };
    output(command.args(["-c", VALIDATE]).args(plans())).code(0);

    // That the schema refuses something is what makes the line above worth anything.
    let scene = crate::harness::Scene::with_plan("version: 1\nsteps: [{ rendr: { path: /a } }]\n");
    let mut command = python(test).unwrap();
    output(command.args(["-c", VALIDATE]).arg(scene.path("plan.yaml"))).code(1);
}
