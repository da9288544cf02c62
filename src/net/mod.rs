//! Probes, HTTP, TLS, downloads, backoff, waiting. The only room, beside the SQL one, with an asynchronous runtime.

mod backoff;
mod concurrent;
mod connection;
mod download;
mod http;
mod probe;
mod proxy;
mod stream;
mod tls;
mod wait;

use std::io;

pub(crate) use backoff::Backoff;
pub(crate) use download::{Download, Headers, Sink, download};
pub(crate) use probe::{probe, probe_all};
pub(crate) use proxy::proxy;
pub(crate) use stream::cause;
pub(crate) use tls::{Authorities, Identity, Refusal, Tls, Trust, refused};
pub(crate) use wait::{Wait, wait};

/// Runs one piece of asynchronous work on this thread.
fn block_on<F: Future>(work: F) -> io::Result<F::Output> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let result = runtime.block_on(work);
    // A look-up of a name runs in a thread that cannot be stopped: it is left behind rather than waited for.
    runtime.shutdown_background();
    Ok(result)
}
