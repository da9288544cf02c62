//! Regular expressions of ECMA-262, as schemas write them, for `regex-lite`.
//!
//! Its `\d`, `\w` and `\b` know only ASCII as theirs do. Look-around, back-references and `\p{…}` it does not have.

use std::iter::Peekable;
use std::str::Chars;

use regex_lite::Regex;

/// White space and line ends of ECMA-262, as the inside of a class.
const SPACE: &str = r"\t-\r \x{A0}\x{1680}\x{2000}-\x{200A}\x{2028}\x{2029}\x{202F}\x{205F}\x{3000}\x{FEFF}";
const NOT_SPACE: &str = r"\x00-\x08\x0E-\x1F!-\x{9F}\x{A1}-\x{167F}\x{1681}-\x{1FFF}\x{200B}-\x{2027}\x{202A}-\x{202E}\x{2030}-\x{205E}\x{2060}-\x{2FFF}\x{3001}-\x{FEFE}\x{FF00}-\x{10FFFF}";

pub(super) fn compile(source: &str) -> Result<Regex, String> {
    Regex::new(&translated(source)?).map_err(|error| error.to_string())
}

fn translated(source: &str) -> Result<String, String> {
    let mut out = String::with_capacity(source.len() + 16);
    let mut rest = source.chars().peekable();
    while let Some(char) = rest.next() {
        match char {
            '\\' => escape(&mut rest, &mut out, false)?,
            '[' => class(&mut rest, &mut out)?,
            // A line ends in four ways there.
            '.' => out.push_str(r"[^\n\r\x{2028}\x{2029}]"),
            '(' => {
                check_group(&rest)?;
                out.push('(');
            }
            '{' if !is_repetition(rest.clone()) => out.push_str(r"\{"),
            '{' => {
                out.push('{');
                out.extend(std::iter::from_fn(|| rest.next_if(|char| *char != '}')));
                out.extend(rest.next());
            }
            '}' | ']' => out.extend(['\\', char]),
            other => out.push(other),
        }
    }
    Ok(out)
}

/// Flags as in `(?i)` are not of ECMA-262, but what `regex-lite` makes of them is what everybody means.
fn check_group(rest: &Peekable<Chars>) -> Result<(), &'static str> {
    let start: String = rest.clone().take(3).collect();
    if start.starts_with("?=") || start.starts_with("?!") {
        return Err("look-ahead is not supported");
    }
    if start == "?<=" || start == "?<!" {
        return Err("look-behind is not supported");
    }
    Ok(())
}

/// Whether what follows a `{` makes it a repetition: `2}`, `2,}` or `2,3}`.
fn is_repetition(rest: Peekable<Chars>) -> bool {
    let inside: String = rest.take_while(|char| *char != '}').take(32).collect();
    let (least, most) = inside.split_once(',').unwrap_or((&inside, "0"));
    let is_count = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    !least.is_empty() && is_count(least) && is_count(most)
}

fn class(rest: &mut Peekable<Chars>, out: &mut String) -> Result<(), String> {
    let negated = rest.next_if_eq(&'^').is_some();
    if rest.next_if_eq(&']').is_some() {
        // `[]` matches nothing, and `[^]` everything.
        out.push_str(if negated { r"[\x00-\x{10FFFF}]" } else { r"[^\x00-\x{10FFFF}]" });
        return Ok(());
    }
    out.push_str(if negated { "[^" } else { "[" });
    while let Some(char) = rest.next() {
        match char {
            ']' => {
                out.push(']');
                return Ok(());
            }
            '\\' => escape(rest, out, true)?,
            '-' if matches!(rest.peek(), Some(']')) || out.ends_with('[') || out.ends_with("[^") => out.push_str(r"\-"),
            '[' | '&' | '~' | '^' => out.extend(['\\', char]),
            other => out.push(other),
        }
    }
    Err("a `[` without its `]`".to_owned())
}

/// What is behind a backslash.
fn escape(rest: &mut Peekable<Chars>, out: &mut String, in_class: bool) -> Result<(), String> {
    let char = rest.next().ok_or("a backslash at the end")?;
    match char {
        's' | 'S' => {
            let inside = if char == 's' { SPACE } else { NOT_SPACE };
            out.extend(if in_class { ["", inside, ""] } else { ["[", inside, "]"] });
        }
        'b' if in_class => out.push_str(r"\x08"),
        'd' | 'D' | 'w' | 'W' | 'n' | 'r' | 't' | 'f' | 'v' => out.extend(['\\', char]),
        'b' | 'B' if !in_class => out.extend(['\\', char]),
        'c' => {
            let letter = rest.next().filter(char::is_ascii_alphabetic).ok_or(r"a letter has to follow `\c`")?;
            push_code(out, u32::from(letter) % 32);
        }
        '0' => push_code(out, 0),
        '1'..='9' | 'k' => return Err("back-references are not supported".to_owned()),
        'p' | 'P' => return Err(r"`\p` is not supported".to_owned()),
        'x' => push_code(out, hexadecimal(rest, 2)?),
        'u' => push_code(out, unicode(rest)?),
        other if other.is_ascii_alphanumeric() => return Err(format!(r"`\{other}` is not of ECMA-262")),
        other if other.is_ascii_punctuation() && !matches!(other, '<' | '>') => out.extend(['\\', other]),
        other => out.push(other),
    }
    Ok(())
}

fn push_code(out: &mut String, code: u32) {
    out.extend([r"\x{", &format!("{code:X}"), "}"]);
}

const CODE: &str = r"`\x` and `\u` need the hexadecimal number of a character";

fn hexadecimal(rest: &mut Peekable<Chars>, length: usize) -> Result<u32, String> {
    let digits: String = rest.by_ref().take(length).collect();
    let is_whole = digits.len() == length && digits.bytes().all(|byte| byte.is_ascii_hexdigit());
    let code = u32::from_str_radix(&digits, 16).ok().filter(|_| is_whole);
    code.ok_or_else(|| CODE.to_owned())
}

/// `\u0041`, `\u{41}`, or two halves of a character.
fn unicode(rest: &mut Peekable<Chars>) -> Result<u32, String> {
    if rest.next_if_eq(&'{').is_some() {
        let digits: String = rest.by_ref().take_while(|char| *char != '}').collect();
        return u32::from_str_radix(&digits, 16).map_err(|_| CODE.to_owned());
    }
    let first = hexadecimal(rest, 4)?;
    let mut behind = rest.clone();
    if (0xD800..0xDC00).contains(&first) && behind.next() == Some('\\') && behind.next() == Some('u') {
        let second = hexadecimal(&mut behind, 4)?;
        if (0xDC00..0xE000).contains(&second) {
            *rest = behind;
            return Ok(0x1_0000 + ((first - 0xD800) << 10) + (second - 0xDC00));
        }
    }
    Ok(first)
}

#[cfg(test)]
mod tests {
    use super::compile;

    #[test]
    fn patterns_mean_what_ecma_262_says() {
        for (source, matching, other) in [
            (r"^\d+$", "12", "१२"),
            (r"^\w$", "a", "é"),
            (r"^\s$", "\u{feff}", "\u{200b}"),
            (r"^\S$", "\u{200b}", "\u{2028}"),
            (r"^[\s,]+$", ", \u{a0}", "a"),
            (r"^[^\S,]+$", " ", ","),
            (r"^[^\s,]+$", "ab", "a b"),
            (r"^.$", "\u{85}", "\r"),
            ("^a$", "a", "a\n"),
            (r"^\cA$", "\x01", "A"),
            (r"^[\b]$", "\x08", "b"),
            (r"^\u0041\x42\u{43}\uD83D\uDC32$", "ABC🐲", "ABC"),
            ("^🐲*$", "🐲🐲", "a"),
            (r"^{a}$", "{a}", "a"),
            (r"^a{2}{b$", "aa{b", "aa"),
            (r"^[a[b&&-]+$", "a[b&-", "c"),
            (r"^[-a]]$", "-]", "b]"),
            (r"^[^]$", "\n", ""),
            (r"^[a-z.+#]+\/\-\_$", "a.+#/-_", "A/-_"),
            (r"^(?:a|(?<name>b))$", "b", "c"),
            (r"^\<\>$", "<>", ""),
            ("^a#b c$", "a#b c", "a"),
        ] {
            let regex = compile(source).unwrap_or_else(|error| panic!("{source}: {error}"));
            assert!(regex.is_match(matching), "{source} has to match {matching:?}");
            assert!(!regex.is_match(other), "{source} must not match {other:?}");
        }
        for (source, wanted) in [
            ("(?=a)", "look-ahead is not supported"),
            ("(?<!a)", "look-behind is not supported"),
            (r"(a)\1", "back-references are not supported"),
            (r"\p{L}", r"`\p` is not supported"),
            (r"\Aa\Z", r"`\A` is not of ECMA-262"),
            ("[a", "a `[` without its `]`"),
            ("a\\", "a backslash at the end"),
            (r"\c1", r"a letter has to follow `\c`"),
            (r"\x4", r"`\x` and `\u` need the hexadecimal number of a character"),
            (r"\u{g}", r"`\x` and `\u` need the hexadecimal number of a character"),
        ] {
            assert_eq!(compile(source).map(|_| ()), Err(wanted.to_owned()), "{source}");
        }
        for source in ["(", "*", "[b-a]", r"\uD800"] {
            assert!(compile(source).is_err(), "{source}");
        }
    }
}
