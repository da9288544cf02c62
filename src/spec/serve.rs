//! `serve`: nested steps ran while a temporary server was up.

use serde::Deserialize;

use super::program::program_spec;
use super::{Duration, Signal, StepSpec, WaitSpec};
use crate::document::Located;

program_spec! {
    /// Nested steps ran while a temporary server was up; it has ended when the step is done.
    #[cfg_attr(feature = "schema", schemars(rename = "serve"))]
    struct ServeSpec {
        /// The server and its arguments, word by word. It stays in the foreground.
        pub(crate) command: Vec<Located<String>>,
        /// What says that the server can be used.
        pub(crate) ready: Located<WaitSpec>,
        /// How the server is stopped when the steps are done.
        #[serde(default)]
        pub(crate) stop: StopSpec,
        pub(crate) steps: Vec<Located<StepSpec>>,
    }
}

/// How a temporary server is stopped.
#[derive(Debug, Clone, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub(crate) struct StopSpec {
    #[serde(default = "StopSpec::default_signal")]
    pub(crate) signal: Signal,
    /// A server that has not ended after this long is killed, and the step fails.
    #[serde(default = "StopSpec::default_timeout")]
    pub(crate) timeout: Duration,
}

impl StopSpec {
    fn default_signal() -> Signal {
        Signal::TERM
    }

    fn default_timeout() -> Duration {
        Duration::from_seconds(60)
    }
}

impl Default for StopSpec {
    fn default() -> Self {
        Self { signal: Self::default_signal(), timeout: Self::default_timeout() }
    }
}
