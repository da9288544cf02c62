//! How passwords are proved to a server that goes through every way there is.

use super::authority::Authority;
use super::scripted::{Client, SCRAMBLE, serve, serve_socket};
use super::{MysqlAddress, refused};
use crate::hexadecimal::hexadecimal;
use crate::net::{Authorities, Tls, Trust};
use crate::sql::address::Encryption;

/// For the password `hunter2` and the scramble of the script.
const NATIVE: &str = "fb30830c3ec1c2161c75ef8c45977d684a38d8d4";
const CACHING_SHA2: &str = "38c32b38723affcda57b368b565bac628d5a852428b402c25c4ae036a4fd904f";

const SWITCH: &[u8] = b"\xfecaching_sha2_password\0abcdefghijklmnopqrst\0";
const FULL: &[u8] = &[1, 4];
const FAST: &[u8] = &[1, 3];

/// The answer to the scramble in a login, as hexadecimal digits.
fn answer_in(login: &[u8]) -> String {
    let user = 32 + "app\0".len();
    let length = usize::from(login[user]);
    hexadecimal(&login[user + 1..user + 1 + length])
}

/// Ends a login that went well in a way that the test can tell.
fn welcome(client: &mut Client) {
    client.done();
    assert!(client.receive().starts_with(b"\x03SET NAMES"));
    client.send(b"\xff\x51\x04#42000welcome");
    client.hold();
}

#[track_caller]
fn assert_welcome(address: &MysqlAddress) {
    let text = refused(address);
    assert!(text.contains("cannot begin the session: welcome (error 1105)"), "{text}");
}

#[test]
fn a_scramble_is_answered() {
    assert_eq!(SCRAMBLE.len(), 20);
    for (method, wanted) in
        [("mysql_native_password", NATIVE), ("caching_sha2_password", CACHING_SHA2), ("other", NATIVE)]
    {
        let (address, served) = serve(move |client| {
            client.greet(method);
            let login = client.receive();
            if method == "caching_sha2_password" {
                client.send(FAST);
            }
            welcome(client);
            login
        });
        assert_welcome(&address);
        let login = served.join().unwrap();
        assert_eq!(answer_in(&login), wanted, "{method}");
        assert!(login.windows(13).any(|part| part == b"fitout/migrat"), "{login:x?}");
    }
}

#[test]
fn a_server_may_want_another_proof() {
    let (address, served) = serve(|client| {
        client.greet("mysql_native_password");
        client.receive();
        client.send(SWITCH);
        let answer = client.receive();
        client.send(FAST);
        welcome(client);
        answer
    });
    assert_welcome(&address);
    assert_eq!(hexadecimal(&served.join().unwrap()), CACHING_SHA2);
    let (address, served) = serve(|client| {
        client.greet("caching_sha2_password");
        client.receive();
        client.send(b"\xfemysql_native_password\0abcdefghijklmnopqrst\0");
        let answer = client.receive();
        welcome(client);
        answer
    });
    assert_welcome(&address);
    assert_eq!(hexadecimal(&served.join().unwrap()), NATIVE);
}

#[test]
fn the_password_itself_goes_only_where_nobody_listens() {
    let clear = b"\xfemysql_clear_password\0";
    for question in [SWITCH, clear] {
        let (address, served) = serve(move |client| {
            client.greet("mysql_native_password");
            client.receive();
            client.send(question);
            if question == SWITCH {
                assert_eq!(hexadecimal(&client.receive()), CACHING_SHA2);
                client.send(FULL);
            }
            client.receive()
        });
        let text = refused(&address);
        assert!(
            text.contains("the server wants the password itself, which is not sent where others can listen"),
            "{text}"
        );
        assert!(text.contains("hint: let the connection use TLS: `ssl-mode=require`"), "{text}");
        assert!(served.join().unwrap().is_empty());

        // A socket of this machine.
        let path = std::env::temp_dir().join(format!("fitout-proof-{}-{}", std::process::id(), question.len()));
        let (address, served) = serve_socket(&path, move |client| prove(client, question));
        assert_welcome(&address);
        std::fs::remove_file(&path).unwrap();
        assert_eq!(served.join().unwrap(), b"hunter2\0");

        let authority = Authority::new();
        let config = authority.server(&["127.0.0.1"]);
        let (address, served) = serve(move |client| {
            let mut client = client.take().greet_securely("caching_sha2_password", config);
            prove_further(&mut client, question)
        });
        let trust = Trust::Named(Authorities::parse(authority.pem.as_bytes(), true).unwrap());
        let tls = Encryption::Preferred(Tls::with(trust, None).unwrap());
        assert_welcome(&MysqlAddress { tls, ..address });
        assert_eq!(served.join().unwrap(), b"hunter2\0");
    }
}

fn prove(client: &mut Client, question: &[u8]) -> Vec<u8> {
    client.greet("caching_sha2_password");
    prove_further(client, question)
}

fn prove_further(client: &mut Client, question: &[u8]) -> Vec<u8> {
    client.receive();
    client.send(if question == SWITCH { FULL } else { question });
    let answer = client.receive();
    welcome(client);
    answer
}

#[test]
fn what_is_not_known_is_refused() {
    for (question, wanted, hint) in [
        (&b"\xfe"[..], "the server wants the login of MySQL 4.0 of this user", "set the user's password anew"),
        (
            b"\xfeclient_ed25519\0abc",
            "the server wants the login `client_ed25519` of this user",
            "mysql_native_password",
        ),
        (b"\xfe\0abc", "the server wants the login `` of this user", "mysql_native_password"),
        (FULL, "the server wants the password itself", "ssl-mode"),
        (&[1, 9], "its answer to the login is not MySQL's", "check host and port"),
        (&[1], "its answer to the login is not MySQL's", "check host and port"),
        (b"", "its answer to the login is not MySQL's", "check host and port"),
        (b"\x42", "its answer to the login is not MySQL's", "check host and port"),
        (b"\xff", "its answer is not MySQL's", "check host and port"),
        (b"\xff\x15\x04#28000Access denied for user", "access denied for user (error 1045)", "check the user"),
        (b"\xff\xe3\x04plugin", "plugin (error 1251)", "let the user log in by"),
    ] {
        let (address, served) = serve(move |client| {
            client.greet("caching_sha2_password");
            client.receive();
            client.send(question);
            client.hold();
        });
        let text = refused(&address);
        assert!(text.contains(wanted) && text.contains(hint), "{question:x?}: {text}");
        served.join().unwrap();
    }
    let (address, served) = serve(|client| {
        client.greet("caching_sha2_password");
        client.receive();
        while client.send(SWITCH) && !client.receive().is_empty() {}
    });
    let text = refused(&address);
    assert!(text.contains("its login has no end"), "{text}");
    served.join().unwrap();
}
