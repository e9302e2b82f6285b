//! [`read_folder`]: every `*.yaml` of a folder is a definition, and has its name. One bad file is no reason to do
//! without the others.

use super::entry::{Entry, Origin};
use callboard_actors::graph::Problem;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::{fs, io};

/// The definitions that ship with the program: where there is no folder, these count.
const SHIPPED: [(&str, &str); 9] = [
    ("analysis", include_str!("../../config/workflows/analysis.yaml")),
    ("architect", include_str!("../../config/workflows/architect.yaml")),
    ("autoagent", include_str!("../../config/workflows/autoagent.yaml")),
    ("codesmith", include_str!("../../config/workflows/codesmith.yaml")),
    ("collaboration", include_str!("../../config/workflows/collaboration.yaml")),
    ("debate", include_str!("../../config/workflows/debate.yaml")),
    ("research", include_str!("../../config/workflows/research.yaml")),
    ("reviewfix", include_str!("../../config/workflows/reviewfix.yaml")),
    ("teaching", include_str!("../../config/workflows/teaching.yaml")),
];

/// What a folder holds.
#[derive(Debug, Clone, Default)]
pub struct Files {
    /// What could be read, by name.
    pub(super) good: BTreeMap<String, Entry>,
    /// What could not, by name.
    pub(super) broken: BTreeMap<String, Broken>,
}

/// A file that is no definition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Broken {
    /// The file.
    pub file: PathBuf,
    /// What is wrong with it.
    pub problems: Vec<Problem>,
}

impl Broken {
    /// What is wrong with it, in words.
    pub fn in_words(&self) -> String {
        let problems: Vec<String> = self.problems.iter().map(ToString::to_string).collect();
        problems.join("; ")
    }
}

/// Reads every `*.yaml` of a folder; where there is none, what ships with the program.
pub fn read_folder(folder: &Path) -> Files {
    let mut files = Files::default();
    if !folder.exists() {
        for (name, text) in SHIPPED {
            files.take(name, Path::new(&format!("{name}.yaml")), Ok(text.to_owned()), true);
        }
        return files;
    }
    for path in yaml_files(folder) {
        let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        files.take(&name, &path, fs::read_to_string(&path), false);
    }
    files
}

/// A folder that cannot be read holds nothing; the watcher looks again.
fn yaml_files(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let paths = entries.map(|entry| entry.path());
    let is_yaml = |path: &PathBuf| path.extension().is_some_and(|end| end == "yaml");
    let mut paths: Vec<_> = paths.filter(|path| is_yaml(path) && path.is_file()).collect();
    paths.sort();
    paths
}

impl Files {
    fn take(&mut self, name: &str, path: &Path, text: io::Result<String>, is_shipped: bool) {
        let file = path.to_owned();
        let origin = if is_shipped { Origin::Shipped } else { Origin::File { file: file.clone() } };
        let place = path.to_string_lossy();
        let entry = text
            .map_err(|error| vec![unreadable(&place, &error)])
            .and_then(|text| Entry::read(name, &place, text, origin));
        match entry {
            Ok(entry) => drop(self.good.insert(name.to_owned(), entry)),
            Err(problems) => drop(self.broken.insert(name.to_owned(), Broken { file, problems })),
        }
    }

    /// The same, with what was read before in place of what is broken now.
    pub(super) fn with_former(mut self, former: &Self) -> Self {
        for name in self.broken.keys() {
            if let Some(entry) = former.good.get(name) {
                self.good.insert(name.clone(), entry.clone());
            }
        }
        self
    }
}

fn unreadable(place: &str, error: &io::Error) -> Problem {
    let message = format!("failed to read the file: {error}");
    Problem { file: place.to_owned(), line: 1, column: 1, message, hint: None }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_that_ships_is_what_lies_in_the_folder_and_all_of_it_is_right() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("config/workflows");
        let (shipped, lying) = (read_folder(Path::new("/nowhere/at/all")), read_folder(&folder));
        assert_eq!((&shipped.broken, &lying.broken), (&BTreeMap::new(), &BTreeMap::new()));
        let texts = |files: &Files| -> BTreeMap<String, String> {
            files.good.iter().map(|(name, entry)| (name.clone(), entry.text.clone())).collect()
        };
        assert_eq!(texts(&shipped), texts(&lying), "a file is missing in SHIPPED");
    }

    #[test]
    fn a_file_that_is_broken_leaves_what_it_said_before_and_spoils_no_other() {
        let folder = tempfile::tempdir().unwrap();
        let write = |name: &str, text: &str| fs::write(folder.path().join(name), text).unwrap();
        let good = |name: &str| format!("name: {name}\nstart: a\nnodes:\n  a: {{ set: {{ }} }}\n");
        write("one.yaml", &good("one"));
        write("two.yaml", &good("two"));
        let first = read_folder(folder.path());
        assert_eq!((first.good.len(), first.broken.len()), (2, 0), "{:?}", first.broken);
        write("one.yaml", "name: one\nstart: nowhere\nnodes:\n  a: { set: { } }\n");
        write("two.yaml", &good("three"));
        write("new.yaml", "name: [");
        let second = read_folder(folder.path()).with_former(&first);
        assert_eq!(second.good.keys().collect::<Vec<_>>(), ["one", "two"]);
        let words = |name: &str| second.broken[name].in_words();
        assert!(words("one").contains("one.yaml:2:8:"), "{}", words("one"));
        assert!(words("two").contains("call it `two`"), "{}", words("two"));
        assert!(words("new").contains("new.yaml:"), "{}", words("new"));
    }
}
