//! What is on the disk when: nothing gets its name before it is there, and no run ends before the names are.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use crate::harness::{Ran, Scene, root_or_skip, skip};
use crate::unpack::archives::Tar;

/// What a traced run did, in order: a wait for the disk when it ended, a new name when it was asked for.
#[derive(Debug)]
enum Event {
    Synchronized(PathBuf),
    Named {
        from: PathBuf,
        to: PathBuf,
    },
    /// A link, or a directory, which has its name at once.
    Made(PathBuf),
}

/// Runs a plan under strace; none where there is no strace.
fn traced(scene: &Scene) -> Option<(Ran, Vec<Event>)> {
    let calls = "trace=fsync,rename,renameat,renameat2,linkat,symlinkat,mkdirat";
    let output =
        scene.traced(&["-y", "-s", "4096", "-o", "trace", "-e", calls], &["apply", "plan.yaml"]).output().ok()?;
    Some((Ran::from(output), events(&scene.read("trace"))))
}

fn events(trace: &str) -> Vec<Event> {
    let mut waiting = BTreeMap::new();
    let mut events = Vec::new();
    for line in trace.lines() {
        let Some((process, call)) = line.split_once(' ') else { continue };
        let call = call.trim_start();
        if call.contains(" = -1 ") {
            continue;
        }
        let of = |fd: usize| call.split('<').nth(fd + 1).and_then(|rest| rest.split('>').next()).unwrap_or_default();
        let named = |text: usize| call.split('"').nth(2 * text + 1).unwrap_or_default();
        let path = |fd: usize, text: usize| Path::new(of(fd)).join(named(text));
        match call.split(['(', ' ']).next().unwrap() {
            "fsync" if call.contains("<unfinished") => {
                waiting.insert(process, PathBuf::from(of(0)));
            }
            "fsync" => events.push(Event::Synchronized(of(0).into())),
            "<..." => events.extend(waiting.remove(process).map(Event::Synchronized)),
            "renameat" | "renameat2" | "rename" => events.push(Event::Named { from: path(0, 0), to: path(1, 1) }),
            "linkat" => events.push(Event::Made(path(1, 1))),
            "symlinkat" => events.push(Event::Made(path(0, 1))),
            "mkdirat" => events.push(Event::Made(path(0, 0))),
            _ => {}
        }
    }
    events
}

/// Everything below a directory, and it.
fn all_below(path: &Path) -> Vec<PathBuf> {
    let mut all = vec![path.to_owned()];
    if path.is_dir() && !path.is_symlink() {
        all.extend(fs::read_dir(path).unwrap().flat_map(|entry| all_below(&entry.unwrap().path())));
    }
    all
}

#[test]
fn nothing_has_its_name_before_it_is_on_the_disk_and_names_are_at_the_end() {
    let files = "input/a, input/d/b, input/d/e/c";
    let cases = [
        ("render: { text: new, path: /out/app }", 1),
        ("render: { text: new, path: /out/there }", 1),
        ("render: { source: /input, path: /out/tree }", 3),
        ("copy: { source: /input/a, path: /out/app }", 1),
        ("copy: { source: /input, path: /out/tree }", 1),
        ("copy: { source: /input, path: /out, preserve: [owner, times, hard_links] }", 2),
        ("edit: { path: /out/there.json, set: { a: 2 } }", 1),
        ("unpack: { archive: /a.tar, path: /out }", 4),
        ("unpack: { archive: /a.tar, path: /out/new }", 4),
        ("generate: { kind: password, path: /out/secret }", 1),
        ("mkdir: { path: /out/one/two }", 0),
        ("link: { path: /out/link, target: there }", 1),
        ("account: { user: app, uid: 1000, passwd: /out/passwd, group: /out/group }", 1),
    ];
    for (step, named) in cases {
        let scene = Scene::with_plan(&format!("version: 1\nsteps:\n  - {step}\n"));
        for file in files.split(", ") {
            scene.file(file, file);
        }
        let mut tar = Tar::default();
        tar.file("x", "1").file("y/z", "2").hard_link("y/again", "x").link("y/l", "z");
        scene.file("a.tar", tar.end()).file("out/there", "old").file("out/there.json", "{\"a\": 1}\n");
        scene.file("out/passwd", "root:x:0:0::/:/bin/sh\n").file("out/group", "root:x:0:\n");
        let Some((ran, events)) = traced(&scene) else {
            return skip("nothing_has_its_name_before_it_is_on_the_disk_and_names_are_at_the_end", "strace");
        };
        let ran = ran.code(0);
        let (mut synchronized, mut made, mut open, mut names) = (BTreeSet::new(), BTreeSet::new(), BTreeSet::new(), 0);
        for event in &events {
            match event {
                Event::Synchronized(path) => {
                    open.remove(path);
                    synchronized.insert(path.clone());
                }
                Event::Made(path) => {
                    made.insert(path.clone());
                    open.insert(path.parent().unwrap().to_owned());
                }
                Event::Named { from, to } => {
                    names += 1;
                    open.insert(to.parent().unwrap().to_owned());
                    let is_link = made.contains(from) && !to.is_dir();
                    for path in all_below(to).into_iter().filter(|path| !is_link && !path.is_symlink()) {
                        let before = from.join(path.strip_prefix(to).unwrap());
                        let before = if path == *to { from } else { &before };
                        assert!(
                            synchronized.contains(before),
                            "{step}: {} is not\n{events:#?}\n{ran:?}",
                            before.display()
                        );
                    }
                }
            }
        }
        // What was hidden has another path now, and nothing was made in it since.
        open.retain(|path| path.exists());
        assert!(open.is_empty(), "{step}: names in {open:?} are not on the disk\n{events:#?}");
        assert_eq!(names, named, "{step}\n{events:#?}");
    }
}

/// Calls that wait end with EINTR when a process goes on after it was stopped, also without any handler.
#[test]
fn a_run_that_is_stopped_and_goes_on_again_and_again_does_all_of_it() {
    let test = "a_run_that_is_stopped_and_goes_on_again_and_again_does_all_of_it";
    if !root_or_skip(test) {
        return;
    }
    let scene = Scene::with_plan(
        "version: 1\nsteps:\n  - copy: { source: /input, path: /out/copy }\n  - unpack: { archive: /a.tar, path: /out/unpacked }\n  - own: { path: /out, owner: \"1000:1000\", recursive: true }\n  - run: { command: [sleep, \"0.3\"] }\n",
    );
    let mut tar = Tar::default();
    for number in 0..1500 {
        let name = format!("d{}/f{number}", number % 10);
        scene.file(&format!("input/{name}"), number.to_string());
        tar.file(&name, &number.to_string());
    }
    scene.file("a.tar", tar.end()).directory("out");
    let mut child = scene.start(&["apply", "plan.yaml"]);
    let process = Pid::from_raw(i32::try_from(child.id()).unwrap());
    let mut stops = 0;
    while child.try_wait().unwrap().is_none() {
        kill(process, Signal::SIGSTOP).unwrap();
        std::thread::sleep(std::time::Duration::from_micros(300));
        kill(process, Signal::SIGCONT).unwrap();
        std::thread::sleep(std::time::Duration::from_millis(2));
        stops += 1;
    }
    Ran::from(child.wait_with_output().unwrap()).code(0);
    assert!(stops > 10, "{stops}");
    for number in 0..1500 {
        for tree in ["copy", "unpacked"] {
            let path = format!("out/{tree}/d{}/f{number}", number % 10);
            assert_eq!((scene.read(&path), &scene.stat(&path)[..9]), (number.to_string(), "1000:1000"));
        }
    }
}
