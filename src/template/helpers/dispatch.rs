//! Between Handlebars and the table: finds the helper, counts its parameters, and gives its errors their name.
//!
//! Helpers are not registered one by one, which would cost each render more than rendering: Handlebars asks the hook
//! `helperMissing` for names that it does not know, and the hook asks the table.

use handlebars::{
    Context, Handlebars, Helper, HelperDef, PathAndJson, RenderContext, RenderError, RenderErrorReason, ScopedJson,
};
use serde_json::Value;

use super::call::{Call, SAYS_NO, truth_of};
use super::table::{Entry, entry, wrong_call};
use super::{CONDITION, LOOKUP_OR_NULL, PRESENT, Surroundings, TEXT, WITHOUT_BLOCK, maps};

/// Those of Handlebars that are replaced, as they take every type, and `log`, as it would print.
const REPLACED: [&str; 12] = ["log", "lookup", "eq", "ne", "gt", "gte", "lt", "lte", "and", "or", "not", "len"];

/// The helpers that ask what is around the run. They are registered for each render, before the hook is asked.
pub(in crate::template) const FROM_OUTSIDE: [&str; 2] = ["file", "now"];

/// The helper behind each name of [`FROM_OUTSIDE`].
pub(in crate::template) fn from_outside(surroundings: &Surroundings) -> Box<dyn HelperDef + Send + Sync> {
    Box::new(Dispatch(surroundings.clone()))
}

pub(in crate::template) fn register(registry: &mut Handlebars<'_>) {
    for name in REPLACED {
        registry.unregister_helper(name);
    }
    registry.register_helper("helperMissing", Box::new(Dispatch(Surroundings::default())));
    registry.register_helper("blockHelperMissing", Simple::boxed(no_block));
}

/// What a helper refuses, and what helps.
#[derive(Debug, thiserror::Error)]
#[error("{message}")]
pub(in crate::template) struct Problem {
    pub(in crate::template) helper: String,
    pub(in crate::template) message: String,
    pub(in crate::template) hint: Option<String>,
}

struct Dispatch(Surroundings);

impl HelperDef for Dispatch {
    fn call_inner<'reg: 'rc, 'rc>(
        &self,
        helper: &Helper<'rc>,
        _: &'reg Handlebars<'reg>,
        _: &'rc Context,
        _: &mut RenderContext<'reg, 'rc>,
    ) -> Result<ScopedJson<'rc>, RenderError> {
        let value = match helper.name() {
            TEXT => text(helper),
            PRESENT => present(helper).cloned(),
            CONDITION => condition(helper),
            LOOKUP_OR_NULL => call(&self.0, helper, &maps::LOOKUP_OR_NULL),
            name => match entry(name.strip_prefix(WITHOUT_BLOCK).unwrap_or(name)) {
                Some(entry) => call(&self.0, helper, entry),
                None => Err(RenderErrorReason::HelperNotFound(name.to_owned()).into()),
            },
        };
        value.map(ScopedJson::Derived)
    }
}

fn call(surroundings: &Surroundings, helper: &Helper<'_>, entry: &Entry) -> Result<Value, RenderError> {
    let refuse = |message| problem(entry.name, message, None);
    if let Some(message) = wrong_call(entry.name, helper.params().len(), false) {
        return Err(refuse(message));
    }
    let Some(make) = entry.make else { return Err(RenderErrorReason::HelperNotFound(entry.name.to_owned()).into()) };
    if let Some(name) = helper.hash().keys().next().filter(|_| !entry.named) {
        return Err(refuse(format!("`{}` takes no parameter named `{name}`", entry.name)));
    }
    let known = |parameter: &&PathAndJson<'_>| !entry.tolerant && parameter.is_value_missing();
    if let Some(missing) = helper.params().iter().chain(helper.hash().values()).find(known) {
        return Err(RenderErrorReason::MissingVariable(missing.relative_path().cloned()).into());
    }
    let call = Call {
        values: helper.params().iter().map(PathAndJson::value).collect(),
        paths: helper.params().iter().map(|parameter| parameter.relative_path().map(String::as_str)).collect(),
        literal: helper.params().iter().map(|parameter| parameter.try_get_constant_value().is_some()).collect(),
        named: helper.hash().iter().map(|(name, value)| (*name, value.value())).collect(),
        surroundings,
    };
    make(&call).map_err(|message| refuse(format!("`{}`: {message}", entry.name)))
}

pub(in crate::template) fn problem(helper: &str, message: String, hint: Option<&str>) -> RenderError {
    let problem = Problem { helper: helper.to_owned(), message, hint: hint.map(str::to_owned) };
    RenderErrorReason::NestedError(Box::new(problem)).into()
}

/// The parameter with this index, which must be there and known.
fn parameter<'a>(helper: &'a Helper<'_>, index: usize) -> Result<&'a Value, RenderError> {
    let missing = |path: Option<String>| RenderError::from(RenderErrorReason::MissingVariable(path));
    let parameter = helper.param(index).ok_or_else(|| missing(None))?;
    if parameter.is_value_missing() {
        return Err(missing(parameter.relative_path().cloned()));
    }
    Ok(parameter.value())
}

fn named(helper: &Helper<'_>) -> String {
    let path = helper.param(0).and_then(|parameter| parameter.relative_path());
    path.map_or_else(|| "the value".to_owned(), |path| format!("`{path}`"))
}

pub(in crate::template) fn text(helper: &Helper<'_>) -> Result<Value, RenderError> {
    let what = match parameter(helper, 0)? {
        Value::Null => {
            return Err(problem("", format!("{} is null", named(helper)), Some("`default` gives it another value")));
        }
        Value::Object(_) => "mapping",
        Value::Array(_) => "list",
        value => return Ok(value.clone()),
    };
    let hint = "`json` and `yaml` write it whole, `each` item by item";
    Err(problem("", format!("{} is a {what}, not text", named(helper)), Some(hint)))
}

fn present<'a>(helper: &'a Helper<'_>) -> Result<&'a Value, RenderError> {
    parameter(helper, 0)
}

fn condition(helper: &Helper<'_>) -> Result<Value, RenderError> {
    let value = parameter(helper, 0)?;
    match truth_of(value) {
        Some(_) => Ok(value.clone()),
        None => Err(problem("", format!("{} {SAYS_NO}", named(helper)), None)),
    }
}

fn no_block(helper: &Helper<'_>) -> Result<Value, RenderError> {
    match wrong_call(helper.name(), helper.params().len(), true) {
        Some(message) => Err(problem(helper.name(), message, None)),
        None => Err(RenderErrorReason::HelperNotFound(helper.name().to_owned()).into()),
    }
}

/// A helper that makes one value of its parameters.
pub(in crate::template) struct Simple<F>(F);

impl<F: Fn(&Helper<'_>) -> Result<Value, RenderError> + Send + Sync> Simple<F> {
    pub(in crate::template) fn boxed(make: F) -> Box<Self> {
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
