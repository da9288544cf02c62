//! TLS: whom the program trusts, and what it says when it does not.

use std::sync::Arc;

use rcgen::{CertificateParams, KeyPair, date_time_ymd};
use rustls::ServerConfig;

use super::{fetching, sha256};
use crate::authority::{Authority, configuration, pem};
use crate::harness::{Scene, skip};
use crate::server::{Server, reply, send};

/// A scene with a step that fetches, in a root whose bundle holds the authority.
pub(crate) fn trusting(authority: &Authority, url: &str, fields: &str) -> Scene {
    let scene = fetching(url, fields);
    scene.file("etc/ssl/certs/ca-certificates.crt", &authority.pem);
    scene
}

fn content(config: Arc<ServerConfig>) -> Server {
    Server::secure(config, |_, _, stream| reply(stream, "200 OK", &[], b"x"))
}

#[test]
fn a_bundle_of_the_system_or_of_the_plan_is_trusted() {
    let (authority, other) = (Authority::new(), Authority::new());
    let server = content(authority.server(&["localhost", "127.0.0.1"]));
    for (bundle, url) in [
        ("etc/ssl/certs/ca-certificates.crt", server.named("/")),
        ("etc/pki/tls/certs/ca-bundle.crt", server.url("/")),
        ("etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem", server.named("/")),
        ("etc/ssl/ca-bundle.pem", server.named("/")),
        ("etc/ssl/cert.pem", server.named("/")),
    ] {
        let scene = fetching(&url, "");
        // A bundle holds many, with words in between, and some that nobody understands any more.
        let odd = pem("CERTIFICATE", b"odd");
        scene.file(bundle, format!("# words\n{}{odd}\n{}", other.pem, authority.pem));
        scene.apply().code(0).stderr_has("changed, 1 bytes");
        assert_eq!(scene.read("out/file"), "x");
    }
    let scene = trusting(&other, &server.named("/"), ", ca: /ca.pem");
    scene.file("ca.pem", &authority.pem).apply().code(0);
    let scene = trusting(&other, &server.named("/"), "");
    scene.file("run/ca.pem", &authority.pem).env("SSL_CERT_FILE", "/run/ca.pem").apply().code(0);
    // A farm of links, as distributions and mounted volumes have it.
    let scene = fetching(&server.named("/"), "");
    scene.file("etc/pki/extracted/bundle.pem", &authority.pem).directory("etc/ssl/certs");
    scene.link("/etc/pki/extracted/bundle.pem", "etc/ssl/certs/ca-certificates.crt").apply().code(0);
}

#[test]
fn what_is_not_trusted_is_not_fetched() {
    let (authority, other) = (Authority::new(), Authority::new());
    let unknown = content(other.server(&["localhost"]));
    let named = content(authority.server(&["example.com", "www.example.com"]));
    let expired = content(authority.server_with(&["localhost"], |params| {
        params.not_before = date_time_ymd(2020, 1, 1);
        params.not_after = date_time_ymd(2020, 2, 1);
    }));
    let early = content(authority.server_with(&["localhost"], |params| params.not_before = date_time_ymd(3000, 1, 1)));
    let own = {
        let key = KeyPair::generate().unwrap();
        let params = CertificateParams::new(vec!["localhost".to_owned()]).unwrap();
        content(configuration(params.self_signed(&key).unwrap().der().clone(), &key))
    };
    let plain = Server::start(|_, _, stream| send(stream, b"HTTP/1.1 400 Bad Request\r\n\r\n"));
    let talkative = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let talks = format!("https://localhost:{}/", talkative.local_addr().unwrap().port());
    std::thread::spawn(move || {
        for stream in talkative.incoming() {
            send(&mut stream.unwrap(), b"220 mail.example.com ESMTP\r\n");
        }
    });
    let hint = "hint: name the authority's certificate, a PEM file, with `ca`\n";
    for (url, cause, hint) in [
        (unknown.named("/"), "the server's certificate is of an authority that is not trusted\n", hint),
        (own.named("/"), "the server's certificate is of an authority that is not trusted\n", hint),
        (
            named.named("/"),
            "the server's certificate is for `example.com`, `www.example.com`, and not for `localhost`\n",
            "",
        ),
        (unknown.url("/"), "the server's certificate is of an authority that is not trusted\n", ""),
        (expired.named("/"), "the server's certificate has expired\n", "hint: renew it, or look at the clock"),
        (early.named("/"), "the server's certificate is not valid yet\n", "hint: look at the clock of this machine\n"),
        (talks, "the answer is not TLS\n", "hint: does the server speak `http://` there?\n"),
    ] {
        let scene = trusting(&authority, &url, "");
        scene.apply().code(1).stderr_has(&format!("error: cannot fetch `{url}`: {cause}")).stderr_has(hint);
        assert_eq!(scene.names("out").len(), 0);
    }
    assert_eq!(unknown.requests().len() + named.requests().len(), 0, "no request was sent");
    drop(plain);
}

#[test]
fn files_of_certificates_that_are_missing_or_wrong() {
    let authority = Authority::new();
    let server = content(authority.server(&["localhost"]));
    let url = server.named("/");
    let ran = fetching(&url, "").apply().code(6);
    for text in [
        "error: cannot check the server: this system has no certificates of authorities\n",
        "  = looked for `/etc/ssl/certs/ca-certificates.crt`, `/etc/pki/tls/certs/ca-bundle.crt`, ",
        "hint: mount a bundle at `/etc/ssl/certs/ca-certificates.crt`, name one in `SSL_CERT_FILE`, or in the step with `ca`\n",
    ] {
        assert!(ran.stderr.contains(text), "{text}: {}", ran.stderr);
    }
    let scene = trusting(&authority, &url, ", ca: /ca.pem");
    scene.apply().code(6).stderr_has("error: cannot read the certificates `/ca.pem`: no such file or directory\n");
    for (content, cause) in [
        (String::new(), "it holds no certificate"),
        ("no PEM".to_owned(), "it holds no certificate"),
        (pem("PRIVATE KEY", b"x"), "it holds no certificate"),
        (format!("{}{}", authority.pem, pem("CERTIFICATE", b"odd")), "it holds a certificate that cannot be read: "),
        (authority.pem.replace("-----END", "-----"), "it holds a certificate that cannot be read: it is not PEM"),
    ] {
        let scene = trusting(&authority, &url, ", ca: /ca.pem");
        scene.file("ca.pem", &content);
        let message = format!("error: cannot read the certificates `/ca.pem`: {cause}");
        scene
            .apply()
            .code(4)
            .stderr_has(&message)
            .stderr_has("hint: the file holds one or more blocks `-----BEGIN CERT");
    }
    let scene = trusting(&authority, &url, "");
    scene.env("SSL_CERT_FILE", "/none.pem").apply().code(6).stderr_has("  = named by `SSL_CERT_FILE`\n");
    assert_eq!(server.requests().len(), 0);
}

#[test]
fn a_transfer_that_is_cut_without_a_word_is_noticed() {
    let authority = Authority::new();
    let answer = b"HTTP/1.0 200 OK\r\n\r\nperhaps all of it";
    let server = Server::rude(authority.server(&["localhost"]), |_, _, stream| send(stream, answer));
    let scene = trusting(&authority, &server.named("/"), ", retries: 0");
    scene.apply().code(1).stderr_has("the connection broke: it was closed before the end\n");
    assert_eq!(scene.names("out").len(), 0);
    // With its goodbye the answer is whole.
    let server = Server::secure(authority.server(&["localhost"]), |_, _, stream| send(stream, answer));
    let scene = trusting(&authority, &server.named("/"), "");
    scene.apply().code(0);
    assert_eq!(scene.read("out/file"), "perhaps all of it");
}

/// Another implementation than our own, in both versions of TLS.
#[test]
fn the_servers_of_python_and_openssl_are_understood() {
    const PYTHON: &str = "/usr/bin/python3";
    let test = "the_servers_of_python_and_openssl_are_understood";
    if !std::path::Path::new(PYTHON).exists() {
        skip(test, PYTHON);
        return;
    }
    let script = "import http.server, ssl, sys\n\
        server = http.server.ThreadingHTTPServer(('127.0.0.1', 0), http.server.SimpleHTTPRequestHandler)\n\
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)\n\
        context.load_cert_chain('server.pem')\n\
        context.minimum_version = context.maximum_version = getattr(ssl.TLSVersion, sys.argv[1])\n\
        server.socket = context.wrap_socket(server.socket, server_side=True)\n\
        print(server.server_port, flush=True)\n\
        server.serve_forever()\n";
    for version in ["TLSv1_2", "TLSv1_3"] {
        let authority = Authority::new();
        let (certificate, key) = authority.issue(&["localhost"], |_| {});
        let scene = trusting(&authority, "https://unused/", "");
        let large = super::bytes(3_000_000);
        scene.file("served/large", &large);
        let keys = pem("CERTIFICATE", &certificate) + &pem("PRIVATE KEY", &key.serialize_der());
        scene.file("served/server.pem", keys);
        let mut python = std::process::Command::new(PYTHON)
            .args(["-c", script, version])
            .current_dir(scene.path("served"))
            .stdout(std::process::Stdio::piped())
            .stderr(std::process::Stdio::null())
            .spawn()
            .unwrap();
        let mut line = String::new();
        std::io::BufRead::read_line(&mut std::io::BufReader::new(python.stdout.take().unwrap()), &mut line).unwrap();
        let url = format!("https://localhost:{}/large", line.trim());
        scene.file("plan.yaml", super::plan(&url, &format!(", sha256: {}", sha256(&large))));
        let ran = scene.apply();
        python.kill().unwrap();
        python.wait().unwrap();
        ran.code(0).stderr_has("changed, 3000000 bytes");
    }
}
