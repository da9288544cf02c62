//! Extended attributes of open files and directories.

use std::collections::BTreeMap;
use std::ffi::CString;
use std::os::fd::AsFd;
use std::path::Path;

use nix::errno::Errno;
use rustix::fs::{XattrFlags, fgetxattr, flistxattr, fsetxattr};
use rustix::io::Errno as Refusal;

use super::at::At;
use super::error::Error;
use super::shown;

/// The largest list of names, and the largest value, that Linux knows (`XATTR_LIST_MAX`, `XATTR_SIZE_MAX`).
const LIMIT: usize = 64 * 1024;

const CAPABILITIES: &[u8] = b"security.capability";
/// Users' own attributes, and access control lists. What else there is belongs to the file system or to the policy of the node.
const PREFIXES: [&[u8]; 2] = [b"user.", b"system.posix_acl_"];

/// Which extended attributes are meant.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Extended {
    /// Those of users, and access control lists.
    pub(crate) plain: bool,
    /// What a program may do without being root.
    pub(crate) capabilities: bool,
}

impl Extended {
    pub(crate) fn is_empty(self) -> bool {
        self == Self::default()
    }

    fn has(self, name: &[u8]) -> bool {
        (self.capabilities && name == CAPABILITIES)
            || (self.plain && PREFIXES.iter().any(|prefix| name.starts_with(prefix)))
    }
}

/// The attributes by their names.
pub(super) type Values = BTreeMap<CString, Vec<u8>>;

/// Reads the wanted attributes of an open object. A file system without any has none.
pub(super) fn read(fd: impl AsFd, at: At<'_>, wanted: Extended) -> Result<Values, Error> {
    if wanted.is_empty() {
        return Ok(Values::new());
    }
    let mut names = vec![0; LIMIT];
    let length = match flistxattr(&fd, &mut names) {
        Ok(length) => length,
        Err(Refusal::OPNOTSUPP) => return Ok(Values::new()),
        Err(refusal) => return Err(error(refusal, &at.path(), "flistxattr", "")),
    };
    let mut values = Values::new();
    for name in names[..length].split(|byte| *byte == 0).filter(|name| wanted.has(name)) {
        let Ok(name) = CString::new(name) else { continue };
        let mut value = vec![0; LIMIT];
        match fgetxattr(&fd, &name, &mut value) {
            Ok(length) => {
                value.truncate(length);
                values.insert(name, value);
            }
            // Somebody removed it meanwhile.
            Err(Refusal::NODATA) => {}
            Err(refusal) => return Err(error(refusal, &at.path(), "fgetxattr", &name.to_string_lossy())),
        }
    }
    Ok(values)
}

/// Gives an open object these attributes.
pub(super) fn write(fd: impl AsFd, path: &Path, values: &Values) -> Result<(), Error> {
    for (name, value) in values {
        fsetxattr(&fd, name, value, XattrFlags::empty())
            .map_err(|refusal| error(refusal, path, "fsetxattr", &name.to_string_lossy()))?;
    }
    Ok(())
}

fn error(refusal: Refusal, path: &Path, function: &'static str, name: &str) -> Error {
    let errno = Errno::from_raw(refusal.raw_os_error());
    Error::call(errno, path, function, format_args!("<{}>, \"{name}\"", shown(path)))
}
