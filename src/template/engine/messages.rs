//! What is wrong with a template, with its exact place, message and remedy; `""` is no hint.

use super::super::{Declared, Partials};
use super::tests::data;
use super::{Language, Template};
use crate::failure::{Failure, Source};

/// The text, `line:column`, message and hint.
type Row<'a> = (&'a str, &'a str, &'a str, &'a str);

#[track_caller]
fn told(rows: &[Row<'_>], failures: impl Fn(&str) -> Vec<Failure>) {
    let mut others = Vec::new();
    for (row, wanted) in rows.iter().enumerate() {
        let failures = failures(wanted.0);
        let [failure] = failures.as_slice() else { panic!("{} findings of {:?}", failures.len(), wanted.0) };
        let details = failure.details();
        let place = format!("{}:{}", details.span.line, details.span.column);
        let told = (wanted.0, &*place, &*details.message, details.hint.as_deref().unwrap_or_default());
        if told != *wanted {
            others.push(format!("row {row}: {told:?},"));
        }
    }
    assert!(others.is_empty(), "told otherwise:\n{}", others.join("\n"));
}

fn partials(texts: &[(&str, &str)]) -> Partials {
    let sources = texts.iter().map(|(name, text)| ((*name).to_owned(), Source::new(*name, *text)));
    Partials::parse(sources.collect()).unwrap()
}

fn parse(text: &str) -> Vec<Failure> {
    Template::parse(&Source::new("t", text)).err().into_iter().collect()
}

#[test]
fn what_is_no_template() {
    let (blocks, calls) = ("{{#if env.ON}}".repeat(65), format!("{{{{{}1}}}}", "(lower ".repeat(33)));
    let rows = [
        ("a\n{{#if env.ON}}", "2:1", "cannot parse the template: `{{#if}}` is not closed", "end it with `{{/if}}`"),
        ("a {{b", "1:6", "cannot parse the template: the expression is not complete, or is no Handlebars", ""),
        ("{{#if env.ON}}{{/unless}}", "1:15", "cannot parse the template: `{{#if}}` is closed by `{{/unless}}`", ""),
        ("{{/if}}", "1:1", "cannot parse the template: `{{/if}}` closes no block", ""),
        ("{{}}", "1:3", "cannot parse the template: the expression is not complete, or is no Handlebars", ""),
        (
            "x\ny\u{fdd0}",
            "2:2",
            "cannot parse the template: it holds the character U+FDD0",
            "Unicode sets that character aside for programs: remove it",
        ),
        (
            "{{> (lookup env \"N\")}}",
            "1:1",
            "cannot parse the template: a partial is included by its name, and not from an inline partial",
            "",
        ),
        (
            "\n{{#*inline \"x\"}}{{> x}}{{/inline}}{{> x}}",
            "2:17",
            "cannot parse the template: a partial is included by its name, and not from an inline partial",
            "",
        ),
        (&*blocks, "1:897", "cannot parse the template: blocks are nested deeper than 64", ""),
        (&*calls, "1:1", "cannot parse the template: calls are nested deeper than 32", ""),
    ];
    told(&rows, parse);
}

#[test]
fn what_cannot_be_rendered() {
    let partials = partials(&[("bad", "fine\n  {{env.NOPE}}")]);
    let rows = [
        ("{{env.NOPE}}", "1:3", "cannot render the template: unknown name `env.NOPE`", ""),
        ("{{{env.NOPE}}}", "1:4", "cannot render the template: unknown name `env.NOPE`", ""),
        ("{{#if env.NOPE}}{{/if}}", "1:7", "cannot render the template: unknown name `env.NOPE`", ""),
        ("{{#each values.nope}}{{/each}}", "1:9", "cannot render the template: unknown name `values.nope`", ""),
        ("{{#with values.nope}}{{/with}}", "1:9", "cannot render the template: unknown name `values.nope`", ""),
        ("{{upper env.NOPE}}", "1:9", "cannot render the template: unknown name `env.NOPE`", ""),
        ("{{> bad x=env.NOPE}}", "1:11", "cannot render the template: unknown name `env.NOPE`", ""),
        ("{{> bad}}", "2:5", "cannot render the template: unknown name `env.NOPE`", ""),
        ("{{> bed}}", "1:1", "cannot render the template: unknown partial `bed`", "did you mean `bad`?"),
        ("{{env.NONE}}", "1:1", "cannot render the template: `env.NONE` is null", "`default` gives it another value"),
        (
            "{{coalesce env.NONE}}",
            "1:1",
            "cannot render the template: the value is null",
            "`default` gives it another value",
        ),
        (
            "{{values.site}}",
            "1:1",
            "cannot render the template: `values.site` is a mapping, not text",
            "`json` and `yaml` write it whole, `each` item by item",
        ),
        (
            "{{env.LIST}}",
            "1:1",
            "cannot render the template: `env.LIST` is a list, not text",
            "`json` and `yaml` write it whole, `each` item by item",
        ),
        (
            "{{list 1}}",
            "1:1",
            "cannot render the template: the value is a list, not text",
            "`json` and `yaml` write it whole, `each` item by item",
        ),
        (
            "{{#if (trim \"0\")}}{{/if}}",
            "1:1",
            "cannot render the template: the value is text that says no, which would count as true: use `boolean`, or declare its type",
            "",
        ),
        (
            "{{#unless (trim \"false\")}}{{/unless}}",
            "1:1",
            "cannot render the template: the value is text that says no, which would count as true: use `boolean`, or declare its type",
            "",
        ),
        ("{{uper env.NAME}}", "1:3", "cannot render the template: unknown helper `uper`", "did you mean `upper`?"),
        (
            "{{#uper env.NAME}}{{/uper}}",
            "1:4",
            "cannot render the template: unknown helper `uper`",
            "did you mean `upper`?",
        ),
        (
            "{{lower (b64enc env.NAME)}}",
            "1:10",
            "cannot render the template: unknown helper `b64enc`",
            "write `base64 TEXT`",
        ),
        (
            "{{#upper env.NAME}}{{/upper}}",
            "1:4",
            "cannot render the template: `upper` is not a block: write `{{upper TEXT}}`",
            "",
        ),
        ("{{if 1}}", "1:3", "cannot render the template: `if` is a block: write `{{#if CONDITION}}`", ""),
        ("{{#if}}{{/if}}", "1:4", "cannot render the template: `if` needs 1 parameter: CONDITION", ""),
        ("{{#each}}{{/each}}", "1:4", "cannot render the template: `each` needs 1 parameter: VALUE", ""),
        ("{{upper}}", "1:3", "cannot render the template: unknown name `upper`", ""),
        ("{{upper x=1}}", "1:3", "cannot render the template: `upper` needs 1 parameter: TEXT", ""),
        ("{{upper 1 x=1}}", "1:3", "cannot render the template: `upper` takes no parameter named `x`", ""),
        ("a {{lower (add 1 \"x\")}}", "1:12", "cannot render the template: `add`: parameter 2 is not a number", ""),
        (
            "{{this}}",
            "1:1",
            "cannot render the template: `this` is a mapping, not text",
            "`json` and `yaml` write it whole, `each` item by item",
        ),
    ];
    told(&rows, |text| {
        let template = Template::parse(&Source::new("t", text)).unwrap();
        template.render(&data(), Language::None, &partials).err().into_iter().collect()
    });
}

#[test]
fn what_check_finds() {
    let declared = Declared {
        env: vec!["PORT".to_owned()],
        values: vec!["site".to_owned()],
        facts: vec!["cpus".to_owned(), "hostname".to_owned()],
        aliases: [("OLD".to_owned(), "PORT".to_owned())].into_iter().collect(),
        ..Declared::default()
    };
    let rows = [
        ("{{env.PROT}}", "1:3", "unknown name `env.PROT`", "did you mean `PORT`?"),
        ("{{env.OLD}}", "1:3", "unknown name `env.OLD`", "it is called `PORT` now"),
        ("{{env.XYZ}}", "1:3", "unknown name `env.XYZ`", "declare it under `inputs`: `env: { XYZ: {} }`"),
        ("{{values.sit}}", "1:3", "unknown name `values.sit`", "did you mean `site`?"),
        ("{{values.xyz.a}}", "1:3", "unknown name `values.xyz.a`", "declare it under `inputs`: `values: { xyz: ... }`"),
        ("{{facts.cpu}}", "1:3", "unknown name `facts.cpu`", "did you mean `cpus`?"),
        ("{{facts.xyz}}", "1:3", "unknown name `facts.xyz`", "facts are cpus, hostname"),
        ("{{PORT}}", "1:3", "unknown name `PORT`", "write `env.PORT`"),
        ("{{xyz.a}}", "1:3", "unknown name `xyz.a`", "names begin with `env.`, `values.` or `facts.`"),
        ("{{upper}}", "1:3", "unknown name `upper`", "`upper` needs 1 parameter: TEXT"),
        ("{{uper env.PORT}}", "1:3", "unknown helper `uper`", "did you mean `upper`?"),
        ("{{xyzzy env.PORT}}", "1:3", "unknown helper `xyzzy`", ""),
        ("{{toYaml env.PORT}}", "1:3", "unknown helper `toYaml`", "write `yaml VALUE`"),
        ("{{upper env.PORT 1}}", "1:3", "`upper` needs 1 parameter: TEXT", ""),
        ("{{#upper env.PORT}}{{/upper}}", "1:4", "`upper` is not a block: write `{{upper TEXT}}`", ""),
        ("{{each env.PORT}}", "1:3", "`each` is a block: write `{{#each VALUE}}`", ""),
        (
            "\n {{> part}}",
            "2:6",
            "unknown partial `part`",
            "name the directory that holds it: `partials: /templates/partials`",
        ),
    ];
    let check =
        |partials: &Partials, text: &str| Template::parse(&Source::new("t", text)).unwrap().check(&declared, partials);
    told(&rows, |text| check(&Partials::default(), text));
    let partials = partials(&[("part", "")]);
    let rows = [
        ("{{> pat}}", "1:5", "unknown partial `pat`", "did you mean `part`?"),
        ("{{> other}}", "1:5", "unknown partial `other`", ""),
    ];
    told(&rows, |text| check(&partials, text));
}
