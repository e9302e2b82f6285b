//! [`Upstreams`]: the proxies by which the machine itself gets out, as the variables of whoever runs the server say: what
//! the doorman lets through goes through them.

use super::named::Named;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use percent_encoding::percent_decode_str;

/// The machine's proxies.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Upstreams {
    plain: Option<Upstream>,
    tunnel: Option<Upstream>,
    /// Hosts that are asked without one.
    without: Vec<String>,
}

/// A proxy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Upstream {
    /// One that speaks HTTP.
    Http {
        /// Where it is.
        at: Named,
        /// The line by which it knows us, or nothing.
        credentials: String,
    },
    /// One that speaks something else, by its address, without what is secret in it.
    Other(String),
}

impl Upstreams {
    /// As these variables say.
    pub(super) fn of(variable: impl Fn(&str) -> Option<String>) -> Self {
        let said = |names: [&str; 2]| {
            let values = names.into_iter().filter_map(&variable);
            values.map(|value| value.trim().to_owned()).find(|value| !value.is_empty())
        };
        let all = said(["all_proxy", "ALL_PROXY"]);
        let proxy = |names| said(names).or_else(|| all.clone()).map(|said| Upstream::read(&said));
        let without = said(["no_proxy", "NO_PROXY"]).unwrap_or_default();
        let without = without.split([',', ' ']).map(|name| name.trim().to_ascii_lowercase());
        Self {
            plain: proxy(["http_proxy", "HTTP_PROXY"]),
            tunnel: proxy(["https_proxy", "HTTPS_PROXY"]),
            without: without.filter(|name| !name.is_empty()).collect(),
        }
    }

    /// By which the way leads there; `None`: by none.
    pub(super) fn to(&self, host: &Named, is_plain: bool) -> Option<&Upstream> {
        let proxy = if is_plain { &self.plain } else { &self.tunnel };
        proxy.as_ref().filter(|_| host.loopback().is_empty() && !self.is_without(host))
    }

    fn is_without(&self, to: &Named) -> bool {
        let with_port = to.to_string();
        self.without.iter().any(|name| {
            let above = name.trim_start_matches("*.").trim_start_matches('.');
            let below = to.host.strip_suffix(above);
            *name == "*"
                || *name == with_port
                || below.is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
        })
    }
}

impl Upstream {
    fn read(said: &str) -> Self {
        let (scheme, rest) = said.split_once("://").unwrap_or(("http", said));
        let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
        let (user, host) = authority.rsplit_once('@').unwrap_or(("", authority));
        match Named::read(host, Some(80)) {
            Some(at) if scheme.eq_ignore_ascii_case("http") => {
                Self::Http { at, credentials: credentials(user) }
            }
            _ => Self::Other(format!("{scheme}://{host}")),
        }
    }
}

fn credentials(user: &str) -> String {
    if user.is_empty() {
        return String::new();
    }
    // In an address some letters stand as numbers: `%40`.
    let user: Vec<u8> = percent_decode_str(user).collect();
    format!("Proxy-Authorization: Basic {}\r\n", STANDARD.encode(user))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn upstreams(variables: &[(&str, &str)]) -> Upstreams {
        let find = |name: &str| variables.iter().find(|(own, _)| *own == name);
        Upstreams::of(|name| find(name).map(|(_, value)| (*value).to_owned()))
    }

    fn way(upstreams: &Upstreams, host: &str, is_plain: bool) -> Option<String> {
        let to = Named::read(host, None).unwrap();
        upstreams.to(&to, is_plain).map(|upstream| match upstream {
            Upstream::Http { at, .. } => at.to_string(),
            Upstream::Other(said) => said.clone(),
        })
    }

    #[test]
    fn each_kind_has_its_proxy_and_some_hosts_have_none() {
        let all = upstreams(&[
            ("HTTPS_PROXY", "http://u%40x:p@proxy.example:3128/"),
            ("ALL_PROXY", "socks5://u:p@socks.example:1080"),
            ("NO_PROXY", "corp.example, .in.example,a.example:8443"),
        ]);
        assert_eq!(way(&all, "docs.rs:443", false).as_deref(), Some("proxy.example:3128"));
        let other = Some("socks5://socks.example:1080");
        assert_eq!(way(&all, "docs.rs:80", true).as_deref(), other);
        for host in [
            "corp.example:443",
            "a.corp.example:443",
            "a.in.example:443",
            "a.example:8443",
            "127.0.0.1:443",
            "localhost:443",
        ] {
            assert_eq!(way(&all, host, false), None, "{host}");
        }
        for host in ["notcorp.example:443", "a.example:443"] {
            assert!(way(&all, host, false).is_some(), "{host}");
        }
        let Some(Upstream::Http { credentials, .. }) = all.tunnel else { panic!("{all:?}") };
        assert_eq!(credentials, "Proxy-Authorization: Basic dUB4OnA=\r\n");
        assert_eq!(way(&upstreams(&[("https_proxy", " ")]), "docs.rs:443", false), None);
    }
}
