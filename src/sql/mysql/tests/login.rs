//! Who gets in, and over what.

use std::net::TcpListener;
use std::path::{Path, PathBuf};

use super::authority::{Authority, pem};
use super::{MysqlAddress, PASSWORD, TestServer, ask, connect, refused};
use crate::net::{Authorities, Tls, Trust};
use crate::secret::Secret;
use crate::sql::address::Encryption;
use crate::sql::session::Session as _;

fn with_password(address: &MysqlAddress, user: &str, password: &str) -> MysqlAddress {
    MysqlAddress { user: user.to_owned(), password: Some(Secret::new(password.to_owned())), ..address.clone() }
}

#[test]
fn the_right_password_and_wrong_ones() {
    let Some(server) = TestServer::shared() else { return };
    let right = server.address();
    assert_eq!(ask(&mut server.session(), "SELECT CONCAT(CURRENT_USER(), DATABASE())"), "app@%app");
    for wrong in ["wr0ng-secret", ""] {
        let text = refused(&with_password(&right, "app", wrong));
        assert!(
            text.contains("cannot connect to database `app` at `here`: access denied for user 'app'@'127.0.0.1'"),
            "{text}"
        );
        assert!(text.contains("(error 1045)") && text.contains("hint: check the user and the password"), "{text}");
        assert!(!text.contains("wr0ng") && !text.contains("hunter2"), "{text}");
    }
    refused(&MysqlAddress { password: None, ..right.clone() });
    let text = refused(&MysqlAddress { name: "missing".to_owned(), ..right.clone() });
    assert!(
        text.contains("unknown database 'missing' (error 1049)") && text.contains("create the database first"),
        "{text}"
    );

    let mut session = server.session();
    session
        .query(
            "CREATE OR REPLACE USER nobody@'%'; CREATE OR REPLACE USER short@'%' IDENTIFIED BY 'é'; \
             CREATE DATABASE IF NOT EXISTS closed; GRANT SELECT ON app.* TO nobody@'%', short@'%'",
        )
        .unwrap();
    connect(&MysqlAddress { user: "nobody".to_owned(), password: None, ..right.clone() }).unwrap();
    connect(&with_password(&right, "short", "é")).unwrap();
    refused(&with_password(&right, "nobody", "x"));
    let text = refused(&MysqlAddress { name: "closed".to_owned(), ..with_password(&right, "short", "é") });
    assert!(text.contains("(error 1044)") && text.contains("hint: grant the user rights on the database"), "{text}");
}

#[test]
fn a_socket_of_this_machine() {
    let Some(server) = TestServer::shared() else { return };
    let socket = |path: &Path| MysqlAddress { socket: Some(path.to_owned()), host: String::new(), ..server.address() };
    let mut session = connect(&socket(&server.server.socket)).unwrap();
    assert!(ask(&mut session, "SELECT USER()").contains("localhost"));
    let text = refused(&socket(Path::new("/nowhere/socket")));
    assert!(text.contains("no such file or directory") && text.contains("put a `wait` step"), "{text}");
}

#[test]
fn nobody_listens_or_there_is_no_such_host() {
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let text = refused(&super::address(port));
    assert!(text.contains("cannot connect to database `app` at `here`: connection refused\n"), "{text}");
    let text = refused(&MysqlAddress { host: "host.invalid".to_owned(), ..super::address(port) });
    assert!(text.starts_with("error: cannot connect to database `app` at `here`: "), "{text}");
    assert!(!text.contains("os error") && !text.contains("look up"), "{text}");
}

#[test]
fn too_many_connections() {
    let Some(server) = TestServer::start(|_| vec!["--max-connections=10".to_owned()]) else { return };
    // One more than the limit is for an administrator, which the user of the tests is.
    let sessions: Vec<_> = (0..11).map(|_| server.session()).collect();
    let text = refused(&server.address());
    assert!(text.contains("too many connections (error 1040)") && text.contains("max_connections"), "{text}");
    drop(sessions);
}

/// A server with a certificate for `localhost`, and its authority.
fn secure_server() -> Option<(TestServer, Authority)> {
    let authority = Authority::new();
    let (certificate, key) = authority.issue(&["localhost"], |_| {});
    let server = TestServer::start(|directory: &Path| {
        let file = |name: &str, text: &str| -> PathBuf {
            let path = directory.join(name);
            std::fs::write(&path, text).unwrap();
            path
        };
        let certificate = file("certificate.pem", &pem("CERTIFICATE", &certificate));
        let key = file("key.pem", &pem("PRIVATE KEY", key.serialized_der()));
        vec![format!("--ssl-cert={}", certificate.display()), format!("--ssl-key={}", key.display())]
    })?;
    Some((server, authority))
}

fn tls(trust: Trust) -> Tls {
    Tls::with(trust, None).unwrap()
}

fn authorities(authority: &Authority) -> Authorities {
    Authorities::parse(authority.pem.as_bytes(), true).unwrap()
}

#[test]
fn connections_with_tls() {
    let Some((server, authority)) = secure_server() else { return };
    let other = Authority::new();
    let at = |host: &str, tls: Encryption| MysqlAddress { host: host.to_owned(), tls, ..server.address() };
    let cipher = |address: &MysqlAddress| {
        ask(
            &mut connect(address).unwrap(),
            "SHOW STATUS LIKE 'Ssl_version'; SELECT VARIABLE_VALUE FROM information_schema.session_status WHERE VARIABLE_NAME = 'Ssl_version'",
        )
    };
    assert_eq!(cipher(&at("localhost", Encryption::Off)), "");
    for encryption in [
        Encryption::Preferred(tls(Trust::Any)),
        Encryption::Required(tls(Trust::Any)),
        Encryption::Required(tls(Trust::Issued(authorities(&authority)))),
    ] {
        assert_eq!(cipher(&at("127.0.0.1", encryption)), "TLSv1.3");
    }
    let full = |authority| Encryption::Required(tls(Trust::Named(authorities(authority))));
    assert_eq!(cipher(&at("localhost", full(&authority))), "TLSv1.3");
    let text = refused(&at("127.0.0.1", full(&authority)));
    assert!(text.contains("the server's certificate is for `localhost`, and not for `127.0.0.1`"), "{text}");
    for encryption in [
        full(&other),
        Encryption::Required(tls(Trust::Issued(authorities(&other)))),
        Encryption::Preferred(tls(Trust::Issued(authorities(&other)))),
    ] {
        let text = refused(&at("localhost", encryption));
        assert!(text.contains("the server's certificate is of an authority that is not trusted"), "{text}");
    }
    // Large messages both ways.
    let mut session = connect(&at("localhost", full(&authority))).unwrap();
    let long = "y".repeat(3 * 1024 * 1024);
    assert!(ask(&mut session, &format!("SELECT '{long}'")) == long);
    // Who may only come with TLS.
    session
        .query(&format!(
            "CREATE USER careful@'%' IDENTIFIED BY '{PASSWORD}' REQUIRE SSL; GRANT ALL ON app.* TO careful@'%'"
        ))
        .unwrap();
    let careful = |tls| MysqlAddress { user: "careful".to_owned(), ..at("localhost", tls) };
    connect(&careful(full(&authority))).unwrap();
    assert!(refused(&careful(Encryption::Off)).contains("(error 1045)"));
}

#[test]
fn a_server_without_tls() {
    let Some(server) = TestServer::shared() else { return };
    let with = |tls: Encryption| MysqlAddress { tls, ..server.address() };
    connect(&with(Encryption::Preferred(tls(Trust::Any)))).unwrap();
    let text = refused(&with(Encryption::Required(tls(Trust::Any))));
    assert!(text.contains("cannot connect to database `app` at `here`: the server has no TLS\n"), "{text}");
}

#[test]
fn a_server_that_wants_tls() {
    let authority = Authority::new();
    let (certificate, key) = authority.issue(&["localhost"], |_| {});
    let Some(server) = TestServer::start(|directory| {
        std::fs::write(directory.join("c.pem"), pem("CERTIFICATE", &certificate)).unwrap();
        std::fs::write(directory.join("k.pem"), pem("PRIVATE KEY", key.serialized_der())).unwrap();
        let option = |name: &str, file: &str| format!("--{name}={}", directory.join(file).display());
        vec![option("ssl-cert", "c.pem"), option("ssl-key", "k.pem"), "--require-secure-transport=ON".to_owned()]
    }) else {
        return;
    };
    let text = refused(&server.address());
    assert!(text.contains("(error 1045)") && text.contains("and whether the user may come without TLS"), "{text}");
    let tls = Encryption::Preferred(tls(Trust::Any));
    connect(&MysqlAddress { tls, ..server.address() }).unwrap();
}

#[test]
fn a_login_that_is_not_known() {
    let Some(server) = TestServer::shared() else { return };
    let mut session = server.session();
    session.query("INSTALL SONAME 'auth_ed25519'").ok();
    let made = session.query("CREATE OR REPLACE USER modern@'%' IDENTIFIED VIA ed25519 USING PASSWORD('x')");
    if made.is_ok() {
        let text = refused(&with_password(&server.address(), "modern", "x"));
        assert!(
            text.contains("the server wants the login `client_ed25519` of this user, which is not known here"),
            "{text}"
        );
        assert!(text.contains("mysql_native_password"), "{text}");
    }
}
