//! [`network`]: whom a program may reach: hosts that its runtime names, hosts that the rules let its agent ask, and addresses
//! in its environment and its arguments, as operators write them. What an agent is asked is none of these: a prompt may say
//! anything.
//!
//! Where the kernel gives no network to put a door into, it knows ports, and no hosts.

use super::seat::Seat;
use crate::confine::{Door, Named, Network};
use crate::rules::Web;
use std::collections::{BTreeMap, BTreeSet};

/// Providers, and names asked for over TCP.
const USUAL: [u16; 2] = [443, 53];

/// Where a program has to get to, as its runtime says.
#[derive(Debug, Clone, Default)]
pub(in crate::world) struct Way {
    /// Its arguments as they stand in the settings: templates, before anything of an attempt is in them.
    pub(in crate::world) told: Vec<String>,
    /// Hosts that it needs.
    pub(in crate::world) hosts: Vec<String>,
}

/// Whether hosts are written as they have to be.
pub(in crate::world) fn check_hosts(hosts: &[String]) -> Result<(), String> {
    Door::new("", hosts, &Web::default(), BTreeSet::new()).map(drop)
}

/// Whom a program at this seat may reach, with these variables.
pub(super) fn network(
    seat: &Seat,
    way: &Way,
    variables: &BTreeMap<String, String>,
) -> Result<Network, String> {
    let told = way.told.iter().map(String::as_str);
    if !seat.door {
        let words = variables.values().map(String::as_str).chain(told);
        return Ok(Network::Ports(ports(words)));
    }
    // The machine's own proxy is the doorman's to go through: by it a program would be anywhere.
    let variables = variables.iter().filter(|(name, _)| !is_proxy(name));
    let words = variables.map(|(_, value)| value.as_str()).chain(told);
    Door::new(&seat.runtime, &way.hosts, &seat.web, addresses(words)).map(Network::Door)
}

fn is_proxy(variable: &str) -> bool {
    let name = variable.to_ascii_lowercase();
    ["http_proxy", "https_proxy", "all_proxy", "no_proxy"].contains(&name.as_str())
}

/// The ports at which a program may speak to others, that is told these words.
fn ports<'a>(words: impl Iterator<Item = &'a str>) -> BTreeSet<u16> {
    addresses(words).into_iter().map(|address| address.port).chain(USUAL).collect()
}

/// The hosts and ports of addresses among these words.
fn addresses<'a>(words: impl Iterator<Item = &'a str>) -> BTreeSet<Named> {
    let named = words.flat_map(|word| {
        let own = [("http://", 80), ("https://", 443)];
        own.into_iter().flat_map(move |(scheme, usual)| {
            word.split(scheme).skip(1).filter_map(move |rest| address(rest, usual))
        })
    });
    named.collect()
}

/// `user@host:4010/v1` says host and 4010.
fn address(text: &str, usual: u16) -> Option<Named> {
    let end = |letter: char| !(letter.is_alphanumeric() || "-._:@[]%".contains(letter));
    let host = text.split(end).next()?.rsplit('@').next()?;
    // A sentence may end behind it.
    Named::read(host.trim_end_matches([':', '.']), Some(usual))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_say_where_a_program_has_to_go() {
        let words = [
            "http://127.0.0.1:4010",
            "-c base_url=\"https://a.example:8443/v1\"",
            "http://plain.example/x:99",
            "https://user:pass@proxy.example:3128",
            "http://[::1]:5000/v1",
            "http://[fe80::1]",
            "no address: 77",
            "http://{{ host }}/",
        ];
        let found: Vec<_> = addresses(words.into_iter()).iter().map(Named::to_string).collect();
        let hosts = [
            "127.0.0.1:4010",
            "[::1]:5000",
            "a.example:8443",
            "[fe80::1]:80",
            "plain.example:80",
            "proxy.example:3128",
        ];
        assert_eq!(found, hosts);
        let found: Vec<_> = ports(words.into_iter()).into_iter().collect();
        assert_eq!(found, [53, 80, 443, 3128, 4010, 5000, 8443]);
    }

    #[test]
    fn behind_a_door_the_machines_proxy_is_nobody_to_speak_to() {
        let seat = |door| Seat { door, ..Seat::default() };
        let variables = [
            ("HTTPS_PROXY", "http://127.0.0.1:3128"),
            ("https_proxy", "http://127.0.0.1:3128"),
            ("BASE_URL", "http://127.0.0.1:4010"),
        ];
        let variables = variables.map(|(name, value)| (name.to_owned(), value.to_owned()));
        let of = |door| network(&seat(door), &Way::default(), &variables.clone().into()).unwrap();
        let named = [Named::new("127.0.0.1", 4010)].into();
        let door = Door::new("", &[], &Web::default(), named).unwrap();
        assert_eq!(of(true), Network::Door(door));
        assert_eq!(of(false), Network::Ports([53, 443, 3128, 4010].into()));
    }
}
