//! The text and the attributes of an element that is there.

use std::ops::Range;

use super::super::Problem;
use super::character::is_name;
use super::edit::{Refusal, Splice};
use super::escape::push_cdata;
use super::insert::open;
use super::scan::{Kind, Token, attributes};
use super::text::{Context, Encoding, push_text};
use super::tree::{Element, Piece};

/// Whether there is nothing in the element.
pub(super) fn is_empty(text: &str, element: &Element) -> Result<bool, Problem> {
    Ok(element.is_self_closing() || element.text(text)?.is_some_and(|found| found.is_empty()))
}

/// Whether there is more than white space beside child elements.
pub(super) fn has_text(text: &str, element: &Element) -> Result<bool, Problem> {
    let pieces = element.pieces(text)?;
    Ok(pieces.iter().any(|piece| match piece {
        Piece::Other(token) => token.kind == Kind::Cdata || token.kind == Kind::Text && !is_blank(text, token),
        Piece::Element(_) => false,
    }))
}

fn is_blank(text: &str, token: &Token) -> bool {
    text[token.range.clone()].trim_matches([' ', '\t', '\r', '\n']).is_empty()
}

/// Gives an element text. Comments in it stay, and a CDATA section stays one.
pub(super) fn set_text(text: &str, element: &Element, new: &str) -> Result<Result<Vec<Splice>, Refusal>, Problem> {
    let mut tokens = Vec::new();
    for piece in element.pieces(text)? {
        match piece {
            Piece::Other(token) if matches!(token.kind, Kind::Text | Kind::Cdata) => tokens.push(token),
            Piece::Other(_) => {}
            Piece::Element(_) => {
                return Ok(Err(("the element has child elements, it cannot get text".to_owned(), None)));
            }
        }
    }
    if element.text(text)?.as_deref() == Some(new) {
        return Ok(Ok(Vec::new()));
    }
    let encoding = Encoding::of(text);
    let mut written = String::new();
    push_text(new, Context::Content, encoding, &mut written);
    if element.is_self_closing() {
        return Ok(Ok(vec![open(text, element, &written)]));
    }
    let place = tokens.iter().position(|token| token.kind == Kind::Cdata || !is_blank(text, token)).unwrap_or(0);
    if tokens.is_empty() {
        let at = element.start.range.end;
        return Ok(Ok(vec![Splice { range: at..at, text: written }]));
    }
    let fits_cdata = !new.contains('\r') && (new.is_ascii() || encoding == Encoding::Utf8);
    let splices = tokens.into_iter().enumerate().map(|(at, token)| {
        let text = match token.kind {
            _ if at != place => String::new(),
            Kind::Cdata if fits_cdata => cdata(new),
            _ => std::mem::take(&mut written),
        };
        Splice { range: token.range, text }
    });
    Ok(Ok(splices.collect()))
}

fn cdata(text: &str) -> String {
    let mut out = "<![CDATA[".to_owned();
    push_cdata(text, &mut 0, &mut out);
    out.push_str("]]>");
    out
}

/// Gives an element an attribute, or another value to the one that is there.
pub(super) fn set_attribute(text: &str, element: &Element, name: &str, new: &str) -> Result<Splice, Refusal> {
    let encoding = Encoding::of(text);
    let mut written = String::new();
    if let Some(old) = element.attribute(text, name) {
        if old.read(text).as_deref() == Some(new) {
            return Ok(Splice::nothing());
        }
        let quote = if text[..old.value.start].ends_with('\'') { '\'' } else { '"' };
        push_text(new, Context::Attribute(quote), encoding, &mut written);
        return Ok(Splice { range: old.value, text: written });
    }
    if !is_name(name) {
        return Err((format!("`{}` is no name of an XML element or attribute", name.escape_default()), None));
    }
    let (mut end, mut blank) = (element.start.name.end, " ");
    for attribute in attributes(text, &element.start) {
        blank = &text[end..attribute.name.start];
        end = attribute.value.end + 1;
    }
    written.extend([blank, name, "=\""]);
    push_text(new, Context::Attribute('"'), encoding, &mut written);
    written.push('"');
    Ok(Splice { range: end..end, text: written })
}

/// An attribute with the white space before it.
pub(super) fn attribute_with_blank(text: &str, element: &Element, name: &str) -> Option<Range<usize>> {
    let mut end = element.start.name.end;
    for attribute in attributes(text, &element.start) {
        let from = end;
        end = attribute.value.end + 1;
        if &text[attribute.name] == name {
            return Some(from..end);
        }
    }
    None
}
