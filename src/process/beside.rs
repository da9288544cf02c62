//! A program that runs while something else is done, and is stopped when that is over.

use std::sync::{Condvar, Mutex};

use signal_hook::consts::{SIGCHLD, SIGTERM};

use super::program::exit;
use super::supervision::HowToStop;
use super::{Exit, Interrupt, Program, Tell};
use crate::failure::Failure;

/// Both sides of such a program: who watches it, and who works beside it.
#[derive(Debug)]
pub(crate) struct Beside<'a> {
    /// Set off when the work is over.
    stop: Interrupt,
    /// What ends the work: a signal, or the end of the program.
    work: &'a Interrupt,
    /// Whether the program is there, or will never be.
    began: (Mutex<bool>, Condvar),
}

/// How the program ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum End {
    /// By itself, before it was asked to.
    Early(Exit),
    Stopped(Exit),
    /// It did not end in its grace.
    Killed,
}

impl<'a> Beside<'a> {
    /// `work` is the interrupt of the work, which is set off when the program ends early.
    pub(crate) fn new(work: &'a Interrupt) -> std::io::Result<Self> {
        Ok(Self { stop: Interrupt::manual_like(work)?, work, began: (Mutex::new(false), Condvar::new()) })
    }

    /// Runs the program until [`Self::stop`] is called. The signal goes to the program alone, and what it leaves is killed. Called
    /// by the thread that the program is to live with: it is killed when that one ends.
    pub(crate) fn watch(&self, program: &Program<'_>, signal: i32, tell: Tell<'_>) -> Result<End, Failure> {
        let ended = program.watch(&self.stop, HowToStop::Alone(signal), tell, &|| self.begin())?;
        let exit = exit(ended.status);
        Ok(match ended.stopped {
            None => End::Early(exit),
            Some(stopped) if stopped.killed => End::Killed,
            Some(_) => End::Stopped(exit),
        })
    }

    fn begin(&self) {
        if let Ok(mut began) = self.began.0.lock() {
            *began = true;
        }
        self.began.1.notify_all();
    }

    /// To be called when the program has ended, or never began: whatever the work waits for will not come any more.
    pub(crate) fn has_ended(&self) {
        self.work.trigger(SIGCHLD);
        self.begin();
    }

    /// Waits until the program is there. It may have ended since.
    pub(crate) fn wait_for_begin(&self) {
        let Ok(mut began) = self.began.0.lock() else { return };
        while !*began {
            let Ok(again) = self.began.1.wait(began) else { return };
            began = again;
        }
    }

    /// Asks the program to end.
    pub(crate) fn stop(&self) {
        self.stop.trigger(SIGTERM);
    }

    /// Whether the work was ended by the end of the program, and not by a signal.
    pub(crate) fn ended_the_work(&self) -> bool {
        self.work.signal() == Some(SIGCHLD)
    }
}
