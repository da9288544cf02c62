//! Records of a name: those of one kind from the servers that `resolv.conf` names, or any address as applications find it.

pub(crate) mod message;
mod servers;

use std::hash::{BuildHasher as _, Hasher as _, RandomState};
use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpStream, UdpSocket, lookup_host};
use tokio::time::timeout;

use self::message::{Answer, judge, query};
use self::servers::Servers;
use super::Lack;
use super::stream::{cause, is_no_name};
use crate::root::Root;
use crate::spec::DnsKind;

/// A server that says nothing must not take the time of the next one.
const SERVER: Duration = Duration::from_millis(1500);
/// Bytes of an answer over UDP; a longer one is asked for over TCP.
const DATAGRAM: usize = 4096;

/// Whether the name has records of the kind, or without one an address.
pub(super) async fn look_up(name: &str, kind: Option<DnsKind>, root: &Root) -> Result<(), Lack> {
    let Some(kind) = kind else {
        return match lookup_host((name, 0)).await {
            Ok(mut addresses) => addresses.next().map(drop).ok_or_else(|| Lack::gone("it has no address")),
            Err(error) if is_no_name(&error) => Err(Lack::gone(cause(&error))),
            Err(error) => Err(Lack::unclear(cause(&error))),
        };
    };
    let mut servers = Servers::read(root).map_err(Lack::unclear)?;
    let mut lacking = Lack::gone(format!("there is no record `{kind}` of that name"));
    for name in servers.names(name) {
        match ask_all(&mut servers.addresses, &name, kind).await? {
            Answer::Found => return Ok(()),
            Answer::NoSuchName => {}
            Answer::NoSuchRecord => lacking = Lack::gone(format!("`{name}` has no record `{kind}`")),
            Answer::Failed(_) | Answer::Truncated => return Err(Lack::unclear("the name server failed")),
        }
    }
    Err(lacking)
}

/// The answer of the first server that has one. It is the first to be asked for the next name.
async fn ask_all(servers: &mut [SocketAddr], name: &str, kind: DnsKind) -> Result<Answer, Lack> {
    let mut trouble = Lack::unclear("there is no name server");
    for index in 0..servers.len() {
        let server = servers[index];
        let asked = timeout(SERVER, ask(server, name, kind)).await;
        let why = match asked {
            Ok(Ok(Answer::Failed(why))) => why.to_owned(),
            Ok(Ok(answer)) => {
                servers[..=index].rotate_right(1);
                return Ok(answer);
            }
            Ok(Err(error)) => cause(&error),
            Err(_) => "no answer".to_owned(),
        };
        trouble = Lack::unclear(format!("the name server `{server}` does not help: {why}"));
    }
    Err(trouble)
}

async fn ask(server: SocketAddr, name: &str, kind: DnsKind) -> io::Result<Answer> {
    let number = random();
    let question = query(number, name, kind);
    let local: SocketAddr = if server.is_ipv4() { ([0, 0, 0, 0], 0).into() } else { ([0_u16; 8], 0).into() };
    let socket = UdpSocket::bind(local).await?;
    // From here on only what this server sends is received.
    socket.connect(server).await?;
    socket.send(&question).await?;
    let mut datagram = [0; DATAGRAM];
    loop {
        let length = socket.recv(&mut datagram).await?;
        // What is no answer to this question may be forged, and is passed over.
        match judge(&datagram[..length], &question, kind) {
            None => {}
            Some(Answer::Truncated) => return ask_over_tcp(server, &question, kind).await,
            Some(answer) => return Ok(answer),
        }
    }
}

async fn ask_over_tcp(server: SocketAddr, question: &[u8], kind: DnsKind) -> io::Result<Answer> {
    let mut stream = TcpStream::connect(server).await?;
    let length = u16::try_from(question.len()).unwrap_or_default();
    stream.write_all(&[&length.to_be_bytes(), question].concat()).await?;
    let mut answer = vec![0; usize::from(stream.read_u16().await?)];
    stream.read_exact(&mut answer).await?;
    Ok(judge(&answer, question, kind).unwrap_or(Answer::Failed("its answer is nonsense")))
}

/// Nobody who sees none of our questions can guess the number of the next.
fn random() -> u16 {
    let [low, high, ..] = RandomState::new().build_hasher().finish().to_le_bytes();
    u16::from_le_bytes([low, high])
}
