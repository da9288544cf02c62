//! A file over HTTP: redirects within a policy, retries, and a broken transfer that goes on where it ended.

mod answer;

use std::cell::RefCell;
use std::io;
use std::time::{Duration, Instant};

use http_body_util::Empty;
use hyper::body::Body as _;
use hyper::header::{ACCEPT_ENCODING, HeaderMap, HeaderName, HeaderValue, IF_RANGE, PROXY_AUTHORIZATION, RANGE};
use tokio::time::timeout;

use self::answer::{Kept, Part, is_redirect, location, pause_asked_for, tells_its_end};
use super::concurrent::{First, first};
use super::http::{Exchange, request};
use super::proxy::Proxy;
use super::tls::{Refusal, Tls};
use super::{Backoff, block_on, connection};
use crate::failure::{Failure, Kind};
use crate::secret::Secret;
use crate::spec::{HttpUrl, Redirects, Size};

/// More redirects than this are taken for a circle.
const REDIRECT_LIMIT: usize = 10;

/// A server that asks for a longer pause gets this one.
const PAUSE_LIMIT: Duration = Duration::from_mins(1);

/// How often it is told how far a download is.
const REMINDER: Duration = Duration::from_secs(10);

/// What is downloaded, and how.
pub(crate) struct Download<'a> {
    pub(crate) url: &'a HttpUrl,
    pub(crate) headers: Headers,
    pub(crate) redirects: Redirects,
    pub(crate) retries: u32,
    /// The first pause between two tries.
    pub(crate) interval: Duration,
    /// A try ends when nothing came for so long.
    pub(crate) idle_timeout: Duration,
    pub(crate) max_size: Size,
    /// The caller will notice when something is missing.
    pub(crate) has_checksum: bool,
    pub(crate) proxy: &'a dyn Fn(&HttpUrl) -> Result<Option<Proxy>, Failure>,
    /// Asked once the first connection needs it.
    pub(crate) tls: &'a dyn Fn() -> Result<Tls, Failure>,
    pub(crate) deadline: Option<Instant>,
}

/// Where the bytes go.
pub(crate) trait Sink {
    /// How many bytes are there.
    fn length(&self) -> u64;

    fn append(&mut self, bytes: &[u8]) -> Result<(), Failure>;

    /// Forgets all bytes.
    fn restart(&mut self) -> Result<(), Failure>;
}

/// Headers of a request that only the origin of the URL gets.
#[derive(Debug, Default)]
pub(crate) struct Headers(HeaderMap);

impl Headers {
    /// Adds a header; an error when it cannot be sent, which does not show the value.
    pub(crate) fn add(&mut self, name: &str, value: &Secret<String>) -> Result<(), &'static str> {
        let name = HeaderName::try_from(name).map_err(|_| "its name is none")?;
        let mut value =
            HeaderValue::from_str(value.expose()).map_err(|_| "the value holds a newline or a control character")?;
        value.set_sensitive(true);
        self.0.append(name, value);
        Ok(())
    }

    /// Puts them into a request.
    pub(super) fn add_to(&self, request: &mut HeaderMap) {
        request.extend(self.0.clone());
    }
}

/// What is known while it lasts.
#[derive(Debug, Default)]
struct Progress {
    tries: u32,
    received: u64,
    total: Option<u64>,
    /// Why the last try ended.
    cause: Option<String>,
}

/// Why a try ended.
enum Stop {
    Fatal(Failure),
    Again {
        cause: String,
        hint: Option<&'static str>,
        /// How long the server wants us to wait.
        pause: Option<Duration>,
        silent: bool,
    },
}

impl From<Failure> for Stop {
    fn from(failure: Failure) -> Self {
        Self::Fatal(failure)
    }
}

impl Stop {
    fn again(cause: impl Into<String>) -> Self {
        Self::Again { cause: cause.into(), hint: None, pause: None, silent: false }
    }

    fn silent(cause: impl Into<String>) -> Self {
        Self::Again { cause: cause.into(), hint: None, pause: None, silent: true }
    }
}

/// Downloads into the sink, and says in how many tries. Nothing when it was `interrupted`: who made that knows why it came.
pub(crate) fn download(
    download: &Download<'_>,
    sink: &mut dyn Sink,
    interrupted: impl Future<Output = io::Result<()>>,
) -> Result<Option<u32>, Failure> {
    let progress = RefCell::default();
    let ended = block_on(async {
        let limited = async {
            let work = first(download.run(sink, &progress), download.remind(&progress));
            match download.deadline {
                Some(deadline) => tokio::time::timeout_at(deadline.into(), work).await.ok(),
                None => Some(work.await),
            }
        };
        first(interrupted, limited).await
    });
    let broken = |error: io::Error| Failure::new(Kind::Internal, format!("cannot wait: {error}"));
    match ended.map_err(broken)? {
        First::A(interrupted) => interrupted.map(|()| None).map_err(broken),
        First::B(Some(First::A(done))) => done.map(Some),
        First::B(Some(First::B(()))) => Ok(None),
        First::B(None) => {
            let failure = Failure::new(Kind::Timeout, "timed out: the step took longer than its `timeout`");
            Err(failure.note(download.describe(&progress.borrow())))
        }
    }
}

impl Download<'_> {
    /// Tries until it is done, or it makes no sense to go on.
    async fn run(&self, sink: &mut dyn Sink, progress: &RefCell<Progress>) -> Result<u32, Failure> {
        let started = Instant::now();
        let mut backoff = Backoff::new(self.interval);
        let mut kept = None;
        loop {
            let tries = {
                let mut progress = progress.borrow_mut();
                progress.tries += 1;
                progress.tries
            };
            let (cause, hint, asked, silent) = match self.attempt(sink, &mut kept, progress).await {
                Ok(()) => return Ok(tries),
                Err(Stop::Fatal(failure)) => return Err(failure),
                Err(Stop::Again { cause, hint, pause, silent }) => (cause, hint, pause, silent),
            };
            if tries > self.retries {
                let kind = if silent { Kind::Timeout } else { Kind::Step };
                let failure = self.cannot(&cause).with_kind(kind).maybe_hint(hint.map(str::to_owned));
                let spent = started.elapsed().as_secs_f64();
                return Err(if tries == 1 { failure } else { failure.note(format!("{tries} tries in {spent:.1}s")) });
            }
            let pause = backoff.pause().max(asked.unwrap_or_default().min(PAUSE_LIMIT));
            log::info!("cannot fetch `{}`: {cause}; trying again in {:.1}s", self.url, pause.as_secs_f64());
            progress.borrow_mut().cause = Some(cause);
            tokio::time::sleep(pause).await;
        }
    }

    async fn attempt(
        &self,
        sink: &mut dyn Sink,
        kept: &mut Option<Kept>,
        progress: &RefCell<Progress>,
    ) -> Result<(), Stop> {
        if sink.length() == 0 || kept.is_none() {
            *kept = None;
            sink.restart()?;
        }
        let (url, mut exchange) = self.follow(kept.as_ref(), sink.length()).await?;
        match Part::of(&exchange.answer, kept.as_ref(), sink.length()) {
            Part::Whole => {
                sink.restart()?;
                *kept = Kept::of(&exchange.answer, &url);
            }
            Part::Rest => {}
            Part::Wrong => {
                *kept = None;
                return Err(Stop::again("the server sent another part than the one that was asked for"));
            }
            Part::None => return Err(self.refused(&exchange)),
        }
        let total = exchange.answer.body().size_hint().exact().map(|rest| rest.saturating_add(sink.length()));
        progress.borrow_mut().total = total;
        if total.is_some_and(|total| total > self.max_size.bytes()) {
            return Err(self.too_large().into());
        }
        if !self.has_checksum && !url.is_secure() && !tells_its_end(&exchange.answer) {
            let hint = "give a checksum";
            return Err(self
                .cannot("the answer tells no length, so nobody could see that it was cut")
                .hint(hint)
                .into());
        }
        self.receive(&mut exchange, sink, progress).await
    }

    async fn receive(
        &self,
        exchange: &mut Exchange,
        sink: &mut dyn Sink,
        progress: &RefCell<Progress>,
    ) -> Result<(), Stop> {
        loop {
            let piece = timeout(self.idle_timeout, exchange.next()).await;
            let piece = piece.map_err(|_| Stop::silent(format!("nothing came for {}", self.idle())))?;
            let Some(bytes) = piece.map_err(Stop::again)? else { return Ok(()) };
            if sink.length().saturating_add(bytes.len() as u64) > self.max_size.bytes() {
                return Err(self.too_large().into());
            }
            sink.append(&bytes)?;
            progress.borrow_mut().received = sink.length();
        }
    }

    /// Asks, and goes where the answers lead, until there is one that leads nowhere else.
    async fn follow(&self, kept: Option<&Kept>, length: u64) -> Result<(HttpUrl, Exchange), Stop> {
        let mut url = self.url.clone();
        for _ in 0..=REDIRECT_LIMIT {
            let exchange = self.ask(&url, kept, length).await?;
            if !is_redirect(&exchange.answer) {
                return Ok((url, exchange));
            }
            let status = exchange.answer.status().as_u16();
            let Some(location) = location(&exchange.answer) else {
                return Err(self.cannot(&format!("answered with status {status}, which leads nowhere")).into());
            };
            let next = url.join(location).map_err(|cause| {
                let cause = cause.lines().next().unwrap_or_default().to_owned();
                self.cannot(&format!("answered with status {status}, but where that leads is no address: {cause}"))
            })?;
            if let Some(refusal) = self.redirects.refusal(self.url, &url, &next) {
                let hint = "which redirects are followed is set with `redirects`: none, same_host, https, any; never one from \
                            `https` to `http`";
                return Err(self.cannot(&format!("it is redirected to `{next}`, {refusal}")).hint(hint).into());
            }
            log::debug!("`{url}` is redirected to `{next}`");
            url = next;
        }
        Err(self.cannot(&format!("it is redirected more than {REDIRECT_LIMIT} times")).into())
    }

    /// Sends one request and reads the head of the answer.
    async fn ask(&self, url: &HttpUrl, kept: Option<&Kept>, length: u64) -> Result<Exchange, Stop> {
        let proxy = (self.proxy)(url)?;
        let tls = if url.is_secure() { Some((self.tls)()?) } else { None };
        let through = proxy.as_ref().filter(|_| !url.is_secure());
        let target = if through.is_some() { url.to_full() } else { url.target().to_owned() };
        let mut request = request(url, &target).header(ACCEPT_ENCODING, "identity");
        if let Some(kept) = kept.filter(|kept| kept.is_of(url)) {
            request = request.header(RANGE, format!("bytes={length}-")).header(IF_RANGE, kept.validator());
        }
        if let Some(headers) = request.headers_mut() {
            if let Some(authorization) = through.and_then(connection::authorization) {
                headers.insert(PROXY_AUTHORIZATION, authorization);
            }
            if url.has_same_origin(self.url) {
                headers.extend(self.headers.0.clone());
            }
        }
        let request = request.body(Empty::new()).map_err(|_| self.cannot("the address cannot be sent in a request"))?;
        let exchange = async {
            let stream = connection::open(url, proxy.as_ref(), tls.as_ref()).await.map_err(|refusal| {
                let Refusal { cause, hint, transient } = refusal;
                if transient {
                    return Stop::Again { cause, hint, pause: None, silent: false };
                }
                self.cannot_at(url, &cause).maybe_hint(hint.map(str::to_owned)).into()
            })?;
            Exchange::new(stream, request).await.map_err(Stop::again)
        };
        let answered = timeout(self.idle_timeout, exchange).await;
        answered.unwrap_or_else(|_| Err(Stop::silent(format!("no answer within {}", self.idle()))))
    }

    /// What follows from a status that brings no file.
    fn refused(&self, exchange: &Exchange) -> Stop {
        let status = exchange.answer.status();
        let reason = status.canonical_reason().map_or_else(String::new, |reason| format!(" {reason}"));
        let cause = format!("answered with status {}{reason}", status.as_u16());
        match status.as_u16() {
            408 | 425 | 429 | 500..=599 => {
                let pause = pause_asked_for(&exchange.answer);
                Stop::Again { cause, hint: None, pause, silent: false }
            }
            401 | 403 => {
                let hint = "`headers` can send a token, with `from_env` or `from_file`";
                self.cannot(&cause).hint(hint).into()
            }
            407 => {
                let hint = "put user and password into its variable, with an `@` before the host";
                self.cannot(&cause).hint(hint).into()
            }
            _ => self.cannot(&cause).into(),
        }
    }

    fn cannot(&self, cause: &str) -> Failure {
        Failure::new(Kind::Step, format!("cannot fetch `{}`: {cause}", self.url))
    }

    /// The same where a redirect has led elsewhere.
    fn cannot_at(&self, url: &HttpUrl, cause: &str) -> Failure {
        let failure = self.cannot(cause);
        if url == self.url { failure } else { failure.note(format!("redirected to `{url}`")) }
    }

    fn too_large(&self) -> Failure {
        self.cannot(&format!("it is larger than {}", self.max_size)).hint("set `max_size` higher if that is right")
    }

    fn idle(&self) -> crate::spec::Duration {
        crate::spec::Duration::from_milliseconds(u64::try_from(self.idle_timeout.as_millis()).unwrap_or(u64::MAX))
    }

    /// Tells from time to time how far it is. Never ends.
    async fn remind(&self, progress: &RefCell<Progress>) {
        loop {
            tokio::time::sleep(REMINDER).await;
            log::info!("fetching {}", self.describe(&progress.borrow()));
        }
    }

    fn describe(&self, progress: &Progress) -> String {
        let Progress { tries, received, total, cause } = progress;
        let total = total.map_or_else(String::new, |total| format!(" of {total}"));
        let cause = cause.as_ref().map_or_else(String::new, |cause| format!(", before: {cause}"));
        format!("`{}`: {received}{total} bytes (try {tries}{cause})", self.url)
    }
}
