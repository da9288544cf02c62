//! What of a file's content may be shown, and the difference as a person reads it.

use std::time::Duration;

use crate::secret::REDACTED;

/// Bytes of a text that is shown as a diff; a longer one is only said to differ.
pub(super) const LIMIT: usize = 256 * 1024;

/// How long the shortest diff is looked for.
const PATIENCE: Duration = Duration::from_secs(2);

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

/// A unified diff, where both sides are text of a size that a person reads. Of a file that holds a secret, lines that go
/// are masked: they may hold the secret of yesterday, which nobody told us.
pub(super) fn of(current: &[u8], wished: &[u8], preview: &Preview) -> Option<String> {
    if current.len() > LIMIT || wished.len() > LIMIT {
        return None;
    }
    let current = std::str::from_utf8(current).ok()?;
    let text = match preview {
        Preview::Content => std::str::from_utf8(wished).ok()?,
        Preview::Masked(masked) => masked,
        Preview::Hidden => return None,
    };
    let diff = unified(current, text, 3);
    Some(if preview.holds_a_secret() { masked_removals(&diff) } else { diff })
}

/// Only the lines that change: what stands around them in a file that is not ours may be somebody else's secret.
pub(super) fn of_changed_lines(current: &str, wished: &str, holds_a_secret: bool) -> Option<String> {
    if current.len() > LIMIT || wished.len() > LIMIT {
        return None;
    }
    let diff = unified(current, wished, 0);
    Some(if holds_a_secret { masked_removals(&diff) } else { diff })
}

/// The shortest diff that is found in time.
fn unified(current: &str, wished: &str, context: usize) -> String {
    let diff = similar::TextDiff::configure().timeout(PATIENCE).diff_lines(current, wished);
    diff.unified_diff().context_radius(context).to_string()
}

fn masked_removals(diff: &str) -> String {
    let hide = |line: &str| if line.starts_with('-') { format!("-{REDACTED}\n") } else { format!("{line}\n") };
    diff.lines().map(hide).collect()
}
