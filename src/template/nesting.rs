//! How deep a template nests. The parser, the engine and our own walks call themselves once for each level: what nests too
//! deep would fill the stack, which nothing can catch. So it is counted before anything is parsed.

use crate::format::Problem;

/// Blocks in blocks; also `{{else if}}` behind `{{else if}}`, each of which the engine puts into the one before.
pub(super) const MAX_BLOCKS: usize = 64;
/// Calls in calls, and lists in lists.
const MAX_CALLS: usize = 32;

/// The depth of the blocks, or what nests too deep.
pub(super) fn depth(text: &str) -> Result<usize, Problem> {
    let mut deepest = 0;
    // For each open block how many `{{else if}}` it has so far.
    let mut open: Vec<usize> = Vec::new();
    let mut depth = 0;
    for (start, tag) in tags(text) {
        if tag.calls > MAX_CALLS {
            return Err(too_deep(start, "calls", MAX_CALLS));
        }
        match tag.nesting {
            Nesting::Opens => {
                open.push(0);
                depth += 1;
            }
            Nesting::Continues => {
                if let Some(chain) = open.last_mut() {
                    *chain += 1;
                    depth += 1;
                }
            }
            Nesting::Closes => depth -= open.pop().map_or(0, |chain| chain + 1),
            Nesting::Stays => {}
        }
        if depth > MAX_BLOCKS {
            return Err(too_deep(start, "blocks", MAX_BLOCKS));
        }
        deepest = deepest.max(depth);
    }
    Ok(deepest)
}

/// Each tag, and where it begins.
pub(super) fn tags(text: &str) -> impl Iterator<Item = (usize, Tag)> {
    let mut at = 0;
    std::iter::from_fn(move || {
        loop {
            let start = at + text[at..].find("{{")?;
            if is_escaped(text, start) {
                at = start + 2;
                continue;
            }
            let tag = Tag::of(&text[start..]);
            at = start + tag.length;
            return Some((start, tag));
        }
    })
}

fn too_deep(offset: usize, what: &str, limit: usize) -> Problem {
    Problem::new(offset, format!("{what} are nested deeper than {limit}"))
}

/// One backslash makes the braces text; of several the braces are a tag again.
pub(super) fn is_escaped(text: &str, at: usize) -> bool {
    text[..at].ends_with('\\') && !text[..at].ends_with("\\\\")
}

pub(super) enum Nesting {
    Opens,
    Continues,
    Closes,
    Stays,
}

pub(super) struct Tag {
    pub(super) length: usize,
    pub(super) nesting: Nesting,
    /// How deep the calls in it nest.
    calls: usize,
}

impl Tag {
    /// The tag at the beginning of the text, which starts with `{{`.
    fn of(text: &str) -> Self {
        if text.starts_with("{{!") {
            let long = text.strip_prefix("{{!--").and_then(|rest| rest.find("--}}")).map(|at| at + "{{!----}}".len());
            let length = long.or_else(|| text.find("}}").map(|at| at + 2)).unwrap_or(text.len());
            return Self { length, nesting: Nesting::Stays, calls: 0 };
        }
        let inner = text[2..].trim_start_matches(|c: char| c == '~' || c.is_ascii_whitespace());
        let nesting = match inner.as_bytes().first() {
            Some(b'#') => Nesting::Opens,
            Some(b'/') => Nesting::Closes,
            Some(b'^') if !is_end(&inner[1..]) => Nesting::Continues,
            _ => match inner.strip_prefix("else") {
                Some(rest) if !is_end(rest) => Nesting::Continues,
                _ => Nesting::Stays,
            },
        };
        let (length, calls) = measure(text);
        Self { length, nesting, calls }
    }
}

fn is_end(text: &str) -> bool {
    text.trim_start_matches(|c: char| c == '~' || c.is_ascii_whitespace()).starts_with("}}")
}

/// The length of a tag, and how deep the calls and lists in it nest. What stands in quotes or in the brackets of a name is
/// neither.
fn measure(text: &str) -> (usize, usize) {
    let bytes = text.as_bytes();
    let (mut at, mut depth, mut deepest) = (if text.starts_with("{{{") { 3 } else { 2 }, 0_usize, 0);
    while let Some(byte) = bytes.get(at) {
        match byte {
            b'}' if bytes.get(at + 1) == Some(&b'}') => return (at + 2, deepest),
            b'[' if matches!(bytes[at - 1], b'.' | b'/') => {
                at = text[at..].find(']').map_or(at, |length| at + length);
            }
            b'(' | b'{' | b'[' => depth += 1,
            b')' | b']' | b'}' => depth = depth.saturating_sub(1),
            b'"' | b'\'' => at = end_of_string(bytes, at).unwrap_or(at),
            _ => {}
        }
        deepest = deepest.max(depth);
        at += 1;
    }
    (text.len(), deepest)
}

/// The closing quote of the string that begins there, in the same line; nothing when there is none, and it was an apostrophe.
pub(super) fn end_of_string(bytes: &[u8], start: usize) -> Option<usize> {
    let mut at = start + 1;
    loop {
        match bytes.get(at)? {
            b'\n' => return None,
            b'\\' => at += 2,
            byte if *byte == bytes[start] => return Some(at),
            _ => at += 1,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::depth;

    #[test]
    fn blocks_and_calls_are_counted() {
        for (text, wanted) in [
            ("plain } {", 0),
            ("{{#if a}}{{#if b}}x{{/if}}{{/if}}{{#if c}}{{/if}}", 2),
            ("{{~ #if a ~}}{{ # each b}}x{{~/each}}{{/if}}", 2),
            ("\\{{#if a}} \\\\{{#if a}}{{/if}}", 1),
            ("{{!-- {{#if a}} --}} {{! {{#if b}} }}{{!-- }}{{#if c}}{{/if}}", 1),
            ("{{#if a}}{{else if b}}{{else if c}}{{else}}{{/if}}{{#if d}}{{^}}{{/if}}", 3),
            ("{{upper \"}} {{/if}}\"}}{{#if a.[b\"c]}}{{/if}}", 1),
            ("{{/if}}{{/if}}{{#if a}}", 1),
            ("{{", 0),
            ("{{#", 1),
        ] {
            assert_eq!(depth(text).map_err(|problem| problem.message), Ok(wanted), "{text}");
        }
    }

    #[test]
    fn what_is_too_deep_is_told_with_its_place() {
        let deep = |open: &str, times: usize, close: &str| {
            depth(&format!("x{}{}", open.repeat(times), close.repeat(times)))
                .map(|_| ())
                .map_err(|problem| format!("{} {}", problem.offset, problem.message))
        };
        assert_eq!(deep("{{#if a}}", 64, "{{/if}}"), Ok(()));
        assert_eq!(deep("{{#if a}}", 65, "{{/if}}"), Err("577 blocks are nested deeper than 64".to_owned()));
        assert_eq!(deep("{{else if a}}", 100, ""), Ok(()));
        let call = |times: usize| format!("{{{{{}a{}}}}}", "(upper ".repeat(times), ")".repeat(times));
        assert!(depth(&call(32)).is_ok());
        assert_eq!(depth(&call(33)).unwrap_err().message, "calls are nested deeper than 32");
        assert!(depth(&format!("{{{{len {}}}}}", "[".repeat(40))).is_err());
        assert!(depth(&format!("{{{{replace a \"{}\" \"\"}}}}", "(".repeat(99))).is_ok());
    }

    #[test]
    fn a_hostile_text_takes_no_time() {
        for text in ["{{!--", "{{a 'b", "{{.[", "{{"] {
            let _ = depth(&text.repeat(20_000));
        }
    }
}
