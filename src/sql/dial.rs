//! From the name of a host to a stream.

use std::io::{self, ErrorKind};
use std::net::{IpAddr, SocketAddr};
use std::os::fd::{AsFd as _, OwnedFd};
use std::path::Path;
use std::time::Duration;

use rustix::net::sockopt;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpStream, UnixStream, lookup_host};
use tokio::time::timeout;

use super::address::Keepalive;
use crate::net::cause;

/// Bytes to and from a server.
pub(super) trait Stream: AsyncRead + AsyncWrite + Unpin + Send {}

impl<T: AsyncRead + AsyncWrite + Unpin + Send> Stream for T {}

/// Why there is no stream.
#[derive(Debug)]
pub(super) enum Unreached {
    /// The name of the host has no address, and why.
    Unknown(String),
    Failed(io::Error),
}

/// The limit of a connection for what the server's kernel does not take.
#[derive(Debug)]
pub(super) struct Patience {
    socket: OwnedFd,
    milliseconds: u32,
}

impl Patience {
    /// Nothing where there is no limit.
    pub(super) fn of(stream: &TcpStream) -> Option<Self> {
        let socket = stream.as_fd().try_clone_to_owned().ok()?;
        let milliseconds = sockopt::tcp_user_timeout(&socket).ok().filter(|limit| *limit > 0)?;
        Some(Self { socket, milliseconds })
    }

    /// Does the work without the limit, in which the kernel counts that a server which is there reads no further.
    pub(super) fn endless<T>(&self, work: impl FnOnce() -> T) -> T {
        let limited = |milliseconds| {
            if let Err(errno) = sockopt::set_tcp_user_timeout(&self.socket, milliseconds) {
                log::debug!("cannot change the limit of a connection: {errno}");
            }
        };
        limited(0);
        let done = work();
        limited(self.milliseconds);
        done
    }
}

/// Tries each address of the host for as long as `limit` says, in the resolver's order.
pub(super) async fn tcp(
    (host, known, port): (&str, Option<IpAddr>, u16),
    limit: Option<Duration>,
    keepalive: Option<Keepalive>,
) -> Result<TcpStream, Unreached> {
    let addresses = match known {
        Some(address) => vec![SocketAddr::new(address, port)],
        None => look_up(host, port, limit).await?,
    };
    let mut failed = Unreached::Unknown("no address".to_owned());
    for address in addresses {
        match within(limit, TcpStream::connect(address)).await {
            Ok(stream) => {
                prepare(&stream, keepalive).map_err(Unreached::Failed)?;
                return Ok(stream);
            }
            Err(error) => failed = Unreached::Failed(error),
        }
    }
    Err(failed)
}

pub(super) async fn unix(path: &Path, limit: Option<Duration>) -> Result<UnixStream, Unreached> {
    within(limit, UnixStream::connect(path)).await.map_err(Unreached::Failed)
}

/// The libc looks the name up, in a thread of the runtime.
async fn look_up(host: &str, port: u16, limit: Option<Duration>) -> Result<Vec<SocketAddr>, Unreached> {
    match within(limit, lookup_host((host, port))).await {
        Ok(addresses) => Ok(addresses.collect()),
        Err(error) => Err(Unreached::Unknown(cause(&error))),
    }
}

/// The result of the work, or `TimedOut`.
pub(super) async fn within<T>(limit: Option<Duration>, work: impl Future<Output = io::Result<T>>) -> io::Result<T> {
    match limit {
        None => work.await,
        Some(limit) => timeout(limit, work).await.unwrap_or_else(|_| Err(ErrorKind::TimedOut.into())),
    }
}

fn prepare(stream: &TcpStream, keepalive: Option<Keepalive>) -> io::Result<()> {
    stream.set_nodelay(true)?;
    let Some(keepalive) = keepalive else { return Ok(()) };
    sockopt::set_socket_keepalive(stream, true)?;
    sockopt::set_tcp_keepidle(stream, keepalive.idle)?;
    sockopt::set_tcp_keepintvl(stream, keepalive.interval)?;
    sockopt::set_tcp_keepcnt(stream, keepalive.count)?;
    // While something that was sent is not acknowledged, the kernel asks for no sign of life: it sends again, for a quarter of an hour.
    let patience = u32::try_from(keepalive.patience().as_millis()).unwrap_or(u32::MAX);
    // The kernel takes a number with a sign.
    sockopt::set_tcp_user_timeout(stream, patience.min(u32::MAX / 2))?;
    Ok(())
}
