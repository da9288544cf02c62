//! Changes of plain text.

use super::fields::{lines, text as text_of};
use crate::format::text::{LinePlace, Pattern, Piece, TextOperation, edit, regex};

/// Three lines say what is done: a letter and perhaps a number, a pattern or marker, and a text. A second edit changes nothing.
pub fn text(data: &[u8]) {
    let Some(([kind, pattern, new], text)) = lines::<3>(data) else { return };
    let Some(operation) = operation(kind, &text_of(pattern), text_of(new)) else { return };
    let operations = [operation];
    let Ok(edited) = edit(text, &operations) else { return };
    let again = edit(&edited, &operations);
    assert!(again.as_ref() == Ok(&edited), "{edited:?}\nthen {again:?}");
    match &operations {
        [TextOperation::Line { text: line, absent: false, .. }] => {
            let wanted = line.strip_suffix('\n').unwrap_or(line).replace("\r\n", "\n");
            assert!(edited.replace("\r\n", "\n").contains(&wanted), "{edited:?} lacks {wanted:?}");
        }
        [TextOperation::Block { absent: true, .. }] => assert!(edited.len() <= text.len(), "more text than before"),
        _ => {}
    }
}

fn operation(kind: &str, pattern: &str, new: String) -> Option<TextOperation> {
    let mut letters = kind.chars();
    let (kind, modifier) = (letters.next()?, letters.next().unwrap_or('-'));
    let count = modifier.to_digit(10).and_then(|digit| usize::try_from(digit).ok());
    let pattern_or = |other| regex(pattern).ok().map_or(other, Some);
    let place = |modifier| match modifier {
        'a' => pattern_or(None).map_or(LinePlace::End, LinePlace::After),
        'b' => pattern_or(None).map_or(LinePlace::End, LinePlace::Before),
        '^' => LinePlace::Beginning,
        _ => LinePlace::End,
    };
    let must_match = modifier == '!';
    Some(match kind {
        'r' => {
            let pattern = Pattern::Regex(regex(pattern).ok()?);
            TextOperation::Replace { pattern, with: pieces(&new), count, must_match, unless: None }
        }
        'l' => {
            let pattern = Pattern::Literal(pattern.to_owned());
            TextOperation::Replace { pattern, with: vec![Piece::Text(new)], count, must_match, unless: None }
        }
        'u' => {
            let (literal, unless) = pattern.split_once('\t')?;
            let pattern = Pattern::Literal(literal.to_owned());
            let unless = Some(regex(unless).ok()?);
            TextOperation::Replace { pattern, with: vec![Piece::Text(new)], count, must_match, unless }
        }
        'i' => TextOperation::Line { text: new, place: place(modifier), matches: None, absent: false },
        'm' => TextOperation::Line { text: new, place: LinePlace::End, matches: pattern_or(None), absent: false },
        'd' => TextOperation::Line { text: new, place: LinePlace::End, matches: None, absent: true },
        'x' => TextOperation::Line { text: new, place: LinePlace::End, matches: pattern_or(None), absent: true },
        'k' => TextOperation::Block { marker: pattern.to_owned(), text: new, place: place(modifier), absent: false },
        'n' => TextOperation::Block { marker: pattern.to_owned(), text: new, place: LinePlace::End, absent: true },
        _ => return None,
    })
}

/// `\1` is a group.
fn pieces(with: &str) -> Vec<Piece> {
    let mut pieces = Vec::new();
    for (index, part) in with.split('\\').enumerate() {
        let group = part.chars().next().and_then(|digit| digit.to_digit(10)).filter(|_| index > 0);
        if let Some(group) = group {
            pieces.push(Piece::Group(group as usize));
        }
        pieces.push(Piece::Text(if group.is_some() { part[1..].to_owned() } else { part.to_owned() }));
    }
    pieces.retain(|piece| *piece != Piece::Text(String::new()));
    pieces
}
