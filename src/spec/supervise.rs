//! `supervise`: Fitout stays as the parent of the application.

use std::fmt;

use serde::Deserialize;
use serde::de::value::MapAccessDeserializer;
use serde::de::{Deserializer, MapAccess, Visitor};

use super::Duration;
use super::signal::{Rewrites, Signal};
use crate::document::Located;

/// Fitout stays, passes signals on, and ends when nothing of the application is left. `true`, or how.
#[derive(Debug, Clone, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, rename_all = "snake_case")]
pub(crate) struct SuperviseSpec {
    /// Between the first signal that asks to stop, or the end of the application, and SIGKILL for all that is left.
    #[serde(default = "SuperviseSpec::default_grace")]
    pub(crate) grace: Duration,
    /// The signals that ask to stop: TERM and INT without this.
    pub(crate) stop: Option<Vec<Located<Signal>>>,
    /// Signals go to all processes of the application's group, and not to the application alone.
    #[serde(default)]
    pub(crate) group: bool,
    /// The application gets a session of its own, with the terminal if there is one; signals go to all of its group.
    #[serde(default)]
    pub(crate) session: bool,
    /// What becomes of signals on their way: `{ TERM: QUIT, HUP: none }`.
    #[serde(default)]
    pub(crate) signals: Rewrites,
    /// The signal that comes when the process that started Fitout ends.
    pub(crate) parent_death: Option<Located<Signal>>,
    /// Exit codes that become 0, for instance 143 of an application that ends by SIGTERM.
    #[serde(default)]
    pub(crate) ok_codes: Vec<u8>,
}

impl SuperviseSpec {
    fn default_grace() -> Duration {
        Duration::from_seconds(10)
    }
}

impl Default for SuperviseSpec {
    fn default() -> Self {
        Self {
            grace: Self::default_grace(),
            stop: None,
            group: false,
            session: false,
            signals: Rewrites::default(),
            parent_death: None,
            ok_codes: Vec::new(),
        }
    }
}

/// Whether Fitout stays, and how.
#[derive(Debug, Clone, Default)]
pub(crate) struct Supervise(pub(crate) Option<Box<SuperviseSpec>>);

impl<'de> Deserialize<'de> for Supervise {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Form;

        impl<'de> Visitor<'de> for Form {
            type Value = Supervise;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("`true`, `false`, or a mapping")
            }

            fn visit_bool<E: serde::de::Error>(self, supervised: bool) -> Result<Supervise, E> {
                Ok(Supervise(supervised.then(Box::default)))
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Supervise, A::Error> {
                SuperviseSpec::deserialize(MapAccessDeserializer::new(map)).map(|spec| Supervise(Some(Box::new(spec))))
            }
        }

        deserializer.deserialize_any(Form)
    }
}

#[cfg(feature = "schema")]
impl schemars::JsonSchema for Supervise {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "supervise".into()
    }

    fn json_schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
        let fields = SuperviseSpec::json_schema(generator);
        schemars::json_schema!({ "anyOf": [{ "type": "boolean" }, fields] })
    }
}
