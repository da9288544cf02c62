//! Searches in bytes, eight at a time.

const ONES: u64 = 0x0101_0101_0101_0101;
const HIGH: u64 = 0x8080_8080_8080_8080;

/// The first place from `at` on with one of two bytes or a control character, or the end.
#[inline]
pub(super) fn end_of_text(bytes: &[u8], at: usize, first: u8, second: u8) -> usize {
    let (first_word, second_word) = (repeated(first), repeated(second));
    search(
        bytes,
        at,
        |word| zeros(word ^ first_word) | zeros(word ^ second_word) | below_blank(word),
        |byte| byte == first || byte == second || byte < b' ',
    )
}

/// The first place from `at` on with a line break or carriage return, or the end.
#[inline]
pub(super) fn end_of_line(bytes: &[u8], at: usize) -> usize {
    let (feed, carriage) = (repeated(b'\n'), repeated(b'\r'));
    search(bytes, at, |word| zeros(word ^ feed) | zeros(word ^ carriage), |byte| matches!(byte, b'\n' | b'\r'))
}

/// The first place from `at` on with another byte than this one, or the end.
#[inline]
pub(super) fn end_of_run(bytes: &[u8], at: usize, same: u8) -> usize {
    let same_word = repeated(same);
    search(bytes, at, |word| word ^ same_word, |byte| byte != same)
}

/// The first place that is wanted. Of the first word that is not 0, the lowest bit that is set tells the place.
#[inline]
fn search(bytes: &[u8], at: usize, marks: impl Fn(u64) -> u64, wanted: impl Fn(u8) -> bool) -> usize {
    let mut at = at;
    while let Some(word) = bytes.get(at..).and_then(<[u8]>::first_chunk) {
        let marked = marks(u64::from_le_bytes(*word));
        if marked != 0 {
            return at + marked.trailing_zeros() as usize / 8;
        }
        at += 8;
    }
    let rest = bytes.get(at..).unwrap_or_default();
    at + rest.iter().position(|&byte| wanted(byte)).unwrap_or(rest.len())
}

fn repeated(byte: u8) -> u64 {
    u64::from(byte).wrapping_mul(ONES)
}

/// Marks the bytes that are 0. Those above the lowest one may be marked wrongly.
fn zeros(word: u64) -> u64 {
    word.wrapping_sub(ONES) & !word & HIGH
}

/// Marks the control characters. Bytes above the lowest one may be marked wrongly.
fn below_blank(word: u64) -> u64 {
    word.wrapping_sub(repeated(b' ')) & !word & HIGH
}

#[cfg(test)]
mod tests {
    use super::{end_of_line, end_of_run, end_of_text};

    #[test]
    fn searches_find_the_same_as_a_look_at_each_byte() {
        let text: Vec<u8> = (0..=255).chain((0..=255).rev()).chain(*b"aaaaaaaaaaaaaaaaaaa\"aaaaaa  \\a").collect();
        for at in 0..=text.len() {
            let stops = |byte: &u8| matches!(byte, b'"' | b'\\' | 0..=0x1f);
            let wanted = text[at..].iter().position(stops).map_or(text.len(), |found| at + found);
            assert_eq!(end_of_text(&text, at, b'"', b'\\'), wanted);
            let wanted = text[at..].iter().position(|byte| *byte != b'a').map_or(text.len(), |found| at + found);
            assert_eq!(end_of_run(&text, at, b'a'), wanted);
            let wanted =
                text[at..].iter().position(|byte| matches!(byte, b'\n' | b'\r')).map_or(text.len(), |found| at + found);
            assert_eq!(end_of_line(&text, at), wanted);
        }
    }
}
