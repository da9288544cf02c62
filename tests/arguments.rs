//! The words that the application is started with, and which of them the steps are for.

use crate::harness::Scene;

/// A server that prints its arguments, started as the official images start theirs.
fn scene(arguments: &str) -> Scene {
    let scene = Scene::new();
    scene.file("bin/server", "#!/bin/sh\nprintf '[%s]' \"$@\"\necho\n").mode("bin/server", 0o755);
    scene.env("PATH", format!("{}:/usr/bin:/bin", scene.path("bin").display()));
    scene.file(
        "plan.yaml",
        format!(
            "version: 1\ninputs:\n  env:\n    NEEDED: {{}}\nsteps:\n  - render: {{ text: \"{{{{facts.arguments}}}}\", path: /made }}\n    \
             when: {{ argument: 0, matches: ^server$ }}\nexec:\n  command: [server]\n  arguments:\n    programs: [server]\n{arguments}"
        )
        .replace("{{facts.arguments}}", "x"),
    );
    scene
}

const SKIP: &str = "    suffixes: [.conf]\n    skip_steps_if: { other_program: true, flags: [--help, -V] }\n";

#[test]
fn an_image_is_started_with_flags_a_file_or_another_program() {
    let scene = scene(SKIP);
    for (typed, printed, steps) in [
        (&[] as &[&str], "[]\n", true),
        (&["-c", "max=50"], "[-c][max=50]\n", true),
        (&["/etc/x.conf", "--port", "1"], "[/etc/x.conf][--port][1]\n", true),
        (&["server", "a b"], "[a b]\n", true),
        (&["--help"], "[--help]\n", false),
        (&["server", "-V"], "[-V]\n", false),
        (&["sh", "-c", "echo from a shell"], "from a shell\n", false),
    ] {
        let _ = std::fs::remove_file(scene.path("made"));
        let arguments = [&["apply", "plan.yaml", "--"], typed].concat();
        if steps {
            // What the steps need is missing.
            scene.env("NEEDED", "");
            scene.run(&arguments).code(4).stderr_has("`NEEDED`");
        }
        scene.env("NEEDED", if steps { "x" } else { "" });
        let ran = scene.run(&arguments).code(0);
        assert_eq!(ran.stdout, printed, "{typed:?}");
        assert_eq!(scene.exists("made"), steps, "{typed:?}");
        assert_eq!(ran.stderr.contains("the steps are skipped"), !steps, "{typed:?}: {}", ran.stderr);
    }
    scene.env("NEEDED", "");
    assert_eq!(scene.run(&["show", "plan.yaml", "--", "sh"]).code(0).stdout, "");
    scene.run(&["apply", "plan.yaml", "--", "/no/such"]).code(127).stderr_has("error: cannot execute `/no/such`");
}

#[test]
fn a_flag_whose_variable_is_not_set_stays_as_it_was_typed() {
    let scene = Scene::with_plan(
        "version: 1
inputs: { env: { PORT: { type: integer, required: false }, USER_NAME: { required: false } } }
exec:
  command: [printf, \"[%s]\", --user=typed]
  arguments: { set: { --user=: \"{{env.USER_NAME}}\", --port: \"{{env.PORT}}\" } }
",
    );
    scene.env("PORT", "").env("USER_NAME", "");
    scene.run(&["check", "plan.yaml"]).code(0);
    assert_eq!(scene.apply().code(0).stdout, "[--user=typed]");
    scene.env("PORT", "80").env("USER_NAME", "app");
    assert_eq!(scene.apply().code(0).stdout, "[--user=app][--port][80]");
}

#[test]
fn another_program_is_started_as_it_was_typed() {
    if !crate::harness::root_or_skip("another_program_is_started_as_it_was_typed") {
        return;
    }
    let scene = scene(&format!("{SKIP}  user: \"1234:1234\"\n  umask: \"0077\"\n  supervise: true\n"));
    scene.env("NEEDED", "x");
    let who = ["sh", "-c", "id -u; echo $PPID"];
    let child = scene.start(&[&["apply", "plan.yaml", "--"], &who[..]].concat());
    let output = child.wait_with_output().unwrap();
    assert_eq!(String::from_utf8_lossy(&output.stdout), format!("0\n{}\n", std::process::id()));
}

#[test]
fn words_of_a_variable_are_appended_and_nothing_in_them_is_expanded() {
    let scene = scene("    append_from: [SERVER_*]\n");
    scene.env("NEEDED", "x").env("SERVER_FLAGS", "--name 'a b' \"$HOME\" $(id) * \\\n --last=\"\"");
    let ran = scene.run(&["apply", "plan.yaml", "--", "-x"]).code(0);
    assert_eq!(ran.stdout, "[-x][--name][a b][$HOME][$(id)][*][--last=]\n");
    assert_eq!(scene.run(&["apply", "plan.yaml", "--", "echo", "plain"]).code(0).stdout, "plain\n");
    scene.env("SERVER_FLAGS", "--name 'hunter2");
    std::fs::remove_file(scene.path("made")).unwrap();
    scene
        .run(&["apply", "plan.yaml"])
        .code(4)
        .stderr_has("error: cannot take arguments from `SERVER_FLAGS`: a quote is not closed\n  --> plan.yaml:12:19")
        .lacks("hunter2");
    assert!(!scene.exists("made"), "a step was done before the command was known");
}

#[test]
fn flags_are_set_and_removed() {
    let scene = scene(
        "    remove: [--daemon, \"--log=\"]\n    set: { --port=: \"{{env.NEEDED}}\", --quiet: true, --max: 7 }\n",
    );
    scene.env("NEEDED", "80");
    for (typed, printed) in [
        (&[] as &[&str], "[--port=80][--quiet][--max][7]\n"),
        (&["--daemon", "--log", "x", "--port", "1", "a"], "[--port][80][a][--quiet][--max][7]\n"),
        (&["--max=1", "--port=2", "--port=3", "--", "--daemon"], "[--max=7][--port=80][--quiet][--][--daemon]\n"),
    ] {
        assert_eq!(scene.run(&[&["apply", "plan.yaml", "--"], typed].concat()).code(0).stdout, printed, "{typed:?}");
    }
}

#[test]
fn wrong_arguments_are_found_by_check() {
    for (arguments, message) in [
        ("{ suffixes: [.conf] }", "error: `suffixes` has no meaning without `programs`"),
        ("{ skip_steps_if: { other_program: true } }", "error: `other_program` has no meaning without `programs`"),
        ("{ remove: [port] }", "error: `port` is no flag"),
        ("{ set: { --: x } }", "error: `--` is no flag"),
        ("{ set: { --x: false } }", "error: `false` takes no flag away"),
        ("{ programs: [\"{{env.A}}\"] }", "error: `{{` is not expanded here"),
        (
            "{ set: { --password: \"{{env.SECRET}}\" } }",
            "error: `env.SECRET` is secret, and arguments can be seen by every user",
        ),
        ("{ append_from: [SECRET] }", "error: `SECRET` is secret, and arguments can be seen by every user"),
        ("{ for_each_file: { load: /a } }", "error: `load` is no flag"),
        ("{ for_each_file: { --load: a } }", "error: the path is not absolute"),
        ("{ for_each_file: { --load: /*/a } }", "error: cannot read `/*/a`: only its last part may be a pattern"),
        (
            "{ for_each_file: { --load: \"/{{env.SECRET}}\" } }",
            "error: `env.SECRET` is secret, and arguments can be seen by every user",
        ),
        ("{ apend_from: [A] }", "did you mean `append_from`?"),
    ] {
        let plan = format!(
            "version: 1\ninputs:\n  env:\n    A: {{ required: false }}\n    SECRET: {{ secret: true }}\nexec:\n  command: [x]\n  arguments: {arguments}\n"
        );
        Scene::with_plan(&plan).run(&["check", "plan.yaml"]).code(3).stderr_has(message);
    }
}

#[test]
fn each_file_of_a_directory_becomes_an_argument() {
    use std::os::unix::ffi::OsStrExt as _;
    use std::os::unix::fs::symlink;

    let scene = scene(
        "    for_each_file: { --load: \"/modules/*.so\", --config=: /conf.d, --extra=: \"/{{env.NEEDED}}\", --none: /missing/*.so, --no: /missing }\n",
    );
    scene.env("NEEDED", "one.conf");
    let run = |typed: &[&str]| scene.run(&[&["apply", "plan.yaml", "--", "server"], typed].concat()).code(0).stdout;
    assert_eq!(run(&["-x"]), "[-x]\n");

    for name in ["b.so", "B.so", "a.so.txt", "-c.so", "a b.so", "$(id).so", ".hidden.so", "new\nline.so", "é.so"] {
        scene.file(&format!("modules/{name}"), "");
    }
    scene.directory("modules/directory.so");
    let other = scene.path("modules").join(std::ffi::OsStr::from_bytes(b"\xff.so"));
    std::fs::write(&other, "").unwrap();
    nix::unistd::mkfifo(&scene.path("modules/fifo.so"), nix::sys::stat::Mode::S_IRWXU).unwrap();
    symlink("nowhere", scene.path("modules/dangling.so")).unwrap();
    symlink("/modules/b.so", scene.path("modules/linked.so")).unwrap();
    // As the kubelet mounts a ConfigMap.
    scene.file("conf.d/..2026_01/10.conf", "").file("conf.d/..2026_01/9.conf", "").file("one.conf", "");
    symlink("..2026_01", scene.path("conf.d/..data")).unwrap();
    symlink("..data/9.conf", scene.path("conf.d/9.conf")).unwrap();
    symlink("..data/10.conf", scene.path("conf.d/10.conf")).unwrap();
    let modules = ["$(id)", "-c", "B", "a b", "b", "linked", "new\nline", "é", "\u{fffd}"];
    let modules: String = modules.iter().map(|name| format!("[--load][/modules/{name}.so]")).collect();
    let files = format!("{modules}[--config=/conf.d/10.conf][--config=/conf.d/9.conf][--extra=/one.conf]");
    assert_eq!(run(&["--load", "/typed.so", "--", "a"]), format!("[--load][/typed.so]{files}[--][a]\n"));
    assert_eq!(scene.run(&["apply", "plan.yaml", "--", "echo", "plain"]).code(0).stdout, "plain\n");
}

#[test]
fn files_that_a_step_makes_become_arguments_too() {
    let scene = scene("    for_each_file: { --load: /modules }\n");
    scene.env("NEEDED", "x");
    let plan = scene.read("plan.yaml").replace("path: /made }", "path: /modules/made }");
    scene.file("plan.yaml", plan).directory("modules");
    assert_eq!(scene.run(&["apply", "plan.yaml"]).code(0).stdout, "[--load][/modules/made]\n");
}
