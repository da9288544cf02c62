//! Secrets: a type that cannot be printed, and a scrubber that stands before every output.

use std::cmp::Reverse;
use std::collections::BTreeSet;
use std::fmt::{self, Write as _};
use std::sync::{Arc, Mutex, PoisonError};

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD, URL_SAFE};

use crate::hexadecimal::hexadecimal;

/// What is printed in place of a secret.
pub(crate) const REDACTED: &str = "<redacted>";

/// A shorter value is masked only where it stands alone: masking every `a` would ruin the message and tell the value.
const SHORT: usize = 4;

/// A line of a secret that has several is masked on its own from this length: logs are printed line by line.
const LINE_MINIMUM: usize = SHORT;

/// A value that must not be printed. Has no `Serialize` and one door, [`Secret::expose`].
#[derive(Clone, Default, PartialEq, Eq)]
pub(crate) struct Secret<T>(T);

impl<T> Secret<T> {
    pub(crate) fn new(value: T) -> Self {
        Self(value)
    }

    /// The value itself, for the one place that needs it.
    pub(crate) fn expose(&self) -> &T {
        &self.0
    }
}

impl<T> fmt::Debug for Secret<T> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(REDACTED)
    }
}

impl<T> fmt::Display for Secret<T> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(REDACTED)
    }
}

/// Knows every secret value that was loaded and takes it out of any text. Clones share what they know.
#[derive(Clone, Default)]
pub(crate) struct Scrubber(Arc<Mutex<Known>>);

/// The longest first, as a secret may be part of another; a set, as a mounted file can have many lines.
type Known = BTreeSet<(Reverse<usize>, String)>;

impl fmt::Debug for Scrubber {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Scrubber(..)")
    }
}

impl Scrubber {
    /// Remembers a secret, what the helpers of templates make of it, and the forms it takes inside JSON, in `{:?}`, in a URL,
    /// in Base64 and in hexadecimal digits.
    pub(crate) fn learn(&self, secret: &str) {
        let mut forms = Vec::new();
        let changed = [secret.trim().to_owned(), secret.to_uppercase(), secret.to_lowercase()];
        let lines = secret.lines().filter(|line| line.len() >= LINE_MINIMUM);
        for value in std::iter::once(secret).chain(changed.iter().map(String::as_str)).chain(lines) {
            let debug = format!("{value:?}");
            let json = serde_json::Value::from(value).to_string();
            forms.extend([value.to_owned(), inner(&debug), inner(&json), percent_encoded(value)]);
            if value.len() >= SHORT {
                forms.extend([
                    STANDARD.encode(value),
                    STANDARD_NO_PAD.encode(value),
                    URL_SAFE.encode(value),
                    hexadecimal(value.as_bytes()),
                ]);
            }
        }
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        known.extend(forms.into_iter().filter(|form| !form.trim().is_empty()).map(|form| (Reverse(form.len()), form)));
    }

    /// The text with every known secret replaced by `<redacted>`, and with it every password in a URL, known or not.
    pub(crate) fn scrub(&self, text: &str) -> String {
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let mut scrubbed = text.to_owned();
        let shorter = known.range((Reverse(text.len()), String::new())..).map(|(_, secret)| secret);
        for secret in shorter.filter(|secret| text.contains(secret.as_str())) {
            scrubbed = if secret.chars().count() < SHORT {
                replace_words(&scrubbed, secret)
            } else {
                scrubbed.replace(secret.as_str(), REDACTED)
            };
        }
        mask_passwords(&scrubbed)
    }

    /// How much of what a text begins with can be told apart from the rest: no known secret is cut in two, unless it is longer than half
    /// of this. Such a one may begin here and end in what has not come yet.
    pub(crate) fn cut(&self, beginning: &[u8]) -> usize {
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let least = beginning.len() / 2;
        let mut at = beginning.len();
        let mut moved = true;
        while std::mem::take(&mut moved) {
            for (_, secret) in known.iter().filter(|(_, secret)| secret.len() <= least) {
                if let Some(start) = begins_across(secret.as_bytes(), beginning, at).filter(|start| *start >= least) {
                    (at, moved) = (start, true);
                }
            }
        }
        at
    }

    /// Learns every scalar of a secret structure.
    pub(crate) fn learn_all(&self, value: &serde_json::Value) {
        match value {
            serde_json::Value::Null | serde_json::Value::Bool(_) => {}
            serde_json::Value::Number(number) => self.learn(&number.to_string()),
            serde_json::Value::String(text) => self.learn(text),
            serde_json::Value::Array(items) => items.iter().for_each(|item| self.learn_all(item)),
            serde_json::Value::Object(entries) => entries.values().for_each(|item| self.learn_all(item)),
        }
    }
}

/// Where the secret begins, if it does so before this place of a text and goes on behind it, as far as the text goes.
fn begins_across(secret: &[u8], text: &[u8], at: usize) -> Option<usize> {
    (at.saturating_sub(secret.len().saturating_sub(1))..at).find(|start| {
        let part = &text[*start..text.len().min(start + secret.len())];
        secret.starts_with(part)
    })
}

/// Masks what stands between `:` and `@` in the authority of a URL, and behind `password=` in its options.
fn mask_passwords(text: &str) -> String {
    let mut masked = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("://") {
        masked.push_str(before);
        masked.push_str("://");
        let end = after.find(|c: char| c.is_whitespace() || "/?#\"'`<>".contains(c)).unwrap_or(after.len());
        let (authority, behind) = after.split_at(end);
        match authority.rsplit_once('@').and_then(|(user, host)| Some((user.split_once(':')?.0, host))) {
            Some((user, host)) => {
                masked.extend([user, ":", REDACTED, "@", host]);
            }
            None => masked.push_str(authority),
        }
        let end = behind.find(|c: char| c.is_whitespace() || "\"'`<>".contains(c)).unwrap_or(behind.len());
        let (options, behind) = behind.split_at(end);
        match options.find("password=").map(|at| options.split_at(at + "password=".len())) {
            Some((before, value)) => {
                let after = value.find('&').map_or("", |at| &value[at..]);
                masked.extend([before, REDACTED, after]);
            }
            None => masked.push_str(options),
        }
        rest = behind;
    }
    masked.push_str(rest);
    masked
}

fn inner(quoted: &str) -> String {
    quoted.get(1..quoted.len().saturating_sub(1)).unwrap_or_default().to_owned()
}

fn percent_encoded(value: &str) -> String {
    value.bytes().fold(String::new(), |mut text, byte| {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            text.push(char::from(byte));
        } else {
            let _ = write!(text, "%{byte:02X}");
        }
        text
    })
}

fn replace_words(text: &str, word: &str) -> String {
    let mut scrubbed = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find(word) {
        let (before, after) = (&rest[..at], &rest[at + word.len()..]);
        let alone = !before.ends_with(char::is_alphanumeric) && !after.starts_with(char::is_alphanumeric);
        scrubbed.push_str(before);
        scrubbed.push_str(if alone { REDACTED } else { word });
        rest = after;
    }
    scrubbed.push_str(rest);
    scrubbed
}

#[cfg(test)]
mod tests {
    use super::{Scrubber, Secret};

    #[test]
    fn a_secret_never_prints() {
        let secret = Secret::new("hunter2");
        assert_eq!(format!("{secret} {secret:?}"), "<redacted> <redacted>");
        assert_eq!(*secret.expose(), "hunter2");
    }

    #[test]
    fn every_form_is_scrubbed() {
        let scrubber = Scrubber::default();
        for secret in ["p@ss \"word\"", "ab", "first line of key\nsecond line of key", "p@ss"] {
            scrubber.learn(secret);
        }
        for (text, wanted) in [
            ("x=p@ss \"word\";", "x=<redacted>;"),
            (r#"{"x":"p@ss \"word\""}"#, r#"{"x":"<redacted>"}"#),
            ("postgres://u:p%40ss%20%22word%22@db", "postgres://u:<redacted>@db"),
            ("about ab, tab, ab", "about <redacted>, tab, <redacted>"),
            ("log: second line of key", "log: <redacted>"),
            ("p@ss", "<redacted>"),
            ("nothing", "nothing"),
            ("at `postgres://u:unknown@db/x?a=b@c`,", "at `postgres://u:<redacted>@db/x?a=b@c`,"),
            ("http://host:80/path?x=a@b https://u@h/", "http://host:80/path?x=a@b https://u@h/"),
            ("postgres://h/db?user=u&password=pw&x=y'", "postgres://h/db?user=u&password=<redacted>&x=y'"),
            ("a://b:c@d e://f:g@h", "a://b:<redacted>@d e://f:<redacted>@h"),
        ] {
            assert_eq!(scrubber.scrub(text), wanted, "{text}");
        }
    }

    #[test]
    fn no_secret_is_cut_in_two() {
        let scrubber = Scrubber::default();
        scrubber.learn("hunter2");
        scrubber.learn("ab hunt");
        for (text, wanted) in [
            ("--------------hunter2", 21),
            ("--------------hunter", 14),
            ("---------------h", 15),
            // The end of one is the beginning of the other.
            ("----------ab hunter", 10),
            ("----------ab hun", 10),
            ("----------ab hxn", 16),
            ("hunter", 6),
            ("", 0),
        ] {
            assert_eq!(scrubber.cut(text.as_bytes()), wanted, "{text}");
        }
    }

    #[test]
    fn an_empty_secret_scrubs_nothing() {
        let scrubber = Scrubber::default();
        scrubber.learn("");
        scrubber.learn("\n");
        assert_eq!(scrubber.scrub("a\nb"), "a\nb");
    }
}
