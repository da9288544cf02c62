//! Options as `getopt` reads them: they end before the first word that is none, and behind `--`.

use std::ffi::OsString;

/// An option by its letter, with its value if it takes one.
pub(super) type Found = (char, String);

/// What a program knows.
pub(super) struct Known {
    /// Letters; one that takes a value has a `:` behind it.
    pub(super) letters: &'static str,
    /// Long names with their letters.
    pub(super) names: &'static [(&'static str, char)],
}

/// The options, and the words behind them; or what is wrong.
pub(super) fn split<'a>(known: &Known, words: &'a [OsString]) -> Result<(Vec<Found>, &'a [OsString]), String> {
    let mut found = Vec::new();
    let mut rest = words;
    while let Some((word, behind)) = rest.split_first() {
        let Some(text) = word.to_str().filter(|text| text.len() > 1 && text.starts_with('-')) else { break };
        rest = behind;
        if text == "--" {
            break;
        }
        match text.strip_prefix("--") {
            Some(long) => found.push(known.long(long, &mut rest)?),
            None => known.cluster(&text[1..], &mut rest, &mut found)?,
        }
    }
    Ok((found, rest))
}

impl Known {
    fn long(&self, word: &str, rest: &mut &[OsString]) -> Result<Found, String> {
        let (name, joined) = word.split_once('=').map_or((word, None), |(name, value)| (name, Some(value)));
        let known = self.names.iter().find(|(known, _)| *known == name);
        let (_, letter) = known.ok_or_else(|| format!("unknown option `--{name}`"))?;
        match (self.takes_value(*letter), joined) {
            (Some(true), Some(value)) => Ok((*letter, value.to_owned())),
            (Some(true), None) => Ok((*letter, next(&format!("--{name}"), rest)?)),
            (_, Some(_)) => Err(format!("the option `--{name}` takes no value")),
            (_, None) => Ok((*letter, String::new())),
        }
    }

    /// Several letters in one word; what is behind one that takes a value is that value.
    fn cluster(&self, letters: &str, rest: &mut &[OsString], found: &mut Vec<Found>) -> Result<(), String> {
        for (at, letter) in letters.char_indices() {
            match self.takes_value(letter) {
                None => return Err(format!("unknown option `-{letter}`")),
                Some(false) => found.push((letter, String::new())),
                Some(true) => {
                    let joined = &letters[at + letter.len_utf8()..];
                    let value = if joined.is_empty() { next(&format!("-{letter}"), rest)? } else { joined.to_owned() };
                    found.push((letter, value));
                    break;
                }
            }
        }
        Ok(())
    }

    /// Nothing when the option is not known.
    fn takes_value(&self, letter: char) -> Option<bool> {
        let at = self.letters.find(letter).filter(|_| letter != ':')?;
        Some(self.letters[at + 1..].starts_with(':'))
    }
}

fn next(option: &str, rest: &mut &[OsString]) -> Result<String, String> {
    let (value, behind) = rest.split_first().ok_or_else(|| format!("the option `{option}` needs a value"))?;
    *rest = behind;
    value.to_str().map(str::to_owned).ok_or_else(|| format!("the value of the option `{option}` is not UTF-8"))
}

#[cfg(test)]
mod tests {
    use std::ffi::OsString;

    use super::{Known, split};

    const KNOWN: Known = Known { letters: "gve:", names: &[("verbose", 'v'), ("exit", 'e')] };

    #[test]
    fn options_end_where_the_command_begins() {
        for (line, wanted) in [
            ("-g ls -g", "g= | ls -g"),
            ("-gv -e 1 -- -x", "g= v= e=1 | -x"),
            ("-ve12 a", "v= e=12 | a"),
            ("--verbose --exit=3 --exit 4 a --verbose", "v= e=3 e=4 | a --verbose"),
            ("- a", " | - a"),
            ("", " | "),
            ("-x", "unknown option `-x`"),
            ("-g:", "unknown option `-:`"),
            ("-e", "the option `-e` needs a value"),
            ("--exit", "the option `--exit` needs a value"),
            ("--verbose=1", "the option `--verbose` takes no value"),
            ("--other", "unknown option `--other`"),
        ] {
            let words: Vec<OsString> = line.split_whitespace().map(OsString::from).collect();
            let told = match split(&KNOWN, &words) {
                Ok((found, rest)) => {
                    let found: Vec<_> = found.iter().map(|(letter, value)| format!("{letter}={value}")).collect();
                    let rest: Vec<_> = rest.iter().map(|word| word.to_str().unwrap()).collect();
                    format!("{} | {}", found.join(" "), rest.join(" "))
                }
                Err(problem) => problem,
            };
            assert_eq!(told, wanted, "{line}");
        }
    }
}
