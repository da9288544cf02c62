//! `account`: a user has an entry in `passwd`, and his group one in `group`.

mod lines;

use nix::errno::Errno;
use nix::unistd::{Gid, Uid};

use self::lines::{Entry, Placed, place};
use super::{Change, Context, Difference, Outcome, Perform, Sign, exclusive};
use crate::document::Located;
use crate::failure::{Failure, Failures, Kind};
use crate::root::{Attributes, Error, FileKind, Written, shown};
use crate::spec::{AbsolutePath, AccountPath, AccountSpec};

/// Larger than any real file of users.
const SIZE_LIMIT: u64 = 16 * 1024 * 1024;
/// Everybody looks up names.
const MODE: u32 = 0o644;

/// Where these fields stand in an entry of `passwd`.
const GID: usize = 3;
const HOME: usize = 5;
const SHELL: usize = 6;

/// A file with its new content.
pub(crate) struct Changed<'a> {
    file: &'a Located<AbsolutePath>,
    content: Vec<u8>,
    /// What it held when that was made; nothing when it is missing.
    seen: Option<Vec<u8>>,
}

impl Perform for AccountSpec {
    type Work = ();

    fn observe(&self, context: &Context) -> Result<Change<()>, Failures> {
        let (user, named) = self.user_file(context)?;
        let (group, _) = self.group_file(context)?;
        if let Some(name) = named {
            let (uid, passwd, wished) = (self.uid(), &self.passwd.value, &self.user.value);
            log::warn!("user {uid} is `{name}` in `{passwd}` already, and is not made `{wished}`");
        }
        Ok(Change::new([user, group].into_iter().flatten().map(|(_, difference)| difference).collect(), ()))
    }

    fn apply(&self, _: Change<()>, context: &Context) -> Result<Outcome, Failures> {
        // The group first: whoever finds the user finds his group too.
        let group = self.mend(&self.group, Self::group_file, context)?;
        let user = self.mend(&self.passwd, Self::user_file, context)?;
        Ok(match usize::from(group) + usize::from(user) {
            0 => Outcome::unchanged("made by another run meanwhile"),
            1 => Outcome::changed("1 file written"),
            files => Outcome::changed(format!("{files} files written")),
        })
    }
}

/// What has to be done in a file, and the name that the number has there already when it is another one.
type Found<'a> = (Option<(Changed<'a>, Difference)>, Option<String>);

impl AccountSpec {
    /// Looks at a file again, under a lock, and writes it: another run may have changed it since.
    fn mend<'a>(
        &'a self,
        file: &'a Located<AbsolutePath>,
        look: impl Fn(&'a Self, &Context) -> Result<Found<'a>, Failure>,
        context: &Context,
    ) -> Result<bool, Failure> {
        let _lock = exclusive::lock(file.as_path(), context).map_err(|failure| self.at(file, failure))?;
        let (Some((changed, _)), _) = look(self, context)? else { return Ok(false) };
        self.write(&changed, context)?;
        Ok(true)
    }

    fn uid(&self) -> u32 {
        self.uid.as_ref().map_or_else(|| Uid::effective().as_raw(), |uid| uid.get())
    }

    fn gid(&self) -> u32 {
        self.gid.as_ref().map_or_else(|| Gid::effective().as_raw(), |gid| gid.get())
    }

    fn user_file(&self, context: &Context) -> Result<Found<'_>, Failure> {
        let or = |path: &Option<Located<AccountPath>>, default: &str| {
            path.as_ref().map_or(default, |path| path.as_str()).to_owned()
        };
        let (home, shell) = (or(&self.home, "/"), or(&self.shell, "/sbin/nologin"));
        let line = format!("{}:x:{}:{}::{home}:{shell}", self.user.as_str(), self.uid(), self.gid());
        let mut wished = Vec::new();
        if self.gid.is_some() {
            wished.push((GID, self.gid().to_string()));
        }
        if self.home.is_some() {
            wished.push((HOME, home));
        }
        if self.shell.is_some() {
            wished.push((SHELL, shell));
        }
        let entry = Entry { name: self.user.as_str(), id: self.uid(), wished: &wished, line };
        self.look(&self.passwd, "user", &entry, context)
    }

    /// A group that has a name already keeps it: many users belong to `root` or `users`.
    fn group_file(&self, context: &Context) -> Result<Found<'_>, Failure> {
        let line = format!("{}:x:{}:", self.user.as_str(), self.gid());
        let entry = Entry { name: self.user.as_str(), id: self.gid(), wished: &[], line };
        self.look(&self.group, "group", &entry, context)
    }

    fn look<'a>(
        &self,
        file: &'a Located<AbsolutePath>,
        what: &str,
        entry: &Entry<'_>,
        context: &Context,
    ) -> Result<Found<'a>, Failure> {
        let seen = self.read(file, context)?;
        let (sign, verb) = match &seen {
            Some(_) => (Sign::Modify, "entry"),
            None => (Sign::Create, "file with the entry"),
        };
        let (content, line) = match place(seen.as_deref().unwrap_or_default(), entry, self.replace) {
            Placed::Right => return Ok((None, None)),
            Placed::Named(name) => return Ok((None, Some(name))),
            Placed::Taken(id) => return Err(self.taken(file, what, entry.id, id)),
            Placed::Added(content) => (content, entry.line.clone()),
            Placed::Mended(content, line) => (content, line),
        };
        // What an old file holds in the place of the `x` is a password.
        let shown_line: Vec<&str> =
            line.split(':').enumerate().map(|(at, text)| if at == 1 { "x" } else { text }).collect();
        let detail = format!("{verb} `{}`", shown_line.join(":"));
        let difference = Difference::new(sign, file.as_str(), detail);
        Ok((Some((Changed { file, content, seen }, difference)), None))
    }

    fn read(&self, file: &Located<AbsolutePath>, context: &Context) -> Result<Option<Vec<u8>>, Failure> {
        let cannot = |error: Error| self.at(file, error.cannot("read", shown(file.as_path())));
        match context.root.metadata(file.as_path()).map_err(cannot)? {
            None => Ok(None),
            Some(metadata) if metadata.kind == FileKind::File => {
                context.root.read(file.as_path(), SIZE_LIMIT).map_err(cannot).map(Some)
            }
            Some(metadata) => {
                let message = format!("cannot edit `{}`: it is {}", file.value, metadata.kind);
                Err(self.at(file, Failure::new(Kind::FileSystem, message)))
            }
        }
    }

    fn write(&self, changed: &Changed<'_>, context: &Context) -> Result<(), Failure> {
        let path = changed.file.as_path();
        let mode = changed.seen.is_none().then_some(MODE);
        let written = context.root.write(path, &changed.content, Attributes { mode, ..Attributes::default() });
        let written = match written {
            // Images for any user make the file writable for the group, and not its directory.
            Err(error)
                if changed.seen.is_some() && matches!(error.errno(), Errno::EACCES | Errno::EPERM | Errno::EROFS) =>
            {
                match context.root.write_into(path, &changed.content, Attributes::default()) {
                    Ok(true) => Ok(Written::InPlace),
                    // Another name may be a file of somebody else.
                    Err(refused) if refused.is_hard_linked() => Err(refused),
                    _ => Err(error),
                }
            }
            written => written,
        };
        if written.map_err(|error| self.at(changed.file, error.cannot("write", shown(path))))? == Written::InPlace {
            log::warn!("`{}` cannot be replaced and was written in place", shown(path));
        }
        Ok(())
    }

    fn taken(&self, file: &Located<AbsolutePath>, what: &str, wished: u32, id: u32) -> Failure {
        let name = &self.user.value;
        let message =
            format!("cannot make {what} `{name}` with number {wished}: in `{}` it has number {id}", file.value);
        let hint = match (id, self.replace) {
            (0, _) => "choose another `user`: that of number 0 is never replaced",
            _ => "choose another `user`, or give the entry this number with `replace: true`, or `--replace`",
        };
        Failure::new(Kind::Step, message).at(self.user.span).hint(hint)
    }

    /// The place of the file's path, or of the name when the path is the default.
    fn at(&self, file: &Located<AbsolutePath>, failure: Failure) -> Failure {
        failure.at(file.span).at(self.user.span)
    }
}
