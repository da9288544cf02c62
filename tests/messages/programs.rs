//! What `run` and `sql` say of the programs that they start.

use super::{Case, says};

const FAILING: &[Case] = &[
    (
        "run: { command: [/none] }",
        &[],
        1,
        "error: cannot execute `/none`: no such file
  --> plan.yaml:3:22  step 1 `run`
   |
 3 |   - run: { command: [/none] }
   |                      ^^^^^

hint: check the path, and that the image has the program",
    ),
    (
        "run: { command: [none-such], env: { PATH: /a } }",
        &[],
        1,
        "error: cannot execute `none-such`: not found in PATH
  --> plan.yaml:3:22  step 1 `run`
   |
 3 |   - run: { command: [none-such], env: { PATH: /a } }
   |                      ^^^^^^^^^

hint: PATH is `/a`; a name with a slash is taken as it is",
    ),
    (
        "confine: off\n    run: { command: [sh, -c, \"exit 4\"], ok_codes: [0, 2] }",
        &[],
        1,
        "error: `sh` ended with code 4
  --> plan.yaml:4:22  step 1 `run`
   |
 4 |     run: { command: [sh, -c, \"exit 4\"], ok_codes: [0, 2] }
   |                      ^^",
    ),
    (
        "run: { command: [sh], as: nobody-here }",
        &[],
        4,
        "error: cannot find user `nobody-here`: not in `/etc/passwd`
  --> plan.yaml:3:31  step 1 `run`
   |
 3 |   - run: { command: [sh], as: nobody-here }
   |                               ^^^^^^^^^^^

hint: add it to the image, or write its number",
    ),
    (
        "run: { command: [sh], stdin: { file: /none } }",
        &[],
        6,
        "error: cannot read `/none`: no such file or directory
  --> plan.yaml:3:42  step 1 `run`
   |
 3 |   - run: { command: [sh], stdin: { file: /none } }
   |                                          ^^^^^
   = call: openat2(</>, \"/none\", O_PATH, RESOLVE_IN_ROOT): ENOENT",
    ),
    (
        "run: { command: [sh], stdin: { from_file: /none } }",
        &[],
        4,
        "error: cannot read the secret `/none`: no such file or directory
  --> plan.yaml:3:47  step 1 `run`
   |
 3 |   - run: { command: [sh], stdin: { from_file: /none } }
   |                                               ^^^^^",
    ),
    (
        "run: { command: [sh], secrets_as_files: { a: { from_file: /none } } }",
        &[],
        4,
        "error: cannot read the secret `/none`: no such file or directory
  --> plan.yaml:3:63  step 1 `run`
   |
 3 |   - run: { command: [sh], secrets_as_files: { a: { from_file: /none } } }
   |                                                               ^^^^^",
    ),
    (
        "run: { command: [sh], secrets_as_files: { a: { from_file: /empty } } }",
        &[("empty", "\n")],
        4,
        "error: the secret `/empty` is empty
  --> plan.yaml:3:63  step 1 `run`
   |
 3 |   - run: { command: [sh], secrets_as_files: { a: { from_file: /empty } } }
   |                                                               ^^^^^^",
    ),
    (
        "confine: off\n    sql: { command: [sh, -c, \"echo no; exit 2\"], source: /a.sql }",
        &[("a.sql", "x")],
        7,
        "error: cannot apply `/a.sql`: `sh` ended with code 2
  --> plan.yaml:4:22  step 1 `sql`
   |
 4 |     sql: { command: [sh, -c, \"echo no; exit 2\"], source: /a.sql }
   |                      ^^
   = sh: no",
    ),
    (
        "sql: { command: [sh], source: /sql }",
        &[("sql/a.sh", ""), ("sql/b.sql", "")],
        3,
        "error: cannot execute everything in `/sql`
  --> plan.yaml:3:35  step 1 `sql`
   |
 3 |   - sql: { command: [sh], source: /sql }
   |                                   ^^^^
   = `a.sh`: a script of a shell, and no shell runs here

hint: put them elsewhere, or write `unsupported: warn` or `skip`; what a script does, steps of the plan do",
    ),
    (
        "sql: { command: [sh], source: /a.sql.gz }",
        &[("a.sql.gz", "x")],
        6,
        "error: cannot read `/a.sql.gz`: it is not gzip
  --> plan.yaml:3:35  step 1 `sql`
   |
 3 |   - sql: { command: [sh], source: /a.sql.gz }
   |                                   ^^^^^^^^^",
    ),
];

const WRONG: &[Case] = &[
    (
        "run: { command: [] }",
        &[],
        3,
        "error: `run` needs a command
  --> plan.yaml:3:10
   |
 3 |   - run: { command: [] }
   |          ^",
    ),
    (
        "run: { command: [sh], ok_codes: [] }",
        &[],
        3,
        "error: no exit code would do
  --> plan.yaml:3:37
   |
 3 |   - run: { command: [sh], ok_codes: [] }
   |                                     ^

hint: remove `ok_codes`, or name the codes that are no failure",
    ),
    (
        "run: { command: [sh], ok_codes: [300] }",
        &[],
        3,
        "error: expected a whole number from 0 to 255
  --> plan.yaml:3:38
   |
 3 |   - run: { command: [sh], ok_codes: [300] }
   |                                      ^^^",
    ),
    (
        "run: { command: [sh], ok_output: \"(\" }",
        &[],
        3,
        "error: not a regular expression
  --> plan.yaml:3:38
   |
 3 |   - run: { command: [sh], ok_output: \"(\" }
   |                                      ^^^",
    ),
    (
        "run: { command: [sh], interval: 1s }",
        &[],
        3,
        "error: `interval` has no meaning without `retries`
  --> plan.yaml:3:37
   |
 3 |   - run: { command: [sh], interval: 1s }
   |                                     ^^",
    ),
    (
        "run: { command: [sh], stdin: {} }",
        &[],
        3,
        "error: not one input
  --> plan.yaml:3:34
   |
 3 |   - run: { command: [sh], stdin: {} }
   |                                  ^

hint: write a text, `{ from_env: NAME }`, `{ from_file: PATH }` or `{ file: PATH }`",
    ),
    (
        "run: { command: [sh], env: { A: 1 } }",
        &[],
        3,
        "error: expected a string or null, found an integer
  --> plan.yaml:3:37
   |
 3 |   - run: { command: [sh], env: { A: 1 } }
   |                                     ^

hint: put it in quotes",
    ),
    (
        "run: { command: [sh], env: { \"\": x } }",
        &[],
        3,
        "error: not the name of a variable
  --> plan.yaml:3:34
   |
 3 |   - run: { command: [sh], env: { \"\": x } }
   |                                  ^^

hint: write it as `NAME: value`",
    ),
    (
        "run: { command: [sh], secrets_as_files: { a: {} } }",
        &[],
        3,
        "error: `a` is not one place
  --> plan.yaml:3:47
   |
 3 |   - run: { command: [sh], secrets_as_files: { a: {} } }
   |                                               ^

hint: write `{ from_env: NAME }` or `{ from_file: PATH }`",
    ),
    (
        "run: { command: [sh], secrets_as_files: { a-b: { from_env: A } } }",
        &[],
        3,
        "error: not the name of a secret file
  --> plan.yaml:3:47
   |
 3 |   - run: { command: [sh], secrets_as_files: { a-b: { from_env: A } } }
   |                                               ^^^

hint: letters, digits and `_`, as it stands in `{{secret_files.NAME}}`
error: `A` is not declared under `inputs.env`
  --> plan.yaml:3:64
   |
 3 |   - run: { command: [sh], secrets_as_files: { a-b: { from_env: A } } }
   |                                                                ^

hint: add `A: { secret: true }` there",
    ),
    (
        "run: { command: [sh, \"{{secret_files.a}}\"] }",
        &[],
        3,
        "error: unknown name `secret_files.a`
  --> plan.yaml:3:26
   |
 3 |   - run: { command: [sh, \"{{secret_files.a}}\"] }
   |                          ^^^^^^^^^^^^^^^^^^^^

hint: add `a: { from_env: NAME }` to `secrets_as_files` of the same step",
    ),
    (
        "sql: { text: x }",
        &[],
        3,
        "error: `sql` needs either `database` or `command`
  --> plan.yaml:3:10
   |
 3 |   - sql: { text: x }
   |          ^",
    ),
    (
        "sql: { command: [psql], text: x }",
        &[],
        3,
        "error: `psql` goes on after a statement that failed, and ends with 0
  --> plan.yaml:3:22
   |
 3 |   - sql: { command: [psql], text: x }
   |                      ^^^^

hint: add the words `-v` and `ON_ERROR_STOP=1`",
    ),
    (
        "sql: { command: [postgres], text: x }",
        &[],
        3,
        "error: `postgres` goes on after a statement that failed, and ends with 0
  --> plan.yaml:3:22
   |
 3 |   - sql: { command: [postgres], text: x }
   |                      ^^^^^^^^

hint: add the words `-c` and `exit_on_error=true`",
    ),
    (
        "sql: { command: [psql, -v, ON_ERROR_STOP=1], text: x, unless: y }",
        &[],
        3,
        "error: `psql` prints something also when the query gives no row
  --> plan.yaml:3:67
   |
 3 |   - sql: { command: [psql, -v, ON_ERROR_STOP=1], text: x, unless: y }
   |                                                                   ^

hint: add the word `-At` to the command",
    ),
    (
        "sql: { command: [client], text: \"{{facts.uid}}\" }",
        &[],
        3,
        "error: cannot tell how values are written for `client`
  --> plan.yaml:3:37
   |
 3 |   - sql: { command: [client], text: \"{{facts.uid}}\" }
   |                                     ^^^^^^^^^^^^^^^

hint: add `dialect: postgres`, `mysql` or `sqlite`",
    ),
    (
        "sql: { command: [client], text: x, session: [y] }",
        &[],
        3,
        "error: `session` has no meaning beside `command`
  --> plan.yaml:3:50
   |
 3 |   - sql: { command: [client], text: x, session: [y] }
   |                                                  ^

hint: let the program do it, by its arguments or by the first statements",
    ),
    (
        "sql: { database: \"sqlite:///a\", text: x, directory: /x }",
        &[],
        3,
        "error: `directory` has no meaning without `command`
  --> plan.yaml:3:57
   |
 3 |   - sql: { database: \"sqlite:///a\", text: x, directory: /x }
   |                                                         ^^

hint: it is for a client program, and here Fitout itself speaks to the database",
    ),
];

#[test]
fn programs_that_cannot_be_started_or_fail() {
    says("apply", FAILING);
}

#[test]
fn programs_that_are_written_wrong() {
    says("check", WRONG);
}
