//! Secrets that a program reads as files.

use crate::harness::{Ran, Scene, root_or_skip};

fn plan(script: &str, fields: &str) -> Scene {
    let command =
        serde_json::json!(["/bin/sh", "-c", script, "sh", "{{secret_files.pw}}", "--file={{secret_files.other}}"]);
    let scene = Scene::with_plan(&format!(
        "version: 1\ninputs: {{ env: {{ PASSWORD: {{ secret: true }} }} }}\nsteps:\n  - writes: [/out]\n    run:\n      command: {command}\n      \
         secrets_as_files: {{ pw: {{ from_env: PASSWORD }}, other: {{ from_file: /other }} }}\n{fields}"
    ));
    scene.env("PATH", "/usr/bin:/bin").env("PASSWORD", "hunter2hunter2").file("other", "second secret\n");
    scene.mode("other", 0o600).directory("out").mode("out", 0o777);
    scene
}

#[test]
fn a_secret_is_a_file_that_the_user_opens_and_nobody_changes() {
    if !root_or_skip("a_secret_is_a_file_that_the_user_opens_and_nobody_changes") {
        return;
    }
    let script = "cat $1 $1 > out/one; cat ${2#--file=} > out/two; stat -L -c '%u %g %a' $1 > out/state; \
                  tr '\\0' '\\n' < /proc/$$/cmdline > out/arguments; echo $P > out/variable; \
                  (echo x > $1) 2> /dev/null && echo changed > out/changed; id -u > out/user; cat /dev/stdin > out/input";
    let scene = plan(
        script,
        "      as: \"1000:1000\"\n      env: { P: \"{{secret_files.other}}\" }\n      stdin: opened again\n",
    );
    scene.apply().code(0).lacks("hunter2").lacks("second secret");
    assert_eq!(scene.read("out/one"), "hunter2hunter2hunter2hunter2");
    assert_eq!((scene.read("out/two"), scene.read("out/user")), ("second secret".to_owned(), "1000\n".to_owned()));
    assert_eq!(
        (scene.read("out/state").as_str(), scene.read("out/input").as_str()),
        ("1000 1000 400\n", "opened again")
    );
    assert_eq!(scene.read("out/variable"), "/proc/self/fd/101\n");
    let arguments = scene.read("out/arguments");
    assert!(arguments.ends_with("\nsh\n/proc/self/fd/100\n--file=/proc/self/fd/101\n"), "{arguments}");
    assert!(!arguments.contains("hunter2") && !scene.exists("out/changed"));
}

#[test]
fn who_drops_no_rights_reads_it_too_and_show_tells_nothing() {
    let scene = plan("cat $1 ${2#--file=} > out/both", "");
    let ran = scene.run(&["show", "plan.yaml"]).code(10).lacks("hunter2");
    assert!(ran.stdout.contains("/proc/self/fd/100"), "{}", ran.stdout);
    scene.apply().code(0);
    assert_eq!(scene.read("out/both"), "hunter2hunter2second secret");
}

#[test]
fn every_try_reads_it_from_the_beginning() {
    let fields = "      retries: 1\n      interval: 10ms\n";
    plan("cat $1 >> out/all; [ $(wc -c < out/all) = 28 ]", fields).apply().code(0).stderr_has("in try 2");
}

#[test]
fn the_numbers_of_secrets_are_ours_also_when_others_inherited_them() {
    let scene = plan("cat $1 ${2#--file=} > out/both; ls /proc/self/fd | sort -n | tr '\\n' ' ' > out/numbers", "");
    under_bash(&scene, "exec \"$@\" 100<plan.yaml 101<plan.yaml").code(0);
    assert_eq!(scene.read("out/both"), "hunter2hunter2second secret");
}

#[test]
fn a_limit_that_leaves_no_room_is_named() {
    let scene = plan("true", "");
    for limit in [64, 100, 101, 128, 164] {
        let ran = under_bash(&scene, &format!("ulimit -n {limit}; exec \"$@\"")).code(1);
        ran.stderr_has("cannot hand secrets over to `/bin/sh`: too many open files")
            .stderr_has("raise the limit `nofile`");
    }
    under_bash(&scene, "ulimit -n 200; exec \"$@\"").code(0);
    // Descriptors up to where those of secrets begin.
    let many = "for n in $(seq 3 95); do eval \"exec $n<plan.yaml\"; done; exec \"$@\"";
    under_bash(&scene, many).code(1).stderr_has("cannot hand secrets over to `/bin/sh`: too many open files");
}

/// `apply` as the last words of a script.
fn under_bash(scene: &Scene, script: &str) -> Ran {
    let like = scene.command(&["apply", "plan.yaml"]);
    let mut command = std::process::Command::new("bash");
    command.args(["-c", script, "bash"]).arg(like.get_program()).args(like.get_args());
    command.envs(like.get_envs().filter_map(|(name, value)| Some((name, value?)))).current_dir(&scene.directory);
    command.output().unwrap().into()
}

#[test]
fn a_secret_that_is_missing_or_a_name_that_is_wrong() {
    let scene = plan("true", "");
    scene.env("PASSWORD", "");
    scene.apply().code(4).stderr_has("`PASSWORD`");
    let scene = plan("true", "");
    std::fs::remove_file(scene.path("other")).unwrap();
    scene.apply().code(4).stderr_has("cannot read the secret `/other`: no such file");
    let scene = plan("true", "      env: { A: \"{{secret_files.othr}}\" }\n");
    scene
        .run(&["check", "plan.yaml"])
        .code(3)
        .stderr_has("unknown name `secret_files.othr`")
        .stderr_has("did you mean `other`?");
    let scene = Scene::with_plan("version: 1\nsteps:\n  - run: { command: [echo, \"{{secret_files.pw}}\"] }\n");
    let ran = scene.run(&["check", "plan.yaml"]).code(3).stderr_has("unknown name `secret_files.pw`");
    ran.stderr_has("add `pw: { from_env: NAME }` to `secrets_as_files` of the same step");
    // What one step has, the next one has not.
    let scene = plan("true", "  - render: { text: x, path: \"/out/{{secret_files.pw}}\" }\n");
    scene.run(&["check", "plan.yaml"]).code(3).stderr_has("unknown name `secret_files.pw`");
}

#[test]
fn more_secrets_than_a_step_may_have_are_refused() {
    let many: Vec<String> = (0..65).map(|number| format!("s{number}: {{ from_file: /s }}")).collect();
    let plan = |files: &[String]| {
        let scene = Scene::with_plan(&format!(
            "version: 1\nsteps:\n  - run: {{ command: [/bin/cat, \"{{{{secret_files.s63}}}}\"], secrets_as_files: {{ {} }} }}\n",
            files.join(", ")
        ));
        scene.file("s", "hunter2hunter2");
        scene
    };
    plan(&many).run(&["check", "plan.yaml"]).code(3).stderr_has("more than 64 secrets as files");
    plan(&many[..64]).apply().code(0).stderr_has("<redacted>");
}
