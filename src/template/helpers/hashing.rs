//! Checksums, as hexadecimal digits.

use hmac::{Hmac, KeyInit, Mac};
use md5::Md5;
use serde_json::Value;
use sha2::{Digest, Sha256, Sha512};

use super::call::Call;
use super::table::Entry;
use crate::hexadecimal::hexadecimal;

pub(super) const ENTRIES: &[Entry] = &[
    Entry::new("sha256", "TEXT", "SHA-256.", ("{{truncate (sha256 \"abc\") 8}}", "ba7816bf"), |call| {
        Ok(hexadecimal(&Sha256::digest(call.text(0)?.as_bytes())).into())
    }),
    Entry::new("sha512", "TEXT", "SHA-512.", ("{{truncate (sha512 \"abc\") 8}}", "ddaf35a1"), |call| {
        Ok(hexadecimal(&Sha512::digest(call.text(0)?.as_bytes())).into())
    }),
    Entry::new(
        "hmac_sha256",
        "TEXT KEY",
        "The HMAC of the text with the key.",
        ("{{truncate (hmac_sha256 \"what do ya want for nothing?\" \"Jefe\") 8}}", "5bdcc146"),
        hmac,
    ),
    Entry::new(
        "md5",
        "TEXT",
        "MD5, for formats that want it; it protects nothing.",
        ("{{md5 \"abc\"}}", "900150983cd24fb0d6963f7d28e17f72"),
        |call| Ok(hexadecimal(&Md5::digest(call.text(0)?.as_bytes())).into()),
    ),
    Entry::new("crc32", "TEXT", "CRC-32, as zlib has it.", ("{{crc32 \"123456789\"}}", "cbf43926"), |call| {
        Ok(format!("{:08x}", crc32(call.text(0)?.as_bytes())).into())
    }),
];

fn hmac(call: &Call<'_>) -> Result<Value, String> {
    let mut mac = Hmac::<Sha256>::new_from_slice(call.text(1)?.as_bytes()).map_err(|_| "the key has a wrong length")?;
    mac.update(call.text(0)?.as_bytes());
    Ok(hexadecimal(&mac.finalize().into_bytes()).into())
}

fn crc32(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(u32::MAX, |sum, byte| {
        (0..8).fold(sum ^ u32::from(*byte), |sum, _| if sum & 1 == 1 { (sum >> 1) ^ 0xedb8_8320 } else { sum >> 1 })
    })
}
