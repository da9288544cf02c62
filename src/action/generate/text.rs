//! Secrets that are text, of random numbers of the operating system.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ring::error::Unspecified;
use ring::rand::{SecureRandom, SystemRandom};

use crate::hexadecimal::hexadecimal;

/// Bytes that are asked for at once.
const POOL: usize = 64;

/// Characters, each with the same chance and independent of the others.
pub(super) fn password(characters: &[char], length: usize) -> Result<String, Unspecified> {
    choose(characters, length, &SystemRandom::new())
}

fn choose(characters: &[char], length: usize, random: &dyn SecureRandom) -> Result<String, Unspecified> {
    let count = characters.len();
    // A byte at or above this would prefer the first characters, and is thrown away.
    let fair = 256 - 256 % count;
    let mut text = String::new();
    let mut chosen = 0;
    while chosen < length {
        let mut pool = [0; POOL];
        random.fill(&mut pool)?;
        let fair_bytes = pool.iter().map(|byte| usize::from(*byte)).filter(|byte| *byte < fair);
        for byte in fair_bytes.take(length - chosen) {
            text.push(characters[byte % count]);
            chosen += 1;
        }
    }
    Ok(text)
}

fn bytes(length: usize) -> Result<Vec<u8>, Unspecified> {
    let mut bytes = vec![0; length];
    SystemRandom::new().fill(&mut bytes)?;
    Ok(bytes)
}

pub(super) fn hex(length: usize) -> Result<String, Unspecified> {
    Ok(hexadecimal(&bytes(length)?))
}

pub(super) fn base64(length: usize) -> Result<String, Unspecified> {
    bytes(length).map(|bytes| STANDARD.encode(bytes))
}

/// A UUID of version 4: random but for six bits that say so.
pub(super) fn uuid() -> Result<String, Unspecified> {
    let mut bytes = bytes(16)?;
    bytes[6] = bytes[6] & 0x0f | 0x40;
    bytes[8] = bytes[8] & 0x3f | 0x80;
    let mut text = hexadecimal(&bytes);
    for at in [20, 16, 12, 8] {
        text.insert(at, '-');
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::{base64, hex, password, uuid};

    /// With 100,000 draws of 62 characters each is expected 1613 times with a standard deviation of 40; a modulo without
    /// rejection would make eight of them come 2000 times.
    #[test]
    fn every_character_has_the_same_chance() {
        let characters: Vec<char> = ('A'..='Z').chain('a'..='z').chain('0'..='9').collect();
        let text = password(&characters, 100_000).unwrap();
        assert_eq!(text.chars().count(), 100_000);
        for character in &characters {
            let count = text.chars().filter(|found| found == character).count();
            assert!((1613 - 280..1613 + 280).contains(&count), "{character}: {count}");
        }
        let pairs: std::collections::HashSet<&[u8]> = text.as_bytes().windows(2).collect();
        assert!(pairs.len() > 3800, "{}", pairs.len());
    }

    #[test]
    fn lengths_and_forms() {
        for length in [1, 63, 64, 65, 1000] {
            assert_eq!(password(&['a', '\u{e4}'], length).unwrap().chars().count(), length);
            assert_eq!(hex(length).unwrap().len(), 2 * length);
            assert_eq!(base64(length).unwrap().len(), length.div_ceil(3) * 4);
        }
        for _ in 0..100 {
            let text = uuid().unwrap();
            let parts: Vec<usize> = text.split('-').map(str::len).collect();
            assert_eq!(parts, [8, 4, 4, 4, 12]);
            assert!(text[14..].starts_with('4') && "89ab".contains(&text[19..20]), "{text}");
        }
    }
}
