//! Hostile values: a fixed list, and random ones by a seed.

use std::collections::BTreeSet;

/// What means something to some format, and characters that programs mistake.
const WORDS: [&str; 62] = [
    "{{",
    "}}",
    "{{{this}}}",
    "${",
    "$(",
    "$((",
    "$'",
    "${IFS}",
    "$HOME",
    "`id`",
    "]]>",
    "]]",
    "<![CDATA[",
    "--",
    "-->",
    "<!--",
    "<x/>",
    "&amp;",
    "&#10;",
    "?>",
    "*/",
    "/*",
    "$$",
    "$t$",
    "\r\n",
    "\n\n",
    "\n  ",
    "\n\t",
    "\nEOF\n",
    "EOF",
    ": ",
    " #",
    " ;",
    "- ",
    "---",
    "...",
    "'''",
    "\"\"\"",
    "\\n",
    "\\x41",
    "\\u0041",
    "%s",
    "%(a)s",
    "\u{7f}",
    "\u{80}",
    "\u{85}",
    "\u{a0}",
    "é",
    "ÿ",
    "\u{81}",
    "\u{2028}",
    "\u{2029}",
    "\u{feff}",
    "\u{fdd0}",
    "\u{fdd1}",
    "\u{fdd0}0\u{fdd1}",
    "\u{fffe}",
    "\u{ffff}",
    "\u{1f600}",
    "\u{10ffff}",
    "\u{d7ff}",
    "e\u{301}",
];

/// Texts that are something else without quotes, or that end a place as a whole.
const TEXTS: [&str; 44] = [
    "",
    " ",
    "a b",
    "true",
    "False",
    "yes",
    "off",
    "null",
    "~",
    "1",
    "-1",
    "0x1f",
    "0o17",
    "1e5",
    ".5",
    "1_000",
    "1:30",
    "nan",
    ".inf",
    "2001-12-14",
    "2001-12-14T21:59:43Z",
    "<<",
    "=",
    "-",
    "a: b",
    "{a: b}",
    "[a]",
    "!!int 1",
    "&a",
    "*a",
    "|",
    ">",
    "%a",
    "if",
    "esac",
    "x=1",
    "\", \"admin\": true, \"x\": \"",
    "'; DROP TABLE users; --",
    "' OR '1'='1",
    "$(touch /owned)",
    "\"; return 403; #",
    "</v><admin/><v>",
    "a\nadmin: true",
    "../../etc/passwd",
];

/// The fixed values: every ASCII control and punctuation character alone and between, before and behind others.
pub(super) fn fixed() -> Vec<String> {
    let mut values: Vec<String> = TEXTS.iter().map(|text| (*text).to_owned()).collect();
    let characters = (0..=0x7f_u8).map(char::from).filter(|c| !c.is_ascii_alphanumeric());
    let pieces = characters.map(String::from).chain(WORDS.iter().map(|word| (*word).to_owned()));
    for piece in pieces {
        values.extend([
            piece.clone(),
            format!("a{piece}b"),
            format!("a{piece}"),
            format!("{piece}b"),
            format!("{piece}{piece}"),
            format!("a {piece} b"),
        ]);
    }
    values.push((0..=0x7f_u8).map(char::from).collect());
    values.push((1..=0x7f_u8).map(char::from).collect());
    values.push((b' '..=b'~').map(char::from).collect());
    unique(values)
}

pub(super) fn unique(values: Vec<String>) -> Vec<String> {
    let mut seen = BTreeSet::new();
    values.into_iter().filter(|value| seen.insert(value.clone())).collect()
}

/// A megabyte of everything that the place can hold. No file of values can hold NUL as it is.
pub(super) fn megabyte(fits: impl Fn(&str) -> bool) -> String {
    let mut period = String::from("a");
    for piece in fixed() {
        let longer = format!("{period}{piece}b");
        if longer.len() < 8000 && !piece.contains('\0') && fits(&longer) {
            period = longer;
        }
    }
    period.repeat(1_000_000 / period.len() + 1)
}

/// The seed that was asked for, or always the same one.
pub(super) fn seed() -> u64 {
    let seed = std::env::var("FITOUT_SEED").ok().map_or(0x5eed_f17b_a11a_57ed, |seed| seed.parse().unwrap());
    eprintln!("FITOUT_SEED={seed}");
    seed
}

/// Some of the values, in their order.
pub(super) fn sample(seed: u64, values: Vec<String>, count: usize) -> Vec<String> {
    let mut numbers = XorShift(seed | 1);
    let mut left = values.len();
    let mut wanted = count.min(left);
    let mut take = || {
        let taken = numbers.below(left) < wanted;
        left -= 1;
        wanted -= usize::from(taken);
        taken
    };
    values.into_iter().filter(|_| take()).collect()
}

/// Random values, half of them without control characters.
pub(super) fn random(seed: u64, count: usize) -> Vec<String> {
    let mut numbers = XorShift(seed | 1);
    let mut values = Vec::new();
    for index in 0..count {
        let mut value = String::new();
        for _ in 0..numbers.below(24) {
            match numbers.below(8) {
                0 => value.push_str(WORDS[numbers.below(WORDS.len())]),
                1 => value.push_str(TEXTS[numbers.below(TEXTS.len())]),
                2 if index % 2 == 0 => value.push(char::from(u8::try_from(numbers.below(0x20)).unwrap())),
                3 if index % 2 == 0 => value.extend(char::from_u32(u32::try_from(numbers.below(0x11_0000)).unwrap())),
                _ => value.push(char::from(b' ' + u8::try_from(numbers.below(0x5f)).unwrap())),
            }
        }
        values.push(value);
    }
    values
}

struct XorShift(u64);

impl XorShift {
    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from((self.0 >> 11) % u64::try_from(limit).unwrap()).unwrap()
    }
}
