//! Linked under the name of another program, Fitout takes that one's command line.

use std::process::{Command, Stdio};

use nix::libc;

use crate::hand_over::{USERS, WHO, users};
use crate::harness::{Ran, Scene, binary, root_or_skip};
use crate::supervise::{Watched, until};

fn scene() -> Scene {
    let scene = Scene::new();
    for name in ["tini", "dumb-init", "gosu", "su-exec"] {
        std::os::unix::fs::symlink(binary(), scene.path(name)).unwrap();
    }
    scene
}

fn called(scene: &Scene, name: &str, arguments: &[&str]) -> Command {
    let mut command = Command::new(scene.path(name));
    command.args(arguments).current_dir(&scene.directory).env_clear().env("PATH", "/usr/bin:/bin").stdin(Stdio::null());
    command
}

#[track_caller]
fn run(scene: &Scene, name: &str, arguments: &[&str]) -> Ran {
    called(scene, name, arguments).output().unwrap().into()
}

const DEAF: &str =
    "trap 'echo told; sleep 0.3; echo done > done; exit' TERM; echo > there; while :; do sleep 0.02; done";

#[test]
fn options_of_tini() {
    let scene = scene();
    for (arguments, code) in [
        (&["--", "sh", "-c", "exit 7"] as &[&str], 7),
        (&["sh", "-c", "exit 7"], 7),
        (&["-s", "sh", "--", "-c", "exit 7"], 7),
        (&["-vvv", "-sw", "--", "sh", "-c", "exit 7"], 7),
        (&["-e", "7", "-e143", "--", "sh", "-c", "exit 7"], 0),
        (&["-e143", "--", "sh", "-c", "kill -TERM $$"], 0),
        (&["--", "sh", "-c", "kill -TERM $$"], 143),
        (&["-p", "SIGKILL", "-g", "--", "true"], 0),
        (&["/no/such"], 127),
        (&["/etc"], 126),
    ] {
        run(&scene, "tini", arguments).code(code);
    }
    for (arguments, message) in [
        (&[] as &[&str], "error: no program is given"),
        (&["--"], "error: no program is given"),
        (&["-x", "true"], "error: unknown option `-x`"),
        (&["-e", "256", "true"], "error: the value of `-e` is no exit code"),
        (&["-p", "X", "true"], "error: the value of `-p` is no signal"),
        (&["-p"], "error: the option `-p` needs a value"),
    ] {
        run(&scene, "tini", arguments).code(1).stderr_has(message).stderr_has("Usage: tini [OPTIONS]");
    }
    assert!(run(&scene, "tini", &["-h"]).code(0).stdout.starts_with("Usage: tini"));
    assert!(run(&scene, "tini", &["--version"]).code(0).stdout.starts_with("tini of fitout "));
    assert_eq!(run(&scene, "tini", &["-l"]).code(0).stdout, "Apache-2.0 OR MIT\n");
}

#[test]
fn tini_sends_signals_to_the_program_or_to_its_group_and_waits_for_nobody() {
    let scene = scene();
    let family = format!(
        "({DEAF}) & while [ ! -e there ]; do sleep 0.02; done; trap 'exit 5' TERM; echo ready; while :; do sleep 0.02; done"
    );
    let start = |arguments: &[&str]| {
        let _ = std::fs::remove_file(scene.path("there"));
        Watched::start(called(&scene, "tini", arguments))
    };
    let watched = start(&["--", "sh", "-c", &family]);
    watched.send(libc::SIGTERM);
    assert_eq!(watched.code(), Some(5));
    assert!(!scene.exists("done"), "the other one was told");
    // It lives on, and is ended by the test: nobody is there who would.
    end_all_in(&scene);
    for by_environment in [false, true] {
        let _ = std::fs::remove_file(scene.path("there"));
        let _ = std::fs::remove_file(scene.path("done"));
        let arguments = ["-g", "sh", "-c", &family];
        let mut command = called(&scene, "tini", &arguments[usize::from(by_environment)..]);
        if by_environment {
            command.env("TINI_KILL_PROCESS_GROUP", "");
        }
        let watched = Watched::start(command);
        watched.send(libc::SIGTERM);
        assert!(watched.end().code(5).stdout.contains("told"));
        until("the group was told", || scene.exists("done"));
    }
}

/// Ends every process that works in the scene.
fn end_all_in(scene: &Scene) {
    for entry in std::fs::read_dir("/proc").unwrap() {
        let path = entry.unwrap().path();
        let Ok(id) = path.file_name().unwrap().to_string_lossy().parse::<i32>() else { continue };
        if std::fs::read_link(path.join("cwd")).is_ok_and(|directory| directory == scene.directory) {
            let _ = nix::sys::signal::kill(nix::unistd::Pid::from_raw(id), nix::sys::signal::Signal::SIGKILL);
        }
    }
}

#[test]
fn options_of_dumb_init() {
    let scene = scene();
    for (arguments, code) in [
        (&["sh", "-c", "exit 7"] as &[&str], 7),
        (&["-c", "--", "sh", "-c", "exit 7"], 7),
        (&["--single-child", "-v", "sh", "-c", "exit 7"], 7),
        (&["-r", "15:3", "--rewrite", "1:0", "--rewrite=2:9", "sh", "-c", "exit 7"], 7),
        (&["sh", "-c", "kill -TERM $$"], 143),
        (&["/no/such"], 2),
        (&["/etc"], 2),
    ] {
        run(&scene, "dumb-init", arguments).code(code);
    }
    for (arguments, message) in [
        (&[] as &[&str], "error: no command is given"),
        (&["-x", "true"], "error: unknown option `-x`"),
        (&["-r", "32:1", "true"], "error: the value of `--rewrite` is not `FROM:TO`"),
        (&["-r", "0:1", "true"], "error: the value of `--rewrite` is not `FROM:TO`"),
        (&["-r", "TERM:1", "true"], "error: the value of `--rewrite` is not `FROM:TO`"),
    ] {
        run(&scene, "dumb-init", arguments).code(1).stderr_has(message).stderr_has("Usage: dumb-init [option]");
    }
    assert!(run(&scene, "dumb-init", &["--help"]).code(0).stdout.starts_with("Usage: dumb-init"));
    assert!(run(&scene, "dumb-init", &["-V"]).code(0).stdout.starts_with("dumb-init of fitout "));
}

#[test]
fn dumb_init_gives_a_session_and_tells_the_group() {
    let scene = scene();
    let place = "read -r _ _ _ _ group session rest < /proc/$$/stat; echo $$ $group $session";
    let places = |arguments: &[&str]| {
        let ran = run(&scene, "dumb-init", arguments).code(0);
        ran.stdout.split_whitespace().map(|id| id.parse().unwrap()).collect::<Vec<i32>>()
    };
    let own = places(&["sh", "-c", place]);
    assert!(own.iter().all(|id| *id == own[0]), "{own:?}");
    let single = places(&["-c", "sh", "-c", place]);
    assert_ne!(single[0], single[2], "no session of its own");

    // The end of the command is told to what is left of its group, as what TERM is rewritten to.
    let left = "(trap 'echo hup > told; exit' HUP; echo > there; while :; do sleep 0.02; done) & \
                while [ ! -e there ]; do sleep 0.02; done; exit 3";
    run(&scene, "dumb-init", &["-r", "15:1", "sh", "-c", left]).code(3);
    until("what is left is told", || scene.exists("told"));

    let mut watched = Watched::start(called(
        &scene,
        "dumb-init",
        &[
            "-r",
            "15:3",
            "-r",
            "1:0",
            "sh",
            "-c",
            "trap 'echo quit; exit 4' QUIT; trap 'echo hup' HUP; echo ready; while :; do sleep 0.02; done",
        ],
    ));
    watched.send(libc::SIGHUP);
    watched.send(libc::SIGTERM);
    assert_eq!(watched.line(), "quit");
    watched.end().code(4);
}

#[test]
fn a_stop_from_a_terminal_stops_dumb_init_and_its_session_until_they_are_continued() {
    let scene = scene();
    let watched = Watched::start(called(&scene, "dumb-init", &["sh", "-c", "echo ready; exec sleep 1000"]));
    let stopped = |id: i32| crate::supervise::status(id, "State").starts_with('T');
    for signal in [libc::SIGTSTP, libc::SIGTTIN, libc::SIGTTOU] {
        watched.send(signal);
        let id = watched.id();
        until("dumb-init stops", || stopped(id));
        let list = std::fs::read_to_string(format!("/proc/{id}/task/{id}/children")).unwrap();
        let child: i32 = list.trim().parse().unwrap();
        until("its command stops", || stopped(child));
        watched.send(libc::SIGCONT);
        until("its command goes on", || !stopped(child));
    }
    watched.send(libc::SIGTERM);
    watched.end().code(143);
}

/// The program with the users and groups of the scene in the place of the machine's.
fn with_users(scene: &Scene, name: &str, user: &str, command: &[&str]) -> Ran {
    let script = "mount --bind etc/passwd /etc/passwd && mount --bind etc/group /etc/group && exec \"$@\"";
    let program = scene.path(name).display().to_string();
    let mut unshared = Command::new("unshare");
    unshared.args(["--mount", "/bin/sh", "-c", script, "sh", &program, user]).args(command);
    unshared
        .current_dir(&scene.directory)
        .env_clear()
        .env("PATH", "/usr/sbin:/usr/bin:/sbin:/bin")
        .env("HOME", "/bogus");
    unshared.stdin(Stdio::null()).output().unwrap().into()
}

#[test]
fn gosu_and_su_exec_take_users_as_people_write_them() {
    if !root_or_skip("gosu_and_su_exec_take_users_as_people_write_them") {
        return;
    }
    let scene = scene();
    let root = USERS.iter().find(|(user, _)| *user == "0").unwrap().1;
    for name in ["gosu", "su-exec"] {
        users(&scene, &USERS, |user| with_users(&scene, name, user, &WHO));
        // Where nothing is named the present user stays, with what belongs to him.
        users(&scene, &["", ":", "0:", "root:"].map(|user| (user, root)), |user| with_users(&scene, name, user, &WHO));
        for user in [
            "bogus",
            "0day",
            "0:bogus",
            "0:0day",
            "4294967296",
            "4294967295",
            "-1",
            "1000:4294967296",
            "1000:-1",
            "a b",
            "1:2:3",
        ] {
            let ran = with_users(&scene, name, user, &["echo", "ran"]).code(1).lacks("ran");
            assert!(ran.stderr.starts_with("error: cannot "), "{user}: {}", ran.stderr);
        }
    }
}

#[test]
fn gosu_and_su_exec_say_what_they_need() {
    let scene = scene();
    for name in ["gosu", "su-exec"] {
        for arguments in [&[] as &[&str], &["0"]] {
            run(&scene, name, arguments)
                .code(1)
                .stderr_has("error: a user and a command are needed")
                .stderr_has(&format!("Usage: {name} USER[:GROUP] COMMAND [ARGS]"));
        }
        assert!(run(&scene, name, &["--help"]).code(0).stdout.starts_with("Usage: "));
        assert!(run(&scene, name, &["-v"]).code(0).stdout.starts_with(name));
        let own = nix::unistd::geteuid().to_string();
        for program in ["/no/such", "/etc"] {
            run(&scene, name, &[&own, program]).code(1).stderr_has("error: cannot execute");
        }
    }
}

#[test]
fn gosu_and_su_exec_do_nothing_with_the_setuid_bit() {
    if !root_or_skip("gosu_and_su_exec_do_nothing_with_the_setuid_bit") {
        return;
    }
    let scene = scene();
    for (name, mode) in [("gosu", 0o4755), ("su-exec", 0o2755)] {
        std::fs::remove_file(scene.path(name)).unwrap();
        // By another process: a descriptor of ours would be inherited by what other tests start, and the file be busy.
        assert!(Command::new("cp").args([binary(), scene.path(name)]).status().unwrap().success());
        scene.mode(name, mode);
        let mut command = called(&scene, name, &["0", "echo", "ran"]);
        std::os::unix::process::CommandExt::uid(&mut command, 1234);
        std::os::unix::process::CommandExt::gid(&mut command, 1234);
        Ran::from(command.output().unwrap())
            .code(1)
            .stderr_has(&format!("error: cannot act as `{name}`: it has the setuid or setgid bit"))
            .lacks("ran\n");
    }
}

/// The capabilities SETGID and SETUID of a file, permitted and effective, as the kernel keeps them.
const CAPABILITIES: [u8; 20] = [1, 0, 0, 2, 0xc0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];

#[test]
fn who_gets_capabilities_from_the_file_becomes_nobody_else() {
    if !root_or_skip("who_gets_capabilities_from_the_file_becomes_nobody_else") {
        return;
    }
    let scene = scene();
    for (name, arguments, code) in [("gosu", &["0", "echo", "ran"][..], 1), ("sh", &["-c", "echo ran"], 2)] {
        let _ = std::fs::remove_file(scene.path(name));
        assert!(Command::new("cp").args([binary(), scene.path(name)]).status().unwrap().success());
        scene.mode(name, 0o755);
        rustix::fs::setxattr(scene.path(name), "security.capability", &CAPABILITIES, rustix::fs::XattrFlags::empty())
            .unwrap();
        let mut command = called(&scene, name, arguments);
        std::os::unix::process::CommandExt::uid(&mut command, 1234);
        std::os::unix::process::CommandExt::gid(&mut command, 1234);
        Ran::from(command.output().unwrap())
            .code(code)
            .stderr_has(&format!("error: cannot act as `{name}`: it has file capabilities"))
            .lacks("ran\n");
        // Root has them anyway.
        Ran::from(called(&scene, name, arguments).output().unwrap()).code(0);
    }
}

#[test]
fn a_pair_of_names_is_the_usual_entrypoint() {
    if !root_or_skip("a_pair_of_names_is_the_usual_entrypoint") {
        return;
    }
    let scene = scene();
    let gosu = scene.path("gosu").display().to_string();
    let ran = run(&scene, "tini", &["--", &gosu, "1234:2345", "sh", "-c", "id -u; id -g; exit 9"]).code(9);
    assert_eq!(ran.stdout, "1234\n2345\n");
}
