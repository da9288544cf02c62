//! Signals, deadlines, and servers that go.

use std::thread;
use std::time::{Duration, Instant};

use super::{Mysql, TestServer, ask, until};
use crate::failure::Kind;
use crate::process::Interrupt;
use crate::sql::Dialect;
use crate::sql::lexer::statements;
use crate::sql::report::{Ended, Report};
use crate::sql::session::{Batch, Lock, LockName, Session as _};
use crate::sql::stop::Stop;

/// Waits until a statement runs that holds this text.
fn until_running(session: &mut Mysql, text: &str) {
    let sql = format!(
        "SELECT COUNT(*) FROM information_schema.processlist WHERE info LIKE '%{text}%' AND id <> CONNECTION_ID()"
    );
    until("the statement does not run", || ask(session, &sql) == "1");
}

fn until_gone(session: &mut Mysql, text: &str) {
    let sql = format!(
        "SELECT COUNT(*) FROM information_schema.processlist WHERE info LIKE '%{text}%' AND id <> CONNECTION_ID()"
    );
    until("the statement still runs", || ask(session, &sql) == "0");
}

fn stopped(report: &Report) -> Kind {
    match &report.ended {
        Ended::Stopped(failure) | Ended::Cancelled(failure) => failure.kind(),
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_signal_ends_the_statement_on_the_server_too() {
    let Some(server) = TestServer::shared() else { return };
    let mut observer = server.database("signals");
    observer.query("CREATE TABLE a (x int)").unwrap();
    for (name, file) in [
        ("sleep", "INSERT INTO signals.a VALUES (1); SELECT SLEEP(61 /* sleep */); INSERT INTO signals.a VALUES (2)"),
        (
            "loop",
            "INSERT INTO signals.a SELECT 1 FROM seq_1_to_1000000 /* loop */, seq_1_to_1000000 b, seq_1_to_1000000 c",
        ),
    ] {
        let interrupt = Interrupt::manual().unwrap();
        let mut session = Mysql::connect(&server.address(), &[], Stop::new(interrupt.clone(), None)).unwrap();
        let (ended, mut session) = thread::scope(|scope| {
            let work = scope.spawn(move || {
                let statements = statements(file, Dialect::Mysql).unwrap();
                let batch = Batch { guard: None, statements: &statements, record: &[], lock_timeout: Duration::ZERO };
                (session.transact(&batch).unwrap_err(), session)
            });
            until_running(&mut observer, name);
            interrupt.trigger(15);
            work.join().unwrap()
        });
        assert_eq!(stopped(&ended), Kind::Interrupted(15));
        // Nothing more is begun.
        assert_eq!(stopped(&session.query("SELECT 1").unwrap_err()), Kind::Interrupted(15));
        assert!(session.pause(Duration::ZERO).is_err());
        until_gone(&mut observer, name);
        assert_eq!(ask(&mut observer, "SELECT COUNT(*) FROM signals.a"), "0");
    }
}

#[test]
fn a_deadline_ends_a_statement_that_runs_alone() {
    let Some(server) = TestServer::shared() else { return };
    let mut observer = server.session();
    let deadline = Instant::now() + Duration::from_secs(2);
    let mut session = Mysql::connect(&server.address(), &[], Stop::new(Interrupt::none(), Some(deadline))).unwrap();
    let all = statements("SELECT SLEEP(62) /* deadline */", Dialect::Mysql).unwrap();
    assert_eq!(stopped(&session.run_alone(&all[0]).unwrap_err()), Kind::Timeout);
    until_gone(&mut observer, "deadline");
    let late = Mysql::connect(&server.address(), &[], Stop::new(Interrupt::none(), Some(deadline)));
    assert_eq!(late.map(drop).unwrap_err().kind(), Kind::Timeout);
}

#[test]
fn a_lock_ends_with_its_session() {
    let Some(server) = TestServer::shared() else { return };
    let (mut one, mut other) = (server.session(), server.session());
    let lock = LockName::Text("ends".to_owned());
    assert_eq!(one.try_lock(&lock).unwrap(), Lock::Held);
    let number = ask(&mut one, "SELECT CONNECTION_ID()");
    other.query(&format!("KILL {number}")).unwrap();
    let report = one.query("SELECT 1").unwrap_err();
    assert!(report.is_lost(), "{report:?}");
    assert!(one.try_lock(&lock).unwrap_err().is_lost());
    until("the lock is not free", || other.try_lock(&lock).unwrap() == Lock::Held);
    drop(other);
    until("the lock is not free", || server.session().try_lock(&lock).unwrap() == Lock::Held);
}

#[test]
fn a_server_that_is_killed_in_the_middle() {
    let Some(mut server) = TestServer::start(|_| Vec::new()) else { return };
    let (mut session, mut idle, mut observer) = (server.session(), server.session(), server.session());
    let lost = thread::scope(|scope| {
        let work = scope.spawn(move || {
            let statements = statements("DO 1; SELECT SLEEP(63)", Dialect::Mysql).unwrap();
            let batch = Batch { guard: None, statements: &statements, record: &[], lock_timeout: Duration::ZERO };
            session.transact(&batch).unwrap_err()
        });
        until_running(&mut observer, "SLEEP(63)");
        server.server.kill();
        work.join().unwrap()
    });
    assert!(lost.is_lost(), "{lost:?}");
    assert_eq!(lost.message, "the connection was lost");
    assert!(idle.query("SELECT 1").unwrap_err().is_lost());
    assert!(super::refused(&server.address()).contains("connection refused"));
    Box::new(idle).close().unwrap();
}
