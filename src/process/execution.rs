//! `execve` of a program that is looked up in PATH by us: a shell is never asked, and the reason for a refusal is known.

use std::ffi::{CStr, CString, OsStr, OsString, c_char};
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};

use nix::errno::Errno;
use nix::libc;
use nix::sys::stat::{SFlag, stat};
use nix::unistd::{AccessFlags, access};

use super::{Environment, cause};
use crate::failure::{Failure, Kind};
use crate::root::Root;

/// Searched when the environment has no PATH, as container runtimes do.
const DEFAULT_PATH: &str = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/// A line of a script that names its interpreter is cut by the kernel at 256 bytes.
const INTERPRETER_LINE: u64 = 256;

/// A program with its arguments and environment, in the form that `execve` takes.
#[derive(Debug)]
pub(super) struct Execution {
    name: OsString,
    /// The paths to try, in the order of PATH; one for a name with a slash.
    candidates: Vec<CString>,
    arguments: Strings,
    environment: Strings,
    /// Where the number of the process that listens is written, when it is this one.
    listener: Option<*mut c_char>,
}

/// Says which process the descriptors are for that a service manager opened.
const LISTENER: &[u8] = b"LISTEN_PID=";

/// Room for the digits of any process.
const DIGITS: usize = 10;

/// Strings in the form that `execve` takes: an array of pointers that ends with null, made before there is a child.
#[derive(Debug)]
struct Strings {
    pointers: Vec<*const c_char>,
    #[allow(dead_code, reason = "held for the pointers")]
    owners: Vec<CString>,
}

impl Strings {
    fn new(owners: Vec<CString>) -> Self {
        let pointers = owners.iter().map(|owner| owner.as_ptr()).chain([std::ptr::null()]).collect();
        Self { pointers, owners }
    }
}

// SAFETY: the pointers are those of strings that live as long. Nobody changes those, but for the listener's, which is changed
// only in a child with one thread.
#[allow(unsafe_code, reason = "pointers are not sent to another thread by themselves")]
unsafe impl Send for Execution {}
// SAFETY: as above.
#[allow(unsafe_code, reason = "pointers are not shared with another thread by themselves")]
unsafe impl Sync for Execution {}

impl Execution {
    pub(super) fn new(command: &[OsString], environment: &Environment) -> Result<Self, Failure> {
        let name = command
            .first()
            .ok_or_else(|| Failure::new(Kind::NotFound, "cannot execute nothing: no command is given"))?;
        let arguments = command
            .iter()
            .map(|argument| CString::new(argument.as_bytes()))
            .collect::<Result<_, _>>()
            .map_err(|_| refusal(Kind::NotExecutable, name, "an argument holds a NUL character"))?;
        let variables = environment.to_execve().map_err(|variable| {
            let reason = format!("the variable `{}` holds a NUL character", variable.display());
            refusal(Kind::NotExecutable, name, &reason)
        })?;
        let candidates = candidates(name, environment.get("PATH"));
        let (arguments, environment) = (Strings::new(arguments), Strings::new(variables));
        Ok(Self { name: name.clone(), candidates, arguments, environment, listener: None })
    }

    /// Becomes the program. Returns only on failure. The kernel decides whether the present user may execute it, so this
    /// comes after privileges were dropped.
    ///
    /// Makes no allocation: called between `fork` and `execve` too.
    pub(super) fn execute(&self) -> Errno {
        let mut denied = false;
        for candidate in &self.candidates {
            match self.execute_at(candidate) {
                // The file is there and what it needs to run is not: going on would hide that.
                errno @ Errno::ENOENT if is_there(candidate) => return errno,
                Errno::ENOENT | Errno::ENOTDIR => {}
                Errno::EACCES => denied = true,
                errno => return errno,
            }
        }
        if denied { Errno::EACCES } else { Errno::ENOENT }
    }

    /// Where descriptors are meant for this process they will be meant for the child, by [`Self::name_listener`].
    pub(super) fn pass_listener_on(&mut self, process: u32) {
        let ours = [LISTENER, process.to_string().as_bytes()].concat();
        let owners = &mut self.environment.owners;
        let Some(at) = owners.iter().position(|variable| variable.as_bytes() == ours) else { return };
        let Ok(room) = CString::new([LISTENER, &[b'0'; DIGITS]].concat()) else { return };
        owners.remove(at);
        // Never freed: the child writes into it, and this process needs it until its end.
        let room = room.into_raw();
        self.environment = Strings::new(std::mem::take(owners));
        self.environment.pointers.insert(at, room);
        self.listener = Some(room);
    }

    /// Writes the number of this process where [`Self::pass_listener_on`] left room for it. Makes no allocation: called between
    /// `fork` and `execve`.
    #[allow(unsafe_code, reason = "memory that `execve` reads is changed in the child alone")]
    pub(super) fn name_listener(&self) {
        let Some(room) = self.listener else { return };
        let (mut digits, mut left, mut count) = ([0_u8; DIGITS], std::process::id(), 0);
        while left > 0 {
            digits[count] = b'0' + u8::try_from(left % 10).unwrap_or_default();
            left /= 10;
            count += 1;
        }
        digits[..count].reverse();
        // SAFETY: there is room for the name, ten digits and a NUL, and no 32 bits have more than ten digits. Nobody else uses
        // the memory: the child has its own copy.
        unsafe {
            let digits_at = room.add(LISTENER.len());
            std::ptr::copy_nonoverlapping(digits.as_ptr().cast(), digits_at, count);
            *digits_at.add(count) = 0;
        }
    }

    #[allow(unsafe_code, reason = "the safe form allocates")]
    fn execute_at(&self, path: &CStr) -> Errno {
        // SAFETY: all three are strings that end with NUL, and arrays of such strings that end with null, which live until
        // the call is over.
        unsafe { libc::execve(path.as_ptr(), self.arguments.pointers.as_ptr(), self.environment.pointers.as_ptr()) };
        Errno::last()
    }

    /// Why `execute` came back with this.
    pub(super) fn explain(&self, errno: Errno) -> Failure {
        let Some(found) = self.candidates.iter().find(|candidate| is_there(candidate)) else {
            return self.not_found(errno);
        };
        let path = Path::new(OsStr::from_bytes(found.to_bytes()));
        let refused = |reason: &str| refusal(Kind::NotExecutable, path.as_os_str(), reason);
        let is_directory =
            stat(found.as_c_str()).is_ok_and(|status| status.st_mode & SFlag::S_IFMT.bits() == SFlag::S_IFDIR.bits());
        match errno {
            Errno::EACCES if is_directory => refused("is a directory"),
            Errno::EACCES => refused("permission denied").hint(
                "the file needs the permission to execute for this user, and its volume must not be mounted `noexec`",
            ),
            Errno::ENOEXEC => refused("exec format error")
                .hint("it is neither a program for this machine nor a script that starts with `#!`; no shell is tried"),
            Errno::ENOENT => match interpreter(path) {
                Some(interpreter) => refused(&format!("its interpreter `{interpreter}` is missing"))
                    .hint("the image has no such interpreter: name a program that needs none"),
                None => refused("the loader that it is linked with is missing")
                    .hint("link the program statically, or use an image with the libc that it was built for"),
            },
            other => refused(&cause(other)),
        }
    }

    fn not_found(&self, errno: Errno) -> Failure {
        if errno == Errno::EACCES {
            return refusal(Kind::NotExecutable, &self.name, "permission denied")
                .hint("a directory on the way to it cannot be searched by this user");
        }
        if self.name.as_bytes().contains(&b'/') {
            return refusal(Kind::NotFound, &self.name, "no such file")
                .hint("check the path, and that the image has the program");
        }
        let directories: Vec<_> = self
            .candidates
            .iter()
            .filter_map(|candidate| Path::new(OsStr::from_bytes(candidate.to_bytes())).parent())
            .map(|directory| directory.display().to_string())
            .collect();
        refusal(Kind::NotFound, &self.name, "not found in PATH")
            .hint(format!("PATH is `{}`; a name with a slash is taken as it is", directories.join(":")))
    }
}

fn refusal(kind: Kind, name: &OsStr, reason: &str) -> Failure {
    Failure::new(kind, format!("cannot execute `{}`: {reason}", name.display()))
}

/// An empty part of PATH means the current directory to a shell; it is skipped, because root must not run what happens to
/// lie there.
fn candidates(name: &OsStr, path: Option<&OsStr>) -> Vec<CString> {
    let paths: Vec<PathBuf> = if name.is_empty() {
        Vec::new()
    } else if name.as_bytes().contains(&b'/') {
        vec![PathBuf::from(name)]
    } else {
        let path = path.unwrap_or(OsStr::new(DEFAULT_PATH)).as_bytes();
        path.split(|byte| *byte == b':')
            .filter(|directory| !directory.is_empty())
            .map(|directory| Path::new(OsStr::from_bytes(directory)).join(name))
            .collect()
    };
    paths.into_iter().filter_map(|path| CString::new(path.into_os_string().as_bytes()).ok()).collect()
}

fn is_there(path: &CStr) -> bool {
    access(path, AccessFlags::F_OK).is_ok()
}

/// What the first line of a script names after `#!`.
fn interpreter(path: &Path) -> Option<String> {
    // Programs are in the file system that `execve` sees, not under the root of a plan.
    let host = Root::open(Path::new("/")).ok()?;
    let beginning = host.read_beginning(&std::path::absolute(path).ok()?, INTERPRETER_LINE).ok()?;
    let line = beginning.strip_prefix(b"#!")?.split(|byte| *byte == b'\n').next()?;
    String::from_utf8_lossy(line).split_whitespace().next().map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use std::ffi::{OsStr, OsString};
    use std::path::PathBuf;

    use nix::errno::Errno;

    use super::{Execution, candidates};
    use crate::failure::Kind;
    use crate::process::Environment;

    fn execution(name: &str, path: &str) -> Execution {
        let environment = [(OsString::from("PATH"), OsString::from(path))].into_iter().collect::<Environment>();
        Execution::new(&[name.into(), "argument".into()], &environment).unwrap()
    }

    #[test]
    fn path_is_searched_in_order() {
        for (name, path, wanted) in [
            ("sh", Some("/a:/b"), vec!["/a/sh", "/b/sh"]),
            ("sh", Some(":/b::"), vec!["/b/sh"]),
            ("sh", Some(""), vec![]),
            ("./sh", Some("/a"), vec!["./sh"]),
            ("/bin/sh", None, vec!["/bin/sh"]),
            ("", Some("/a"), vec![]),
        ] {
            let found = candidates(OsStr::new(name), path.map(OsStr::new));
            let found: Vec<_> = found.iter().map(|path| path.to_str().unwrap()).collect();
            assert_eq!(found, wanted, "{name} {path:?}");
        }
        assert!(candidates(OsStr::new("sh"), None).iter().any(|path| path.to_bytes() == b"/bin/sh"));
    }

    #[test]
    #[allow(clippy::disallowed_methods, reason = "test files")]
    fn every_refusal_has_its_kind_and_reason() {
        use std::os::unix::fs::PermissionsExt as _;
        let folder = Folder::new("refusals");
        for (name, mode, content) in [
            ("plain", 0o755, "echo hello\n"),
            ("denied", 0o644, "#!/bin/sh\n"),
            ("script", 0o755, "#! /missing/interpreter -x\n"),
        ] {
            let path = folder.0.join(name);
            std::fs::write(&path, content).unwrap();
            std::fs::set_permissions(&path, std::fs::Permissions::from_mode(mode)).unwrap();
        }
        std::fs::create_dir(folder.0.join("directory")).unwrap();
        let path = format!("/missing:{}", folder.0.display());
        for (name, kind, reason) in [
            ("absent", Kind::NotFound, "not found in PATH"),
            ("/missing/absent", Kind::NotFound, "no such file"),
            ("/etc/passwd/absent", Kind::NotFound, "no such file"),
            ("plain", Kind::NotExecutable, "exec format error"),
            ("denied", Kind::NotExecutable, "permission denied"),
            ("directory", Kind::NotExecutable, "is a directory"),
            ("script", Kind::NotExecutable, "its interpreter `/missing/interpreter` is missing"),
            ("", Kind::NotFound, "not found in PATH"),
        ] {
            let execution = execution(name, &path);
            let failure = execution.explain(execution.execute());
            assert_eq!(failure.kind(), kind, "{failure}");
            assert!(failure.to_string().ends_with(&format!("`: {reason}")), "{failure}");
        }
        let failure = execution("plain", &path).explain(Errno::E2BIG);
        assert!(failure.to_string().ends_with("argument list too long"), "{failure}");
    }

    #[test]
    fn a_nul_character_is_refused() {
        let none = Environment::default();
        assert!(Execution::new(&["a\0b".into()], &none).is_err());
        assert!(Execution::new(&[], &none).is_err());
    }

    struct Folder(PathBuf);

    impl Folder {
        #[allow(clippy::disallowed_methods, reason = "test files")]
        fn new(name: &str) -> Self {
            let path = std::env::temp_dir().join(format!("fitout-{name}-{}", std::process::id()));
            std::fs::create_dir(&path).unwrap();
            Self(path)
        }
    }

    impl Drop for Folder {
        #[allow(clippy::disallowed_methods, reason = "test files")]
        fn drop(&mut self) {
            let _ = std::fs::remove_dir_all(&self.0);
        }
    }
}
