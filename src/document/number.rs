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
    let is_rounded = |written: &str| {
        let is_integer = written.parse::<i64>().is_ok() || written.parse::<u64>().is_ok();
        !is_integer && !written.parse().is_ok_and(|value| keeps(written, value))
    };
    Numbers { json, at: 0 }.find(|(_, written)| is_rounded(written)).map(|(at, _)| at)
}

/// The first number of a JSON text that would be written in another way, as it would be written: `1.5` for `1.50`.
pub(crate) fn respelt(json: &str) -> Option<String> {
    Numbers { json, at: 0 }.find_map(|(_, written)| {
        let number: serde_json::Number = serde_json::from_str(written).ok()?;
        Some(number.to_string()).filter(|kept| kept != written)
    })
}

/// The hint for a number that would be written in another way.
pub(crate) fn spelling_hint(kept: &str) -> String {
    format!("write `{kept}`, or {IN_QUOTES}")
}

/// The numbers of a JSON text, each with the byte at which it stands.
struct Numbers<'a> {
    json: &'a str,
    at: usize,
}

impl<'a> Iterator for Numbers<'a> {
    type Item = (usize, &'a str);

    fn next(&mut self) -> Option<Self::Item> {
        let bytes = self.json.as_bytes();
        loop {
            match bytes.get(self.at)? {
                b'"' => {
                    self.at += 1;
                    while let Some(inner) = bytes.get(self.at).filter(|inner| **inner != b'"') {
                        self.at += if *inner == b'\\' { 2 } else { 1 };
                    }
                    self.at += 1;
                }
                b'-' | b'0'..=b'9' => {
                    let start = self.at;
                    let is_part = |byte: &&u8| byte.is_ascii_digit() || b"+-.eE".contains(byte);
                    self.at += bytes[start..].iter().take_while(is_part).count();
                    return Some((start, &self.json[start..self.at]));
                }
                _ => self.at += 1,
            }
        }
    }
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
    use super::{keeps, respelt, rounded};

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
    #[test]
    fn the_first_number_that_would_be_written_in_another_way_is_found() {
        for (json, wanted) in [
            (r#"{"1.50": [0, -1, 1.5, -2.0, "1.50"]}"#, None),
            ("[1.5, 1.50]", Some("1.5")),
            ("-0", Some("-0.0")),
            ("1E5", Some("100000.0")),
            ("1e300", Some("1e+300")),
        ] {
            assert_eq!(respelt(json).as_deref(), wanted, "{json}");
        }
    }
}
