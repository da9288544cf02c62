//! From what a step writes to what the kernel is told: directories that are there now, by descriptor.

use std::path::{Path, PathBuf};

use crate::action::{Context, Reach, reach};
use crate::plan::{Plan, Step};
use crate::process::{Allowed, Right};
use crate::root::{FileKind, Held, Root, shown};

/// Something that can be written.
pub(super) struct Granted {
    pub(super) allowed: Allowed,
    /// Its path, if the plan named it.
    pub(super) path: Option<PathBuf>,
}

/// What can be written while the step is done. What cannot be found is left out: the step meets the same obstacle, and says
/// which.
pub(super) fn granted(step: &Step, plan: &Plan, context: &Context) -> Vec<Granted> {
    let mut granted = Vec::new();
    for reach in reach(&step.action, context) {
        grant(&reach, &context.root, &mut granted);
    }
    for path in &step.writes {
        grant(&Reach::Named(path.as_path().to_owned()), &context.root, &mut granted);
    }
    if step.action.starts_program() {
        // A program works in the directories of the plan, so far as they are there.
        for other in plan.all_steps().into_iter().filter(|other| other.number != step.number) {
            for reach in reach(&other.action, context) {
                granted.extend(named_elsewhere(&reach, &context.root));
            }
        }
    }
    granted
}

fn grant(reach: &Reach, root: &Root, granted: &mut Vec<Granted>) {
    let everything = |held| Granted::new(held, Right::Everything);
    match reach {
        Reach::Entry(path) => granted.extend(root.hold_directory_of(path).map(everything)),
        Reach::Existing(path) => granted.extend(root.hold_directory(path).map(everything)),
        Reach::Tree(path) => {
            let inside = root.hold_directory(path).map(everything);
            // A link, or a file, has its name in the directory above; and so has what a run beside this one makes between both
            // looks.
            if inside.is_err() || !matches!(root.metadata(path), Ok(Some(found)) if found.kind == FileKind::Directory) {
                let above = path.parent().unwrap_or(path);
                granted.extend(root.hold_nearest(above).map(everything));
            }
            granted.extend(inside);
        }
        Reach::Made(path) => granted.extend(match root.hold_directory(path) {
            Ok(held) => Ok(everything(held)),
            Err(_) => root.hold_nearest(path).map(|held| Granted::new(held, Right::Directories)),
        }),
        Reach::Named(path) => granted.extend(match root.hold_followed(path) {
            Err(error) if error.is_not_found() => root.hold_nearest(path).and_then(|above| {
                // With it a wrong name would open everything.
                if above.path == Path::new("/") {
                    log::warn!(
                        "`{}` is not there, nor a directory above it: nothing can be written there",
                        shown(path)
                    );
                    return Err(error);
                }
                Ok(everything(above))
            }),
            held => held.map(Granted::of_its_kind),
        }),
        Reach::Outside(path) => {
            let held = Root::open(Path::new("/")).and_then(|host| host.hold_followed(path));
            granted.extend(held.map(|held| Granted { path: None, ..Granted::of_its_kind(held) }));
        }
    }
}

/// What a step gives to the programs of other steps: the directory that it names, never the root itself.
fn named_elsewhere(reach: &Reach, root: &Root) -> Option<Granted> {
    let held = match reach {
        Reach::Entry(path) => root.hold_directory_of(path),
        Reach::Existing(path) | Reach::Made(path) => root.hold_directory(path),
        Reach::Tree(path) => root.hold_directory(path).or_else(|_| root.hold_directory_of(path)),
        Reach::Named(_) | Reach::Outside(_) => return None,
    };
    let held = held.ok().filter(|held| held.path != Path::new("/"))?;
    Some(Granted::new(held, Right::Everything))
}

impl Granted {
    fn new(held: Held, right: Right) -> Self {
        Self { allowed: Allowed { object: held.fd, right }, path: Some(held.path) }
    }

    fn of_its_kind(held: Held) -> Self {
        let right = if held.is_directory { Right::Everything } else { Right::Content };
        Self::new(held, right)
    }
}
