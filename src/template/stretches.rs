//! Cutting a text into stretches that are plain, and stretches that the library has to parse.

use std::ops::Range;

use super::plain;
use super::segments::{Nesting, Tag};

/// Whole lines of a template, which mean the same alone as together with the others.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Stretch {
    pub(super) range: Range<usize>,
    pub(super) plain: bool,
}

/// Nothing when the text has to stay whole: whitespace control (`~`) reaches over lines, raw blocks and doubled backslashes
/// have rules of their own, partials look at what was printed before them, and a tag may end where it is not plain to see.
pub(super) fn stretches(text: &str) -> Option<Vec<Stretch>> {
    let mut found = Vec::new();
    let (mut from, mut at, mut depth) = (0, 0, 0_usize);
    let mut plain = true;
    while let Some(next) = plain::braces(text, at) {
        if depth == 0
            && !plain
            && let Some(newline) = text[at..next].find('\n')
        {
            let cut = at + newline + 1;
            found.push(Stretch { range: from..cut, plain });
            (from, plain) = (cut, true);
        }
        let escaped = text[..next].ends_with('\\');
        if !escaped && let Some((_, length)) = plain::expression(&text[next..]) {
            at = next + length;
            continue;
        }
        if plain {
            // The lines before this one.
            if let Some(newline) = text[from..next].rfind('\n') {
                let line = from + newline + 1;
                found.push(Stretch { range: from..line, plain });
                from = line;
            }
            plain = false;
        }
        if escaped {
            if text[..next].ends_with("\\\\") || text[next..].starts_with("{{{{") {
                return None;
            }
            at = next + 2;
            continue;
        }
        let tag = Tag::of(&text[next..])?;
        if is_bound(&text[next..next + tag.length]) {
            return None;
        }
        depth = match tag.nesting {
            Nesting::Opens => depth + 1,
            Nesting::Closes => depth.saturating_sub(1),
            Nesting::Stays => depth,
        };
        at = next + tag.length;
    }
    // What follows the last expression that is not plain belongs to its line, and then is plain.
    if !plain
        && depth == 0
        && let Some(newline) = text[at..].find('\n')
    {
        let cut = at + newline + 1;
        found.push(Stretch { range: from..cut, plain });
        (from, plain) = (cut, true);
    }
    if from < text.len() {
        found.push(Stretch { range: from..text.len(), plain });
    }
    Some(found)
}

/// Whether the tag means something only together with what stands around it.
fn is_bound(tag: &str) -> bool {
    let partial = ["{{>", "{{#>", "{{*", "{{#*", "{{{{"].iter().any(|start| tag.starts_with(start));
    partial || tag.contains("{~") || tag.contains("~}")
}

#[cfg(test)]
mod tests {
    use super::stretches;

    #[test]
    fn whole_lines_are_plain_or_not() {
        for (text, wanted) in [
            ("", Some("")),
            ("a {{env.A}}\nb", Some("+a {{env.A}}\nb")),
            ("a\nb {{env.A}} {{upper env.A}} c\nd\n", Some("+a\n|-b {{env.A}} {{upper env.A}} c\n|+d\n")),
            ("{{#if env.A}}\n{{env.A}}\n{{/if}}\n{{env.B}}", Some("-{{#if env.A}}\n{{env.A}}\n{{/if}}\n|+{{env.B}}")),
            ("a\n\\{{env.A}}\nb", Some("+a\n|-\\{{env.A}}\n|+b")),
            ("{{#if env.A}}\n{{env.A}}\n", Some("-{{#if env.A}}\n{{env.A}}\n")),
            ("{{env.A~}}\n", None),
            ("{{> part}}\n", None),
            ("\\\\{{env.A}}\n", None),
            ("{{{{raw}}}}\n", None),
        ] {
            let shown = |found: Vec<super::Stretch>| {
                let one =
                    |one: &super::Stretch| format!("{}{}", if one.plain { '+' } else { '-' }, &text[one.range.clone()]);
                found.iter().map(one).collect::<Vec<_>>().join("|")
            };
            assert_eq!(stretches(text).map(shown).as_deref(), wanted, "{text}");
        }
    }
}
