//! Probes, HTTP, TLS, downloads, backoff, waiting. The only room, beside the SQL one, with an asynchronous runtime.

mod backoff;
mod concurrent;
mod connection;
mod dns;
mod download;
mod http;
mod http_look;
mod look;
mod probe;
mod proxy;
mod redis;
mod stream;
mod tls;
mod wait;

use std::io;

use crate::process::leave_signals_to_first_thread;
pub(crate) use backoff::Backoff;
#[cfg(feature = "fuzz")]
pub(crate) use dns::message;
pub(crate) use download::{Download, Headers, Sink, download};
pub(crate) use http_look::HttpLook;
pub(crate) use look::{Lack, Look, Looking, Watch, is_name_told, look_once};
pub(crate) use probe::Probe;
pub(crate) use proxy::proxy;
pub(crate) use redis::RedisLook;
pub(crate) use stream::cause;
pub(crate) use tls::{Authorities, Identity, Refusal, Tls, Trust, refused};
pub(crate) use wait::{Wait, wait};

/// Runs one piece of asynchronous work on this thread.
fn block_on<F: Future>(work: F) -> io::Result<F::Output> {
    let mut builder = tokio::runtime::Builder::new_current_thread();
    let runtime = builder.enable_all().on_thread_start(leave_signals_to_first_thread).build()?;
    let result = runtime.block_on(work);
    // A look-up of a name runs in a thread that cannot be stopped: it is left behind rather than waited for.
    runtime.shutdown_background();
    Ok(result)
}
