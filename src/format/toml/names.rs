//! The names that a TOML text has given so far, so that one given twice is noticed.

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};

/// A table or element, by a number made of the names that lead to it. Two with the same number are very unlikely, and
/// would only look like a name given twice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Owner(u64);

#[derive(Debug, Clone, Copy)]
enum Given {
    Value,
    /// By its own header.
    Table,
    /// By the header of a table inside of it.
    Implicit,
    /// By keys with dots.
    Dotted,
    /// With so many elements.
    Tables(usize),
}

#[derive(Debug)]
pub(super) struct Names {
    given: HashMap<Owner, Given, BuildHasherDefault<Number>>,
}

impl Names {
    /// For a text of this length.
    pub(super) fn new(length: usize) -> Self {
        Self { given: HashMap::with_capacity_and_hasher(length / 64, BuildHasherDefault::default()) }
    }

    /// Gives a key of a table. `None` if that is not plainly right.
    pub(super) fn key(&mut self, table: Owner, parts: &[&str]) -> Option<Owner> {
        let (last, tables) = parts.split_last()?;
        let mut table = table;
        for part in tables {
            table = table.named(part);
            match self.given.get(&table) {
                None => _ = self.given.insert(table, Given::Dotted),
                Some(Given::Dotted) => {}
                Some(_) => return None,
            }
        }
        let key = table.named(last);
        self.given.insert(key, Given::Value).is_none().then_some(key)
    }

    /// Gives a table with a header. `None` if that is not plainly right.
    pub(super) fn header(&mut self, parts: &[&str], is_element: bool) -> Option<Owner> {
        let (last, tables) = parts.split_last()?;
        let mut table = Owner::ROOT;
        for part in tables {
            table = table.named(part);
            match self.given.get(&table) {
                None => _ = self.given.insert(table, Given::Implicit),
                Some(Given::Table | Given::Implicit) => {}
                Some(Given::Tables(length)) => table = table.element(*length),
                Some(Given::Value | Given::Dotted) => return None,
            }
        }
        table = table.named(last);
        match (self.given.get(&table), is_element) {
            (None | Some(Given::Implicit), false) => {
                self.given.insert(table, Given::Table);
                Some(table)
            }
            (None, true) => {
                self.given.insert(table, Given::Tables(1));
                Some(table.element(1))
            }
            (Some(Given::Tables(length)), true) => {
                let length = length + 1;
                self.given.insert(table, Given::Tables(length));
                Some(table.element(length))
            }
            _ => None,
        }
    }
}

impl Owner {
    pub(super) const ROOT: Self = Self(0);

    fn named(self, name: &str) -> Self {
        let mut number = self.mixed(name.len() as u64);
        for part in name.as_bytes().chunks(8) {
            let mut word = [0; 8];
            word[..part.len()].copy_from_slice(part);
            number = number.mixed(u64::from_le_bytes(word));
        }
        number
    }

    /// One element of a list.
    pub(super) fn element(self, index: usize) -> Self {
        self.mixed(!(index as u64))
    }

    fn mixed(self, word: u64) -> Self {
        let mixed = (self.0.rotate_left(23) ^ word).wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        Self(mixed ^ mixed >> 32)
    }
}

/// The number is its own hash.
#[derive(Debug, Default)]
struct Number(u64);

impl Hasher for Number {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        self.0 = bytes.iter().fold(self.0, |number, byte| number.rotate_left(8) ^ u64::from(*byte));
    }

    fn write_u64(&mut self, number: u64) {
        self.0 = number;
    }
}
