//! A connection, with or without TLS.

use std::io::{self, ErrorKind};
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use hyper::rt::{Read, ReadBufCursor, Write};
use nix::errno::Errno;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpStream, lookup_host};
use tokio::time::timeout;
use tokio_rustls::client::TlsStream;

/// Bytes that are copied at once: hyper's own buffer is reached only with unsafe code.
const CHUNK: usize = 16 * 1024;

/// An address that does not answer must not take the time of the next one: with IPv6 that is half configured the first one
/// never answers.
const ADDRESS_LIMIT: Duration = Duration::from_secs(2);

/// Tries every address of the name, in the resolver's order. The name is looked up by the libc, in a thread of the runtime.
pub(super) async fn connect(host: &str, port: u16) -> Result<TcpStream, String> {
    let addresses =
        lookup_host((host, port)).await.map_err(|error| format!("cannot resolve `{host}`: {}", cause(&error)))?;
    let mut failed = format!("cannot resolve `{host}`: no address");
    let mut addresses = addresses.peekable();
    while let Some(address) = addresses.next() {
        let connecting = TcpStream::connect(address);
        let connected = if addresses.peek().is_some() {
            timeout(ADDRESS_LIMIT, connecting).await.unwrap_or_else(|_| Err(ErrorKind::TimedOut.into()))
        } else {
            connecting.await
        };
        match connected {
            Ok(stream) => return Ok(stream),
            Err(error) => failed = cause(&error),
        }
    }
    Err(failed)
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
