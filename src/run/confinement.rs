//! Steps that can write only where the plan says. Each is done on a thread of its own that gives up all other rights; the
//! thread that hands over to the application keeps them.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::atomic::{AtomicI64, Ordering};
use std::thread;

use nix::errno::Errno;

use super::reach::{Granted, granted};
use crate::action::Context;
use crate::failure::{Failure, Failures, Kind};
use crate::plan::{Plan, Step};
use crate::process::{Allowed, Right, Unconfined, confine_thread, landlock_version};
use crate::root::Root;
use crate::spec::{Action, Confine, ConfineStep};

/// As much as the first thread of a process has. Memory is taken only for what is used of it.
const STACK: usize = 8 * 1024 * 1024;

/// The first version of Landlock that lets a file be moved between directories.
const MOVES: i64 = 2;

/// Whether steps are confined; known before the first one.
pub(super) struct Confinement<'a> {
    plan: &'a Plan,
    /// The version of Landlock; 0 when steps are not confined.
    version: AtomicI64,
}

/// A step's work, with the rights that it leaves itself.
pub(super) struct Confined<'a> {
    confinement: &'a Confinement<'a>,
    step: &'a Step,
    granted: Vec<Granted>,
    version: Option<i64>,
}

impl<'a> Confinement<'a> {
    /// For what changes nothing.
    pub(super) fn off(plan: &'a Plan) -> Self {
        Self { plan, version: AtomicI64::new(0) }
    }

    /// Fails when the plan demands what the kernel does not have.
    pub(super) fn new(plan: &'a Plan) -> Result<Self, Failure> {
        let confinement = Self::off(plan);
        if *plan.confine == Confine::Off || plan.steps.is_empty() {
            return Ok(confinement);
        }
        match landlock_version() {
            Ok(version) => confinement.version.store(version, Ordering::Relaxed),
            Err(why) => confinement.do_without(why)?,
        }
        Ok(confinement)
    }

    fn do_without(&self, why: Unconfined) -> Result<(), Failure> {
        self.version.store(0, Ordering::Relaxed);
        may_do_without(*self.plan.confine, "the steps", why).map_err(|failure| failure.at(self.plan.confine.span))?;
        log::info!("steps are not confined: {why}");
        Ok(())
    }

    /// What a step's work is left with, decided before it begins.
    pub(super) fn of<'b>(&'b self, step: &'b Step, context: &Context) -> Confined<'b> {
        let unconfined = Confined { confinement: self, step, granted: Vec::new(), version: None };
        let version = self.version.load(Ordering::Relaxed);
        if version == 0 {
            return unconfined;
        }
        if step.confine == ConfineStep::Off {
            log::debug!("{}: not confined, as the step says", step.label());
            return unconfined;
        }
        if version < MOVES && matches!(step.action, Action::Once(_)) {
            log::debug!("{}: not confined, as this kernel would let it move nothing", step.label());
            return unconfined;
        }
        Confined { granted: granted(step, self.plan, context), version: Some(version), ..unconfined }
    }

    /// Does a step's `work` where it can write only what the step, and for a program the plan, names.
    pub(super) fn carry_out<T: Send>(
        &self,
        step: &Step,
        context: &Context,
        work: impl Fn() -> Result<T, Failures> + Sync,
    ) -> Result<T, Failures> {
        self.of(step, context).carry_out(work)
    }
}

impl Confined<'_> {
    pub(super) fn carry_out<T: Send>(self, work: impl Fn() -> Result<T, Failures> + Sync) -> Result<T, Failures> {
        let Some(version) = self.version else {
            return work();
        };
        let names = names(&self.granted);
        log::debug!("{}: can write {}", self.step.label(), only_in(&names));
        let allowed = self.granted.into_iter().map(|granted| granted.allowed).collect();
        match on_a_thread(version, allowed, &work) {
            Ok(done) => done.map_err(|failures| failures.map(|failure| explained(failure, self.step, &names))),
            Err(why) => {
                self.confinement.do_without(why)?;
                work()
            }
        }
    }
}

/// Does the `work` of a command that is no step where it can write only in the directory that holds `path`.
pub(crate) fn confined_beside<T: Send>(
    path: &Path,
    root: &Root,
    confine: Confine,
    command: &str,
    work: impl Fn() -> T + Sync,
) -> Result<T, Failure> {
    if confine == Confine::Off {
        return Ok(work());
    }
    // Without the directory nothing can be written: the work meets the same obstacle, and says which.
    let held = root.hold_directory_of(path).ok();
    let allowed = held.map(|held| Allowed { object: held.fd, right: Right::Everything });
    let done = landlock_version().and_then(|version| on_a_thread(version, allowed.into_iter().collect(), &work));
    done.or_else(|why| {
        may_do_without(confine, &format!("`{command}`"), why)?;
        log::info!("`{command}` is not confined: {why}");
        Ok(work())
    })
}

/// Fails where the confinement is demanded.
fn may_do_without(confine: Confine, what: &str, why: Unconfined) -> Result<(), Failure> {
    if confine == Confine::Required {
        return Err(Failure::new(Kind::Step, format!("cannot confine {what}: {why}")).hint(
            "it needs Linux 5.13, started with Landlock, and a seccomp profile that allows it; or `confine: auto`",
        ));
    }
    Ok(())
}

/// Does the work on a thread that is confined; or not at all, when that is not possible.
fn on_a_thread<T: Send>(version: i64, allowed: Vec<Allowed>, work: &(impl Fn() -> T + Sync)) -> Result<T, Unconfined> {
    thread::scope(|scope| {
        let confined = move || {
            confine_thread(version, &allowed)?;
            drop(allowed);
            Ok(work())
        };
        let thread = thread::Builder::new().name("step".to_owned()).stack_size(STACK).spawn_scoped(scope, confined);
        let thread = thread.map_err(|error| {
            Unconfined::Refused("clone", error.raw_os_error().map_or(Errno::EAGAIN, Errno::from_raw))
        })?;
        // A panic has ended the process already: the hook sees to that.
        thread.join().unwrap_or(Err(Unconfined::Refused("join", Errno::EDEADLK)))
    })
}

/// Says so where the confinement may be the cause: the kernel answers as for a missing permission, and what a program met with
/// nobody knows.
fn explained(failure: Failure, step: &Step, names: &[String]) -> Failure {
    let message = failure.to_string();
    let denied = failure.details().notes.iter().any(|note| note.ends_with(": EACCES"));
    let inside = names.iter().any(|name| message.contains(name.trim_end_matches('`')));
    // With everything in the root nothing of the plan is refused, and what did not start wrote nothing.
    if names.iter().any(|name| name == "`/`") || message.contains("cannot execute") {
        return failure;
    }
    match failure.kind() {
        Kind::Step | Kind::Database if step.action.starts_program() => failure.note(format!(
            "confined: the program can write {}; more with `writes`, everywhere with `confine: off`",
            only_in(names)
        )),
        _ if denied && !inside => {
            failure.note(format!("confined: the step can write {}; everywhere with `confine: off`", only_in(names)))
        }
        _ => failure,
    }
}

fn only_in(names: &[String]) -> String {
    if names.is_empty() { "nothing".to_owned() } else { format!("only in {}", names.join(", ")) }
}

/// The paths for a message.
fn names(granted: &[Granted]) -> Vec<String> {
    let names: BTreeSet<String> = granted
        .iter()
        .filter_map(|granted| granted.path.as_deref())
        .map(|path: &Path| format!("`{}`", crate::root::shown(path)))
        .collect();
    names.into_iter().collect()
}
