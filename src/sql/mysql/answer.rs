//! What a server answers to a command: done, an error, or rows; one after the other for several statements.

use super::fields::{Fields, Value};
use super::packets::Packets;
use super::trouble::{Answered, Trouble};
use crate::sql::session::Row;

const DONE: u8 = 0x00;
const FILE_WANTED: u8 = 0xfb;
const END: u8 = 0xfe;
const ERROR: u8 = 0xff;
/// The message that ends columns or rows is shorter than a row that begins with the same byte.
const END_LENGTH: usize = 9;
/// In the status: another statement's answer follows.
const MORE: u16 = 0x0008;

/// More than a server can have columns.
const MOST_COLUMNS: u64 = 4096;
/// What rows that are asked for may take, in memory.
const MOST_BYTES: usize = 32 * 1024 * 1024;
/// Enough for everything but rows: the text of an error has at most 512 characters.
const START: usize = 4096;

/// Whether rows are of interest.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Rows {
    Kept,
    Dropped,
}

/// What was answered so far.
#[derive(Debug, Default)]
pub(super) struct Answers {
    pub(super) rows: Vec<Row>,
    /// The statements whose answer is complete.
    pub(super) completed: usize,
    bytes: usize,
}

impl Answers {
    /// Reads the answers to all statements of a message.
    pub(super) async fn receive(&mut self, packets: &mut Packets, rows: Rows) -> Result<(), Trouble> {
        loop {
            let (message, _) = packets.receive_start(START).await?;
            let status = match message.first() {
                Some(&ERROR) => return Err(Trouble::Refused(error(&message)?)),
                Some(&FILE_WANTED) => return Err(Trouble::nonsense("it asked for a file of this machine")),
                Some(&(DONE | END)) => done(&message).ok_or_else(misunderstood)?,
                _ => self.result_set(packets, &message, rows).await?,
            };
            self.completed += 1;
            if status & MORE == 0 {
                return Ok(());
            }
        }
    }

    /// Columns, an end, rows, an end. Gives the status.
    async fn result_set(&mut self, packets: &mut Packets, message: &[u8], rows: Rows) -> Result<u16, Trouble> {
        let columns = Fields(message).length().filter(|columns| *columns <= MOST_COLUMNS).ok_or_else(misunderstood)?;
        for _ in 0..columns {
            packets.receive_start(START).await?;
        }
        let (end, length) = packets.receive_start(START).await?;
        status_of_end(&end, length).ok_or_else(misunderstood)?;
        loop {
            let (row, length) = match rows {
                Rows::Kept => {
                    let row = packets.receive(MOST_BYTES).await?;
                    let length = row.len();
                    (row, length)
                }
                Rows::Dropped => packets.receive_start(START).await?,
            };
            if row.first() == Some(&ERROR) {
                return Err(Trouble::Refused(error(&row)?));
            }
            if let Some(status) = status_of_end(&row, length) {
                return Ok(status);
            }
            if rows == Rows::Kept {
                self.keep(&row, columns)?;
            }
        }
    }

    fn keep(&mut self, row: &[u8], columns: u64) -> Result<(), Trouble> {
        let mut fields = Fields(row);
        let mut values = Vec::new();
        for _ in 0..columns {
            let value = match fields.value().ok_or_else(misunderstood)? {
                Value::Null => None,
                Value::Bytes(bytes) => Some(bytes),
            };
            self.bytes += size_of::<Option<String>>() + value.map_or(0, <[u8]>::len);
            if self.bytes > MOST_BYTES {
                return Err(Trouble::nonsense(format!("it sent rows of more than {MOST_BYTES} bytes")));
            }
            values.push(value.map(text));
        }
        self.rows.push(values);
        Ok(())
    }
}

/// Bytes that are no text are written as the server itself reads them: `0xC0FF`.
fn text(value: &[u8]) -> String {
    match std::str::from_utf8(value) {
        Ok(text) => text.to_owned(),
        Err(_) => format!("0x{}", crate::hexadecimal::hexadecimal(value).to_uppercase()),
    }
}

/// The status in the answer to a statement without rows.
fn done(message: &[u8]) -> Option<u16> {
    if message.first() == Some(&END) {
        return status_of_end(message, message.len());
    }
    let mut fields = Fields(message.get(1..)?);
    let (_affected, _inserted) = (fields.length()?, fields.length()?);
    fields.short()
}

fn status_of_end(message: &[u8], length: usize) -> Option<u16> {
    let mut fields = Fields(message);
    if length >= END_LENGTH || fields.byte()? != END {
        return None;
    }
    let _warnings = fields.short()?;
    fields.short()
}

/// Takes an error apart. Before the login it has no SQLSTATE.
pub(super) fn error(message: &[u8]) -> Result<Answered, Trouble> {
    let mut fields = Fields(message.get(1..).unwrap_or_default());
    let number = fields.short().ok_or_else(misunderstood)?;
    let text = if let [b'#', _, _, _, _, _, text @ ..] = fields.0 { text } else { fields.0 };
    Ok(Answered { number, message: String::from_utf8_lossy(text).into_owned() })
}

fn misunderstood() -> Trouble {
    Trouble::nonsense("its answer is not MySQL's")
}
