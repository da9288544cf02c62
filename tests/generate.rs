//! `generate`: secrets that are made once, read back by other programs.

use std::collections::BTreeSet;
use std::process::{Command, Stdio};

use nix::sys::signal::Signal;

use crate::files::in_mount_namespace;
use crate::harness::{Scene, root_or_skip, skip};
use crate::interrupts::signal_at;

const PASSWORD: &str = "version: 1\nsteps: [{ generate: { kind: password, path: /out/p } }]\n";
const CERTIFICATE: &str = "version: 1\nsteps:\n  - generate: { kind: certificate, path: /out/tls.crt, names: [localhost, \
                           \"*.example.org\", 127.0.0.1, \"::1\"] }\n";

/// What `openssl` says of files in the scene; nothing where it is not installed.
fn openssl(test: &str, scene: &Scene, arguments: &[&str]) -> Option<String> {
    let Ok(output) = Command::new("openssl").args(arguments).current_dir(&scene.directory).output() else {
        skip(test, "openssl");
        return None;
    };
    let said = String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned();
    assert!(output.status.success(), "openssl {arguments:?}: {said}");
    Some(said)
}

#[test]
fn a_password_is_made_once_and_told_nobody() {
    let scene = Scene::with_plan(PASSWORD);
    scene.directory("out");
    let shown = scene.run(&["show", "plan.yaml"]).code(10);
    assert!(shown.stdout.contains("+ /out/p  new password, 32 characters, mode 0600"), "{}", shown.stdout);
    assert!(!scene.exists("out/p"));
    let arguments = ["--log", "json", "--log-level", "debug", "--report", "report.json", "apply", "plan.yaml"];
    let ran = scene.run(&arguments).code(0);
    let password = scene.read("out/p");
    assert!(password.len() == 32 && password.chars().all(|c| c.is_ascii_alphanumeric()), "{password}");
    assert!(scene.stat("out/p").ends_with(" 0600"));
    assert!(!scene.read("report.json").contains(&password));
    ran.lacks(&password).stderr_has("made a new password, 32 characters");
    let before = scene.identity("out/p");
    scene.apply().code(0).stderr_has(": unchanged").lacks(&password);
    assert_eq!((scene.identity("out/p"), scene.names("out")), (before, vec!["p".to_owned()]));
    scene.run(&["show", "plan.yaml"]).code(0);
}

#[test]
fn what_is_there_is_kept_and_only_owner_and_mode_are_mended() {
    let scene = Scene::new();
    scene.file("p", "of yesterday\n").mode("p", 0o644);
    scene.run(&["generate", "password", "/p"]).code(0).stderr_has(": unchanged");
    assert!(scene.stat("p").ends_with(" 0644"), "no mode was wished");
    scene.run(&["generate", "password", "/p", "--mode", "0400"]).code(0).stderr_has("kept, owner or mode mended");
    assert!(scene.stat("p").ends_with(" 0400"));
    assert_eq!(scene.read("p"), "of yesterday\n");
    if root_or_skip("what_is_there_is_kept_and_only_owner_and_mode_are_mended") {
        scene.run(&["generate", "hex", "/p", "--owner", "1000:1001"]).code(0);
        scene.run(&["generate", "hex", "/new", "--owner", "1000:1001", "--mode", "0440"]).code(0);
        assert_eq!((scene.stat("p").as_str(), scene.stat("new").as_str()), ("1000:1001 0400", "1000:1001 0440"));
    }
}

#[test]
fn every_kind_has_its_form() {
    let scene = Scene::new();
    for (kind, options, length, characters) in [
        ("password", vec!["--length", "100", "--alphabet", "digits"], 100, "0123456789"),
        ("password", vec!["--length", "64", "--characters", "01"], 64, "01"),
        (
            "password",
            vec!["--length", "12", "--characters", "\u{e4}\u{f6}\u{fc}abcdefghijklmnopqrstuvwxyz012345678ABCDEFG"],
            12,
            "",
        ),
        ("password", vec!["--length", "4096", "--alphabet", "url_safe"], 4096, ""),
        ("hex", vec![], 64, "0123456789abcdef"),
        ("hex", vec!["--length", "8"], 16, "0123456789abcdef"),
        ("base64", vec!["--length", "16"], 24, ""),
        ("uuid", vec![], 36, "0123456789abcdef-"),
    ] {
        let _ = std::fs::remove_file(scene.path("s"));
        scene.run(&[&["generate", kind, "/s"], &options[..]].concat()).code(0);
        let secret = scene.read("s");
        assert_eq!(secret.chars().count(), length, "{kind} {options:?}: {secret}");
        assert!(characters.is_empty() || secret.chars().all(|c| characters.contains(c)), "{kind}: {secret}");
    }
}

#[test]
fn what_can_be_guessed_is_refused() {
    let scene = Scene::new();
    for (arguments, message) in [
        (
            vec!["password", "/p", "--length", "10"],
            "a secret of length 10 can be guessed: it has less than 64 random bits",
        ),
        (vec!["password", "/p", "--length", "10"], "hint: with these characters the least length is 11"),
        (vec!["password", "/p", "--length", "0"], "can be guessed"),
        (vec!["password", "/p", "--length", "19", "--alphabet", "digits"], "the least length is 20"),
        (vec!["hex", "/p", "--length", "7"], "can be guessed"),
        (vec!["password", "/p", "--length", "4097"], "the length must be at most 4096"),
        (vec!["password", "/p", "--characters", "a"], "a password needs 2 to 256 different characters"),
        (vec!["password", "/p", "--characters", ""], "a password needs 2 to 256 different characters"),
        (vec!["password", "/p", "--characters", "aba"], "the character `a` stands twice"),
        (vec!["password", "/p", "--characters", "ab c"], "the characters hold ' '"),
        (vec!["uuid", "/p", "--length", "40"], "`length` has no meaning for this kind"),
        (vec!["key", "/p", "--names", "a"], "`names` has no meaning for this kind"),
        (vec!["certificate", "/p.crt"], "a certificate needs `names`"),
        (vec!["certificate", "/p.key", "--names", "a"], "the certificate and its key have the same path"),
        (
            vec!["certificate", "/p.crt", "--names", "a", "--valid-for", "1d", "--renew-before", "24h"],
            "renewed at every start",
        ),
        (vec!["certificate", "/p.crt", "--names", "a:443"], "not a name or address"),
        (vec!["secret", "/p"], "expected one of `password`, `hex`"),
    ] {
        let arguments = [&["generate"], &arguments[..]].concat();
        scene.run(&arguments).code(2).stderr_has(message);
    }
    scene.file("plan.yaml", "version: 1\nsteps: [{ generate: { kind: password, path: /p, length: 8 } }]\n");
    scene.run(&["check", "plan.yaml"]).code(3).stderr_has("can be guessed");
    assert!(!scene.exists("p"));
}

#[test]
fn what_is_no_secret_is_refused_and_left_alone() {
    let scene = Scene::new();
    scene.file("empty", "").directory("directory").file("target", "x").link("/target", "link");
    nix::unistd::mkfifo(&scene.path("fifo"), nix::sys::stat::Mode::S_IRWXU).unwrap();
    for (path, message) in [
        ("/empty", "cannot generate `/empty`: an empty file is in its place"),
        ("/directory", "it is a directory"),
        ("/link", "it is a symbolic link"),
        ("/fifo", "it is a FIFO"),
        ("/none/p", "no such file or directory"),
    ] {
        scene.run(&["generate", "password", path]).code(6).stderr_has(message);
    }
    assert_eq!((scene.read("empty").as_str(), scene.read("target").as_str()), ("", "x"));
}

#[test]
fn of_twenty_runs_at_once_one_wins_and_all_agree() {
    for plan in [PASSWORD, CERTIFICATE] {
        let scene = Scene::with_plan(plan);
        scene.directory("out");
        let runs: Vec<_> = (0..20)
            .map(|_| {
                scene.command(&["apply", "plan.yaml"]).stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap()
            })
            .collect();
        let said: Vec<String> = runs
            .into_iter()
            .map(|run| {
                let output = run.wait_with_output().unwrap();
                let said = String::from_utf8_lossy(&output.stderr).into_owned();
                assert!(output.status.success(), "{said}");
                said
            })
            .collect();
        let made = said.iter().filter(|said| said.contains(": changed, made")).count();
        assert_eq!(made, 1, "{said:?}");
        let names = if plan == PASSWORD { vec!["p"] } else { vec!["tls.crt", "tls.key"] };
        assert_eq!(scene.names("out"), names);
        scene.apply().code(0).stderr_has(": unchanged");
    }
}

#[test]
fn sigkill_between_any_two_system_calls_leaves_no_secret_or_a_whole_one() {
    // The longer run is killed at every third call.
    for (plan, step) in [(PASSWORD, 1), (CERTIFICATE, 3)] {
        let mut stop = 0;
        loop {
            let scene = Scene::with_plan(plan);
            scene.directory("out");
            let reached = signal_at(&scene, stop, Signal::SIGKILL);
            let whole = |name: &str, end: &str| {
                let text = scene.exists(name).then(|| scene.read(name));
                assert!(text.as_ref().is_none_or(|text| text.ends_with(end)), "stop {stop}: {text:?}");
                text
            };
            let before = [whole("out/p", ""), whole("out/tls.key", "-----\n"), whole("out/tls.crt", "-----\n")];
            assert!(before[0].as_ref().is_none_or(|text| text.len() == 32), "stop {stop}: {before:?}");
            assert!(before[1].is_some() || before[2].is_none(), "stop {stop}: a certificate without a key");
            scene.apply().code(0);
            for (name, before) in ["out/p", "out/tls.key", "out/tls.crt"].iter().zip(&before) {
                assert!(
                    before.as_ref().is_none_or(|before| *before == scene.read(name)),
                    "stop {stop}: {name} changed"
                );
            }
            let names = if plan == PASSWORD { vec!["p"] } else { vec!["tls.crt", "tls.key"] };
            assert_eq!(scene.names("out"), names, "stop {stop}");
            if !reached {
                break;
            }
            stop += step;
        }
        assert!(stop > 50, "only {stop} stops: the run was not traced to its end");
    }
}

#[test]
fn keys_are_read_by_openssl() {
    let test = "keys_are_read_by_openssl";
    let scene = Scene::new();
    for (algorithm, said) in [("p256", "NIST CURVE: P-256"), ("ed25519", "ED25519 Private-Key")] {
        let name = format!("{algorithm}.pem");
        scene.run(&["generate", "key", &format!("/{name}"), "--algorithm", algorithm]).code(0);
        assert!(scene.read(&name).starts_with("-----BEGIN PRIVATE KEY-----\n"));
        let Some(text) = openssl(test, &scene, &["pkey", "-in", &name, "-noout", "-text", "-check"]) else { return };
        assert!(text.contains(said), "{text}");
    }
}

#[test]
fn certificates_are_verified_by_openssl() {
    let test = "certificates_are_verified_by_openssl";
    for algorithm in ["p256", "ed25519"] {
        let scene =
            Scene::with_plan(&CERTIFICATE.replace(" }", &format!(", algorithm: {algorithm}, key_mode: \"0640\" }}")));
        scene.directory("out");
        scene.apply().code(0).stderr_has("made key and certificate");
        assert!(scene.stat("out/tls.crt").ends_with(" 0644") && scene.stat("out/tls.key").ends_with(" 0640"));
        let Some(text) = openssl(test, &scene, &["x509", "-in", "out/tls.crt", "-noout", "-text"]) else { return };
        for part in [
            "Subject: CN = localhost",
            "CA:FALSE",
            "DNS:localhost, DNS:*.example.org, IP Address:127.0.0.1, IP Address:0:0:0:0:0:0:0:1",
            "TLS Web Server Authentication, TLS Web Client Authentication",
            "Digital Signature",
        ] {
            assert!(text.contains(part), "{part} is not in {text}");
        }
        for name in [["-verify_hostname", "a.example.org"], ["-verify_ip", "127.0.0.1"], ["-verify_ip", "::1"]] {
            let arguments = ["verify", "-x509_strict", "-CAfile", "out/tls.crt", "-purpose", "sslserver"];
            openssl(test, &scene, &[&arguments[..], &name, &["out/tls.crt"]].concat());
        }
        let of_certificate = openssl(test, &scene, &["x509", "-in", "out/tls.crt", "-noout", "-pubkey"]);
        assert_eq!(of_certificate, openssl(test, &scene, &["pkey", "-in", "out/tls.key", "-pubout"]));
        openssl(test, &scene, &["x509", "-in", "out/tls.crt", "-noout", "-checkend", "31000000"]);
    }
}

#[test]
fn a_certificate_is_made_of_the_key_that_is_there_and_renewed_when_asked() {
    let test = "a_certificate_is_made_of_the_key_that_is_there_and_renewed_when_asked";
    let scene = Scene::new();
    let Some(_) = openssl(
        test,
        &scene,
        &["genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256", "-out", "my.pem"],
    ) else {
        return;
    };
    let key = scene.read("my.pem");
    let long = "a".repeat(60) + ".example.org";
    let arguments =
        ["generate", "certificate", "/c.crt", "--key-path", "/my.pem", "--names", &long, "--valid-for", "10d"];
    scene.run(&arguments).code(0).stderr_has("made certificate");
    assert_eq!(scene.read("my.pem"), key);
    let text = openssl(test, &scene, &["x509", "-in", "c.crt", "-noout", "-text"]).unwrap();
    assert!(text.contains("Subject: \n") && text.contains("Subject Alternative Name: critical"), "{text}");
    let first = scene.read("c.crt");
    let renewing = |before| [&arguments[..], &["--renew-before", before]].concat();
    scene.run(&renewing("9d")).code(0).stderr_has(": unchanged");
    let mut longer = renewing("11d");
    longer[8] = "100d";
    scene.run(&longer).code(0).stderr_has("made certificate");
    assert!(scene.read("c.crt") != first && scene.read("my.pem") == key);
    scene.run(&longer).code(0).stderr_has(": unchanged");
    std::fs::remove_file(scene.path("my.pem")).unwrap();
    scene.run(&arguments).code(1).stderr_has("cannot generate `/my.pem`: the certificate is there, and its key is not");
    std::fs::remove_file(scene.path("c.crt")).unwrap();
    openssl(test, &scene, &["genpkey", "-algorithm", "RSA", "-out", "my.pem"]);
    scene.run(&arguments).code(1).stderr_has("cannot use `/my.pem`: it is not a key of Ed25519 or P-256 in PKCS#8");
}

#[test]
fn passwords_differ() {
    let scene = Scene::new();
    let passwords: BTreeSet<String> = (0..50)
        .map(|number| {
            let path = format!("/p{number}");
            scene.run(&["generate", "password", &path, "--length", "11"]).code(0);
            scene.read(&path)
        })
        .collect();
    assert_eq!(passwords.len(), 50);
    // 550 draws: each of 62 is missing with a chance of one in 7600.
    let seen: BTreeSet<char> = passwords.iter().flat_map(|password| password.chars()).collect();
    assert!(seen.len() > 57, "{seen:?}");
}

#[test]
fn a_full_disk_and_a_read_only_one_leave_nothing_half() {
    if !root_or_skip("a_full_disk_and_a_read_only_one_leave_nothing_half") {
        return;
    }
    let plan = "version: 1\nsteps:\n  - account: { user: app, uid: 5, gid: 5, passwd: /out/passwd, group: /out/group }\n  \
                - generate: { kind: certificate, path: /out/tls.crt, names: [localhost] }\n  \
                - trust: { path: /out/ca.p12, base: none, add: [/out/tls.crt] }\n";
    let scene = Scene::with_plan(plan);
    scene.directory("out");
    let full = "mount -t tmpfs -o size=4k none out; head -c 4096 /dev/zero > out/fill; \"$1\" apply plan.yaml || echo code $?; ls -A out";
    let output = in_mount_namespace(&scene, full);
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert_eq!(String::from_utf8_lossy(&output.stdout), "code 6\nfill\n", "{stderr}");
    assert!(stderr.contains("error: cannot write `/out/group`: no space left on device"), "{stderr}");
    let secret = full.replace("apply plan.yaml", "generate password /out/p");
    let output = in_mount_namespace(&scene, &secret);
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert_eq!(String::from_utf8_lossy(&output.stdout), "code 6\nfill\n", "{stderr}");
    let read_only = "mount --bind out out; mount -o remount,ro,bind out; \"$1\" apply plan.yaml || echo code $?; \
                     \"$1\" generate password /out/p || echo code $?";
    let output = in_mount_namespace(&scene, read_only);
    assert_eq!(String::from_utf8_lossy(&output.stdout), "code 6\ncode 6\n");
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(stderr.contains("error: cannot write `/out/p`: read-only file system"), "{stderr}");
    scene.apply().code(0);
    let output = in_mount_namespace(&scene, read_only);
    assert_eq!(String::from_utf8_lossy(&output.stdout), "code 6\n", "all but the new password is right");
    assert_eq!(scene.names("out"), ["ca.p12", "group", "passwd", "tls.crt", "tls.key"]);
}
