//! Several statements in one message, and where in their file each of them stands.

use std::io::Cursor;
use std::pin::pin;

use futures_sink::Sink as _;
use tokio_postgres::error::ErrorPosition;
use tokio_postgres::{Client, Error};

use crate::sql::lexer::Statement;

/// A message to the server.
#[derive(Debug)]
pub(super) struct Message {
    pub(super) text: String,
    /// Statements of ours that stand before those of the file.
    ours: usize,
    /// For each statement of the file: its first byte in the message, in the file, and its length.
    statements: Vec<(usize, usize, usize)>,
}

impl Message {
    /// Begins with statements of ours, each of which ends with a semicolon.
    pub(super) fn new(before: String) -> Self {
        Self { ours: before.matches(';').count(), text: before, statements: Vec::new() }
    }

    /// The line break ends a comment that the statement may end in.
    pub(super) fn push(&mut self, statement: &Statement<'_>) {
        let start = statement.head().map_or(statement.start, |head| head.start);
        self.statements.push((self.text.len(), start, statement.sql().len()));
        self.text.push_str(statement.sql());
        self.text.push_str("\n;\n");
    }

    /// The byte of the file where it failed: where the server says, else at the statement that was not completed.
    pub(super) fn place(&self, error: &Error, completed: usize) -> Option<usize> {
        let position = match error.as_db_error()?.position() {
            Some(ErrorPosition::Original(position)) => usize::try_from(*position).ok(),
            _ => None,
        };
        // Characters, counted from 1.
        if let Some((byte, _)) = position.and_then(|position| self.text.char_indices().nth(position.checked_sub(1)?)) {
            // Our own semicolon stands on the line after the statement.
            let holds = |(start, _, length): &&(usize, usize, usize)| (*start..=start + length + 1).contains(&byte);
            return self.statements.iter().find(holds).map(|(start, file, length)| file + (byte - start).min(*length));
        }
        self.statements.get(completed.checked_sub(self.ours)?).map(|(_, file, _)| *file)
    }
}

/// A message, and the `COPY` that follows it.
#[derive(Debug)]
pub(super) struct Part<'a> {
    pub(super) message: Message,
    pub(super) copy: Option<&'a Statement<'a>>,
}

impl Part<'_> {
    /// The byte of the file where it failed.
    pub(super) fn place(&self, error: &Error, completed: usize) -> Option<usize> {
        let of_copy = || self.copy.and_then(Statement::head).map(|head| head.start);
        self.message.place(error, completed).or_else(of_copy)
    }
}

/// The statements of a file between some of ours, in as few messages as there can be: one, and one more behind each `COPY` that
/// reads lines of the file.
pub(super) fn parts<'a>(before: String, statements: &'a [Statement<'a>], after: &str) -> Vec<Part<'a>> {
    let mut parts = Vec::new();
    let mut message = Message::new(before);
    for statement in statements {
        if statement.copy_data().is_some() {
            let message = std::mem::replace(&mut message, Message::new(String::new()));
            parts.push(Part { message, copy: Some(statement) });
        } else {
            message.push(statement);
        }
    }
    message.text.push_str(after);
    parts.push(Part { message, copy: None });
    parts
}

/// How much is handed over at once.
const PIECE: usize = 64 * 1024;

/// Sends a `COPY` and its lines.
pub(super) async fn copy(client: &Client, sql: &str, data: &str) -> Result<(), Error> {
    let mut sink = pin!(client.copy_in::<_, Cursor<Vec<u8>>>(sql).await?);
    for piece in data.as_bytes().chunks(PIECE) {
        std::future::poll_fn(|context| sink.as_mut().poll_ready(context)).await?;
        sink.as_mut().start_send(Cursor::new(piece.to_vec()))?;
    }
    sink.finish().await.map(drop)
}
