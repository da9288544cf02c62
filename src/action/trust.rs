//! `trust`: a bundle holds these certificates.

mod gather;

use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};

use self::gather::{Gathered, counted};
use super::{Change, Context, Difference, Outcome, Perform, Sign, ownership};
use crate::certificate::{self, Certificate};
use crate::failure::{Failure, Failures, Kind};
use crate::input;
use crate::root::{Attributes, Error, FileKind, Written, shown};
use crate::spec::{Base, TrustFormat, TrustSpec};

/// Bytes of a bundle that is compared.
const SIZE_LIMIT: u64 = 256 * 1024 * 1024;
/// The mode of a new bundle: everybody reads it.
const MODE: u32 = 0o644;
/// The password of every store of Java's that has no other.
const PASSWORD: &str = "changeit";
/// Where distributions keep their bundle: Debian and Alpine, Red Hat, SUSE, and others.
const SYSTEM: [&str; 5] = [
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/pki/tls/certs/ca-bundle.crt",
    "/etc/ssl/ca-bundle.pem",
    "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",
    "/etc/ssl/cert.pem",
];

/// The bundle as it should be.
pub(crate) struct Work {
    /// Nothing when only owner and mode are wrong.
    content: Option<Vec<u8>>,
    attributes: Attributes,
    /// How many certificates it holds.
    count: usize,
}

impl Perform for TrustSpec {
    type Work = Work;

    fn observe(&self, context: &Context) -> Result<Change<Work>, Failures> {
        self.check()?;
        let attributes = ownership::attributes(self.owner.as_ref(), self.mode.as_ref(), context)?;
        let certificates = self.gather(context)?;
        let content = self.write(&certificates, context)?;
        let count = certificates.len();
        let path = self.path.as_path();
        let cannot = |error: Error| error.cannot("read", shown(path)).at(self.path.span);
        let found = context.root.metadata(path).map_err(cannot)?;
        let Some(metadata) = found else {
            let attributes = Attributes { mode: attributes.mode.or(Some(MODE)), ..attributes };
            let description = ownership::description(FileKind::File, attributes);
            let detail = format!("{description}, {}", counted(count));
            let difference = Difference::new(Sign::Create, shown(path), detail);
            return Ok(Change::new(vec![difference], Work { content: Some(content), attributes, count }));
        };
        let mut details = Vec::new();
        let mut work = Work { content: None, attributes, count };
        match metadata.kind {
            FileKind::Directory => {
                let message = format!("cannot write `{}`: it is a directory", shown(path));
                return Err(Failure::new(Kind::FileSystem, message).at(self.path.span).into());
            }
            FileKind::File => {
                let same_size = metadata.size == content.len() as u64;
                if !same_size || context.root.read(path, SIZE_LIMIT).map_err(cannot)? != content {
                    details.push(format!("content, {}", counted(count)));
                    work.content = Some(content);
                }
                details.extend(ownership::differences(&metadata, attributes));
            }
            FileKind::Link | FileKind::Other => {
                details.push("is not a regular file and is replaced by one".to_owned());
                work.attributes.mode = attributes.mode.or(Some(MODE));
                work.content = Some(content);
            }
        }
        let differences = match details.as_slice() {
            [] => Vec::new(),
            details => vec![Difference::new(Sign::Modify, shown(path), details.join(", "))],
        };
        Ok(Change::new(differences, work))
    }

    fn apply(&self, change: Change<Work>, context: &Context) -> Result<Outcome, Failures> {
        let Work { content, attributes, count } = change.work;
        let path = self.path.as_path();
        context.check_interrupt()?;
        let cannot = |error: Error| error.cannot("write", shown(path)).at(self.path.span);
        let Some(content) = content else {
            context.root.set_attributes(path, attributes).map_err(cannot)?;
            return Ok(Outcome::changed("owner or mode mended"));
        };
        if context.root.write(path, &content, attributes).map_err(cannot)? == Written::InPlace {
            log::warn!("`{}` is a mount of its own and was written in place", shown(path));
        }
        Ok(Outcome::changed(format!("{} written", counted(count))))
    }
}

impl TrustSpec {
    fn gather(&self, context: &Context) -> Result<Vec<Certificate>, Failure> {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        let mut gathered = Gathered::new(context, i64::try_from(since.as_secs()).unwrap_or(i64::MAX));
        match &self.base.value {
            Base::None => {}
            Base::File(path) => gathered.base(path.as_path(), self.base.span)?,
            Base::System => {
                let is_there = |path: &&&str| matches!(context.root.metadata_followed(Path::new(path)), Ok(Some(_)));
                let Some(path) = SYSTEM.iter().find(is_there) else {
                    let message = format!("the system has no bundle: looked for {}", SYSTEM.join(", "));
                    let hint = "`base: none` trusts only what is added, and `base: PATH` another bundle";
                    return Err(Failure::new(Kind::Input, message).at(self.base.span).at(self.path.span).hint(hint));
                };
                gathered.base(Path::new(path), self.path.span)?;
            }
        }
        for add in &self.add {
            gathered.add(add.as_path(), add.span)?;
        }
        if gathered.certificates.is_empty() {
            let message = format!("cannot make `{}`: there is no certificate to trust", self.path.value);
            return Err(Failure::new(Kind::Input, message).at(self.path.span));
        }
        Ok(gathered.certificates)
    }

    fn write(&self, certificates: &[Certificate], context: &Context) -> Result<Vec<u8>, Failure> {
        let password = match &self.password {
            Some(source) => input::read_secret(source, context.stores())?.value.expose().clone(),
            None => PASSWORD.to_owned(),
        };
        Ok(match self.format() {
            TrustFormat::Pem => certificates
                .iter()
                .map(|certificate| certificate::encode(certificate::CERTIFICATE, &certificate.der))
                .collect::<String>()
                .into_bytes(),
            TrustFormat::Pkcs12 => certificate::pkcs12(certificates, &password),
            TrustFormat::Jks => certificate::jks(certificates, &password),
        })
    }
}
