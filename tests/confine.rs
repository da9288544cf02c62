//! Steps write only where the plan says, and the application everywhere. Paths in the scripts are those of the machine, as a
//! program sees them.

mod failing;
mod fitout;

use std::os::unix::fs::chown;

use crate::harness::{Ran, Scene, root_or_skip, skip};

/// Whether the kernel can confine; the other half of the tests is about those that cannot.
pub(crate) fn can_confine(test: &str) -> bool {
    let scene = Scene::with_plan("version: 1\nsteps:\n  - render: { text: x, path: /made }\n");
    let can = scene.run(&["apply", "plan.yaml", "--confine", "required"]).code == 0;
    if !can {
        skip(test, "Landlock");
    }
    can
}

/// A scene with directories `in` and `out`, and a plan that names `in`. `$IN` and `$OUT` in it are their paths on the machine.
pub(crate) fn scene(steps: &str) -> Scene {
    let scene = Scene::new();
    scene.directory("in").directory("out");
    write_plan(&scene, steps);
    scene
}

pub(crate) fn write_plan(scene: &Scene, steps: &str) {
    let at = |name: &str| scene.path(name).display().to_string();
    let steps = steps.replace("$IN", &at("in")).replace("$OUT", &at("out"));
    scene.file("plan.yaml", format!("version: 1\n{steps}"));
}

#[test]
fn a_program_writes_where_the_plan_does_and_nowhere_else() {
    if !can_confine("a_program_writes_where_the_plan_does_and_nowhere_else") {
        return;
    }
    let scene = scene(
        "steps:\n  - render: { text: x, path: /in/app }\n  - run: { command: [sh, -c, \"echo y > $IN/by-program; echo y > $OUT/by-program\"] }\n",
    );
    let place = scene.path("out/by-program").display().to_string();
    scene
        .apply()
        .code(1)
        .stderr_has(&format!("fitout: step 2 `run`: sh: 1: cannot create {place}: Permission denied"))
        .stderr_has("error: `sh` ended with code 2\n  --> plan.yaml:4:22  step 2 `run`\n")
        .stderr_has(
            "   = confined: the program can write only in `/in`; more with `writes`, everywhere with `confine: off`\n",
        );
    assert_eq!((scene.read("in/app"), scene.read("in/by-program")), ("x".into(), "y\n".into()));
    assert!(scene.names("out").is_empty());
}

#[test]
fn a_program_reads_executes_and_uses_devices_as_ever() {
    let scene = scene(
        "steps:\n  - run: { command: [sh, -c, \"set -e; echo x > /dev/null; echo told > /dev/stdout; cat /etc/passwd > /dev/null; exec 3<> /dev/zero; echo last >&2\"] }\n",
    );
    scene.apply().code(0).stderr_has("fitout: step 1 `run`: told\nfitout: step 1 `run`: last\n");
}

#[test]
fn what_a_program_starts_and_leaves_behind_is_confined_too() {
    if !can_confine("what_a_program_starts_and_leaves_behind_is_confined_too") {
        return;
    }
    let scene = scene(
        "steps:\n  - run: { command: [sh, -c, \"(trap '' HUP; sleep 0.5; echo x > $OUT/late; echo done > $IN/late) > /dev/null 2>&1 & :\"] }\n    writes: [/in]\n",
    );
    scene.apply().code(0);
    let deadline = std::time::Instant::now() + std::time::Duration::from_secs(20);
    while !scene.exists("in/late") {
        assert!(std::time::Instant::now() < deadline, "the process that was left behind wrote nothing");
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
    assert!(scene.names("out").is_empty());
}

#[test]
fn a_program_moves_and_links_between_the_directories_it_may_write() {
    let scene = scene(
        "steps:\n  - run: { command: [sh, -c, \"set -e; echo x > $IN/a/x; mv $IN/a/x $IN/b/y; ln $IN/b/y $OUT/z; mv $OUT/z $IN/a/z; mkfifo $IN/fifo; rm -r $IN/b\"] }\n    writes: [/in, /out]\n",
    );
    scene.directory("in/a").directory("in/b").apply().code(0);
    assert_eq!(scene.read("in/a/z"), "x\n");
    assert_eq!(scene.names("in"), ["a", "fifo"]);
}

#[test]
fn a_step_says_what_else_its_program_writes() {
    if !can_confine("a_step_says_what_else_its_program_writes") {
        return;
    }
    for (fields, code) in [
        ("", 1),
        ("writes: [/out]", 0),
        ("writes: [/out/file]", 1),
        // Made by the program: what is there of the way counts.
        ("writes: [/out/deep/tree]", 0),
        ("writes: [/in/link]", 0),
        ("confine: auto", 1),
        ("confine: off", 0),
    ] {
        let scene = scene(&format!(
            "steps:\n  - run: {{ command: [sh, -ec, \"echo new > $OUT/file; mkdir -p $OUT/deep/tree\"] }}\n    timeout: 20s\n    {fields}\n"
        ));
        scene.file("out/file", "old\n").link("../out", "in/link").apply().code(code);
        assert_eq!(
            scene.read("out/file"),
            if fields.is_empty() || fields == "confine: auto" { "old\n" } else { "new\n" }
        );
        assert_eq!(scene.exists("out/deep"), code == 0, "{fields}");
    }
}

/// A wrong name must not open everything.
#[test]
fn a_path_of_which_nothing_is_there_gives_nothing() {
    let test = "a_path_of_which_nothing_is_there_gives_nothing";
    if !can_confine(test) {
        return;
    }
    for fields in ["writes: [/typing/error]", "writes: [/typing]"] {
        let scene =
            scene(&format!("steps:\n  - run: {{ command: [sh, -ec, \"echo new > $OUT/file\"] }}\n    {fields}\n"));
        scene.file("out/file", "old\n");
        let path = fields.trim_start_matches("writes: [").trim_end_matches(']');
        scene.apply().code(1).stderr_has(&format!(
            "fitout: warn: `{path}` is not there, nor a directory above it: nothing can be written there\n"
        ));
        assert_eq!(scene.read("out/file"), "old\n");
    }
}

#[test]
fn the_program_that_judges_a_file_is_confined_too() {
    if !can_confine("the_program_that_judges_a_file_is_confined_too") {
        return;
    }
    let judged = |fields: &str| {
        scene(&format!(
            "steps:\n  - render: {{ text: x, path: /in/app, validate: {{ command: [sh, -ec, \"echo y > $IN/log; echo y > $OUT/log\", sh, \"{{}}\"] }} }}\n    {fields}\n"
        ))
    };
    let scene = judged("");
    scene.apply().code(1).stderr_has("   = confined: the program can write only in `/in`; more with `writes`");
    assert_eq!((scene.names("in"), scene.names("out")), (vec!["log".to_owned()], vec![]));
    judged("writes: [/out]").apply().code(0);
    judged("confine: off").apply().code(0);
}

#[test]
fn command_line_environment_and_plan_say_whether_to_confine() {
    if !can_confine("command_line_environment_and_plan_say_whether_to_confine") {
        return;
    }
    for (plan, environment, typed, code) in [
        ("", "", "", 1),
        ("confine: auto\n", "", "", 1),
        ("confine: required\n", "", "", 1),
        ("confine: off\n", "", "", 0),
        ("confine: off\n", "auto", "", 1),
        ("", "off", "", 0),
        ("confine: required\n", "off", "", 0),
        ("", "off", "required", 1),
        ("confine: off\n", "required", "off", 0),
    ] {
        let scene = scene(&format!("{plan}steps:\n  - run: {{ command: [touch, $OUT/file] }}\n"));
        scene.env("FITOUT_CONFINE", environment);
        let arguments = ["apply", "plan.yaml", "--confine", typed];
        let ran = scene.run(if typed.is_empty() { &arguments[..2] } else { &arguments }).code(code);
        assert_eq!(scene.exists("out/file"), code == 0, "{plan}{environment} {typed}: {}", ran.stderr);
    }
}

#[test]
fn the_application_is_not_confined() {
    let test = "the_application_is_not_confined";
    let plan = "steps:\n  - run: { command: [sh, -c, \"grep NoNewPrivs /proc/self/status | tr '\\t' ' '\"] }\n  - render: { text: x, path: /in/app }\n";
    let application = "exec: { command: [sh, -c, \"echo z > $OUT/by-application; mkdir $OUT/made; mv $OUT/made $IN/made; grep NoNewPrivs /proc/self/status\"], no_new_privileges: ASKED }\n";
    for asked in [false, true] {
        let scene = scene(&format!("{plan}{}", application.replace("ASKED", &asked.to_string())));
        let ran = scene.apply().code(0);
        assert_eq!(ran.stdout, format!("NoNewPrivs:\t{}\n", u8::from(asked)), "{}", ran.stderr);
        assert_eq!(scene.read("out/by-application"), "z\n");
    }
    if !root_or_skip(test) || !can_confine(test) {
        return;
    }
    // Without CAP_SYS_ADMIN the steps have to promise it, and still only they.
    let scene = scene(&format!("{plan}{}", application.replace("ASKED", "false")));
    for path in ["", "in", "out"] {
        chown(scene.path(path), Some(1000), Some(1000)).unwrap();
    }
    let ran = scene.command_as(1000, &["apply", "plan.yaml"]).output().unwrap();
    let ran = Ran::from(ran).code(0).stderr_has("fitout: step 1 `run`: NoNewPrivs: 1\n");
    assert_eq!(ran.stdout, "NoNewPrivs:\t0\n", "{}", ran.stderr);
    assert_eq!(scene.stat("out/by-application"), "1000:1000 0644");
}

#[test]
fn another_user_is_still_possible_in_a_confined_step() {
    let test = "another_user_is_still_possible_in_a_confined_step";
    if !root_or_skip(test) {
        return;
    }
    let scene =
        scene("steps:\n  - run: { command: [sh, -c, \"id -u > $IN/who\"], as: \"1234:1234\" }\n    writes: [/in]\n");
    scene.owned("in", 1234, 1234).apply().code(0);
    assert_eq!(scene.read("in/who"), "1234\n");
    assert_eq!(scene.stat("in/who"), "1234:1234 0644");
}

#[test]
fn a_verb_is_confined_as_a_step_is() {
    if !can_confine("a_verb_is_confined_as_a_step_is") {
        return;
    }
    let scene = Scene::new();
    scene.directory("out");
    let place = scene.path("out/file").display().to_string();
    scene
        .run(&["run", "--", "touch", &place])
        .code(1)
        .stderr_has("   = confined: the program can write nothing; more with `writes`")
        .stderr_has("touch: cannot touch");
    assert!(!scene.exists("out/file"));
    for arguments in [
        &["run", "--writes", "/out", "--", "touch", &place][..],
        &["run", "--creates", "/out/file", "--", "touch", &place],
        &["run", "--confine", "off", "--", "touch", &place],
    ] {
        scene.run(arguments).code(0);
        assert!(scene.exists("out/file"), "{arguments:?}");
        std::fs::remove_file(scene.path("out/file")).unwrap();
    }
}
