//! Where nothing can be confined, and what is written wrongly.

use std::process::Command;

use super::{can_confine, scene};
use crate::harness::{Ran, Scene, skip};

/// The program, with one system call that always fails.
fn without(scene: &Scene, call: &str, error: &str, arguments: &[&str]) -> Option<Ran> {
    let options = ["-o", "/dev/null", "-e", &format!("trace={call}"), "-e", &format!("inject={call}:error={error}")];
    scene.traced(&options, arguments).output().ok().map(Ran::from)
}

const STEPS: &str = "steps:\n  - render: { text: x, path: /in/a }\n  - run: { command: [touch, $OUT/file] }\n";

#[test]
fn without_landlock_that_is_said_once_or_nothing_is_done() {
    let test = "without_landlock_that_is_said_once_or_nothing_is_done";
    for (call, error, why) in [
        ("landlock_create_ruleset", "ENOSYS", "the kernel has no Landlock"),
        ("landlock_create_ruleset", "EOPNOTSUPP", "Landlock is switched off in the kernel"),
        ("landlock_create_ruleset", "EPERM", "landlock_create_ruleset was refused: operation not permitted"),
        ("landlock_add_rule", "EPERM", "landlock_add_rule was refused: operation not permitted"),
        ("landlock_restrict_self", "E2BIG", "landlock_restrict_self was refused: argument list too long"),
        ("landlock_restrict_self", "EPERM", "landlock_restrict_self was refused: operation not permitted"),
    ] {
        let scene = scene(STEPS);
        let Some(ran) = without(&scene, call, error, &["apply", "plan.yaml"]) else { return skip(test, "strace") };
        let ran = ran.code(0);
        let said = format!("fitout: steps are not confined: {why}\n");
        assert_eq!(ran.stderr.matches("not confined").count(), 1, "{}", ran.stderr);
        assert!(ran.stderr.starts_with(&said), "{}", ran.stderr);
        assert!(scene.exists("in/a") && scene.exists("out/file"));

        let scene = super::scene(&format!("confine: required\n{STEPS}"));
        without(&scene, call, error, &["apply", "plan.yaml"])
            .unwrap()
            .code(1)
            .stderr_has(&format!("error: cannot confine the steps: {why}\n  --> plan.yaml:2:10"))
            .stderr_has(" 2 | confine: required\n")
            .stderr_has("\nhint: it needs Linux 5.13, started with Landlock, and a seccomp profile that allows it; or `confine: auto`\n");
        assert!(scene.names("in").is_empty() && scene.names("out").is_empty());
        // What changes nothing needs nothing.
        for arguments in [&["show", "plan.yaml"][..], &["check", "plan.yaml"]] {
            let ran = without(&scene, call, error, arguments).unwrap();
            assert!([0, 10].contains(&ran.code) && !ran.stderr.contains("confine"), "{ran:?}");
        }
    }
}

#[test]
fn an_older_landlock_confines_as_far_as_it_can() {
    let test = "an_older_landlock_confines_as_far_as_it_can";
    if !can_confine(test) {
        return;
    }
    // The version that the first call tells. The threads that are started later are not traced.
    for version in 1..=2 {
        let scene = scene(STEPS);
        let plain = scene.command(&["apply", "plan.yaml"]);
        let inject = format!("inject=landlock_create_ruleset:retval={version}");
        let output = Command::new("strace")
            .args(["-o", "/dev/null", "-e", "trace=landlock_create_ruleset", "-e", &inject])
            .arg(plain.get_program())
            .args(plain.get_args())
            .current_dir(&scene.directory)
            .env("FITOUT_ROOT", &scene.directory)
            .output();
        let Ok(output) = output else { return skip(test, "strace") };
        Ran::from(output).code(1).stderr_has("confined: the program can write only in `/in`");
        assert!(scene.exists("in/a") && !scene.exists("out/file"));
    }
}

#[test]
fn what_is_written_wrongly_is_found_before_anything_is_done() {
    for (plan, message) in [
        ("confine: never\nsteps: []\n", "expected one of `auto`, `required`, `off`"),
        ("steps:\n  - run: { command: [\"true\"] }\n    confine: required\n", "expected one of `auto`, `off`"),
        ("steps:\n  - run: { command: [\"true\"] }\n    writes: [relative]\n", "the path is not absolute"),
        ("steps:\n  - run: { command: [\"true\"] }\n    writes: [/a/../b]\n", "the path holds `..`"),
        (
            "steps:\n  - mkdir: { path: /a }\n    writes: [/b]\n",
            "`writes` has no meaning for this `mkdir`: it starts no program",
        ),
        (
            "steps:\n  - render: { text: x, path: /in/a }\n    writes: [/b]\n",
            "`writes` has no meaning for this `render`: it starts no program",
        ),
    ] {
        let scene = scene(plan);
        scene.run(&["check", "plan.yaml"]).code(3);
        let ran = scene.apply().code(3);
        assert!(ran.stderr.contains(message), "{message}: {}", ran.stderr);
    }
    let scene = scene(STEPS);
    scene
        .env("FITOUT_CONFINE", "never")
        .apply()
        .code(2)
        .stderr_has("error: cannot use `FITOUT_CONFINE`: it is none of auto, required, off");
    scene.run(&["apply", "plan.yaml", "--confine", "never"]).code(2).stderr_has("it is none of auto, required, off");
    assert!(scene.names("in").is_empty());
}
