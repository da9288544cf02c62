//! What is left when the application ends, or does not end.

use std::time::Instant;

use nix::libc;

use super::signals::{children, send};
use super::{Watched, as_first, in_both_ways, scene, script, status, until};
use crate::harness::{Ran, root_or_skip};

/// A process that needs a moment to end well, and says so in a file.
const TIDY: &str = "(trap 'sleep 0.3; echo tidy > tidy; exit' TERM; echo > there; while :; do sleep 0.02; done) & \
                    while [ ! -e there ]; do sleep 0.02; done;";

#[test]
fn processes_that_are_left_may_end_well() {
    let scene = scene();
    let ends = format!("{TIDY} exit 3");
    in_both_ways("processes_that_are_left_may_end_well", &scene, &script(&[], &ends), |mut command| {
        for name in ["tidy", "there"] {
            let _ = std::fs::remove_file(scene.path(name));
        }
        Ran::from(command.output().unwrap()).code(3);
        assert_eq!(scene.read("tidy"), "tidy\n");
    });
}

#[test]
fn processes_that_are_left_are_told_also_in_a_session_of_their_own() {
    let scene = scene();
    let ends = "setsid sh -c \"trap 'echo tidy > tidy; exit' TERM; echo > there; while :; do sleep 0.02; done\" & \
                while [ ! -e there ]; do sleep 0.02; done; exit 4";
    in_both_ways(
        "processes_that_are_left_are_told_also_in_a_session_of_their_own",
        &scene,
        &script(&[], ends),
        |mut command| {
            for name in ["tidy", "there"] {
                let _ = std::fs::remove_file(scene.path(name));
            }
            Ran::from(command.output().unwrap()).code(4);
            assert_eq!(scene.read("tidy"), "tidy\n");
        },
    );
}

#[test]
fn what_does_not_end_is_killed_after_the_grace() {
    let scene = scene();
    // A stopped process, one that ignores the signal, and one that starts others all the time.
    let ends = "sh -c 'kill -STOP $$' & (trap '' TERM; while :; do sleep 0.02; done) & \
                (trap '' TERM; while :; do (trap '' TERM; sleep 5) & sleep 0.1; done) & sleep 0.3; exit 6";
    in_both_ways(
        "what_does_not_end_is_killed_after_the_grace",
        &scene,
        &script(&["--grace", "500ms"], ends),
        |mut command| {
            let started = Instant::now();
            let output = command.output().unwrap();
            Ran::from(output).code(6);
            assert!(started.elapsed().as_millis() >= 800, "the grace was cut");
        },
    );
}

#[test]
fn an_application_that_does_not_stop_is_killed_after_the_grace() {
    let scene = scene();
    let deaf = "trap '' TERM; echo ready; while :; do sleep 0.05; done";
    in_both_ways(
        "an_application_that_does_not_stop_is_killed_after_the_grace",
        &scene,
        &script(&["--grace", "400ms"], deaf),
        |command| {
            let watched = Watched::start(command);
            let id = children(watched.id()).first().copied().filter(|_| is_unshare(watched.id()));
            send(id.unwrap_or(watched.id()), libc::SIGTERM);
            watched.end().code(137);
        },
    );
}

fn is_unshare(id: i32) -> bool {
    status(id, "Name") == "unshare"
}

#[test]
fn a_third_stop_ends_the_patience() {
    let scene = scene();
    let deaf = "trap 'echo again' TERM; echo ready; while :; do sleep 0.05; done";
    let mut watched = Watched::start(scene.command(&script(&["--grace", "1h"], deaf)));
    for _ in 0..2 {
        watched.send(libc::SIGTERM);
        assert_eq!(watched.line(), "again");
    }
    watched.send(libc::SIGTERM);
    assert_eq!(watched.end().code, 137);
}

#[test]
fn only_signals_that_ask_to_stop_begin_the_grace() {
    let scene = scene();
    let deaf = "trap 'echo quit' QUIT; trap 'echo hup' HUP; echo ready; while :; do sleep 0.05; done";
    let mut watched = Watched::start(scene.command(&script(&["--grace", "200ms", "--stop", "HUP"], deaf)));
    for _ in 0..4 {
        watched.send(libc::SIGQUIT);
        assert_eq!(watched.line(), "quit");
        std::thread::sleep(std::time::Duration::from_millis(100));
    }
    watched.send(libc::SIGHUP);
    watched.end().code(137);
}

#[test]
fn the_group_gets_the_signal_when_that_is_asked() {
    let scene = scene();
    let family = "(trap 'echo child; exit' TERM; echo there > there; while :; do sleep 0.02; done) & \
                  while [ ! -e there ]; do sleep 0.02; done; trap 'echo parent; wait; exit 0' TERM; echo ready; wait";
    let watched = Watched::start(scene.command(&script(&["--group"], family)));
    watched.send(libc::SIGTERM);
    let ran = watched.end().code(0);
    let mut lines: Vec<&str> = ran.stdout.lines().collect();
    lines.sort_unstable();
    assert_eq!(lines, ["child", "parent"]);
}

#[test]
fn orphans_are_reaped_at_once() {
    let scene = scene();
    // A hundred processes lose their parent, and end after that.
    let orphans = "i=0; while [ $i -lt 100 ]; do (sleep 0.1 & ) ; i=$((i+1)); done; echo ready; exec sleep 1000";
    in_both_ways("orphans_are_reaped_at_once", &scene, &script(&[], orphans), |command| {
        let watched = Watched::start(command);
        let parent =
            children(watched.id()).first().copied().filter(|_| is_unshare(watched.id())).unwrap_or(watched.id());
        until("only the application is left", || children(parent).len() == 1);
        send(parent, libc::SIGTERM);
        watched.end().code(143);
    });
}

#[test]
fn the_end_of_the_first_process_is_not_missed_among_a_thousand_others() {
    if !root_or_skip("the_end_of_the_first_process_is_not_missed_among_a_thousand_others") {
        return;
    }
    let scene = scene();
    let storm = "i=0; while [ $i -lt 1000 ]; do (: & ) ; i=$((i+1)); done; exit 42";
    for _ in 0..3 {
        let ran = Ran::from(as_first(&scene, &script(&[], storm)).output().unwrap());
        assert_eq!((ran.code, ran.stderr.as_str()), (42, ""));
    }
}
