//! The server's words for an error, without what they hold of rows.
//!
//! Only errors of class 22, data that does not fit, have values in their message; those of class 23 have theirs in DETAIL, which is
//! never shown. Messages may be in any language, so what cannot be cut for certain is not shown at all.

use tokio_postgres::error::DbError;

/// What is said of an error.
pub(super) struct Words {
    pub(super) shown: String,
    /// Without names and tokens of the statement, for one that nobody may see.
    pub(super) guarded: String,
}

impl Words {
    pub(super) fn of(error: &DbError) -> Self {
        Self::new(error.code().code(), error.message())
    }

    fn new(code: &str, message: &str) -> Self {
        let with_state = |text: &str| format!("{text} (SQLSTATE {code})");
        let (shown, guarded) = match code.get(..2).unwrap_or_default() {
            "22" => {
                let text = without_value(code, message);
                (text.clone(), text)
            }
            // What `RAISE` says is the author's own, and may be made of anything.
            "P0" => (message.to_owned(), "the statement raised an exception".to_owned()),
            _ => (message.to_owned(), without_names(message)),
        };
        Self { shown: with_state(&shown), guarded: with_state(&guarded) }
    }
}

/// `value "…" is out of range for type integer` and `invalid input syntax for type integer: "…"` without what stands in quotes or
/// behind the colon. A value may hold quotes: everything from the first to the last one goes.
fn without_value(code: &str, message: &str) -> String {
    let text = without_quoted(message);
    let text = text.split(": ").next().unwrap_or_default().trim().trim_end_matches(':').trim_end();
    if text.is_empty() || !text.is_ascii() { condition(code).to_owned() } else { text.to_owned() }
}

fn without_names(message: &str) -> String {
    let text = without_quoted(message);
    let text = text.trim_end_matches(" at or near");
    if text.is_empty() || !text.is_ascii() { "the server refused it".to_owned() } else { text.to_owned() }
}

fn without_quoted(message: &str) -> String {
    let (Some(first), Some(last)) = (message.find('"'), message.rfind('"')) else { return message.to_owned() };
    let (before, after) = (message[..first].trim_end(), message[last + 1..].trim_start());
    let space = if before.is_empty() || after.is_empty() || after.starts_with([':', ',', ';', ')']) { "" } else { " " };
    format!("{before}{space}{after}")
}

/// The name that the standard, or PostgreSQL, gives the state.
fn condition(code: &str) -> &'static str {
    match code {
        "22001" => "string data right truncation",
        "22003" => "numeric value out of range",
        "22004" => "null value not allowed",
        "22007" => "invalid datetime format",
        "22008" => "datetime field overflow",
        "22012" => "division by zero",
        "22021" => "character not in repertoire",
        "22023" => "invalid parameter value",
        "22P02" => "invalid text representation",
        "22P03" => "invalid binary representation",
        "22P04" => "bad copy file format",
        "22P05" => "untranslatable character",
        _ => "data exception",
    }
}

#[cfg(test)]
mod tests {
    use super::Words;

    #[test]
    fn values_of_rows_are_left_out() {
        for (code, message, wanted) in [
            ("22P02", "invalid input syntax for type integer: \"hunter2\"", "invalid input syntax for type integer"),
            (
                "22P02",
                "invalid input syntax for type integer: \"a\" b: \"hunter2\"",
                "invalid input syntax for type integer",
            ),
            ("22003", "value \"hunter2\" is out of range for type integer", "value is out of range for type integer"),
            ("22003", "value \"a\": \"hunter2\" is out of range", "value is out of range"),
            ("22003", "integer out of range", "integer out of range"),
            ("22021", "invalid byte sequence for encoding \"UTF8\": 0x68", "invalid byte sequence for encoding"),
            ("22007", "invalid input syntax for type date: \"hunter2", "invalid input syntax for type date"),
            ("22P02", "ungültige Eingabesyntax für Typ integer: »hunter2«", "invalid text representation"),
            ("22003", "Wert »hunter2« ist außerhalb des gültigen Bereichs", "numeric value out of range"),
            ("22001", "value too long for type character varying(3)", "value too long for type character varying(3)"),
            ("22099", "\"hunter2\"", "data exception"),
        ] {
            let words = Words::new(code, message);
            assert_eq!(words.shown, format!("{wanted} (SQLSTATE {code})"), "{message}");
            assert_eq!(words.guarded, words.shown);
        }
    }

    #[test]
    fn names_are_left_out_of_what_nobody_may_see() {
        for (code, message, wanted) in [
            ("42601", "syntax error at or near \"hunter2\"", "syntax error"),
            ("42601", "syntax error at end of input", "syntax error at end of input"),
            ("42P01", "relation \"hunter2\" does not exist", "relation does not exist"),
            ("42P01", "Relation »hunter2« existiert nicht", "the server refused it"),
            ("P0001", "hunter2", "the statement raised an exception"),
        ] {
            let words = Words::new(code, message);
            assert_eq!(words.shown, format!("{message} (SQLSTATE {code})"));
            assert_eq!(words.guarded, format!("{wanted} (SQLSTATE {code})"), "{message}");
        }
    }
}
