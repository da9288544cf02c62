//! What an answer over HTTP has to be like.

use std::fmt;

use serde::Deserialize;
use serde::de::Deserializer;

use super::super::header::{header_findings, is_header_name};
use super::super::{HeaderSpec, HttpUrl, Pattern};
use super::ClientTls;
use crate::document::Table;
use crate::failure::{Failure, Kind};

/// Headers that belong to the connection: a request has no body, and one answer is read.
const RESERVED: [&str; 8] =
    ["connection", "content-length", "expect", "keep-alive", "te", "trailer", "transfer-encoding", "upgrade"];

/// A GET of the URL is answered as wished.
#[derive(Debug, Clone)]
pub(crate) struct HttpConditions {
    pub(crate) url: HttpUrl,
    /// The status is one of these; without any, from 200 to 399.
    pub(crate) status: Vec<StatusRange>,
    pub(crate) body: Option<Pattern>,
    /// Headers of the answer.
    pub(crate) header: Table<Pattern>,
    /// Headers of the request.
    pub(crate) headers: Table<HeaderSpec>,
    pub(crate) tls: ClientTls,
}

impl HttpConditions {
    pub(super) fn of(url: HttpUrl) -> Self {
        Self {
            url,
            status: Vec::new(),
            body: None,
            header: Table::default(),
            headers: Table::default(),
            tls: ClientTls::default(),
        }
    }

    /// What is wrong with the names of headers.
    pub(super) fn findings(&self) -> Vec<Failure> {
        let mut findings = header_findings(&self.headers, &RESERVED, "wait");
        let names = self.header.0.iter().filter(|(name, _)| !is_header_name(name));
        findings.extend(names.map(|(name, _)| {
            let finding = Failure::new(Kind::Plan, "not the name of a header").at(name.span);
            finding.hint("letters, digits and `-`")
        }));
        findings
    }

    pub(crate) fn takes_status(&self, status: u16) -> bool {
        let usual = StatusRange { first: 200, last: 399 };
        let holds = |range: &StatusRange| (range.first..=range.last).contains(&status);
        if self.status.is_empty() { holds(&usual) } else { self.status.iter().any(holds) }
    }
}

/// Statuses of an answer: `200`, `"2xx"`, `"200-204"`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct StatusRange {
    first: u16,
    last: u16,
}

impl StatusRange {
    fn parse(text: &str) -> Option<Self> {
        let status = |text: &str| text.parse().ok().filter(|status| text.len() == 3 && (100..=599).contains(status));
        if let Some(class) = text.strip_suffix("xx") {
            let class: u16 = class.parse().ok().filter(|class| (1..=5).contains(class))?;
            return Some(Self { first: class * 100, last: class * 100 + 99 });
        }
        let (first, last) = text.split_once('-').unwrap_or((text, text));
        let range = Self { first: status(first)?, last: status(last)? };
        (range.first <= range.last).then_some(range)
    }
}

impl<'de> Deserialize<'de> for StatusRange {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Form;

        impl serde::de::Visitor<'_> for Form {
            type Value = StatusRange;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("a status")
            }

            fn visit_u64<E: serde::de::Error>(self, number: u64) -> Result<StatusRange, E> {
                self.visit_str(&number.to_string())
            }

            fn visit_i64<E: serde::de::Error>(self, number: i64) -> Result<StatusRange, E> {
                self.visit_str(&number.to_string())
            }

            fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<StatusRange, E> {
                let refuse = || E::custom("not a status\nwrite `200`, `\"2xx\"` or `\"200-204\"`");
                StatusRange::parse(text).ok_or_else(refuse)
            }
        }

        deserializer.deserialize_any(Form)
    }
}

#[cfg(feature = "schema")]
impl schemars::JsonSchema for StatusRange {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "status".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({ "anyOf": [
            { "type": "integer", "minimum": 100, "maximum": 599 },
            { "type": "string", "pattern": "^([1-5]xx|[1-5][0-9]{2}(-[1-5][0-9]{2})?)$" },
        ] })
    }
}
