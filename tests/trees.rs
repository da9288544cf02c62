//! `render` of a directory or glob: which files are made, under which names, and what goes.

use crate::harness::Scene;

fn scene(fields: &str) -> Scene {
    let scene = Scene::with_plan(&format!(
        "version: 1
inputs: {{ env: {{ NAME: {{ default: world }}, HOST: {{ default: web-1 }} }} }}
steps:
  - render: {{ path: /out, {fields} }}
"
    ));
    scene
        .file("t/a.conf.hbs", "a {{env.NAME}}\n")
        .file("t/plain.txt", "plain {{x}}\n")
        .file("t/sub/b.json.hbs", "{\"b\": \"{{env.NAME}}\"}\n")
        .file("t/sub/deep/c.bin", b"\xff\x00")
        .directory("t/empty/inner");
    scene
}

fn tree(scene: &Scene, top: &str) -> Vec<String> {
    fn walk(directory: &std::path::Path, prefix: &str, found: &mut Vec<String>) {
        let mut entries: Vec<_> = std::fs::read_dir(directory).unwrap().map(|entry| entry.unwrap()).collect();
        entries.sort_by_key(std::fs::DirEntry::file_name);
        for entry in entries {
            let name = format!("{prefix}{}", entry.file_name().to_string_lossy());
            if entry.file_type().unwrap().is_dir() {
                found.push(format!("{name}/"));
                walk(&entry.path(), &format!("{name}/"), found);
            } else {
                found.push(name);
            }
        }
    }
    let mut found = Vec::new();
    walk(&scene.path(top), "", &mut found);
    found
}

#[test]
fn a_tree_keeps_its_shape_with_empty_directories() {
    let scene = scene("source: /t");
    scene.apply().code(0).stderr_has("changed, 4 of 4 files written");
    assert_eq!(
        tree(&scene, "out"),
        ["a.conf", "empty/", "empty/inner/", "plain.txt", "sub/", "sub/b.json", "sub/deep/", "sub/deep/c.bin"]
    );
    assert_eq!(scene.read("out/plain.txt"), "plain {{x}}\n");
    scene.apply().code(0).stderr_has("unchanged");
}

#[test]
fn files_are_included_and_excluded_by_globs() {
    for (fields, wanted) in [
        ("source: /t, include: [\"*.hbs\"]", vec!["a.conf", "sub/", "sub/b.json"]),
        ("source: /t, include: [\"sub/*\"]", vec!["sub/", "sub/b.json", "sub/deep/", "sub/deep/c.bin"]),
        ("source: /t, exclude: [sub, empty]", vec!["a.conf", "plain.txt"]),
        ("source: /t, include: [\"*.hbs\"], exclude: [\"sub/**\"]", vec!["a.conf"]),
        ("source: \"/t/*.hbs\"", vec!["a.conf"]),
        ("source: \"/t/**/*.hbs\"", vec!["a.conf", "sub/", "sub/b.json"]),
        ("source: \"/t/s?b/*\"", vec!["sub/", "sub/b.json"]),
        ("source: /t, strip_suffix: .txt, include: [plain.txt]", vec!["plain"]),
    ] {
        let scene = scene(fields);
        scene.file("t/plain.txt", "plain\n");
        scene.apply().code(0);
        assert_eq!(tree(&scene, "out"), wanted, "{fields}");
    }
    let scene = scene("source: \"/t/*.nope\"");
    scene.apply().code(3).stderr_has("error: cannot read the template `/t/*.nope`: no file matches");
    assert!(!scene.exists("out"));
}

#[test]
fn every_file_is_a_template_without_a_suffix() {
    let scene = scene("source: /u, strip_suffix: \"\"");
    scene.file("u/app.conf", "n={{env.NAME}}");
    scene.apply().code(0);
    assert_eq!(scene.read("out/app.conf"), "n=world");
}

#[test]
fn names_of_templates_and_directories_are_templates() {
    let scene = scene("source: /n");
    scene.file("n/{{env.HOST}}/{{upper env.NAME}}.conf.hbs", "x").file("n/{{env.HOST}}/kept {{y}}.txt", "y");
    scene.apply().code(0);
    assert_eq!(tree(&scene, "out"), ["web-1/", "web-1/WORLD.conf", "web-1/kept {{y}}.txt"]);
    for hostile in ["..", ".", "a/b", "/etc", "../../x"] {
        let scene = self::scene("source: /n");
        scene.file("n/{{env.NAME}}.hbs", "x").env("NAME", hostile);
        scene.apply().code(4).stderr_has(
            "error: cannot expand the name of `/n/{{env.NAME}}.hbs`: `env.NAME` makes it no name of a file",
        );
        assert!(!scene.exists("out"), "{hostile}");
    }
    let scene = self::scene("source: /n");
    scene.file("n/{{env.HOST}}-{{lower env.NAME}}.hbs", "x").env("NAME", "A/B");
    scene.apply().code(4).stderr_has("`: `env.NAME` makes it no name of a file");
    let scene = self::scene("source: /n");
    scene.file("n/{{env.NAEM}}.hbs", "x");
    scene.apply().code(3).stderr_has("cannot expand the name of `/n/{{env.NAEM}}.hbs`: ").stderr_has("unknown name");
}

#[test]
fn links_to_files_are_templates_and_others_are_left_out_by_name() {
    let scene = scene("source: /n");
    scene.directory("n/kept").file("elsewhere/a.hbs", "n={{env.NAME}}").link("../elsewhere/a.hbs", "n/b.hbs");
    scene.link("../elsewhere", "n/linked").link("..", "n/kept/up").link("nowhere", "n/dead");
    nix::unistd::mkfifo(&scene.path("n/fifo"), nix::sys::stat::Mode::S_IRWXU).unwrap();
    let ran = scene.apply().code(0);
    let warned: Vec<&str> = ran.stderr.lines().filter(|line| line.contains("left out")).collect();
    assert_eq!(
        warned,
        [
            "fitout: warn: `/n/dead` is a symbolic link that leads nowhere and is left out",
            "fitout: warn: `/n/fifo` is a FIFO, a socket or a device and is left out",
            "fitout: warn: `/n/linked` is a symbolic link to a directory and is left out",
            "fitout: warn: `/n/kept/up` is a symbolic link to a directory and is left out",
        ]
    );
    assert_eq!(tree(&scene, "out"), ["b", "kept/"]);
    assert_eq!(scene.read("out/b"), "n=world");
}

#[test]
fn two_sources_of_one_file_are_refused() {
    let scene = scene("source: /t");
    scene.file("t/plain.txt.hbs", "x");
    scene.apply().code(3).stderr_has("error: two sources would be written to `/out/plain.txt`");
    assert!(!scene.exists("out"));
}

#[test]
fn what_is_no_longer_made_goes_only_with_prune() {
    let scene = scene("source: /t");
    scene.apply().code(0);
    scene.file("out/old.conf", "old").file("out/gone/deep/x", "x");
    std::fs::remove_file(scene.path("t/a.conf.hbs")).unwrap();
    scene.apply().code(0).stderr_has("unchanged");
    assert!(scene.exists("out/old.conf") && scene.exists("out/a.conf"));

    let pruning = self::scene("source: /t, prune: true, exclude: [\"*.keep\", certs]");
    pruning.apply().code(0);
    pruning
        .file("out/old.conf", "old")
        .file("out/gone/deep/x", "x")
        .file("out/state/a.keep", "k")
        .file("out/state/b", "b")
        .file("out/certs/ca.pem", "c")
        .file("out/lost+found/z", "z")
        .file("outside", "o")
        .link("/outside", "out/link");
    let ran = pruning.run(&["show", "plan.yaml"]).code(10);
    assert!(ran.stdout.contains("  - /out/old.conf  not made by this step\n"), "{}", ran.stdout);
    assert!(pruning.exists("out/old.conf"));
    pruning.apply().code(0).stderr_has("0 of 4 files written, 6 removed");
    assert_eq!(
        tree(&pruning, "out"),
        [
            "a.conf",
            "certs/",
            "certs/ca.pem",
            "empty/",
            "empty/inner/",
            "lost+found/",
            "lost+found/z",
            "plain.txt",
            "state/",
            "state/a.keep",
            "sub/",
            "sub/b.json",
            "sub/deep/",
            "sub/deep/c.bin"
        ]
    );
    assert_eq!(pruning.read("outside"), "o");
    pruning.apply().code(0).stderr_has("unchanged");
}

#[test]
fn prune_needs_a_tree() {
    let refused = |fields: &str| {
        Scene::with_plan(&format!("version: 1\nsteps:\n  - render: {{ {fields}, prune: true }}\n"))
            .run(&["check", "plan.yaml"])
            .code(3)
            .stderr_has("error: `prune` needs a directory as `source`, and a `path` that is not the root")
    };
    refused("text: x, path: /out/a");
    refused("source: /t, path: /");
    let scene = Scene::with_plan("version: 1\nsteps:\n  - render: { source: /a.hbs, path: /out, prune: true }\n");
    scene.file("a.hbs", "x");
    scene.apply().code(3).stderr_has("error: `prune` needs a directory or a glob as `source`");
}

#[test]
fn partials_come_from_their_directory() {
    let scene = scene("source: /t, partials: /p");
    scene.file("t/a.conf.hbs", "{{> head title=env.NAME}}\nbody\n{{> common/foot}}\n");
    scene.file("p/head.hbs", "# {{title}}\n").file("p/common/foot.hbs", "# {{env.HOST}}\n").file("p/notes.txt", "{{");
    scene.run(&["check", "plan.yaml"]).code(0);
    scene.apply().code(0);
    assert_eq!(scene.read("out/a.conf"), "# world\nbody\n# web-1\n");
    scene.file("p/common/foot.hbs", "# one\n# {{env.HSOT}}\n");
    let message = "error: unknown name `env.HSOT`\n  --> /p/common/foot.hbs:2:5";
    scene.run(&["check", "plan.yaml"]).code(3).stderr_has(message);
    scene
        .apply()
        .code(3)
        .stderr_has("error: cannot render the template: unknown name `env.HSOT`\n  --> /p/common/foot.hbs:2:5");
    scene.file("p/common/foot.hbs", "x").file("t/a.conf.hbs", "{{> haed}}\n");
    let message = "error: unknown partial `haed`\n  --> /t/a.conf.hbs:1:5";
    scene.run(&["check", "plan.yaml"]).code(3).stderr_has(message).stderr_has("hint: did you mean `head`?");
    scene.file("p/head.hbs", "{{> head}}");
    scene.run(&["check", "plan.yaml"]).code(3).stderr_has("error: a partial includes itself: `head`, `head`");
    scene.apply().code(3).stderr_has("error: a partial includes itself: `head`, `head`");
}

#[test]
fn a_source_without_files_prunes_nothing() {
    let scene = scene("source: /cm, prune: true");
    scene.directory("cm/..data").file("out/a.conf", "kept").file("out/sub/b", "kept");
    for command in ["apply", "show"] {
        scene
            .run(&[command, "plan.yaml"])
            .code(6)
            .stderr_has("error: cannot prune `/out`: the source holds no file\n  --> plan.yaml:4:21")
            .stderr_has("hint: is its volume mounted?");
    }
    assert_eq!(tree(&scene, "out"), ["a.conf", "sub/", "sub/b"]);
}

#[test]
fn prune_follows_no_link() {
    let scene = scene("source: /t, prune: true");
    scene.file("outside/keep", "o").directory("out").link("/outside", "out/dir");
    scene.apply().code(0).stderr_has("4 of 4 files written, 1 removed");
    assert!(!scene.exists("out/dir"));
    assert_eq!(tree(&scene, "outside"), ["keep"]);
}

#[test]
fn a_glob_looks_only_where_it_leads() {
    let scene = scene("source: \"/g/*.hbs\"");
    scene
        .file("g/a.hbs", "a")
        .directory("g/priv/deep")
        .link("/nowhere", "g/priv/deep/dangling")
        .link("/nowhere", "g/x");
    scene.apply().code(0).lacks("is left out");
    assert_eq!(tree(&scene, "out"), ["a"]);
    let scene = self::scene("source: \"/t/**\"");
    scene.apply().code(0);
    assert_eq!(tree(&scene, "out"), ["a.conf", "plain.txt", "sub/", "sub/b.json", "sub/deep/", "sub/deep/c.bin"]);
    let scene = self::scene("source: \"/no/such/*.hbs\"");
    scene
        .apply()
        .code(3)
        .stderr_has("error: cannot read the template `/no/such/*.hbs`: there is no directory `/no/such`");
}

#[test]
fn a_template_whose_name_is_no_text_keeps_its_name() {
    use std::os::unix::ffi::OsStrExt as _;
    let scene = scene("source: /n");
    scene.directory("n");
    std::fs::write(scene.path("n").join(std::ffi::OsStr::from_bytes(b"caf\xe9.conf.hbs")), "{{env.NAME}}").unwrap();
    scene.apply().code(0);
    let made = scene.path("out").join(std::ffi::OsStr::from_bytes(b"caf\xe9.conf"));
    assert_eq!(std::fs::read_to_string(made).unwrap(), "world");
}

#[test]
fn nothing_is_made_of_a_tree_that_does_not_pass() {
    let scene = scene("source: /t, validate: { command: [/bin/false, '{}'] }");
    scene.apply().code(1).stderr_has("its validation failed");
    assert!(!scene.exists("out"));
    assert_eq!(scene.names("/"), ["plan.yaml", "t"]);
    let judge = "[/bin/sh, -c, 'stat -c %a \"$1\" && test \"$(dirname \"$1\")\" != / && exit 3', sh, '{}']";
    let scene = self::scene(&format!("source: /t, mode: \"0644\", validate: {{ command: {judge} }}"));
    scene.apply().code(1).stderr_has("/bin/sh: 600\n");
}

#[test]
fn everything_that_is_wrong_with_partials_and_migrations_is_told_at_once() {
    let scene = scene("source: /t, partials: /p");
    scene.file("t/a.conf.hbs", "x").file("p/a.hbs", "{{#if env.NAME}}").file("p/b.hbs", "one\n{{/each}}");
    for command in ["check", "apply", "show"] {
        let ran = scene.run(&[command, "plan.yaml"]).code(3).stderr_has("--> /p/a.hbs:1").stderr_has("--> /p/b.hbs:2");
        assert_eq!(ran.stderr.matches("error: ").count(), 2, "{}", ran.stderr);
    }
    let plan = "version: 1\nsteps:\n  - on_error: warn\n    render: { source: /t, path: /out, partials: /p }\n";
    scene.file("plan.yaml", plan);
    let ran = scene.run(&["apply", "plan.yaml", "--report", "report.json"]).code(0);
    assert_eq!(ran.stderr.matches("cannot parse the template").count(), 2, "{}", ran.stderr);
    let report: serde_json::Value = serde_json::from_str(&scene.read("report.json")).unwrap();
    assert_eq!(report["steps"][0]["summary"].as_str().unwrap().matches("cannot parse the template").count(), 2);

    scene.file("m/1_a.sql", "create table a (x);").file("m/01_b.sql", "").file("m/2_c.sql", "").file("m/02_d.sql", "");
    scene.file("plan.yaml", "version: 1\nsteps:\n  - migrate: { database: \"sqlite:///a.db\", source: /m }\n");
    let ran = scene.apply();
    assert_eq!(ran.stderr.matches("error: ").count(), 2, "{}", ran.stderr);
    assert!(!scene.exists("a.db"));
}

#[test]
fn everything_that_is_wrong_with_the_files_of_a_tree_is_told_at_once() {
    let scene = scene("source: /source");
    scene.file("source/a.hbs", "{{nothing}}").file("source/b.hbs", "{{#if}}").file("source/d/c.hbs", "{{env.MISSING}}");
    let ran = scene.apply();
    assert_ne!(ran.code, 0);
    for wanted in ["/source/a.hbs:1:", "/source/b.hbs:1:", "/source/d/c.hbs:1:"] {
        assert!(ran.stderr.contains(wanted), "{wanted}: {}", ran.stderr);
    }
    assert!(!scene.exists("out"));
}
