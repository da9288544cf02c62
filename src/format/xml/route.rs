//! The way to an element or attribute.

use super::super::Segment;

/// Elements from the root on, and an attribute of the last one.
#[derive(Debug, Clone)]
pub(super) struct Route<'p> {
    pub(super) steps: Vec<Step<'p>>,
    pub(super) attribute: Option<&'p str>,
}

/// One element among those of its name.
#[derive(Debug, Clone, Copy)]
pub(super) struct Step<'p> {
    pub(super) name: &'p str,
    pub(super) pick: Pick<'p>,
}

/// Which one of several elements.
#[derive(Debug, Clone, Copy)]
pub(super) enum Pick<'p> {
    First,
    Number(i64),
    Append,
    /// With a child element or (`@name`) attribute that has this text.
    Where {
        name: &'p str,
        value: &'p str,
    },
}

impl Step<'_> {
    /// What is said when there is no such element.
    pub(super) fn missing(&self) -> String {
        match self.pick {
            Pick::First | Pick::Append => format!("there is no element `{}`", self.name),
            Pick::Number(number) => format!("there is no element `{}` with number {number}", self.name),
            Pick::Where { name, value } => format!("no element `{}` has `{name}` = `{value}`", self.name),
        }
    }
}

impl<'p> Route<'p> {
    pub(super) fn of(path: &'p [Segment]) -> Result<Self, String> {
        let mut route = Self { steps: Vec::new(), attribute: None };
        for segment in path {
            if route.attribute.is_some() {
                return Err("nothing can stand behind an attribute".to_owned());
            }
            let pick = match segment {
                Segment::Name(name) => {
                    match name.strip_prefix('@') {
                        Some(attribute) => route.attribute = Some(attribute),
                        None => route.steps.push(Step { name, pick: Pick::First }),
                    }
                    continue;
                }
                Segment::Index(index) => Pick::Number(*index),
                Segment::Append => Pick::Append,
                Segment::Where { name, value } => Pick::Where { name, value },
            };
            match route.steps.last_mut() {
                Some(step) if matches!(step.pick, Pick::First) => step.pick = pick,
                _ => return Err("`[...]` stands behind the name of an element, once".to_owned()),
            }
        }
        if route.steps.is_empty() { Err("a path begins with the root element".to_owned()) } else { Ok(route) }
    }
}
