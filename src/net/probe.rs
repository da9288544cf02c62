//! Targets that a URL says all about.

use std::path::Path;
use std::time::Duration;

use tokio::net::UnixStream;

use super::look::{of_server, within};
use super::stream::lack;
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
        match self.target {
            Target::Tcp { host, port } => Box::pin(of_server(limit, (host, *port), async |_| Ok(()))),
            Target::Unix(path) => Box::pin(within(limit, self.unix(path))),
            Target::File(path) => Box::pin(std::future::ready(self.file(path))),
            Target::Dns { name, kind } => Box::pin(within(limit, dns::look_up(name, *kind, self.root))),
        }
    }
}

impl Probe<'_> {
    async fn unix(&self, path: &str) -> Result<(), Lack> {
        let connected = UnixStream::connect(self.root.host_path(Path::new(path))).await;
        connected.map(drop).map_err(|error| lack(&error))
    }

    fn file(&self, path: &str) -> Result<(), Lack> {
        match self.root.metadata_followed(Path::new(path)) {
            Ok(Some(_)) => Ok(()),
            Ok(None) => Err(Lack::gone("no such file")),
            Err(error) => Err(Lack::unclear(error.to_string())),
        }
    }
}
