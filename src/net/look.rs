//! One look at something that is waited for.

use std::io;
use std::pin::Pin;
use std::time::Duration;

use tokio::net::TcpStream;
use tokio::time::{Instant, timeout, timeout_at};

use super::{block_on, concurrent, stream};

/// Why something is not ready.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Lack {
    pub(crate) cause: String,
    pub(super) sign: Sign,
}

/// What a look that did not find something says of whether it is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sign {
    /// Nothing of what was asked for is there.
    Gone,
    /// Nobody has answered so far.
    Silent,
    /// Somebody answers, or nobody can tell.
    Unclear,
}

impl Lack {
    pub(crate) fn gone(cause: impl Into<String>) -> Self {
        Self { cause: cause.into(), sign: Sign::Gone }
    }

    pub(crate) fn silent(limit: Duration) -> Self {
        Self { cause: format!("no answer within {limit:?}"), sign: Sign::Silent }
    }

    pub(crate) fn unclear(cause: impl Into<String>) -> Self {
        Self { cause: cause.into(), sign: Sign::Unclear }
    }

    pub(super) fn is_unclear(&self) -> bool {
        self.sign == Sign::Unclear
    }
}

pub(crate) type Looking<'a> = Pin<Box<dyn Future<Output = Result<(), Lack>> + 'a>>;

/// Looks whether something is ready. A look ends by itself soon after `limit`.
pub(crate) trait Look {
    fn look(&self, limit: Duration) -> Looking<'_>;
}

/// Something that is waited for.
pub(crate) struct Watch<'a> {
    /// What messages call it.
    pub(crate) label: String,
    /// It has to be gone rather than ready.
    pub(crate) gone: bool,
    /// How long one look may take.
    pub(crate) limit: Duration,
    pub(crate) look: Box<dyn Look + 'a>,
}

impl std::fmt::Debug for Watch<'_> {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_tuple("Watch").field(&self.label).finish()
    }
}

impl Watch<'_> {
    /// Whether it is as it has to be; if not, why. Who is silent is gone, unless the look was a `hasty` one.
    pub(super) async fn is_right(&self, limit: Duration, hasty: bool) -> Result<(), String> {
        let found = self.look.look(limit.min(self.limit)).await;
        match found {
            Ok(()) if self.gone => Err("it is still there".to_owned()),
            Err(Lack { sign: Sign::Gone, .. }) if self.gone => Ok(()),
            Err(Lack { sign: Sign::Silent, .. }) if self.gone && !hasty => Ok(()),
            other => other.map_err(|lack| lack.cause),
        }
    }
}

/// Looks at each once, side by side, and says why each is not as it has to be. A look is `hasty` when who is there may need longer to
/// answer.
pub(crate) fn look_once(watches: &[&Watch<'_>], limit: Duration, hasty: bool) -> io::Result<Vec<Result<(), String>>> {
    block_on(async { concurrent::all(watches.iter().map(|watch| watch.is_right(limit, hasty))).await })
}

/// What is found, unless the time is over before.
pub(super) async fn within(limit: Duration, look: impl Future<Output = Result<(), Lack>>) -> Result<(), Lack> {
    timeout(limit, look).await.unwrap_or_else(|_| Err(Lack::unclear(Lack::silent(limit).cause)))
}

/// Whether the resolver says in time which addresses a name has, or that there are none.
pub(crate) fn is_name_told(host: &str, limit: Duration) -> bool {
    match block_on(async { timeout(limit, stream::resolve(host, 0)).await }) {
        Ok(Ok(Err(lack))) => !lack.is_unclear(),
        Ok(Ok(Ok(_))) => true,
        _ => false,
    }
}

/// Connects to a server and does the rest, unless the time is over before. Of a server whose address nobody tells in time nothing is
/// known.
pub(super) async fn of_server(
    limit: Duration,
    (host, port): (&str, u16),
    rest: impl AsyncFnOnce(TcpStream) -> Result<(), Lack>,
) -> Result<(), Lack> {
    let until = Instant::now() + limit;
    let unknown = |_| Err(Lack::unclear(format!("cannot resolve `{host}`: no answer within {limit:?}")));
    let addresses = timeout_at(until, stream::resolve(host, port)).await.unwrap_or_else(unknown)?;
    let asking = async { rest(stream::reach(host, addresses).await?).await };
    timeout_at(until, asking).await.unwrap_or_else(|_| Err(Lack::silent(limit)))
}
