//! What is understood, what is refused, and that nothing else happens. `tests/shell.rs` holds the same against a shell.

use std::ffi::OsString;
use std::os::unix::ffi::OsStrExt as _;

use super::command::{Command, read};
use crate::process::{Redirection, Source};
use crate::root::Opening;

/// Words and redirections, each behind a bar.
fn told(text: &[u8]) -> String {
    match read(text) {
        Ok(Command { words, redirections }) => {
            let mut parts: Vec<String> = words.iter().map(|word| word.display().to_string()).collect();
            parts.extend(redirections.iter().map(redirection));
            parts.join("|")
        }
        Err(refused) => format!("{}: {}", refused.column, refused.what),
    }
}

fn redirection(redirection: &Redirection) -> String {
    let Redirection { descriptor, source } = redirection;
    match source {
        Source::Descriptor(source) => format!("{descriptor}={source}"),
        Source::File(path, Opening::Read) => format!("{descriptor}<{}", path.display()),
        Source::File(path, Opening::Write) => format!("{descriptor}>{}", path.display()),
        Source::File(path, Opening::Append) => format!("{descriptor}>>{}", path.display()),
    }
}

#[test]
fn words_quotes_and_redirections() {
    for (text, wanted) in [
        ("a", "a"),
        ("  a \t b  ", "a|b"),
        (r#""a b" 'c d' e\ f"#, "a b|c d|e f"),
        (r#"a"b"'c'\d"#, "abcd"),
        (r#"a "" '' b"#, "a|||b"),
        (r#"a "\$\`\"\\\x\'" '\$"`' \$\`\"\'\\"#, r#"a|$`"\\x\'|\$"`|$`"'\"#),
        ("a 'b\nc' \"d\ne\"", "a|b\nc|d\ne"),
        (
            r#"a ";|&(){}<>*?[~#" ';|&(){}<>*?[~#' \;\|\&\(\)\{\<\>\*\?\[ \~ \#"#,
            "a|;|&(){}<>*?[~#|;|&(){}<>*?[~#|;|&(){<>*?[|~|#",
        ),
        ("a b#c d~e f}g ]h !i =j %k @l ^m ,n -o a=b", "a|b#c|d~e|f}g|]h|!i|=j|%k|@l|^m|,n|-o|a=b"),
        ("a <f", "a|0<f"),
        ("<f a>g b", "a|b|0<f|1>g"),
        ("a < \"/dev/null\" > '/dev/null' 2>&1", "a|0</dev/null|1>/dev/null|2=1"),
        ("a>>\"b c\"2>d 2>e", "a|1>>b c2|1>d|2>e"),
        ("=b c", "=b|c"),
        ("a 2>&1 >b >&2 1>&2 <&3 4<e 5>> f", "a|2=1|1>b|1=2|1=2|0=3|4<e|5>>f"),
        (r#"a \2>b "2">c 2 >d x2>e"#, "a|2|2|2|x2|1>b|1>c|1>d|1>e"),
        (r#"a >&"2" >&\1"#, "a|1=2|1=1"),
        ("a > \"\"", "a|1>"),
        ("exec a -b", "a|-b"),
        ("\"exec\" <f a", "a|0<f"),
        ("exec cd", "cd"),
        ("exec exec a", "exec|a"),
        ("a exec if cd A=b", "a|exec|if|cd|A=b"),
        ("'if' \\if", "if|if"),
        ("\\A=b A\\=c", "A=b|A=c"),
        ("1A=b A-b=c", "1A=b|A-b=c"),
    ] {
        assert_eq!(told(text.as_bytes()), wanted, "{text}");
    }
}

#[test]
fn what_needs_a_shell_is_refused_with_its_column() {
    for (text, wanted) in [
        ("", "1: the end, and no program"),
        (" \t", "3: the end, and no program"),
        ("> f", "4: the end, and no program"),
        ("exec", "5: the end, and no program"),
        ("exec > f", "9: the end, and no program"),
        ("exec -a b c", "6: an option of `exec`"),
        ("a $b", "3: `$`, an expansion,"),
        ("a b$", "4: `$`, an expansion,"),
        ("a \"é$b\"", "5: `$`, an expansion,"),
        ("a \"`b`\"", "4: a backquote, the output of another command,"),
        ("a `b`", "3: a backquote, the output of another command,"),
        ("a;", "2: `;`, another command,"),
        ("a | b", "3: `|`, a pipe,"),
        ("a&", "2: `&`, a command in the background or another one,"),
        ("a && b", "3: `&`, a command in the background or another one,"),
        ("a &> b", "3: `&`, a command in the background or another one,"),
        ("(a)", "1: a parenthesis, a shell in a shell,"),
        ("a() b", "2: a parenthesis, a shell in a shell,"),
        ("{ a", "1: `{`, a group of commands or of words,"),
        ("a b{c,d}", "4: `{`, a group of commands or of words,"),
        ("a\nb", "2: a second line"),
        ("a\n", "2: a second line"),
        ("\na", "1: a second line"),
        ("a \\\nb", "3: a line that goes on in the next one"),
        ("a \"b\\\nc\"", "5: a line that goes on in the next one"),
        ("a *", "3: a pattern for names of files"),
        ("a b?", "4: a pattern for names of files"),
        ("[ a ]", "1: a pattern for names of files"),
        ("a ~", "3: `~`, somebody's home directory,"),
        ("~/a", "1: `~`, somebody's home directory,"),
        ("a > ~/b", "5: `~`, somebody's home directory,"),
        ("a #b", "3: `#`, a comment,"),
        ("#", "1: `#`, a comment,"),
        ("A=b c", "1: a variable in front of the program"),
        ("A=b", "1: a variable in front of the program"),
        ("_a1='b' c", "1: a variable in front of the program"),
        ("<f A=b c", "4: a variable in front of the program"),
        ("if a", "1: `if`, a word of the shell's language,"),
        ("! a", "1: `!`, a word of the shell's language,"),
        ("cd /", "1: `cd`, a command of the shell itself,"),
        ("'cd' /", "1: `cd`, a command of the shell itself,"),
        (": a", "1: `:`, a command of the shell itself,"),
        (". a", "1: `.`, a command of the shell itself,"),
        ("a 'b", "3: a quote without its end"),
        ("a b\"c\\\"", "4: a quote without its end"),
        ("a \\", "3: a backslash with nothing behind it"),
        ("a >", "3: a redirection to nothing"),
        ("a 2> ", "3: a redirection to nothing"),
        ("a > > b", "5: a redirection in the place of a name"),
        ("a >&2>b", "5: a redirection in the place of a name"),
        ("a > 2<b", "5: a redirection in the place of a name"),
        ("a << b", "3: a text that is given line by line"),
        ("a <> b", "3: a file that is opened for reading and writing"),
        ("a >| b", "3: a redirection in spite of `noclobber`"),
        ("a >&-", "5: not the number of a descriptor"),
        ("a >&b", "5: not the number of a descriptor"),
        ("a >&12", "5: not the number of a descriptor"),
        ("a >& ''", "6: not the number of a descriptor"),
        ("a 12>b", "3: a descriptor above 9"),
        ("a >b$c", "5: `$`, an expansion,"),
    ] {
        assert_eq!(told(text.as_bytes()), wanted, "{text}");
    }
}

/// The same character in every place that a quote can and cannot reach.
#[test]
fn every_byte_is_itself_in_quotes_and_behind_a_backslash() {
    for byte in 1..=u8::MAX {
        let around = |before: &[u8], after: &[u8]| [b"a ", before, &[byte], after].concat();
        let only = |text: Vec<u8>| read(&text).map(|command| command.words[1].as_bytes().to_vec());
        if byte != b'\'' {
            assert_eq!(only(around(b"'", b"'")).unwrap(), [byte]);
        }
        if !b"\"$`\\".contains(&byte) {
            assert_eq!(only(around(b"\"", b"\"")).unwrap(), [byte]);
        }
        if byte != b'\n' {
            assert_eq!(only(around(b"\\", b"")).unwrap(), [byte]);
        }
        let alone = read(&around(b"x", b"x"));
        if b"\n\"$&'()*;<>?[\\`{|".contains(&byte) {
            assert!(
                !alone.is_ok_and(|command| command.words.get(1).is_some_and(|word| word.as_bytes().contains(&byte)))
            );
        } else if !b" \t".contains(&byte) {
            assert_eq!(alone.unwrap().words[1].as_bytes(), [b'x', byte, b'x']);
        }
    }
}

#[test]
fn the_longest_command_is_read_at_once() {
    let length = 128 * 1024 - 3;
    let text = [b"a ".as_slice(), &vec![0xff; length]].concat();
    assert_eq!(read(&text).unwrap().words[1].len(), length);
    let many = [b"a".as_slice(), &b" b".repeat(length / 2)].concat();
    assert_eq!(read(&many).unwrap().words.len(), length / 2 + 1);
    let open = [b"a '".as_slice(), &vec![b'"'; length]].concat();
    assert_eq!(read(&open).unwrap_err().column, 3);
    let redirected = [b"a".as_slice(), &b">b".repeat(length / 2)].concat();
    assert_eq!(read(&redirected).unwrap().words, [OsString::from("a")]);
}
