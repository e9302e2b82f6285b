//! Every command that an answer suggests is a real one: a shell splits it, the command line's own definition
//! understands it, the server has the route, the setting is there, the file can be read.

use callboard::cli::args::{Arguments, Command as Order, ConfigCommand, Operate};
use clap::Parser;
use reqwest::Method;
use serde_json::Value;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Command;

use crate::support::Client;

/// In place of the programs: says what it was called with.
const ECHO: &str = "#!/bin/sh\nprintf '%s\\0' \"$(basename \"$0\")\" \"$@\"\n";

/// All commands of an answer, also those for what else is known by its id.
fn of(answer: &Value) -> Vec<String> {
    let own = answer["commands"].as_array().unwrap().iter();
    let own = own.map(|remedy| remedy["command"].as_str().unwrap().to_owned());
    let also = answer["also"].as_array().into_iter().flatten().flat_map(of);
    own.chain(also).collect()
}

/// The words of a command, as a shell takes them.
fn words(command: &str) -> Vec<String> {
    let folder = tempfile::tempdir().unwrap();
    for program in ["callboard", "curl"] {
        let path = folder.path().join(program);
        std::fs::write(&path, ECHO).unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).unwrap();
    }
    let path = format!("{}:/usr/bin:/bin", folder.path().display());
    let mut shell = Command::new("sh");
    let output = shell.args(["-c", command]).env_clear().env("PATH", path).output().unwrap();
    let error = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success() && error.is_empty(), "{command}: {error}");
    let words = String::from_utf8(output.stdout).unwrap();
    words.split_terminator('\0').map(str::to_owned).collect()
}

/// Whether all that an answer suggests is there; without a client as far as that can be told without a server.
pub(super) async fn are_real(answer: &Value, client: Option<&Client>) {
    for command in of(answer) {
        if let Some(file) = command.strip_prefix("cat ") {
            assert!(Path::new(file).is_file(), "{command}");
            continue;
        }
        let words = words(&command);
        match words[0].as_str() {
            "callboard" => is_understood(&command, &words, client).await,
            "curl" => has_a_route(&command, &words, client).await,
            other => panic!("{other} is no program of ours: {command}"),
        }
    }
}

async fn is_understood(command: &str, words: &[String], client: Option<&Client>) {
    let arguments = Arguments::try_parse_from(words);
    let arguments = arguments.unwrap_or_else(|error| panic!("{command}: {error}"));
    let Some(client) = client else { return };
    match arguments.command {
        Order::Config(ConfigCommand::Set(set)) => {
            let (status, setting) = client.get(&format!("/config/{}", set.key)).await;
            let counts = &setting["takes_effect"];
            assert_eq!((status.as_u16(), counts), (200, &"now".into()), "{command}");
        }
        Order::Restart { path } | Order::Operate(Operate { path, .. }) => {
            let (status, info) = client.get(&format!("/actors{path}")).await;
            assert!(path != "/" && status == 200, "{command}: {info}");
        }
        _ => {}
    }
}

async fn has_a_route(command: &str, words: &[String], client: Option<&Client>) {
    let behind = |flag: &str| {
        let at = words.iter().position(|word| word == flag)?;
        words.get(at + 1)
    };
    let method = behind("-X").unwrap();
    if let Some(body) = behind("-d") {
        serde_json::from_str::<Value>(body).unwrap_or_else(|error| panic!("{command}: {error}"));
    }
    let Some(client) = client else { return };
    assert_eq!(behind("-H"), Some(&format!("Authorization: Bearer {}", client.token)));
    let address = format!("http://{}", client.address);
    let path = words.last().unwrap().strip_prefix(&address).unwrap();
    // Nothing answers this, and who is asked so says what it answers: nothing is done.
    let answer = client.ask(Method::TRACE, path).send().await.unwrap();
    let (status, said) = (answer.status(), answer.text().await.unwrap());
    assert!(status == 405 && said.contains(method.as_str()), "{command}: {status} {said}");
}
