//! What was typed and what the environment says, as one set of settings. The only user of envy.

use std::path::PathBuf;

use clap::ValueEnum;
use serde::Deserialize;

use super::args::{Common, Expect, LogFormat};
use crate::failure::{Failure, Kind};
use crate::process::Environment;
use crate::spec::Confine;

/// The prefix of our own variables.
const PREFIX: &str = "FITOUT_";

/// Our own variables. All of them are read as text: envy would print a value that is not of its type.
#[derive(Debug, Default, Deserialize)]
struct Variables {
    root: Option<String>,
    log: Option<String>,
    log_level: Option<String>,
    report: Option<String>,
    plan: Option<String>,
    plan_yaml: Option<String>,
    termination_log: Option<String>,
    confine: Option<String>,
    expect: Option<String>,
}

/// What holds for the whole run.
#[derive(Debug)]
pub(super) struct Settings {
    pub(super) root: PathBuf,
    pub(super) log: LogFormat,
    pub(super) log_level: log::LevelFilter,
    pub(super) report: Option<PathBuf>,
    /// `$FITOUT_PLAN`, a path.
    pub(super) plan: Option<PathBuf>,
    /// `$FITOUT_PLAN_YAML`, the text itself.
    pub(super) plan_yaml: Option<String>,
    /// `$FITOUT_TERMINATION_LOG`; without it the file that Kubernetes mounts, when it is there.
    pub(super) termination_log: Option<PathBuf>,
    /// Wins over what the plan says.
    pub(super) confine: Option<Confine>,
    /// `$FITOUT_EXPECT`, which only `apply` knows.
    pub(super) expect: Option<Expect>,
}

impl Settings {
    /// The command line wins over the environment; an empty variable counts as unset.
    pub(super) fn new(common: &Common, environment: &Environment) -> Result<Self, Failure> {
        let variables = variables(environment)?;
        let log = match (common.log, &variables.log) {
            (Some(format), _) => format,
            (None, Some(text)) => LogFormat::from_str(text, true).map_err(|_| wrong("LOG", "human, json"))?,
            (None, None) => LogFormat::default(),
        };
        let log_level = match (common.log_level, &variables.log_level) {
            (Some(level), _) => level,
            (None, Some(text)) => text.parse().map_err(|_| wrong("LOG_LEVEL", "error, warn, info, debug"))?,
            (None, None) => log::LevelFilter::Info,
        };
        let confine = match (common.confine, &variables.confine) {
            (Some(confine), _) => Some(confine),
            (None, Some(text)) => Some(text.parse().map_err(|_| wrong("CONFINE", Confine::NAMES))?),
            (None, None) => None,
        };
        let expect = match &variables.expect {
            Some(text) => Some(Expect::from_str(text, false).map_err(|_| wrong("EXPECT", "uninitialized"))?),
            None => None,
        };
        Ok(Self {
            root: common.root.clone().or(variables.root.map(PathBuf::from)).unwrap_or_else(|| PathBuf::from("/")),
            log,
            log_level,
            report: common.report.clone().or(variables.report.map(PathBuf::from)),
            plan: variables.plan.map(PathBuf::from),
            plan_yaml: variables.plan_yaml,
            termination_log: variables.termination_log.map(PathBuf::from),
            confine,
            expect,
        })
    }
}

fn wrong(name: &str, allowed: &str) -> Failure {
    Failure::new(Kind::Usage, format!("cannot use `{PREFIX}{name}`: it is none of {allowed}"))
}

fn variables(environment: &Environment) -> Result<Variables, Failure> {
    let mut ours = Vec::new();
    for (name, value) in environment.iter() {
        let Some(name) = name.to_str().filter(|name| name.starts_with(PREFIX)) else { continue };
        let Some(value) = value.to_str() else {
            return Err(Failure::new(Kind::Usage, format!("cannot use `{name}`: it is not UTF-8")));
        };
        // The first of two variables of one name counts, as for getenv.
        if !value.is_empty() && !ours.iter().any(|(known, _)| known == name) {
            ours.push((name.to_owned(), value.to_owned()));
        }
    }
    if ours.is_empty() {
        return Ok(Variables::default());
    }
    envy::prefixed(PREFIX).from_iter(ours).map_err(|_| Failure::new(Kind::Usage, "cannot read the FITOUT_ variables"))
}
