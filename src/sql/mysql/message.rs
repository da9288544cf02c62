//! The server's words for an error, without what they hold of rows, and the place that they tell.

use super::trouble::Answered;

const SYNTAX_ERROR: u16 = 1064;
/// Errors whose text holds a value of a row between quotes: duplicate keys, values that do not fit their column.
const WITH_VALUE: [u16; 12] = [1062, 1105, 1292, 1300, 1366, 1367, 1411, 1525, 1557, 1586, 1690, 1761];
/// The same, without quotes.
const WITH_PLAIN_VALUE: u16 = 1526;
/// What stands behind a value, if more follows.
const BEHIND_VALUE: &str = "' for ";
/// Servers write less.
const LONGEST: usize = 600;

/// For people: `duplicate entry for key 'PRIMARY' (error 1062)`.
pub(super) fn words(answered: &Answered) -> String {
    let Answered { number, message } = answered;
    let text = match *number {
        SYNTAX_ERROR => syntax_error(message),
        WITH_PLAIN_VALUE => message.split(" value ").next().unwrap_or_default().to_owned(),
        number if WITH_VALUE.contains(&number) => without_value(message),
        _ => message.clone(),
    };
    let text: String = text.chars().take(LONGEST).map(|c| if c.is_control() { ' ' } else { c }).collect();
    format!("{} (error {number})", lower_first(text.trim()))
}

/// The server shows 80 characters of the statement from where it failed on: the place is told instead.
fn syntax_error(message: &str) -> String {
    let words = message.split(" near '").next().unwrap_or_default();
    if words.starts_with("You have an error in your SQL syntax") { "syntax error".to_owned() } else { words.to_owned() }
}

/// `Duplicate entry '1' for key 'PRIMARY'` without `'1'`. A value may hold quotes: it ends at the last thing that can end it.
fn without_value(message: &str) -> String {
    let Some((before, rest)) = message.split_once('\'') else { return message.to_owned() };
    let after = rest.rfind(BEHIND_VALUE).and_then(|end| rest.get(end + 1..)).unwrap_or_default();
    format!("{}{after}", before.trim_end().trim_end_matches(':'))
}

fn lower_first(text: &str) -> String {
    let mut characters = text.chars();
    match characters.next() {
        Some(first) if characters.clone().next().is_some_and(char::is_lowercase) => {
            first.to_lowercase().chain(characters).collect()
        }
        _ => text.to_owned(),
    }
}

/// Where in the statement a syntax error is, as far as the server tells: in its line, where the text that it shows begins.
pub(super) fn place(answered: &Answered, statement: &str) -> Option<usize> {
    if answered.number != SYNTAX_ERROR {
        return None;
    }
    let (_, told) = answered.message.split_once(" near '")?;
    let (near, line) = told.rsplit_once("' at line ")?;
    let line: usize = line.trim().parse().ok()?;
    let (start, text) = lines(statement).nth(line.checked_sub(1)?)?;
    let near = near.lines().next().unwrap_or_default().trim_end();
    let near = near.trim_end_matches(char::REPLACEMENT_CHARACTER);
    if near.is_empty() {
        return None;
    }
    // The last one, as the server has read up to there; what it shows may begin in an earlier line.
    let end = start + text.len();
    let found = statement.match_indices(near).map(|(found, _)| found).filter(|found| *found < end).last();
    Some(found.unwrap_or(start + text.len() - text.trim_start().len()))
}

/// Each line with its start.
fn lines(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let mut start = 0;
    text.split_inclusive('\n').map(move |line| {
        let at = start;
        start += line.len();
        (at, line)
    })
}

#[cfg(test)]
mod tests {
    use super::super::trouble::Answered;
    use super::{place, words};

    fn answered(number: u16, message: &str) -> Answered {
        Answered { number, message: message.to_owned() }
    }

    #[test]
    fn values_of_rows_are_left_out() {
        for (number, message, wanted) in [
            (1062, "Duplicate entry 'hunter2' for key 'PRIMARY'", "duplicate entry for key 'PRIMARY'"),
            (1062, "Duplicate entry 'it's hunter2' for key 'a.b'", "duplicate entry for key 'a.b'"),
            (1062, "Duplicate entry 'a' for key 'hunter2' for key 'a.b'", "duplicate entry for key 'a.b'"),
            (1586, "Duplicate entry 'hunter2' for key 'b'", "duplicate entry for key 'b'"),
            (
                1366,
                "Incorrect integer value: 'hunter2' for column `d`.`t`.`n` at row 1",
                "incorrect integer value for column `d`.`t`.`n` at row 1",
            ),
            (1292, "Truncated incorrect DOUBLE value: 'hunter2'", "truncated incorrect DOUBLE value"),
            (1300, "Invalid utf8mb4 character string: 'hunter2'", "invalid utf8mb4 character string"),
            (1411, "Incorrect datetime value: 'hunter2' for function x", "incorrect datetime value for function x"),
            (1526, "Table has no partition for value hunter2", "table has no partition for"),
            (1690, "BIGINT value is out of range in '(hunter2 + 1)'", "BIGINT value is out of range in"),
            (1105, "XPATH syntax error: '~hunter2'", "XPATH syntax error"),
            (1064, "You have an error in your SQL syntax; check near 'hunter2' at line 1", "syntax error"),
            (1064, "Something else near 'hunter2' at line 1", "something else"),
            (1146, "Table 'd.t' doesn't exist", "table 'd.t' doesn't exist"),
            (1046, "No database\nselected", "no database selected"),
            (1290, "The MariaDB server is running", "the MariaDB server is running"),
            (1000, "", ""),
        ] {
            assert_eq!(words(&answered(number, message)), format!("{wanted} (error {number})"));
        }
        assert!(words(&answered(1, &"x".repeat(5000))).len() < 700);
    }

    #[test]
    fn the_place_of_a_syntax_error_is_where_the_shown_text_begins() {
        let statement = "SELECT 1,\n  2,\n  FORM a\n  WHERE é = 1";
        for (near, line, wanted) in [
            ("FORM a\n  WHERE é = 1", "3", Some(17)),
            // The server was in the next line already.
            ("FORM a\n  WHERE", "4", Some(17)),
            ("é = 1", "4", Some(32)),
            ("not there", "4", Some(26)),
            ("", "4", None),
            ("FORM a", "9", None),
            ("FORM a", "0", None),
            ("FORM a", "x", None),
        ] {
            let message = format!("You have an error near '{near}' at line {line}");
            assert_eq!(place(&answered(1064, &message), statement), wanted, "{near} {line}");
        }
        assert_eq!(place(&answered(1064, "no place"), statement), None);
        assert_eq!(place(&answered(1146, "x near '2' at line 1"), statement), None);
    }
}
