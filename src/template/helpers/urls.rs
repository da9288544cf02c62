//! The parts of a URL such as `DATABASE_URL`. What a URL does not have is null, for `default` and `if`.

use serde_json::Value;

use super::call::{Call, Outcome};
use super::encoding::url_decode;
use super::table::Entry;

pub(super) const ENTRIES: &[Entry] = &[
    Entry::new("url_scheme", "URL", "What stands before `://`.", ("{{url_scheme values.url}}", "postgres"), |call| {
        part(call, |url| Ok(url.scheme.into()))
    }),
    Entry::new("url_user", "URL", "The user, decoded.", ("{{url_user values.url}}", "ann"), |call| {
        part(call, |url| decoded(url.user, "user"))
    }),
    Entry::new("url_password", "URL", "The password, decoded.", ("{{url_password values.url}}", "p@ss"), |call| {
        part(call, |url| decoded(url.password, "password"))
    }),
    Entry::new(
        "url_host",
        "URL",
        "The host; an IPv6 address without its brackets.",
        ("{{url_host values.url}}", "db.local"),
        |call| part(call, |url| Ok(Some(url.host).filter(|host| !host.is_empty()).map_or(Value::Null, Value::from))),
    ),
    Entry::new(
        "url_port",
        "URL",
        "The port, if one is written.",
        ("{{default (url_port values.url) 5432}}", "5433"),
        |call| part(call, |url| Ok(url.port.map_or(Value::Null, Value::from))),
    ),
    Entry::new(
        "url_path",
        "URL",
        "The path as it is written, with its `/`.",
        ("{{trim_prefix (url_path values.url) \"/\"}}", "shop"),
        |call| part(call, |url| Ok(url.path.into())),
    ),
    Entry::new(
        "url_query",
        "URL [NAME]",
        "What stands behind `?`, as it is written; or the decoded value of one name in it.",
        ("{{url_query values.url \"sslmode\"}}", "require"),
        query,
    ),
];

/// The URL of the examples.
#[cfg(any(test, feature = "schema"))]
pub(super) const fn example() -> &'static str {
    "postgres://ann:p%40ss@db.local:5433/shop?sslmode=require"
}

struct Url<'a> {
    scheme: &'a str,
    user: Option<&'a str>,
    password: Option<&'a str>,
    host: &'a str,
    port: Option<u16>,
    path: &'a str,
    query: Option<&'a str>,
}

/// None where it is no URL; the reason is not told, as it would need parts of a value that may be secret.
fn parse(text: &str) -> Option<Url<'_>> {
    let (scheme, rest) = text.split_once("://")?;
    let word = |character: char| character.is_ascii_alphanumeric() || "+-.".contains(character);
    if !scheme.starts_with(|first: char| first.is_ascii_alphabetic()) || !scheme.chars().all(word) {
        return None;
    }
    let rest = rest.split_once('#').map_or(rest, |(before, _)| before);
    let (rest, query) = rest.split_once('?').map_or((rest, None), |(before, query)| (before, Some(query)));
    let (authority, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
    let (login, address) = authority.rsplit_once('@').map_or((None, authority), |(login, host)| (Some(login), host));
    let (user, password) = match login.map(|login| login.split_once(':').ok_or(login)) {
        None => (None, None),
        Some(Ok((user, password))) => (Some(user), Some(password)),
        Some(Err(user)) => (Some(user), None),
    };
    let (host, port) = split_address(address)?;
    if text.contains(|character: char| character.is_whitespace() || character.is_control())
        || host.contains([',', '\\'])
    {
        return None;
    }
    Some(Url { scheme, user, password, host, port, path, query })
}

fn split_address(address: &str) -> Option<(&str, Option<u16>)> {
    let (host, port) = match address.strip_prefix('[') {
        Some(rest) => {
            let (host, behind) = rest.split_once(']')?;
            (host, if behind.is_empty() { None } else { Some(behind.strip_prefix(':')?) })
        }
        None => match address.split_once(':') {
            Some((host, port)) => (host, Some(port)),
            None => (address, None),
        },
    };
    match port {
        None | Some("") => Some((host, None)),
        Some(port) if port.bytes().all(|byte| byte.is_ascii_digit()) => Some((host, Some(port.parse().ok()?))),
        Some(_) => None,
    }
}

const NO_URL: &str = "parameter 1 is not a URL with one host: SCHEME://USER:PASSWORD@HOST:PORT/PATH";

fn part(call: &Call<'_>, take: fn(&Url<'_>) -> Outcome) -> Outcome {
    let text = call.text(0)?;
    take(&parse(&text).ok_or(NO_URL)?)
}

fn decoded(part: Option<&str>, name: &str) -> Outcome {
    let Some(part) = part else { return Ok(Value::Null) };
    url_decode(part).map(Value::from).ok_or_else(|| format!("the {name} is not percent-encoded"))
}

fn query(call: &Call<'_>) -> Outcome {
    let text = call.text(0)?;
    let query = parse(&text).ok_or(NO_URL)?.query;
    if !call.has(1) {
        return Ok(query.map_or(Value::Null, Value::from));
    }
    let name = call.text(1)?;
    for pair in query.unwrap_or_default().split('&') {
        let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
        if url_decode(&key.replace('+', " ")).is_some_and(|key| key == name) {
            return decoded(Some(&value.replace('+', " ")), "query");
        }
    }
    Ok(Value::Null)
}
