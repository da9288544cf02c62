//! Every example of the table, and what holds for all helpers.

mod formats;
mod refusals;
mod values;

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
    let names = ["fail", "required", "file"];
    let data = data();
    for entry in entries() {
        let Some(make) = entry.make else { continue };
        let (least, most) = entry.counts();
        for count in least..=most.unwrap_or(least + 1) {
            for index in 0..values.len().pow(u32::try_from(count.min(2)).unwrap()) {
                let pick = |at: usize| &values[index / values.len().pow(u32::try_from(at % 2).unwrap()) % values.len()];
                let call = Call {
                    values: (0..count).map(pick).collect(),
                    paths: Vec::new(),
                    literal: Vec::new(),
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
fn a_render_does_not_pay_for_helpers_that_it_does_not_use() {
    let template = Template::parse(&Source::new("t", "{{env.NAME}} {{upper env.NAME}} {{add env.PORT 1}}\n")).unwrap();
    let data = data();
    let started = std::time::Instant::now();
    for _ in 0..10_000 {
        template.render(&data, Language::None, &Partials::default()).unwrap();
    }
    assert!(started.elapsed().as_secs() < 30, "{:?}", started.elapsed());
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
