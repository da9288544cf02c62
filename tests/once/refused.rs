//! What `once` refuses: the data of others, other file systems, plans that make no sense.

use super::{STAGED, in_mounts_of_its_own};
use crate::harness::{Ran, Scene, root_or_skip};

#[test]
fn a_stage_that_is_not_ours_is_never_emptied() {
    let scene = Scene::with_plan(STAGED);
    scene.file("data/.stage/precious", "data");
    for _ in 0..2 {
        scene
            .apply()
            .code(6)
            .stderr_has("error: cannot work in `/data/.stage`: it is there already, and is not of this step")
            .stderr_has("hint: name a `stage` that nothing else uses");
        assert_eq!(scene.read("data/.stage/precious"), "data");
        assert_eq!(scene.names("data"), [".stage"], "a state beside it would give it to the next run");
    }
    // A link leads nowhere.
    let scene = Scene::with_plan(STAGED);
    scene.file("elsewhere/precious", "data").directory("data").link("../elsewhere", "data/.stage");
    scene.apply().code(6);
    assert_eq!(scene.read("elsewhere/precious"), "data");
}

#[test]
fn what_is_in_the_way_of_the_move_is_not_replaced() {
    let scene = Scene::with_plan(STAGED);
    scene.file("data/b", "somebody's");
    for _ in 0..2 {
        scene
            .apply()
            .code(6)
            .stderr_has("error: cannot move what the steps made to `/data/b`: something is there already");
        assert_eq!((scene.read("data/b"), scene.exists("data/VERSION")), ("somebody's".to_owned(), false));
    }
}

#[test]
fn a_stage_on_another_file_system_is_refused_before_the_steps() {
    if !root_or_skip("a_stage_on_another_file_system_is_refused_before_the_steps") {
        return;
    }
    let scene = Scene::with_plan(&STAGED.replace("/data/.stage", "/other/stage"));
    scene.directory("data").directory("other");
    let script = "mount -t tmpfs none other && exec \"$0\" apply plan.yaml";
    let Ran { code, stderr, .. } = in_mounts_of_its_own(&scene, script);
    assert_eq!(code, 6, "{stderr}");
    let wanted = "error: cannot work in `/other/stage`: it is on another file system than the marker";
    assert!(stderr.contains(wanted) && !stderr.contains("step 1.1"), "{stderr}");
}

#[test]
fn strange_states_are_no_states() {
    let scene = Scene::with_plan(STAGED);
    scene.directory("data/.stage.state");
    scene.apply().code(6).stderr_has("error: cannot open `/data/.stage.state`: is a directory");
    let scene = Scene::with_plan(STAGED);
    scene.directory("data").file("secret", "begun\n").link("../secret", "data/.stage.state");
    scene.apply().code(6).stderr_has("cannot open `/data/.stage.state`");
    assert_eq!(scene.read("secret"), "begun\n");
    // Bytes of somebody else: nothing is known of a stage, so none is touched.
    let scene = Scene::with_plan(STAGED);
    scene.file("data/.stage.state", "\u{0}\u{1}begun").file("data/.stage/precious", "data");
    scene.apply().code(6);
    assert_eq!(scene.read("data/.stage/precious"), "data");
}

#[test]
fn what_has_to_hold_is_said_all_at_once_and_only_before_the_first_run() {
    let plan = "version: 1
inputs: { env: { PASSWORD: { required: false, secret: true } } }
steps:
  - once:
      marker: /data/done
      require:
        - { that: { env: PASSWORD }, else: set PASSWORD }
        - { that: { exists: /scripts }, else: \"no scripts\" }
      steps: [{ render: { text: x, path: /data/x } }]
";
    let scene = Scene::with_plan(plan);
    scene.directory("data");
    let ran = scene.apply().code(4).stderr_has("error: set PASSWORD").stderr_has("error: no scripts");
    assert!(ran.stderr.contains("plan.yaml:7:"), "{}", ran.stderr);
    assert!(scene.names("data").is_empty());
    // What is asked may be whether the directory of the lock is empty.
    let empty = plan.replace("{ exists: /scripts }", "{ empty: /data }");
    scene.file("empty.yaml", empty).env("PASSWORD", "secret");
    scene.run(&["apply", "empty.yaml"]).code(0);
    std::fs::remove_dir_all(scene.path("data")).unwrap();
    scene.directory("data").directory("scripts").apply().code(0);
    std::fs::remove_dir(scene.path("scripts")).unwrap();
    scene.apply().code(0);
}

#[test]
fn plans_that_make_no_sense_are_found_by_check() {
    let plan = |once: &str| format!("version: 1\nsteps:\n  - once: {once}\n");
    for (once, message) in [
        ("{ marker: /a/b, steps: [{ renderr: {} }] }", "unknown key `renderr`"),
        ("{ marker: /a/b, steps: [{ name: x }] }", "step 1.1 has no verb"),
        (
            "{ marker: /a/b, steps: [{ mkdir: { path: /x }, link: { path: /y, target: z } }] }",
            "step 1.1 has two verbs, `mkdir` and `link`",
        ),
        ("{ marker: /a/b, stage: /a/b/c, steps: [] }", ""),
        ("{ marker: /a/s/b, stage: /a/s, steps: [] }", "the marker is in the stage"),
        ("{ marker: /a/s/t/b, stage: /a/s, steps: [] }", "the marker is in the stage"),
        (
            "{ marker: /a/b, stage: /a/s, lock: /a/s/l, steps: [] }",
            "the lock is in the stage, which is made anew by each run",
        ),
        ("{ marker: /a/b, lock: /a/b, steps: [] }", "the lock is the marker"),
        ("{ marker: /, steps: [] }", "the marker is the root directory"),
        ("{ steps: [] }", "`marker` is missing"),
        (
            "{ marker: /a, require: [{ that: { env: NO }, else: x }], steps: [] }",
            "`NO` is not declared under `inputs.env`",
        ),
        ("{ marker: /a, on_leftover: maybe, steps: [] }", "expected one of `redo`, `fail`"),
        ("{ marker: /a, steps: [{ as: \"1\", mkdir: { path: /x } }] }", "`as` has no meaning for `mkdir`"),
        (
            "{ marker: /a, steps: [{ once: { marker: /b, steps: [{ render: { text: \"{{env.X}}\", path: /x } }] } }] }",
            "unknown name `env.X`",
        ),
    ] {
        let scene = Scene::with_plan(&plan(once));
        let ran = scene.run(&["check", "plan.yaml"]);
        if message.is_empty() {
            ran.code(0);
        } else {
            ran.code(3).stderr_has(message);
        }
    }
    let twice = "version: 1\nsteps:\n  - { name: a, mkdir: { path: /x } }\n  - once: { marker: /a, steps: [{ name: a, mkdir: { path: /y } }] }\n";
    Scene::with_plan(twice).run(&["check", "plan.yaml"]).code(3).stderr_has("two steps are named `a`");
}

#[test]
fn a_lock_that_holds_something_else_is_left_alone() {
    let plan = STAGED.replace("stage: /data/.stage", "stage: /data/.stage\n      lock: /data/precious");
    let scene = Scene::with_plan(&plan);
    scene.file("data/precious", "somebody's");
    for _ in 0..2 {
        scene
            .apply()
            .code(6)
            .stderr_has("error: cannot use `/data/precious` as a lock: it holds what is not of this step");
    }
    assert_eq!(
        (scene.read("data/precious"), scene.names("data")),
        ("somebody's".to_owned(), vec!["precious".to_owned()])
    );
    // The state of another step with the same lock.
    let scene = Scene::with_plan(STAGED);
    scene.file("data/.stage.state", "begun /other/marker /other/stage\n").file("data/.stage/precious", "data");
    scene.apply().code(6).stderr_has("it holds what is not of this step");
    assert_eq!(scene.read("data/.stage/precious"), "data");
    // A marker, a state that says nothing, and a directory with the name of the stage that is somebody's.
    let scene = Scene::with_plan(STAGED);
    scene.file("data/VERSION", "").file("data/.stage.state", "").file("data/.stage/precious", "data");
    scene.apply().code(0);
    assert_eq!(scene.read("data/.stage/precious"), "data");
}

#[test]
fn a_marker_that_a_step_puts_in_its_place_itself_never_counts_for_half_a_run() {
    let plan = STAGED
        .replace("path: /data/.stage/b }", "path: /data/.stage/VERSION/b }")
        .replace("path: /data/.stage/VERSION }", "path: /data/VERSION }");
    let plan = plan.replace("path: /data/.stage/VERSION/b }", "path: /plan.yaml/b }");
    let scene = Scene::with_plan(&plan);
    scene.directory("data");
    scene.apply().code(6);
    assert!(scene.exists("data/VERSION"));
    for _ in 0..2 {
        scene.apply().code(1).stderr_has("error: `/data/VERSION` is there, and no run of this step has put it there");
    }
}

#[test]
fn rules_hold_for_paths_from_templates_too() {
    let plan = STAGED
        .replace("version: 1\n", "version: 1\ninputs: { env: { L: {} } }\n")
        .replace("stage: /data/.stage", "stage: /data/.stage\n      lock: \"{{env.L}}\"");
    let scene = Scene::with_plan(&plan);
    scene.directory("data").env("L", "/data/VERSION");
    scene.apply().code(3).stderr_has("the lock is the marker");
    assert!(scene.names("data").is_empty());
    let twice = "version: 1\nsteps:\n  - once: { marker: /a, lock: /l, steps: [{ once: { marker: /b, lock: /l, steps: [] } }] }\n";
    Scene::with_plan(twice).run(&["check", "plan.yaml"]).code(3).stderr_has("two steps have the lock `/l`");
}

#[test]
fn another_mount_of_the_same_file_system_is_refused_before_the_steps() {
    if !root_or_skip("another_mount_of_the_same_file_system_is_refused_before_the_steps") {
        return;
    }
    let plan = STAGED.replace("marker: /data/VERSION", "marker: /data/pg/VERSION");
    let scene = Scene::with_plan(&plan);
    scene.directory("data/pg").directory("volume");
    let script = "mount --bind volume data/pg && exec \"$0\" apply plan.yaml";
    let Ran { code, stderr, .. } = in_mounts_of_its_own(&scene, script);
    assert!(code == 6 && stderr.contains("it is on another file system than the marker"), "{stderr}");
    assert!(!stderr.contains("step 1.1") && scene.names("data") == ["pg"], "{stderr} {:?}", scene.names("data"));
}

#[test]
fn facts_that_are_captured_decide_nothing_about_how_a_step_is_carried_out() {
    for step in [
        "{ on_error: \"{{facts.t}}\", mkdir: { path: /x } }",
        "{ confine: \"{{facts.t}}\", mkdir: { path: /x } }",
        "{ timeout: \"{{facts.t}}\", mkdir: { path: /x } }",
        "{ name: \"{{facts.t}}\", mkdir: { path: /x } }",
        "{ as: \"{{facts.t}}\", once: { marker: /m, steps: [] } }",
        "{ writes: [\"/{{facts.t}}\"], run: { command: [x] } }",
    ] {
        let plan = format!("version: 1\nsteps:\n  - run: {{ command: [echo, off], capture: t }}\n  - {step}\n");
        let message = "`facts.t` cannot stand here: this is needed before it is captured";
        Scene::with_plan(&plan).run(&["check", "plan.yaml"]).code(3).stderr_has(message);
    }
    for step in [
        "wait: { targets: [\"file:///\"], timeout: \"{{facts.t}}\" }",
        "once: { marker: /m, on_leftover: \"{{facts.t}}\", steps: [] }",
    ] {
        let plan = format!("version: 1\nsteps:\n  - run: {{ command: [echo, off], capture: t }}\n  - {step}\n");
        let scene = Scene::with_plan(&plan);
        scene.env("PATH", "/usr/bin:/bin");
        scene.apply().code(3).stderr_has("a captured fact stands where no text is wanted").stderr_has("plan.yaml:4:");
        assert!(!scene.exists("m"));
    }
    let early = "version: 1\nsteps:\n  - render: { text: \"{{facts.t}}\", path: /x }\n  - once: { steps: [{ run: { command: [echo, x], capture: t } }], marker: \"/{{facts.t}}\" }\n  - run: { command: [echo, x], capture: hostname }\n";
    let ran =
        Scene::with_plan(early).run(&["check", "plan.yaml"]).code(3).stderr_has("`facts.hostname` is known already");
    assert_eq!(ran.stderr.matches("`facts.t` is not captured before this").count(), 2, "{}", ran.stderr);
}

#[test]
fn a_condition_is_asked_before_a_fact_that_was_not_captured() {
    let plan = "version: 1
steps:
  - { when: { exists: /nope }, run: { command: [echo, x], capture: t } }
  - { when: { exists: /nope }, mkdir: { path: \"/{{facts.t}}\" } }
  - { when: { missing: \"/{{facts.t}}\" }, mkdir: { path: /y } }
";
    let scene = Scene::with_plan(plan);
    scene.env("PATH", "/usr/bin:/bin");
    scene.apply().code(4).stderr_has("step 2 `mkdir`: skipped").stderr_has("plan.yaml:5:");
}
