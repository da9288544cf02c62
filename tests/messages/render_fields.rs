//! What `check` finds in the fields of `render`, and in its templates.

use super::{Case, says};

const CASES: &[Case] = &[
    (
        "render: { path: /a }",
        &[],
        3,
        "error: `render` needs `source` or `text`
  --> plan.yaml:3:13
   |
 3 |   - render: { path: /a }
   |             ^",
    ),
    (
        "render: { source: /t, text: x, path: /a }",
        &[],
        3,
        "error: cannot read the template `/t`: no such file or directory
  --> plan.yaml:3:23
   |
 3 |   - render: { source: /t, text: x, path: /a }
   |                       ^^
error: `render` has both `source` and `text`
  --> plan.yaml:3:33
   |
 3 |   - render: { source: /t, text: x, path: /a }
   |                                 ^

hint: remove one of them",
    ),
    (
        "render: { text: x, path: /a, prune: true }",
        &[],
        3,
        "error: `prune` needs a directory as `source`, and a `path` that is not the root
  --> plan.yaml:3:30
   |
 3 |   - render: { text: x, path: /a, prune: true }
   |                              ^^",
    ),
    (
        "render: { source: /t, path: /, prune: true }",
        &[("/t/a", "")],
        3,
        "error: `prune` needs a directory as `source`, and a `path` that is not the root
  --> plan.yaml:3:33
   |
 3 |   - render: { source: /t, path: /, prune: true }
   |                                 ^",
    ),
    (
        "render: { text: x, path: /a, engine: envsubst, partials: /p }",
        &[("/p/a.hbs", "")],
        3,
        "error: `partials` have no meaning for envsubst
  --> plan.yaml:3:62
   |
 3 |   - render: { text: x, path: /a, engine: envsubst, partials: /p }
   |                                                              ^^",
    ),
    (
        "render: { text: x, path: /a, variables: [A] }",
        &[],
        3,
        "error: `variables` have no meaning for Handlebars
  --> plan.yaml:3:45
   |
 3 |   - render: { text: x, path: /a, variables: [A] }
   |                                             ^

hint: they belong to `engine: envsubst`",
    ),
    (
        "render: { text: x, path: /a, engine: envsubst, variables: \"(\" }",
        &[],
        3,
        "error: not a regular expression
  --> plan.yaml:3:63
   |
 3 |   - render: { text: x, path: /a, engine: envsubst, variables: \"(\" }
   |                                                               ^^^",
    ),
    (
        "render: { text: x, path: /a, engine: envsubst, variables: 5 }",
        &[],
        3,
        "error: expected a list of names, or a regular expression, found an integer
  --> plan.yaml:3:63
   |
 3 |   - render: { text: x, path: /a, engine: envsubst, variables: 5 }
   |                                                               ^",
    ),
    (
        "render: { text: x, path: /a, engine: envsubts }",
        &[],
        3,
        "error: expected one of `handlebars`, `envsubst`
  --> plan.yaml:3:42
   |
 3 |   - render: { text: x, path: /a, engine: envsubts }
   |                                          ^^^^^^^^

hint: did you mean `envsubst`?",
    ),
    (
        "render: { text: x, path: /a, escape: jsno }",
        &[],
        3,
        "error: expected one of `auto`, `none`, `json`, `yaml`, `toml`, `ini`, `properties`, `env`, `xml`, `sh`, `nginx`, `sql`, `mysql`
  --> plan.yaml:3:42
   |
 3 |   - render: { text: x, path: /a, escape: jsno }
   |                                          ^^^^

hint: did you mean `json`?",
    ),
    (
        "render: { text: \"$NOPE\", path: /a, engine: envsubst }",
        &[],
        3,
        "error: unknown name `NOPE`
  --> plan.yaml:3:23
   |
 3 |   - render: { text: \"$NOPE\", path: /a, engine: envsubst }
   |                       ^

hint: declare it under `inputs`: `env: { NOPE: {} }`, or leave it out of `variables`",
    ),
    (
        "render: { source: /t, path: /a, include: [\"\"] }",
        &[("/t/a", "")],
        3,
        "error: the pattern is empty
  --> plan.yaml:3:47
   |
 3 |   - render: { source: /t, path: /a, include: [\"\"] }
   |                                               ^^",
    ),
    (
        "render: { text: x, path: /a, validate: jsno }",
        &[],
        3,
        "error: expected one of auto, none, json, yaml, toml, xml
  --> plan.yaml:3:44
   |
 3 |   - render: { text: x, path: /a, validate: jsno }
   |                                            ^^^^

hint: did you mean `json`?",
    ),
    (
        "render: { text: x, path: /a, validate: 5 }",
        &[],
        3,
        "error: expected a format, `{ schema: FILE }` or `{ command: [...] }`, found an integer
  --> plan.yaml:3:44
   |
 3 |   - render: { text: x, path: /a, validate: 5 }
   |                                            ^",
    ),
    (
        "render: { text: x, path: /a, validate: { command: [/bin/true] } }",
        &[],
        3,
        "error: the command does not name the file
  --> plan.yaml:3:44
   |
 3 |   - render: { text: x, path: /a, validate: { command: [/bin/true] } }
   |                                            ^

hint: write `{}` where its path belongs",
    ),
    (
        "render: { text: x, path: /a, validate: { command: [\"{}\"] } }",
        &[],
        3,
        "error: the command does not name the file
  --> plan.yaml:3:44
   |
 3 |   - render: { text: x, path: /a, validate: { command: [\"{}\"] } }
   |                                            ^

hint: write `{}` where its path belongs",
    ),
    (
        "render: { text: x, path: /a, validate: { command: [/no, \"{}\"], schema: /s } }",
        &[],
        3,
        "error: `validate` needs either `schema` or `command`
  --> plan.yaml:3:44
   |
 3 |   - render: { text: x, path: /a, validate: { command: [/no, \"{}\"], schema: /s } }
   |                                            ^",
    ),
    (
        "render: { text: x, path: /a, validate: {} }",
        &[],
        3,
        "error: `validate` needs either `schema` or `command`
  --> plan.yaml:3:44
   |
 3 |   - render: { text: x, path: /a, validate: {} }
   |                                            ^",
    ),
    (
        "render: { text: x, path: /a, validate: { schema: s } }",
        &[],
        3,
        "error: the path is not absolute
  --> plan.yaml:3:54
   |
 3 |   - render: { text: x, path: /a, validate: { schema: s } }
   |                                                      ^

hint: start it with `/`",
    ),
    (
        "render: { text: x, path: /a, validate: { shcema: /s } }",
        &[],
        3,
        "error: unknown key `shcema`
  --> plan.yaml:3:44
   |
 3 |   - render: { text: x, path: /a, validate: { shcema: /s } }
   |                                            ^

hint: did you mean `schema`?",
    ),
    (
        "render: { source: /t.hbs, path: /a, partials: /p }",
        &[("/t.hbs", "x\n"), ("/p/a.hbs", "{{env.NOPE}}")],
        3,
        "error: unknown name `env.NOPE`
  --> /p/a.hbs:1:3
   |
 1 | {{env.NOPE}}
   |   ^^^^^^^^

hint: declare it under `inputs`: `env: { NOPE: {} }`",
    ),
    (
        "render: { source: /t.hbs, path: /a }",
        &[("/t.hbs", "x\n {{> part}}")],
        3,
        "error: unknown partial `part`
  --> /t.hbs:2:6
   |
 2 |  {{> part}}
   |      ^^^^

hint: name the directory that holds it: `partials: /templates/partials`",
    ),
];

#[test]
fn what_is_wrong_with_a_render() {
    says("check", CASES);
}
