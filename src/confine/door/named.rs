//! [`Named`]: a host and a port, as somebody names them.

use serde::{Deserialize, Serialize};
use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// The longest name that a host can have.
const LONGEST: usize = 253;

/// A host and a port.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Named {
    /// In small letters, without brackets.
    pub host: String,
    /// Its port.
    pub port: u16,
}

impl Named {
    /// A host at a port.
    pub fn new(host: &str, port: u16) -> Self {
        let bare = host.trim_start_matches('[').trim_end_matches(']').trim_end_matches('.');
        Self { host: bare.to_ascii_lowercase(), port }
    }

    /// `host:port`, or, where a port is usual, `host`; an address of the newer kind stands in brackets.
    pub fn read(text: &str, usual: Option<u16>) -> Option<Self> {
        // What stands in brackets has colons of its own.
        let is_port = |at: &usize| !text[*at..].contains(']');
        let (host, port) = match text.rfind(':').filter(is_port) {
            Some(at) => (&text[..at], text[at + 1..].parse().ok()?),
            None => (text, usual?),
        };
        let named = Self::new(host, port);
        let is_fine = |letter: char| letter.is_ascii_alphanumeric() || "-._:".contains(letter);
        let is_host = !named.host.is_empty()
            && named.host.len() <= LONGEST
            && named.host.chars().all(is_fine)
            && (!named.host.contains(':') || host.starts_with('['));
        is_host.then_some(named)
    }

    /// The addresses by which a machine speaks to itself that it may stand for; none: it is not near.
    pub(super) fn loopback(&self) -> Vec<IpAddr> {
        if self.host == "localhost" || self.host.ends_with(".localhost") {
            return vec![Ipv4Addr::LOCALHOST.into(), Ipv6Addr::LOCALHOST.into()];
        }
        let address = self.host.parse::<IpAddr>().ok();
        address.filter(IpAddr::is_loopback).into_iter().collect()
    }
}

impl fmt::Display for Named {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { host, port } = self;
        if host.contains(':') { write!(f, "[{host}]:{port}") } else { write!(f, "{host}:{port}") }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_host_and_a_port_are_read_as_they_are_written_and_nothing_else_is() {
        let read = |text| Named::read(text, Some(443)).map(|named| named.to_string());
        for (text, named) in [
            ("a.example", "a.example:443"),
            ("A.Example.:80", "a.example:80"),
            ("[::1]:99", "[::1]:99"),
            ("[::1]", "[::1]:443"),
            ("127.0.0.1:4010", "127.0.0.1:4010"),
        ] {
            assert_eq!(read(text).as_deref(), Some(named), "{text}");
        }
        for text in
            ["", ":80", "a:b", "a:99999", "a b:80", "::1:80", "u@h:80", "h/x:80", "h\r\n:80"]
        {
            assert_eq!(read(text), None, "{text:?}");
        }
        assert_eq!(Named::read("a.example", None), None);
    }

    #[test]
    fn only_what_means_this_machine_by_itself_is_near() {
        let near = |host| Named::new(host, 1).loopback().len();
        assert_eq!((near("localhost"), near("127.0.0.9"), near("[::1]")), (2, 1, 1));
        assert_eq!((near("127.1"), near("10.0.0.1"), near("a.example")), (0, 0, 0));
    }
}
