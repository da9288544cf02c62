//! Proxies, by the variables that other programs know too.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};

use super::secure::trusting;
use super::{fetching, sha256};
use crate::authority::Authority;
use crate::server::{Server, header, reply};

/// A proxy that knows only `CONNECT`, and connects to whatever it is asked for on this machine.
fn tunnelling(answer: &'static str) -> (String, std::sync::Arc<std::sync::Mutex<Vec<String>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let heads = std::sync::Arc::new(std::sync::Mutex::new(Vec::new()));
    let kept = std::sync::Arc::clone(&heads);
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut client = stream.unwrap();
            let (mut head, mut byte) = (Vec::new(), [0]);
            while !head.ends_with(b"\r\n\r\n") && client.read(&mut byte).unwrap() == 1 {
                head.push(byte[0]);
            }
            let head = String::from_utf8(head).unwrap();
            let port = head.split([' ', ':']).nth(2).unwrap().to_owned();
            kept.lock().unwrap().push(head);
            client.write_all(answer.as_bytes()).unwrap();
            if !answer.starts_with("HTTP/1.1 200") {
                continue;
            }
            let server = TcpStream::connect(format!("127.0.0.1:{port}")).unwrap();
            let (mut from, mut to) = (client.try_clone().unwrap(), server.try_clone().unwrap());
            std::thread::spawn(move || {
                let _ = std::io::copy(&mut from, &mut to);
                let _ = to.shutdown(std::net::Shutdown::Write);
            });
            std::thread::spawn(move || {
                let _ = std::io::copy(&mut { server }, &mut client);
                let _ = client.shutdown(std::net::Shutdown::Write);
            });
        }
    });
    (address, heads)
}

#[test]
fn http_goes_through_the_proxy_and_exceptions_do_not() {
    let server = Server::with("direct");
    let proxy = Server::with("proxied");
    let through = format!("http://user:hunter%32@{}/", proxy.address);
    for (variables, wanted) in [
        (&[("http_proxy", through.as_str())][..], "proxied"),
        (&[("HTTP_PROXY", &through)], "proxied"),
        (&[("HTTP_PROXY", &through), ("REQUEST_METHOD", "GET")], "direct"),
        (&[("all_proxy", &through)], "proxied"),
        (&[("https_proxy", &through)], "direct"),
        (&[("http_proxy", &through), ("no_proxy", "example.com, 127.0.0.0/8")], "direct"),
        (&[("http_proxy", &through), ("NO_PROXY", "10.0.0.0/8,example.com")], "proxied"),
        (&[("http_proxy", &through), ("NO_PROXY", "*")], "direct"),
    ] {
        let scene = fetching(&server.url("/a?b"), ", unverified: true");
        for (name, value) in variables {
            scene.env(*name, *value);
        }
        scene.apply().code(0).lacks("hunter");
        assert_eq!(scene.read("out/file"), wanted, "{variables:?}");
    }
    let request = &proxy.requests()[0];
    assert!(request.starts_with(&format!("get http://{}/a?b http/1.1\r\n", server.address)), "{request}");
    assert_eq!(header(request, "host"), Some(server.address.to_string().as_str()));
    assert_eq!(header(request, "proxy-authorization"), Some("basic dxnlcjpodw50zxiy"), "user:hunter2");
    assert!(server.requests().iter().all(|head| header(head, "proxy-authorization").is_none()));
}

#[test]
fn https_goes_through_a_tunnel() {
    let authority = Authority::new();
    let server = Server::secure(authority.server(&["localhost"]), |_, head, stream| {
        reply(stream, "200 OK", &[], head.lines().next().unwrap().as_bytes());
    });
    let (proxy, heads) = tunnelling("HTTP/1.1 200 Connection established\r\nX: y\r\n\r\n");
    let scene = trusting(&authority, &server.named("/secret-path"), "");
    scene.env("HTTPS_PROXY", format!("http://user:hunter2@{proxy}"));
    scene.apply().code(0).lacks("hunter2");
    assert_eq!(scene.read("out/file"), "get /secret-path http/1.1");
    let head = heads.lock().unwrap()[0].clone();
    let port = server.address.port();
    assert!(head.starts_with(&format!("CONNECT localhost:{port} HTTP/1.1\r\nHost: localhost:{port}\r\n")), "{head}");
    assert!(head.contains("\r\nProxy-Authorization: Basic dXNlcjpodW50ZXIy\r\n"), "{head}");
    assert!(!head.contains("secret-path"));
    assert_eq!(header(&server.requests()[0], "proxy-authorization"), None);
}

#[test]
fn proxies_that_refuse() {
    let authority = Authority::new();
    let server = Server::secure(authority.server(&["localhost"]), |_, _, stream| reply(stream, "200 OK", &[], b"x"));
    for (answer, cause, tries) in [
        ("HTTP/1.1 407 X\r\n\r\n", "the proxy wants a password: it answered with status 407\n", 1),
        ("HTTP/1.1 403 X\r\n\r\n", "the proxy answered with status 403\n", 1),
        ("HTTP/1.1 502 X\r\n\r\n", "the proxy answered with status 502\n", 2),
        ("SSH-2.0-x\r\n\r\n", "the proxy's answer is no HTTP\n", 1),
        ("", "the proxy closed the connection\n", 2),
    ] {
        let (proxy, heads) = tunnelling(answer);
        let scene = trusting(&authority, &server.named("/"), ", retries: 1");
        scene.env("https_proxy", format!("user:hunter2@{proxy}"));
        scene.apply().code(1).lacks("hunter2").stderr_has(cause);
        assert_eq!(heads.lock().unwrap().len(), tries, "{cause}");
    }
    let plain = Server::start(|_, _, stream| reply(stream, "407 X", &[], b""));
    let scene = fetching("http://localhost:1/", &format!(", sha256: {}", sha256("x")));
    scene.env("http_proxy", plain.url("/"));
    scene
        .apply()
        .code(1)
        .stderr_has("answered with status 407 Proxy Authentication Required\n")
        .stderr_has("hint: put user and password into its variable, with an `@` before the host\n");
    let scene = fetching("http://localhost:1/", ", unverified: true, retries: 0");
    let nobody = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    scene.env("http_proxy", format!("http://user:hunter2@{nobody}"));
    let message =
        format!("error: cannot fetch `http://localhost:1/`: cannot reach the proxy `{nobody}`: connection refused\n");
    scene.apply().code(1).lacks("hunter2").stderr_has(&message);
    let scene = fetching("http://localhost:1/", ", unverified: true");
    scene.env("http_proxy", "socks5://user:hunter2@localhost:1");
    scene.apply().code(4).lacks("hunter2").stderr_has(
        "error: cannot use the proxy that `http_proxy` names: only proxies of the form `http://host:port` are known\n",
    );
}
