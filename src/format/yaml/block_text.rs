//! Block scalars as their reader gets them.

use super::token::Token;

/// The text of a block scalar; none where its folding is not plain to see.
pub(super) fn block_text(text: &str, token: &Token) -> Option<String> {
    let written = &text[token.start..token.end];
    let header = written.lines().next()?;
    let mode = header.split([' ', '\t']).next()?;
    let content = text.get(token.block.content.min(token.end)..token.end)?;
    let mut lines = Vec::new();
    for line in content.lines() {
        let blanks = line.len() - line.trim_start_matches(' ').len();
        lines.push(&line[blanks.min(token.block.indent)..]);
    }
    let ended = text[token.end..].starts_with(['\n', '\r']);
    let trailing = lines.iter().rev().take_while(|line| line.is_empty()).count();
    let body = &lines[..lines.len() - trailing];
    let mut result = if mode.starts_with('>') { folded(body)? } else { body.join("\n") };
    if mode.contains('+') {
        result.extend(std::iter::repeat_n('\n', trailing + usize::from(ended && !lines.is_empty())));
    } else if !mode.contains('-') && !body.is_empty() && ended {
        result.push('\n');
    }
    Some(result)
}

fn folded(lines: &[&str]) -> Option<String> {
    let mut result = String::new();
    let mut breaks = 0;
    for (index, line) in lines.iter().enumerate() {
        if line.starts_with([' ', '\t']) {
            return None;
        }
        if line.is_empty() {
            breaks += 1;
            continue;
        }
        if breaks > 0 {
            result.extend(std::iter::repeat_n('\n', breaks));
        } else if index > 0 {
            result.push(' ');
        }
        breaks = 0;
        result.push_str(line);
    }
    Some(result)
}
