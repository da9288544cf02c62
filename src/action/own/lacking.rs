//! What the owner cannot do although nothing more could be changed: on a volume without owners that may be nothing.

use super::super::Context;
use super::super::program::credentials;
use crate::process::acting_as;
use crate::root::{Access, FileKind, shown};
use crate::spec::OwnSpec;

impl OwnSpec {
    /// Asks the kernel what the wished owner may do with `path` itself. Nothing where he may do everything, where none is wished, and
    /// where we may not look as he would.
    pub(super) fn lacking_access(&self, context: &Context) -> Option<String> {
        let owner = self.owner.as_ref().filter(|owner| owner.user.is_some())?;
        let credentials = credentials(Some(owner), context).ok()??;
        let path = self.path.as_path();
        let is_directory = context.root.metadata(path).ok()??.kind == FileKind::Directory;
        let mut wanted = vec![(Access::Read, "read"), (Access::Write, "write")];
        if is_directory {
            wanted.push((Access::Execute, "enter"));
        }
        let refused = acting_as(&credentials, || {
            let is_refused = |access: &(Access, &str)| !matches!(context.root.can(path, access.0), Ok(true));
            wanted.into_iter().filter(is_refused).map(|(_, name)| name).collect::<Vec<_>>()
        })?;
        (!refused.is_empty())
            .then(|| format!("user {} cannot {} `{}`", credentials.uid, refused.join(" or "), shown(path)))
    }
}
