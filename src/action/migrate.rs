//! `migrate`: the database schema has every migration of a directory.

use std::path::{Path, PathBuf};

use nix::unistd::Uid;

use super::{Change, Context, Difference, Outcome, Perform, Sign, authorities, ownership};
use crate::failure::{Failure, Failures, Kind, Span};
use crate::input;
use crate::root::{self, Attributes, FileKind, HeldFile, Metadata};
use crate::spec::{DatabaseSpec, MigrateSpec};
use crate::sql::{
    Address, Database as _, Dialect, Maker, Migration, MysqlAddress, Postgres, Record, Sqlite, Stop, Table, TlsFiles,
    count, migrate, pending, read_migrations,
};

const DEFAULT_MODE: u32 = 0o640;
/// What SQLite may leave beside its file.
const COMPANIONS: [&str; 3] = ["-wal", "-shm", "-journal"];

impl Perform for MigrateSpec {
    /// All migrations, in order.
    type Work = Vec<Migration>;

    fn observe(&self, context: &Context) -> Result<Change<Self::Work>, Failures> {
        let address = address(&self.database.value, self.database.span, context)?;
        let dialect = dialect(&address).map_err(|failure| failure.at(self.database.span))?;
        let table = Table::parse(&self.table, dialect)?;
        let source = self.source.as_path();
        let migrations = read_migrations(&context.root, source, dialect)
            .map_err(|findings| findings.map(|finding| finding.at(self.source.span)))?;
        let mut differences = Vec::new();
        let history = match &address {
            Address::Postgres(address) => {
                let mut database = Postgres::connect(address, &table, stop(context))
                    .map_err(|failure| failure.at(self.database.span))?;
                let history = database.history().map_err(|failure| failure.at(self.database.span))?;
                database.close()?;
                history
            }
            Address::Mysql(address) => return Err(cannot_migrate(address).into()),
            Address::Sqlite(path) => {
                let file = self.file(path, context)?;
                differences.extend(
                    file.as_ref()
                        .and_then(|file| self.ownership_difference(path, file.metadata(), context).transpose())
                        .transpose()?,
                );
                self.sqlite_history(file.as_ref(), &table, context)?
            }
        };
        let pending = pending(&migrations, history.as_deref().unwrap_or_default())
            .map_err(|failure| failure.at(self.source.span))?;
        differences.extend(pending.iter().map(|migration| {
            Difference::new(Sign::Run, format!("migration {}", migration.version), format!("`{}`", migration.name))
        }));
        Ok(Change::new(differences, migrations))
    }

    fn apply(&self, change: Change<Self::Work>, context: &Context) -> Result<Outcome, Failures> {
        let migrations = change.work;
        let address = address(&self.database.value, self.database.span, context)?;
        let dialect = dialect(&address).map_err(|failure| failure.at(self.database.span))?;
        let table = Table::parse(&self.table, dialect)?;
        let lock_wait = self.lock_wait.get();
        let place = |failure: Failure| failure.at(self.database.span);
        let (applied, owned) = match &address {
            Address::Postgres(address) => {
                let database = Postgres::connect(address, &table, stop(context)).map_err(place)?;
                (migrate(database, &migrations, lock_wait).map_err(place)?, false)
            }
            Address::Mysql(address) => return Err(cannot_migrate(address).into()),
            Address::Sqlite(path) => {
                let (database, owned) = self.open_sqlite(path, &table, context)?;
                let migrated = migrate(database, &migrations, lock_wait).map_err(place);
                // Also after a failure: another user must be able to go on with the files that are there.
                let companions = self.own_companions(path, context);
                let migrated = migrated?;
                companions?;
                (migrated, owned)
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

    fn sqlite_history(
        &self,
        file: Option<&HeldFile>,
        table: &Table,
        context: &Context,
    ) -> Result<Option<Vec<Record>>, Failure> {
        // An empty file is what a run leaves that was killed right after it had made the file.
        let Some(file) = file.filter(|file| file.metadata().size > 0) else { return Ok(None) };
        let place = |failure: Failure| failure.at(self.database.span);
        let mut database = self.open(file, table, context).map_err(place)?;
        let history = database.history().map_err(place)?;
        database.close()?;
        Ok(history)
    }

    fn open(&self, file: &HeldFile, table: &Table, context: &Context) -> Result<Sqlite, Failure> {
        Sqlite::open(file, (table, self.lock_wait.get()), stop(context))
    }

    /// Opens the file for the migrations, with the owner and, if it is new, the mode of the spec. `true`: the owner of an
    /// older file was changed.
    fn open_sqlite(&self, path: &Path, table: &Table, context: &Context) -> Result<(Sqlite, bool), Failure> {
        // The file is made for its owner only and has its mode before anything is written to it.
        let file = context.root.hold_or_make_file(path).map_err(|error| self.cannot_open(&error, path))?;
        let database = self.open(&file, table, context).map_err(|failure| failure.at(self.database.span))?;
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
        Ok((database, wrong))
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

fn stop(context: &Context) -> Stop {
    Stop::new(context.interrupt.clone(), context.deadline)
}

fn dialect(address: &Address) -> Result<Dialect, Failure> {
    match address {
        Address::Postgres(_) => Ok(Dialect::Postgres),
        Address::Mysql(address) => Err(cannot_migrate(address)),
        Address::Sqlite(_) => Ok(Dialect::Sqlite),
    }
}

fn cannot_migrate(address: &MysqlAddress) -> Failure {
    let message = format!("cannot migrate the database {}: this version does not speak MySQL", address.label);
    Failure::new(Kind::Database, message)
}

/// Where the database is. Called for each connection: files with passwords, tokens and certificates change. The scrubber knows
/// every secret before anything can fail with it.
pub(super) fn address(database: &DatabaseSpec, span: Span, context: &Context) -> Result<Address, Failure> {
    let tls = |files: &TlsFiles| authorities::database_tls(files, context);
    let maker = Maker { kind: Kind::Plan, scrubber: &context.scrubber, root: &context.root, tls: &tls };
    match database {
        DatabaseSpec::Sqlite(path) => Ok(Address::Sqlite(path.as_path().to_owned())),
        DatabaseSpec::Url(url) => Address::parse(url, maker).map_err(|failure| failure.at(span)),
        DatabaseSpec::Secret(source) => {
            let url = input::read_secret(source, context.stores())?;
            let maker = Maker { kind: Kind::Input, ..maker };
            Address::parse(url.value.expose(), maker).map_err(|failure| failure.at(url.span))
        }
        DatabaseSpec::Server(server) => {
            let password = server.password.as_ref().map(|source| input::read_secret(source, context.stores()));
            let password = password.transpose()?.map(|password| password.value);
            Address::of_server(server, password, maker).map_err(|failure| failure.at(span))
        }
    }
}
