//! [`ports`]: whom a program has to reach, as far as it is told so: addresses in its environment and its arguments. The
//! kernel knows ports, and no hosts.

use std::collections::BTreeSet;

/// Providers, and names asked for over TCP.
const USUAL: [u16; 2] = [443, 53];

/// The ports at which a program may speak to others, that is told these words.
pub(super) fn ports<'a>(words: impl Iterator<Item = &'a str>) -> BTreeSet<u16> {
    let named = words.flat_map(|word| {
        let own = [("http://", 80), ("https://", 443)];
        own.into_iter().flat_map(move |(scheme, usual)| {
            word.split(scheme).skip(1).map(move |rest| port(rest).unwrap_or(usual))
        })
    });
    named.chain(USUAL).collect()
}

/// `user@host:4010/v1` says 4010.
fn port(address: &str) -> Option<u16> {
    let end = |letter: char| !(letter.is_alphanumeric() || "-._:@[]%".contains(letter));
    let host = address.split(end).next()?.rsplit('@').next()?;
    let (before, port) = host.rsplit_once(':')?;
    // What stands in brackets is an address of the newer kind, with colons of its own.
    (!before.contains('[') || before.ends_with(']')).then_some(())?;
    port.parse().ok()
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
        ];
        let found: Vec<_> = ports(words.into_iter()).into_iter().collect();
        assert_eq!(found, [53, 80, 443, 3128, 4010, 5000, 8443]);
    }
}
