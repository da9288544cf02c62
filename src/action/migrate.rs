//! `migrate`: the database schema has every migration of a directory.

use std::path::{Path, PathBuf};

use nix::unistd::Uid;

use super::database::{address, connect, stop};
use super::{Change, Context, Difference, Outcome, Perform, Sign, ownership};
use crate::failure::{Failure, Failures};
use crate::root::{self, Attributes, FileKind, HeldFile, Metadata};
use crate::spec::{MigrateSpec, OnNewer};
use crate::sql::{
    Address, Choice, Dialect, Migration, Rules, Run, Session, Sqlite, Table, count, lacking, migrate, read_migrations,
};

const DEFAULT_MODE: u32 = 0o640;
/// What SQLite may leave beside its file.
const COMPANIONS: [&str; 3] = ["-wal", "-shm", "-journal"];

impl Perform for MigrateSpec {
    /// All migrations, in order.
    type Work = Vec<Migration>;

    fn observe(&self, context: &Context) -> Result<Change<Self::Work>, Failures> {
        let place = |failure: Failure| failure.at(self.database.span);
        let address = address(&self.database.value, self.database.span, context)?;
        let dialect = address.dialect();
        let table = self.table(dialect)?;
        let migrations = read_migrations(&context.root, self.source.as_path(), dialect)
            .map_err(|findings| findings.map(|finding| finding.at(self.source.span)))?;
        let run = self.run(&migrations, table.as_ref());
        let mut differences = Vec::new();
        let mut session = match &address {
            Address::Sqlite(path) => {
                let file = self.file(path, context)?;
                if let Some(file) = &file {
                    differences.extend(self.ownership_difference(path, file.metadata(), context)?);
                }
                // An empty file is what a run leaves that was killed right after it had made the file.
                let used = file.filter(|file| file.metadata().size > 0);
                used.map(|file| self.open(&file, context)).transpose()?
            }
            server => Some(connect(server, &self.session, context).map_err(place)?),
        };
        let pending = match &mut session {
            Some(session) => lacking(&mut **session, &run).map_err(place)?,
            None => migrations.iter().collect(),
        };
        session.map_or(Ok(()), Session::close)?;
        differences.extend(pending.iter().map(|migration| {
            Difference::new(Sign::Run, format!("migration {}", migration.label()), format!("`{}`", migration.name))
        }));
        Ok(Change::new(differences, migrations))
    }

    fn apply(&self, change: Change<Self::Work>, context: &Context) -> Result<Outcome, Failures> {
        let migrations = change.work;
        let address = address(&self.database.value, self.database.span, context)?;
        let table = self.table(address.dialect())?;
        let run = self.run(&migrations, table.as_ref());
        let place = |failure: Failure| failure.at(self.database.span);
        let (applied, owned) = match &address {
            Address::Sqlite(path) => {
                let (session, owned) = self.open_sqlite(path, context)?;
                let migrated = migrate(session, &run).map_err(place);
                // Also after a failure: another user must be able to go on with the files that are there.
                let companions = self.own_companions(path, context);
                let migrated = migrated?;
                companions?;
                (migrated, owned)
            }
            server => {
                let session = connect(server, &self.session, context).map_err(place)?;
                (migrate(session, &run).map_err(place)?, false)
            }
        };
        Ok(match (applied, owned) {
            (0, false) => Outcome::unchanged(format!("{}, none pending", count(migrations.len()))),
            (0, true) => Outcome::changed(format!("owner set; {}, none pending", count(migrations.len()))),
            (applied, _) => Outcome::changed(format!("{} applied", count(applied))),
        })
    }
}

impl MigrateSpec {
    /// The file of the database, if there is one. Anything else in its place is refused.
    fn file(&self, path: &Path, context: &Context) -> Result<Option<HeldFile>, Failure> {
        context.root.hold_file(path).map_err(|error| self.cannot_open(&error, path))
    }

    fn cannot_open(&self, error: &root::Error, path: &Path) -> Failure {
        let failure = error.cannot("open the database", path.display()).at(self.database.span);
        if error.is_wrong_kind() { failure.hint("name a file, by its real path") } else { failure }
    }

    fn table(&self, dialect: Dialect) -> Result<Option<Table>, Failure> {
        self.table.as_ref().map(|table| Table::parse(table, dialect)).transpose()
    }

    fn run<'a>(&self, migrations: &'a [Migration], table: Option<&'a Table>) -> Run<'a> {
        let history = Choice { runner: self.history.runner(), table };
        let rules = Rules { out_of_order: self.out_of_order, refuse_newer: self.on_newer == OnNewer::Fail };
        Run { migrations, history, rules, lock_wait: self.lock_wait.get(), lock_timeout: self.lock_timeout.get() }
    }

    fn open(&self, file: &HeldFile, context: &Context) -> Result<Box<dyn Session>, Failure> {
        let session = Sqlite::open(file, &self.session, (self.lock_wait.get(), stop(context)));
        Ok(Box::new(session.map_err(|failure| failure.at(self.database.span))?))
    }

    /// Opens the file for the migrations, with the owner and, if it is new, the mode of the spec. `true`: the owner of an
    /// older file was changed.
    fn open_sqlite(&self, path: &Path, context: &Context) -> Result<(Box<dyn Session>, bool), Failure> {
        // The file is made for its owner only and has its mode before anything is written to it.
        let file = context.root.hold_or_make_file(path).map_err(|error| self.cannot_open(&error, path))?;
        let session = self.open(&file, context)?;
        warn_of_exchange(path, context);
        let (user, group) = ownership::resolve(self.owner.as_ref(), context)?;
        let old = file.metadata().size > 0;
        let wrong = old && is_wrong(file.metadata(), user, group);
        if wrong || !old {
            let new_mode = || self.mode.as_ref().map_or(DEFAULT_MODE, |mode| mode.bits());
            let mode = (!old).then(new_mode);
            file.set_attributes(Attributes { user, group, mode })
                .map_err(|error| error.cannot("own the database", path.display()).at(self.database.span))?;
        }
        Ok((session, wrong))
    }

    /// A journal that is left belongs to whoever owns the database, or the application could not open it.
    fn own_companions(&self, path: &Path, context: &Context) -> Result<(), Failure> {
        let (user, group) = ownership::resolve(self.owner.as_ref(), context)?;
        for suffix in COMPANIONS {
            let mut name = path.as_os_str().to_owned();
            name.push(suffix);
            let companion = PathBuf::from(name);
            let cannot = |error: root::Error| error.cannot("own", companion.display()).at(self.database.span);
            let found = context.root.metadata(&companion).map_err(cannot)?;
            if found.is_some_and(|found| found.kind == FileKind::File && is_wrong(&found, user, group)) {
                match context.root.set_attributes(&companion, Attributes { user, group, mode: None }) {
                    // Another program closed the database in the meantime.
                    Err(error) if error.is_not_found() => {}
                    result => result.map_err(cannot)?,
                }
            }
        }
        Ok(())
    }

    fn ownership_difference(
        &self,
        path: &Path,
        found: &Metadata,
        context: &Context,
    ) -> Result<Option<Difference>, Failure> {
        let (user, group) = ownership::resolve(self.owner.as_ref(), context)?;
        let wanted = (user.unwrap_or(found.user), group.unwrap_or(found.group));
        let detail = format!("owner {}:{} -> {}:{}", found.user, found.group, wanted.0, wanted.1);
        let difference = || Difference::new(Sign::Modify, path.display().to_string(), detail);
        Ok(is_wrong(found, user, group).then(difference))
    }
}

/// SQLite makes its journal by name. Only root can be led to where the other user may not write himself.
fn warn_of_exchange(path: &Path, context: &Context) {
    if !Uid::effective().is_root() {
        return;
    }
    if let Ok(Some(directory)) = context.root.exchangeable(path) {
        log::warn!(
            "`{}` lets other users exchange the directory of the database `{}` while it is migrated: put the database \
             directly into the volume's directory, or let root own `{0}`",
            root::shown(&directory),
            root::shown(path)
        );
    }
}

fn is_wrong(found: &Metadata, user: Option<u32>, group: Option<u32>) -> bool {
    user.is_some_and(|user| user != found.user) || group.is_some_and(|group| group != found.group)
}
