//! What `run` and `sql` say of the program that they start.

use super::{AbsolutePath, EnvValue, NamePatterns, Owner, SecretSource};
use crate::document::{Located, Table};
use crate::failure::{Failure, Kind, Span};

/// The descriptor of the first secret that a program gets as a file. Above what programs use by their own habits, below the
/// limit that every system has.
pub(crate) const FIRST_SECRET_FILE: u16 = 100;

/// More secrets than this belong into one file.
pub(crate) const MOST_SECRET_FILES: u16 = 64;

/// Declares the spec of a step that starts a program: the fields of its own, and those that each of them has. (`flatten` of
/// serde would lose the places of what it holds.)
macro_rules! program_spec {
    ($(#[$about:meta])* struct $name:ident { $($own:tt)* }) => {
        #[derive(Debug, Clone, serde::Deserialize)]
        #[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
        $(#[$about])*
        #[serde(deny_unknown_fields)]
        pub(crate) struct $name {
            $($own)*
            /// Variables whose words come behind those of the command. Quotes are understood; nothing is expanded.
            #[serde(default)]
            pub(crate) append_from: $crate::spec::NamePatterns,
            /// Variables beyond those that Fitout was started with; `null` takes one away.
            #[serde(default)]
            pub(crate) env: $crate::document::Table<$crate::spec::EnvValue>,
            /// The working directory, entered as the user.
            pub(crate) directory: Option<$crate::document::Located<$crate::spec::AbsolutePath>>,
            /// Secrets that the program reads as files: `{{secret_files.NAME}}` in this step is the path of each.
            #[serde(default)]
            pub(crate) secrets_as_files: $crate::document::Table<$crate::spec::SecretSource>,
            /// The user (and group) that the program runs as; the step's `as` means the same.
            #[serde(rename = "as")]
            pub(crate) user: Option<$crate::document::Located<$crate::spec::Owner>>,
        }

        impl $name {
            /// The program, as every step that starts one says it.
            pub(crate) fn program(&self) -> $crate::spec::ProgramSpec<'_> {
                $crate::spec::ProgramSpec {
                    command: &self.command,
                    append_from: &self.append_from,
                    env: &self.env,
                    directory: self.directory.as_ref(),
                    secrets_as_files: &self.secrets_as_files,
                    user: self.user.as_ref(),
                }
            }
        }
    };
}
pub(super) use program_spec;

/// A program that a step starts.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ProgramSpec<'a> {
    pub(crate) command: &'a [Located<String>],
    pub(crate) append_from: &'a NamePatterns,
    pub(crate) env: &'a Table<EnvValue>,
    pub(crate) directory: Option<&'a Located<AbsolutePath>>,
    pub(crate) secrets_as_files: &'a Table<SecretSource>,
    pub(crate) user: Option<&'a Located<Owner>>,
}

impl ProgramSpec<'_> {
    /// What is wrong across fields.
    pub(crate) fn findings(&self) -> Vec<Failure> {
        let mut findings = Vec::new();
        for (name, _) in self.env.0.iter().filter(|(name, _)| name.is_empty() || name.contains(['=', '\0'])) {
            findings.push(finding(name.span, "not the name of a variable").hint("write it as `NAME: value`"));
        }
        for (name, source) in &self.secrets_as_files.0 {
            let plain = |c: char| c.is_ascii_alphanumeric() || c == '_';
            if name.is_empty() || !name.chars().all(plain) || name.starts_with(|c: char| c.is_ascii_digit()) {
                let hint = "letters, digits and `_`, as it stands in `{{secret_files.NAME}}`";
                findings.push(finding(name.span, "not the name of a secret file").hint(hint));
            }
            if source.from_env.is_some() == source.from_file.is_some() {
                let hint = "write `{ from_env: NAME }` or `{ from_file: PATH }`";
                findings.push(finding(name.span, format!("`{}` is not one place", name.value)).hint(hint));
            }
        }
        if let Some((name, _)) = self.secrets_as_files.0.get(usize::from(MOST_SECRET_FILES)) {
            let message = format!("more than {MOST_SECRET_FILES} secrets as files");
            findings.push(finding(name.span, message).hint("put them into one file"));
        }
        findings
    }

    /// The first field beside the command that is given, and where it stands.
    pub(super) fn first_field(&self) -> Option<(&'static str, Span)> {
        let name_of = |name: Option<&Located<String>>| name.map(|name| name.span);
        [
            ("append_from", self.append_from.0.first().map(|name| name.span)),
            ("env", name_of(self.env.0.first().map(|(name, _)| name))),
            ("directory", self.directory.map(|directory| directory.span)),
            ("secrets_as_files", name_of(self.secrets_as_files.0.first().map(|(name, _)| name))),
            ("as", self.user.map(|user| user.span)),
        ]
        .into_iter()
        .find_map(|(name, span)| Some((name, span?)))
    }
}

/// Where a program finds the secret with this place among the step's secret files.
pub(crate) fn secret_file_path(index: usize) -> String {
    format!("/proc/self/fd/{}", usize::from(FIRST_SECRET_FILE) + index)
}

fn finding(span: Span, message: impl Into<String>) -> Failure {
    Failure::new(Kind::Plan, message).at(span)
}
