//! Numbers compared and divided without rounding.

use std::cmp::Ordering;

use serde_json::Number;

/// `1.0` is an integer too.
pub(super) fn is_integer(number: &Number) -> bool {
    whole(number).is_some() || number.as_f64().is_some_and(|float| float.fract() == 0.0)
}

fn whole(number: &Number) -> Option<i128> {
    number.as_i64().map(i128::from).or_else(|| number.as_u64().map(i128::from))
}

pub(super) fn compare(left: &Number, right: &Number) -> Ordering {
    let float = |number: &Number| number.as_f64().unwrap_or_default();
    match (whole(left), whole(right)) {
        (Some(left), Some(right)) => left.cmp(&right),
        (Some(left), None) => compare_mixed(left, float(right)),
        (None, Some(right)) => compare_mixed(right, float(left)).reverse(),
        (None, None) => float(left).partial_cmp(&float(right)).unwrap_or(Ordering::Equal),
    }
}

fn compare_mixed(integer: i128, float: f64) -> Ordering {
    let fraction = float.fract();
    integer.cmp(&truncated(float)).then_with(|| 0.0_f64.partial_cmp(&fraction).unwrap_or(Ordering::Equal))
}

/// The integer part, which the conversion holds within the range of an `i128`.
#[expect(clippy::cast_possible_truncation, reason = "that is its purpose")]
fn truncated(float: f64) -> i128 {
    float as i128
}

/// A form that equal numbers share, for a hash.
pub(super) fn canonical(number: &Number) -> (i128, u64) {
    match (whole(number), number.as_f64()) {
        (Some(integer), _) => (integer, 0),
        // Beyond any integer that is read as one.
        (None, Some(float)) if float.abs() > 1e30 => (if float > 0.0 { i128::MAX } else { i128::MIN }, float.to_bits()),
        (None, Some(float)) => (truncated(float), (float.fract() + 0.0).to_bits()),
        (None, None) => (0, 0),
    }
}

/// A number as it is written: `magnitude` · 10^`exponent`. Its sign does not matter here.
struct Decimal {
    magnitude: u64,
    exponent: i32,
}

impl Decimal {
    fn of(number: &Number) -> Option<Self> {
        if let Some(integer) = whole(number) {
            return Some(Self { magnitude: u64::try_from(integer.unsigned_abs()).ok()?, exponent: 0 });
        }
        // The shortest digits that are this number: 0.1 is 1e-1 and not what it is in base two.
        let written = format!("{:e}", number.as_f64()?.abs());
        let (digits, exponent) = written.split_once('e')?;
        let (before, behind) = digits.split_once('.').unwrap_or((digits, ""));
        let magnitude = format!("{before}{behind}").parse().ok()?;
        let exponent = exponent.parse::<i32>().ok()?.checked_sub(i32::try_from(behind.len()).ok()?)?;
        Some(Self { magnitude, exponent })
    }
}

/// Whether `number` is a whole multiple of `divisor`, in base ten.
pub(super) fn is_multiple(number: &Number, divisor: &Number) -> bool {
    let (Some(number), Some(divisor)) = (Decimal::of(number), Decimal::of(divisor)) else { return false };
    if number.magnitude == 0 {
        return true;
    }
    let (magnitude, modulus) = (u128::from(number.magnitude), u128::from(divisor.magnitude));
    let shift = i64::from(number.exponent) - i64::from(divisor.exponent);
    let steps = u32::try_from(shift.unsigned_abs()).unwrap_or(u32::MAX);
    if modulus == 0 {
        return false;
    }
    if shift >= 0 {
        // Both factors stay below 2^64.
        return (0..steps).fold(magnitude % modulus, |rest, _| rest * 10 % modulus) == 0;
    }
    let scaled = 10_u128.checked_pow(steps).and_then(|power| power.checked_mul(modulus));
    scaled.is_some_and(|modulus| magnitude.is_multiple_of(modulus))
}
