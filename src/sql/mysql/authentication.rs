//! How a password is proved: `mysql_native_password`, `caching_sha2_password`, and in clear where nobody can listen.

use ring::digest::{Algorithm, Context, SHA1_FOR_LEGACY_USE_ONLY, SHA256};

use super::answer;
use super::fields::Fields;
use super::packets::Packets;
use super::trouble::Trouble;

const DONE: u8 = 0x00;
const MORE: u8 = 0x01;
const SWITCH: u8 = 0xfe;
const ERROR: u8 = 0xff;
/// What comes after `MORE` of `caching_sha2_password`.
const KNOWN: u8 = 3;
const UNKNOWN: u8 = 4;

const LONGEST: usize = 16 * 1024;
/// A login takes two or three messages; a server that never comes to an end is left.
const MOST_MESSAGES: usize = 10;

/// A way to prove a password.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Method {
    Native,
    CachingSha2,
    Clear,
}

impl Method {
    /// What to begin with; a server that wants another one for this user says so.
    pub(super) fn to_begin(name: &str) -> Self {
        if name == Self::CachingSha2.name() { Self::CachingSha2 } else { Self::Native }
    }

    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Native => "mysql_native_password",
            Self::CachingSha2 => "caching_sha2_password",
            Self::Clear => "mysql_clear_password",
        }
    }

    fn known(name: &str) -> Result<Self, Trouble> {
        let known = [Self::Native, Self::CachingSha2, Self::Clear].into_iter().find(|method| method.name() == name);
        known.ok_or_else(|| {
            let cause = format!("the server wants the login `{name}` of this user, which is not known here");
            Trouble::declined(cause, "let the user log in by `mysql_native_password` or `caching_sha2_password`")
        })
    }

    /// The answer to a scramble. No password is no answer.
    pub(super) fn answer(self, password: &str, scramble: &[u8]) -> Vec<u8> {
        // The scramble is followed by a zero.
        let scramble = scramble.strip_suffix(&[0]).unwrap_or(scramble);
        match self {
            Self::Clear => clear(password),
            _ if password.is_empty() => Vec::new(),
            Self::Native => native(password.as_bytes(), scramble),
            Self::CachingSha2 => caching_sha2(password.as_bytes(), scramble),
        }
    }
}

/// What comes after the login was sent, until the server lets us in. `secure`: nobody can listen.
pub(super) async fn authenticate(
    packets: &mut Packets,
    mut method: Method,
    password: &str,
    secure: bool,
) -> Result<(), Trouble> {
    for _ in 0..MOST_MESSAGES {
        let message = packets.receive(LONGEST).await?;
        let mut fields = Fields(&message);
        match fields.byte() {
            Some(DONE) => return Ok(()),
            Some(ERROR) => return Err(Trouble::Refused(answer::error(&message)?)),
            Some(SWITCH) if fields.0.is_empty() => {
                let cause = "the server wants the login of MySQL 4.0 of this user, which is not safe";
                return Err(Trouble::declined(cause, "set the user's password anew"));
            }
            Some(SWITCH) => {
                method = Method::known(&String::from_utf8_lossy(fields.terminated()))?;
                if method == Method::Clear && !secure {
                    return Err(in_clear());
                }
                packets.send(&method.answer(password, fields.0)).await?;
            }
            Some(MORE) if method == Method::CachingSha2 && fields.0 == [KNOWN] => {}
            Some(MORE) if method == Method::CachingSha2 && fields.0 == [UNKNOWN] => {
                if !secure {
                    return Err(in_clear());
                }
                packets.send(&clear(password)).await?;
            }
            _ => return Err(Trouble::nonsense("its answer to the login is not MySQL's")),
        }
    }
    Err(Trouble::nonsense("its login has no end"))
}

fn in_clear() -> Trouble {
    let cause = "the server wants the password itself, which is not sent where others can listen";
    Trouble::declined(cause, "let the connection use TLS: `ssl-mode=require`, or better `ssl-mode=verify-full`")
}

fn clear(password: &str) -> Vec<u8> {
    [password.as_bytes(), &[0]].concat()
}

/// `SHA1(password) XOR SHA1(scramble, SHA1(SHA1(password)))`
fn native(password: &[u8], scramble: &[u8]) -> Vec<u8> {
    let hash = |parts: &[&[u8]]| digest(&SHA1_FOR_LEGACY_USE_ONLY, parts);
    let once = hash(&[password]);
    let mask = hash(&[scramble, &hash(&[&once])]);
    masked(&once, &mask)
}

/// `SHA256(password) XOR SHA256(SHA256(SHA256(password)), scramble)`
fn caching_sha2(password: &[u8], scramble: &[u8]) -> Vec<u8> {
    let hash = |parts: &[&[u8]]| digest(&SHA256, parts);
    let once = hash(&[password]);
    let mask = hash(&[&hash(&[&once]), scramble]);
    masked(&once, &mask)
}

fn digest(algorithm: &'static Algorithm, parts: &[&[u8]]) -> Vec<u8> {
    let mut context = Context::new(algorithm);
    for part in parts {
        context.update(part);
    }
    context.finish().as_ref().to_vec()
}

fn masked(bytes: &[u8], mask: &[u8]) -> Vec<u8> {
    bytes.iter().zip(mask).map(|(byte, mask)| byte ^ mask).collect()
}

#[cfg(test)]
mod tests {
    use super::Method;
    use super::Method::{CachingSha2, Clear, Native};
    use crate::hexadecimal::hexadecimal;

    /// The scrambles and answers that other clients publish with their tests.
    #[test]
    fn answers_are_those_of_other_clients() {
        let one: &[u8; 20] = &[10, 47, 74, 111, 75, 73, 34, 48, 88, 76, 114, 74, 37, 13, 3, 80, 82, 2, 23, 21];
        let two: &[u8; 20] = &[96, 71, 63, 8, 1, 58, 75, 12, 69, 95, 66, 60, 117, 31, 48, 31, 89, 39, 55, 31];
        for (method, password, scramble, wanted) in [
            (CachingSha2, "secret", one, "f490e76f66d9d86665ce54d98c78d0acfe2fb0b08b423da807144873d30b312c"),
            (CachingSha2, "secret2", one, "abc3934a012cf342e876071c8ee202de51785b430258a7a0138bc79c4d800bc6"),
            (CachingSha2, "", one, ""),
            (Native, "secret", two, "ca29c3a422e2316715d3a7c7e374083039479592"),
            (Native, "", two, ""),
            (Clear, "secret", two, "73656372657400"),
            (Clear, "", two, "00"),
        ] {
            assert_eq!(hexadecimal(&method.answer(password, scramble)), wanted, "{method:?} {password}");
            let terminated = [scramble.as_slice(), &[0]].concat();
            assert_eq!(hexadecimal(&method.answer(password, &terminated)), wanted, "{method:?} {password}");
        }
    }

    #[test]
    fn the_first_method_is_never_in_clear() {
        for (name, wanted) in [
            ("mysql_native_password", Native),
            ("caching_sha2_password", CachingSha2),
            ("mysql_clear_password", Native),
            ("client_ed25519", Native),
            ("", Native),
        ] {
            assert_eq!(Method::to_begin(name), wanted, "{name}");
        }
        assert!(Method::known("mysql_clear_password").is_ok());
        for name in ["client_ed25519", "sha256_password", "dialog", ""] {
            assert!(Method::known(name).is_err(), "{name}");
        }
    }
}
