//! All helpers: what each is called, takes and does, with an example that a test renders.

use std::collections::HashMap;
use std::sync::LazyLock;

use super::call::{Call, Outcome};
use super::{
    CONDITION, LOOKUP_OR_NULL, PRESENT, TEXT, arithmetic, comparison, dates, encoding, hashing, lists, logic, maps,
    paths, patterns, rounding, semver, strings, units, urls,
};

/// One helper. What is for the reader is shown by the reference page, which the program does not hold.
#[cfg_attr(not(any(test, feature = "schema")), allow(dead_code, reason = "the page is made by crates/generate"))]
pub(super) struct Entry {
    pub(super) name: &'static str,
    /// Words of the reference: `TEXT`, `[OPTIONAL]`, and `MANY...` as the last. Counts are read from them.
    pub(super) parameters: &'static str,
    pub(super) about: &'static str,
    /// A template and what it renders to.
    pub(super) example: (&'static str, &'static str),
    /// Values in, value out; none is a helper of Handlebars itself.
    pub(super) make: Option<fn(&Call<'_>) -> Outcome>,
    /// It decides itself what an unknown name or null means.
    pub(super) tolerant: bool,
    /// It takes parameters with any name: `a=1`.
    pub(super) named: bool,
}

impl Entry {
    pub(super) const fn new(
        name: &'static str,
        parameters: &'static str,
        about: &'static str,
        example: (&'static str, &'static str),
        make: fn(&Call<'_>) -> Outcome,
    ) -> Self {
        Self { name, parameters, about, example, make: Some(make), tolerant: false, named: false }
    }

    /// One of Handlebars' own, which is kept as it is.
    pub(super) const fn built_in(
        name: &'static str,
        parameters: &'static str,
        about: &'static str,
        example: (&'static str, &'static str),
    ) -> Self {
        Self { name, parameters, about, example, make: None, tolerant: false, named: false }
    }

    pub(super) const fn tolerant(mut self) -> Self {
        self.tolerant = true;
        self
    }

    pub(super) const fn named(mut self) -> Self {
        self.named = true;
        self
    }

    /// The least and, if there is one, the greatest number of parameters.
    pub(super) fn counts(&self) -> (usize, Option<usize>) {
        let (mut least, mut all, mut open) = (0, 0, false);
        for word in self.parameters.split_whitespace() {
            open |= word.trim_end_matches(']').ends_with("...");
            all += 1;
            least += usize::from(!word.starts_with('['));
        }
        (least, (!open).then_some(all))
    }
}

/// Helpers of one kind, as the reference page shows them.
#[cfg_attr(not(any(test, feature = "schema")), allow(dead_code, reason = "the page is made by crates/generate"))]
pub(super) struct Group {
    pub(super) title: &'static str,
    pub(super) entries: &'static [Entry],
}

const BLOCKS: &[Entry] = &[
    Entry::built_in(
        "if",
        "CONDITION",
        "The block if the condition holds, else what follows `{{else}}`. False, null, 0 and what is empty do not hold; \
         values that are the texts `false` and `0` are errors, see `boolean`.",
        ("{{#if values.tls}}https{{else}}http{{/if}}", "https"),
    ),
    Entry::built_in(
        "unless",
        "CONDITION",
        "The block if the condition does not hold.",
        ("{{#unless values.tls}}http{{else}}https{{/unless}}", "https"),
    ),
    Entry::built_in(
        "each",
        "VALUE",
        "The block for each item of a list or mapping, with `this`, `@index` or `@key`, `@first` and `@last`; else what \
         follows `{{else}}`.",
        ("{{#each values.hosts}}{{@index}}={{this}} {{/each}}", "0=a 1=b 2=c "),
    )
    .tolerant(),
    Entry::built_in(
        "with",
        "VALUE",
        "The block with names looked up in the value; else what follows `{{else}}`.",
        ("{{#with values.site}}{{title}}{{/with}}", "Shop"),
    )
    .tolerant(),
    Entry::built_in(
        "raw",
        "",
        "The block as it is, with braces: `{{{{raw}}}}`, the text, `{{{{/raw}}}}`.",
        ("{{{{raw}}}}{{kept}}{{{{/raw}}}}", "{{kept}}"),
    ),
];

pub(super) const GROUPS: &[Group] = &[
    Group { title: "Blocks", entries: BLOCKS },
    Group { title: "Missing values", entries: logic::ENTRIES },
    Group { title: "Conditions", entries: comparison::ENTRIES },
    Group { title: "Text", entries: strings::ENTRIES },
    Group { title: "Lists", entries: lists::ENTRIES },
    Group { title: "Mappings", entries: maps::ENTRIES },
    Group { title: "Numbers", entries: arithmetic::ENTRIES },
    Group { title: "Rounding", entries: rounding::ENTRIES },
    Group { title: "Durations and sizes", entries: units::ENTRIES },
    Group { title: "Formats and encodings", entries: encoding::ENTRIES },
    Group { title: "Checksums", entries: hashing::ENTRIES },
    Group { title: "Regular expressions", entries: patterns::ENTRIES },
    Group { title: "Paths and files", entries: paths::ENTRIES },
    Group { title: "Parts of URLs", entries: urls::ENTRIES },
    Group { title: "Versions", entries: semver::ENTRIES },
    Group { title: "Time", entries: dates::ENTRIES },
];

static BY_NAME: LazyLock<HashMap<&'static str, &'static Entry>> =
    LazyLock::new(|| entries().map(|entry| (entry.name, entry)).collect());

pub(super) fn entries() -> impl Iterator<Item = &'static Entry> {
    GROUPS.iter().flat_map(|group| group.entries)
}

pub(super) fn entry(name: &str) -> Option<&'static Entry> {
    BY_NAME.get(name).copied()
}

pub(in crate::template) fn is_helper(name: &str) -> bool {
    BY_NAME.contains_key(name)
}

/// Whether it, or the guard, decides itself what an unknown name means.
pub(in crate::template) fn is_tolerant(name: &str) -> bool {
    [TEXT, PRESENT, CONDITION, LOOKUP_OR_NULL].contains(&name) || entry(name).is_some_and(|entry| entry.tolerant)
}

/// Whether the name alone calls it: `{{now}}`. Others need parameters, so `{{title}}` is a value with that name.
pub(in crate::template) fn stands_alone(name: &str) -> bool {
    entry(name).is_some_and(|entry| entry.make.is_some() && entry.parameters.is_empty())
}

pub(in crate::template) fn is_block(name: &str) -> bool {
    entry(name).is_some_and(|entry| entry.make.is_none())
}

/// What is wrong with a call, as far as it can be seen without values.
pub(in crate::template) fn wrong_call(name: &str, given: usize, block: bool) -> Option<String> {
    let entry = entry(name)?;
    let (least, most) = entry.counts();
    match (entry.make.is_none(), block) {
        (true, false) => Some(format!("`{name}` is a block: write `{{{{#{name} {}}}}}`", entry.parameters)),
        (false, true) => Some(format!("`{name}` is not a block: write `{{{{{name} {}}}}}`", entry.parameters)),
        _ if given < least || most.is_some_and(|most| given > most) => Some(needed(entry, least, most)),
        _ => None,
    }
}

fn needed(entry: &Entry, least: usize, most: Option<usize>) -> String {
    let count = match most {
        None => format!("at least {least}"),
        Some(0) => return format!("`{}` takes no parameters", entry.name),
        Some(most) if most == least => least.to_string(),
        Some(most) => format!("{least} to {most}"),
    };
    let plural = if count.ends_with('1') { "" } else { "s" };
    format!("`{}` needs {count} parameter{plural}: {}", entry.name, entry.parameters)
}
