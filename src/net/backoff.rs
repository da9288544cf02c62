//! The pauses between two tries.

use std::hash::{BuildHasher as _, Hasher as _, RandomState};
use std::time::Duration;

/// The pause doubles up to this.
const CAP: Duration = Duration::from_secs(5);

/// A shorter pause would only heat the processor.
const FLOOR: Duration = Duration::from_millis(10);

/// Pauses that double from the first one up to five seconds; a first one that is longer is kept. Each is spread by 20 % to
/// both sides, also at the cap, so that containers that were started together do not knock together.
#[derive(Debug)]
pub(crate) struct Backoff(Duration);

impl Backoff {
    pub(crate) fn new(first: Duration) -> Self {
        Self(first.max(FLOOR))
    }

    /// The next pause.
    pub(crate) fn pause(&mut self) -> Duration {
        // Every `RandomState` has other keys: random enough to spread pauses, and no crate is needed.
        self.pause_with(RandomState::new().build_hasher().finish())
    }

    fn pause_with(&mut self, random: u64) -> Duration {
        let pause = self.0;
        self.0 = (pause * 2).min(CAP).max(pause);
        let per_mille = 800 + u32::try_from(random % 401).unwrap_or(0);
        // In this order, as a plan may hold the longest time that there is.
        pause / 1000 * per_mille
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::Backoff;

    #[test]
    fn pauses_double_up_to_the_cap() {
        for (first, wanted) in [
            (100, [100, 200, 400, 800, 1600, 3200, 5000, 5000]),
            (0, [10, 20, 40, 80, 160, 320, 640, 1280]),
            (4000, [4000, 5000, 5000, 5000, 5000, 5000, 5000, 5000]),
            (9000, [9000; 8]),
        ] {
            let mut backoff = Backoff::new(Duration::from_millis(first));
            // 200 of 0 to 400 is the middle: no jitter.
            let pauses = [(); 8].map(|()| backoff.pause_with(200).as_millis());
            assert_eq!(pauses, wanted, "{first}");
        }
    }

    #[test]
    fn the_longest_pause_is_one() {
        let longest = Duration::from_millis(u64::MAX);
        assert!(Backoff::new(longest).pause_with(400) > longest);
    }

    #[test]
    fn jitter_stays_within_a_fifth() {
        for (random, wanted) in [(0, 800), (400, 1200), (401, 800), (u64::MAX, 800 + u64::MAX % 401)] {
            let pause = Backoff::new(Duration::from_secs(1)).pause_with(random);
            assert_eq!(u64::try_from(pause.as_millis()).unwrap(), wanted, "{random}");
        }
        let pauses: std::collections::HashSet<_> =
            (0..20).map(|_| Backoff::new(Duration::from_secs(1)).pause()).collect();
        assert!(pauses.len() > 1, "always the same pause");
        assert!(pauses.iter().all(|pause| (800..=1200).contains(&pause.as_millis())));
    }
}
