//! [`Head`]: what a client asks of a proxy: a tunnel to a host (`CONNECT`), or a request with a whole address, which is
//! sent on as its host expects it.

use super::body::Body;
use super::named::Named;
use super::refusal::No;
use std::io::{self, BufRead, BufReader};
use std::net::TcpStream;
use std::time::{Duration, Instant};

/// The longest head.
const LONGEST: usize = 32 << 10;

/// So many lines may it have.
const MOST_LINES: usize = 100;

/// How long it may take to say it.
const PATIENCE: Duration = Duration::from_secs(20);

/// What a proxy keeps to itself, and what it says anew.
const OWN: [&str; 5] =
    ["host", "connection", "keep-alive", "proxy-connection", "proxy-authorization"];

/// What is asked.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Head {
    /// Whom it is for.
    pub(super) to: Named,
    /// What is wanted of him.
    pub(super) ask: Ask,
}

/// What is wanted of a host.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Ask {
    /// To speak to him.
    Tunnel,
    /// One request.
    Request(Request),
}

/// A request in pieces.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Request {
    method: String,
    authority: String,
    path: String,
    version: u8,
    lines: Vec<u8>,
    /// What follows it.
    pub(super) body: Body,
}

impl Request {
    /// Whether only the head of the answer is wanted.
    pub(super) fn wants_a_head(&self) -> bool {
        self.method == "HEAD"
    }

    /// As the host himself expects it. He is to end the connection behind it: the next request may be for another.
    pub(super) fn to_host(&self) -> Vec<u8> {
        self.written(&self.path, "")
    }

    /// As a proxy expects it.
    pub(super) fn to_proxy(&self, credentials: &str) -> Vec<u8> {
        let Self { authority, path, .. } = self;
        self.written(&format!("http://{authority}{path}"), credentials)
    }

    fn written(&self, target: &str, credentials: &str) -> Vec<u8> {
        let Self { method, authority, version, lines, .. } = self;
        let mut head = format!(
            "{method} {target} HTTP/1.{version}\r\nHost: {authority}\r\nConnection: close\r\n{credentials}"
        )
        .into_bytes();
        head.extend(lines);
        head.extend(b"\r\n");
        head
    }
}

impl Head {
    /// Reads one.
    pub(super) fn read(from: &mut BufReader<TcpStream>) -> Result<Self, No> {
        let (to, ask) = parsed(&until_blank(from)?)?;
        Ok(Self { to, ask })
    }
}

/// All up to the first blank line.
pub(super) fn until_blank(from: &mut BufReader<TcpStream>) -> Result<Vec<u8>, No> {
    let lost = |error: io::Error| No::unclear(format!("the head was not read: {error}"));
    let (begun, mut read) = (Instant::now(), Vec::new());
    while !read.ends_with(b"\r\n\r\n") {
        let left = PATIENCE.saturating_sub(begun.elapsed());
        if read.len() > LONGEST || left.is_zero() {
            return Err(No::unclear("the head is too long, or took too long"));
        }
        from.get_ref().set_read_timeout(Some(left)).map_err(lost)?;
        let piece = from.fill_buf().map_err(lost)?;
        if piece.is_empty() {
            return Err(No::unclear("it ended within its head"));
        }
        // A line at most: what is behind the blank one is no head any more.
        let line = piece.iter().position(|byte| *byte == b'\n').map_or(piece.len(), |at| at + 1);
        read.extend(&piece[..line]);
        from.consume(line);
    }
    from.get_ref().set_read_timeout(None).map_err(lost)?;
    Ok(read)
}

fn parsed(head: &[u8]) -> Result<(Named, Ask), No> {
    let mut lines = [httparse::EMPTY_HEADER; MOST_LINES];
    let mut request = httparse::Request::new(&mut lines);
    request.parse(head).map_err(|error| No::unclear(format!("this is no request: {error}")))?;
    let (Some(method), Some(target)) = (request.method, request.path) else {
        return Err(No::unclear("this is no request"));
    };
    if method == "CONNECT" {
        let to = Named::read(target, None);
        let why = || No::unclear(format!("CONNECT wants host:port, and {target:?} is neither"));
        return Ok((to.ok_or_else(why)?, Ask::Tunnel));
    }
    let (authority, path) = apart(target)?;
    let to = Named::read(authority, Some(80));
    let to = to.ok_or_else(|| No::unclear(format!("{authority:?} is no host")))?;
    let ask = Ask::Request(Request {
        method: method.to_owned(),
        authority: authority.to_owned(),
        path,
        version: request.version.unwrap_or(1),
        body: Body::of(request.headers)?,
        lines: kept(request.headers),
    });
    Ok((to, ask))
}

/// A whole address: its host, and all behind it.
fn apart(target: &str) -> Result<(&str, String), No> {
    let has_scheme = |scheme: &str| {
        target.get(..scheme.len()).is_some_and(|begins| begins.eq_ignore_ascii_case(scheme))
    };
    if !has_scheme("http://") {
        return Err(No::unclear(format!(
            "this is a proxy, for CONNECT host:port and for http://host/path; {target:?} is neither"
        )));
    }
    let rest = &target["http://".len()..];
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let (authority, path) = rest.split_at(end);
    Ok((authority, if path.starts_with('/') { path.to_owned() } else { format!("/{path}") }))
}

/// The lines that are sent on.
fn kept(lines: &[httparse::Header<'_>]) -> Vec<u8> {
    let mut kept = Vec::new();
    for line in
        lines.iter().filter(|line| !OWN.iter().any(|own| line.name.eq_ignore_ascii_case(own)))
    {
        kept.extend(line.name.bytes());
        kept.extend(b": ");
        kept.extend(line.value);
        kept.extend(b"\r\n");
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ask(head: &str) -> Result<(String, Ask), No> {
        parsed(head.as_bytes()).map(|(to, ask)| (to.to_string(), ask))
    }

    #[test]
    fn a_tunnel_names_its_host_and_port() {
        let read = ask("CONNECT A.Example:443 HTTP/1.1\r\nHost: b.example:443\r\n\r\n").unwrap();
        assert_eq!(read, ("a.example:443".to_owned(), Ask::Tunnel));
        for target in ["a.example", "a.example:", ":443", "http://a.example/", "u@a.example:443"] {
            assert!(ask(&format!("CONNECT {target} HTTP/1.1\r\n\r\n")).is_err(), "{target}");
        }
    }

    #[test]
    fn a_request_is_for_the_host_in_its_address_whatever_else_it_says() {
        let head = "POST HTTP://a.example:81?x=1 HTTP/1.1\r\nHost: evil.example\r\nProxy-Authorization: Basic eA==\r\n\
                    Connection: keep-alive\r\nX-One: 1\r\nContent-Length: 2\r\n\r\n";
        let (to, ask) = ask(head).unwrap();
        let Ask::Request(request) = ask else { panic!("{ask:?}") };
        assert_eq!(to, "a.example:81");
        let text = |bytes| String::from_utf8(bytes).unwrap();
        let lines = "Host: a.example:81\r\nConnection: close\r\n";
        let rest = "X-One: 1\r\nContent-Length: 2\r\n\r\n";
        assert_eq!(text(request.to_host()), format!("POST /?x=1 HTTP/1.1\r\n{lines}{rest}"));
        assert_eq!(
            text(request.to_proxy("Proxy-Authorization: Basic eQ==\r\n")),
            format!(
                "POST http://a.example:81/?x=1 HTTP/1.1\r\n{lines}Proxy-Authorization: Basic eQ==\r\n{rest}"
            )
        );
    }

    #[test]
    fn what_is_not_for_a_proxy_is_told_so() {
        for head in [
            "GET / HTTP/1.1\r\nHost: a.example\r\n\r\n",
            "GET https://a.example/ HTTP/1.1\r\n\r\n",
            "GET http://u:p@a.example/ HTTP/1.1\r\n\r\n",
            "GET http:///x HTTP/1.1\r\n\r\n",
            "nonsense\r\n\r\n",
        ] {
            assert!(ask(head).is_err(), "{head}");
        }
    }
}
