//! One GET, and whether its answer is as wished.

use std::time::Duration;

use http_body_util::Empty;
use regex_lite::Regex;
use tokio::net::TcpStream;

use super::http::{Exchange, request};
use super::look::of_server;
use super::stream::Stream;
use super::{Headers, Lack, Look, Looking, Refusal, Tls, connection};
use crate::failure::Failure;
use crate::spec::{HttpConditions, Pattern};

/// Bytes of a body in which an expression is looked for.
const BODY: usize = 1024 * 1024;

/// A GET with its conditions. Redirects are not followed, and no proxy is asked.
#[derive(Debug)]
pub(crate) struct HttpLook<'a> {
    conditions: &'a HttpConditions,
    tls: Option<Tls>,
    headers: Headers,
    body: Option<Regex>,
    /// Of the answer, by name.
    header: Vec<(&'a str, Regex)>,
}

impl<'a> HttpLook<'a> {
    pub(crate) fn new(conditions: &'a HttpConditions, tls: Option<Tls>, headers: Headers) -> Result<Self, Failure> {
        let body = conditions.body.as_ref().map(Pattern::regex).transpose()?;
        let header = conditions.header.0.iter().map(|(name, pattern)| Ok((name.as_str(), pattern.regex()?)));
        let header = header.collect::<Result<_, Failure>>()?;
        Ok(Self { conditions, tls, headers, body, header })
    }

    /// Who cannot be trusted, or does not trust us, is there.
    async fn ask(&self, stream: TcpStream) -> Result<(), Lack> {
        let secured = connection::secured(&self.conditions.url, stream, self.tls.as_ref()).await;
        let lack = |refusal: Refusal| {
            if refusal.transient { Lack::gone(refusal.cause) } else { Lack::unclear(refusal.cause) }
        };
        self.exchange(secured.map_err(lack)?).await.map_err(Lack::gone)
    }

    async fn exchange(&self, stream: Stream) -> Result<(), String> {
        let url = &self.conditions.url;
        let mut request = request(url, url.target());
        if let Some(headers) = request.headers_mut() {
            self.headers.add_to(headers);
        }
        let request = request.body(Empty::new());
        let request = request.map_err(|_| "the host or path cannot be sent in a request".to_owned())?;
        let mut exchange = Exchange::new(stream, request).await?;
        let status = exchange.answer.status().as_u16();
        if !self.conditions.takes_status(status) {
            return Err(format!("answered with status {status}"));
        }
        for (name, wanted) in &self.header {
            let values = exchange.answer.headers().get_all(*name);
            if !values.iter().any(|value| wanted.is_match(&String::from_utf8_lossy(value.as_bytes()))) {
                let there = exchange.answer.headers().contains_key(*name);
                let what = if there { "is another one" } else { "is missing" };
                return Err(format!("the header `{name}` of the answer {what}"));
            }
        }
        let Some(wanted) = &self.body else { return Ok(()) };
        let mut body = Vec::new();
        while let Some(piece) = exchange.next().await? {
            body.extend_from_slice(&piece[..piece.len().min(BODY - body.len())]);
            if body.len() == BODY {
                break;
            }
        }
        if wanted.is_match(&String::from_utf8_lossy(&body)) {
            return Ok(());
        }
        let part = if body.len() == BODY { "the first MiB of the answer" } else { "the answer" };
        Err(format!("{part} does not hold what is looked for"))
    }
}

impl Look for HttpLook<'_> {
    fn look(&self, limit: Duration) -> Looking<'_> {
        let url = &self.conditions.url;
        Box::pin(of_server(limit, (url.host(), url.port()), async |stream| self.ask(stream).await))
    }
}
