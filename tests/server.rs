//! A server that answers as the test says, with or without TLS, and keeps what it was asked.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use rustls::{ServerConfig, ServerConnection, StreamOwned};

/// What a test reads from and writes to.
pub(crate) trait Connection: Read + Write {}

impl<T: Read + Write> Connection for T {}

/// Ended with the test.
pub(crate) struct Server {
    pub(crate) address: SocketAddr,
    requests: Arc<Mutex<Vec<String>>>,
    ended: Arc<AtomicBool>,
    scheme: &'static str,
}

impl Server {
    /// `answer` gets the number of the request, its head, and the connection, which is closed when it returns.
    pub(crate) fn start(answer: impl Fn(usize, &str, &mut dyn Connection) + Send + Sync + 'static) -> Self {
        Self::new(None, true, answer)
    }

    /// Closes each connection without TLS's word of goodbye.
    pub(crate) fn rude(
        tls: Arc<ServerConfig>,
        answer: impl Fn(usize, &str, &mut dyn Connection) + Send + Sync + 'static,
    ) -> Self {
        Self::new(Some(tls), false, answer)
    }

    pub(crate) fn secure(
        tls: Arc<ServerConfig>,
        answer: impl Fn(usize, &str, &mut dyn Connection) + Send + Sync + 'static,
    ) -> Self {
        Self::new(Some(tls), true, answer)
    }

    /// Answers each request with the same.
    pub(crate) fn with(content: impl Into<Vec<u8>>) -> Self {
        let content = content.into();
        Self::start(move |_, _, stream| reply(stream, "200 OK", &[], &content))
    }

    fn new(
        tls: Option<Arc<ServerConfig>>,
        goodbye: bool,
        answer: impl Fn(usize, &str, &mut dyn Connection) + Send + Sync + 'static,
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let (requests, ended) = (Arc::new(Mutex::new(Vec::new())), Arc::new(AtomicBool::new(false)));
        let scheme = if tls.is_some() { "https" } else { "http" };
        let (kept, over, answer) = (Arc::clone(&requests), Arc::clone(&ended), Arc::new(answer));
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                if over.load(Ordering::SeqCst) {
                    break;
                }
                let (kept, answer, tls) = (Arc::clone(&kept), Arc::clone(&answer), tls.clone());
                let stream = stream.unwrap();
                // What a test forgot must not keep a thread for ever.
                stream.set_read_timeout(Some(Duration::from_mins(2))).unwrap();
                std::thread::spawn(move || match tls {
                    Some(tls) => {
                        let mut stream = StreamOwned::new(ServerConnection::new(tls).unwrap(), stream);
                        serve(&mut stream, &kept, &*answer);
                        if goodbye {
                            stream.conn.send_close_notify();
                        }
                        let _ = stream.flush();
                    }
                    None => serve(&mut { stream }, &kept, &*answer),
                });
            }
        });
        Self { address, requests, ended, scheme }
    }

    /// The address of a file, by number.
    pub(crate) fn url(&self, path: &str) -> String {
        format!("{}://{}{path}", self.scheme, self.address)
    }

    /// The same by name, which is another host.
    pub(crate) fn named(&self, path: &str) -> String {
        format!("{}://localhost:{}{path}", self.scheme, self.address.port())
    }

    /// The heads of all requests so far, in lower case.
    pub(crate) fn requests(&self) -> Vec<String> {
        self.requests.lock().unwrap().clone()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.ended.store(true, Ordering::SeqCst);
        let _ = TcpStream::connect(self.address);
    }
}

fn serve(
    stream: &mut dyn Connection,
    kept: &Mutex<Vec<String>>,
    answer: &(dyn Fn(usize, &str, &mut dyn Connection) + Send + Sync),
) {
    let mut head = Vec::new();
    let mut byte = [0];
    while !head.ends_with(b"\r\n\r\n") {
        match stream.read(&mut byte) {
            Ok(1) => head.push(byte[0]),
            // A client that refuses the certificate, or is gone.
            _ => return,
        }
    }
    let head = String::from_utf8_lossy(&head).to_lowercase();
    let number = {
        let mut kept = kept.lock().unwrap();
        kept.push(head.clone());
        kept.len() - 1
    };
    answer(number, &head, stream);
    let _ = stream.flush();
}

/// A whole answer with its length.
pub(crate) fn reply(stream: &mut dyn Connection, status: &str, headers: &[&str], body: &[u8]) {
    announce(stream, status, headers, body.len());
    send(stream, body);
}

/// The head of an answer with so many bytes.
pub(crate) fn announce(stream: &mut dyn Connection, status: &str, headers: &[&str], length: usize) {
    let headers: String = headers.iter().map(|header| format!("{header}\r\n")).collect();
    send(stream, format!("HTTP/1.1 {status}\r\nContent-Length: {length}\r\n{headers}\r\n").as_bytes());
}

/// Bytes as they are. That nobody takes them any more is no fault of the server.
pub(crate) fn send(stream: &mut dyn Connection, bytes: &[u8]) {
    let _ = stream.write_all(bytes);
    let _ = stream.flush();
}

/// Says nothing more until the client goes.
pub(crate) fn hold(stream: &mut dyn Connection) {
    let mut byte = [0];
    while matches!(stream.read(&mut byte), Ok(1)) {}
}

/// The value of a header in a head in lower case.
pub(crate) fn header<'a>(head: &'a str, name: &str) -> Option<&'a str> {
    head.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(": "))
}

/// A file from where `Range` says, if `If-Range` names this tag; else the whole of it.
pub(crate) fn reply_range(stream: &mut dyn Connection, head: &str, tag: &str, content: &[u8]) {
    let from = header(head, "range").and_then(|range| range.strip_prefix("bytes=")?.strip_suffix('-')?.parse().ok());
    match from.filter(|_| header(head, "if-range") == Some(tag)) {
        Some(from) => {
            let range = format!("Content-Range: bytes {from}-{}/{}", content.len() - 1, content.len());
            reply(stream, "206 Partial Content", &[&range, &format!("ETag: {tag}")], &content[from..]);
        }
        None => reply(stream, "200 OK", &[&format!("ETag: {tag}")], content),
    }
}
