//! Where new elements go, and what is taken out with old ones.

use std::ops::Range;

use super::super::Problem;
use super::edit::{Refusal, Splice};
use super::markup::{Markup, Style};
use super::scan::Kind;
use super::text::Encoding;
use super::tree::{Element, Piece};

/// Indentation of one level where there is none to be seen.
const UNIT: &str = "  ";

/// Puts elements into their parent: behind the last one of their name, else behind the last one of all.
pub(super) fn insert(text: &str, parent: &Element, new: &[Markup]) -> Result<Result<Splice, Refusal>, Problem> {
    let Some(first) = new.first() else { return Ok(Ok(Splice::nothing())) };
    let pieces = parent.pieces(text)?;
    let elements =
        || pieces.iter().filter_map(|piece| if let Piece::Element(child) = piece { Some(child) } else { None });
    let sibling = elements().rfind(|child| child.name(text) == first.name).or_else(|| elements().next_back());
    let unit = unit(text)?;
    let line_break = line_break(text);
    let style = |indent| Style { indent, unit, line_break, encoding: Encoding::of(text) };
    if let Some(sibling) = sibling {
        let style = style(own_line_indent(text, sibling.range().start).map(str::to_owned));
        let at = if style.indent.is_some() { behind_comment(text, sibling.end.end) } else { sibling.end.end };
        return Ok(Ok(Splice { range: at..at, text: lines(new, &style) }));
    }
    if pieces.iter().any(|piece| is_written_text(text, piece)) {
        return Ok(Err(("the element has text, it cannot get child elements".to_owned(), None)));
    }
    let indent = own_line_indent(text, parent.range().start);
    let style_inside = style(indent.map(|indent| format!("{indent}{unit}")));
    let mut inside = lines(new, &style_inside);
    if let Some(indent) = indent {
        inside.extend([line_break, indent]);
    }
    if parent.is_self_closing() {
        return Ok(Ok(open(text, parent, &inside)));
    }
    // White space at the end of the content is that before the end tag.
    let content = parent.content();
    let at = content.start + text[content.clone()].trim_end_matches([' ', '\t', '\r', '\n']).len();
    Ok(Ok(Splice { range: at..content.end, text: inside }))
}

/// Gives a self-closing element content.
pub(super) fn open(text: &str, element: &Element, content: &str) -> Splice {
    let tag = &text[element.start.range.clone()];
    let kept = tag.strip_suffix("/>").unwrap_or(tag).trim_end();
    let name = element.name(text);
    Splice {
        range: element.start.range.start + kept.len()..element.start.range.end,
        text: format!(">{content}</{name}>"),
    }
}

/// The element with its line, if it has one of its own.
pub(super) fn with_line(text: &str, element: Range<usize>) -> Range<usize> {
    let end = element.end + text[element.end..].find('\n').map_or(0, |at| at + 1);
    match own_line_indent(text, element.start) {
        Some(indent) if end > element.end && text[element.end..end].trim().is_empty() => {
            element.start - indent.len()..end
        }
        _ => element,
    }
}

fn lines(new: &[Markup], style: &Style) -> String {
    let mut out = String::new();
    for element in new {
        style.push_line_start(&mut out);
        element.push(style, &mut out);
    }
    out
}

pub(super) fn line_break(text: &str) -> &'static str {
    match text.find('\n') {
        Some(at) if text[..at].ends_with('\r') => "\r\n",
        _ => "\n",
    }
}

/// What stands before a place in its line, if that is only white space.
fn own_line_indent(text: &str, at: usize) -> Option<&str> {
    let line = text[..at].rfind('\n').map_or(0, |line_break| line_break + 1);
    Some(&text[line..at]).filter(|before| before.trim().is_empty())
}

/// The indentation of one level, as the first child of the root has it.
fn unit(text: &str) -> Result<&str, Problem> {
    let root = Element::root(text)?;
    let mut scanner = super::scan::Scanner::new(text, root.start.range.end);
    while let Some(token) = scanner.next()? {
        match token.kind {
            Kind::Start | Kind::Empty => {
                let outer = own_line_indent(text, root.start.range.start).unwrap_or_default();
                let inner = own_line_indent(text, token.range.start).and_then(|indent| indent.strip_prefix(outer));
                return Ok(inner.filter(|unit| !unit.is_empty()).unwrap_or(UNIT));
            }
            Kind::End => break,
            _ => {}
        }
    }
    Ok(UNIT)
}

fn is_written_text(text: &str, piece: &Piece) -> bool {
    match piece {
        Piece::Other(token) => match token.kind {
            Kind::Text => !text[token.range.clone()].trim().is_empty(),
            Kind::Cdata => true,
            _ => false,
        },
        Piece::Element(_) => false,
    }
}

/// Behind the comment that ends the line, if there is nothing else.
fn behind_comment(text: &str, at: usize) -> usize {
    let line = text[at..].lines().next().unwrap_or_default();
    let rest = line.trim();
    let comment = rest.strip_prefix("<!--").and_then(|inside| inside.find("-->").map(|end| end + 7));
    if comment == Some(rest.len()) { at + line.trim_end().len() } else { at }
}
