//! What has a meaning to a shell, and so cannot be taken for a word or a program.

/// Words that begin or end something larger than a simple command; those of POSIX, and those whose meaning it leaves open.
const KEYWORDS: [&str; 20] = [
    "!", "[[", "case", "coproc", "do", "done", "elif", "else", "esac", "fi", "for", "function", "if", "in", "select",
    "then", "time", "until", "while", "}",
];

/// Commands that are the shell's own, because they change it. Those that exist as programs too, such as `echo`, are not among them.
const OWN: [&str; 34] = [
    ".", ":", "alias", "bg", "break", "cd", "chdir", "command", "continue", "declare", "eval", "exit", "export", "fc",
    "fg", "getopts", "hash", "jobs", "local", "read", "readonly", "return", "set", "shift", "source", "times", "trap",
    "type", "typeset", "ulimit", "umask", "unalias", "unset", "wait",
];

/// What the first word of a command is.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Standing {
    Program,
    /// The next word is the program.
    Exec,
    Refused(String),
}

/// Judges a first word. Keywords and assignments are such only without quotes, of which the first stands behind `plain` bytes.
pub(super) fn standing(word: &[u8], plain: usize) -> Standing {
    let is_one_of = |words: &[&str]| words.iter().any(|known| known.as_bytes() == word);
    let shown = String::from_utf8_lossy(word);
    if word == b"exec" {
        Standing::Exec
    } else if is_one_of(&OWN) {
        Standing::Refused(format!("`{shown}`, a command of the shell itself,"))
    } else if plain == word.len() && is_one_of(&KEYWORDS) {
        Standing::Refused(format!("`{shown}`, a word of the shell's language,"))
    } else if assigns(&word[..plain]) {
        Standing::Refused("a variable in front of the program".to_owned())
    } else {
        Standing::Program
    }
}

fn assigns(word: &[u8]) -> bool {
    let Some(length) = word.iter().position(|byte| *byte == b'=') else { return false };
    let name = &word[..length];
    name.first().is_some_and(|first| !first.is_ascii_digit())
        && name.iter().all(|byte| byte.is_ascii_alphanumeric() || *byte == b'_')
}

/// What a character means without quotes. Also what one shell expands and another one does not.
pub(super) fn anywhere(byte: u8) -> Option<&'static str> {
    Some(match byte {
        b'$' => "`$`, an expansion,",
        b'`' => "a backquote, the output of another command,",
        b';' => "`;`, another command,",
        b'|' => "`|`, a pipe,",
        b'&' => "`&`, a command in the background or another one,",
        b'(' | b')' => "a parenthesis, a shell in a shell,",
        b'{' => "`{`, a group of commands or of words,",
        b'\n' => "a second line",
        b'*' | b'?' | b'[' => "a pattern for names of files",
        _ => return None,
    })
}

/// What a character means at the beginning of a word.
pub(super) fn at_the_beginning(byte: u8) -> Option<&'static str> {
    match byte {
        b'~' => Some("`~`, somebody's home directory,"),
        b'#' => Some("`#`, a comment,"),
        _ => None,
    }
}
