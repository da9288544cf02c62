//! Archives that are fetched and unpacked in one step.

use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use super::sha256;
use crate::harness::{Ran, Scene, root_or_skip};
use crate::server::{Server, announce, hold, reply, send};
use crate::unpack::archives::Tar;

fn archive(content: &str) -> Vec<u8> {
    let mut tar = Tar::default();
    tar.file("app-1/bin/app", content).file("app-1/etc/app.conf", "port").link("app-1/current", "bin/app");
    tar.hard_link("app-1/again", "app-1/bin/app");
    tar.end()
}

fn plan(server: &Server, digits: &str, fields: &str) -> String {
    format!(
        "version: 1\nsteps:\n  - fetch: {{ url: \"{}\", path: /out/app, sha256: {digits}, unpack: true, interval: 10ms{fields} }}\n",
        server.url("/app.tar?signature=1")
    )
}

fn unpacking(server: &Server, digits: &str, fields: &str) -> Scene {
    let scene = Scene::with_plan(&plan(server, digits, fields));
    scene.directory("out");
    scene
}

#[test]
fn an_archive_is_fetched_and_unpacked_once() {
    let tar = archive("one");
    let digits = sha256(&tar);
    let server = Server::with(tar);
    let scene = unpacking(&server, &digits, ", strip_components: 1, exclude: [etc]");
    scene.run(&["show", "plan.yaml"]).code(10).lacks("signature=1");
    assert!(server.requests().is_empty() && scene.names("out").is_empty());
    scene.apply().code(0).stderr_has("bytes, ").stderr_has("entries read").lacks("signature=1");
    assert_eq!(scene.names("out/app"), [".fitout-unpacked", "again", "bin", "current"]);
    assert_eq!((scene.read("out/app/current"), scene.names("out")), ("one".into(), vec!["app".to_owned()]));
    let before = [scene.identity("out/app"), scene.identity("out/app/bin/app")];
    scene.apply().code(0).stderr_has(": unchanged");
    scene.run(&["show", "plan.yaml"]).code(0);
    assert_eq!([scene.identity("out/app"), scene.identity("out/app/bin/app")], before);
    assert_eq!(server.requests().len(), 1, "what is there is not asked for again");
    // What is wished otherwise is unpacked anew, and only what differs is written.
    let same = scene.identity("out/app/bin/app");
    scene.file("plan.yaml", plan(&server, &digits, ", strip_components: 1")).apply().code(0);
    assert_eq!((scene.read("out/app/etc/app.conf"), server.requests().len()), ("port".into(), 2));
    assert_eq!(scene.identity("out/app/bin/app"), same);
    scene.apply().code(0).stderr_has(": unchanged");
}

#[test]
fn the_command_line_says_the_same() {
    let tar = archive("one");
    let digits = sha256(&tar);
    let server = Server::with(tar);
    let scene = Scene::new();
    scene.directory("out");
    let url = server.url("/app.tar");
    let arguments = ["fetch", &url, "/out/app", "--sha256", &digits, "--unpack"];
    let chosen = ["--strip-components", "1", "--include", "bin", "--include", "current", "--exclude", "none"];
    scene.run(&[&arguments[..], &chosen].concat()).code(0);
    assert_eq!(scene.names("out/app"), [".fitout-unpacked", "bin", "current"]);
    scene.run(&[&arguments[..], &chosen].concat()).code(0).stderr_has(": unchanged");
    assert_eq!(server.requests().len(), 1);
}

#[test]
fn a_mark_goes_with_the_directory_to_the_owner_that_another_step_gives_it() {
    if !root_or_skip("a_mark_goes_with_the_directory_to_the_owner_that_another_step_gives_it") {
        return;
    }
    let tar = archive("one");
    let digits = sha256(&tar);
    let server = Server::with(tar);
    let scene = unpacking(&server, &digits, ", strip_components: 1");
    scene.apply().code(0);
    // A mark of somebody else is made anew, also where all the rest is right.
    scene.owned("out/app/.fitout-unpacked", 1000, 1000).apply().code(0).stderr_has(": changed");
    assert_eq!((scene.stat("out/app/.fitout-unpacked").as_str(), server.requests().len()), ("0:1000 0644", 2));
    scene.run(&["own", "/out/app", "--owner", "1000:1000", "--recursive", "--hard-links", "allow"]).code(0);
    assert!(scene.stat("out/app/.fitout-unpacked").starts_with("1000:1000 "));
    scene.apply().code(0).stderr_has(": unchanged");
    assert_eq!(server.requests().len(), 2);
}

#[test]
fn a_mark_that_somebody_else_could_have_made_does_not_count() {
    if !root_or_skip("a_mark_that_somebody_else_could_have_made_does_not_count") {
        return;
    }
    let tar = archive("one");
    let digits = sha256(&tar);
    let server = Server::with(tar);
    let scene = unpacking(&server, &digits, ", strip_components: 1");
    scene.apply().code(0);
    let mark = "out/app/.fitout-unpacked";
    let changes: [&dyn Fn(); 5] = [
        &|| _ = scene.owned(mark, 1000, 1000),
        &|| _ = scene.mode(mark, 0o666),
        &|| _ = scene.file(mark, "sha256"),
        &|| std::fs::remove_file(scene.path(mark)).unwrap(),
        &|| {
            std::fs::rename(scene.path(mark), scene.path("out/mark")).unwrap();
            scene.link("../mark", mark);
        },
    ];
    for (number, change) in changes.into_iter().enumerate() {
        scene.file("out/app/bin/app", "bad");
        change();
        scene.apply().code(0).stderr_has(": changed");
        assert_eq!((scene.read("out/app/bin/app"), server.requests().len()), ("one".into(), number + 2));
        assert_eq!(scene.stat(mark), "0:0 0644");
    }
}

#[test]
fn nothing_is_left_of_what_is_refused() {
    let mut hostile = Tar::default();
    hostile.file("good", "good").file("../outside", "bad");
    let (good, hostile) = (archive("one"), hostile.end());
    for (content, digits, code, message) in [
        (good.clone(), sha256("another"), 1, "the file has another checksum"),
        (hostile.clone(), sha256(&hostile), 1, "cannot unpack `../outside` of `http://"),
        (b"no archive".to_vec(), sha256("no archive"), 1, "cannot unpack `http://"),
    ] {
        let server = Server::with(content);
        let scene = unpacking(&server, &digits, "");
        scene.apply().code(code).stderr_has(message).lacks(".fitout-");
        assert!(scene.names("out").is_empty(), "{message}");
        scene.file("out/app/mine", "mine").apply().code(code).stderr_has(message);
        assert_eq!(scene.names("out/app"), ["mine"], "{message}");
    }
    let server = Server::with(good.clone());
    let scene = unpacking(&server, &sha256(&good), "");
    scene.file("out/app", "a file").apply().code(6).stderr_has("cannot unpack to `/out/app`: a file is in its place");
    assert!(server.requests().is_empty());
}

#[test]
fn a_killed_run_is_finished_by_the_next() {
    let tar = archive(&"one ".repeat(100_000));
    let digits = sha256(&tar);
    let half = tar.len() / 2;
    let server = Server::start(move |number, _, stream| {
        if number == 0 {
            announce(stream, "200 OK", &[], tar.len());
            send(stream, &tar[..half]);
            hold(stream);
            return;
        }
        reply(stream, "200 OK", &[], &tar);
    });
    let scene = unpacking(&server, &digits, "");
    scene.file("out/app/mine", "mine");
    let mut child = scene.start(&["apply", "plan.yaml"]);
    while server.requests().is_empty() {
        assert!(child.try_wait().unwrap().is_none());
    }
    child.kill().unwrap();
    child.wait().unwrap();
    assert_eq!(scene.names("out/app").len(), 2, "the killed run left its temporary file");
    scene.apply().code(0);
    assert_eq!(scene.names("out/app"), [".fitout-unpacked", "app-1", "mine"]);
    scene.apply().code(0).stderr_has(": unchanged");
}

const FILES: usize = 300;

/// A directory with many files, so that a run can be ended in the middle of them.
fn many(content: &str) -> Vec<u8> {
    let mut tar = Tar::default();
    for number in 0..FILES {
        tar.file(&format!("d/{number}"), &content.repeat(4000));
    }
    tar.end()
}

/// How many of them are there. Each is whole, the old one or the new one.
fn whole_files(scene: &Scene, content: &str) -> usize {
    let wanted = content.repeat(4000);
    let files = (0..FILES).filter_map(|number| std::fs::read(scene.path(&format!("out/app/d/{number}"))).ok());
    let is_whole = |file: &Vec<u8>| *file == wanted.as_bytes();
    files.inspect(|file| assert_eq!(file.len(), wanted.len())).filter(is_whole).count()
}

#[test]
fn a_run_that_is_ended_while_it_unpacks_leaves_no_mark_and_is_finished_by_the_next() {
    let (old, new) = (many("old "), many("new "));
    let (old_digits, new_digits) = (sha256(&old), sha256(&new));
    let (old_server, new_server) = (Server::with(old), Server::with(new));
    for signal in [Signal::SIGKILL, Signal::SIGTERM] {
        let scene = unpacking(&old_server, &old_digits, "");
        scene.apply().code(0);
        scene.file("plan.yaml", plan(&new_server, &new_digits, ""));
        let mut child = scene.start(&["apply", "plan.yaml"]);
        let deadline = Instant::now() + Duration::from_mins(1);
        while whole_files(&scene, "new ") == 0 && child.try_wait().unwrap().is_none() {
            assert!(Instant::now() < deadline);
        }
        kill(Pid::from_raw(i32::try_from(child.id()).unwrap()), signal).unwrap();
        let ran = Ran::from(child.wait_with_output().unwrap());
        let files = whole_files(&scene, "new ");
        if ran.code != 0 {
            assert!(files > 0 && [143, -9].contains(&ran.code), "{ran:?}");
            assert!(!scene.exists("out/app/.fitout-unpacked"), "{signal}: neither is unpacked");
        }
        if signal == Signal::SIGTERM && ran.code != 0 {
            assert_eq!((scene.names("out/app"), scene.names("out/app/d").len()), (vec!["d".into()], FILES));
        }
        scene.apply().code(0);
        assert_eq!((whole_files(&scene, "new "), scene.names("out/app/d").len()), (FILES, FILES));
        assert_eq!(scene.names("out/app"), [".fitout-unpacked", "d"]);
        let asked = new_server.requests().len();
        scene.apply().code(0).stderr_has(": unchanged");
        assert_eq!(new_server.requests().len(), asked);
    }
}

#[test]
fn runs_at_once_all_end_well() {
    let tar = many("one ");
    let digits = sha256(&tar);
    let server = Server::with(tar);
    for round in 0..3 {
        let scene = unpacking(&server, &digits, "");
        if round == 1 {
            scene.directory("out/app");
        }
        let children: Vec<_> = (0..3).map(|_| scene.start(&["apply", "plan.yaml"])).collect();
        for child in children {
            Ran::from(child.wait_with_output().unwrap()).code(0);
        }
        assert_eq!((whole_files(&scene, "one "), scene.names("out/app/d").len()), (FILES, FILES));
        assert_eq!(scene.names("out/app"), [".fitout-unpacked", "d"]);
        let asked = server.requests().len();
        scene.apply().code(0).stderr_has(": unchanged");
        assert_eq!(server.requests().len(), asked);
    }
}

#[test]
fn a_new_archive_that_is_refused_leaves_the_old_one_unpacked() {
    let good = archive("one");
    let digits = sha256(&good);
    let server = Server::with(good.clone());
    let scene = unpacking(&server, &digits, "");
    scene.apply().code(0);
    let before = [scene.identity("out/app/app-1/bin/app"), scene.identity("out/app/.fitout-unpacked")];
    let with = |add: &dyn Fn(&mut Tar)| {
        let mut tar = Tar::default();
        add(tar.file("app-1/bin/app", "bad"));
        tar.end()
    };
    for (content, message) in [
        (with(&|tar| _ = tar.file("/etc/passwd", "bad")), "cannot unpack `/etc/passwd` of"),
        (with(&|tar| _ = tar.file("../up", "bad")), "cannot unpack `../up` of"),
        (with(&|tar| _ = tar.link("out", "../../..")), "cannot unpack `out` of"),
        (with(&|tar| _ = tar.hard_link("out", "../../plan.yaml")), "cannot unpack `out` of"),
        (with(&|tar| _ = tar.link("x", "app-1").file("x/file", "bad")), "cannot unpack `x/file` of"),
        (with(&|tar| _ = tar.entry(b'3', b"device", b"", 0o666, b"")), "cannot unpack `device` of"),
        (good[..good.len() / 2].to_vec(), "cannot unpack"),
    ] {
        let hostile = Server::with(content.clone());
        scene.file("plan.yaml", plan(&hostile, &sha256(&content), "")).apply().code(1).stderr_has(message);
        assert_eq!(scene.names("out/app"), [".fitout-unpacked", "app-1"], "{message}");
    }
    // Another file than the one that the plan means.
    let other = Server::with(archive("two"));
    scene.file("plan.yaml", plan(&other, &sha256("what was meant"), ""));
    scene.apply().code(1).stderr_has("the file has another checksum");
    assert_eq!([scene.identity("out/app/app-1/bin/app"), scene.identity("out/app/.fitout-unpacked")], before);
    scene.file("plan.yaml", plan(&server, &digits, "")).apply().code(0).stderr_has(": unchanged");
    assert_eq!(server.requests().len(), 1, "what is there is not asked for again");
}

#[test]
fn a_mark_in_an_archive_is_left_out() {
    for (kind, link, content) in
        [(b'0', &b""[..], &b"sha256 0\n"[..]), (b'2', b"file", b""), (b'2', b"/etc/passwd", b""), (b'5', b"", b"")]
    {
        let mut tar = Tar::default();
        tar.entry(kind, b".fitout-unpacked", link, 0o755, content).file("file", "one");
        let tar = tar.end();
        let server = Server::with(tar.clone());
        let scene = unpacking(&server, &sha256(&tar), "");
        scene.apply().code(0);
        assert_eq!(scene.names("out/app"), [".fitout-unpacked", "file"]);
        assert_eq!(scene.read("out/app/.fitout-unpacked"), format!("sha256 {}\n", sha256(&tar)));
        scene.apply().code(0).stderr_has(": unchanged");
    }
}

#[test]
fn fields_that_contradict_each_other_are_found() {
    let digits = sha256("");
    for (fields, message) in [
        ("unpack: true".to_owned(), "`unpack` needs a checksum"),
        (format!("sha256: {digits}, unpack: true, mode: \"0600\""), "`mode` has no meaning beside `unpack`"),
        (format!("sha256: {digits}, unpack: true, if_exists: keep"), "`if_exists` has no meaning beside `unpack`"),
        (format!("sha256: {digits}, strip_components: 1"), "`strip_components` has no meaning without `unpack`"),
        (format!("sha256: {digits}, include: [a]"), "`include` has no meaning without `unpack`"),
        (format!("sha256: {digits}, exclude: [a]"), "`exclude` has no meaning without `unpack`"),
    ] {
        let scene = Scene::with_plan(&format!(
            "version: 1\nsteps:\n  - fetch: {{ url: \"https://files.example/a\", path: /out, {fields} }}\n"
        ));
        scene.run(&["check", "plan.yaml"]).code(3).stderr_has(message);
    }
}
