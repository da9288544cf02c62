//! Statements that we execute ourselves, in a session with the database.

use super::source::parts;
use super::{Rendered, Work, count, render};
use crate::action::database::{address, open, stop};
use crate::action::{Change, Context, Difference, Outcome, Sign};
use crate::document::Located;
use crate::failure::{Failure, Failures, Kind};
use crate::format::Language;
use crate::spec::{DatabaseSpec, SqlSpec};
use crate::sql::{self, Address, Dialect, Migration, Script, Session, Stop};

/// What is to be executed.
pub(crate) struct Direct {
    texts: Vec<Migration>,
    unless: Option<Rendered>,
}

pub(super) fn observe(
    spec: &SqlSpec,
    database: &Located<DatabaseSpec>,
    context: &Context,
) -> Result<Change<Work>, Failures> {
    let address = address(&database.value, database.span, context)?;
    let work = work(spec, database, address.dialect(), context)?;
    let texts = work.texts.iter();
    let number = |text: &Migration| text.statements(address.dialect()).len();
    let told = |text: &Migration| Difference::new(Sign::Run, text.path().to_owned(), count(number(text), "statement"));
    let mut differences: Vec<Difference> = texts.map(told).collect();
    if !differences.is_empty() {
        let mut session = session(spec, (database, &address), context)?;
        let needed = sql::is_needed(&mut *session, &script(spec, &work));
        if !needed.map_err(|failure| failure.at(database.span))? {
            differences.clear();
        }
        session.close()?;
    }
    Ok(Change::new(differences, Work::Direct(work)))
}

pub(super) fn apply(spec: &SqlSpec, work: &Direct, context: &Context) -> Result<Outcome, Failures> {
    let Some(database) = &spec.database else {
        return Err(Failure::new(Kind::Internal, "statements without a database").into());
    };
    let address = address(&database.value, database.span, context)?;
    let session = session(spec, (database, &address), context)?;
    let executed = sql::execute(session, &script(spec, work)).map_err(|failure| failure.at(database.span))?;
    Ok(match executed {
        0 => Outcome::unchanged("another run was faster".to_owned()),
        executed => Outcome::changed(format!("{} executed", count(executed, "statement"))),
    })
}

fn session(
    spec: &SqlSpec,
    database: (&Located<DatabaseSpec>, &Address),
    context: &Context,
) -> Result<Box<dyn Session>, Failure> {
    let statements: Vec<String> = spec.session.iter().map(|statement| statement.value.clone()).collect();
    let stop: Stop = stop(context).with_grace(spec.grace().get());
    open(database, &statements, (spec.lock_wait(), stop), context)
}

fn script<'a>(spec: &SqlSpec, work: &'a Direct) -> Script<'a> {
    Script {
        texts: &work.texts,
        unless: work.unless.as_ref().map(|unless| unless.text.as_str()),
        hides_unless: work.unless.as_ref().is_some_and(|unless| unless.is_secret),
        lock_wait: spec.lock_wait().get(),
        lock_timeout: spec.lock_timeout().get(),
    }
}

fn work(
    spec: &SqlSpec,
    database: &Located<DatabaseSpec>,
    dialect: Dialect,
    context: &Context,
) -> Result<Direct, Failures> {
    let language = if dialect == Dialect::Mysql { Language::Mysql } else { Language::Sql };
    let mut texts = Vec::new();
    if let Some(text) = &spec.text {
        let rendered = render(text, language, context)?;
        let script = Migration::rendered("text".to_owned(), text, &rendered.text)?;
        texts.push(if rendered.is_secret { script.hidden() } else { script });
    }
    if let Some(source) = &spec.source {
        for part in parts(source, spec.unsupported(), context)? {
            let bytes = part.read(context).map_err(|failure| failure.at(source.span))?;
            texts.push(Migration::script(part.name(), &bytes).map_err(|failure| failure.at(source.span))?);
        }
    }
    let findings = texts.iter().flat_map(|text| text.check(dialect)).collect();
    Failures::check(findings).map_err(|findings| findings.map(|finding| finding.at(database.span)))?;
    let unless = spec.unless.as_ref().map(|query| render(query, language, context)).transpose()?;
    Ok(Direct { texts, unless })
}
