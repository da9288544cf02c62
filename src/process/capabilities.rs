//! The pieces of root's power: what a program could ever get, and what it keeps although it is not root.

use nix::errno::Errno;
use nix::libc::{self, c_int, c_long, c_ulong};

use crate::spec::CapabilitiesSpec;

/// The version of the kernel's interface with 64 capabilities, in two halves.
const VERSION: u32 = 0x2008_0522;

/// The kernel knows no higher number, whatever its version.
const HIGHEST: u8 = 63;

/// Sets of capabilities, each a bit at the place of its number.
#[derive(Debug, Clone, Copy)]
pub(super) struct Capabilities {
    bounding: Option<u64>,
    ambient: u64,
}

#[repr(C)]
struct Header {
    version: u32,
    process: c_int,
}

#[repr(C)]
#[derive(Clone, Copy, Default)]
struct Half {
    effective: u32,
    permitted: u32,
    inheritable: u32,
}

impl From<&CapabilitiesSpec> for Capabilities {
    fn from(spec: &CapabilitiesSpec) -> Self {
        Self { bounding: spec.bounding_set(), ambient: spec.ambient_set() }
    }
}

/// All of these make no allocation: they are called between `fork` and `execve` too.
impl Capabilities {
    /// Gives up for good what is not in the bounding set. Asks for no right when there is nothing to give up.
    pub(super) fn bound(self) -> Result<(), Errno> {
        let Some(bounding) = self.bounding else { return Ok(()) };
        for number in 0..=HIGHEST {
            match control(libc::PR_CAPBSET_READ, c_ulong::from(number), 0) {
                // The first one that this kernel does not know.
                Err(Errno::EINVAL) => break,
                Ok(1) if bounding & (1 << number) == 0 => {
                    control(libc::PR_CAPBSET_DROP, c_ulong::from(number), 0)?;
                }
                other => drop(other?),
            }
        }
        Ok(())
    }

    /// Lets the present ones outlive a change of user, as far as they are needed after it.
    pub(super) fn hold(self) -> Result<(), Errno> {
        if self.ambient == 0 { Ok(()) } else { control(libc::PR_SET_KEEPCAPS, 1, 0).map(drop) }
    }

    /// Makes the ambient ones exactly those that are wished.
    pub(super) fn keep(self) -> Result<(), Errno> {
        let mut halves = read()?;
        for (half, shift) in halves.iter_mut().zip([0, 32]) {
            half.inheritable = u32::try_from(self.ambient >> shift & u64::from(u32::MAX)).unwrap_or_default();
        }
        write(&halves)?;
        let of_ambient = |what: c_int, number: u8| {
            let what = c_ulong::try_from(what).unwrap_or_default();
            control(libc::PR_CAP_AMBIENT, what, c_ulong::from(number)).map(drop)
        };
        of_ambient(libc::PR_CAP_AMBIENT_CLEAR_ALL, 0)?;
        (0..=HIGHEST)
            .filter(|number| self.ambient & (1 << number) != 0)
            .try_for_each(|number| of_ambient(libc::PR_CAP_AMBIENT_RAISE, number))
    }
}

#[allow(unsafe_code, reason = "prctl(2) has no safe form for these")]
fn control(what: c_int, first: c_ulong, second: c_ulong) -> Result<c_int, Errno> {
    // SAFETY: these calls take numbers, and have to get zero for what they do not take.
    Errno::result(unsafe { libc::prctl(what, first, second, 0 as c_ulong, 0 as c_ulong) })
}

#[allow(unsafe_code, reason = "the call has no safe form")]
fn read() -> Result<[Half; 2], Errno> {
    let mut header = Header { version: VERSION, process: 0 };
    let mut halves = [Half::default(); 2];
    // SAFETY: the pointers are those of structs in the kernel's layout, of which this version fills two.
    let result = unsafe { libc::syscall(libc::SYS_capget, &raw mut header, halves.as_mut_ptr()) };
    Errno::result::<c_long>(result).map(|_| halves)
}

#[allow(unsafe_code, reason = "the call has no safe form")]
fn write(halves: &[Half; 2]) -> Result<(), Errno> {
    let mut header = Header { version: VERSION, process: 0 };
    // SAFETY: the pointers are those of structs in the kernel's layout, of which this version reads two.
    let result = unsafe { libc::syscall(libc::SYS_capset, &raw mut header, halves.as_ptr()) };
    Errno::result::<c_long>(result).map(drop)
}
