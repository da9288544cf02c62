//! What the server answers instead of doing the work.

use super::failure::{cause, remedy};
use super::trouble::Trouble;
use crate::sql::report::{Ended, Report};

/// Errors with which the server ends the session: what became of the statement is as unknown as when the line breaks.
const ENDING: [u16; 3] = [1053, 1927, 4031];

pub(super) fn report(trouble: &Trouble) -> Report {
    let message = cause(trouble);
    match trouble {
        Trouble::Refused(answered) => {
            let hint = remedy(answered.number);
            let report = Report { hint, ..Report::refused(answered.number.to_string(), message) };
            if ENDING.contains(&answered.number) { Report { ended: Ended::Lost, ..report } } else { report }
        }
        Trouble::Declined { hint, .. } => Report { hint: *hint, ..Report::refused("", message) },
        Trouble::Broken(_) | Trouble::Unreached(_) | Trouble::Silent | Trouble::Nonsense(_) => Report::lost(message),
    }
}
