//! A terminal: the application is in its foreground, what is typed reaches it, and the shell that waits gets it back.

use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use nix::libc;

use super::scene;
use crate::harness::{Scene, skip};

/// A command line on a terminal of its own.
struct Session {
    child: Child,
    keys: ChildStdin,
    screen: BufReader<ChildStdout>,
}

impl Session {
    /// None where the program that makes terminals is missing.
    fn start(test: &str, scene: &Scene, line: &str) -> Option<Self> {
        if !std::path::Path::new("/usr/bin/script").exists() {
            skip(test, "script");
            return None;
        }
        let line = line.replace("fitout", &crate::harness::binary().display().to_string());
        let mut command = Command::new("/usr/bin/script");
        command.args(["-qefc", &line, "/dev/null"]).current_dir(&scene.directory);
        command.env_clear().env("PATH", "/usr/bin:/bin").env("SHELL", "/bin/sh").env("TERM", "dumb");
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        let (keys, screen) = (child.stdin.take().unwrap(), BufReader::new(child.stdout.take().unwrap()));
        Some(Self { child, keys, screen })
    }

    /// Reads until the screen shows this.
    #[track_caller]
    fn shows(&mut self, wanted: &str) -> String {
        let mut seen = String::new();
        loop {
            let mut line = String::new();
            assert_ne!(self.screen.read_line(&mut line).unwrap(), 0, "{wanted} is not in {seen:?}");
            seen.push_str(&line);
            if line.contains(wanted) {
                return line.trim().to_owned();
            }
        }
    }

    fn types(&mut self, keys: &[u8]) {
        self.keys.write_all(keys).unwrap();
        self.keys.flush().unwrap();
    }

    #[track_caller]
    fn ends(mut self, code: i32) {
        // Half of a terminal that is closed is a hangup for `script`, so it is held open.
        let status = self.child.wait().unwrap();
        drop(self.keys);
        assert_eq!(status.code(), Some(code));
    }
}

/// Group, session, terminal and its foreground group of the shell that runs it, from `/proc/self/stat`.
const PLACE: &str =
    "read -r _ _ _ _ group session terminal front rest < /proc/$$/stat; echo at $$ $group $session $front";

#[test]
fn the_application_is_in_the_foreground_and_gets_what_is_typed() {
    let scene = scene();
    let line = format!(
        "fitout exec --supervise -- sh -c 'trap \"echo interrupted; exit 3\" INT; {PLACE}; while :; do sleep 0.05; done'"
    );
    let Some(mut session) =
        Session::start("the_application_is_in_the_foreground_and_gets_what_is_typed", &scene, &line)
    else {
        return;
    };
    let place = session.shows("at ");
    let [own, group, leader, front] = place.split(' ').skip(1).collect::<Vec<_>>()[..] else { panic!("{place}") };
    assert_eq!((group, front), (own, own), "{place}");
    assert_ne!(leader, own, "the session stays");
    session.types(b"\x03");
    session.shows("interrupted");
    session.ends(3);
}

#[test]
fn a_session_of_its_own_has_the_terminal() {
    let scene = scene();
    // `setsid` so that the session is ours to give away.
    let line = format!(
        "exec fitout exec --supervise --session -- sh -c 'trap \"echo interrupted; exit 3\" INT; {PLACE}; while :; do sleep 0.05; done'"
    );
    let Some(mut session) = Session::start("a_session_of_its_own_has_the_terminal", &scene, &line) else { return };
    let place = session.shows("at ");
    let [own, group, leader, front] = place.split(' ').skip(1).collect::<Vec<_>>()[..] else { panic!("{place}") };
    assert_eq!([group, leader, front], [own; 3], "{place}");
    session.types(b"\x03");
    session.shows("interrupted");
    session.ends(3);
}

#[test]
fn a_shell_gets_its_terminal_back_when_the_application_is_stopped() {
    let scene = scene();
    // An interactive shell with job control; the application counts what it is told.
    let line = "PS1= exec sh -i +m";
    let Some(mut session) =
        Session::start("a_shell_gets_its_terminal_back_when_the_application_is_stopped", &scene, line)
    else {
        return;
    };
    session.types(b"set -m; echo begin-$((1+1))\n");
    session.shows("begin-2");
    let program = crate::harness::binary();
    // It starts nothing: a shell that is stopped in the middle of `vfork` waits for its child, which is stopped too.
    let application = "trap \"echo woken-$((2+2))\" CONT; echo up-$((3+3)); while :; do read line; done";
    session.types(format!("{} exec --supervise -- sh -c '{application}'\n", program.display()).as_bytes());
    session.shows("up-6");
    session.types(b"\x1a");
    // What is typed before the shell is back would be read by the application.
    session.shows("Stopped");
    session.types(b"echo back-$((4+4))\n");
    session.shows("back-8");
    session.types(b"fg; echo code-$?\n");
    session.shows("woken-4");
    session.types(b"\x03");
    session.shows(&format!("code-{}", 128 + libc::SIGINT));
    // One that was started beside the shell reads from the terminal when it is brought to the front.
    session.types(
        format!("{} exec --supervise -- sh -c 'read line; echo read-$line-$((5+5))' &\n", program.display()).as_bytes(),
    );
    session.types(b"echo beside-$((6+6))\n");
    session.shows("beside-12");
    session.types(b"fg\n");
    session.types(b"typed\n");
    session.shows("read-typed-10");
    session.types(b"exit 0\n");
    session.ends(0);
}

#[test]
fn without_a_terminal_nothing_is_taken() {
    let scene = scene();
    let ran = scene.run(&super::script(&[], PLACE)).code(0);
    let [own, group, _, front] = ran.stdout.trim().split(' ').skip(1).collect::<Vec<_>>()[..] else {
        panic!("{}", ran.stdout)
    };
    assert_eq!(own, group);
    assert_ne!(front, own);
}
