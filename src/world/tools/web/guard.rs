//! [`Guard`]: who may be asked. It gives addresses, and only those are connected to: a name that means another machine a
//! moment later (DNS rebinding) leads nowhere.

use crate::rules::is_public;
use callboard_actors::tools::ToolError;
use futures::future::{FutureExt, LocalBoxFuture};
use reqwest::Url;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

/// What a name means just now.
type Lookup =
    Arc<dyn Fn(String, u16) -> LocalBoxFuture<'static, io::Result<Vec<SocketAddr>>> + Send + Sync>;

/// Decides who may be asked.
#[derive(Clone)]
pub(in crate::world::tools) struct Guard {
    /// Hosts, some with a port, that may have private addresses.
    private_hosts: Arc<Vec<String>>,
    lookup: Lookup,
}

impl Guard {
    /// Everybody that is public, and these hosts (`name` or `name:port`), be they public or not.
    pub(in crate::world::tools) fn new(private_hosts: Vec<String>) -> Self {
        Self::looking_up(private_hosts, Arc::new(|host, port| system(host, port).boxed_local()))
    }

    pub(super) fn looking_up(private_hosts: Vec<String>, lookup: Lookup) -> Self {
        Self { private_hosts: Arc::new(private_hosts), lookup }
    }

    /// The addresses that may be connected to for this URL.
    ///
    /// # Errors
    /// If it is not to be fetched, with the reason.
    pub(super) async fn admit(&self, url: &Url) -> Result<Vec<SocketAddr>, ToolError> {
        let refuse = |why: &str| Err(ToolError::new(format!("{url} is not fetched: {why}")));
        if !matches!(url.scheme(), "http" | "https") {
            return refuse("only http and https are");
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(ToolError::new(
                "a URL with a name or a password in it is not fetched: leave them out",
            ));
        }
        let (Some(host), Some(port)) = (url.host_str(), url.port_or_known_default()) else {
            return refuse("it names no host");
        };
        let bare = host.trim_start_matches('[').trim_end_matches(']');
        let addresses = match bare.parse::<IpAddr>() {
            Ok(address) => vec![SocketAddr::new(address, port)],
            Err(_) => self.looked_up(bare, port).await?,
        };
        if addresses.is_empty() {
            return refuse("its host has no address");
        }
        let is_open = self.is_listed(host, port) || addresses.iter().all(|at| is_public(at.ip()));
        if is_open { Ok(addresses) } else { refuse(PRIVATE) }
    }

    async fn looked_up(&self, host: &str, port: u16) -> Result<Vec<SocketAddr>, ToolError> {
        (self.lookup)(host.to_owned(), port)
            .await
            .map_err(|error| ToolError::new(format!("failed to find the host {host}: {error}")))
    }

    fn is_listed(&self, host: &str, port: u16) -> bool {
        let with_port = format!("{host}:{port}");
        self.private_hosts.iter().any(|listed| {
            listed.eq_ignore_ascii_case(host) || listed.eq_ignore_ascii_case(&with_port)
        })
    }
}

const PRIVATE: &str = "its host has an address that is not public (this machine, its network, or the like); an operator \
                       can allow a host in the settings, as web.private_hosts";

async fn system(host: String, port: u16) -> io::Result<Vec<SocketAddr>> {
    Ok(tokio::net::lookup_host((host, port)).await?.collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Everything means these addresses.
    fn meaning(addresses: &'static [&'static str]) -> Lookup {
        Arc::new(move |_, port| {
            let parsed = addresses.iter().map(|at| SocketAddr::new(at.parse().unwrap(), port));
            let parsed: Vec<_> = parsed.collect();
            async move { Ok(parsed) }.boxed_local()
        })
    }

    async fn admits(guard: &Guard, url: &str) -> bool {
        guard.admit(&url.parse().unwrap()).await.is_ok()
    }

    #[tokio::test]
    async fn however_an_address_is_written_it_is_the_address_that_counts() {
        let guard = Guard::new(Vec::new());
        for url in [
            "http://127.0.0.1/",
            "http://127.1/",
            "http://2130706433/",
            "http://0x7f000001/",
            "http://0177.0.0.1/",
            "http://0x7f.1:8080/",
            "http://[::1]/",
            "http://[::ffff:127.0.0.1]/",
            "http://[::ffff:7f00:1]/",
            "http://169.254.169.254/latest/meta-data/",
            "http://[fd00:ec2::254]/",
            "http://0/",
            "http://127。0。0。1/",
            "http://①②⑦.0.0.1/",
            "https://10.0.0.1/",
            "http://localhost/",
            "http://LOCALHOST./",
        ] {
            assert!(!admits(&guard, url).await, "{url} is let through");
        }
        assert!(admits(&guard, "https://1.1.1.1/").await);
        assert!(admits(&guard, "http://[2606:4700::1111]/").await);
    }

    #[tokio::test]
    async fn only_http_and_https_without_passwords() {
        let guard = Guard::looking_up(Vec::new(), meaning(&["1.1.1.1"]));
        for url in [
            "file:///etc/passwd",
            "ftp://a.example/",
            "gopher://a.example/",
            "data:text/plain,hi",
            "http://u:p@a.example/",
        ] {
            assert!(!admits(&guard, url).await, "{url} is let through");
        }
        assert!(admits(&guard, "https://a.example/").await);
    }

    #[tokio::test]
    async fn a_name_is_refused_if_any_of_its_addresses_is_private() {
        let guard = Guard::looking_up(Vec::new(), meaning(&["1.1.1.1", "10.0.0.1"]));
        assert!(!admits(&guard, "https://a.example/").await);
        let nobody = Guard::looking_up(Vec::new(), meaning(&[]));
        assert!(!admits(&nobody, "https://a.example/").await);
    }

    #[tokio::test]
    async fn what_an_operator_lists_is_admitted_and_nothing_else() {
        let listed = vec!["wiki.internal".to_owned(), "127.0.0.1:8080".to_owned()];
        let guard = Guard::looking_up(listed, meaning(&["10.0.0.1"]));
        assert!(admits(&guard, "http://wiki.internal:99/").await);
        assert!(admits(&guard, "http://127.0.0.1:8080/").await);
        assert!(!admits(&guard, "http://127.0.0.1:8081/").await);
        assert!(!admits(&guard, "http://other.internal/").await);
    }
}
