//! Whether a text is YAML, told from its lines alone where they are plain: most files are, and a parser of the whole language
//! takes many times as long as the edit.

use super::row::{Entry, Row, row};
use crate::format::search::{end_of_line, end_of_run};

/// No reader looks further for the `:` behind a key.
const LONGEST_KEY: usize = 1000;

/// Whether the text is sure to be YAML. False says nothing: the text is to be parsed.
pub(crate) fn is_surely_sound(text: &str) -> bool {
    let bytes = text.as_bytes();
    // Control characters, and the first bytes of those that lie beyond ASCII, of line separators and of marks of byte order.
    if bytes.iter().any(|byte| matches!(byte, 0..=8 | 11..=12 | 14..=31 | 127 | 0xC2 | 0xE2 | 0xEF)) {
        return false;
    }
    let mut at = if bytes.starts_with(b"---\n") { 4 } else { 0 };
    let mut lines = Lines::default();
    while at < bytes.len() {
        match row(bytes, at) {
            Row::Blank { next, .. } => at = next,
            Row::Entry(entry) => {
                let Some(next) = lines.take(bytes, at, &entry) else { return false };
                at = next;
            }
            Row::Other { .. } => return false,
        }
    }
    true
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Mapping,
    Sequence,
}

/// The collections that are open, by their columns.
#[derive(Default)]
struct Lines {
    open: Vec<(usize, Kind)>,
    /// Whether the last line ends with a key that has no value yet, or with such a dash.
    waiting: Option<Kind>,
}

impl Lines {
    /// Takes the line that begins here. Returns where the next one begins, or nothing when something is not plain.
    fn take(&mut self, bytes: &[u8], start: usize, entry: &Entry) -> Option<usize> {
        if !is_simple(&bytes[start..entry.end]) || entry.key.as_ref().is_some_and(|key| key.len() > LONGEST_KEY) {
            return None;
        }
        let kind = if entry.dash { Kind::Sequence } else { Kind::Mapping };
        self.place(entry.column, kind)?;
        match entry.key {
            Some(_) if entry.dash => self.open.push((entry.outer, Kind::Mapping)),
            // Several dashes, one behind the other.
            None if entry.outer != entry.column => return None,
            _ => {}
        }
        let last = if entry.key.is_some() { Kind::Mapping } else { Kind::Sequence };
        self.waiting = (!entry.has_value).then_some(last);
        if entry.block.is_some() { behind_block(bytes, entry) } else { Some(entry.next) }
    }

    /// Goes to the collection in this column, or begins it where the last line has room for it.
    fn place(&mut self, column: usize, kind: Kind) -> Option<()> {
        let waiting = self.waiting.take();
        let Some(&(last, _)) = self.open.last() else {
            self.open.push((column, kind));
            return Some(());
        };
        let below_key = column == last && kind == Kind::Sequence && waiting == Some(Kind::Mapping);
        if below_key || column > last {
            waiting?;
            self.open.push((column, kind));
            return Some(());
        }
        while self.open.last().is_some_and(|&(open, _)| open > column) {
            self.open.pop();
        }
        if self.open.last() == Some(&(column, Kind::Sequence)) && kind == Kind::Mapping {
            self.open.pop();
        }
        (self.open.last() == Some(&(column, kind))).then_some(())
    }
}

/// Whether nothing in the line needs more than a look: escapes, tabs, and brackets but for those of a short list or mapping at
/// its end.
fn is_simple(line: &[u8]) -> bool {
    match line.iter().position(|byte| matches!(byte, b'\\' | b'\t' | b'[' | b'{')) {
        None => true,
        Some(at) => is_simple_collection(&line[at..]),
    }
}

/// Whether this is a list or mapping in brackets, of words and texts in quotes.
fn is_simple_collection(bytes: &[u8]) -> bool {
    let (inner, is_mapping) = match bytes {
        [b'[', inner @ .., b']'] => (inner, false),
        [b'{', inner @ .., b'}'] => (inner, true),
        _ => return false,
    };
    if inner.iter().all(|byte| *byte == b' ') {
        return true;
    }
    inner.split(|byte| *byte == b',').all(|item| {
        if !is_mapping {
            return is_simple_scalar(item);
        }
        let colon = item.windows(2).position(|pair| pair == b": ");
        colon.is_some_and(|colon| is_word(item[..colon].trim_ascii()) && is_simple_scalar(&item[colon + 1..]))
    })
}

fn is_simple_scalar(item: &[u8]) -> bool {
    match item.trim_ascii() {
        [quote @ (b'"' | b'\''), inner @ .., end] if quote == end => {
            !inner.iter().any(|byte| byte == quote || *byte == b'\\')
        }
        word => is_word(word),
    }
}

/// Whether this is plain text in which no sign has a meaning.
fn is_word(text: &[u8]) -> bool {
    text.first().is_some_and(u8::is_ascii_alphanumeric)
        && text.iter().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.' | b'/' | b'-'))
}

/// Behind the lines of a block scalar that are indented like its first one, or deeper.
fn behind_block(bytes: &[u8], entry: &Entry) -> Option<usize> {
    let mut at = entry.next;
    let mut indent = None;
    while at < bytes.len() {
        let first = end_of_run(bytes, at, b' ');
        let column = first - at;
        let end = end_of_line(bytes, first);
        let is_blank = matches!(bytes.get(first), None | Some(b'\n' | b'\r'));
        match indent {
            // Too many blanks before the first line are an error; tabs count as blanks for some.
            None if is_blank && column > 0 || bytes.get(first) == Some(&b'\t') => return None,
            None if !is_blank && column <= entry.outer => return Some(at),
            None if !is_blank => indent = Some(column),
            Some(indent) if !is_blank && column < indent => {
                return (column <= entry.outer).then_some(at);
            }
            _ => {}
        }
        let after = usize::from(bytes.get(end) == Some(&b'\r')) + end;
        at = usize::from(bytes.get(after) == Some(&b'\n')) + after;
    }
    Some(at)
}

#[cfg(test)]
mod tests {
    use super::is_surely_sound;

    #[test]
    fn plain_lines_are_known_to_be_sound() {
        for text in [
            "",
            "---\na: 1\n",
            "a: 1\nb:\n  c: x y # d\n\n  d: 'e: f'\n# g\nh: \"i\"\n",
            "a:\n- b\n- c: d\n  e: f\n-\n  g: h\ni:\nj: k",
            "a:\n  - b\n  -\n    - c\nd: e\r\n",
            "a: |\n  b\n    [c\n\n  d: e\nf: >-\n\n   g\n# h\ni: j\n",
            "- |\n b\n- c\n",
            "a: [80, 443] # b\nc: [ ]\nd: {}\ne: {f: g-1, h: \"i [j: {\"}\n",
            "- ['k', l/m.n]\n- {a: ''}\n",
        ] {
            assert!(is_surely_sound(text), "{text}");
        }
    }

    /// Some of these are YAML, and all are left to the parser.
    #[test]
    fn anything_else_is_left_to_the_parser() {
        for text in [
            "b: >---\n\n 0o:\n  : -\n",
            "a: ]\n",
            "b: }\n",
            "a: @x\n",
            "a: `x`\n",
            "a: %x\n",
            "a: *x\n",
            "a: {b: 1]\n",
            "a: [1, , 2]\n",
            "a: \"\\q\"\n",
            "a: \"x\n",
            "a: x\n  y\n",
            "a: 1\n b: 2\n",
            " a: 1\nb: 2\n",
            "a: 1\n- b\n",
            "- a\nb: 1\n",
            "a:\n  - x\n y: 1\n",
            "a:\n  - x\n  y: 1\n",
            "a:\n\tb: 1\n",
            "a: |\n   x\n  y\n",
            "a: |\n    \n  x\n",
            "a: |x\n  y\n",
            "a: x\u{1}\n",
            "a: 1\n...\nb\n",
            "a: [b,]\n",
            "a: [,]\n",
            "a: [-]\n",
            "a: [b: c]\n",
            "a: [[b]]\n",
            "a: {b}\n",
            "a: {b:c}\n",
            "a: {b: }\n",
            "a: {b: c: d}\n",
            "a: [\"b\"c]\n",
            "a: ['b'', c]\n",
            "a: [b #c]\n",
            "a: [b}\n",
            "a: [b] c\n",
            "a: b {c: d}\n",
            "[a]: b\n",
        ] {
            assert!(!is_surely_sound(text), "{text}");
        }
    }

    #[test]
    fn what_is_sure_to_be_sound_can_be_parsed() {
        let parts = [
            "a", "b-1", "/c", " ", ", ", ",", ": ", ":", "[", "]", "{", "}", "\"", "'", "- ", "-", "#", " #", "\n",
            "\n  ", "d: [", "]\n", "e: {f: ", "}\n", "g: ", "\"h\"", "'i'", "[]", "{}", "|\n", "!", "&j ", "*k",
        ];
        let (mut sound, mut number) = (0, 7_u32);
        let mut below = |bound: usize| {
            number = number.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            number as usize / 65_536 % bound
        };
        for _ in 0..200_000 {
            let text: String = (0..2 + below(12)).map(|_| parts[below(parts.len())]).collect();
            if is_surely_sound(&text) {
                assert!(granit_parser::Parser::new_from_str(&text).all(|event| event.is_ok()), "{text:?}");
                sound += usize::from(text.contains(['[', '{']));
            }
        }
        assert!(sound > 200, "{sound}");
    }
}
