//! What each step writes, as far as its spec tells: nothing else can be written while it is done.

#[cfg(test)]
mod tests;

use std::path::{Path, PathBuf};

use super::{Context, Once, database};
use crate::document::Located;
use crate::spec::{AbsolutePath, Action, DatabaseSpec, OnceSpec, Recipe};
use crate::sql::Address;

/// Where SQLite puts what does not fit into memory. It looks with access(2) which of them it may use, and access(2) does not
/// tell what Landlock refuses.
const SQLITE_SCRATCH: [&str; 3] = ["/var/tmp", "/usr/tmp", "/tmp"];
/// Where a file is staged whose own directory is read-only.
const STAGE_SCRATCH: [&str; 2] = ["/tmp", "/dev/shm"];
/// Variables that name a directory for the first of those.
const SCRATCH_VARIABLES: [&str; 2] = ["SQLITE_TMPDIR", "TMPDIR"];
/// What every program expects to be able to open for writing.
const DEVICES: [&str; 6] = ["/dev/null", "/dev/zero", "/dev/full", "/dev/random", "/dev/urandom", "/dev/tty"];

/// Something that a step writes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Reach {
    /// A name that is made, replaced or removed in the directory that holds it.
    Entry(PathBuf),
    /// A file, or a directory with everything in it, that may have to be made.
    Tree(PathBuf),
    /// A directory that is made, with its parents.
    Made(PathBuf),
    /// What a program writes: links are followed, as it does.
    Named(PathBuf),
    /// A directory, if it is there.
    Existing(PathBuf),
    /// The same, or a device, of the file system as it is: libraries and programs know nothing of the root of the plan.
    Outside(PathBuf),
}

/// What the action writes. A secret that cannot be read is left for the step to tell.
///
/// An arm returns every place in which the action makes, replaces or removes something, scratch files too: [`Reach::Entry`] for
/// a file that it replaces, [`Reach::Tree`] for what may be a directory that it fills, [`Reach::Made`] for a directory. What it
/// only reads, and what goes over the network, is not confined. What it starts as a program follows from `starts_program`.
pub(crate) fn reach(action: &Action, context: &Context) -> Vec<Reach> {
    let mut reach = match action {
        Action::Render(spec) => vec![tree(&spec.path)],
        Action::Copy(spec) => vec![tree(&spec.path)],
        // Owners and modes are not confined; the directory is one that the plan names.
        Action::Own(spec) => vec![Reach::Existing(owned(&spec.path))],
        Action::Edit(spec) => vec![entry(&spec.path)],
        Action::Link(spec) => vec![entry(&spec.path)],
        Action::Remove(spec) => vec![entry(&spec.path)],
        Action::Trust(spec) => vec![entry(&spec.path)],
        Action::Fetch(spec) if *spec.unpack => vec![tree(&spec.path)],
        Action::Fetch(spec) => vec![entry(&spec.path)],
        Action::Unpack(spec) => vec![tree(&spec.path)],
        Action::Account(spec) => vec![entry(&spec.passwd), entry(&spec.group)],
        Action::Generate(spec) => match Recipe::new(spec) {
            Ok(Recipe::Certificate { key_path, .. }) => vec![entry(&spec.path), entry(&key_path)],
            _ => vec![entry(&spec.path)],
        },
        Action::Mkdir(spec) => vec![Reach::Made(owned(&spec.path))],
        Action::Wait(spec) => {
            let migrated = spec.migrated().flat_map(|spec| of_database(spec.target(), context));
            migrated.chain(spec.databases().flat_map(|database| of_database(&database, context))).collect()
        }
        Action::Migrate(spec) => of_database(spec.target(), context),
        Action::Sql(spec) => spec.database.iter().flat_map(|database| of_database(database, context)).collect(),
        Action::Seed(spec) => of_database(&spec.database, context),
        Action::Once(spec) => of_once(spec),
        Action::Serve(_) | Action::PutOff { .. } => Vec::new(),
        Action::Run(spec) => {
            spec.creates.iter().filter_map(|path| directory_of(path, context)).map(Reach::Named).collect()
        }
    };
    if action.starts_program() {
        if !matches!(action, Action::Run(_) | Action::Sql(_) | Action::Wait(_)) {
            reach.extend(STAGE_SCRATCH.map(|path| Reach::Existing(path.into())));
        }
        reach.extend(DEVICES.map(|path| Reach::Outside(path.into())));
    }
    reach
}

/// The stage and the state, and where everything moves to.
fn of_once(spec: &OnceSpec) -> Vec<Reach> {
    let place = spec.marker.as_path().parent().map(|place| Reach::Tree(place.to_owned()));
    let once = Once { spec, user: None };
    // The stage by itself is for the programs of the steps in it: beside it may be the whole root.
    let stage = spec.stage.iter().flat_map(|stage| [entry(stage), Reach::Existing(owned(stage))]);
    stage.chain([Reach::Entry(once.state_path())]).chain(place).collect()
}

/// What the work on a database writes: nothing, on a server.
fn of_database(database: &Located<DatabaseSpec>, context: &Context) -> Vec<Reach> {
    match database::address(&database.value, database.span, context) {
        Ok(Address::Sqlite(path)) => sqlite(path, context),
        Ok(Address::Postgres(_) | Address::Mysql(_)) | Err(_) => Vec::new(),
    }
}

/// The database, its journal beside it, and what does not fit into memory.
fn sqlite(path: PathBuf, context: &Context) -> Vec<Reach> {
    let named = SCRATCH_VARIABLES.iter().filter_map(|name| context.environment.get(name)).map(PathBuf::from);
    let scratch = named.chain(SQLITE_SCRATCH.map(PathBuf::from)).map(Reach::Outside);
    [Reach::Entry(path)].into_iter().chain(scratch).collect()
}

fn entry(path: &AbsolutePath) -> Reach {
    Reach::Entry(owned(path))
}

fn tree(path: &AbsolutePath) -> Reach {
    Reach::Tree(owned(path))
}

fn owned(path: &AbsolutePath) -> PathBuf {
    path.as_path().to_owned()
}

/// The directory that holds `path`, unless that is the whole machine: with it a program would not be confined.
fn directory_of(path: &AbsolutePath, context: &Context) -> Option<PathBuf> {
    let parent = path.as_path().parent()?;
    (context.root.host_path(parent) != Path::new("/")).then(|| parent.to_owned())
}
