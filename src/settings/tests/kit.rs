//! Folders with a settings file, and what comes of loading them.

use super::*;
use std::path::Path;

/// The settings file as it is shipped.
pub(super) const SHIPPED: &str = include_str!("../../../config/callboard.toml");

/// A working directory with this settings file.
pub(super) fn folder_with(text: &str) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join("config")).unwrap();
    std::fs::write(folder.path().join("config/callboard.toml"), text).unwrap();
    folder
}

pub(super) fn load(text: &str, env: &[(&str, &str)]) -> Result<Settings, Error> {
    let folder = folder_with(text);
    Settings::load(&sources(folder.path(), env))
}

pub(super) fn sources(directory: &Path, env: &[(&str, &str)]) -> Sources {
    let env = env.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    Sources { config: None, env, directory: directory.to_owned() }
}

pub(super) fn refusal(text: &str, env: &[(&str, &str)]) -> String {
    load(text, env).expect_err("this setting is wrong").to_string()
}

/// Each with what was written and what is answered.
pub(super) fn assert_refusals_in_file<const N: usize>(cases: [(&str, &str); N]) {
    for (text, message) in cases {
        assert_eq!(refusal(text, &[]), message);
    }
}

pub(super) fn api_key(settings: &Settings) -> Option<String> {
    match &settings.runtimes["anthropic"].kind {
        RuntimeKind::Anthropic(anthropic) => {
            anthropic.api_key.as_ref().map(|key| key.expose().to_owned())
        }
        _ => None,
    }
}
