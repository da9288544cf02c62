//! The arrows between the rooms, the file layer and the room for unsafe code, kept by reading the source.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// What each room may use. The order is that of the arrows: a room uses only rooms below it.
const ARROWS: [(&str, &[&str]); 20] = [
    (
        "fuzz",
        &["archive", "certificate", "document", "failure", "format", "input", "net", "plan", "spec", "sql", "template"],
    ),
    (
        "cli",
        &[
            "action", "document", "failure", "format", "input", "plan", "process", "root", "run", "secret", "spec",
            "sql",
        ],
    ),
    ("run", &["action", "failure", "plan", "process", "root", "spec"]),
    (
        "action",
        &[
            "archive",
            "certificate",
            "document",
            "failure",
            "format",
            "hexadecimal",
            "input",
            "net",
            "process",
            "root",
            "secret",
            "spec",
            "sql",
            "template",
        ],
    ),
    ("input", &["document", "failure", "format", "process", "root", "secret", "spec", "template"]),
    ("plan", &["document", "failure", "format", "spec", "template"]),
    ("sql", &["document", "failure", "hexadecimal", "net", "process", "root", "secret", "spec"]),
    ("net", &["failure", "process", "root", "secret", "spec"]),
    ("process", &["failure", "root", "spec"]),
    ("root", &["failure"]),
    ("spec", &["document", "failure", "format"]),
    ("document", &["failure"]),
    ("template", &["failure", "format", "hexadecimal"]),
    ("certificate", &["hexadecimal"]),
    ("archive", &[]),
    ("format", &[]),
    ("secret", &["hexadecimal"]),
    ("hexadecimal", &[]),
    ("failure", &[]),
    ("main", &[]),
];

/// Rooms that know no operating system.
const PURE: [&str; 6] = ["spec", "plan", "template", "format", "document", "failure"];

/// A file is one room's one thing; a longer one has to be a table or one algorithm.
const LINES: usize = 400;

fn sources(directory: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|suffix| suffix == "rs") {
            found.push(path);
        }
    }
}

/// Every source file with its room and its text without comments and without tests.
fn rooms() -> Vec<(String, PathBuf, String)> {
    let base = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    sources(&base, &mut files);
    assert!(files.len() > 60, "only {} files were found", files.len());
    files
        .into_iter()
        .filter(|file| !file.components().any(|part| part.as_os_str() == "tests" || part.as_os_str() == "tests.rs"))
        .map(|file| {
            let inner = file.strip_prefix(&base).unwrap().to_owned();
            let first =
                inner.components().next().unwrap().as_os_str().to_str().unwrap().trim_end_matches(".rs").to_owned();
            let text = std::fs::read_to_string(&file).unwrap();
            let code = text.split("#[cfg(test)]\nmod ").next().unwrap();
            let code = code.lines().map(|line| line.split("//").next().unwrap()).collect::<Vec<_>>().join("\n");
            (first, inner, code)
        })
        .collect()
}

#[test]
fn arrows_go_in_one_direction() {
    let allowed: BTreeMap<&str, &[&str]> = ARROWS.into_iter().collect();
    let mut wrong = Vec::new();
    for (room, file, code) in rooms() {
        if room == "lib" {
            continue;
        }
        let allowed = allowed.get(room.as_str()).unwrap_or_else(|| panic!("the room `{room}` has no arrows yet"));
        for used in code.split("crate::").skip(1) {
            let names: Vec<String> = match used.strip_prefix('{') {
                Some(list) => {
                    list.split([',', '}']).map(|name| name.trim().split("::").next().unwrap().to_owned()).collect()
                }
                None => vec![used.split(|c: char| !c.is_alphanumeric() && c != '_').next().unwrap().to_owned()],
            };
            for name in names {
                if ARROWS.iter().any(|(known, _)| *known == name) && name != room && !allowed.contains(&name.as_str()) {
                    wrong.push(format!("{}: {room} -> {name}", file.display()));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn there_is_no_circle() {
    let rank = |room: &str| ARROWS.iter().position(|(known, _)| *known == room).unwrap();
    for (room, uses) in ARROWS {
        for used in uses {
            assert!(rank(used) > rank(room), "{room} -> {used} goes up");
        }
    }
}

#[test]
fn files_are_touched_only_in_the_file_layer() {
    for (room, file, code) in rooms() {
        for word in ["std::fs", "tokio::fs", "nix::fcntl", "nix::dir", "nix::mount"] {
            assert!(room == "root" || !code.contains(word), "{}: {word}", file.display());
        }
    }
}

#[test]
fn pure_rooms_know_no_operating_system() {
    for (room, file, code) in rooms() {
        // The trait of the template library for what is written to names this type, and needs no system for it.
        let code = code.replace("std::io::Result<()>", "");
        for word in ["nix::", "std::os", "std::process", "std::env::", "tokio", "std::net", "std::io"] {
            assert!(!PURE.contains(&room.as_str()) || !code.contains(word), "{}: {word}", file.display());
        }
    }
}

#[test]
fn unsafe_code_has_one_room() {
    for (room, file, code) in rooms() {
        assert!(room == "process" || !code.contains("unsafe "), "{}", file.display());
    }
}

#[test]
fn files_stay_short() {
    for (_, file, code) in rooms() {
        let lines = code.lines().count();
        assert!(lines <= LINES, "{}: {lines} lines", file.display());
    }
}

#[test]
fn every_hazard_names_tests_that_exist() {
    let base = Path::new(env!("CARGO_MANIFEST_DIR"));
    let page = std::fs::read_to_string(base.join("docs/hazards.md")).unwrap();
    let mut files = Vec::new();
    sources(&base.join("src"), &mut files);
    sources(&base.join("tests"), &mut files);
    let code: String = files.iter().map(|file| std::fs::read_to_string(file).unwrap()).collect();
    let mut rows = 0;
    for row in page.lines().filter(|line| line.starts_with("| ") && !line.starts_with("| hazard")) {
        let tests = row.trim_end_matches(" |").rsplit(" | ").next().unwrap();
        for test in tests.split(", ").map(|test| test.trim_matches('`')) {
            assert!(code.contains(&format!("fn {test}()")), "`{test}` is no test: {row}");
        }
        rows += 1;
    }
    assert!(rows > 30, "only {rows} rows were read");
}
