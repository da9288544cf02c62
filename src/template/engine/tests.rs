//! Rendering as tables of templates.

use std::sync::Arc;

use serde_json::{Map, Value, json};

use super::super::{Data, Declared, Secrets};
use super::{Language, Partials, Template, evaluate};
use crate::failure::Source;

pub(super) fn data() -> Data {
    let map = |value: Value| value.as_object().cloned().unwrap_or_else(Map::new);
    Data::new(
        map(json!({"PORT": 8080, "NAME": "a \"b\" & <c>", "NONE": null, "ON": true, "LIST": ["x", "y"]})),
        map(json!({"site": {"title": "T", "tags": [{"n": 1}, {"n": 2}], "empty": {}}})),
        map(json!({"cpus": 2})),
    )
}

fn render(text: &str, language: Language) -> Result<String, String> {
    let source = Source::new("t.hbs", text);
    Template::parse(&source)
        .and_then(|template| template.render(&data(), language, &Partials::default()))
        .map_err(|failure| format!("{}:{} {failure}", failure.details().span.line, failure.details().span.column))
}

#[test]
fn what_is_right_renders() {
    for (text, wanted) in [
        ("port {{env.PORT}} {{{env.NAME}}} {{env.NAME}}", "port 8080 a \"b\" & <c> a \"b\" & <c>"),
        ("{{#if env.ON}}on{{else}}off{{/if}}", "on"),
        ("{{#if env.NONE}}on{{else}}off{{/if}}", "off"),
        ("{{#each values.site.tags}}{{this.n}}{{#unless @last}},{{/unless}}{{/each}}", "1,2"),
        ("{{#each env.LIST as |item index|}}{{index}}={{item}};{{/each}}", "0=x;1=y;"),
        ("{{#with values.site}}{{title}}{{/with}}", "T"),
        ("{{default env.NONE \"d\"}} {{default values.site.nope 5}}", "d 5"),
        ("{{upper (default env.NONE \"d\")}}", "D"),
        ("{{#if (eq env.PORT 8080)}}y{{/if}}{{! comment }}", "y"),
        ("{{{json values.site.tags}}}", "[{\"n\":1},{\"n\":2}]"),
        ("\\{{kept}}", "{{kept}}"),
        ("a  {{~env.PORT~}}  b", "a8080b"),
        ("{{len env.LIST}} {{lookup env.LIST 1}}", "2 y"),
        ("", ""),
    ] {
        assert_eq!(render(text, Language::None).as_deref(), Ok(wanted), "{text}");
    }
    assert_eq!(render("{\"n\": \"{{env.NAME}}\"}", Language::Json).unwrap(), r#"{"n": "a \"b\" & <c>"}"#);
}

#[test]
fn what_is_unknown_null_or_an_object_is_an_error_with_its_place() {
    for (text, wanted) in [
        ("a\nb {{env.PROT}}", "2:5 cannot render the template: unknown name `env.PROT`"),
        ("{{#if env.PROT}}x{{/if}}", "1:7 cannot render the template: unknown name `env.PROT`"),
        ("{{#unless (eq env.PROT 1)}}x{{/unless}}", "1:15 cannot render the template: unknown name `env.PROT`"),
        ("{{#each values.nope}}x{{/each}}", "1:9 cannot render the template: unknown name `values.nope`"),
        ("{{upper env.PROT}}", "1:9 cannot render the template: unknown name `env.PROT`"),
        ("{{env.NONE}}", "1:1 cannot render the template: `env.NONE` is null"),
        ("{{{env.NONE}}}", "1:1 cannot render the template: `env.NONE` is null"),
        ("{{values.site}}", "1:1 cannot render the template: `values.site` is a mapping, not text"),
        ("{{env.LIST}}", "1:1 cannot render the template: `env.LIST` is a list, not text"),
        ("{{uper env.PORT}}", "1:3 cannot render the template: unknown helper `uper`"),
        ("{{#each values.site.tags}}{{this.m}}{{/each}}", "1:29 cannot render the template: unknown name `this.m`"),
        ("x\n{{#if env.ON}}", "2:1 cannot parse the template: `{{#if}}` is not closed"),
        ("{{#if env.ON}}{{/unless}}", "1:15 cannot parse the template: `{{#if}}` is closed by `{{/unless}}`"),
        ("{{> part}}", "1:1 cannot render the template: unknown partial `part`"),
        ("{{log env.NAME}}", "1:3 cannot render the template: unknown helper `log`"),
    ] {
        assert_eq!(render(text, Language::None), Err(wanted.to_owned()), "{text}");
    }
    assert_eq!(
        render("{\"n\": 1{{env.NAME}}}", Language::Json).unwrap_err(),
        "1:8 cannot render the template: text next to other text outside of quotes"
    );
}

#[test]
fn one_expression_keeps_its_type() {
    for (text, wanted) in [
        ("{{env.PORT}}", json!(8080)),
        ("{{env.ON}}", json!(true)),
        ("{{env.NONE}}", Value::Null),
        ("{{env.LIST}}", json!(["x", "y"])),
        ("p{{env.PORT}}", json!("p8080")),
        ("{{default env.NONE 5}}", json!(5)),
        ("{{lower env.NAME}}", json!("a \"b\" & <c>")),
    ] {
        let template = Template::parse(&Source::new("plan", text)).unwrap();
        assert_eq!(evaluate(&template, &data()).unwrap(), wanted, "{text}");
    }
    let template = Template::parse(&Source::new("plan", "{{env.NOPE}}")).unwrap();
    assert!(evaluate(&template, &data()).is_err());
}

#[test]
fn misspelt_names_are_found_without_data() {
    let mut secret = Secrets::default();
    secret.declare_variable("TOKEN", true);
    let declared = Declared {
        env: vec!["PORT".to_owned(), "TOKEN".to_owned()],
        values: vec!["site".to_owned()],
        facts: vec!["cpus".to_owned()],
        secret,
        ..Declared::default()
    };
    let text = "{{env.PROT}} {{values.site.x}} {{values.sit}}\n{{PORT}} {{facts.cpu}} {{#each values.site}}{{name}}{{env.X}}{{/each}}";
    let template = Template::parse(&Source::new("t", text)).unwrap();
    let found: Vec<String> = declared
        .check(&template.used, &template.source, &Partials::default())
        .iter()
        .map(|failure| {
            let details = failure.details();
            format!(
                "{}:{} {} / {}",
                details.span.line,
                details.span.column,
                details.message,
                details.hint.as_deref().unwrap_or("")
            )
        })
        .collect();
    assert_eq!(
        found,
        [
            "1:3 unknown name `env.PROT` / did you mean `PORT`?",
            "1:34 unknown name `values.sit` / did you mean `site`?",
            "2:3 unknown name `PORT` / write `env.PORT`",
            "2:12 unknown name `facts.cpu` / did you mean `cpus`?",
            "2:55 unknown name `env.X` / declare it under `inputs`: `env: { X: {} }`",
        ]
    );
    let template = Template::parse(&Source::new("t", "--x={{lower env.TOKEN}}")).unwrap();
    assert_eq!(template.secret(&declared.secret, &Partials::default()), Some("env.TOKEN"));
}

fn partials(texts: &[(&str, &str)]) -> Partials {
    let sources = texts.iter().map(|(name, text)| ((*name).to_owned(), Source::new(format!("{name}.hbs"), *text)));
    Partials::parse(sources.collect()).unwrap()
}

#[test]
fn partials_are_included() {
    let partials = partials(&[
        ("greet", "hello {{env.NAME}}"),
        ("item", "{{n}};"),
        ("titled", "{{title}}: {{> greet}}"),
        ("frame", "<{{> @partial-block}}>"),
        ("a/deep", "deep"),
        ("lines", "one: {{env.PORT}}\ntwo\n"),
    ]);
    for (text, wanted) in [
        ("{{> greet}}", "hello a \"b\" & <c>"),
        ("{{#each values.site.tags}}{{> item}}{{/each}}", "1;2;"),
        ("{{> titled title=env.PORT}}", "8080: hello a \"b\" & <c>"),
        ("{{#> frame}}{{env.PORT}}{{/frame}}", "<8080>"),
        ("{{> a/deep}}", "deep"),
        ("{{#*inline \"own\"}}[{{env.PORT}}]{{/inline}}{{> own}}{{> own}}", "[8080][8080]"),
        ("x:\n  {{> lines}}\ny", "x:\n  one: 8080\n  two\ny"),
    ] {
        let template = Template::parse(&Source::new("t", text)).unwrap();
        assert_eq!(template.render(&data(), Language::None, &partials).unwrap(), wanted, "{text}");
    }
    let template = Template::parse(&Source::new("t", "{\"a\": \"{{> greet}}\", {{#> frame}}{{/frame}}")).unwrap();
    let found = template.check(&Declared::default(), &partials);
    assert!(found.is_empty(), "{found:?}");
}

#[test]
fn what_is_wrong_in_a_partial_is_told_with_its_place() {
    let partials = partials(&[("bad", "fine\n  {{env.NOPE}}"), ("other", "{{> bad}}")]);
    let fails = |text: &str| {
        let template = Template::parse(&Source::new("t", text)).unwrap();
        let failure = template.render(&data(), Language::None, &partials).unwrap_err();
        format!("{} {failure}", failure.place().unwrap())
    };
    assert_eq!(fails("\n{{> bad}}"), "bad.hbs:2:5 cannot render the template: unknown name `env.NOPE`");
    assert_eq!(fails("{{> bed}}"), "t:1:1 cannot render the template: unknown partial `bed`");
    assert_eq!(fails("{{> bad x=env.NOPE}}"), "t:1:11 cannot render the template: unknown name `env.NOPE`");
    let template = Template::parse(&Source::new("t", "{{> bed}}")).unwrap();
    let found = template.check(&Declared::default(), &partials);
    assert_eq!(found[0].to_string(), "unknown partial `bed`");
    assert_eq!(found[0].details().hint.as_deref(), Some("did you mean `bad`?"));
    let found: Vec<String> = partials.check(&Declared::default()).iter().map(ToString::to_string).collect();
    assert_eq!(found, ["unknown name `env.NOPE`"]);
    assert!(Template::parse(&Source::new("t", "a\u{fdd0}")).is_err());
}

#[test]
fn partials_without_an_end_are_refused() {
    let parse = |texts: &[(&str, &str)]| {
        let sources = texts.iter().map(|(name, text)| ((*name).to_owned(), Source::new(*name, *text)));
        Partials::parse(sources.collect()).map(|_| ()).map_err(|failures| failures.iter().next().unwrap().to_string())
    };
    assert_eq!(parse(&[("a", "{{> a}}")]), Err("a partial includes itself: `a`, `a`".to_owned()));
    assert_eq!(
        parse(&[("a", "{{> b}}"), ("b", "{{#if env.X}}{{> c}}{{/if}}"), ("c", "{{#each env.L}}{{> a}}{{/each}}")]),
        Err("a partial includes itself: `a`, `b`, `c`, `a`".to_owned())
    );
    assert_eq!(parse(&[("a", "{{> b}}{{> c}}"), ("b", "{{> c}}"), ("c", "")]), Ok(()));
    for text in ["{{> (lookup env \"N\")}}", "{{#*inline \"x\"}}{{> x}}{{/inline}}{{> x}}"] {
        assert!(Template::parse(&Source::new("t", text)).is_err(), "{text}");
    }
}

#[test]
fn what_nests_as_deep_as_it_may_is_rendered_and_deeper_is_refused() {
    let nested = |blocks: usize, calls: usize| {
        let call = format!("{{{{{}env.PORT{}}}}}", "(lower ".repeat(calls), ")".repeat(calls));
        format!("{}{call}{}", "{{#if env.ON}}".repeat(blocks), "{{/if}}".repeat(blocks))
    };
    assert_eq!(render(&nested(64, 31), Language::None).as_deref(), Ok("8080"));
    let chain = format!("{{{{#if env.NONE}}}}{}{{{{else}}}}y{{{{/if}}}}", "{{else if env.NONE}}n".repeat(63));
    assert_eq!(render(&chain, Language::None).as_deref(), Ok("y"));
    let refused = |text: &str, wanted: &str| assert_eq!(render(text, Language::None), Err(wanted.to_owned()));
    refused(&nested(1600, 1), "1:897 cannot parse the template: blocks are nested deeper than 64");
    refused(&nested(0, 1600), "1:1 cannot parse the template: calls are nested deeper than 32");
}

#[test]
fn chains_of_partials_have_an_end() {
    let chain = |length: usize, blocks: usize| {
        let (open, close) = ("{{#if env.ON}}".repeat(blocks), "{{/if}}".repeat(blocks));
        let text = |number: usize| format!("{open}{{{{> p{}}}}}{close}", number + 1);
        let mut texts: Vec<(String, Arc<Source>)> = (0..length - 1)
            .map(|number| (format!("p{number}"), Source::new(format!("p{number}"), text(number))))
            .collect();
        texts.push((format!("p{}", length - 1), Source::new("last", "end")));
        Partials::parse(texts)
    };
    for (length, blocks) in [(64, 0), (16, 3)] {
        let partials = chain(length, blocks).unwrap();
        let template = Template::parse(&Source::new("t", "{{#if env.ON}}{{> p0}}{{/if}}")).unwrap();
        assert_eq!(template.render(&data(), Language::None, &partials).unwrap(), "end");
    }
    for (length, blocks) in [(65, 0), (1000, 0), (33, 2)] {
        let failures = chain(length, blocks).map(|_| ()).unwrap_err();
        let message = failures.iter().next().unwrap().to_string();
        assert_eq!(message, "cannot parse the template: partials are nested deeper than 64");
    }
}
