//! The reference page, made of the table.

use std::fmt::Write as _;

use super::table::{Entry, GROUPS};
use super::urls;

const HEAD: &str = "\
# Helpers

Generated from `src/template/helpers` by `make schema`; a test renders every example.

`{{helper PARAMETER ...}}` prints what a helper makes, `(helper PARAMETER ...)` hands it to another one. `[PARAMETER]` may be left
out, `PARAMETER...` stands for one or more. A wrong type is an error with its place: nothing is guessed. Where text is asked for,
numbers and booleans are taken as they are printed; where a number is asked for, so is text that is written like one, since
variables often are text. Null is an error except where a helper says what it means.

In the examples:

```yaml
env: { NAME: Ann, PORT: 8080, LEVEL: debug, VERBOSE: \"no\", NICK: null }
values:
  hosts: [a, b, c]
  site: { title: Shop, lang: en }
  tls: true
  users: [{ name: eve, admin: true }, { name: bob, admin: false }]
";

pub(crate) fn reference() -> String {
    let mut page = format!("{HEAD}  url: \"{}\"\nfacts: {{ cpus: 2 }}\n```\n", urls::example());
    for group in GROUPS {
        let _ =
            write!(page, "\n## {}\n\n| helper | gives | example | result |\n| --- | --- | --- | --- |\n", group.title);
        for entry in group.entries {
            page.push_str(&row(entry));
        }
    }
    page
}

fn row(entry: &Entry) -> String {
    let (template, result) = entry.example;
    let call = format!("{} {}", entry.name, entry.parameters);
    format!("| {} | {} | {} | {} |\n", code(call.trim_end()), cell(entry.about), code(template), code(result))
}

/// Code in a cell of a table, with line breaks made visible.
fn code(text: &str) -> String {
    if text.is_empty() {
        return String::new();
    }
    format!("`{}`", cell(&text.replace('\n', "⏎")))
}

fn cell(text: &str) -> String {
    text.replace('|', "\\|")
}
