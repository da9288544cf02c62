//! `wait`: targets are ready.

use std::time::{Duration, Instant};

use super::{Change, Context, Difference, Outcome, Perform, Sign, authorities};
use crate::failure::{Failure, Failures, Kind};
use crate::net::{self, Tls};
use crate::spec::{Target, WaitSpec};
use crate::sql::Stop;

/// How long a look takes at most: `show` is not there to wait.
const LOOK: Duration = Duration::from_millis(200);
/// The same for a database, which has to be logged in to.
const LOOK_AT_DATABASE: Duration = Duration::from_secs(2);

impl Perform for WaitSpec {
    type Work = ();

    fn observe(&self, context: &Context) -> Result<Change<()>, Failures> {
        context.check_interrupt()?;
        let targets = self.targets();
        let limit = context.deadline.map_or(LOOK, |deadline| LOOK.min(left(deadline)));
        let tls = self.tls(context)?;
        let looks = net::probe_all(&targets, &context.root, tls.as_ref(), limit)
            .map_err(|error| Failure::new(Kind::Internal, format!("cannot probe: {error}")))?;
        let mut differences: Vec<Difference> = targets
            .iter()
            .zip(looks)
            .filter_map(|(target, look)| Some(Difference::new(Sign::Wait, target.to_string(), look.err()?)))
            .collect();
        for spec in self.migrated() {
            let limit = context.deadline.map_or(LOOK_AT_DATABASE, |deadline| LOOK_AT_DATABASE.min(left(deadline)));
            let stop = Stop::new(context.interrupt.clone(), Some(Instant::now() + limit));
            if let Some(lacking) = spec.await_once(context, &stop)? {
                differences.push(Difference::new(Sign::Wait, spec.source.value.as_str().to_owned(), lacking));
            }
        }
        Ok(Change::new(differences, ()))
    }

    fn apply(&self, _: Change<()>, context: &Context) -> Result<Outcome, Failures> {
        let targets = self.targets();
        let timeout = context.deadline.map_or(self.timeout.get(), |deadline| self.timeout.get().min(left(deadline)));
        let (started, interval) = (Instant::now(), self.interval.get());
        let tls = self.tls(context)?;
        let wait = net::Wait { targets: &targets, root: &context.root, tls: tls.as_ref(), timeout, interval };
        let waited = net::wait(&wait, context.interrupt.wait());
        // The signal is the better reason, even when the time was over in the same moment.
        context.interrupt.check()?;
        waited?;
        let stop = Stop::new(context.interrupt.clone(), Some(started + timeout));
        for spec in self.migrated() {
            spec.wait(context, &stop)?;
        }
        Ok(Outcome::unchanged(format!("ready after {:.1}s", started.elapsed().as_secs_f64())))
    }
}

impl WaitSpec {
    fn targets(&self) -> Vec<&Target> {
        self.probed().collect()
    }

    /// Looks once, and says which target is not ready.
    pub(crate) fn look(&self, context: &Context) -> Result<(), Failure> {
        let targets = self.targets();
        let tls = self.tls(context)?;
        let looks = net::probe_all(&targets, &context.root, tls.as_ref(), self.timeout.get())
            .map_err(|error| Failure::new(Kind::Internal, format!("cannot probe: {error}")))?;
        let first = targets.iter().zip(looks).find_map(|(target, look)| Some((target, look.err()?)));
        first.map_or(Ok(()), |(target, cause)| {
            Err(Failure::new(Kind::Step, format!("`{target}` is not ready: {cause}")))
        })
    }

    /// How servers are checked, if a target needs it.
    fn tls(&self, context: &Context) -> Result<Option<Tls>, Failure> {
        let secure = |target: &&Target| matches!(target, Target::Http(url) if url.is_secure());
        let needed = self.targets().iter().any(secure);
        needed.then(|| authorities::tls(self.ca.as_ref(), context)).transpose()
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
    use crate::spec::{Target, Wanted};

    fn context(interrupt: Interrupt) -> Context {
        Context {
            root: Root::open(Path::new("/")).unwrap(),
            data: crate::template::Data::default(),
            environment: Environment::default(),
            interrupt,
            scrubber: Scrubber::default(),
            deadline: None,
        }
    }

    fn spec(targets: &[&str]) -> WaitSpec {
        let target = |text: &&str| Target::try_from((*text).to_owned()).unwrap();
        let target = |text: &&str| Located::new(Span::default(), Wanted::Ready(target(text)));
        let timeout = crate::spec::Duration::from_seconds(60);
        let interval = crate::spec::Duration::from_milliseconds(10);
        WaitSpec { targets: targets.iter().map(target).collect(), ca: None, timeout, interval }
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
        let interrupt = Interrupt::for_test();
        interrupt.trigger(15);
        let failure = apply(&["file:///missing"], &context(interrupt)).unwrap_err();
        assert_eq!(failure.kind(), Kind::Interrupted(15));
    }
}
