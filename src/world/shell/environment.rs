//! What programs see of the server's environment: what they need to work, and what is named for them.

use std::collections::BTreeMap;

/// What programs need to find their way on a machine: where things are, how to speak, how to get out.
const USUAL: [&str; 27] = [
    "PATH",
    "HOME",
    "USER",
    "LOGNAME",
    "SHELL",
    "LANG",
    "LANGUAGE",
    "TZ",
    "TMPDIR",
    "XDG_CONFIG_HOME",
    "XDG_CACHE_HOME",
    "XDG_DATA_HOME",
    "XDG_STATE_HOME",
    "XDG_RUNTIME_DIR",
    "SSL_CERT_FILE",
    "SSL_CERT_DIR",
    "NODE_EXTRA_CA_CERTS",
    "SSH_AUTH_SOCK",
    "HTTP_PROXY",
    "HTTPS_PROXY",
    "NO_PROXY",
    "ALL_PROXY",
    "http_proxy",
    "https_proxy",
    "no_proxy",
    "all_proxy",
    "LC_*",
];

/// Of these variables those that a program gets: the usual ones and `named`. A name that ends in `*`
/// stands for all that begin so.
pub fn inherited(
    variables: impl IntoIterator<Item = (String, String)>,
    named: &[String],
) -> BTreeMap<String, String> {
    let named: Vec<&str> = USUAL.into_iter().chain(named.iter().map(String::as_str)).collect();
    let is_given = |variable: &str| named.iter().any(|name| fits(name, variable));
    variables.into_iter().filter(|(variable, _)| is_given(variable)).collect()
}

fn fits(name: &str, variable: &str) -> bool {
    match name.strip_suffix('*') {
        Some(beginning) => variable.starts_with(beginning),
        None => name == variable,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_of_the_server_are_not_passed_on_unless_they_are_named() {
        let variables = [("PATH", "/bin"), ("LC_ALL", "C"), ("GITHUB_TOKEN", "s"), ("MY_KEY", "k")];
        let variables = || variables.map(|(name, value)| (name.to_owned(), value.to_owned()));
        let names = |named: &[String]| -> Vec<String> {
            inherited(variables(), named).into_keys().collect()
        };
        assert_eq!(names(&[]), ["LC_ALL", "PATH"]);
        assert_eq!(names(&["MY_*".to_owned()]), ["LC_ALL", "MY_KEY", "PATH"]);
    }
}
