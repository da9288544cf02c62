//! `render`: content, owner and mode, and that nothing is written when nothing differs.

use crate::harness::{Scene, root_or_skip};

const PLAN: &str = "version: 1
inputs: { env: { NAME: { default: world }, PORT: { type: integer, default: 8080 } } }
steps:
  - name: config
    render: { source: /t/app.conf.hbs, path: /out/app.conf, mode: \"0640\" }
";

fn scene(template: &str) -> Scene {
    let scene = Scene::with_plan(PLAN);
    scene.file("t/app.conf.hbs", template).directory("out");
    scene
}

#[test]
fn a_file_is_rendered_with_mode_and_a_second_run_touches_nothing() {
    let scene = scene("hello {{env.NAME}} {{env.PORT}}\n");
    scene.apply().code(0).stderr_has("step 1 `config`: changed, 1 of 1 files written");
    assert_eq!(scene.read("out/app.conf"), "hello world 8080\n");
    assert!(scene.stat("out/app.conf").ends_with(" 0640"));
    let before = scene.identity("out/app.conf");
    scene.apply().code(0).stderr_has("step 1 `config`: unchanged");
    assert_eq!(scene.identity("out/app.conf"), before);
    assert_eq!(scene.names("out"), ["app.conf"]);
}

#[test]
fn a_value_in_plain_text_is_not_escaped_for_html() {
    let scene = scene("{{env.NAME}} {{#if env.PORT}}{{upper env.NAME}}{{/if}}\n");
    scene.env("NAME", "<a href=\"x\">&amp; it's `1=2`");
    scene.apply().code(0);
    assert_eq!(scene.read("out/app.conf"), "<a href=\"x\">&amp; it's `1=2` <A HREF=\"X\">&AMP; IT'S `1=2`\n");
}

#[test]
fn only_metadata_that_differs_is_mended() {
    let scene = scene("x\n");
    scene.file("out/app.conf", "x\n").mode("out/app.conf", 0o666);
    scene.apply().code(0).stderr_has("changed");
    assert!(scene.stat("out/app.conf").ends_with(" 0640"));
}

#[test]
fn owners_by_number_and_by_name_of_the_root() {
    if !root_or_skip("owners_by_number_and_by_name_of_the_root") {
        return;
    }
    let scene = Scene::with_plan(
        "version: 1
steps:
  - render: { text: a, path: /out/number, owner: \"1234:2345\", mode: \"0600\" }
  - render: { text: b, path: /out/name, owner: \"app:web\", mode: \"0604\" }
  - render: { text: c, path: /out/group, owner: \":77\" }
",
    );
    scene
        .directory("out")
        .file("etc/passwd", "root:x:0:0::/:/bin/sh\napp:x:4321:4321:App:/home/app:/none\n")
        .file("etc/group", "web:x:999:app\n");
    scene.apply().code(0);
    assert_eq!(scene.stat("out/number"), "1234:2345 0600");
    assert_eq!(scene.stat("out/name"), "4321:999 0604");
    assert_eq!(scene.stat("out/group"), "0:77 0644");
    let scene = Scene::with_plan("version: 1\nsteps:\n  - render: { text: a, path: /x, owner: \"nobody-here\" }\n");
    scene.apply().code(1).stderr_has("error: unknown user `nobody-here`");
    assert!(!scene.exists("x"));
}

#[test]
fn a_tree_is_rendered_and_the_rest_copied() {
    let scene = Scene::with_plan(
        "version: 1\ninputs: { env: { NAME: { default: n } } }\nsteps:\n  - render: { source: /t, path: /out/tree, mode: \"0644\", directory_mode: \"0750\" }\n",
    );
    scene
        .file("t/a.conf.hbs", "a={{env.NAME}}")
        .file("t/sub/deep/b.json.hbs", "{\"b\": \"{{env.NAME}}\"}")
        .file("t/plain {{x}}.txt", b"\xff{{not a template")
        .directory("out");
    scene.apply().code(0).stderr_has("3 of 3 files written");
    assert_eq!(scene.read("out/tree/a.conf"), "a=n");
    assert_eq!(scene.read("out/tree/sub/deep/b.json"), "{\"b\": \"n\"}");
    assert_eq!(std::fs::read(scene.path("out/tree/plain {{x}}.txt")).unwrap(), b"\xff{{not a template");
    assert!(scene.stat("out/tree/sub").ends_with(" 0750"));
    scene.apply().code(0).stderr_has("unchanged");
}

#[test]
fn a_mounted_config_map_is_a_source() {
    let scene = Scene::with_plan("version: 1\nsteps:\n  - render: { source: /cm, path: /out }\n");
    scene
        .file("cm/..2026_01_01/app.conf.hbs", "x")
        .link("..2026_01_01", "cm/..data")
        .link("..data/app.conf.hbs", "cm/app.conf.hbs");
    scene.apply().code(0);
    assert_eq!(scene.names("out"), ["app.conf"]);
    assert_eq!(scene.read("out/app.conf"), "x");
}

#[test]
fn a_value_cannot_break_out_of_json() {
    let scene = Scene::with_plan(
        "version: 1\ninputs: { env: { PW: { secret: true } } }\nsteps:\n  - render: { text: '{\"password\": \"{{env.PW}}\"}', path: /c.json, mode: \"0600\" }\n",
    );
    let hostile = "a\"b\\c&$'{{x}}\n\t\u{1}é`|;#";
    scene.env("PW", hostile);
    scene.apply().code(0).lacks(hostile);
    let value: serde_json::Value = serde_json::from_str(&scene.read("c.json")).unwrap();
    assert_eq!(value["password"], hostile);
}

#[test]
fn nothing_is_published_when_the_template_fails() {
    for (template, message) in [
        ("{{env.NOPE}}", "error: cannot render the template: unknown name `env.NOPE`\n  --> /t/app.conf.hbs:1:3"),
        ("a\n{{#if env.NAME}}", "error: cannot parse the template: "),
        ("{{#if env.NMAE}}x{{/if}}", "error: cannot render the template: unknown name `env.NMAE`"),
        ("{{facts}}", "error: cannot render the template: `facts` is a mapping, not text"),
    ] {
        let scene = scene(template);
        scene.file("out/app.conf", "old");
        scene.apply().code(3).stderr_has(message).stderr_has("step 1 `config`");
        assert_eq!(scene.read("out/app.conf"), "old");
        assert_eq!(scene.names("out"), ["app.conf"]);
    }
}

#[test]
fn text_outside_of_quotes_becomes_a_string_and_a_number_stays_one() {
    let scene = Scene::with_plan(
        "version: 1
inputs: { env: { A: { default: \"x, \\\"admin\\\": true\" }, N: { type: integer, default: 80 }, T: { default: \"80\" } } }
steps:
  - render: { text: '{\"a\": {{env.A}}, \"n\": {{env.N}}, \"t\": {{env.T}}}', path: /c.json }
  - render: { text: \"a: {{env.A}}\\nn: {{env.N}}\\nt: {{env.T}}\\nu: http://{{env.T}}:{{env.N}}/\\n\", path: /c.yaml }
",
    );
    scene.apply().code(0);
    assert_eq!(scene.read("c.json"), r#"{"a": "x, \"admin\": true", "n": 80, "t": "80"}"#);
    assert_eq!(scene.read("c.yaml"), "a: \"x, \\\"admin\\\": true\"\nn: 80\nt: \"80\"\nu: http://80:80/\n");
}

#[test]
fn an_existing_file_is_kept_on_request() {
    let scene = Scene::with_plan("version: 1\nsteps:\n  - render: { text: new, path: /a, if_exists: keep }\n");
    scene.file("a", "mine");
    scene.apply().code(0);
    assert_eq!(scene.read("a"), "mine");
}

#[test]
fn a_planted_link_is_replaced_and_not_followed() {
    let scene = Scene::with_plan("version: 1\nsteps:\n  - render: { text: new, path: /vol/a, mode: \"0600\" }\n");
    scene.directory("vol").file("victim", "victim").link("/victim", "vol/a");
    scene.apply().code(0);
    assert_eq!(scene.read("victim"), "victim");
    assert_eq!(scene.read("vol/a"), "new");
    assert!(scene.path("vol/a").symlink_metadata().unwrap().is_file());
}

#[test]
fn a_directory_planted_by_the_service_user_is_not_entered() {
    if !root_or_skip("a_directory_planted_by_the_service_user_is_not_entered") {
        return;
    }
    let scene = Scene::with_plan("version: 1\nsteps:\n  - render: { text: new, path: /vol/conf/passwd }\n");
    scene.directory("vol").directory("etc").file("etc/passwd", "").link("/etc", "vol/conf").owned("vol", 1000, 1000);
    nix::unistd::fchownat(
        nix::fcntl::AT_FDCWD,
        &scene.path("vol/conf"),
        Some(1000.into()),
        Some(1000.into()),
        nix::fcntl::AtFlags::AT_SYMLINK_NOFOLLOW,
    )
    .unwrap();
    scene.apply().code(6).stderr_has("error: cannot ").stderr_has("/vol/conf/passwd");
    assert_eq!(scene.read("etc/passwd"), "");
}

#[test]
fn strange_targets_are_refused_clearly() {
    let scene = Scene::with_plan("version: 1\nsteps:\n  - render: { text: new, path: /a }\n");
    scene.directory("a");
    scene
        .apply()
        .code(6)
        .stderr_has("error: cannot write `/a`: it is a directory\n  --> plan.yaml:3:32  step 1 `render`");
    let scene = Scene::with_plan("version: 1\nsteps:\n  - render: { text: new, path: /no/such/a }\n");
    scene.apply().code(6).stderr_has("error: cannot write `/no/such/a`: no such file or directory");
    let scene = Scene::with_plan("version: 1\nsteps:\n  - render: { source: /fifo, path: /a }\n");
    nix::unistd::mkfifo(&scene.path("fifo"), nix::sys::stat::Mode::from_bits_truncate(0o600)).unwrap();
    scene.apply().code(3).stderr_has("error: cannot read the template `/fifo`: ");
}

#[test]
fn a_left_over_of_a_killed_run_is_swept_and_nothing_else() {
    let scene = scene("x\n");
    scene
        .file("out/.fitout-0123456789abcdef", "half")
        .file("out/.fitout-notours", "keep")
        .file("out/app.conf", "x\n")
        .mode("out/app.conf", 0o640);
    scene.apply().code(0).stderr_has("unchanged");
    assert_eq!(scene.names("out"), [".fitout-notours", "app.conf"]);
}

#[test]
fn templates_have_the_time_and_files_below_the_root() {
    let scene = Scene::with_plan(
        "version: 1
steps:
  - render: { path: /out, text: \"{{now}} {{file \\\"/etc/token\\\"}} {{{yaml (list 1 2)}}}\\n\" }
",
    );
    scene.file("etc/token", "hunter2\n").file("out", "x\n").env("SOURCE_DATE_EPOCH", "1767323045");
    let shown = scene.run(&["show", "plan.yaml"]).code(10).lacks("hunter2");
    assert!(!shown.stdout.contains("hunter2"), "{}", shown.stdout);
    scene.apply().code(0);
    assert_eq!(scene.read("out"), "2026-01-02T03:04:05Z hunter2 - 1\n- 2\n");
    for (call, wanted) in [
        ("file \\\"/nope\\\"", "`file`: cannot read `/nope`"),
        ("file \\\"etc/token\\\"", "`file`: the path is not absolute"),
    ] {
        let plan = format!("version: 1\nsteps:\n  - render: {{ path: /out, text: \"{{{{{call}}}}}\" }}\n");
        Scene::with_plan(&plan).apply().code(3).stderr_has(wanted);
    }
}

#[test]
fn check_finds_wrong_calls_of_helpers() {
    let scene = Scene::with_plan(
        "version: 1
inputs: { env: { A: { default: a } } }
steps:
  - mkdir: { path: \"/{{toUpper env.A}}/{{lower (replace env.A 'b')}}\" }
",
    );
    scene
        .run(&["check", "plan.yaml"])
        .code(3)
        .stderr_has("unknown helper `toUpper`")
        .stderr_has("hint: write `upper TEXT`")
        .stderr_has("`replace` needs 3 parameters: TEXT OLD NEW");
}

#[test]
fn a_text_in_the_plan_marks_its_line() {
    let plan = "version: 1
inputs: { env: { PORT: { type: integer, default: 80 }, PW: { secret: true } } }
steps:
  - render:
      path: /a.json
      text: |
        {
          \"port\": {{env.PORT}},
          \"name\": {{env.PORT}}{{env.PW}}
        }
";
    let scene = Scene::with_plan(plan);
    scene
        .env("PW", "hunter22")
        .apply()
        .code(4)
        .stderr_has("--> plan.yaml:9:31  step 1 `render`\n")
        .stderr_has(" 9 |           \"name\": {{env.PORT}}{{env.PW}}\n")
        .lacks("of the text")
        .lacks("hunter22");
    // Where the plan holds the line in another form, it is told.
    let scene = Scene::with_plan(
        "version: 1\ninputs: { env: { PORT: { type: integer, default: 80 } } }\nsteps:\n  - render: { path: /a.json, text: \"[1,\\n{{env.PROT}}]\" }\n",
    );
    scene
        .apply()
        .code(3)
        .stderr_has("--> plan.yaml:4:36")
        .stderr_has("   = line 2 column 3 of the text\n")
        .stderr_has("   = that line is: {{env.PROT}}]\n");
}

#[test]
fn a_template_that_nests_too_deep_is_refused() {
    let blocks = format!("a\n{}{}", "{{#if env.NAME}}".repeat(1600), "{{/if}}".repeat(1600));
    let calls = format!("{{{{{}env.NAME{}}}}}", "(upper ".repeat(1600), ")".repeat(1600));
    for (template, message) in [
        (blocks, "error: cannot parse the template: blocks are nested deeper than 64\n  --> /t/app.conf.hbs:2:1025"),
        (calls.clone(), "error: cannot parse the template: calls are nested deeper than 32\n  --> /t/app.conf.hbs:1:1"),
    ] {
        let scene = scene(&template);
        scene.run(&["check", "plan.yaml"]).code(3).stderr_has(message);
        scene.apply().code(3).stderr_has(message);
    }
    let plan = format!("version: 1\nsteps:\n  - mkdir: {{ path: \"/{calls}\" }}\n");
    Scene::with_plan(&plan).run(&["check", "plan.yaml"]).code(3).stderr_has("calls are nested deeper than 32");
    let scene = Scene::with_plan("version: 1\nsteps:\n  - render: { text: \"{{> p0}}\", path: /a, partials: /p }\n");
    for number in 0..1000 {
        scene.file(&format!("p/p{number}.hbs"), format!("{{{{> p{}}}}}", number + 1));
    }
    scene.file("p/p1000.hbs", "end");
    scene.apply().code(3).stderr_has("error: cannot parse the template: partials are nested deeper than 64");
}

#[test]
fn a_diff_takes_no_longer_than_a_person_waits() {
    let scene = Scene::with_plan("version: 1\nsteps:\n  - render: { source: /t.hbs, path: /a }\n");
    let lines = |step: usize| -> String {
        let mut state = step;
        let mut line = || {
            state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
            format!("{}\n", state / 65_536 % 500)
        };
        (0..50_000).map(|_| line()).collect()
    };
    scene.file("t.hbs", lines(1)).file("a", lines(2));
    let started = std::time::Instant::now();
    let ran = scene.run(&["show", "plan.yaml"]).code(10);
    assert!(ran.stdout.contains("      @@ "), "no diff");
    assert!(started.elapsed().as_secs() < 30, "{:?}", started.elapsed());
}
