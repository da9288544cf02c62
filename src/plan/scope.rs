//! What the strings of one step can name beside what the plan declares.

use super::expand::With;
use crate::document::{Key, Node};
use crate::spec::secret_file_path;
use crate::template::{Data, Declared};

/// The names and data of a step whose program gets secrets as files.
pub(super) struct Scope {
    pub(super) declared: Declared,
    pub(super) data: Data,
}

impl Scope {
    /// Of the fields of a verb; nothing where they say nothing of secret files. The place of a name among the others gives
    /// its path, so the path is known before the program is.
    pub(super) fn of(fields: &[(Key, Node)], with: With<'_>, declared: &Declared) -> Option<Self> {
        let (_, files) = fields.iter().find(|(key, _)| key.name == "secrets_as_files")?;
        let names: Vec<String> = files.entries().iter().map(|(key, _)| key.name.clone()).collect();
        let paths =
            names.iter().enumerate().map(|(index, name)| (name.clone(), secret_file_path(index).into())).collect();
        let data = match with {
            With::Names => Data::default(),
            With::Data(data) | With::All(data) => data.clone().with_secret_files(paths),
        };
        Some(Self { declared: Declared { secret_files: names, ..declared.clone() }, data })
    }
}
