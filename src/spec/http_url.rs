//! Addresses of HTTP servers.

use std::fmt;

use serde::Deserialize;

/// What else would have to be percent-encoded, or is read by one program in another way than by the next.
const REFUSED: [char; 5] = ['"', '<', '>', '\\', '`'];

/// `http://host[:port]/path?query` or the same with `https`. Its text, as it is shown, ends before the query: what stands in
/// that is often a key.
#[derive(Clone, PartialEq, Eq, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(with = "String"))]
#[serde(try_from = "String")]
pub(crate) struct HttpUrl {
    secure: bool,
    /// In lower case, without brackets.
    host: String,
    port: u16,
    /// Path and query, from the first `/` on.
    target: String,
}

impl HttpUrl {
    pub(crate) fn is_secure(&self) -> bool {
        self.secure
    }

    pub(crate) fn host(&self) -> &str {
        &self.host
    }

    pub(crate) fn port(&self) -> u16 {
        self.port
    }

    /// Path and query.
    pub(crate) fn target(&self) -> &str {
        &self.target
    }

    fn path(&self) -> &str {
        self.target.split('?').next().unwrap_or_default()
    }

    fn scheme(&self) -> &'static str {
        if self.secure { "https" } else { "http" }
    }

    /// Host and port, as in the `Host` header: the default port is left out, as browsers do.
    pub(crate) fn authority(&self) -> String {
        let host = bracketed(&self.host);
        if self.port == default_port(self.secure) { host } else { format!("{host}:{}", self.port) }
    }

    /// The whole of it, also the query.
    pub(crate) fn to_full(&self) -> String {
        format!("{}://{}{}", self.scheme(), self.authority(), self.target)
    }

    /// Whether scheme, host and port are the same.
    pub(crate) fn has_same_origin(&self, other: &Self) -> bool {
        (self.secure, &self.host, self.port) == (other.secure, &other.host, other.port)
    }

    /// Whether everything but the query is the same: in that a storage service signs each redirect anew.
    pub(crate) fn is_same_place(&self, other: &Self) -> bool {
        self.has_same_origin(other) && self.path() == other.path()
    }

    /// The URL that a `Location` names, seen from this one (RFC 3986, section 5.2, without what `http` cannot have).
    pub(crate) fn join(&self, reference: &str) -> Result<Self, String> {
        let reference = reference.split('#').next().unwrap_or_default();
        let scheme = reference.split(['/', '?']).next().unwrap_or_default().split_once(':').map(|(scheme, _)| scheme);
        if scheme.is_some() {
            return Self::try_from(reference.to_owned());
        }
        if reference.starts_with("//") {
            return Self::try_from(format!("{}:{reference}", self.scheme()));
        }
        let path = self.path();
        let joined = match reference.chars().next() {
            None => self.target.clone(),
            Some('/') => reference.to_owned(),
            Some('?') => format!("{path}{reference}"),
            Some(_) => format!("{}{reference}", &path[..=path.rfind('/').unwrap_or(0)]),
        };
        let (path, query) = joined.find('?').map_or((joined.as_str(), ""), |at| joined.split_at(at));
        let target = without_dots(path) + query;
        check_characters(&target)?;
        Ok(Self { target, ..self.clone() })
    }
}

impl TryFrom<String> for HttpUrl {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let forms = "write `https://host/path` or `http://host:port/path`";
        let (scheme, rest) = text.split_once("://").ok_or_else(|| format!("not a URL\n{forms}"))?;
        let secure = match scheme.to_ascii_lowercase().as_str() {
            "http" => false,
            "https" => true,
            _ => return Err(format!("the URL is neither `http` nor `https`\n{forms}")),
        };
        let rest = rest.split('#').next().unwrap_or_default();
        let (authority, target) = rest.find(['/', '?']).map_or((rest, ""), |at| rest.split_at(at));
        if authority.contains('@') {
            return Err(
                "the URL holds a user or a password\nlet a header send it, with `from_env` or `from_file`".to_owned()
            );
        }
        check_characters(rest)?;
        let (host, port) =
            host_and_port(authority, Some(default_port(secure)), "URL").map_err(|error| format!("{error}\n{forms}"))?;
        let allowed: fn(char) -> bool = if host.contains(':') {
            |c| c.is_ascii_hexdigit() || ":.".contains(c)
        } else {
            |c| c.is_ascii_alphanumeric() || "-._".contains(c)
        };
        if !host.chars().all(allowed) {
            return Err(format!("the URL has no valid host\n{forms}"));
        }
        let target = if target.starts_with('/') { target.to_owned() } else { format!("/{target}") };
        Ok(Self { secure, host: host.to_ascii_lowercase(), port, target })
    }
}

impl fmt::Display for HttpUrl {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let query = if self.target.contains('?') { "?..." } else { "" };
        write!(formatter, "{}://{}{}{query}", self.scheme(), self.authority(), self.path())
    }
}

impl fmt::Debug for HttpUrl {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, formatter)
    }
}

fn default_port(secure: bool) -> u16 {
    if secure { 443 } else { 80 }
}

/// A host as it stands before a port.
pub(super) fn bracketed(host: &str) -> String {
    if host.contains(':') { format!("[{host}]") } else { host.to_owned() }
}

fn check_characters(text: &str) -> Result<(), String> {
    match text.chars().find(|c| !c.is_ascii_graphic() || REFUSED.contains(c)) {
        Some(_) => {
            Err("the URL holds a space or another character that does not belong there\npercent-encode it: a space \
                 is `%20`"
                .to_owned())
        }
        None => Ok(()),
    }
}

/// `host:port`, `[v6]:port`, or the host alone where there is a default. `what` is what messages call the text.
pub(super) fn host_and_port(authority: &str, default: Option<u16>, what: &str) -> Result<(String, u16), String> {
    let no_host = || format!("the {what} has no valid host");
    let (host, port) = match authority.strip_prefix('[') {
        Some(rest) => match rest.split_once(']') {
            None => return Err(format!("the {what}'s address has no closing bracket")),
            Some((host, "")) => (host, None),
            Some((host, after)) => (host, Some(after.strip_prefix(':').ok_or_else(no_host)?)),
        },
        None => authority.rsplit_once(':').map_or((authority, None), |(host, port)| (host, Some(port))),
    };
    let is_foreign = |c: char| c.is_control() || " /@?#\\[]\"'`<>{}|^".contains(c);
    if host.is_empty() || host.contains(is_foreign) || (host.contains(':') && !authority.starts_with('[')) {
        return Err(no_host());
    }
    let port = match port {
        Some(port) => {
            let digits = port.bytes().all(|byte| byte.is_ascii_digit());
            let port = port.parse().ok().filter(|port| digits && *port > 0);
            port.ok_or_else(|| format!("the {what}'s port is not 1 to 65535"))?
        }
        None => default.ok_or_else(|| format!("the {what} has no port"))?,
    };
    Ok((host.to_owned(), port))
}

/// The path without `.` and `..` (RFC 3986, section 5.2.4).
fn without_dots(path: &str) -> String {
    let mut kept: Vec<&str> = Vec::new();
    let mut parts = path.split('/').skip(1).peekable();
    while let Some(part) = parts.next() {
        match part {
            "." | ".." => {
                if part == ".." {
                    kept.pop();
                }
                if parts.peek().is_none() {
                    kept.push("");
                }
            }
            _ => kept.push(part),
        }
    }
    format!("/{}", kept.join("/"))
}

#[cfg(test)]
mod tests {
    use super::HttpUrl;

    fn url(text: &str) -> HttpUrl {
        HttpUrl::try_from(text.to_owned()).unwrap()
    }

    #[test]
    fn urls() {
        for (text, wanted) in [
            ("https://host/a/b?c=d#e", Ok("https://host/a/b?c=d")),
            ("HTTPS://Host.Example:443", Ok("https://host.example/")),
            ("http://host:8080?x", Ok("http://host:8080/?x")),
            ("http://[::1]:80/", Ok("http://[::1]/")),
            ("https://127.0.0.1:8443/%20", Ok("https://127.0.0.1:8443/%20")),
            ("host/a", Err("not a URL")),
            ("ftp://host/a", Err("the URL is neither `http` nor `https`")),
            ("https://", Err("the URL has no valid host")),
            ("https://:443/", Err("the URL has no valid host")),
            ("https://[::1/", Err("the URL's address has no closing bracket")),
            ("https://[fe80::1%25eth0]/", Err("the URL has no valid host")),
            ("https://a:b/", Err("the URL's port is not 1 to 65535")),
            ("https://a:+80/", Err("the URL's port is not 1 to 65535")),
            ("https://a:70000/", Err("the URL's port is not 1 to 65535")),
            ("https://user@host/", Err("the URL holds a user or a password")),
            ("https://user:hunter2@host/", Err("the URL holds a user or a password")),
            ("https://a b/", Err("the URL holds a space or another character that does not belong there")),
            ("https://a/b c", Err("the URL holds a space or another character that does not belong there")),
            ("https://a\\@b/", Err("the URL holds a user or a password")),
            ("https://a/\r\nX: y", Err("the URL holds a space or another character that does not belong there")),
            ("https://bücher.example/", Err("the URL holds a space or another character that does not belong there")),
            ("https://a%2fb/", Err("the URL has no valid host")),
        ] {
            let read = HttpUrl::try_from(text.to_owned()).map(|url| url.to_full());
            let read = read.map_err(|error| error.lines().next().unwrap().to_owned());
            assert_eq!(read, wanted.map(str::to_owned).map_err(str::to_owned), "{text}");
        }
    }

    #[test]
    fn the_query_is_not_shown() {
        let signed = url("https://host:8443/a?signature=hunter2");
        assert_eq!((signed.to_string(), format!("{signed:?}")).0, "https://host:8443/a?...");
        assert_eq!(format!("{signed:?}"), "https://host:8443/a?...");
        assert_eq!(url("https://host/a").to_string(), "https://host/a");
    }

    #[test]
    fn references() {
        let base = url("http://host:81/a/b/c?q");
        for (reference, wanted) in [
            ("https://other/x", Ok("https://other/x")),
            ("//other:82/x#y", Ok("http://other:82/x")),
            ("/x/y?z", Ok("http://host:81/x/y?z")),
            ("x", Ok("http://host:81/a/b/x")),
            ("./x/", Ok("http://host:81/a/b/x/")),
            ("../x?y=../z", Ok("http://host:81/a/x?y=../z")),
            ("../../../../x", Ok("http://host:81/x")),
            ("..", Ok("http://host:81/a/")),
            ("?z", Ok("http://host:81/a/b/c?z")),
            ("", Ok("http://host:81/a/b/c?q")),
            ("#x", Ok("http://host:81/a/b/c?q")),
            ("x:y", Err("not a URL")),
            ("file:///etc/passwd", Err("the URL is neither `http` nor `https`")),
            ("javascript://x", Err("the URL is neither `http` nor `https`")),
            ("//u:p@other/", Err("the URL holds a user or a password")),
            ("/a b", Err("the URL holds a space or another character that does not belong there")),
        ] {
            let joined = base.join(reference).map(|url| url.to_full());
            let joined = joined.map_err(|error| error.lines().next().unwrap().to_owned());
            assert_eq!(joined, wanted.map(str::to_owned).map_err(str::to_owned), "{reference}");
        }
    }
}
