//! What Fitout writes itself: the confinement must never be in its way.

use super::{can_confine, scene, write_plan};
use crate::harness::{Scene, root_or_skip};

#[test]
fn directories_that_are_not_there_yet_are_made() {
    let scene = scene(
        "confine: required\nsteps:\n  - mkdir: { path: /new/a/b }\n  - render: { text: x, path: /new/a/b/app }\n  - link: { target: b, path: /new/a/link }\n  - copy: { source: /defaults, path: /fresh }\n  - render: { source: /templates, path: /rendered/deep }\n  - edit: { path: /rendered/deep/sub/a.json, set: { a: 2 } }\n  - edit: { path: /new/a/link/new.json, set: { a: 1 }, create: true }\n  - remove: { path: /new/old, recursive: true }\n  - mkdir: { path: /new/old }\n  - run: { command: [sh, -ec, \"echo y > $IN/../new/a/b/by-program; echo y > $IN/../new/old/by-program\"] }\n",
    );
    scene.file("defaults/sub/file", "d").file("templates/sub/a.json.hbs", "{\"a\": 1}").file("new/old/deep/file", "");
    scene.apply().code(0);
    assert_eq!((scene.read("new/a/b/app"), scene.read("fresh/sub/file")), ("x".into(), "d".into()));
    assert_eq!(scene.read("rendered/deep/sub/a.json"), "{\"a\": 2}");
    assert!(scene.exists("new/a/b/new.json") && scene.exists("new/a/b/by-program"));
    assert_eq!(scene.names("new/old"), ["by-program"]);
    // Once more, with everything there.
    scene.apply().code(0);
}

#[test]
fn a_missing_directory_gives_nobody_the_directory_above() {
    if !can_confine("a_missing_directory_gives_nobody_the_directory_above") {
        return;
    }
    // The steps need the right to make a name in the root; the program does not get it.
    let scene = scene(
        "steps:\n  - mkdir: { path: /new }\n  - render: { text: x, path: /top }\n  - run: { command: [sh, -c, \"touch $IN/../new/a; touch $IN/../beside; mkdir $IN/../other; rm $IN/../top\"] }\n",
    );
    scene.apply().code(1).stderr_has("confined: the program can write only in `/new`;");
    assert_eq!(scene.names(""), ["in", "new", "out", "plan.yaml", "top"]);
    assert_eq!(scene.names("new"), ["a"]);
}

#[test]
fn links_on_the_way_are_followed_as_the_steps_do() {
    let scene = scene(
        "confine: required\nsteps:\n  - render: { text: x, path: /data/app }\n  - link: { target: /out, path: /data/current }\n  - render: { text: y, path: /data/current/app }\n  - render: { text: z, path: /in/replaced }\n  - run: { command: [touch, $OUT/by-program] }\n",
    );
    scene.directory("volumes/one").link("volumes/one", "data").directory("kept").link("/kept", "in/replaced");
    scene.apply().code(0);
    assert_eq!((scene.read("volumes/one/app"), scene.read("out/app")), ("x".into(), "y".into()));
    assert_eq!(scene.read("in/replaced"), "z");
    assert!(scene.names("kept").is_empty() && scene.exists("out/by-program"));
    // The link leads elsewhere now, and the same plan goes there.
    scene.directory("next").file("plan.yaml", scene.read("plan.yaml").replace("target: /out", "target: /next"));
    scene.apply().code(0);
    assert_eq!(scene.read("next/app"), "y");
}

#[test]
fn a_left_over_that_a_step_may_not_remove_is_swept_by_a_later_one() {
    if !can_confine("a_left_over_that_a_step_may_not_remove_is_swept_by_a_later_one") {
        return;
    }
    let later = "  - render: { text: x, path: /in/app }\n";
    for (earlier, first) in [
        ("copy: { source: /defaults, path: /in/tree }", "file"),
        ("copy: { source: /defaults, path: /in/tree }", "directory"),
        ("render: { source: /defaults, path: /in/tree }", "file"),
        ("render: { source: /defaults, path: /in/tree }", "directory"),
    ] {
        // The step writes in a directory that is there, and looks for left-overs also beside it.
        let steps = format!("confine: required\nsteps:\n  - {earlier}\n");
        let scene = scene(&steps);
        scene.directory("in/tree").file("defaults/file", "new");
        match first {
            "file" => scene.file("in/.fitout-0123456789abcdef", "left"),
            _ => scene.file("in/.fitout-0123456789abcdef/deep/file", "left"),
        };
        scene.apply().code(0).lacks("fitout-0123");
        assert_eq!(scene.names("in"), [".fitout-0123456789abcdef", "tree"], "{earlier}: it had the right");
        std::fs::remove_file(scene.path("in/tree/file")).unwrap();
        write_plan(&scene, &format!("{steps}{later}"));
        scene.apply().code(0);
        assert_eq!(scene.names("in"), ["app", "tree"], "{earlier}, {first}");
        assert_eq!(scene.read("in/tree/file"), "new");
    }
}

#[test]
fn report_and_termination_message_need_not_be_named() {
    let scene =
        scene("confine: required\nsteps:\n  - render: { text: x, path: /in/app }\n  - run: { command: [\"false\"] }\n");
    let report = scene.path("out/report.json").display().to_string();
    scene
        .env("FITOUT_TERMINATION_LOG", scene.path("out/termination-log").into_os_string())
        .run(&["apply", "plan.yaml", "--report", &report])
        .code(1);
    assert!(scene.read("out/termination-log").starts_with("step: `false` ended with code 1"));
    assert!(scene.read("out/report.json").contains("\"outcome\": \"changed\""));
    assert!(scene.read("out/report.json").contains("confined: the program can write only in `/in`"));
}

#[test]
fn a_database_is_migrated_with_its_journal_and_its_scratch_files() {
    let scene = scene(
        "confine: required\nsteps:\n  - migrate: { database: \"sqlite:///in/app.db\", source: /migrations }\n  - migrate: { database: { from_env: URL }, source: /migrations }\ninputs: { env: { URL: { secret: true } } }\n",
    );
    scene
        .env("URL", "sqlite:///out/other.db")
        .file("migrations/0001_wal.sql", "create table t (a text);\n")
        // Sorting this takes a file beside the memory; with so small a cache the journal is written in the middle of it.
        .file(
            "migrations/0002_sort.sql",
            "with recursive n(i) as (select 1 union all select i + 1 from n where i < 60000)\ninsert into t select hex(randomblob(40)) from n;\ncreate index i on t (a);\n",
        );
    scene.apply().code(0).stderr_has("2 migrations applied");
    scene.apply().code(0).lacks(": changed");
    assert!(scene.exists("in/app.db") && scene.exists("out/other.db"));
}

#[test]
fn mounts_and_files_that_are_mounts_are_written() {
    if !root_or_skip("mounts_and_files_that_are_mounts_are_written") {
        return;
    }
    let scene = scene("");
    write_plan(
        &scene,
        "confine: required\nsteps:\n  - render: { text: new, path: /in/volume/app }\n  - render: { text: new, path: /in/file }\n  - copy: { source: /defaults, path: /in/volume }\n  - run: { command: [sh, -c, \"echo y > $IN/volume/by-program\"] }\n",
    );
    scene.directory("in/volume").file("in/file", "").file("mounted", "old").file("defaults/d", "d");
    let script = "mount -t tmpfs none in/volume; mount --bind mounted in/file; \"$1\" apply plan.yaml && cat in/volume/app in/volume/by-program in/volume/d";
    let output = std::process::Command::new("unshare")
        .args(["-m", "/bin/sh", "-e", "-c", script, "sh"])
        .arg(crate::harness::binary())
        .current_dir(&scene.directory)
        .env("FITOUT_ROOT", &scene.directory)
        .output()
        .unwrap();
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert_eq!(String::from_utf8_lossy(&output.stdout), "newy\nd", "{stderr}");
    assert_eq!(scene.read("mounted"), "new");
}

#[test]
fn every_verb_works_where_confinement_is_required() {
    let scene = Scene::new();
    scene.directory("in").file("t.hbs", "{\"a\": 1}").file("tree/a/b", "b").env("FITOUT_CONFINE", "required");
    for arguments in [
        &["mkdir", "/in/made/deep"][..],
        &["render", "/t.hbs", "/in/made/app.json"],
        &["edit", "/in/made/app.json", "--set-json", "a=2"],
        &["copy", "/tree", "/in/made/tree"],
        &["link", "tree", "/in/made/link"],
        &["own", "/in/made", "--recursive", "--directory-mode", "0750"],
        &["wait", "file:///in/made/app.json"],
        &["run", "--writes", "/in", "--", "true"],
        &["remove", "/in/made/tree", "--recursive"],
    ] {
        scene.run(arguments).code(0);
    }
    assert_eq!(scene.names("in/made"), ["app.json", "deep", "link"]);
    assert_eq!(scene.read("in/made/app.json"), "{\"a\": 2}");
}
