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
    let scene =
        Scene::with_plan("version: 1\nsteps:\n  - mkdir: { path: /d }\n  - mkdir: { path: /e, owner: nobody-here }\n");
    scene.run(&["show", "plan.yaml"]).code(1).stderr_has("unknown user `nobody-here`");
}
