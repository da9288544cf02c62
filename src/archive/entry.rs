//! One entry.

/// What an archive says about one entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Entry {
    /// As it is written there: any bytes.
    pub(crate) name: Vec<u8>,
    pub(crate) kind: EntryKind,
    /// Permission bits with setuid, setgid and sticky, if the archive has them.
    pub(crate) mode: Option<u32>,
    /// Bytes of its content; 0 for what is no file.
    pub(crate) size: u64,
}

/// What an entry is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum EntryKind {
    File,
    Directory,
    /// A symbolic link, and what it says.
    Link(Vec<u8>),
    /// A further name of a file, and the name of the entry that it is.
    HardLink(Vec<u8>),
    /// What is never made, with its name.
    Other(&'static str),
}
