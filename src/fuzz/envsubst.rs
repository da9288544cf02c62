//! Templates of `envsubst`.

use crate::template::envsubst::{Allowed, Forms, Template, Unknown};

const UNKNOWN: [Unknown; 3] = [Unknown::Error, Unknown::Keep, Unknown::Empty];

/// What is not replaced stays byte for byte, and what is reported lies in the text.
pub fn envsubst(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    for forms in [Forms::Gnu, Forms::Posix] {
        render_all(text, forms);
        keep_what_is_not_allowed(text, forms);
    }
}

fn lookup(name: &str) -> Option<String> {
    match name {
        "A" => Some("a*b.c".to_owned()),
        "HOSTILE" => Some("${A} $A }\n\\".to_owned()),
        "EMPTY" => Some(String::new()),
        _ => None,
    }
}

fn render_all(text: &str, forms: Forms) {
    let template = match Template::parse(text, forms, &Allowed::All) {
        Ok(template) => template,
        Err(problem) => {
            assert!(forms == Forms::Posix, "GNU's form knows no errors: {}", problem.message);
            assert!(problem.offset <= text.len(), "{}", problem.offset);
            return;
        }
    };
    for (name, at) in template.names() {
        assert!(text.get(at..).is_some_and(|rest| rest.contains(name)), "`{name}` is not behind {at}");
    }
    for unknown in UNKNOWN {
        match template.render(&lookup, unknown) {
            Ok(rendered) => {
                let mut end = 0;
                for insertion in &rendered.insertions {
                    assert!(insertion.range.start >= end, "insertions overlap");
                    assert!(
                        rendered.text.get(insertion.range.clone()).is_some(),
                        "an insertion is outside of the text"
                    );
                    end = insertion.range.end;
                }
                assert!(text.contains('$') || rendered.text == text, "a text without `$` was changed");
            }
            Err(problem) => assert!(problem.offset <= text.len(), "{}", problem.offset),
        }
    }
    if forms == Forms::Gnu {
        let kept = template.render(&|_| None, Unknown::Keep).map(|rendered| rendered.text);
        assert!(kept.as_deref() == Ok(text), "unknown names were not kept: {kept:?}");
    }
}

fn keep_what_is_not_allowed(text: &str, forms: Forms) {
    let Ok(template) = Template::parse(text, forms, &Allowed::Names(Vec::new())) else { return };
    for unknown in UNKNOWN {
        let rendered = template.render(&lookup, unknown);
        assert!(
            rendered.as_ref().is_ok_and(|rendered| rendered.text == text && rendered.insertions.is_empty()),
            "nothing was allowed, and this came: {rendered:?}"
        );
    }
}
