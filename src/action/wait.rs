//! `wait`: targets are ready.

mod command;
mod database;
mod threaded;
mod watches;

use std::thread::scope;
use std::time::{Duration, Instant};

use super::{Change, Context, Difference, Outcome, Perform, Sign};
use crate::failure::{Failure, Failures, Kind};
use crate::net::{self, Watch};
use crate::spec::{WaitSpec, What};
use crate::sql::Stop;

/// How long a look takes at most: `show` is not there to wait.
const LOOK: Duration = Duration::from_millis(200);
/// The same for a database, which has to be logged in to.
const LOOK_AT_DATABASE: Duration = Duration::from_secs(2);

impl Perform for WaitSpec {
    type Work = ();

    fn observe(&self, context: &Context) -> Result<Change<()>, Failures> {
        context.check_interrupt()?;
        Failures::check(self.findings())?;
        let limit = |limit: Duration| context.deadline.map_or(limit, |deadline| limit.min(left(deadline)));
        // A program may do anything: it is started only when it is waited for.
        let (databases, others) = (limit(LOOK_AT_DATABASE), limit(LOOK));
        let mut differences = self.look_at(|what| matches!(what, What::Database(_)), databases, true, context)?;
        let is_other = |what: &What| !matches!(what, What::Database(_) | What::Command(_));
        differences.extend(self.look_at(is_other, others, true, context)?);
        for command in self.targets.iter().filter(|wanted| matches!(wanted.what, What::Command(_))) {
            let later = "it is started only when it is waited for";
            differences.push(Difference::new(Sign::Wait, command.what.to_string(), later));
        }
        for spec in self.migrated() {
            let stop = Stop::new(context.interrupt.clone(), Some(Instant::now() + databases));
            if let Some(lacking) = spec.await_once(context, &stop)? {
                differences.push(Difference::new(Sign::Wait, spec.source.value.as_str().to_owned(), lacking));
            }
        }
        Ok(Change::new(differences, ()))
    }

    fn apply(&self, _: Change<()>, context: &Context) -> Result<Outcome, Failures> {
        let timeout = context.deadline.map_or(self.timeout.get(), |deadline| self.timeout.get().min(left(deadline)));
        let (started, interval) = (Instant::now(), self.interval.get());
        let until = started + timeout;
        let waited = scope(|scope| {
            let watches = self.watches(|_| true, scope, until, context)?;
            let watches: Vec<&Watch<'_>> = watches.iter().collect();
            net::wait(&net::Wait { watches: &watches, timeout, interval }, context.interrupt.wait())
        });
        // The signal is the better reason, even when the time was over in the same moment.
        context.interrupt.check()?;
        waited?;
        let stop = Stop::new(context.interrupt.clone(), Some(until));
        for spec in self.migrated() {
            spec.wait(context, &stop)?;
        }
        Ok(Outcome::unchanged(format!("ready after {:.1}s", started.elapsed().as_secs_f64())))
    }
}

impl WaitSpec {
    /// Looks once, and says which target is not as it has to be.
    pub(crate) fn look(&self, context: &Context) -> Result<(), Failure> {
        let differences = self.look_at(|_| true, self.timeout.get(), false, context)?;
        context.interrupt.check()?;
        differences.into_iter().next().map_or(Ok(()), |Difference { subject, detail, .. }| {
            let state = if self.gone { "gone" } else { "ready" };
            Err(Failure::new(Kind::Step, format!("`{subject}` is not {state}: {detail}")))
        })
    }

    /// Looks once at these; a `hasty` look takes nobody who is silent for gone.
    fn look_at(
        &self,
        is_meant: impl Fn(&What) -> bool,
        limit: Duration,
        hasty: bool,
        context: &Context,
    ) -> Result<Vec<Difference>, Failure> {
        scope(|scope| {
            let watches = self.watches(is_meant, scope, Instant::now() + limit, context)?;
            let watches: Vec<&Watch<'_>> = watches.iter().collect();
            let looks = net::look_once(&watches, limit, hasty)
                .map_err(|error| Failure::new(Kind::Internal, format!("cannot probe: {error}")))?;
            let lacking = watches.iter().zip(looks);
            Ok(lacking
                .filter_map(|(watch, look)| Some(Difference::new(Sign::Wait, watch.label.clone(), look.err()?)))
                .collect())
        })
    }
}

fn left(deadline: Instant) -> Duration {
    deadline.saturating_duration_since(Instant::now())
}

#[cfg(test)]
mod tests {
    use std::path::Path;
    use std::time::{Duration, Instant};

    use super::{Change, Context, Difference, Perform, Sign, WaitSpec};
    use crate::document::Located;
    use crate::failure::{Kind, Span};
    use crate::process::{Environment, Interrupt};
    use crate::root::Root;
    use crate::secret::Scrubber;
    use crate::spec::{Wanted, What};

    fn context(interrupt: Interrupt) -> Context {
        Context {
            step: String::new(),
            root: Root::open(Path::new("/")).unwrap(),
            data: crate::template::Data::default(),
            environment: Environment::default(),
            interrupt,
            scrubber: Scrubber::default(),
            deadline: None,
        }
    }

    fn spec(targets: &[&str]) -> WaitSpec {
        let target = |text: &&str| Located::new(Span::default(), Wanted::from(What::of_url(text).unwrap()));
        let timeout = crate::spec::Duration::from_seconds(60);
        let interval = crate::spec::Duration::from_milliseconds(10);
        WaitSpec { targets: targets.iter().map(target).collect(), ca: None, timeout, interval, gone: false }
    }

    #[test]
    fn observe_names_what_is_not_ready() {
        let change = spec(&["file:///etc/passwd", "file:///missing"]).observe(&context(Interrupt::none())).unwrap();
        assert_eq!(change.differences, [Difference::new(Sign::Wait, "file:///missing", "no such file")]);
    }

    #[test]
    fn the_nearer_limit_counts_and_an_interrupt_wins() {
        let apply = |targets: &[&str], context: &Context| spec(targets).apply(Change::new(Vec::new(), ()), context);
        assert!(!apply(&["file:///etc/passwd"], &context(Interrupt::none())).unwrap().changed);
        let deadline = Some(Instant::now() + Duration::from_millis(100));
        let near = Context { deadline, ..context(Interrupt::none()) };
        assert_eq!(apply(&["file:///missing"], &near).unwrap_err().kind(), Kind::Timeout);
        let interrupt = Interrupt::manual().unwrap();
        interrupt.trigger(15);
        let failure = apply(&["file:///missing"], &context(interrupt)).unwrap_err();
        assert_eq!(failure.kind(), Kind::Interrupted(15));
    }
}
