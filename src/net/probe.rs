//! One look at a target.

use std::io;
use std::path::Path;
use std::time::Duration;

use nix::errno::Errno;
use tokio::net::{TcpStream, UnixStream, lookup_host};

use super::{block_on, concurrent, http};
use crate::root::Root;
use crate::spec::Target;

/// Whether the target is ready now; if not, why.
///
/// Paths are those of the root. Names are looked up by the libc, in a thread of the runtime.
pub(crate) async fn probe(target: &Target, root: &Root, timeout: Duration) -> Result<(), String> {
    let look = async {
        match target {
            Target::Tcp { host, port } => connect(host, *port).await.map(drop),
            Target::Http { host, port, path } => {
                let stream = connect(host, *port).await?;
                match http::get_status(stream, &authority(host, *port), path).await? {
                    200..=399 => Ok(()),
                    status => Err(format!("answered with status {status}")),
                }
            }
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
pub(crate) fn probe_all(targets: &[&Target], root: &Root, timeout: Duration) -> io::Result<Vec<Result<(), String>>> {
    block_on(async { concurrent::all(targets.iter().map(|target| probe(target, root, timeout))).await })
}

/// Tries every address of the name, in the resolver's order.
async fn connect(host: &str, port: u16) -> Result<TcpStream, String> {
    let addresses =
        lookup_host((host, port)).await.map_err(|error| format!("cannot resolve `{host}`: {}", cause(&error)))?;
    let mut failed = format!("cannot resolve `{host}`: no address");
    for address in addresses {
        match TcpStream::connect(address).await {
            Ok(stream) => return Ok(stream),
            Err(error) => failed = cause(&error),
        }
    }
    Err(failed)
}

/// What stands in the `Host` header: the default port is left out, as browsers do.
fn authority(host: &str, port: u16) -> String {
    let host = if host.contains(':') { format!("[{host}]") } else { host.to_owned() };
    if port == 80 { host } else { format!("{host}:{port}") }
}

/// The cause alone, in the style of our messages: `connection refused`.
fn cause(error: &io::Error) -> String {
    let text = match error.raw_os_error() {
        Some(code) => Errno::from_raw(code).desc().to_owned(),
        // The resolver's words come behind those of the standard library.
        None => error.to_string().rsplit(": ").next().unwrap_or_default().to_owned(),
    };
    let mut characters = text.chars();
    match characters.next() {
        Some(first) if characters.clone().next().is_some_and(char::is_lowercase) => {
            first.to_lowercase().chain(characters).collect()
        }
        _ => text,
    }
}
