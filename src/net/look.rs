//! One look at something that is waited for.

use std::io;
use std::pin::Pin;
use std::time::Duration;

use super::{block_on, concurrent};

/// Why something is not ready.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Lack {
    pub(crate) cause: String,
    /// Nothing of what was asked for is there. Otherwise somebody answers, or nobody can tell.
    pub(crate) gone: bool,
}

impl Lack {
    pub(crate) fn gone(cause: impl Into<String>) -> Self {
        Self { cause: cause.into(), gone: true }
    }

    pub(crate) fn unclear(cause: impl Into<String>) -> Self {
        Self { cause: cause.into(), gone: false }
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
    /// Whether it is as it has to be; if not, why.
    pub(super) async fn is_right(&self, limit: Duration) -> Result<(), String> {
        let found = self.look.look(limit.min(self.limit)).await;
        match found {
            Ok(()) if self.gone => Err("it is still there".to_owned()),
            Err(lack) if self.gone && lack.gone => Ok(()),
            other => other.map_err(|lack| lack.cause),
        }
    }
}

/// Looks at each once, side by side, and says why each is not as it has to be.
pub(crate) fn look_once(watches: &[&Watch<'_>], limit: Duration) -> io::Result<Vec<Result<(), String>>> {
    block_on(async { concurrent::all(watches.iter().map(|watch| watch.is_right(limit))).await })
}

/// The answer, unless the time is over before.
pub(super) async fn within(limit: Duration, look: impl Future<Output = Result<(), Lack>>) -> Result<(), Lack> {
    let silent = || Err(Lack::gone(format!("no answer within {limit:?}")));
    tokio::time::timeout(limit, look).await.unwrap_or_else(|_| silent())
}
