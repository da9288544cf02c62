use super::escape;
use crate::format::{Insertion, Scalar};

/// Puts the values where `@` stands.
fn escaped(template: &str, values: &[&str]) -> Result<String, usize> {
    let (mut text, mut insertions) = (String::new(), Vec::new());
    let mut values = values.iter();
    for (index, part) in template.split('@').enumerate() {
        if index > 0 {
            let start = text.len();
            text.push_str(values.next().unwrap());
            insertions.push(Insertion { range: start..text.len(), scalar: Scalar::Text });
        }
        text.push_str(part);
    }
    escape(&text, &insertions).map_err(|problem| problem.offset)
}

#[test]
fn values_in_their_places() {
    for (template, values, wanted) in [
        ("echo @", &["a"][..], "echo a"),
        ("echo @", &[""], "echo ''"),
        ("echo @ @", &["it's", "a b"], r"echo 'it'\''s' 'a b'"),
        ("X=/a/@/b", &["c d"], "X=/a/'c d'/b"),
        ("a @>b", &["2"], "a '2'>b"),
        ("@; x", &["if"], "'if'; x"),
        ("echo $A@", &["b"], "echo $A'b'"),
        ("echo \"$A@\"", &["b"], "echo \"$A\"\"b\""),
        ("echo \"@\"", &["\\\"$`!'"], "echo \"\\\\\\\"\\$\\`!'\""),
        ("echo '@'", &["'"], r"echo ''\'''"),
        ("echo {@,b} [@]", &["1,2", "a-z"], "echo {'1,2',b} ['a-z']"),
        ("# @\nx @", &["'\"", "'"], "# '\"\nx ''\\'''"),
        ("\"$(echo '@' @)\" @", &["'", "$", "x"], r#""$(echo ''\''' '$')" x"#),
        ("\"$(case x in x) a @;; esac)\" '@'", &[";", "'"], r#""$(case x in x) a ';';; esac)" ''\'''"#),
        ("echo $((1-@))", &["-1"], "echo $((1- -1))"),
        (": ${A:=@} \"${B:-@}\"", &["a b", "}\""], ": ${A:='a b'} \"${B:-\\}\\\"}\""),
        ("\"${A:-\"}@\"}\"", &["b"], "\"${A:-\"}b\"}\""),
        ("\"${A#@}\" ${A#@}", &["*$(`", "$("], r#""${A#'*'\$'('\`''}" ${A#'$('}"#),
        ("cat <<A; x @\n@\nA\n@", &[";", "$'", ";"], "cat <<A; x ';'\n\\$'\nA\n';'"),
        ("cat <<E\\\nF\n@\nEF\n@", &["`", ";"], "cat <<E\\\nF\n\\`\nEF\n';'"),
        ("cat <\\\n<\\\n- \\\nE\n@\n\tE\n@", &["`", ";"], "cat <\\\n<\\\n- \\\nE\n\\`\n\tE\n';'"),
        ("cat <<\"\\\"E\\\n\"\n@\n\"E\n@", &["`", ";"], "cat <<\"\\\"E\\\n\"\n`\n\"E\n';'"),
        ("cat <<E\nx\\\nE\n@\nE\n@", &["`", ";"], "cat <<E\nx\\\nE\n\\`\nE\n';'"),
        ("echo $A\\\nB\\\n@", &["b"], "echo $A\\\nB\\\n'b'"),
        ("echo \"$A@\\\nb\"", &[""], "echo \"$A\"\"\\\nb\""),
        ("echo \"$\\\n(echo @)\"", &[";"], "echo \"$\\\n(echo ';')\""),
        ("echo $(\\\n(1-\\\n@)\\\n) @", &["-1", ";"], "echo $(\\\n(1-\\\n -1)\\\n) ';'"),
        (": ${\\\nA\\\n:\\\n-@}", &["a b"], ": ${\\\nA\\\n:\\\n-'a b'}"),
        ("i\\\n@ x", &["f"], "i\\\n'f' x"),
        ("echo @\\\n>b @2>b {@}>b", &["1", "1", "a"], "echo '1'\\\n>b '1'2>b {'a'}>b"),
        ("[[ a =~ \\\n@ ]]", &["."], "[[ a =~ \\\n'.' ]]"),
        ("$(ca\\\nse x in x) a @;; e\\\nsac) @", &[";", ";"], "$(ca\\\nse x in x) a ';';; e\\\nsac) ';'"),
        ("$(case x in x) a;\\\n; y) b;; esac) @", &[";"], "$(case x in x) a;\\\n; y) b;; esac) ';'"),
        ("\"$(a 2>&1 case)\" @", &[";"], "\"$(a 2>&1 case)\" ';'"),
        ("# a \\\n@ 'a\\\n@'", &[";", "'"], "# a \\\n';' 'a\\\n'\\'''"),
        ("cat <<'A' <<-B\n@\nA\n\t@\n\tB\n@", &["$", "$", "$"], "cat <<'A' <<-B\n$\nA\n\t\\$\n\tB\n'$'"),
    ] {
        assert_eq!(escaped(template, values).as_deref(), Ok(wanted), "{template}");
    }
}

#[test]
fn values_that_a_place_cannot_hold() {
    for (template, value, offset) in [
        ("# @", "\n", 2),
        ("a @", "\0", 2),
        ("a $@", "x", 3),
        ("a \\@", "x", 3),
        ("a $'@'", "x", 4),
        ("a `@`", "x y", 3),
        ("a $((@))", "x", 5),
        ("((@))", "a[$(x)]", 2),
        ("a ~@", "root", 3),
        ("a <<@", "x", 4),
        ("a <<E\n@\nE\n", "E", 6),
        ("a <<EF\nE@\nEF\n", "F", 8),
        ("a <<EF\nE\\\n@\nEF\n", "F", 10),
        ("a <<E\n\\\nE\n@", ";", 10),
        ("a <<E\n\\\nE\n\nE\n@", ";", 13),
        ("a <<EF\nE\\\nF\n\nEF\n@", ";", 16),
        ("a <<-EF\n\t\t\t\\\nEF\nEF\n@", ";", 19),
        ("a <<E\n$(b\nE\n@)\n", ";", 12),
        ("a <<$(b)\nx\n$(b)\n@", ";", 16),
        ("a <<$'E'\nx\n$E\n@", ";", 14),
        ("a <<'E\nF'\nE\nF\n@", ";", 14),
        ("a $(b <<E)\nE\n@", ";", 13),
        ("(\\\n(1)) @", ";", 8),
        ("a $\\\n@", "x", 5),
        ("a \"$\\\n@\"", "x", 6),
        ("a ~\\\n@", "root", 5),
        ("a \"$[@]\"", "b", 5),
        ("a ${A:-~\\\n@}", "root", 10),
        ("a <<E\n$A\\\n@\nE\n", "x", 10),
        ("a `b $A\\\n@`", "x", 9),
        ("a `b @>c`", "1", 5),
        ("a `@ c`", "if", 3),
        ("a <<-E\n\t@\nE\n", "\tx", 8),
        ("a <<E\n$A@\nE\n", "x", 8),
        ("a \"${A:-@}\"", "'", 8),
        ("a \"${A:-@}\"", "<(", 8),
        ("a \"${A:-<@}\"", "(", 9),
        ("a \"${A:-<@(}\"", "", 9),
        ("a \"${A:-@(}\"", ">", 8),
        ("a ${A/@}", "/", 6),
    ] {
        assert_eq!(escaped(template, &[value]), Err(offset), "{template}");
    }
}
