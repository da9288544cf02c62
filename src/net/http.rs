//! One HTTP/1.1 exchange over one connection.

use std::pin::Pin;
use std::task::Poll;

use http_body_util::{BodyExt as _, Empty};
use hyper::body::{Bytes, Incoming};
use hyper::header::{CONNECTION, HOST, USER_AGENT};
use hyper::http::request::Builder;
use hyper::{Request, Response};

use super::stream::{self, Stream};
use crate::spec::HttpUrl;

/// What a request calls its sender.
pub(super) const AGENT: &str = concat!("fitout/", env!("CARGO_PKG_VERSION"));

/// An answer whose head was read, with the connection that its body comes over.
pub(super) struct Exchange {
    connection: Pin<Box<dyn Future<Output = ()>>>,
    /// The connection may not be polled again.
    ended: bool,
    pub(super) answer: Response<Incoming>,
}

/// A GET of the URL, with the headers that every request has. `target` is the path, or the whole URL for a proxy.
pub(super) fn request(url: &HttpUrl, target: &str) -> Builder {
    Request::get(target).header(HOST, url.authority()).header(USER_AGENT, AGENT).header(CONNECTION, "close")
}

impl Exchange {
    /// Sends the request and reads the head of the answer. Redirects are not followed.
    pub(super) async fn new(stream: Stream, request: Request<Empty<Bytes>>) -> Result<Self, String> {
        let (mut sender, connection) =
            hyper::client::conn::http1::handshake(stream).await.map_err(|e| no_answer(&e))?;
        let mut connection: Pin<Box<dyn Future<Output = ()>>> = Box::pin(async { drop(connection.await) });
        let mut ended = false;
        let answer = drive(&mut connection, &mut ended, sender.send_request(request)).await;
        Ok(Self { answer: answer.map_err(|error| no_answer(&error))?, connection, ended })
    }

    /// The next piece of the body, or nothing at its end. A body that ends before its length is an error.
    pub(super) async fn next(&mut self) -> Result<Option<Bytes>, String> {
        let Self { connection, ended, answer } = self;
        while let Some(frame) = drive(connection, ended, answer.body_mut().frame()).await {
            let frame = frame.map_err(|error| broken(&error))?;
            // Trailers are of no interest.
            if let Ok(bytes) = frame.into_data() {
                return Ok(Some(bytes));
            }
        }
        Ok(None)
    }
}

/// Waits for what comes over the connection, and moves the connection on meanwhile.
async fn drive<F: Future>(
    connection: &mut Pin<Box<dyn Future<Output = ()>>>,
    ended: &mut bool,
    wanted: F,
) -> F::Output {
    let mut wanted = std::pin::pin!(wanted);
    std::future::poll_fn(|context| {
        if !*ended {
            *ended = connection.as_mut().poll(context).is_ready();
        }
        match wanted.as_mut().poll(context) {
            // What was wanted may have asked the connection for more.
            Poll::Pending if !*ended => {
                *ended = connection.as_mut().poll(context).is_ready();
                wanted.as_mut().poll(context)
            }
            polled => polled,
        }
    })
    .await
}

fn no_answer(error: &hyper::Error) -> String {
    format!("no HTTP answer: {}", innermost(error))
}

fn broken(error: &hyper::Error) -> String {
    format!("the connection broke: {}", innermost(error))
}

/// hyper's own words, and behind them what the system said.
fn innermost(error: &hyper::Error) -> String {
    match std::error::Error::source(error).and_then(|source| source.downcast_ref::<std::io::Error>()) {
        Some(error) if error.kind() == std::io::ErrorKind::UnexpectedEof => "it was closed before the end".to_owned(),
        Some(error) => stream::cause(error),
        None if error.is_incomplete_message() => "connection closed before message completed".to_owned(),
        None => error.to_string(),
    }
}
