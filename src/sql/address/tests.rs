//! Addresses, as they are written and as they are understood.

use super::{Address, Encryption, Maker};
use crate::failure::{Failure, Kind};
use crate::net::{Tls, Trust};
use crate::root::Root;
use crate::secret::Scrubber;

/// With nothing read: TLS trusts everybody.
fn parse_with(url: &str, scrubber: &Scrubber) -> Result<Address, Failure> {
    let root = Root::open(std::path::Path::new("/")).unwrap_or_else(|_| panic!("no root"));
    let tls = |_: &super::TlsFiles| Ok(Tls::with(Trust::Any, None).unwrap());
    Address::parse(url, Maker { kind: Kind::Input, scrubber, root: &root, tls: &tls })
}

pub(in crate::sql) fn parse(url: &str) -> Result<Address, Failure> {
    parse_with(url, &Scrubber::default())
}

/// What TLS an address asks for: the mode, the check and the files.
fn wish(url: &str) -> String {
    let root = Root::open(std::path::Path::new("/")).unwrap_or_else(|_| panic!("no root"));
    let asked = std::cell::RefCell::new(String::new());
    let tls = |files: &super::TlsFiles| {
        *asked.borrow_mut() = format!("{:?} {:?} {:?}", files.check, files.ca, files.identity);
        Ok(Tls::with(Trust::Any, None).unwrap())
    };
    let maker = Maker { kind: Kind::Input, scrubber: &Scrubber::default(), root: &root, tls: &tls };
    let encryption = match Address::parse(url, maker) {
        Ok(Address::Postgres(address)) => address.encryption,
        Ok(Address::Mysql(address)) => address.tls,
        Ok(Address::Sqlite(_)) => panic!("{url}"),
        Err(failure) => return failure.to_string().split(": ").nth(1).unwrap_or_default().to_owned(),
    };
    match encryption {
        Encryption::Off => "off".to_owned(),
        Encryption::Preferred(_) => format!("preferred {}", asked.borrow()),
        Encryption::Required(_) => format!("required {}", asked.borrow()),
    }
}

#[test]
fn urls() {
    for (url, wanted) in [
        ("sqlite:///data/a.db", Ok("/data/a.db")),
        ("sqlite:/data/a.db?mode=rwc", Ok("/data/a.db")),
        ("sqlite:///data/a%20b.db", Ok("/data/a b.db")),
        ("sqlite://data/a.db", Err("the path is not absolute, or holds `..`")),
        ("sqlite:///a/../b", Err("the path is not absolute, or holds `..`")),
        ("sqlite:///a?cache=shared", Err("an SQLite URL has no options but `mode=rwc`")),
        ("postgres://u:p@db:5433/app", Ok("`app` at `db:5433`")),
        ("postgresql://u@db?sslmode=prefer", Ok("`u` at `db:5432`")),
        ("postgres://u@%2Frun%2Fpg/app?sslmode=disable", Ok("`app` at `/run/pg/.s.PGSQL.5432`")),
        ("postgres://u@%2Frun%2Fpg:6/app", Ok("`app` at `/run/pg/.s.PGSQL.6`")),
        ("postgres:///app?user=u&host=/run/pg&port=7", Ok("`app` at `/run/pg/.s.PGSQL.7`")),
        ("postgres:///app?user=u&host=/run/.s.PGSQL.8", Ok("`app` at `/run/.s.PGSQL.8`")),
        ("postgres:///app?user=u&host=/run/../pg", Err("the path of its socket holds `..`")),
        ("postgres://u@[::1]:6/app", Ok("`app` at `[::1]:6`")),
        ("postgres://u@[::1]/app", Ok("`app` at `[::1]:5432`")),
        ("postgres://u@[::1/app", Err("a `[` is not closed")),
        ("postgres://u@[::1]x/app", Err("the text behind `]` is no port")),
        ("postgres://u@a,b:6,c/app", Ok("`app` at `a:5432,b:6,c:5432`")),
        ("postgres://u@a,b/app?port=6", Ok("`app` at `a:6,b:6`")),
        ("postgres://u@a,b/app?port=6,7", Ok("`app` at `a:6,b:7`")),
        ("postgres://u@a,b,c/app?port=6,7", Err("there are not as many ports as hosts")),
        ("postgres://u@/app?hostaddr=::1", Ok("`app` at `[::1]:5432`")),
        ("postgres://u@a/app?hostaddr=127.0.0.1", Ok("`app` at `a:5432`")),
        ("postgres://u@a/app?hostaddr=localhost", Err("`hostaddr` is no address")),
        ("postgres://u@a,b/app?hostaddr=::1", Err("there are not as many `hostaddr` as hosts")),
        ("postgres://u@a/app?target_session_attrs=read-write&connect_timeout=3&keepalives=0", Ok("`app` at `a:5432`")),
        ("postgres://u@a/app?connect_timeout=soon", Err("`connect_timeout` is no number")),
        ("postgres://u@a/app?channel_binding=require", Err("`channel_binding=require` is not spoken by this version")),
        ("postgres://u@a:0/app", Err("a port is no number from 1 to 65535")),
        ("postgres://u:hun/ter2@db/app", Err("a port is no number from 1 to 65535")),
        ("postgres://u@a/a%00b", Err("it holds a NUL character")),
        ("postgres://u@/app", Err("it names no host")),
        ("postgres:///app?user=u&host=", Err("it names a host without a name")),
        ("postgres://db/app", Err("it names no user")),
        ("postgres:u@db/app", Err("there is no `//` behind its scheme")),
        ("postgres://u@db/app?sslmode", Err("an option has no `=`")),
        ("postgres://u@db/app?nonsense=hunter2", Err("unknown option `nonsense`")),
        ("mysql://u:p@db/app", Ok("`app` at `db:3306`")),
        ("mariadb://u@[::1]:6/app?ssl-mode=DISABLED&charset=utf8mb4", Ok("`app` at `[::1]:6`")),
        ("mysql://u@/app?socket=/run/m.sock", Ok("`app` at `/run/m.sock`")),
        ("mysql://u@localhost/app?socket=%2Frun%2Fm.sock", Ok("`app` at `/run/m.sock`")),
        ("mysql://u@db/app?socket=m.sock", Err("the path of `socket` is not absolute, or holds `..`")),
        ("mysql://u@db/app?charset=latin1", Err("its `charset` is not `utf8mb4`, which is what files are sent in")),
        ("mysql://u@a,b/app", Err("it names more than one host")),
        ("mysql://u@db", Err("it names no database")),
        ("mysql://db/app", Err("it names no user")),
        ("mysql://u@db/app?sslmode=hunter2", Err("unknown option `sslmode`")),
        ("oracle://u:p@db/app", Err("its driver is not known")),
        ("hunter2", Err("it is not a URL")),
    ] {
        let found = match parse(url) {
            Ok(Address::Sqlite(path)) => Ok(path.display().to_string()),
            Ok(Address::Postgres(address)) => Ok(address.label),
            Ok(Address::Mysql(address)) => Ok(address.label),
            Err(failure) => Err(failure.to_string()),
        };
        let prefix = "cannot use the URL of the database: ";
        assert_eq!(found, wanted.map(str::to_owned).map_err(|cause| format!("{prefix}{cause}")), "{url}");
    }
}

#[test]
fn the_modes_of_tls() {
    for (url, wanted) in [
        ("postgres://u@db", "preferred Nothing None None"),
        ("postgres://u@db?sslmode=disable", "off"),
        ("postgres://u@db?sslmode=require", "required Nothing None None"),
        ("postgres://u@db?sslmode=require&sslrootcert=/ca", r#"required Chain Some("/ca") None"#),
        ("postgres://u@db?sslrootcert=/ca", r#"preferred Chain Some("/ca") None"#),
        ("postgres://u@db?sslmode=verify-ca", "required Chain None None"),
        ("postgres://u@db?sslmode=verify-full&sslrootcert=/ca", r#"required ChainAndName Some("/ca") None"#),
        ("postgres://u@db?sslrootcert=system", "required ChainAndName None None"),
        ("postgres://u@db?sslrootcert=system&sslmode=require", "`sslrootcert=system` needs `sslmode=verify-full`"),
        ("postgres://u@db?sslrootcert=ca.pem", "the path of `sslrootcert` is not absolute, or holds `..`"),
        ("postgres://u@db?sslcert=/c&sslkey=/k", r#"preferred Nothing None Some(("/c", "/k"))"#),
        ("postgres://u@db?sslcert=/c", "the certificate has no private key"),
        (
            "postgres://u@db?sslmode=allow",
            "`sslmode` is none of `disable`, `prefer`, `require`, `verify-ca`, `verify-full`",
        ),
        // Nobody listens on a socket.
        ("postgres://u@%2Frun?sslmode=verify-full", "off"),
        ("mysql://u@db/n", "preferred Nothing None None"),
        ("mysql://u@db/n?ssl-mode=DISABLED", "off"),
        ("mysql://u@db/n?ssl_mode=required", "required Nothing None None"),
        ("mysql://u@db/n?ssl-ca=/ca", r#"required Chain Some("/ca") None"#),
        ("mysql://u@db/n?ssl-mode=VERIFY_IDENTITY&ssl-ca=/ca", r#"required ChainAndName Some("/ca") None"#),
        ("mysql://u@db/n?ssl-mode=verify-full", "required ChainAndName None None"),
        ("mysql://u@db/n?socket=/s&ssl-mode=REQUIRED", "off"),
        ("mysql://u@db/n?ssl-key=/k", "the private key has no certificate"),
    ] {
        assert_eq!(wish(url), wanted, "{url}");
    }
}

#[test]
fn passwords_are_learned_and_not_printed() {
    for url in [
        "postgres://u:hun%2Fter2@db/app",
        "postgres://u:hun/ter2@db/app",
        "postgres://db/app?user=u&password=hun%2Fter2",
        "postgres://db/app?password=other&user=u&password=hun%2Fter2",
        "mysql://u:hun/ter2@db",
        "mysql://u:hun%2Fter2@db/app",
    ] {
        let scrubber = Scrubber::default();
        let found = parse_with(url, &scrubber);
        assert_eq!(scrubber.scrub("hun/ter2"), "<redacted>", "{url}");
        assert!(!format!("{found:?}").contains("ter2"), "{found:?}");
    }
}
