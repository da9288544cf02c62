//! TLS to PostgreSQL: how far the server is checked, and how it checks us.

use std::process::Child;
use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use rcgen::{CertificateParams, DnType};

use super::{configure, migrate, migrate_parts, started};
use crate::authority::{Authority, pem};
use crate::harness::Scene;
use crate::postgres::{Server, USER};

const ACCESS: &str = "hostssl   all certain all cert
hostnossl all plain   all trust
hostssl   all app     all scram-sha-256
hostnossl all app     all scram-sha-256
";

/// A server for `localhost`, its authority in `/ca.pem`, another one in `/other.pem`, and certificates for the user `certain`.
pub(super) fn secure(test: &str) -> Option<Server> {
    let (authority, other) = (Authority::new(), Authority::new());
    let server = started(test, |scene| {
        let (certificate, key) = authority.issue(&["localhost"], |_| {});
        scene
            .file("server/data/server.crt", pem("CERTIFICATE", &certificate))
            .file("server/data/server.key", pem("PRIVATE KEY", &key.serialize_der()))
            .file("server/data/root.crt", &authority.pem)
            .file("server/data/pg_hba.conf", ACCESS)
            .mode("server/data/server.key", 0o600);
        if nix::unistd::geteuid().is_root() {
            scene.owned("server/data/server.key", USER, USER);
        }
        configure(scene, "ssl = on\nssl_ca_file = 'root.crt'\nlog_connections = on\n");
        scene.file("ca.pem", &authority.pem).file("other.pem", &other.pem);
        for (name, issuer) in [("client", &authority), ("stranger", &other)] {
            let named = |params: &mut CertificateParams| params.distinguished_name.push(DnType::CommonName, "certain");
            let (certificate, key) = issuer.issue(&[], named);
            scene.file(&format!("{name}.crt"), pem("CERTIFICATE", &certificate));
            scene.file(&format!("{name}.key"), pem("PRIVATE KEY", &key.serialize_der()));
        }
    })?;
    server.wait();
    server.query("CREATE ROLE certain LOGIN SUPERUSER");
    server.query("CREATE ROLE plain LOGIN SUPERUSER");
    Some(server)
}

/// How many of our sessions were secure, and how many there were, by the server's own log.
fn sessions(scene: &Scene) -> (usize, usize) {
    let log = scene.read("server.log");
    let ours =
        log.lines().filter(|line| line.contains("authorized") && line.contains("application_name=fitout/migrate"));
    let secure = ours.clone().filter(|line| line.contains("SSL enabled")).count();
    (secure, ours.count())
}

#[test]
fn a_server_is_checked_as_far_as_is_asked() {
    let Some(server) = secure("a_server_is_checked_as_far_as_is_asked") else { return };
    let unknown = "the server's certificate is of an authority that is not trusted\n";
    let named = "the server's certificate is for `localhost`, and not for `127.0.0.1`\n";
    for (host, options, wanted) in [
        ("localhost", "sslmode=verify-full&sslrootcert=/ca.pem", Ok(true)),
        ("127.0.0.1", "sslmode=verify-full&sslrootcert=/ca.pem", Err(named)),
        ("127.0.0.1", "sslmode=verify-ca&sslrootcert=/ca.pem", Ok(true)),
        ("127.0.0.1", "sslmode=require&sslrootcert=/ca.pem", Ok(true)),
        ("localhost", "sslmode=verify-full&sslrootcert=/other.pem", Err(unknown)),
        ("localhost", "sslmode=verify-ca&sslrootcert=/other.pem", Err(unknown)),
        ("localhost", "sslmode=require&sslrootcert=/other.pem", Err(unknown)),
        // Never on without TLS after that.
        ("localhost", "sslrootcert=/other.pem", Err(unknown)),
        ("127.0.0.1", "sslmode=require", Ok(true)),
        ("127.0.0.1", "sslmode=prefer", Ok(true)),
        ("127.0.0.1", "", Ok(true)),
        ("127.0.0.1", "sslmode=disable", Ok(false)),
    ] {
        let before = sessions(&server.scene);
        let ran = migrate(&server, &format!("postgres://app:PASSWORD@{host}:PORT/postgres?{options}"));
        let after = sessions(&server.scene);
        let (secure, all) = (after.0 - before.0, after.1 - before.1);
        match wanted {
            Ok(tls) => {
                ran.code(0);
                assert!(all > 0 && secure == if tls { all } else { 0 }, "{options}: {secure} of {all}");
            }
            Err(cause) => {
                ran.code(7).stderr_has("cannot connect to database `").stderr_has(cause);
                assert_eq!((secure, all), (0, 0), "{options}");
            }
        }
    }
    let unknown_authority = migrate(&server, "postgres://app:PASSWORD@localhost:PORT/postgres?sslrootcert=/other.pem");
    unknown_authority
        .stderr_has("hint: name the authority's certificate, a PEM file, with `ca`, or in a URL `sslrootcert`");
}

#[test]
fn the_authorities_of_the_system_are_asked_where_none_are_named() {
    let Some(server) = secure("the_authorities_of_the_system_are_asked_where_none_are_named") else { return };
    let url = "postgres://app:PASSWORD@localhost:PORT/postgres";
    for options in ["sslmode=verify-full", "sslmode=verify-ca", "sslrootcert=system"] {
        server.scene.env("SSL_CERT_FILE", "");
        let none = migrate(&server, &format!("{url}?{options}"));
        none.code(6).stderr_has("this system has no certificates of authorities");
        server.scene.env("SSL_CERT_FILE", "/ca.pem");
        migrate(&server, &format!("{url}?{options}")).code(0);
        server.scene.env("SSL_CERT_FILE", "/other.pem");
        migrate(&server, &format!("{url}?{options}")).code(7).stderr_has("an authority that is not trusted");
    }
    // Read again at each connection.
    server.scene.file("ca.pem", "nothing");
    migrate(&server, &format!("{url}?sslmode=verify-ca&sslrootcert=/ca.pem"))
        .code(4)
        .stderr_has("cannot read the certificates `/ca.pem`: it holds no certificate");
    migrate(&server, &format!("{url}?sslrootcert=/none.pem")).code(6).stderr_has("/none.pem");
}

#[test]
fn a_server_checks_the_certificate_of_a_client() {
    let Some(server) = secure("a_server_checks_the_certificate_of_a_client") else { return };
    let url = "postgres://certain@localhost:PORT/postgres?sslmode=verify-full&sslrootcert=/ca.pem";
    let ran = |files: &str| migrate(&server, &format!("{url}{files}"));
    ran("&sslcert=/client.crt&sslkey=/client.key").code(0);
    ran("").code(7).stderr_has("connection requires a valid client certificate (SQLSTATE 28000)");
    ran("&sslcert=/stranger.crt&sslkey=/stranger.key").code(7).stderr_has("the server refused the connection: ");
    ran("&sslcert=/client.crt&sslkey=/stranger.key")
        .code(4)
        .stderr_has("cannot use the certificate `/client.crt`: the private key is not that of the certificate");
    ran("&sslcert=/client.key&sslkey=/client.key").code(4).stderr_has("the file of the certificate holds none");
    ran("&sslcert=/client.crt&sslkey=/ca.pem").code(4).stderr_has("the file of the private key holds none");
    ran("&sslcert=/client.crt&sslkey=/none.key").code(6).stderr_has("cannot read the private key `/none.key`");
    ran("&sslcert=/client.crt").code(4).stderr_has("the certificate has no private key");
    server
        .scene
        .file("locked.key", "-----BEGIN ENCRYPTED PRIVATE KEY-----\nAAAA\n-----END ENCRYPTED PRIVATE KEY-----\n");
    ran("&sslcert=/client.crt&sslkey=/locked.key").code(4).stderr_has("holds one that is encrypted");
    let tls = "tls: { ca: /ca.pem, certificate: /client.crt, key: /client.key }";
    let parts = format!("{{ driver: postgres, host: localhost, port: PORT, user: certain, name: postgres, {tls} }}");
    migrate_parts(&server, &parts).code(0);
    migrate_parts(&server, &parts.replace("localhost", "127.0.0.1")).code(7).stderr_has("and not for `127.0.0.1`");
}

#[test]
fn a_user_who_may_come_only_without_tls_comes_without_where_tls_is_only_preferred() {
    let test = "a_user_who_may_come_only_without_tls_comes_without_where_tls_is_only_preferred";
    let Some(server) = secure(test) else { return };
    let url = "postgres://plain@localhost:PORT/postgres";
    migrate(&server, url).code(0);
    migrate(&server, &format!("{url}?sslmode=require")).code(7).stderr_has("no pg_hba.conf entry");
    // And one who may not come at all is told what the server said first.
    migrate(&server, "postgres://nobody@localhost:PORT/postgres").code(7).stderr_has("no pg_hba.conf entry");
}

#[test]
fn a_signal_cancels_what_runs_over_tls() {
    let Some(server) = secure("a_signal_cancels_what_runs_over_tls") else { return };
    server.scene.file("m/2_b.sql", "SELECT pg_sleep(60);\n").env(
        "DATABASE_URL",
        format!(
            "postgres://certain@localhost:{}/postgres?sslmode=verify-full&sslrootcert=/ca.pem&sslcert=/client.crt&sslkey=/client.key",
            server.port
        ),
    );
    let child = server.scene.start(&["migrate", "--database-env", "DATABASE_URL", "--source", "/m"]);
    let asleep = || server.query("SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'PgSleep'");
    until(|| asleep() == "1");
    terminate(&child);
    assert_eq!(child.wait_with_output().unwrap().status.code(), Some(143));
    // Cancelled, and not only left alone: the server would not look at the connection before the statement ends.
    until(|| asleep() == "0");
}

fn terminate(child: &Child) {
    kill(Pid::from_raw(i32::try_from(child.id()).unwrap()), Signal::SIGTERM).unwrap();
}

fn until(is: impl Fn() -> bool) {
    let deadline = Instant::now() + Duration::from_secs(30);
    while !is() {
        assert!(Instant::now() < deadline);
        std::thread::sleep(Duration::from_millis(50));
    }
}
