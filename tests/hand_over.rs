//! What the application finds: user, limits, capabilities, directory, environment, signals, descriptors.

use std::os::fd::AsRawFd;
use std::os::unix::process::CommandExt;
use std::process::{Command, Stdio};

use crate::harness::{Ran, Scene, root_or_skip, skip};

const STATUS: &str = "/proc/self/status";

/// A line of `/proc/self/status` as the application prints it.
#[track_caller]
fn field<'a>(status: &'a str, name: &str) -> &'a str {
    let line = status.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':'));
    line.unwrap_or_else(|| panic!("no {name} in {status}")).trim()
}

#[track_caller]
fn set(status: &str, name: &str) -> u64 {
    u64::from_str_radix(field(status, name), 16).unwrap()
}

/// The application is `grep`, which prints its own lines of this name.
fn status(scene: &Scene, flags: &[&str], pattern: &str) -> Ran {
    let command = ["--", "grep", "-E", pattern, STATUS];
    scene.env("PATH", "/usr/bin:/bin");
    scene.run(&[&["exec"], flags, &command].concat())
}

/// With this disposition and these signals blocked, which a shell could not arrange.
#[allow(unsafe_code, reason = "what a child inherits has to be arranged in the child")]
pub(crate) fn inheriting(command: &mut Command, ignored: &'static [i32], blocked: &'static [i32]) {
    let arrange = move || {
        let mask = blocked.iter().fold(0_u64, |set, signal| set | 1 << (signal - 1));
        // SAFETY: system calls only; the mask lives until the call is over.
        unsafe {
            for signal in 1..=64 {
                nix::libc::signal(signal, nix::libc::SIG_DFL);
            }
            for signal in ignored {
                nix::libc::signal(*signal, nix::libc::SIG_IGN);
            }
            nix::libc::syscall(
                nix::libc::SYS_rt_sigprocmask,
                nix::libc::SIG_SETMASK,
                &raw const mask,
                std::ptr::null::<u64>(),
                8,
            );
        }
        Ok(())
    };
    // SAFETY: the closure only makes system calls.
    unsafe { command.pre_exec(arrange) };
}

#[test]
fn inherited_masks_and_ignored_signals_reach_the_application_exactly() {
    let scene = Scene::new();
    scene.env("PATH", "/usr/bin:/bin");
    let plan = "version: 1\nsteps:\n  - run: { command: [\"true\"] }\nexec: { command: [cat, /proc/self/status] }\n";
    scene.file("plan.yaml", plan);
    for (ignored, blocked) in
        [(&[] as &[i32], &[] as &[i32]), (&[1, 13, 22], &[10, 15]), (&[2, 3, 15, 17], &[1, 13, 17, 34, 40, 64])]
    {
        for arguments in [&["exec", "--", "cat", STATUS] as &[&str], &["apply", "plan.yaml"]] {
            let mut command = scene.command(arguments);
            inheriting(&mut command, ignored, blocked);
            let ran: Ran = command.output().unwrap().into();
            let ran = ran.code(0);
            let bits = |signals: &[i32]| signals.iter().fold(0_u64, |set, signal| set | 1 << (signal - 1));
            // Those that the C library of this test keeps to itself are as they were.
            let known = set(&ran.stdout, "SigIgn") & !bits(&[32, 33, 34]);
            assert_eq!(known, bits(ignored), "{ignored:?} {arguments:?}");
            assert_eq!(set(&ran.stdout, "SigBlk"), bits(blocked), "{blocked:?} {arguments:?}");
            assert_eq!(set(&ran.stdout, "SigCgt"), 0);
        }
    }
}

#[test]
fn the_end_of_a_program_is_seen_also_where_its_signal_was_blocked_or_ignored() {
    let scene = Scene::with_plan(
        "version: 1\nsteps:\n  - run: { command: [/bin/sh, -c, \"exec >&- 2>&-; sleep 0.3; exit 0\"] }\n    timeout: 20s\n",
    );
    scene.env("PATH", "/usr/bin:/bin");
    for (ignored, blocked) in [(&[] as &[i32], &[17] as &[i32]), (&[17], &[]), (&[17], &[17])] {
        let mut command = scene.command(&["apply", "plan.yaml"]);
        inheriting(&mut command, ignored, blocked);
        Ran::from(command.output().unwrap()).code(0);
    }
}

#[test]
fn a_program_of_a_step_has_no_signal_blocked() {
    let scene = Scene::with_plan(
        "version: 1\nsteps:\n  - run: { command: [/bin/sh, -c, \"exec grep ^SigBlk /proc/self/status\"] }\n",
    );
    scene.env("PATH", "/usr/bin:/bin");
    scene.apply().code(0).stderr_has("SigBlk:\\t0000000000000000");
}

#[test]
fn descriptors_that_were_inherited_stay_and_ours_do_not() {
    let scene = Scene::with_plan("version: 1\nsteps:\n  - render: { text: x, path: /a }\n");
    scene.env("PATH", "/usr/bin:/bin").env("HERE", &scene.directory);
    let file = std::fs::File::open("/dev/null").unwrap();
    let number = file.as_raw_fd();
    for arguments in
        [&["exec", "--", "ls", "/proc/self/fd"] as &[&str], &["apply", "plan.yaml", "--", "ls", "/proc/self/fd"]]
    {
        let mut without_us = Command::new("ls");
        without_us.arg("/proc/self/fd");
        let [found, wanted] = [scene.command(arguments), without_us].map(|mut command| {
            // SAFETY: one system call.
            #[allow(unsafe_code, reason = "the descriptor has to be doubled in the child")]
            unsafe {
                command.pre_exec(move || {
                    if nix::libc::dup2(number, 77) == 77 { Ok(()) } else { Err(std::io::Error::last_os_error()) }
                });
            }
            Ran::from(command.output().unwrap()).code(0).stdout
        });
        assert_eq!(found, wanted);
        assert!(found.contains("77\n"), "{found}");
    }
}

#[test]
fn limits_are_set_and_refused_in_words() {
    let scene = Scene::new();
    let script = "ulimit -Sn; ulimit -Hn; ulimit -c; ulimit -Hs";
    let limits = ["--limit", "nofile=100:200", "--limit", "core=0", "--limit", "stack=1048576:unlimited"];
    let ran = scene.run(&[&["exec"], &limits[..], &["--", "/bin/sh", "-c", script]].concat());
    // Who is not root may not raise the hard limit of the stack, where it is not unlimited already.
    if nix::unistd::geteuid().is_root() {
        assert_eq!(ran.code(0).stdout, "100\n200\n0\nunlimited\n");
    }
    for (limit, message) in [
        ("nofil=1", "error: unknown key `nofil`"),
        ("nofile=-1", "error: not a limit"),
        ("nofile=2:1", "error: the soft limit is above the hard one"),
        ("nofile", "error: `nofile` is no `NAME=NUMBER`"),
    ] {
        scene.run(&["exec", "--limit", limit, "--", "/bin/true"]).code(2).stderr_has(message);
    }
    if root_or_skip("limits_are_set_and_refused_in_words") {
        let refused =
            scene.command_as(1234, &["exec", "--limit", "nofile=99999999", "--", "/bin/true"]).output().unwrap();
        Ran::from(refused)
            .code(126)
            .stderr_has("error: cannot set the limit `nofile`: operation not permitted")
            .stderr_has("hint: this needs the capability SYS_RESOURCE to raise a hard limit");
    }
}

#[test]
fn the_nice_value_is_set_and_refused_in_words() {
    let scene = Scene::new();
    scene.env("PATH", "/usr/bin:/bin");
    assert_eq!(scene.run(&["exec", "--nice", "7", "--", "nice"]).code(0).stdout, "7\n");
    for wrong in ["20", "-21", "x", "4294967296"] {
        scene.run(&["exec", "--nice", wrong, "--", "nice"]).code(2).stderr_has("error: not a number from -20 to 19");
    }
    if root_or_skip("the_nice_value_is_set_and_refused_in_words") {
        assert_eq!(scene.run(&["exec", "--nice", "-5", "--user", "1:1", "--", "nice"]).code(0).stdout, "-5\n");
        let refused = scene.command_as(1234, &["exec", "--nice", "-5", "--", "/bin/true"]).output().unwrap();
        Ran::from(refused).code(126).stderr_has("error: cannot set the nice value -5: permission denied");
    }
}

#[test]
fn the_umask_is_set_always_or_only_in_place_of_another() {
    let scene = Scene::new();
    let umask = |outer: &str, given: &str| {
        scene.shell(&format!("umask {outer}; fitout exec --umask {given} -- /bin/sh -c umask")).code(0).stdout
    };
    assert_eq!(umask("0022", "0077"), "0077\n");
    assert_eq!(umask("0022", "0022=0077"), "0077\n");
    assert_eq!(umask("0027", "0022=0077"), "0027\n");
    let plan = "version: 1\nexec: { command: [/bin/sh, -c, umask], umask: { \"0022\": \"0077\" } }\n";
    scene.file("plan.yaml", plan);
    assert_eq!(scene.shell("umask 0022; fitout apply plan.yaml").code(0).stdout, "0077\n");
    assert_eq!(scene.shell("umask 0002; fitout apply plan.yaml").code(0).stdout, "0002\n");
    for wrong in ["{}", "{ \"0022\": \"0077\", \"0002\": \"0077\" }", "\"8\"", "{ \"0022\": \"x\" }"] {
        scene.file("plan.yaml", format!("version: 1\nexec: {{ command: [\"true\"], umask: {wrong} }}\n"));
        scene.run(&["check", "plan.yaml"]).code(3).stderr_has("umask");
    }
}

#[test]
fn capabilities_outlive_the_change_of_user_and_the_others_are_gone_for_good() {
    if !root_or_skip("capabilities_outlive_the_change_of_user_and_the_others_are_gone_for_good") {
        return;
    }
    let scene = Scene::new();
    let ran = status(
        &scene,
        &["--user", "1234:1234", "--bounding", "NET_BIND_SERVICE,CHOWN", "--ambient", "CAP_NET_BIND_SERVICE"],
        "Cap|Uid",
    );
    let ran = ran.code(0);
    let bind = 1 << 10;
    for name in ["CapPrm", "CapEff", "CapInh", "CapAmb"] {
        assert_eq!(set(&ran.stdout, name), bind, "{name}");
    }
    assert_eq!(set(&ran.stdout, "CapBnd"), bind | 1);
    assert_eq!(field(&ran.stdout, "Uid"), "1234\t1234\t1234\t1234");

    let root = status(&scene, &["--bounding", "none"], "Cap|Uid").code(0);
    assert!(field(&root.stdout, "Uid").starts_with("0\t"));
    for name in ["CapPrm", "CapEff", "CapInh", "CapAmb", "CapBnd"] {
        assert_eq!(set(&root.stdout, name), 0, "{name}");
    }
    let plain = status(&scene, &["--user", "1234:1234"], "Cap").code(0);
    assert_eq!(set(&plain.stdout, "CapEff"), 0);
    assert_ne!(set(&plain.stdout, "CapBnd"), 0, "only what is asked for is given up");
}

#[test]
fn capabilities_that_nobody_has_are_refused_in_words() {
    let scene = Scene::new();
    for (flags, message) in [
        (["--bounding", "NET_BIND"], "error: not a capability"),
        (["--ambient", "none,everything"], "error: not a capability"),
    ] {
        scene.run(&["exec", flags[0], flags[1], "--", "/bin/true"]).code(2).stderr_has(message);
    }
    scene
        .run(&["exec", "--bounding", "CHOWN", "--ambient", "KILL", "--", "/bin/true"])
        .code(2)
        .stderr_has("error: `KILL` is given up by `bounding`");
    if !root_or_skip("capabilities_that_nobody_has_are_refused_in_words") {
        return;
    }
    let as_user = |flags: &[&str]| {
        let arguments = [&["exec"], flags, &["--", "/bin/true"]].concat();
        Ran::from(scene.command_as(1234, &arguments).output().unwrap())
    };
    as_user(&["--bounding", "none"])
        .code(126)
        .stderr_has("error: cannot give up capabilities: operation not permitted")
        .stderr_has("hint: this needs the capability SETPCAP");
    as_user(&["--ambient", "CHOWN"]).code(126).stderr_has("error: cannot keep capabilities as `ambient` says");
}

#[test]
fn the_directory_is_entered_as_the_user() {
    if !root_or_skip("the_directory_is_entered_as_the_user") {
        return;
    }
    let scene = Scene::new();
    scene.env("PATH", "/usr/bin:/bin").directory("d").owned("d", 1234, 1234).mode("d", 0o700);
    let directory = scene.path("d").display().to_string();
    let enter = |user: &str| scene.run(&["exec", "--user", user, "--directory", &directory, "--", "pwd"]);
    assert_eq!(enter("1234:1234").code(0).stdout, format!("{directory}\n"));
    enter("2345:2345")
        .code(126)
        .stderr_has(&format!("error: cannot change to the directory `{directory}`: permission denied"));
    scene
        .run(&["exec", "--directory", "/missing", "--", "pwd"])
        .code(126)
        .stderr_has("error: cannot change to the directory `/missing`: no such file or directory");
    scene.run(&["exec", "--directory", "relative", "--", "pwd"]).code(2);
}

#[test]
fn only_root_changes_the_user_when_that_is_asked() {
    if !root_or_skip("only_root_changes_the_user_when_that_is_asked") {
        return;
    }
    let scene = Scene::new();
    scene.env("PATH", "/usr/bin:/bin").env("HOME", "/before");
    let flags = ["exec", "--user", "1234:1234", "--drop-only-if-root", "--", "sh", "-c", "id -u; echo $HOME"];
    assert_eq!(scene.run(&flags).code(0).stdout, "1234\n/\n");
    let other = Ran::from(scene.command_as(77, &flags).output().unwrap()).code(0);
    assert_eq!(other.stdout, "77\n/before\n");
    let plan = "version: 1\nexec: { command: [\"true\"], drop_only_if_root: true }\n";
    scene.file("plan.yaml", plan);
    scene.run(&["check", "plan.yaml"]).code(3).stderr_has("error: `drop_only_if_root` has no meaning without `user`");
}

/// Each row is a user as people write it, and the user, group, groups and home that the application has; by the files of the
/// scene, of which `app` is in two groups.
pub(crate) const USERS: [(&str, &str); 12] = [
    ("0", "0 0 0,7 /root"),
    ("root", "0 0 0,7 /root"),
    ("0:0", "0 0 0 /root"),
    ("root:web", "0 80 80 /root"),
    ("0:1000", "0 1000 1000 /root"),
    ("1000", "1000 0 0 /"),
    ("1000:1000", "1000 1000 1000 /"),
    ("1000:web", "1000 80 80 /"),
    ("app", "4321 4322 80,999,4322 /home/app"),
    ("4321", "4321 4322 80,999,4322 /home/app"),
    ("app:999", "4321 999 999 /home/app"),
    (":80", "0 80 80 /root"),
];

pub(crate) fn users(scene: &Scene, rows: &[(&str, &str)], run: impl Fn(&str) -> Ran) {
    scene
        .file("etc/passwd", "root:x:0:0::/root:\napp:x:4321:4322:App:/home/app:/none\n")
        .file("etc/group", "root:x:0:\nweb:x:80:app\ndaemon:x:7:root\nmore:x:999:app\napp:x:4322:\n");
    for (user, wanted) in rows {
        let ran = run(user).code(0);
        let id = |name| field(&ran.stdout, name).split('\t').next().unwrap().to_owned();
        // Whether the group itself is listed among the others makes no difference.
        let listed = field(&ran.stdout, "Groups").split(' ').filter(|id| !id.is_empty());
        let mut groups: Vec<u32> = listed.chain([id("Gid").as_str()]).map(|id| id.parse().unwrap()).collect();
        groups.sort_unstable();
        groups.dedup();
        let groups: Vec<String> = groups.iter().map(u32::to_string).collect();
        let home = ran.stdout.lines().last().unwrap();
        assert_eq!(format!("{} {} {} {home}", id("Uid"), id("Gid"), groups.join(",")), *wanted, "{user}");
    }
}

/// The application of [`users`].
pub(crate) const WHO: [&str; 3] = ["/bin/sh", "-c", "grep -E '^(Uid|Gid|Groups):' /proc/self/status; echo $HOME"];

#[test]
fn users_by_number_and_name_with_their_groups_and_home() {
    if !root_or_skip("users_by_number_and_name_with_their_groups_and_home") {
        return;
    }
    let scene = Scene::new();
    scene.env("PATH", "/usr/bin:/bin").env("HOME", "/bogus");
    users(&scene, &USERS, |user| scene.run(&[&["exec", "--user", user, "--"], &WHO[..]].concat()));
}

#[test]
fn the_environment_is_kept_cut_and_set() {
    let scene = Scene::new();
    for (name, value) in [("PATH", "/usr/bin:/bin"), ("LC_A", "1"), ("LC_B", "2"), ("SECRET_X", "3"), ("Z", "4")] {
        scene.env(name, value);
    }
    let environment = |flags: &[&str]| {
        let ran = scene.run(&[&["exec"], flags, &["--", "env"]].concat()).code(0);
        let mut lines: Vec<String> =
            ran.stdout.lines().filter(|line| !line.starts_with("FITOUT_ROOT=")).map(str::to_owned).collect();
        lines.sort();
        lines.join(" ")
    };
    assert_eq!(environment(&["--keep", "LC_*", "--keep", "PATH"]), "LC_A=1 LC_B=2 PATH=/usr/bin:/bin");
    assert_eq!(environment(&["--unset", "LC_*", "--unset", "SECRET_*"]), "PATH=/usr/bin:/bin Z=4");
    assert_eq!(environment(&["--keep", "PATH", "--set", "Z=5=6", "--set", "NEW="]), "NEW= PATH=/usr/bin:/bin Z=5=6");
    assert_eq!(
        environment(&["--keep", "PATH", "--unset", "PATH", "--set", "PATH=/bin:/usr/bin"]),
        "PATH=/bin:/usr/bin"
    );
    scene.run(&["exec", "--unset", "", "--", "env"]).code(2).stderr_has("error: not the name of a variable");
    scene
        .run(&["exec", "--set", "=x", "--", "env"])
        .code(4)
        .stderr_has("error: cannot set the environment variable ``: not a name");
    if root_or_skip("the_environment_is_kept_cut_and_set") {
        assert_eq!(environment(&["--user", "1:1", "--keep", "PATH", "--set", "A=1"]), "A=1 HOME=/ PATH=/usr/bin:/bin");
        assert_eq!(environment(&["--user", "1:1", "--keep", "PATH", "--set", "HOME=/x"]), "HOME=/x PATH=/usr/bin:/bin");
        assert_eq!(environment(&["--user", "1:1", "--keep", "PATH", "--unset", "HOME"]), "PATH=/usr/bin:/bin");
    }
}

#[test]
fn files_stand_in_for_variables_of_the_application() {
    let scene = Scene::new();
    scene.env("PATH", "/usr/bin:/bin").env("DB_PASSWORD_FILE", "/run/secrets/db").env("DB_USER", "plain");
    scene.env("EMPTY_FILE", "").file("run/secrets/db", "hunter2 $x\n\n");
    let script = "echo \"[$DB_PASSWORD] [$DB_USER]\"; env | grep -c _FILE";
    let run = |names: &[&str]| {
        let flags: Vec<&str> = names.iter().flat_map(|name| ["--file-env", name]).collect();
        scene.run(&[&["exec"], &flags[..], &["--", "sh", "-c", script]].concat())
    };
    assert_eq!(run(&["DB_PASSWORD"]).stdout, "[hunter2 $x] [plain]\n1\n");
    assert_eq!(run(&["DB_*", "EMPTY", "NEVER"]).stdout, "[hunter2 $x] [plain]\n0\n");
    assert_eq!(run(&[]).stdout, "[] [plain]\n2\n");

    scene.env("DB_USER_FILE", "/run/secrets/db");
    run(&["DB_*"]).code(4).stderr_has("error: both `DB_USER` and `DB_USER_FILE` are set").lacks("hunter2");
    scene.env("DB_USER_FILE", "/run/secrets/missing").env("DB_USER", "");
    run(&["DB_USER"]).code(4).stderr_has("error: cannot read `/run/secrets/missing`, named by `DB_USER_FILE`");
    scene.env("DB_USER_FILE", "relative");
    run(&["DB_USER"]).code(4).stderr_has("the path is not absolute");
}

#[test]
fn a_pipe_that_closes_ends_the_application_as_it_would_without_us() {
    let scene = Scene::new();
    scene.env("PATH", "/usr/bin:/bin");
    // `yes` is ended by SIGPIPE; one that is ignored would make it fail with a message.
    let ran = scene.shell("fitout exec -- yes | head -1").code(0);
    assert_eq!((ran.stdout.as_str(), ran.stderr.as_str()), ("y\n", ""));
    let mut command = scene.command(&["exec", "--", "yes"]);
    inheriting(&mut command, &[13], &[]);
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(1), "SIGPIPE was ignored before us, and stays so");
}

#[test]
fn a_signal_before_the_first_instruction_is_not_lost() {
    if !std::path::Path::new("/usr/bin/strace").exists() {
        return skip("a_signal_before_the_first_instruction_is_not_lost", "strace");
    }
    let scene = Scene::with_plan("version: 1\nsteps:\n  - wait: { targets: [\"file:///never\"], timeout: 1h }\n");
    // The signal comes with the first system call after the mask is set.
    let options = ["-o", "/dev/null", "-e", "inject=poll:signal=SIGTERM:when=1"];
    let output = scene.traced(&options, &["apply", "plan.yaml"]).stdin(Stdio::null()).output().unwrap();
    assert_eq!(output.status.code(), Some(143), "{}", String::from_utf8_lossy(&output.stderr));
}
