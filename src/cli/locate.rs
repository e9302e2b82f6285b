//! Finds the server: the one that was named, else the one whose `server.json` lies in the home, if it answers.

use std::fs;
use std::net::SocketAddr;
use std::path::Path;

use rustix::process::{Pid, test_kill_process};
use serde::Deserialize;

use super::Exit;
use super::client::Client;
use super::failure::Failure;
use crate::settings::Secret;
use crate::startup;

/// Where a server is, as the user said it.
#[derive(Clone, Debug)]
pub(super) struct Named {
    /// Its URL; `None`: the one that runs in the home.
    pub(super) url: Option<String>,
    /// Its token; `None`: the one in the home.
    pub(super) token: Option<Secret>,
}

/// What a server leaves in its home. It may be stale: the server is dead, or another one has its port.
#[derive(Debug, Deserialize)]
struct ServerFile {
    pid: i32,
    address: SocketAddr,
    /// Which server it is.
    #[serde(default)]
    instance: String,
    /// Whether it is the engine of another command, which ends with that.
    #[serde(default)]
    embedded: bool,
}

/// A client of the server that was named, or of the one that runs in the home; `None`: none runs there.
pub(super) async fn find(home: &Path, named: &Named) -> Result<Option<Client>, Failure> {
    let token = named.token.clone().or_else(|| token(home));
    if let Some(url) = &named.url {
        return Client::new(check(url)?, token).map(Some);
    }
    let Some((url, instance)) = server_in(home) else { return Ok(None) };
    let client = Client::new(&url, token)?;
    Ok(client.is(&instance).await.then_some(client))
}

/// Where the server of this home says that it listens, if its process is there, and which one it is.
fn server_in(home: &Path) -> Option<(String, String)> {
    let ServerFile { pid, address, instance, .. } = server_file(home)?;
    // A process of another user cannot be signalled, but it is there.
    let is_gone = test_kill_process(Pid::from_raw(pid)?) == Err(rustix::io::Errno::SRCH);
    (!is_gone && !instance.is_empty()).then(|| (format!("http://{address}"), instance))
}

/// Whether the server of this home ends with the command that started it.
pub(super) fn is_embedded(home: &Path) -> bool {
    server_file(home).is_some_and(|file| file.embedded)
}

fn server_file(home: &Path) -> Option<ServerFile> {
    serde_json::from_str(&fs::read_to_string(home.join(startup::SERVER_INFO)).ok()?).ok()
}

fn token(home: &Path) -> Option<Secret> {
    let text = fs::read_to_string(home.join("token")).ok()?;
    Some(Secret::new(text.trim()))
}

fn check(url: &str) -> Result<&str, Failure> {
    let is_http = |url: reqwest::Url| matches!(url.scheme(), "http" | "https");
    if reqwest::Url::parse(url).is_ok_and(is_http) {
        return Ok(url);
    }
    let text = format!("`{url}` is no web address: write it like http://127.0.0.1:8000");
    Err(Failure::new(Exit::Usage, text))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn home(server: &str) -> tempfile::TempDir {
        let home = tempfile::tempdir().unwrap();
        fs::write(home.path().join("server.json"), server).unwrap();
        home
    }

    #[test]
    fn the_file_of_a_living_process_names_its_address() {
        let pid = std::process::id();
        let text = format!(r#"{{"pid": {pid}, "address": "127.0.0.1:7", "instance": "i"}}"#);
        let server = ("http://127.0.0.1:7".to_owned(), "i".to_owned());
        assert_eq!(server_in(home(&text).path()), Some(server));
        let unnamed = format!(r#"{{"pid": {pid}, "address": "127.0.0.1:7"}}"#);
        assert_eq!(server_in(home(&unnamed).path()), None);
    }

    #[test]
    fn a_stale_or_broken_file_is_no_server() {
        let stale =
            format!(r#"{{"pid": {}, "address": "127.0.0.1:7", "instance": "i"}}"#, i32::MAX);
        for text in [stale.as_str(), "", r#"{"pid": 0, "address": "127.0.0.1:7"}"#] {
            assert_eq!(server_in(home(text).path()), None, "{text}");
        }
        assert_eq!(server_in(Path::new("/nowhere")), None);
    }

    #[test]
    fn what_is_no_web_address_is_a_usage_error() {
        assert_eq!(check("127.0.0.1:8000").unwrap_err().exit, Exit::Usage);
        assert!(check("https://example.org").is_ok());
    }
}
