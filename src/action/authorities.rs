//! The authorities whose certificates are trusted: those of the plan, or those of the system.

use std::path::Path;

use super::Context;
use crate::document::Located;
use crate::failure::{Failure, Kind};
use crate::net::{Authorities, Identity, Tls, Trust};
use crate::spec::{AbsolutePath, ClientTls};
use crate::sql::{Check, TlsFiles};

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
    let authorities = match ca {
        Some(ca) => authorities(Some(ca.as_path()), context).map_err(|failure| failure.at(ca.span))?,
        None => authorities(None, context)?,
    };
    Tls::with(Trust::Named(authorities), None).map_err(|cause| Failure::new(Kind::Internal, cause))
}

/// TLS to a target, with a certificate of our own where one is named. `ca` is the step's.
pub(super) fn client_tls(
    target: &ClientTls,
    ca: Option<&Located<AbsolutePath>>,
    context: &Context,
) -> Result<Tls, Failure> {
    let ca = target.ca.as_ref().or(ca);
    let Some((certificate, key)) = &target.identity else { return tls(ca, context) };
    let path = |path: &Located<AbsolutePath>| path.as_path().to_owned();
    let identity = Some((path(certificate), path(key)));
    let files = TlsFiles { check: Check::ChainAndName, ca: ca.map(path), identity };
    database_tls(&files, context).map_err(|failure| failure.at(certificate.span))
}

/// TLS to a database. The files are read anew at each call: certificates are renewed while a program waits.
pub(super) fn database_tls(files: &TlsFiles, context: &Context) -> Result<Tls, Failure> {
    let authorities = || authorities(files.ca.as_deref(), context);
    let trust = match files.check {
        Check::Nothing => Trust::Any,
        Check::Chain => Trust::Issued(authorities()?),
        Check::ChainAndName => Trust::Named(authorities()?),
    };
    let read =
        |verb: &str, path: &Path| context.root.read(path, LIMIT).map_err(|error| error.cannot(verb, path.display()));
    let refuse = |path: &Path, cause: String| {
        Failure::new(Kind::Input, format!("cannot use the certificate `{}`: {cause}", path.display()))
    };
    let Some((certificate, key)) = &files.identity else {
        return Tls::with(trust, None).map_err(|cause| Failure::new(Kind::Internal, cause));
    };
    let (public, private) = (read("read the certificate", certificate)?, read("read the private key", key)?);
    let identity = Identity::parse(&public, &private).map_err(|cause| refuse(certificate, cause))?;
    Tls::with(trust, Some(identity)).map_err(|cause| refuse(certificate, cause))
}

fn authorities(ca: Option<&Path>, context: &Context) -> Result<Authorities, Failure> {
    if let Some(path) = ca {
        return read(path, true, context);
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

fn read(path: &Path, written: bool, context: &Context) -> Result<Authorities, Failure> {
    let cannot = "read the certificates";
    let pem = context.root.read(path, LIMIT).map_err(|error| error.cannot(cannot, path.display()))?;
    Authorities::parse(&pem, written).map_err(|cause| {
        let message = format!("cannot {cannot} `{}`: {cause}", path.display());
        Failure::new(Kind::Input, message).hint("the file holds one or more blocks `-----BEGIN CERTIFICATE-----`")
    })
}
