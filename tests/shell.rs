//! Linked as `sh`, Fitout executes one simple command for programs that use `popen` and `system`.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use nix::libc;

use crate::harness::{Ran, Scene, binary, root_or_skip, skip};
use crate::supervise::{status, until};

const HINT: &str = "\n\nhint: this is fitout under the name `sh`: it executes `sh -c COMMAND` where that is one program with arguments, \
                    quotes and redirections; the image needs a shell for anything else\n";

fn scene() -> Scene {
    let scene = Scene::new();
    std::os::unix::fs::symlink(binary(), scene.path("sh")).unwrap();
    scene
}

/// A shell in a directory of the scene, with a program that shows its arguments.
fn shell(program: &Path, directory: &Path, arguments: &[&OsStr]) -> Command {
    let mut command = Command::new(program);
    std::os::unix::process::CommandExt::arg0(&mut command, "sh");
    command.args(arguments).current_dir(directory).env_clear().env("PATH", "/usr/bin:/bin").stdin(Stdio::null());
    command
}

#[track_caller]
fn run(scene: &Scene, arguments: &[&str]) -> Ran {
    let arguments: Vec<&OsStr> = arguments.iter().map(OsStr::new).collect();
    shell(&scene.path("sh"), &scene.directory, &arguments).output().unwrap().into()
}

#[test]
fn one_simple_command_is_executed_in_the_same_process() {
    let scene = scene();
    scene.file("a b", "hello\n");
    for (text, stdout) in [
        ("/usr/bin/printf '[%s]' a \"b c\" \\$HOME ''", "[a][b c][$HOME][]"),
        ("cat < \"a b\"", "hello\n"),
        ("exec cat 'a b' 2> /dev/null", "hello\n"),
        ("cat missing \"a b\" 2>/dev/null", "hello\n"),
    ] {
        let ran = run(&scene, &["-c", text]);
        assert_eq!(ran.stdout, stdout, "{text}: {}", ran.stderr);
    }
    assert_eq!(run(&scene, &["-c", "--", "cat 'a b'"]).code(0).stdout, "hello\n");
    assert_eq!(run(&scene, &["-c", "cat 'a b'", "name", "argument"]).code(0).stdout, "hello\n");
    assert!(run(&scene, &["--version"]).code(0).stdout.starts_with("sh of fitout "));

    let mut child = shell(&scene.path("sh"), &scene.directory, &["-c", "sleep 60"].map(OsStr::new)).spawn().unwrap();
    let name = format!("/proc/{}/comm", child.id());
    until("it is the program", || std::fs::read_to_string(&name).is_ok_and(|name| name == "sleep\n"));
    child.kill().unwrap();
    child.wait().unwrap();
}

#[test]
fn the_environment_is_passed_on_as_it_is() {
    let scene = scene();
    let mut command = shell(&scene.path("sh"), &scene.directory, &["-c", "/usr/bin/env"].map(OsStr::new));
    command.env("LD_LIBRARY_PATH", "/x").env("not-a-name", "é").env("PWD", "/elsewhere");
    let ran = Ran::from(command.output().unwrap()).code(0);
    let mut lines: Vec<&str> = ran.stdout.lines().collect();
    lines.sort_unstable();
    assert_eq!(lines, ["LD_LIBRARY_PATH=/x", "PATH=/usr/bin:/bin", "PWD=/elsewhere", "not-a-name=é"]);
}

#[test]
fn what_is_no_simple_command_is_refused_and_nothing_is_done() {
    let scene = scene();
    for (text, what) in [
        ("true > made; false", "`;`, another command, in column 12"),
        ("true > made | cat", "`|`, a pipe, in column 13"),
        ("true > made $X", "`$`, an expansion, in column 13"),
        ("> made", "the end, and no program in column 7"),
        ("cd / > made", "`cd`, a command of the shell itself, in column 1"),
        ("", "the end, and no program in column 1"),
        ("true > made\n", "a second line in column 12"),
    ] {
        let ran = run(&scene, &["-c", text]).code(2);
        assert_eq!(ran.stderr, format!("error: cannot execute the command: {what}{HINT}"), "{text}");
        assert!(!scene.exists("made"), "{text}");
    }
    scene.file("script", "true > made\n");
    for (arguments, what) in [
        (&[] as &[&str], "commands from standard input"),
        (&["script"], "a file of commands"),
        (&["-i"], "the option `-i`"),
        (&["-s"], "the option `-s`"),
        (&["-ec", "true"], "the option `-ec`"),
        (&["-e", "-c", "true"], "the option `-e`"),
        (&["-c"], "no command is given"),
        (&["-c", "--"], "`--` is no command"),
        (&["-c", "-e", "true"], "`-e` is no command"),
    ] {
        let ran = run(&scene, arguments).code(2);
        assert_eq!(ran.stderr, format!("error: cannot act as a shell: {what}{HINT}"), "{arguments:?}");
    }
}

#[test]
fn what_cannot_be_executed_or_opened_has_the_code_of_a_shell() {
    let scene = scene();
    scene
        .file("text", "echo from a shell\n")
        .mode("text", 0o755)
        .file("plain", "")
        .mode("plain", 0o644)
        .directory("dir");
    for (text, code, message) in [
        ("nobody", 127, "error: cannot execute `nobody`: not found in PATH"),
        ("./nobody", 127, "error: cannot execute `./nobody`: no such file"),
        ("''", 127, "error: cannot execute ``: not found in PATH"),
        ("./plain", 126, "error: cannot execute `./plain`: permission denied"),
        ("./text", 126, "error: cannot execute `./text`: exec format error"),
        ("./dir", 126, "error: cannot execute `./dir`: is a directory"),
        ("true < missing", 2, "error: cannot open `missing`: no such file or directory"),
        ("true > dir", 2, "error: cannot write to `dir`: is a directory"),
        ("true > missing/a", 2, "error: cannot write to `missing/a`: no such file or directory"),
        ("true >> ''", 2, "error: cannot write to ``: no such file or directory"),
        ("true 2>&9", 2, "error: cannot use the descriptor 9: bad file number"),
        ("true 1>&9 > made", 2, "error: cannot use the descriptor 9: bad file number"),
    ] {
        let ran = run(&scene, &["-c", text]).code(code).stderr_has(message).lacks("from a shell");
        assert!(ran.stderr.starts_with(message), "{text}: {}", ran.stderr);
    }
    assert!(!scene.exists("made"));
    // Told where standard error leads by then.
    let ran = run(&scene, &["-c", "nobody 2> told"]).code(127);
    assert_eq!(ran.stderr, "");
    assert!(scene.read("told").starts_with("error: cannot execute `nobody`"));

    let without_path = |text: &str| {
        let mut command = shell(&scene.path("sh"), &scene.directory, &["-c", text].map(OsStr::new));
        Ran::from(command.env_remove("PATH").output().unwrap())
    };
    without_path("true").code(127).stderr_has("error: cannot execute `true`: there is no PATH");
    without_path("/bin/true").code(0);
}

/// Every file of a directory with its content.
fn files(directory: &Path) -> Vec<(std::path::PathBuf, Vec<u8>)> {
    let mut found: Vec<_> = std::fs::read_dir(directory).unwrap().map(|entry| entry.unwrap().path()).collect();
    found.sort();
    found.into_iter().map(|path| (path.file_name().unwrap().into(), std::fs::read(&path).unwrap())).collect()
}

/// What a command did in a directory of its own, which had one file before.
fn did(program: &Path, scene: &Scene, directory: &str, text: &[u8]) -> (Output, Vec<(std::path::PathBuf, Vec<u8>)>) {
    let place = scene.path(directory);
    let _ = std::fs::remove_dir_all(&place);
    std::fs::create_dir(&place).unwrap();
    std::fs::write(place.join("a"), "there\n").unwrap();
    let output = shell(program, &place, &[OsStr::new("-c"), OsStr::from_bytes(text)]).output().unwrap();
    (output, files(&place))
}

/// Where we execute something, `dash` does the same: output, exit code, files.
fn same_as_dash(scene: &Scene, text: &[u8]) -> bool {
    let shown = String::from_utf8_lossy(text);
    let (ours, our_files) = did(&scene.path("sh"), scene, "ours", text);
    let told = String::from_utf8_lossy(&ours.stderr);
    if told.starts_with("error: cannot execute the command: ") {
        assert_eq!(ours.status.code(), Some(2), "{shown}");
        assert_eq!(our_files, [("a".into(), b"there\n".to_vec())], "{shown}");
        return false;
    }
    let (theirs, their_files) = did(Path::new("/usr/bin/dash"), scene, "theirs", text);
    assert_eq!(ours.status.code(), theirs.status.code(), "{shown}: {told} {theirs:?}");
    assert_eq!(ours.stdout, theirs.stdout, "{shown}: {told} {theirs:?}");
    let failed_before = told.starts_with("error: ");
    if !failed_before {
        assert_eq!(ours.stderr, theirs.stderr, "{shown}");
    }
    // The message of a failure is in the words of each.
    let plain = |files: &[(std::path::PathBuf, Vec<u8>)]| {
        let own = |content: &[u8]| content.starts_with(b"error: ") || content.starts_with(b"sh: ");
        files
            .iter()
            .map(|(name, content)| (name.clone(), if own(content) { Vec::new() } else { content.clone() }))
            .collect::<Vec<_>>()
    };
    assert_eq!(plain(&our_files), plain(&their_files), "{shown}: {told}");
    true
}

#[test]
fn what_is_executed_is_what_dash_executes() {
    if !Path::new("/usr/bin/dash").exists() {
        skip("what_is_executed_is_what_dash_executes", "dash");
        return;
    }
    let scene = scene();
    for text in [
        "/usr/bin/printf '[%s]' a \"b c\" d\\ e '' \"\" \\' \\\"",
        "/usr/bin/printf '[%s]' \"\\a\\$\\`\\\"\\\\\\'\" '\\a\\$' a\\bc \\\\",
        "/usr/bin/printf [%s] a",
        "/usr/bin/printf '[%s]' a#b a~ x=~ } a} !a ! ] ^ % @ , + if exec cd A=b",
        "/usr/bin/printf '[%s]' \"a\nb\" 'c\nd' a\tb\rc",
        "cat < a > b",
        "cat<a>b",
        "cat 0<a 1>b 2>c",
        "cat a >> a",
        "cat a nothing > b 2>&1",
        "cat a nothing 2>&1 > b",
        "cat a nothing >&2",
        "cat a nothing 1>&2 2>b",
        "cat a nothing 2>b >&2",
        "> b cat < a",
        "cat a 3>b 1>&3",
        "cat a 9>b >&9",
        "cat 3<a <&3",
        "cat nothing 2>/dev/null",
        "cat < \"/dev/null\" > \"/dev/null\" 2>&1",
        "exec cat a > b",
        "cat < nothing",
        "cat > no/thing",
        "nothing > b",
        "nothing 2> b",
        "/etc 2>b",
        "'' > b",
        "\"ca\"t a",
        "'exec' cat a",
        "/usr/bin/test 1 = 1",
        "/usr/bin/test 1 = 2",
        "/usr/bin/readlink /proc/self/fd/0",
    ] {
        same_as_dash(&scene, text.as_bytes());
    }
    assert!(same_as_dash(&scene, b"/usr/bin/printf '[%s]' \xff \"\xc3\" '\x81\x88' \\\xfe > \x80\xff"));
}

#[test]
fn random_texts_are_executed_as_by_dash_or_refused() {
    if !Path::new("/usr/bin/dash").exists() {
        skip("random_texts_are_executed_as_by_dash_or_refused", "dash");
        return;
    }
    let scene = scene();
    let pieces: [&[u8]; 40] = [
        b"a",
        b"b",
        b" ",
        b" ",
        b" ",
        b"\t",
        b"'",
        b"'",
        b"\"",
        b"\"",
        b"\\",
        b"\\",
        b">",
        b">",
        b"<a",
        b"2>",
        b"1>&2",
        b"2>&1",
        b">&",
        b"1",
        b"2",
        b">>",
        b"<",
        b"&",
        b"=",
        b"~",
        b"#",
        b"{",
        b"}",
        b"!",
        b"]",
        b"-",
        b"\xff",
        b"\xc3\xa9",
        b"$",
        b"`",
        b"\n",
        b"*",
        b";",
        b"|",
    ];
    // Numbers in the order of a simple generator, so that a failure can be repeated.
    let mut state = 0x2545_f491_4f6c_dd1d_u64;
    let mut next = |below: usize| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(state >> 33).unwrap() % below
    };
    let mut executed = 0;
    for _ in 0..1500 {
        let mut text = b"/usr/bin/printf '[%s]' ".to_vec();
        // Most texts without the characters that are refused anyway.
        let among = if next(3) == 0 { pieces.len() } else { pieces.len() - 8 };
        for _ in 0..=next(10) {
            text.extend_from_slice(pieces[next(among)]);
        }
        executed += usize::from(same_as_dash(&scene, &text));
    }
    assert!(executed > 200, "{executed}");
}

#[test]
fn a_signal_ends_it_while_a_fifo_is_opened() {
    let scene = scene();
    nix::unistd::mkfifo(&scene.path("fifo"), nix::sys::stat::Mode::S_IRWXU).unwrap();
    let mut command = shell(&scene.path("sh"), &scene.directory, &["-c", "cat < fifo"].map(OsStr::new));
    let mut child = command.spawn().unwrap();
    let id = child.id().cast_signed();
    let waits = || status(id, "SigBlk") == "0000000000000000" && status(id, "State").starts_with('S');
    until("it waits for a writer", waits);
    nix::sys::signal::kill(nix::unistd::Pid::from_raw(id), nix::sys::signal::Signal::SIGTERM).unwrap();
    assert_eq!(std::os::unix::process::ExitStatusExt::signal(&child.wait().unwrap()), Some(libc::SIGTERM));
}

#[test]
fn it_does_nothing_with_the_setuid_bit() {
    if !root_or_skip("it_does_nothing_with_the_setuid_bit") {
        return;
    }
    let scene = scene();
    std::fs::remove_file(scene.path("sh")).unwrap();
    assert!(Command::new("cp").args([binary(), scene.path("sh")]).status().unwrap().success());
    std::fs::set_permissions(scene.path("sh"), std::fs::Permissions::from_mode(0o4755)).unwrap();
    let mut command = shell(&scene.path("sh"), &scene.directory, &["-c", "id -u"].map(OsStr::new));
    std::os::unix::process::CommandExt::uid(&mut command, 1234);
    Ran::from(command.output().unwrap())
        .code(2)
        .stderr_has("error: cannot act as `sh`: it has the setuid or setgid bit");
}

/// A root with the libraries and the PostgreSQL of this machine, and what the script puts into it: no program but those of the server.
fn in_root_of_postgresql(scene: &Scene, programs: &Path, script: &str) -> Ran {
    for directory in
        ["data", "tmp", "bin", "dev", "etc", "lib64", "usr/lib", "usr/share/postgresql", "usr/share/zoneinfo"]
    {
        scene.directory(&format!("root/{directory}"));
    }
    scene.file("root/etc/passwd", "postgres:x:1234:1234::/:\n").file("root/dev/null", "");
    scene.owned("root/data", 1234, 1234).mode("root/tmp", 0o777);
    let _ = std::os::unix::fs::symlink("usr/lib", scene.path("root/lib"));
    let script = format!(
        "for path in /usr/lib /usr/share/postgresql /usr/share/zoneinfo /dev/null; do mount --bind $path root$path; done\n\
         cp /lib64/ld-* root/lib64/ || true\n\
         inside() {{ program=$1; shift; env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin chroot --userspec=1234:1234 root {}/$program \"$@\" < /dev/null; }}\n\
         {script}",
        programs.display(),
    );
    crate::files::in_mount_namespace(scene, &script).into()
}

#[test]
fn postgresql_is_initialized_and_started_without_a_shell() {
    let test = "postgresql_is_initialized_and_started_without_a_shell";
    if !root_or_skip(test) {
        return;
    }
    let Some(programs) = crate::postgres::programs() else {
        skip(test, "PostgreSQL");
        return;
    };
    let scene = Scene::new();
    let initialize = "inside initdb --no-sync --username=postgres --auth=trust --locale=C --encoding=UTF8 -D /data/db";
    let ran = in_root_of_postgresql(&scene, &programs, initialize);
    ran.code(1).stderr_has("initdb: error: program \"postgres\" is needed by initdb but was not found");
    assert!(!scene.exists("root/data/db/PG_VERSION"));

    let script = format!(
        "cp \"$1\" root/bin/sh\n{initialize}\n\
         inside pg_ctl -D /data/db -s -w -l '/data/a log' -o \"-F -k /tmp -c listen_addresses=''\" start\n\
         inside psql -X -At -U postgres -h /tmp -c 'SELECT 6 * 7' postgres\n\
         inside pg_ctl -D /data/db -s -w -m fast stop\n"
    );
    let ran = in_root_of_postgresql(&scene, &programs, &script).code(0);
    assert!(ran.stdout.contains("Success. You can now start the database server"), "{}", ran.stdout);
    assert!(ran.stdout.ends_with("\n42\n"), "{}", ran.stdout);
    // The one that it can do without is missing in this root.
    ran.stderr_has("error: cannot execute `locale`: not found in PATH").lacks("under the name `sh`");
    assert!(scene.read("root/data/a log").contains("database system is ready to accept connections"));
}
