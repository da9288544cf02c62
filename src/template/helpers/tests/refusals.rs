//! What each helper refuses, with its exact message: the wrong number of parameters, and for each of them the wrong kind,
//! and what is out of range.

mod formats;
mod lists;
mod numbers;
mod text;

use super::super::table::entries;
use super::result;

#[test]
fn every_helper_has_a_message_for_all_that_it_refuses() {
    let rows = [text::ROWS, lists::ROWS, numbers::ROWS, formats::ROWS].concat();
    for (call, wanted) in &rows {
        assert_eq!(result(&format!("json ({call})")), Err((*wanted).to_owned()), "{call}");
    }
    for entry in entries().filter(|entry| entry.make.is_some() && entry.name != "list") {
        let of_it = |(call, _): &&(&str, &str)| call.split(' ').next() == Some(entry.name);
        assert!(rows.iter().any(|row| of_it(&row)), "{}", entry.name);
    }
}
