//! A target as it is written: a URL, or a mapping.

use serde::Deserialize;
use serde::de::Deserializer;

use super::super::{
    AbsolutePath, DatabaseSpec, Duration, HeaderSpec, HttpUrl, MigrateSpec, Owner, Pattern, SecretSource,
};
use super::target::FORMS;
use super::{ClientTls, CommandSpec, HttpConditions, RedisSpec, RedisUrl, StatusRange, Target, Wanted, What};
use crate::document::{Located, Table, text_or_mapping};

/// A target with its conditions: exactly one of `url`, `database`, `command` and `migrated`.
#[derive(Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
struct Fields {
    /// A target that a URL can name: `tcp://host:port`, `http://host[:port]/path`, `https://...`, `unix:///path`, `file:///path`,
    /// `dns://name[?type]`, `redis://[user@]host[:port]`, `rediss://...`, or the URL of a database without password.
    #[cfg_attr(feature = "schema", schemars(with = "Option<String>"))]
    url: Option<What>,
    /// A database that is logged in to and asked something.
    database: Option<Box<DatabaseSpec>>,
    /// A program with its arguments, word by word, that ends with code 0 when all is ready.
    command: Option<Vec<Located<String>>>,
    /// Another run has applied every migration. The fields are those of the step `migrate`; nothing is changed, and the right to read the
    /// history is enough.
    migrated: Option<Box<MigrateSpec>>,
    /// Wait until it does not answer any more; without it as the step says.
    gone: Option<bool>,
    /// How long one look may take; without it 5s, or 30s for a command.
    try_timeout: Option<Duration>,
    /// Of an HTTP server: the statuses that are right, for instance `[200, "3xx", "401-403"]`; without it 200 to 399. Redirects are not
    /// followed.
    status: Option<Vec<StatusRange>>,
    /// Of an HTTP server: a regular expression that is found in the first MiB of the answer.
    body: Option<Pattern>,
    /// Of an HTTP server: headers of the answer, each with a regular expression that is found in its value.
    header: Option<Table<Pattern>>,
    /// Of an HTTP server: headers that are sent.
    headers: Option<Table<HeaderSpec>>,
    /// Over TLS: a PEM file with the certificates of the authorities that are trusted; without it that of the step, or the system's.
    ca: Option<Located<AbsolutePath>>,
    /// Over TLS: the certificate to show to the server, a PEM file.
    certificate: Option<Located<AbsolutePath>>,
    /// Over TLS: the private key of that certificate, a PEM file.
    key: Option<Located<AbsolutePath>>,
    /// Of Redis: where the password is.
    password: Option<Located<SecretSource>>,
    /// Of a command: the user (and group) that it runs as.
    #[serde(rename = "as")]
    user: Option<Located<Owner>>,
    /// Of a command: variables beyond those that Fitout was started with.
    env: Option<Table<String>>,
}

impl Fields {
    /// The fields that belong to one kind of target, so far as they are given, each with the kinds.
    fn special(&self) -> impl Iterator<Item = (&'static str, &'static [Sort])> {
        const HTTP: &[Sort] = &[Sort::Http];
        const TLS: &[Sort] = &[Sort::Http, Sort::Redis];
        let fields = [
            ("status", self.status.is_some(), HTTP),
            ("body", self.body.is_some(), HTTP),
            ("header", self.header.is_some(), HTTP),
            ("headers", self.headers.is_some(), HTTP),
            ("ca", self.ca.is_some(), TLS),
            ("certificate", self.certificate.is_some(), TLS),
            ("key", self.key.is_some(), TLS),
            ("password", self.password.is_some(), &[Sort::Redis]),
            ("as", self.user.is_some(), &[Sort::Command]),
            ("env", self.env.is_some(), &[Sort::Command]),
        ];
        fields.into_iter().filter(|(_, given, _)| *given).map(|(name, _, sorts)| (name, sorts))
    }

    fn wanted(self) -> Result<Wanted, String> {
        let Self { gone, try_timeout, .. } = self;
        if try_timeout.is_some_and(|limit| limit.get().is_zero()) {
            return Err("nobody answers in no time\nwrite how long one look may take, for instance `5s`".to_owned());
        }
        Ok(Wanted { what: self.what()?, gone, try_timeout })
    }

    fn what(mut self) -> Result<What, String> {
        let command = self.command.take().map(|command| {
            What::Command(Box::new(CommandSpec {
                command,
                env: self.env.take().unwrap_or_default(),
                user: self.user.take(),
            }))
        });
        let special: Vec<_> = self.special().collect();
        let forms = [
            self.url.take(),
            self.database.take().map(What::Database),
            command,
            self.migrated.take().map(What::Migrated),
        ];
        let mut forms = forms.into_iter().flatten();
        let (Some(mut what), None) = (forms.next(), forms.next()) else {
            return Err("not a target\nwrite exactly one of `url`, `database`, `command` and `migrated`".to_owned());
        };
        let sort = Sort::of(&what);
        if let Some((name, _)) = special.iter().find(|(_, sorts)| !sorts.contains(&sort)) {
            return Err(format!("`{name}` has no meaning for this target\nremove it"));
        }
        let tls = self.tls()?;
        match &mut what {
            What::Http(conditions) => {
                if !conditions.url.is_secure() {
                    tls.refuse_in_clear()?;
                }
                conditions.status = self.status.unwrap_or_default();
                conditions.body = self.body;
                conditions.header = self.header.unwrap_or_default();
                conditions.headers = self.headers.unwrap_or_default();
                conditions.tls = tls;
            }
            What::Redis(redis) => {
                if !redis.url.secure {
                    tls.refuse_in_clear()?;
                }
                check_password(self.password.as_deref())?;
                redis.password = self.password;
                redis.tls = tls;
            }
            What::Command(spec) if spec.command.is_empty() => {
                return Err("`command` is empty\nname a program".to_owned());
            }
            _ => {}
        }
        Ok(what)
    }

    fn tls(&mut self) -> Result<ClientTls, String> {
        let identity = match (self.certificate.take(), self.key.take()) {
            (Some(certificate), Some(key)) => Some((certificate, key)),
            (None, None) => None,
            (Some(_), None) => return Err("`certificate` needs `key`\nname the file with its private key".to_owned()),
            (None, Some(_)) => return Err("`key` needs `certificate`\nname the file with its certificate".to_owned()),
        };
        Ok(ClientTls { ca: self.ca.take(), identity })
    }
}

fn check_password(source: Option<&SecretSource>) -> Result<(), String> {
    if source.is_some_and(|source| source.from_env.is_some() == source.from_file.is_some()) {
        return Err("`password` is not one place\nwrite `{ from_env: NAME }` or `{ from_file: PATH }`".to_owned());
    }
    Ok(())
}

impl ClientTls {
    fn refuse_in_clear(&self) -> Result<(), String> {
        if self.ca.is_some() || self.identity.is_some() {
            return Err("certificates have no meaning without TLS\nwrite `https://` or `rediss://`".to_owned());
        }
        Ok(())
    }
}

/// What fields a target has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Sort {
    Http,
    Redis,
    Command,
    Other,
}

impl Sort {
    fn of(what: &What) -> Self {
        match what {
            What::Http(_) => Self::Http,
            What::Redis(_) => Self::Redis,
            What::Command(_) => Self::Command,
            What::Target(_) | What::Database(_) | What::Migrated(_) => Self::Other,
        }
    }
}

impl What {
    /// What a URL names.
    pub(crate) fn of_url(text: &str) -> Result<Self, String> {
        let told = |error: String| if error.contains('\n') { error } else { format!("{error}\n{FORMS}") };
        let (scheme, rest) = text.split_once("://").ok_or_else(|| told("not a target".to_owned()))?;
        if let Some(target) = Target::parse(scheme, rest) {
            return target.map(Self::Target).map_err(told);
        }
        match scheme {
            "http" | "https" => {
                HttpUrl::try_from(text.to_owned()).map(|url| Self::Http(Box::new(HttpConditions::of(url))))
            }
            "redis" | "rediss" => {
                let url = RedisUrl::parse(scheme, rest).map_err(told)?;
                Ok(Self::Redis(Box::new(RedisSpec { url, password: None, tls: ClientTls::default() })))
            }
            "postgres" | "postgresql" | "mysql" | "mariadb" | "sqlite" => {
                DatabaseSpec::of_url(text).map(|database| Self::Database(Box::new(database)))
            }
            _ => Err(told(format!("unknown kind of target `{scheme}://`"))),
        }
    }
}

impl<'de> Deserialize<'de> for What {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::of_url(&String::deserialize(deserializer)?).map_err(serde::de::Error::custom)
    }
}

impl<'de> Deserialize<'de> for Wanted {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        text_or_mapping(deserializer, "a target", |text| What::of_url(text).map(Self::from), Fields::wanted)
    }
}

#[cfg(feature = "schema")]
impl schemars::JsonSchema for Wanted {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "wanted".into()
    }

    fn json_schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
        crate::document::schema_of_text_or::<Fields>(generator)
    }
}
