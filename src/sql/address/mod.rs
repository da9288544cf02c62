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
use crate::spec::{DatabaseSpec, ServerDriver, ServerSpec};

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
    /// Takes a URL apart. The scrubber learns its passwords first, so that no message can hold one.
    pub(crate) fn parse(url: &str, maker: Maker<'_>) -> Result<Self, Failure> {
        for password in url::passwords(url) {
            maker.scrubber.learn(&url::percent_decoded(password));
            maker.scrubber.learn(password);
        }
        Unsecured::of_url(url, maker.kind)?.secure(maker)
    }

    /// A server in parts. The scrubber knows the password already.
    pub(crate) fn of_server(
        server: &ServerSpec,
        password: Option<Secret<String>>,
        maker: Maker<'_>,
    ) -> Result<Self, Failure> {
        Unsecured::of_server(server, password, maker.kind)?.secure(maker)
    }

    /// The names of hosts that have to be looked up.
    pub(crate) fn names(&self) -> Vec<&str> {
        match self {
            Self::Postgres(address) => address.hosts.iter().filter_map(Host::unresolved).collect(),
            Self::Mysql(address) if address.socket.is_none() => vec![&address.host],
            Self::Mysql(_) | Self::Sqlite(_) => Vec::new(),
        }
    }

    pub(crate) fn dialect(&self) -> Dialect {
        match self {
            Self::Postgres(_) => Dialect::Postgres,
            Self::Mysql(_) => Dialect::Mysql,
            Self::Sqlite(_) => Dialect::Sqlite,
        }
    }
}

/// Finds what is wrong with an address that stands in a plan, without its files and secrets.
pub(crate) fn check_address(database: &DatabaseSpec) -> Result<(), Failure> {
    match database {
        DatabaseSpec::Url(url) => Unsecured::of_url(url, Kind::Plan).map(drop),
        DatabaseSpec::Server(server) => Unsecured::of_server(server, None, Kind::Plan).map(drop),
        DatabaseSpec::Secret(_) | DatabaseSpec::Sqlite(_) => Ok(()),
    }
}

/// An address whose files for TLS are not read yet.
enum Unsecured {
    Postgres(postgres::Unsecured),
    Mysql(mysql::Unsecured),
    Sqlite(PathBuf),
}

impl Unsecured {
    fn of_url(url: &str, kind: Kind) -> Result<Self, Failure> {
        let refuse = |cause: &str, hint: &str| refuse(kind, cause).hint(hint);
        let (scheme, rest) = url.split_once(':').ok_or_else(|| refuse("it is not a URL", FORMS))?;
        let parts = || Url::parse(rest).map(Parts::from);
        match scheme {
            "sqlite" => sqlite::path(rest).map(Self::Sqlite).map_err(|cause| refuse(cause, FORMS)),
            "postgres" | "postgresql" => {
                let hint = "the form is `postgres://user@host:5432/name?option=value`";
                let address = parts().and_then(postgres::Unsecured::new);
                address.map(Self::Postgres).map_err(|cause| refuse(&cause, hint))
            }
            "mysql" | "mariadb" => {
                let hint = "the form is `mysql://user@host:3306/name?option=value`";
                let address = parts().and_then(mysql::Unsecured::new);
                address.map(Self::Mysql).map_err(|cause| refuse(&cause, hint))
            }
            _ => Err(refuse("its driver is not known", FORMS)),
        }
    }

    fn of_server(server: &ServerSpec, password: Option<Secret<String>>, kind: Kind) -> Result<Self, Failure> {
        let parts = Parts::of_server(server, password);
        let address = match server.driver {
            ServerDriver::Postgres => parts.and_then(postgres::Unsecured::new).map(Self::Postgres),
            ServerDriver::Mysql => parts.and_then(mysql::Unsecured::new).map(Self::Mysql),
        };
        address.map_err(|cause| Failure::new(kind, format!("cannot use the address of the database: {cause}")))
    }

    fn secure(self, maker: Maker<'_>) -> Result<Address, Failure> {
        Ok(match self {
            Self::Postgres(address) => Address::Postgres(Box::new(address.secure(maker)?)),
            Self::Mysql(address) => Address::Mysql(Box::new(address.secure(maker)?)),
            Self::Sqlite(path) => Address::Sqlite(path),
        })
    }
}

fn refuse(kind: Kind, cause: &str) -> Failure {
    Failure::new(kind, format!("cannot use the URL of the database: {cause}"))
}

impl std::fmt::Debug for Maker<'_> {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("Maker(..)")
    }
}
