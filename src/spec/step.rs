//! The plan and its steps.

use serde::Deserialize;

use super::{
    AbsolutePath, AccountSpec, Condition, Confine, ConfineStep, CopySpec, Duration, EditSpec, ExecSpec, FetchSpec,
    GenerateSpec, InputsSpec, LinkSpec, MigrateSpec, MkdirSpec, OwnSpec, Owner, RemoveSpec, RenderSpec, RunSpec,
    SeedSpec, SqlSpec, TrustSpec, UnpackSpec, Validate, WaitSpec,
};
use crate::document::Located;

/// What an application needs before it starts.
#[derive(Debug, Clone, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename = "plan"))]
#[serde(deny_unknown_fields)]
pub(crate) struct PlanSpec {
    /// The version of this format: 1.
    #[expect(dead_code, reason = "read for its findings; its value was judged before")]
    pub(crate) version: Located<u32>,
    #[expect(dead_code, reason = "read for its findings; inputs are collected before the steps are read")]
    #[serde(default)]
    pub(crate) inputs: InputsSpec,
    /// Whether steps can write only in the directories that the plan names.
    #[serde(default)]
    pub(crate) confine: Located<Confine>,
    #[serde(default)]
    pub(crate) steps: Vec<Located<StepSpec>>,
    pub(crate) exec: Option<Located<ExecSpec>>,
}

/// One step: exactly one verb, and the fields that every step has.
#[derive(Debug, Clone, Default, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename = "step"))]
#[serde(deny_unknown_fields)]
pub(crate) struct StepSpec {
    /// Shown in logs, reports and errors; unique in the plan.
    pub(crate) name: Option<Located<String>>,
    /// The step is skipped unless this holds.
    pub(crate) when: Option<Located<Condition>>,
    /// The step fails with exit code 5 after this long.
    pub(crate) timeout: Option<Duration>,
    #[serde(default)]
    pub(crate) on_error: OnError,
    /// The user (and group) that the step's program runs as; only for `run`.
    #[serde(rename = "as")]
    pub(crate) user: Option<Located<Owner>>,
    /// Whether this step can write only in the directories that the plan names.
    #[serde(default)]
    pub(crate) confine: ConfineStep,
    /// What the program that the step starts writes, beyond what the plan's steps write: directories, with everything in them,
    /// and files.
    #[serde(default)]
    pub(crate) writes: Vec<Located<AbsolutePath>>,

    pub(crate) render: Option<Located<RenderSpec>>,
    pub(crate) edit: Option<Located<EditSpec>>,
    pub(crate) copy: Option<Located<CopySpec>>,
    pub(crate) mkdir: Option<Located<MkdirSpec>>,
    pub(crate) link: Option<Located<LinkSpec>>,
    pub(crate) remove: Option<Located<RemoveSpec>>,
    pub(crate) own: Option<Located<OwnSpec>>,
    pub(crate) generate: Option<Located<GenerateSpec>>,
    pub(crate) trust: Option<Located<TrustSpec>>,
    pub(crate) account: Option<Located<AccountSpec>>,
    pub(crate) unpack: Option<Located<UnpackSpec>>,
    pub(crate) fetch: Option<Located<FetchSpec>>,
    pub(crate) wait: Option<Located<WaitSpec>>,
    pub(crate) migrate: Option<Located<MigrateSpec>>,
    pub(crate) sql: Option<Located<SqlSpec>>,
    pub(crate) seed: Option<Located<SeedSpec>>,
    pub(crate) run: Option<Located<RunSpec>>,
}

/// What a failure of the step does to the run.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub(crate) enum OnError {
    #[default]
    Fail,
    Warn,
}

/// The keys of a step of which it has exactly one.
pub(crate) const VERBS: [&str; 17] = [
    "render", "edit", "copy", "mkdir", "link", "remove", "own", "fetch", "unpack", "generate", "trust", "account",
    "wait", "migrate", "sql", "seed", "run",
];

/// The one thing that a step does.
#[derive(Debug, Clone)]
pub(crate) enum Action {
    Render(RenderSpec),
    Edit(EditSpec),
    Copy(CopySpec),
    Mkdir(MkdirSpec),
    Link(LinkSpec),
    Remove(RemoveSpec),
    Own(OwnSpec),
    Generate(Box<GenerateSpec>),
    Trust(TrustSpec),
    Account(AccountSpec),
    Unpack(UnpackSpec),
    Fetch(Box<FetchSpec>),
    Wait(WaitSpec),
    Migrate(MigrateSpec),
    Sql(SqlSpec),
    Seed(SeedSpec),
    Run(RunSpec),
}

impl StepSpec {
    /// The action with the place of its fields, if the step has one.
    pub(crate) fn action(&self) -> Option<Located<Action>> {
        fn pick<T: Clone>(spec: Option<&Located<T>>, action: fn(T) -> Action) -> Option<Located<Action>> {
            spec.map(|spec| Located::new(spec.span, action(spec.value.clone())))
        }
        pick(self.render.as_ref(), Action::Render)
            .or_else(|| pick(self.edit.as_ref(), Action::Edit))
            .or_else(|| pick(self.copy.as_ref(), Action::Copy))
            .or_else(|| pick(self.mkdir.as_ref(), Action::Mkdir))
            .or_else(|| pick(self.link.as_ref(), Action::Link))
            .or_else(|| pick(self.remove.as_ref(), Action::Remove))
            .or_else(|| pick(self.own.as_ref(), Action::Own))
            .or_else(|| pick(self.generate.as_ref(), |spec| Action::Generate(Box::new(spec))))
            .or_else(|| pick(self.trust.as_ref(), Action::Trust))
            .or_else(|| pick(self.account.as_ref(), Action::Account))
            .or_else(|| pick(self.unpack.as_ref(), Action::Unpack))
            .or_else(|| pick(self.fetch.as_ref(), |spec| Action::Fetch(Box::new(spec))))
            .or_else(|| pick(self.wait.as_ref(), Action::Wait))
            .or_else(|| pick(self.migrate.as_ref(), Action::Migrate))
            .or_else(|| pick(self.sql.as_ref(), Action::Sql))
            .or_else(|| pick(self.seed.as_ref(), Action::Seed))
            .or_else(|| pick(self.run.as_ref(), Action::Run))
    }
}

impl Action {
    pub(crate) fn verb(&self) -> &'static str {
        match self {
            Self::Render(_) => "render",
            Self::Edit(_) => "edit",
            Self::Copy(_) => "copy",
            Self::Mkdir(_) => "mkdir",
            Self::Link(_) => "link",
            Self::Remove(_) => "remove",
            Self::Own(_) => "own",
            Self::Generate(_) => "generate",
            Self::Trust(_) => "trust",
            Self::Account(_) => "account",
            Self::Unpack(_) => "unpack",
            Self::Fetch(_) => "fetch",
            Self::Wait(_) => "wait",
            Self::Migrate(_) => "migrate",
            Self::Sql(_) => "sql",
            Self::Seed(_) => "seed",
            Self::Run(_) => "run",
        }
    }

    /// Whether the step starts a program of somebody else.
    pub(crate) fn starts_program(&self) -> bool {
        let judged = match self {
            Self::Run(_) => return true,
            Self::Render(spec) => &spec.validate,
            Self::Edit(spec) => &spec.validate,
            _ => return false,
        };
        matches!(judged.value, Validate::Command(_))
    }
}
