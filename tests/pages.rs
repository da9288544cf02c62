//! The examples of the reference pages. A block's second word says what it is: `file=PATH` is there before, `archive=PATH` is
//! a tar archive of what it lists, `env` sets variables, `plan` is applied, `command` is run twice by a shell, `result=PATH`,
//! `missing=PATH`, `rows=PATH` (a query of an SQLite database and what it gives) and `state` (paths with owner and mode) are looked
//! at after it, `prints` is what the application prints, `fails=CODE` is what it ends with.
//! `served=PATH` is what `https://files.example` has there, a server of the test with a certificate of its own, and
//! `served-archive=PATH` the same for an archive.

use rusqlite::types::ValueRef;

use crate::authority::Authority;
use crate::confine::can_confine;
use crate::harness::{Ran, Scene, root_or_skip};
use crate::server::{Server, reply};
use crate::unpack::archives::Tar;

/// What pages call the server.
const SERVER: &str = "https://files.example/";

pub(crate) struct Block {
    line: usize,
    pub(crate) role: String,
    pub(crate) content: String,
}

/// The examples of a page: the blocks with a role below each heading.
pub(crate) fn examples(page: &str) -> Vec<Vec<Block>> {
    let mut examples = vec![Vec::new()];
    let mut lines = page.lines().enumerate();
    while let Some((number, line)) = lines.next() {
        if line.starts_with('#') {
            examples.push(Vec::new());
        }
        let Some(info) = line.strip_prefix("```") else { continue };
        let mut content = String::new();
        for (_, line) in lines.by_ref().take_while(|(_, line)| !line.starts_with("```")) {
            content.push_str(line);
            content.push('\n');
        }
        if let Some((_, role)) = info.split_once(' ') {
            examples.last_mut().unwrap().push(Block { line: number + 1, role: role.to_owned(), content });
        }
    }
    examples.retain(|blocks| !blocks.is_empty());
    examples
}

/// The archive with these entries: `NAME CONTENT`, and `NAME -> TARGET` for a link.
fn listed(content: &str) -> Vec<u8> {
    let mut tar = Tar::default();
    for (name, content) in content.lines().map(|line| line.split_once(' ').unwrap()) {
        match content.strip_prefix("-> ") {
            Some(target) => tar.link(name, target),
            None => tar.file(name, &format!("{content}\n")),
        };
    }
    tar.end()
}

/// The server of an example, trusted by the scene.
fn serve(scene: &Scene, blocks: &[Block]) -> Option<Server> {
    let served: Vec<(String, Vec<u8>)> = blocks
        .iter()
        .filter_map(|block| match block.role.split_once('=')? {
            ("served", path) => Some((path.to_owned(), block.content.clone().into_bytes())),
            ("served-archive", path) => Some((path.to_owned(), listed(&block.content))),
            _ => None,
        })
        .collect();
    if served.is_empty() {
        return None;
    }
    let authority = Authority::new();
    scene.file("etc/ssl/certs/ca-certificates.crt", &authority.pem);
    Some(Server::secure(authority.server(&["localhost"]), move |_, head, stream| {
        let wanted = head.split(' ').nth(1).unwrap();
        match served.iter().find(|(path, _)| path == wanted) {
            Some((_, content)) => reply(stream, "200 OK", &[], content),
            None => reply(stream, "404 Not Found", &[], b""),
        }
    }))
}

fn run(page: &str, blocks: &[Block]) -> usize {
    let scene = Scene::new();
    let server = serve(&scene, blocks);
    let here = |text: &str| match &server {
        Some(server) => text.replace(SERVER, &server.named("/")),
        None => text.to_owned(),
    };
    let mut ran: Option<Ran> = None;
    let mut looked_at = 0;
    let fails = blocks.iter().any(|block| block.role.starts_with("fails="));
    for Block { line, role, content } in blocks {
        let place = format!("{page}:{line}");
        match role.split_once('=').unwrap_or((role.as_str(), "")) {
            ("file", path) => {
                scene.file(path, content);
            }
            ("archive", path) => {
                scene.file(path, listed(content));
            }
            ("env", _) => {
                for (name, value) in content.lines().map(|line| line.split_once('=').unwrap()) {
                    scene.env(name, value);
                }
            }
            ("plan", _) => {
                scene.file("plan.yaml", here(content));
                for directory in ["etc", "out"] {
                    scene.directory(directory);
                }
                let first = scene.apply();
                assert!(fails || first.code == 0, "{place}: {}", first.stderr);
                if !fails {
                    let second = scene.apply().code(0);
                    assert!(!second.stderr.contains(": changed"), "{place} changes twice: {}", second.stderr);
                }
                ran = Some(first);
            }
            ("command", _) => {
                scene.directory("etc");
                for outcome in ["changed", "unchanged"] {
                    let done = scene.shell(content).code(0);
                    assert!(done.stderr.contains(&format!(": {outcome}")), "{place}: {}", done.stderr);
                    ran = Some(done);
                }
            }
            ("fails", code) => {
                let ran = ran.as_ref().unwrap_or_else(|| panic!("{place}: nothing was run"));
                assert_eq!(ran.code.to_string(), code, "{place}: {}", ran.stderr);
                assert!(ran.stderr.contains(here(content).trim_end()), "{place}: {}", ran.stderr);
                looked_at += 1;
            }
            ("result", path) => {
                assert!(ran.is_some(), "{place}: nothing was run");
                assert_eq!(&scene.read(path), content, "{place}");
                looked_at += 1;
            }
            ("prints", _) => {
                let ran = ran.as_ref().unwrap_or_else(|| panic!("{place}: nothing was run"));
                assert_eq!(&ran.stdout, content, "{place}: {}", ran.stderr);
                looked_at += 1;
            }
            ("state", _) => {
                for line in content.lines() {
                    let (path, wanted) = line.split_once(' ').unwrap();
                    assert_eq!(scene.stat(path), wanted, "{place}: {path}");
                    looked_at += 1;
                }
            }
            ("rows", path) => {
                let (query, wanted) = content.split_once('\n').unwrap();
                assert_eq!(rows(&scene, path, query), wanted.trim_end(), "{place}");
                looked_at += 1;
            }
            // Plans for servers, which `statements` runs.
            ("served" | "served-archive" | "postgres" | "postgres-client" | "mariadb", _) => {}
            ("missing", path) => {
                assert!(!scene.exists(path), "{place}");
                looked_at += 1;
            }
            _ => panic!("{place}: unknown role `{role}`"),
        }
    }
    looked_at
}

/// Rows of an SQLite database as text, `|` between columns.
pub(crate) fn rows(scene: &Scene, path: &str, sql: &str) -> String {
    let connection = rusqlite::Connection::open(scene.path(path)).unwrap();
    let mut statement = connection.prepare(sql).unwrap();
    let columns = statement.column_count();
    let row = |row: &rusqlite::Row<'_>| {
        let field = |index| match row.get_ref(index).unwrap() {
            ValueRef::Null => "NULL".to_owned(),
            ValueRef::Integer(number) => number.to_string(),
            ValueRef::Real(number) => format!("{number:?}"),
            ValueRef::Text(text) => String::from_utf8_lossy(text).into_owned(),
            ValueRef::Blob(bytes) => format!("{bytes:?}"),
        };
        Ok((0..columns).map(field).collect::<Vec<_>>().join("|"))
    };
    statement.query_map([], row).unwrap().map(Result::unwrap).collect::<Vec<_>>().join("\n")
}

#[test]
fn every_example_of_the_pages_does_what_it_says() {
    does_what_it_says(&[
        ("templates.md", 10),
        ("editing.md", 7),
        ("inputs.md", 14),
        ("generate.md", 2),
        ("unpack.md", 5),
        ("fetch.md", 8),
        ("statements.md", 2),
        ("run.md", 5),
        ("seed.md", 3),
    ]);
}

#[test]
fn every_example_about_ownership_does_what_it_says() {
    if root_or_skip("every_example_about_ownership_does_what_it_says") {
        does_what_it_says(&[("ownership.md", 7)]);
    }
}

#[test]
fn every_example_about_files_does_what_it_says() {
    if root_or_skip("every_example_about_files_does_what_it_says") {
        does_what_it_says(&[("files.md", 14)]);
    }
}

#[test]
fn every_example_about_the_hand_over_does_what_it_says() {
    if root_or_skip("every_example_about_the_hand_over_does_what_it_says") {
        does_what_it_says(&[("exec.md", 6)]);
    }
}

#[test]
fn every_example_about_copying_does_what_it_says() {
    if root_or_skip("every_example_about_copying_does_what_it_says") {
        does_what_it_says(&[("copying.md", 4)]);
    }
}

#[test]
fn every_example_about_waiting_does_what_it_says() {
    if root_or_skip("every_example_about_waiting_does_what_it_says") {
        does_what_it_says(&[("waiting.md", 3)]);
    }
}

#[test]
fn every_example_about_confinement_does_what_it_says() {
    if can_confine("every_example_about_confinement_does_what_it_says") {
        does_what_it_says(&[("confinement.md", 5)]);
    }
}

fn does_what_it_says(pages: &[(&str, usize)]) {
    let base = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("docs");
    for (page, least) in pages {
        let text = std::fs::read_to_string(base.join(page)).unwrap();
        let looked_at: usize = examples(&text).iter().map(|blocks| run(page, blocks)).sum();
        assert!(looked_at >= *least, "only {looked_at} results of {page} were looked at");
    }
}
