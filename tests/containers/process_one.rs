//! The program as process 1 of a container.

use std::process::Command;
use std::time::{Duration, Instant};

use super::engine::Container;
use super::images::{Images, images};
use super::{eventually, output};
use crate::harness::binary;

/// A container from the Python image that starts Fitout, which hands over to a line of Python.
fn python(images: &'static Images, options: &[&str], plan: &str, line: &str) -> (Container, Command) {
    let mount = format!("{}:/fitout:ro", binary().canonicalize().unwrap().display());
    let plan = format!("FITOUT_PLAN_YAML={plan}");
    let mut arguments = vec!["--read-only", "--volume", &mount, "--entrypoint", "/fitout", "--env", &plan];
    arguments.extend(options);
    arguments.extend([images.calculator, "apply", "--", "/usr/bin/python3", "-I", "-c", line]);
    Container::command(images.engine, &arguments)
}

#[test]
fn a_stop_while_waiting_ends_the_container_at_once() {
    let Some(images) = images("a_stop_while_waiting_ends_the_container_at_once") else { return };
    let plan = "FITOUT_PLAN_YAML={version: 1, steps: [\
        {mkdir: {path: /scratch/first}}, {wait: {targets: ['file:///never'], timeout: 1h}}, {mkdir: {path: /scratch/last}}]}";
    let arguments =
        ["--detach", "--read-only", "--tmpfs", "/scratch:mode=1777", "--env", plan, &images.fitout, "apply"];
    let (container, mut command) = Container::command(images.engine, &arguments);
    output(&mut command).code(0);
    let log = || output(&mut images.engine.docker(&["logs", &container.name])).stderr;
    eventually("the first step", || log().contains("step 1 `mkdir`: changed").then_some(()));

    let started = Instant::now();
    output(&mut images.engine.docker(&["stop", "--time", "20", &container.name])).code(0);
    assert!(started.elapsed() < Duration::from_secs(2), "{:?}", started.elapsed());
    assert_eq!(images.engine.inspect("container", "{{.State.ExitCode}}", &container.name), "143");
    let log = log();
    assert!(log.contains("error: interrupted by SIGTERM") && !log.contains("step 3"), "{log}");
}

#[test]
fn the_application_becomes_process_1() {
    let Some(images) = images("the_application_becomes_process_1") else { return };
    let plan = "{version: 1, steps: [{mkdir: {path: /tmp/made}}]}";
    let line = "import os; print(os.getpid(), os.getuid(), os.path.isdir('/tmp/made')); raise SystemExit(42)";
    let (_container, mut command) = python(images, &["--tmpfs", "/tmp"], plan, line);
    let ran = output(&mut command).code(42).stderr_has("step 1 `mkdir`: changed");
    assert_eq!(ran.stdout, "1 10001 True\n");
}

#[test]
fn a_user_is_kept_without_capabilities_and_cannot_be_changed() {
    let Some(images) = images("a_user_is_kept_without_capabilities_and_cannot_be_changed") else { return };
    let plan = "{version: 1, exec: {user: '1000:1000', no_new_privileges: true}}";
    let line = "import os; print(os.getpid(), os.getuid(), os.getgid(), os.getgroups())";
    let locked = ["--cap-drop", "ALL", "--security-opt", "no-new-privileges", "--user"];

    // A pod's fsGroup comes as a further group; who stays this user keeps it.
    for (groups, wanted) in [(&[][..], "1 1000 1000 []\n"), (&["--group-add", "2000"], "1 1000 1000 [2000]\n")] {
        let options = [&locked[..], &["1000:1000"], groups].concat();
        let (_container, mut command) = python(images, &options, plan, line);
        let stdout = output(&mut command).code(0).stdout;
        assert_eq!(stdout.replace("[1000]", "[]").replace("[1000, ", "["), wanted);
    }
    for user in ["1001:1001", "0:0", "1000:1001"] {
        let (_container, mut command) = python(images, &[&locked[..], &[user]].concat(), plan, line);
        let ran = output(&mut command)
            .code(126)
            .stderr_has("cannot become user 1000 with group 1000: operation not permitted")
            .stderr_has("hint: this needs the capabilities SETUID and SETGID")
            .stderr_has("start the container with `user: \"1000:1000\"`");
        assert_eq!(ran.stdout, "", "{user}");
    }
}
