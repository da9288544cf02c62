//! The helpers that templates can call, beside those of Handlebars itself.

use handlebars::{Context, Handlebars, Helper, HelperDef, RenderContext, RenderError, RenderErrorReason, ScopedJson};
use serde_json::Value;

/// Makes a value text, for `{{x}}`; null and objects are errors, not empty and `[object]`.
pub(super) const TEXT: &str = "fitout-text";
/// Hands a value on and fails when its name is unknown.
pub(super) const PRESENT: &str = "fitout-present";

/// Those that decide themselves what an unknown name means.
pub(super) const TOLERANT: [&str; 5] = ["default", "each", "with", "lookup", PRESENT];

/// Helpers of Handlebars that are kept; `log` is not, as it would print.
pub(super) const BUILT_IN: [&str; 14] =
    ["if", "unless", "each", "with", "lookup", "raw", "eq", "ne", "gt", "gte", "lt", "lte", "and", "or"];

/// Our own, and the last of Handlebars'.
pub(super) const OURS: [&str; 7] = ["not", "len", "default", "json", "lower", "upper", "trim"];

pub(super) fn register(registry: &mut Handlebars<'_>) {
    registry.unregister_helper("log");
    registry.register_helper(TEXT, Simple::boxed(text));
    registry.register_helper(PRESENT, Simple::boxed(present));
    registry.register_helper("default", Simple::boxed(default));
    registry.register_helper("json", Simple::boxed(json));
    registry.register_helper("lower", Simple::boxed(|helper| map_text(helper, str::to_lowercase)));
    registry.register_helper("upper", Simple::boxed(|helper| map_text(helper, str::to_uppercase)));
    registry.register_helper("trim", Simple::boxed(|helper| map_text(helper, |text| text.trim().to_owned())));
}

/// A helper that makes one value of its parameters.
pub(super) struct Simple<F>(F);

impl<F: Fn(&Helper<'_>) -> Result<Value, RenderError> + Send + Sync> Simple<F> {
    pub(super) fn boxed(make: F) -> Box<Self> {
        Box::new(Self(make))
    }
}

impl<F: Fn(&Helper<'_>) -> Result<Value, RenderError> + Send + Sync> HelperDef for Simple<F> {
    fn call_inner<'reg: 'rc, 'rc>(
        &self,
        helper: &Helper<'rc>,
        _: &'reg Handlebars<'reg>,
        _: &'rc Context,
        _: &mut RenderContext<'reg, 'rc>,
    ) -> Result<ScopedJson<'rc>, RenderError> {
        self.0(helper).map(ScopedJson::Derived)
    }
}

pub(super) fn error(message: impl Into<String>) -> RenderError {
    RenderErrorReason::Other(message.into()).into()
}

/// The parameter with this index, which must be there and known.
fn parameter<'a>(helper: &'a Helper<'_>, index: usize) -> Result<&'a Value, RenderError> {
    let parameter =
        helper.param(index).ok_or_else(|| error(format!("`{}` needs {} parameters", helper.name(), index + 1)))?;
    if parameter.is_value_missing() {
        return Err(RenderErrorReason::MissingVariable(parameter.relative_path().cloned()).into());
    }
    Ok(parameter.value())
}

fn named(helper: &Helper<'_>) -> String {
    let path = helper.param(0).and_then(|parameter| parameter.relative_path());
    path.map_or_else(|| "the value".to_owned(), |path| format!("`{path}`"))
}

pub(super) fn text(helper: &Helper<'_>) -> Result<Value, RenderError> {
    match parameter(helper, 0)? {
        Value::Null => Err(error(format!("{} is null", named(helper)))),
        Value::Object(_) => Err(error(format!("{} is a mapping, not text", named(helper)))),
        Value::Array(_) => Err(error(format!("{} is a list, not text", named(helper)))),
        value => Ok(value.clone()),
    }
}

fn present(helper: &Helper<'_>) -> Result<Value, RenderError> {
    parameter(helper, 0).cloned()
}

/// The first parameter that is known, not null and not empty.
fn default(helper: &Helper<'_>) -> Result<Value, RenderError> {
    let some = |value: &&Value| !value.is_null() && value.as_str() != Some("");
    let mut values = helper.params().iter().filter(|parameter| !parameter.is_value_missing());
    let found = values.by_ref().map(handlebars::PathAndJson::value).find(some);
    found.cloned().ok_or_else(|| error("`default` has no value to fall back to"))
}

fn json(helper: &Helper<'_>) -> Result<Value, RenderError> {
    Ok(Value::String(parameter(helper, 0)?.to_string()))
}

fn map_text(helper: &Helper<'_>, change: impl Fn(&str) -> String) -> Result<Value, RenderError> {
    match parameter(helper, 0)? {
        Value::String(text) => Ok(Value::String(change(text))),
        Value::Number(number) => Ok(Value::String(change(&number.to_string()))),
        Value::Bool(value) => Ok(Value::String(change(&value.to_string()))),
        _ => Err(error(format!("{} is not text", named(helper)))),
    }
}
