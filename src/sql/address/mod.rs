//! Where a database is: a URL, or a server in parts, taken apart.

mod encryption;
mod mysql;
mod parts;
mod postgres;
mod sqlite;
#[cfg(test)]
pub(super) mod tests;
mod url;

use std::path::PathBuf;

pub(crate) use encryption::{Check, Encryption, TlsFiles};
pub(crate) use mysql::MysqlAddress;
pub(crate) use postgres::{Host, Keepalive, PostgresAddress, TargetSession};

use self::parts::Parts;
use self::url::Url;
use super::Dialect;
use crate::failure::{Failure, Kind};
use crate::net::Tls;
use crate::root::Root;
use crate::secret::{Scrubber, Secret};
use crate::spec::{ServerDriver, ServerSpec};

/// Where a database is.
#[derive(Debug, Clone)]
pub(crate) enum Address {
    Postgres(Box<PostgresAddress>),
    Mysql(Box<MysqlAddress>),
    /// A path inside the root.
    Sqlite(PathBuf),
}

/// What an address is made with.
#[derive(Clone, Copy)]
pub(crate) struct Maker<'a> {
    /// The kind of a failure: who wrote the address.
    pub(crate) kind: Kind,
    pub(crate) scrubber: &'a Scrubber,
    /// Sockets are in it.
    pub(crate) root: &'a Root,
    /// Reads the files that TLS needs.
    pub(crate) tls: &'a dyn Fn(&TlsFiles) -> Result<Tls, Failure>,
}

const FORMS: &str = "databases are `sqlite:///absolute/path`, `postgres://user@host/name` and `mysql://user@host/name`";

impl Address {
    pub(crate) fn dialect(&self) -> Dialect {
        match self {
            Self::Postgres(_) => Dialect::Postgres,
            Self::Mysql(_) => Dialect::Mysql,
            Self::Sqlite(_) => Dialect::Sqlite,
        }
    }

    /// Takes a URL apart. The scrubber learns its passwords first, so that no message can hold one.
    pub(crate) fn parse(url: &str, maker: Maker<'_>) -> Result<Self, Failure> {
        for password in url::passwords(url) {
            maker.scrubber.learn(&url::percent_decoded(password));
            maker.scrubber.learn(password);
        }
        let (scheme, rest) = url.split_once(':').ok_or_else(|| maker.refuse("it is not a URL", FORMS))?;
        let parts = || Url::parse(rest).map(Parts::from);
        match scheme {
            "sqlite" => sqlite::path(rest).map(Self::Sqlite).map_err(|cause| maker.refuse(cause, FORMS)),
            "postgres" | "postgresql" => {
                let hint = "the form is `postgres://user@host:5432/name?option=value`";
                let address = parts().and_then(postgres::Unsecured::new).map_err(|cause| maker.refuse(&cause, hint))?;
                address.secure(maker).map(Box::new).map(Self::Postgres)
            }
            "mysql" | "mariadb" => {
                let hint = "the form is `mysql://user@host:3306/name?option=value`";
                let address = parts().and_then(mysql::Unsecured::new).map_err(|cause| maker.refuse(&cause, hint))?;
                address.secure(maker).map(Box::new).map(Self::Mysql)
            }
            _ => Err(maker.refuse("its driver is not known", FORMS)),
        }
    }

    /// A server in parts. The scrubber knows the password already.
    pub(crate) fn of_server(
        server: &ServerSpec,
        password: Option<Secret<String>>,
        maker: Maker<'_>,
    ) -> Result<Self, Failure> {
        let refuse =
            |cause: String| Failure::new(maker.kind, format!("cannot use the address of the database: {cause}"));
        let parts = Parts::of_server(server, password).map_err(refuse)?;
        match server.driver {
            ServerDriver::Postgres => {
                let address = postgres::Unsecured::new(parts).map_err(refuse)?;
                address.secure(maker).map(Box::new).map(Self::Postgres)
            }
            ServerDriver::Mysql => {
                let address = mysql::Unsecured::new(parts).map_err(refuse)?;
                address.secure(maker).map(Box::new).map(Self::Mysql)
            }
        }
    }
}

impl Maker<'_> {
    fn refuse(&self, cause: &str, hint: &str) -> Failure {
        Failure::new(self.kind, format!("cannot use the URL of the database: {cause}")).hint(hint)
    }
}

impl std::fmt::Debug for Maker<'_> {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("Maker(..)")
    }
}
