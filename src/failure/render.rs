//! A failure as text: for a person, for a log line, for the termination message.

use std::fmt::Write as _;

use super::{Failure, Failures};

/// A source line longer than this is cut around the place: it may be a file of one line.
const LINE_LIMIT: usize = 160;

impl Failure {
    /// The whole story on several lines: message, place, the one source line, notes, hint.
    pub(crate) fn to_text(&self) -> String {
        let details = self.details();
        let mut text = format!("error: {}\n", details.message);
        let step = details.step.as_deref().unwrap_or_default();
        let mut gutter = String::from(" ");
        if let Some(place) = self.place() {
            let separator = if step.is_empty() { "" } else { "  " };
            let _ = writeln!(text, "  --> {place}{separator}{step}");
            if let Some(line) = place.source.line(place.span.line) {
                let number = place.span.line.to_string();
                gutter = " ".repeat(number.len() + 1);
                let (line, column, length) = cut(line, place.span.column as usize, place.span.length as usize);
                let _ = writeln!(text, " {gutter}|\n {number} | {line}");
                let _ = writeln!(text, " {gutter}| {}{}", " ".repeat(column - 1), "^".repeat(length));
            }
        } else if !step.is_empty() {
            let _ = writeln!(text, "  --> {step}");
        }
        for note in &details.notes {
            let _ = writeln!(text, " {gutter}= {note}");
        }
        if let Some(hint) = &details.hint {
            let _ = writeln!(text, "\nhint: {hint}");
        }
        text
    }

    /// Message, place and hint on one line.
    pub(crate) fn to_line(&self) -> String {
        let details = self.details();
        let mut line = details.message.clone();
        if let Some(place) = self.place() {
            let _ = write!(line, " ({place})");
        }
        if let Some(step) = &details.step {
            let _ = write!(line, " in {step}");
        }
        for note in &details.notes {
            let _ = write!(line, "; {note}");
        }
        if let Some(hint) = &details.hint {
            let _ = write!(line, "; hint: {hint}");
        }
        line
    }
}

impl Failures {
    /// `<kind>: <message>`, a line for each finding.
    pub(crate) fn to_termination_message(&self) -> String {
        let lines: Vec<String> =
            self.iter().map(|failure| format!("{}: {}", failure.kind().name(), failure.to_line())).collect();
        lines.join("\n")
    }
}

/// The stretch of the line that is worth showing, with the column and length of the mark in it, both at least 1.
/// Control characters are shown as spaces so that a source line cannot steer a terminal.
fn cut(line: &str, column: usize, length: usize) -> (String, usize, usize) {
    let characters: Vec<char> = line.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    let column = column.clamp(1, characters.len() + 1);
    let from = if characters.len() <= LINE_LIMIT { 0 } else { (column - 1).saturating_sub(LINE_LIMIT / 2) };
    let shown: Vec<char> = characters.into_iter().skip(from).take(LINE_LIMIT).collect();
    let column = column - from;
    let length = length.clamp(1, (shown.len() + 1).saturating_sub(column).max(1));
    (shown.into_iter().collect(), column, length)
}

#[cfg(test)]
mod tests {
    use super::super::{Failure, Failures, Kind, Source, Span};

    #[test]
    fn text_shows_the_one_line_and_the_remedy() {
        let source = Source::new("/plan/plan.yaml", "version: 1\nsteps:\n  - render:\n      path: /etc/app.conf\n");
        let failure = Failure::new(Kind::FileSystem, "cannot write `/etc/app.conf`: read-only file system")
            .at(Span::new(4, 13, 13))
            .in_source(&source)
            .in_step("step 1 `app config`")
            .note("call: openat(</etc>, \"x\")")
            .hint("mount an emptyDir volume at `/etc`");
        assert_eq!(
            failure.to_text(),
            "error: cannot write `/etc/app.conf`: read-only file system
  --> /plan/plan.yaml:4:13  step 1 `app config`
   |
 4 |       path: /etc/app.conf
   |             ^^^^^^^^^^^^^
   = call: openat(</etc>, \"x\")

hint: mount an emptyDir volume at `/etc`
"
        );
        assert_eq!(
            Failures::from(failure).to_termination_message(),
            "file-system: cannot write `/etc/app.conf`: read-only file system (/plan/plan.yaml:4:13) in step 1 \
             `app config`; call: openat(</etc>, \"x\"); hint: mount an emptyDir volume at `/etc`"
        );
    }

    #[test]
    fn a_line_of_a_megabyte_is_cut_around_the_place() {
        let source = Source::new("plan", format!("{}X{}", "a".repeat(500_000), "b".repeat(500_000)));
        let failure = Failure::new(Kind::Plan, "bad").at(Span::new(1, 500_001, 1)).in_source(&source);
        let text = failure.to_text();
        assert!(text.len() < 600, "{}", text.len());
        let (line, mark) = (text.lines().nth(3).unwrap(), text.lines().nth(4).unwrap());
        assert_eq!(line.chars().position(|c| c == 'X'), mark.chars().position(|c| c == '^'));
    }
}
