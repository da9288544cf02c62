//! `fetch`: a downloaded file is there.

use serde::Deserialize;

use super::header::{HeaderSpec, header_findings};
use super::{AbsolutePath, Duration, Glob, Hexadecimal, HttpUrl, Mode, Owner, Present, Size};
use crate::document::{Located, Table};
use crate::failure::{Failure, Kind};

/// Headers that belong to the connection, or to what `fetch` does with the answer.
const RESERVED: [&str; 14] = [
    "accept-encoding",
    "connection",
    "content-length",
    "expect",
    "host",
    "if-range",
    "keep-alive",
    "proxy-authorization",
    "proxy-connection",
    "range",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
];

/// A downloaded file is there, with this checksum.
#[derive(Debug, Clone, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename = "fetch"))]
#[serde(deny_unknown_fields)]
pub(crate) struct FetchSpec {
    /// `https://` or `http://`, without user and password.
    pub(crate) url: Located<HttpUrl>,
    pub(crate) path: Located<AbsolutePath>,
    /// The checksum of the file: 64 hexadecimal digits. When the file that is there has it, nothing is asked for.
    pub(crate) sha256: Option<Located<Hexadecimal<64>>>,
    /// The same with 128 digits.
    pub(crate) sha512: Option<Located<Hexadecimal<128>>>,
    /// Take a file over `http` without a checksum, although anybody on the way can exchange it.
    #[serde(default)]
    pub(crate) unverified: Located<bool>,
    /// Headers of the request, sent to the scheme, host and port of `url` and to no other.
    #[serde(default)]
    pub(crate) headers: Table<HeaderSpec>,
    /// A PEM file with the certificates of the authorities that are trusted, in place of the system's.
    pub(crate) ca: Option<Located<AbsolutePath>>,
    /// Which redirects are followed; without it `https` with a checksum, `same_host` without one.
    pub(crate) redirects: Option<Redirects>,
    /// How often it is tried again when there is no answer, when the connection breaks, and after the statuses 408, 425, 429 and
    /// 500 to 599.
    #[serde(default = "FetchSpec::default_retries")]
    pub(crate) retries: u32,
    /// The first pause between two tries; it doubles up to five seconds, with jitter.
    #[serde(default = "FetchSpec::default_interval")]
    pub(crate) interval: Duration,
    /// A try ends when nothing came for so long.
    #[serde(default = "FetchSpec::default_idle_timeout")]
    pub(crate) idle_timeout: Duration,
    /// A longer answer is refused.
    #[serde(default = "FetchSpec::default_max_size")]
    pub(crate) max_size: Size,
    /// What happens to a file that is there; without it `replace` with a checksum (when that differs), `keep` without one.
    pub(crate) if_exists: Option<Present>,
    /// The file is an archive, and `path` the directory that its content is in. It needs a checksum.
    #[serde(default)]
    pub(crate) unpack: Located<bool>,
    /// With `unpack`: how many directories are taken off the beginning of each name in the archive.
    pub(crate) strip_components: Option<Located<u32>>,
    /// With `unpack`: only these entries, and everything in these directories.
    #[serde(default)]
    pub(crate) include: Located<Vec<Glob>>,
    /// With `unpack`: not these entries, nor anything in these directories.
    #[serde(default)]
    pub(crate) exclude: Located<Vec<Glob>>,
    pub(crate) owner: Option<Located<Owner>>,
    /// Mode of the file; without it a new one gets "0644".
    pub(crate) mode: Option<Located<Mode>>,
}

impl FetchSpec {
    fn default_retries() -> u32 {
        5
    }

    fn default_interval() -> Duration {
        Duration::from_milliseconds(500)
    }

    fn default_idle_timeout() -> Duration {
        Duration::from_seconds(30)
    }

    fn default_max_size() -> Size {
        Size::from_gibibytes(1)
    }

    pub(crate) fn has_checksum(&self) -> bool {
        self.sha256.is_some() || self.sha512.is_some()
    }

    /// What is wrong across the fields. Asked again when the step is done: a URL may come from a template.
    pub(crate) fn findings(&self) -> Vec<Failure> {
        let mut findings = Vec::new();
        let mut find = |span, message: String, hint: &str| {
            findings.push(Failure::new(Kind::Plan, message).at(span).hint(hint));
        };
        if let (Some(_), Some(second)) = (&self.sha256, &self.sha512) {
            find(second.span, "`fetch` has both `sha256` and `sha512`".to_owned(), "remove one of them");
        }
        if *self.unverified && self.has_checksum() {
            find(
                self.unverified.span,
                "`unverified` has no meaning beside a checksum".to_owned(),
                "remove one of them",
            );
        }
        if !self.url.is_secure() && !self.has_checksum() && !*self.unverified {
            let hint = "give `sha256`, use `https://`, or write `unverified: true` where the network is trusted";
            find(self.url.span, "a file over `http` needs a checksum".to_owned(), hint);
        }
        if *self.unpack {
            if !self.has_checksum() {
                let hint = "give `sha256`, or fetch a file and unpack it in a step of its own";
                find(self.unpack.span, "`unpack` needs a checksum".to_owned(), hint);
            }
            if let Some(mode) = &self.mode {
                let hint = "the modes are those of the archive; a step `own` changes them";
                find(mode.span, "`mode` has no meaning beside `unpack`".to_owned(), hint);
            }
            if self.if_exists.is_some() {
                let hint = "the content of the archive is written where it differs";
                find(self.unpack.span, "`if_exists` has no meaning beside `unpack`".to_owned(), hint);
            }
        } else {
            let strip = self.strip_components.as_ref().map(|strip| ("strip_components", strip.span));
            let include = (!self.include.is_empty()).then_some(("include", self.include.span));
            let exclude = (!self.exclude.is_empty()).then_some(("exclude", self.exclude.span));
            for (field, span) in [strip, include, exclude].into_iter().flatten() {
                find(span, format!("`{field}` has no meaning without `unpack`"), "add `unpack: true`");
            }
        }
        findings.extend(header_findings(&self.headers, &RESERVED, "fetch"));
        findings
    }

    /// The policy for redirects, with its default.
    pub(crate) fn redirects(&self) -> Redirects {
        self.redirects.unwrap_or(if self.has_checksum() { Redirects::Https } else { Redirects::SameHost })
    }

    /// What happens to a file that is there, with its default.
    pub(crate) fn if_exists(&self) -> Present {
        self.if_exists.unwrap_or(if self.has_checksum() { Present::Replace } else { Present::Keep })
    }
}

/// Which redirects are followed. None ever leads from `https` to `http`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub(crate) enum Redirects {
    None,
    /// To the host of the URL, also to another port or from `http` to `https`.
    SameHost,
    /// The same, and to any host over `https`.
    Https,
    /// To any host; from `http` also over `http`.
    Any,
}

impl Redirects {
    /// Why a redirect of `first` that has come to `from` may not go on to `to`.
    pub(crate) fn refusal(self, first: &HttpUrl, from: &HttpUrl, to: &HttpUrl) -> Option<&'static str> {
        if from.is_secure() && !to.is_secure() {
            return Some("from `https` to `http`");
        }
        match self {
            Self::None => Some("and `redirects` is `none`"),
            Self::Any => None,
            Self::Https if to.is_secure() => None,
            Self::SameHost | Self::Https if first.host() == to.host() => None,
            Self::SameHost => Some("to another host, and `redirects` is `same_host`"),
            Self::Https => Some("to another host over `http`, and `redirects` is `https`"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Redirects;
    use crate::spec::HttpUrl;

    #[test]
    fn redirects_by_policy() {
        let url = |text: &str| HttpUrl::try_from(text.to_owned()).unwrap();
        let policies = [Redirects::None, Redirects::SameHost, Redirects::Https, Redirects::Any];
        for (first, from, to, followed) in [
            ("https://a/", "https://a/", "https://a:8443/x", [false, true, true, true]),
            ("https://a/", "https://a/", "https://b/", [false, false, true, true]),
            ("https://a/", "https://b/", "https://a/", [false, true, true, true]),
            ("https://a/", "https://a/", "http://a/", [false; 4]),
            ("https://a/", "https://a/", "http://b/", [false; 4]),
            ("http://a/", "http://a/", "http://a:81/", [false, true, true, true]),
            ("http://a/", "http://a/", "https://a/", [false, true, true, true]),
            ("http://a/", "http://a/", "https://b/", [false, false, true, true]),
            ("http://a/", "http://a/", "http://b/", [false, false, false, true]),
            ("http://a/", "https://a/", "http://a/", [false; 4]),
        ] {
            let judged = policies.map(|policy| policy.refusal(&url(first), &url(from), &url(to)).is_none());
            assert_eq!(judged, followed, "{from} -> {to}");
        }
    }
}
