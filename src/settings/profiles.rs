//! `config/agents/*.yaml`: what agents of a kind have in common, one file a profile.
//!
//! Read strictly, as a whole, before anything starts: a misspelt field names its file, line and column. Where
//! there is no such folder, the profiles that ship with the program count.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use serde_json::{Map, Value};

use super::error::{Error, Place};
use super::nearest::nearest;

/// What agents of a kind have in common.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AgentProfile {
    /// Its name, which is the file's.
    pub name: String,
    /// The part that it plays, in a few words.
    #[serde(alias = "description")]
    pub role: String,
    /// The model that its processes ask. Default: that of `[processes]`.
    #[serde(default)]
    pub model: Option<String>,
    /// The runtime of its processes. Default: that of `[processes]`.
    #[serde(default)]
    pub runtime: Option<String>,
    /// Who else is asked, one after the other, where the first cannot answer or is out of attempts: a runtime, and a
    /// model if it is not the runtime's own. Default nobody.
    #[serde(default)]
    pub fallbacks: Vec<Fallback>,
    /// Its standing instructions. Default none.
    #[serde(default)]
    pub system_prompt: Option<String>,
    /// What it can do: small letters, digits, `-` and `_`. Default nothing.
    #[serde(default)]
    pub capabilities: Vec<String>,
    /// What it is meant to be allowed, for people: `config/rules.yaml` decides. Default nothing.
    #[serde(default)]
    pub permissions: Map<String, Value>,
}

/// Who is asked where somebody else cannot answer.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Fallback {
    /// By which runtime.
    pub runtime: String,
    /// Which model. Default that runtime's own.
    #[serde(default)]
    pub model: Option<String>,
}

/// The fields, for whoever misspells one.
const FIELDS: [&str; 8] = [
    "name",
    "role",
    "model",
    "runtime",
    "fallbacks",
    "system_prompt",
    "capabilities",
    "permissions",
];

macro_rules! shipped {
    ($($name:literal),*) => {
        [$((
            concat!("config/agents/", $name, ".yaml"),
            include_str!(concat!("../../config/agents/", $name, ".yaml")),
        )),*]
    };
}

/// The profiles that ship with the program.
const SHIPPED: [(&str, &str); 17] = shipped![
    "analyst",
    "architect",
    "coder",
    "codesmith",
    "critic",
    "debater",
    "examiner",
    "fixer",
    "integrator",
    "judge",
    "planner",
    "research",
    "reviewer",
    "student",
    "supervisor",
    "teacher",
    "worker"
];

/// Reads every `*.yaml` of a folder, by name.
///
/// # Errors
/// [`Error::Unreadable`] for a file that cannot be read, [`Error::Wrong`] for one that is no profile.
pub fn read_profiles(folder: &Path) -> Result<BTreeMap<String, AgentProfile>, Error> {
    if !folder.exists() {
        let shipped = SHIPPED.iter().map(|(path, text)| parse(Path::new(path), text));
        return named(shipped);
    }
    let files = files(folder)?.into_iter().map(|path| {
        let text = fs::read_to_string(&path).map_err(|error| unreadable(&path, error))?;
        parse(&path, &text)
    });
    named(files)
}

fn named(
    profiles: impl Iterator<Item = Result<AgentProfile, Error>>,
) -> Result<BTreeMap<String, AgentProfile>, Error> {
    profiles.map(|profile| profile.map(|profile| (profile.name.clone(), profile))).collect()
}

fn files(folder: &Path) -> Result<Vec<PathBuf>, Error> {
    let entries = fs::read_dir(folder).map_err(|error| unreadable(folder, error))?;
    let paths: Result<Vec<_>, _> = entries.map(|entry| entry.map(|entry| entry.path())).collect();
    let mut paths = paths.map_err(|error| unreadable(folder, error))?;
    paths.retain(|path| path.extension().is_some_and(|end| end == "yaml") && path.is_file());
    paths.sort();
    Ok(paths)
}

fn unreadable(path: &Path, source: std::io::Error) -> Error {
    Error::Unreadable { path: path.to_owned(), source }
}

fn parse(path: &Path, text: &str) -> Result<AgentProfile, Error> {
    let options = serde_saphyr::options! { with_snippet: false };
    let read = serde_saphyr::from_str_with_options(text, options);
    let profile: AgentProfile = read.map_err(|error| invalid(path, &error))?;
    let wrong = |field, message, hint: &str| wrong_field(path, text, field, message, hint);
    if path.file_stem().is_none_or(|stem| stem.to_string_lossy() != profile.name) {
        let message = format!("the profile `{}` does not have the name of its file", profile.name);
        return Err(wrong("name", message, "rename one of the two"));
    }
    if let Some(word) = profile.capabilities.iter().find(|word| !is_word(word)) {
        let message = format!("`{word}` is no capability");
        return Err(wrong("capabilities", message, "use small letters, digits, - and _"));
    }
    Ok(profile)
}

fn is_word(word: &str) -> bool {
    let is_fine = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || matches!(b, b'-' | b'_');
    (1..=64).contains(&word.len()) && word.bytes().all(is_fine)
}

fn wrong_field(path: &Path, text: &str, field: &str, message: String, hint: &str) -> Error {
    let line = text.lines().position(|line| line.starts_with(field)).map_or(1, |index| index + 1);
    let place = Place::File { path: path.to_owned(), line, column: 1 };
    Error::Wrong { place, message, hint: Some(hint.to_owned()) }
}

/// The parser's message, without the place that it adds.
fn invalid(path: &Path, error: &serde_saphyr::Error) -> Error {
    let text = error.without_snippet().to_string();
    let line = text.lines().next().unwrap_or_default();
    let message = line.rsplit_once(" at line ").map_or(line, |(message, _)| message).to_owned();
    let number = |value: u64| usize::try_from(value).unwrap_or(usize::MAX);
    let (line, column) =
        error.location().map_or((1, 1), |at| (number(at.line()), number(at.column())));
    let unknown = message.strip_prefix("unknown field ").and_then(|rest| rest.split('`').nth(1));
    let near = unknown.and_then(|word| nearest(word, FIELDS));
    let hint = match near {
        Some(name) => format!("did you mean `{name}`?"),
        None => format!("a profile has {}", FIELDS.join(", ")),
    };
    let place = Place::File { path: path.to_owned(), line, column };
    Error::Wrong { place, message, hint: Some(hint) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error(text: &str) -> String {
        parse(Path::new("config/agents/x.yaml"), text).unwrap_err().to_string()
    }

    #[test]
    fn the_shipped_profiles_are_profiles() {
        let profiles = read_profiles(Path::new("/nowhere/at/all")).unwrap();
        assert_eq!(profiles.len(), SHIPPED.len());
        assert!(profiles.values().all(|profile| !profile.capabilities.is_empty()));
        let shipped = Path::new(env!("CARGO_MANIFEST_DIR")).join("config/agents");
        assert_eq!(read_profiles(&shipped).unwrap(), profiles, "a file is missing in SHIPPED");
    }

    #[test]
    fn mistakes_are_told_with_file_line_and_hint() {
        let misspelt = error("name: x\nrole: r\ncapabilites: [a]\n");
        assert!(misspelt.starts_with("config/agents/x.yaml:3:1: unknown field `capabilites`"));
        assert!(misspelt.ends_with("; did you mean `capabilities`?"), "{misspelt}");
        let missing = error("name: x\n");
        assert!(missing.contains("role") && missing.contains("a profile has"), "{missing}");
        let renamed = error("role: r\nname: y\n");
        assert!(renamed.starts_with("config/agents/x.yaml:2:1: the profile `y`"), "{renamed}");
        let word = error("name: x\nrole: r\ncapabilities: [Big Words]\n");
        assert!(word.contains(":3:1: `Big Words` is no capability"), "{word}");
    }
}
