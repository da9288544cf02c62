//! Messages of DNS (RFC 1035): one question, and what is said to it. An answer may come from anybody.

use crate::spec::DnsKind;

/// Bytes of the head.
const HEAD: usize = 12;
const CLASS_IN: u16 = 1;

/// What an answer says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Answer {
    Found,
    NoSuchName,
    NoSuchRecord,
    /// It did not fit.
    Truncated,
    /// The server could not find out.
    Failed(&'static str),
}

/// The question for records of a name, which is valid.
pub(crate) fn query(number: u16, name: &str, kind: DnsKind) -> Vec<u8> {
    let mut bytes = Vec::new();
    bytes.extend(number.to_be_bytes());
    // The server is to look further itself; one question, nothing else.
    bytes.extend([1, 0, 0, 1, 0, 0, 0, 0, 0, 0]);
    for part in name.split('.') {
        bytes.push(u8::try_from(part.len()).unwrap_or(u8::MAX));
        bytes.extend(part.bytes());
    }
    bytes.push(0);
    bytes.extend(kind.number().to_be_bytes());
    bytes.extend(CLASS_IN.to_be_bytes());
    bytes
}

/// What the message says to the question; nothing when it is no answer to it.
pub(crate) fn judge(message: &[u8], question: &[u8], kind: DnsKind) -> Option<Answer> {
    let mut reader = Reader { bytes: message, at: 0 };
    let (number, flags) = (reader.number()?, reader.number()?);
    let (questions, answers) = (reader.number()?, reader.number()?);
    let is_answer = flags & 0x8000 != 0 && flags & 0x7800 == 0;
    if !is_answer || number.to_be_bytes() != question.get(..2)? {
        return None;
    }
    // Servers that cannot read a question send it back without.
    let repeated = message.get(HEAD..question.len()).is_some_and(|text| text.eq_ignore_ascii_case(&question[HEAD..]));
    match flags & 0xf {
        0 | 3 if questions != 1 || !repeated => return None,
        0 if flags & 0x0200 != 0 => return Some(Answer::Truncated),
        0 => {}
        3 => return Some(Answer::NoSuchName),
        1 => return Some(Answer::Failed("it does not understand the question")),
        2 => return Some(Answer::Failed("it failed")),
        4 => return Some(Answer::Failed("it does not know such questions")),
        5 => return Some(Answer::Failed("it refuses the question")),
        _ => return Some(Answer::Failed("it answers with an unknown code")),
    }
    reader.at = question.len();
    for _ in 0..answers {
        match reader.record() {
            None => return Some(Answer::Failed("its answer is nonsense")),
            Some((found, CLASS_IN)) if found == kind.number() => return Some(Answer::Found),
            Some(_) => {}
        }
    }
    Some(Answer::NoSuchRecord)
}

/// Goes forward only, so that no message can make it go round.
struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl Reader<'_> {
    fn number(&mut self) -> Option<u16> {
        let bytes = self.bytes.get(self.at..self.at + 2)?;
        self.at += 2;
        Some(u16::from_be_bytes([bytes[0], bytes[1]]))
    }

    fn skip(&mut self, count: usize) -> Option<()> {
        self.at += count;
        (self.at <= self.bytes.len()).then_some(())
    }

    /// Passes a name: what it is does not matter, so a pointer into the message is not followed.
    fn name(&mut self) -> Option<()> {
        loop {
            let length = *self.bytes.get(self.at)?;
            match length {
                0 => return self.skip(1),
                0xc0.. => return self.skip(2),
                1..=63 => self.skip(1 + usize::from(length))?,
                _ => return None,
            }
        }
    }

    /// Kind and class of the next record.
    fn record(&mut self) -> Option<(u16, u16)> {
        self.name()?;
        let (kind, class) = (self.number()?, self.number()?);
        // How long it may be kept.
        self.skip(4)?;
        let length = self.number()?;
        self.skip(usize::from(length))?;
        Some((kind, class))
    }
}

#[cfg(test)]
mod tests {
    use super::{Answer, judge, query};
    use crate::spec::DnsKind;

    /// An answer to the question with these flags and records.
    fn answer(question: &[u8], flags: u16, records: &[&[u8]]) -> Vec<u8> {
        let mut bytes = question[..2].to_vec();
        bytes.extend(flags.to_be_bytes());
        bytes.extend([0, 1, 0, u8::try_from(records.len()).unwrap(), 0, 0, 0, 0]);
        bytes.extend(&question[12..]);
        bytes.extend(records.concat());
        bytes
    }

    const ADDRESS: &[u8] = b"\xc0\x0c\0\x01\0\x01\0\0\0\x3c\0\x04\x0a\0\0\x01";
    const ALIAS: &[u8] = b"\xc0\x0c\0\x05\0\x01\0\0\0\x3c\0\x04\x01x\xc0\x0c";

    #[test]
    fn questions() {
        let wanted = b"\x12\x34\x01\0\0\x01\0\0\0\0\0\0\x02db\x07example\0\0\x21\0\x01";
        assert_eq!(query(0x1234, "db.example", DnsKind::Srv), wanted);
    }

    #[test]
    fn answers() {
        let question = query(7, "db.example", DnsKind::A);
        let mut shouted = answer(&question, 0x8180, &[ADDRESS]);
        shouted.make_ascii_uppercase();
        let mut other_number = answer(&question, 0x8180, &[ADDRESS]);
        other_number[1] ^= 1;
        let mut other_name = answer(&question, 0x8180, &[ADDRESS]);
        other_name[13] = b'x';
        for (message, wanted) in [
            (answer(&question, 0x8180, &[ADDRESS]), Some(Answer::Found)),
            (answer(&question, 0x8180, &[ALIAS, ADDRESS]), Some(Answer::Found)),
            (shouted, Some(Answer::Found)),
            (answer(&question, 0x8180, &[ALIAS]), Some(Answer::NoSuchRecord)),
            (answer(&question, 0x8180, &[]), Some(Answer::NoSuchRecord)),
            (answer(&question, 0x8183, &[]), Some(Answer::NoSuchName)),
            (answer(&question, 0x8182, &[]), Some(Answer::Failed("it failed"))),
            (answer(&question, 0x8185, &[]), Some(Answer::Failed("it refuses the question"))),
            (answer(&question, 0x8380, &[]), Some(Answer::Truncated)),
            // No answer at all, or to another question.
            (question.clone(), None),
            (other_number, None),
            (other_name, None),
            (Vec::new(), None),
            (question[..12].to_vec(), None),
            // Of another class, and with a record that goes beyond the end.
            (answer(&question, 0x8180, &[b"\xc0\x0c\0\x01\0\x03\0\0\0\x3c\0\0"]), Some(Answer::NoSuchRecord)),
            (
                answer(&question, 0x8180, &[b"\xc0\x0c\0\x01\0\x01\0\0\0\x3c\xff\xff"]),
                Some(Answer::Failed("its answer is nonsense")),
            ),
            // A pointer to itself is not followed.
            (answer(&question, 0x8180, &[b"\xc0\x1c\0\x10\0\x01\0\0\0\x3c\0\0", ADDRESS]), Some(Answer::Found)),
        ] {
            assert_eq!(judge(&message, &question, DnsKind::A), wanted, "{message:x?}");
        }
    }

    #[test]
    fn every_cut_and_every_changed_byte_ends() {
        let question = query(7, "db.example", DnsKind::A);
        let message = answer(&question, 0x8180, &[ALIAS, ADDRESS]);
        for length in 0..message.len() {
            assert_ne!(judge(&message[..length], &question, DnsKind::A), Some(Answer::Found), "{length}");
        }
        for at in 0..message.len() {
            for byte in 0..=u8::MAX {
                let mut changed = message.clone();
                changed[at] = byte;
                let _ = judge(&changed, &question, DnsKind::A);
            }
        }
    }
}
