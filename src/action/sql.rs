//! `sql`: statements were executed.

mod client;
mod direct;
mod source;

use client::Client;
use direct::Direct;
pub(crate) use source::check_statements;

use super::{Change, Context, Outcome, Perform};
use crate::document::Located;
use crate::failure::{Failure, Failures, Source};
use crate::format::Language;
use crate::spec::SqlSpec;
use crate::template::{Partials, Template};

/// What is to be executed, and by whom.
pub(crate) enum Work {
    /// By ourselves.
    Direct(Direct),
    /// By a client program.
    Client(Client),
}

impl Perform for SqlSpec {
    type Work = Work;

    fn observe(&self, context: &Context) -> Result<Change<Work>, Failures> {
        let program = self.command.first().map(|name| name.span);
        let span = self.database.as_ref().map(|database| database.span).or(program).unwrap_or_default();
        Failures::check(self.findings(span))?;
        match &self.database {
            Some(database) => direct::observe(self, database, context),
            None => client::observe(self, context),
        }
    }

    fn apply(&self, change: Change<Work>, context: &Context) -> Result<Outcome, Failures> {
        match change.work {
            Work::Direct(work) => direct::apply(self, &work, context),
            Work::Client(work) => client::apply(self, &work, context),
        }
    }
}

/// A text with its values, each escaped for its place in SQL.
struct Rendered {
    text: String,
    /// One of the values is secret, and in what form nobody knows.
    is_secret: bool,
}

fn render(text: &Located<String>, language: Language, context: &Context) -> Result<Rendered, Failure> {
    let source = Source::new("text", text.value.as_str());
    let partials = Partials::default();
    let render = || {
        let template = Template::parse(&source)?;
        let secret = template.secret(context.data.secret(), &partials).is_some() || template.reads_files(&partials);
        Ok(Rendered { text: template.render(&context.data, language, &partials)?, is_secret: secret })
    };
    render().map_err(|failure: Failure| failure.in_embedded(&source, text.span))
}

/// `1 statement`, `2 statements`.
fn count(number: usize, thing: &str) -> String {
    if number == 1 { format!("1 {thing}") } else { format!("{number} {thing}s") }
}
