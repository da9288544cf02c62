//! `show` tells what `apply` would do, with the same code, and does none of it.

use crate::harness::Scene;

#[test]
fn show_prints_differences_with_secrets_masked_and_changes_nothing() {
    let scene = Scene::with_plan(
        "version: 1
inputs: { env: { PW: { secret: true } } }
steps:
  - name: config
    render: { text: \"a = 1\\npw = {{env.PW}}\\n\", path: /app.conf, mode: \"0600\" }
  - mkdir: { path: /data, mode: \"0750\" }
  - render: { text: x, path: /data/inner }
  - run: { command: [/bin/touch, /never] }
",
    );
    scene.env("PW", "hunter2").file("app.conf", "a = 0\npw = old\n").mode("app.conf", 0o600);
    let ran = scene.run(&["show", "plan.yaml"]).code(10).lacks("hunter2");
    for line in [
        "step 1 `config`\n  ~ /app.conf  content\n",
        "      -<redacted>\n",
        "      +a = 1\n",
        "      +pw = <redacted>\n",
        "  + /data  ",
        "  > /bin/touch /never",
    ] {
        assert!(ran.stdout.contains(line), "{line} is not in\n{}", ran.stdout);
    }
    assert_eq!(scene.read("app.conf"), "a = 0\npw = old\n");
    assert!(!scene.exists("data"));
}

#[test]
fn show_of_a_world_that_is_right_is_0() {
    let scene = Scene::with_plan("version: 1\nsteps:\n  - render: { text: x, path: /a }\n  - mkdir: { path: /d }\n");
    scene.apply().code(0);
    let ran = scene.run(&["show", "plan.yaml"]).code(0);
    assert_eq!(ran.stdout, "");
    std::fs::write(scene.path("a"), "y").unwrap();
    scene.run(&["show", "plan.yaml"]).code(10);
    assert_eq!(scene.read("a"), "y");
}

#[test]
fn show_forgives_what_an_earlier_step_will_make_and_nothing_else() {
    let scene = Scene::with_plan(
        "version: 1\nsteps:\n  - copy: { source: /in, path: /made }\n  - render: { source: /made/a.hbs, path: /out }\n",
    );
    scene.file("in/a.hbs", "x");
    scene.run(&["show", "plan.yaml"]).code(10).stderr_has("cannot be shown before earlier steps are done");
    scene.file("made/a.hbs", "{{env.NOPE}}");
    scene.run(&["show", "plan.yaml"]).code(3).stderr_has("unknown name `env.NOPE`");
    let scene = Scene::with_plan(
        "version: 1\nsteps:\n  - edit: { path: /a, line: { text: b } }\n  - edit: { path: /a, line: { text: c, after: \"^b\" } }\n",
    );
    scene
        .file("a", "x\n")
        .run(&["show", "plan.yaml"])
        .code(10)
        .stderr_has("cannot be shown before earlier steps are done");
    scene.apply().code(0);
    let scene =
        Scene::with_plan("version: 1\nsteps:\n  - mkdir: { path: /d }\n  - mkdir: { path: /e, owner: nobody-here }\n");
    scene.run(&["show", "plan.yaml"]).code(1).stderr_has("unknown user `nobody-here`");
}

#[test]
fn show_prints_json_on_request() {
    let scene = Scene::with_plan(
        "version: 1
inputs: { env: { PW: { secret: true } } }
steps:
  - name: config
    render: { text: \"pw = {{env.PW}}\\n\", path: /app.conf }
",
    );
    scene.env("PW", "hun\"ter2");
    let ran = scene.run(&["show", "--json", "plan.yaml"]).code(10).lacks("hun");
    let shown: serde_json::Value = serde_json::from_str(&ran.stdout).unwrap();
    assert_eq!(
        shown,
        serde_json::json!({ "pending": true, "changes": [{
            "step": 1, "name": "config", "verb": "render", "sign": "+", "subject": "/app.conf",
            "detail": "file, mode 0600", "diff": "@@ -0,0 +1 @@\n+pw = <redacted>\n",
        }], "unknown": [] })
    );
    scene.apply().code(0);
    let ran = scene.run(&["show", "--json", "plan.yaml"]).code(0);
    assert_eq!(ran.stdout, "{\n  \"pending\": false,\n  \"changes\": [],\n  \"unknown\": []\n}\n");
}

/// What names a captured fact is not known before it is captured. When its step will not run, it never is.
#[test]
fn show_names_the_steps_that_it_cannot_show() {
    let plan = "version: 1
inputs: { env: { A: { required: false } } }
steps:
  - { when: { missing: /made }, run: { command: [echo, x], capture: t } }
  - { name: later, mkdir: { path: \"/{{facts.t}}\" } }
";
    let scene = Scene::with_plan(plan);
    let ran = scene.run(&["show", "--json", "plan.yaml"]).code(10);
    let shown: serde_json::Value = serde_json::from_str(&ran.stdout).unwrap();
    assert_eq!(shown["changes"].as_array().unwrap().len(), 1);
    let why = "cannot render the template: `facts.t` is null";
    assert_eq!(shown["unknown"], serde_json::json!([{ "step": 2, "name": "later", "verb": "mkdir", "why": why }]));
    scene.file("made", "").run(&["show", "plan.yaml"]).code(4).stderr_has(why);
}

#[test]
fn show_has_colours_only_where_they_are_wanted() {
    let scene = Scene::with_plan("version: 1\nsteps:\n  - render: { text: \"x\\n\", path: /a }\n");
    scene.run(&["show", "plan.yaml"]).code(10).lacks("\u{1b}");
    let ran = scene.run(&["show", "--color", "always", "plan.yaml"]).code(10);
    assert!(
        ran.stdout.contains("      \u{1b}[32m+x\u{1b}[0m\n") || ran.stdout.contains("\u{1b}[32m      +x\u{1b}[0m\n")
    );
    // A file cannot steer the terminal.
    scene.file("a", "evil \u{1b}[2J\n");
    scene.run(&["show", "--color", "always", "plan.yaml"]).code(10).lacks("\u{1b}[2J");
    let terminal = |environment: &str| {
        let shell = format!(
            "{environment} {} --root {} show plan.yaml",
            crate::harness::binary().display(),
            scene.directory.display()
        );
        let ran = std::process::Command::new("script")
            .args(["-qec", &shell, "/dev/null"])
            .current_dir(&scene.directory)
            .env("TERM", "xterm")
            .env_remove("NO_COLOR")
            .output()
            .unwrap();
        String::from_utf8_lossy(&ran.stdout).into_owned()
    };
    assert!(terminal("").contains("\u{1b}[3"), "{}", terminal(""));
    assert!(!terminal("NO_COLOR=1").contains("\u{1b}["));
}

#[test]
fn show_as_json_stays_json_whatever_is_secret() {
    let scene = Scene::with_plan(
        "version: 1
inputs: { env: { PIN: { secret: true } } }
steps:
  - render: { text: \"pin {{env.PIN}}\\n\", path: /1 }
  - render: { text: \"a\\x7f\\x85b\\n\", path: /c }
",
    );
    scene.env("PIN", "1");
    let ran = scene.run(&["show", "--json", "plan.yaml"]).code(10);
    let shown: serde_json::Value = serde_json::from_str(&ran.stdout).unwrap();
    assert_eq!(shown["changes"][0]["step"], 1);
    assert_eq!(shown["changes"][1]["diff"], "@@ -0,0 +<redacted> @@\n+a\u{7f}\u{85}b\n");
    scene.run(&["--log", "json", "--report", "r.json", "apply", "plan.yaml"]).code(0);
    let report: serde_json::Value = serde_json::from_str(&scene.read("r.json")).unwrap();
    assert_eq!(report["steps"][0]["number"], 1);
}

#[test]
fn lines_that_go_from_a_private_file_are_masked_by_every_step() {
    let scene = Scene::with_plan(
        "version: 1
steps:
  - render: { text: \"[s]\\nuser = app\\n\", path: /rendered.ini, mode: \"0644\" }
  - edit: { path: /edited.ini, set: { s.user: app }, unset: [s.password] }
",
    );
    for path in ["rendered.ini", "edited.ini"] {
        scene.file(path, "[s]\npassword = old-secret\n").mode(path, 0o640);
    }
    for format in [&["show", "plan.yaml"][..], &["show", "--json", "plan.yaml"]] {
        let ran = scene.run(format).code(10);
        assert_eq!(ran.stdout.matches("-<redacted>").count(), 2, "{}", ran.stdout);
        ran.lacks("old-secret");
    }
    // What everybody can read is no secret.
    for path in ["rendered.ini", "edited.ini"] {
        scene.mode(path, 0o644);
    }
    let ran = scene.run(&["show", "plan.yaml"]).code(10);
    assert_eq!(ran.stdout.matches("-password = old-secret").count(), 2, "{}", ran.stdout);
}
