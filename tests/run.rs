//! The step `run`: what its program gets, what becomes of how it ends, and what nobody sees of it. Its end by a signal is in
//! `interrupts.rs`.

mod attempts;
mod secrets;

use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use crate::harness::{Ran, Scene, root_or_skip, skip};

/// A plan with one step, which runs a script of a shell.
fn plan(script: &str, fields: &str) -> Scene {
    let command = serde_json::json!(["/bin/sh", "-c", script]);
    let scene = Scene::with_plan(&format!("version: 1\nsteps:\n  - run: {{ command: {command}, {fields} }}\n"));
    scene.env("PATH", "/usr/bin:/bin").env("FITOUT_CONFINE", "off");
    scene
}

/// What the program wrote to `out` in the scene.
fn written(scene: &Scene) -> String {
    scene.apply().code(0);
    scene.read("out")
}

#[test]
fn a_variable_is_set_or_taken_away() {
    let scene = plan("env > out", "env: { ADDED: \"a b\", NOTIFY_SOCKET: null, HOME: /mine }, as: \"0:0\"");
    scene.env("NOTIFY_SOCKET", "/run/x").env("KEPT", "k").env("HOME", "/root");
    if !root_or_skip("a_variable_is_set_or_taken_away") {
        return;
    }
    let out = written(&scene);
    let lines: Vec<&str> = out.lines().collect();
    for wanted in ["ADDED=a b", "KEPT=k", "HOME=/mine"] {
        assert!(lines.contains(&wanted), "{wanted} is not in {out}");
    }
    assert!(!out.contains("NOTIFY_SOCKET"), "{out}");
    let optional = plan("echo ${A-none} > out", "env: { A: \"{{env.A}}\" }");
    let text = optional.read("plan.yaml").replace("steps:", "inputs: { env: { A: { required: false } } }\nsteps:");
    optional.file("plan.yaml", text).env("A", "");
    assert_eq!(written(&optional), "none\n");
    let bad = plan("true", "env: { A: 1 }");
    bad.run(&["check", "plan.yaml"])
        .code(3)
        .stderr_has("expected a string or null, found an integer")
        .stderr_has("put it in quotes");
}

#[test]
fn a_variable_may_be_a_number_and_one_of_the_application_may_be_none() {
    let scene = Scene::with_plan(
        "version: 1
inputs: { env: { PORT: { type: integer }, DEBUG: { type: boolean, default: false }, TZ: { required: false } } }
steps:
  - run: { command: [/bin/sh, -c, 'echo $P $D ${TZ-none} > out'], env: { P: \"{{env.PORT}}\", D: \"{{env.DEBUG}}\", TZ: \"{{env.TZ}}\" } }
exec:
  command: [/bin/sh, -c, 'echo $P $D ${TZ-none} ${NONE-none}']
  environment: { set: { P: \"{{env.PORT}}\", D: \"{{env.DEBUG}}\", TZ: \"{{env.TZ}}\", NONE: null } }
",
    );
    scene.env("PORT", "80").env("TZ", "").env("NONE", "x").env("FITOUT_CONFINE", "off");
    scene.run(&["check", "plan.yaml"]).code(0);
    let ran = scene.apply().code(0);
    assert_eq!((scene.read("out").as_str(), ran.stdout.as_str()), ("80 false none\n", "80 false none none\n"));
    let words = scene.read("plan.yaml").replace("'echo $P $D ${TZ-none} > out'", "\"{{env.TZ}}\"");
    scene.file("plan.yaml", words).apply().code(4).stderr_has("hint: a variable that is not set is null: `default`");
}

#[test]
fn words_of_variables_come_behind_the_command() {
    let scene = Scene::with_plan(
        "version: 1\nsteps:\n  - run: { command: [/bin/sh, -c, 'for word; do echo \"[$word]\"; done > out', sh], append_from: [MORE, NONE] }\n",
    );
    scene.env("MORE", "--name 'a b' \"\" $HOME $(id) *").env("FITOUT_CONFINE", "off");
    assert_eq!(written(&scene), "[--name]\n[a b]\n[]\n[$HOME]\n[$(id)]\n[*]\n");
    scene.env("MORE", "'open");
    scene.apply().code(4).stderr_has("cannot take arguments from `MORE`: a quote is not closed");
    let secret = Scene::with_plan(
        "version: 1\ninputs: { env: { TOKEN: { secret: true } } }\nsteps:\n  - run: { command: [echo], append_from: [\"TOK*\"] }\n",
    );
    let ran = secret.run(&["check", "plan.yaml"]).code(3);
    ran.stderr_has("`TOK*` is secret, and arguments can be seen by every user");
}

#[test]
fn the_program_works_in_its_directory_entered_as_the_user() {
    let scene = plan("pwd; echo x > here", "directory: /job/inner");
    scene.directory("job/inner");
    scene.apply().code(0).stderr_has("/job/inner");
    assert_eq!(scene.read("job/inner/here"), "x\n");
    let missing = plan("true", "directory: /none");
    missing
        .apply()
        .code(1)
        .stderr_has("cannot change to the directory `")
        .stderr_has("/none`: no such file or directory");
    if root_or_skip("the_program_works_in_its_directory_entered_as_the_user") {
        let closed = plan("true", "directory: /closed, as: \"1000:1000\"");
        closed.directory("closed").mode("closed", 0o700);
        closed.apply().code(1).stderr_has("/closed`: permission denied");
    }
}

#[test]
fn input_is_a_text_a_secret_or_a_file() {
    let scene = plan("cat > out", "stdin: \"a b\\nc $HOME\"");
    assert_eq!(written(&scene), "a b\nc $HOME");
    assert_eq!(written(&plan("cat > out", "as: \"0\"")), "");
    let scene = plan("cat > out", "stdin: { file: /in }");
    scene.file("in", "line\n\n");
    assert_eq!(written(&scene), "line\n\n");
    let scene = plan("cat > out; cat out", "stdin: { from_file: /secret }");
    scene.file("secret", "hunter2hunter2\n");
    scene.apply().code(0).lacks("hunter2");
    assert_eq!(scene.read("out"), "hunter2hunter2");
    let scene = plan("cat", "stdin: { file: /none }");
    scene.apply().code(6).stderr_has("cannot read `/none`: no such file");
    for (stdin, wanted) in [
        ("{}", "not one input"),
        ("{ file: /a, from_env: A }", "not one input"),
        ("{ from_env: NONE }", "`NONE` is not declared under `inputs.env`"),
        ("5", "expected a text"),
    ] {
        plan("cat", &format!("stdin: {stdin}")).run(&["check", "plan.yaml"]).code(3).stderr_has(wanted);
    }
}

/// More than pipes hold, both ways, and read late, in part, or not at all.
#[test]
fn large_input_and_output_do_not_block_each_other() {
    let large = "0123456789abcde\n".repeat(4 * 65536);
    for (script, wanted) in
        [("cat > out; wc -c < out", "4194304"), ("head -c 5", "01234"), ("sleep 0.2; echo unread", "unread")]
    {
        let scene = plan(script, "stdin: { file: /in }");
        scene.file("in", &large);
        scene.apply().code(0).stderr_has(wanted);
    }
    // As large as a plan can be.
    let text = serde_json::Value::from(&large[..900_000]);
    for (script, wanted) in [("wc -c", "900000"), ("head -c 5", "01234"), ("true", "changed")] {
        plan(script, &format!("stdin: {text}")).apply().code(0).stderr_has(wanted);
    }
    let scene = plan("cat", "stdin: { file: /in }");
    scene.file("in", &large);
    let ran = scene.apply().code(0);
    assert_eq!(ran.stderr.matches("0123456789abcde").count(), 4 * 65536);
}

#[test]
fn every_line_of_output_has_its_step_and_no_secret() {
    let text = "version: 1\ninputs: { env: { TOKEN: { secret: true } } }\nsteps:\n  - name: greet\n    run: { command: [/bin/sh, -c, 'echo \"to out: $TOKEN\"; echo to err >&2'], env: { TOKEN: \"{{env.TOKEN}}\" } }\n";
    let scene = Scene::with_plan(text);
    scene.env("TOKEN", "hunter2hunter2");
    let ran = scene.apply().code(0).lacks("hunter2");
    for line in ["fitout: step 1 `greet`: to out: <redacted>\n", "fitout: step 1 `greet`: to err\n"] {
        assert!(ran.stderr.contains(line), "{}", ran.stderr);
    }
    let ran = scene.run(&["apply", "plan.yaml", "--log", "json"]).code(0).lacks("hunter2");
    let lines: Vec<serde_json::Value> = ran.stderr.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    for (stream, message) in [("stdout", "to out: <redacted>"), ("stderr", "to err")] {
        let line = lines.iter().find(|line| line["stream"] == stream).unwrap();
        assert_eq!((line["step"].as_str(), line["level"].as_str()), (Some("step 1 `greet`"), Some("info")));
        assert!(line["message"].as_str().unwrap().ends_with(message), "{line}");
    }
}

#[test]
fn another_user_opens_its_outputs_by_their_names() {
    if !root_or_skip("another_user_opens_its_outputs_by_their_names") {
        return;
    }
    for user in ["0:0", "1234:2345"] {
        let script = "echo to out > /dev/stdout; echo to err > /dev/stderr; stat -Lc %a /dev/stdout";
        let ran = plan(script, &format!("as: \"{user}\"")).apply().code(0);
        for line in ["`run`: to out\n", "`run`: to err\n", "`run`: 600\n"] {
            assert!(ran.stderr.contains(line), "{user}: {}", ran.stderr);
        }
    }
}

/// Longer lines come in pieces, and a piece may end anywhere.
#[test]
fn a_secret_is_not_cut_in_two() {
    let text = "version: 1\ninputs: { env: { TOKEN: { secret: true }, FILL: { type: integer } } }\nsteps:\n  - run: { command: [/bin/sh, -c, \
                'head -c $FILL /dev/zero | tr \"\\0\" x; echo \"$TOKEN$TOKEN\"'] }\n";
    for (fill, token) in [
        ("16380", "hunter2hunter2"),
        ("16383", "hunter2hunter2"),
        ("16372", "hunter2hunter2"),
        ("16370", "xxhunter2xxhunter2"),
        ("16380", "first line\thunter2"),
    ] {
        let scene = Scene::with_plan(text);
        scene.env("PATH", "/usr/bin:/bin").env("FILL", fill).env("TOKEN", token);
        let ran = scene.apply().code(0);
        for part in ["unt", "nter", "er2"] {
            assert!(!ran.stderr.contains(part), "{fill} {token}: {}", ran.stderr.replace("xxxxxxxx", ""));
        }
        assert!(ran.stderr.contains("<redacted>"));
    }
}

/// A log has lines of 16 KiB at most.
#[test]
fn what_is_captured_is_as_it_was_printed() {
    let scene =
        plan("printf ' '; head -c 50000 /dev/zero | tr '\\0' x; printf 'a\\r\\nb\\n'; echo no >&2", "capture: long");
    let steps = format!("{}  - render: {{ text: \"{{{{facts.long}}}}\", path: /long }}\n", scene.read("plan.yaml"));
    scene.file("plan.yaml", steps).apply().code(0);
    assert_eq!(scene.read("long"), format!("{}a\nb", "x".repeat(50_000)));
}

#[test]
fn what_steers_a_terminal_is_escaped_in_output() {
    plan("printf '\\033[31mred\\n\\377\\n'", "creates: /none")
        .apply()
        .code(0)
        .stderr_has("\\u{1b}[31mred")
        .lacks("\x1b");
}

#[test]
fn rules_across_fields_are_found_by_check() {
    for (fields, wanted) in [
        ("ok_codes: []", "no exit code would do"),
        ("ok_codes: [256]", "expected a whole number from 0 to 255"),
        ("ok_output: \"(\"", "not a regular expression"),
        ("interval: 1s", "`interval` has no meaning without `retries`"),
        ("retries: -1", "expected a whole number"),
        ("env: { \"A=B\": x }", "not the name of a variable"),
        ("secrets_as_files: { a-b: { from_file: /s } }", "not the name of a secret file"),
        ("secrets_as_files: { a: {} }", "`a` is not one place"),
        ("secrets_as_files: { a: { from_env: NONE } }", "`NONE` is not declared under `inputs.env`"),
        ("comand: [x]", "did you mean `command`?"),
    ] {
        plan("true", fields).run(&["check", "plan.yaml"]).code(3).stderr_has(wanted);
    }
    let twice = Scene::with_plan("version: 1\nsteps:\n  - as: \"1\"\n    run: { command: [x], as: \"2\" }\n");
    twice.run(&["check", "plan.yaml"]).code(3).stderr_has("`as` stands twice");
}

#[test]
fn words_of_a_list_stand_where_the_list_does() {
    let scene = Scene::with_plan(
        "version: 1
inputs: { env: { A: { type: list }, B: { required: false }, C: {}, N: { type: integer } } }
steps:
  - run: { command: [printf, \"<%s>\", \"{{env.A}}\", \"{{option \\\"-b=\\\" env.B}}\", \"{{option \\\"-c=\\\" env.C}}\", \"{{rest facts.arguments}}\", \"{{env.N}}\"], stdin: \"{{env.N}}\", capture: words }
  - render: { text: \"{{facts.words}}\", path: /words }
  - run: { command: [\"{{slice facts.arguments 0 1}}\", \"{{facts.words}}\"] }
exec: { command: [\"{{list \\\"echo\\\" \\\"a b\\\"}}\", end] }
",
    );
    scene.env("PATH", "/usr/bin:/bin").env("A", "1,two words,$HOME").env("C", "x y").env("N", "7");
    let ran = scene.apply().code(0);
    assert_eq!(ran.stdout, "a b end\n");
    assert_eq!(scene.read("words"), "<1><two words><$HOME><-c=x y><a b><end><7>");
    scene.env("A", "").apply().code(4);

    for (word, wanted) in [("{{env.B}}", "expected a string, found nothing"), ("{{list env.B}}", "expected a string")] {
        let wrong = Scene::with_plan(&format!(
            "version: 1\ninputs: {{ env: {{ B: {{ required: false }} }} }}\nsteps:\n  - run: {{ command: [echo, \"{word}\"] }}\n"
        ));
        wrong.apply().code(4).stderr_has(wanted).stderr_has("plan.yaml:4:");
    }
    let none = "version: 1\ninputs: { env: { B: { required: false } } }\nsteps:\n  - run: { command: [\"{{option env.B}}\"] }\n";
    Scene::with_plan(none).apply().stderr_has("`run` needs a command\n  --> plan.yaml:4:");
}

#[test]
fn of_our_descriptors_the_program_has_its_input_alone() {
    let out = written(&plan("exec ls -l /proc/self/fd > out", "stdin: text"));
    assert_eq!(out.matches("memfd:fitout").count(), 1, "{out}");
    assert!(!out.contains("socket:") && !out.contains("plan.yaml"), "{out}");
}

/// A program in the background of a terminal that reads from it is stopped, and nobody would ever let it go on.
#[test]
fn a_program_has_no_terminal_to_ask_at() {
    if !std::path::Path::new("/usr/bin/script").exists() {
        skip("a_program_has_no_terminal_to_ask_at", "script");
        return;
    }
    let scene = plan("(read -r answer < /dev/tty) || echo nobody to ask; ls -l /proc/self/fd/0", "retries: 0");
    let text = scene.read("plan.yaml").replace("- run:", "- timeout: 20s\n    run:");
    scene.file("plan.yaml", text);
    let like = scene.command(&["apply", "plan.yaml"]);
    let mut command = std::process::Command::new("/usr/bin/script");
    command.args(["-qefc", &format!("{} apply plan.yaml", like.get_program().display()), "/dev/null"]);
    command.envs(like.get_envs().filter_map(|(name, value)| Some((name, value?)))).env("SHELL", "/bin/sh");
    let ran = Ran::from(command.current_dir(&scene.directory).output().unwrap()).code(0);
    assert!(ran.stdout.contains("nobody to ask") && ran.stdout.contains("-> /dev/null"), "{}", ran.stdout);
}

#[test]
fn sigterm_ends_the_program_and_its_children_and_nothing_is_tried_again() {
    for (script, code) in [
        ("echo $$ > pid; sleep 100 & wait", 143),
        ("trap '' TERM; echo $$ > pid; sleep 2", 143),
        ("echo once >> tries; echo $$ > pid; exit 1", 143),
    ] {
        let scene = plan(script, "retries: 50, interval: 5s");
        let mut child = scene.start(&["apply", "plan.yaml"]);
        let started = Instant::now();
        while !scene.exists("pid") || scene.read("pid").is_empty() {
            assert!(started.elapsed() < Duration::from_mins(1), "the program does not start");
            std::thread::sleep(Duration::from_millis(10));
        }
        kill(Pid::from_raw(i32::try_from(child.id()).unwrap()), Signal::SIGTERM).unwrap();
        assert_eq!(child.wait().unwrap().code(), Some(code), "{script}");
        if scene.exists("tries") {
            assert_eq!(scene.read("tries"), "once\n");
        }
    }
}

#[test]
fn each_field_has_its_flag() {
    let scene = Scene::new();
    scene.env("PATH", "/usr/bin:/bin").env("TOKEN", "hunter2hunter2").env("MORE", "'a b' c").env("GONE", "x");
    scene.env("FITOUT_CONFINE", "off");
    scene.directory("job").file("secret", "from a file\n");
    let script = "cat \"$1\" \"$2\" - > out; echo \" $X ${GONE-none} $3|$4\" >> out; exit 4";
    let arguments = [
        &["run", "--env", "X=1", "--unset-env", "GONE", "--append-from", "MORE", "--directory", "/job"][..],
        &["--secret-env", "one=TOKEN", "--secret-file", "two=/secret", "--stdin", "+in"],
        &["--ok-code", "0", "--ok-code", "4", "--retries", "2", "--interval", "10ms", "--timeout", "1m"],
        &["--creates", "/job/done", "--", "sh", "-c", script, "sh", "{{secret_files.one}}", "{{secret_files.two}}"],
    ]
    .concat();
    scene.run(&arguments).code(0).stderr_has("`sh` ended with code 4").lacks("hunter2");
    assert_eq!(scene.read("job/out"), "hunter2hunter2from a file+in 1 none a b|c\n");
    scene.file("job/done", "");
    scene.run(&arguments).code(0).stderr_has(": unchanged");
    for (flag, value) in [("--stdin-env", "TOKEN"), ("--stdin-secret-file", "/secret"), ("--stdin-file", "/secret")] {
        scene.run(&["run", flag, value, "--", "sh", "-c", "cat > read"]).code(0);
        assert!(scene.read("read").starts_with(if flag == "--stdin-env" { "hunter2" } else { "from a file" }));
    }
    scene
        .run(&["run", "--ok-output", "^already", "--", "sh", "-c", "echo already; exit 1"])
        .code(0)
        .stderr_has("unchanged");
    scene.run(&["run", "--secret-env", "oops", "--", "true"]).code(2).stderr_has("`oops` is no `NAME=VARIABLE`");
}

#[test]
fn a_failure_tells_the_last_lines_that_the_program_printed() {
    let scene = plan("echo first; echo second; echo $TOKEN >&2; echo third; echo; exit 3", "retries: 1, interval: 1ms");
    let text = scene.read("plan.yaml").replace("steps:", "inputs: { env: { TOKEN: { secret: true } } }\nsteps:");
    let termination = scene.path("termination");
    scene.file("plan.yaml", text).env("TOKEN", "hunter2").env("FITOUT_TERMINATION_LOG", &termination);
    scene.apply().code(1).lacks("hunter2").stderr_has("= /bin/sh: second").stderr_has("= /bin/sh: third");
    let message = scene.read("termination");
    assert!(
        message.contains("in try 2") && message.contains("/bin/sh: third") && !message.contains("first"),
        "{message}"
    );
    assert!(!message.contains("hunter2"), "{message}");
}
