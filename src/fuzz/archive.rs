//! Archives of any bytes.

use std::io::Cursor;

use crate::archive::{Archive, Entry, EntryKind, Error, Limits, link_refusal, parts};

const LIMITS: Limits = Limits { size: 1 << 20, entries: 1000, ratio: None };

/// Whatever the bytes are, they are read to the same entries in small pieces and in large ones, each content has the length that
/// was said before, and no name that is accepted leads up.
pub fn archive(data: &[u8]) {
    let small = read(data, 7);
    assert_eq!(small, read(data, 64 * 1024), "read in another way it is another archive");
    for (entry, content) in &small.0 {
        if entry.kind == EntryKind::File {
            assert_eq!(entry.size, content.len() as u64, "a content has another length than was said");
        }
        if let Ok(parts) = parts(&entry.name) {
            assert!(parts.iter().all(|part| !matches!(*part, b"" | b"." | b"..") && !part.contains(&b'/')));
        }
        if let EntryKind::Link(says) = &entry.kind
            && link_refusal(says, 0).is_none()
        {
            assert!(!says.starts_with(b"/") && says.split(|byte| *byte == b'/').all(|part| part != b".."));
        }
    }
}

/// The entries with their contents that were whole, and why the archive could not be read on.
fn read(data: &[u8], piece: usize) -> (Vec<(Entry, Vec<u8>)>, Option<Error>) {
    let mut entries = Vec::new();
    let error = read_entries(data, piece, &mut entries).err();
    (entries, error)
}

fn read_entries(data: &[u8], piece: usize, entries: &mut Vec<(Entry, Vec<u8>)>) -> Result<(), Error> {
    let mut archive = Archive::open(Cursor::new(data), LIMITS, &|| false)?;
    let mut buffer = vec![0; piece];
    while let Some(entry) = archive.next_entry()? {
        let mut content = Vec::new();
        loop {
            match archive.read(&mut buffer)? {
                0 => break,
                length => content.extend_from_slice(&buffer[..length]),
            }
        }
        entries.push((entry, content));
    }
    Ok(())
}
