//! A look that blocks, in a thread of its own.

use std::sync::Arc;
use std::thread::Scope;
use std::time::Duration;

use tokio::sync::oneshot;

use crate::net::{Lack, Look, Looking};
use crate::process::leave_signals_to_first_thread;

/// Ends by itself when the time is over or a signal came: whoever is not waited for any more is still waited out.
pub(super) type Work<'env> = Arc<dyn Fn(Duration) -> Result<(), Lack> + Send + Sync + 'env>;

pub(super) struct Threaded<'scope, 'env> {
    pub(super) scope: &'scope Scope<'scope, 'env>,
    pub(super) work: Work<'env>,
}

impl Look for Threaded<'_, '_> {
    fn look(&self, limit: Duration) -> Looking<'_> {
        let (sender, receiver) = oneshot::channel();
        let work = Arc::clone(&self.work);
        self.scope.spawn(move || {
            leave_signals_to_first_thread();
            // Nobody may be waiting any more.
            let _ = sender.send(work(limit));
        });
        Box::pin(async move { receiver.await.unwrap_or_else(|_| Err(Lack::unclear("the look at it failed"))) })
    }
}
