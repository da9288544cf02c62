//! Text of a variable to a typed value, and the rules that a value has to keep. Pure; never names the value.

use serde_json::Value;

use crate::document::{respelt, rounded};
use crate::format::equal;
use crate::spec::{Duration, EnvironmentSpec, ValueType};

const ROUNDED: &str = "a number in it would be rounded: it has more digits than a number can hold";
const RESPELT: &str = "would not stay as it is written: leave out a `+`, zeros that say nothing, and a short exponent";

/// The text as a value of the type, or what is wrong with it.
pub(super) fn convert(value_type: ValueType, text: &str) -> Result<Value, String> {
    match value_type {
        ValueType::String => Ok(text.into()),
        ValueType::Integer => {
            let whole = text.trim().parse::<i64>().map(Value::from).map_err(|_| "it is not an integer".to_owned());
            whole.and_then(|value| as_spelt(text.trim(), value))
        }
        ValueType::Number => number(text.trim()),
        ValueType::Boolean => match text.trim().to_ascii_lowercase().as_str() {
            "true" | "1" | "yes" | "on" => Ok(true.into()),
            "false" | "0" | "no" | "off" => Ok(false.into()),
            _ => Err("it is not a boolean: true, false, 1, 0, yes, no, on, off".to_owned()),
        },
        ValueType::Duration => Duration::try_from(text.trim())
            .map(|_| text.trim().into())
            .map_err(|_| "it is not a duration, such as 30s or 5m".to_owned()),
        ValueType::Url => url(text.trim()),
        ValueType::Json => json(text),
        ValueType::List => Ok(text.split(',').map(str::trim).filter(|item| !item.is_empty()).collect()),
    }
}

/// A whole number stays one: as a fraction it would get a point, and lose digits when it has many.
fn number(text: &str) -> Result<Value, String> {
    let whole = text.parse::<i64>().map(Value::from).or_else(|_| text.parse::<u64>().map(Value::from));
    if let Ok(whole) = whole {
        return as_spelt(text, whole);
    }
    let fraction = text.parse::<f64>().map_err(|_| "it is not a number".to_owned())?;
    let Some(number) = serde_json::Number::from_f64(fraction) else {
        let is_large = text.bytes().any(|byte| byte.is_ascii_digit());
        return Err(if is_large { "it is too large for a number" } else { "it is not a number" }.to_owned());
    };
    if rounded(text).is_some() {
        return Err(ROUNDED.to_owned());
    }
    as_spelt(text, Value::Number(number))
}

/// The number, if that is how it is printed.
fn as_spelt(text: &str, number: Value) -> Result<Value, String> {
    let kept = number.to_string();
    if kept == text { Ok(number) } else { Err(format!("it {RESPELT}")) }
}

fn json(text: &str) -> Result<Value, String> {
    let value = serde_json::from_str(text).map_err(|error| {
        // Of what is wrong with JSON, only this is no matter of how it is written.
        if error.to_string().starts_with("number out of range") {
            return "a number in it is too large".to_owned();
        }
        format!("it is not JSON (line {}, column {})", error.line(), error.column())
    })?;
    if rounded(text).is_some() {
        return Err(ROUNDED.to_owned());
    }
    if respelt(text).is_some() { Err(format!("a number in it {RESPELT}")) } else { Ok(value) }
}

fn url(text: &str) -> Result<Value, String> {
    let scheme_and_rest = text.split_once("://").filter(|(scheme, rest)| {
        let first = scheme.starts_with(|c: char| c.is_ascii_alphabetic());
        let sound = scheme.chars().all(|c| c.is_ascii_alphanumeric() || "+-.".contains(c));
        first && sound && !rest.is_empty() && !text.contains(|c: char| c.is_whitespace() || c.is_control())
    });
    scheme_and_rest.map(|_| text.into()).ok_or_else(|| "it is not a URL".to_owned())
}

/// A default of the plan as a value of the type: written as such, or as the text that a variable would have.
pub(super) fn convert_default(value_type: ValueType, default: &Value) -> Result<Value, String> {
    let typed = match value_type {
        ValueType::String | ValueType::Duration | ValueType::Url => default.is_string(),
        ValueType::Integer => default.is_i64(),
        ValueType::Number => default.is_number(),
        ValueType::Boolean => default.is_boolean(),
        ValueType::Json => true,
        ValueType::List => default.is_array(),
    };
    match default {
        Value::String(text) if value_type != ValueType::Json => convert(value_type, text),
        _ if typed => Ok(default.clone()),
        _ => Err("it is not of the variable's type".to_owned()),
    }
}

/// The value as the text that a variable would have.
pub(super) fn as_text(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

/// Checks the value against `one_of`, `matches`, `min` and `max`. Numbers are equal as numbers: `1` is `1.0`.
pub(super) fn fits(spec: &EnvironmentSpec, text: &str, value: &Value) -> Result<(), String> {
    if let Some(allowed) = &spec.one_of
        && !allowed.iter().any(|one| equal(one, value) || as_text(one) == text)
    {
        let listed: Vec<String> = allowed.iter().map(as_text).collect();
        return Err(format!("it is none of {}", listed.join(", ")));
    }
    if let Some(pattern) = &spec.matches {
        let matches = regex_lite::Regex::new(pattern).is_ok_and(|regex| regex.is_match(text));
        if !matches {
            return Err(format!("it does not match `{}`", pattern.value));
        }
    }
    if let Some(number) = value.as_f64() {
        if spec.min.is_some_and(|min| number < min) {
            return Err(format!("it is below {}", spec.min.unwrap_or_default()));
        }
        if spec.max.is_some_and(|max| number > max) {
            return Err(format!("it is above {}", spec.max.unwrap_or_default()));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{ValueType, convert};

    /// What a file would hold is what was given, or nothing.
    #[test]
    fn a_number_is_as_it_is_spelt_or_refused() {
        let refused = "would not stay as it is written: leave out a `+`, zeros that say nothing, and a short exponent";
        for text in ["-0", "1.50", "1E5", "1e5", "+1.5", "007", ".5", "5.", "1e0300"] {
            assert_eq!(convert(ValueType::Number, text), Err(format!("it {refused}")), "{text}");
        }
        for text in ["-0", "+1", "007"] {
            assert_eq!(convert(ValueType::Integer, text), Err(format!("it {refused}")), "{text}");
        }
        for text in ["-0", "[1.50]", "{\"a\": 1E5}"] {
            assert_eq!(convert(ValueType::Json, text), Err(format!("a number in it {refused}")), "{text}");
        }
        for text in ["0", "-1", "1.0", "-0.0", "1.5e-7", "1e+300", "12345678901234567890"] {
            assert_eq!(convert(ValueType::Number, text).map(|value| value.to_string()).as_deref(), Ok(text));
            assert_eq!(convert(ValueType::Json, text).map(|value| value.to_string()).as_deref(), Ok(text));
        }
    }

    #[test]
    fn conversions() {
        for (value_type, text, wanted) in [
            (ValueType::String, " x ", Ok(json!(" x "))),
            (ValueType::Integer, "8080", Ok(json!(8080))),
            (ValueType::Integer, " -1\n", Ok(json!(-1))),
            (ValueType::Integer, "1.5", Err("it is not an integer")),
            (ValueType::Integer, "99999999999999999999", Err("it is not an integer")),
            (ValueType::Number, "1.5", Ok(json!(1.5))),
            (ValueType::Number, "8080", Ok(json!(8080))),
            (ValueType::Number, "-9007199254740993", Ok(json!(-9_007_199_254_740_993_i64))),
            (ValueType::Number, "18446744073709551615", Ok(json!(u64::MAX))),
            (ValueType::Number, "1.0", Ok(json!(1.0))),
            (ValueType::Number, "1e400", Err("it is too large for a number")),
            (ValueType::Json, "[1e400]", Err("a number in it is too large")),
            (ValueType::Number, "NaN", Err("it is not a number")),
            (ValueType::Number, "inf", Err("it is not a number")),
            (ValueType::Boolean, "Yes", Ok(json!(true))),
            (ValueType::Boolean, "0", Ok(json!(false))),
            (ValueType::Boolean, "2", Err("it is not a boolean: true, false, 1, 0, yes, no, on, off")),
            (ValueType::Duration, "5m", Ok(json!("5m"))),
            (ValueType::Duration, "5", Err("it is not a duration, such as 30s or 5m")),
            (ValueType::Url, "https://a/b", Ok(json!("https://a/b"))),
            (ValueType::Url, "a/b", Err("it is not a URL")),
            (ValueType::Url, "https://a b", Err("it is not a URL")),
            (ValueType::Json, "{\"a\": [1]}", Ok(json!({"a": [1]}))),
            (ValueType::Json, "{", Err("it is not JSON (line 1, column 1)")),
            (ValueType::List, "a, b,,c ", Ok(json!(["a", "b", "c"]))),
            (ValueType::List, "", Ok(json!([]))),
        ] {
            assert_eq!(convert(value_type, text), wanted.map_err(str::to_owned), "{text}");
        }
    }
}
