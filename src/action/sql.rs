//! `sql`: statements were executed.

use std::path::Path;

use super::database::{address, open, stop};
use super::{Change, Context, Difference, Outcome, Perform, Sign};
use crate::document::Located;
use crate::failure::{Failure, Failures, Kind, Source};
use crate::format::Language;
use crate::root::FileKind;
use crate::spec::SqlSpec;
use crate::sql::{self, Dialect, Migration, Script, Stop};
use crate::template::{Partials, Template};

/// A larger file is data; it would be held in memory as a whole.
const LARGEST: u64 = 64 * 1024 * 1024;

/// What is to be executed.
pub(crate) struct Work {
    texts: Vec<Migration>,
    unless: Option<String>,
    /// A value of `unless` is secret.
    hides_unless: bool,
}

impl Perform for SqlSpec {
    type Work = Work;

    fn observe(&self, context: &Context) -> Result<Change<Work>, Failures> {
        let address = address(&self.database.value, self.database.span, context)?;
        let work = self.work(address.dialect(), context)?;
        let mut session =
            open((&self.database, &address), &self.session, (self.lock_wait, self.stop(context)), context)?;
        let place = |failure: Failure| failure.at(self.database.span);
        let needed = sql::is_needed(&mut *session, &self.script(&work)).map_err(place)?;
        session.close()?;
        let differences = if needed {
            let texts = work.texts.iter();
            let number = |text: &Migration| text.statements(address.dialect()).len();
            texts.map(|text| Difference::new(Sign::Run, text.path().to_owned(), count(number(text)))).collect()
        } else {
            Vec::new()
        };
        Ok(Change::new(differences, work))
    }

    fn apply(&self, change: Change<Work>, context: &Context) -> Result<Outcome, Failures> {
        let address = address(&self.database.value, self.database.span, context)?;
        let session = open((&self.database, &address), &self.session, (self.lock_wait, self.stop(context)), context)?;
        let executed =
            sql::execute(session, &self.script(&change.work)).map_err(|failure| failure.at(self.database.span))?;
        Ok(match executed {
            0 => Outcome::unchanged("another run was faster".to_owned()),
            executed => Outcome::changed(format!("{} executed", count(executed))),
        })
    }
}

impl SqlSpec {
    fn stop(&self, context: &Context) -> Stop {
        stop(context).with_grace(self.grace.get())
    }

    fn script<'a>(&self, work: &'a Work) -> Script<'a> {
        Script {
            texts: &work.texts,
            unless: work.unless.as_deref(),
            hides_unless: work.hides_unless,
            lock_wait: self.lock_wait.get(),
            lock_timeout: self.lock_timeout.get(),
        }
    }

    fn work(&self, dialect: Dialect, context: &Context) -> Result<Work, Failures> {
        let texts = match (&self.text, &self.source) {
            (Some(text), None) => {
                let (rendered, secret) = render(text, dialect, context)?;
                let script = Migration::rendered("text".to_owned(), text, &rendered)?;
                vec![if secret { script.hidden() } else { script }]
            }
            (None, Some(source)) => files(source.as_path(), context).map_err(|failure| failure.at(source.span))?,
            _ => return Err(Failure::new(Kind::Plan, "`sql` needs either `text` or `source`").into()),
        };
        let findings = texts.iter().flat_map(|text| text.check(dialect)).collect();
        Failures::check(findings).map_err(|findings| findings.map(|finding| finding.at(self.database.span)))?;
        let unless = self.unless.as_ref().map(|query| render(query, dialect, context)).transpose()?;
        let hides_unless = unless.as_ref().is_some_and(|(_, secret)| *secret);
        Ok(Work { texts, unless: unless.map(|(query, _)| query), hides_unless })
    }
}

/// `1 statement`, `2 statements`.
fn count(number: usize) -> String {
    if number == 1 { "1 statement".to_owned() } else { format!("{number} statements") }
}

/// The text with its values, each escaped for its place in SQL, and whether one of them is secret.
fn render(text: &Located<String>, dialect: Dialect, context: &Context) -> Result<(String, bool), Failure> {
    let source = Source::new("text", text.value.as_str());
    let language = if dialect == Dialect::Mysql { Language::Mysql } else { Language::Sql };
    let partials = Partials::default();
    let render = || {
        let template = Template::parse(&source)?;
        let secret = template.secret(context.data.secret(), &partials).is_some() || template.reads_files(&partials);
        Ok((template.render(&context.data, language, &partials)?, secret))
    };
    render().map_err(|failure: Failure| failure.in_embedded(&source, text.span))
}

/// The file, or the files of the directory by their names.
fn files(source: &Path, context: &Context) -> Result<Vec<Migration>, Failure> {
    let cannot = |error: crate::root::Error| error.cannot("read", source.display());
    let found = context.root.metadata_followed(source).map_err(cannot)?;
    let mut paths = vec![source.to_owned()];
    if found.is_some_and(|found| found.kind == FileKind::Directory) {
        let mut names: Vec<_> =
            context.root.list(source).map_err(cannot)?.into_iter().map(|entry| entry.name).collect();
        names.sort();
        names.retain(|name| {
            let name = name.to_string_lossy();
            name.ends_with(".sql") && !name.starts_with('.')
        });
        paths = names.into_iter().map(|name| source.join(name)).collect();
        if paths.is_empty() {
            let message = format!("cannot find statements in `{}`: no file in it ends in `.sql`", source.display());
            return Err(Failure::new(Kind::Plan, message));
        }
    }
    let read = |path: std::path::PathBuf| {
        let bytes = context.root.read(&path, LARGEST).map_err(|error| error.cannot("read", path.display()))?;
        Migration::script(path.display().to_string(), &bytes)
    };
    paths.into_iter().map(read).collect()
}
