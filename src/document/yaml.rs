//! YAML (and so JSON) text to tree. The only user of the YAML library, whose own error text is not printed whole: it
//! shows neighbouring lines, and those may hold what is secret.

use std::fmt;
use std::sync::Arc;

use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_saphyr::budget::BudgetBreach;
use serde_saphyr::{DuplicateKeyPolicy, Location, Spanned};

use super::distinct::Distinct;
use super::node::{Key, Node, Value};
use super::number::{IN_QUOTES, keeps, spelling_hint};
use crate::failure::{Failure, Kind, Source, Span};

/// Bytes of a document. A plan is a page or two, a ConfigMap at most 1 MiB.
const SIZE_LIMIT: usize = 1024 * 1024;
/// Nodes, also those that aliases repeat: an alias bomb ends here.
const NODE_LIMIT: usize = 100_000;
const DEPTH_LIMIT: usize = 64;
const RESPELT: &str = "the number would not stay as it is written";

/// Parses one document.
pub(crate) fn parse(source: &Arc<Source>) -> Result<Node, Failure> {
    if source.text.len() > SIZE_LIMIT {
        let message = format!("cannot read `{}`: {} bytes, the limit is {SIZE_LIMIT}", source.name, source.text.len());
        return Err(Failure::new(Kind::Plan, message));
    }
    let budget = serde_saphyr::budget! {
        max_nodes: NODE_LIMIT,
        max_events: 3 * NODE_LIMIT,
        max_depth: DEPTH_LIMIT,
        max_documents: 1,
    };
    let options = serde_saphyr::options! {
        budget: budget,
        duplicate_keys: DuplicateKeyPolicy::LastWins,
        strict_booleans: true,
        with_snippet: false,
    };
    match serde_saphyr::from_str_with_options::<Parsed>(&source.text, options) {
        Ok(parsed) => {
            // Behind the mark for the end of a document the library passes over what it cannot read.
            if lines(&source.text).iter().any(|line| line.starts_with("...")) {
                check_syntax(&source.text).map_err(|failure| failure.in_source(source))?;
            }
            Ok(parsed.0)
        }
        Err(error) => Err(explain(&error).in_source(source)),
    }
}

/// The same for data: digits that no number holds as they are written, such as an account number with a zero in front, are
/// text.
pub(crate) fn parse_data(source: &Arc<Source>) -> Result<Node, Failure> {
    let mut node = parse(source)?;
    let lines = lines(&source.text);
    keep_digits(&mut node, &lines);
    Ok(node)
}

fn keep_digits(node: &mut Node, lines: &[&str]) {
    match &mut node.value {
        Value::Float(value) => {
            let written = written(node.span, lines);
            if is_digits(&written) || !keeps(&written, *value) {
                node.value = Value::String(written);
            }
        }
        Value::Sequence(items) => items.iter_mut().for_each(|item| keep_digits(item, lines)),
        Value::Mapping(entries) => entries.iter_mut().for_each(|(_, item)| keep_digits(item, lines)),
        _ => {}
    }
}

/// The lines as the library counts them: a carriage return alone ends one too.
fn lines(text: &str) -> Vec<&str> {
    text.split('\n').flat_map(|line| line.strip_suffix('\r').unwrap_or(line).split('\r')).collect()
}

/// The number that stands there.
fn written(span: Span, lines: &[&str]) -> String {
    let line = usize::try_from(span.line).ok().and_then(|line| lines.get(line.checked_sub(1)?));
    let column = usize::try_from(span.column).unwrap_or(usize::MAX).saturating_sub(1);
    line.map_or_else(String::new, |line| {
        let digit = |c: &char| c.is_ascii_alphanumeric() || "+-._".contains(*c);
        line.chars().skip(column).take_while(digit).collect()
    })
}

/// Whether this is an integer, which is read as a number with a point where it begins with zeros or is too large.
fn is_digits(written: &str) -> bool {
    let digits = written.strip_prefix(['+', '-']).unwrap_or(written);
    !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit())
}

/// Whether this is a number that only 64 bits without a sign hold.
fn is_beyond(text: &str) -> bool {
    text.parse::<i64>().is_err() && text.parse::<u64>().is_ok()
}

/// Nothing that a person wrote is rounded, or becomes text, without a word. Below a key of these a number also stays as it is
/// spelt.
fn refuse_altered(node: &Node, lines: &[&str], spelt_below: &[&str], is_below: bool) -> Result<(), Failure> {
    let refused = |message, hint: &str| Err(Failure::new(Kind::Plan, message).at(node.span).hint(hint.to_owned()));
    match &node.value {
        Value::Float(value) => {
            let written = written(node.span, lines);
            if !keeps(&written, *value) {
                return refused("the number would be rounded", IN_QUOTES);
            }
            // Never infinite: the library refuses that.
            let kept = serde_json::Number::from_f64(*value).map(|kept| kept.to_string());
            let Some(kept) = kept.filter(|kept| is_below && *kept != written) else { return Ok(()) };
            // Digits with zeros in front are rarely meant as a number.
            let hint = if is_digits(&written) { IN_QUOTES.to_owned() } else { spelling_hint(&kept) };
            refused(RESPELT, &hint)
        }
        Value::Integer(value) if is_below && written(node.span, lines) != value.to_string() => {
            refused(RESPELT, &spelling_hint(&value.to_string()))
        }
        // It was kept as text, which would be another type than what was written.
        Value::String(text) if is_beyond(text) && *text == written(node.span, lines) => {
            refused("the number is too large", IN_QUOTES)
        }
        Value::Sequence(items) => items.iter().try_for_each(|item| refuse_altered(item, lines, spelt_below, is_below)),
        Value::Mapping(entries) => entries.iter().try_for_each(|(key, item)| {
            let is_below = is_below || spelt_below.contains(&key.name.as_str());
            refuse_altered(item, lines, spelt_below, is_below)
        }),
        _ => Ok(()),
    }
}

/// Checks that the text is YAML, of any length and number of documents, and that no key stands twice in one mapping. Keeps
/// only the keys on the way.
pub(crate) fn check(text: &str) -> Result<(), Failure> {
    let mut keys = Distinct::default();
    // Its name is not told: a value may have made it.
    check_events(text, |event| if keys.is_second_key(event) { Err("duplicate key") } else { Ok(()) })
}

/// Checks that the text is YAML, whatever it holds.
pub(crate) fn check_syntax(text: &str) -> Result<(), Failure> {
    check_events(text, |_| Ok(()))
}

fn check_events(
    text: &str,
    mut judge: impl FnMut(&granit_parser::Event<'_>) -> Result<(), &'static str>,
) -> Result<(), Failure> {
    let refusal = |mark: &granit_parser::Marker, cause: &str| {
        let message = format!("not valid YAML: {cause}");
        Failure::new(Kind::Plan, message).at(Span::new(mark.line(), mark.col() + 1, 1))
    };
    for event in granit_parser::Parser::new_from_str(text) {
        match event {
            Ok((event, span)) => judge(&event).map_err(|cause| refusal(&span.start, cause))?,
            Err(error) => return Err(refusal(error.marker(), &lower_first(error.info().trim_end_matches('.')))),
        }
    }
    Ok(())
}

/// Parses one document that must be a mapping. A number below one of these keys is refused when it would not stay as it is spelt.
pub(crate) fn parse_mapping(source: &Arc<Source>, spelt_below: &[&str]) -> Result<Node, Failure> {
    let node = parse(source)?;
    match node.value {
        Value::Mapping(_) => {
            let lines = lines(&source.text);
            refuse_altered(&node, &lines, spelt_below, false).map_err(|failure| failure.in_source(source))?;
            Ok(node)
        }
        _ => Err(Failure::new(Kind::Plan, format!("expected a mapping, found {}", node.describe()))
            .at(node.span)
            .in_source(source)),
    }
}

/// The library's error in one line, without its decoration.
fn explain(error: &serde_saphyr::Error) -> Failure {
    let error = error.without_snippet();
    let span = error.location().map(span_of).unwrap_or_default();
    let innermost = if let serde_saphyr::Error::AliasError { error, .. } = error { error } else { error };
    if let serde_saphyr::Error::Budget { breach, .. } = innermost {
        return beyond(breach).at(span);
    }
    let whole = error.render();
    let first = whole.lines().next().unwrap_or_default();
    let message = first.strip_prefix("error: ").unwrap_or(first);
    let message = message.split(" at line ").next().unwrap_or(message).trim_end_matches('.');
    let is_infinite = message.starts_with("non-finite float");
    let message = if is_infinite { "the number is not finite, or too large" } else { message };
    let mut failure = Failure::new(Kind::Plan, format!("not valid YAML: {}", lower_first(message))).at(span);
    if is_infinite {
        failure = failure.hint(IN_QUOTES);
    }
    if message.contains("alias") {
        failure = failure.hint(limits());
    }
    failure
}

/// What is YAML, and more of it than is read.
fn beyond(breach: &BudgetBreach) -> Failure {
    let failure = |message: &str| Failure::new(Kind::Plan, message);
    match breach {
        BudgetBreach::Documents { .. } => {
            failure("there is more than one document").hint("`---` begins another one: only one is read")
        }
        BudgetBreach::Depth { .. } => failure("the document is too deep").hint(limits()),
        _ => failure("the document is too large").hint(limits()),
    }
}

fn limits() -> String {
    format!("a document may have {NODE_LIMIT} nodes, {DEPTH_LIMIT} levels, and aliases only within that")
}

fn lower_first(text: &str) -> String {
    let mut characters = text.chars();
    characters.next().map_or_else(String::new, |first| first.to_lowercase().chain(characters).collect())
}

fn span_of(location: Location) -> Span {
    let number = |value: u64| usize::try_from(value).unwrap_or(usize::MAX);
    Span::new(number(location.line()), number(location.column()), number(location.span().len()))
}

/// A node as the YAML library hands it over.
struct Parsed(Node);

impl<'de> Deserialize<'de> for Parsed {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let spanned = Spanned::<Content>::deserialize(deserializer)?;
        // The digits of a number stand where it was defined, also when an alias names it.
        let is_number = matches!(spanned.value.0, Value::Float(_) | Value::Integer(_));
        let location = if is_number { spanned.defined } else { spanned.referenced };
        Ok(Self(Node::new(span_of(location), spanned.value.0)))
    }
}

struct Content(Value);

impl<'de> Deserialize<'de> for Content {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ContentVisitor).map(Self)
    }
}

struct ContentVisitor;

impl<'de> Visitor<'de> for ContentVisitor {
    type Value = Value;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a value")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_none<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Boolean(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(Value::Integer(value))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        // Beyond i64 the digits are kept as text: a float would lose some of them.
        Ok(i64::try_from(value).map_or_else(|_| Value::String(value.to_string()), Value::Integer))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Value, E> {
        Ok(Value::Float(value))
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(Value::String(value.to_owned()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut sequence: A) -> Result<Value, A::Error> {
        let mut items = Vec::new();
        while let Some(Parsed(item)) = sequence.next_element()? {
            items.push(item);
        }
        Ok(Value::Sequence(items))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Value, A::Error> {
        let mut entries = Vec::new();
        while let Some(key) = map.next_key::<Spanned<String>>()? {
            let Parsed(node) = map.next_value()?;
            entries.push((Key { span: span_of(key.referenced), name: key.value }, node));
        }
        Ok(Value::Mapping(entries))
    }
}

#[cfg(test)]
mod tests {
    use super::super::Value;
    use super::{parse, parse_data};
    use crate::failure::Source;

    #[test]
    fn duplicates_reach_the_tree() {
        let node = parse(&Source::new("t", "a: 1\nb: {c: 1, c: 2}\na: 2\n")).unwrap();
        assert_eq!(node.entries().len(), 3);
        assert_eq!(node.entries()[1].1.entries().len(), 2);
        assert_eq!(node.entries()[2].0.span.line, 3);
    }

    #[test]
    fn scalars_have_the_types_of_yaml_1_2() {
        for (text, wanted) in [
            ("yes", "String(\"yes\")"),
            ("true", "Boolean(true)"),
            ("0640", "Float(640.0)"),
            ("\"0640\"", "String(\"0640\")"),
            ("1000:1000", "String(\"1000:1000\")"),
            ("18446744073709551615", "String(\"18446744073709551615\")"),
            ("-1", "Integer(-1)"),
            ("1.5", "Float(1.5)"),
            ("~", "Null"),
            ("", "Null"),
        ] {
            let node = parse(&Source::new("t", text)).unwrap();
            assert_eq!(format!("{:?}", node.value), wanted, "{text}");
        }
    }

    #[test]
    fn digits_of_data_stay_as_they_are_written() {
        let text = "a: &a 012345678901\nb: [0755, 9007199254740993000000, 1.5]\nc: 7\nd: [*a, &p 3.14159265358979323846, *p]\n";
        assert_eq!(
            parse_data(&Source::new("t", text)).unwrap().to_json(),
            serde_json::json!({
                "a": "012345678901",
                "b": ["0755", "9007199254740993000000", 1.5],
                "c": 7,
                "d": ["012345678901", "3.14159265358979323846", "3.14159265358979323846"],
            })
        );
    }

    /// The library ends lines as YAML does, also at a carriage return alone.
    #[test]
    fn digits_are_looked_for_in_the_lines_of_yaml() {
        let text = "x: 0\r\na: 1\rb: 1.5\nc: 7777\nd: 0755\n";
        assert_eq!(
            parse_data(&Source::new("t", text)).unwrap().to_json(),
            serde_json::json!({"x": 0, "a": 1, "b": 1.5, "c": 7777, "d": "0755"})
        );
    }

    #[test]
    fn json_is_a_subset() {
        let node = parse(&Source::new("t", r#"{"a": [1, "b\n"], "c": null}"#)).unwrap();
        assert_eq!(node.to_json(), serde_json::json!({"a": [1, "b\n"], "c": null}));
    }

    #[test]
    fn what_cannot_be_read_is_refused_with_a_place_and_without_the_neighbours() {
        let bomb = "a: &a [x,x,x,x,x,x,x,x,x,x]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a,*a]\nc: &c [*b,*b,*b,*b,*b,*b,*b,*b,*b,*b]\n\
                    d: &d [*c,*c,*c,*c,*c,*c,*c,*c,*c,*c]\ne: &e [*d,*d,*d,*d,*d,*d,*d,*d,*d,*d]\nf: [*e,*e,*e,*e,*e,*e,*e,*e,*e,*e]\n";
        let deep = "[".repeat(2000);
        for (text, line) in [
            ("secret: hunter2\nb: [1\nc: 2\n", 3),
            (bomb, 0),
            (deep.as_str(), 0),
            ("a: *x\n", 1),
            ("a: 1\n...\n]\n", 3),
        ] {
            let failure = parse(&Source::new("t", text)).unwrap_err();
            let text = failure.to_text();
            let message = failure.to_string();
            assert!(message.starts_with("not valid YAML: ") || message == "the document is too large", "{text}");
            assert!(!text.contains("hunter2"), "{text}");
            assert!(line == 0 || failure.details().span.line == line, "{text}");
        }
        let failure = parse(&Source::new("plan", "x".repeat(10_000_000))).unwrap_err();
        assert_eq!(failure.to_string(), "cannot read `plan`: 10000000 bytes, the limit is 1048576");
    }

    #[test]
    fn an_empty_document_is_null() {
        assert!(matches!(parse(&Source::new("t", "# only a comment\n")).unwrap().value, Value::Null));
    }
}
