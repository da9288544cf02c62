//! What helpers take: missing values, wrong types, numbers, text, lists.

use super::{assert_errors, assert_results, render, result};
use crate::failure::Source;
use crate::format::Language;
use crate::template::{Data, Partials, Template};

#[test]
fn missing_and_null_are_errors_except_where_a_helper_decides() {
    assert_results(&[
        ("default env.NICK \"\"", ""),
        ("default env.NICK env.NOPE 0", "0"),
        ("default (lookup values.site \"nope\") \"x\"", "x"),
        ("default (lookup (lookup values.site \"nope\") \"deep\") \"x\"", "x"),
        ("default (url_port \"a://b\") 5432", "5432"),
        ("default false true", "false"),
        ("type_of env.NOPE", "null"),
        ("type_of (coalesce env.NOPE env.NICK)", "null"),
        ("eq env.NICK null", "true"),
        ("ne env.NICK \"x\"", "true"),
    ]);
    assert_errors(&[
        ("upper env.NOPE", "unknown name `env.NOPE`"),
        ("upper env.NICK", "`upper`: parameter 1 is null, not text"),
        ("default env.NICK env.NOPE", "`default`: there is no value to fall back to"),
        ("coalesce env.NICK", "the value is null"),
        ("required env.NICK \"NICK says who you are\"", "`required`: NICK says who you are"),
        ("required env.NOPE \"why\"", "`required`: why"),
        ("lookup values.site \"nope\"", "`lookup`: no `nope` in `values.site`"),
        ("lookup (object a=1) \"b\"", "`lookup`: no `b` in the mapping"),
        ("lookup values.nope \"x\"", "unknown name `values.nope`"),
        ("lookup values.hosts 3", "`lookup`: `values.hosts` has 3 items, counted from 0, and none at this position"),
        ("lookup values.hosts \"x\"", "`lookup`: parameter 2 is not a number"),
        ("lookup env.PORT 1", "`lookup`: parameter 1 is a number, not a mapping or list"),
        ("upper (lookup values.site \"nope\")", "`lookup`: no `nope` in `values.site`"),
        ("pick values.site \"nope\"", "`pick`: no `nope` in `values.site`"),
        ("get values.site \"nope\"", "`get`: no `nope` in `values.site`"),
        ("fail \"not so\"", "`fail`: not so"),
        ("file \"/nope\"", "`file`: cannot read `/nope`: not found"),
    ]);
    let bare = Template::parse(&Source::new("t", "{{file \"/etc/motd\"}}")).unwrap();
    let error = bare.render(&Data::default(), Language::None, &Partials::default()).unwrap_err().to_string();
    assert!(error.contains("`file`: files cannot be read here"), "{error}");
    let bare = Template::parse(&Source::new("t", "{{now}}")).unwrap();
    let error = bare.render(&Data::default(), Language::None, &Partials::default()).unwrap_err().to_string();
    assert!(error.contains("`now`: the time is not known here"), "{error}");
}

#[test]
fn wrong_types_are_never_silent() {
    assert_errors(&[
        ("len 5", "`len`: parameter 1 is a number, not text, a list or a mapping"),
        ("gt \"a\" 1", "`gt`: cannot compare text with a number"),
        ("lt \"a\" \"1\"", "`lt`: cannot compare a number with text"),
        ("lt true 1", "`lt`: cannot compare a boolean with a number"),
        ("eq values.hosts \"a\"", "`eq`: cannot compare a list with text"),
        ("add 1 \"x\"", "`add`: parameter 2 is not a number"),
        ("add 1 true", "`add`: parameter 2 is a boolean, not a number"),
        ("add 1 \"007\"", "`add`: parameter 2 is not a number"),
        ("upper values.hosts", "`upper`: parameter 1 is a list, not text"),
        ("join \"a\" \",\"", "`join`: parameter 1 is text, not a list"),
        ("join values.users \",\"", "`join`: an item of the list is null, a list or a mapping, not text"),
        ("sort (list 1 \"a\")", "`sort`: cannot compare a number with text"),
        ("first values.none", "`first`: the list is empty"),
        ("boolean \"maybe\"", "`boolean`: parameter 1 is no boolean, such as `true`, `yes`, `on` or `1`"),
        ("indent \"a\" 1.5", "`indent`: parameter 2 is not a whole number"),
        ("indent \"a\" -1", "`indent`: parameter 2 is negative or too large"),
        ("toml (object a=null)", "`toml`: TOML has no null"),
        ("object \"a\"", "`object`: the last key has no value"),
    ]);
    let says_no = "is text that says no, which would count as true: use `boolean`, or declare its type";
    assert_eq!(render("{{#if env.OFF}}x{{/if}}"), Err(format!("`env.OFF` {says_no}")));
    assert_eq!(render("{{#unless (trim \"0\")}}x{{/unless}}"), Err(format!("the value {says_no}")));
    assert_eq!(result("and true env.OFF"), Err(format!("`and`: parameter 2 {says_no}")));
    assert_eq!(render("{{#if (boolean env.OFF)}}x{{/if}}").as_deref(), Ok(""));
    let chain = "{{#if (eq env.PORT 1)}}a{{else if (eq env.PORT 8080)}}b{{else}}c{{/if}}";
    assert_eq!(render(chain).as_deref(), Ok("b"));
}

#[test]
fn values_compare_by_what_they_say() {
    assert_results(&[
        ("eq env.PORT \"8080\"", "true"),
        ("eq env.PORT 8080.0", "true"),
        ("eq 4 \"auto\"", "false"),
        ("eq true \"true\"", "true"),
        ("eq true 1", "false"),
        ("eq \"1\" \"1.0\"", "false"),
        ("eq (list 1 2) (list 1 2)", "true"),
        ("eq \"c\" \"a\" \"b\" \"c\"", "true"),
        ("lt \"9\" \"10\"", "true"),
        ("lt \"a\" \"b\"", "true"),
        ("gt 18446744073709551615 18446744073709551614", "true"),
        ("includes (list 1 \"a\" (list 2)) \"a\"", "true"),
        ("and values.none true", "false"),
    ]);
}

#[test]
fn whole_numbers_stay_exact_and_do_not_overflow() {
    assert_results(&[
        ("add 9007199254740993 2", "9007199254740995"),
        ("sub 18446744073709551615 1", "18446744073709551614"),
        ("div 9007199254740993 1", "9007199254740993"),
        ("mod -7 3", "-1"),
        ("quotient -7 2", "-3"),
        ("round -2.5", "-3"),
        ("int \"12\"", "12"),
        ("sum values.none", "0"),
        ("max 1 2.5 \"3\"", "3"),
        ("json (seq 3 1 -1)", "[3,2,1]"),
        ("json (seq 3 1)", "[]"),
        ("json (seq 1 1)", "[1]"),
    ]);
    assert_errors(&[
        ("add values.big 1", "`add`: the result is too large for a number"),
        ("mul values.big values.big values.big", "`mul`: the result is too large for a number"),
        ("mul 1E308 1E308", "`mul`: the result is too large for a number"),
        ("sub -9223372036854775808 1", "`sub`: the result is too large for a number"),
        ("div 1 0", "`div`: division by zero"),
        ("div 1 0.0", "`div`: division by zero"),
        ("mod 1 0", "`mod`: division by zero"),
        ("quotient 1 0", "`quotient`: division by zero"),
        ("quotient 1.5 1", "`quotient`: parameter 1 is not a whole number"),
        ("int 1E300", "`int`: the result is too large for a number"),
        ("number \"18446744073709551616\"", "`number`: parameter 1 is not a number"),
        ("seq 1 2000000", "`seq`: the list would be longer than 1000000 items"),
        ("seq 1 2 0", "`seq`: the step is zero"),
    ]);
}

#[test]
fn what_would_take_all_memory_is_refused() {
    for call in [
        "repeat \"abcd\" 99999999999",
        "pad_start \"a\" 99999999999",
        "pad_end \"a\" 18446744073709551615 \"€\"",
        "indent \"a\" 99999999999",
        "replace (repeat \"a\" 100000) \"a\" (repeat \"b\" 100000)",
        "regex_replace (repeat \"a\" 100000) \"a\" (repeat \"b\" 100000)",
        "join (seq 1 100000) (repeat \"b\" 100000)",
    ] {
        assert!(result(call).unwrap_err().ends_with("the result would be larger than 16 MiB"), "{call}");
    }
    for call in
        ["len (split (repeat \",\" 1000001) \",\")", "len (lines (repeat \"\\n\" 1000001))", "len (seq 0 1000000)"]
    {
        assert!(result(call).unwrap_err().ends_with("the list would be longer than 1000000 items"), "{call}");
    }
}

#[test]
fn text_is_counted_in_characters() {
    assert_results(
        &[
            ("len \"ä€𝄞\"", "3"),
            ("truncate \"ä€𝄞\" 2", "ä€"),
            ("substring \"ä€𝄞\" 1 2", "€"),
            ("substring \"abc\" 5", ""),
            ("substring \"abc\" 2 1", ""),
            ("pad_start \"ä\" 3 \"€\"", "€€ä"),
            ("upper \"straße\"", "STRASSE"),
            ("title \"ärger im haus\"", "Ärger Im Haus"),
            ("indent \"a\\n\\nb\\n\" 2", "  a\n\n  b\n"),
            ("json (split \"\" \",\")", "[]"),
            ("json (split \",\" \",\")", "[\"\",\"\"]"),
            ("replace \"aXb\" \"X\" \"$1\\\\\"", "a$1\\b"),
            ("quote \"a\\nb\"", "\"a\\nb\""),
        ][..13],
    );
}
