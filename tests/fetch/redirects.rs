//! Where a redirect leads, and where it may not.

use super::secure::trusting;
use super::{fetching, sha256};
use crate::authority::Authority;
use crate::server::{Server, header, reply};

fn to(location: String) -> Server {
    Server::start(move |_, _, stream| reply(stream, "302 Found", &[&format!("Location: {location}")], b"elsewhere"))
}

#[test]
fn redirects_are_followed_within_the_policy() {
    let content = || Server::with("x");
    let checksum = format!(", sha256: {}", sha256("x"));
    for (fields, other_host, refusal) in [
        (", unverified: true", false, ""),
        (", unverified: true", true, "to another host, and `redirects` is `same_host`"),
        (checksum.as_str(), false, ""),
        (&checksum, true, "to another host over `http`, and `redirects` is `https`"),
        (", unverified: true, redirects: any", true, ""),
        (", unverified: true, redirects: none", false, "and `redirects` is `none`"),
    ] {
        let last = content();
        let location = if other_host { last.named("/x") } else { last.url("/x") };
        let first = to(location.clone());
        let scene = fetching(&first.url("/"), fields);
        if refusal.is_empty() {
            scene.apply().code(0);
            assert_eq!((scene.read("out/file").as_str(), last.requests().len()), ("x", 1), "{fields}");
        } else {
            let message =
                format!("error: cannot fetch `{}`: it is redirected to `{location}`, {refusal}\n", first.url("/"));
            scene.apply().code(1).stderr_has(&message).stderr_has("hint: which redirects are followed is set with");
            assert_eq!((last.requests().len(), scene.names("out").len()), (0, 0), "{fields}");
        }
        assert_eq!(first.requests().len(), 1);
    }
}

#[test]
fn every_kind_of_redirect_and_every_form_of_address() {
    for (status, location) in
        [("301 X", "/b/c"), ("302 X", "c"), ("303 X", "../b/c"), ("307 X", "?c"), ("308 X", "//{}/b/c")]
    {
        let server = Server::start(move |number, head, stream| match number {
            0 => {
                let location = location.replace("{}", header(head, "host").unwrap());
                reply(stream, status, &[&format!("Location: {location}#part")], b"");
            }
            _ => reply(stream, "200 OK", &[], head.lines().next().unwrap().as_bytes()),
        });
        let scene = fetching(&server.url("/b/a"), ", unverified: true");
        scene.apply().code(0);
        let wanted = if location == "?c" { "get /b/a?c http/1.1" } else { "get /b/c http/1.1" };
        assert_eq!(scene.read("out/file"), wanted, "{location}");
    }
}

#[test]
fn redirects_that_lead_nowhere() {
    for (headers, cause) in [
        (&["Location: /"][..], "it is redirected more than 10 times"),
        (&[], "answered with status 302, which leads nowhere"),
        (&["Location: "], "answered with status 302, which leads nowhere"),
        (
            &["Location: file:///etc/passwd"],
            "answered with status 302, but where that leads is no address: the URL is neither `http` nor `https`",
        ),
        (
            &["Location: http://user:hunter2@127.0.0.1/"],
            "answered with status 302, but where that leads is no address: the URL holds a user or a password",
        ),
        (
            &["Location: http://127.0.0.1:0/"],
            "answered with status 302, but where that leads is no address: the URL's port",
        ),
    ] {
        let server = Server::start(move |_, _, stream| reply(stream, "302 Found", headers, b""));
        let scene = fetching(&server.url("/"), ", unverified: true");
        let message = format!("error: cannot fetch `{}`: {cause}", server.url("/"));
        scene.apply().code(1).stderr_has(&message).lacks("hunter2");
        let tries = if cause.contains("more than") { 11 } else { 1 };
        assert_eq!(server.requests().len(), tries, "{headers:?}");
    }
}

#[test]
fn headers_and_queries_stay_with_whom_they_are_meant_for() {
    let last = Server::with("x");
    let signed = last.url("/x?signature=hunter3");
    let inner = signed.clone();
    let first = Server::start(move |number, _, stream| match number {
        0 => reply(stream, "302 Found", &["Location: /again"], b""),
        _ => reply(stream, "302 Found", &[&format!("Location: {inner}")], b""),
    });
    let scene = fetching(
        &first.url("/"),
        ", unverified: true, headers: { Authorization: { from_env: TOKEN, prefix: \"Bearer \" } }",
    );
    let plan = scene.read("plan.yaml").replace("steps:", "inputs: { env: { TOKEN: { secret: true } } }\nsteps:");
    scene.file("plan.yaml", plan).env("TOKEN", "hunter2").env("FITOUT_LOG_LEVEL", "debug");
    scene.apply().code(0).lacks("hunter2").lacks("hunter3");
    for request in first.requests() {
        assert_eq!(header(&request, "authorization"), Some("bearer hunter2"), "{request}");
    }
    assert_eq!(first.requests().len(), 2);
    assert_eq!(header(&last.requests()[0], "authorization"), None, "another port is another server");
    // Nor do errors show what a storage service signs.
    let first = to(signed);
    let scene = fetching(&first.url("/"), ", unverified: true, redirects: none");
    scene.apply().code(1).lacks("hunter3").stderr_has("/x?...`, and `redirects` is `none`");
}

#[test]
fn no_redirect_leads_from_https_to_http() {
    let authority = Authority::new();
    let plain = Server::with("x");
    let location = plain.named("/x");
    let secure = Server::secure(authority.server(&["localhost"]), move |_, _, stream| {
        reply(stream, "302 Found", &[&format!("Location: {location}")], b"");
    });
    for policy in ["any", "https", "same_host"] {
        let fields = format!(", sha256: {}, redirects: {policy}", sha256("x"));
        let scene = trusting(&authority, &secure.named("/"), &fields);
        scene.apply().code(1).stderr_has("`, from `https` to `http`\n");
    }
    assert_eq!(plain.requests().len(), 0);
    // The other way is fine.
    let end = Server::secure(authority.server(&["localhost"]), |_, _, stream| reply(stream, "200 OK", &[], b"x"));
    let upgrading = to(end.named("/x"));
    let scene = trusting(&authority, &upgrading.named("/"), ", unverified: true");
    scene.apply().code(0);
    assert_eq!(scene.read("out/file"), "x");
}
