//! What JSON, YAML and TOML refuse.

use super::Case;

pub(super) const CASES: &[Case] = &[
    ("json", "\"\\u00@\"", "hunter2", "a value stands inside an escape sequence", "write `\\\\` for a backslash"),
    (
        "json",
        "{\"a\": x@}",
        "hunter2",
        "text next to other text outside of quotes",
        "put all of it in one pair of quotes",
    ),
    ("yaml", "a: \"@\n", "hunter2", "the quote before the value is not closed", ""),
    ("yaml", "a: 1 # @\n", "hunter2\nb", "a YAML comment cannot hold a line break", ""),
    ("yaml", "# @\n", "hunter2\u{1}", "a YAML comment cannot hold a control character", ""),
    (
        "yaml",
        "a: &@ 1\n",
        "hunter2 b",
        "the name of a YAML anchor, alias or tag holds only letters, digits, `-` and `_`",
        "",
    ),
    ("yaml", "a: \"\\x4@\"\n", "hunter2", "a value stands inside an escape sequence", "write `\\\\` for a backslash"),
    ("yaml", "a: \"\\q @\n  b\"\n", " hunter2", "the value stands in a string with an unknown escape sequence", ""),
    ("yaml", "a: |@\n  x\n", "hunter2", "a value cannot stand in the header of a YAML block scalar", ""),
    (
        "yaml",
        "a:\n              |\n              @\n",
        " hunter2",
        "a YAML block scalar indented this deep cannot begin with a blank",
        "",
    ),
    (
        "yaml",
        "a: |\n  @\n",
        "hunter2\u{1}",
        "a YAML block scalar cannot hold control characters, nor line breaks other than LF",
        "put the value in double quotes",
    ),
    ("yaml", "a: >\n  b @\n", "a\nhunter2", "a YAML `>` scalar cannot hold a line break", "use `|`"),
    (
        "yaml",
        "a: >\n  b\n  @\n",
        " hunter2",
        "a line of a YAML `>` scalar cannot begin with a value that is empty or begins with a blank",
        "use `|`",
    ),
    ("toml", "a = \"x\"@\n", "hunter2", "the value touches a string", "put the value between the quotes"),
    ("toml", "a = \"@\n", "hunter2", "the value stands in a string that is not closed", "close the string"),
    ("toml", "# @\n", "a\nhunter2", "a TOML comment cannot hold a line break or control character", ""),
    (
        "toml",
        "a = x@\n",
        "hunter2",
        "a TOML value that is put together from several parts needs quotes",
        "put quotes around the whole value",
    ),
    (
        "toml",
        "a = \"\\u00@\"\n",
        "hunter2",
        "a value cannot stand in an escape sequence",
        "write `\\\\` for a backslash before a value",
    ),
];
