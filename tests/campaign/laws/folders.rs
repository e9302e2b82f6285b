//! What the crash left in the folders of attempts: an `exit` that is there is whole, and so is what it sums up.

use std::fs;
use std::path::Path;

use serde_json::Value;

use super::attempts::attempts_in;
use crate::scenario::hash;

/// What is wrong in a home as the crash left it, before anybody starts on it.
pub(crate) fn torn_in(home: &Path) -> Vec<String> {
    let attempts = attempts_in(home).into_iter();
    let torn = attempts.flat_map(|(process, attempt)| {
        let folder = home.join(format!("processes/{process}/{attempt}"));
        let torn = torn(&folder);
        torn.into_iter().map(move |what| format!("attempt {attempt} of {process}: {what}"))
    });
    torn.collect()
}

fn torn(folder: &Path) -> Vec<String> {
    let Ok(exit) = fs::read(folder.join("exit")) else { return Vec::new() };
    let Ok(exit) = serde_json::from_slice::<Value>(&exit) else {
        return vec!["its exit is torn".to_owned()];
    };
    let read = |file: &str| fs::read(folder.join(file)).unwrap_or_default();
    let mut found = Vec::new();
    for file in ["stdout", "stderr"] {
        let (content, sum) = (read(file), &exit[file]);
        if sum.is_object() && (sum["bytes"] != content.len() || sum["hash"] != hash(&content)) {
            found.push(format!(
                "its {file} ({} bytes) is not what its exit says: {sum}",
                content.len()
            ));
        }
    }
    // The words of these programs are their answer.
    let outcome: Value = serde_json::from_slice(&read("outcome")).unwrap_or_default();
    if let (true, Some(answer)) = (exit["child"].is_object(), outcome["content"].as_str())
        && read("words") != answer.as_bytes()
    {
        found.push("its words are not those of its answer".to_owned());
    }
    found
}
