//! A wished mode that may depend on what an object is: `0640`, or `u=rwX,g=rX,o=`.

use serde::Deserialize;

use super::Mode;

/// What a mode is to become: octal digits, or clauses as `chmod` takes them. A clause without `u`, `g`, `o` or `a` is for all;
/// the umask plays no part.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(with = "String"))]
#[serde(try_from = "String")]
pub(crate) enum ModeChange {
    Bits(Mode),
    Clauses(Vec<Clause>),
}

/// One clause, for instance `go-w`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Clause {
    /// The read, write and execute bits that it is about.
    who: u32,
    operation: Operation,
    /// The bits `rwx` for each of them.
    permissions: u32,
    /// `X`: the right to enter directories, and to execute what somebody may execute.
    execute_if_sensible: bool,
    /// Setuid, setgid and sticky.
    special: u32,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Operation {
    Add,
    Remove,
    Set,
}

const READ: u32 = 0o444;
const WRITE: u32 = 0o222;
const EXECUTE: u32 = 0o111;
const USER: u32 = 0o700;
const GROUP: u32 = 0o070;
const OTHERS: u32 = 0o007;
const SETUID: u32 = 0o4000;
const SETGID: u32 = 0o2000;
const STICKY: u32 = 0o1000;

impl ModeChange {
    /// What the mode of an object becomes.
    pub(crate) fn applied_to(&self, mode: u32, is_directory: bool) -> u32 {
        match self {
            Self::Bits(bits) => bits.bits(),
            Self::Clauses(clauses) => clauses.iter().fold(mode, |mode, clause| clause.applied_to(mode, is_directory)),
        }
    }
}

impl Clause {
    fn applied_to(&self, mode: u32, is_directory: bool) -> u32 {
        let mut permissions = self.permissions;
        if self.execute_if_sensible && (is_directory || mode & EXECUTE != 0) {
            permissions |= EXECUTE;
        }
        let bits = permissions & self.who | self.special;
        match self.operation {
            Operation::Add => mode | bits,
            Operation::Remove => mode & !bits,
            // A directory hands its setgid bit down on purpose, so only who names it takes it away.
            Operation::Set => {
                let special = if is_directory { 0 } else { special_of(self.who) };
                mode & !(self.who | special) | bits
            }
        }
    }
}

/// Setuid for the user, setgid for the group.
fn special_of(who: u32) -> u32 {
    let user = if who & USER == USER { SETUID } else { 0 };
    let group = if who & GROUP == GROUP { SETGID } else { 0 };
    user | group
}

impl TryFrom<String> for ModeChange {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        if text.bytes().all(|byte| byte.is_ascii_digit()) {
            return Mode::try_from(text).map(Self::Bits);
        }
        let clauses: Option<Vec<Clause>> = text.split(',').map(clause).collect();
        clauses.map(Self::Clauses).ok_or_else(|| {
            "not a mode\nwrite octal digits in quotes, for instance \"0640\", or clauses like \"u=rwX,g=rX,o=\""
                .to_owned()
        })
    }
}

fn clause(text: &str) -> Option<Clause> {
    let position = text.find(['+', '-', '='])?;
    let (people, rest) = text.split_at(position);
    let mut who = 0;
    for person in people.chars() {
        who |= match person {
            'u' => USER,
            'g' => GROUP,
            'o' => OTHERS,
            'a' => USER | GROUP | OTHERS,
            _ => return None,
        };
    }
    if who == 0 {
        who = USER | GROUP | OTHERS;
    }
    let operation = match rest.as_bytes().first()? {
        b'+' => Operation::Add,
        b'-' => Operation::Remove,
        _ => Operation::Set,
    };
    let mut clause = Clause { who, operation, permissions: 0, execute_if_sensible: false, special: 0 };
    for letter in rest[1..].chars() {
        match letter {
            'r' => clause.permissions |= READ,
            'w' => clause.permissions |= WRITE,
            'x' => clause.permissions |= EXECUTE,
            'X' => clause.execute_if_sensible = true,
            's' => clause.special |= special_of(who),
            't' => clause.special |= STICKY,
            _ => return None,
        }
    }
    Some(clause)
}

#[cfg(test)]
mod tests {
    use super::ModeChange;

    fn change(text: &str) -> Result<ModeChange, String> {
        ModeChange::try_from(text.to_owned())
    }

    /// The wanted values are those of GNU `chmod`.
    #[test]
    fn clauses_change_what_they_name() {
        for (text, file, wanted_file, directory, wanted_directory) in [
            ("0640", 0o777, 0o640, 0o2777, 0o640),
            ("u=rwX,g=rX,o=", 0o644, 0o640, 0o755, 0o750),
            ("u=rwX,g=rX,o=", 0o711, 0o750, 0o2700, 0o2750),
            ("go-w", 0o666, 0o644, 0o777, 0o755),
            ("+x", 0o644, 0o755, 0o600, 0o711),
            ("a+X", 0o644, 0o644, 0o644, 0o755),
            ("g+s", 0o755, 0o2755, 0o755, 0o2755),
            ("g-s", 0o2755, 0o755, 0o2755, 0o755),
            ("ug=rx", 0o6777, 0o557, 0o6777, 0o6557),
            ("+t,o=", 0o755, 0o1750, 0o755, 0o1750),
            ("u=", 0o755, 0o055, 0o755, 0o055),
        ] {
            let change = change(text).unwrap();
            assert_eq!(format!("{:04o}", change.applied_to(file, false)), format!("{wanted_file:04o}"), "{text}");
            let found = change.applied_to(directory, true);
            assert_eq!(format!("{found:04o}"), format!("{wanted_directory:04o}"), "{text}");
        }
    }

    #[test]
    fn what_is_no_mode_is_refused() {
        for text in ["", "u", "u=rwz", "u=rw,", "b=r", "=,", "u==r", "8", "99999", "u=g"] {
            let message = change(text).unwrap_err();
            assert!(message.starts_with("not a mode\nwrite "), "{text}: {message}");
        }
    }
}
