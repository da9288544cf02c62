//! Which texts may stand without quotes, and what a reader takes them for.

/// Whether a text may stand without quotes and comes back as this text from every reader.
pub(crate) fn is_plain_text(text: &str, inside_flow: bool) -> bool {
    is_plain(text, inside_flow) && reads_as_text(text)
}

fn is_plain(text: &str, inside_flow: bool) -> bool {
    let bytes = text.as_bytes();
    let (Some(&first), Some(&last)) = (bytes.first(), bytes.last()) else { return false };
    let starts_badly = b",[]{}#&*!|>'\"%@`?: ".contains(&first)
        || first == b'-' && bytes.get(1).is_none_or(|&second| second == b' ')
        || text.starts_with("---")
        || text.starts_with("...")
        || inside_flow && first == b'-' && bytes.get(1).is_some_and(|second| b",[]{}".contains(second));
    if starts_badly || last == b' ' || last == b':' || text.contains(": ") || text.contains(" #") {
        return false;
    }
    text.chars().all(|character| is_kept(character) && !(inside_flow && ",[]{}?".contains(character)))
}

/// Whether a character may stand as itself between others on one line.
pub(crate) fn is_kept(character: char) -> bool {
    match character {
        '\u{feff}' | '\u{2028}' | '\u{2029}' | '\u{fffe}' | '\u{ffff}' => false,
        ' '..='~' => true,
        other => other >= '\u{a0}',
    }
}

/// Whether a plain scalar is neither null, boolean, number, date nor merge key, for YAML 1.1 as for 1.2.
pub(crate) fn reads_as_text(text: &str) -> bool {
    let word = text.trim_start_matches(['+', '-']).trim_start_matches('.');
    let special = ["", "~", "null", "true", "false", "yes", "no", "on", "off", "y", "n", "=", "<<", "inf", "nan"]
        .iter()
        .any(|special| special.eq_ignore_ascii_case(word));
    !special && !is_number(text) && !is_date(text)
}

fn is_number(text: &str) -> bool {
    let text = text.strip_prefix(['+', '-']).unwrap_or(text);
    let all = |digits: &str, wanted: fn(&u8) -> bool| digits.bytes().all(|byte| byte == b'_' || wanted(&byte));
    if let Some((radix, digits)) = text.split_at_checked(2) {
        match radix {
            "0b" | "0B" | "0o" | "0O" => return all(digits, u8::is_ascii_digit),
            "0x" | "0X" => return all(digits, u8::is_ascii_hexdigit),
            _ => {}
        }
    }
    if !text.starts_with(|first: char| first.is_ascii_digit() || first == '.' || first == '_') {
        return false;
    }
    let (mantissa, exponent) = text.split_once(['e', 'E']).unwrap_or((text, "0"));
    let exponent = exponent.strip_prefix(['+', '-']).unwrap_or(exponent);
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    // Groups of `:` are numbers to the base of 60 in YAML 1.1.
    let whole_is_number = whole.split(':').all(|group| all(group, u8::is_ascii_digit));
    whole_is_number && all(fraction, u8::is_ascii_digit) && all(exponent, u8::is_ascii_digit)
}

/// Whether a text begins like `2001-12-14`, alone or with a time behind.
fn is_date(text: &str) -> bool {
    let mut parts = text.splitn(3, '-');
    let (Some(year), Some(month), Some(rest)) = (parts.next(), parts.next(), parts.next()) else { return false };
    let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
    let numeric = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    year.len() == 4
        && numeric(year)
        && matches!(month.len(), 1 | 2)
        && numeric(month)
        && matches!(digits, 1 | 2)
        && (rest.len() == digits || rest[digits..].starts_with(['T', 't', ' ', '\t']))
}
