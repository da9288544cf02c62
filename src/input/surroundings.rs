//! What the helpers `file` and `now` get from this machine.

use std::path::Path;
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use super::contract::Outside;
use super::file::read_text;
use crate::template::Data;

/// Time that stands still for a whole run, and files below the plan's root.
pub(super) fn surrounded(data: Data, outside: Outside<'_>) -> Data {
    let root = outside.root.clone();
    let files = move |path: &str| {
        if !path.starts_with('/') {
            return Err("the path is not absolute".to_owned());
        }
        read_text(&root, Path::new(path)).map_err(|problem| format!("cannot read `{path}`: {problem}"))
    };
    data.with_files(Arc::new(files)).with_clock(seconds(outside))
}

/// `SOURCE_DATE_EPOCH`, by which reproducible builds fix the time, else the clock.
fn seconds(outside: Outside<'_>) -> i64 {
    let fixed = outside.environment.get("SOURCE_DATE_EPOCH").and_then(|text| text.to_str()?.parse().ok());
    fixed.unwrap_or_else(|| {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        i64::try_from(since.as_secs()).unwrap_or(i64::MAX)
    })
}
