//! Watching a child: its output, its end, its time, and the interrupt. One thread and no busy waiting.

use std::io::{self, Read as _};
use std::os::fd::{AsFd as _, BorrowedFd, OwnedFd};
use std::os::unix::net::UnixStream;
use std::process::{Child, ExitStatus};
use std::time::{Duration, Instant};

use nix::errno::Errno;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::signal::{Signal, killpg};
use nix::sys::wait::{Id, WaitPidFlag, WaitStatus, waitid};
use nix::unistd::Pid;
use signal_hook::SigId;
use signal_hook::consts::{SIGCHLD, SIGCONT};

use super::lines::Lines;
use super::program::{Channel, Tell};
use super::{Interrupt, Program, signals};
use crate::failure::{Failure, Kind};

/// A process that a program left behind may hold its output open; that is waited for no longer than this.
const DRAIN: Duration = Duration::from_millis(300);

/// What is read at once from an output: as much as a pipe holds.
const CHUNK: usize = 64 * 1024;

/// Knows when a child ends. Made before the child, which may end at once.
#[derive(Debug)]
pub(super) struct Supervision<'a> {
    program: &'a Program<'a>,
    interrupt: &'a Interrupt,
    how: HowToStop,
    /// Gets a byte with each SIGCHLD.
    children: UnixStream,
    registration: SigId,
}

/// What a program is told when it is to end; after its grace its whole group is killed.
#[derive(Debug, Clone, Copy)]
pub(super) enum HowToStop {
    /// SIGTERM for its group.
    Group,
    /// This signal for the program alone, which ends its children itself.
    Alone(i32),
}

/// How a program ended.
#[derive(Debug)]
pub(super) struct Ended {
    pub(super) status: ExitStatus,
    /// It was asked to end.
    pub(super) stopped: Option<Stopped>,
}

#[derive(Debug)]
pub(super) struct Stopped {
    pub(super) reason: Failure,
    /// It did not end in its grace.
    pub(super) killed: bool,
}

impl<'a> Supervision<'a> {
    pub(super) fn new(program: &'a Program<'a>, interrupt: &'a Interrupt, how: HowToStop) -> io::Result<Self> {
        let (children, write_end) = UnixStream::pair()?;
        children.set_nonblocking(true)?;
        let registration = signal_hook::low_level::pipe::register(SIGCHLD, write_end)?;
        Ok(Self { program, interrupt, how, children, registration })
    }

    /// Watches the child to its end, and reaps it whatever happens.
    pub(super) fn run(&self, mut child: Child, tell: Tell<'_>) -> Result<Ended, Failure> {
        let mut watch = Watch {
            supervision: self,
            group: Pid::from_raw(child.id().cast_signed()),
            started: Instant::now(),
            streams: [
                Stream::new(Channel::Output, child.stdout.take().map(OwnedFd::from)),
                Stream::new(Channel::Error, child.stderr.take().map(OwnedFd::from)),
            ],
            ended: None,
            stop: None,
        };
        let watched = watch.watch(tell);
        if watched.is_err() || watch.stop.is_some() || matches!(self.how, HowToStop::Alone(_)) {
            // The child is not reaped yet, so the number of its group cannot mean anybody else.
            let _ = killpg(watch.group, Signal::SIGKILL);
        }
        let status = watched.and(child.wait()).map_err(|error| self.program.failed(&error))?;
        let stopped = watch.stop.map(|stop| Stopped { reason: stop.reason, killed: stop.forced });
        Ok(Ended { status, stopped })
    }
}

impl Drop for Supervision<'_> {
    fn drop(&mut self) {
        signal_hook::low_level::unregister(self.registration);
    }
}

struct Watch<'a> {
    supervision: &'a Supervision<'a>,
    group: Pid,
    started: Instant,
    streams: [Stream; 2],
    /// When the program ended; processes that it started may still run.
    ended: Option<Instant>,
    stop: Option<Stop>,
}

/// The program was asked to end.
struct Stop {
    reason: Failure,
    kill_at: Instant,
    killed: Option<Instant>,
    /// The program itself was still there when its group was killed.
    forced: bool,
}

impl Watch<'_> {
    /// Comes back when the program has ended.
    fn watch(&mut self, tell: Tell<'_>) -> io::Result<()> {
        let mut buffer = vec![0; CHUNK];
        while !self.is_over() {
            let ready = self.sleep()?;
            for (stream, ready) in self.streams.iter_mut().zip(ready) {
                if ready {
                    stream.read(&mut buffer, tell)?;
                }
            }
            self.look_for_end()?;
            self.stop_when_asked();
        }
        for stream in &mut self.streams {
            stream.lines.finish(stream.channel, tell);
        }
        Ok(())
    }

    fn is_over(&self) -> bool {
        self.ended.is_some()
            && (self.streams.iter().all(|stream| stream.source.is_none())
                || self.drained_at().is_some_and(|time| time <= Instant::now()))
    }

    /// When open outputs are given up. After a stop, processes in the group have the whole grace to finish.
    fn drained_at(&self) -> Option<Instant> {
        match &self.stop {
            None => Some(self.ended? + DRAIN),
            Some(stop) => Some(self.ended?.max(stop.killed?) + DRAIN),
        }
    }

    /// Sleeps until something is to be done, and says which outputs can be read.
    fn sleep(&self) -> io::Result<[bool; 2]> {
        let wake_at = match &self.stop {
            Some(stop) if stop.killed.is_none() => Some(stop.kill_at),
            None if self.ended.is_none() => self.supervision.program.deadline,
            _ => self.drained_at(),
        };
        let timeout = wake_at.map_or(PollTimeout::NONE, |time| {
            // Rounded up, because poll counts in milliseconds and would wake just too early again and again.
            let left = time.saturating_duration_since(Instant::now()) + Duration::from_millis(1);
            PollTimeout::try_from(left).unwrap_or(PollTimeout::MAX)
        });
        let interrupt =
            if self.stop.is_none() && self.ended.is_none() { self.supervision.interrupt.as_fd() } else { None };
        let sources = self.streams.each_ref().map(|stream| stream.source.as_ref().map(|source| source.as_fd()));
        let watched: [Option<BorrowedFd<'_>>; 4] =
            [sources[0], sources[1], Some(self.supervision.children.as_fd()), interrupt];
        let mut polled: Vec<PollFd<'_>> =
            watched.iter().flatten().map(|source| PollFd::new(*source, PollFlags::POLLIN)).collect();
        match poll(&mut polled, timeout) {
            Ok(_) => {}
            Err(Errno::EINTR) => return Ok([false; 2]),
            Err(errno) => return Err(errno.into()),
        }
        let mut ready = polled.iter().map(|entry| entry.any().unwrap_or(true));
        Ok(sources.map(|source| source.is_some() && ready.next().unwrap_or(false)))
    }

    /// Looks without reaping: until the last signal was sent, the number of the child must stay taken.
    fn look_for_end(&mut self) -> io::Result<()> {
        let mut bytes = [0; 64];
        while (&self.supervision.children).read(&mut bytes).is_ok_and(|count| count > 0) {}
        if self.ended.is_none() {
            let flags = WaitPidFlag::WEXITED | WaitPidFlag::WNOHANG | WaitPidFlag::WNOWAIT;
            match waitid(Id::Pid(self.group), flags) {
                Ok(WaitStatus::StillAlive) | Err(Errno::EINTR) => {}
                // The library has no name for a real-time signal that ended the child.
                Ok(_) | Err(Errno::EINVAL) => self.ended = Some(Instant::now()),
                Err(errno) => return Err(errno.into()),
            }
        }
        Ok(())
    }

    fn stop_when_asked(&mut self) {
        let now = Instant::now();
        let program = self.supervision.program;
        if let Some(stop) = &mut self.stop {
            if stop.killed.is_none() && stop.kill_at <= now {
                let _ = killpg(self.group, Signal::SIGKILL);
                stop.killed = Some(now);
                stop.forced = self.ended.is_none();
            }
            return;
        }
        if self.ended.is_some() {
            return;
        }
        let reason = match self.supervision.interrupt.check() {
            Err(interrupted) => interrupted.note(format!("`{}` was stopped", program.name())),
            Ok(()) if program.deadline.is_some_and(|deadline| deadline <= now) => {
                let seconds = self.started.elapsed().as_secs_f64();
                let message = format!("timed out: `{}` was stopped after {seconds:.1}s", program.name());
                Failure::new(Kind::Timeout, message)
            }
            Ok(()) => return,
        };
        // A stopped process would see the signal only when it is continued.
        match self.supervision.how {
            HowToStop::Group => {
                for signal in [Signal::SIGTERM, Signal::SIGCONT] {
                    let _ = killpg(self.group, signal);
                }
            }
            HowToStop::Alone(signal) => {
                for signal in [signal, SIGCONT] {
                    let _ = signals::send(self.group.as_raw(), signal);
                }
            }
        }
        self.stop = Some(Stop { reason, kill_at: now + program.grace, killed: None, forced: false });
    }
}

/// One output of the program.
struct Stream {
    channel: Channel,
    /// None when it is closed.
    source: Option<OwnedFd>,
    lines: Lines,
}

impl Stream {
    fn new(channel: Channel, source: Option<OwnedFd>) -> Self {
        Self { channel, source, lines: Lines::default() }
    }

    fn read(&mut self, buffer: &mut [u8], tell: Tell<'_>) -> io::Result<()> {
        let Some(source) = &self.source else {
            return Ok(());
        };
        match nix::unistd::read(source, buffer) {
            Ok(0) => self.source = None,
            Ok(count) => {
                tell.bytes(self.channel, &buffer[..count]);
                self.lines.push(self.channel, &buffer[..count], tell);
            }
            Err(Errno::EINTR) => {}
            Err(errno) => return Err(errno.into()),
        }
        Ok(())
    }
}
