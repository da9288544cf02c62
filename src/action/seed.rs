//! `seed`: rows are there.

use std::sync::Arc;

use super::database::{address, open, stop};
use super::{Change, Context, Difference, Outcome, Perform, Sign};
use crate::document;
use crate::failure::{Failure, Failures, Kind, Source};
use crate::root::Root;
use crate::spec::{AbsolutePath, SeedFile, SeedSpec, SeedTable};
use crate::sql::{self, Need, RowChange, Seed};

/// A larger file is data for `sql`; the reader of YAML takes no more.
const LARGEST: u64 = 1024 * 1024;
/// How many rows are told one by one.
const TOLD: usize = 1000;

/// What is declared, and the file that declares it, if it is not the plan.
pub(crate) struct Work {
    tables: Vec<SeedTable>,
    file: Option<Arc<Source>>,
}

impl Perform for SeedSpec {
    type Work = Work;

    fn observe(&self, context: &Context) -> Result<Change<Work>, Failures> {
        let work = self.work(&context.root)?;
        let address = address(&self.database.value, self.database.span, context)?;
        let mut session = open((&self.database, &address), &self.session, (self.lock_wait, stop(context)), context)?;
        let place = |failure| work.place(failure, self);
        let changes = sql::lacking_rows(&mut *session, &self.seed(&work)).map_err(place)?;
        session.close()?;
        let mut differences: Vec<Difference> = changes.iter().take(TOLD).map(difference).collect();
        if changes.len() > TOLD {
            let more = format!("\u{2026} and {} more", changes.len() - TOLD);
            differences.push(Difference::new(Sign::Modify, more, "rows"));
        }
        drop(changes);
        Ok(Change::new(differences, work))
    }

    fn apply(&self, change: Change<Work>, context: &Context) -> Result<Outcome, Failures> {
        let work = change.work;
        let address = address(&self.database.value, self.database.span, context)?;
        let session = open((&self.database, &address), &self.session, (self.lock_wait, stop(context)), context)?;
        let changes = sql::seed(session, &self.seed(&work)).map_err(|failure| work.place(failure, self))?;
        let rows = work.tables.iter().map(|table| table.rows.len()).sum();
        let inserted = changes.iter().filter(|change| change.need == Need::Insert).count();
        Ok(outcome(inserted, changes.len() - inserted, rows))
    }
}

impl SeedSpec {
    fn seed<'a>(&self, work: &'a Work) -> Seed<'a> {
        Seed {
            tables: &work.tables,
            reconcile: self.reconcile,
            lock_wait: self.lock_wait.get(),
            lock_timeout: self.lock_timeout.get(),
        }
    }

    /// The rows. What is declared may be wrong only now that the values are known.
    fn work(&self, root: &Root) -> Result<Work, Failures> {
        if let Some(source) = &self.source {
            let (file, tables) =
                read_rows(root, source).map_err(|failures| failures.map(|failure| failure.at(source.span)))?;
            return Ok(Work { tables, file: Some(file) });
        }
        Failures::check(self.findings_of_values())?;
        Ok(Work { tables: self.tables.clone().unwrap_or_default(), file: None })
    }
}

impl Work {
    /// A place is one of a row; what has none is about the database.
    fn place(&self, failure: Failure, spec: &SeedSpec) -> Failure {
        match &self.file {
            Some(file) if failure.details().span.is_known() => failure.in_source(file),
            _ => failure.at(spec.database.span),
        }
    }
}

/// The rows of a file, and everything that is wrong with it.
pub(crate) fn read_rows(root: &Root, path: &AbsolutePath) -> Result<(Arc<Source>, Vec<SeedTable>), Failures> {
    let shown = path.as_path().display();
    let cannot = |error: crate::root::Error| error.cannot("read", &shown);
    let bytes = root.read(path.as_path(), LARGEST).map_err(cannot)?;
    let text = String::from_utf8(bytes)
        .map_err(|_| Failure::new(Kind::Plan, format!("cannot read `{shown}`: it is not UTF-8")))?;
    let source = Source::new(shown.to_string(), text);
    let node = document::parse_mapping(&source, &["rows"])?;
    let reading = document::read::<SeedFile>(&node);
    let mut findings = reading.findings;
    let tables = reading.value.map(|file| file.tables).unwrap_or_default();
    if findings.is_empty() {
        findings.extend(tables.iter().flat_map(SeedTable::findings));
        findings.extend(tables.iter().flat_map(SeedTable::findings_of_values));
    }
    Failures::check(findings).map_err(|failures| failures.in_source(&source))?;
    Ok((source, tables))
}

/// A row by its key; of one that is there also what differs.
fn difference(change: &RowChange<'_>) -> Difference {
    let RowChange { table, row, need } = change;
    let of_key = row.0.iter().filter(|(column, _)| table.is_key(column));
    let key: Vec<String> = of_key.map(|(column, value)| format!("{} = {}", column.value, value.describe())).collect();
    let (subject, key) = (table.table.value.clone(), key.join(", "));
    match need {
        Need::Insert => Difference::new(Sign::Create, subject, key),
        Need::Update(differing) => {
            let names = differing.iter().filter_map(|number| row.0.get(*number)).map(|(column, _)| column.as_str());
            let names: Vec<&str> = names.collect();
            Difference::new(Sign::Modify, subject, format!("{key}: {}", names.join(", ")))
        }
    }
}

fn outcome(inserted: usize, updated: usize, rows: usize) -> Outcome {
    let mut outcome = match (inserted, updated) {
        (0, 0) => Outcome::unchanged("another run was faster"),
        (inserted, 0) => Outcome::changed(format!("{} inserted", count(inserted))),
        (0, updated) => Outcome::changed(format!("{} updated", count(updated))),
        (inserted, updated) => Outcome::changed(format!("{} inserted, {updated} updated", count(inserted))),
    };
    outcome.counts = [("rows", rows), ("inserted", inserted), ("updated", updated)]
        .map(|(name, number)| (name, u64::try_from(number).unwrap_or(u64::MAX)))
        .to_vec();
    outcome
}

/// `1 row`, `2 rows`.
fn count(number: usize) -> String {
    if number == 1 { "1 row".to_owned() } else { format!("{number} rows") }
}
