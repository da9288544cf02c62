//! What a statement means for the transaction that it is run in, and how it is settled when its end is unknown.

mod alter;
mod mysql;
mod names;
mod postgres;
mod sqlite;
mod words;

use self::words::Words;
use super::scanner::Token;
use super::statement::Statement;
use crate::sql::Dialect;

/// How a statement can be run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Class {
    /// Together with others in one transaction.
    Ordinary,
    /// It begins or ends transactions itself; its words, in capital letters.
    TransactionControl(String),
    /// It cannot run inside a transaction, or commits by itself.
    Alone(Doubt),
    /// Not in a migration at all.
    Refused(Refused),
}

/// Something a migration cannot hold, and where it stands in the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Refused {
    pub(crate) cause: String,
    pub(crate) hint: &'static str,
    pub(crate) start: usize,
    /// In characters.
    pub(crate) length: usize,
}

/// How a statement that ran alone is settled when nobody knows whether it came to its end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Doubt {
    /// The index tells: it is there, valid or not.
    Index(IndexDoubt),
    /// Doing it twice is doing it once.
    Repeat,
    /// Again, and "is there already" is success.
    Create,
    /// Again, and "is not there" is success.
    Drop,
    /// Only a person can say.
    Unknown,
}

/// Indexes that PostgreSQL builds or drops without a transaction. Names are as the catalogue has them; the schema is that of the
/// table and of the index.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct IndexDoubt {
    pub(crate) work: IndexWork,
    pub(crate) schema: Option<String>,
    /// Nothing where the server makes up the name, or where it is all indexes of a table, a schema or the database.
    pub(crate) name: Option<String>,
    pub(crate) table: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum IndexWork {
    Create,
    Reindex,
    Drop,
}

impl Statement<'_> {
    /// How the statement can be run; nothing of it is looked at but its words.
    pub(crate) fn class(&self, dialect: Dialect) -> Class {
        let words = Words::of(self);
        match dialect {
            Dialect::Postgres => postgres::class(self, &words),
            Dialect::Mysql => mysql::class(self, &words),
            Dialect::Sqlite => sqlite::class(self, &words),
        }
    }

    /// What a kill leaves open, of a statement that has to be run without others. `apart`: its file says that it is no transaction, so
    /// what may need to be outside of one is.
    pub(crate) fn alone(&self, dialect: Dialect, apart: bool) -> Option<Doubt> {
        match self.class(dialect) {
            Class::Alone(doubt) => Some(doubt),
            Class::Ordinary if apart && dialect == Dialect::Postgres => postgres::apart(self, &Words::of(self).list()),
            _ => None,
        }
    }

    /// What the statement does that a migration cannot do.
    pub(crate) fn refused(&self, dialect: Dialect) -> Option<Refused> {
        match self.class(dialect) {
            Class::Ordinary | Class::Alone(_) => None,
            Class::Refused(refused) => Some(refused),
            Class::TransactionControl(words) => Some(self.refuse(
                format!("`{words}` controls the transaction that every migration is run in"),
                "remove the statement: a migration is applied as a whole or not at all",
            )),
        }
    }

    /// The statement as a whole is refused.
    fn refuse(&self, cause: String, hint: &'static str) -> Refused {
        Refused { cause, hint, start: self.sql_start(), length: self.sql().chars().count() }
    }

    fn refuse_at(&self, token: Token, cause: String, hint: &'static str) -> Refused {
        Refused { cause, hint, start: token.start, length: self.token(token).chars().count() }
    }
}

/// The answers of a server that mean that a statement, run again, had been done before: `SQLSTATE` of PostgreSQL, numbers of `MySQL`.
pub(crate) fn accepted_codes(doubt: &Doubt, dialect: Dialect) -> &'static [&'static str] {
    match (doubt, dialect) {
        (Doubt::Create, Dialect::Postgres) => &["42P07", "42701", "42710", "42P06", "42723", "42P04"],
        (Doubt::Drop, Dialect::Postgres) => &["42P01", "42703", "42704", "3D000"],
        (Doubt::Create, Dialect::Mysql) => {
            &["1050", "1060", "1061", "1826", "1304", "1359", "1022", "1007", "1068", "1537"]
        }
        (Doubt::Drop, Dialect::Mysql) => &["1051", "1091", "1305", "1360", "1008", "1539", "4091", "4092"],
        _ => &[],
    }
}
