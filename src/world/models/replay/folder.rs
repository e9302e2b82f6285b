//! Reads the files of a replay.

use std::fs;
use std::path::{Path, PathBuf};

use super::error::ScriptError;
use super::script::{Item, Script, Unmatched};

macro_rules! shipped {
    ($($file:literal),*) => {
        [$((
            concat!("config/replay/", $file),
            include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/config/replay/", $file)),
        )),*]
    };
}

/// The shipped scripts, for where there is no folder: the binary works from anywhere.
const SHIPPED: [(&str, &str); 6] = shipped![
    "for-analysis.yaml",
    "for-autoagent.yaml",
    "for-collaboration.yaml",
    "for-debate.yaml",
    "for-teaching.yaml",
    "hello.yaml"
];

/// All that a replay may play.
#[derive(Debug)]
pub(super) struct Repertoire {
    /// In the order in which they are looked at.
    pub(super) entries: Vec<Entry>,
    pub(super) unmatched: Unmatched,
}

/// One item and where it stands.
#[derive(Debug)]
pub(super) struct Entry {
    pub(super) item: Item,
    pub(super) source: String,
}

impl Repertoire {
    /// What lies in `folder`, or the shipped scripts when there is no such folder.
    pub(super) fn read(folder: &Path) -> Result<Self, ScriptError> {
        if !folder.exists() {
            return Self::shipped();
        }
        let scripts = files(folder)?.into_iter().map(|path| {
            let text =
                fs::read_to_string(&path).map_err(|error| ScriptError::unreadable(&path, error))?;
            Ok((path.display().to_string(), parse(&path, &text)?))
        });
        Ok(Self::of(scripts.collect::<Result<_, _>>()?))
    }

    /// The scripts that ship with the binary.
    pub(super) fn shipped() -> Result<Self, ScriptError> {
        let scripts = SHIPPED.iter().map(|(path, text)| {
            let script = parse(Path::new(path), text)?;
            Ok((format!("the built-in {path}"), script))
        });
        Ok(Self::of(scripts.collect::<Result<_, _>>()?))
    }

    /// Calls without a match are refused as soon as one script says so: a strict script must not
    /// be softened by a file beside it. Fallbacks come last, in the order of their names.
    fn of(mut scripts: Vec<(String, Script)>) -> Self {
        scripts.sort_by_key(|(_, script)| script.fallback);
        let generic = |(_, script): &(String, Script)| script.unmatched == Unmatched::Generic;
        let lenient = !scripts.is_empty() && scripts.iter().all(generic);
        let entries = scripts.into_iter().flat_map(|(source, script)| {
            let items = script.answers.into_iter();
            items.map(move |checked| Entry { item: checked.0, source: source.clone() })
        });
        Self {
            entries: entries.collect(),
            unmatched: if lenient { Unmatched::Generic } else { Unmatched::Refuse },
        }
    }
}

fn files(folder: &Path) -> Result<Vec<PathBuf>, ScriptError> {
    let unreadable = |error| ScriptError::unreadable(folder, error);
    let entries = fs::read_dir(folder).map_err(unreadable)?;
    let paths = entries.map(|entry| entry.map(|entry| entry.path()));
    let mut paths = paths.collect::<Result<Vec<_>, _>>().map_err(unreadable)?;
    paths.retain(|path| path.extension().is_some_and(|end| end == "yaml") && path.is_file());
    paths.sort();
    Ok(paths)
}

fn parse(path: &Path, text: &str) -> Result<Script, ScriptError> {
    // The files are the operator's own and recordings grow large: no budget.
    let options = serde_saphyr::options! { with_snippet: false, budget: None };
    serde_saphyr::from_str_with_options(text, options)
        .map_err(|error| ScriptError::invalid(path, &error))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error(yaml: &str) -> String {
        parse(Path::new("x.yaml"), yaml).unwrap_err().to_string()
    }

    #[test]
    fn the_shipped_scripts_are_valid() {
        let shipped = Repertoire::shipped().unwrap();
        assert!(shipped.entries.len() >= 5);
        assert_eq!(shipped.unmatched, Unmatched::Generic);
    }

    #[test]
    fn files_are_looked_at_in_the_order_of_their_names() {
        let folder = tempfile::tempdir().unwrap();
        for (file, answer) in [("b.yaml", "second"), ("a.yaml", "first"), ("c.txt", "not at all")] {
            let text = format!("name: n\nanswers: [{{ answer: {answer} }}]\n");
            fs::write(folder.path().join(file), text).unwrap();
        }
        let read = Repertoire::read(folder.path()).unwrap();
        let answers = read.entries.iter().map(|entry| entry.item.answer.as_deref().unwrap());
        assert_eq!(answers.collect::<Vec<_>>(), ["first", "second"]);
        assert!(read.entries[0].source.ends_with("a.yaml"));
    }

    #[test]
    fn a_fallback_is_looked_at_after_all_others() {
        let folder = tempfile::tempdir().unwrap();
        for (file, fallback) in [("a.yaml", true), ("b.yaml", true), ("c.yaml", false)] {
            let text =
                format!("{{ name: n, fallback: {fallback}, answers: [{{ answer: {file} }}] }}");
            fs::write(folder.path().join(file), text).unwrap();
        }
        let read = Repertoire::read(folder.path()).unwrap();
        let answers = read.entries.iter().map(|entry| entry.item.answer.as_deref().unwrap());
        assert_eq!(answers.collect::<Vec<_>>(), ["c.yaml", "a.yaml", "b.yaml"]);
    }

    #[test]
    fn the_shipped_scripts_are_those_of_the_folder_and_all_give_way() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("config/replay");
        let there = files(&folder).unwrap();
        let there = there.iter().map(|path| path.file_name().unwrap().to_str().unwrap());
        let shipped = SHIPPED.iter().map(|(path, _)| path.trim_start_matches("config/replay/"));
        assert_eq!(shipped.collect::<Vec<_>>(), there.collect::<Vec<_>>());
        for (path, text) in SHIPPED {
            assert!(parse(Path::new(path), text).unwrap().fallback, "{path}");
        }
    }

    #[test]
    fn the_strictest_script_decides_about_calls_without_a_match() {
        let script = |unmatched: &str| {
            let yaml = format!("{{ name: n, unmatched: {unmatched}, answers: [] }}");
            (String::new(), parse(Path::new("x"), &yaml).unwrap())
        };
        let unmatched = |kinds: &[&str]| {
            Repertoire::of(kinds.iter().map(|kind| script(kind)).collect()).unmatched
        };
        assert_eq!(unmatched(&["generic", "generic"]), Unmatched::Generic);
        assert_eq!(unmatched(&["generic", "refuse"]), Unmatched::Refuse);
        assert_eq!(unmatched(&[]), Unmatched::Refuse);
    }

    #[test]
    fn mistakes_are_told_with_file_line_and_hint() {
        insta::assert_snapshot!(
            [
                error("name: n\nanswers:\n  - match: {}\n    awnser: x\n"),
                error("name: n\nanswers:\n  - match: { promt_equals: x }\n    answer: x\n"),
                error("name: n\nanswers:\n  - error: { kind: overloadet }\n"),
                error("name: n\nanswers:\n  - answer: a\n\n  - match: {}\n    delay_ms: 3\n"),
                error("name: n\nanswers:\n  - answer: a\n    error: { kind: cut }\n"),
                error("name: n\nanswers:\n  - answer: a\n    times: 0\n"),
                error("name: n\nanswers:\n  - answer: a\n    delay_ms: soon\n"),
                error("name: n\nanswers:\n  - { answer: a, template: b }\n"),
                error("name: n\nanswers:\n  - template: '{{ topic'\n"),
                error("name: n\nanswers:\n  - template: '{{ topic }}'\n"),
                error(
                    "name: n\nanswers:\n  - match: { prompt_begins: 'Say {what}' }\n    answer: a\n"
                ),
                error("answers: []\n"),
                error("name: [\n"),
            ]
            .join("\n")
        );
    }
}
