//! What `check` finds in the fields of `edit`.

use super::{Case, says};

const CASES: &[Case] = &[
    (
        "edit: { path: /a.conf, set: { a: 1 } }",
        &[],
        3,
        "error: `set` and `unset` have no meaning for text
  --> plan.yaml:3:35
   |
 3 |   - edit: { path: /a.conf, set: { a: 1 } }
   |                                   ^

hint: say what the file is written in, for instance `format: yaml`",
    ),
    (
        "edit: { path: /a.yaml, line: { text: t } }",
        &[],
        3,
        "error: `replace`, `line` and `block` are for text
  --> plan.yaml:3:34
   |
 3 |   - edit: { path: /a.yaml, line: { text: t } }
   |                                  ^

hint: use `set` and `unset`, or say `format: text`",
    ),
    (
        "edit: { path: /a.yaml, block: { marker: m }, set: { a: 1 } }",
        &[],
        3,
        "error: `replace`, `line` and `block` are for text
  --> plan.yaml:3:35
   |
 3 |   - edit: { path: /a.yaml, block: { marker: m }, set: { a: 1 } }
   |                                   ^

hint: use `set` and `unset`, or say `format: text`",
    ),
    (
        "edit: { path: /a.conf }",
        &[],
        3,
        "error: `edit` needs `set`, `unset`, `replace`, `line` or `block`
  --> plan.yaml:3:19
   |
 3 |   - edit: { path: /a.conf }
   |                   ^^^^^^^",
    ),
    (
        "edit: { path: /a.yaml, set: { \"{{env.X}}\": 1 } }",
        &[],
        3,
        "error: `{{` in a key is not expanded
  --> plan.yaml:3:35
   |
 3 |   - edit: { path: /a.yaml, set: { \"{{env.X}}\": 1 } }
   |                                   ^^^^^^^^^^^

hint: name the key itself",
    ),
    (
        "edit: { path: /a.yaml, set: { a: { \"{{env.X}}\": 1 } } }",
        &[],
        3,
        "error: `{{` in a key is not expanded
  --> plan.yaml:3:40
   |
 3 |   - edit: { path: /a.yaml, set: { a: { \"{{env.X}}\": 1 } } }
   |                                        ^^^^^^^^^^^

hint: name the key itself",
    ),
    (
        "edit: { path: /a.yaml, set: { \"a..b\": 1 } }",
        &[],
        3,
        "error: cannot use the key `a..b`: a name is empty
  --> plan.yaml:3:35
   |
 3 |   - edit: { path: /a.yaml, set: { \"a..b\": 1 } }
   |                                   ^^^^^^",
    ),
    (
        "edit: { path: /a.yaml, set: { \"a[x]\": 1 } }",
        &[],
        3,
        "error: cannot use the key `a[x]`: `[...]` holds a number, `+` or `name=value`
  --> plan.yaml:3:35
   |
 3 |   - edit: { path: /a.yaml, set: { \"a[x]\": 1 } }
   |                                   ^^^^^^",
    ),
    (
        "edit: { path: /a.yaml, unset: [\"a[0\"] }",
        &[],
        3,
        "error: cannot use the key `a[0`: `[` is not closed
  --> plan.yaml:3:36
   |
 3 |   - edit: { path: /a.yaml, unset: [\"a[0\"] }
   |                                    ^^^^^",
    ),
    (
        "edit: { path: /a.yaml, unset: [\"a[0]\"] }",
        &[],
        3,
        "error: `a[0]` names a place in a list, and each run would take the next one out
  --> plan.yaml:3:36
   |
 3 |   - edit: { path: /a.yaml, unset: [\"a[0]\"] }
   |                                    ^^^^^^

hint: name the element by what it holds: `list[name=value]`",
    ),
    (
        "edit: { path: /a.yaml, unset: [\"a[+]\"] }",
        &[],
        3,
        "error: `a[+]` names a place in a list, and each run would take the next one out
  --> plan.yaml:3:36
   |
 3 |   - edit: { path: /a.yaml, unset: [\"a[+]\"] }
   |                                    ^^^^^^

hint: name the element by what it holds: `list[name=value]`",
    ),
    (
        "edit: { path: /a.conf, replace: { literal: a, with: b, count: 0 } }",
        &[],
        3,
        "error: `count` is 0, and nothing would be replaced
  --> plan.yaml:3:37
   |
 3 |   - edit: { path: /a.conf, replace: { literal: a, with: b, count: 0 } }
   |                                     ^",
    ),
    (
        "edit: { path: /a.yaml, set: { a: 1 }, unset: [a] }",
        &[],
        3,
        "error: `a` is set and unset
  --> plan.yaml:3:35
   |
 3 |   - edit: { path: /a.yaml, set: { a: 1 }, unset: [a] }
   |                                   ^",
    ),
    (
        "edit: { path: /a.yaml, set: { a.b: 1 }, unset: [a] }",
        &[],
        3,
        "error: `a.b` is set and, as `a`, unset
  --> plan.yaml:3:35
   |
 3 |   - edit: { path: /a.yaml, set: { a.b: 1 }, unset: [a] }
   |                                   ^^^",
    ),
    (
        "edit: { path: /a.conf, replace: { with: z } }",
        &[],
        3,
        "error: `replace` needs either `regex` or `literal`, which is not empty
  --> plan.yaml:3:37
   |
 3 |   - edit: { path: /a.conf, replace: { with: z } }
   |                                     ^",
    ),
    (
        "edit: { path: /a.conf, replace: { literal: \"\", with: z } }",
        &[],
        3,
        "error: `replace` needs either `regex` or `literal`, which is not empty
  --> plan.yaml:3:37
   |
 3 |   - edit: { path: /a.conf, replace: { literal: \"\", with: z } }
   |                                     ^",
    ),
    (
        "edit: { path: /a.conf, replace: { literal: a, regex: b, with: z } }",
        &[],
        3,
        "error: `replace` needs either `regex` or `literal`, which is not empty
  --> plan.yaml:3:37
   |
 3 |   - edit: { path: /a.conf, replace: { literal: a, regex: b, with: z } }
   |                                     ^",
    ),
    (
        "edit: { path: /a.conf, replace: { regex: \"(\", with: z } }",
        &[],
        3,
        "error: not a regular expression
  --> plan.yaml:3:46
   |
 3 |   - edit: { path: /a.conf, replace: { regex: \"(\", with: z } }
   |                                              ^^^",
    ),
    (
        "edit: { path: /a.conf, replace: { literal: a } }",
        &[],
        3,
        "error: `with` is missing
  --> plan.yaml:3:37
   |
 3 |   - edit: { path: /a.conf, replace: { literal: a } }
   |                                     ^",
    ),
    (
        "edit: { path: /a.conf, replace: { literal: a, with: { group: 1 } } }",
        &[],
        3,
        "error: expected text, or a list of texts and `{ group: 1 }`, found a mapping
  --> plan.yaml:3:57
   |
 3 |   - edit: { path: /a.conf, replace: { literal: a, with: { group: 1 } } }
   |                                                         ^",
    ),
    (
        "edit: { path: /a.conf, replace: { literal: a, with: [{ grop: 1 }] } }",
        &[],
        3,
        "error: unknown key `grop`
  --> plan.yaml:3:58
   |
 3 |   - edit: { path: /a.conf, replace: { literal: a, with: [{ grop: 1 }] } }
   |                                                          ^

hint: did you mean `group`?",
    ),
    (
        "edit: { path: /a.conf, replace: { literal: a, with: [[a]] } }",
        &[],
        3,
        "error: expected text, or `{ group: 1 }`, found a list
  --> plan.yaml:3:58
   |
 3 |   - edit: { path: /a.conf, replace: { literal: a, with: [[a]] } }
   |                                                          ^",
    ),
    (
        "edit: { path: /a.conf, replace: { literal: a, with: b, count: -1 } }",
        &[],
        3,
        "error: expected a whole number from 0 to 4294967295
  --> plan.yaml:3:67
   |
 3 |   - edit: { path: /a.conf, replace: { literal: a, with: b, count: -1 } }
   |                                                                   ^^",
    ),
    (
        "edit: { path: /a.conf, replace: { literal: a, with: b, unless: \"(\" } }",
        &[],
        3,
        "error: not a regular expression
  --> plan.yaml:3:68
   |
 3 |   - edit: { path: /a.conf, replace: { literal: a, with: b, unless: \"(\" } }
   |                                                                    ^^^",
    ),
    (
        "edit: { path: /a.conf, replace: x }",
        &[],
        3,
        "error: expected a mapping, found a string
  --> plan.yaml:3:37
   |
 3 |   - edit: { path: /a.conf, replace: x }
   |                                     ^",
    ),
    (
        "edit: { path: /a.conf, line: { after: x } }",
        &[],
        3,
        "error: `line` needs `text`, or `absent` and `matches`
  --> plan.yaml:3:34
   |
 3 |   - edit: { path: /a.conf, line: { after: x } }
   |                                  ^",
    ),
    (
        "edit: { path: /a.conf, line: { absent: true } }",
        &[],
        3,
        "error: `line` needs `text`, or `absent` and `matches`
  --> plan.yaml:3:34
   |
 3 |   - edit: { path: /a.conf, line: { absent: true } }
   |                                  ^",
    ),
    (
        "edit: { path: /a.conf, line: { text: t, after: x, before: y } }",
        &[],
        3,
        "error: both `after` and `before` say where the line goes
  --> plan.yaml:3:63
   |
 3 |   - edit: { path: /a.conf, line: { text: t, after: x, before: y } }
   |                                                               ^",
    ),
    (
        "edit: { path: /a.conf, line: { text: t, matches: \"(\" } }",
        &[],
        3,
        "error: not a regular expression
  --> plan.yaml:3:54
   |
 3 |   - edit: { path: /a.conf, line: { text: t, matches: \"(\" } }
   |                                                      ^^^",
    ),
    (
        "edit: { path: /a.conf, line: { text: t, at: middle } }",
        &[],
        3,
        "error: expected one of `end`, `beginning`
  --> plan.yaml:3:49
   |
 3 |   - edit: { path: /a.conf, line: { text: t, at: middle } }
   |                                                 ^^^^^^",
    ),
    (
        "edit: { path: /a.conf, block: { text: t } }",
        &[],
        3,
        "error: `marker` is missing
  --> plan.yaml:3:35
   |
 3 |   - edit: { path: /a.conf, block: { text: t } }
   |                                   ^",
    ),
    (
        "edit: { path: /a.conf, block: { marker: m, after: x, before: y } }",
        &[],
        3,
        "error: both `after` and `before` say where the line goes
  --> plan.yaml:3:66
   |
 3 |   - edit: { path: /a.conf, block: { marker: m, after: x, before: y } }
   |                                                                  ^",
    ),
    (
        "edit: { path: /a.yaml, format: jsno, set: { a: 1 } }",
        &[],
        3,
        "error: expected one of `auto`, `json`, `yaml`, `toml`, `ini`, `properties`, `env`, `xml`, `text`
  --> plan.yaml:3:36
   |
 3 |   - edit: { path: /a.yaml, format: jsno, set: { a: 1 } }
   |                                    ^^^^

hint: did you mean `json`?",
    ),
    (
        "edit: { set: { a: 1 } }",
        &[],
        3,
        "error: `path` is missing
  --> plan.yaml:3:11
   |
 3 |   - edit: { set: { a: 1 } }
   |           ^",
    ),
    (
        "edit: { path: a.yaml, set: { a: 1 } }",
        &[],
        3,
        "error: the path is not absolute
  --> plan.yaml:3:19
   |
 3 |   - edit: { path: a.yaml, set: { a: 1 } }
   |                   ^^^^^^

hint: start it with `/`",
    ),
    (
        "edit: { path: /a.yaml, sett: { a: 1 } }",
        &[],
        3,
        "error: unknown key `sett`
  --> plan.yaml:3:28
   |
 3 |   - edit: { path: /a.yaml, sett: { a: 1 } }
   |                            ^^^^

hint: did you mean `set`?",
    ),
];

#[test]
fn what_is_wrong_with_an_edit() {
    says("check", CASES);
}
