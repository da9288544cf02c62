//! Files in memory that a program reads: whole before it starts, and changed by nobody.
//!
//! A pipe would need somebody who writes while the program runs, and who may open it again is who made it. This is read as
//! fast or as slowly as the program likes, as often as it likes, and opened by its user under `/proc/self/fd`.

use std::io::{self, Write};
use std::os::fd::{AsRawFd as _, OwnedFd};

use nix::unistd::geteuid;
use rustix::fs::{Gid, MemfdFlags, Mode, SealFlags, Uid, fchmod, fchown, fcntl_add_seals, memfd_create};
use rustix::io::{Errno, fcntl_dupfd_cloexec};

use super::Credentials;
use crate::root::File;
use crate::spec::{FIRST_SECRET_FILE, MOST_SECRET_FILES};

/// What the kernel calls it in `/proc/PID/fd`. Never a name of the plan's.
const NAME: &str = "fitout";

/// What the standard library opens while it starts a program: three pipes and a pair of sockets.
const OPENED_FOR_START: i32 = 8;

/// A file in memory, for one user alone, that cannot be changed any more.
#[derive(Debug)]
pub(crate) struct Sealed(OwnedFd);

impl Sealed {
    /// The file with what `fill` writes into it, for the user that the program runs as.
    pub(crate) fn new(
        credentials: Option<&Credentials>,
        fill: impl FnOnce(&mut dyn Write) -> io::Result<()>,
    ) -> io::Result<Self> {
        let mut file = File::from(create()?);
        fill(&mut file)?;
        fchmod(&file, Mode::RUSR)?;
        if let Some(user) = credentials.filter(|user| user.uid != geteuid().as_raw()) {
            fchown(&file, Some(Uid::from_raw(user.uid)), Some(Gid::from_raw(user.gid)))?;
        }
        fcntl_add_seals(&file, SealFlags::WRITE | SealFlags::GROW | SealFlags::SHRINK | SealFlags::SEAL)?;
        Ok(Self(file.into()))
    }

    /// The same, holding these bytes.
    pub(crate) fn of(bytes: &[u8], credentials: Option<&Credentials>) -> io::Result<Self> {
        Self::new(credentials, |file| file.write_all(bytes))
    }

    /// Another descriptor of it, at whose number no program expects a secret.
    pub(super) fn aside(&self) -> io::Result<OwnedFd> {
        Ok(fcntl_dupfd_cloexec(&self.0, i32::from(FIRST_SECRET_FILE + MOST_SECRET_FILES))?)
    }

    /// The file as the standard input of a program: from its beginning, whoever read it before.
    pub(crate) fn as_input(&self) -> io::Result<File> {
        let input = File::from(self.0.try_clone()?);
        io::Seek::rewind(&mut &input)?;
        Ok(input)
    }
}

/// Whether the numbers at which programs expect secrets are free of what the standard library opens to start one.
pub(super) fn numbers_are_free() -> io::Result<bool> {
    let (one, _) = std::os::unix::net::UnixStream::pair()?;
    Ok(one.as_raw_fd() + OPENED_FOR_START < i32::from(FIRST_SECRET_FILE))
}

/// Never executable, where the kernel can say so; before Linux 6.3 it cannot.
fn create() -> Result<OwnedFd, Errno> {
    let flags = MemfdFlags::CLOEXEC | MemfdFlags::ALLOW_SEALING;
    match memfd_create(NAME, flags | MemfdFlags::NOEXEC_SEAL) {
        Err(Errno::INVAL) => memfd_create(NAME, flags),
        created => created,
    }
}

#[cfg(test)]
mod tests {
    use std::io::{Read as _, Write as _};

    use super::Sealed;

    #[test]
    fn what_is_sealed_is_read_again_and_again_and_never_changed() {
        let sealed = Sealed::of(b"secret", None).unwrap();
        for _ in 0..2 {
            let mut text = String::new();
            sealed.as_input().unwrap().read_to_string(&mut text).unwrap();
            assert_eq!(text, "secret");
        }
        let mut again = sealed.as_input().unwrap();
        assert!(again.write_all(b"x").is_err());
        assert!(again.set_len(0).is_err());
    }
}
