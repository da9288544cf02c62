//! `render`: a file, or a tree, equals its rendered template.

use serde::Deserialize;

use super::{AbsolutePath, Glob, Mode, Owner, Validate, Variables};
use crate::document::Located;

/// A file (or a tree) equals its rendered template.
#[derive(Debug, Clone, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename = "render"))]
#[serde(deny_unknown_fields)]
pub(crate) struct RenderSpec {
    /// The template: a file, a directory, or a glob such as `/templates/*.hbs`. In a directory files with the suffix are
    /// templates, all others are copied as they are.
    pub(crate) source: Option<Located<AbsolutePath>>,
    /// The template itself, in place of `source`.
    pub(crate) text: Option<Located<String>>,
    /// The file, or for a directory or glob as source the directory, that is made.
    pub(crate) path: Located<AbsolutePath>,
    #[serde(default)]
    pub(crate) engine: Engine,
    /// Which forms `envsubst` knows: those of a POSIX shell, or only `$A` and `${A}` as GNU envsubst does.
    #[serde(default)]
    pub(crate) forms: Forms,
    /// The names that `envsubst` replaces, as a list or as a regular expression; all others stay as they are.
    pub(crate) variables: Option<Located<Variables>>,
    /// What `envsubst` makes of a name that is not set.
    #[serde(default)]
    pub(crate) unknown: Unknown,
    /// A directory of templates that others include: `{{> header}}` is `header.hbs` there.
    pub(crate) partials: Option<Located<AbsolutePath>>,
    /// What is taken off the names of templates in a tree; without it `.hbs`, for envsubst `.template`. With "" every file is a
    /// template and keeps its name.
    pub(crate) strip_suffix: Option<Located<String>>,
    /// Only these files of a tree. A pattern without `/` is held against the name, another against the path in the tree.
    #[serde(default)]
    pub(crate) include: Vec<Glob>,
    /// Not these files and directories of a tree. With `prune` they are not removed either.
    #[serde(default)]
    pub(crate) exclude: Vec<Glob>,
    /// Owner of every file that is made; without it new files belong to the user who runs Fitout.
    pub(crate) owner: Option<Located<Owner>>,
    /// Mode of every file that is made; without it an existing file keeps its mode and a new one gets "0644", or "0600" when
    /// the template uses a secret.
    pub(crate) mode: Option<Located<Mode>>,
    /// Mode of directories that are made for a tree; without it "0755".
    pub(crate) directory_mode: Option<Located<Mode>>,
    /// How `{{x}}` is escaped: by the suffix of `path`, or as said here. `{{{x}}}` is never escaped. What envsubst puts in is
    /// escaped only when a language is said here.
    #[serde(default)]
    pub(crate) escape: Escape,
    /// What the result has to pass before it is published.
    #[serde(default)]
    pub(crate) validate: Located<Validate>,
    /// What to do with a file that exists and differs.
    #[serde(default)]
    pub(crate) if_exists: Present,
    /// Write into a file that is there, in place of replacing it at once: it keeps its inode, and whoever reads it meanwhile may
    /// see half of it.
    #[serde(default)]
    pub(crate) keep_inode: bool,
    /// Remove what is below `path` and not made by this step. Only for trees.
    #[serde(default)]
    pub(crate) prune: bool,
}

impl RenderSpec {
    /// What is taken off the name of a template.
    pub(crate) fn suffix(&self) -> &str {
        match (&self.strip_suffix, self.engine) {
            (Some(suffix), _) => &suffix.value,
            (None, Engine::Handlebars) => ".hbs",
            (None, Engine::Envsubst) => ".template",
        }
    }
}

/// What a template is written in.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub(crate) enum Engine {
    #[default]
    Handlebars,
    Envsubst,
}

/// What envsubst replaces.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub(crate) enum Forms {
    /// `$A`, `${A}`, `${A:-x}` and the other forms of a POSIX shell.
    #[default]
    Posix,
    /// `$A` and `${A}`.
    Gnu,
}

/// What envsubst makes of a name that is not set.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub(crate) enum Unknown {
    #[default]
    Error,
    Keep,
    Empty,
}

/// The target format that `{{x}}` is escaped for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub(crate) enum Escape {
    /// By the suffix of the file that is made: `.json .yaml .yml .toml .ini .properties .env .xml .sh .sql`, `nginx.conf` and
    /// `.conf` below a directory `nginx`; nothing for everything else.
    #[default]
    Auto,
    None,
    Json,
    Yaml,
    Toml,
    Ini,
    Properties,
    Env,
    Xml,
    Sh,
    Nginx,
    /// Standard SQL, as PostgreSQL and SQLite read it.
    Sql,
    /// SQL as `MySQL` and `MariaDB` read it.
    Mysql,
}

/// What to do with a file that exists and differs.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub(crate) enum Present {
    #[default]
    Replace,
    Keep,
}
