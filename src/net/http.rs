//! One HTTP request, as small as a probe needs it.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use http_body_util::Empty;
use hyper::Request;
use hyper::body::Bytes;
use hyper::rt::{Read, ReadBufCursor, Write};
use tokio::io::{AsyncRead as _, AsyncWrite as _, ReadBuf};
use tokio::net::TcpStream;

use super::concurrent::{First, first};

/// The status with which a GET of the path is answered. The body is not read, and redirects are not followed.
pub(super) async fn get_status(stream: TcpStream, authority: &str, path: &str) -> Result<u16, String> {
    let request = Request::get(path)
        .header(hyper::header::HOST, authority)
        .header(hyper::header::USER_AGENT, concat!("fitout/", env!("CARGO_PKG_VERSION")))
        .header(hyper::header::CONNECTION, "close")
        .body(Empty::<Bytes>::new())
        .map_err(|_| "the host or path cannot be sent in a request".to_owned())?;
    let no_answer = |error: hyper::Error| format!("no HTTP answer: {error}");
    let (mut sender, connection) = hyper::client::conn::http1::handshake(Stream(stream)).await.map_err(no_answer)?;
    let mut connection = std::pin::pin!(connection);
    let mut answer = std::pin::pin!(sender.send_request(request));
    let answer = match first(answer.as_mut(), connection.as_mut()).await {
        First::A(answer) => answer,
        // The connection can end in the same moment in which the answer is complete.
        First::B(_) => answer.await,
    };
    answer.map(|answer| answer.status().as_u16()).map_err(no_answer)
}

/// A tokio stream with hyper's traits.
struct Stream(TcpStream);

impl Read for Stream {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        mut cursor: ReadBufCursor<'_>,
    ) -> Poll<io::Result<()>> {
        // Copied through a small buffer: hyper's own is reached only with unsafe code, and an answer's head is short.
        let mut buffer = [0; 2048];
        let wanted = cursor.remaining().min(buffer.len());
        let mut part = ReadBuf::new(&mut buffer[..wanted]);
        ready!(Pin::new(&mut self.0).poll_read(context, &mut part))?;
        cursor.put_slice(part.filled());
        Poll::Ready(Ok(()))
    }
}

impl Write for Stream {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.0).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_shutdown(context)
    }
}
