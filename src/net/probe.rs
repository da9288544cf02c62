//! One look at a target.

use std::io;
use std::path::Path;
use std::time::Duration;

use tokio::net::UnixStream;

use super::stream::{cause, connect};
use super::{Tls, block_on, concurrent, http};
use crate::root::Root;
use crate::spec::Target;

/// Whether the target is ready now; if not, why.
///
/// Paths are those of the root. `tls` is for `https`, which asks no proxy.
pub(crate) async fn probe(target: &Target, root: &Root, tls: Option<&Tls>, timeout: Duration) -> Result<(), String> {
    let look = async {
        match target {
            Target::Tcp { host, port } => connect(host, *port).await.map(drop),
            Target::Http(url) => match http::get_status(url, tls).await? {
                200..=399 => Ok(()),
                status => Err(format!("answered with status {status}")),
            },
            Target::Unix(path) => {
                UnixStream::connect(root.host_path(Path::new(path))).await.map(drop).map_err(|error| cause(&error))
            }
            Target::File(path) => match root.metadata_followed(Path::new(path)) {
                Ok(Some(_)) => Ok(()),
                Ok(None) => Err("no such file".to_owned()),
                Err(error) => Err(error.to_string()),
            },
        }
    };
    tokio::time::timeout(timeout, look).await.unwrap_or_else(|_| Err(format!("no answer within {timeout:?}")))
}

/// Probes each target once, side by side, and says why each is not ready.
pub(crate) fn probe_all(
    targets: &[&Target],
    root: &Root,
    tls: Option<&Tls>,
    timeout: Duration,
) -> io::Result<Vec<Result<(), String>>> {
    block_on(async { concurrent::all(targets.iter().map(|target| probe(target, root, tls, timeout))).await })
}
