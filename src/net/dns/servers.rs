//! Who is asked, and for which names: `/etc/resolv.conf`.

use std::net::{IpAddr, SocketAddr};
use std::path::Path;

use crate::root::Root;

const FILE: &str = "/etc/resolv.conf";
const LIMIT: u64 = 64 * 1024;
/// As many as the libraries of C take.
const SERVERS: usize = 3;
const DOMAINS: usize = 6;
const PORT: u16 = 53;

#[derive(Debug, PartialEq, Eq)]
pub(super) struct Servers {
    pub(super) addresses: Vec<SocketAddr>,
    /// Domains that are put behind a name.
    search: Vec<String>,
    /// A name with so many dots is looked up as it stands first.
    dots: usize,
}

impl Servers {
    pub(super) fn read(root: &Root) -> Result<Self, String> {
        match root.read(Path::new(FILE), LIMIT) {
            Ok(bytes) => Ok(Self::parse(&String::from_utf8_lossy(&bytes))),
            Err(error) if error.is_not_found() => Ok(Self::parse("")),
            Err(error) => Err(error.to_string()),
        }
    }

    fn parse(text: &str) -> Self {
        let mut servers = Self { addresses: Vec::new(), search: Vec::new(), dots: 1 };
        for line in text.lines() {
            let mut words = line.split_whitespace().take_while(|word| !word.starts_with(['#', ';']));
            match words.next() {
                Some("nameserver") => servers.addresses.extend(words.next().and_then(address)),
                Some("search" | "domain") => {
                    servers.search = words.take(DOMAINS).map(|word| word.trim_end_matches('.').to_owned()).collect();
                }
                Some("options") => {
                    let dots = words.filter_map(|word| word.strip_prefix("ndots:")?.parse().ok()).last();
                    servers.dots = dots.unwrap_or(servers.dots);
                }
                _ => {}
            }
        }
        servers.addresses.truncate(SERVERS);
        if servers.addresses.is_empty() {
            servers.addresses.push(SocketAddr::new([127, 0, 0, 1].into(), PORT));
        }
        servers
    }

    /// What is asked for, in order, when somebody means `name`.
    pub(super) fn names(&self, name: &str) -> Vec<String> {
        if let Some(whole) = name.strip_suffix('.') {
            return vec![whole.to_owned()];
        }
        let mut names: Vec<String> =
            self.search.iter().filter(|domain| !domain.is_empty()).map(|domain| format!("{name}.{domain}")).collect();
        let at = if name.matches('.').count() >= self.dots { 0 } else { names.len() };
        names.insert(at, name.to_owned());
        names
    }
}

/// An address, or one in brackets with a port.
fn address(text: &str) -> Option<SocketAddr> {
    if let Some(rest) = text.strip_prefix('[') {
        let (address, port) = rest.split_once("]:")?;
        return Some(SocketAddr::new(address.parse().ok()?, port.parse().ok()?));
    }
    // Without the interface that may stand behind a local address.
    let address: IpAddr = text.split('%').next()?.parse().ok()?;
    Some(SocketAddr::new(address, PORT))
}

#[cfg(test)]
mod tests {
    use super::Servers;

    #[test]
    fn files() {
        let addresses =
            |text: &str| Servers::parse(text).addresses.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ");
        for (text, wanted) in [
            ("", "127.0.0.1:53"),
            ("nameserver 10.0.0.1\n# nameserver 10.0.0.2\nnameserver ::1 # here\n", "10.0.0.1:53 [::1]:53"),
            ("nameserver [127.0.0.1]:5353\nnameserver nonsense\nnameserver\n", "127.0.0.1:5353"),
            ("nameserver fe80::1%eth0", "[fe80::1]:53"),
            (
                "nameserver 1.1.1.1\n nameserver 2.2.2.2\nnameserver 3.3.3.3\nnameserver 4.4.4.4",
                "1.1.1.1:53 2.2.2.2:53 3.3.3.3:53",
            ),
        ] {
            assert_eq!(addresses(text), wanted, "{text:?}");
        }
    }

    #[test]
    fn names() {
        let cluster = "search app.svc.cluster.local svc.cluster.local.\noptions ndots:2\n";
        for (text, name, wanted) in [
            ("", "db", "db"),
            (cluster, "db", "db.app.svc.cluster.local db.svc.cluster.local db"),
            (cluster, "a.db.x", "a.db.x a.db.x.app.svc.cluster.local a.db.x.svc.cluster.local"),
            (cluster, "db.", "db"),
            ("search .", "db", "db"),
        ] {
            assert_eq!(Servers::parse(text).names(name).join(" "), wanted, "{name}");
        }
    }
}
