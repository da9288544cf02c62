//! The checksums of other runners.

/// CRC-32 as zlib and Ethernet have it.
pub(super) fn crc32<'a>(parts: impl IntoIterator<Item = &'a [u8]>) -> u32 {
    let mut crc = u32::MAX;
    for byte in parts.into_iter().flatten() {
        crc ^= u32::from(*byte);
        for _ in 0..8 {
            let carry = if crc & 1 == 1 { 0xedb8_8320 } else { 0 };
            crc = (crc >> 1) ^ carry;
        }
    }
    !crc
}

/// SipHash-1-3 with the key 0.
pub(super) fn siphash(bytes: &[u8]) -> u64 {
    let mut state = [0x736f_6d65_7073_6575_u64, 0x646f_7261_6e64_6f6d, 0x6c79_6765_6e65_7261, 0x7465_6462_7974_6573];
    let mut take = |word: u64| {
        state[3] ^= word;
        round(&mut state);
        state[0] ^= word;
    };
    let mut chunks = bytes.chunks_exact(8);
    for chunk in chunks.by_ref() {
        take(word(chunk));
    }
    // The last word holds the length, modulo 256, in its highest byte.
    let length = (bytes.len() as u64) << 56;
    take(word(chunks.remainder()) | length);
    state[2] ^= 0xff;
    for _ in 0..3 {
        round(&mut state);
    }
    state.iter().fold(0, |hash, part| hash ^ part)
}

fn word(bytes: &[u8]) -> u64 {
    bytes.iter().rev().fold(0, |word, byte| (word << 8) | u64::from(*byte))
}

fn round(v: &mut [u64; 4]) {
    v[0] = v[0].wrapping_add(v[1]);
    v[2] = v[2].wrapping_add(v[3]);
    v[1] = v[1].rotate_left(13) ^ v[0];
    v[3] = v[3].rotate_left(16) ^ v[2];
    v[0] = v[0].rotate_left(32);
    v[2] = v[2].wrapping_add(v[1]);
    v[0] = v[0].wrapping_add(v[3]);
    v[1] = v[1].rotate_left(17) ^ v[2];
    v[3] = v[3].rotate_left(21) ^ v[0];
    v[2] = v[2].rotate_left(32);
}

/// Java's `String.hashCode`, over UTF-16.
pub(super) fn java_hash(text: &str) -> i32 {
    text.encode_utf16().fold(0_i32, |hash, unit| hash.wrapping_mul(31).wrapping_add(i32::from(unit)))
}

#[cfg(test)]
mod tests {
    use super::{crc32, java_hash, siphash};

    #[test]
    fn published_values() {
        assert_eq!(crc32([b"1234".as_slice(), b"56789"]), 0xcbf4_3926);
        assert_eq!(crc32([]), 0);
        assert_eq!(java_hash("hello"), 99_162_322);
        assert_eq!(java_hash("\"public\".\"flyway_schema_history\""), 2_125_624_436);
    }

    /// The standard library has the same function with the same key, but promises to keep it no more than for a day.
    #[test]
    fn siphash_is_that_of_the_standard_library() {
        use std::hash::{DefaultHasher, Hasher as _};

        let text: Vec<u8> = (0..=255).collect();
        for length in [0, 1, 7, 8, 9, 15, 16, 255] {
            let mut hasher = DefaultHasher::new();
            hasher.write(&text[..length]);
            assert_eq!(siphash(&text[..length]), hasher.finish(), "{length}");
        }
    }
}
