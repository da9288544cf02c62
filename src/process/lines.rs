//! Bytes of a program's output as lines of text.

use super::program::{Channel, Tell};

/// A longer line is told in pieces of this many bytes: a program must not fill our memory.
const LIMIT: usize = 16 * 1024;

/// The beginning of a line whose end has not come yet.
#[derive(Debug, Default)]
pub(super) struct Lines(Vec<u8>);

impl Lines {
    /// Tells every line that these bytes complete.
    pub(super) fn push(&mut self, channel: Channel, bytes: &[u8], tell: Tell<'_>) {
        for part in bytes.split_inclusive(|byte| *byte == b'\n') {
            self.0.extend_from_slice(part);
            // One more than the limit, so that a line of exactly this length is not followed by an empty piece.
            while self.0.len() > LIMIT + 1 {
                let length = tell.cut(&self.0[..boundary(&self.0)]).max(1);
                let piece: Vec<u8> = self.0.drain(..length).collect();
                tell.line(channel, &String::from_utf8_lossy(&piece));
            }
            if self.0.ends_with(b"\n") {
                self.finish(channel, tell);
            }
        }
    }

    /// Tells what is left: a last line may have no end.
    pub(super) fn finish(&mut self, channel: Channel, tell: Tell<'_>) {
        let line = std::mem::take(&mut self.0);
        if !line.is_empty() {
            let line = line.strip_suffix(b"\n").unwrap_or(&line);
            tell.line(channel, &String::from_utf8_lossy(line.strip_suffix(b"\r").unwrap_or(line)));
        }
    }
}

/// Where to cut so that no character is cut in two. A character has at most three bytes after its first.
fn boundary(bytes: &[u8]) -> usize {
    let continues = |at: &usize| bytes[*at] & 0b1100_0000 == 0b1000_0000;
    (LIMIT - 3..=LIMIT).rev().find(|at| !continues(at)).unwrap_or(LIMIT)
}

#[cfg(test)]
mod tests {
    use super::{Channel, LIMIT, Lines};

    fn told(pieces: &[&[u8]]) -> Vec<String> {
        let (mut lines, mut told) = (Lines::default(), Vec::new());
        let mut tell = |_: Channel, line: &str| told.push(line.to_owned());
        for piece in pieces {
            lines.push(Channel::Output, piece, &mut tell);
        }
        lines.finish(Channel::Output, &mut tell);
        told
    }

    #[test]
    fn lines_come_whole() {
        assert_eq!(told(&[b"a\nb", b"c\r\n", b"\n", b"last"]), ["a", "bc", "", "last"]);
        assert_eq!(told(&[b"\xff\xfe\n"]), ["\u{fffd}\u{fffd}"]);
        assert!(told(&[]).is_empty());
    }

    #[test]
    fn a_line_without_end_is_told_in_pieces() {
        let text = "é".repeat(LIMIT);
        let told = told(&[b"x", text.as_bytes(), b"\nend\n"]);
        assert_eq!(told.last().unwrap(), "end");
        assert!(told.iter().all(|line| line.len() <= LIMIT + 1 && !line.contains('\u{fffd}')), "cut in a character");
        assert_eq!(told[..told.len() - 1].concat(), format!("x{text}"));
    }
}
