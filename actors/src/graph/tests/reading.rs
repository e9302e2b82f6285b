//! Definitions as they are written: the wrong ones with all that is told of them, the right ones without a word.

use crate::graph::{Definition, Library, Pinned, Problem, Written, bundle, read};
use proptest::prelude::*;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

fn files(folder: &str) -> Vec<PathBuf> {
    let folder =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/workflows").join(folder);
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let mut files: Vec<_> = entries.filter(|path| path.extension().unwrap() == "yaml").collect();
    files.sort();
    files
}

fn read_file(path: &Path) -> Result<Written, Vec<Problem>> {
    let name = path.file_name().unwrap().to_str().unwrap();
    read(&fs::read_to_string(path).unwrap(), name)
}

fn library() -> Library {
    let definitions = files("right").into_iter().map(|path| {
        let written = read_file(&path).unwrap();
        (written.definition.name.clone(), written)
    });
    let profiles = ["debater", "judge"].map(|name| (name.to_owned(), Pinned::default()));
    Library {
        definitions: definitions.collect(),
        profiles: profiles.into(),
        abilities: super::abilities(),
    }
}

#[test]
fn of_a_wrong_definition_everything_is_told_at_once() {
    let library = library();
    let mut told = String::new();
    for path in files("wrong") {
        let problems = read_file(&path).and_then(|written| bundle(&written, &library));
        let Err(problems) = problems else { panic!("{} was accepted", path.display()) };
        for problem in problems {
            writeln!(told, "{problem}").unwrap();
        }
        told.push('\n');
    }
    insta::assert_snapshot!(told);
    assert!(files("wrong").len() >= 40);
}

#[test]
fn a_bundle_has_what_is_used_and_nothing_else() {
    let library = library();
    let everything = bundle(&library.definitions["everything"], &library).unwrap();
    assert_eq!(everything.definitions.keys().collect::<Vec<_>>(), ["debate", "everything"]);
    // One of the profiles is only known when the node runs: all are pinned.
    assert_eq!(everything.profiles.keys().collect::<Vec<_>>(), ["debater", "judge"]);
    let text = "name: x\nstart: a\nnodes: {a: {agent: {profile: debater, prompt: Hello}}}\n";
    let one = bundle(&read(text, "x.yaml").unwrap(), &library).unwrap();
    assert_eq!(one.profiles.keys().collect::<Vec<_>>(), ["debater"]);
    let json = serde_json::to_string(&everything).unwrap();
    assert_eq!(serde_json::from_str::<crate::graph::Bundle>(&json).unwrap(), everything);
}

/// A right definition in which a part was replaced by something that means something in YAML or in expressions.
fn damaged() -> impl Strategy<Value = String> {
    let text = fs::read_to_string(&files("right")[1]).unwrap();
    let length = text.chars().count();
    let odd = prop::sample::select(vec![
        "", "{", "}", "[", "]", ": ", "\n", "\n  ", "- ", "\"", "'", "{{", "{%", "|", "&a ", "*a",
        "é", "\u{0}", "null", "end", "state.é", " is not ", "\\", "~", "#", "\t", "1e999",
    ]);
    prop::collection::vec((0..length, 0..30_usize, odd), 1..4).prop_map(move |cuts| {
        cuts.into_iter().fold(text.clone(), |text, (at, length, odd)| {
            let before = text.chars().take(at);
            before.chain(odd.chars()).chain(text.chars().skip(at + length)).collect()
        })
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn whatever_is_written_is_read_or_told_of_within_the_file(text in damaged()) {
        match read(&text, "x.yaml") {
            Ok(written) => {
                let again = serde_json::to_value(&written.definition).unwrap();
                prop_assert_eq!(serde_json::from_value::<Definition>(again).unwrap(), written.definition);
            }
            Err(problems) => {
                prop_assert!(!problems.is_empty());
                for Problem { line, column, .. } in problems {
                    prop_assert!((1..=text.lines().count() + 1).contains(&line));
                    let longest = text.lines().map(|line| line.chars().count()).max();
                    prop_assert!((1..=longest.unwrap_or(0) + 2).contains(&column));
                }
            }
        }
    }
}
