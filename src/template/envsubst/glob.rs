//! The patterns of `sh`: `*`, `?`, `[...]` and backslash.
//!
//! A pattern is matched at all lengths at once, as a machine that is in many states: the time is that of the text times
//! that of the pattern, whatever they are.

pub(super) struct Pattern {
    elements: Vec<Element>,
}

enum Element {
    Any,
    Many,
    Character(char),
    Set { negated: bool, members: Vec<Member> },
}

enum Member {
    Range(char, char),
    Class(Class),
}

type Class = fn(&char) -> bool;

impl Pattern {
    pub(super) fn new(text: &str) -> Self {
        let mut elements = Vec::new();
        let mut rest = text.chars();
        // Where one set is not closed, none behind it is: looking again and again would take long.
        let mut sets_close = true;
        while let Some(character) = rest.next() {
            elements.push(match character {
                '*' if matches!(elements.last(), Some(Element::Many)) => continue,
                '*' => Element::Many,
                '?' => Element::Any,
                '\\' => Element::Character(rest.next().unwrap_or('\\')),
                '[' if sets_close => match set(rest.as_str()) {
                    Some((set, after)) => {
                        rest = after.chars();
                        set
                    }
                    None => {
                        sets_close = false;
                        Element::Character('[')
                    }
                },
                other => Element::Character(other),
            });
        }
        Self { elements }
    }

    /// Where the shortest or longest beginning ends that matches.
    pub(super) fn prefix(&self, text: &str, longest: bool) -> Option<usize> {
        let ends = text.char_indices().map(|(at, character)| (character, at + character.len_utf8()));
        run(&self.elements.iter().collect::<Vec<_>>(), 0, ends, longest)
    }

    /// Where the shortest or longest end begins that matches.
    pub(super) fn suffix(&self, text: &str, longest: bool) -> Option<usize> {
        let starts = text.char_indices().rev().map(|(at, character)| (character, at));
        run(&self.elements.iter().rev().collect::<Vec<_>>(), text.len(), starts, longest)
    }
}

/// The place behind the characters that match, the first or the last one.
fn run(
    elements: &[&Element],
    start: usize,
    characters: impl Iterator<Item = (char, usize)>,
    longest: bool,
) -> Option<usize> {
    let mut states = vec![false; elements.len() + 1];
    let mut next = states.clone();
    states[0] = true;
    pass_stars(elements, &mut states);
    let mut found = states.last().is_some_and(|&accepts| accepts).then_some(start);
    for (character, place) in characters {
        if found.is_some() && !longest {
            break;
        }
        next.fill(false);
        let mut alive = false;
        for (at, element) in elements.iter().enumerate().filter(|&(at, _)| states[at]) {
            let goes_to = match element {
                Element::Many => at,
                element if element.matches(character) => at + 1,
                _ => continue,
            };
            next[goes_to] = true;
            alive = true;
        }
        if !alive {
            break;
        }
        std::mem::swap(&mut states, &mut next);
        pass_stars(elements, &mut states);
        if states.last().is_some_and(|&accepts| accepts) {
            found = Some(place);
        }
    }
    found
}

/// A `*` can also stand for nothing.
fn pass_stars(elements: &[&Element], states: &mut [bool]) {
    for (at, element) in elements.iter().enumerate() {
        if states[at] && matches!(element, Element::Many) {
            states[at + 1] = true;
        }
    }
}

impl Element {
    fn matches(&self, character: char) -> bool {
        match self {
            Self::Any | Self::Many => true,
            Self::Character(wanted) => *wanted == character,
            Self::Set { negated, members } => members.iter().any(|member| member.has(character)) != *negated,
        }
    }
}

impl Member {
    fn has(&self, character: char) -> bool {
        match self {
            Self::Range(from, to) => (*from..=*to).contains(&character),
            Self::Class(class) => class(&character),
        }
    }
}

/// What stands behind `[`, and the rest of the pattern. Nothing if it is not closed: then the bracket is a bracket.
fn set(text: &str) -> Option<(Element, &str)> {
    let negated = text.starts_with(['!', '^']);
    let mut rest = if negated { text.get(1..)? } else { text };
    let mut members = Vec::new();
    let mut is_first = true;
    loop {
        if let Some(after) = rest.strip_prefix(']').filter(|_| !is_first) {
            return Some((Element::Set { negated, members }, after));
        }
        is_first = false;
        if let Some((class, after)) = class(rest) {
            members.push(Member::Class(class));
            rest = after;
            continue;
        }
        let (from, after) = member(rest)?;
        rest = after;
        let end = rest.strip_prefix('-').filter(|end| !end.starts_with(']')).and_then(member);
        let to = match end {
            Some((to, after)) => {
                rest = after;
                to
            }
            None => from,
        };
        members.push(Member::Range(from, to));
    }
}

fn member(text: &str) -> Option<(char, &str)> {
    let mut characters = text.chars();
    let character = match characters.next()? {
        '\\' => characters.next()?,
        other => other,
    };
    Some((character, characters.as_str()))
}

/// `[:alpha:]` and its like, of ASCII.
fn class(text: &str) -> Option<(Class, &str)> {
    let inside = text.strip_prefix("[:")?;
    let length = inside.bytes().take(7).take_while(u8::is_ascii_lowercase).count();
    let (name, behind) = inside.split_at_checked(length)?;
    let after = behind.strip_prefix(":]")?;
    let class: Class = match name {
        "alnum" => char::is_ascii_alphanumeric,
        "alpha" => char::is_ascii_alphabetic,
        "blank" => |character| matches!(character, ' ' | '\t'),
        "cntrl" => char::is_ascii_control,
        "digit" => char::is_ascii_digit,
        "graph" => char::is_ascii_graphic,
        "lower" => char::is_ascii_lowercase,
        "print" => |character| matches!(character, ' '..='~'),
        "punct" => char::is_ascii_punctuation,
        "space" => |character| matches!(character, ' ' | '\t'..='\r'),
        "upper" => char::is_ascii_uppercase,
        "xdigit" => char::is_ascii_hexdigit,
        _ => return None,
    };
    Some((class, after))
}
