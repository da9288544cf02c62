//! Versions as <https://semver.org> orders them, and ranges of them.
//!
//! A range is comparators joined by commas, all of which must hold. A version in a range may leave parts out: `>1.2` begins at
//! `1.3.0`. A pre-release is in a range only if a comparator names one of the same version: `>=1.2` does not mean `2.0.0-rc.1`.

use std::cmp::Ordering;

use super::call::{Call, Outcome};
use super::table::Entry;

pub(super) const ENTRIES: &[Entry] = &[
    Entry::new(
        "semver",
        "VERSION RANGE",
        "Whether the version is in the range: `= != > >= < <= ^ ~`, joined by commas; without one of them `=`. A pre-release is \
         only in a range that names one of the same version.",
        ("{{semver \"1.4.2\" \">=1.2, <2\"}} {{semver \"v0.3.0\" \"^0.2.1\"}}", "true false"),
        semver,
    ),
    Entry::new(
        "semver_compare",
        "A B",
        "-1, 0 or 1: whether A comes before, with or after B.",
        ("{{semver_compare \"1.10.0\" \"1.9.0\"}}", "1"),
        |call| Ok((version(call, 0)?.cmp(&version(call, 1)?) as i8).into()),
    ),
];

#[derive(PartialEq, Eq)]
struct Version {
    parts: [u64; 3],
    /// Identifiers of the pre-release; none of a release.
    pre: Vec<Identifier>,
}

#[derive(PartialEq, Eq, PartialOrd, Ord)]
enum Identifier {
    Number(u64),
    Word(String),
}

impl Ord for Version {
    fn cmp(&self, other: &Self) -> Ordering {
        let release_last = self.pre.is_empty().cmp(&other.pre.is_empty());
        self.parts.cmp(&other.parts).then(release_last).then_with(|| self.pre.cmp(&other.pre))
    }
}

impl PartialOrd for Version {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// Reads a version and how many of its three parts were written.
fn parse(text: &str) -> Option<(Version, usize)> {
    let text = text.trim();
    let text = text.strip_prefix('v').unwrap_or(text);
    let text = match text.split_once('+') {
        Some((before, build)) => identifiers(build, false).map(|_| before)?,
        None => text,
    };
    let (numbers, pre) = match text.split_once('-') {
        Some((numbers, pre)) => (numbers, identifiers(pre, true)?),
        None => (text, Vec::new()),
    };
    let (mut parts, mut written) = ([0; 3], 0);
    for number in numbers.split('.') {
        *parts.get_mut(written)? = plain_number(number)?;
        written += 1;
    }
    (pre.is_empty() || written == 3).then_some((Version { parts, pre }, written))
}

fn plain_number(text: &str) -> Option<u64> {
    let plain = text.bytes().all(|byte| byte.is_ascii_digit()) && (text == "0" || !text.starts_with('0'));
    if plain { text.parse().ok() } else { None }
}

fn identifiers(text: &str, strict: bool) -> Option<Vec<Identifier>> {
    text.split('.').map(|word| identifier(word, strict)).collect()
}

fn identifier(word: &str, strict: bool) -> Option<Identifier> {
    if word.is_empty() || !word.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-') {
        return None;
    }
    if strict && word.bytes().all(|byte| byte.is_ascii_digit()) {
        return plain_number(word).map(Identifier::Number);
    }
    Some(Identifier::Word(word.to_owned()))
}

fn version(call: &Call<'_>, index: usize) -> Result<Version, String> {
    let (version, _) =
        parse(&call.text(index)?).ok_or_else(|| format!("parameter {} is not a version such as `1.2.3`", index + 1))?;
    Ok(version)
}

fn semver(call: &Call<'_>) -> Outcome {
    let (version, range) = (version(call, 0)?, call.text(1)?);
    let comparators: Option<Vec<Comparator>> = range.split(',').map(Comparator::parse).collect();
    let comparators = comparators.ok_or("parameter 2 is not a range such as `>=1.2, <2`")?;
    let named = |comparator: &Comparator| !comparator.base.pre.is_empty() && comparator.base.parts == version.parts;
    let allowed = version.pre.is_empty() || comparators.iter().any(named);
    Ok((allowed && comparators.iter().all(|comparator| comparator.holds(&version))).into())
}

struct Comparator {
    sign: &'static str,
    base: Version,
    written: usize,
}

impl Comparator {
    fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        let sign = ["!=", ">=", "<=", ">", "<", "=", "^", "~"].into_iter().find(|sign| text.starts_with(sign));
        let (base, written) = parse(text.strip_prefix(sign.unwrap_or_default())?)?;
        Some(Self { sign: sign.unwrap_or("="), base, written })
    }

    fn holds(&self, version: &Version) -> bool {
        // The versions that the written parts mean: `1.2` is from 1.2.0 up to before 1.3.0.
        let last = self.written.saturating_sub(1);
        let within =
            *version >= self.base && (self.next(last).is_none_or(|next| *version < next) || *version == self.base);
        let exact = if self.written == 3 { *version == self.base } else { within };
        match self.sign {
            "=" => exact,
            "!=" => !exact,
            ">=" => *version >= self.base,
            "<" => *version < self.base,
            ">" => *version > self.base && !exact,
            "<=" => *version < self.base || exact,
            "~" => *version >= self.base && self.below(last.min(1), version),
            _ => {
                let first_other = self.base.parts.iter().take(self.written).position(|part| *part != 0);
                *version >= self.base && self.below(first_other.unwrap_or(last), version)
            }
        }
    }

    fn below(&self, part: usize, version: &Version) -> bool {
        self.next(part).is_none_or(|next| version.parts < next.parts)
    }

    /// The first version with this part one higher; none if there is no higher number.
    fn next(&self, part: usize) -> Option<Version> {
        let mut parts = self.base.parts;
        parts[part] = parts[part].checked_add(1)?;
        parts[part + 1..].fill(0);
        Some(Version { parts, pre: Vec::new() })
    }
}
