//! A large TOML text without most of what does not concern a place in it: the library takes long to read it all.

use std::ops::Range;

use super::super::Segment;
use super::outline::Outline;

/// The text with comments in place of what does not concern the path, so that all that is left stands where it stood.
/// `None` when the text is not plain enough, or nothing can be left out.
///
/// What is left: the path itself, the tables on the way to it, and of what stands beside it the first and the last, by
/// which a new entry finds its place and its style.
pub(super) fn focused(text: &str, path: &[Segment]) -> Option<String> {
    let names =
        path.iter().map_while(|segment| if let Segment::Name(name) = segment { Some(name.as_str()) } else { None });
    let mut focus = Focus::new(names.collect());
    if focus.path.is_empty() {
        return None;
    }
    let mut outline = Outline::new(text);
    while outline.next()? {
        let statement = &outline.statement;
        if statement.header {
            focus.header(&statement.names, statement.range.clone());
        } else {
            focus.pair(&statement.names, statement.range.clone());
        }
    }
    let kept = focus.finish();
    let size: usize = kept.iter().map(Range::len).sum();
    (size < text.len()).then(|| masked(text, &kept))
}

/// The text with comments between the ranges, which are in order.
fn masked(text: &str, kept: &[Range<usize>]) -> String {
    let mut masked = String::with_capacity(text.len());
    for range in kept {
        push_filler(&mut masked, text, range.start);
        masked.push_str(&text[range.clone()]);
    }
    push_filler(&mut masked, text, text.len());
    masked
}

/// Pushes one comment as long as the lines of the text up to a place.
fn push_filler(masked: &mut String, text: &str, end: usize) {
    let lines = &text[masked.len()..end];
    let broken = usize::from(lines.ends_with('\n'));
    let length = lines.len() - broken;
    masked.push_str(if length > 0 { "#" } else { "" });
    masked.extend(std::iter::repeat_n("                                ", length.saturating_sub(1) / 32));
    masked.extend(std::iter::repeat_n(' ', length.saturating_sub(1) % 32));
    masked.push_str(if broken > 0 { "\n" } else { "" });
}

/// A section, as far as it has been seen.
#[derive(Debug, Clone, Default)]
struct Section {
    /// How many names its header has.
    names: usize,
    /// How many of them are those of the path.
    common: usize,
    header: Range<usize>,
    last_pair: Range<usize>,
}

struct Focus<'p> {
    path: Vec<&'p str>,
    kept: Vec<Range<usize>>,
    section: Section,
    /// For each number of common names: the first and the last of what has so many, but does not lead to the path.
    beside: Vec<Option<[Section; 2]>>,
    has_header: bool,
}

impl<'p> Focus<'p> {
    fn new(path: Vec<&'p str>) -> Self {
        let beside = vec![None; path.len()];
        Self { path, kept: Vec::new(), section: Section::default(), beside, has_header: false }
    }

    /// How many names are those of the path behind some that are.
    fn common(&self, known: usize, names: &[&str]) -> usize {
        known + self.path[known..].iter().zip(names).take_while(|(own, name)| own == name).count()
    }

    fn header(&mut self, names: &[&str], range: Range<usize>) {
        self.end_section();
        let common = self.common(0, names);
        let leads = common == names.len() || common == self.path.len();
        if leads || !std::mem::replace(&mut self.has_header, true) {
            self.keep(range.clone());
        }
        self.section = Section { names: names.len(), common, header: range.clone(), last_pair: range.end..range.end };
    }

    fn pair(&mut self, names: &[&str], range: Range<usize>) {
        let Section { names: above, common, .. } = self.section;
        if common == self.path.len() {
            self.keep(range);
            return;
        }
        if common == above {
            let own = self.common(common, names);
            if own == above + names.len() || own == self.path.len() {
                self.keep(range.clone());
            } else {
                let pair = Section { header: range.clone(), last_pair: range.clone(), ..Section::default() };
                self.note(above + 1, own, &pair);
            }
        }
        self.section.last_pair = range;
    }

    fn end_section(&mut self) {
        let section = self.section.clone();
        if section.common == section.names {
            self.keep(section.last_pair);
        } else if section.common < self.path.len() {
            self.note(1, section.common, &section);
        }
    }

    /// Notes something beside the path for each number of common names.
    fn note(&mut self, from: usize, to: usize, section: &Section) {
        for beside in self.beside.iter_mut().take(to + 1).skip(from) {
            match beside {
                Some([_, last]) => *last = section.clone(),
                None => *beside = Some([section.clone(), section.clone()]),
            }
        }
    }

    fn keep(&mut self, range: Range<usize>) {
        match self.kept.last_mut() {
            Some(last) if last.end == range.start => last.end = range.end,
            _ => self.kept.push(range),
        }
    }

    /// All that is kept, in order.
    fn finish(mut self) -> Vec<Range<usize>> {
        self.end_section();
        let mut all = self.kept;
        for section in self.beside.into_iter().flatten().flatten() {
            all.extend([section.header, section.last_pair]);
        }
        all.sort_by_key(|range| (range.start, range.end));
        let mut merged: Vec<Range<usize>> = Vec::new();
        for range in all {
            match merged.last_mut() {
                Some(last) if range.start <= last.end => last.end = last.end.max(range.end),
                _ => merged.push(range),
            }
        }
        merged
    }
}
