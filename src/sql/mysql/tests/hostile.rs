//! Servers that do what no real one does: each ends with a message, soon, and takes little memory.

use std::time::Duration;

use super::scripted::{Client, serve};
use super::{Mysql, MysqlAddress, connect, refused};
use crate::sql::report::Report;
use crate::sql::session::Session as _;

const NONSENSE: &str = "cannot connect to database `app` at `here`: the server does not speak MySQL's protocol: ";

#[test]
fn what_is_said_first() {
    for (first, wanted) in [
        (&b""[..], "the server closed the connection"),
        (b"\x05", "the server closed the connection"),
        (b"HTTP/1.1 400 Bad Request\r\n\r\n", "it sent a message of more than 16384 bytes"),
        (b"SSH-2.0-OpenSSH_9.2p1\r\n", "it sent a message of more than 16384 bytes"),
        (b"\xff\xff\xff\x00", "it sent a message of more than 16384 bytes"),
        (b"\x00\x00\x00\x00", "its first message is not MySQL's"),
        (b"\x01\x00\x00\x00\x0a", "its first message is not MySQL's"),
        (b"\x04\x00\x00\x00\x09abc", "its first message is not MySQL's"),
        (b"\x04\x00\x00\x07\x0aabc", "its packets are not in order"),
        (b"\x01\x00\x00\x00\xff", "its answer is not MySQL's"),
        (b"\x17\x00\x00\x00\xff\x10\x04Too many connections", "too many connections (error 1040)"),
        (b"\x0a\x00\x00\x00\xff\x6a\x04Host is", "host is (error 1130)"),
    ] {
        let (address, served) = serve(move |client| {
            client.raw(first);
            if !first.is_empty() && first != b"\x05" {
                client.hold();
            }
        });
        let text = refused(&address);
        assert!(text.starts_with("error: cannot connect to database `app` at `here`: "), "{text}");
        assert!(text.contains(wanted), "{first:x?}: {text}");
        assert_eq!(text.contains(NONSENSE), wanted.starts_with("it"), "{text}");
        served.join().unwrap();
    }
}

#[test]
fn a_server_too_old() {
    let (address, served) = serve(|client| {
        client.send(b"\x0a4.0.30\0\x07\0\0\0abcdefgh\0\x2c\x20\x08\x02\0\0\0\0\0\0\0\0\0\0\0\0\0\0");
        client.hold();
    });
    assert!(refused(&address).contains("`here`: the server is too old\n"));
    served.join().unwrap();
}

#[test]
fn silence_and_drops_are_not_waited_for() {
    let silent: fn(&mut Client) = |client| client.hold();
    let dropping: fn(&mut Client) = |client| {
        client.raw(b"\x00\x10\x00\x00");
        while client.raw(b"\x0a") {
            std::thread::sleep(Duration::from_millis(20));
        }
    };
    let silent_later: fn(&mut Client) = |client| {
        client.greet("mysql_native_password");
        client.hold();
    };
    for script in [silent, dropping, silent_later] {
        let (address, served) = serve(script);
        let text = refused(&MysqlAddress { connect_timeout: Some(Duration::from_millis(300)), ..address });
        assert!(text.contains("cannot connect to database `app` at `here`: no answer in time\n"), "{text}");
        served.join().unwrap();
    }
}

/// What is made of the answer to the first question.
fn first_answer(script: impl FnOnce(&mut Client) + Send + 'static) -> String {
    let (address, served) = serve(move |client| {
        client.let_in();
        script(client);
        client.hold();
    });
    let text = refused(&address);
    served.join().unwrap();
    text
}

#[test]
fn answers_that_are_none() {
    let column: &[u8] = b"\x03def\0\0\0\x01x\0\x0c\x2d\0\x04\0\0\0\xfd\0\0\0\0\0";
    let end: &[u8] = b"\xfe\0\0\x02\0";
    for (messages, wanted) in [
        (vec![&b""[..]], "its answer is not MySQL's"),
        (vec![b"\0"], "its answer is not MySQL's"),
        (vec![b"\xfe"], "its answer is not MySQL's"),
        (vec![b"\xff"], "its answer is not MySQL's"),
        (vec![b"\xfb/etc/passwd"], "it asked for a file of this machine"),
        (vec![b"\xfc\xff\xff"], "its answer is not MySQL's"),
        (vec![b"\xfe\xff\xff\xff\xff\xff\xff\xff\xff"], "its answer is not MySQL's"),
        (vec![b"\x01", column, column], "its answer is not MySQL's"),
        (vec![b"\x01", column, end, b"\x05ab"], "its answer is not MySQL's"),
        (vec![b"\x02", column, column, end, b"\x01a"], "its answer is not MySQL's"),
        (vec![b"\x01", column, end, b"\xff\x7a\x04#42S02No such table"], "no such table (error 1146)"),
        (vec![b"\0\0\0\x02\0\0\0"], "the server does not say what it is"),
        (vec![b"\x01", column, end, b"\x01a", end], "the server does not say what it is"),
        (vec![b"\xff\x1d\x04#08S01Server shutdown in progress"], "server shutdown in progress (error 1053)"),
    ] {
        let sent: Vec<Vec<u8>> = messages.iter().map(|message| message.to_vec()).collect();
        let text = first_answer(move |client| {
            for message in &sent {
                client.send(message);
            }
        });
        assert!(text.contains(wanted), "{messages:x?}: {text}");
    }
    let text = first_answer(|client| {
        client.raw(b"\x01\0\0\x09a");
    });
    assert!(text.contains("its packets are not in order"), "{text}");
}

#[test]
fn rows_without_end_are_left() {
    let sent = std::sync::Arc::new(std::sync::atomic::AtomicUsize::new(0));
    let counted = std::sync::Arc::clone(&sent);
    let text = first_answer(move |client| {
        client.send(b"\x01");
        client.send(b"\x03def\0\0\0\x01x\0\x0c\x2d\0\x04\0\0\0\xfd\0\0\0\0\0");
        client.send(b"\xfe\0\0\x02\0");
        // Many small ones, which take more memory than they are long.
        while client.send(b"\0") {
            counted.fetch_add(5, std::sync::atomic::Ordering::Relaxed);
        }
    });
    assert!(text.contains("it sent rows of more than 33554432 bytes"), "{text}");
    let sent = sent.load(std::sync::atomic::Ordering::Relaxed);
    assert!(sent < 64 * 1024 * 1024, "{sent}");

    let text = first_answer(|client| {
        client.send(b"\x01");
        client.send(b"\x03def\0\0\0\x01x\0\x0c\x2d\0\x04\0\0\0\xfd\0\0\0\0\0");
        client.send(b"\xfe\0\0\x02\0");
        // One whose packets never end.
        let packet = vec![b'x'; 0xff_ffff];
        while client.send(&packet) {}
    });
    assert!(text.contains("it sent a message of more than 33554432 bytes"), "{text}");
}

/// A session with a script that goes on after the login.
fn session(script: impl FnOnce(&mut Client) + Send + 'static) -> (Mysql, std::thread::JoinHandle<()>) {
    let (address, served) = serve(move |client| {
        client.let_in();
        client.send(b"\x03");
        for _ in 0..3 {
            client.send(b"\x03def\0\0\0\x01x\0\x0c\x2d\0\x04\0\0\0\xfd\0\0\0\0\0");
        }
        client.send(b"\xfe\0\0\x02\0");
        client.send(b"\x017\x0816777216\0");
        client.send(b"\xfe\0\0\x02\0");
        // What is saved. It is one statement, and that is not announced.
        client.receive();
        client.done();
        script(client);
        client.hold();
    });
    (connect(&address).unwrap(), served)
}

#[test]
fn an_answer_that_was_not_read_to_its_end_is_the_last() {
    let (mut session, served) = session(|client| {
        client.receive();
        client.send(b"\xfb/etc/passwd");
    });
    let report: Report = session.query("SELECT 1").unwrap_err();
    assert!(report.is_lost(), "{report:?}");
    assert_eq!(report.message, "the server does not speak MySQL's protocol: it asked for a file of this machine");
    assert!(session.query("SELECT 1").unwrap_err().is_lost());
    drop(session);
    served.join().unwrap();
}

#[test]
fn a_lock_that_the_server_cannot_give_is_an_error() {
    let (mut session, served) = session(|client| {
        // Whether it is of a cluster, then the lock: NULL.
        client.receive();
        client.done();
        client.receive();
        client.send(b"\x01");
        client.send(b"\x03def\0\0\0\x01x\0\x0c\x2d\0\x04\0\0\0\xfd\0\0\0\0\0");
        client.send(b"\xfe\0\0\x02\0");
        client.send(b"\xfb");
        client.send(b"\xfe\0\0\x02\0");
    });
    let lock = crate::sql::session::LockName::Text("x".to_owned());
    let report = session.try_lock(&lock).unwrap_err();
    assert_eq!(report.message, "the server could not tell whether the lock is free");
    drop(session);
    served.join().unwrap();
}

#[test]
fn a_node_of_a_cluster_gives_no_lock() {
    let (mut session, served) = session(|client| {
        client.receive();
        client.send(b"\x02");
        for _ in 0..2 {
            client.send(b"\x03def\0\0\0\x01x\0\x0c\x2d\0\x04\0\0\0\xfd\0\0\0\0\0");
        }
        client.send(b"\xfe\0\0\x02\0");
        client.send(b"\x08wsrep_on\x02ON");
        client.send(b"\xfe\0\0\x02\0");
    });
    let failure = crate::sql::lock::check_cluster(&mut session, "name one").unwrap_err();
    assert_eq!(failure.kind(), crate::failure::Kind::Pooler);
    let text = failure.to_text();
    assert!(text.contains("cannot lock the database: the server is a node of a Galera cluster"), "{text}");
    assert!(text.contains("hint: name one"), "{text}");
    drop(session);
    served.join().unwrap();
}
