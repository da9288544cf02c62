//! Servers that fail for a while, for good, or in the middle.

use std::time::{Duration, Instant};

use super::{bytes, fetching, sha256};
use crate::server::{Connection, Server, announce, header, hold, reply, reply_range, send};

type Answer = fn(&mut dyn Connection);
/// The headers of the first answer, what is asked for then, and the second answer.
type Changed = (&'static [&'static str], Option<&'static str>, fn(&mut dyn Connection, &[u8]));

#[test]
fn what_passes_is_tried_again() {
    let answers: [(&str, Answer); 9] = [
        ("answered with status 503 Service Unavailable", |stream| reply(stream, "503 X", &["Retry-After: 0"], b"busy")),
        ("answered with status 500 Internal Server Error", |stream| reply(stream, "500 X", &[], b"")),
        ("answered with status 429 Too Many Requests", |stream| reply(stream, "429 X", &["Retry-After: soon"], b"")),
        ("answered with status 408 Request Timeout", |stream| reply(stream, "408 X", &[], b"")),
        ("answered with status 425 Too Early", |stream| reply(stream, "425 X", &[], b"")),
        ("answered with status 599", |stream| reply(stream, "599 X", &[], b"")),
        ("no HTTP answer: ", |_| {}),
        ("no HTTP answer: invalid HTTP version parsed", |stream| send(stream, b"SSH-2.0-OpenSSH\r\n\r\n")),
        ("the connection broke: ", |stream| {
            announce(stream, "200 OK", &[], 7);
            send(stream, b"con");
        }),
    ];
    for (cause, answer) in answers {
        let server = Server::start(
            move |number, _, stream| {
                if number < 2 { answer(stream) } else { reply(stream, "200 OK", &[], b"content") }
            },
        );
        let scene = fetching(&server.url("/"), &format!(", sha256: {}, retries: 2", sha256("content")));
        let ran = scene.apply().code(0).stderr_has("changed, 7 bytes in 3 tries");
        assert_eq!(ran.stderr.matches(cause).count(), 2, "{cause}: {}", ran.stderr);
        assert!(ran.stderr.contains("; trying again in 0.0s"), "{}", ran.stderr);
        assert_eq!((scene.read("out/file").as_str(), scene.names("out").len()), ("content", 1));

        let server = Server::start(move |_, _, stream| answer(stream));
        let scene = fetching(&server.url("/"), &format!(", sha256: {}, retries: 1", sha256("content")));
        let ran = scene.apply().code(1).stderr_has(&format!("error: cannot fetch `{}`: {cause}", server.url("/")));
        assert!(ran.stderr.contains("  = 2 tries in "), "{}", ran.stderr);
        assert_eq!((server.requests().len(), scene.names("out").len()), (2, 0));
    }
}

#[test]
fn nobody_listens() {
    let address = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let scene = fetching(&format!("http://{address}/"), ", unverified: true, retries: 3");
    let ran =
        scene.apply().code(1).stderr_has(&format!("error: cannot fetch `http://{address}/`: connection refused\n"));
    ran.stderr_has("  = 4 tries in ");
    let scene = fetching("http://host.invalid/", ", unverified: true, retries: 0, idle_timeout: 20s");
    scene.apply().code(1).stderr_has("error: cannot fetch `http://host.invalid/`: cannot resolve `host.invalid`: ");
}

#[test]
fn what_is_final_is_not_tried_again() {
    let hint = "hint: `headers` can send a token, with `from_env` or `from_file`\n";
    for (status, shown, hint) in [
        ("404 Gone fishing", "404 Not Found\n", ""),
        ("403 X", "403 Forbidden\n", hint),
        ("401 X", "401 Unauthorized\n", hint),
        ("410 X", "410 Gone\n", ""),
        ("204 X", "204 No Content\n", ""),
        ("206 X", "206 Partial Content\n", ""),
        ("300 X", "300 Multiple Choices\n", ""),
        ("304 X", "304 Not Modified\n", ""),
        ("416 X", "416 Range Not Satisfiable\n", ""),
        ("999 X", "999\n", ""),
    ] {
        let server = Server::start(move |_, _, stream| reply(stream, status, &[], b""));
        let scene = fetching(&server.url("/a"), ", unverified: true");
        let message = format!("error: cannot fetch `{}`: answered with status {shown}", server.url("/a"));
        scene.apply().code(1).stderr_has(&message).stderr_has(hint);
        assert_eq!((server.requests().len(), scene.names("out").len()), (1, 0), "{status}");
    }
}

#[test]
fn silence_ends_a_try_and_the_timeout_ends_them_all() {
    let silent = Server::start(|_, _, stream| hold(stream));
    let scene = fetching(&silent.url("/"), ", unverified: true, idle_timeout: 100ms, retries: 1");
    let message = format!("error: cannot fetch `{}`: no answer within 100ms\n", silent.url("/"));
    scene.apply().code(5).stderr_has(&message).stderr_has("  = 2 tries in ");
    assert_eq!(silent.requests().len(), 2);

    let half = Server::start(|_, _, stream| {
        announce(stream, "200 OK", &[], 7);
        send(stream, b"con");
        hold(stream);
    });
    let scene = fetching(&half.url("/"), ", unverified: true, idle_timeout: 1s, retries: 0");
    let message = format!("error: cannot fetch `{}`: nothing came for 1s\n", half.url("/"));
    scene.apply().code(5).stderr_has(&message);
    assert_eq!(scene.names("out").len(), 0);

    // A byte now and then is no silence.
    let drip = Server::start(|_, _, stream| {
        announce(stream, "200 OK", &[], 1_000_000);
        while stream.write_all(b"x").and_then(|()| stream.flush()).is_ok() {
            std::thread::sleep(Duration::from_millis(20));
        }
    });
    let step = super::plan(&drip.url("/"), ", unverified: true").replace("- fetch:", "- timeout: 2s\n    fetch:");
    let scene = crate::harness::Scene::with_plan(&step);
    scene.directory("out");
    let started = Instant::now();
    let ran = scene.apply().code(5).stderr_has("error: timed out: the step took longer than its `timeout`\n");
    assert!(started.elapsed() < Duration::from_secs(10));
    let note = format!("  = `{}`: ", drip.url("/"));
    assert!(ran.stderr.contains(&note) && ran.stderr.contains(" of 1000000 bytes (try 1)\n"), "{}", ran.stderr);
    assert_eq!(scene.names("out").len(), 0);
}

#[test]
fn a_pause_that_the_server_asks_for_is_kept() {
    let server = Server::start(|number, _, stream| match number {
        0 => reply(stream, "503 X", &["Retry-After: 1"], b""),
        _ => reply(stream, "200 OK", &[], b"x"),
    });
    let scene = fetching(&server.url("/"), ", unverified: true");
    let started = Instant::now();
    scene.apply().code(0).stderr_has("; trying again in 1.0s");
    assert!(started.elapsed() >= Duration::from_secs(1));
    let server = Server::start(|_, _, stream| reply(stream, "503 X", &["Retry-After: 999999999999"], b""));
    let scene = fetching(&server.url("/"), ", unverified: true");
    let plan = super::plan(&server.url("/"), ", unverified: true").replace("- fetch:", "- timeout: 3s\n    fetch:");
    scene.file("plan.yaml", plan);
    scene.apply().code(5).stderr_has("; trying again in 60.0s").stderr_has("(try 1, before: answered with status 503");
}

#[test]
fn a_broken_transfer_goes_on_where_it_ended() {
    const LENGTH: usize = 300_000;
    const CUT: usize = 100_000;
    let content = bytes(LENGTH);
    let sent = content.clone();
    let server = Server::start(move |number, head, stream| match number {
        0 => {
            announce(stream, "200 OK", &["ETag: \"v1\""], LENGTH);
            send(stream, &sent[..CUT]);
        }
        // Nobody answers in between: what was received is not forgotten.
        1 => {}
        2 => {
            let range = format!("Content-Range: bytes {CUT}-{}/{LENGTH}", LENGTH - 1);
            announce(stream, "206 X", &[&range], LENGTH - CUT);
            send(stream, &sent[CUT..2 * CUT]);
        }
        _ => reply_range(stream, head, "\"v1\"", &sent),
    });
    let scene = fetching(&server.url("/"), &format!(", sha256: {}", sha256(&content)));
    scene.apply().code(0).stderr_has("changed, 300000 bytes in 4 tries");
    assert_eq!(std::fs::read(scene.path("out/file")).unwrap(), content);
    let asked: Vec<_> =
        server.requests().iter().map(|head| header(head, "range").unwrap_or_default().to_owned()).collect();
    assert_eq!(asked, ["", "bytes=100000-", "bytes=100000-", "bytes=200000-"]);
    assert_eq!(header(&server.requests()[1], "if-range"), Some("\"v1\""));
}

#[test]
fn a_file_that_changed_or_a_wrong_part_begins_anew() {
    const LENGTH: usize = 10_000;
    let content = bytes(LENGTH);
    let digits = sha256(&content);
    let answers: [Changed; 9] = [
        // Another file in the meantime: the whole of it.
        (&["ETag: \"v1\""], Some("bytes=4000-"), |stream, content| reply(stream, "200 X", &["ETag: \"v2\""], content)),
        (&["ETag: \"v1\""], Some("bytes=4000-"), |stream, content| {
            reply(stream, "206 X", &["ETag: \"v2\"", "Content-Range: bytes 4000-9999/10000"], &content[4000..]);
        }),
        (&["ETag: \"v1\""], Some("bytes=4000-"), |stream, content| {
            reply(stream, "206 X", &["Content-Range: bytes 3999-9999/10000"], &content[3999..]);
        }),
        (&["ETag: \"v1\""], Some("bytes=4000-"), |stream, content| {
            reply(stream, "206 X", &["Content-Range: bytes 4000-9998/9999"], &content[4000..]);
        }),
        (&["ETag: \"v1\""], Some("bytes=4000-"), |stream, content| reply(stream, "206 X", &[], &content[4000..])),
        (&["ETag: \"v1\""], Some("bytes=4000-"), |stream, _| {
            reply(stream, "416 X", &["Content-Range: bytes */10000"], b"");
        }),
        (&["Last-Modified: Sat, 21 Nov 2026 09:00:00 GMT"], Some("bytes=4000-"), |stream, content| {
            reply(stream, "200 X", &[], content);
        }),
        // Nothing by which the file could be recognized.
        (&["ETag: W/\"v1\""], None, |stream, content| reply(stream, "200 X", &[], content)),
        (&[], None, |stream, content| reply(stream, "200 X", &[], content)),
    ];
    for (headers, range, answer) in answers {
        let sent = content.clone();
        let server = Server::start(move |number, _, stream| match number {
            0 => {
                announce(stream, "200 OK", headers, LENGTH);
                send(stream, &sent[..4000]);
            }
            1 => answer(stream, &sent),
            _ => reply(stream, "200 OK", &[], &sent),
        });
        let scene = fetching(&server.url("/"), &format!(", sha256: {digits}"));
        scene.apply().code(0);
        assert_eq!(std::fs::read(scene.path("out/file")).unwrap(), content, "{headers:?}");
        let requests = server.requests();
        assert_eq!(header(&requests[1], "range"), range, "{headers:?}");
        assert!(requests.get(2).is_none_or(|head| header(head, "range").is_none()), "{requests:?}");
    }
}

#[test]
fn lengths_that_are_wrong_missing_or_told_in_chunks() {
    let whole = ", sha256: ".to_owned() + &sha256("content");
    let without = ", unverified: true".to_owned();
    let answers: [(&str, &str, i32, &str); 9] = [
        (&whole, "HTTP/1.1 200 X\r\nContent-Length: 7\r\n\r\ncontent and more", 0, "changed, 7 bytes"),
        (&without, "HTTP/1.1 200 X\r\nContent-Length: 9\r\n\r\ncontent", 1, "the connection broke: "),
        (&without, "HTTP/1.1 200 X\r\nContent-Length: 9\r\nContent-Length: 7\r\n\r\ncontent", 1, "no HTTP answer: "),
        (
            &without,
            "HTTP/1.1 200 X\r\nTransfer-Encoding: chunked\r\n\r\n3\r\ncon\r\n4;x=y\r\ntent\r\n0\r\nT: u\r\n\r\n",
            0,
            "changed, 7 bytes",
        ),
        (&without, "HTTP/1.1 200 X\r\nTransfer-Encoding: chunked\r\n\r\n3\r\ncon\r\n", 1, "the connection broke: "),
        (&without, "HTTP/1.1 200 X\r\nTransfer-Encoding: chunked\r\n\r\nZ\r\ncon\r\n", 1, "the connection broke: "),
        (&whole, "HTTP/1.0 200 X\r\n\r\ncontent", 0, "changed, 7 bytes"),
        (
            &without,
            "HTTP/1.0 200 X\r\n\r\ncontent",
            1,
            "the answer tells no length, so nobody could see that it was cut\n",
        ),
        // A coding that nobody asked for is not taken off.
        (&whole, "HTTP/1.1 200 X\r\nContent-Encoding: gzip\r\nContent-Length: 7\r\n\r\ncontent", 0, "changed, 7 bytes"),
    ];
    for (fields, answer, code, text) in answers {
        let sent = answer.to_owned();
        let server = Server::start(move |_, _, stream| send(stream, sent.as_bytes()));
        let scene = fetching(&server.url("/"), &format!("{fields}, retries: 1"));
        scene.apply().code(code).stderr_has(text);
        assert_eq!(scene.exists("out/file"), code == 0, "{answer}");
        assert_eq!(scene.names("out").len(), usize::from(code == 0));
    }
}
