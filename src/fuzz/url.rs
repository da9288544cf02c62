//! Addresses of HTTP servers, as a person or a server writes them.

use super::fields::lines;
use crate::spec::HttpUrl;

/// What was understood can be sent as one line, and means the same when it is read again; wherever a redirect leads.
pub fn url(data: &[u8]) {
    let Some(([base], reference)) = lines(data) else { return };
    let Ok(base) = HttpUrl::try_from(base.to_owned()) else { return };
    check(&base);
    if let Ok(joined) = base.join(reference) {
        check(&joined);
    }
}

fn check(url: &HttpUrl) {
    let full = url.to_full();
    assert!(full.bytes().all(|byte| byte.is_ascii_graphic()), "{full:?}");
    assert!(!url.authority().contains('@') && url.target().starts_with('/'), "{full:?}");
    assert!(!url.target().contains('#'), "{full:?}");
    assert!(HttpUrl::try_from(full.clone()).is_ok_and(|again| again == *url), "{full:?} reads differently");
    let shown = url.to_string();
    assert!(shown.strip_suffix("?...").is_none_or(|before| full.starts_with(before)), "{full:?} {shown:?}");
}
