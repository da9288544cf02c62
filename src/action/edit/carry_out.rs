//! The operations of an edit, carried out on a text in memory.

use std::borrow::Cow;

use crate::format::{self, EditError};
use crate::spec::{EditFormat, Operations};

/// Carries everything out on the text.
pub(super) fn carry_out<'a>(operations: &Operations, text: &'a str) -> Result<Cow<'a, str>, EditError> {
    let edit = match operations.format {
        EditFormat::Json => format::json::edit,
        EditFormat::Yaml => format::yaml::edit,
        EditFormat::Toml => format::toml::edit,
        EditFormat::Ini => format::ini::edit,
        EditFormat::Properties => format::properties::edit,
        EditFormat::Env => format::env::edit,
        EditFormat::Xml => format::xml::edit,
        EditFormat::Auto | EditFormat::Text => return format::text::edit(text, &operations.lines).map(Cow::Owned),
    };
    edit(text, &operations.keys).map(Cow::Owned)
}
