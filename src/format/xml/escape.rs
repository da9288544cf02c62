//! Values in a rendered XML text, each written for the place in which it stands.

use super::super::stretch::{Part, Stretch, Walk};
use super::super::{Insertion, Problem};
use super::character::{first_forbidden, is_name, name_length, space_length};
use super::place::{Place, Places};
use super::text::{Context, Encoding, push_number, push_text};

/// The text with each value escaped for its place.
pub(crate) fn escape(text: &str, insertions: &[Insertion]) -> Result<String, Problem> {
    for insertion in insertions {
        if first_forbidden(&text[insertion.range.clone()]).is_some() {
            return Err(Problem::new(insertion.range.start, "XML cannot hold a character of this value")
                .hint("encode the value, for instance with `base64`"));
        }
    }
    let writer = Writer { encoding: Encoding::of(text), text };
    let mut places = Places::new(Walk::new(text, insertions));
    let mut out = String::with_capacity(text.len() + text.len() / 8);
    let mut copied = 0;
    while let Some((place, stretch)) = places.next() {
        out.push_str(&text[copied..stretch.range.start]);
        writer.write(place, &stretch, &mut out)?;
        copied = stretch.range.end;
    }
    out.push_str(&text[copied..]);
    Ok(out)
}

struct Writer<'a> {
    encoding: Encoding,
    text: &'a str,
}

impl Writer<'_> {
    fn write(&self, place: Place, stretch: &Stretch, out: &mut String) -> Result<(), Problem> {
        match place {
            Place::Content => self.content(stretch, out),
            Place::Attribute(quote) => self.attribute(stretch, quote, out),
            Place::BareAttribute => self.bare_attribute(stretch, out),
            Place::Entity => self.entity(stretch, out),
            Place::Cdata => self.cdata(stretch, out),
            Place::Name => self.raw(stretch, out, name),
            Place::Comment => self.raw(stretch, out, comment),
            Place::Instruction => self.raw(stretch, out, instruction),
            Place::Declaration => self.raw(stretch, out, declaration),
            Place::Doctype => {
                Err(Problem::new(stretch.offset(), "in a document type, a value can only be the text of an entity"))
            }
        }
    }

    fn content(&self, stretch: &Stretch, out: &mut String) -> Result<(), Problem> {
        let mut before = "";
        for part in stretch.parts() {
            match part {
                Part::Literal(literal) => {
                    push_literal_content(literal, out);
                    before = literal;
                }
                Part::Value { text, insertion } => {
                    refuse_in_reference(before, insertion)?;
                    let behind = &self.text[insertion.range.end..];
                    // `]]>` cannot stand in content, not even when the value brings only a part of it.
                    let bracket = text.strip_suffix(']').filter(|_| behind.starts_with([']', '>']));
                    push_text(bracket.unwrap_or(text), Context::Content, self.encoding, out);
                    if bracket.is_some() {
                        push_number(']', out);
                    }
                }
            }
        }
        Ok(())
    }

    fn attribute(&self, stretch: &Stretch, quote: char, out: &mut String) -> Result<(), Problem> {
        let mut before = "";
        for part in stretch.parts() {
            match part {
                Part::Literal(literal) => {
                    out.push_str(literal);
                    before = literal;
                }
                Part::Value { text, insertion } => {
                    refuse_in_reference(before, insertion)?;
                    push_text(text, Context::Attribute(quote), self.encoding, out);
                }
            }
        }
        Ok(())
    }

    fn bare_attribute(&self, stretch: &Stretch, out: &mut String) -> Result<(), Problem> {
        out.push('"');
        self.attribute(stretch, '"', out)?;
        out.push('"');
        Ok(())
    }

    /// The text of an entity is read twice: in its declaration, and where it is used.
    fn entity(&self, stretch: &Stretch, out: &mut String) -> Result<(), Problem> {
        let mut before = "";
        for part in stretch.parts() {
            match part {
                Part::Literal(literal) => {
                    out.push_str(literal);
                    before = literal;
                }
                Part::Value { text, insertion } => {
                    refuse_in_reference(before, insertion)?;
                    text.chars().for_each(|character| self.push_entity(character, out));
                }
            }
        }
        Ok(())
    }

    fn push_entity(&self, character: char, out: &mut String) {
        match character {
            '&' | '<' | '>' | '\r' | '\n' | '\t' => {
                // The reference to `&` is resolved in the declaration, what it makes then is where the entity is used.
                out.push_str("&#38;#");
                out.push_str(&u32::from(character).to_string());
                out.push(';');
            }
            '%' | '"' | '\'' => push_number(character, out),
            other if self.encoding == Encoding::Other && !other.is_ascii() => push_number(other, out),
            other => out.push(other),
        }
    }

    fn cdata(&self, stretch: &Stretch, out: &mut String) -> Result<(), Problem> {
        let mut brackets = 0;
        for part in stretch.parts() {
            let text = match part {
                Part::Literal(text) => text,
                Part::Value { text, insertion } => {
                    if text.contains('\r') || self.cannot_encode(text) {
                        return Err(Problem::new(
                            insertion.range.start,
                            "a CDATA section cannot hold a character of this value",
                        )
                        .hint("put the value outside of CDATA"));
                    }
                    text
                }
            };
            push_cdata(text, &mut brackets, out);
        }
        Ok(())
    }

    fn cannot_encode(&self, text: &str) -> bool {
        self.encoding == Encoding::Other && !text.is_ascii()
    }

    /// Writes the stretch as it is, if it fits its place.
    fn raw(
        &self,
        stretch: &Stretch,
        out: &mut String,
        fits: impl FnOnce(&Stretch, &str) -> Result<(), Problem>,
    ) -> Result<(), Problem> {
        if self.cannot_encode(stretch.raw()) {
            let message = "a character of this value does not exist in the encoding of the file";
            return Err(Problem::new(stretch.offset(), message));
        }
        fits(stretch, self.text)?;
        out.push_str(stretch.raw());
        Ok(())
    }
}

/// A literal part behind a value. If there is nothing between them, brackets before an empty value and `>` behind it do
/// not become the end of a CDATA section.
fn push_literal_content(literal: &str, out: &mut String) {
    let joined = if out.ends_with("]]") && literal.starts_with('>') {
        Some(0)
    } else if out.ends_with(']') && literal.starts_with("]>") {
        Some(1)
    } else {
        None
    };
    match joined {
        Some(at) => out.extend([&literal[..at], "&gt;", &literal[at + 1..]]),
        None => out.push_str(literal),
    }
}

/// Writes a part of a CDATA section; `brackets` counts the `]` at the end of what was written before.
pub(super) fn push_cdata(text: &str, brackets: &mut usize, out: &mut String) {
    let mut copied = 0;
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            b']' => *brackets = brackets.saturating_add(1),
            b'>' if *brackets >= 2 => {
                out.push_str(&text[copied..at]);
                out.push_str("]]><![CDATA[");
                copied = at;
                *brackets = 0;
            }
            _ => *brackets = 0,
        }
    }
    out.push_str(&text[copied..]);
}

/// `&am{{x}};` would read as another character, depending on the value.
fn refuse_in_reference(before: &str, insertion: &Insertion) -> Result<(), Problem> {
    let name = before.len()
        - before.trim_end_matches(|c: char| c.is_alphanumeric() || matches!(c, '#' | '_' | ':' | '-' | '.')).len();
    if !before[..before.len() - name].ends_with('&') {
        return Ok(());
    }
    Err(Problem::new(insertion.range.start, "a value cannot stand in a reference")
        .hint("write `&amp;` for the character itself"))
}

fn name(stretch: &Stretch, _: &str) -> Result<(), Problem> {
    if is_name(stretch.raw()) {
        return Ok(());
    }
    Err(Problem::new(stretch.offset(), "the value makes no name of an XML element or attribute"))
}

fn comment(stretch: &Stretch, whole: &str) -> Result<(), Problem> {
    let content = &whole[stretch.range.start..];
    for insertion in stretch.insertions {
        let text = &whole[insertion.range.clone()];
        let before = &content[..insertion.range.start - stretch.range.start];
        let behind = &whole[insertion.range.end..];
        let joins = if text.is_empty() {
            before.ends_with('-') && behind.starts_with('-')
        } else {
            before.ends_with('-') && text.starts_with('-') || text.ends_with('-') && behind.starts_with('-')
        };
        if joins || text.contains("--") {
            return Err(Problem::new(insertion.range.start, "an XML comment cannot hold `--`, or `-` at its end"));
        }
    }
    Ok(())
}

fn instruction(stretch: &Stretch, whole: &str) -> Result<(), Problem> {
    let raw = stretch.raw();
    if raw.contains("?>") {
        return Err(Problem::new(stretch.offset(), "a processing instruction cannot hold `?>`"));
    }
    let length = name_length(raw);
    let target_end = stretch.range.start + length;
    let data = target_end + space_length(&raw[length..]);
    for insertion in stretch.insertions {
        let range = &insertion.range;
        let text = &whole[range.clone()];
        let problem =
            if range.start <= target_end && (range.end > target_end || length == 0 || is_reserved(&raw[..length])) {
                "the value makes no name of a processing instruction"
            } else if text.contains('\r') {
                "a processing instruction cannot hold a carriage return"
            } else if range.start <= data && text.starts_with(|c: char| c.is_ascii_whitespace()) {
                "a processing instruction cannot begin with a blank"
            } else {
                continue;
            };
        return Err(Problem::new(range.start, problem));
    }
    Ok(())
}

fn is_reserved(target: &str) -> bool {
    target.eq_ignore_ascii_case("xml")
}

fn declaration(stretch: &Stretch, whole: &str) -> Result<(), Problem> {
    for insertion in stretch.insertions {
        let text = &whole[insertion.range.clone()];
        let fits = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-');
        if !text.bytes().all(fits) {
            let message = "a value in an XML declaration can only hold letters, digits, `.`, `_` and `-`";
            return Err(Problem::new(insertion.range.start, message));
        }
    }
    Ok(())
}
