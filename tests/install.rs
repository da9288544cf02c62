//! `fitout install`: the program in a volume, whole at every moment, also while it is executed from there.

use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use crate::confine::can_confine;
use crate::harness::{Ran, Scene, binary, root_or_skip, skip};

/// A scene with two programs that do the same and are not equal, and an empty volume.
fn scene() -> Scene {
    let scene = Scene::new();
    // Without what is there for debugging it is copied in a tenth of the time.
    let strip = Command::new("strip").arg("-o").arg(scene.path("stripped")).arg(binary()).status();
    let stripped = strip.is_ok_and(|status| status.success());
    let program = std::fs::read(if stripped { scene.path("stripped") } else { binary() }).unwrap();
    scene.file("one", &program).file("two", [&program[..], b"two"].concat()).directory("volume");
    scene.mode("one", 0o755).mode("two", 0o755);
    scene
}

fn command(directory: &Path, program: &str, arguments: &[&str]) -> Command {
    let mut command = Command::new(directory.join(program));
    command.env_clear().env("FITOUT_ROOT", directory).args(arguments).stdin(Stdio::null());
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

fn install(scene: &Scene, program: &str, path: &str) -> Ran {
    command(&scene.directory, program, &["install", path]).output().unwrap().into()
}

fn same(scene: &Scene, one: &str, other: &str) -> bool {
    std::fs::read(scene.path(one)).unwrap() == std::fs::read(scene.path(other)).unwrap()
}

#[test]
fn the_program_is_installed_once_and_works_there() {
    let scene = scene();
    let bytes = scene.path("one").metadata().unwrap().len();
    for (path, made) in [
        ("/volume/tool", "volume/tool"),
        ("/volume", "volume/fitout"),
        ("/volume/", "volume/fitout"),
        ("/made", "made"),
    ] {
        let ran = install(&scene, "one", path).code(0);
        if path != "/volume/" {
            let version = env!("CARGO_PKG_VERSION");
            let told = format!("fitout: `/{made}`: installed, {bytes} bytes of version {version}\n");
            assert!(ran.stderr.ends_with(&told), "{}", ran.stderr);
        }
        assert!(same(&scene, "one", made) && scene.stat(made).ends_with(" 0555"), "{path}");
        let before = scene.identity(made);
        install(&scene, "one", path).code(0).stderr_has(&format!("fitout: `/{made}`: unchanged\n"));
        // From itself, too.
        install(&scene, made, path).code(0).stderr_has("unchanged");
        assert_eq!(scene.identity(made), before);
    }
    assert_eq!(scene.names("volume"), ["fitout", "tool"]);
    let ran = Ran::from(command(&scene.directory, "volume/fitout", &["--version"]).output().unwrap()).code(0);
    assert!(ran.stdout.starts_with("fitout "), "{ran:?}");
}

#[test]
fn what_is_there_is_replaced_and_links_are_not_followed() {
    let scene = scene();
    scene.file("kept", "old").link("../kept", "volume/link").link("nowhere", "volume/dangling");
    scene.directory("elsewhere").link("../elsewhere", "volume/directory");
    scene.file("volume/file", "old").file("volume/wrong-mode", std::fs::read(scene.path("one")).unwrap());
    std::fs::hard_link(scene.path("volume/file"), scene.path("second")).unwrap();
    install(&scene, "one", "/volume/directory")
        .code(6)
        .stderr_has("cannot install `/volume/directory`: it is a link to a directory\n")
        .stderr_has("hint: to install into the directory write `/volume/directory/`\n");
    for name in ["link", "dangling", "file", "wrong-mode"] {
        install(&scene, "one", &format!("/volume/{name}")).code(0).stderr_has("installed");
        let made = format!("volume/{name}");
        assert!(!scene.path(&made).is_symlink() && same(&scene, "one", &made), "{name}");
        assert!(scene.stat(&made).ends_with(" 0555"), "{name}");
    }
    assert_eq!((scene.read("kept"), scene.read("second")), ("old".into(), "old".into()));
    assert!(scene.path("volume/directory").is_symlink() && scene.names("elsewhere").is_empty());
    install(&scene, "one", "/volume/directory/").code(0);
    assert_eq!(scene.names("elsewhere"), ["fitout"]);
}

/// The installation, traced with what `strace` is told, and the trace.
fn traced(scene: &Scene, arguments: &[&str], expressions: &[&str]) -> Option<(Ran, String)> {
    let mut command = Command::new("strace");
    command.args(["-f", "-y", "-o", "trace"]).args(expressions.iter().flat_map(|expression| ["-e", expression]));
    command.arg(scene.path("one")).args(arguments).current_dir(&scene.directory).env("FITOUT_ROOT", &scene.directory);
    let ran = command.output().ok()?.into();
    Some((ran, scene.read("trace")))
}

#[test]
fn it_can_write_only_in_the_directory_that_it_installs_to() {
    let test = "it_can_write_only_in_the_directory_that_it_installs_to";
    if !can_confine(test) {
        return;
    }
    let expressions = ["trace=landlock_add_rule,landlock_restrict_self,openat,openat2,rename,renameat"];
    for (confine, path) in [("required", "/volume"), ("auto", "/volume/tool"), ("off", "/volume/other")] {
        let scene = scene();
        let Some((ran, trace)) = traced(&scene, &["install", path, "--confine", confine], &expressions) else {
            return skip(test, "strace");
        };
        ran.code(0).stderr_has("installed");
        let calls = |name: &str| trace.lines().filter(|line| line.contains(&format!(" {name}("))).collect::<Vec<_>>();
        let (rules, confined) = (calls("landlock_add_rule"), calls("landlock_restrict_self"));
        if confine == "off" {
            assert!(rules.is_empty() && confined.is_empty(), "{trace}");
            continue;
        }
        let volume = scene.path("volume").display().to_string();
        assert!(rules.len() == 1 && rules[0].contains(&format!("<{volume}>")), "{rules:?}");
        // What is written is written after it.
        let at = |call: &str| trace.find(call).unwrap_or_else(|| panic!("no {call}: {trace}"));
        assert!(confined.len() == 1 && at("landlock_restrict_self(") < at("O_CREAT"), "{trace}");
        assert!(at("O_CREAT") < at("renameat("), "{trace}");
    }
}

#[test]
fn without_landlock_it_says_so_or_installs_nothing() {
    let test = "without_landlock_it_says_so_or_installs_nothing";
    let why = "the kernel has no Landlock";
    let expressions = ["trace=landlock_create_ruleset", "inject=landlock_create_ruleset:error=ENOSYS"];
    let scene = scene();
    let Some((ran, _)) = traced(&scene, &["install", "/volume", "--confine", "required"], &expressions) else {
        return skip(test, "strace");
    };
    ran.code(1).stderr_has(&format!("error: cannot confine `install`: {why}\n\nhint: it needs Linux 5.13"));
    assert!(scene.names("volume").is_empty());
    let (ran, _) = traced(&scene, &["install", "/volume"], &expressions).unwrap();
    let ran = ran.code(0).stderr_has(": installed, ");
    assert!(ran.stderr.starts_with(&format!("fitout: `install` is not confined: {why}\n")), "{}", ran.stderr);
}

#[test]
fn the_file_belongs_to_whoever_installs_it() {
    if !root_or_skip("the_file_belongs_to_whoever_installs_it") {
        return;
    }
    let scene = scene();
    scene.owned("volume", 1000, 1000).file("volume/fitout", "planted").owned("volume/fitout", 1000, 1000);
    install(&scene, "one", "/volume").code(0);
    assert_eq!(scene.stat("volume/fitout"), "0:0 0555");
    let ran = command(&scene.directory, "two", &["install", "/volume"]).uid(1000).gid(1000).output().unwrap();
    Ran::from(ran).code(0);
    assert_eq!(scene.stat("volume/fitout"), "1000:1000 0555");
    // The same bytes, and an owner who could change them.
    install(&scene, "two", "/volume").code(0).stderr_has("installed");
    assert_eq!(scene.stat("volume/fitout"), "0:0 0555");
}

#[test]
fn what_cannot_be_installed_says_why() {
    let scene = scene();
    nix::unistd::mkfifo(&scene.path("volume/fifo"), nix::sys::stat::Mode::S_IRWXU).unwrap();
    scene.directory("volume/taken/fitout");
    for (path, code, message) in [
        ("volume", 2, "error: cannot install `volume`: the path is not absolute\n\nhint: start it with `/`\n"),
        ("/volume/../x", 2, "error: cannot install `/volume/../x`: the path holds `..`"),
        (
            "/missing/fitout",
            6,
            "error: cannot install `/missing/fitout`: there is no directory `/missing`\n\nhint: mount the volume there, or make the directory first: `fitout mkdir`\n",
        ),
        ("/missing/", 6, "error: cannot install `/missing/fitout`: there is no directory `/missing`"),
        ("/one/fitout", 6, "error: cannot install `/one/fitout`: not a directory"),
        ("/volume/fifo", 6, "error: cannot install `/volume/fifo`: is a FIFO, a socket or a device"),
        ("/volume/taken", 6, "error: cannot install `/volume/taken/fitout`: is a directory"),
    ] {
        install(&scene, "one", path).code(code).stderr_has(message);
    }
    assert_eq!(scene.names("volume"), ["fifo", "taken"]);
}

/// Shell words in a mount namespace of their own.
fn in_mount_namespace(scene: &Scene, script: &str) -> Ran {
    let mut command = Command::new("unshare");
    command.args(["-m", "/bin/sh", "-e", "-c", script]).current_dir(&scene.directory);
    command.env("FITOUT_ROOT", &scene.directory).output().unwrap().into()
}

#[test]
fn a_volume_that_is_full_read_only_or_a_file_keeps_what_it_has() {
    if !root_or_skip("a_volume_that_is_full_read_only_or_a_file_keeps_what_it_has") {
        return;
    }
    for (mount, message) in [
        ("mount -t tmpfs -o size=1m none volume; echo old > volume/fitout", "no space left on device"),
        (
            "mount --bind volume volume; echo old > volume/fitout; mount -o remount,ro,bind volume",
            "read-only file system",
        ),
        ("echo old > volume/fitout; mount --bind kept volume/fitout", "is a mount point"),
    ] {
        let scene = scene();
        scene.file("kept", "old\n");
        let script = format!("{mount}; ./one install /volume || echo code $?; cat volume/fitout; ls -A volume");
        let ran = in_mount_namespace(&scene, &script).code(0);
        assert_eq!(ran.stdout, "code 6\nold\nfitout\n", "{}", ran.stderr);
        assert!(ran.stderr.contains(&format!("error: cannot install `/volume/fitout`: {message}")), "{}", ran.stderr);
    }
    let scene = scene();
    let ran = Command::new("chroot")
        .arg(&scene.directory)
        .args(["/one", "install", "/volume"])
        .env_clear()
        .env("PATH", "/usr/sbin:/usr/bin:/sbin:/bin")
        .output();
    Ran::from(ran.unwrap())
        .code(6)
        .stderr_has("error: cannot read this program `/proc/self/exe`: no such file or directory")
        .stderr_has("hint: it is read through `/proc`, which has to be mounted");
}

/// Whether the installed program is one of the two, whole.
#[track_caller]
fn assert_whole(scene: &Scene) {
    assert!(same(scene, "volume/fitout", "one") || same(scene, "volume/fitout", "two"));
}

#[test]
fn it_is_replaced_while_it_is_executed() {
    let scene = scene();
    install(&scene, "one", "/volume").code(0);
    let (over, directory) = (AtomicBool::new(false), scene.directory.as_path());
    std::thread::scope(|scope| {
        let users: Vec<_> = (0..2)
            .map(|_| {
                scope.spawn(|| {
                    let mut started = 0;
                    while !over.load(Ordering::SeqCst) {
                        let ran =
                            Ran::from(command(directory, "volume/fitout", &["--version"]).output().unwrap()).code(0);
                        assert!(ran.stdout.starts_with("fitout "));
                        started += 1;
                    }
                    started
                })
            })
            .collect();
        // One that runs all the time: its file is busy.
        let mut waiting =
            command(&scene.directory, "volume/fitout", &["wait", "file:///never", "--timeout", "60s"]).spawn().unwrap();
        for round in 0..10 {
            install(&scene, ["two", "one"][round % 2], "/volume").code(0).stderr_has("installed");
            assert_whole(&scene);
        }
        // What executes it may replace itself.
        install(&scene, "volume/fitout", "/volume/fitout").code(0).stderr_has("unchanged");
        over.store(true, Ordering::SeqCst);
        waiting.kill().unwrap();
        waiting.wait().unwrap();
        assert!(users.into_iter().map(|user| user.join().unwrap()).sum::<u32>() > 0);
    });
    assert_eq!(scene.names("volume"), ["fitout"]);
}

#[test]
fn a_killed_install_leaves_a_whole_program() {
    let scene = scene();
    install(&scene, "one", "/volume").code(0);
    for round in 0..40_u64 {
        let mut child = command(&scene.directory, ["two", "one"][usize::from(round % 2 == 1)], &["install", "/volume"])
            .spawn()
            .unwrap();
        std::thread::sleep(Duration::from_micros(round * 700));
        child.kill().unwrap();
        child.wait().unwrap();
        assert_whole(&scene);
    }
    for program in ["one", "two"] {
        install(&scene, program, "/volume").code(0);
    }
    assert_eq!(scene.names("volume"), ["fitout"]);
    assert!(same(&scene, "volume/fitout", "two"));
}

#[test]
fn many_at_once_all_end_well() {
    let scene = scene();
    let children: Vec<Child> = (0..8)
        .map(|number| command(&scene.directory, ["one", "two"][number % 2], &["install", "/volume"]).spawn().unwrap())
        .collect();
    for child in children {
        Ran::from(child.wait_with_output().unwrap()).code(0);
    }
    assert_whole(&scene);
    assert_eq!(scene.names("volume"), ["fitout"]);
}
