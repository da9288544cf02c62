//! The first messages of a connection: what the server says of itself, and what we answer.

use super::answer;
use super::fields::{Fields, put_length, put_value};
use super::packets::Packets;
use super::trouble::Trouble;

/// The only version of the protocol that is in use.
const PROTOCOL: u8 = 10;
const ERROR: u8 = 0xff;
/// What a server says first is about a hundred bytes.
const LONGEST: usize = 16 * 1024;
/// The part of the scramble that every version of the protocol has.
const FIRST_PART: usize = 8;
/// `utf8mb4_general_ci`, which every server with `utf8mb4` knows by this number.
const CHARACTER_SET: u8 = 45;
/// The largest answer that a server may send in one message, for those that look at it.
const LONGEST_ANSWER: u32 = 1 << 30;
const UNUSED: [u8; 23] = [0; 23];

const LONG_PASSWORD: u32 = 1;
const LONG_FLAG: u32 = 1 << 2;
const CONNECT_WITH_DB: u32 = 1 << 3;
const PROTOCOL_41: u32 = 1 << 9;
const SSL: u32 = 1 << 11;
const TRANSACTIONS: u32 = 1 << 13;
const SECURE_CONNECTION: u32 = 1 << 15;
const MULTI_STATEMENTS: u32 = 1 << 16;
const MULTI_RESULTS: u32 = 1 << 17;
const PLUGIN_AUTH: u32 = 1 << 19;
const CONNECT_ATTRS: u32 = 1 << 20;
const PLUGIN_AUTH_LENENC: u32 = 1 << 21;

/// Not among them: `LOCAL_FILES`, so that no server can ask for a file of this machine, `SESSION_TRACK`, and
/// `DEPRECATE_EOF`: the end of rows looks the same with every server then.
const WANTED: u32 = LONG_PASSWORD
    | LONG_FLAG
    | PROTOCOL_41
    | TRANSACTIONS
    | SECURE_CONNECTION
    | MULTI_STATEMENTS
    | MULTI_RESULTS
    | PLUGIN_AUTH
    | CONNECT_ATTRS
    | PLUGIN_AUTH_LENENC;
/// A server without these is older than any that is still kept up.
const NEEDED: u32 = PROTOCOL_41 | SECURE_CONNECTION | MULTI_STATEMENTS | MULTI_RESULTS | PLUGIN_AUTH;

/// What the server says first.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Greeting {
    capabilities: u32,
    pub(super) scramble: Vec<u8>,
    /// How it would like to check passwords.
    pub(super) method: String,
}

/// Who logs in.
#[derive(Debug, Clone, Copy)]
pub(super) struct Login<'a> {
    pub(super) user: &'a str,
    pub(super) database: Option<&'a str>,
    pub(super) method: &'a str,
    /// The answer to the scramble.
    pub(super) answer: &'a [u8],
}

impl Greeting {
    pub(super) async fn receive(packets: &mut Packets) -> Result<Self, Trouble> {
        let message = packets.receive(LONGEST).await?;
        if message.first() == Some(&ERROR) {
            return Err(Trouble::Refused(answer::error(&message)?));
        }
        let greeting = Self::parse(&message).ok_or_else(|| Trouble::nonsense("its first message is not MySQL's"))?;
        if greeting.capabilities & NEEDED != NEEDED {
            return Err(Trouble::Declined { cause: "the server is too old".to_owned(), hint: None });
        }
        Ok(greeting)
    }

    fn parse(message: &[u8]) -> Option<Self> {
        let mut fields = Fields(message);
        if fields.byte()? != PROTOCOL {
            return None;
        }
        let _version = fields.terminated();
        let _connection = fields.number(4)?;
        let mut scramble = fields.bytes(FIRST_PART)?.to_vec();
        fields.byte()?;
        let low = fields.short()?;
        let _character_set = fields.byte()?;
        let _status = fields.short()?;
        let high = fields.short()?;
        let _length = fields.byte()?;
        let _reserved = fields.bytes(10)?;
        scramble.extend(fields.terminated());
        let method = String::from_utf8_lossy(fields.terminated()).into_owned();
        Some(Self { capabilities: u32::from(high) << 16 | u32::from(low), scramble, method })
    }

    pub(super) fn offers_tls(&self) -> bool {
        self.capabilities & SSL != 0
    }

    /// Asks the server to speak TLS from here on.
    pub(super) fn tls_request(&self, login: &Login<'_>) -> Vec<u8> {
        self.head(login, true)
    }

    pub(super) fn login(&self, login: &Login<'_>, secure: bool) -> Vec<u8> {
        let mut message = self.head(login, secure);
        message.extend(login.user.as_bytes());
        message.push(0);
        // Shorter than 251 bytes, so that a length with or without further bytes is the same.
        put_value(&mut message, login.answer);
        if let Some(database) = login.database {
            message.extend(database.as_bytes());
            message.push(0);
        }
        message.extend(login.method.as_bytes());
        message.push(0);
        if self.capabilities & CONNECT_ATTRS != 0 {
            let mut attributes = Vec::new();
            for text in ["program_name", super::PROGRAM, "_client_version", env!("CARGO_PKG_VERSION")] {
                put_value(&mut attributes, text.as_bytes());
            }
            put_length(&mut message, attributes.len());
            message.extend(attributes);
        }
        message
    }

    fn head(&self, login: &Login<'_>, secure: bool) -> Vec<u8> {
        let with_database = if login.database.is_some() { CONNECT_WITH_DB } else { 0 };
        let with_tls = if secure { SSL } else { 0 };
        let capabilities = WANTED & self.capabilities | with_database | with_tls;
        let mut message = Vec::new();
        message.extend(capabilities.to_le_bytes());
        message.extend(LONGEST_ANSWER.to_le_bytes());
        message.push(CHARACTER_SET);
        message.extend(UNUSED);
        message
    }
}

#[cfg(test)]
mod tests {
    use super::{Greeting, Login, SSL, WANTED};

    /// A first message as servers send it.
    fn greeting(method: &str) -> Vec<u8> {
        let capabilities = (WANTED | SSL).to_le_bytes();
        let mut message = b"\x0a8.0.36\0\x07\0\0\0abcdefgh\0".to_vec();
        message.extend(&capabilities[..2]);
        message.extend(b"\x2d\x02\0");
        message.extend(&capabilities[2..]);
        message.extend(b"\x15\0\0\0\0\0\0\0\0\0\0ijklmnopqrst\0");
        message.extend(method.as_bytes());
        message.push(0);
        message
    }

    #[test]
    fn a_greeting_is_read_and_every_part_of_one_is_none() {
        let whole = greeting("caching_sha2_password");
        let read = Greeting::parse(&whole).unwrap();
        assert_eq!(
            (read.scramble.as_slice(), read.method.as_str()),
            (&b"abcdefghijklmnopqrst"[..], "caching_sha2_password")
        );
        assert!(read.offers_tls());
        let fixed = whole.len() - "ijklmnopqrst\0caching_sha2_password\0".len();
        for length in 0..fixed {
            assert_eq!(Greeting::parse(&whole[..length]), None, "{length}");
        }
        for other in [&b"\x09old"[..], b"HTTP/1.1 400 Bad Request", b"SSH-2.0-x"] {
            assert_eq!(Greeting::parse(other), None);
        }
    }

    #[test]
    fn a_login_never_asks_for_what_the_server_lacks() {
        let read = Greeting::parse(&greeting("")).unwrap();
        let login = Login { user: "app", database: Some("d"), method: "m", answer: &[1; 20] };
        let message = read.login(&login, false);
        let capabilities = u32::from_le_bytes(message[..4].try_into().unwrap());
        assert_eq!(capabilities, WANTED | super::CONNECT_WITH_DB);
        assert_eq!(&message[32..36], b"app\0");
        assert_eq!(message[36], 20);
        assert_eq!(&message[57..61], b"d\0m\0");
        let request = read.tls_request(&login);
        assert_eq!(request.len(), 32);
        assert_eq!(u32::from_le_bytes(request[..4].try_into().unwrap()) & SSL, SSL);
        let old = Greeting { capabilities: super::NEEDED, ..read };
        let message = old.login(&Login { database: None, ..login }, false);
        assert_eq!(u32::from_le_bytes(message[..4].try_into().unwrap()), super::NEEDED);
        assert!(message.ends_with(b"\x01m\0"));
    }
}
