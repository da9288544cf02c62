//! Values put into the lines below `|` and `>`.

use super::escape::check_comment;
use super::plain::is_kept;
use super::token::Token;
use crate::format::{Insertion, Problem};

/// Writes a block scalar. Every line of a value is indented like the line that the value stands in.
pub(super) fn write(output: &mut String, text: &str, token: &Token, values: &[Insertion]) -> Result<(), Problem> {
    let content = token.block.content;
    let has_lines = text[..content].ends_with(['\n', '\r']);
    let in_header = values.iter().take_while(|value| !has_lines || value.range.start < content).count();
    let (header, lines) = values.split_at(in_header);
    write_header(output, text, token, header, lines)?;
    let mut at = content.min(token.end);
    let folded = text[token.start..].starts_with('>');
    let mut line = Line { indentation: String::new(), blank: true };
    for (index, value) in lines.iter().enumerate() {
        let literal = &text[at..value.range.start];
        line.pass(literal);
        output.push_str(literal);
        let inner = &text[value.range.clone()];
        at = value.range.end;
        let next = lines.get(index + 1).map_or(token.end, |next| next.range.start);
        let ends_line = next == token.end && next == at || text[at..next].starts_with(['\n', '\r']);
        check(value, inner)?;
        if folded {
            check_folded(value, inner, &line)?;
        }
        push_lines(output, inner, &line.indentation, ends_line);
        line.blank = false;
    }
    output.push_str(&text[at..token.end]);
    check_last(text, token, lines)
}

/// Readers drop the line breaks at the end of the scalar with `-`, and all but one without `+`: a value that ends in one
/// cannot stand last.
fn check_last(text: &str, token: &Token, lines: &[Insertion]) -> Result<(), Problem> {
    let header = text[token.start..].lines().next().unwrap_or_default();
    if header.split([' ', '\t']).next().is_some_and(|mode| mode.contains('+')) {
        return Ok(());
    }
    let mut end = token.end;
    for value in lines.iter().rev() {
        let inner = &text[value.range.clone()];
        if !text[value.range.end..end].trim_matches(['\n', '\r', ' ']).is_empty() {
            break;
        }
        if inner.trim_end_matches(' ').ends_with('\n') {
            let message = "line breaks at the end of a value are lost at the end of a YAML block scalar";
            return Err(Problem::new(value.range.start, message).hint("put the value in double quotes"));
        }
        if !inner.trim_matches(' ').is_empty() {
            break;
        }
        end = value.range.start;
    }
    Ok(())
}

/// The line that is being written.
struct Line {
    indentation: String,
    /// Nothing but the indentation has been seen.
    blank: bool,
}

impl Line {
    fn pass(&mut self, literal: &str) {
        let rest = match literal.rsplit_once(['\n', '\r']) {
            Some((_, rest)) => {
                self.indentation.clear();
                self.blank = true;
                rest
            }
            None => literal,
        };
        if self.blank {
            let length = rest.len() - rest.trim_start_matches([' ', '\t']).len();
            self.indentation.push_str(&rest[..length]);
            self.blank = length == rest.len();
        }
    }
}

fn write_header(
    output: &mut String,
    text: &str,
    token: &Token,
    header: &[Insertion],
    lines: &[Insertion],
) -> Result<(), Problem> {
    let content = token.block.content.min(token.end);
    for value in header {
        if !text[token.start..value.range.start].contains(" #") {
            return Err(Problem::new(value.range.start, "a value cannot stand in the header of a YAML block scalar"));
        }
    }
    check_comment(text, header)?;
    output.push_str(&text[token.start..=token.start]);
    if token.block.detected && hides_indent(text, token, lines) {
        let step = token.block.indent.saturating_sub(token.block.outer);
        if step == 0 || step > 9 {
            return Err(Problem::new(
                lines[0].range.start,
                "a YAML block scalar indented this deep cannot begin with a blank",
            ));
        }
        output.push_str(&step.to_string());
    }
    output.push_str(&text[token.start + 1..content]);
    Ok(())
}

/// Whether the first line begins with a value that begins with a blank or is empty: its indentation tells nothing then.
fn hides_indent(text: &str, token: &Token, lines: &[Insertion]) -> bool {
    let Some(first) = lines.first() else { return false };
    if !text[token.block.content..first.range.start].trim_matches([' ', '\r', '\n']).is_empty() {
        return false;
    }
    let mut at = first.range.start;
    for value in lines {
        if value.range.start != at {
            break;
        }
        if !value.range.is_empty() {
            return text[at..].starts_with([' ', '\t', '\n', '\r']);
        }
        at = value.range.end;
    }
    at >= token.end || text[at..].starts_with([' ', '\t', '\n', '\r'])
}

fn check(value: &Insertion, inner: &str) -> Result<(), Problem> {
    if inner.chars().all(|character| is_kept(character) || matches!(character, '\t' | '\n')) {
        return Ok(());
    }
    Err(Problem::new(
        value.range.start,
        "a YAML block scalar cannot hold control characters, nor line breaks other than LF",
    )
    .hint("put the value in double quotes"))
}

fn check_folded(value: &Insertion, inner: &str, line: &Line) -> Result<(), Problem> {
    if inner.contains('\n') {
        return Err(Problem::new(value.range.start, "a YAML `>` scalar cannot hold a line break").hint("use `|`"));
    }
    if line.blank && (inner.is_empty() || inner.starts_with([' ', '\t'])) {
        let message = "a line of a YAML `>` scalar cannot begin with a value that is empty or begins with a blank";
        return Err(Problem::new(value.range.start, message).hint("use `|`"));
    }
    Ok(())
}

fn push_lines(output: &mut String, value: &str, indentation: &str, ends_line: bool) {
    let mut lines = value.split('\n').peekable();
    let mut first = true;
    while let Some(line) = lines.next() {
        if !first {
            output.push('\n');
            if !line.is_empty() || lines.peek().is_none() && !ends_line {
                output.push_str(indentation);
            }
        }
        output.push_str(line);
        first = false;
    }
}
