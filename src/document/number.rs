//! Whether a number is held as it was written: an `f64` holds some 15 digits, and rounds what has more without a word.

/// What to do about a number that would be rounded.
pub(crate) const IN_QUOTES: &str = "put it in quotes: text keeps every digit";

/// Whether the number that was read is printed again with the digits that were written. What is no decimal number, such as
/// `.inf` or `0x1f`, is not judged.
pub(super) fn keeps(written: &str, value: f64) -> bool {
    match Decimal::parse(written) {
        Some(decimal) => Decimal::parse(&format!("{value:e}")) == Some(decimal),
        None => true,
    }
}

/// The byte at which the first number of a JSON text stands that would be rounded.
pub(crate) fn rounded(json: &str) -> Option<usize> {
    let mut at = 0;
    while let Some(byte) = json.as_bytes().get(at) {
        match byte {
            b'"' => {
                at += 1;
                while let Some(inner) = json.as_bytes().get(at).filter(|inner| **inner != b'"') {
                    at += if *inner == b'\\' { 2 } else { 1 };
                }
                at += 1;
            }
            b'-' | b'0'..=b'9' => {
                let rest = &json[at..];
                let is_part = |c: char| c.is_ascii_digit() || "+-.eE".contains(c);
                let written = &rest[..rest.find(|c| !is_part(c)).unwrap_or(rest.len())];
                let is_integer = written.parse::<i64>().is_ok() || written.parse::<u64>().is_ok();
                if !is_integer && !written.parse().is_ok_and(|value| keeps(written, value)) {
                    return Some(at);
                }
                at += written.len();
            }
            _ => at += 1,
        }
    }
    None
}

/// The digits without zeros at their ends, and the power of ten of the last one.
#[derive(PartialEq, Eq)]
struct Decimal {
    is_negative: bool,
    digits: String,
    power: i64,
}

impl Decimal {
    fn parse(text: &str) -> Option<Self> {
        let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
        let (mantissa, exponent) = unsigned.split_once(['e', 'E']).unwrap_or((unsigned, "0"));
        let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
        let digits = [whole, fraction].concat();
        if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        let exponent: i64 = exponent.strip_prefix('+').unwrap_or(exponent).parse().ok()?;
        let significant = digits.trim_end_matches('0');
        let dropped = i64::try_from(digits.len() - significant.len()).ok()?;
        let digits = significant.trim_start_matches('0').to_owned();
        let power = exponent.checked_sub(i64::try_from(fraction.len()).ok()?)?.checked_add(dropped)?;
        let (is_negative, power) = if digits.is_empty() { (false, 0) } else { (text.starts_with('-'), power) };
        Some(Self { is_negative, digits, power })
    }
}

#[cfg(test)]
mod tests {
    use super::{keeps, rounded};

    #[test]
    fn a_number_is_kept_or_it_is_not() {
        for (written, wanted) in [
            ("1.5", true),
            ("-0.10", true),
            ("+00640", true),
            ("1e3", true),
            ("1E+3", true),
            ("0.000", true),
            (".5", true),
            ("1.7976931348623157e308", true),
            ("9007199254740993", false),
            ("3.14159265358979323846", false),
            ("0.1000000000000000055", false),
            ("1e-400", false),
            ("123456789012345678901234567890", false),
            ("100000000000000000000000000000", true),
        ] {
            assert_eq!(keeps(written, written.parse().unwrap()), wanted, "{written}");
        }
    }

    #[test]
    fn the_first_number_that_would_be_rounded_is_found() {
        for (json, wanted) in [
            (r#"{"a": 9007199254740993, "b": 18446744073709551615, "c": [1.5, -2e-3]}"#, None),
            (r#"{"3.14159265358979323846": "\"3.14159265358979323846"}"#, None),
            ("[1, 36893488147419103233]", Some(4)),
            ("[3.14159265358979323846]", Some(1)),
            (r#""a"#, None),
        ] {
            assert_eq!(rounded(json), wanted, "{json}");
        }
    }
}
