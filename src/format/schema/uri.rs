//! References between schemas: RFC 3986 as far as identifiers in one document need it.

/// The part before the `#`, and the part behind it.
pub(super) fn split_fragment(reference: &str) -> (&str, &str) {
    reference.split_once('#').unwrap_or((reference, ""))
}

/// The parts of a URI without a fragment; `path` may be empty.
struct Parts<'a> {
    scheme: Option<&'a str>,
    authority: Option<&'a str>,
    path: &'a str,
    query: Option<&'a str>,
}

fn parts(uri: &str) -> Parts<'_> {
    let (scheme, rest) = match uri.split_once(':') {
        Some((scheme, rest)) if is_scheme(scheme) => (Some(scheme), rest),
        _ => (None, uri),
    };
    let (rest, query) = rest.split_once('?').map_or((rest, None), |(rest, query)| (rest, Some(query)));
    match rest.strip_prefix("//") {
        Some(rest) => {
            let (authority, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
            Parts { scheme, authority: Some(authority), path, query }
        }
        None => Parts { scheme, authority: None, path: rest, query },
    }
}

fn is_scheme(text: &str) -> bool {
    text.starts_with(|first: char| first.is_ascii_alphabetic())
        && text.chars().all(|char| char.is_ascii_alphanumeric() || matches!(char, '+' | '-' | '.'))
}

/// What `reference`, which has no fragment, means in a document at `base` (RFC 3986, 5.2).
pub(super) fn resolve(base: &str, reference: &str) -> String {
    let (base, wanted) = (parts(base), parts(reference));
    if wanted.scheme.is_some() {
        return compose(wanted.scheme, wanted.authority, &without_dots(wanted.path), wanted.query);
    }
    if wanted.authority.is_some() {
        return compose(base.scheme, wanted.authority, &without_dots(wanted.path), wanted.query);
    }
    let path = match wanted.path {
        "" => return compose(base.scheme, base.authority, base.path, wanted.query.or(base.query)),
        path if path.starts_with('/') => without_dots(path),
        path => {
            let folder = base.path.rfind('/').map_or("", |slash| base.path.get(..=slash).unwrap_or(""));
            let folder = if folder.is_empty() && base.authority.is_some() { "/" } else { folder };
            without_dots(&format!("{folder}{path}"))
        }
    };
    compose(base.scheme, base.authority, &path, wanted.query)
}

fn compose(scheme: Option<&str>, authority: Option<&str>, path: &str, query: Option<&str>) -> String {
    let scheme = scheme.map(|scheme| format!("{}:", scheme.to_ascii_lowercase())).unwrap_or_default();
    let authority = authority.map(|authority| format!("//{}", authority.to_ascii_lowercase())).unwrap_or_default();
    let query = query.map(|query| format!("?{query}")).unwrap_or_default();
    format!("{scheme}{authority}{path}{query}")
}

fn without_dots(path: &str) -> String {
    let is_absolute = path.starts_with('/');
    let mut kept: Vec<&str> = Vec::new();
    let mut segments = path.strip_prefix('/').unwrap_or(path).split('/').peekable();
    while let Some(segment) = segments.next() {
        let is_last = segments.peek().is_none();
        match segment {
            "." | ".." => {
                if segment == ".." {
                    kept.pop();
                }
                if is_last {
                    kept.push("");
                }
            }
            _ => kept.push(segment),
        }
    }
    format!("{}{}", if is_absolute { "/" } else { "" }, kept.join("/"))
}

/// `%20` and the like undone. What is no such sequence stays.
pub(super) fn percent_decoded(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [first, behind @ ..] = rest {
        let code = match rest {
            [b'%', high, low, ..] => hexadecimal(*high).zip(hexadecimal(*low)).map(|(high, low)| high * 16 + low),
            _ => None,
        };
        bytes.push(code.unwrap_or(*first));
        rest = if code.is_some() { rest.get(3..).unwrap_or_default() } else { behind };
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

fn hexadecimal(digit: u8) -> Option<u8> {
    char::from(digit).to_digit(16).and_then(|value| u8::try_from(value).ok())
}

#[cfg(test)]
mod tests {
    use super::{percent_decoded, resolve};

    #[test]
    fn references_are_resolved() {
        for (base, reference, wanted) in [
            ("", "node.json", "node.json"),
            ("http://Host/a/b", "c", "http://host/a/c"),
            ("http://host/a/b", "/c/../d", "http://host/d"),
            ("http://host/a/b", "./../../../d/.", "http://host/d/"),
            ("http://host/a/b?q", "", "http://host/a/b?q"),
            ("http://host", "c?q", "http://host/c?q"),
            ("http://host/a", "//other/c", "http://other/c"),
            ("http://host/a", "HTTPS://other/c", "https://other/c"),
            ("http://host/a", "urn:example:a", "urn:example:a"),
            ("urn:example:a", "", "urn:example:a"),
            ("a/b/c", "../d", "a/d"),
        ] {
            assert_eq!(resolve(base, reference), wanted, "{base} {reference}");
        }
        assert_eq!(percent_decoded("a%25b%c3%a9%2"), "a%bé%2");
    }
}
