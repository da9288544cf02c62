//! Parsing a long template piece by piece.
//!
//! The library finds the line of each expression by counting from the beginning of the text, so the time that it takes grows
//! with the square of the length: minutes for a megabyte. Pieces that end with a line, outside of any block, mean the same
//! alone as together.

use std::ops::Range;

use handlebars::TemplateError;
use handlebars::template::{Template, TemplateElement};

use super::nesting::{end_of_string, is_escaped};
use super::stretches::{Stretch, stretches};

/// Bytes from which on a piece ends at the next line that lets it.
const PIECE: usize = 4 * 1024;

/// A stretch of a template.
pub(super) enum Part {
    /// Nothing but text and plain expressions, by its bytes.
    Plain(Range<usize>),
    Parsed(Template),
}

/// The stretches of a text that is rather parsed in parts: one that is plain, or a long one.
pub(super) fn cut(text: &str) -> Option<Vec<Stretch>> {
    stretches(text).filter(|found| text.len() > PIECE || found.iter().all(|stretch| stretch.plain))
}

/// Parses what is not plain. Line numbers are those of the whole text, also in the error.
pub(super) fn parse(text: &str, stretches: Option<Vec<Stretch>>) -> Result<Vec<Part>, (TemplateError, usize)> {
    let Some(found) = stretches else { return compile(text).map(|parsed| vec![Part::Parsed(parsed)]) };
    let (mut lines, mut counted) = (0, 0);
    let part = |Stretch { range, plain }| {
        if plain {
            return Ok(Part::Plain(range));
        }
        lines += count_lines(&text[counted..range.start]);
        counted = range.start;
        let mut parsed = compile(&text[range]).map_err(|(error, before)| (error, lines + before))?;
        shift(&mut parsed, lines);
        Ok(Part::Parsed(parsed))
    };
    found.into_iter().map(part).collect()
}

/// Parses the text, all of it. Line numbers are those of the whole text, also in the error.
pub(super) fn compile(text: &str) -> Result<Template, (TemplateError, usize)> {
    compile_pieces(&pieces(text, PIECE))
}

fn compile_pieces(pieces: &[&str]) -> Result<Template, (TemplateError, usize)> {
    let mut whole = Template::new();
    let mut lines = 0;
    for piece in pieces {
        if !piece.contains("{{") {
            let mut plain = Template::compile("\n").map_err(|error| (error, lines))?;
            plain.elements = vec![TemplateElement::RawString((*piece).to_owned())];
            whole.elements.append(&mut plain.elements);
            whole.mapping.append(&mut plain.mapping);
            lines += count_lines(piece);
            continue;
        }
        let mut parsed = Template::compile(piece).map_err(|error| (error, lines))?;
        shift(&mut parsed, lines);
        whole.elements.append(&mut parsed.elements);
        whole.mapping.append(&mut parsed.mapping);
        lines += count_lines(piece);
    }
    Ok(whole)
}

/// Panics when the smallest pieces do not mean what the whole text means.
#[cfg(feature = "fuzz")]
pub(crate) fn check_pieces(text: &str, data: &serde_json::Value) {
    let whole = Template::compile(text);
    let cut = compile_pieces(&pieces(text, 1));
    let render = |template: &Template| {
        let mut registry = super::engine::registry();
        registry.register_template("template", template.clone());
        registry.render("template", data).map_err(|error| error.line_no)
    };
    match (whole, cut) {
        (Ok(whole), Ok(cut)) => assert_eq!(render(&cut), render(&whole), "{cut:?}\n{whole:?}"),
        // What is wrong can be found a line earlier in a piece.
        (whole, cut) => assert_eq!(cut.is_ok(), whole.is_ok(), "{text:?}"),
    }
}

fn count_lines(piece: &str) -> usize {
    piece.bytes().filter(|byte| *byte == b'\n').count()
}

/// Blocks hold templates of their own, with lines of their own.
fn shift(template: &mut Template, lines: usize) {
    use TemplateElement::{DecoratorBlock, HelperBlock, PartialBlock};
    for mapping in &mut template.mapping {
        mapping.0 += lines;
    }
    let shift = |inner: &mut Template| shift(inner, lines);
    for element in &mut template.elements {
        match element {
            HelperBlock(block) => block.template.iter_mut().chain(block.inverse.iter_mut()).for_each(shift),
            DecoratorBlock(block) | PartialBlock(block) => block.template.iter_mut().for_each(shift),
            _ => {}
        }
    }
}

/// Cuts the text behind lines that end outside of blocks. Whitespace control (`~`) reaches over lines, and raw blocks
/// (`{{{{`) have rules of their own: a text with one of them stays whole, and so does one with a tag whose end is not plain to see.
fn pieces(text: &str, least: usize) -> Vec<&str> {
    if text.len() <= least || text.contains("{{~") || text.contains("~}}") || text.contains("{{{{") {
        return vec![text];
    }
    let mut pieces = Vec::new();
    let (mut from, mut at, mut depth) = (0, 0, 0_usize);
    loop {
        let next = text[at..].find("{{").map_or(text.len(), |offset| at + offset);
        if depth == 0 {
            let gap = &text[at..next];
            // A long stretch without expressions becomes a piece of its own.
            let first = gap.find('\n').map(|newline| at + newline + 1).filter(|_| gap.len() > least);
            let last = gap.rfind('\n').map(|newline| at + newline + 1).filter(|last| last - from >= least);
            for cut in [first, last].into_iter().flatten() {
                if cut > from {
                    pieces.push(&text[from..cut]);
                    from = cut;
                }
            }
        }
        if next == text.len() {
            pieces.push(&text[from..]);
            return pieces;
        }
        if is_escaped(text, next) {
            at = next + 2;
            continue;
        }
        let Some(tag) = Tag::of(&text[next..]) else { return vec![text] };
        depth = match tag.nesting {
            Nesting::Opens => depth + 1,
            Nesting::Closes => depth.saturating_sub(1),
            Nesting::Stays => depth,
        };
        at = next + tag.length;
    }
}

pub(super) enum Nesting {
    Opens,
    Closes,
    Stays,
}

pub(super) struct Tag {
    pub(super) length: usize,
    pub(super) nesting: Nesting,
}

impl Tag {
    /// The tag at the beginning of the text, which starts with `{{`. None where it is not plain to see at which braces it ends.
    pub(super) fn of(text: &str) -> Option<Self> {
        let inner = &text[2..];
        if let Some(comment) = inner.strip_prefix('!') {
            return Some(Self { length: 3 + length_of_comment(comment), nesting: Nesting::Stays });
        }
        let sign = inner.trim_ascii_start();
        let (begin, end, nesting) = if inner.starts_with('{') {
            ("{{{", "}}}", Nesting::Stays)
        } else if sign.starts_with('#') {
            ("{{", "}}", Nesting::Opens)
        } else if sign.starts_with('/') {
            ("{{", "}}", Nesting::Closes)
        } else {
            ("{{", "}}", Nesting::Stays)
        };
        let Some(at) = text[begin.len()..].find(end) else { return Some(Self { length: text.len(), nesting }) };
        let length = begin.len() + at + end.len();
        is_closed(&text[begin.len()..begin.len() + at]).then_some(Self { length, nesting })
    }
}

/// The length of what stands behind `{{!`. A short comment ends at the first braces; a long one begins with `--`, also behind
/// blanks, and ends with `--}}`, which does not share a character with the beginning: `{{!---}}` goes on.
fn length_of_comment(text: &str) -> usize {
    let body = text.trim_ascii_start();
    let long = body.strip_prefix("--").and_then(|body| body.find("--}}").map(|at| text.len() - body.len() + at + 4));
    long.or_else(|| text.find("}}").map(|at| at + 2)).unwrap_or(text.len())
}

/// Whether what follows stands neither in a string nor in the brackets of a name, list or mapping.
fn is_closed(inner: &str) -> bool {
    let bytes = inner.as_bytes();
    let (mut at, mut braces) = (0, 0_usize);
    while let Some(byte) = bytes.get(at) {
        match byte {
            b'"' | b'\'' => match end_of_string(bytes, at) {
                Some(end) => at = end,
                None => return false,
            },
            b'[' => {
                let Some(length) = inner[at..].find(']') else { return false };
                // A list can hold strings, the brackets of a name cannot.
                let is_name = at > 0 && matches!(bytes[at - 1], b'.' | b'/');
                if !is_name && !is_closed(&inner[at + 1..at + length]) {
                    return false;
                }
                at += length;
            }
            b'{' => braces += 1,
            b'}' => braces = braces.saturating_sub(1),
            _ => {}
        }
        at += 1;
    }
    braces == 0
}

#[cfg(test)]
mod tests {
    use handlebars::Handlebars;
    use serde_json::json;

    use super::{PIECE, compile, compile_pieces, pieces};

    #[test]
    fn pieces_mean_the_same_as_the_whole() {
        let filler = format!("{}\n", "filler {{a}} ".repeat(20)).repeat(20);
        for text in [
            "plain\n".repeat(2000),
            format!("{filler}{{{{#if a}}}}\n{filler}{{{{else}}}}\nno\n{{{{/if}}}}\n{filler}"),
            format!("{filler}  {{{{#each l}}}}\n  {{{{this}}}} {filler}\n  {{{{/each}}}}  \n{filler}end"),
            format!("{filler}{{{{!-- }}}} {{{{#if a}}}} --}}}}\n{filler}\\{{{{#kept}}}}\n{filler}"),
            format!("{filler}{{{{#unless b}}}}\n{filler}{{{{/unless}}}}\n{{{{{{a}}}}}}\n{filler}"),
            format!("{filler}{{{{!---}}}}\n{filler}{{{{!-- --}}}}\n{filler}"),
            format!("{filler}a  {{{{~a~}}}}\n  {filler}"),
            format!("{filler}{{{{ #if a}}}}\n{filler}{{{{ /if}}}}\n{filler}"),
            format!("{filler}\\\\{{{{#if a}}}}\n{filler}{{{{/if}}}}\n{filler}"),
            format!("{filler}{{{{#if a}}}}x{{{{^}}}}y{{{{/if}}}}\r\n{filler}"),
        ] {
            let mut registry = Handlebars::new();
            let data = json!({"a": "A", "l": [1, 2]});
            let whole = registry.render_template(&text, &data).unwrap();
            registry.register_template("pieces", compile(&text).unwrap());
            assert_eq!(registry.render("pieces", &data).unwrap(), whole, "{text}");
            assert_eq!(pieces(&text, PIECE).concat(), text);
        }
        assert!(pieces(&filler, PIECE).len() > 1);
    }

    #[test]
    fn no_piece_ends_within_a_tag() {
        for (text, wanted) in [
            ("{{#if (eq a \"}}{{/if}}\")}}\n{{/if}}b\n", "b\n"),
            ("{{#if (eq a 'A}}{{/if}}')}}\n{{/if}}b\n", "b\n"),
            ("{{[x}}\n{{/if}}]}}b\nc\n", "b\nc\n"),
            ("{{a.[x}}\n]}}b\nc\n", "b\nc\n"),
            ("{{#each [\"]}}\", \"c\"]}}\n{{this}}\n{{/each}}\nb\n", "]}}\nc\nb\n"),
            ("{{#with {\"k\": {\"l\": 1}}\n}}\nb\n{{/with}}\n", "b\n"),
            ("{{! -- }}\n{{#if a}}\n --}}b\nc\n", "b\nc\n"),
            ("{{!-- }}b\n{{a}}\n", "b\nA\n"),
        ] {
            let mut registry = Handlebars::new();
            let data = json!({"a": "A"});
            registry.register_template("pieces", compile_pieces(&pieces(text, 1)).unwrap());
            assert_eq!(registry.render("pieces", &data).unwrap(), registry.render_template(text, &data).unwrap());
            assert_eq!(registry.render("pieces", &data).unwrap(), wanted, "{text}");
        }
    }

    #[test]
    fn lines_are_those_of_the_whole() {
        let text = format!("{}{{{{#if}}}}\n", "x\n".repeat(9000));
        let (error, lines) = compile(&text).unwrap_err();
        assert_eq!(error.pos().unwrap().0 + lines, 9002);
        let text = format!("{}{{{{#if a}}}}\n{{{{nope}}}}\n{{{{/if}}}}\n", "x\n".repeat(9000));
        let mut registry = Handlebars::new();
        registry.set_strict_mode(true);
        registry.register_template("t", compile(&text).unwrap());
        let error = registry.render("t", &json!({"a": 1})).unwrap_err();
        assert_eq!(error.line_no, Some(9002));
    }

    #[test]
    fn a_megabyte_of_expressions_is_parsed_at_once() {
        let text = "line {{env.a}} of text\n".repeat(45_000);
        let started = std::time::Instant::now();
        assert!(compile(&text).unwrap().elements.len() >= 90_000);
        assert!(started.elapsed().as_secs() < 60, "the time grows with the square of the length");
    }
}
