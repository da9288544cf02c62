//! `MySQL` and `MariaDB`: `DELIMITER`, and routines whose body ends without one.

use super::scanner::TokenKind;

/// The client cuts longer ones.
const LONGEST_DELIMITER: usize = 15;

/// The delimiter that the rest of a line `DELIMITER x` sets.
pub(super) fn delimiter(line: &str) -> Option<&str> {
    let first = line.starts_with(|c: char| c.is_ascii_whitespace()).then(|| line.split_ascii_whitespace().next())?;
    first.filter(|word| word.len() <= LONGEST_DELIMITER && !word.contains(['\\', '\'', '"', '`']))
}

/// Follows a statement as far as is needed to know which semicolons stand inside the body of a routine.
///
/// `END`, `IF`, `REPEAT` and `BEGIN` are names and functions as well: only at the beginning of a statement they are what they look like.
/// Bodies of Oracle's dialect (`AS BEGIN`, `sql_mode=ORACLE`) need `DELIMITER`, as with every client.
#[derive(Default)]
pub(super) struct Routine {
    state: State,
    open: Vec<Block>,
    parentheses: usize,
    last: Last,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Block {
    Begin,
    If,
    /// The statement, which ends with `END CASE`.
    Case,
    /// The expression, which ends with `END`.
    CaseValue,
    Loop,
    /// `REPEAT`, behind its `UNTIL`: no semicolon stands before `END`.
    Until,
    /// `WHILE` or `FOR`, before its `DO`.
    Condition,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Procedure,
    Function,
    Trigger,
    Event,
}

#[derive(Default, Clone, Copy, PartialEq, Eq)]
enum State {
    /// Nothing has come yet.
    #[default]
    Start,
    /// `BEGIN`, which starts a transaction unless `NOT ATOMIC` follows.
    StartBegin,
    /// After `CREATE` or `ALTER`, before it is clear what.
    Create,
    /// The name of a routine is next.
    Name(Kind),
    /// Before the parameters of a routine are closed, or before the body of a trigger or event.
    Head(Kind),
    /// Between the parameters and the body.
    Properties(Kind),
    /// `FOLLOWS` or `PRECEDES` may be next, or the body.
    Order,
    /// The name of the other trigger is next.
    Followed,
    /// A statement of the body begins here.
    Statement,
    /// A word that may be a label has come.
    Label,
    /// Inside a statement of the body.
    Inside,
    /// Inside a `DECLARE`, which may have a handler.
    Declare,
    /// The condition of a handler is next.
    Handled,
    /// After a condition: a comma, or the statement of the handler.
    HandledMore,
    /// After `END`, before the semicolon.
    Ended,
    /// Nothing to look for any more.
    Plain,
}

/// What the token before was, as far as it matters.
#[derive(Default, Clone, Copy, PartialEq, Eq)]
enum Last {
    /// A value has to follow, so that `END` is a name.
    Operator,
    /// `.` or `@` and the like: a name follows.
    Naming,
    Each,
    Handler,
    Equals,
    #[default]
    Other,
}

impl Routine {
    pub(super) fn is_closed(&self) -> bool {
        self.open.is_empty()
    }

    pub(super) fn push(&mut self, kind: TokenKind, word: &str) {
        let upper = if word.len() <= 16 { word.to_ascii_uppercase() } else { "_".to_owned() };
        self.state = self.follow(kind, &upper);
        match kind {
            TokenKind::Symbol('(') => self.parentheses += 1,
            TokenKind::Symbol(')') => self.parentheses = self.parentheses.saturating_sub(1),
            _ => {}
        }
        self.last = last(kind, &upper);
    }

    fn follow(&mut self, kind: TokenKind, word: &str) -> State {
        if kind == TokenKind::Symbol(';') && !self.open.is_empty() {
            return State::Statement;
        }
        // Behind `.` and `@` every word is a name.
        let word = if self.last == Last::Naming { "_" } else { word };
        match self.state {
            State::Start => self.start(word),
            State::StartBegin => match word {
                "NOT" => State::StartBegin,
                "ATOMIC" => self.enter(Block::Begin, State::Statement),
                _ => State::Plain,
            },
            State::Create => self.create(kind, word),
            State::Name(kind) => match word {
                "IF" | "NOT" | "EXISTS" => State::Name(kind),
                _ => State::Head(kind),
            },
            State::Head(routine) => self.head(routine, kind, word),
            State::Properties(routine) => self.property(routine, kind, word),
            State::Order => match word {
                "FOLLOWS" | "PRECEDES" => State::Followed,
                _ => self.statement(kind, word),
            },
            State::Followed => State::Order,
            State::Label if kind == TokenKind::Symbol(':') => State::Statement,
            State::Label | State::Inside => self.inside(word),
            State::Declare if self.last == Last::Handler && word == "FOR" => State::Handled,
            State::Declare => {
                self.inside(word);
                State::Declare
            }
            State::Handled => match word {
                "SQLSTATE" | "VALUE" | "NOT" => State::Handled,
                _ => State::HandledMore,
            },
            State::HandledMore if kind == TokenKind::Symbol(',') => State::Handled,
            State::Statement | State::HandledMore => self.statement(kind, word),
            State::Ended => State::Ended,
            State::Plain => State::Plain,
        }
    }

    /// `MariaDB` takes blocks outside of routines too.
    fn start(&mut self, word: &str) -> State {
        match word {
            "CREATE" | "ALTER" => State::Create,
            "BEGIN" => State::StartBegin,
            "IF" | "CASE" | "LOOP" | "WHILE" | "REPEAT" | "FOR" => self.statement(TokenKind::Word, word),
            _ => State::Plain,
        }
    }

    fn create(&self, kind: TokenKind, word: &str) -> State {
        match word {
            // The name of the definer.
            _ if kind != TokenKind::Word || matches!(self.last, Last::Equals | Last::Naming) => State::Create,
            "PROCEDURE" => State::Name(Kind::Procedure),
            "FUNCTION" => State::Name(Kind::Function),
            "TRIGGER" => State::Name(Kind::Trigger),
            "EVENT" => State::Name(Kind::Event),
            "OR" | "REPLACE" | "DEFINER" | "AGGREGATE" => State::Create,
            _ => State::Plain,
        }
    }

    fn head(&mut self, routine: Kind, kind: TokenKind, word: &str) -> State {
        match (routine, word) {
            (Kind::Trigger, "ROW") if self.last == Last::Each => State::Order,
            (Kind::Event, "DO") if self.parentheses == 0 => State::Statement,
            (Kind::Procedure | Kind::Function, _) if kind == TokenKind::Symbol(')') && self.parentheses == 1 => {
                State::Properties(routine)
            }
            _ => State::Head(routine),
        }
    }

    fn property(&mut self, routine: Kind, kind: TokenKind, word: &str) -> State {
        let known = [
            "COMMENT",
            "LANGUAGE",
            "SQL",
            "NOT",
            "DETERMINISTIC",
            "CONTAINS",
            "NO",
            "READS",
            "DATA",
            "MODIFIES",
            "SECURITY",
            "DEFINER",
            "INVOKER",
        ];
        match word {
            "BEGIN" | "IF" | "CASE" | "LOOP" | "WHILE" | "REPEAT" | "FOR" | "RETURN" => self.statement(kind, word),
            _ if kind != TokenKind::Word || routine == Kind::Function || known.contains(&word) => {
                State::Properties(routine)
            }
            _ => self.statement(kind, word),
        }
    }

    /// The first token of a statement.
    fn statement(&mut self, kind: TokenKind, word: &str) -> State {
        match word {
            "BEGIN" => self.enter(Block::Begin, State::Statement),
            "LOOP" | "REPEAT" => self.enter(Block::Loop, State::Statement),
            "IF" => self.enter(Block::If, State::Inside),
            "CASE" => self.enter(Block::Case, State::Inside),
            "WHILE" | "FOR" => self.enter(Block::Condition, State::Inside),
            "ELSE" | "NOT" | "ATOMIC" => State::Statement,
            "ELSEIF" | "WHEN" => State::Inside,
            "UNTIL" => {
                self.open.pop();
                self.enter(Block::Until, State::Inside)
            }
            "DECLARE" => State::Declare,
            "END" => {
                self.open.pop();
                State::Ended
            }
            _ if matches!(kind, TokenKind::Word | TokenKind::QuotedIdentifier) => State::Label,
            _ => State::Inside,
        }
    }

    fn inside(&mut self, word: &str) -> State {
        match (word, self.open.last()) {
            ("CASE", _) => self.open.push(Block::CaseValue),
            ("END", Some(Block::CaseValue)) if self.last != Last::Operator => {
                self.open.pop();
            }
            ("END", Some(Block::Until)) if self.last != Last::Operator => {
                self.open.pop();
                return State::Ended;
            }
            ("THEN", Some(Block::If | Block::Case)) => return State::Statement,
            ("DO", Some(Block::Condition)) => {
                self.open.pop();
                return self.enter(Block::Loop, State::Statement);
            }
            _ => {}
        }
        State::Inside
    }

    fn enter(&mut self, block: Block, state: State) -> State {
        self.open.push(block);
        state
    }
}

#[expect(clippy::match_same_arms, reason = "a table: what belongs together stands together")]
fn last(kind: TokenKind, word: &str) -> Last {
    match (kind, word) {
        (TokenKind::Symbol('.' | '@'), _) => Last::Naming,
        (TokenKind::Symbol('='), _) => Last::Equals,
        (TokenKind::Symbol(')'), _) => Last::Other,
        (TokenKind::Symbol(_), _) => Last::Operator,
        (_, "EACH") => Last::Each,
        (_, "HANDLER") => Last::Handler,
        (
            _,
            "CASE" | "WHEN" | "THEN" | "ELSE" | "AND" | "OR" | "XOR" | "NOT" | "IN" | "LIKE" | "BETWEEN" | "DIV"
            | "MOD",
        ) => Last::Operator,
        _ => Last::Other,
    }
}
