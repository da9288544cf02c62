//! What answers on the port is no PostgreSQL server, or a bad one.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};

use super::migrate_at;
use crate::harness::Scene;

/// A server that does the same with every connection; it ends with the test's process.
fn server(answer: impl Fn(&mut TcpStream) + Send + Sync + 'static) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let answer = std::sync::Arc::new(answer);
    std::thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            let answer = std::sync::Arc::clone(&answer);
            std::thread::spawn(move || answer(&mut stream));
        }
    });
    port
}

/// Reads what the client begins with, sends these bytes, and keeps the connection open.
fn says(bytes: impl Into<Vec<u8>>) -> u16 {
    let bytes = bytes.into();
    server(move |stream| {
        let mut begin = [0; 4096];
        let _ = stream.read(&mut begin);
        let _ = stream.write_all(&bytes);
        while matches!(stream.read(&mut begin), Ok(1..)) {}
    })
}

#[test]
fn what_is_no_server_is_told_from_one() {
    let scene = Scene::new();
    scene.file("m/1_a.sql", "SELECT 1;\n");
    let not = "the answer is not that of a PostgreSQL server\n";
    let message = |kind: u8, length: u32, rest: &[u8]| [&[kind][..], &length.to_be_bytes(), rest].concat();
    let closes = server(|stream| drop(stream.read(&mut [0; 8])));
    for (port, options, wanted) in [
        (says("HTTP/1.1 400 Bad Request\r\n\r\n"), "", not),
        (says("HTTP/1.1 400 Bad Request\r\n\r\n"), "sslmode=disable", not),
        (says("SSH-2.0-OpenSSH_9.2\r\n"), "", "the answer is not TLS\n"),
        (says([b'S'; 4096]), "", "the answer is not TLS\n"),
        (says([0; 4096]), "sslmode=disable", not),
        (says([255; 4096]), "sslmode=disable", not),
        (says(message(b'R', u32::MAX, b"")), "sslmode=disable", not),
        (says(message(b'E', 0x7fff_ffff, b"SERROR")), "sslmode=disable", not),
        (says(message(b'R', 3, b"")), "sslmode=disable", not),
        (says(message(b'S', 60_000, &vec![b'x'; 59_996]).repeat(40)), "sslmode=disable", not),
        // A login that nobody knows, and an error without fields.
        (says(message(b'R', 8, &[0, 0, 0, 99])), "sslmode=disable", "cannot connect to database"),
        (says(message(b'E', 4, b"")), "sslmode=disable", "cannot connect to database"),
        (says("N"), "sslmode=require", "the server does not speak TLS\n"),
        (says(""), "connect_timeout=2", "no answer in time\n"),
        (says(""), "connect_timeout=2&sslmode=disable", "no answer in time\n"),
        (says("S"), "connect_timeout=2", "no answer in time\n"),
        (says("N"), "connect_timeout=2", "no answer in time\n"),
        (closes, "", "the server closed the connection\n"),
        (closes, "sslmode=disable", "the server closed the connection\n"),
    ] {
        let url = format!("postgres://app:hunter2@127.0.0.1:{port}/x?{options}");
        migrate_at(&scene, &url).code(7).stderr_has("cannot connect to database `x`").stderr_has(wanted);
    }
}

/// A server that sends for ever does not fill our memory.
#[test]
fn a_server_that_never_ends_is_left() {
    let scene = Scene::new();
    scene.file("m/1_a.sql", "SELECT 1;\n");
    let flood = |message: Vec<u8>| {
        server(move |stream| {
            let _ = stream.read(&mut [0; 4096]);
            while stream.write_all(&message).is_ok() {}
        })
    };
    for (port, wanted) in [
        (flood([&b"S"[..], &104_u32.to_be_bytes(), &[b'x'; 100]].concat()), "not that of a PostgreSQL server"),
        (flood([&b"E"[..], &0x7000_0000_u32.to_be_bytes(), &[b'x'; 100]].concat()), "not that of a PostgreSQL server"),
        (flood(vec![b'N'; 1000]), "not that of a PostgreSQL server"),
    ] {
        let url = format!("postgres://app:hunter2@127.0.0.1:{port}/x?sslmode=disable&connect_timeout=20");
        migrate_at(&scene, &url).code(7).stderr_has(wanted);
    }
}
