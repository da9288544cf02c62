//! Waiting until targets are ready.

use std::cell::RefCell;
use std::io;
use std::time::{Duration, Instant};

use super::concurrent::{First, all, first};
use super::{Backoff, Watch, block_on};
use crate::failure::{Failure, Kind};

/// How often it is told what is still awaited.
const REMINDER: Duration = Duration::from_secs(10);

/// What is waited for, and how.
#[derive(Debug)]
pub(crate) struct Wait<'a> {
    pub(crate) watches: &'a [&'a Watch<'a>],
    pub(crate) timeout: Duration,
    /// The first pause between two tries.
    pub(crate) interval: Duration,
}

/// What is known of one target.
#[derive(Debug, Default)]
struct Progress {
    tries: u32,
    ready: bool,
    cause: String,
}

/// Waits until all targets are ready. `interrupted` ends the wait at once; who made it knows why it came.
pub(crate) fn wait(wait: &Wait<'_>, interrupted: impl Future<Output = io::Result<()>>) -> Result<(), Failure> {
    let progress: Vec<RefCell<Progress>> = wait.watches.iter().map(|_| RefCell::default()).collect();
    let ended = block_on(async {
        let probes = wait.watches.iter().zip(&progress);
        let probes = all(probes.map(|(watch, progress)| wait.until_ready(watch, progress)));
        let limited = async { tokio::time::timeout(wait.timeout, first(probes, wait.remind(&progress))).await.is_ok() };
        first(interrupted, limited).await
    });
    let broken = |error: io::Error| Failure::new(Kind::Internal, format!("cannot wait: {error}"));
    match ended.map_err(broken)? {
        First::A(interrupted) => interrupted.map_err(broken),
        First::B(true) => Ok(()),
        First::B(false) => Err(wait.timed_out(&progress)),
    }
}

impl Wait<'_> {
    async fn until_ready(&self, watch: &Watch<'_>, progress: &RefCell<Progress>) {
        let (started, label) = (Instant::now(), &watch.label);
        let mut backoff = Backoff::new(self.interval);
        loop {
            // Set before the try, so that a wait that ends in the middle of it counts it.
            progress.borrow_mut().tries += 1;
            let result = watch.is_right(self.timeout, self.timeout < watch.limit).await;
            let pause = {
                let mut progress = progress.borrow_mut();
                match result {
                    Ok(()) => {
                        progress.ready = true;
                        let state = if watch.gone { "gone" } else { "ready" };
                        log::info!("`{label}` is {state} after {:.1}s", started.elapsed().as_secs_f64());
                        return;
                    }
                    Err(cause) if cause != progress.cause => {
                        log::info!("waiting for `{label}`: {cause}");
                        progress.cause = cause;
                    }
                    Err(_) => {}
                }
                backoff.pause()
            };
            tokio::time::sleep(pause).await;
        }
    }

    /// Tells from time to time what is still awaited. Never ends.
    async fn remind(&self, progress: &[RefCell<Progress>]) {
        loop {
            tokio::time::sleep(REMINDER).await;
            for (label, cause) in self.missing(progress) {
                log::info!("waiting for `{label}`: {cause}");
            }
        }
    }

    fn missing<'a>(&'a self, progress: &'a [RefCell<Progress>]) -> impl Iterator<Item = (&'a str, String)> {
        self.watches.iter().zip(progress).filter_map(|(watch, progress)| {
            let progress = progress.borrow();
            let tries = if progress.tries == 1 { "1 try".to_owned() } else { format!("{} tries", progress.tries) };
            let cause = if progress.cause.is_empty() { "no answer" } else { &progress.cause };
            (!progress.ready).then(|| (watch.label.as_str(), format!("{cause} ({tries})")))
        })
    }

    fn timed_out(&self, progress: &[RefCell<Progress>]) -> Failure {
        let notes: Vec<String> = self.missing(progress).map(|(label, cause)| format!("`{label}`: {cause}")).collect();
        let all = self.watches.len();
        let targets = if all == 1 { "the target".to_owned() } else { format!("{} of {all} targets", notes.len()) };
        // Milliseconds are of interest only in a short wait.
        let whole =
            if self.timeout.as_secs() >= 10 { Duration::from_secs(self.timeout.as_secs()) } else { self.timeout };
        let after = crate::spec::Duration::from_milliseconds(u64::try_from(whole.as_millis()).unwrap_or(u64::MAX));
        let failure = Failure::new(Kind::Timeout, format!("timed out after {after} waiting for {targets}"));
        notes.into_iter().fold(failure, Failure::note)
    }
}

#[cfg(test)]
mod tests {
    use std::io::{self, Read as _, Write as _};
    use std::net::{SocketAddr, TcpListener, TcpStream};
    use std::os::unix::net::UnixListener;
    use std::path::{Path, PathBuf};
    use std::time::{Duration, Instant};

    use super::{Wait, wait};
    use crate::failure::{Failure, Kind};
    use crate::net::{Headers, HttpLook, Look, Probe, Watch, look_once};
    use crate::root::Root;
    use crate::spec::What;

    fn target(text: &str) -> What {
        What::of_url(text).unwrap()
    }

    fn watch<'a>(what: &'a What, root: &'a Root) -> Watch<'a> {
        let look: Box<dyn Look + 'a> = match what {
            What::Target(target) => Box::new(Probe { target, root }),
            What::Http(conditions) => Box::new(HttpLook::new(conditions, None, Headers::default()).unwrap()),
            _ => panic!("not of this room"),
        };
        Watch { label: what.to_string(), gone: false, limit: Duration::from_secs(5), look }
    }

    /// Why the target is not ready, or nothing when it is.
    fn look(text: &str) -> String {
        let limit = Duration::from_millis(300);
        let (what, root) = (target(text), Root::open(Path::new("/")).unwrap());
        let looks = look_once(&[&watch(&what, &root)], limit, false).unwrap();
        looks[0].clone().err().unwrap_or_default()
    }

    fn wait_for(
        targets: &[&str],
        timeout: u64,
        interrupted: impl Future<Output = io::Result<()>>,
    ) -> Result<(), Failure> {
        let targets: Vec<What> = targets.iter().map(|text| target(text)).collect();
        let root = Root::open(Path::new("/")).unwrap();
        let timeout = Duration::from_millis(timeout);
        let watches: Vec<Watch<'_>> = targets.iter().map(|what| watch(what, &root)).collect();
        let watches: Vec<&Watch<'_>> = watches.iter().collect();
        let interval = Duration::from_millis(20);
        wait(&Wait { watches: &watches, timeout, interval }, interrupted)
    }

    /// A port of this machine on which nobody listens.
    fn free_port() -> u16 {
        TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
    }

    fn folder(name: &str) -> PathBuf {
        std::env::temp_dir().join(format!("fitout-{name}-{}", std::process::id()))
    }

    /// Answers each connection with the next answer, and gives back the requests.
    fn serve(answers: Vec<&'static str>) -> (SocketAddr, std::thread::JoinHandle<Vec<String>>) {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let answer = move |answer: &str| {
            let (mut stream, _): (TcpStream, _) = listener.accept().unwrap();
            let mut request = vec![0; 4096];
            let count = stream.read(&mut request).unwrap();
            stream.write_all(answer.as_bytes()).unwrap();
            String::from_utf8_lossy(&request[..count]).into_owned()
        };
        (address, std::thread::spawn(move || answers.into_iter().map(answer).collect()))
    }

    #[test]
    fn http_is_ready_from_200_to_399() {
        for (answer, wanted) in [
            ("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok", ""),
            ("HTTP/1.1 204 No Content\r\n\r\n", ""),
            ("HTTP/1.1 302 Found\r\nLocation: /x\r\nContent-Length: 0\r\n\r\n", ""),
            // The body that was announced never comes, and is not waited for.
            ("HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n", ""),
            ("HTTP/1.0 200 OK\r\n\r\nto the end", ""),
            ("HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n", "answered with status 404"),
            ("HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n", "answered with status 503"),
            ("SSH-2.0-OpenSSH\r\n", "no HTTP answer: invalid HTTP version parsed"),
            ("", "no HTTP answer: connection closed before message completed"),
        ] {
            let (address, server) = serve(vec![answer]);
            let cause = look(&format!("http://{address}/health?full=1"));
            assert_eq!(cause, wanted, "{answer:?}");
            let request = server.join().unwrap().remove(0).to_lowercase();
            assert!(request.starts_with("get /health?full=1 http/1.1\r\n"), "{request}");
            for header in [format!("host: {address}\r\n"), "user-agent: fitout/".into(), "connection: close\r\n".into()]
            {
                assert!(request.contains(&header), "{header} {request}");
            }
        }
    }

    #[test]
    #[allow(clippy::disallowed_methods, reason = "test files")]
    fn causes_are_told() {
        let socket = folder("socket");
        let listener = UnixListener::bind(&socket).unwrap();
        assert_eq!(look(&format!("unix://{}", socket.display())), "");
        assert_eq!(look(&format!("file://{}", socket.display())), "");
        drop(listener);
        assert_eq!(look(&format!("unix://{}", socket.display())), "connection refused");
        std::fs::remove_file(&socket).unwrap();
        assert_eq!(look(&format!("unix://{}", socket.display())), "no such file or directory");
        assert_eq!(look(&format!("file://{}", socket.display())), "no such file");
        assert_eq!(look(&format!("tcp://127.0.0.1:{}", free_port())), "connection refused");
        let cause = look("tcp://host.invalid:80");
        assert!(cause.starts_with("cannot resolve `host.invalid`: ") || cause == "no answer within 300ms", "{cause}");

        let silent = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = silent.local_addr().unwrap();
        assert_eq!(look(&format!("tcp://{address}")), "");
        assert_eq!(look(&format!("http://{address}/")), "no answer within 300ms");
    }

    #[test]
    #[allow(clippy::disallowed_methods, reason = "test files")]
    fn targets_that_become_ready_one_after_the_other() {
        let (port, file) = (free_port(), folder("ready"));
        let (address, server) = serve(vec!["HTTP/1.1 503 X\r\nContent-Length: 0\r\n\r\n", "HTTP/1.1 200 OK\r\n\r\n"]);
        let later = file.clone();
        let maker = std::thread::spawn(move || {
            std::thread::sleep(Duration::from_millis(100));
            std::fs::write(later, "").unwrap();
            std::thread::sleep(Duration::from_millis(100));
            TcpListener::bind(("127.0.0.1", port)).unwrap()
        });
        let targets =
            [format!("tcp://127.0.0.1:{port}"), format!("file://{}", file.display()), format!("http://{address}")];
        let started = Instant::now();
        // The listener lives in the thread's result, so that it stays open.
        wait_for(&targets.each_ref().map(String::as_str), 10_000, std::future::pending()).unwrap();
        assert!(started.elapsed() >= Duration::from_millis(200));
        assert_eq!(server.join().unwrap().len(), 2);
        drop(maker.join().unwrap());
        std::fs::remove_file(&file).unwrap();
    }

    #[test]
    fn a_timeout_names_what_is_missing() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let open = format!("tcp://{}", listener.local_addr().unwrap());
        let closed = format!("tcp://127.0.0.1:{}", free_port());
        let started = Instant::now();
        let failure = wait_for(&[&closed, &open, "file:///missing"], 250, std::future::pending()).unwrap_err();
        assert!((250..5000).contains(&started.elapsed().as_millis()));
        assert_eq!(failure.kind(), Kind::Timeout);
        assert_eq!(failure.to_string(), "timed out after 250ms waiting for 2 of 3 targets");
        let notes = &failure.details().notes;
        assert_eq!(notes.len(), 2);
        assert!(notes[0].starts_with(&format!("`{closed}`: connection refused (")), "{notes:?}");
        assert!(
            notes[1].starts_with("`file:///missing`: no such file (") && notes[1].ends_with(" tries)"),
            "{notes:?}"
        );
        let failure = wait_for(&["file:///missing"], 1, std::future::pending()).unwrap_err();
        assert_eq!(failure.to_string(), "timed out after 1ms waiting for the target");
        drop(listener);
    }

    #[test]
    fn an_interrupt_ends_the_wait_at_once() {
        let interrupt = crate::process::Interrupt::manual().unwrap();
        let later = interrupt.clone();
        let trigger = std::thread::spawn(move || {
            std::thread::sleep(Duration::from_millis(100));
            later.trigger(2);
        });
        let started = Instant::now();
        wait_for(&["file:///missing"], 60_000, interrupt.wait()).unwrap();
        assert!(started.elapsed() < Duration::from_secs(2));
        assert!(interrupt.check().is_err());
        trigger.join().unwrap();
    }
}
