//! JSON Pointers (RFC 6901).

/// Adds a key or an index.
pub(super) fn push(pointer: &mut String, token: &str) {
    pointer.push('/');
    for char in token.chars() {
        match char {
            '~' => pointer.push_str("~0"),
            '/' => pointer.push_str("~1"),
            other => pointer.push(other),
        }
    }
}

pub(super) fn joined(pointer: &str, token: &str) -> String {
    let mut joined = String::with_capacity(pointer.len() + token.len() + 1);
    joined.push_str(pointer);
    push(&mut joined, token);
    joined
}

pub(super) fn unescaped(token: &str) -> String {
    token.replace("~1", "/").replace("~0", "~")
}

/// As messages show it: the root has a name, and nothing in it can break a line.
pub(super) fn shown(pointer: &str) -> String {
    if pointer.is_empty() { "/".to_owned() } else { without_controls(pointer) }
}

pub(super) fn without_controls(text: &str) -> String {
    text.chars().fold(String::with_capacity(text.len()), |mut shown, char| {
        if char.is_control() || matches!(char, '\u{2028}' | '\u{2029}') {
            shown.extend(char.escape_default());
        } else {
            shown.push(char);
        }
        shown
    })
}

/// What is wrong with a keyword of the schema at `pointer`.
pub(super) fn wrong(keyword: &str, problem: &str, pointer: &str) -> String {
    format!("`{keyword}` {problem} at `{}`", shown(&joined(pointer, keyword)))
}
