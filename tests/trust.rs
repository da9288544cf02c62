//! `trust`: bundles of certificates, read back by OpenSSL, Python and Java.

use std::process::Command;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::harness::{Ran, Scene, skip};

fn certificate(name: &str) -> String {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("tests/certificates/{name}.pem"));
    std::fs::read_to_string(path).unwrap()
}

fn der(name: &str) -> Vec<u8> {
    let encoded: String = certificate(name).lines().filter(|line| !line.starts_with('-')).collect();
    STANDARD.decode(encoded).unwrap()
}

/// What another program says; nothing where it is not installed.
fn say(test: &str, scene: &Scene, program: &str, arguments: &[&str]) -> Option<Ran> {
    let Ok(output) = Command::new(program).args(arguments).current_dir(&scene.directory).output() else {
        skip(test, program);
        return None;
    };
    Some(output.into())
}

#[test]
fn a_bundle_is_the_base_and_what_is_added_each_once() {
    let scene = Scene::new();
    let (authority, second, leaf) = (certificate("authority"), certificate("second"), certificate("leaf"));
    scene.file("etc/ssl/certs/ca-certificates.crt", &second);
    let text = format!("# a comment\r\n{}\nmore: text\n{second}", authority.replace('\n', "\r\n"));
    scene.file("more.pem", format!("\u{feff}{text}")).file("add/a.crt", &authority).file("add/c.pem", &leaf);
    scene.file("add/README", "no certificate").file("add/.hidden.pem", "broken");
    let arguments = ["trust", "/out.pem", "--add", "/more.pem", "--add", "/add"];
    let ran = scene.run(&arguments).code(0).stderr_has("changed, 3 certificates written");
    assert!(ran.stderr.contains("`leaf.example.org` is not that of an authority"), "{}", ran.stderr);
    assert!(ran.stderr.contains("/add/a.crt:1: `Example Root CA` is in the bundle already"), "{}", ran.stderr);
    assert!(ran.stderr.contains("/more.pem:23: `Second Root CA` is in the bundle already"), "{}", ran.stderr);
    assert_eq!(scene.read("out.pem"), format!("{second}{authority}{leaf}"));
    assert!(scene.stat("out.pem").ends_with(" 0644"));
    let before = scene.identity("out.pem");
    scene.run(&arguments).code(0).stderr_has(": unchanged");
    assert_eq!(scene.identity("out.pem"), before);
    // In place: what was added is there already.
    let arguments = ["trust", "/etc/ssl/certs/ca-certificates.crt", "--add", "/add"];
    scene.run(&arguments).code(0).stderr_has("3 certificates");
    scene.run(&arguments).code(0).stderr_has(": unchanged");
    let Some(ran) = say(
        "a_bundle_is_the_base_and_what_is_added_each_once",
        &scene,
        "python3",
        &[
            "-c",
            "import ssl; c = ssl.create_default_context(cafile='out.pem'); print(len(c.get_ca_certs()), c.cert_store_stats()['x509'])",
        ],
    ) else {
        return;
    };
    assert_eq!(ran.code(0).stdout, "2 3\n");
}

#[test]
fn what_is_wrong_with_a_certificate_is_told_and_it_stays() {
    let scene = Scene::new();
    for name in ["expired", "future", "authority"] {
        scene.file(&format!("add/{name}.pem"), certificate(name));
    }
    let ran = scene.run(&["trust", "/out.pem", "--base", "none", "--add", "/add"]).code(0);
    let ran = ran.stderr_has("/add/expired.pem:1: `Expired Root CA` has expired on 2010-01-01");
    ran.stderr_has("/add/future.pem:1: `Future Root CA` is not valid before 2090-01-01").lacks("Example Root");
    let all: String = ["authority", "expired", "future"].map(certificate).concat();
    assert_eq!(scene.read("out.pem"), all);
    scene.run(&["trust", "/b.pem", "--base", "/out.pem"]).code(0).stderr_has("3 certificates, 1 of them expired");
}

#[test]
fn der_is_read_too() {
    let scene = Scene::new();
    scene.file("a.cer", der("authority")).file("cut.cer", &der("authority")[..500]);
    scene.run(&["trust", "/out.pem", "--base", "none", "--add", "/a.cer"]).code(0);
    assert_eq!(scene.read("out.pem"), certificate("authority"));
    let ran = scene.run(&["trust", "/out.pem", "--base", "none", "--add", "/cut.cer"]).code(4);
    ran.stderr_has("cannot trust `/cut.cer`: it ends in the middle");
}

#[test]
fn what_is_no_bundle_of_certificates_is_refused_with_its_line() {
    let scene = Scene::new();
    let good = certificate("authority");
    let cut = good.lines().filter(|line| !line.starts_with("MA0")).collect::<Vec<_>>();
    let short = format!("{}\n{}\n-----END CERTIFICATE-----\n", cut[0], cut[1..4].join("\n"));
    let key = "-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEIFTTThisIsNotAKeyButLooksLikeOne0000000000\n-----END PRIVATE KEY-----\n";
    scene.file("key.pem", format!("{good}{key}"));
    scene.file("encrypted.pem", key.replace("PRIVATE", "ENCRYPTED PRIVATE"));
    scene.file("short.pem", format!("\n{short}")).file("none.pem", "text\n").file("empty.pem", "");
    scene.file("half.pem", &good[..good.len() - 30]).file("trusted.pem", good.replace("CERT", "TRUSTED CERT"));
    scene.file("bytes.pem", (0..=255).cycle().take(5000).collect::<Vec<u8>>());
    scene.file("base64.pem", good.replacen("MI", "?I", 1)).directory("out");
    let line = good.lines().count() + 1;
    for (path, message, note) in [
        ("/key.pem", "it holds a private key", format!("line {line} of the file")),
        ("/encrypted.pem", "it holds a private key", "line 1 of".to_owned()),
        ("/short.pem", "it ends in the middle", "line 2 of".to_owned()),
        ("/none.pem", "it holds no certificate", String::new()),
        ("/empty.pem", "it holds no certificate", String::new()),
        ("/half.pem", "the block has no end", "line 1 of".to_owned()),
        ("/trusted.pem", "it holds a certificate in the form of OpenSSL", "line 1 of".to_owned()),
        ("/bytes.pem", "it holds no certificate", String::new()),
        ("/base64.pem", "the block is not Base64", "line 1 of".to_owned()),
    ] {
        let ran = scene.run(&["trust", "/out.pem", "--base", "none", "--add", path]).code(4);
        ran.stderr_has(&format!("cannot trust `{path}`: {message}")).stderr_has(&note).lacks("ThisIsNotAKey");
    }
    for (arguments, code, message) in [
        (vec!["--add", "/key.pem"], 4, "the system has no bundle"),
        (vec!["--base", "none"], 2, "`trust` needs certificates"),
        (vec!["--base", "none", "--password-env", "P", "--add", "/a"], 2, "a PEM bundle has no password"),
        (vec!["--base", "other"], 2, "not a base"),
        (vec!["--base", "/missing"], 6, "cannot read `/missing`: no such file"),
        (vec!["--base", "none", "--add", "/missing"], 6, "cannot read `/missing`: no such file"),
        (vec!["--base", "none", "--add", "/out"], 4, "there is no certificate to trust"),
        (vec!["--base", "/none.pem"], 4, "it holds no certificate"),
    ] {
        scene.run(&[&["trust", "/out.pem"], &arguments[..]].concat()).code(code).stderr_has(message);
    }
    assert!(!scene.exists("out.pem"));
}

#[test]
fn strange_files_in_a_directory_of_certificates() {
    let scene = Scene::new();
    // As the kubelet mounts a ConfigMap.
    scene
        .file("add/..2026/ca.crt", certificate("authority"))
        .link("..2026", "add/..data")
        .link("..data/ca.crt", "add/ca.crt");
    scene.link("/nowhere", "add/gone.pem").link("loop.pem", "add/loop.pem").directory("add/directory.pem");
    nix::unistd::mkfifo(&scene.path("add/fifo.pem"), nix::sys::stat::Mode::S_IRWXU).unwrap();
    let arguments = ["trust", "/out.pem", "--base", "none", "--add", "/add"];
    scene.run(&arguments).code(6).stderr_has("cannot read `/add/loop.pem`: too many symbolic links");
    std::fs::remove_file(scene.path("add/loop.pem")).unwrap();
    let ran = scene.run(&arguments).code(0).stderr_has("`/add/fifo.pem` is left out: it is a FIFO");
    ran.stderr_has("`/add/gone.pem` is left out: it leads nowhere");
    assert_eq!(scene.read("out.pem"), certificate("authority"));
    scene.run(&["trust", "/o.pem", "--base", "none", "--add", "/add/fifo.pem"]).code(6).stderr_has("is a FIFO");
    let huge = std::fs::File::create(scene.path("add/huge.pem")).unwrap();
    huge.set_len(100 * 1024 * 1024).unwrap();
    scene.run(&arguments).code(6).stderr_has("cannot read `/add/huge.pem`: is larger than 16777216 bytes");
    // A link in place of the bundle is replaced, and what it leads to stays.
    std::fs::remove_file(scene.path("add/huge.pem")).unwrap();
    std::fs::remove_file(scene.path("out.pem")).unwrap();
    scene.file("target", "kept").link("/target", "out.pem");
    scene.run(&arguments).code(0);
    assert_eq!((scene.read("target").as_str(), scene.read("out.pem")), ("kept", certificate("authority")));
}

#[test]
fn java_trusts_what_is_in_a_store() {
    let test = "java_trusts_what_is_in_a_store";
    for (name, kind) in [("t.p12", "PKCS12"), ("t.jks", "JKS")] {
        let scene = Scene::new();
        scene.file("a.pem", certificate("authority") + &certificate("second") + &certificate("leaf"));
        let arguments = ["trust", &format!("/{name}"), "--base", "none", "--add", "/a.pem"];
        scene.run(&arguments).code(0);
        let before = scene.identity(name);
        scene.run(&arguments).code(0).stderr_has(": unchanged");
        assert_eq!(scene.identity(name), before);
        let list = |password| {
            let options = ["-storetype", kind, "-storepass", password, "-J-Duser.language=en", "-J-Xshare:auto"];
            say(test, &scene, "keytool", &[&["-list", "-rfc", "-keystore", name], &options[..]].concat())
        };
        let Some(ran) = list("changeit") else { return };
        let said = ran.code(0).stdout.replace('\r', "");
        for part in
            ["Your keystore contains 3 entries", "Alias name: example-root-ca-", "Alias name: leaf.example.org-"]
        {
            assert!(said.contains(part), "{part} is not in {said}");
        }
        assert_eq!(said.matches("Entry type: trustedCertEntry").count(), 3, "{said}");
        for name in ["authority", "second", "leaf"] {
            assert!(said.contains(certificate(name).trim_end()), "{name} is not in {said}");
        }
        assert!(list("changeitnot").unwrap().code != 0, "{kind}: the password was not asked for");
        // Another password, from a file, makes another store.
        scene.file("password", "p\u{e4}ssw\u{f6}rd-2\n");
        let other = [&arguments[..], &["--password-file", "/password"]].concat();
        scene.run(&other).code(0).stderr_has("3 certificates written").lacks("ssw\u{f6}rd");
        scene.run(&other).code(0).stderr_has(": unchanged");
        scene.env("STORE_PASSWORD", "secret1");
        scene.run(&[&arguments[..], &["--password-env", "STORE_PASSWORD"]].concat()).code(0).lacks("secret1");
        list("secret1").unwrap().code(0);
    }
}

#[test]
fn openssl_reads_a_store_and_every_root_of_the_system() {
    let test = "openssl_reads_a_store_and_every_root_of_the_system";
    let Ok(system) = std::fs::read_to_string("/etc/ssl/certs/ca-certificates.crt") else {
        return skip(test, "ca-certificates");
    };
    let scene = Scene::new();
    scene.file("etc/ssl/certs/ca-certificates.crt", &system).file("a.pem", certificate("authority"));
    for name in ["/t.pem", "/t.p12", "/t.jks"] {
        scene.run(&["trust", name, "--add", "/a.pem"]).code(0);
    }
    assert_eq!(scene.read("t.pem"), system + &certificate("authority"));
    let arguments = ["pkcs12", "-in", "t.p12", "-nokeys", "-passin", "pass:changeit"];
    let Some(ran) = say(test, &scene, "openssl", &arguments) else { return };
    let said = ran.code(0).stdout;
    let count = scene.read("t.pem").matches("BEGIN CERTIFICATE").count();
    assert_eq!(said.matches("BEGIN CERTIFICATE").count(), count);
    assert!(count > 100 && said.contains("friendlyName: example-root-ca-"), "{said}");
    for (name, kind) in [("t.p12", "PKCS12"), ("t.jks", "JKS")] {
        let options =
            ["-list", "-keystore", name, "-storetype", kind, "-storepass", "changeit", "-J-Duser.language=en"];
        let Some(ran) = say(test, &scene, "keytool", &options) else { return };
        let said = ran.code(0).stdout;
        assert!(said.contains(&format!("Your keystore contains {count} entries")), "{said}");
    }
}
