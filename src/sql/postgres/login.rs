//! One host: a stream, TLS on it, and the login.

use std::time::Duration;
use std::{fmt, io};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::task::JoinHandle;
use tokio::time::timeout;
use tokio_postgres::config::{ChannelBinding, SslMode};
use tokio_postgres::error::SqlState;
use tokio_postgres::{CancelToken, Client, Config, Error, NoTls};

use super::trouble::Trouble;
use super::watched::{ProcessId, Watched};
use crate::net::Tls;
use crate::sql::address::{Encryption, Host, Keepalive, PostgresAddress};
use crate::sql::dial::{self, Patience, Stream};

/// The message that asks whether the server speaks TLS.
const TLS_REQUEST: [u8; 8] = [0, 0, 0, 8, 4, 210, 22, 47];

const PROGRAM: &str = "fitout/migrate";

/// A session, and what belongs to it.
pub(super) struct Connected {
    pub(super) client: Client,
    pub(super) task: JoinHandle<Result<(), Error>>,
    /// The process that the server said serves us. A pooler says something of its own.
    pub(super) process_id: Option<i32>,
    pub(super) canceller: Canceller,
    pub(super) patience: Option<Patience>,
}

/// Ends the statement that a session runs.
#[derive(Clone)]
pub(super) struct Canceller {
    route: Route,
    token: CancelToken,
}

/// The way to a server, which may be gone more than once.
#[derive(Clone)]
struct Route {
    host: Host,
    tls: Option<Tls>,
    /// There is no session without TLS.
    required: bool,
    limit: Option<Duration>,
    keepalive: Option<Keepalive>,
}

impl fmt::Debug for Canceller {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Canceller(..)")
    }
}

impl Canceller {
    pub(super) async fn cancel(&self) -> Result<(), Trouble> {
        let (stream, ..) = self.route.stream().await?;
        self.token.cancel_query_raw(stream, NoTls).await.map_err(Trouble::Login)
    }
}

/// Logs in at one host.
pub(super) async fn log_in(address: &PostgresAddress, host: &Host) -> Result<Connected, Trouble> {
    let (tls, required) = match (&address.encryption, host) {
        (Encryption::Off, _) | (_, Host::Unix(_)) => (None, false),
        (Encryption::Preferred(tls), _) => (Some(tls.clone()), false),
        (Encryption::Required(tls), _) => (Some(tls.clone()), true),
    };
    let limit = address.connect_timeout;
    let mut route = Route { host: host.clone(), tls, required, limit, keepalive: address.keepalive };
    match greet(address, &route).await {
        // The server may take this user only without TLS.
        Err(Trouble::Login(error)) if !required && route.tls.is_some() && is_refused_way(&error) => {
            route.tls = None;
            greet(address, &route).await.map_err(|_| Trouble::Login(error))
        }
        result => result,
    }
}

fn is_refused_way(error: &Error) -> bool {
    error.code() == Some(&SqlState::INVALID_AUTHORIZATION_SPECIFICATION)
}

async fn greet(address: &PostgresAddress, route: &Route) -> Result<Connected, Trouble> {
    let (stream, host, patience) = route.stream().await?;
    let (stream, process): (_, ProcessId) = Watched::new(stream);
    let config = config(address);
    let login = config.connect_raw(stream, NoTls);
    let login = match route.limit {
        None => login.await,
        Some(limit) => timeout(limit, login).await.map_err(|_| Trouble::Silent)?,
    };
    let (client, connection) = login.map_err(Trouble::Login)?;
    let route = Route { host, ..route.clone() };
    let canceller = Canceller { route, token: client.cancel_token() };
    let task = tokio::spawn(connection);
    Ok(Connected { client, task, process_id: process.get(), canceller, patience })
}

fn config(address: &PostgresAddress) -> Config {
    let mut config = Config::new();
    // TLS is made before, and the library knows nothing of it.
    config.ssl_mode(SslMode::Disable).channel_binding(ChannelBinding::Disable);
    config.user(&address.user).dbname(&address.name);
    config.application_name(address.application_name.as_deref().unwrap_or(PROGRAM));
    if let Some(password) = &address.password {
        config.password(password.expose());
    }
    if let Some(options) = &address.options {
        config.options(options);
    }
    config
}

impl Route {
    /// A stream, secured as far as is asked for, the host with the address that was reached, and what limits the connection.
    async fn stream(&self) -> Result<(Box<dyn Stream>, Host, Option<Patience>), Trouble> {
        match &self.host {
            Host::Unix(path) => {
                let stream = dial::unix(path, self.limit).await.map_err(Trouble::Unreached)?;
                Ok((Box::new(stream), self.host.clone(), None))
            }
            Host::Tcp { name, address, port } => {
                let stream = dial::tcp((name, *address, *port), self.limit, self.keepalive).await;
                let stream = stream.map_err(Trouble::Unreached)?;
                let reached = stream.peer_addr().ok().map(|peer| peer.ip());
                let host = Host::Tcp { name: name.clone(), address: reached.or(*address), port: *port };
                let patience = Patience::of(&stream);
                let secured = self.secured(name, Box::new(stream));
                let stream = match self.limit {
                    None => secured.await?,
                    Some(limit) => timeout(limit, secured).await.map_err(|_| Trouble::Silent)??,
                };
                Ok((stream, host, patience))
            }
        }
    }

    async fn secured(&self, name: &str, mut stream: Box<dyn Stream>) -> Result<Box<dyn Stream>, Trouble> {
        let Some(tls) = &self.tls else { return Ok(stream) };
        let lost = |error: io::Error| Trouble::Unreached(dial::Unreached::Failed(error));
        stream.write_all(&TLS_REQUEST).await.map_err(lost)?;
        // One byte and no more: what came behind it without TLS would be taken for the server's.
        match stream.read_u8().await.map_err(lost)? {
            b'S' => match tls.connect(name, stream).await {
                Ok(stream) => Ok(Box::new(stream)),
                Err(refusal) => Err(Trouble::Insecure(refusal)),
            },
            b'N' if self.required => Err(Trouble::NoTls),
            b'N' => Ok(stream),
            _ => Err(Trouble::Rubbish),
        }
    }
}
