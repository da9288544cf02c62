//! The values of a rendering, kept apart from its text until the place of each is known.
//!
//! A value is escaped for the place in which it stands, and that is known only when the whole text is there. So while a
//! template is rendered, a mark stands in the text for each value. What a value holds is never looked at for marks.

use std::sync::{Arc, Mutex, PoisonError};

use handlebars::Helper;
use serde_json::Value;

use super::helpers;
use crate::format::{Insertion, Scalar};

/// The helper that `{{x}}` becomes: the value is escaped for the target.
pub(super) const VALUE: &str = "fitout-value";

/// Characters that Unicode sets aside for use inside of a program. No template may hold them.
pub(super) const OPEN: char = '\u{fdd0}';
const CLOSE: char = '\u{fdd1}';

/// The values met so far, in the order of the rendering.
#[derive(Clone, Default)]
pub(super) struct Capture {
    values: Arc<Mutex<Vec<Captured>>>,
    /// The call that fails, with this message: so that the engine says where in the template it stands.
    fails: Option<(usize, String)>,
}

struct Captured {
    text: String,
    /// Nothing for a raw value: `{{{x}}}`.
    scalar: Option<Scalar>,
}

/// The text with all values in it as they are.
pub(super) struct Assembled {
    pub(super) text: String,
    pub(super) insertions: Vec<Insertion>,
    /// For each insertion the number of the call that made it.
    pub(super) calls: Vec<usize>,
}

impl Capture {
    pub(super) fn failing(call: usize, message: &str) -> Self {
        Self { fails: Some((call, message.to_owned())), ..Self::default() }
    }

    /// The helper for `{{x}}`, or for `{{{x}}}` when `raw`.
    pub(super) fn helper(&self, raw: bool) -> Box<dyn handlebars::HelperDef + Send + Sync> {
        let capture = self.clone();
        helpers::Simple::boxed(move |helper: &Helper<'_>| {
            let value = helpers::text(helper)?;
            let fails = |message| helpers::problem("", message, None);
            capture.keep(value, raw).map(Value::String).map_err(fails)
        })
    }

    /// Keeps a value that is printed. Returns its mark, or why this call fails.
    fn keep(&self, value: Value, raw: bool) -> Result<String, String> {
        let scalar = (!raw).then_some(match value {
            Value::Number(_) => Scalar::Number,
            Value::Bool(_) => Scalar::Boolean,
            _ => Scalar::Text,
        });
        let text = if let Value::String(text) = value { text } else { value.to_string() };
        let mut values = self.values.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, message)) = self.fails.as_ref().filter(|(call, _)| *call == values.len()) {
            return Err(message.clone());
        }
        values.push(Captured { text, scalar });
        Ok(format!("{OPEN}{}{CLOSE}", values.len() - 1))
    }

    /// Appends the mark for a value of a plain expression. Nothing when it cannot be printed.
    pub(super) fn print(&self, value: &Value, output: &mut String) -> Option<()> {
        if matches!(value, Value::Null | Value::Array(_) | Value::Object(_)) {
            return None;
        }
        output.push_str(&self.keep(value.clone(), false).ok()?);
        Some(())
    }

    /// Puts the values where their marks are.
    pub(super) fn assemble(&self, rendered: &str) -> Assembled {
        let values = self.values.lock().unwrap_or_else(PoisonError::into_inner);
        let mut assembled =
            Assembled { text: String::with_capacity(rendered.len()), insertions: Vec::new(), calls: Vec::new() };
        let mut rest = rendered;
        while let Some((before, after)) = rest.split_once(OPEN) {
            assembled.text.push_str(before);
            let (number, behind) = after.split_once(CLOSE).unwrap_or((after, ""));
            rest = behind;
            let Some((call, value)) = number.parse().ok().and_then(|call: usize| Some((call, values.get(call)?)))
            else {
                continue;
            };
            let start = assembled.text.len();
            assembled.text.push_str(&value.text);
            if let Some(scalar) = value.scalar {
                assembled.insertions.push(Insertion { range: start..assembled.text.len(), scalar });
                assembled.calls.push(call);
            }
        }
        assembled.text.push_str(rest);
        assembled
    }
}
