//! One connection: logged in, then a command and its answer at a time.

use tokio::time::timeout;

use super::answer::{Answers, Rows};
use super::authentication::{Method, authenticate};
use super::greeting::{Greeting, Login};
use super::packets::Packets;
use super::trouble::Trouble;
use crate::sql::address::{Encryption, Keepalive, MysqlAddress};
use crate::sql::dial::{self, Stream};

const QUIT: u8 = 0x01;
const QUERY: u8 = 0x03;
const SET_OPTION: u8 = 0x1b;
const MULTI_STATEMENTS_ON: u8 = 0;
const MULTI_STATEMENTS_OFF: u8 = 1;

/// Whether a message may hold more than one statement.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Several {
    Yes,
    No,
    /// It holds one, whatever the server was told.
    Whichever,
}

pub(super) struct Connection {
    packets: Packets,
    /// What the server was told.
    several: Several,
}

impl Connection {
    pub(super) async fn open(address: &MysqlAddress) -> Result<Self, Trouble> {
        let packets = Packets::new(dial(address).await?);
        match address.connect_timeout {
            None => Self::log_in(packets, address).await,
            Some(limit) => timeout(limit, Self::log_in(packets, address)).await.unwrap_or(Err(Trouble::Silent)),
        }
    }

    async fn log_in(mut packets: Packets, address: &MysqlAddress) -> Result<Self, Trouble> {
        let greeting = Greeting::receive(&mut packets).await?;
        let method = Method::to_begin(&greeting.method);
        let password = address.password.as_ref().map_or("", |password| password.expose());
        let answer = method.answer(password, &greeting.scramble);
        let database = Some(address.name.as_str()).filter(|name| !name.is_empty());
        let login = Login { user: &address.user, database, method: method.name(), answer: &answer };
        let mut secure = false;
        let tls = match &address.tls {
            Encryption::Off => None,
            Encryption::Preferred(tls) => Some(tls).filter(|_| greeting.offers_tls()),
            Encryption::Required(tls) => Some(tls),
        };
        if let Some(tls) = tls {
            if !greeting.offers_tls() {
                let cause = "the server has no TLS";
                return Err(Trouble::declined(cause, "give the server a certificate, or use another `ssl-mode`"));
            }
            packets.send(&greeting.tls_request(&login)).await?;
            let (stream, sequence) = packets.into_stream()?;
            let stream = tls.connect(&address.host, stream).await;
            let stream = stream.map_err(|refusal| Trouble::Declined { cause: refusal.cause, hint: refusal.hint })?;
            packets = Packets::resume(Box::new(stream), sequence);
            secure = true;
        }
        packets.send(&greeting.login(&login, secure)).await?;
        authenticate(&mut packets, method, password, secure || address.socket.is_some()).await?;
        Ok(Self { packets, several: Several::Yes })
    }

    /// Sends one statement, or several, separated by `;`, and reads what is answered to all of them. What should be one and turns
    /// out to be several, the server refuses as a whole.
    pub(super) async fn send(
        &mut self,
        sql: &str,
        several: Several,
        rows: Rows,
        answers: &mut Answers,
    ) -> Result<(), Trouble> {
        if several != Several::Whichever && self.several != several {
            let option = if several == Several::Yes { MULTI_STATEMENTS_ON } else { MULTI_STATEMENTS_OFF };
            self.command(SET_OPTION, &[option, 0], Rows::Dropped, &mut Answers::default()).await?;
            self.several = several;
        }
        self.command(QUERY, sql.as_bytes(), rows, answers).await
    }

    /// Says goodbye.
    pub(super) async fn quit(mut self) {
        self.packets.begin();
        // Whether that arrives or not, the connection ends.
        let _ = self.packets.send(&[QUIT]).await;
    }

    async fn command(&mut self, command: u8, text: &[u8], rows: Rows, answers: &mut Answers) -> Result<(), Trouble> {
        self.packets.begin();
        let sent = self.packets.send(&[&[command], text].concat()).await;
        match (sent, answers.receive(&mut self.packets, rows).await) {
            (Ok(()), answered) => answered,
            // What the server said before it closed the connection says more than that it is closed.
            (Err(_), Err(Trouble::Refused(answered))) => Err(Trouble::Refused(answered)),
            (Err(broken), _) => Err(broken),
        }
    }
}

async fn dial(address: &MysqlAddress) -> Result<Box<dyn Stream>, Trouble> {
    let limit = address.connect_timeout;
    match &address.socket {
        Some(path) => dial::unix(path, limit).await.map(|stream| Box::new(stream) as Box<dyn Stream>),
        None => dial::tcp((&address.host, None, address.port), limit, Some(Keepalive::MINUTE))
            .await
            .map(|stream| Box::new(stream) as Box<dyn Stream>),
    }
    .map_err(Trouble::Unreached)
}
