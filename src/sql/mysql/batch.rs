//! Statements put together into as few messages as the server takes.

/// What stands between statements: the line break ends a comment.
const BETWEEN: &str = "\n;\n";

/// Some of the statements, for one message.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Message {
    pub(super) sql: String,
    /// The number of its first statement among all.
    pub(super) first: usize,
}

/// Messages of at most `longest` bytes; a statement that is longer than that is alone in its message.
pub(super) fn messages<'a>(statements: impl IntoIterator<Item = &'a str>, longest: usize) -> Vec<Message> {
    let mut messages: Vec<Message> = Vec::new();
    for (number, statement) in statements.into_iter().enumerate() {
        match messages.last_mut() {
            Some(message) if message.sql.len() + BETWEEN.len() + statement.len() <= longest => {
                message.sql.push_str(BETWEEN);
                message.sql.push_str(statement);
            }
            _ => messages.push(Message { sql: statement.to_owned(), first: number }),
        }
    }
    messages
}

#[cfg(test)]
mod tests {
    use super::messages;

    #[test]
    fn messages_are_as_long_as_the_server_takes_them() {
        let three = ["one", "two -- x", "three"];
        for (longest, wanted) in [
            (100, vec![("one\n;\ntwo -- x\n;\nthree", 0)]),
            (22, vec![("one\n;\ntwo -- x\n;\nthree", 0)]),
            (21, vec![("one\n;\ntwo -- x", 0), ("three", 2)]),
            (14, vec![("one\n;\ntwo -- x", 0), ("three", 2)]),
            (13, vec![("one", 0), ("two -- x", 1), ("three", 2)]),
            (1, vec![("one", 0), ("two -- x", 1), ("three", 2)]),
        ] {
            let found = messages(three, longest);
            let found: Vec<_> = found.iter().map(|message| (message.sql.as_str(), message.first)).collect();
            assert_eq!(found, wanted, "{longest}");
        }
        assert!(messages([], 10).is_empty());
    }
}
