//! A login and a `PING` to a server that speaks the protocol of Redis (RESP 2).

use std::io;
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::TcpStream;

use super::look::of_server;
use super::stream::cause;
use super::{Lack, Look, Looking, Tls};
use crate::secret::Secret;
use crate::spec::RedisUrl;

/// Bytes of an answer that are read, and characters of it that are told.
const ANSWER: u64 = 4096;
const TOLD: usize = 200;

/// A server that is asked.
pub(crate) struct RedisLook<'a> {
    pub(crate) url: &'a RedisUrl,
    /// Asked for at each look, as it may change; the error says why there is none.
    pub(crate) password: Box<dyn Fn() -> Result<Option<Secret<String>>, String> + 'a>,
    /// For `rediss`.
    pub(crate) tls: Option<Tls>,
}

impl RedisLook<'_> {
    async fn ask(&self, stream: TcpStream) -> Result<(), Lack> {
        match &self.tls {
            None => self.talk(stream).await,
            Some(tls) => match tls.connect(&self.url.host, stream).await {
                Ok(stream) => self.talk(stream).await,
                Err(refusal) => Err(Lack::unclear(refusal.cause)),
            },
        }
    }

    /// One question after the other: a server that wants a password ends the connection of who goes on without.
    async fn talk(&self, mut stream: impl AsyncRead + AsyncWrite + Unpin) -> Result<(), Lack> {
        let user = self.url.user.as_deref();
        let password = (self.password)().map_err(Lack::unclear)?;
        let password = password.as_ref().map(|password| password.expose().as_str());
        let login = match (user, password) {
            (None, None) => None,
            (None, Some(password)) => Some(command(&["AUTH", password])),
            (Some(user), password) => Some(command(&["AUTH", user, password.unwrap_or_default()])),
        };
        let select = self.url.database.map(|number| command(&["SELECT", &number.to_string()]));
        for question in login.into_iter().chain(select) {
            exchange(&mut stream, &question, "OK").await?;
        }
        exchange(&mut stream, &command(&["PING"]), "PONG").await
    }
}

impl Look for RedisLook<'_> {
    fn look(&self, limit: Duration) -> Looking<'_> {
        let server = (self.url.host.as_str(), self.url.port);
        Box::pin(of_server(limit, server, async |stream| self.ask(stream).await))
    }
}

/// A list of words, each with its length, so that no word can be taken for another command.
fn command(words: &[&str]) -> Vec<u8> {
    let mut bytes = format!("*{}\r\n", words.len()).into_bytes();
    for word in words {
        bytes.extend(format!("${}\r\n{word}\r\n", word.len()).into_bytes());
    }
    bytes
}

async fn exchange(
    stream: &mut (impl AsyncRead + AsyncWrite + Unpin),
    question: &[u8],
    wanted: &str,
) -> Result<(), Lack> {
    let broken = |error: io::Error| Lack::gone(format!("the connection broke: {}", cause(&error)));
    stream.write_all(question).await.map_err(broken)?;
    stream.flush().await.map_err(broken)?;
    let mut answer = Vec::new();
    // Byte by byte: the stream is not kept beyond these few answers.
    let mut limited = stream.take(ANSWER);
    while !answer.ends_with(b"\r\n") {
        match limited.read_u8().await {
            Ok(byte) => answer.push(byte),
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof && answer.is_empty() => {
                return Err(Lack::gone("the server closed the connection"));
            }
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => return Err(Lack::unclear(NOT_REDIS)),
            Err(error) => return Err(broken(error)),
        }
        if answer.len() == 1 && !b"+-".contains(&answer[0]) {
            return Err(Lack::unclear(NOT_REDIS));
        }
    }
    judge(&answer, wanted)
}

const NOT_REDIS: &str = "the answer is not that of a Redis server";

/// A line that is read, with its first character and its end.
fn judge(line: &[u8], wanted: &str) -> Result<(), Lack> {
    let text = String::from_utf8_lossy(line);
    let text = text.trim_end();
    match text.strip_prefix('-') {
        None if text.strip_prefix('+') == Some(wanted) => Ok(()),
        None => Err(Lack::unclear(NOT_REDIS)),
        Some(refusal) => {
            let plain = refusal.chars().map(|c| if c.is_control() { ' ' } else { c });
            Err(Lack::unclear(format!("the server says: {}", plain.take(TOLD).collect::<String>())))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{NOT_REDIS, command, judge};

    #[test]
    fn words_are_counted_in_bytes() {
        assert_eq!(command(&["AUTH", "ü\r\nX"]), "*2\r\n$4\r\nAUTH\r\n$5\r\nü\r\nX\r\n".as_bytes());
    }

    #[test]
    fn answers() {
        for (line, wanted) in [
            ("+PONG\r\n", Ok(())),
            ("+OK\r\n", Err(NOT_REDIS.to_owned())),
            ("+\r\n", Err(NOT_REDIS.to_owned())),
            ("-LOADING Redis is loading\r\n", Err("the server says: LOADING Redis is loading".to_owned())),
            ("-a\x1b[2Jb\r\n", Err("the server says: a [2Jb".to_owned())),
        ] {
            assert_eq!(judge(line.as_bytes(), "PONG").map_err(|lack| lack.cause), wanted, "{line:?}");
        }
        let long = judge(format!("-{}\r\n", "x".repeat(4000)).as_bytes(), "OK").unwrap_err();
        assert_eq!(long.cause.len(), "the server says: ".len() + 200);
    }
}
