//! [`Hosts`]: which hosts may be asked. `example.org` is that host, `*.example.org` those below it, `*` any that has a
//! public name. Numbers, and names of this machine or its neighbours, have to be named as they are: no star fits them.

use std::net::IpAddr;

/// Which hosts may be asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hosts(Vec<String>);

impl Hosts {
    /// Reads patterns.
    ///
    /// # Errors
    /// The first that is none, and what would be one.
    pub fn new(written: &[String]) -> Result<Self, String> {
        let read = written.iter().map(|pattern| {
            let core = pattern.strip_prefix("*.").unwrap_or(pattern);
            let is_fine =
                pattern == "*" || (!core.is_empty() && !core.contains(['*', '/', '@', ' ']));
            let why = || {
                format!("`{pattern}` is no host: write example.org, *.example.org, or * for any")
            };
            if is_fine { Ok(pattern.to_ascii_lowercase()) } else { Err(why()) }
        });
        Ok(Self(read.collect::<Result<_, _>>()?))
    }

    /// Whether a host is among them.
    pub fn fit(&self, host: &str) -> bool {
        let host = host.trim_end_matches('.').to_ascii_lowercase();
        let is_public = is_public(&host);
        self.0.iter().any(|pattern| match pattern.strip_prefix("*.") {
            Some(above) => {
                is_public && host.strip_suffix(above).is_some_and(|rest| rest.ends_with('.'))
            }
            None if pattern == "*" => is_public,
            None => *pattern == host,
        })
    }

    /// As they were written.
    pub(super) fn written(&self) -> &[String] {
        &self.0
    }
}

/// Whether it is a name that the world knows: neither a number nor a name of this machine or its neighbours.
fn is_public(host: &str) -> bool {
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    let last = host.rsplit('.').next().unwrap_or_default();
    // 0x7f.1 and 2130706433 are numbers, too.
    let is_number =
        bare.parse::<IpAddr>().is_ok() || last.starts_with(|first: char| first.is_ascii_digit());
    let is_near =
        ["localhost", "local", "internal", "lan", "home", "intranet", "arpa"].contains(&last);
    host.contains('.') && !is_number && !is_near
}

/// The host of an address, as those who ask it see it; the text itself, if it is none.
pub(super) fn host_of(text: &str) -> String {
    let Some((_, rest)) = text.split_once("://") else { return text.trim().to_owned() };
    let authority = rest.split(['/', '?', '#', '\\']).next().unwrap_or_default();
    let host = authority.rsplit('@').next().unwrap_or_default();
    let port = host.rfind(':').filter(|at| !host[*at..].contains(']'));
    port.map_or(host, |at| &host[..at]).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_star_fits_what_the_world_knows_and_nothing_near() {
        let fits = |pattern: &str, host: &str| Hosts::new(&[pattern.into()]).unwrap().fit(host);
        assert!(
            fits("*", "docs.rs") && fits("*.python.org", "docs.python.org") && fits("a.b", "A.B.")
        );
        assert!(fits("127.0.0.1", "127.0.0.1"), "it is named as it is");
        for near in [
            "localhost",
            "127.0.0.1",
            "[::1]",
            "2130706433",
            "0x7f.0.0.1",
            "127.1",
            "x.local",
            "metadata.google.internal",
            "router",
        ] {
            assert!(!fits("*", near), "{near}");
        }
        assert!(!fits("*.python.org", "python.org") && !fits("*.python.org", "evilpython.org"));
    }

    #[test]
    fn the_host_of_an_address_is_the_one_that_is_asked() {
        for (address, host) in [
            ("https://docs.rs/serde", "docs.rs"),
            ("https://docs.rs:443?x", "docs.rs"),
            ("http://docs.rs@127.0.0.1:8000/x", "127.0.0.1"),
            ("http://[::1]:80/", "[::1]"),
            ("http://evil.example\\@docs.rs/", "evil.example"),
            ("docs.rs", "docs.rs"),
        ] {
            assert_eq!(host_of(address), host, "{address}");
        }
    }
}
