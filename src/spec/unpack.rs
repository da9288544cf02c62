//! `unpack`: an archive's content is there.

use serde::Deserialize;

use super::{AbsolutePath, Glob, Hexadecimal, IfExists, Mode, Owner, Size};
use crate::document::Located;

/// An archive's content is there: of tar, tar.gz, tar.bz2, tar.xz, tar.zst or zip, told by its content and not by its name.
#[derive(Debug, Clone, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename = "unpack"))]
#[serde(deny_unknown_fields)]
pub(crate) struct UnpackSpec {
    pub(crate) archive: Located<AbsolutePath>,
    /// The directory that the content is in; it is made when it is missing.
    pub(crate) path: Located<AbsolutePath>,
    /// How many directories are taken off the beginning of each name. Entries with no name left are left out.
    #[serde(default)]
    pub(crate) strip_components: u32,
    /// Only these entries, and everything in these directories. A pattern without `/` is held against the name, another against
    /// the path below `path`.
    #[serde(default)]
    pub(crate) include: Vec<Glob>,
    /// Not these entries, nor anything in these directories.
    #[serde(default)]
    pub(crate) exclude: Vec<Glob>,
    /// Owner of everything that is unpacked; without it new files belong to the user who runs Fitout. The owners that the archive
    /// names are never used.
    pub(crate) owner: Option<Located<Owner>>,
    /// Mode of every file; without it that of the archive, without setuid, setgid and sticky.
    pub(crate) file_mode: Option<Located<Mode>>,
    /// Mode of every directory; without it that of the archive, without setuid and setgid, and of a directory that it does not list
    /// "0755".
    pub(crate) directory_mode: Option<Located<Mode>>,
    #[serde(default)]
    pub(crate) if_exists: IfExists,
    /// The checksum that the archive has to have: 64 hexadecimal digits.
    pub(crate) sha256: Option<Located<Hexadecimal<64>>>,
    /// How large the archive may become: the bytes of a tar archive without its compression, or of all files of a zip. Without it
    /// 10 GiB, and 200 times the size of the archive once that is more than 64 MiB.
    pub(crate) max_size: Option<Size>,
    /// How many entries the archive may have; without it 1,000,000.
    pub(crate) max_entries: Option<u64>,
}
