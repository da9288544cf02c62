//! What cannot be changed in a text, with its exact message and remedy.

use super::super::{LinePlace, TextOperation, edit, regex};
use super::{after, block, line, literal, replace};
use crate::format::EditError;

fn mark(marker: &str) -> TextOperation {
    TextOperation::Block { marker: marker.to_owned(), text: String::new(), place: LinePlace::End, absent: true }
}

#[test]
fn what_cannot_be_changed_is_told_with_its_remedy() {
    let before = LinePlace::Before(regex("z").unwrap());
    let rows = [
        (
            "x",
            literal("y", "z"),
            "the pattern matches nothing",
            "correct the pattern, or give `unless` if the text may be in its final form already",
        ),
        (
            "x",
            replace("y", "z", None, true),
            "the pattern matches nothing",
            "correct the pattern, or give `unless` if the text may be in its final form already",
        ),
        (
            "x1",
            replace("^x(.)$", "\\1", None, true),
            "a second run could not see that the replacement is done",
            "give `unless` with a pattern of the finished text",
        ),
        (
            "x",
            replace("^(.*)$", "# \\1", None, false),
            "a second run would replace again what was replaced",
            "give `unless` with a pattern of the finished text, or a pattern that does not match the replacement",
        ),
        (
            "xxxx",
            literal("xx", "x"),
            "a second run would replace again what was replaced",
            "give `unless` with a pattern of the finished text, or a pattern that does not match the replacement",
        ),
        ("a", line("b", after("z"), None, false), "no line matches the place for the new one", ""),
        ("a", line("b", before, None, false), "no line matches the place for the new one", ""),
        ("a", block("b", after("z"), false), "no line matches the place for the new one", ""),
        ("", mark("a\nb"), "the marker of a block cannot hold a line break", ""),
        (
            "# BEGIN x\n# END x\n# BEGIN x\n",
            block("b", LinePlace::End, false),
            "a marker of the block stands twice",
            "remove one of the blocks by hand",
        ),
        (
            "# BEGIN x\n# END x\n# END x\n",
            block("b", LinePlace::End, true),
            "a marker of the block stands twice",
            "remove one of the blocks by hand",
        ),
        (
            "# END x\n# BEGIN x\n",
            block("b", LinePlace::End, true),
            "the end of the block stands before its beginning",
            "put the marker lines right by hand",
        ),
        (
            "# BEGIN x\n",
            block("b", LinePlace::End, false),
            "the block has a beginning but no end",
            "put the marker lines right by hand",
        ),
        (
            "z\n# END x\r",
            block("b", LinePlace::End, false),
            "the block has an end but no beginning",
            "put the marker lines right by hand",
        ),
        (
            "# END x\n",
            block("b", LinePlace::End, false),
            "the block has an end but no beginning",
            "put the marker lines right by hand",
        ),
        ("", block("# END x", LinePlace::End, false), "the text of the block holds one of its markers", ""),
    ];
    let others: Vec<String> = rows
        .into_iter()
        .enumerate()
        .filter_map(|(row, (text, operation, message, hint))| match edit(text, std::slice::from_ref(&operation)) {
            Err(EditError::Operation { index: 0, message: told, hint: remedy }) => {
                let remedy = remedy.unwrap_or_default();
                let differs = (&*told, &*remedy) != (message, hint);
                differs.then(|| format!("row {row}: ({text:?}, {operation:?}, {told:?}, {remedy:?}),"))
            }
            other => Some(format!("row {row}: {text:?}, {operation:?}: {other:?}")),
        })
        .collect();
    assert!(others.is_empty(), "told otherwise:\n{}", others.join("\n"));
}
