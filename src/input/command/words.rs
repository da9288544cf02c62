//! A text as words, as a shell divides it: quotes and backslashes are understood, and nothing is expanded.

use std::ffi::OsString;
use std::os::unix::ffi::OsStringExt as _;

/// Divides the text into words. `$`, `*`, `#`, `;` and their like are characters as any other.
pub(super) fn split(text: &[u8]) -> Result<Vec<OsString>, &'static str> {
    let mut words = Vec::new();
    // None between words: an empty pair of quotes is a word, and no text is none.
    let mut word: Option<Vec<u8>> = None;
    let mut rest = text.iter().copied();
    while let Some(byte) = rest.next() {
        match byte {
            b' ' | b'\t' | b'\n' | b'\r' => words.extend(word.take()),
            b'\'' => {
                let word = word.get_or_insert_default();
                loop {
                    match rest.next().ok_or("a quote is not closed")? {
                        b'\'' => break,
                        byte => word.push(byte),
                    }
                }
            }
            b'"' => {
                let word = word.get_or_insert_default();
                loop {
                    match rest.next().ok_or("a quote is not closed")? {
                        b'"' => break,
                        b'\\' => match rest.next().ok_or("a quote is not closed")? {
                            byte @ (b'"' | b'\\' | b'$' | b'`') => word.push(byte),
                            b'\n' => {}
                            byte => word.extend([b'\\', byte]),
                        },
                        byte => word.push(byte),
                    }
                }
            }
            b'\\' => match rest.next().ok_or("nothing stands behind the last backslash")? {
                b'\n' => {}
                byte => word.get_or_insert_default().push(byte),
            },
            byte => word.get_or_insert_default().push(byte),
        }
    }
    words.extend(word);
    Ok(words.into_iter().map(OsString::from_vec).collect())
}

#[cfg(test)]
mod tests {
    use super::split;

    #[test]
    fn words_are_divided_as_by_a_shell_and_nothing_is_expanded() {
        for (text, wanted) in [
            ("", Ok(&[] as &[&str])),
            ("  \n\t ", Ok(&[])),
            ("a b\tc\nd", Ok(&["a", "b", "c", "d"])),
            (r#"'a b' "c d" e\ f"#, Ok(&["a b", "c d", "e f"])),
            (r#"--x='a "b"'"'"c"#, Ok(&[r#"--x=a "b"'c"#])),
            (r#"'' """#, Ok(&["", ""])),
            (r#""a\"\\\$\`\n""#, Ok(&[r#"a"\$`\n"#])),
            ("$HOME $(id) `id` * ; # | > <", Ok(&["$HOME", "$(id)", "`id`", "*", ";", "#", "|", ">", "<"])),
            ("a\\\nb \"c\\\nd\"", Ok(&["ab", "cd"])),
            ("'a", Err("a quote is not closed")),
            ("\"a", Err("a quote is not closed")),
            ("\"a\\", Err("a quote is not closed")),
            ("a\\", Err("nothing stands behind the last backslash")),
        ] {
            let words = split(text.as_bytes());
            let words =
                words.map(|words| words.iter().map(|word| word.to_str().unwrap().to_owned()).collect::<Vec<_>>());
            let wanted = wanted.map(|words| words.iter().map(|word| (*word).to_owned()).collect());
            assert_eq!(words, wanted, "{text}");
        }
        assert_eq!(split(b"\xff 'b\xfe'").unwrap().len(), 2);
    }
}
