use super::{DnsKind, StatusRange, What};

#[test]
fn targets() {
    for (text, wanted) in [
        ("tcp://db:5432", Ok("tcp://db:5432")),
        ("tcp://[::1]:5432", Ok("tcp://[::1]:5432")),
        ("http://web/health?x=1", Ok("http://web/health?...")),
        ("http://web:8080", Ok("http://web:8080/")),
        ("unix:///run/x.sock", Ok("unix:///run/x.sock")),
        ("file:///tmp/ready", Ok("file:///tmp/ready")),
        ("db:5432", Err("not a target")),
        ("tcp://db", Err("the target has no port")),
        ("tcp://db:0", Err("the target's port is not 1 to 65535")),
        ("tcp://db:99999", Err("the target's port is not 1 to 65535")),
        ("tcp://:5432", Err("the target has no valid host")),
        ("http://user:pw@web/", Err("the URL holds a user or a password")),
        ("http://web/a b", Err("the URL holds a space or another character that does not belong there")),
        ("https://web/", Ok("https://web/")),
        ("ftp://web/", Err("unknown kind of target `ftp://`")),
        ("unix://run/x.sock", Err("the path of the target is not absolute")),
        ("", Err("not a target")),
        ("dns://Db.Example.", Ok("dns://db.example.")),
        ("dns://_pg._tcp.db?SRV", Ok("dns://_pg._tcp.db?srv")),
        (
            "dns://db?any",
            Err("unknown kind of record `any`: it is one of a, aaaa, caa, cname, mx, ns, ptr, soa, srv, txt"),
        ),
        ("dns://", Err("the target has no valid name")),
        ("dns://a..b", Err("the target has no valid name")),
        ("dns://a b", Err("the target has no valid name")),
        ("redis://cache", Ok("redis://cache:6379")),
        ("rediss://app@[::1]:7000/2", Ok("rediss://app@[::1]:7000/2")),
        ("redis://:hunter2@cache", Err("the URL holds a password")),
        ("redis://app:hunter2@cache", Err("the URL holds a password")),
        ("redis://cache/x", Err("the target's path is not the number of a database")),
        ("redis://", Err("the target has no valid host")),
        ("redis://cache?ssl=true", Err("the target has no valid host")),
        ("redis://[::1]x", Err("the target has no valid host")),
        ("tcp://a\tb:1", Err("the target has no valid host")),
        ("tcp://[fe80::1%eth0]:1", Ok("tcp://[fe80::1%eth0]:1")),
        ("postgres://app@db/name?sslmode=require", Ok("postgres://app@db/name?...")),
        ("mysql://app:hunter2@db/name", Err("the URL holds a password")),
        ("sqlite://data.db", Err("the path of the database is not absolute")),
    ] {
        let what = What::of_url(text).map(|what| what.to_string());
        let what = what.map_err(|error| error.lines().next().unwrap().to_owned());
        assert_eq!(what, wanted.map(str::to_owned).map_err(str::to_owned), "{text}");
    }
    let long = format!("dns://{}", "a.".repeat(127));
    assert!(What::of_url(&long).is_ok());
    assert!(What::of_url(&format!("{long}b")).is_err());
    assert!(What::of_url(&format!("dns://{}", "a".repeat(64))).is_err());
}

#[test]
fn kinds_of_records_have_their_numbers() {
    let number = |text: &str| match What::of_url(&format!("dns://a?{text}")).unwrap() {
        What::Target(super::Target::Dns { kind, .. }) => kind.map(DnsKind::number),
        _ => None,
    };
    for (text, wanted) in [("a", 1), ("AAAA", 28), ("cname", 5), ("mx", 15), ("srv", 33), ("txt", 16), ("caa", 257)] {
        assert_eq!(number(text), Some(wanted), "{text}");
    }
}

#[test]
fn statuses() {
    let read = |text: &str| serde_json::from_str::<StatusRange>(text);
    for text in ["200", "\"200\"", "\"2xx\"", "\"200-204\"", "599"] {
        assert!(read(text).is_ok(), "{text}");
    }
    for text in ["99", "600", "\"6xx\"", "\"xx\"", "\"204-200\"", "\"+20\"", "\"2x\"", "\"\"", "true", "-200", "2.5"] {
        assert!(read(text).is_err(), "{text}");
    }
}
