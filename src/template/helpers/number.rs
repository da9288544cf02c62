//! Numbers: whole ones stay exact, and what does not fit is an error.

use std::cmp::Ordering;

use serde_json::Value;

#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Number {
    /// Wider than what can be written, so that the steps between two written numbers cannot overflow.
    Whole(i128),
    Fraction(f64),
}

const TOO_LARGE: &str = "the result is too large for a number";

impl Number {
    /// The number, also of text that is written as JSON writes numbers: `007` and `1,5` are none.
    pub(super) fn of(value: &Value) -> Option<Self> {
        match value {
            Value::Number(number) => {
                let whole = number.as_i64().map(i128::from).or_else(|| number.as_u64().map(i128::from));
                whole.map(Self::Whole).or_else(|| number.as_f64().map(Self::Fraction))
            }
            Value::String(text) => Self::of_text(text),
            _ => None,
        }
    }

    fn of_text(text: &str) -> Option<Self> {
        let starts = text.starts_with(|first: char| first == '-' || first.is_ascii_digit());
        if !starts || text.ends_with(char::is_whitespace) {
            return None;
        }
        let number: serde_json::Number = serde_json::from_str(text).ok()?;
        match Self::of(&Value::Number(number))? {
            // Written without a fraction, and yet no whole number that fits: its digits would change.
            Self::Fraction(_) if !text.contains(['.', 'e', 'E']) => None,
            number => Some(number),
        }
    }

    pub(super) fn value(self) -> Result<Value, String> {
        match self {
            Self::Whole(number) => i64::try_from(number)
                .map(Value::from)
                .or_else(|_| u64::try_from(number).map(Value::from))
                .map_err(|_| TOO_LARGE.to_owned()),
            Self::Fraction(number) => {
                serde_json::Number::from_f64(number).map(Value::Number).ok_or_else(|| TOO_LARGE.to_owned())
            }
        }
    }

    #[allow(
        clippy::cast_precision_loss,
        reason = "a fraction holds no more: only where one of two numbers is a fraction"
    )]
    pub(super) fn fraction(self) -> f64 {
        match self {
            Self::Whole(number) => number as f64,
            Self::Fraction(number) => number,
        }
    }

    /// The whole number nearest below, above or around, as the function says.
    #[allow(clippy::cast_possible_truncation, reason = "what is beyond the range of a number is refused")]
    pub(super) fn rounded(self, round: fn(f64) -> f64) -> Result<Self, String> {
        match self {
            Self::Whole(_) => Ok(self),
            Self::Fraction(number) if number.abs() < 1e19 => Ok(Self::Whole(round(number) as i128)),
            Self::Fraction(_) => Err(TOO_LARGE.to_owned()),
        }
    }

    /// Combines whole numbers exactly, and others as fractions.
    pub(super) fn combine(
        self,
        other: Self,
        whole: fn(i128, i128) -> Option<i128>,
        fraction: fn(f64, f64) -> f64,
    ) -> Result<Self, String> {
        match (self, other) {
            (Self::Whole(a), Self::Whole(b)) => whole(a, b).map(Self::Whole).ok_or_else(|| TOO_LARGE.to_owned()),
            (a, b) => Ok(Self::Fraction(fraction(a.fraction(), b.fraction()))),
        }
    }

    /// Exact for whole numbers that divide, else a fraction.
    pub(super) fn divided(self, by: Self) -> Result<Self, String> {
        match (self, by) {
            (_, Self::Whole(0)) => Err("division by zero".to_owned()),
            (_, by) if by.fraction() == 0.0 => Err("division by zero".to_owned()),
            (Self::Whole(a), Self::Whole(b)) if a % b == 0 => Ok(Self::Whole(a / b)),
            (a, b) => Ok(Self::Fraction(a.fraction() / b.fraction())),
        }
    }

    pub(super) fn order(self, other: Self) -> Ordering {
        match (self, other) {
            (Self::Whole(a), Self::Whole(b)) => a.cmp(&b),
            (a, b) => a.fraction().total_cmp(&b.fraction()),
        }
    }
}
