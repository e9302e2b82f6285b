//! Variables of the environment, and flags, as settings: which setting a name stands for, and what its text means.

use std::collections::BTreeMap;

use serde::Deserialize as _;
use toml::{Table, Value};

use super::document::Document;
use super::error::{Error, Place};
use super::nearest::{explain, nearest};
use super::resolved::Settings;

/// What our variables begin with.
const PREFIX: &str = "CALLBOARD_";

/// Variables with our prefix that other parts of the program read themselves.
const NOT_SETTINGS: [&str; 3] = ["CALLBOARD_SHIM", "CALLBOARD_TOKEN", "CALLBOARD_URL"];

/// What variables of tests and benchmarks begin with: a server they start inherits them.
const OF_TESTS: [&str; 2] = ["CALLBOARD_TEST_", "CALLBOARD_BENCH"];

/// Flags of the command line, which go over everything, and the settings they stand for.
const FLAGS: [(&str, &[&str]); 2] = [("--home", &["home"]), ("--listen", &["http", "listen"])];

/// A setting made by a variable.
#[derive(Clone, Debug)]
pub(super) struct Assignment {
    pub(super) name: String,
    pub(super) path: Vec<String>,
    pub(super) value: Value,
}

fn is_setting(name: &str) -> bool {
    !NOT_SETTINGS.contains(&name) && !OF_TESTS.iter().any(|family| name.starts_with(family))
}

/// All settings made by variables, the weakest first: well-known names, our own names, flags.
pub(super) fn assignments(env: &BTreeMap<String, String>) -> Result<Vec<Assignment>, Error> {
    let mut assignments = aliases(env)?;
    for (name, text) in env.iter().filter(|(_, text)| !text.is_empty()) {
        if let Some(rest) = name.strip_prefix(PREFIX).filter(|_| is_setting(name)) {
            let path = rest.split("__").map(str::to_lowercase).collect();
            assignments.push(assign(name, path, text)?);
        }
    }
    for (name, path) in FLAGS {
        if let Some(text) = env.get(name) {
            assignments.push(assign(name, owned(path), text)?);
        }
    }
    Ok(assignments)
}

/// The variables whose names are not ours, but well known.
fn aliases(env: &BTreeMap<String, String>) -> Result<Vec<Assignment>, Error> {
    let set = |name: &str| env.get(name).filter(|text| !text.is_empty());
    let mut assignments = Vec::new();
    if let Some(url) = set("DATABASE_URL") {
        assignments.push(literal("DATABASE_URL", &["database"], database_path(url)?));
    }
    if let Some(level) = set("LOG_LEVEL") {
        assignments.push(literal("LOG_LEVEL", &["log", "level"], &level.to_lowercase()));
    }
    if let Some(key) = set("ANTHROPIC_API_KEY") {
        for runtime in ["anthropic", "claude"] {
            assignments.push(literal("ANTHROPIC_API_KEY", &["runtimes", runtime, "api_key"], key));
        }
    }
    for (variable, runtime) in [("OPENAI_API_KEY", "openai"), ("PERPLEXITY_API_KEY", "perplexity")]
    {
        if let Some(key) = set(variable) {
            assignments.push(literal(variable, &["runtimes", runtime, "api_key"], key));
        }
    }
    if let Some(text) = set("CLAUDE_MOCK")
        && is_true("CLAUDE_MOCK", text)?
    {
        assignments.push(literal("CLAUDE_MOCK", &["processes", "default_runtime"], "replay"));
    }
    Ok(assignments)
}

/// The file that a database URL names.
fn database_path(url: &str) -> Result<&str, Error> {
    let path = match url.strip_prefix("sqlite:") {
        Some(rest) if rest.starts_with("///") => &rest[2..],
        Some(rest) if rest.starts_with("//") => "",
        Some(rest) => rest,
        None => "",
    };
    let names_a_file = !path.is_empty() && !path.starts_with(':') && !path.contains('?');
    names_a_file.then_some(path).ok_or_else(|| {
        // The URL of another program's database may hold a password, so it is not repeated.
        wrong(
            "DATABASE_URL",
            "this is no URL of an SQLite file",
            Some("write sqlite:///absolute/path or sqlite:path, or unset it".into()),
        )
    })
}

fn is_true(name: &str, text: &str) -> Result<bool, Error> {
    match text.to_lowercase().as_str() {
        "true" | "1" | "yes" => Ok(true),
        "false" | "0" | "no" => Ok(false),
        _ => Err(wrong(
            name,
            &format!("`{text}` is neither true nor false"),
            Some("write true or false".into()),
        )),
    }
}

fn assign(name: &str, path: Vec<String>, text: &str) -> Result<Assignment, Error> {
    let value = read_text(&path, text).map_err(|message| refuse(name, &message))?;
    Ok(Assignment { name: name.to_owned(), path, value })
}

/// Reads the text as what the setting needs: a TOML value where that fits, else the text as it stands. The error
/// is what the parser said first.
pub(super) fn read_text(path: &[String], text: &str) -> Result<Value, String> {
    let parsed = text.parse::<Value>().ok().filter(|value| !value.is_table());
    let plain = Value::String(text.to_owned());
    let mut first_error = None;
    for value in parsed.into_iter().chain([plain]) {
        match Document::deserialize(nest(path, value.clone())) {
            Ok(_) => return Ok(value),
            Err(error) => first_error = first_error.or(Some(error)),
        }
    }
    let error = first_error.expect("the plain text was tried, so success or an error is there");
    Err(error.message().to_owned())
}

/// Names the variable, and the one that was probably meant.
fn refuse(name: &str, message: &str) -> Error {
    let explanation = explain(message);
    if !explanation.message.starts_with("unknown setting") {
        return wrong(name, &explanation.message, explanation.hint);
    }
    let known = known_variables();
    let meant = nearest(name, known.iter().map(String::as_str));
    let hint = meant.map_or_else(
        || "variables are named CALLBOARD_SECTION__NAME after the settings in config/callboard.toml".to_owned(),
        |meant| format!("did you mean {meant}?"),
    );
    wrong(name, "this variable is no setting", Some(hint))
}

fn wrong(name: &str, message: &str, hint: Option<String>) -> Error {
    Error::Wrong { place: Place::Variable(name.to_owned()), message: message.to_owned(), hint }
}

/// The variables of all settings that exist by themselves.
fn known_variables() -> Vec<String> {
    collect_names(PREFIX, "__", str::to_uppercase)
}

/// The names of all settings that exist by themselves, each word written by `write`.
pub(super) fn collect_names(
    prefix: &str,
    between: &str,
    write: impl Fn(&str) -> String,
) -> Vec<String> {
    let defaults = serde_json::to_value(Settings::default()).expect("settings are plain data");
    let leaves = leaves(&defaults);
    let name = |path: &Vec<String>| {
        let words: Vec<String> = path.iter().map(|word| write(word)).collect();
        format!("{prefix}{}", words.join(between))
    };
    leaves.iter().map(|(path, _)| name(path)).collect()
}

/// Every value that is no section, with its path.
pub(super) fn leaves(value: &serde_json::Value) -> Vec<(Vec<String>, &serde_json::Value)> {
    let Some(fields) = value.as_object() else { return vec![(Vec::new(), value)] };
    let below = |(field, inner): (&String, _)| {
        let prefix = |(mut path, leaf): (Vec<String>, _)| {
            path.insert(0, field.clone());
            (path, leaf)
        };
        leaves(inner).into_iter().map(prefix).collect::<Vec<_>>()
    };
    fields.iter().flat_map(below).collect()
}

/// A document in which only this setting is made.
pub(super) fn nest(path: &[String], value: Value) -> Value {
    path.iter()
        .rev()
        .fold(value, |inner, segment| Value::Table(Table::from_iter([(segment.clone(), inner)])))
}

fn literal(name: &str, path: &[&str], text: &str) -> Assignment {
    Assignment { name: name.to_owned(), path: owned(path), value: Value::String(text.to_owned()) }
}

fn owned(path: &[&str]) -> Vec<String> {
    path.iter().map(|&segment| segment.to_owned()).collect()
}
