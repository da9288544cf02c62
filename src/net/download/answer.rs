//! What the head of an answer says about the file.

use std::time::Duration;

use hyper::Response;
use hyper::body::{Body, Incoming};
use hyper::header::{
    CONTENT_RANGE, ETAG, HeaderMap, HeaderName, HeaderValue, LAST_MODIFIED, LOCATION, RETRY_AFTER, TRANSFER_ENCODING,
};

use crate::spec::HttpUrl;

/// What of a file an answer brings.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Part {
    Whole,
    /// What is missing, and nothing else.
    Rest,
    /// Some other part, or the one that was asked for is not there.
    Wrong,
    None,
}

impl Part {
    /// `asked`: the rest of it was asked for, from `length` on.
    pub(super) fn of<B: Body>(answer: &Response<B>, asked: Option<&Kept>, length: u64) -> Self {
        match (answer.status().as_u16(), asked) {
            (200 | 203, _) => Self::Whole,
            (206, Some(kept)) if kept.agrees(answer.headers()) && begins_at(answer, length) => Self::Rest,
            (206 | 416, Some(_)) => Self::Wrong,
            _ => Self::None,
        }
    }
}

/// Whether `Content-Range` says that the answer holds everything from `length` on.
fn begins_at<B: Body>(answer: &Response<B>, length: u64) -> bool {
    let range = text(answer.headers(), &CONTENT_RANGE).and_then(|text| text.strip_prefix("bytes "));
    let Some((range, total)) = range.and_then(|range| range.split_once('/')) else { return false };
    let (first, last) = range.split_once('-').unwrap_or_default();
    let (Ok(first), Ok(last), Ok(total)) = (first.parse::<u64>(), last.parse::<u64>(), total.parse::<u64>()) else {
        return false;
    };
    let announced = answer.body().size_hint().exact();
    first == length
        && last.checked_add(1) == Some(total)
        && announced.is_none_or(|rest| first.checked_add(rest) == Some(total))
}

/// By what a server can tell that a file is still the same, so that the rest of it can be asked for.
#[derive(Debug)]
pub(super) struct Kept {
    name: HeaderName,
    validator: HeaderValue,
    /// Another server may know another file by the same words.
    url: HttpUrl,
}

impl Kept {
    /// An entity tag, unless it is a weak one, which does not speak of bytes; else the time of the last change.
    pub(super) fn of(answer: &Response<Incoming>, url: &HttpUrl) -> Option<Self> {
        let get = |name: HeaderName| {
            let value = answer.headers().get(&name)?;
            (!value.is_empty() && !value.as_bytes().starts_with(b"W/")).then(|| (name, value.clone()))
        };
        let (name, validator) = get(ETAG).or_else(|| get(LAST_MODIFIED))?;
        Some(Self { name, validator, url: url.clone() })
    }

    pub(super) fn is_of(&self, url: &HttpUrl) -> bool {
        self.url.is_same_place(url)
    }

    pub(super) fn validator(&self) -> &HeaderValue {
        &self.validator
    }

    /// Whether an answer speaks of the same file, as far as it says so.
    fn agrees(&self, headers: &HeaderMap) -> bool {
        headers.get(&self.name).is_none_or(|value| *value == self.validator)
    }
}

pub(super) fn is_redirect(answer: &Response<Incoming>) -> bool {
    matches!(answer.status().as_u16(), 301 | 302 | 303 | 307 | 308)
}

pub(super) fn location(answer: &Response<Incoming>) -> Option<&str> {
    text(answer.headers(), &LOCATION).filter(|location| !location.is_empty())
}

/// Whether an answer that was cut can be told from a whole one.
pub(super) fn tells_its_end(answer: &Response<Incoming>) -> bool {
    answer.body().size_hint().exact().is_some() || answer.headers().contains_key(TRANSFER_ENCODING)
}

/// The pause that the server asks for, in seconds. A date is not read.
pub(super) fn pause_asked_for(answer: &Response<Incoming>) -> Option<Duration> {
    text(answer.headers(), &RETRY_AFTER)?.trim().parse().ok().map(Duration::from_secs)
}

fn text<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Option<&'a str> {
    headers.get(name)?.to_str().ok()
}

#[cfg(test)]
mod tests {
    use http_body_util::Full;
    use hyper::Response;
    use hyper::body::Bytes;
    use hyper::header::{ETAG, HeaderValue};

    use super::{Kept, Part};
    use crate::spec::HttpUrl;

    #[test]
    fn only_the_very_rest_continues_a_file() {
        let url = HttpUrl::try_from("http://a/".to_owned()).unwrap();
        let kept = Kept { name: ETAG, validator: HeaderValue::from_static("\"1\""), url };
        for (status, headers, wanted) in [
            (200, &[][..], Part::Whole),
            (206, &[("content-range", "bytes 4-9/10"), ("etag", "\"1\"")], Part::Rest),
            (206, &[("content-range", "bytes 4-9/10")], Part::Rest),
            (206, &[("content-range", "bytes 4-9/10"), ("etag", "\"2\"")], Part::Wrong),
            (206, &[("content-range", "bytes 3-9/10")], Part::Wrong),
            (206, &[("content-range", "bytes 4-8/10")], Part::Wrong),
            (206, &[("content-range", "bytes 4-10/10")], Part::Wrong),
            // The body has six bytes.
            (206, &[("content-range", "bytes 4-10/11")], Part::Wrong),
            (206, &[("content-range", "bytes 4-9/*")], Part::Wrong),
            (206, &[("content-range", "bytes */10")], Part::Wrong),
            (206, &[("content-range", "bytes 18446744073709551615-18446744073709551615/0")], Part::Wrong),
            (206, &[("content-range", "lines 4-9/10")], Part::Wrong),
            (206, &[("content-type", "multipart/byteranges; boundary=x")], Part::Wrong),
            (416, &[("content-range", "bytes */10")], Part::Wrong),
            (404, &[], Part::None),
            (204, &[], Part::None),
        ] {
            let mut answer = Response::builder().status(status);
            for (name, value) in headers {
                answer = answer.header(*name, *value);
            }
            let answer = answer.body(Full::new(Bytes::from_static(b"456789"))).unwrap();
            assert_eq!(Part::of(&answer, Some(&kept), 4), wanted, "{status} {headers:?}");
        }
        let unasked = Response::builder().status(206).header("content-range", "bytes 0-5/6");
        let unasked = unasked.body(Full::new(Bytes::from_static(b"456789"))).unwrap();
        assert_eq!(Part::of(&unasked, None, 0), Part::None);
    }
}
