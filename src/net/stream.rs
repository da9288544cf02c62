//! A connection, with or without TLS.

use std::io::{self, ErrorKind};
use std::net::SocketAddr;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use hyper::rt::{Read, ReadBufCursor, Write};
use nix::errno::Errno;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpStream, lookup_host};
use tokio::time::timeout;
use tokio_rustls::client::TlsStream;

use super::Lack;

/// Bytes that are copied at once: hyper's own buffer is reached only with unsafe code.
const CHUNK: usize = 16 * 1024;

/// An address that does not answer must not take the time of the next one: with IPv6 that is half configured the first one
/// never answers.
const ADDRESS_LIMIT: Duration = Duration::from_secs(2);

/// What the C library says of a name that does not exist, and of one without addresses. Anything else is trouble with the look-up.
const NO_SUCH_NAME: [&str; 2] = ["Name does not resolve", "Name has no usable address"];

/// Connects to a server by its name.
pub(super) async fn connect(host: &str, port: u16) -> Result<TcpStream, Lack> {
    reach(host, resolve(host, port).await?).await
}

/// The addresses of the name, in the resolver's order. The name is looked up by the libc, in a thread of the runtime.
pub(super) async fn resolve(host: &str, port: u16) -> Result<Vec<SocketAddr>, Lack> {
    match lookup_host((host, port)).await {
        Ok(addresses) => Ok(addresses.collect()),
        Err(error) => {
            let cause = format!("cannot resolve `{host}`: {}", cause(&error));
            Err(if is_no_name(&error) { Lack::gone(cause) } else { Lack::unclear(cause) })
        }
    }
}

/// Whether a look-up has found out that there is no such name.
pub(super) fn is_no_name(error: &io::Error) -> bool {
    let text = error.to_string();
    NO_SUCH_NAME.iter().any(|words| text.ends_with(words))
}

/// Tries every address, in this order.
pub(super) async fn reach(host: &str, addresses: Vec<SocketAddr>) -> Result<TcpStream, Lack> {
    let (mut failed, mut unroutable) = (None::<Lack>, None);
    let mut addresses = addresses.into_iter().peekable();
    while let Some(address) = addresses.next() {
        let connecting = TcpStream::connect(address);
        let connected = if addresses.peek().is_some() {
            timeout(ADDRESS_LIMIT, connecting).await.unwrap_or_else(|_| Err(ErrorKind::TimedOut.into()))
        } else {
            connecting.await
        };
        match connected.and_then(to_another) {
            Ok(stream) => return Ok(stream),
            // Where there is no IPv6, half of the addresses are such.
            Err(error) if [ErrorKind::NetworkUnreachable, ErrorKind::AddrNotAvailable].contains(&error.kind()) => {
                unroutable = Some(lack(&error));
            }
            Err(error) => failed = failed.filter(Lack::is_unclear).or_else(|| Some(lack(&error))),
        }
    }
    Err(failed.or(unroutable).unwrap_or_else(|| Lack::gone(format!("cannot resolve `{host}`: no address"))))
}

/// Where nobody listens at a port that the kernel also gives to those who connect, a connection may be one with itself. It is thrown away
/// without a trace, which would keep the server from its port.
fn to_another(stream: TcpStream) -> io::Result<TcpStream> {
    if stream.local_addr()? != stream.peer_addr()? {
        return Ok(stream);
    }
    let _ = rustix::net::sockopt::set_socket_linger(&stream, Some(Duration::ZERO));
    Err(ErrorKind::ConnectionRefused.into())
}

/// Why there is no connection. What is forbidden, or fails here and not there, says nothing of the server.
pub(super) fn lack(error: &io::Error) -> Lack {
    match error.kind() {
        ErrorKind::ConnectionRefused
        | ErrorKind::ConnectionReset
        | ErrorKind::ConnectionAborted
        | ErrorKind::HostUnreachable
        | ErrorKind::TimedOut
        | ErrorKind::NotFound
        | ErrorKind::NotADirectory => Lack::gone(cause(error)),
        _ => Lack::unclear(cause(error)),
    }
}

/// The cause alone, in the style of our messages: `connection refused`.
pub(crate) fn cause(error: &io::Error) -> String {
    let text = match error.raw_os_error() {
        Some(code) => Errno::from_raw(code).desc().to_owned(),
        // The resolver's words come behind those of the standard library.
        None => error.to_string().rsplit(": ").next().unwrap_or_default().to_owned(),
    };
    let mut characters = text.chars();
    match characters.next() {
        Some(first) if characters.clone().next().is_some_and(char::is_lowercase) => {
            first.to_lowercase().chain(characters).collect()
        }
        _ => text,
    }
}

/// A connection to a server, with hyper's traits.
pub(super) enum Stream {
    Plain(TcpStream),
    Secure(Box<TlsStream<TcpStream>>),
}

impl Read for Stream {
    fn poll_read(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        mut cursor: ReadBufCursor<'_>,
    ) -> Poll<io::Result<()>> {
        let mut buffer = [0; CHUNK];
        let wanted = cursor.remaining().min(buffer.len());
        let mut part = ReadBuf::new(&mut buffer[..wanted]);
        ready!(match self.get_mut() {
            Self::Plain(stream) => Pin::new(stream).poll_read(context, &mut part),
            Self::Secure(stream) => Pin::new(stream).poll_read(context, &mut part),
        })?;
        cursor.put_slice(part.filled());
        Poll::Ready(Ok(()))
    }
}

impl Write for Stream {
    fn poll_write(self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        match self.get_mut() {
            Self::Plain(stream) => Pin::new(stream).poll_write(context, bytes),
            Self::Secure(stream) => Pin::new(stream).poll_write(context, bytes),
        }
    }

    fn poll_flush(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Plain(stream) => Pin::new(stream).poll_flush(context),
            Self::Secure(stream) => Pin::new(stream).poll_flush(context),
        }
    }

    fn poll_shutdown(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Plain(stream) => Pin::new(stream).poll_shutdown(context),
            Self::Secure(stream) => Pin::new(stream).poll_shutdown(context),
        }
    }
}
