//! A server that sends what a test wants, and keeps what it gets.

use std::io::{Read, Write};
use std::net::TcpListener;
use std::os::unix::net::UnixListener;
use std::path::Path;
use std::sync::Arc;
use std::thread::{self, JoinHandle};

use rustls::{ServerConfig, ServerConnection, StreamOwned};

use super::MysqlAddress;
use crate::secret::Secret;

pub(super) const SCRAMBLE: &[u8; 20] = b"abcdefghijklmnopqrst";
const SSL: u8 = 0x08;

pub(super) trait Stream: Read + Write + Send {}

impl<S: Read + Write + Send> Stream for S {}

/// One connection of a server, as the script sees it.
pub(super) struct Client {
    stream: Box<dyn Stream>,
    sequence: u8,
}

/// Serves one connection with the script. Gives the address, and what the script gives when it is done.
pub(super) fn serve<T: Send + 'static>(
    script: impl FnOnce(&mut Client) -> T + Send + 'static,
) -> (MysqlAddress, JoinHandle<T>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let served = thread::spawn(move || {
        let stream = Box::new(listener.accept().unwrap().0);
        script(&mut Client { stream, sequence: 0 })
    });
    (MysqlAddress { password: Some(Secret::new("hunter2".to_owned())), ..super::address(port) }, served)
}

/// The same at a socket of this machine.
pub(super) fn serve_socket<T: Send + 'static>(
    path: &Path,
    script: impl FnOnce(&mut Client) -> T + Send + 'static,
) -> (MysqlAddress, JoinHandle<T>) {
    let listener = UnixListener::bind(path).unwrap();
    let served = thread::spawn(move || {
        let stream = Box::new(listener.accept().unwrap().0);
        script(&mut Client { stream, sequence: 0 })
    });
    let address = super::address(0);
    (
        MysqlAddress { password: Some(Secret::new("hunter2".to_owned())), socket: Some(path.to_owned()), ..address },
        served,
    )
}

impl Client {
    /// Bytes as they are. `false`: nobody takes them any more, which is no fault of the script.
    pub(super) fn raw(&mut self, bytes: &[u8]) -> bool {
        self.stream.write_all(bytes).and_then(|()| self.stream.flush()).is_ok()
    }

    pub(super) fn send(&mut self, message: &[u8]) -> bool {
        let [a, b, c, ..] = message.len().to_le_bytes();
        let packet = [&[a, b, c, self.sequence], message].concat();
        self.sequence = self.sequence.wrapping_add(1);
        self.raw(&packet)
    }

    /// The next message; empty when there is none.
    pub(super) fn receive(&mut self) -> Vec<u8> {
        let mut header = [0; 4];
        if self.stream.read_exact(&mut header).is_err() {
            return Vec::new();
        }
        let mut message = vec![0; usize::from(header[0]) | usize::from(header[1]) << 8 | usize::from(header[2]) << 16];
        self.stream.read_exact(&mut message).unwrap();
        self.sequence = header[3].wrapping_add(1);
        message
    }

    /// Until the client goes.
    pub(super) fn hold(&mut self) {
        let mut buffer = [0; 4096];
        while matches!(self.stream.read(&mut buffer), Ok(count) if count > 0) {}
    }

    /// The first message of a server that begins with this login.
    pub(super) fn greet(&mut self, method: &str) {
        self.send(&greeting(method, 0));
    }

    /// The same of a server with TLS, up to the login.
    pub(super) fn greet_securely(mut self, method: &str, config: Arc<ServerConfig>) -> Self {
        self.send(&greeting(method, SSL));
        assert_eq!(self.receive().len(), 32);
        let connection = ServerConnection::new(config).unwrap();
        Self { stream: Box::new(StreamOwned::new(connection, self.stream)), sequence: self.sequence }
    }

    /// Everything up to the first question, whose answer is missing yet.
    pub(super) fn let_in(&mut self) {
        self.greet("mysql_native_password");
        self.receive();
        self.done();
        assert!(self.receive().starts_with(b"\x03SET NAMES utf8mb4;"));
    }

    pub(super) fn done(&mut self) {
        self.send(b"\0\0\0\x02\0\0\0");
    }

    /// Takes the connection out, to make it secure.
    pub(super) fn take(&mut self) -> Self {
        let nothing = Box::new(std::io::Cursor::new(Vec::new()));
        Self { stream: std::mem::replace(&mut self.stream, nothing), sequence: self.sequence }
    }
}

fn greeting(method: &str, tls: u8) -> Vec<u8> {
    let mut message = b"\x0a8.0.36\0\x07\0\0\0".to_vec();
    message.extend(&SCRAMBLE[..8]);
    // Everything but compression.
    message.extend([0, 0xdf, 0xf7 & !SSL | tls, 45, 2, 0, 0xff, 0xff, 21]);
    message.extend([0; 10]);
    message.extend(&SCRAMBLE[8..]);
    message.push(0);
    message.extend(method.as_bytes());
    message.push(0);
    message
}
