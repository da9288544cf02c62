//! `once`: its steps run to the end exactly once, whatever is killed, and however many begin.

mod killed;
mod refused;

use std::time::{Duration, Instant};

use crate::harness::{Ran, Scene, last_outcomes, root_or_skip, skip, wait_until_said};

/// Two files in a stage, and the marker among them.
const STAGED: &str = "version: 1
confine: off
steps:
  - name: first
    once:
      marker: /data/VERSION
      stage: /data/.stage
      steps:
        - mkdir: { path: /data/.stage/base, mode: \"0700\" }
        - render: { text: one, path: /data/.stage/base/a }
        - render: { text: \"15\\n\", path: /data/.stage/VERSION }
        - render: { text: two, path: /data/.stage/b }
";

/// No stage: what the steps do is idempotent, and the marker is made at the end.
const IN_PLACE: &str = "version: 1
confine: off
steps:
  - once:
      marker: /data/done
      steps:
        - render: { text: one, path: /data/a }
        - render: { text: two, path: /data/b }
";

#[track_caller]
fn is_whole(scene: &Scene) {
    assert_eq!(scene.names("data"), ["VERSION", "b", "base"]);
    assert_eq!(
        (scene.read("data/VERSION"), scene.read("data/b"), scene.read("data/base/a")),
        ("15\n".into(), "two".into(), "one".into())
    );
}

#[test]
fn what_the_steps_make_moves_into_place_and_a_second_run_changes_nothing() {
    let scene = Scene::with_plan(STAGED);
    scene.directory("data/lost+found");
    let ran = scene.apply().code(0);
    assert_eq!(last_outcomes(&ran.stderr, 5), ["changed"; 5]);
    assert!(ran.stderr.contains("step 1.2 `render`: changed"), "{}", ran.stderr);
    std::fs::remove_dir(scene.path("data/lost+found")).unwrap();
    is_whole(&scene);
    let before: Vec<_> = ["data", "data/VERSION", "data/base/a"].map(|name| scene.identity(name)).into();
    let ran = scene.apply().code(0);
    assert_eq!(last_outcomes(&ran.stderr, 1), ["unchanged"]);
    assert_eq!(before, ["data", "data/VERSION", "data/base/a"].map(|name| scene.identity(name)));
    scene.run(&["show", "plan.yaml"]).code(0);
}

#[test]
fn a_stage_becomes_the_directory_that_is_not_there() {
    let scene = Scene::with_plan(&STAGED.replace("/data/.stage", "/new"));
    scene.apply().code(0);
    is_whole(&scene);
    assert_eq!(scene.names("/"), ["data", "plan.yaml"]);
    assert!(scene.stat("data").ends_with(" 0700"));
}

#[test]
fn the_marker_is_made_where_the_steps_do_not() {
    let scene = Scene::with_plan(IN_PLACE);
    scene.directory("data");
    scene.apply().code(0);
    assert_eq!(scene.names("data"), ["a", "b", "done"]);
    assert_eq!(scene.read("data/done"), "");
    let identity = scene.identity("data");
    scene.file("data/a", "the application's");
    scene.apply().code(0);
    assert_eq!((scene.read("data/a"), scene.identity("data")), ("the application's".to_owned(), identity));
    let scene = Scene::with_plan(&STAGED.replace("marker: /data/VERSION", "marker: /data/.done"));
    scene.directory("data");
    scene.apply().code(0);
    assert_eq!(scene.names("data"), [".done", "VERSION", "b", "base"]);
}

#[test]
fn a_volume_that_may_not_be_written_is_no_trouble_when_it_is_done() {
    let test = "a_volume_that_may_not_be_written_is_no_trouble_when_it_is_done";
    if !root_or_skip(test) {
        return;
    }
    let scene = Scene::with_plan(STAGED);
    scene.directory("data");
    scene.apply().code(0);
    let script = "mount --bind data data && mount -o remount,bind,ro data && exec \"$0\" apply plan.yaml";
    in_mounts_of_its_own(&scene, script).code(0);
}

#[test]
fn the_stage_and_what_the_programs_make_belong_to_the_user() {
    let test = "the_stage_and_what_the_programs_make_belong_to_the_user";
    if !root_or_skip(test) {
        return;
    }
    let scene = Scene::new();
    let data = scene.path("data").display().to_string();
    let script = format!("set -e; stat -c %u:%g:%a {data}/.stage; id -u; id -g; echo x > {data}/.stage/file");
    scene.file(
        "plan.yaml",
        format!(
            "version: 1\nsteps:\n  - as: \"1234:2345\"\n    once:\n      marker: /data/done\n      stage: /data/.stage\n      steps:\n        - run: {{ command: [sh, -c, \"{script}\"] }}\n        - {{ as: \"0:0\", run: {{ command: [id, -u] }} }}\n",
        ),
    );
    scene.directory("data").env("PATH", "/usr/bin:/bin");
    let ran = scene.apply().code(0);
    let told: Vec<&str> = ran
        .stderr
        .lines()
        .filter_map(|line| line.rsplit_once(": ").map_or(Some(line), |(_, said)| Some(said)))
        .collect();
    for line in ["1234:2345:700", "1234", "2345", "0"] {
        assert!(told.contains(&line), "{line}: {}", ran.stderr);
    }
    assert_eq!(scene.stat("data/file"), "1234:2345 0644");
    assert_eq!(scene.stat("data/done"), "1234:2345 0644");
}

#[test]
fn of_many_runs_at_once_one_does_it_and_all_end_well() {
    let scene = Scene::new();
    let log = scene.path("log").display().to_string();
    scene.file(
        "plan.yaml",
        format!(
            "version: 1\nsteps:\n  - once:\n      marker: /data/done\n      stage: /data/.stage\n      require: [{{ that: {{ empty: /data }}, else: not empty }}]\n      steps:\n        - run: {{ command: [sh, -c, \"echo once >> {log}; sleep 0.3\"] }}\n          writes: [/log]\n        - render: {{ text: x, path: /data/.stage/x }}\n",
        ),
    );
    scene.directory("data").file("log", "").env("PATH", "/usr/bin:/bin");
    let children: Vec<_> = (0..8).map(|_| scene.start(&["apply", "plan.yaml"])).collect();
    for child in children {
        Ran::from(child.wait_with_output().unwrap()).code(0);
    }
    assert_eq!(scene.read("log"), "once\n");
    assert_eq!(scene.names("data"), ["done", "x"]);
}

#[test]
fn who_waits_for_another_run_says_so_and_ends_at_a_signal_or_in_time() {
    let scene = Scene::new();
    let ready = scene.path("ready").display().to_string();
    scene.file(
        "plan.yaml",
        format!(
            "version: 1\nsteps:\n  - timeout: 60s\n    once:\n      marker: /data/done\n      steps:\n        - run: {{ command: [sh, -c, \"echo > {ready}; exec sleep 600\"] }}\n          writes: [/]\n",
        ),
    );
    scene.directory("data").env("PATH", "/usr/bin:/bin");
    let first = scene.start(&["apply", "plan.yaml"]);
    let begun = Instant::now();
    while !scene.exists("ready") {
        assert!(begun.elapsed() < Duration::from_mins(1), "the first run did not begin");
        std::thread::sleep(Duration::from_millis(20));
    }
    scene.file("short.yaml", scene.read("plan.yaml").replace("60s", "300ms"));
    let said = "another run is at it: waiting for the lock on `/data/done.state`";
    scene.run(&["apply", "short.yaml"]).code(5).stderr_has(said).stderr_has("timed out");
    let mut second = scene.start(&["apply", "plan.yaml"]);
    wait_until_said(&mut second, said);
    for child in [second, first] {
        let id = nix::unistd::Pid::from_raw(i32::try_from(child.id()).unwrap());
        nix::sys::signal::kill(id, nix::sys::signal::Signal::SIGTERM).unwrap();
        Ran::from(child.wait_with_output().unwrap()).code(143).stderr_has("interrupted by SIGTERM");
    }
    assert!(!scene.exists("data/done"));
}

#[test]
fn show_names_the_steps_and_expect_refuses_what_is_there() {
    let scene = Scene::with_plan(STAGED);
    scene.directory("data");
    let shown = scene.run(&["show", "plan.yaml"]).code(10);
    let wanted = "step 1 `first`\n  + /data/VERSION  after step 1.1 `mkdir`, step 1.2 `render`, step 1.3 `render`, step 1.4 `render`\n";
    assert_eq!(shown.stdout, wanted);
    assert!(scene.names("data").is_empty());
    scene.run(&["apply", "--expect", "uninitialized", "plan.yaml", "--report", "report.json"]).code(0);
    let report: serde_json::Value = serde_json::from_str(&scene.read("report.json")).unwrap();
    let inner = &report["steps"][0]["steps"];
    assert_eq!(
        (&inner[3]["verb"], &inner[3]["number"], &inner[3]["outcome"]),
        (&"render".into(), &4.into(), &"changed".into())
    );
    let message = "error: `/data/VERSION` is there already, and this run was to make it";
    scene.run(&["apply", "--expect", "uninitialized", "plan.yaml"]).code(1).stderr_has(message);
    scene.env("FITOUT_EXPECT", "uninitialized").apply().code(1).stderr_has(message);
    scene
        .env("FITOUT_EXPECT", "much")
        .apply()
        .code(2)
        .stderr_has("cannot use `FITOUT_EXPECT`: it is none of uninitialized");
}

/// Runs a script, for which the program is `$0`, where it can mount what it likes.
fn in_mounts_of_its_own(scene: &Scene, script: &str) -> Ran {
    let mut command = std::process::Command::new("unshare");
    command.args(["--mount", "sh", "-c", script]).arg(scene.command(&[]).get_program());
    command.current_dir(&scene.directory).env("FITOUT_ROOT", &scene.directory).output().unwrap().into()
}

/// Whether strace is there to stop a run at its calls.
pub(crate) fn strace_or_skip(test: &str) -> bool {
    let found = std::process::Command::new("strace").arg("-V").output().is_ok();
    if !found {
        skip(test, "strace");
    }
    found
}

#[test]
fn what_a_program_prints_is_a_fact_for_later_steps() {
    let scene = Scene::with_plan(
        "version: 1
steps:
  - run: { command: [sh, -c, \"echo '  scram-sha-256  '; echo noise >&2\"], capture: method }
  - run: { command: [printf, \"version 15.4 (Debian)\\\\n\"], capture: { name: major, matches: \"version ([0-9]+)\" } }
  - render: { text: \"{{facts.method}} {{facts.major}}\", path: /a }
  - { when: { missing: /a }, run: { command: [\"false\"], capture: never } }
  - render: { text: \"{{default facts.never 'nothing'}}\", path: \"/b-{{facts.major}}\" }
  - once:
      marker: /done
      steps:
        - run: { command: [echo, inner], capture: inner }
        - mkdir: { path: \"/{{facts.inner}}-{{facts.method}}\" }
  - link: { target: \"{{facts.inner}}-scram-sha-256\", path: /link }
",
    );
    scene.env("PATH", "/usr/bin:/bin");
    scene.run(&["check", "plan.yaml"]).code(0);
    scene
        .run(&["show", "plan.yaml"])
        .code(10)
        .stderr_has("step 5 `render`: cannot be shown before earlier steps are done");
    scene.apply().code(0);
    assert_eq!((scene.read("a"), scene.read("b-15")), ("scram-sha-256 15".to_owned(), "nothing".to_owned()));
    assert!(scene.exists("inner-scram-sha-256") && scene.exists("link/."));
    // A second run does not reach what is captured in `once`, and what needs it says so.
    std::fs::remove_file(scene.path("link")).unwrap();
    scene.apply().code(4).stderr_has("facts.inner").stderr_has("plan.yaml:13:");
}

#[test]
fn what_cannot_be_captured_is_said() {
    for (run, code, message) in [
        (
            "{ command: [echo, x], capture: { name: a, matches: \"[0-9]\" } }",
            1,
            "error: `echo` printed nothing that matches `[0-9]`",
        ),
        (
            "{ command: [sh, -c, \"yes | head -c 2000000\"], capture: a }",
            1,
            "printed more than 1048576 bytes, too much for a fact",
        ),
        ("{ command: [echo], capture: \"a b\" }", 3, "not the name of a fact"),
        ("{ command: [echo], capture: { name: a, matches: \"(\" } }", 3, "not a regular expression"),
        ("{ command: [echo, \"{{facts.a}}\"], capture: a }", 3, "`facts.a` is not captured before this"),
        ("{ command: [echo, \"{{facts.aa}}\"], capture: a }", 3, "unknown name `facts.aa`"),
    ] {
        let scene = Scene::with_plan(&format!("version: 1\nsteps:\n  - run: {run}\n"));
        scene.env("PATH", "/usr/bin:/bin").apply().code(code).stderr_has(message);
    }
    let secret = "version: 1\ninputs: { env: { S: { secret: true } } }\nsteps:\n  - run: { command: [printenv, S], capture: a }\n  - run: { command: [echo, \"{{facts.a}}\"] }\n";
    let scene = Scene::with_plan(secret);
    scene.env("PATH", "/usr/bin:/bin").env("S", "hunter2-hunter2");
    let message = "error: what `printenv` printed holds a secret, which cannot be a fact";
    scene.apply().code(1).stderr_has(message).lacks("hunter2");
    let early = "version: 1\nsteps:\n  - mkdir: { path: \"/{{facts.a}}\" }\n  - run: { command: [echo], capture: a }\nexec: { command: [echo, \"{{facts.a}}\"] }\n";
    let ran = Scene::with_plan(early).run(&["check", "plan.yaml"]).code(3);
    assert_eq!(ran.stderr.matches("`facts.a` is not captured before this").count(), 2, "{}", ran.stderr);
}

#[test]
fn a_user_is_taken_only_from_root_where_the_plan_says_so() {
    if !root_or_skip("a_user_is_taken_only_from_root_where_the_plan_says_so") {
        return;
    }
    let plan = "version: 1\nsteps:\n  - as: \"1234:2345\"\n    drop_only_if_root: true\n    once: { marker: /data/done, stage: /data/stage, steps: [{ run: { command: [id, -u] } }] }\n";
    for (user, wanted) in [(0, "1234"), (4321, "4321")] {
        let scene = Scene::with_plan(plan);
        scene.directory("data").owned("data", user, user).env("PATH", "/usr/bin:/bin");
        let ran = Ran::from(scene.command_as(user, &["apply", "plan.yaml"]).output().unwrap()).code(0);
        assert!(ran.stderr.lines().any(|line| line.ends_with(&format!(": {wanted}"))), "{}", ran.stderr);
    }
    let alone = "version: 1\nsteps:\n  - drop_only_if_root: true\n    run: { command: [id] }\n";
    Scene::with_plan(alone)
        .run(&["check", "plan.yaml"])
        .code(3)
        .stderr_has("`drop_only_if_root` has no meaning without `as`");
}

#[test]
fn a_run_that_was_killed_at_its_very_end_asks_for_nothing_again() {
    let plan = STAGED.replace(
        "stage: /data/.stage",
        "stage: /data/.stage\n      require: [{ that: { exists: /password }, else: no password }]",
    );
    let scene = Scene::with_plan(&plan);
    scene.directory("data").file("password", "").apply().code(0);
    std::fs::remove_file(scene.path("password")).unwrap();
    scene.file("data/.stage.state", "begun /data/VERSION /data/.stage\ncomplete\n");
    assert_eq!(scene.run(&["show", "plan.yaml"]).code(0).stdout, "");
    let expected = ["apply", "--expect", "uninitialized", "plan.yaml"];
    scene.run(&expected).code(1).stderr_has("`/data/VERSION` is there already, and this run was to make it");
    scene.apply().code(0);
    is_whole(&scene);
    assert_eq!(scene.names("data"), ["VERSION", "b", "base"]);
}

#[test]
fn programs_write_in_a_stage_beside_which_is_the_whole_root() {
    let scene = Scene::new();
    let stage = scene.path("stage").display().to_string();
    scene.file(
        "plan.yaml",
        format!(
            "version: 1\nsteps:\n  - writes: [/extra]\n    once:\n      marker: /data/done\n      stage: /stage\n      steps: [{{ run: {{ command: [touch, {stage}/x, {stage}/../extra/y] }} }}]\n"
        ),
    );
    scene.directory("extra").env("PATH", "/usr/bin:/bin").apply().code(0);
    assert_eq!(
        (scene.names("data"), scene.names("extra")),
        (vec!["done".to_owned(), "x".to_owned()], vec!["y".to_owned()])
    );
}
