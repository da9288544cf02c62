//! A text that was written inside of another one, for instance a template in a plan.

use std::sync::Arc;

use super::{Failure, Source, Span};

/// Characters of a line that is told.
const LINE_LIMIT: usize = 200;

/// A text, and where in the source around it it begins.
#[derive(Debug, Clone)]
pub(crate) struct Embedded {
    text: Arc<Source>,
    at: Span,
}

impl Failure {
    /// A failure in this text stands, from here on, in the source around it, which is told later ([`Failure::in_source`]). One
    /// in another source, for instance in a partial, stays there.
    pub(crate) fn in_embedded(mut self, text: &Arc<Source>, at: Span) -> Self {
        let details = &mut *self.0;
        if details.source.as_ref().is_some_and(|source| !Arc::ptr_eq(source, text)) {
            return self;
        }
        details.source = None;
        if details.span.is_known() {
            details.embedded = Some(Embedded { text: Arc::clone(text), at });
        } else {
            details.span = at;
        }
        self
    }

    /// The place in the source around the text: exact where that source holds the line as it is, otherwise where the text
    /// begins, and then notes tell the line.
    pub(super) fn surface(self, embedded: &Embedded, around: &Source) -> Self {
        let inner = self.0.span;
        let Embedded { text, at } = embedded;
        if let Some(span) = text.line(inner.line).and_then(|line| find(line, inner, embedded, around)) {
            return self.moved(span);
        }
        let outer = self.moved(*at).note(format!("line {} column {} of the text", inner.line, inner.column));
        match text.line(inner.line).map(str::trim_end) {
            Some(line) if line.chars().count() <= LINE_LIMIT => outer.note(format!("that line is: {line}")),
            _ => outer,
        }
    }

    fn moved(mut self, span: Span) -> Self {
        self.0.span = span;
        self
    }
}

/// Where the line of the text stands in the source around it: in a block scalar it is one line of that too, behind the
/// indentation; a text of one line may have a quote before it.
fn find(line: &str, inner: Span, embedded: &Embedded, around: &Source) -> Option<Span> {
    let Embedded { text, at } = embedded;
    // The place of a block scalar is its first line that is not empty.
    let first = text.text.lines().position(|line| !line.trim().is_empty()).unwrap_or(0);
    let number = (at.line + inner.line).checked_sub(u32::try_from(first).ok()? + 1)?;
    let outer = around.line(number)?;
    let before = usize::try_from(at.column).ok()?.checked_sub(1)?;
    let skipped = [before, before + 1].into_iter().find(|skipped| {
        let rest = outer.char_indices().nth(*skipped).map_or("", |(offset, _)| &outer[offset..]);
        !line.is_empty() && rest.starts_with(line)
    })?;
    Some(Span { line: number, column: inner.column + u32::try_from(skipped).ok()?, length: inner.length })
}

#[cfg(test)]
mod tests {
    use super::super::{Failure, Kind, Source, Span};

    /// Line and column in the plan, and how many notes tell it.
    fn surfaced(plan: &str, at: (usize, usize), text: &str, inner: (usize, usize)) -> (u32, u32, usize) {
        let text = Source::new("text", text);
        let failure = Failure::new(Kind::Plan, "bad").at(Span::new(inner.0, inner.1, 2)).in_source(&text);
        let failure = failure.in_embedded(&text, Span::new(at.0, at.1, 5)).in_source(&Source::new("plan", plan));
        let details = failure.details();
        assert_eq!(details.source.as_ref().map(|source| source.name.as_str()), Some("plan"));
        (details.span.line, details.span.column, details.notes.len())
    }

    #[test]
    fn a_line_of_a_text_is_found_where_it_was_written() {
        for (plan, at, text, inner, wanted) in [
            ("t: |\n  a\n\n   b{{x}}\n", (2, 3), "a\n\n b{{x}}\n", (3, 5), (4, 7, 0)),
            // Empty lines at the beginning are not part of the place.
            ("t: |\n\n  a\n  b\n", (3, 3), "\na\nb\n", (3, 1), (4, 3, 0)),
            ("t: \"a {{x}}\"\n", (1, 4), "a {{x}}", (1, 5), (1, 9, 0)),
            ("t: a {{x}}\n", (1, 4), "a {{x}}", (1, 5), (1, 8, 0)),
            ("t: \"a\\n{{x}}\"\n", (1, 4), "a\n{{x}}", (2, 3), (1, 4, 2)),
            ("t: >\n  a\n\n  {{x}}\n", (2, 3), "a\n{{x}}\n", (2, 3), (2, 3, 2)),
            // The end of a text has no line.
            ("t: |\n  a\n", (2, 3), "a\n", (2, 1), (2, 3, 1)),
        ] {
            assert_eq!(surfaced(plan, at, text, inner), wanted, "{plan}");
        }
    }
}
