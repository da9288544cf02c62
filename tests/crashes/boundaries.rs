//! Kills at each message to a server, before it, while the server works on it, and after it.

use super::wire::{MOMENTS, Wire};
use super::{Moments, variable};
use crate::harness::Scene;

/// A database that can be begun anew.
pub(super) struct Bench<'a> {
    pub(super) scene: &'a Scene,
    pub(super) port: u16,
    /// The address of the database at a port.
    pub(super) url: &'a dyn Fn(u16) -> String,
    pub(super) clean: &'a dyn Fn(),
    /// Everything that is in the database.
    pub(super) contents: &'a dyn Fn() -> String,
}

const MIGRATE: [&str; 5] = ["migrate", "--database-env", "DATABASE_URL", "--source", "/m"];

impl Bench<'_> {
    /// At some of the messages, or at all of them where more rounds are asked for. Every time one more run has to finish the work.
    pub(super) fn kill_at_messages(&self, test: &str) {
        (self.clean)();
        let wire = Wire::new(self.port, None);
        self.scene.env("DATABASE_URL", (self.url)(wire.port)).run(&MIGRATE).code(0);
        let (undisturbed, messages) = ((self.contents)(), wire.messages());
        assert!(messages > 20, "{messages} messages");
        let mut all: Vec<_> = (0..messages).flat_map(|number| MOMENTS.map(|moment| (number, moment))).collect();
        if variable("FITOUT_CRASH_ROUNDS").is_none() {
            let mut chance = Moments::new(test);
            all = (0..15).map(|_| all[usize::try_from(chance.next(all.len() as u64)).unwrap()]).collect();
        }
        eprintln!("{test}: {} of {} places", all.len(), messages * MOMENTS.len());
        for (number, moment) in all {
            (self.clean)();
            let wire = Wire::new(self.port, Some((number, moment)));
            self.scene.env("DATABASE_URL", (self.url)(wire.port));
            let (reached, killed) = wire.run(self.scene.start(&MIGRATE));
            // The last messages are a goodbye, which nobody waits for.
            assert!(reached || killed.code == 0, "{number} {moment:?}: {killed:?}");
            self.scene.env("DATABASE_URL", (self.url)(self.port));
            let ran = self.scene.run(&MIGRATE);
            assert_eq!(ran.code, 0, "{number} {moment:?}: {}", ran.stderr);
            assert!((self.contents)() == undisturbed, "{number} {moment:?}: {}", (self.contents)());
        }
    }
}
