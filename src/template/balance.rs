//! Why the blocks of a template do not fit together: the library tells only where it gave up.

use super::nesting::{Nesting, Tag, tags};

/// What is wrong with a block.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Unbalanced {
    /// The tag that is marked.
    pub(super) offset: usize,
    pub(super) length: usize,
    pub(super) message: String,
    /// Where the block begins that is meant, when another tag is marked.
    pub(super) opening: Option<(String, usize)>,
    pub(super) hint: Option<String>,
}

struct Open<'a> {
    name: &'a str,
    offset: usize,
    length: usize,
    has_else: bool,
}

/// The first block that is wrong, when the library stopped reading there: at `stopped`, or, of one that is not closed, at the end.
pub(super) fn unbalanced(text: &str, stopped: usize) -> Option<Unbalanced> {
    // Raw blocks have rules of their own.
    if text.contains("{{{{") {
        return None;
    }
    let mut open: Vec<Open<'_>> = Vec::new();
    for (offset, tag) in tags(text) {
        let wrong = step(&mut open, text, offset, &tag);
        if wrong.is_some() {
            return wrong.filter(|_| stopped >= offset);
        }
    }
    let Open { name, offset, length, .. } = open.pop()?;
    let message = format!("`{{{{#{name}}}}}` is not closed");
    let hint = Some(format!("end it with `{{{{/{name}}}}}`"));
    let is_at_end = text.get(stopped..).is_none_or(|rest| rest.trim().is_empty());
    is_at_end.then_some(Unbalanced { offset, length, message, opening: None, hint })
}

fn step<'a>(open: &mut Vec<Open<'a>>, text: &'a str, offset: usize, tag: &Tag) -> Option<Unbalanced> {
    let length = tag.length;
    let wrong = |message: String, block: Option<&Open<'_>>| {
        let opening = block.map(|block| (format!("`{{{{#{}}}}}`", block.name), block.offset));
        Some(Unbalanced { offset, length, message, opening, hint: None })
    };
    let (sign, name) = sign_and_name(&text[offset..offset + length]);
    match tag.nesting {
        Nesting::Opens => open.push(Open { name, offset, length, has_else: false }),
        Nesting::Closes => match open.pop() {
            None => return wrong(format!("`{{{{/{name}}}}}` closes no block"), None),
            Some(block) if block.name != name => {
                return wrong(format!("`{{{{#{}}}}}` is closed by `{{{{/{name}}}}}`", block.name), Some(&block));
            }
            Some(_) => {}
        },
        Nesting::Continues | Nesting::Stays if sign == "else" => match open.last_mut() {
            None => return wrong("`{{else}}` stands outside of a block".to_owned(), None),
            Some(block) if block.has_else => {
                return wrong(format!("`{{{{else}}}}` follows the last one of `{{{{#{}}}}}`", block.name), Some(block));
            }
            Some(block) => block.has_else = matches!(tag.nesting, Nesting::Stays),
        },
        Nesting::Continues | Nesting::Stays => {}
    }
    None
}

/// What a tag begins with, and the name behind it: `#` and `if`, `/` and `if`; `else` for `^` too.
fn sign_and_name(tag: &str) -> (&str, &str) {
    let blank = |c: char| c == '~' || c.is_ascii_whitespace();
    let inner = tag[2..].trim_start_matches(blank);
    let word = |text: &str| text.find(|c: char| blank(c) || "}|".contains(c)).unwrap_or(text.len());
    if let Some(rest) = inner.strip_prefix(['#', '/']) {
        let name = rest.trim_start_matches(|c| blank(c) || c == '*' || c == '>');
        return (&inner[..1], &name[..word(name)]);
    }
    if inner.starts_with('^') || &inner[..word(inner)] == "else" { ("else", "") } else { ("", "") }
}

#[cfg(test)]
mod tests {
    use super::unbalanced;

    #[test]
    fn what_does_not_fit_is_named_with_its_opening() {
        for (text, wanted) in [
            ("{{#if a}}{{else}}{{/if}} {{#each l}}{{/each}}", None),
            ("{{#if a}}{{else if b}}{{else}}{{/if}}", None),
            ("{{~ #if a ~}}{{^}}{{~ / if ~}}", None),
            ("{{#*inline \"p\"}}{{/inline}}{{#> p}}{{/p}}{{#each l as |x|}}{{/each}}", None),
            ("{{!-- {{#if a}} --}} \\{{/if}}", None),
            ("{{elsewhere}}", None),
            ("{{{{raw}}}} {{/if}} {{{{/raw}}}}", None),
            ("x {{/if}}", Some("2 `{{/if}}` closes no block")),
            ("{{else}}", Some("0 `{{else}}` stands outside of a block")),
            ("{{else if a}}", Some("0 `{{else}}` stands outside of a block")),
            ("{{^}}", Some("0 `{{else}}` stands outside of a block")),
            ("x {{#if a}} {{#each l}} {{/each}}", Some("2 `{{#if}}` is not closed")),
            ("{{#if a}}{{#each l}}{{/if}}", Some("20 `{{#each}}` is closed by `{{/if}}`")),
            ("{{#if a}}{{else}}{{else}}{{/if}}", Some("17 `{{else}}` follows the last one of `{{#if}}`")),
        ] {
            let found = unbalanced(text, text.len()).map(|found| format!("{} {}", found.offset, found.message));
            assert_eq!(found.as_deref(), wanted, "{text}");
        }
    }

    #[test]
    fn what_stopped_the_library_before_is_the_cause() {
        assert_eq!(unbalanced("{{a b( }} {{#if a}}", 5), None);
        assert_eq!(unbalanced("{{a b( }} {{/if}}", 5), None);
    }
}
