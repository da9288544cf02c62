//! The URL of a server, as `libpq` and the clients of MySQL read it.

/// What stands behind the scheme, decoded.
#[derive(Debug, Default)]
pub(super) struct Url {
    pub(super) user: Option<String>,
    pub(super) password: Option<String>,
    /// Each with its port, if it has one.
    pub(super) hosts: Vec<(String, Option<u16>)>,
    pub(super) name: Option<String>,
    pub(super) options: Vec<(String, String)>,
}

impl Url {
    /// Errors hold no part of the URL but names of options.
    pub(super) fn parse(rest: &str) -> Result<Self, String> {
        let rest = rest.strip_prefix("//").ok_or("there is no `//` behind its scheme")?;
        let (place, options) = rest.split_once('?').unwrap_or((rest, ""));
        let (authority, name) = place.split_once('/').unwrap_or((place, ""));
        let (user, hosts) = authority.rsplit_once('@').map_or((None, authority), |(user, hosts)| (Some(user), hosts));
        let mut url = Self { name: filled(decoded(name)?), ..Self::default() };
        if let Some(user) = user {
            let (user, password) = user.split_once(':').map_or((user, None), |(user, word)| (user, Some(word)));
            url.user = filled(decoded(user)?);
            url.password = password.map(decoded).transpose()?.and_then(filled);
        }
        for host in hosts.split(',').filter(|host| !host.is_empty()) {
            url.hosts.push(host_and_port(host)?);
        }
        for option in options.split('&').filter(|option| !option.is_empty()) {
            let (key, value) = option.split_once('=').ok_or("an option has no `=`")?;
            url.options.push((decoded(key)?, decoded(value)?));
        }
        Ok(url)
    }
}

fn filled(text: String) -> Option<String> {
    (!text.is_empty()).then_some(text)
}

fn host_and_port(text: &str) -> Result<(String, Option<u16>), String> {
    let (host, port) = match text.strip_prefix('[').map(|rest| rest.split_once(']')) {
        Some(Some((host, ""))) => (host, None),
        Some(Some((host, port))) => (host, Some(port.strip_prefix(':').ok_or("the text behind `]` is no port")?)),
        Some(None) => return Err("a `[` is not closed".to_owned()),
        None => match text.split_once(':') {
            Some((host, port)) => (host, Some(port)),
            None => (text, None),
        },
    };
    let port = port.filter(|port| !port.is_empty()).map(self::port).transpose()?;
    Ok((decoded(host)?, port))
}

pub(super) fn port(text: &str) -> Result<u16, String> {
    text.parse().ok().filter(|port| *port > 0).ok_or_else(|| "a port is no number from 1 to 65535".to_owned())
}

/// What may be the password of a URL, as it is written there.
pub(super) fn passwords(url: &str) -> impl Iterator<Item = &str> {
    let authority = url.split_once("://").map(|(_, rest)| rest);
    // A password with an unescaped `/` or `?` is a mistake; it is a secret all the same.
    let user = authority.and_then(|rest| rest.rsplit_once('@')).map(|(user, _)| user);
    let password = user.and_then(|user| user.split_once(':')).map(|(_, password)| password);
    let options = url.split_once('?').map_or("", |(_, options)| options).split('&');
    let options = options.filter_map(|option| option.split_once('=')).filter(|(name, _)| *name == "password");
    password.into_iter().chain(options.map(|(_, value)| value)).filter(|password| !password.is_empty())
}

fn decoded(text: &str) -> Result<String, String> {
    let decoded = percent_decoded(text);
    // What ends a text for the server would end it in the middle of a value.
    if decoded.contains('\0') { Err("it holds a NUL character".to_owned()) } else { Ok(decoded) }
}

pub(super) fn percent_decoded(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut decoded = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while let Some(byte) = bytes.get(at) {
        let digits =
            bytes.get(at + 1..at + 3).filter(|_| *byte == b'%').and_then(|digits| std::str::from_utf8(digits).ok());
        if let Some(value) = digits.and_then(|digits| u8::from_str_radix(digits, 16).ok()) {
            decoded.push(value);
            at += 3;
        } else {
            decoded.push(*byte);
            at += 1;
        }
    }
    String::from_utf8_lossy(&decoded).into_owned()
}
