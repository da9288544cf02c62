//! `dns://`, answered by a server of the test that the root's own `resolv.conf` names.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, UdpSocket};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use crate::harness::Scene;

/// Gets each question, and says which datagrams come back.
struct NameServer {
    address: SocketAddr,
    questions: Arc<Mutex<Vec<String>>>,
}

impl NameServer {
    fn start(answer: impl Fn(&[u8], &str) -> Vec<Vec<u8>> + Send + 'static) -> Self {
        let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
        let (address, questions) = (socket.local_addr().unwrap(), Arc::new(Mutex::new(Vec::new())));
        socket.set_read_timeout(Some(Duration::from_mins(2))).unwrap();
        let kept = Arc::clone(&questions);
        std::thread::spawn(move || {
            let mut buffer = [0; 1024];
            while let Ok((length, from)) = socket.recv_from(&mut buffer) {
                let question = &buffer[..length];
                let name = name(question);
                kept.lock().unwrap().push(name.clone());
                for datagram in answer(question, &name) {
                    socket.send_to(&datagram, from).unwrap();
                }
            }
        });
        Self { address, questions }
    }

    fn scene(&self, more: &str) -> Scene {
        let scene = Scene::new();
        let server = format!("nameserver [{}]:{}\n{more}", self.address.ip(), self.address.port());
        scene.directory("etc").file("etc/resolv.conf", server);
        scene
    }
}

fn name(question: &[u8]) -> String {
    let (mut parts, mut at) = (Vec::new(), 12);
    while question[at] != 0 {
        let end = at + 1 + usize::from(question[at]);
        parts.push(String::from_utf8_lossy(&question[at + 1..end]).into_owned());
        at = end;
    }
    parts.join(".")
}

/// The answer with these flags, with one record of this kind if there is one.
fn answer(question: &[u8], flags: u16, kind: Option<u16>) -> Vec<u8> {
    let mut bytes = question.to_vec();
    bytes[2..4].copy_from_slice(&flags.to_be_bytes());
    bytes[7] = u8::from(kind.is_some());
    if let Some(kind) = kind {
        bytes.extend(b"\xc0\x0c");
        bytes.extend(kind.to_be_bytes());
        bytes.extend(b"\0\x01\0\0\0\x05\0\x02xy");
    }
    bytes
}

#[test]
fn records_of_a_kind_are_waited_for() {
    let server = NameServer::start(|question, name| {
        vec![match name {
            "_pg._tcp.db.example" => answer(question, 0x8180, Some(33)),
            "alias.example" => answer(question, 0x8180, Some(5)),
            "empty.example" => answer(question, 0x8180, None),
            "broken.example" => answer(question, 0x8182, None),
            _ => answer(question, 0x8183, None),
        }]
    });
    let scene = server.scene("");
    scene.run(&["probe", "dns://_pg._tcp.db.example?srv"]).code(0);
    scene.run(&["probe", "dns://alias.example?cname"]).code(0);
    for (target, cause) in [
        ("dns://alias.example?mx", "`alias.example` has no record `MX`"),
        ("dns://empty.example?txt", "`empty.example` has no record `TXT`"),
        ("dns://missing.example?aaaa", "there is no record `AAAA` of that name"),
        ("dns://broken.example?a", "does not help: it failed"),
    ] {
        scene.run(&["probe", target]).code(1).stderr_has(cause);
    }
    scene.run(&["probe", "--gone", "dns://missing.example?a"]).code(0);
    scene.run(&["probe", "--gone", "dns://broken.example?a"]).code(1);
    let waited = scene.run(&["wait", "dns://missing.example?a", "--timeout", "300ms"]);
    waited.code(5).stderr_has("`dns://missing.example?a`: there is no record `A` of that name (");
}

#[test]
fn search_domains_are_tried() {
    let server = NameServer::start(|question, name| {
        let found = name == "db.svc.cluster.local";
        vec![answer(question, if found { 0x8180 } else { 0x8183 }, found.then_some(1))]
    });
    let scene = server.scene("search app.svc.cluster.local svc.cluster.local cluster.local\noptions ndots:5\n");
    scene.run(&["probe", "dns://db?a"]).code(0);
    assert_eq!(*server.questions.lock().unwrap(), ["db.app.svc.cluster.local", "db.svc.cluster.local"]);
    scene.run(&["probe", "dns://db.?a"]).code(1);
}

#[test]
fn forged_and_broken_datagrams_are_passed_over() {
    let server = NameServer::start(|question, name| {
        let mut other_number = answer(question, 0x8180, Some(1));
        other_number[0] ^= 0xff;
        let mut other_name = answer(question, 0x8180, Some(1));
        other_name[13] ^= 1;
        let forged = vec![Vec::new(), vec![0xff; 1000], question.to_vec(), other_number, other_name];
        let last = if name == "real" { Some(answer(question, 0x8180, Some(1))) } else { None };
        forged.into_iter().chain(last).collect()
    });
    let scene = server.scene("");
    scene.run(&["probe", "dns://real.?a", "--timeout", "20s"]).code(0);
    scene.run(&["probe", "dns://forged.?a", "--timeout", "500ms"]).code(1).stderr_has("no answer within 500ms");
    let cut = NameServer::start(|question, _| {
        let mut cut = answer(question, 0x8180, Some(1));
        cut.truncate(question.len() + 5);
        vec![cut]
    });
    cut.scene("").run(&["probe", "dns://a.?a"]).code(1).stderr_has("does not help: its answer is nonsense");
}

#[test]
fn a_long_answer_is_asked_for_again_over_tcp() {
    let server = NameServer::start(|question, _| vec![answer(question, 0x8380, None)]);
    let listener = TcpListener::bind(server.address).unwrap();
    std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let mut length = [0; 2];
        stream.read_exact(&mut length).unwrap();
        let mut question = vec![0; usize::from(u16::from_be_bytes(length))];
        stream.read_exact(&mut question).unwrap();
        let answer = answer(&question, 0x8180, Some(16));
        stream.write_all(&u16::try_from(answer.len()).unwrap().to_be_bytes()).unwrap();
        stream.write_all(&answer).unwrap();
    });
    server.scene("").run(&["probe", "dns://long.?txt", "--timeout", "20s"]).code(0);
}

#[test]
fn a_silent_server_does_not_take_the_time_of_the_next() {
    let silent = UdpSocket::bind("127.0.0.1:0").unwrap();
    let server = NameServer::start(|question, _| vec![answer(question, 0x8180, Some(1))]);
    let scene = Scene::new();
    let line = |address: SocketAddr| format!("nameserver [{}]:{}\n", address.ip(), address.port());
    let both = line(silent.local_addr().unwrap()) + &line(server.address);
    scene.directory("etc").file("etc/resolv.conf", both);
    scene.run(&["probe", "dns://a.?a", "--timeout", "30s"]).code(0);
    // Nor that of one name after the other: the next ones are asked of the server that answered.
    let last = NameServer::start(|question, name| {
        let found = name == "a.last";
        vec![answer(question, if found { 0x8180 } else { 0x8183 }, found.then_some(1))]
    });
    let both = line(silent.local_addr().unwrap()) + &line(last.address) + "search one two three four last\n";
    scene.file("etc/resolv.conf", both);
    scene.run(&["probe", "dns://a?a", "--timeout", "30s"]).code(0);
    scene.file("etc/resolv.conf", line(silent.local_addr().unwrap()));
    scene.run(&["probe", "dns://a.?a", "--timeout", "30s"]).code(1).stderr_has("does not help: no answer");
}

#[test]
fn without_a_kind_a_name_is_looked_up_as_applications_do() {
    let scene = Scene::new();
    scene.run(&["probe", "dns://localhost"]).code(0);
    scene.run(&["probe", "dns://name.invalid", "--timeout", "10s"]).code(1);
}
