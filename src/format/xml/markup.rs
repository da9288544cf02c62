//! New elements.

use serde_json::Value;

use super::super::Problem;
use super::character::{first_forbidden, is_name};
use super::edit::Refusal;
use super::route::{Pick, Step};
use super::text::{Context, Encoding, push_text};
use super::tree::Element;

/// An element that is to be written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Markup {
    pub(super) name: String,
    attributes: Vec<(String, String)>,
    /// Empty if there are children.
    text: String,
    children: Vec<Self>,
}

/// How new elements look.
#[derive(Debug, Clone)]
pub(super) struct Style<'a> {
    /// What stands before the element in its line. None if it shares the line with others.
    pub(super) indent: Option<String>,
    pub(super) unit: &'a str,
    pub(super) line_break: &'static str,
    pub(super) encoding: Encoding,
}

/// A scalar as text.
pub(super) fn scalar_text(value: &Value) -> Result<String, Refusal> {
    let text = match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        Value::Bool(_) | Value::Number(_) => value.to_string(),
        Value::Array(_) | Value::Object(_) => {
            return Err(("a mapping or list cannot be the text of an element or attribute".to_owned(), None));
        }
    };
    if first_forbidden(&text).is_some() {
        let hint = "encode the value, for instance with `base64`".to_owned();
        return Err(("XML cannot hold a character of the value".to_owned(), Some(hint)));
    }
    Ok(text)
}

impl Markup {
    fn new(name: &str) -> Result<Self, Refusal> {
        if !is_name(name) {
            return Err((format!("`{}` is no name of an XML element or attribute", name.escape_default()), None));
        }
        Ok(Self { name: name.to_owned(), attributes: Vec::new(), text: String::new(), children: Vec::new() })
    }

    /// The elements for a value: several for a list.
    pub(super) fn of(name: &str, value: &Value) -> Result<Vec<Self>, Refusal> {
        match value {
            Value::Array(items) if items.iter().any(Value::is_array) => {
                Err(("a list in a list has no form in XML".to_owned(), None))
            }
            Value::Array(items) => {
                let elements: Result<Vec<_>, _> = items.iter().map(|item| Self::of(name, item)).collect();
                Ok(elements?.into_iter().flatten().collect())
            }
            Value::Object(entries) => {
                let mut element = Self::new(name)?;
                for (key, value) in entries {
                    match key.strip_prefix('@') {
                        Some(attribute) => element.set_attribute(attribute, scalar_text(value)?)?,
                        None => element.children.extend(Self::of(key, value)?),
                    }
                }
                Ok(vec![element])
            }
            scalar => Ok(vec![Self { text: scalar_text(scalar)?, ..Self::new(name)? }]),
        }
    }

    /// The elements for all steps of a path.
    pub(super) fn nested(steps: &[Step], attribute: Option<&str>, value: &Value) -> Result<Vec<Self>, Refusal> {
        let Some((step, inner)) = steps.split_first() else { return Ok(Vec::new()) };
        let mut elements = match (inner, attribute) {
            ([], None) => Self::of(step.name, value)?,
            ([], Some(attribute)) => {
                let mut element = Self::new(step.name)?;
                element.set_attribute(attribute, scalar_text(value)?)?;
                vec![element]
            }
            _ => vec![Self { children: Self::nested(inner, attribute, value)?, ..Self::new(step.name)? }],
        };
        match step.pick {
            Pick::First | Pick::Append | Pick::Number(0) => {}
            Pick::Number(_) => return Err((step.missing(), Some("`[+]` adds an element".to_owned()))),
            Pick::Where { name, value } => {
                elements.iter_mut().try_for_each(|element| element.distinguish(name, value))?;
            }
        }
        Ok(elements)
    }

    fn set_attribute(&mut self, name: &str, text: String) -> Result<(), Refusal> {
        let Self { name, .. } = Self::new(name)?;
        self.attributes.push((name, text));
        Ok(())
    }

    /// Gives it what it is found by, unless it has something else there.
    fn distinguish(&mut self, name: &str, value: &str) -> Result<(), Refusal> {
        let text = scalar_text(&Value::from(value))?;
        let contradicted = || {
            Err((format!("the element is chosen by its `{name}`, which is something else in the new element"), None))
        };
        if let Some(attribute) = name.strip_prefix('@') {
            return match self.attributes.iter().find(|(known, _)| known == attribute) {
                Some((_, known)) if *known == text => Ok(()),
                Some(_) => contradicted(),
                None => self.set_attribute(attribute, text),
            };
        }
        let mut namesakes = self.children.iter().filter(|child| child.name == name).peekable();
        if namesakes.peek().is_some() {
            let found = namesakes.any(|child| child.children.is_empty() && child.text.trim() == text.trim());
            return if found { Ok(()) } else { contradicted() };
        }
        self.children.insert(0, Self { text, ..Self::new(name)? });
        Ok(())
    }

    /// Whether an element of a text says the same.
    pub(super) fn equals(&self, text: &str, element: &Element) -> Result<bool, Problem> {
        let attributes: Vec<_> = super::scan::attributes(text, &element.start).collect();
        let has = |(name, value): &(String, String)| {
            element.attribute(text, name).and_then(|attribute| attribute.read(text)).as_ref() == Some(value)
        };
        if element.name(text) != self.name
            || attributes.len() != self.attributes.len()
            || !self.attributes.iter().all(has)
        {
            return Ok(false);
        }
        let children = element.children(text)?;
        if children.is_empty() || children.len() != self.children.len() {
            return Ok(self.children.is_empty() && element.text(text)?.as_ref() == Some(&self.text));
        }
        for (own, child) in self.children.iter().zip(&children) {
            if !own.equals(text, child)? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Writes it, without the indentation of its first line.
    pub(super) fn push(&self, style: &Style, out: &mut String) {
        out.extend(["<", &self.name]);
        for (name, value) in &self.attributes {
            out.extend([" ", name, "=\""]);
            push_text(value, Context::Attribute('"'), style.encoding, out);
            out.push('"');
        }
        if self.children.is_empty() && self.text.is_empty() {
            out.push_str("/>");
            return;
        }
        out.push('>');
        push_text(&self.text, Context::Content, style.encoding, out);
        let inner =
            Style { indent: style.indent.as_ref().map(|indent| format!("{indent}{}", style.unit)), ..style.clone() };
        for child in &self.children {
            inner.push_line_start(out);
            child.push(&inner, out);
        }
        if !self.children.is_empty() {
            style.push_line_start(out);
        }
        out.extend(["</", &self.name, ">"]);
    }
}

impl Style<'_> {
    /// Writes a line break and the indentation, unless all stands in one line.
    pub(super) fn push_line_start(&self, out: &mut String) {
        if let Some(indent) = &self.indent {
            out.extend([self.line_break, indent]);
        }
    }
}
