//! What is wrong with a plan is found all at once, each thing at its line and with its remedy.

use crate::harness::Scene;

/// Runs `check` on the plan and returns `line:column message / hint` of every finding.
fn findings(plan: &str) -> Vec<String> {
    let scene = Scene::with_plan(plan);
    scene.file("templates/ok.hbs", "x\n");
    let ran = scene.run(&["check", "plan.yaml"]).code(3);
    let mut found: Vec<String> = Vec::new();
    for line in ran.stderr.lines() {
        if let Some(message) = line.strip_prefix("error: ") {
            found.push(message.to_owned());
        } else if let (Some(place), Some(last)) = (line.strip_prefix("  --> plan.yaml:"), found.last_mut()) {
            let place = place.split_whitespace().next().unwrap_or_default();
            *last = format!("{place} {last}");
        } else if let (Some(hint), Some(last)) = (line.strip_prefix("hint: "), found.last_mut()) {
            *last = format!("{last} / {hint}");
        }
    }
    found
}

#[test]
fn a_valid_plan_passes_without_root_network_or_secret() {
    let scene = Scene::with_plan(
        "version: 1
inputs:
  env:
    PORT: { type: integer, default: 8080, min: 1, max: 65535 }
    TOKEN: { secret: true, file: true }
    MODE: {}
steps:
  - name: config
    when: { env: PORT }
    render: { source: /templates/a.hbs, path: \"/out/{{env.PORT}}.conf\", mode: \"0640\", owner: \"{{env.MODE}}\" }
  - own: { path: /data, owner: \"1000:1000\", recursive: true }
  - wait: { targets: [\"tcp://db:5432\"], timeout: 60s }
exec: { command: [/app, \"{{env.PORT}}\"], user: \"1000\" }
",
    );
    scene.file("templates/a.hbs", "{{env.PORT}} {{env.TOKEN}} {{facts.cpus}}\n");
    let ran = scene.run(&["check", "plan.yaml"]).code(0);
    assert_eq!(ran.stdout, "`plan.yaml` is valid\n");
    assert_eq!(ran.stderr, "");
}

#[test]
fn broken_plans_are_told_line_and_remedy() {
    for (plan, wanted) in [
        ("version: 1\nsteps:\n  - rendr: { path: /a }\n", vec!["3:5 unknown key `rendr` / did you mean `render`?"]),
        (
            "version: 1\nsteps:\n  - mkdir: { path: /a, onwer: \"1\" }\n  - mkdir: { path: b }\n",
            vec![
                "3:24 unknown key `onwer` / did you mean `owner`?",
                "4:20 the path is not absolute / start it with `/`",
            ],
        ),
        (
            "version: 1\nsteps:\n  - mkdir: { path: /a, mode: 0755 }\n",
            vec!["3:30 expected a string, found a number / put it in quotes"],
        ),
        (
            "version: 1\nsteps:\n  - mkdir: { path: /a }\n    own: { path: /a, owner: \"1\" }\n",
            vec!["4:5 step 1 has two verbs, `mkdir` and `own` / make two steps of it"],
        ),
        (
            "version: 1\nsteps:\n  - name: x\n",
            vec![
                "3:5 step 1 has no verb / a step has exactly one of render, edit, copy, mkdir, link, remove, own, fetch, unpack, generate, trust, account, wait, migrate, sql, seed, run, once, serve",
            ],
        ),
        (
            "version: 1\nversion: 1\nsteps: []\n",
            vec!["2:1 duplicate key `version` / the first one is in line 1: remove one of them"],
        ),
        ("version: 2\n", vec!["1:10 version 2 of the plan is not known here / this program reads version 1"]),
        ("steps: []\n", vec!["1:1 `version` is missing"]),
        (
            "version: 1\nsteps:\n  - wait: { targets: [db], timeout: 60 }\n",
            vec![
                "3:23 not a target / targets are `tcp://host:port`, `http://host[:port]/path`, `https://...`, `unix:///path`, `file:///path`, `dns://name[?type]`, `redis://[user@]host[:port]`, `rediss://...`, `postgres://user@host/name`, `mysql://user@host/name`, `sqlite:///path`",
                "3:37 not a duration / write a number and a unit, for instance \"30s\", \"5m\" or \"250ms\"",
            ],
        ),
        (
            "version: 1\nsteps:\n  - run: { command: [/x, \"{{env.A}}\"] }\n",
            vec!["3:26 unknown name `env.A` / declare it under `inputs`: `env: { A: {} }`"],
        ),
        (
            "version: 1\ninputs: { env: { PW: { secret: true } } }\nsteps:\n  - run: { command: [/x, \"-p={{env.PW}}\"] }\n",
            vec![
                "4:26 `env.PW` is secret, and arguments can be seen by every user / let the program read it from its environment or from a file",
            ],
        ),
        (
            "version: 1\nsteps:\n  - render: { source: /templates/ok.hbs, text: x, path: /a }\n  - render: { path: /b }\n  - render: { source: /templates/no.hbs, path: /c }\n",
            vec![
                "3:48 `render` has both `source` and `text` / remove one of them",
                "4:13 `render` needs `source` or `text`",
                "5:23 cannot read the template `/templates/no.hbs`: no such file or directory",
            ],
        ),
        (
            "version: 1\nsteps:\n  - migrate: { database: \"postgres://u:pw@h/db\", source: /m }\n",
            vec![
                "3:26 the URL holds a password / put the URL into an environment variable or a file, and name that: `from_env` or `from_file`, `--database-env` or `--database-file`",
            ],
        ),
        (
            "version: 1\ninputs: { env: { A: { type: integer, default: x } } }\nsteps:\n  - { name: a, mkdir: { path: /a } }\n  - { name: a, mkdir: { path: /b } }\n",
            vec![
                "2:47 cannot use the default of `A`: it is not an integer",
                "5:13 two steps are named `a` / the first one is in line 4",
            ],
        ),
        (
            "version: 1\nsteps:\n  - render: { text: \"{{#if env.X}}\", path: /a }\n",
            vec!["3:22 cannot parse the template: `{{#if}}` is not closed / end it with `{{/if}}`"],
        ),
        (
            "version: 1\nsteps:\n  - when: { env: A, exists: /x }\n    mkdir: { path: /a, owner: \"4294967296\" }\n",
            vec![
                "4:31 the id must be below 4294967295 / write \"1000:1000\", \"1000\", \":1000\", or names, in quotes",
            ],
        ),
        (
            "version: 1\nsteps:\n  - when: { env: A, exists: /x }\n    mkdir: { path: /a }\n",
            vec![
                "3:11 the condition does not ask exactly one thing / exactly one of env, exists, missing, empty, user, argument, can, contains, all, any, not",
                "3:18 `A` is not declared under `inputs.env` / add `A: { required: false }` there",
            ],
        ),
        (
            "version: 1\nsteps:\n  - migrate: { database: \"sqlite:///a.db\", source: /templates, table: a.b }\n",
            vec![
                "3:52 cannot find migrations in `/templates`: no file in it is one / name migrations `<version>_<name>.sql`, for instance `0001_create_users.sql`",
                "3:71 a table of SQLite has no schema / leave the part before the `.` out",
            ],
        ),
        ("[1, 2]\n", vec!["1:1 expected a mapping, found a list"]),
        ("", vec!["1:1 expected a mapping, found nothing"]),
    ] {
        assert_eq!(findings(plan), wanted, "{plan}");
    }
}

#[test]
fn a_key_in_the_wrong_place_is_told_the_right_one() {
    let plan = "version: 1
steps:
  - run: { command: \"ls -l\", when: { env: A } }
  - once: { marker: /a, steps: [], timeout: 5s }
exec: { command: [a], confine: off }
";
    let wanted = [
        "3:21 expected a list, found a string / write it in brackets, each part by itself: `[a, b]`",
        "3:30 unknown key `when` / it belongs beside `run`, not below it",
        "4:36 unknown key `timeout` / it belongs beside `once`, not below it",
        "5:23 unknown key `confine` / it belongs beside `exec`, not below it",
    ];
    assert_eq!(findings(plan), wanted);
}

#[test]
fn the_one_line_is_shown_and_not_its_neighbours() {
    let scene = Scene::with_plan("version: 1\n# hunter2 before\nsteps: 5\n# hunter2 after\n");
    let ran = scene.run(&["check", "plan.yaml"]).code(3).lacks("hunter2");
    assert_eq!(
        ran.stderr,
        "error: expected a list, found an integer
  --> plan.yaml:3:8
   |
 3 | steps: 5
   |        ^
"
    );
}

#[test]
fn a_misspelt_name_in_a_template_is_found_in_its_file() {
    let scene = Scene::with_plan(
        "version: 1\ninputs: { env: { PORT: {} } }\nsteps:\n  - render: { source: /t/a.hbs, path: \"/x/{{env.PORT}}\" }\n  - render: { source: /t, path: /y }\n",
    );
    scene.file("t/a.hbs", "one\nport {{env.PROT}}\n").file("t/deep/b.hbs", "{{#each}}\n");
    let ran = scene.run(&["check", "plan.yaml"]).code(3);
    assert!(
        ran.stderr.contains(
            "error: unknown name `env.PROT`
  --> /t/a.hbs:2:8
   |
 2 | port {{env.PROT}}
   |        ^^^^^^^^

hint: did you mean `PORT`?
"
        ),
        "{}",
        ran.stderr
    );
    assert!(ran.stderr.contains("/t/deep/b.hbs:"), "{}", ran.stderr);
    scene.file("t/deep/b.hbs", "{{uper env.PORT}}\n").file("t/a.hbs", "");
    scene.run(&["check", "plan.yaml"]).code(3).stderr_has("error: unknown helper `uper`\n  --> /t/deep/b.hbs:1:3");
}

#[test]
fn bombs_and_giants_are_refused() {
    let mut bomb = "a: &a [x,x,x,x,x,x,x,x,x,x]\n".to_owned();
    for (before, name) in "abcdefgh".chars().zip("bcdefghi".chars()) {
        let alias = format!("*{before}");
        bomb.push_str(&format!("{name}: &{name} [{}]\n", vec![alias; 10].join(",")));
    }
    let started = std::time::Instant::now();
    Scene::with_plan(&bomb).run(&["check", "plan.yaml"]).code(3).stderr_has("error: the document is too large\n");
    let giant = format!("version: 1\n# {}\n", "x".repeat(10_000_000));
    let ran = Scene::with_plan(&giant).run(&["apply", "plan.yaml"]).code(3);
    assert_eq!(ran.stderr, "error: cannot read `plan.yaml`: 10000014 bytes, the limit is 1048576\n");
    assert!(started.elapsed().as_secs() < 10, "refusing takes too long");
    Scene::with_plan(&"[".repeat(100_000)).run(&["check", "plan.yaml"]).code(3).stderr_has("error: not valid YAML: ");
    let many = format!("version: 1\nsteps:\n{}", "  - nope: 1\n".repeat(500));
    Scene::with_plan(&many).run(&["check", "plan.yaml"]).code(3).stderr_has("error: stopped after 50 findings");
}

#[test]
fn keys_that_go_out_as_they_stand_hold_no_expression() {
    let hash = "0".repeat(64);
    for (step, column) in [
        ("run: { command: [/bin/true], env: { \"{{env.X}}\": a } }".to_owned(), 41),
        (
            format!(
                "fetch: {{ sha256: \"{hash}\", url: \"https://a/\", path: /a, headers: {{ \"A-{{{{env.X}}}}\": b }} }}"
            ),
            130,
        ),
    ] {
        let ran = Scene::with_plan(&format!("version: 1\nsteps:\n  - {step}\n")).run(&["check", "plan.yaml"]);
        ran.code(3)
            .stderr_has(&format!("error: `{{{{` in a key is not expanded\n  --> plan.yaml:3:{column}\n"))
            .stderr_has("hint: name the key itself");
    }
}

#[test]
fn a_source_that_the_step_asks_for_may_be_missing() {
    for (when, code) in [("{ exists: /init }", 0), ("{ missing: /init }", 6), ("{ exists: /other }", 6)] {
        let step = "sql: { database: { driver: sqlite, path: /data/app.db }, source: /init }";
        let scene = Scene::with_plan(&format!("version: 1\nsteps:\n  - when: {when}\n    {step}\n"));
        scene.run(&["check", "plan.yaml"]).code(code);
        scene.file("init/a.sh", "echo");
        scene.run(&["check", "plan.yaml"]).code(3).stderr_has("`a.sh`");
    }
}

#[test]
fn of_several_documents_none_is_read() {
    let scene = Scene::with_plan("version: 1\nsteps: []\n---\nversion: 1\n");
    let ran = scene.run(&["check", "plan.yaml"]).code(3);
    assert_eq!(
        ran.stderr,
        "error: there is more than one document
  --> plan.yaml:3:1
   |
 3 | ---
   | ^^^

hint: `---` begins another one: only one is read
"
    );
    let scene = Scene::with_plan("version: 1\ninputs: { values: { site: { file: /site.yaml } } }\nsteps: []\n");
    scene.file("site.yaml", "a: 1\n---\na: 2\n");
    scene
        .run(&["apply", "plan.yaml"])
        .code(4)
        .stderr_has(
            "error: cannot read the values `/site.yaml`: there is more than one document\n  --> /site.yaml:2:1\n",
        )
        .stderr_has("hint: `---` begins another one: only one is read\n");
}

#[test]
fn a_plan_that_cannot_be_read_says_so() {
    let scene = Scene::new();
    scene
        .run(&["check", "nope.yaml"])
        .code(3)
        .stderr_has("error: cannot read the plan `nope.yaml`: no such file or directory");
    scene.file("latin.yaml", b"version: 1\n# \xe9\n");
    scene.run(&["check", "latin.yaml"]).code(3).stderr_has("error: cannot read the plan `latin.yaml`: it is not UTF-8");
    scene.directory("dir");
    scene.run(&["check", "dir"]).code(3).stderr_has("error: cannot read the plan `dir`: ");
}

#[test]
fn a_template_in_the_plan_is_marked_at_its_line() {
    let plan = |beside: &str| {
        format!(
            "version: 1
steps:
  - render:
      path: /a{beside}
      text: |2

        one
          two {{{{env.NOPE}}}}
        {{{{uper env.NOPE}}}}
"
        )
    };
    for beside in ["", ", partials: /p", ", engine: envsubst"] {
        let plan = plan(&beside.replace(", ", "\n      "));
        let plan = if beside.contains("envsubst") { plan.replace("{{env.", "${").replace("}}", "}") } else { plan };
        let line = 8 + usize::from(!beside.is_empty());
        let scene = Scene::with_plan(&plan);
        scene.directory("p");
        for command in ["check", "apply"] {
            let ran = scene.run(&[command, "plan.yaml"]);
            let ran = ran.stderr_has(&format!("--> plan.yaml:{line}:1")).stderr_has(" |           two ");
            ran.lacks("of the text").lacks("/a:3");
        }
    }
}
