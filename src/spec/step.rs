//! The plan and its steps.

use serde::Deserialize;

use super::{
    AbsolutePath, AccountSpec, Condition, Confine, ConfineStep, CopySpec, Duration, EditSpec, ExecSpec, FetchSpec,
    GenerateSpec, InputsSpec, LinkSpec, MigrateSpec, MkdirSpec, OnceSpec, OwnSpec, Owner, RemoveSpec, RenderSpec,
    RunSpec, SeedSpec, ServeSpec, SqlSpec, TrustSpec, UnpackSpec, Validate, WaitSpec,
};
use crate::document::Located;
use crate::failure::Failure;

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
    /// The user (and group) that the step's program runs as, and those of the steps in it; for `run`, `once`, `serve`, and `sql` with
    /// a `command`.
    #[serde(rename = "as")]
    pub(crate) user: Option<Located<Owner>>,
    /// `as` is for a container that was started as root; one that runs as somebody else already stays that.
    #[serde(default)]
    pub(crate) drop_only_if_root: Located<bool>,
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
    pub(crate) once: Option<Located<OnceSpec>>,
    pub(crate) serve: Option<Located<ServeSpec>>,
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
pub(crate) const VERBS: [&str; 19] = [
    "render", "edit", "copy", "mkdir", "link", "remove", "own", "fetch", "unpack", "generate", "trust", "account",
    "wait", "migrate", "sql", "seed", "run", "once", "serve",
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
    Sql(Box<SqlSpec>),
    Seed(SeedSpec),
    Run(Box<RunSpec>),
    Once(Box<OnceSpec>),
    Serve(Box<ServeSpec>),
    /// What this verb would do cannot be said with these inputs, and the condition of the step may well not hold.
    PutOff {
        verb: &'static str,
        findings: Vec<Failure>,
    },
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
            .or_else(|| pick(self.sql.as_ref(), |spec| Action::Sql(Box::new(spec))))
            .or_else(|| pick(self.seed.as_ref(), Action::Seed))
            .or_else(|| pick(self.run.as_ref(), |spec| Action::Run(Box::new(spec))))
            .or_else(|| pick(self.once.as_ref(), |spec| Action::Once(Box::new(spec))))
            .or_else(|| pick(self.serve.as_ref(), |spec| Action::Serve(Box::new(spec))))
    }

    /// The steps in it.
    pub(crate) fn nested(&self) -> &[Located<Self>] {
        match (&self.once, &self.serve) {
            (Some(once), _) => &once.steps,
            (_, Some(serve)) => &serve.steps,
            _ => &[],
        }
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
            Self::Once(_) => "once",
            Self::Serve(_) => "serve",
            Self::PutOff { verb, .. } => verb,
        }
    }

    /// The user that the step's own program runs as, where there is such a program.
    pub(crate) fn user(&self) -> Option<&Option<Located<Owner>>> {
        match self {
            Self::Run(spec) => Some(&spec.user),
            Self::Serve(spec) => Some(&spec.user),
            Self::Sql(spec) if spec.has_client() => Some(&spec.user),
            _ => None,
        }
    }

    /// The same, to be changed.
    pub(crate) fn user_mut(&mut self) -> Option<&mut Option<Located<Owner>>> {
        match self {
            Self::Run(spec) => Some(&mut spec.user),
            Self::Serve(spec) => Some(&mut spec.user),
            Self::Sql(spec) if spec.has_client() => Some(&mut spec.user),
            _ => None,
        }
    }

    /// Whether there are steps in it.
    pub(crate) fn holds_steps(&self) -> bool {
        matches!(self, Self::Once(_) | Self::Serve(_))
    }

    /// Whether the step starts a program of somebody else.
    pub(crate) fn starts_program(&self) -> bool {
        let judged = match self {
            Self::Run(_) | Self::Serve(_) => return true,
            Self::Wait(spec) => return spec.starts_program(),
            Self::Sql(spec) => return spec.has_client(),
            Self::Render(spec) => &spec.validate,
            Self::Edit(spec) => &spec.validate,
            _ => return false,
        };
        matches!(judged.value, Validate::Command(_))
    }
}
