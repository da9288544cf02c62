//! What is there afterwards: content, owner, mode, and when nothing is asked for.

use super::{fetching, sha256, sha512};
use crate::harness::{Scene, root_or_skip};
use crate::server::Server;

#[test]
fn a_file_is_fetched_once_and_has_its_mode() {
    let server = Server::with("tool");
    let digits = sha256("tool");
    let scene = fetching(&server.url("/tool?x=1"), &format!(", sha256: {digits}, mode: \"0750\""));
    scene.run(&["show", "plan.yaml"]).code(10).lacks("?x=1");
    assert_eq!(server.requests().len(), 0, "show asks nobody");
    scene.apply().code(0).stderr_has("changed, 4 bytes");
    assert_eq!(scene.read("out/file"), "tool");
    assert!(scene.stat("out/file").ends_with(" 0750"));
    let before = scene.identity("out/file");
    scene.apply().code(0).stderr_has("unchanged");
    scene.run(&["show", "plan.yaml"]).code(0);
    assert_eq!(scene.identity("out/file"), before);
    assert_eq!(scene.names("out"), ["file"]);
    let requests = server.requests();
    assert_eq!(requests.len(), 1);
    let host = format!("host: {}", server.address);
    for line in
        ["get /tool?x=1 http/1.1", &host, "user-agent: fitout/", "accept-encoding: identity", "connection: close"]
    {
        assert!(requests[0].contains(line), "{line}: {}", requests[0]);
    }
}

#[test]
fn what_is_there_is_replaced_kept_or_mended() {
    let (digits, long) = (sha256("new"), sha512("new"));
    for (fields, there, mode, wanted, requests) in [
        (format!(", sha256: {digits}"), "old", 0o600, ("new", "0600"), 1),
        (format!(", sha256: {}", digits.to_uppercase()), "old", 0o600, ("new", "0600"), 1),
        (format!(", sha512: {long}"), "old", 0o640, ("new", "0640"), 1),
        (format!(", sha512: {long}"), "new", 0o640, ("new", "0640"), 0),
        (format!(", sha256: {digits}, mode: \"0644\""), "new", 0o600, ("new", "0644"), 0),
        (format!(", sha256: {digits}, if_exists: keep"), "old", 0o600, ("old", "0600"), 0),
        (", unverified: true".to_owned(), "old", 0o600, ("old", "0600"), 0),
        (", unverified: true, if_exists: replace".to_owned(), "old", 0o600, ("new", "0600"), 1),
    ] {
        let server = Server::with("new");
        let scene = fetching(&server.url("/"), &fields);
        scene.file("out/file", there).mode("out/file", mode);
        scene.apply().code(0);
        assert_eq!(
            (scene.read("out/file").as_str(), &scene.stat("out/file")[scene.stat("out/file").len() - 4..]),
            wanted
        );
        assert_eq!(server.requests().len(), requests, "{fields}");
        assert_eq!(scene.names("out"), ["file"]);
    }
}

#[test]
fn what_is_fetched_anew_and_is_the_same_changes_nothing() {
    let server = Server::with("same");
    let scene = fetching(&server.url("/"), ", unverified: true, if_exists: replace");
    scene.file("out/file", "same");
    let before = scene.identity("out/file");
    scene.apply().code(0).stderr_has("unchanged, the same again");
    assert_eq!((scene.identity("out/file"), server.requests().len()), (before, 1));
    scene.file("plan.yaml", super::plan(&server.url("/"), ", unverified: true, if_exists: replace, mode: \"0600\""));
    scene.apply().code(0).stderr_has("changed, 4 bytes");
    assert!(scene.stat("out/file").ends_with(" 0600"));
}

#[test]
fn another_checksum_publishes_nothing() {
    let server = Server::with("exchanged");
    let (wanted, got) = (sha256("right"), sha256("exchanged"));
    let scene = fetching(&server.url("/tool"), &format!(", sha256: {wanted}"));
    scene.file("out/file", "old");
    let ran = scene.apply().code(1);
    let url = server.url("/tool");
    for line in [
        format!("error: cannot fetch `{url}`: the file has another checksum\n"),
        format!("  = expected sha256: {wanted}\n"),
        format!("  = received sha256: {got} (9 bytes)\n"),
        "hint: if the file was exchanged on purpose, put its new checksum into the plan\n".to_owned(),
        "plan.yaml:3:".to_owned(),
    ] {
        assert!(ran.stderr.contains(&line), "{line}: {}", ran.stderr);
    }
    assert_eq!((scene.read("out/file"), scene.names("out").len()), ("old".to_owned(), 1));
    assert_eq!(server.requests().len(), 1, "what is wrong is not fetched again");
}

#[test]
fn owner_and_mode_are_right_before_the_name_is_there() {
    if !root_or_skip("owner_and_mode_are_right_before_the_name_is_there") {
        return;
    }
    let server = Server::with("x");
    let scene = fetching(&server.url("/"), &format!(", sha256: {}, owner: \"1234:2345\", mode: \"4755\"", sha256("x")));
    scene.apply().code(0);
    assert_eq!(scene.stat("out/file"), "1234:2345 4755");
    scene.owned("out/file", 0, 0);
    scene.apply().code(0).stderr_has("changed, owner or mode set");
    assert_eq!(scene.stat("out/file"), "1234:2345 4755");
    assert_eq!(server.requests().len(), 1);
}

#[test]
fn strange_places_are_refused_before_anything_is_asked() {
    let server = Server::with("x");
    let fields = format!(", sha256: {}", sha256("x"));
    let scene = fetching(&server.url("/"), &fields);
    scene.directory("out/file");
    scene.apply().code(6).stderr_has("error: cannot fetch to `/out/file`: a directory is in its place\n");
    let scene = fetching(&server.url("/"), &fields);
    nix::unistd::mkfifo(&scene.path("out/file"), nix::sys::stat::Mode::S_IRWXU).unwrap();
    scene.apply().code(6).stderr_has("cannot fetch to `/out/file`: a FIFO, a socket or a device is in its place\n");
    let scene = Scene::with_plan(&super::plan(&server.url("/"), &fields));
    scene.apply().code(6).stderr_has("hint: make `/out` with a `mkdir` step before this one\n");
    assert_eq!(server.requests().len(), 0);
}

#[test]
fn a_link_in_the_place_of_the_file_is_replaced_and_not_followed() {
    let server = Server::with("new");
    let scene = fetching(&server.url("/"), &format!(", sha256: {}", sha256("new")));
    scene.file("victim", "new").link("../victim", "out/file");
    scene.apply().code(0);
    assert!(scene.path("out/file").symlink_metadata().unwrap().is_file());
    let scene = fetching(&server.url("/"), &format!(", sha256: {}", sha256("new")));
    scene.file("victim", "old").link("../victim", "out/file");
    scene.apply().code(0);
    assert_eq!((scene.read("victim"), scene.read("out/file")), ("old".to_owned(), "new".to_owned()));
}

#[test]
fn a_command_of_its_own() {
    let server = Server::with("tool");
    let scene = Scene::new();
    let (url, digits) = (server.url("/t"), sha256("tool"));
    scene.run(&["fetch", &url, "/tool", "--sha256", &digits, "--mode", "0755", "--retries", "0"]).code(0);
    assert_eq!(scene.read("tool"), "tool");
    assert!(scene.stat("tool").ends_with(" 0755"));
    scene.run(&["fetch", &url, "/tool", "--sha256", &digits, "--timeout", "5s"]).code(0).stderr_has("unchanged");
    scene
        .run(&["fetch", &url, "/tool", "--sha256", "12ab"])
        .code(2)
        .stderr_has("error: not a checksum of 64 hexadecimal digits\n");
    scene.run(&["fetch", &url, "/b", "--header", "X-A=a"]).code(2).stderr_has("a file over `http` needs a checksum");
    scene.env("A", "value of a").env("B", "hunter2").file("c", "from a file\n");
    let headers = ["--header", "X-A={{env.A}}", "--header-env", "Authorization=B", "--header-file", "X-C=/c"];
    scene.run(&[&["fetch", &url, "/b", "--unverified"][..], &headers].concat()).code(0).lacks("hunter2");
    let request = server.requests().pop().unwrap();
    for line in ["x-a: value of a\r\n", "authorization: hunter2\r\n", "x-c: from a file\r\n"] {
        assert!(request.contains(line), "{line}: {request}");
    }
    scene
        .run(&["fetch", "https://user:hunter2@host/", "/b"])
        .code(2)
        .lacks("hunter2")
        .stderr_has("error: the URL holds a user or a password\n");
}

#[test]
fn broken_steps_are_found_by_check() {
    let digits = sha256("");
    for (fields, line, hint) in [
        (
            "url: \"http://a/\", path: /x".to_owned(),
            "a file over `http` needs a checksum",
            "give `sha256`, use `https://`",
        ),
        (
            format!("url: \"https://a/\", path: /x, sha256: {digits}, sha512: {digits}{digits}"),
            "`fetch` has both `sha256` and `sha512`",
            "remove one of them",
        ),
        (
            format!("url: \"https://a/\", path: /x, sha256: {digits}, unverified: true"),
            "`unverified` has no meaning beside a checksum",
            "remove one of them",
        ),
        (
            format!("url: \"https://a/\", path: /x, sha256: \"{digits}  x\""),
            "not a checksum of 64 hexadecimal digits",
            "there are other characters; only the digits belong here",
        ),
        (
            "url: \"ftp://a/\", path: /x".to_owned(),
            "the URL is neither `http` nor `https`",
            "write `https://host/path`",
        ),
        ("url: \"https://a/\", path: x".to_owned(), "the path is not absolute", "start it with `/`"),
        (
            "url: \"https://a/\", path: /x, redirects: all".to_owned(),
            "expected one of `none`, `same_host`, `https`, `any`",
            "",
        ),
        ("url: \"https://a/\", path: /x, max_size: 10M".to_owned(), "not a number of bytes", "for instance \"20MiB\""),
        (
            "url: \"https://a/\", path: /x, headers: { Range: x }".to_owned(),
            "the header `Range` is made by `fetch` itself",
            "remove it",
        ),
        (
            "url: \"https://a/\", path: /x, headers: { \"a b\": x }".to_owned(),
            "not the name of a header",
            "letters, digits and `-`",
        ),
        (
            "url: \"https://a/\", path: /x, headers: { authorization: Bearer x }".to_owned(),
            "the secret of `authorization` stands in plain sight",
            "name where it is",
        ),
        (
            "url: \"https://a/\", path: /x, headers: { A: { from_env: NO } }".to_owned(),
            "`NO` is not declared under `inputs.env`",
            "add `NO: { secret: true }` there",
        ),
        ("url: \"https://a/\", path: /x, headers: { A: {} }".to_owned(), "not the value of a header", "write a text"),
        ("url: \"https://a/\", path: /x, shasum: a".to_owned(), "unknown key `shasum`", ""),
    ] {
        let scene = Scene::with_plan(&format!("version: 1\nsteps:\n  - fetch: {{ {fields} }}\n"));
        let ran = scene.run(&["check", "plan.yaml"]);
        assert!(ran.stderr.contains(line) || ran.stdout.contains(line), "{fields}: {ran:?}");
        assert!(ran.stderr.contains(hint) || ran.stdout.contains(hint), "{fields}: {ran:?}");
        assert_eq!(ran.code, 3, "{fields}");
    }
    // What is known only when the inputs are there is judged then.
    let scene = Scene::with_plan(
        "version: 1\ninputs: { env: { U: {} } }\nsteps:\n  - fetch: { url: \"{{env.U}}\", path: /x }\n",
    );
    scene.run(&["check", "plan.yaml"]).code(0);
    scene.env("U", "http://127.0.0.1:1/").apply().code(3).stderr_has("a file over `http` needs a checksum");
}
