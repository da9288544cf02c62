//! Arithmetic: whole numbers stay exact, overflow and division by zero are errors.

use std::cmp::Ordering;

use serde_json::Value;

use super::call::{Call, Outcome};
use super::number::Number;
use super::table::Entry;

pub(super) const ENTRIES: &[Entry] = &[
    Entry::new(
        "add",
        "A B...",
        "The sum. Text that is written like a number counts as one, here and below.",
        ("{{add env.PORT 1}}", "8081"),
        |call| fold(call, i128::checked_add, |a, b| a + b),
    ),
    Entry::new("sub", "A B...", "A without the others.", ("{{sub 10 4 1}}", "5"), |call| {
        fold(call, i128::checked_sub, |a, b| a - b)
    }),
    Entry::new("mul", "A B...", "The product.", ("{{mul 1.5 4}}", "6.0"), |call| {
        fold(call, i128::checked_mul, |a, b| a * b)
    }),
    Entry::new(
        "div",
        "A B",
        "The quotient: whole if it is, else a fraction; see `quotient`.",
        ("{{div 8 2}} {{div 7 2}}", "4 3.5"),
        |call| call.number(0)?.divided(call.number(1)?)?.value(),
    ),
    Entry::new(
        "quotient",
        "A B",
        "How often the whole number B is in A, without the rest.",
        ("{{quotient 7 2}}", "3"),
        |call| whole(call, i128::checked_div),
    ),
    Entry::new("mod", "A B", "The rest of that, with the sign of A.", ("{{mod 7 2}}", "1"), |call| {
        whole(call, i128::checked_rem)
    }),
    Entry::new("min", "NUMBER...", "The least.", ("{{min 4 facts.cpus}}", "2"), |call| extreme(call, Ordering::Less)),
    Entry::new("max", "NUMBER...", "The greatest.", ("{{max 1 (div facts.cpus 2)}}", "1"), |call| {
        extreme(call, Ordering::Greater)
    }),
    Entry::new("sum", "LIST", "The sum of its items, 0 of none.", ("{{sum (list 1 2 3)}}", "6"), sum),
];

fn fold(call: &Call<'_>, whole: fn(i128, i128) -> Option<i128>, fraction: fn(f64, f64) -> f64) -> Outcome {
    let mut result = call.number(0)?;
    for index in 1..call.values.len() {
        result = checked(result.combine(call.number(index)?, whole, fraction)?)?;
    }
    result.value()
}

/// A step of a longer sum is refused when it could not be written: `i128` alone would let products of products pass.
fn checked(number: Number) -> Result<Number, String> {
    number.value().map(|_| number)
}

fn whole(call: &Call<'_>, divide: fn(i128, i128) -> Option<i128>) -> Outcome {
    let result = divide(call.whole(0)?, call.whole(1)?).ok_or("division by zero")?;
    Number::Whole(result).value()
}

fn extreme(call: &Call<'_>, wanted: Ordering) -> Outcome {
    let mut best = call.number(0)?;
    for index in 1..call.values.len() {
        let number = call.number(index)?;
        if number.order(best) == wanted {
            best = number;
        }
    }
    best.value()
}

fn sum(call: &Call<'_>) -> Outcome {
    let mut result = Number::Whole(0);
    for item in call.list(0)? {
        let number = Number::of(item).ok_or("an item of the list is not a number")?;
        result = checked(result.combine(number, i128::checked_add, |a, b| a + b)?)?;
    }
    result.value()
}

/// The number that a text is written like, for the table of [`super::rounding`].
pub(super) fn number(call: &Call<'_>) -> Result<Value, String> {
    call.number(0)?.value()
}
