//! Shell scripts, run by `dash` and `bash`.

use super::place::{Format, Language, Place};
use super::reader::{reader, texts};
use super::trial::hold;

fn has_nul(value: &str) -> bool {
    value.contains('\0')
}

fn comment(value: &str) -> bool {
    value.contains(['\n', '\0'])
}

/// A line of the value could end the document, or begins like its end, where `dash` loses bytes.
fn document(value: &str) -> bool {
    has_nul(value) || value.split('\n').any(|line| line.starts_with('E'))
}

fn tabs(value: &str) -> bool {
    document(value) || value.split('\n').any(|line| line.starts_with('\t'))
}

/// `sh` and `bash` read apostrophes differently, and `bash` looks for commands.
fn in_default(value: &str) -> bool {
    value.contains(['\0', '\'']) || value.contains("<(") || value.contains(">(")
}

fn integer(value: &str) -> bool {
    value.parse::<i32>().is_err()
}

/// What a shell takes as it is.
fn plain(value: &str) -> bool {
    value.is_empty() || !value.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_./:,@%+-".contains(&byte))
}

/// What a shell takes as it is in backquotes, where a keyword may be one.
fn in_backquotes(value: &str) -> bool {
    const RESERVED: [&str; 18] = [
        "if", "then", "else", "elif", "fi", "do", "done", "case", "esac", "while", "until", "for", "in", "function",
        "select", "time", "coproc", "repeat",
    ];
    let word = value.split(|c: char| !c.is_ascii_lowercase()).next().unwrap_or_default();
    plain(value) || RESERVED.contains(&word)
}

#[test]
fn every_value_comes_back_from_shell_scripts() {
    let test = "every_value_comes_back_from_shell_scripts";
    let Some(read) = reader(test, "read_sh.py", texts) else { return };
    let item = |item| Place::new("U=u\nunset N\n", item, "").refuses(has_nul);
    let url = "http://{{this}}:{{this}}/x";
    let places = vec![
        item("printf '%s\\0' {{this}}\n"),
        item("printf '%s\\0' \"{{this}}\"\n"),
        item("printf '%s\\0' '{{this}}'\n"),
        item("printf '%s\\0' http://{{this}}:{{this}}/x\n").wanted(url),
        item("printf '%s\\0' \"http://{{this}}:{{this}}/x\"\n").wanted(url),
        item("printf '%s\\0' '$U{{this}}'\n").wanted("$U{{this}}"),
        item("printf '%s\\0' \"$U\"{{this}}$U\n").wanted("u{{this}}u"),
        item("printf '%s\\0' \"$U{{this}}${U}\"\n").wanted("u{{this}}u"),
        item("printf '%s\\0' $U{{this}}\n").wanted("u{{this}}"),
        item("printf '%s\\0' \"\\\\{{this}}\\\"\"\n").wanted("\\{{this}}\""),
        item("V={{this}}; printf '%s\\0' \"$V\"\n"),
        item("export V=/a/{{this}}/b; printf '%s\\0' \"$V\"\n").wanted("/a/{{this}}/b"),
        item("f() { printf '%s\\0' \"$1\"; }; f {{this}};\n"),
        item("if true; then printf '%s\\0' {{this}}; fi\n"),
        item("(printf '%s\\0' {{this}})\n"),
        item("V=$(printf '%s.' {{this}}); printf '%s\\0' \"$V\"\n").costly().wanted("{{this}}."),
        item("V=\"$(printf '%s.' \"{{this}}\" '{{this}}')\"; printf '%s\\0' \"$V\"\n")
            .costly()
            .wanted("{{this}}.{{this}}."),
        item("case {{this}} in {{this}}) printf '%s\\0' {{this}};; *) printf 'no\\0';; esac\n"),
        item("printf '%s\\0' ${N:-{{this}}}\n"),
        item("printf '%s\\0' \"${N:-{{this}}}\"\n").refuses(in_default),
        item("V={{this}}; printf '%s\\0' \"${V#{{this}}}.\"\n")
            .wanted(".")
            .refuses(|value| value.contains(['\0', '\''])),
        item("V=a{{this}}; printf '%s\\0' ${V%{{this}}}\n").wanted("a"),
        item("V=a{{this}}; cat <<EOF; printf '\\0'\n${V%%{{this}}}\nEOF\n")
            .costly()
            .wanted("a\n")
            .refuses(|value| document(value) || value.contains('\'')),
        item("cat <<'EOF'; printf '\\0'\n{{this}}\nEOF\n").costly().wanted("{{this}}\n").refuses(document),
        item("cat <<EOF; printf '\\0'\n{{this}}\nEOF\n").costly().wanted("{{this}}\n").refuses(document),
        item("cat <<EOF; printf '\\0'\n\\\\$U {{this}} {{this}}\nEOF\n")
            .costly()
            .wanted("\\u {{this}} {{this}}\n")
            .refuses(document),
        item("cat <<-EOF; printf '\\0'\n\tx{{this}}\n\tEOF\n").costly().wanted("x{{this}}\n").refuses(tabs),
        item("printf '%s\\0' $((1 - {{this}} + {{this}}))\n").wanted("1").refuses(integer),
        item("printf '%s\\0' `echo {{this}}`\n")
            .costly()
            .refuses(in_backquotes)
            .leaves_out(|value| value.starts_with('-')),
        item("printf 'x\\0' # {{this}}\n").wanted("x").refuses(comment),
    ];
    hold(&Format { language: Language { name: "sh", file: Some("a.sh") }, places, read });
}
