//! What of a file's content may be shown, and the difference as a person reads it.

use std::time::Duration;

use crate::root::Metadata;
use crate::secret::REDACTED;

/// Bytes of a text that is shown as a diff; a longer one is only said to differ.
pub(super) const LIMIT: usize = 256 * 1024;

/// How long the shortest diff is looked for.
const PATIENCE: Duration = Duration::from_secs(2);

/// Without this bit of its mode a file is not for everybody.
const OTHERS_READ: u32 = 0o004;

/// The text of a file before the change.
#[derive(Debug)]
pub(super) struct Before<'a> {
    text: &'a str,
    /// It is not for everybody, and may hold a secret that nobody told us.
    is_private: bool,
}

/// What of a file's content may be shown.
#[derive(Debug)]
pub(super) enum Preview {
    /// All of it.
    Content,
    /// It holds a secret: the same with the secret masked.
    Masked(String),
    /// It holds a secret, and cannot be made of masks.
    Hidden,
}

impl Preview {
    fn holds_a_secret(&self) -> bool {
        !matches!(self, Self::Content)
    }
}

impl<'a> Before<'a> {
    /// The text, with what is known of its file; nothing is known when there is none.
    pub(super) fn new(text: &'a str, metadata: Option<&Metadata>) -> Self {
        Self { text, is_private: metadata.is_some_and(|metadata| metadata.mode & OTHERS_READ == 0) }
    }

    /// A unified diff, where both sides are text of a size that a person reads.
    pub(super) fn diff(&self, wished: &[u8], preview: &Preview) -> Option<String> {
        if wished.len() > LIMIT {
            return None;
        }
        let text = match preview {
            Preview::Content => std::str::from_utf8(wished).ok()?,
            Preview::Masked(masked) => masked,
            Preview::Hidden => return None,
        };
        self.unified(text, 3, preview.holds_a_secret())
    }

    /// Only the lines that change: what stands around them in a file that is not ours may be somebody else's secret.
    pub(super) fn diff_of_changed_lines(&self, wished: &str, holds_a_secret: bool) -> Option<String> {
        if wished.len() > LIMIT {
            return None;
        }
        self.unified(wished, 0, holds_a_secret)
    }

    /// The shortest diff that is found in time. Lines that go are masked where they may hold a secret: of a file that is not
    /// for everybody, and of one that will hold a secret, as it may hold that of yesterday.
    fn unified(&self, wished: &str, context: usize, holds_a_secret: bool) -> Option<String> {
        if self.text.len() > LIMIT {
            return None;
        }
        let diff = similar::TextDiff::configure().timeout(PATIENCE).diff_lines(self.text, wished);
        let diff = diff.unified_diff().context_radius(context).to_string();
        Some(if holds_a_secret || self.is_private { masked_removals(&diff) } else { diff })
    }
}

fn masked_removals(diff: &str) -> String {
    let hide = |line: &str| if line.starts_with('-') { format!("-{REDACTED}\n") } else { format!("{line}\n") };
    diff.lines().map(hide).collect()
}
