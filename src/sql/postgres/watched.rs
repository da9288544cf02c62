//! A stream that is looked at while a server greets: who serves us, and whether it is a PostgreSQL server at all.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::task::{Context, Poll, ready};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use crate::sql::dial::Stream;

/// Bytes of a message in a greeting. Real ones have some hundred; without a limit a server that is none could have us
/// keep whatever it sends.
const LIMIT: u32 = 64 * 1024;

/// Bytes of a whole greeting.
const GREETING_LIMIT: u32 = 1024 * 1024;

/// The cause of an error: what was read is none of the messages that PostgreSQL greets with.
pub(super) const NOT_POSTGRES: &str = "the answer is not that of a PostgreSQL server";

/// The process of the server that was told, when it is known.
#[derive(Debug, Clone, Default)]
pub(super) struct ProcessId(Arc<AtomicI64>);

impl ProcessId {
    pub(super) fn get(&self) -> Option<i32> {
        i32::try_from(self.0.load(Ordering::Relaxed)).ok().filter(|process| *process != 0)
    }

    fn set(&self, process: i32) {
        self.0.store(process.into(), Ordering::Relaxed);
    }
}

/// Forwards everything. `watch` ends with the greeting.
pub(super) struct Watched {
    stream: Box<dyn Stream>,
    watch: Option<Watch>,
}

impl Watched {
    pub(super) fn new(stream: Box<dyn Stream>) -> (Self, ProcessId) {
        let process = ProcessId::default();
        (Self { stream, watch: Some(Watch::new(process.clone())) }, process)
    }
}

/// Where in the greeting we are.
struct Watch {
    process: ProcessId,
    /// The head of the message, and of one with a process its first four bytes of content.
    head: Vec<u8>,
    /// Bytes of the message that are still to come.
    left: u32,
    total: u32,
}

impl Watch {
    fn new(process: ProcessId) -> Self {
        Self { process, head: Vec::with_capacity(9), left: 0, total: 0 }
    }

    /// `true`: the greeting goes on.
    fn see(&mut self, mut bytes: &[u8]) -> io::Result<bool> {
        let refuse = || Err(io::Error::new(io::ErrorKind::InvalidData, NOT_POSTGRES));
        while let Some((first, rest)) = bytes.split_first() {
            if self.left > 0 && self.head.is_empty() {
                let skipped = usize::try_from(self.left).unwrap_or(usize::MAX).min(bytes.len());
                self.left -= u32::try_from(skipped).unwrap_or(self.left);
                bytes = &bytes[skipped..];
                continue;
            }
            self.head.push(*first);
            bytes = rest;
            match self.head.as_slice() {
                [kind, a, b, c, d] => {
                    let length = u32::from_be_bytes([*a, *b, *c, *d]);
                    if !b"RSKZENv".contains(kind) || !(4..=LIMIT).contains(&length) {
                        return refuse();
                    }
                    self.total = self.total.saturating_add(length);
                    if self.total > GREETING_LIMIT {
                        return refuse();
                    }
                    match kind {
                        b'Z' => return Ok(false),
                        b'K' if length >= 8 => self.left = length - 8,
                        _ => {
                            self.left = length - 4;
                            self.head.clear();
                        }
                    }
                }
                [b'K', _, _, _, _, a, b, c, d] => {
                    self.process.set(i32::from_be_bytes([*a, *b, *c, *d]));
                    self.head.clear();
                }
                _ => {}
            }
        }
        Ok(true)
    }
}

impl AsyncRead for Watched {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        ready!(Pin::new(&mut self.stream).poll_read(context, buffer))?;
        if let Some(watch) = &mut self.watch
            && !watch.see(&buffer.filled()[before..])?
        {
            self.watch = None;
        }
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Watched {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}

#[cfg(test)]
mod tests {
    use super::{NOT_POSTGRES, ProcessId, Watch};

    fn message(kind: u8, content: &[u8]) -> Vec<u8> {
        let length = u32::try_from(content.len() + 4).unwrap();
        [&[kind][..], &length.to_be_bytes(), content].concat()
    }

    /// What was seen of a greeting that comes in pieces of so many bytes: the process, and whether it ended.
    fn seen(bytes: &[u8], piece: usize) -> Result<(Option<i32>, bool), String> {
        let process = ProcessId::default();
        let mut watch = Watch::new(process.clone());
        for piece in bytes.chunks(piece) {
            if !watch.see(piece).map_err(|error| error.to_string())? {
                return Ok((process.get(), true));
            }
        }
        Ok((process.get(), false))
    }

    #[test]
    fn greetings() {
        let login = message(b'R', &[0, 0, 0, 0]);
        let setting = message(b'S', b"server_version\x0015\x00");
        let key = message(b'K', &[0, 0, 1, 2, 9, 9, 9, 9]);
        let ready = message(b'Z', b"I");
        let whole = [&login[..], &setting, &key, &setting, &ready, b"anything"].concat();
        let refused = || Err(NOT_POSTGRES.to_owned());
        for (bytes, wanted) in [
            (whole.clone(), Ok((Some(258), true))),
            ([&login[..], &ready].concat(), Ok((None, true))),
            ([&login[..], &message(b'K', b"")].concat(), Ok((None, false))),
            // A key of the newest protocol is longer.
            ([&message(b'K', &[7; 36])[..], &ready].concat(), Ok((Some(0x0707_0707), true))),
            (login[..3].to_vec(), Ok((None, false))),
            (b"HTTP/1.1 400 Bad Request\r\n\r\n".to_vec(), refused()),
            (b"SSH-2.0-OpenSSH_9.2\r\n".to_vec(), refused()),
            ([b'R', 0, 0, 0, 3].to_vec(), refused()),
            ([b'R', 0x7f, 0xff, 0xff, 0xff].to_vec(), refused()),
            ([b'E', 0xff, 0xff, 0xff, 0xff].to_vec(), refused()),
            (message(b'S', &vec![b'x'; 60_000]).repeat(20), refused()),
        ] {
            for piece in [1, 2, 3, 5, 7, 1 << 20] {
                assert_eq!(seen(&bytes, piece), wanted, "{piece}: {:?}", &bytes[..bytes.len().min(20)]);
            }
        }
    }
}
