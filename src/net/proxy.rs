//! Which proxy a request goes through, by the variables that other programs know too.
//!
//! `https_proxy` and `HTTPS_PROXY`, `http_proxy` and `HTTP_PROXY`, then `all_proxy` and `ALL_PROXY`; not for what `no_proxy` or
//! `NO_PROXY` names. The lower-case name wins. `HTTP_PROXY` is not looked at where `REQUEST_METHOD` is set: there whoever sent
//! a request to a CGI program has set it, with a header `Proxy`.

use core::net::IpAddr;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::failure::{Failure, Kind};
use crate::process::Environment;
use crate::secret::{Scrubber, Secret};
use crate::spec::HttpUrl;

/// The port of a proxy that names none.
const DEFAULT_PORT: u16 = 80;

/// A proxy that speaks HTTP.
#[derive(Debug)]
pub(crate) struct Proxy {
    pub(super) host: String,
    pub(super) port: u16,
    /// The value of `Proxy-Authorization`.
    pub(super) authorization: Option<Secret<String>>,
}

/// The proxy for a URL. The scrubber learns its password before any message can hold it.
pub(crate) fn proxy(url: &HttpUrl, environment: &Environment, scrubber: &Scrubber) -> Result<Option<Proxy>, Failure> {
    let get = |name: &str| environment.get(name).and_then(|value| value.to_str()).filter(|value| !value.is_empty());
    if ["no_proxy", "NO_PROXY"].into_iter().find_map(get).is_some_and(|list| is_excluded(url.host(), url.port(), list))
    {
        return Ok(None);
    }
    let names = if url.is_secure() {
        ["https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"]
    } else if environment.get("REQUEST_METHOD").is_some() {
        ["http_proxy", "http_proxy", "all_proxy", "ALL_PROXY"]
    } else {
        ["http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"]
    };
    let Some((name, value)) = names.into_iter().find_map(|name| Some((name, get(name)?))) else { return Ok(None) };
    parse(value.trim(), scrubber)
        .map(Some)
        .map_err(|cause| Failure::new(Kind::Input, format!("cannot use the proxy that `{name}` names: {cause}")))
}

fn parse(text: &str, scrubber: &Scrubber) -> Result<Proxy, String> {
    let rest = match text.split_once("://") {
        Some((scheme, rest)) if scheme.eq_ignore_ascii_case("http") => rest,
        Some(_) => return Err("only proxies of the form `http://host:port` are known".to_owned()),
        None => text,
    };
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let (credentials, address) = match authority.rsplit_once('@') {
        Some((credentials, address)) => (Some(credentials), address),
        None => (None, authority),
    };
    let authorization = credentials.map(|credentials| {
        let (user, password) = credentials.split_once(':').unwrap_or((credentials, ""));
        let plain = [percent_decoded(user), b":".to_vec(), percent_decoded(password)].concat();
        let encoded = STANDARD.encode(&plain);
        let plain = String::from_utf8_lossy(&plain).into_owned();
        for secret in [password, plain.split_once(':').map_or("", |(_, password)| password), &plain, &encoded] {
            scrubber.learn(secret);
        }
        Secret::new(format!("Basic {encoded}"))
    });
    let address = if address.contains(':') && !address.ends_with(']') {
        address.to_owned()
    } else {
        format!("{address}:{DEFAULT_PORT}")
    };
    let url = HttpUrl::try_from(format!("http://{address}"));
    let url = url.map_err(|_| "its host or its port is not valid".to_owned())?;
    Ok(Proxy { host: url.host().to_owned(), port: url.port(), authorization })
}

/// Whether a list names the host: `*`, a name with everything below it, an address, a network, each but `*` and networks also
/// with a port. Names are not looked up to be held against addresses.
fn is_excluded(host: &str, port: u16, list: &str) -> bool {
    let address: Option<IpAddr> = host.parse().ok();
    list.split([',', ' ', '\t']).map(str::trim).filter(|entry| !entry.is_empty()).any(|entry| {
        if entry == "*" {
            return true;
        }
        if let (Some((network, length)), Some(address)) = (entry.split_once('/'), address) {
            return network.parse().is_ok_and(|network| is_within(address, network, length));
        }
        let (entry, wanted) = split_port(entry);
        if wanted.is_some_and(|wanted| wanted != port) {
            return false;
        }
        match (address, entry.parse::<IpAddr>()) {
            (Some(address), Ok(entry)) => address == entry,
            (None, Err(_)) => {
                let entry = entry.trim_start_matches('*').trim_start_matches('.').to_ascii_lowercase();
                let before = host.strip_suffix(entry.as_str());
                !entry.is_empty() && before.is_some_and(|before| before.is_empty() || before.ends_with('.'))
            }
            _ => false,
        }
    })
}

/// An entry and its port; the colons of an address are no port.
fn split_port(entry: &str) -> (&str, Option<u16>) {
    if let Some((address, port)) = entry.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        return (address, port.strip_prefix(':').and_then(|port| port.parse().ok()));
    }
    match entry.split_once(':') {
        Some((name, port)) if !port.contains(':') => (name, port.parse().ok()),
        _ => (entry, None),
    }
}

fn is_within(address: IpAddr, network: IpAddr, length: &str) -> bool {
    let (address, network, width) = match (address, network) {
        (IpAddr::V4(address), IpAddr::V4(network)) => (u32::from(address).into(), u32::from(network).into(), 32),
        (IpAddr::V6(address), IpAddr::V6(network)) => (u128::from(address), u128::from(network), 128),
        _ => return false,
    };
    match length.parse::<u32>() {
        Ok(0) => true,
        Ok(length) if length <= width => (address ^ network) >> (width - length) == 0,
        _ => false,
    }
}

fn percent_decoded(text: &str) -> Vec<u8> {
    let mut decoded = Vec::new();
    let mut rest = text.as_bytes();
    while let [first, after @ ..] = rest {
        let digits = after.get(..2).and_then(|digits| std::str::from_utf8(digits).ok());
        match digits.and_then(|digits| u8::from_str_radix(digits, 16).ok()).filter(|_| *first == b'%') {
            Some(byte) => {
                decoded.push(byte);
                rest = &after[2..];
            }
            None => {
                decoded.push(*first);
                rest = after;
            }
        }
    }
    decoded
}

#[cfg(test)]
mod tests {
    use std::ffi::OsString;

    use super::{Environment, HttpUrl, Scrubber, is_excluded, proxy};

    fn chosen(url: &str, variables: &[(&str, &str)]) -> Result<Option<String>, String> {
        let environment: Environment =
            variables.iter().map(|(name, value)| (OsString::from(name), OsString::from(value))).collect();
        let url = HttpUrl::try_from(url.to_owned()).unwrap();
        let proxy = proxy(&url, &environment, &Scrubber::default()).map_err(|failure| failure.to_string())?;
        Ok(proxy.map(|proxy| {
            let authorization = proxy.authorization.map_or(String::new(), |secret| format!(" {}", secret.expose()));
            format!("{}:{}{authorization}", proxy.host, proxy.port)
        }))
    }

    #[test]
    fn variables() {
        for (url, variables, wanted) in [
            ("https://a/", &[("HTTPS_PROXY", "http://p:3128")][..], Some("p:3128")),
            ("https://a/", &[("HTTPS_PROXY", "http://p:3128"), ("https_proxy", "q:1/")], Some("q:1")),
            ("https://a/", &[("HTTP_PROXY", "p:3128")], None),
            ("https://a/", &[("ALL_PROXY", "p")], Some("p:80")),
            ("https://a/", &[("https_proxy", ""), ("all_proxy", "p:1")], Some("p:1")),
            ("http://a/", &[("HTTPS_PROXY", "p:3128")], None),
            ("http://a/", &[("HTTP_PROXY", "p:3128")], Some("p:3128")),
            ("http://a/", &[("HTTP_PROXY", "p:3128"), ("REQUEST_METHOD", "GET")], None),
            ("http://a/", &[("http_proxy", "p:3128"), ("REQUEST_METHOD", "GET")], Some("p:3128")),
            ("http://a/", &[("http_proxy", "http://[::1]:3128")], Some("::1:3128")),
            ("http://a/", &[("http_proxy", "http://[::1]")], Some("::1:80")),
            ("http://a/", &[("http_proxy", "http://u:p%40:w@p:1")], Some("p:1 Basic dTpwQDp3")),
            ("http://a/", &[("http_proxy", "http://u@p:1")], Some("p:1 Basic dTo=")),
            ("http://a/", &[("http_proxy", "p:1"), ("no_proxy", "a")], None),
            ("http://a/", &[("http_proxy", "p:1"), ("NO_PROXY", "b"), ("no_proxy", "")], Some("p:1")),
        ] {
            assert_eq!(chosen(url, variables), Ok(wanted.map(str::to_owned)), "{url} {variables:?}");
        }
        for value in ["socks5://p:1", "https://u:hunter2@p:1", "http://u:hunter2@p:99999", "http://", "p:x"] {
            let cause = chosen("https://a/", &[("HTTPS_PROXY", value)]).unwrap_err();
            assert!(cause.starts_with("cannot use the proxy that `HTTPS_PROXY` names: "), "{cause}");
            assert!(!cause.contains("hunter2"), "{cause}");
        }
    }

    #[test]
    fn exclusions() {
        for (list, host, port, wanted) in [
            ("*", "a", 80, true),
            ("", "a", 80, false),
            ("example.com", "example.com", 80, true),
            ("example.com", "x.example.com", 80, true),
            ("example.com", "badexample.com", 80, false),
            (".example.com", "x.example.com", 80, true),
            ("*.Example.com", "x.example.com", 80, true),
            (".svc,.cluster.local , localhost", "db.ns.svc", 80, true),
            ("a b,c", "c", 80, true),
            ("a:81", "a", 80, false),
            ("a:81", "a", 81, true),
            ("10.0.0.1", "10.0.0.1", 80, true),
            ("10.0.0.1:81", "10.0.0.1", 80, false),
            ("10.0.0.0/8", "10.1.2.3", 80, true),
            ("10.0.0.0/8", "11.1.2.3", 80, false),
            ("10.0.0.0/33", "10.1.2.3", 80, false),
            ("0.0.0.0/0", "10.1.2.3", 80, true),
            ("0.0.0.0/0", "a", 80, false),
            ("0.0.0.0/0", "::1", 80, false),
            ("::1", "::1", 80, true),
            ("[::1]:81", "::1", 81, true),
            ("fd00::/8", "fd12::1", 80, true),
            ("fd00::/8", "fe80::1", 80, false),
            ("1", "10.0.0.1", 80, false),
            (".", "a", 80, false),
        ] {
            assert_eq!(is_excluded(host, port, list), wanted, "{list} {host}:{port}");
        }
    }
}
