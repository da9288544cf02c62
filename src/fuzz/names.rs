//! Messages of name servers.

use crate::net::message::{Answer, judge, query};
use crate::spec::DnsKind;

/// Bytes of the number and of the flags of a message.
const NUMBER: usize = 2;

/// Whatever a datagram says, it is judged without a panic, and a record is found only in an answer to the question.
pub fn names(data: &[u8]) {
    let question = query(0x0102, "db.example", DnsKind::Srv);
    let found = |message: &[u8]| judge(message, &question, DnsKind::Srv) == Some(Answer::Found);
    if found(data) {
        let asked = &question[12..];
        assert!(data.starts_with(&question[..NUMBER]), "another number");
        assert!(data[12..12 + asked.len()].eq_ignore_ascii_case(asked), "another question");
        assert!(data[NUMBER] & 0x80 != 0, "a question");
    }
    // What comes behind a right head is reached more often this way.
    let head = [&question[..NUMBER], &[0x81, 0x80, 0, 1, 0, 9, 0, 0, 0, 0], &question[12..]].concat();
    let _ = found(&[&head, data].concat());
}
