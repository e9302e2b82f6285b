//! Hosts: a page whose name was made to lead here (DNS rebinding) is no page of ours, though its browser
//! thinks so. By an address, as `localhost` or by the host of an allowed origin we may be called; by any
//! other name we are not meant.

use actix_web::http::header::{HOST, HeaderMap};
use std::net::IpAddr;

/// Whether a request calls us by a name that is ours. Without a name no browser asks.
pub(super) fn is_ours(headers: &HeaderMap, origins: &[String]) -> bool {
    let Some(host) = headers.get(HOST) else { return true };
    host.to_str().is_ok_and(|host| is_known(host, origins))
}

fn is_known(host: &str, origins: &[String]) -> bool {
    let name = name(host);
    let is_same = |other: &str| name.eq_ignore_ascii_case(other);
    let is_address = name.trim_matches(['[', ']']).parse::<IpAddr>().is_ok();
    is_address
        || is_same("localhost")
        || origins
            .iter()
            .filter_map(|origin| origin.split_once("://"))
            .any(|(_, host)| is_same(self::name(host)))
}

/// The host without its port.
fn name(host: &str) -> &str {
    match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => name,
        _ => host,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_localhost_and_allowed_hosts_are_ours() {
        let origins = ["https://board.example:444".to_owned()];
        for ours in [
            "127.0.0.1:8000",
            "127.0.0.1",
            "[::1]:8000",
            "[::1]",
            "10.0.0.7:1",
            "LocalHost:8000",
            "board.example",
            "Board.Example:8000",
        ] {
            assert!(is_known(ours, &origins), "{ours}");
        }
        for foreign in
            ["evil.example", "127.0.0.1.evil.example:8000", "localhost.evil", "", ":8000"]
        {
            assert!(!is_known(foreign, &origins), "{foreign}");
        }
    }
}
