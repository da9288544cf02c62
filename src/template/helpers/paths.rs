//! Paths as text, with `/`; only `file` looks at the world.

use serde_json::Value;

use super::call::{Call, Outcome};
use super::table::Entry;

pub(super) const ENTRIES: &[Entry] = &[
    Entry::new("basename", "PATH", "Its last part.", ("{{basename \"/etc/app/app.conf\"}}", "app.conf"), |call| {
        Ok(basename(&call.text(0)?).into())
    }),
    Entry::new(
        "dirname",
        "PATH",
        "All but its last part.",
        ("{{dirname \"/etc/app/app.conf\"}}", "/etc/app"),
        |call| Ok(dirname(&call.text(0)?).into()),
    ),
    Entry::new(
        "extension",
        "PATH",
        "What follows the last dot of its last part; empty if there is none.",
        ("{{extension \"a/app.tar.gz\"}}", "gz"),
        |call| Ok(extension(&call.text(0)?).into()),
    ),
    Entry::new(
        "join_path",
        "PATH...",
        "The parts with one `/` between them, cleaned. A part that begins with `/` does not start anew.",
        ("{{join_path \"/data/\" \"/logs\" \"app.log\"}}", "/data/logs/app.log"),
        |call| {
            let parts = (0..call.values.len()).map(|index| call.text(index)).collect::<Result<Vec<_>, _>>()?;
            let parts: Vec<&str> = parts.iter().map(AsRef::as_ref).filter(|part| !part.is_empty()).collect();
            Ok(clean(&parts.join("/")).into())
        },
    ),
    Entry::new(
        "clean_path",
        "PATH",
        "Without `.`, double `/`, and names that `..` takes back.",
        ("{{clean_path \"/a//b/../c/.\"}}", "/a/c"),
        |call| Ok(clean(&call.text(0)?).into()),
    ),
    Entry::new(
        "file",
        "PATH",
        "The content of a file below the root, without its trailing newlines; nobody says whether it is secret, so `show` masks it, and a new file with it is for its owner only.",
        ("{{file \"/etc/motd\"}}", "hello"),
        file,
    ),
];

fn basename(path: &str) -> &str {
    match path.trim_end_matches('/') {
        "" => &path[..path.len().min(1)],
        path => path.rsplit('/').next().unwrap_or(path),
    }
}

fn dirname(path: &str) -> &str {
    let path = path.trim_end_matches('/');
    match path.rfind('/') {
        None if path.is_empty() => "/",
        None => ".",
        Some(at) => match path[..at].trim_end_matches('/') {
            "" => "/",
            parent => parent,
        },
    }
}

fn extension(path: &str) -> &str {
    match basename(path).rsplit_once('.') {
        Some((name, extension)) if !name.is_empty() => extension,
        _ => "",
    }
}

fn clean(path: &str) -> String {
    let rooted = path.starts_with('/');
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." if parts.last().is_some_and(|last| *last != "..") => {
                parts.pop();
            }
            ".." if rooted => {}
            part => parts.push(part),
        }
    }
    match (rooted, parts.join("/")) {
        (true, path) => format!("/{path}"),
        (false, path) if path.is_empty() => ".".to_owned(),
        (false, path) => path,
    }
}

fn file(call: &Call<'_>) -> Outcome {
    let content = call.surroundings.file(&call.text(0)?)?;
    Ok(Value::from(content.trim_end_matches(['\n', '\r'])))
}
