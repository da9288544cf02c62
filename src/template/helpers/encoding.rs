//! Values as text of a format, and back.

use std::fmt::Write as _;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use serde_json::Value;

use super::call::{Call, Outcome};
use super::table::Entry;
use super::{toml, yaml};
use crate::hexadecimal::hexadecimal;

pub(super) const ENTRIES: &[Entry] = &[
    Entry::new("json", "VALUE", "As JSON on one line.", ("{{{json values.hosts}}}", "[\"a\",\"b\",\"c\"]"), |call| {
        Ok(call.value(0).to_string().into())
    }),
    Entry::new(
        "json_pretty",
        "VALUE",
        "As JSON on lines of their own, indented by two spaces.",
        ("{{{json_pretty (object a=1)}}}", "{\n  \"a\": 1\n}"),
        |call| Ok(format!("{:#}", call.value(0)).into()),
    ),
    Entry::new(
        "json_parse",
        "TEXT",
        "The value that the JSON says.",
        ("{{lookup (json_parse \"{\\\"a\\\": 1}\") \"a\"}}", "1"),
        json_parse,
    ),
    Entry::new(
        "yaml",
        "VALUE",
        "As YAML in block style; text that YAML would take for something else is quoted.",
        ("{{{yaml (object port=80 country=\"no\")}}}", "country: \"no\"\nport: 80"),
        |call| Ok(yaml::write(call.value(0)).into()),
    ),
    Entry::new(
        "toml",
        "VALUE",
        "A mapping as a TOML document, anything else as a TOML value. TOML has no null: it is an error.",
        ("{{{toml (object port=80 tls=true)}}}", "port = 80\ntls = true"),
        |call| toml::write(call.value(0)).map(Value::from),
    ),
    Entry::new("base64", "TEXT", "In Base64, with padding.", ("{{base64 \"user:pw\"}}", "dXNlcjpwdw=="), |call| {
        Ok(STANDARD.encode(call.text(0)?.as_bytes()).into())
    }),
    Entry::new("base64_decode", "TEXT", "The text in it.", ("{{base64_decode \"dXNlcjpwdw==\"}}", "user:pw"), |call| {
        let bytes = STANDARD.decode(call.text(0)?.trim_end()).map_err(|_| "parameter 1 is not Base64")?;
        utf8(bytes)
    }),
    Entry::new(
        "base64_url",
        "TEXT",
        "In the Base64 for URLs, without padding.",
        ("{{base64_url \"a?>\"}}", "YT8-"),
        |call| Ok(URL_SAFE_NO_PAD.encode(call.text(0)?.as_bytes()).into()),
    ),
    Entry::new("hex", "TEXT", "Its bytes as hexadecimal digits.", ("{{hex \"AZ\"}}", "415a"), |call| {
        Ok(hexadecimal(call.text(0)?.as_bytes()).into())
    }),
    Entry::new(
        "url_encode",
        "TEXT",
        "For any part of a URL: everything but letters, digits and `-._~` as `%XX`.",
        ("{{url_encode \"a b/c\"}}", "a%20b%2Fc"),
        |call| Ok(url_encode(&call.text(0)?).into()),
    ),
    Entry::new(
        "url_decode",
        "TEXT",
        "With `%XX` as the characters that they stand for.",
        ("{{url_decode \"a%20b\"}}", "a b"),
        |call| {
            url_decode(&call.text(0)?).map(Value::from).ok_or_else(|| "parameter 1 is not percent-encoded".to_owned())
        },
    ),
];

fn json_parse(call: &Call<'_>) -> Outcome {
    serde_json::from_str(&call.text(0)?).map_err(|error| {
        // Of an empty text it is column 0.
        let (line, column) = (error.line(), error.column().max(1));
        format!("parameter 1 is not valid JSON, at line {line} column {column}")
    })
}

fn utf8(bytes: Vec<u8>) -> Outcome {
    String::from_utf8(bytes).map(Value::from).map_err(|_| "the result is not UTF-8 text".to_owned())
}

fn url_encode(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            let _ = write!(encoded, "%{byte:02X}");
        }
    }
    encoded
}

pub(super) fn url_decode(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        if byte == b'%' {
            let mut digit = || rest.next().and_then(|digit| char::from(digit).to_digit(16));
            let (high, low) = (digit()?, digit()?);
            bytes.push(u8::try_from(high * 16 + low).ok()?);
        } else {
            bytes.push(byte);
        }
    }
    String::from_utf8(bytes).ok()
}
