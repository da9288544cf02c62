//! What URLs and servers in parts have in common.

use super::encryption::TlsWish;
use super::url::Url;
use crate::secret::Secret;
use crate::spec::ServerSpec;

/// The parts of an address, before a driver has looked at them.
#[derive(Debug)]
pub(super) struct Parts {
    /// Each with its port, if it has one.
    pub(super) hosts: Vec<(String, Option<u16>)>,
    /// For a socket too: it is in the name of PostgreSQL's.
    pub(super) port: Option<u16>,
    /// The path of a socket inside the root.
    pub(super) socket: Option<String>,
    pub(super) user: Option<String>,
    pub(super) password: Option<Secret<String>>,
    pub(super) name: Option<String>,
    pub(super) tls: TlsWish,
    /// What a URL says in its own words.
    pub(super) options: Vec<(String, String)>,
}

impl From<Url> for Parts {
    fn from(url: Url) -> Self {
        Self {
            hosts: url.hosts,
            port: None,
            socket: None,
            user: url.user,
            password: url.password.map(Secret::new),
            name: url.name,
            tls: TlsWish::default(),
            options: url.options,
        }
    }
}

impl Parts {
    pub(super) fn of_server(server: &ServerSpec, password: Option<Secret<String>>) -> Result<Self, String> {
        let port = server.port.as_ref().map(|port| port.value.get());
        let hosts = server.host.as_ref().map_or("", |host| &host.value).split(',').map(str::trim);
        let hosts: Vec<_> = hosts.filter(|host| !host.is_empty()).map(|host| (host.to_owned(), port)).collect();
        let texts = [&server.host, &server.name].into_iter().flatten().chain([&server.user]);
        if texts.into_iter().any(|text| text.contains('\0')) {
            return Err("it holds a NUL character".to_owned());
        }
        let tls = server.tls.as_ref().map_or_else(TlsWish::default, |tls| TlsWish::of_spec(tls));
        Ok(Self {
            hosts,
            port,
            socket: server.socket.as_ref().map(|socket| socket.as_str().to_owned()),
            user: Some(server.user.value.clone()),
            password,
            name: server.name.as_ref().map(|name| name.value.clone()),
            tls,
            options: Vec::new(),
        })
    }
}
