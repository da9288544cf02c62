//! From a URL to a connection: directly or through a proxy, with TLS where the URL says so.

use hyper::http::HeaderValue;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use super::http::AGENT;
use super::proxy::Proxy;
use super::stream::{Stream, cause, connect};
use super::tls::{Refusal, Tls};
use crate::spec::HttpUrl;

/// Bytes of a proxy's answer to `CONNECT`.
const ANSWER_LIMIT: usize = 16 * 1024;

/// Connects to the server of the URL.
pub(super) async fn open(url: &HttpUrl, proxy: Option<&Proxy>, tls: Option<&Tls>) -> Result<Stream, Refusal> {
    let stream = match proxy {
        None => connect(url.host(), url.port()).await.map_err(|lack| transient(lack.cause))?,
        Some(proxy) => {
            let place = || format!("the proxy `{}:{}`", proxy.host, proxy.port);
            let reached = connect(&proxy.host, proxy.port).await;
            let mut stream = reached.map_err(|lack| transient(format!("cannot reach {}: {}", place(), lack.cause)))?;
            if url.is_secure() {
                tunnel(&mut stream, url, proxy).await?;
            }
            stream
        }
    };
    secured(url, stream, tls).await
}

/// With TLS where the URL says so.
pub(super) async fn secured(url: &HttpUrl, stream: TcpStream, tls: Option<&Tls>) -> Result<Stream, Refusal> {
    match tls {
        Some(tls) if url.is_secure() => Ok(Stream::Secure(Box::new(tls.connect(url.host(), stream).await?))),
        _ if url.is_secure() => Err(fatal("there are no certificates of authorities".to_owned(), None)),
        _ => Ok(Stream::Plain(stream)),
    }
}

/// Asks the proxy for a connection to the server, that is then ours alone.
async fn tunnel(stream: &mut TcpStream, url: &HttpUrl, proxy: &Proxy) -> Result<(), Refusal> {
    let broken = |error: std::io::Error| transient(format!("the connection to the proxy broke: {}", cause(&error)));
    let host = if url.host().contains(':') { format!("[{}]", url.host()) } else { url.host().to_owned() };
    let server = format!("{host}:{}", url.port());
    let authorization = match &proxy.authorization {
        Some(value) => format!("Proxy-Authorization: {}\r\n", value.expose()),
        None => String::new(),
    };
    let request = format!("CONNECT {server} HTTP/1.1\r\nHost: {server}\r\nUser-Agent: {AGENT}\r\n{authorization}\r\n");
    stream.write_all(request.as_bytes()).await.map_err(broken)?;
    // Byte by byte, as what comes behind the head belongs to TLS; the answer is short.
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        if head.len() >= ANSWER_LIMIT {
            return Err(fatal("the proxy's answer is no HTTP".to_owned(), None));
        }
        match stream.read_u8().await {
            Ok(byte) => head.push(byte),
            Err(error) if error.kind() == std::io::ErrorKind::UnexpectedEof => {
                return Err(transient("the proxy closed the connection".to_owned()));
            }
            Err(error) => return Err(broken(error)),
        }
    }
    let line = head.split(|byte| *byte == b'\r').next().unwrap_or_default();
    let status = std::str::from_utf8(line).ok().filter(|line| line.starts_with("HTTP/1."));
    match status.and_then(|line| line.split(' ').nth(1)?.parse::<u16>().ok()) {
        Some(200..=299) => Ok(()),
        Some(407) => Err(fatal(
            "the proxy wants a password: it answered with status 407".to_owned(),
            Some("put user and password into its variable, with an `@` before the host"),
        )),
        Some(status @ 500..=599) => Err(transient(format!("the proxy answered with status {status}"))),
        Some(status) => Err(fatal(format!("the proxy answered with status {status}"), None)),
        None => Err(fatal("the proxy's answer is no HTTP".to_owned(), None)),
    }
}

/// The header that a request through the proxy needs, where there is no tunnel.
pub(super) fn authorization(proxy: &Proxy) -> Option<HeaderValue> {
    let mut value = HeaderValue::from_str(proxy.authorization.as_ref()?.expose()).ok()?;
    value.set_sensitive(true);
    Some(value)
}

fn transient(cause: String) -> Refusal {
    Refusal { cause, hint: None, transient: true }
}

fn fatal(cause: String, hint: Option<&'static str>) -> Refusal {
    Refusal { cause, hint, transient: false }
}
