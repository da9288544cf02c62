//! Files as the databases' own clients divide them, and as we do.
//!
//! A file is made of statements that are known. Each construct writes its number into a table: the client has to run all of them in
//! their order, and the statements that we see have to be those that the file was made of.

mod mariadb;
mod postgres;
mod sqlite;

use std::process::{Command, Stdio};

use super::Scratch;
use crate::sql::Dialect;
use crate::sql::lexer::{Statement, statements};

/// The statements of one construct; together they insert `{n}` into `log`, once.
type Construct = &'static [&'static str];

/// A file, and what it was made of.
struct Made {
    text: String,
    /// As they are sent.
    statements: Vec<String>,
    /// What is in `log` in the end.
    numbers: Vec<usize>,
}

/// Numbers without any order, the same at every run.
struct Dice(u64);

impl Dice {
    fn choose<T: Copy>(&mut self, from: &[T]) -> T {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let at = usize::try_from(self.0 >> 33).unwrap() % from.len();
        from[at]
    }
}

/// Each construct once, and then as many again by chance, divided by what may stand between statements.
fn made(constructs: &[Construct], divisions: &[&str], write: impl Fn(&str, &str) -> String) -> Made {
    let mut dice = Dice(7);
    let mut order: Vec<Construct> = constructs.to_vec();
    order.extend((0..constructs.len()).map(|_| dice.choose(constructs)));
    let mut made = Made { text: String::new(), statements: Vec::new(), numbers: Vec::new() };
    for (number, construct) in order.into_iter().enumerate() {
        made.numbers.push(number);
        for statement in construct {
            let statement = statement.replace("{n}", &number.to_string());
            made.text.push_str(&write(&statement, dice.choose(divisions)));
            made.statements.push(statement);
        }
    }
    made
}

/// How many files a directory has that is applied by a client and by us.
const FILES: usize = 150;

/// Migrations of one to three constructs, each construct in some of them, but for those that a migration cannot hold.
fn directory(constructs: &[Construct], dialect: Dialect, mut write: impl FnMut(&str, &mut Dice) -> String) -> Scratch {
    let refused = |statement: &&str| statements(statement, dialect).unwrap()[0].refused(dialect).is_some();
    let usable: Vec<Construct> =
        constructs.iter().copied().filter(|construct| !construct.iter().any(refused)).collect();
    let (mut dice, mut number, scratch) = (Dice(11), 0, Scratch::new(&[]));
    for file in 0..FILES {
        let mut chosen = vec![usable[file % usable.len()]];
        chosen.extend((0..dice.choose(&[0, 1, 2])).map(|_| dice.choose(&usable)));
        let mut text = String::new();
        for construct in chosen {
            for statement in construct {
                text.push_str(&write(&statement.replace("{n}", &number.to_string()), &mut dice));
            }
            number += 1;
        }
        scratch.write(&format!("{:04}_a.sql", file + 1), text);
    }
    scratch
}

/// The paths of the files in their order.
fn paths(scratch: &Scratch) -> Vec<String> {
    (1..=FILES).map(|file| scratch.path(&format!("{file:04}_a.sql")).display().to_string()).collect()
}

/// What one way made of a directory and another did not, told by its first line.
fn compare_dumps(client: &str, ours: &str) {
    assert!(client.len() > 1000, "{client}");
    let (mut one, mut other) = (client.lines(), ours.lines());
    loop {
        match (one.next(), other.next()) {
            (None, None) => return,
            (one, other) => assert_eq!(one, other, "the client's line, and ours"),
        }
    }
}

/// The client has run all of the file.
fn compare(made: &Made, log: &str) {
    let numbers: Vec<usize> = log.lines().map(|line| line.trim().parse().unwrap()).collect();
    assert_eq!(numbers, made.numbers, "the client sees other statements");
}

/// What we see in a file is what it was made of.
fn compare_statements(made: &Made, text: &str, dialect: Dialect) {
    let found = statements(text, dialect).unwrap();
    let found: Vec<&str> = found.iter().filter(|part| part.head().is_some()).map(Statement::sql).collect();
    for (found, wanted) in found.iter().zip(&made.statements) {
        assert_eq!(found, wanted, "{dialect:?}: we see another statement");
    }
    assert_eq!(found.len(), made.statements.len(), "{dialect:?}");
}

/// What a program prints, which has to end well.
fn output(command: &mut Command) -> String {
    let output = command.stdin(Stdio::null()).output().unwrap();
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    assert!(output.status.success() && output.stderr.is_empty(), "{}", text(&output.stderr));
    text(&output.stdout)
}

/// Whether the test has to be left out, which it says; not where everything has to be there.
fn lacks(what: &str, is_there: bool) -> bool {
    #[allow(clippy::disallowed_methods, reason = "the environment of the tests")]
    let required = std::env::var_os("CI").is_some_and(|value| value == "true");
    assert!(is_there || !required, "this test needs {what}");
    if !is_there {
        #[allow(clippy::print_stderr, reason = "a test that is skipped says so")]
        {
            eprintln!("skipped: needs {what}");
        }
    }
    !is_there
}
