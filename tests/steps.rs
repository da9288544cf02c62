//! The steps that make and remove files, wait, and run programs; and conditions.

use std::net::TcpListener;
use std::os::unix::fs::MetadataExt as _;
use std::time::{Duration, Instant};

use crate::harness::{Scene, root_or_skip};

fn plan(steps: &str) -> Scene {
    Scene::with_plan(&format!("version: 1\nsteps:\n{steps}"))
}

#[test]
fn mkdir_copy_link_remove_and_their_second_run() {
    let scene = plan(
        "  - mkdir: { path: /a/b/c, mode: \"0750\" }
  - copy: { source: /src, path: /a/copy }
  - copy: { source: /src/one, path: /a/single, mode: \"0600\" }
  - link: { target: copy/one, path: /a/link }
  - remove: { path: /old, recursive: true }
",
    );
    scene
        .file("src/one", "1")
        .file("src/deep/two", "2")
        .mode("src/one", 0o640)
        .link("one", "src/three")
        .file("old/x/y", "")
        .link("/src/one", "old/l");
    scene.apply().code(0);
    assert!(scene.stat("a/b/c").ends_with(" 0750") && scene.stat("a/b").ends_with(" 0755"));
    assert_eq!(
        (scene.read("a/copy/one"), scene.read("a/copy/deep/two"), scene.read("a/link")),
        ("1".into(), "2".into(), "1".into())
    );
    assert!(scene.stat("a/copy/one").ends_with(" 0640") && scene.stat("a/single").ends_with(" 0600"));
    assert_eq!(std::fs::read_link(scene.path("a/copy/three")).unwrap().to_str(), Some("one"));
    assert!(!scene.exists("old") && scene.exists("src/one"));
    let ran = scene.apply().code(0);
    assert_eq!(ran.stderr.matches(": unchanged").count(), 5, "{}", ran.stderr);
    scene.run(&["show", "plan.yaml"]).code(0);
}

/// PostgreSQL starts with 0700 or 0750 only, and `fsGroup` makes 2770 of it at each mount.
#[test]
fn a_data_directory_gets_back_the_mode_that_postgresql_takes() {
    for (wished, wanted) in [("0700", "0700"), ("0750", "0750"), ("u=rwx,g=rx,o=,g-s", "0750")] {
        let scene = plan(&format!("  - own: {{ path: /data, mode: \"{wished}\" }}\n"));
        scene.file("data/base/1", "").directory("data/global");
        for directory in ["data/base", "data/global", "data"] {
            scene.mode(directory, 0o2770);
        }
        scene.apply().code(0).stderr_has("1 changed of 1");
        assert!(scene.stat("data").ends_with(&format!(" {wanted}")), "{}", scene.stat("data"));
        assert!(scene.stat("data/base").ends_with(" 2770"));
        scene.apply().code(0).stderr_has(": unchanged");
        scene.mode("data", 0o2770);
        let modes = ["--recursive", "--file-mode", "0600", "--directory-mode", "0700"];
        scene.run(&[&["own", "/data"], &modes[..]].concat()).code(0);
        for directory in ["data/base", "data/global", "data"] {
            assert!(scene.stat(directory).ends_with(" 0700"), "{}", scene.stat(directory));
        }
    }
}

/// `initdb` refuses a directory that holds anything, also a hidden file.
#[test]
fn a_directory_that_is_made_ready_for_a_database_holds_nothing_of_ours() {
    let scene = plan(
        "  - mkdir: { path: /v/data, mode: \"0700\" }\n  - own: { path: /v, recursive: true, file_mode: \"0600\", directory_mode: \"0700\" }\n  - link: { target: data, path: /v/current }\n  - render: { text: a, path: /v/app.conf }\n",
    );
    scene.directory("v");
    for _ in 0..2 {
        scene.apply().code(0);
        assert_eq!((scene.names("v/data"), scene.names("v").len()), (Vec::new(), 3));
    }
}

#[test]
fn a_database_with_another_name_is_refused() {
    let scene = Scene::new();
    scene.file("m/0001_a.sql", "CREATE TABLE a (b)").file("theirs.db", "").directory("v");
    std::fs::hard_link(scene.path("theirs.db"), scene.path("v/app.db")).unwrap();
    for arguments in [
        &["migrate", "--database", "sqlite:///v/app.db", "--source", "/m"][..],
        &["sql", "--database", "sqlite:///v/app.db", "--text", "CREATE TABLE a (b)"],
    ] {
        scene.run(arguments).code(6).stderr_has("`/v/app.db`: has 2 hard links\n");
        assert_eq!(scene.read("theirs.db"), "");
    }
    std::fs::remove_file(scene.path("theirs.db")).unwrap();
    scene.run(&["migrate", "--database", "sqlite:///v/app.db", "--source", "/m"]).code(0);
}

/// Who has a file open for writing goes on when it is given to somebody else.
#[test]
fn a_file_gets_owner_and_mode_in_place_only_where_nobody_else_can_be_writing_to_it() {
    if !root_or_skip("a_file_gets_owner_and_mode_in_place_only_where_nobody_else_can_be_writing_to_it") {
        return;
    }
    for step in ["render: { source: /s/a, path: /v/a", "copy: { source: /s/a, path: /v/a"] {
        for (owner, mode, wished, stays) in [
            (0, 0o600, "mode: \"0640\"", true),
            (0, 0o640, "owner: \"7:8\"", true),
            (7, 0o640, "owner: \"7:8\", mode: \"0644\"", true),
            (1000, 0o600, "mode: \"0640\"", true),
            (1000, 0o644, "owner: \"0:0\"", false),
            (0, 0o664, "mode: \"0640\"", false),
            (0, 0o602, "owner: \"7:8\", mode: \"0640\"", false),
        ] {
            let scene = plan(&format!("  - {step}, {wished} }}\n"));
            scene
                .file("s/a", "text")
                .mode("s/a", mode)
                .file("v/a", "text")
                .owned("v/a", owner, owner)
                .mode("v/a", mode);
            let inode = || std::fs::metadata(scene.path("v/a")).unwrap().ino();
            let before = inode();
            let ran = scene.apply().code(0);
            assert_eq!(inode() == before, stays, "{step} {owner} {mode:o} {wished} {}", ran.stderr);
            if step.starts_with("render") {
                let summary =
                    if stays { "0 of 1 files written, 1 with another owner or mode" } else { "1 of 1 files written\n" };
                assert!(ran.stderr.contains(summary), "{}", ran.stderr);
            }
            scene.apply().code(0).stderr_has(": unchanged");
            assert_eq!((scene.read("v/a").as_str(), scene.names("v")), ("text", vec!["a".to_owned()]));
        }
    }
}

#[test]
fn own_mends_only_what_is_wrong_and_follows_no_link() {
    if !root_or_skip("own_mends_only_what_is_wrong_and_follows_no_link") {
        return;
    }
    let scene = plan(
        "  - own: { path: /data, owner: \"1000:1000\", recursive: true, file_mode: \"0640\", directory_mode: \"0750\" }\n",
    );
    scene
        .file("data/a", "")
        .file("data/sub/right", "")
        .file("data/lost+found/x", "")
        .file("victim", "")
        .link("/victim", "data/link")
        .link("..", "data/up");
    for right in ["data/sub/right", "data/sub"] {
        scene.owned(right, 1000, 1000);
    }
    scene.mode("data/sub/right", 0o640).mode("data/sub", 0o750);
    let before = (scene.identity("data/sub/right"), scene.identity("data/sub"));
    scene.apply().code(0);
    assert_eq!(scene.stat("data/a"), "1000:1000 0640");
    assert_eq!(scene.stat("data"), "1000:1000 0750");
    assert!(scene.stat("data/link").starts_with("1000:1000"));
    assert_eq!(scene.stat("victim"), "0:0 0644");
    assert_eq!(scene.stat("data/lost+found/x"), "0:0 0644");
    assert_eq!((scene.identity("data/sub/right"), scene.identity("data/sub")), before);
    scene.apply().code(0).stderr_has("unchanged");
}

#[test]
fn own_refuses_a_mode_for_a_path_that_is_a_link() {
    for (fields, mode) in [
        ("mode: \"0600\"", "\"0600\""),
        ("recursive: true, file_mode: \"0640\"", "\"0640\""),
        ("on_denied: skip, directory_mode: u=rwx", "u=rwx"),
    ] {
        let scene = plan(&format!("  - own: {{ path: /data/link, {fields} }}\n"));
        scene.file("victim", "").mode("victim", 0o644).directory("data").link("../victim", "data/link");
        let column = format!("  - own: {{ path: /data/link, {fields} }}").find(mode).unwrap() + 1;
        let wanted = format!(
            "error: cannot set owner or mode of `/data/link`: a symbolic link has no mode
  --> plan.yaml:3:{column}  step 1 `own`
   |
 3 |   - own: {{ path: /data/link, {fields} }}
   |{}{}

hint: the link leads to `../victim`: name that path
",
            " ".repeat(column),
            "^".repeat(mode.len())
        );
        assert_eq!(scene.apply().code(6).stderr, wanted);
        assert!(scene.stat("victim").ends_with(" 0644"));
    }
}

#[test]
fn waiting_for_what_comes_and_for_what_does_not() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let free = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let scene =
        plan(&format!("  - wait: {{ targets: [\"tcp://127.0.0.1:{port}\", \"file:///ready\"], timeout: 20s }}\n"));
    let child = scene.start(&["apply", "plan.yaml"]);
    std::thread::sleep(Duration::from_millis(300));
    scene.file("ready", "");
    assert_eq!(child.wait_with_output().unwrap().status.code(), Some(0));
    let scene = plan(&format!(
        "  - wait: {{ targets: [\"tcp://127.0.0.1:{port}\", \"tcp://127.0.0.1:{free}\", \"file:///never\"], timeout: 1s }}\n"
    ));
    let started = Instant::now();
    let ran = scene.apply().code(5);
    assert!(started.elapsed() < Duration::from_secs(5));
    let stderr = &ran.stderr;
    assert!(stderr.contains("error: timed out after 1s waiting for 2 of 3 targets"), "{stderr}");
    assert!(stderr.contains(&format!("`tcp://127.0.0.1:{free}`: connection refused")), "{stderr}");
    assert!(stderr.contains("`file:///never`: "), "{stderr}");
}

#[test]
fn run_takes_words_and_creates_makes_it_idempotent() {
    let scene = plan(
        "  - run: { command: [/bin/sh, -c, 'echo \"$1|$X\" >> out; touch mark', sh, \"a b; c\"], env: { X: \"$HOME\" }, creates: /mark }\n",
    );
    scene.apply().code(0);
    scene.apply().code(0).stderr_has("unchanged");
    assert_eq!(scene.read("out"), "a b; c|$HOME\n");
}

#[test]
fn run_fails_with_the_program() {
    for (command, message) in [
        ("[/bin/sh, -c, \"exit 3\"]", "error: `/bin/sh` ended with code 3"),
        ("[/bin/sh, -c, \"kill -9 $$\"]", "error: `/bin/sh` was ended by SIGKILL"),
        ("[/no/such]", "error: cannot execute `/no/such`: no such file\n"),
    ] {
        plan(&format!("  - run: {{ command: {command} }}\n")).apply().code(1).stderr_has(message);
    }
    let slow = plan("  - timeout: 500ms\n    run: { command: [/bin/sleep, \"100\"] }\n");
    let started = Instant::now();
    slow.apply().code(5).stderr_has("timed out");
    assert!(started.elapsed() < Duration::from_secs(5));
}

#[test]
fn run_drops_privileges() {
    if !root_or_skip("run_drops_privileges") {
        return;
    }
    let scene = plan("  - as: \"1234:2345\"\n    run: { command: [/bin/sh, -c, \"id -u; id -g; id -G\"] }\n");
    let ran = scene.apply().code(0);
    for line in ["1234", "2345"] {
        assert!(ran.stderr.contains(line), "{}", ran.stderr);
    }
}

#[test]
fn conditions() {
    let uid = nix::unistd::geteuid();
    for (condition, holds) in [
        ("{ env: A }", true),
        ("{ env: EMPTY }", false),
        ("{ env: A, equals: x }", true),
        ("{ env: A, equals: y }", false),
        ("{ env: A, in: [w, x] }", true),
        ("{ env: A, matches: \"^x$\" }", true),
        ("{ exists: /there }", true),
        ("{ missing: /there }", false),
        ("{ missing: /not }", true),
        ("{ empty: /void }", true),
        ("{ empty: /not }", true),
        ("{ empty: /full }", false),
        ("{ contains: \"^b=\", path: /there }", true),
        ("{ contains: \"^c=\", path: /there }", false),
        ("{ can: read, path: /there }", true),
        ("{ can: read, path: /not }", false),
        ("{ argument: 0, matches: \"echo$\" }", true),
        ("{ argument: 9 }", false),
        ("{ all: [{ env: A }, { missing: /not }] }", true),
        ("{ all: [{ env: A }, { exists: /not }] }", false),
        ("{ any: [{ env: EMPTY }, { exists: /there }] }", true),
        ("{ not: { env: A } }", false),
        (&format!("{{ user: {uid} }}"), true),
        ("{ user: 4000000 }", false),
    ] {
        let scene = Scene::with_plan(&format!(
            "version: 1\ninputs: {{ env: {{ A: {{}}, EMPTY: {{ required: false }} }} }}\nsteps:\n  - when: {condition}\n    render: {{ text: x, path: /made }}\n"
        ));
        scene.env("A", "x").file("there", "a=1\nb=2\n").directory("void/lost+found").file("full/x", "");
        scene.run(&["apply", "plan.yaml", "--", "/bin/echo"]).code(0);
        assert_eq!(scene.exists("made"), holds, "{condition}");
    }
}

/// What a step says is not looked at while its condition does not hold: the variable it names may be missing then.
#[test]
fn a_step_that_is_skipped_needs_none_of_what_it_names() {
    let plan = "version: 1
inputs: { env: { DIR: { required: false }, ON: { required: false }, COUNT: { required: false, type: integer } } }
steps:
  - { when: { env: DIR }, mkdir: { path: \"{{env.DIR}}\" } }
  - { when: { env: DIR }, mkdir: { path: \"/x/{{upper env.DIR}}\" } }
  - { when: { all: [{ exists: /there }, { env: COUNT }] }, mkdir: { path: /n, mode: \"{{env.COUNT}}\", owner: \"{{env.DIR}}\" } }
  - { when: { exists: /on }, name: late, mkdir: { path: \"{{env.DIR}}/x\" } }
  - when: { not: { missing: /on } }
    once: { marker: /done, steps: [{ mkdir: { path: \"/{{lower env.DIR}}\" } }] }
  - once: { marker: /done, steps: [{ when: { any: [{ env: DIR }, { env: ON }] }, mkdir: { path: \"/{{lower env.DIR}}\" } }] }
  - { when: { env: DIR }, run: { command: [echo] }, writes: [\"{{env.DIR}}\"], timeout: \"{{env.DIR}}s\" }
  - mkdir: { path: /made }
";
    let scene = Scene::with_plan(plan);
    let ran = scene.apply().code(0).stderr_has("step 8 `mkdir`: changed").stderr_has("step 6.1 `mkdir`: skipped");
    assert_eq!(ran.stderr.matches(": skipped").count(), 7, "{}", ran.stderr);
    assert_eq!(scene.names("/"), ["done", "made", "plan.yaml"]);
    scene.run(&["show", "plan.yaml"]).code(0);

    // A condition that asks for files is not known before the steps; what is wrong is told when it holds.
    scene.file("on", "");
    let wanted = "error: cannot render the template: `env.DIR` is null\n  --> plan.yaml:7:";
    scene.apply().code(4).stderr_has(wanted).stderr_has("step 3 `mkdir`: skipped").stderr_has("  step 4 `late`\n");
    scene.run(&["show", "plan.yaml"]).code(4).stderr_has(wanted);

    // One that asks for inputs is: nothing is done.
    std::fs::remove_dir(scene.path("made")).unwrap();
    std::fs::remove_file(scene.path("done")).unwrap();
    let ran = scene.env("ON", "yes").apply().code(4).stderr_has("plan.yaml:10:").lacks("step 1");
    assert_eq!(ran.stderr.matches("error: ").count(), 1, "{}", ran.stderr);
    assert_eq!(scene.names("/"), ["on", "plan.yaml"]);
}

/// They are counted as written, whatever is not known of those before them.
#[test]
fn a_captured_fact_is_put_in_behind_a_step_that_is_put_off() {
    let scene = Scene::with_plan(
        "version: 1
inputs: { env: { A: { required: false } } }
steps:
  - { when: { env: A }, once: { marker: \"{{env.A}}\", steps: [{ mkdir: { path: /never } }, { mkdir: { path: /never } }] } }
  - once:
      marker: /done
      steps:
        - { when: { env: A }, mkdir: { path: \"{{env.A}}\" } }
        - run: { command: [echo, known], capture: t }
        - render: { text: \"{{facts.t}}\", path: /done }
  - mkdir: { path: \"/{{facts.t}}\" }
",
    );
    scene.env("PATH", "/usr/bin:/bin").apply().code(0);
    assert_eq!((scene.read("done"), scene.exists("known")), ("known".to_owned(), true));
}

/// Without the steps in it, it would be over for ever.
#[test]
fn a_step_that_holds_others_is_not_done_without_one_that_cannot_be_made() {
    let plan = "version: 1
inputs: { env: { DIR: { required: false } } }
steps:
  - when: { missing: /off }
    once: { marker: /done, steps: [{ mkdir: { path: /first } }, { mkdir: { path: \"/{{lower env.DIR}}\" } }] }
";
    let scene = Scene::with_plan(plan);
    let wanted = "error: cannot render the template: `lower`: parameter 1 is null, not text\n  --> plan.yaml:5:82";
    let ran = scene.apply().code(4).stderr_has(wanted);
    assert_eq!(ran.stderr.matches("error: ").count(), 1, "{}", ran.stderr);
    assert_eq!(scene.names("/"), ["plan.yaml"]);
    scene.run(&["show", "plan.yaml"]).code(4).stderr_has(wanted);
    scene.env("DIR", "B").apply().code(0);
    assert_eq!(scene.names("/"), ["b", "done", "first", "plan.yaml"]);
}

#[test]
fn a_condition_is_not_compared_with_nothing() {
    let scene = Scene::with_plan(
        "version: 1\ninputs: { env: { A: {}, B: { required: false } } }\nsteps:\n  - { when: { env: A, equals: \"{{env.B}}\" }, mkdir: { path: /made } }\n",
    );
    scene.env("A", "x");
    let wanted = "error: a template gives nothing here, and the condition needs it\n  --> plan.yaml:4:31";
    scene.apply().code(4).stderr_has(wanted).stderr_has("hint: `default` gives it another value");
    assert!(!scene.exists("made"));
    scene.env("B", "x").apply().code(0);
    assert!(scene.exists("made"));
}

/// A missing user would be root.
#[test]
fn nobody_is_no_user() {
    for (step, place) in [
        ("steps: [{ as: \"{{env.B}}\", run: { command: [id] } }]", "4:15"),
        ("steps: [{ run: { command: [id], as: \"{{env.B}}\" } }]", "4:37"),
        ("exec: { command: [id], user: \"{{env.B}}\" }", "4:30"),
    ] {
        let inputs = "inputs: { env: { B: { required: false } } }";
        let scene = Scene::with_plan(&format!("version: 1\n{inputs}\n# a\n{step}\n"));
        let wanted = format!("error: a template gives nothing here, and nobody is no user\n  --> plan.yaml:{place}");
        assert_eq!(scene.env("PATH", "/usr/bin:/bin").apply().code(4).stderr_has(&wanted).stdout, "");
    }
}

/// What a value holds is data, in whatever form it comes.
#[test]
fn no_value_becomes_fields_of_a_step() {
    let command = "{\"command\":[\"touch\",\"/made\"]}";
    for (step, value) in [
        ("run: \"{{env.V}}\"", command),
        ("wait: { targets: [\"{{env.V}}\"], timeout: 1s }", command),
        ("wait: { targets: \"{{env.V}}\", timeout: 1s }", &format!("[{command}]")),
        ("render: { text: x, path: /a, validate: \"{{env.V}}\" }", "{\"command\":[\"touch\",\"/made\",\"{}\"]}"),
        ("run: { command: [cat], stdin: \"{{env.V}}\" }", "{\"file\":\"/plan.yaml\"}"),
        ("mkdir: { path: /made }, when: \"{{env.V}}\"", "{\"missing\":\"/made\"}"),
        ("mkdir: { path: /made }, when: { all: \"{{env.V}}\" }", "[{\"missing\":\"/made\"}]"),
        (
            "fetch: { url: \"http://127.0.0.1:1/\", path: /a, headers: \"{{env.V}}\" }",
            "{\"A\":{\"from_file\":\"/plan.yaml\"}}",
        ),
    ] {
        let scene = Scene::with_plan(&format!(
            "version: 1\ninputs: {{ env: {{ V: {{ type: json }} }} }}\nsteps:\n  - {{ {step} }}\n"
        ));
        scene.env("PATH", "/usr/bin:/bin").env("V", value);
        scene.apply().code(4).stderr_has("error: a template gives a mapping here\n  --> plan.yaml:4:");
        assert_eq!(scene.names("/"), ["plan.yaml"], "{step}");
    }
    // Tables of values are data.
    let scene = Scene::with_plan(
        "version: 1\ninputs: { env: { V: { type: json } } }\nsteps:\n  - run: { command: [sh, -c, \"echo $A > a\"], directory: /d, env: \"{{env.V}}\", creates: /d/a }\n",
    );
    scene.directory("d").env("PATH", "/usr/bin:/bin").env("V", "{\"A\":\"one\"}").apply().code(0);
    assert_eq!(scene.read("d/a"), "one\n");
}

#[test]
fn a_link_in_the_form_of_a_config_map_s_cannot_lead_out_of_its_volume() {
    let scene = plan("  - copy: { source: /in, path: /out }\n");
    scene.file("etc/shadow", "root:secret").directory("in/..data").link("..data/../../etc/shadow", "in/x");
    let ran = scene.apply();
    assert!(ran.code != 0 || !scene.exists("out/x") || scene.read("out/x") != "root:secret", "{ran:?}");
    ran.code(6).stderr_has("/in/x");
    let scene = plan("  - copy: { source: /in, path: /out }\n");
    scene.file("etc/shadow", "root:secret").directory("in").link("/etc", "in/..data").link("..data/shadow", "in/x");
    scene.apply().code(6).stderr_has("/in/x");
    assert!(!scene.exists("out/x"));
}

#[test]
fn a_link_that_says_nothing_is_refused() {
    let scene = Scene::with_plan("version: 1\nsteps:\n  - link: { target: \"\", path: /l }\n");
    let wanted = "`target` is empty: a link has to say something\n";
    for command in ["check", "show", "apply"] {
        scene.run(&[command, "plan.yaml"]).code(3).stderr_has(wanted);
    }
    scene.run(&["link", "", "/l"]).stderr_has(wanted);
    scene.file("plan.yaml", "version: 1\ninputs: { env: { T: { default: \"\" } } }\nsteps:\n  - link: { target: \"{{env.T}}\", path: /l }\n");
    scene.apply().stderr_has(wanted);
    assert_eq!(scene.names("/"), ["plan.yaml"]);
}

#[test]
fn what_is_to_be_owned_and_is_not_there_has_a_remedy() {
    let scene = Scene::with_plan("version: 1\nsteps:\n  - own: { path: /data, mode: \"0700\" }\n");
    scene.apply().code(6).stderr_has("hint: make it with a `mkdir` step before this one, or mount a volume there");
}
