//! What a user may write: the types of the plan. No I/O, no operating system.
//!
//! Every step is a struct with the fields of `plan-format`; a plan's YAML and the flags of the command line are both read
//! into it. Values that have a form of their own (modes, owners, durations) are newtypes that cannot hold a wrong one.

mod account;
mod condition;
mod confine;
mod contradiction;
mod copy;
mod database;
mod duration;
mod edit;
mod exec;
mod fetch;
mod generate;
mod glob;
mod hexadecimal;
mod http_url;
mod inputs;
mod link;
mod migrate;
mod mkdir;
mod mode;
mod mode_change;
mod one_or_more;
mod operations;
mod own;
mod owner;
mod path;
mod pattern;
mod recipe;
mod remove;
mod render;
mod replacement;
mod run;
#[cfg(feature = "schema")]
mod schema;
mod server;
mod size;
mod step;
mod trust;
mod unpack;
mod validate;
mod values;
mod variables;
mod wait;

pub(crate) use account::{AccountPath, AccountSpec};
pub(crate) use condition::{Access, Condition};
pub(crate) use confine::{Confine, ConfineStep};
pub(crate) use copy::{CopySpec, IfExists, Preserve};
pub(crate) use database::{DatabaseSpec, SecretSource};
pub(crate) use duration::Duration;
pub(crate) use edit::{BlockSpec, EditFormat, EditSpec, LinePosition, LineSpec, ReplaceSpec};
pub(crate) use exec::ExecSpec;
pub(crate) use fetch::{FetchSpec, HeaderSpec, Redirects};
pub(crate) use generate::{Alphabet, GenerateKind, GenerateSpec, KeyAlgorithm, SubjectName};
pub(crate) use glob::Glob;
pub(crate) use hexadecimal::Hexadecimal;
pub(crate) use http_url::HttpUrl;
pub(crate) use inputs::{EnvironmentSpec, FILE_SUFFIX, InputsSpec, NamePattern, ValueType};
pub(crate) use link::LinkSpec;
pub(crate) use migrate::{MigrateSpec, OnNewer};
pub(crate) use mkdir::MkdirSpec;
pub(crate) use mode::Mode;
pub(crate) use mode_change::ModeChange;
pub(crate) use one_or_more::OneOrMore;
pub(crate) use operations::Operations;
pub(crate) use own::{ChangePolicy, HardLinkPolicy, OnDenied, OwnSpec, VOLUME_NAMES};
pub(crate) use owner::{Id, Owner};
pub(crate) use path::AbsolutePath;
pub(crate) use pattern::Pattern;
pub(crate) use recipe::Recipe;
pub(crate) use remove::RemoveSpec;
pub(crate) use render::{Engine, Escape, Forms, Present, RenderSpec, Unknown};
pub(crate) use replacement::{PieceSpec, With};
pub(crate) use run::RunSpec;
#[cfg(feature = "schema")]
pub(crate) use schema::schema;
pub(crate) use server::{ServerDriver, ServerSpec, TlsMode, TlsSpec};
pub(crate) use size::Size;
pub(crate) use step::{Action, OnError, PlanSpec, StepSpec, VERBS};
pub(crate) use trust::{Base, TrustFormat, TrustSpec};
pub(crate) use unpack::UnpackSpec;
pub(crate) use validate::{STAGED, Validate};
pub(crate) use values::{Case, Format, Mapping, ValuesSpec};
pub(crate) use variables::Variables;
pub(crate) use wait::{Target, WaitSpec};
