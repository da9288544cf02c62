//! What PID 1 has to do: start the application, pass signals on, reap, and end when nothing of it is left.
//!
//! The first process of a container gets no signal that it has no handler for, inherits every orphan, and takes everything
//! with it when it ends. An application that was not written for that gets a parent that was.

mod birth;
mod descendants;
mod memory;
mod terminal;

use std::ffi::OsString;
use std::time::{Duration, Instant};

use nix::errno::Errno;
use nix::libc;
use nix::sys::prctl;

use self::birth::Birth;
use self::terminal::Terminal;
use super::execution::Execution;
use super::hand_over::give_pipes;
use super::preparation::Preparation;
use super::signals::{self, SignalSet};
use super::{HandOver, Interrupt, cause, disposition};
use crate::failure::{Failure, Kind};

/// How long we look for processes that outlive SIGKILL, and how often: they wait for a disk, or were started just before it.
const AFTER_KILL: Duration = Duration::from_secs(2);
const LOOK_AGAIN: Duration = Duration::from_millis(100);

/// How often a stop is asked for until nobody waits any longer.
const PATIENCE: u32 = 3;

/// The signals of a terminal by which a program is stopped, and not ended.
const STOPS: [i32; 3] = [libc::SIGTSTP, libc::SIGTTIN, libc::SIGTTOU];

/// Those of them that come of reading from a terminal, or writing to it, in the background.
const READS: [i32; 2] = [libc::SIGTTIN, libc::SIGTTOU];

/// How the application is watched.
#[derive(Debug)]
pub(crate) struct Supervise {
    pub(crate) target: Target,
    /// What becomes of signals on their way.
    pub(crate) rewrites: Vec<(i32, Option<i32>)>,
    /// The signals that ask to stop.
    pub(crate) stop: Vec<i32>,
    pub(crate) ending: Ending,
    /// The signal that comes when the process that started us ends.
    pub(crate) parent_death: Option<i32>,
    /// Exit codes that become 0.
    pub(crate) ok_codes: Vec<u8>,
    /// Each process is told that we reaped and did not start.
    pub(crate) tells_of_orphans: bool,
}

/// Who gets the signals.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Target {
    Application,
    /// All processes of its group.
    Group,
    /// The same, and the application leads a session of its own.
    Session,
}

/// What becomes of the processes that the application leaves behind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ending {
    /// They are asked to end, and killed after this time. It begins with the first signal that asks to stop.
    Grace(Duration),
    /// Those of its group are asked to end, and nobody waits for them.
    Notice,
    Leave,
}

/// Starts the application as a child, and ends this process with its exit code. Returns only when it could not be started.
pub(crate) fn supervise(
    command: &[OsString],
    how: &HandOver<'_>,
    supervise: &Supervise,
    interrupt: &Interrupt,
) -> Failure {
    match start(command, how, supervise, interrupt) {
        Ok(child) => Init::new(child, supervise).run(),
        Err(failure) => failure,
    }
}

fn start(
    command: &[OsString],
    how: &HandOver<'_>,
    supervise: &Supervise,
    interrupt: &Interrupt,
) -> Result<Child, Failure> {
    let mut execution = Execution::new(command, how.environment)?;
    execution.pass_listener_on(std::process::id());
    let preparation = Preparation::new(how)?;
    give_pipes(how);
    // From here on every signal waits for the loop; what came before ends us.
    signals::block(SignalSet::of_others());
    interrupt.restore()?;
    let cannot =
        |what: &str, errno: Errno| Failure::new(Kind::NotExecutable, format!("cannot {what}: {}", cause(errno)));
    // Where it is ignored, children are reaped by the kernel, and nobody tells us how they ended.
    disposition::set_default(libc::SIGCHLD).map_err(|errno| cannot("reset a signal", errno))?;
    watch_parent(supervise.parent_death).map_err(|errno| cannot("watch the parent", errno))?;
    if std::process::id() != 1
        && let Err(errno) = prctl::set_child_subreaper(true)
    {
        log::warn!("cannot become the parent of orphans: {}", cause(errno));
    }
    let terminal = Terminal::new(supervise.target);
    let birth = Birth { execution: &execution, preparation: &preparation, target: supervise.target, terminal };
    let id = birth.give(how)?;
    leave();
    Ok(Child { id, terminal })
}

/// The application.
struct Child {
    id: i32,
    terminal: Terminal,
}

/// Whoever waits for an end of file, or wants to unmount, must not wait for us. On a system that has no such call a few
/// descriptors stay open.
#[allow(unsafe_code, reason = "descriptors are closed behind the back of their owners")]
fn leave() {
    let _ = nix::unistd::chdir("/");
    // SAFETY: no descriptor of ours is used from here on, and no owner is dropped: this process ends by `_exit`.
    unsafe { libc::syscall(libc::SYS_close_range, 3_u32, u32::MAX, 0_u32) };
}

/// Asks for a signal when the parent ends, and sends it ourselves when that has happened already.
#[allow(unsafe_code, reason = "the safe form knows no real-time signals")]
fn watch_parent(signal: Option<i32>) -> Result<(), Errno> {
    let Some(signal) = signal else { return Ok(()) };
    let parent = nix::unistd::getppid();
    // SAFETY: the call takes numbers.
    Errno::result(unsafe { libc::prctl(libc::PR_SET_PDEATHSIG, signal) })?;
    if nix::unistd::getppid() == parent { Ok(()) } else { signals::send(std::process::id().cast_signed(), signal) }
}

struct Init<'a> {
    supervise: &'a Supervise,
    child: Child,
    /// How the application ended.
    ended: Option<u8>,
    /// What is left was asked to end.
    asked: bool,
    /// How often we were asked to stop.
    stops: u32,
    kill_at: Option<Instant>,
    give_up_at: Option<Instant>,
}

/// What the kernel told of a child.
enum News {
    Ended(i32, u8),
    /// The child, and the signal that stopped it.
    Stopped(i32, i32),
    None,
    /// There is no child.
    Alone,
}

impl<'a> Init<'a> {
    fn new(child: Child, supervise: &'a Supervise) -> Self {
        Self { supervise, child, ended: None, asked: false, stops: 0, kill_at: None, give_up_at: None }
    }

    fn run(mut self) -> ! {
        let mut holds_pages = true;
        loop {
            let alone = self.reap();
            if let Some(code) = self.ended
                && self.is_over(alone)
            {
                exit(self.supervise.exit_code(code));
            }
            self.kill_when_it_is_time();
            // As late as can be: what runs between here and the waiting comes back into memory.
            if std::mem::take(&mut holds_pages) {
                memory::give_back();
            }
            match signals::wait(SignalSet::of_others(), self.patience()) {
                // Whoever sent it, the children are looked at.
                None | Some(libc::SIGCHLD) => {}
                Some(signal) => self.forward(signal),
            }
        }
    }

    /// Takes in all that is new: several ends may come as one signal. Says whether no child is left.
    fn reap(&mut self) -> bool {
        loop {
            match news(self.child.terminal.is_watched()) {
                News::Ended(id, code) if id == self.child.id => self.ended = Some(code),
                News::Ended(id, _) if self.supervise.tells_of_orphans => log::warn!("reaped process {id}"),
                News::Stopped(id, signal) if id == self.child.id => self.stop(signal),
                News::Ended(..) | News::Stopped(..) => {}
                News::None => return false,
                News::Alone => return true,
            }
        }
    }

    /// Stops with the application, so that a shell that waits for us has its terminal again. What was stopped as it read from
    /// the terminal of others goes on, where a shell has brought us to the foreground in the meantime.
    fn stop(&self, signal: i32) {
        if READS.contains(&signal) && self.child.terminal.give_again(self.child.id) {
            let _ = signals::send(-self.child.id, libc::SIGCONT);
        } else {
            let _ = signals::send(std::process::id().cast_signed(), libc::SIGSTOP);
        }
    }

    /// Whether we can end, once the application has.
    fn is_over(&mut self, alone: bool) -> bool {
        match self.supervise.ending {
            _ if alone => true,
            Ending::Leave => true,
            Ending::Notice => {
                if let Some(signal) = self.rewritten(libc::SIGTERM) {
                    let _ = signals::send(-self.child.id, signal);
                }
                true
            }
            Ending::Grace(grace) => {
                if !self.asked {
                    self.asked = true;
                    self.kill_at.get_or_insert(Instant::now() + grace);
                    // A stopped process would see SIGTERM only when it is continued.
                    for signal in [libc::SIGTERM, libc::SIGCONT] {
                        descendants::signal_all(self.child.id, signal);
                    }
                }
                self.give_up_at.is_some_and(|time| time <= Instant::now())
            }
        }
    }

    fn kill_when_it_is_time(&mut self) {
        let now = Instant::now();
        if self.kill_at.is_some_and(|time| time <= now) {
            // Again and again, for those that were started just before.
            descendants::signal_all(self.child.id, libc::SIGKILL);
            self.give_up_at.get_or_insert(now + AFTER_KILL);
        }
    }

    /// How long nothing is to be done unless a signal comes; without end while the application runs as it should.
    fn patience(&self) -> Option<Duration> {
        let until = self.kill_at?;
        Some(if self.give_up_at.is_some() { LOOK_AGAIN } else { until.saturating_duration_since(Instant::now()) })
    }

    fn forward(&mut self, signal: i32) {
        let sent = self.rewritten(signal);
        let Some(sent) = sent else { return };
        if signal == libc::SIGCONT && self.child.terminal.is_watched() {
            self.child.terminal.give_again(self.child.id);
            // A terminal stops a group as a whole.
            let _ = signals::send(-self.child.id, sent);
        } else {
            self.send(sent);
        }
        if STOPS.contains(&signal) {
            // Whoever sent it expects us to stop; the first process of a container cannot.
            let _ = signals::send(std::process::id().cast_signed(), libc::SIGSTOP);
        }
        if self.supervise.stop.contains(&signal)
            && let Ending::Grace(grace) = self.supervise.ending
        {
            self.stops += 1;
            let now = Instant::now();
            let kill_at = if self.stops >= PATIENCE { now } else { now + grace };
            self.kill_at = Some(self.kill_at.map_or(kill_at, |present| present.min(kill_at)));
        }
    }

    /// What a signal becomes on its way; nothing when it is dropped.
    fn rewritten(&self, signal: i32) -> Option<i32> {
        match self.supervise.rewrites.iter().find(|(from, _)| *from == signal) {
            Some((_, to)) => *to,
            // A group that leads its session is an orphan: what a terminal stops programs with does nothing there.
            None if STOPS.contains(&signal) && self.supervise.target == Target::Session => Some(libc::SIGSTOP),
            None => Some(signal),
        }
    }

    fn send(&self, signal: i32) {
        if self.ended.is_some() {
            // The number of the application may be somebody else's by now; that of its group is taken while anybody is in it.
            if self.supervise.target != Target::Application {
                let _ = signals::send(-self.child.id, signal);
            }
            return;
        }
        let sent = match self.supervise.target {
            Target::Application => Err(Errno::ESRCH),
            Target::Group | Target::Session => signals::send(-self.child.id, signal),
        };
        if sent == Err(Errno::ESRCH) {
            let _ = signals::send(self.child.id, signal);
        }
    }
}

impl Supervise {
    fn exit_code(&self, code: u8) -> u8 {
        if self.ok_codes.contains(&code) { 0 } else { code }
    }
}

/// The next thing that happened to a child, without waiting for it. Numbers and not the types of a library: it has none for
/// children that a real-time signal ended.
#[allow(unsafe_code, reason = "the safe form loses children that a real-time signal ended")]
fn news(of_stops: bool) -> News {
    let mut status = 0;
    let flags = if of_stops { libc::WNOHANG | libc::WUNTRACED } else { libc::WNOHANG };
    // SAFETY: the pointer is that of a number which lives until the call is over.
    match Errno::result(unsafe { libc::waitpid(-1, &raw mut status, flags) }) {
        Ok(0) => News::None,
        Ok(id) if libc::WIFSTOPPED(status) => News::Stopped(id, libc::WSTOPSIG(status)),
        Ok(id) => News::Ended(id, exit_code(status)),
        Err(Errno::ECHILD) => News::Alone,
        Err(_) => News::None,
    }
}

/// The code of an end, as a shell would give it.
fn exit_code(status: i32) -> u8 {
    let code = if libc::WIFEXITED(status) { libc::WEXITSTATUS(status) } else { 128 + libc::WTERMSIG(status) };
    u8::try_from(code).unwrap_or(u8::MAX)
}

/// Ends this process at once. Nothing is dropped: the descriptors are closed already.
#[allow(unsafe_code, reason = "the safe form runs destructors")]
fn exit(code: u8) -> ! {
    // SAFETY: the call takes a number and does not come back.
    unsafe { libc::_exit(i32::from(code)) }
}
