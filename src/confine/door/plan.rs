//! [`Door`]: whom a program may reach, as data.

use super::named::Named;
use crate::rules::{Hosts, Web};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// Where the proxy listens, if none of the near addresses is at home there.
const USUAL: u16 = 3128;

/// What hosts are asked at that are named without a port.
const HTTPS: u16 = 443;

/// So many near addresses are relayed at most.
const MOST_NEAR: usize = 32;

/// Any host with a public name.
const ANY: &str = "*";

/// Whom a program may reach that has a network of its own.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Door {
    /// The runtime whose program it is: for those who read why they were refused.
    runtime: String,
    /// Patterns of hosts that the runtime needs, with the ports.
    hosts: Vec<(String, u16)>,
    /// Patterns of hosts that the rules let it ask, at the usual port: each list has to have a host in it. No list: nobody.
    web: Vec<Vec<String>>,
    /// Hosts and ports that were named as they are: these may be near.
    named: BTreeSet<Named>,
}

impl Door {
    /// For the program of a runtime that names these hosts (`example.org`, `*.example.org`, `*`, each with `:port` or for
    /// 443), that may ask these by the rules, and whose settings speak of these addresses.
    ///
    /// # Errors
    /// If one of the hosts is none.
    pub fn new(
        runtime: &str,
        hosts: &[String],
        web: &Web,
        addresses: BTreeSet<Named>,
    ) -> Result<Self, String> {
        let (mut patterns, mut named, mut is_open) = (Vec::new(), addresses, false);
        for written in hosts {
            let (pattern, port) = split(written);
            Hosts::new(std::slice::from_ref(&pattern))?;
            is_open |= pattern == ANY && port == HTTPS;
            match Named::read(written, Some(HTTPS)) {
                Some(exact) => drop(named.insert(exact)),
                None if pattern == ANY && port == HTTPS => {}
                None if pattern.starts_with('*') => patterns.push((pattern, port)),
                None => {
                    return Err(format!(
                        "`{written}` is no host: write example.org, *.example.org or *, with :port if it is not 443"
                    ));
                }
            }
        }
        Ok(Self { runtime: runtime.to_owned(), hosts: patterns, web: open(is_open, web), named })
    }

    /// Where its proxy listens.
    pub(super) fn port(&self) -> u16 {
        let taken: BTreeSet<u16> = self.near().iter().map(|near| near.port).collect();
        (USUAL..u16::MAX).find(|port| !taken.contains(port)).unwrap_or(USUAL)
    }

    /// Addresses of the machine itself that are relayed as they are: many clients send what is near through no proxy.
    pub(super) fn near(&self) -> Vec<&Named> {
        let near = self.named.iter().filter(|named| !named.loopback().is_empty());
        near.take(MOST_NEAR).collect()
    }

    /// The ports at which it speaks to anybody.
    pub(in crate::confine) fn ports(&self) -> BTreeSet<u16> {
        self.near().iter().map(|near| near.port).chain([self.port()]).collect()
    }

    /// By which variables programs find their way out.
    pub(super) fn variables(&self) -> Vec<(&'static str, String)> {
        let proxy = format!("http://127.0.0.1:{}", self.port());
        let through =
            ["HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy"];
        let mut variables: Vec<_> = through.map(|name| (name, proxy.clone())).into();
        variables.extend(["NO_PROXY", "no_proxy"].map(|name| (name, String::new())));
        variables.push(("NODE_USE_ENV_PROXY", "1".to_owned()));
        variables
    }

    /// Whether this was named as it is.
    pub(super) fn names(&self, asked: &Named) -> bool {
        self.named.contains(asked)
    }

    /// Whether it is among the hosts with public names that it may ask.
    pub(super) fn fits(&self, asked: &Named) -> bool {
        let fits =
            |patterns: &[String]| Hosts::new(patterns).is_ok_and(|hosts| hosts.fit(&asked.host));
        let own = self.hosts.iter().filter(|(_, port)| *port == asked.port);
        let is_web = asked.port == HTTPS && !self.web.is_empty();
        own.clone().any(|(pattern, _)| fits(std::slice::from_ref(pattern)))
            || (is_web && self.web.iter().all(|list| fits(list)))
    }

    /// Whom it may reach, and where that is said.
    pub(super) fn allowed(&self) -> String {
        let named = self.named.iter().map(ToString::to_string);
        let own = self.hosts.iter().map(|(pattern, port)| format!("{pattern}:{port}"));
        let web = self.web.iter().map(|list| format!("{} at {HTTPS}", list.join(" ")));
        let web = web.collect::<Vec<_>>().join(" as far as they are among ");
        let all: Vec<_> = named.chain(own).chain((!web.is_empty()).then_some(web)).collect();
        let all = if all.is_empty() { "nobody".to_owned() } else { all.join(", ") };
        let runtime = &self.runtime;
        format!(
            "what may be reached: {all}; an operator can allow more by runtimes.{runtime}.hosts in the settings, or, for an agent's \
             profile, by can_fetch and hosts in the rules"
        )
    }
}

/// A pattern, and the port that it says.
fn split(written: &str) -> (String, u16) {
    let port = written.rsplit_once(':').filter(|_| !written.ends_with(']'));
    let said = port.and_then(|(pattern, port)| Some((pattern.to_owned(), port.parse().ok()?)));
    said.unwrap_or_else(|| (written.to_owned(), HTTPS))
}

/// What is open beside what the runtime needs: where it says "any", those that the rules do not keep it from; else those
/// that they let it ask.
fn open(is_open: bool, web: &Web) -> Vec<Vec<String>> {
    let any = is_open.then(|| vec![ANY.to_owned()]);
    let lists: Vec<_> = any.into_iter().chain(web.named.clone()).collect();
    if is_open || web.granted { lists } else { Vec::new() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn door(hosts: &[&str], web: &Web) -> Door {
        let hosts: Vec<_> = hosts.iter().map(|host| (*host).to_owned()).collect();
        Door::new("script", &hosts, web, BTreeSet::new()).unwrap()
    }

    fn web(granted: bool, named: &[&[&str]]) -> Web {
        let list = |list: &&[&str]| list.iter().map(|host| (*host).to_owned()).collect();
        Web { granted, named: named.iter().map(list).collect() }
    }

    fn may(door: &Door, asked: &str) -> bool {
        let asked = Named::read(asked, None).unwrap();
        door.names(&asked) || door.fits(&asked)
    }

    #[test]
    fn a_runtime_reaches_the_hosts_that_it_names_at_their_ports() {
        let door = door(&["api.example", "*.cdn.example:8443", "127.0.0.1:4010"], &Web::default());
        for asked in ["api.example:443", "a.cdn.example:8443", "127.0.0.1:4010"] {
            assert!(may(&door, asked), "{asked}");
        }
        for asked in [
            "api.example:80",
            "a.api.example:443",
            "cdn.example:8443",
            "a.cdn.example:443",
            "127.0.0.1:443",
            "localhost:4010",
            "docs.rs:443",
        ] {
            assert!(!may(&door, asked), "{asked}");
        }
        assert_eq!(door.ports().into_iter().collect::<Vec<_>>(), [3128, 4010]);
    }

    #[test]
    fn any_is_any_public_name_at_443() {
        let door = door(&["*"], &Web::default());
        assert!(may(&door, "docs.rs:443"));
        for asked in
            ["docs.rs:80", "1.1.1.1:443", "localhost:443", "x.local:443", "127.1:443", "[::1]:443"]
        {
            assert!(!may(&door, asked), "{asked}");
        }
    }

    #[test]
    fn rules_that_name_hosts_narrow_any_and_leave_what_the_program_needs() {
        let narrowed = door(&["*", "api.example"], &web(false, &[&["*.rs"], &["docs.rs", "b.rs"]]));
        assert!(may(&narrowed, "docs.rs:443") && may(&narrowed, "api.example:443"));
        assert!(!may(&narrowed, "c.rs:443") && !may(&narrowed, "example.org:443"));
        assert!(!may(&door(&["*"], &web(true, &[&[]])), "docs.rs:443"));
    }

    #[test]
    fn rules_that_grant_fetching_open_the_hosts_that_every_voice_names() {
        let granted = door(&["api.example"], &web(true, &[&["*"], &["docs.rs"]]));
        assert!(may(&granted, "docs.rs:443") && !may(&granted, "crates.io:443"));
        let refused = door(&["api.example"], &web(false, &[&["*"]]));
        assert!(!may(&refused, "docs.rs:443"));
    }

    #[test]
    fn what_is_no_host_is_refused_and_a_near_address_keeps_its_port() {
        for wrong in ["", "a*b", "https://a.example", "a.example:x", "*:x", "a b"] {
            let door = Door::new("script", &[wrong.to_owned()], &Web::default(), BTreeSet::new());
            assert!(door.is_err(), "{wrong}");
        }
        assert_eq!(door(&["127.0.0.1:3128", "localhost:3129"], &Web::default()).port(), 3130);
    }
}
