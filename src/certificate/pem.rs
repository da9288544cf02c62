//! PEM: Base64 between `-----BEGIN X-----` and `-----END X-----`, with any text around it.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::Malformed;

pub(crate) const CERTIFICATE: &str = "CERTIFICATE";
pub(crate) const PRIVATE_KEY: &str = "PRIVATE KEY";

const BEGIN: &str = "-----BEGIN ";
const END: &str = "-----END ";
const DASHES: &str = "-----";
const LINE: usize = 64;

/// One block of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Block {
    pub(crate) label: String,
    /// Nothing for a key that is encrypted or broken: that it is a key is what counts.
    pub(crate) content: Vec<u8>,
    /// The line of its beginning, from 1.
    pub(crate) line: usize,
}

/// The blocks of a text; what stands around them is passed over. The error tells its line.
pub(crate) fn decode(text: &str) -> Result<Vec<Block>, (usize, Malformed)> {
    let mut blocks = Vec::new();
    let mut lines = (1..).zip(text.trim_start_matches('\u{feff}').lines().map(str::trim));
    while let Some((number, line)) = lines.next() {
        let Some(label) = line.strip_prefix(BEGIN).and_then(|rest| rest.strip_suffix(DASHES)) else { continue };
        let mut encoded = String::new();
        let mut headers = false;
        loop {
            let Some((at, line)) = lines.next() else {
                return Err((number, Malformed("the block has no end")));
            };
            if let Some(end) = line.strip_prefix(END) {
                if end.strip_suffix(DASHES) != Some(label) {
                    return Err((at, Malformed("the block ends as another one than it begins")));
                }
                break;
            }
            if line.starts_with(DASHES) {
                return Err((number, Malformed("the block has no end")));
            }
            headers |= line.contains(':');
            encoded.push_str(line);
        }
        let content = match STANDARD.decode(&encoded) {
            Ok(content) if !headers => content,
            Err(_) if !headers && !label.ends_with(PRIVATE_KEY) => {
                return Err((number, Malformed("the block is not Base64")));
            }
            _ => Vec::new(),
        };
        blocks.push(Block { label: label.to_owned(), content, line: number });
    }
    Ok(blocks)
}

/// One block, with lines of the usual length.
pub(crate) fn encode(label: &str, content: &[u8]) -> String {
    let mut text = format!("{BEGIN}{label}{DASHES}\n");
    let encoded = STANDARD.encode(content);
    let mut rest = encoded.as_str();
    while !rest.is_empty() {
        let (line, after) = rest.split_at(LINE.min(rest.len()));
        text.push_str(line);
        text.push('\n');
        rest = after;
    }
    text + END + label + DASHES + "\n"
}

#[cfg(test)]
mod tests {
    use super::{Block, decode, encode};

    #[test]
    fn blocks_with_text_around_them() {
        let block =
            |label: &str, content: &[u8], line| Block { label: label.to_owned(), content: content.to_vec(), line };
        for (text, wanted) in [
            ("", vec![]),
            ("text\n-----BEGIN A-----\nAQID\n-----END A-----\nmore", vec![block("A", &[1, 2, 3], 2)]),
            ("\u{feff}-----BEGIN A-----\r\nAQ\r\nID\r\n-----END A-----\r\n", vec![block("A", &[1, 2, 3], 1)]),
            (
                "  -----BEGIN A-----  \n  AQID \n  -----END A-----\n\n-----BEGIN B C-----\n-----END B C-----",
                vec![block("A", &[1, 2, 3], 1), block("B C", &[], 5)],
            ),
            ("-----BEGIN K-----\nProc-Type: 4,ENCRYPTED\n\n!!\n-----END K-----", vec![block("K", &[], 1)]),
        ] {
            assert_eq!(decode(text).unwrap(), wanted, "{text}");
        }
        for (text, line) in [
            ("\n-----BEGIN A-----\nAQID\n", 2),
            ("-----BEGIN A-----\nAQID\n-----END B-----\n", 3),
            ("-----BEGIN A-----\nA?ID\n-----END A-----\n", 1),
            ("-----BEGIN A-----\nAQI\n-----END A-----\n", 1),
            ("-----BEGIN A-----\nAQID\n-----BEGIN A-----\nAQID\n-----END A-----\n", 1),
        ] {
            assert_eq!(decode(text).unwrap_err().0, line, "{text}");
        }
    }

    #[test]
    fn lines_of_64() {
        for length in [0, 1, 47, 48, 49, 500] {
            let text = encode("A", &vec![9; length]);
            assert!(text.lines().all(|line| line.len() <= 64));
            assert_eq!(decode(&text).unwrap()[0].content, vec![9; length]);
        }
    }
}
