//! The addresses of this machine, and those of the servers that it asks for names.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use nix::ifaddrs::{InterfaceAddress, getifaddrs};
use nix::net::if_::InterfaceFlags;

use super::read;
use crate::root::Root;

/// The name servers of `/etc/resolv.conf`, in its order. IPv6 stands in brackets, as nginx and URLs want it.
pub(super) fn nameservers(host: &Root) -> Vec<String> {
    read(host, "/etc/resolv.conf").map(|text| servers(&text)).unwrap_or_default()
}

fn servers(text: &str) -> Vec<String> {
    let lines = text.lines().map(str::split_ascii_whitespace);
    let named = lines.filter_map(|mut words| words.next().filter(|word| *word == "nameserver").and(words.next()));
    let written = |address: &str| {
        // An address of one link has the name of the link behind it.
        match address.split('%').next()?.parse::<IpAddr>().ok()? {
            IpAddr::V4(_) => Some(address.to_owned()),
            IpAddr::V6(_) => Some(format!("[{address}]")),
        }
    };
    named.filter_map(written).collect()
}

/// The addresses of the interfaces that are up, IPv4 before IPv6; without loopback, and without those of one link, which
/// nobody can use without naming the link.
pub(super) fn addresses() -> Vec<String> {
    let interfaces = getifaddrs().into_iter().flatten();
    let up = interfaces.filter(|interface| interface.flags.contains(InterfaceFlags::IFF_UP));
    let mut addresses: Vec<IpAddr> = up.filter_map(|interface| address(&interface)).filter(is_reachable).collect();
    addresses.sort_unstable();
    addresses.dedup();
    addresses.iter().map(IpAddr::to_string).collect()
}

fn address(interface: &InterfaceAddress) -> Option<IpAddr> {
    let address = interface.address?;
    let version_4 = address.as_sockaddr_in().map(|address| IpAddr::V4(address.ip()));
    version_4.or_else(|| address.as_sockaddr_in6().map(|address| IpAddr::V6(address.ip())))
}

fn is_reachable(address: &IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => !address.is_loopback() && !address.is_unspecified() && !Ipv4Addr::is_link_local(address),
        IpAddr::V6(address) => {
            !address.is_loopback() && !address.is_unspecified() && !Ipv6Addr::is_unicast_link_local(address)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::prepared::Machine;
    use super::{addresses, is_reachable, nameservers};

    #[test]
    fn name_servers() {
        for (text, wanted) in [
            ("nameserver 10.96.0.10\nsearch a b\noptions ndots:5\n", vec!["10.96.0.10"]),
            ("# nameserver 1.1.1.1\nnameserver\t8.8.8.8 \nnameserver fd00::a\n", vec!["8.8.8.8", "[fd00::a]"]),
            ("nameserver fe80::1%eth0\n", vec!["[fe80::1%eth0]"]),
            ("nameserver\nnameserver x;y\nnameservers 1.2.3.4\n", vec![]),
            ("", vec![]),
        ] {
            assert_eq!(nameservers(&Machine::with(&[("etc/resolv.conf", text)]).root()), wanted, "{text}");
        }
        assert!(nameservers(&Machine::with(&[]).root()).is_empty());
        let huge = "nameserver 1.1.1.1\n".repeat(100_000);
        assert!(nameservers(&Machine::with(&[("etc/resolv.conf", &huge)]).root()).is_empty());
    }

    #[test]
    fn own_addresses_are_no_loopback() {
        assert!(addresses().iter().all(|address| !address.starts_with("127.") && address != "::1"));
        for (address, wanted) in [
            ("10.0.0.1", true),
            ("127.0.0.2", false),
            ("169.254.1.1", false),
            ("fd00::1", true),
            ("fe80::1", false),
            ("::1", false),
        ] {
            assert_eq!(is_reachable(&address.parse().unwrap()), wanted, "{address}");
        }
    }
}
