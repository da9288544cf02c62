//! The fields of an edit as the changes of a text that they describe.

use regex_lite::Regex;
use serde_json::Value;

use super::contradiction::contradiction;
use super::{BlockSpec, EditFormat, EditSpec, LinePosition, LineSpec, Pattern, PieceSpec, ReplaceSpec};
use crate::document::Located;
use crate::failure::{Failure, Kind, Span};
use crate::format::text::{LinePlace, Piece, TextOperation};
use crate::format::{self, Language, Operation, Segment, parse_path};

/// What is done to a text, each with the place where it was written.
pub(crate) struct Operations {
    /// Never `Auto`.
    pub(crate) format: EditFormat,
    /// What is done to keys, where the format has such.
    pub(crate) keys: Vec<Operation>,
    /// What is done to text.
    pub(crate) lines: Vec<TextOperation>,
    spans: Vec<Span>,
    /// What the changes of keys are called.
    names: Vec<String>,
    by_path: Language,
    /// All texts that are put in.
    pub(crate) values: Vec<String>,
}

impl Operations {
    /// Fails with what is wrong with the fields together.
    pub(crate) fn new(spec: &EditSpec) -> Result<Self, Failure> {
        let format = format_of(spec);
        refuse_fields_of_the_other_kind(spec, format)?;
        let mut operations = Self {
            format,
            keys: Vec::new(),
            lines: Vec::new(),
            spans: Vec::new(),
            names: Vec::new(),
            by_path: Language::for_path(spec.path.as_str()),
            values: Vec::new(),
        };
        if format == EditFormat::Text {
            operations.add_lines(spec)?;
        } else {
            operations.add_keys(spec)?;
            operations.refuse_contradiction()?;
        }
        Ok(operations)
    }

    pub(crate) fn is_text(&self) -> bool {
        self.format == EditFormat::Text
    }

    /// The language of the file; of text, none is known.
    pub(crate) fn language(&self) -> Language {
        match self.format {
            EditFormat::Json => Language::Json,
            EditFormat::Yaml => Language::Yaml,
            EditFormat::Toml => Language::Toml,
            EditFormat::Ini => Language::Ini,
            EditFormat::Properties => Language::Properties,
            EditFormat::Env => Language::Env,
            EditFormat::Xml => Language::Xml,
            EditFormat::Auto | EditFormat::Text => self.by_path,
        }
    }

    /// What the change is called: its field, and the key, or the number among those of that field.
    pub(crate) fn name(&self, index: usize) -> String {
        if let Some(name) = self.names.get(index) {
            return name.clone();
        }
        let field = |operation: &TextOperation| match operation {
            TextOperation::Replace { .. } => "replace",
            TextOperation::Line { .. } => "line",
            TextOperation::Block { .. } => "block",
        };
        let Some(wanted) = self.lines.get(index).map(field) else { return String::new() };
        let alike = |operations: &[TextOperation]| operations.iter().filter(|other| field(other) == wanted).count();
        if alike(&self.lines) == 1 {
            return format!("`{wanted}`");
        }
        format!("`{wanted}` number {}", alike(self.lines.get(..=index).unwrap_or_default()))
    }

    /// Where the operation was written.
    pub(crate) fn span(&self, index: usize) -> Option<Span> {
        self.spans.get(index).copied().filter(|span| span.is_known())
    }

    /// In the order in which they were written: each is carried out on what the one before made.
    fn add_keys(&mut self, spec: &EditSpec) -> Result<(), Failure> {
        let unset = spec.unset.iter().map(|key| (key, None));
        let set = spec.set.0.iter().map(|(key, value)| (key, Some(&value.value)));
        let mut changes: Vec<_> = unset.chain(set).collect();
        changes.sort_by_key(|(key, _)| (key.span.line, key.span.column));
        for (key, value) in changes {
            match value {
                Some(value) => self.add_set(key, value, spec.must_exist)?,
                None => self.add_unset(key, spec.must_exist)?,
            }
        }
        Ok(())
    }

    fn add_unset(&mut self, key: &Located<String>, must_exist: bool) -> Result<(), Failure> {
        let path = self.path(key)?;
        if let Some(Segment::Index(_) | Segment::Append) = path.last() {
            let message = format!("`{}` names a place in a list, and each run would take the next one out", key.value);
            let hint = "name the element by what it holds: `list[name=value]`";
            return Err(Failure::new(Kind::Plan, message).at(key.span).hint(hint));
        }
        self.keys.push(Operation::Unset { path, must_exist });
        self.spans.push(key.span);
        self.names.push(format!("`unset` of `{}`", key.value));
        Ok(())
    }

    fn add_set(&mut self, key: &Located<String>, value: &Value, must_exist: bool) -> Result<(), Failure> {
        let path = self.path(key)?;
        collect_texts(value, &mut self.values);
        // A list that is appended means each of its elements.
        let values = match (value, path.last()) {
            (Value::Array(items), Some(Segment::Append)) => items.clone(),
            (one, _) => vec![one.clone()],
        };
        for value in values {
            self.keys.push(Operation::Set { path: path.clone(), value, must_exist });
            self.spans.push(key.span);
            self.names.push(format!("`set` of `{}`", key.value));
        }
        Ok(())
    }

    fn refuse_contradiction(&self) -> Result<(), Failure> {
        let Some((first, second)) = contradiction(self.format, &self.keys) else { return Ok(()) };
        let message = format!("{} and {} contradict each other", self.name(first), self.name(second));
        let hint = "one place cannot be what both of them say";
        Err(Failure::new(Kind::Plan, message).at(self.span(second).unwrap_or_default()).hint(hint))
    }

    /// In flat formats the whole key is one name.
    fn path(&self, key: &Located<String>) -> Result<Vec<Segment>, Failure> {
        if matches!(self.format, EditFormat::Properties | EditFormat::Env) {
            return Ok(vec![Segment::Name(key.value.clone())]);
        }
        parse_path(key).map_err(|problem| {
            Failure::new(Kind::Plan, format!("cannot use the key `{}`: {problem}", key.value)).at(key.span)
        })
    }

    fn add_lines(&mut self, spec: &EditSpec) -> Result<(), Failure> {
        for replace in &spec.replace.0 {
            self.lines.push(self::replace(replace)?);
            self.spans.push(replace.span);
            self.values.extend(replace.with.0.iter().filter_map(|piece| match piece {
                PieceSpec::Text(text) => Some(text.clone()),
                PieceSpec::Group(_) => None,
            }));
        }
        for line in &spec.line.0 {
            self.lines.push(self::line(line)?);
            self.spans.push(line.span);
            self.values.extend(line.text.as_ref().map(|text| text.value.clone()));
        }
        for block in &spec.block.0 {
            self.lines.push(self::block(block)?);
            self.spans.push(block.span);
            self.values.push(block.text.clone());
        }
        Ok(())
    }
}

/// The format that is said, or that the name of the file tells.
fn format_of(spec: &EditSpec) -> EditFormat {
    if spec.format.value != EditFormat::Auto {
        return spec.format.value;
    }
    match Language::for_path(spec.path.as_str()) {
        Language::Json => EditFormat::Json,
        Language::Yaml => EditFormat::Yaml,
        Language::Toml => EditFormat::Toml,
        Language::Ini => EditFormat::Ini,
        Language::Properties => EditFormat::Properties,
        Language::Env => EditFormat::Env,
        Language::Xml => EditFormat::Xml,
        _ => EditFormat::Text,
    }
}

fn refuse_fields_of_the_other_kind(spec: &EditSpec, format: EditFormat) -> Result<(), Failure> {
    let finding = |span: Span, message: &str| Failure::new(Kind::Plan, message).at(span);
    let keys = spec.set.0.first().map(|(key, _)| key.span).or(spec.unset.first().map(|key| key.span));
    let lines = [spec.replace.span(), spec.line.span(), spec.block.span()].into_iter().flatten().next();
    match (format, keys, lines) {
        (EditFormat::Text, Some(span), _) => Err(finding(span, "`set` and `unset` have no meaning for text")
            .hint("say what the file is written in, for instance `format: yaml`")),
        (EditFormat::Text, None, Some(_)) | (_, Some(_), None) => refuse_both(spec, format),
        (_, _, Some(span)) => Err(finding(span, "`replace`, `line` and `block` are for text")
            .hint("use `set` and `unset`, or say `format: text`")),
        (_, None, None) if spec.owner.is_none() && spec.mode.is_none() && !spec.create => {
            Err(finding(spec.path.span, "`edit` needs `set`, `unset`, `replace`, `line` or `block`"))
        }
        (_, None, None) => Ok(()),
    }
}

/// What is set and unset at once would never come to rest. Where no key has a place in another one, only the same key counts.
fn refuse_both(spec: &EditSpec, format: EditFormat) -> Result<(), Failure> {
    let is_flat = matches!(format, EditFormat::Properties | EditFormat::Env);
    for unset in &spec.unset {
        let below = |key: &str| {
            let rest = key.strip_prefix(unset.as_str());
            rest.is_some_and(|rest| rest.is_empty() || !is_flat && rest.starts_with(['.', '[']))
        };
        if let Some((key, _)) = spec.set.0.iter().find(|(key, _)| below(key)) {
            let unset_as = if key.value == unset.value { String::new() } else { format!(", as `{}`,", unset.value) };
            let message = format!("`{}` is set and{unset_as} unset", key.value);
            return Err(Failure::new(Kind::Plan, message).at(key.span));
        }
    }
    Ok(())
}

fn collect_texts(value: &Value, texts: &mut Vec<String>) {
    match value {
        Value::Null | Value::Bool(_) => {}
        Value::String(text) => texts.push(text.clone()),
        Value::Number(number) => texts.push(number.to_string()),
        Value::Array(items) => items.iter().for_each(|item| collect_texts(item, texts)),
        Value::Object(entries) => entries.values().for_each(|item| collect_texts(item, texts)),
    }
}

fn replace(spec: &Located<ReplaceSpec>) -> Result<TextOperation, Failure> {
    let pattern = match (&spec.regex, &spec.literal) {
        (Some(pattern), None) => format::text::Pattern::Regex(regex(pattern)?),
        (None, Some(text)) if !text.is_empty() => format::text::Pattern::Literal(text.value.clone()),
        _ => {
            let message = "`replace` needs either `regex` or `literal`, which is not empty";
            return Err(Failure::new(Kind::Plan, message).at(spec.span));
        }
    };
    if spec.count == Some(0) {
        return Err(Failure::new(Kind::Plan, "`count` is 0, and nothing would be replaced").at(spec.span));
    }
    let piece = |piece: &PieceSpec| match piece {
        PieceSpec::Text(text) => Piece::Text(text.clone()),
        PieceSpec::Group(number) => Piece::Group(*number as usize),
    };
    Ok(TextOperation::Replace {
        pattern,
        with: spec.with.0.iter().map(piece).collect(),
        count: spec.count.map(|count| count as usize),
        must_match: spec.must_match,
        unless: spec.unless.as_deref().map(regex).transpose()?,
    })
}

fn line(spec: &Located<LineSpec>) -> Result<TextOperation, Failure> {
    if spec.text.is_none() && !(spec.absent && spec.matches.is_some()) {
        let message = "`line` needs `text`, or `absent` and `matches`";
        return Err(Failure::new(Kind::Plan, message).at(spec.span));
    }
    Ok(TextOperation::Line {
        text: spec.text.as_ref().map(|text| text.value.clone()).unwrap_or_default(),
        place: place(spec.after.as_ref(), spec.before.as_ref(), spec.at)?,
        matches: spec.matches.as_deref().map(regex).transpose()?,
        absent: spec.absent,
    })
}

fn block(spec: &BlockSpec) -> Result<TextOperation, Failure> {
    Ok(TextOperation::Block {
        marker: spec.marker.value.clone(),
        text: spec.text.clone(),
        place: place(spec.after.as_ref(), spec.before.as_ref(), spec.at)?,
        absent: spec.absent,
    })
}

fn place(
    after: Option<&Located<Pattern>>,
    before: Option<&Located<Pattern>>,
    at: LinePosition,
) -> Result<LinePlace, Failure> {
    match (after, before) {
        (Some(after), None) => regex(after).map(LinePlace::After),
        (None, Some(before)) => regex(before).map(LinePlace::Before),
        (None, None) if at == LinePosition::Beginning => Ok(LinePlace::Beginning),
        (None, None) => Ok(LinePlace::End),
        (Some(_), Some(before)) => {
            Err(Failure::new(Kind::Plan, "both `after` and `before` say where the line goes").at(before.span))
        }
    }
}

fn regex(pattern: &Pattern) -> Result<Regex, Failure> {
    format::text::regex(pattern.as_str()).map_err(|_| Failure::new(Kind::Plan, "not a regular expression"))
}
