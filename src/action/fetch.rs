//! `fetch`: a downloaded file is there.

mod sink;
mod unpacked;

use std::cell::OnceCell;
use std::ffi::OsStr;

use self::sink::Staged;
use super::checksum::{Checksum, Expected};
use super::headers::headers;
use super::{Change, Context, Difference, Outcome, Perform, Sign, authorities, ownership};
use crate::failure::{Failure, Failures, Kind};
use crate::net::{self, Download, Tls};
use crate::root::{Attributes, Directory, Error, FileKind, Growing, Metadata, Written, shown};
use crate::spec::{FetchSpec, Present};

/// What is to be done.
pub(crate) struct Work {
    attributes: Attributes,
    /// Whether the content is missing or wrong, and not only owner or mode.
    content: bool,
}

impl Perform for FetchSpec {
    type Work = Work;

    fn observe(&self, context: &Context) -> Result<Change<Work>, Failures> {
        Failures::check(self.findings())?;
        if *self.unpack {
            return self.observe_unpacked(context);
        }
        let attributes = ownership::attributes(self.owner.as_ref(), self.mode.as_ref(), context)?;
        let found = match context.root.parent(self.path.as_path()) {
            Ok((directory, name)) => self.existing(&directory, name)?.map(|metadata| (directory, name, metadata)),
            // The step that makes it may not have been carried out.
            Err(error) if error.is_not_found() => None,
            Err(error) => return Err(self.failure(&error, context).into()),
        };
        let differ = |sign, detail: String| {
            Ok(Change::new(vec![Difference::new(sign, self.path.as_str(), detail)], Work { attributes, content: true }))
        };
        let Some((directory, name, metadata)) = found else {
            let description = ownership::description(FileKind::File, attributes);
            return differ(Sign::Create, format!("{description}, from `{}`", *self.url));
        };
        match (self.if_exists(), metadata.kind) {
            (Present::Keep, _) => return Ok(Change::new(Vec::new(), Work { attributes, content: false })),
            (Present::Replace, FileKind::File) => {}
            (Present::Replace, kind) => {
                return differ(Sign::Modify, format!("in place of {kind}, from `{}`", *self.url));
            }
        }
        let Some(expected) = self.expected() else {
            return differ(Sign::Modify, format!("anew from `{}`", *self.url));
        };
        if self.digits_of(&directory, name, expected.checksum, context)? != expected.digits {
            return differ(Sign::Modify, format!("another {}, from `{}`", expected.name, *self.url));
        }
        let detail = ownership::differences(&metadata, attributes);
        let differences = detail.map(|detail| Difference::new(Sign::Modify, self.path.as_str(), detail));
        Ok(Change::new(differences.into_iter().collect(), Work { attributes, content: false }))
    }

    fn apply(&self, change: Change<Work>, context: &Context) -> Result<Outcome, Failures> {
        context.check_interrupt()?;
        let Work { attributes, content } = change.work;
        if *self.unpack {
            return self.fetch_and_unpack(attributes, context);
        }
        if !content {
            let set = context.root.set_attributes(self.path.as_path(), attributes);
            set.map_err(|error| self.failure(&error, context))?;
            return Ok(Outcome::changed("owner or mode set"));
        }
        let (directory, name) =
            context.root.parent(self.path.as_path()).map_err(|error| self.failure(&error, context))?;
        let fetched = self.fetched(&directory, context)?;
        let tries = fetched.tries();
        let Fetched { growing, digits, .. } = fetched;
        let length = growing.length();
        if !self.has_checksum() && self.is_there(&directory, name, &digits, attributes, context)? {
            return Ok(Outcome::unchanged("the same again"));
        }
        let interrupted = || context.check_interrupt().is_err();
        let written = growing.publish(name, attributes, &interrupted).map_err(|error| self.failure(&error, context))?;
        if written == Written::InPlace {
            log::warn!("`{}` is a mount of its own and was written in place", self.path.value);
        }
        Ok(Outcome::changed(format!("{length} bytes{tries}")))
    }
}

/// A file with the right checksum, and without its name yet.
struct Fetched<'a> {
    growing: Growing<&'a Directory>,
    digits: String,
    tries: u32,
}

impl Fetched<'_> {
    /// For the summary: nothing when it went well at once.
    fn tries(&self) -> String {
        if self.tries == 1 { String::new() } else { format!(" in {} tries", self.tries) }
    }
}

impl FetchSpec {
    /// Downloads to a temporary name in the directory.
    fn fetched<'a>(&self, directory: &'a Directory, context: &Context) -> Result<Fetched<'a>, Failure> {
        // What cannot be swept does no harm.
        let _ = context.root.sweep_directory(directory);
        let expected = self.expected();
        let checksum = expected.as_ref().map_or_else(Checksum::sha256, |expected| expected.checksum.clone());
        let growing = directory.grow().map_err(|error| self.failure(&error, context))?;
        let failure = |error: &Error| self.failure(error, context);
        let mut staged = Staged { growing, checksum: checksum.clone(), fresh: checksum, failure: &failure };
        let tries = self.download(&mut staged, context)?;
        let Staged { growing, checksum, .. } = staged;
        let digits = checksum.digits();
        if let Some(expected) = &expected {
            self.compare(expected, &digits, growing.length())?;
        }
        Ok(Fetched { growing, digits, tries })
    }

    fn expected(&self) -> Option<Expected> {
        let sha512 = || self.sha512.as_ref().map(Expected::sha512);
        self.sha256.as_ref().map(Expected::sha256).or_else(sha512)
    }

    /// What has the name now. What may not be replaced is refused before anything is downloaded.
    fn existing(&self, directory: &Directory, name: &OsStr) -> Result<Option<Metadata>, Failure> {
        let cannot = |error: Error| error.cannot("fetch to", &self.path.value).at(self.path.span);
        match directory.metadata(name).map_err(cannot)? {
            Some(Metadata { kind: kind @ (FileKind::Directory | FileKind::Other), .. }) => {
                let message = format!("cannot fetch to `{}`: {kind} is in its place", self.path.value);
                Err(Failure::new(Kind::FileSystem, message).at(self.path.span))
            }
            found => Ok(found),
        }
    }

    fn download(&self, staged: &mut Staged<'_, '_>, context: &Context) -> Result<u32, Failure> {
        let known = OnceCell::new();
        let tls = || -> Result<Tls, Failure> {
            if let Some(tls) = known.get() {
                return Ok(Tls::clone(tls));
            }
            let tls = authorities::tls(self.ca.as_ref(), context)?;
            Ok(known.get_or_init(|| tls).clone())
        };
        let download = Download {
            url: &self.url,
            headers: headers(&self.headers, context)?,
            redirects: self.redirects(),
            retries: self.retries,
            interval: self.interval.get(),
            idle_timeout: self.idle_timeout.get(),
            max_size: self.max_size,
            has_checksum: self.has_checksum(),
            proxy: &|url| net::proxy(url, &context.environment, &context.scrubber),
            tls: &tls,
            deadline: context.deadline,
        };
        let done = net::download(&download, staged, context.interrupt.wait());
        // The signal is the better reason, whatever else ended in the same moment.
        context.interrupt.check()?;
        let stopped = || Failure::new(Kind::Internal, "the download ended without a reason");
        done.map_err(|failure| failure.at(self.url.span))?.ok_or_else(stopped)
    }

    fn compare(&self, expected: &Expected, digits: &str, length: u64) -> Result<(), Failure> {
        if digits == expected.digits {
            return Ok(());
        }
        let message = format!("cannot fetch `{}`: the file has another checksum", *self.url);
        let name = expected.name;
        Err(Failure::new(Kind::Step, message)
            .note(format!("expected {name}: {}", expected.digits))
            .note(format!("received {name}: {digits} ({length} bytes)"))
            .hint("if the file was exchanged on purpose, put its new checksum into the plan")
            .at(expected.span))
    }

    /// Whether the file that is there has this content; it then gets owner and mode, if they differ.
    fn is_there(
        &self,
        directory: &Directory,
        name: &OsStr,
        digits: &str,
        attributes: Attributes,
        context: &Context,
    ) -> Result<bool, Failure> {
        let Some(metadata @ Metadata { kind: FileKind::File, .. }) = self.existing(directory, name)? else {
            return Ok(false);
        };
        let right = attributes.missing_in(&metadata).is_empty();
        Ok(right && self.digits_of(directory, name, Checksum::sha256(), context)? == digits)
    }

    fn digits_of(
        &self,
        directory: &Directory,
        name: &OsStr,
        checksum: Checksum,
        context: &Context,
    ) -> Result<String, Failure> {
        let cannot = |error: &Error| self.failure(error, context);
        let (file, _) = directory.open_file(name).map_err(|error| cannot(&error))?;
        checksum.of_file(&file, self.path.as_path(), context).map_err(|error| cannot(&error))
    }

    fn failure(&self, error: &Error, context: &Context) -> Failure {
        match context.check_interrupt() {
            Err(interrupt) if error.is_interrupted() => interrupt,
            _ => error.cannot("fetch to", shown(self.path.as_path())).at(self.path.span),
        }
    }
}
