//! The certificates of a bundle, each once, and what is told of them.

use std::collections::HashSet;
use std::ffi::OsStr;
use std::path::Path;

use crate::action::Context;
use crate::certificate::{self, Certificate, date};
use crate::failure::{Failure, Kind, Span};
use crate::root::{FileKind, Source, shown};

/// Bytes of one file. The bundle of a system has a quarter of a megabyte.
const SIZE_LIMIT: u64 = 16 * 1024 * 1024;
/// The names in a directory that are read.
const SUFFIXES: [&str; 3] = ["pem", "crt", "cer"];

/// The certificates so far, in the order in which they were found.
pub(super) struct Gathered<'a> {
    pub(super) certificates: Vec<Certificate>,
    seen: HashSet<Vec<u8>>,
    context: &'a Context,
    /// Seconds since 1970.
    now: i64,
}

impl<'a> Gathered<'a> {
    pub(super) fn new(context: &'a Context, now: i64) -> Self {
        Self { certificates: Vec::new(), seen: HashSet::new(), context, now }
    }

    /// Adds the bundle that others chose: what is wrong with its certificates is counted, and not told one by one.
    pub(super) fn base(&mut self, path: &Path, span: Span) -> Result<(), Failure> {
        let certificates = self.read(path, span)?;
        if certificates.is_empty() {
            return Err(refusal(path, span, "it holds no certificate").hint("a base is a PEM file"));
        }
        let expired = certificates.iter().filter(|(_, certificate)| certificate.not_after < self.now).count();
        for (_, certificate) in certificates {
            self.keep(certificate);
        }
        log::info!("`{}` holds {}, {expired} of them expired", shown(path), counted(self.certificates.len()));
        Ok(())
    }

    /// Adds a file, or the files of a directory.
    pub(super) fn add(&mut self, path: &Path, span: Span) -> Result<(), Failure> {
        let cannot = |error: crate::root::Error| error.cannot("read", shown(path)).at(span);
        match self.context.root.source(path).map_err(cannot)? {
            Source::File(..) => {
                if self.add_file(path, span)? == 0 {
                    return Err(refusal(path, span, "it holds no certificate"));
                }
                Ok(())
            }
            Source::Directory(_) => self.add_directory(path, span),
        }
    }

    fn add_directory(&mut self, path: &Path, span: Span) -> Result<(), Failure> {
        let cannot = |error: crate::root::Error| error.cannot("read", shown(path)).at(span);
        let mut files = 0;
        for entry in self.context.root.list(path).map_err(cannot)? {
            self.context.check_interrupt()?;
            let inner = path.join(&entry.name);
            if !is_certificate_name(&entry.name) {
                continue;
            }
            let cannot = |error: crate::root::Error| error.cannot("read", shown(&inner)).at(span);
            // The files of a ConfigMap are links.
            match self.context.root.metadata_followed(&inner).map_err(cannot)?.map(|metadata| metadata.kind) {
                Some(FileKind::File) => {
                    files += 1;
                    if self.add_file(&inner, span)? == 0 {
                        log::warn!("`{}` holds no certificate", shown(&inner));
                    }
                }
                Some(FileKind::Directory) => {}
                Some(kind) => log::warn!("`{}` is left out: it is {kind}", shown(&inner)),
                None => log::warn!("`{}` is left out: it leads nowhere", shown(&inner)),
            }
        }
        if files == 0 {
            log::warn!("`{}` holds no *.pem, *.crt or *.cer file", shown(path));
        }
        Ok(())
    }

    /// Adds the certificates of a file, and tells what is wrong with them. How many it has.
    fn add_file(&mut self, path: &Path, span: Span) -> Result<usize, Failure> {
        let certificates = self.read(path, span)?;
        let count = certificates.len();
        for (line, certificate) in certificates {
            let place = format!("{}:{line}: `{}`", shown(path), certificate.subject);
            if let Some(problem) = self.problem(&certificate) {
                log::warn!("{place} {problem}");
            }
            if !self.keep(certificate) {
                log::info!("{place} is in the bundle already");
            }
        }
        Ok(count)
    }

    fn problem(&self, certificate: &Certificate) -> Option<String> {
        if certificate.not_after < self.now {
            return Some(format!("has expired on {}", date(certificate.not_after)));
        }
        if certificate.not_before > self.now {
            return Some(format!("is not valid before {}", date(certificate.not_before)));
        }
        // A server's own certificate may be trusted as it is.
        let is_of_use = certificate.is_authority || certificate.is_self_issued;
        (!is_of_use).then(|| "is not that of an authority, and most programs trust nothing by it".to_owned())
    }

    /// Whether it was not there yet.
    fn keep(&mut self, certificate: Certificate) -> bool {
        let new = self.seen.insert(certificate.der.clone());
        if new {
            self.certificates.push(certificate);
        }
        new
    }

    /// The certificates of a file with their lines.
    fn read(&self, path: &Path, span: Span) -> Result<Vec<(usize, Certificate)>, Failure> {
        let cannot = |error: crate::root::Error| error.cannot("read", shown(path)).at(span);
        let content = self.context.root.read(path, SIZE_LIMIT).map_err(cannot)?;
        let text = String::from_utf8_lossy(&content);
        let wrong = |line: usize, problem: &str| refusal(path, span, problem).note(format!("line {line} of the file"));
        let blocks = certificate::decode(&text).map_err(|(line, problem)| wrong(line, &problem.to_string()))?;
        if blocks.is_empty() && certificate::looks_like_der(&content) {
            let certificate = Certificate::read(&content).map_err(|problem| wrong(1, &problem.to_string()))?;
            return Ok(vec![(1, certificate)]);
        }
        let mut certificates = Vec::new();
        for block in blocks {
            match block.label.as_str() {
                certificate::CERTIFICATE | "X509 CERTIFICATE" => {
                    let read = Certificate::read(&block.content);
                    certificates.push((block.line, read.map_err(|problem| wrong(block.line, &problem.to_string()))?));
                }
                label if label.ends_with(certificate::PRIVATE_KEY) => {
                    let hint = "a bundle is for everybody to read: name a file with certificates only";
                    return Err(wrong(block.line, "it holds a private key").hint(hint));
                }
                "TRUSTED CERTIFICATE" => {
                    let hint = "`openssl x509 -in FILE -out OTHER` makes a plain certificate of it";
                    return Err(wrong(block.line, "it holds a certificate in the form of OpenSSL").hint(hint));
                }
                label => log::warn!("{}:{}: `{label}` is left out", shown(path), block.line),
            }
        }
        Ok(certificates)
    }
}

pub(super) fn counted(count: usize) -> String {
    if count == 1 { "1 certificate".to_owned() } else { format!("{count} certificates") }
}

fn refusal(path: &Path, span: Span, problem: &str) -> Failure {
    Failure::new(Kind::Input, format!("cannot trust `{}`: {problem}", shown(path))).at(span)
}

/// Names that begin with a dot are the machinery of mounted volumes.
fn is_certificate_name(name: &OsStr) -> bool {
    let suffix = Path::new(name).extension().unwrap_or_default().to_string_lossy().to_lowercase();
    !name.as_encoded_bytes().starts_with(b".") && SUFFIXES.contains(&suffix.as_str())
}
