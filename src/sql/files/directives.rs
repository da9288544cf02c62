//! What comments in a file say: which part of it is the way up, and how it wants to be run.

use std::ops::Range;
use std::time::Duration;

/// What the file wants, where it says so.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Directives {
    /// The statements run one by one, each on its own.
    pub(crate) no_transaction: bool,
    /// How long a statement waits for a lock on a table or row; zero for no limit.
    pub(crate) lock_timeout: Option<Duration>,
    /// Checksums, in hexadecimal digits, that the history may hold for this file beside its own.
    pub(crate) accepted: Vec<String>,
}

/// A comment that is not understood.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Wrong {
    pub(crate) cause: String,
    pub(crate) start: usize,
    pub(crate) length: usize,
}

const KNOWN: &str = "`no-transaction`, `lock_timeout=30s` and `accept-checksum=…` are known";

/// The part of the text that is run, and what its comments say. dbmate and goose have both ways in one file.
pub(crate) fn read(text: &str) -> Result<(Range<usize>, Directives), Wrong> {
    let mut directives = Directives::default();
    let body = body(text, &mut directives)?;
    directives.take_comments(text, body.start)?;
    Ok((body, directives))
}

/// What the comments before the first statement say of the whole text.
pub(crate) fn read_leading(text: &str) -> Result<Directives, Wrong> {
    let mut directives = Directives::default();
    directives.take_comments(text, 0)?;
    Ok(directives)
}

/// Lines before the first statement, from the start of the file and from the start of the part that is run.
fn leading_comments(text: &str, body: usize) -> impl Iterator<Item = (usize, &str)> {
    let from = move |start: usize| {
        let lines = lines(text).skip_while(move |(at, _)| *at < start);
        lines.take_while(|(_, line)| line.trim().is_empty() || line.starts_with("--"))
    };
    from(0).chain(from(body).filter(move |_| body > 0))
}

fn lines(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let mut start = 0;
    text.split_inclusive('\n').map(move |line| {
        let at = start;
        start += line.len();
        (at, line.trim_end_matches(['\n', '\r']))
    })
}

fn body(text: &str, directives: &mut Directives) -> Result<Range<usize>, Wrong> {
    let mut up: Option<usize> = None;
    for (start, line) in lines(text) {
        let Some(comment) = line.strip_prefix("--").map(str::trim) else { continue };
        let mut words = comment.split_ascii_whitespace();
        match (words.next(), words.next()) {
            (Some("migrate:up"), option) if up.is_none() => {
                directives.no_transaction |= option == Some("transaction:false");
                up = Some(start);
            }
            (Some("+goose"), Some(word)) if word.eq_ignore_ascii_case("up") && up.is_none() => up = Some(start),
            (Some("+goose"), Some(word)) if word.eq_ignore_ascii_case("no") => directives.no_transaction = true,
            (Some("+goose"), Some(word)) if word.eq_ignore_ascii_case("envsub") => {
                let cause = "`+goose ENVSUB` puts variables into SQL, which is not done here".to_owned();
                return Err(Wrong { cause, start, length: line.len() });
            }
            (Some("migrate:down"), _) if up.is_some() => return Ok(up.unwrap_or_default()..start),
            (Some("+goose"), Some(word)) if word.eq_ignore_ascii_case("down") && up.is_some() => {
                return Ok(up.unwrap_or_default()..start);
            }
            (Some("migrate:down"), _) => {
                let cause = "`migrate:down` stands before any `migrate:up`".to_owned();
                return Err(Wrong { cause, start, length: line.len() });
            }
            _ => {}
        }
    }
    Ok(up.unwrap_or_default()..text.len())
}

impl Directives {
    fn take_comments(&mut self, text: &str, body: usize) -> Result<(), Wrong> {
        for (start, line) in leading_comments(text, body) {
            let comment = line.trim_start_matches('-').trim();
            if comment == "no-transaction" {
                // sqlx, in the first line.
                self.no_transaction = true;
            } else if let Some(words) = comment.strip_prefix("fitout:") {
                for word in words.split_ascii_whitespace() {
                    let at = start + line.find(word).unwrap_or_default();
                    self.take(word).map_err(|cause| Wrong { cause, start: at, length: word.len() })?;
                }
            }
        }
        Ok(())
    }

    fn take(&mut self, word: &str) -> Result<(), String> {
        match word.split_once('=') {
            None if word == "no-transaction" => self.no_transaction = true,
            Some(("lock_timeout", value)) => self.lock_timeout = Some(lock_timeout(value)?),
            Some(("accept-checksum", value))
                if value.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-') =>
            {
                self.accepted.push(value.to_ascii_lowercase());
            }
            _ => return Err(format!("`{word}` is nothing that a file can ask for: {KNOWN}")),
        }
        Ok(())
    }
}

/// `0` for no limit, or digits with `ms`, `s` or `m`.
fn lock_timeout(value: &str) -> Result<Duration, String> {
    let digits = value.bytes().take_while(u8::is_ascii_digit).count();
    let (number, unit) = value.split_at(digits);
    let refuse = || format!("`{value}` is no time: write for instance `30s`, or `0` for no limit");
    let number: u64 = number.parse().map_err(|_| refuse())?;
    let milliseconds = match unit {
        "" if number == 0 => Some(0),
        "ms" => Some(number),
        "s" => number.checked_mul(1000),
        "m" => number.checked_mul(60_000),
        _ => None,
    };
    // The longest that PostgreSQL takes is an `int` of milliseconds.
    let milliseconds = milliseconds.filter(|milliseconds| i32::try_from(*milliseconds).is_ok());
    milliseconds.map(Duration::from_millis).ok_or_else(refuse)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{Directives, read};

    #[test]
    fn the_way_up_is_run() {
        for (text, wanted) in [
            ("select 1", "select 1"),
            ("-- migrate:up\na;\n-- migrate:down\nb;", "-- migrate:up\na;\n"),
            ("-- x\n--migrate:up transaction:false\r\na;\r\n", "--migrate:up transaction:false\r\na;\r\n"),
            ("-- +goose Up\na;\n-- +goose Down\nb;", "-- +goose Up\na;\n"),
            ("-- +goose NO TRANSACTION\n-- +goose Up\na;", "-- +goose Up\na;"),
            ("", ""),
        ] {
            let (body, _) = read(text).unwrap();
            assert_eq!(&text[body], wanted, "{text}");
        }
    }

    #[test]
    fn what_a_file_asks_for() {
        let nothing = Directives::default;
        let alone = || Directives { no_transaction: true, ..nothing() };
        for (text, wanted) in [
            ("select 1;\n-- fitout: no-transaction", nothing()),
            ("-- no-transaction\nselect 1", alone()),
            ("-- a\n\n-- fitout: no-transaction\nselect 1", alone()),
            ("-- migrate:up transaction:false\nselect 1", alone()),
            ("-- migrate:up\n-- fitout: no-transaction\nselect 1", alone()),
            ("-- +goose NO TRANSACTION\n-- +goose Up\na;", alone()),
            ("-- fitout: lock_timeout=30s", Directives { lock_timeout: Some(Duration::from_secs(30)), ..nothing() }),
            ("-- fitout: lock_timeout=0", Directives { lock_timeout: Some(Duration::ZERO), ..nothing() }),
            (
                "-- fitout: accept-checksum=AB12 accept-checksum=-5",
                Directives { accepted: vec!["ab12".to_owned(), "-5".to_owned()], ..nothing() },
            ),
        ] {
            assert_eq!(read(text).unwrap().1, wanted, "{text}");
        }
    }

    #[test]
    fn what_is_not_understood_is_found() {
        for (text, cause, start) in [
            ("-- fitout: no-transactions", "`no-transactions` is nothing that a file can ask for", 11),
            ("\n-- fitout: lock_timeout=1h", "`1h` is no time", 12),
            ("-- fitout: lock_timeout=99999999999s", "`99999999999s` is no time", 11),
            ("-- migrate:down\nx", "`migrate:down` stands before any `migrate:up`", 0),
            ("-- +goose ENVSUB ON\n-- +goose Up\nx", "`+goose ENVSUB` puts variables", 0),
        ] {
            let wrong = read(text).unwrap_err();
            assert!(wrong.cause.starts_with(cause), "{text}: {wrong:?}");
            assert_eq!(wrong.start, start, "{text}");
        }
    }
}
