//! Hand-over: the same process, the exact exit code, no privileges left, nothing of ours inherited.

use std::os::unix::process::{CommandExt, ExitStatusExt};

use crate::harness::{Scene, root_or_skip};

#[test]
fn every_exit_code_is_the_application_s() {
    let scene = Scene::new();
    for code in [0, 1, 2, 3, 10, 70, 125, 126, 127, 128, 137, 255] {
        let ran = scene.run(&["exec", "--", "/bin/sh", "-c", &format!("exit {code}")]);
        assert_eq!(ran.code, code);
        assert_eq!(ran.stderr, "");
    }
    let status = scene.command(&["exec", "--", "/bin/sh", "-c", "kill -9 $$"]).status().unwrap();
    assert_eq!(status.signal(), Some(9));
}

#[test]
fn the_process_id_stays_and_the_program_is_found_in_path() {
    let scene = Scene::new();
    scene.env("PATH", "/nowhere:/usr/bin:/bin");
    let child = scene.start(&["exec", "--", "sh", "-c", "echo $$"]);
    let id = child.id();
    let output = child.wait_with_output().unwrap();
    assert_eq!(String::from_utf8_lossy(&output.stdout).trim(), id.to_string());
}

#[test]
fn what_cannot_be_executed_is_126_and_what_is_missing_127() {
    let scene = Scene::new();
    scene.env("PATH", "/usr/bin:/bin");
    scene.file("text", "echo from a shell\n").mode("text", 0o755).file("plain", "x").mode("plain", 0o644);
    scene.file("interpreter", "#!/no/such/interpreter\n").mode("interpreter", 0o755);
    let path = |name: &str| scene.path(name).display().to_string();
    for (program, code, message) in [
        ("/no/such/program".to_owned(), 127, "error: cannot execute `/no/such/program`: no such file\n"),
        ("no-such-program".to_owned(), 127, "error: cannot execute `no-such-program`: "),
        ("/etc".to_owned(), 126, "error: cannot execute `/etc`: "),
        (path("plain"), 126, "permission denied"),
        (path("text"), 126, "error: cannot execute"),
        (path("interpreter"), 126, "/no/such/interpreter"),
    ] {
        let ran = scene.run(&["exec", "--", &program]).code(code).stderr_has(message);
        assert!(!ran.stdout.contains("from a shell"));
    }
}

#[test]
fn signals_umask_and_descriptors_are_as_for_a_fresh_process() {
    let scene = Scene::new();
    let script = "umask; grep -E '^Sig(Blk|Ign|Cgt)|^NoNewPrivs' /proc/self/status; ls /proc/self/fd | wc -l";
    let plain = std::process::Command::new("/bin/sh").args(["-c", script]).env_clear().output().unwrap();
    let ran = scene.run(&["exec", "--umask", "0027", "--no-new-privileges", "--", "/bin/sh", "-c", script]).code(0);
    let plain = String::from_utf8_lossy(&plain.stdout).into_owned();
    let wanted = plain.replacen("0022", "0027", 1).replace("NoNewPrivs:\t0", "NoNewPrivs:\t1");
    assert_eq!(ran.stdout, wanted);
    let ignored = ran.stdout.lines().find_map(|line| line.strip_prefix("SigIgn:")).unwrap();
    assert_eq!(u64::from_str_radix(ignored.trim(), 16).unwrap() & (1 << 12), 0, "SIGPIPE is ignored");
}

#[test]
fn a_user_by_number_keeps_nothing_of_root() {
    if !root_or_skip("a_user_by_number_keeps_nothing_of_root") {
        return;
    }
    let scene = Scene::new();
    let script = "grep -E '^(Uid|Gid|Groups|CapEff|CapPrm)' /proc/self/status; echo $HOME";
    let ran = scene.run(&["exec", "--user", "1234:2345", "--", "/bin/sh", "-c", script]).code(0);
    for line in [
        "Uid:\t1234\t1234\t1234\t1234\n",
        "Gid:\t2345\t2345\t2345\t2345\n",
        "Groups:\t2345",
        "CapPrm:\t0000000000000000\n",
        "CapEff:\t0000000000000000\n",
    ] {
        assert!(ran.stdout.contains(line) || line.starts_with("Groups"), "{line} is not in\n{}", ran.stdout);
    }
    let groups = ran.stdout.lines().find(|line| line.starts_with("Groups:")).unwrap();
    assert!(!groups.split_whitespace().skip(1).any(|group| group == "0"), "{groups}");
}

#[test]
fn a_user_by_name_gets_the_groups_of_the_root_s_files() {
    if !root_or_skip("a_user_by_name_gets_the_groups_of_the_root_s_files") {
        return;
    }
    let scene = Scene::new();
    scene
        .file("etc/passwd", "app:x:4321:4322:App:/home/app:/none\n")
        .file("etc/group", "app:x:4322:\nweb:x:999:other,app\nno:x:998:other\n");
    let script = "grep -E '^(Uid|Gid|Groups)' /proc/self/status; echo $HOME";
    let ran = scene.run(&["exec", "--user", "app", "--", "/bin/sh", "-c", script]).code(0);
    assert!(ran.stdout.contains("Uid:\t4321\t4321\t4321\t4321\nGid:\t4322\t4322\t4322\t4322\n"), "{}", ran.stdout);
    let groups = ran.stdout.lines().find(|line| line.starts_with("Groups:")).unwrap();
    let mut groups: Vec<&str> = groups.split_whitespace().skip(1).collect();
    groups.sort_unstable();
    assert_eq!(groups, ["4322", "999"]);
    assert!(ran.stdout.ends_with("/home/app\n"), "{}", ran.stdout);
}

#[test]
fn wrong_users_are_refused_before_anything_happens() {
    let scene = Scene::new();
    for user in ["4294967296", "1000:4294967296", "", ":", "a b", "nobody-here"] {
        let ran = scene.run(&["exec", "--user", user, "--", "/bin/echo", "ran"]);
        assert!(ran.code != 0 && !ran.stdout.contains("ran"), "{user}: {ran:?}");
    }
    scene.run(&["exec", "--user", "4294967296", "--", "/bin/true"]).code(2).stderr_has("error: the id must be below");
    scene.run(&["exec"]).code(2);
    scene
        .run(&["exec", "--umask", "0999", "--", "/bin/true"])
        .code(2)
        .stderr_has("error: not a umask\n  --> command line:1:21");
}

#[test]
fn without_the_capability_the_failure_names_it() {
    if !root_or_skip("without_the_capability_the_failure_names_it") {
        return;
    }
    let scene = Scene::new();
    let binary = scene.path("fitout");
    std::fs::copy(crate::harness::binary(), &binary).unwrap();
    let output = std::process::Command::new(&binary)
        .args(["exec", "--user", "1:1", "--", "/bin/true"])
        .env_clear()
        .uid(1234)
        .gid(1234)
        .output()
        .unwrap();
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(!output.status.success());
    assert!(stderr.contains("the capabilities SETUID and SETGID"), "{stderr}");
    let same = std::process::Command::new(&binary)
        .args(["exec", "--user", "1234:1234", "--", "/bin/true"])
        .env_clear()
        .uid(1234)
        .gid(1234)
        .status()
        .unwrap();
    assert!(same.success(), "becoming who one is needs no capability");
}

#[test]
fn the_plan_s_command_runs_and_the_command_line_wins() {
    let scene = Scene::with_plan(
        "version: 1\nsteps:\n  - render: { text: x, path: /a }\nexec: { command: [/bin/echo, plan], umask: \"0077\" }\n",
    );
    assert_eq!(scene.apply().code(0).stdout, "plan\n");
    assert_eq!(scene.run(&["apply", "plan.yaml", "--", "/bin/echo", "typed"]).code(0).stdout, "typed\n");
    let failing = Scene::with_plan(
        "version: 1\nsteps:\n  - mkdir: { path: /a, owner: nobody-here }\nexec: { command: [/bin/echo, plan] }\n",
    );
    assert_eq!(failing.apply().code(1).stdout, "");
}
