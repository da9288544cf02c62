//! Every example of the table, and the edges of what helpers take.

use std::sync::Arc;

use serde_json::{Map, Value, json};

use super::call::Call;
use super::table::entries;
use super::urls;
use crate::failure::Source;
use crate::format::Language;
use crate::template::{Data, Declared, Partials, Template};

/// 2026-01-02T03:04:05Z.
const CLOCK: i64 = 1_767_323_045;

fn data() -> Data {
    let map = |value: Value| value.as_object().cloned().unwrap_or_else(Map::new);
    let files = |path: &str| match path {
        "/etc/motd" => Ok("hello\n".to_owned()),
        path => Err(format!("cannot read `{path}`: not found")),
    };
    Data::new(
        map(json!({"NAME": "Ann", "PORT": 8080, "LEVEL": "debug", "VERBOSE": "no", "NICK": null, "OFF": "False"})),
        map(json!({
            "hosts": ["a", "b", "c"],
            "site": {"title": "Shop", "lang": "en"},
            "tls": true,
            "users": [{"name": "eve", "admin": true}, {"name": "bob", "admin": false}],
            "url": urls::example(),
            "big": u64::MAX,
            "none": [],
        })),
        map(json!({"cpus": 2})),
    )
    .with_files(Arc::new(files))
    .with_clock(CLOCK)
}

fn render(text: &str) -> Result<String, String> {
    Template::parse(&Source::new("t.hbs", text))
        .and_then(|template| template.render(&data(), Language::None, &Partials::default()))
        .map_err(|failure| {
            let message = failure.details().message.clone();
            message.strip_prefix("cannot render the template: ").unwrap_or(&message).to_owned()
        })
}

/// Renders the inside of an expression.
fn result(call: &str) -> Result<String, String> {
    render(&format!("{{{{{{{call}}}}}}}"))
}

fn assert_results(table: &[(&str, &str)]) {
    for (call, wanted) in table {
        assert_eq!(result(call).as_deref(), Ok(*wanted), "{call}");
    }
}

fn assert_errors(table: &[(&str, &str)]) {
    for (call, wanted) in table {
        assert_eq!(result(call), Err((*wanted).to_owned()), "{call}");
    }
}

#[test]
fn every_example_of_the_table_gives_its_result() {
    for entry in entries() {
        let (template, wanted) = entry.example;
        assert_eq!(render(template).as_deref(), Ok(wanted), "{}: {template}", entry.name);
        assert!(template.contains(entry.name), "{}", entry.name);
        assert!(entry.about.ends_with('.'), "{}", entry.name);
    }
}

#[test]
fn names_are_there_once_and_snake_case() {
    let mut names: Vec<&str> = entries().map(|entry| entry.name).collect();
    assert!(names.len() > 120, "{}", names.len());
    names.sort_unstable();
    names.windows(2).for_each(|pair| assert_ne!(pair[0], pair[1]));
    let word = |name: &str| name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_');
    assert!(names.iter().all(|name| word(name)));
}

#[test]
fn every_helper_refuses_too_few_and_too_many_parameters() {
    for entry in entries().filter(|entry| entry.make.is_some()) {
        let (least, most) = entry.counts();
        let call = |count: usize| format!("json ({}{})", entry.name, " 1".repeat(count));
        let refused = format!("`{}` ", entry.name);
        if least > 1 {
            assert!(result(&call(least - 1)).unwrap_err().starts_with(&refused), "{}", entry.name);
        }
        if let Some(most) = most {
            let error = result(&call(most + 1)).unwrap_err();
            assert!(error.starts_with(&refused) && error.contains("parameter"), "{error}");
        }
    }
    assert_errors(&[
        ("replace \"a\" \"b\"", "`replace` needs 3 parameters: TEXT OLD NEW"),
        ("round 1 2 3", "`round` needs 1 to 2 parameters: NUMBER [DIGITS]"),
        ("add 1", "`add` needs at least 2 parameters: A B..."),
        ("upper x=1", "`upper` needs 1 parameter: TEXT"),
        ("upper \"a\" x=1", "`upper` takes no parameter named `x`"),
        ("now 1", "`now` takes no parameters"),
    ]);
}

/// No value, however odd, makes a helper panic, and no message tells what the value was, unless it is meant as a name.
#[test]
fn every_helper_survives_every_kind_of_value() {
    let texts = [
        "",
        "Zq9",
        "ä€𝄞",
        "[::1",
        "a://b:99999",
        "a://[",
        "%",
        "1.99999999999999999999",
        "2026-13-45T99:99:99Z",
        "2026-01-0€",
        "9999999999999999999999d",
        "1.9.s",
        "v1.2.18446744073709551615",
        "^18446744073709551615",
        "(",
        "../..//",
        "{",
        "==",
    ];
    let numbers =
        [json!(-1), json!(0), json!(1), json!(2.5), json!(1e308), json!(-1e308), json!(i64::MIN), json!(u64::MAX)];
    let others =
        [json!(null), json!(true), json!([]), json!({}), json!([null, 1, "x", {"a": 1}]), json!({"a": {"b": 1}})];
    let values: Vec<Value> = texts.map(Value::from).into_iter().chain(numbers).chain(others).collect();
    let names = ["fail", "required", "file", "lookup", "get", "pick", "pluck", "sort"];
    let data = data();
    for entry in entries() {
        let Some(make) = entry.make else { continue };
        let (least, most) = entry.counts();
        for count in least..=most.unwrap_or(least + 1) {
            for index in 0..values.len().pow(u32::try_from(count.min(3)).unwrap()) {
                let pick = |at: usize| &values[index / values.len().pow(u32::try_from(at % 3).unwrap()) % values.len()];
                let call = Call {
                    values: (0..count).map(pick).collect(),
                    named: Vec::new(),
                    surroundings: data.surroundings(),
                };
                if let Err(error) = make(&call) {
                    assert!(names.contains(&entry.name) || !error.contains("Zq9"), "{}: {error}", entry.name);
                }
            }
        }
    }
}

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
        ("lookup values.site \"nope\"", "`lookup`: no `nope` in the mapping"),
        ("lookup values.nope \"x\"", "unknown name `values.nope`"),
        ("lookup values.hosts 3", "`lookup`: the list has 3 items, counted from 0, and none at this position"),
        ("lookup values.hosts \"x\"", "`lookup`: parameter 2 is not a number"),
        ("lookup env.PORT 1", "`lookup`: parameter 1 is a number, not a mapping or list"),
        ("upper (lookup values.site \"nope\")", "`lookup`: no `nope` in the mapping"),
        ("get values.site \"nope\"", "`get`: no `nope` in the mapping"),
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
        ("boolean \"maybe\"", "`boolean`: parameter 1 is no boolean"),
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
fn what_is_called_wrongly_is_named_with_its_place() {
    for (text, wanted) in [
        ("{{upper (add 1 \"x\")}}", "1:10 `add`: parameter 2 is not a number"),
        ("a\n  {{toUpper env.NAME}}", "2:5 unknown helper `toUpper`"),
        ("{{#upper env.NAME}}x{{/upper}}", "1:4 `upper` is not a block: write `{{upper TEXT}}`"),
        ("{{upper (if true 1)}}", "1:10 `if` is a block: write `{{#if CONDITION}}`"),
        ("{{each values.hosts}}", "1:3 `each` is a block: write `{{#each VALUE}}`"),
    ] {
        let failure = Template::parse(&Source::new("t", text))
            .unwrap()
            .render(&data(), Language::None, &Partials::default())
            .unwrap_err();
        let details = failure.details();
        let message = details.message.trim_start_matches("cannot render the template: ");
        let found = format!("{}:{} {message}", details.span.line, details.span.column);
        assert_eq!(found, wanted, "{text}");
    }
    let template = Template::parse(&Source::new(
        "t",
        "{{upper (uper env.NAME)}} {{default (b64enc env.NAME) 1}}{{add 1}}{{if 1}}{{#lower 1}}{{/lower}}",
    ))
    .unwrap();
    let declared = Declared { env: vec!["NAME".to_owned()], ..Declared::default() };
    let found: Vec<String> = template
        .check(&declared, &Partials::default())
        .iter()
        .map(|failure| failure.details().message.clone())
        .collect();
    assert_eq!(
        found,
        [
            "unknown helper `uper`",
            "unknown helper `b64enc`",
            "`add` needs at least 2 parameters: A B...",
            "`if` is a block: write `{{#if CONDITION}}`",
            "`lower` is not a block: write `{{lower TEXT}}`",
        ]
    );
}

#[test]
fn names_of_helpers_do_not_hide_names_of_data() {
    assert_eq!(render("{{#with values.site}}{{title}} {{lang}}{{/with}}").as_deref(), Ok("Shop en"));
    assert_eq!(
        render("{{#with (object first=1 last=2 now=3)}}{{first}}{{last}}{{this.now}}{{/with}}").as_deref(),
        Ok("123")
    );
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

#[test]
fn formats_quote_what_would_be_read_as_something_else() {
    assert_results(&[
        (
            "yaml (list \"no\" \"1\" \"1e3\" \"a: b\" \"- a\" \"\" \" a\" \"a #b\" \"~\" \"null\" \"a b\" \"/etc/x\" \"0x1f\" \"2026-01-02\" \"*a\" \"a\\nb\")",
            "- \"no\"\n- \"1\"\n- \"1e3\"\n- \"a: b\"\n- \"- a\"\n- \"\"\n- \" a\"\n- \"a #b\"\n- \"~\"\n- \"null\"\n- a b\n- /etc/x\n- \"0x1f\"\n- \"2026-01-02\"\n- \"*a\"\n- \"a\\nb\"",
        ),
        (
            "yaml (object a=(list (object b=1 c=2) (list 1 2)) d=(object) e=(list) f=null)",
            "a:\n  - b: 1\n    c: 2\n  - - 1\n    - 2\nd: {}\ne: []\nf: null",
        ),
        ("yaml 1E300", "1.0e+300"),
        ("yaml \"x\"", "x"),
        (
            "toml (object a=1 t=(object u=(object v=\"x\") w=(list 1 \"y\")) r=(list (object n=1) (object n=2)))",
            "a = 1\n\n[[r]]\nn = 1\n\n[[r]]\nn = 2\n\n[t]\nw = [1, \"y\"]\n\n[t.u]\nv = \"x\"",
        ),
        ("toml (list (object a=1) 2)", "[{ a = 1 }, 2]"),
        ("toml (object \"a b\" 1)", "\"a b\" = 1"),
        ("url_encode \"ä&=\"", "%C3%A4%26%3D"),
        ("url_decode \"%c3%A4\"", "ä"),
        ("base64 (repeat \"a\" 4)", "YWFhYQ=="),
    ]);
    assert_errors(&[
        ("base64_decode \"%%\"", "`base64_decode`: parameter 1 is not Base64"),
        ("base64_decode \"/w==\"", "`base64_decode`: the result is not UTF-8 text"),
        ("url_decode \"%f\"", "`url_decode`: parameter 1 is not percent-encoded"),
        ("json_parse \"{\"", "`json_parse`: parameter 1 is not valid JSON, at line 1 column 1"),
    ]);
}

#[test]
fn yaml_comes_back_as_it_was() {
    let hostile: String =
        (0..=0x2ff).filter_map(char::from_u32).chain(['\u{2028}', '\u{feff}', '\u{10ffff}']).collect();
    let value =
        json!({ hostile.as_str(): [hostile.as_str(), {"yes": "no", "x": [[], {}, [null, 1.5, -3]]}], "é": 1e30 });
    let read: Value = serde_saphyr::from_str(&super::yaml::write(&value)).unwrap();
    assert_eq!(read, value);
}

#[test]
fn paths_urls_versions_units_and_times() {
    assert_results(&[
        ("basename \"/\"", "/"),
        ("basename \"a/b/\"", "b"),
        ("dirname \"a\"", "."),
        ("dirname \"/a\"", "/"),
        ("dirname \"/a/b/\"", "/a"),
        ("extension \".bashrc\"", ""),
        ("clean_path \"../a/../../b\"", "../../b"),
        ("clean_path \"/../a\"", "/a"),
        ("clean_path \"\"", "."),
        ("url_host \"redis://[::1]:6379/0\"", "::1"),
        ("url_port \"redis://[::1]:6379/0\"", "6379"),
        ("url_password \"a://u:p:@q@h/\"", "p:@q"),
        ("type_of (url_user \"http://h\")", "null"),
        ("url_path \"http://h\"", ""),
        ("url_query \"http://h?a=1&b=x+y%2F\" \"b\"", "x y/"),
        ("type_of (url_query \"http://h\" \"b\")", "null"),
        ("url_path \"sqlite:///data/app.db\"", "/data/app.db"),
        ("semver \"1.2.3-rc.1\" \">=1.2\"", "false"),
        ("semver \"1.2.3-rc.2\" \">=1.2.3-rc.1\"", "true"),
        ("semver \"1.2.9\" \"1.2\"", "true"),
        ("semver \"1.3.0\" \">1.2\"", "true"),
        ("semver \"1.2.9\" \">1.2\"", "false"),
        ("semver \"1.2.9\" \"<=1.2\"", "true"),
        ("semver \"0.0.4\" \"^0.0.3\"", "false"),
        ("semver \"0.9.0\" \"^0\"", "true"),
        ("semver \"1.9.0\" \"^1.2\"", "true"),
        ("semver \"1.3.0\" \"~1.2.3\"", "false"),
        ("semver \"1.9.0\" \"~1\"", "true"),
        ("semver \"1.2.3+build.01\" \"=1.2.3, !=1.2.4\"", "true"),
        ("semver_compare \"1.0.0-alpha.1\" \"1.0.0-alpha.beta\"", "-1"),
        ("semver_compare \"1.0.0-rc\" \"1.0.0\"", "-1"),
        ("semver_compare \"1.0\" \"v1.0.0\"", "0"),
        ("seconds \"1500ms\"", "1.5"),
        ("bytes \"1k\"", "1000"),
        ("bytes \"12\"", "12"),
        ("bytes \"2GiB\"", "2147483648"),
        ("human_bytes 1023", "1023 B"),
        ("human_bytes 1048575", "1 MiB"),
        ("human_bytes 18446744073709551615", "16 EiB"),
        ("date 951782400 \"%F %j %b\"", "2000-02-29 060 Feb"),
        ("date -1 \"%F %T\"", "1969-12-31 23:59:59"),
        ("unix \"2000-02-29T00:00:00.5-00:30\"", "951784200"),
    ]);
    assert_errors(&[
        (
            "url_host \"localhost:80\"",
            "`url_host`: parameter 1 is not a URL with one host: SCHEME://USER:PASSWORD@HOST:PORT/PATH",
        ),
        (
            "url_host \"a://b,c/\"",
            "`url_host`: parameter 1 is not a URL with one host: SCHEME://USER:PASSWORD@HOST:PORT/PATH",
        ),
        ("url_password \"a://u:%zz@h\"", "`url_password`: the password is not percent-encoded"),
        ("semver \"1.02.3\" \"1\"", "`semver`: parameter 1 is not a version such as `1.2.3`"),
        ("semver \">1\" \"1.2.3\"", "`semver`: parameter 1 is not a version such as `1.2.3`"),
        ("semver \"1.2.3\" \">> 1\"", "`semver`: parameter 2 is not a range such as `>=1.2, <2`"),
        ("seconds \"5\"", "`seconds`: parameter 1 is not a duration with a unit, such as `30s`"),
        ("bytes \"5Q\"", "`bytes`: parameter 1 is not a size, such as `512Mi`"),
        ("date 0 \"%\"", "`date`: the format has a `%` that means nothing"),
        ("date 999999999999999 \"%F\"", "`date`: the time is not in the years 0 to 9999"),
        ("unix \"2026-02-30T00:00:00Z\"", "`unix`: parameter 1 is not a time such as `2026-01-02T03:04:05Z`"),
    ]);
}

#[test]
fn every_day_comes_back() {
    for day in (-719_528..2_932_896).step_by(1009) {
        let text = result(&format!("unix (date {} \"%FT%TZ\")", i64::from(day) * 86_400 + 1)).unwrap();
        assert_eq!(text, (i64::from(day) * 86_400 + 1).to_string());
    }
}

#[test]
fn a_render_does_not_pay_for_helpers_that_it_does_not_use() {
    let template = Template::parse(&Source::new("t", "{{env.NAME}} {{upper env.NAME}} {{add env.PORT 1}}\n")).unwrap();
    let data = data();
    let started = std::time::Instant::now();
    for _ in 0..10_000 {
        template.render(&data, Language::None, &Partials::default()).unwrap();
    }
    assert!(started.elapsed().as_secs() < 30, "{:?}", started.elapsed());
}
