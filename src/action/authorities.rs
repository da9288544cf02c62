//! The authorities whose certificates are trusted: those of the plan, or those of the system.

use std::path::Path;

use super::Context;
use crate::document::Located;
use crate::failure::{Failure, Kind};
use crate::net::Tls;
use crate::spec::AbsolutePath;

/// Where systems keep their bundle, in the order in which it is looked for.
const BUNDLES: [&str; 6] = [
    // Debian, Ubuntu, Alpine, Arch
    "/etc/ssl/certs/ca-certificates.crt",
    // Fedora, Red Hat, Amazon
    "/etc/pki/tls/certs/ca-bundle.crt",
    "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",
    // openSUSE
    "/etc/ssl/ca-bundle.pem",
    // Alpine, OpenBSD
    "/etc/ssl/cert.pem",
    // OpenELEC
    "/etc/pki/tls/cacert.pem",
];

/// The variable that names another bundle, as for OpenSSL.
const VARIABLE: &str = "SSL_CERT_FILE";

/// Bytes of a bundle. The longest of a distribution has about 600 KB.
const LIMIT: u64 = 16 * 1024 * 1024;

/// TLS that trusts the authorities of the file, or else those of the system: of the file that `SSL_CERT_FILE` names, or the
/// first one that is there.
pub(super) fn tls(ca: Option<&Located<AbsolutePath>>, context: &Context) -> Result<Tls, Failure> {
    if let Some(ca) = ca {
        return read(ca.as_path(), true, context).map_err(|failure| failure.at(ca.span));
    }
    let named = context.environment.get(VARIABLE).filter(|path| !path.is_empty());
    if let Some(path) = named {
        return read(Path::new(path), false, context).map_err(|failure| failure.note(format!("named by `{VARIABLE}`")));
    }
    for path in BUNDLES.map(Path::new) {
        if context.root.metadata_followed(path).is_ok_and(|found| found.is_some()) {
            return read(path, false, context);
        }
    }
    let failure =
        Failure::new(Kind::FileSystem, "cannot check the server: this system has no certificates of authorities");
    let hint = format!("mount a bundle at `{}`, name one in `{VARIABLE}`, or in the step with `ca`", BUNDLES[0]);
    Err(failure.note(format!("looked for {}", BUNDLES.map(|path| format!("`{path}`")).join(", "))).hint(hint))
}

fn read(path: &Path, written: bool, context: &Context) -> Result<Tls, Failure> {
    let cannot = "read the certificates";
    let pem = context.root.read(path, LIMIT).map_err(|error| error.cannot(cannot, path.display()))?;
    Tls::new(&pem, written).map_err(|cause| {
        let message = format!("cannot {cannot} `{}`: {cause}", path.display());
        Failure::new(Kind::Input, message).hint("the file holds one or more blocks `-----BEGIN CERTIFICATE-----`")
    })
}
