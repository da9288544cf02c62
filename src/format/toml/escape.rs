//! Values in a rendered TOML text, each written for the place in which it stands.

use super::super::stretch::{Part, Stretch, Walk};
use super::super::{Insertion, Problem, Scalar};
use super::scan::{Kind, Scanner, Token};
use super::text::{fits_literal, is_bare_key, is_control, push_basic, push_escape, push_escaped};

/// The text with each value escaped for its place.
pub(crate) fn escape(text: &str, insertions: &[Insertion]) -> Result<String, Problem> {
    let mut scanner = Scanner::new(Walk::new(text, insertions));
    let mut out = String::with_capacity(text.len() + text.len() / 8);
    let mut copied = 0;
    while let Some(token) = scanner.next() {
        out.push_str(&text[copied..token.stretch.range.start]);
        write_token(&token, &mut out)?;
        copied = token.stretch.range.end;
    }
    out.push_str(&text[copied..]);
    Ok(out)
}

fn write_token(token: &Token, out: &mut String) -> Result<(), Problem> {
    let stretch = &token.stretch;
    if !token.sound {
        let (message, hint) = match token.kind {
            Kind::BareKey | Kind::BareValue => ("the value touches a string", "put the value between the quotes"),
            _ => ("the value stands in a string that is not closed", "close the string"),
        };
        return Err(Problem::new(stretch.offset(), message).hint(hint));
    }
    match token.kind {
        Kind::Comment => comment(stretch, out),
        Kind::BareKey => {
            bare_key(stretch, out);
            Ok(())
        }
        Kind::BareValue => bare_value(stretch, out),
        Kind::Basic => basic(stretch, out),
        Kind::Literal => {
            literal(stretch, out);
            Ok(())
        }
        Kind::MultilineBasic => multiline_basic(stretch, out),
        Kind::MultilineLiteral => {
            multiline_literal(stretch, out);
            Ok(())
        }
    }
}

fn comment(stretch: &Stretch, out: &mut String) -> Result<(), Problem> {
    for part in stretch.parts() {
        if let Part::Value { text, insertion } = part
            && text.bytes().any(is_control)
        {
            let message = "a TOML comment cannot hold a line break or control character";
            return Err(Problem::new(insertion.range.start, message));
        }
    }
    out.push_str(stretch.raw());
    Ok(())
}

fn bare_key(stretch: &Stretch, out: &mut String) {
    if is_bare_key(stretch.raw()) {
        out.push_str(stretch.raw());
    } else {
        push_basic(stretch.raw(), out);
    }
}

fn bare_value(stretch: &Stretch, out: &mut String) -> Result<(), Problem> {
    let [insertion] = stretch.insertions else { return Err(composed(stretch)) };
    if insertion.range != stretch.range {
        return Err(composed(stretch));
    }
    let text = stretch.raw();
    let stays = match insertion.scalar {
        Scalar::Text => false,
        Scalar::Number => is_number(text),
        Scalar::Boolean => matches!(text, "true" | "false"),
    };
    if stays {
        out.push_str(text);
    } else {
        push_basic(text, out);
    }
    Ok(())
}

fn composed(stretch: &Stretch) -> Problem {
    Problem::new(stretch.offset(), "a TOML value that is put together from several parts needs quotes")
        .hint("put quotes around the whole value")
}

/// Whether it is a number as JSON writes them, which TOML reads as the same number.
fn is_number(text: &str) -> bool {
    text.starts_with(|first: char| first == '-' || first.is_ascii_digit())
        && serde_json::from_str::<serde_json::Number>(text).is_ok()
        && !text.ends_with(char::is_whitespace)
}

fn basic(stretch: &Stretch, out: &mut String) -> Result<(), Problem> {
    let mut before = Ending::Plain;
    for part in stretch.parts() {
        match part {
            Part::Literal(text) => {
                out.push_str(text);
                before = Ending::of(text, before);
            }
            Part::Value { text, insertion } => {
                before.refuse_value(insertion)?;
                push_escaped(text, false, out);
            }
        }
    }
    Ok(())
}

/// A value that cannot stand between single quotes makes the whole a basic string.
fn literal(stretch: &Stretch, out: &mut String) {
    let fits = stretch.parts().all(|part| match part {
        Part::Literal(_) => true,
        Part::Value { text, .. } => fits_literal(text),
    });
    if fits {
        out.push_str(stretch.raw());
    } else {
        push_basic(stretch.inner(1, 1).raw(), out);
    }
}

fn multiline_basic(stretch: &Stretch, out: &mut String) -> Result<(), Problem> {
    let opening = out.len() + 3;
    let mut before = Ending::Plain;
    for part in stretch.parts() {
        match part {
            Part::Literal(text) => {
                if out.len() > opening && text.starts_with('"') && ends_with_quote(&out[opening..]) {
                    out.pop();
                    out.push_str("\\\"");
                }
                out.push_str(text);
                before = Ending::of(text, before);
            }
            Part::Value { text, insertion } => {
                before.refuse_value(insertion)?;
                let text = keep_first_line_break(text, out.len() == opening, insertion, stretch, out);
                let text = if before == Ending::Continuation { escape_blanks(text, out) } else { text };
                push_escaped(text, true, out);
                if !insertion.range.is_empty() {
                    before = Ending::Plain;
                }
            }
        }
    }
    Ok(())
}

/// A line break right behind the opening quotes does not belong to the string. Writes what makes the one that belongs to
/// the value, or follows an empty value, a part of it, and returns what of the value is still to be written.
fn keep_first_line_break<'a>(
    text: &'a str,
    first: bool,
    insertion: &Insertion,
    stretch: &Stretch,
    out: &mut String,
) -> &'a str {
    let follows = || stretch.raw()[insertion.range.end - stretch.range.start..].starts_with(['\n', '\r']);
    if first && (text.starts_with('\n') || text.is_empty() && follows()) {
        out.push('\n');
    }
    text
}

/// Behind a backslash at the end of a line, blanks are not part of the string: those of the value are escaped.
fn escape_blanks<'a>(text: &'a str, out: &mut String) -> &'a str {
    let rest = text.trim_start_matches([' ', '\t', '\n', '\r']);
    for byte in text[..text.len() - rest.len()].bytes() {
        push_escape(byte, out);
    }
    rest
}

/// Whether a quote of the literal text, not of an escape sequence, ends the text.
fn ends_with_quote(text: &str) -> bool {
    text.strip_suffix('"').is_some_and(|rest| {
        let backslashes = rest.len() - rest.trim_end_matches('\\').len();
        backslashes.is_multiple_of(2)
    })
}

fn multiline_literal(stretch: &Stretch, out: &mut String) {
    let fits = stretch.parts().all(|part| match part {
        Part::Literal(_) => true,
        Part::Value { text, insertion } => {
            let following = &stretch.raw()[insertion.range.end - stretch.range.start..];
            let joins_quotes = text.is_empty() && following.starts_with('\'');
            !joins_quotes
                && !text.starts_with('\'')
                && !text.ends_with('\'')
                && !text.contains("'''")
                && !text.bytes().any(|byte| is_control(byte) && byte != b'\n')
        }
    });
    let opening = out.len() + 3;
    if !fits {
        out.push_str("\"\"\"");
    }
    let inner = if fits { stretch.clone() } else { stretch.inner(3, 3) };
    for part in inner.parts() {
        match part {
            Part::Literal(text) if fits => out.push_str(text),
            Part::Literal(text) => push_literal_lines(text, out),
            Part::Value { text, insertion } => {
                let text = keep_first_line_break(text, out.len() == opening, insertion, stretch, out);
                if fits {
                    out.push_str(text);
                } else {
                    push_escaped(text, true, out);
                }
            }
        }
    }
    if !fits {
        out.push_str("\"\"\"");
    }
}

/// Writes literal text of a `'''` string for a `"""` string: its line breaks stay as they are, also CRLF.
fn push_literal_lines(text: &str, out: &mut String) {
    for line in text.split_inclusive('\n') {
        if let Some(line) = line.strip_suffix("\r\n") {
            push_escaped(line, true, out);
            out.push_str("\r\n");
        } else {
            push_escaped(line, true, out);
        }
    }
}

/// How the literal text before a value ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Ending {
    Plain,
    /// In an escape sequence that the value would complete.
    InEscape,
    /// Behind a backslash at the end of a line, which swallows the blanks that follow.
    Continuation,
}

impl Ending {
    fn of(text: &str, before: Self) -> Self {
        let mut rest = text;
        if before == Self::Continuation {
            rest = rest.trim_start_matches([' ', '\t', '\n', '\r']);
            if rest.is_empty() {
                return Self::Continuation;
            }
        }
        while let Some(at) = rest.find('\\') {
            rest = &rest[at + 1..];
            let Some(kind) = rest.bytes().next() else { return Self::InEscape };
            let digits = match kind {
                b'x' => 2,
                b'u' => 4,
                b'U' => 8,
                b' ' | b'\t' | b'\n' | b'\r' => {
                    let blanks = rest.len() - rest.trim_start_matches([' ', '\t', '\n', '\r']).len();
                    let broken = rest[..blanks].contains('\n');
                    rest = &rest[blanks..];
                    match (rest.is_empty(), broken) {
                        (true, true) => return Self::Continuation,
                        (true, false) => return Self::InEscape,
                        (false, _) => continue,
                    }
                }
                _ => 0,
            };
            rest = rest.strip_prefix(char::from(kind)).unwrap_or(rest);
            let present = rest.bytes().take(digits).take_while(u8::is_ascii_hexdigit).count();
            if present < digits && present == rest.len() {
                return Self::InEscape;
            }
            rest = &rest[present..];
        }
        Self::Plain
    }

    fn refuse_value(self, insertion: &Insertion) -> Result<(), Problem> {
        if self != Self::InEscape {
            return Ok(());
        }
        Err(Problem::new(insertion.range.start, "a value cannot stand in an escape sequence")
            .hint("write `\\\\` for a backslash before a value"))
    }
}
