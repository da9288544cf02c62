//! Targets that a URL says all about.

use std::path::Path;
use std::time::Duration;

use tokio::net::UnixStream;

use super::look::within;
use super::stream::{cause, connect};
use super::{Lack, Look, Looking, dns};
use crate::root::Root;
use crate::spec::Target;

/// A target; paths are those of the root.
#[derive(Debug)]
pub(crate) struct Probe<'a> {
    pub(crate) target: &'a Target,
    pub(crate) root: &'a Root,
}

impl Look for Probe<'_> {
    fn look(&self, limit: Duration) -> Looking<'_> {
        Box::pin(within(limit, self.probe()))
    }
}

impl Probe<'_> {
    async fn probe(&self) -> Result<(), Lack> {
        match self.target {
            Target::Tcp { host, port } => connect(host, *port).await.map(drop).map_err(Lack::gone),
            Target::Unix(path) => {
                let connected = UnixStream::connect(self.root.host_path(Path::new(path))).await;
                connected.map(drop).map_err(|error| Lack::gone(cause(&error)))
            }
            Target::File(path) => match self.root.metadata_followed(Path::new(path)) {
                Ok(Some(_)) => Ok(()),
                Ok(None) => Err(Lack::gone("no such file")),
                Err(error) => Err(Lack::unclear(error.to_string())),
            },
            Target::Dns { name, kind } => dns::look_up(name, *kind, self.root).await,
        }
    }
}
