//! Making whole numbers, and numbers of text.

use serde_json::Value;

use super::arithmetic::number;
use super::call::{Call, Outcome};
use super::number::Number;
use super::table::Entry;

pub(super) const ENTRIES: &[Entry] = &[
    Entry::new(
        "number",
        "VALUE",
        "The number that a text is written like: digits, with a fraction or exponent, without a leading zero.",
        ("{{json (number \"8080\")}}", "8080"),
        number,
    ),
    Entry::new("int", "VALUE", "The same without its fraction.", ("{{int 3.9}} {{int \"-3.9\"}}", "3 -3"), |call| {
        rounded(call, f64::trunc)
    }),
    Entry::new(
        "round",
        "NUMBER [DIGITS]",
        "The nearest whole number, half away from zero; or so many digits behind the point, up to 15.",
        ("{{round 2.5}} {{round 3.14159 2}}", "3 3.14"),
        round,
    ),
    Entry::new("floor", "NUMBER", "The whole number below.", ("{{floor -1.5}}", "-2"), |call| {
        rounded(call, f64::floor)
    }),
    Entry::new("ceil", "NUMBER", "The whole number above.", ("{{ceil 1.2}}", "2"), |call| rounded(call, f64::ceil)),
    Entry::new("abs", "NUMBER", "Without its sign.", ("{{abs -3}}", "3"), absolute),
];

fn rounded(call: &Call<'_>, round: fn(f64) -> f64) -> Outcome {
    call.number(0)?.rounded(round)?.value()
}

fn round(call: &Call<'_>) -> Outcome {
    if !call.has(1) {
        return rounded(call, f64::round);
    }
    let digits = call.count(1)?;
    if digits > 15 {
        return Err("parameter 2 is greater than 15".to_owned());
    }
    match call.number(0)? {
        Number::Whole(number) => Number::Whole(number).value(),
        // Through its text: multiplying would move digits that are to stay.
        Number::Fraction(number) => {
            let text = format!("{number:.digits$}");
            Number::of(&Value::String(text)).ok_or("the result is too large for a number")?.value()
        }
    }
}

fn absolute(call: &Call<'_>) -> Outcome {
    match call.number(0)? {
        Number::Whole(number) => Number::Whole(number.abs()).value(),
        Number::Fraction(number) => Number::Fraction(number.abs()).value(),
    }
}
