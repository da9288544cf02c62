//! Durations and sizes with units.

use serde_json::Value;

use super::call::{Call, Outcome};
use super::number::Number;
use super::table::Entry;

pub(super) const ENTRIES: &[Entry] = &[
    Entry::new(
        "seconds",
        "DURATION",
        "How many seconds a duration such as `90s`, `1h30m` or `2d` has: `ms`, `s`, `m`, `h`, `d`.",
        ("{{seconds \"1h30m\"}}", "5400"),
        |call| Number::Whole(milliseconds(&call.text(0)?)?).divided(Number::Whole(1000))?.value(),
    ),
    Entry::new(
        "milliseconds",
        "DURATION",
        "How many milliseconds it has.",
        ("{{milliseconds \"1.5s\"}}", "1500"),
        |call| Number::Whole(milliseconds(&call.text(0)?)?).value(),
    ),
    Entry::new(
        "bytes",
        "SIZE",
        "How many bytes a size such as `512Mi`, `512MiB` or `10G` has: `Ki`, `Mi`, `Gi`, `Ti`, `Pi` by 1024, `k`, `M`, `G`, \
         `T`, `P` by 1000.",
        ("{{quotient (bytes \"1.5Gi\") (bytes \"1Mi\")}}m", "1536m"),
        |call| Number::Whole(bytes(&call.text(0)?)?).value(),
    ),
    Entry::new(
        "human_bytes",
        "NUMBER",
        "A number of bytes for people, with at most one digit behind the point.",
        ("{{human_bytes 1610612736}}", "1.5 GiB"),
        human_bytes,
    ),
];

const DURATIONS: [(&str, i128); 5] = [("ms", 1), ("s", 1000), ("m", 60_000), ("h", 3_600_000), ("d", 86_400_000)];

const SIZES: [(&str, i128); 12] = [
    ("", 1),
    ("k", 1000),
    ("K", 1000),
    ("M", 1_000_000),
    ("G", 1_000_000_000),
    ("T", 1_000_000_000_000),
    ("P", 1_000_000_000_000_000),
    ("Ki", 1 << 10),
    ("Mi", 1 << 20),
    ("Gi", 1 << 30),
    ("Ti", 1 << 40),
    ("Pi", 1 << 50),
];

/// Digits with an optional fraction, then letters; returns the amount in units, and what follows.
fn amount<'a>(text: &'a str, units: &[(&str, i128)]) -> Option<(i128, &'a str)> {
    let end = text.find(|character: char| !character.is_ascii_digit() && character != '.').unwrap_or(text.len());
    let (digits, rest) = text.split_at(end);
    let end = rest.find(|character: char| !character.is_ascii_alphabetic()).unwrap_or(rest.len());
    let (unit, rest) = rest.split_at(end);
    let factor = units.iter().find(|(name, _)| *name == unit)?.1;
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, "0"));
    // Nine digits are a billionth of the unit; more of them would be a mistake.
    if whole.is_empty() || fraction.is_empty() || fraction.len() > 9 || fraction.contains('.') {
        return None;
    }
    let whole: i128 = whole.parse::<u64>().ok()?.into();
    let scale = 10_i128.pow(u32::try_from(fraction.len()).ok()?);
    let part = fraction.parse::<i128>().ok()?.checked_mul(factor)?;
    if part % scale != 0 {
        return None;
    }
    Some((whole.checked_mul(factor)?.checked_add(part / scale)?, rest))
}

fn milliseconds(text: &str) -> Result<i128, String> {
    let wrong = || "parameter 1 is not a duration with a unit, such as `30s`".to_owned();
    let (mut total, mut rest) = (0_i128, text.trim());
    if rest.is_empty() {
        return Err(wrong());
    }
    while !rest.is_empty() {
        let (part, next) = amount(rest, &DURATIONS).ok_or_else(wrong)?;
        total = total.checked_add(part).ok_or_else(wrong)?;
        rest = next;
    }
    Ok(total)
}

fn bytes(text: &str) -> Result<i128, String> {
    let text = text.trim();
    let text = text.strip_suffix('B').unwrap_or(text);
    let amount = amount(text, &SIZES).filter(|(_, rest)| rest.is_empty());
    amount.map(|(bytes, _)| bytes).ok_or_else(|| "parameter 1 is not a size, such as `512Mi`".to_owned())
}

fn human_bytes(call: &Call<'_>) -> Outcome {
    let bytes = call.count(0)?;
    let units = ["B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"];
    let (mut unit, mut scale) = (0, 1_u128);
    // Whole numbers all the way: tenths, rounded.
    let tenths = |scale: u128| (bytes as u128 * 10 + scale / 2) / scale;
    while unit + 1 < units.len() && tenths(scale) >= 10_240 {
        unit += 1;
        scale *= 1024;
    }
    let (whole, tenth) = (tenths(scale) / 10, tenths(scale) % 10);
    let text = if tenth == 0 { whole.to_string() } else { format!("{whole}.{tenth}") };
    Ok(Value::from(format!("{text} {}", units[unit])))
}
