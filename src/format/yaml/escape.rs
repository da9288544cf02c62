//! Values put into YAML.

use super::block_scalar;
use super::flow_scalar::composed;
use super::lexer::Lexer;
use super::plain::{is_kept, is_plain_text};
use super::quoted::{double_quoted, escape_digits, fits_single_quotes, push_doubled, push_escaped};
use super::token::{Kind, Token};
use super::write::{LONGEST_KEY, number};
use crate::format::{Insertion, Problem, Scalar};

/// The text with every value written for its place. A scalar that holds values is taken as a whole: where it cannot stand
/// as it is written, it is put in double quotes.
pub(crate) fn escape(text: &str, insertions: &[Insertion]) -> Result<String, Problem> {
    let mut lexer = Lexer::new(text, insertions);
    let mut output = String::with_capacity(text.len());
    let mut copied = 0;
    let mut previous = Kind::End;
    let mut is_colon_unclear = false;
    let mut is_behind_root = false;
    while lexer.used < insertions.len() {
        let before = lexer.used;
        let token = lexer.next();
        let values = &insertions[before..lexer.used];
        match token.kind {
            Kind::Comma | Kind::Close => is_colon_unclear = false,
            // Only behind quotes and brackets all readers take it for the sign of a value.
            Kind::Colon if !matches!(previous, Kind::Single | Kind::Double | Kind::Close) => {
                is_colon_unclear |= token.inside_flow && lexer.text_follows();
            }
            _ => {}
        }
        previous = token.kind;
        if is_behind_root && !values.is_empty() {
            let message = "the lines of the YAML block scalar before the value have no blanks at their beginning, which some readers refuse";
            return Err(Problem::new(values[0].range.start, message).hint("indent them"));
        }
        is_behind_root |= token.block.root;
        is_behind_root &= !matches!(token.kind, Kind::DocumentStart | Kind::DocumentEnd);
        if values.is_empty() {
            if token.kind == Kind::End {
                break;
            }
            continue;
        }
        if !token.inside_flow && is_scalar_over_lines(text, &token, values) && lexer.colon_follows() {
            return Err(Problem::new(values[0].range.start, "a YAML key cannot go over several lines"));
        }
        if is_colon_unclear {
            let message = "the `:` before the value is a sign for some readers and text for others";
            return Err(Problem::new(values[0].range.start, message).hint("write a blank behind the `:`"));
        }
        output.push_str(&text[copied..token.start]);
        write(&mut output, text, &token, values)?;
        copied = token.end;
    }
    output.push_str(&text[copied..]);
    Ok(output)
}

fn write(output: &mut String, text: &str, token: &Token, values: &[Insertion]) -> Result<(), Problem> {
    let start = output.len();
    match token.kind {
        Kind::Block => block_scalar::write(output, text, token, values)?,
        Kind::Plain => write_plain(output, text, token, values)?,
        Kind::Single => write_single(output, text, token, values)?,
        Kind::Double => write_double(output, text, token, values)?,
        Kind::Unclosed => {
            return Err(Problem::new(values[0].range.start, "the quote before the value is not closed"));
        }
        Kind::Anchor | Kind::Tag | Kind::Alias => {
            check_name(text, token, values)?;
            output.push_str(&text[token.start..token.end]);
        }
        _ => {
            check_comment(text, values)?;
            output.push_str(&text[token.start..token.end]);
        }
    }
    if token.key && output[start..].chars().nth(LONGEST_KEY).is_some() {
        return Err(Problem::new(values[0].range.start, "a YAML key cannot be longer than 1000 characters"));
    }
    Ok(())
}

/// Refuses what would end a comment or be no text at all.
pub(super) fn check_comment(text: &str, values: &[Insertion]) -> Result<(), Problem> {
    for value in values {
        let inner = &text[value.range.clone()];
        if inner.contains(['\n', '\r', '\u{85}', '\u{2028}', '\u{2029}']) {
            return Err(Problem::new(value.range.start, "a YAML comment cannot hold a line break"));
        }
        if !inner.chars().all(|character| is_kept(character) || character == '\t') {
            return Err(Problem::new(value.range.start, "a YAML comment cannot hold a control character"));
        }
    }
    Ok(())
}

fn check_name(text: &str, token: &Token, values: &[Insertion]) -> Result<(), Problem> {
    for value in values {
        let inner = &text[value.range.clone()];
        if token.end == token.start + 1
            || !inner.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
        {
            let message = "the name of a YAML anchor, alias or tag holds only letters, digits, `-` and `_`";
            return Err(Problem::new(value.range.start, message));
        }
    }
    Ok(())
}

fn write_plain(output: &mut String, text: &str, token: &Token, values: &[Insertion]) -> Result<(), Problem> {
    let written = &text[token.start..token.end];
    if let [value] = values
        && value.range == (token.start..token.end)
        && value.scalar != Scalar::Text
        && !written.is_empty()
        && written.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'-' | b'.' | b'_'))
    {
        output.push_str(&if value.scalar == Scalar::Number { number(written) } else { written.to_owned() });
        return Ok(());
    }
    let whole = composed(text, token, values).ok_or_else(|| broken(values))?;
    let folds = spans_lines(text, token, values);
    let harmless = |value: &Insertion| {
        let inner = &text[value.range.clone()];
        !inner.is_empty() && inner.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_./@+".contains(&byte))
    };
    let stays = if folds {
        is_plain_text(&whole.replace('\n', " "), token.inside_flow)
            && values.iter().all(harmless)
            && !has_document_mark(written)
    } else {
        whole == written && is_plain_text(&whole, token.inside_flow)
    };
    if stays {
        output.push_str(written);
    } else {
        output.push_str(&double_quoted(&whole));
    }
    Ok(())
}

fn write_single(output: &mut String, text: &str, token: &Token, values: &[Insertion]) -> Result<(), Problem> {
    let folds = spans_lines(text, token, values);
    let stays = |value: &Insertion| {
        let inner = &text[value.range.clone()];
        fits_single_quotes(inner) && !(folds && touches_line_edge(inner))
    };
    if values.iter().all(stays) && !(folds && has_document_mark(&text[token.start..token.end])) {
        in_place(output, text, token, values, push_doubled);
        return Ok(());
    }
    let whole = composed(text, token, values).ok_or_else(|| broken(values))?;
    output.push_str(&double_quoted(&whole));
    Ok(())
}

fn write_double(output: &mut String, text: &str, token: &Token, values: &[Insertion]) -> Result<(), Problem> {
    let mut at = token.start + 1;
    for value in values {
        if cuts_escape(&text.as_bytes()[at..value.range.start]) {
            return Err(Problem::new(value.range.start, "a value stands inside an escape sequence")
                .hint("write `\\\\` for a backslash"));
        }
        at = value.range.end;
    }
    let at_edge = |value: &Insertion| touches_line_edge(&text[value.range.clone()]);
    if spans_lines(text, token, values)
        && (values.iter().any(at_edge) || has_document_mark(&text[token.start..token.end]))
    {
        let whole = composed(text, token, values).ok_or_else(|| broken(values))?;
        output.push_str(&double_quoted(&whole));
        return Ok(());
    }
    in_place(output, text, token, values, push_escaped);
    Ok(())
}

fn in_place(output: &mut String, text: &str, token: &Token, values: &[Insertion], push: fn(&mut String, &str)) {
    let mut at = token.start;
    for value in values {
        output.push_str(&text[at..value.range.start]);
        push(output, &text[value.range.clone()]);
        at = value.range.end;
    }
    output.push_str(&text[at..token.end]);
}

/// Put on one line, such a scalar would become a key that it is not with another value.
fn is_scalar_over_lines(text: &str, token: &Token, values: &[Insertion]) -> bool {
    matches!(token.kind, Kind::Plain | Kind::Single | Kind::Double) && spans_lines(text, token, values)
}

/// Whether the template, not a value, breaks the line inside a scalar.
fn spans_lines(text: &str, token: &Token, values: &[Insertion]) -> bool {
    let mut at = token.start;
    values.iter().any(|value| {
        let literal = &text[at..value.range.start];
        at = value.range.end;
        literal.contains(['\n', '\r'])
    }) || text[at..token.end].contains(['\n', '\r'])
}

/// Whether a further line begins like the mark of a document, which ends a scalar even in quotes.
fn has_document_mark(written: &str) -> bool {
    written.split(['\n', '\r']).skip(1).any(|line| line.starts_with("---") || line.starts_with("..."))
}

/// Whether a value could lose blanks, or count as an empty line, beside a line break.
fn touches_line_edge(value: &str) -> bool {
    value.is_empty() || value.starts_with([' ', '\t']) || value.ends_with([' ', '\t'])
}

fn cuts_escape(literal: &[u8]) -> bool {
    let mut at = 0;
    while at < literal.len() {
        if literal[at] != b'\\' {
            at += 1;
            continue;
        }
        let Some(&letter) = literal.get(at + 1) else { return true };
        at += 2 + escape_digits(letter);
    }
    at > literal.len()
}

fn broken(values: &[Insertion]) -> Problem {
    Problem::new(values[0].range.start, "the value stands in a string with an unknown escape sequence")
}
