//! What `render` refuses when it is done: templates, trees, what is pruned, and what does not pass.

use super::{Case, says};

const CASES: &[Case] = &[
    (
        "render: { source: /t.hbs, path: /r }",
        &[("/t.hbs", "{{#if env.A}}\n{{#each env.B}}\nx\n{{/if}}\n")],
        3,
        "error: cannot parse the template: `{{#each}}` is closed by `{{/if}}`
  --> /t.hbs:4:1  step 1 `render`
   |
 4 | {{/if}}
   | ^^^^^^^
   = `{{#each}}` begins in line 2 column 1 of the template",
    ),
    (
        "render: { source: /no, path: /a }",
        &[],
        3,
        "error: cannot read the template `/no`: no such file or directory
  --> plan.yaml:3:23  step 1 `render`
   |
 3 |   - render: { source: /no, path: /a }
   |                       ^^^",
    ),
    (
        "render: { source: \"/t/*.hbs\", path: /a }",
        &[("/t/a.txt", "x")],
        3,
        "error: cannot read the template `/t/*.hbs`: no file matches
  --> plan.yaml:3:23  step 1 `render`
   |
 3 |   - render: { source: \"/t/*.hbs\", path: /a }
   |                       ^^^^^^^^^^",
    ),
    (
        "render: { source: \"/no/*.hbs\", path: /a }",
        &[],
        3,
        "error: cannot read the template `/no/*.hbs`: there is no directory `/no`
  --> plan.yaml:3:23  step 1 `render`
   |
 3 |   - render: { source: \"/no/*.hbs\", path: /a }
   |                       ^^^^^^^^^^^",
    ),
    (
        "render: { source: /t.hbs, path: /no/a }",
        &[("/t.hbs", "x\n")],
        6,
        "error: cannot write `/no/a`: no such file or directory
  --> plan.yaml:3:37  step 1 `render`
   |
 3 |   - render: { source: /t.hbs, path: /no/a }
   |                                     ^^^^^
   = call: openat2(</>, \"/no\", O_DIRECTORY|O_PATH, RESOLVE_IN_ROOT): ENOENT

hint: make `/no` with a `mkdir` step before this one",
    ),
    (
        "render: { source: /t.hbs, path: /d }",
        &[("/t.hbs", "x\n"), ("/d/x", "")],
        6,
        "error: cannot write `/d`: it is a directory
  --> plan.yaml:3:37  step 1 `render`
   |
 3 |   - render: { source: /t.hbs, path: /d }
   |                                     ^^",
    ),
    (
        "render: { source: /t.hbs, path: /a, prune: true }",
        &[("/t.hbs", "x\n")],
        3,
        "error: `prune` needs a directory or a glob as `source`
  --> plan.yaml:3:37  step 1 `render`
   |
 3 |   - render: { source: /t.hbs, path: /a, prune: true }
   |                                     ^^",
    ),
    (
        "render: { source: /t, path: /out, prune: true, include: [x] }",
        &[("/t/a.hbs", "x"), ("/out/b", "")],
        6,
        "error: cannot prune `/out`: the source holds no file
  --> plan.yaml:3:33  step 1 `render`
   |
 3 |   - render: { source: /t, path: /out, prune: true, include: [x] }
   |                                 ^^^^

hint: is its volume mounted? a `remove` step takes everything away on purpose",
    ),
    (
        "render: { source: /t, path: /out }",
        &[("/t/a", "x"), ("/t/a.hbs", "x")],
        3,
        "error: two sources would be written to `/out/a`
  --> plan.yaml:3:13  step 1 `render`
   |
 3 |   - render: { source: /t, path: /out }
   |             ^",
    ),
    (
        "render: { source: /t, path: /out }",
        &[("/t/{{facts.nope}}.hbs", "x")],
        3,
        "error: cannot expand the name of `/t/{{facts.nope}}.hbs`: cannot render the template: unknown name `facts.nope`
  --> plan.yaml:3:13  step 1 `render`
   |
 3 |   - render: { source: /t, path: /out }
   |             ^",
    ),
    (
        "render: { source: /t, path: /out, strip_suffix: \"\" }",
        &[("/t/{{lower \"\"}}", "x")],
        4,
        "error: cannot expand the name of `/t/{{lower \"\"}}`: a value makes it no name of a file
  --> plan.yaml:3:13  step 1 `render`
   |
 3 |   - render: { source: /t, path: /out, strip_suffix: \"\" }
   |             ^",
    ),
    (
        "render: { source: /t, path: /out }",
        &[("/t/{{env.hbs", "x")],
        3,
        "error: cannot expand the name of `/t/{{env.hbs`: cannot parse the template: the expression is not complete, or is no Handlebars
  --> plan.yaml:3:13  step 1 `render`
   |
 3 |   - render: { source: /t, path: /out }
   |             ^",
    ),
    (
        "render: { source: /t.hbs, path: /a, partials: /p }",
        &[("/t.hbs", "x\n"), ("/p/a.hbs", "{{> a}}")],
        3,
        "error: a partial includes itself: `a`, `a`
  --> /p/a.hbs:1:1  step 1 `render`
   |
 1 | {{> a}}
   | ^",
    ),
    (
        "render: { source: /t.hbs, path: /a, partials: /no }",
        &[("/t.hbs", "x\n")],
        3,
        "error: cannot read the partial `/no`: no such file or directory
  --> plan.yaml:3:51  step 1 `render`
   |
 3 |   - render: { source: /t.hbs, path: /a, partials: /no }
   |                                                   ^^^",
    ),
    (
        "render: { source: /t.hbs, path: /a, engine: envsubst }",
        &[("/t.hbs", "a\nb $NOPE")],
        4,
        "error: cannot render the template: unknown name `NOPE`
  --> /t.hbs:2:3  step 1 `render`
   |
 2 | b $NOPE
   |   ^

hint: set it, or say what becomes of it: `unknown: empty`",
    ),
    (
        "render: { source: /t.hbs, path: /a, engine: envsubst }",
        &[("/t.hbs", "${NOPE:?why}")],
        4,
        "error: cannot render the template: `NOPE` is not set: why
  --> /t.hbs:1:1  step 1 `render`
   |
 1 | ${NOPE:?why}
   | ^",
    ),
    (
        "render: { source: /t.hbs, path: /a, engine: envsubst }",
        &[("/t.hbs", "${NOPE:-x")],
        3,
        "error: cannot parse the template: `${` is not closed
  --> /t.hbs:1:1  step 1 `render`
   |
 1 | ${NOPE:-x
   | ^

hint: leave the name out of the variables that are replaced if the text shall stay as it is",
    ),
    (
        "render: { text: \"a {{facts.nope}}\", path: /a }",
        &[],
        3,
        "error: unknown name `facts.nope`
  --> plan.yaml:3:26
   |
 3 |   - render: { text: \"a {{facts.nope}}\", path: /a }
   |                          ^^^^^^^^^^

hint: facts are hostname, ordinal, cpus, memory, nameservers, addresses, uid, gid, arguments",
    ),
    (
        "render: { source: /t.hbs, path: /a }",
        &[("/t.hbs", "x\ny {{upper}}")],
        3,
        "error: cannot render the template: unknown name `upper`
  --> /t.hbs:2:5  step 1 `render`
   |
 2 | y {{upper}}
   |     ^^^^^",
    ),
    (
        "render: { source: /t.hbs, path: /a.json }",
        &[("/t.hbs", "{\n\"a\": }")],
        3,
        "error: cannot use the rendered `/t.hbs`: not valid JSON: expected value
  --> plan.yaml:3:13  step 1 `render`
   |
 3 |   - render: { source: /t.hbs, path: /a.json }
   |             ^
   = line 2 column 6 of the result
   = that line is: \"a\": }",
    ),
    (
        "render: { source: /t.hbs, path: /a.yaml }",
        &[("/t.hbs", "a: [1\nb: 2\n")],
        3,
        "error: cannot use the rendered `/t.hbs`: not valid YAML: illegal placement of ':' indicator
  --> plan.yaml:3:13  step 1 `render`
   |
 3 |   - render: { source: /t.hbs, path: /a.yaml }
   |             ^
   = line 2 column 2 of the result
   = that line is: b: 2",
    ),
    (
        "render: { source: /t.hbs, path: /a.toml }",
        &[("/t.hbs", "a = \n")],
        3,
        "error: cannot use the rendered `/t.hbs`: not valid TOML: string values must be quoted, expected literal string
  --> plan.yaml:3:13  step 1 `render`
   |
 3 |   - render: { source: /t.hbs, path: /a.toml }
   |             ^
   = line 1 column 5 of the result
   = that line is: a =",
    ),
    (
        "render: { source: /t.hbs, path: /a.xml }",
        &[("/t.hbs", "<a><b></a>")],
        3,
        "error: cannot use the rendered `/t.hbs`: not valid XML: the end tag is not that of the element
  --> plan.yaml:3:13  step 1 `render`
   |
 3 |   - render: { source: /t.hbs, path: /a.xml }
   |             ^
   = line 1 column 7 of the result
   = that line is: <a><b></a>",
    ),
    (
        "render: { source: /t.hbs, path: /a, validate: { schema: /s.json } }",
        &[("/t.hbs", "x\n"), ("/s.json", "{}")],
        3,
        "error: cannot use the rendered `/t.hbs`: a schema is for JSON, YAML and TOML, and the name tells none of them
  --> plan.yaml:3:13  step 1 `render`
   |
 3 |   - render: { source: /t.hbs, path: /a, validate: { schema: /s.json } }
   |             ^",
    ),
    (
        "render: { source: /t.hbs, path: /a.json, validate: { schema: /s.json } }",
        &[("/t.hbs", "{}")],
        3,
        "error: cannot use the schema `/s.json`: no such file or directory
  --> plan.yaml:3:66  step 1 `render`
   |
 3 |   - render: { source: /t.hbs, path: /a.json, validate: { schema: /s.json } }
   |                                                                  ^^^^^^^",
    ),
    (
        "render: { source: /t.hbs, path: /a.json, validate: { schema: /s.json } }",
        &[("/t.hbs", "{}"), ("/s.json", "{")],
        3,
        "error: cannot use the schema `/s.json`: it is not JSON: end of file while parsing an object
  --> plan.yaml:3:66  step 1 `render`
   |
 3 |   - render: { source: /t.hbs, path: /a.json, validate: { schema: /s.json } }
   |                                                                  ^^^^^^^
   = line 1 column 1 of the schema",
    ),
    (
        "render: { source: /t.hbs, path: /a.json, validate: { schema: /s.json } }",
        &[("/t.hbs", "{}"), ("/s.json", "{\"type\": 5}")],
        3,
        "error: cannot use the schema `/s.json`: `type` is not a type or a list of types at `/type`
  --> plan.yaml:3:66  step 1 `render`
   |
 3 |   - render: { source: /t.hbs, path: /a.json, validate: { schema: /s.json } }
   |                                                                  ^^^^^^^",
    ),
    (
        "render: { source: /t.hbs, path: /a.json, validate: { schema: /s.json } }",
        &[("/t.hbs", "{\"b\": 1}"), ("/s.json", "{\"required\": [\"a\"], \"properties\": {\"b\": {\"type\": \"string\"}}}")],
        3,
        "error: cannot use the rendered `/t.hbs`: `/` has no key `a`, which is required
  --> plan.yaml:3:13  step 1 `render`
   |
 3 |   - render: { source: /t.hbs, path: /a.json, validate: { schema: /s.json } }
   |             ^
   = `/b` is not of the type string
   = schema: /s.json",
    ),
    (
        "render: { source: /t.hbs, path: /a, validate: { command: [/bin/sh, -c, \"echo no; exit 3\", \"{}\"] } }",
        &[("/t.hbs", "x\n")],
        1,
        "error: cannot use `/a`: its validation failed: `/bin/sh` ended with code 3
  --> plan.yaml:3:62  step 1 `render`
   |
 3 |   - render: { source: /t.hbs, path: /a, validate: { command: [/bin/sh, -c, \"echo no; exit 3\", \"{}\"] } }
   |                                                              ^
   = /bin/sh: no",
    ),
    (
        "render: { source: /t.hbs, path: /a, validate: { command: [/no/such, \"{}\"] } }",
        &[("/t.hbs", "x\n")],
        1,
        "error: cannot use `/a`: its validation failed: cannot execute `/no/such`: no such file
  --> plan.yaml:3:62  step 1 `render`
   |
 3 |   - render: { source: /t.hbs, path: /a, validate: { command: [/no/such, \"{}\"] } }
   |                                                              ^",
    ),
];

#[test]
fn what_cannot_be_rendered() {
    says("apply", CASES);
}
