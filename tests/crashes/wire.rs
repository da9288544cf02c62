//! What stands between the program and its server in a test, and kills the program at one of its messages.

use std::io::{Read as _, Write as _};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::process::Child;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};
use std::thread;

use crate::harness::Ran;

/// When the program is killed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Moment {
    /// The message never reaches the server.
    Before,
    /// The server has it, and works on it.
    During,
    /// The server has answered, and the program does not hear it.
    After,
}

pub(super) const MOMENTS: [Moment; 3] = [Moment::Before, Moment::During, Moment::After];

/// Passes on to a server whatever the program sends, up to a message.
pub(super) struct Wire {
    pub(super) port: u16,
    sent: Arc<AtomicUsize>,
    reached: Receiver<()>,
}

impl Wire {
    /// With the moment at the message of this number, counted from 0.
    pub(super) fn new(server: u16, at: Option<(usize, Moment)>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let sent = Arc::new(AtomicUsize::new(0));
        let (reach, reached) = channel();
        let (counter, reach) = (Arc::clone(&sent), Arc::new(Mutex::new(Some(reach))));
        thread::spawn(move || {
            for client in listener.incoming() {
                let (Ok(client), Ok(server)) = (client, TcpStream::connect(("127.0.0.1", server))) else { return };
                let (counter, reach) = (Arc::clone(&counter), Arc::clone(&reach));
                thread::spawn(move || pass(&client, &server, at, (&counter, &reach)));
            }
        });
        Self { port, sent, reached }
    }

    /// Waits for the end of the program, which is killed at the moment. `true`: that came.
    pub(super) fn run(&self, mut child: Child) -> (bool, Ran) {
        loop {
            if self.reached.recv_timeout(std::time::Duration::from_millis(2)).is_ok() {
                child.kill().unwrap();
                return (true, child.wait_with_output().unwrap().into());
            }
            if child.try_wait().unwrap().is_some() {
                return (false, child.wait_with_output().unwrap().into());
            }
        }
    }

    /// How many messages the program has sent.
    pub(super) fn messages(&self) -> usize {
        self.sent.load(Ordering::SeqCst)
    }
}

type Reach = Mutex<Option<Sender<()>>>;

/// The program sends one message at a time and waits for the answer, so that what is read at once is one.
fn pass(client: &TcpStream, server: &TcpStream, at: Option<(usize, Moment)>, (sent, reach): (&AtomicUsize, &Reach)) {
    let held = Arc::new(Mutex::new(false));
    thread::scope(|scope| {
        let (mut from, mut to, hold) = (server, client, Arc::clone(&held));
        scope.spawn(move || {
            let mut buffer = vec![0; 64 * 1024];
            while let Ok(count @ 1..) = from.read(&mut buffer) {
                if *hold.lock().unwrap() {
                    // The answer that is not heard: now the program can be killed.
                    say(reach);
                } else if to.write_all(&buffer[..count]).is_err() {
                    break;
                }
            }
            let _ = to.shutdown(Shutdown::Both);
        });
        let (mut from, mut to) = (client, server);
        let mut buffer = vec![0; 4 * 1024 * 1024];
        while let Ok(count @ 1..) = from.read(&mut buffer) {
            let number = sent.fetch_add(1, Ordering::SeqCst);
            let moment = at.and_then(|(at, moment)| (at == number).then_some(moment));
            match moment {
                Some(Moment::Before) => {
                    say(reach);
                    continue;
                }
                Some(Moment::After) => *held.lock().unwrap() = true,
                _ => {}
            }
            if to.write_all(&buffer[..count]).is_err() {
                break;
            }
            if moment == Some(Moment::During) {
                say(reach);
            }
        }
        // As the kernel does for a program that is gone.
        let _ = to.shutdown(Shutdown::Both);
    });
}

fn say(reach: &Reach) {
    if let Some(reach) = reach.lock().unwrap().take() {
        let _ = reach.send(());
    }
}
