//! What `edit` refuses when it is done.

use super::{Case, says};

const CASES: &[Case] = &[
    (
        "edit: { path: /a.yaml, set: { a: 2 } }",
        &[],
        6,
        "error: cannot edit `/a.yaml`: no such file or directory
  --> plan.yaml:3:19  step 1 `edit`
   |
 3 |   - edit: { path: /a.yaml, set: { a: 2 } }
   |                   ^^^^^^^

hint: `create: true`, or `--create`, makes it",
    ),
    (
        "edit: { path: /a.yaml/b, set: { a: 2 }, format: yaml }",
        &[("/a.yaml", "a: 1\n")],
        6,
        "error: cannot edit `/a.yaml/b`: no such file or directory
  --> plan.yaml:3:19  step 1 `edit`
   |
 3 |   - edit: { path: /a.yaml/b, set: { a: 2 }, format: yaml }
   |                   ^^^^^^^^^

hint: `create: true`, or `--create`, makes it",
    ),
    (
        "edit: { path: /a.yaml, set: { b: 1 }, must_exist: true }",
        &[("/a.yaml", "a: 1\n")],
        1,
        "error: cannot edit `/a.yaml`: there is no key `b`
  --> plan.yaml:3:35  step 1 `edit`
   |
 3 |   - edit: { path: /a.yaml, set: { b: 1 }, must_exist: true }
   |                                   ^",
    ),
    (
        "edit: { path: /a.yaml, set: { a.b: 1 } }",
        &[("/a.yaml", "a: 1\n")],
        1,
        "error: cannot edit `/a.yaml`: `b` is looked for in a single value, not in a mapping
  --> plan.yaml:3:35  step 1 `edit`
   |
 3 |   - edit: { path: /a.yaml, set: { a.b: 1 } }
   |                                   ^^^",
    ),
    (
        "edit: { path: /a.yaml, set: { b: 1 } }",
        &[("/a.yaml", "a: [1\n")],
        1,
        "error: cannot edit `/a.yaml`: the bracket is not closed
  --> plan.yaml:3:19  step 1 `edit`
   |
 3 |   - edit: { path: /a.yaml, set: { b: 1 } }
   |                   ^^^^^^^
   = line 1 column 4 of the file",
    ),
    (
        "edit: { path: /a.json, set: { b: 1 } }",
        &[("/a.json", "{\n  \"a\": x\n}")],
        1,
        "error: cannot edit `/a.json`: here is no value
  --> plan.yaml:3:19  step 1 `edit`
   |
 3 |   - edit: { path: /a.json, set: { b: 1 } }
   |                   ^^^^^^^
   = line 2 column 8 of the file",
    ),
    (
        "edit: { path: /a.json, unset: [a], must_exist: true }",
        &[("/a.json", "{}")],
        1,
        "error: cannot edit `/a.json`: there is no key `a`
  --> plan.yaml:3:36  step 1 `edit`
   |
 3 |   - edit: { path: /a.json, unset: [a], must_exist: true }
   |                                    ^",
    ),
    (
        "edit: { path: /a.toml, set: { a: null } }",
        &[("/a.toml", "a = 1\n")],
        1,
        "error: cannot edit `/a.toml`: TOML has no null
  --> plan.yaml:3:35  step 1 `edit`
   |
 3 |   - edit: { path: /a.toml, set: { a: null } }
   |                                   ^

hint: unset the key instead, or leave it out of the mapping",
    ),
    (
        "edit: { path: /a.ini, set: { s.k: \"a\\nb\" } }",
        &[("/a.ini", "[s]\nk=1\n")],
        1,
        "error: cannot edit `/a.ini`: an INI file cannot hold a line break in a name, value or comment
  --> plan.yaml:3:34  step 1 `edit`
   |
 3 |   - edit: { path: /a.ini, set: { s.k: \"a\\nb\" } }
   |                                  ^^^",
    ),
    (
        "edit: { path: /a.properties, set: { k: [1] } }",
        &[("/a.properties", "k=1\n")],
        1,
        "error: cannot edit `/a.properties`: a value of this format is one text, not a list or mapping
  --> plan.yaml:3:41  step 1 `edit`
   |
 3 |   - edit: { path: /a.properties, set: { k: [1] } }
   |                                         ^",
    ),
    (
        "edit: { path: /a.env, set: { 1A: x } }",
        &[("/a.env", "A=1\n")],
        1,
        "error: cannot edit `/a.env`: `1A` cannot be the name of a variable
  --> plan.yaml:3:34  step 1 `edit`
   |
 3 |   - edit: { path: /a.env, set: { 1A: x } }
   |                                  ^^

hint: the name of a variable has only letters, digits, `_`, `.` and `-`, and begins with a letter or `_`",
    ),
    (
        "edit: { path: /a.xml, set: { c.d: 1 } }",
        &[("/a.xml", "<a/>")],
        1,
        "error: cannot edit `/a.xml`: the path does not begin with the root element
  --> plan.yaml:3:34  step 1 `edit`
   |
 3 |   - edit: { path: /a.xml, set: { c.d: 1 } }
   |                                  ^^^",
    ),
    (
        "edit: { path: /a.conf, replace: { literal: y, with: z, must_match: true } }",
        &[("/a.conf", "x\n")],
        1,
        "error: cannot edit `/a.conf`: the pattern matches nothing
  --> plan.yaml:3:37  step 1 `edit`
   |
 3 |   - edit: { path: /a.conf, replace: { literal: y, with: z, must_match: true } }
   |                                     ^

hint: correct the pattern, or give `unless` if the text may be in its final form already",
    ),
    (
        "edit: { path: /a.conf, replace: { literal: aa, with: a } }",
        &[("/a.conf", "aaaa\n")],
        1,
        "error: cannot edit `/a.conf`: a second run would replace again what was replaced
  --> plan.yaml:3:37  step 1 `edit`
   |
 3 |   - edit: { path: /a.conf, replace: { literal: aa, with: a } }
   |                                     ^

hint: give `unless` with a pattern of the finished text, or a pattern that does not match the replacement",
    ),
    (
        "edit: { path: /a.conf, line: { text: t, after: nope } }",
        &[("/a.conf", "x\n")],
        1,
        "error: cannot edit `/a.conf`: no line matches the place for the new one
  --> plan.yaml:3:34  step 1 `edit`
   |
 3 |   - edit: { path: /a.conf, line: { text: t, after: nope } }
   |                                  ^",
    ),
    (
        "edit: { path: /a.conf, block: { marker: m, text: t } }",
        &[("/a.conf", "# BEGIN m\n")],
        1,
        "error: cannot edit `/a.conf`: the block has a beginning but no end
  --> plan.yaml:3:35  step 1 `edit`
   |
 3 |   - edit: { path: /a.conf, block: { marker: m, text: t } }
   |                                   ^

hint: put the marker lines right by hand",
    ),
    (
        "edit: { path: /a.json, set: { port: 70000 }, validate: { schema: /s.json } }",
        &[("/a.json", "{\"port\": 80}"), ("/s.json", "{\"properties\": {\"port\": {\"maximum\": 65535}}}")],
        3,
        "error: cannot use the edited `/a.json`: `/port` is greater than the maximum 65535
  --> plan.yaml:3:11  step 1 `edit`
   |
 3 |   - edit: { path: /a.json, set: { port: 70000 }, validate: { schema: /s.json } }
   |           ^
   = schema: /s.json",
    ),
    (
        "edit: { path: /a.conf, line: { text: y }, validate: { command: [/bin/false, \"{}\"] } }",
        &[("/a.conf", "x\n")],
        1,
        "error: cannot use `/a.conf`: its validation failed: `/bin/false` ended with code 1
  --> plan.yaml:3:68  step 1 `edit`
   |
 3 |   - edit: { path: /a.conf, line: { text: y }, validate: { command: [/bin/false, \"{}\"] } }
   |                                                                    ^",
    ),
    (
        "edit: { path: /no/a.conf, create: true, line: { text: y } }",
        &[],
        6,
        "error: cannot lock the directory of `/no/a.conf`: no such file or directory
  --> plan.yaml:3:19  step 1 `edit`
   |
 3 |   - edit: { path: /no/a.conf, create: true, line: { text: y } }
   |                   ^^^^^^^^^^
   = call: openat2(</>, \"/no\", O_DIRECTORY|O_PATH, RESOLVE_IN_ROOT): ENOENT

hint: make `/no` with a `mkdir` step before this one",
    ),
    (
        "edit: { path: /a.conf, line: { text: y }, owner: nobody-here }",
        &[("/a.conf", "x\n")],
        1,
        "error: unknown user `nobody-here` in `/etc/passwd`
  --> plan.yaml:3:54  step 1 `edit`
   |
 3 |   - edit: { path: /a.conf, line: { text: y }, owner: nobody-here }
   |                                                      ^^^^^^^^^^^

hint: numbers always work, for instance \"1000:1000\"",
    ),
];

#[test]
fn what_cannot_be_edited() {
    says("apply", CASES);
}
