//! [`Tour`]: all files of a workspace, folder by folder, in the order of their names. What ignore files name is left out,
//! and so is `.git`; links are followed nowhere. Each folder is opened by the workspace's own way, not by its path.

use callboard_actors::workspaces::{FilePath, Kind, Root, Spot, Trouble};
use globset::{GlobBuilder, GlobMatcher};
use ignore::gitignore::{Gitignore, GitignoreBuilder};
use std::ops::ControlFlow;

/// So deep.
const DEEPEST: usize = 64;

/// So much of an ignore file is read, in bytes.
const MOST_IGNORED: u64 = 100_000;

/// Which files are wanted.
#[derive(Debug, Clone, Default)]
pub(in crate::world) struct Picked {
    glob: Option<GlobMatcher>,
    /// Also those that ignore files name.
    all: bool,
}

impl Picked {
    /// Those that fit a glob (any, if there is none).
    pub(in crate::world) fn new(glob: Option<&str>, all: bool) -> Result<Self, Trouble> {
        let glob = glob.map(|glob| {
            // `*.py` means those in all folders, as people write it.
            let glob = if glob.contains('/') { glob.to_owned() } else { format!("**/{glob}") };
            let built = GlobBuilder::new(&glob).literal_separator(true).build();
            built.map(|glob| glob.compile_matcher())
        });
        let glob = glob.transpose();
        let glob = glob.map_err(|error| Trouble::refused(format!("the glob: {error}")))?;
        Ok(Self { glob, all })
    }

    fn fits(&self, path: &str) -> bool {
        self.glob.as_ref().is_none_or(|glob| glob.is_match(path))
    }
}

/// A tour through a workspace.
pub(in crate::world) struct Tour<'a> {
    root: &'a Root,
    picked: &'a Picked,
    ignored: Vec<Gitignore>,
}

type Visit<'v> = dyn FnMut(&str, &Spot) -> Result<ControlFlow<()>, Trouble> + 'v;

impl<'a> Tour<'a> {
    pub(in crate::world) fn new(root: &'a Root, picked: &'a Picked) -> Self {
        Self { root, picked, ignored: Vec::new() }
    }

    /// Visits every file below a place, until `visit` has had enough.
    pub(in crate::world) fn visit(
        &mut self,
        from: &FilePath,
        visit: &mut Visit<'_>,
    ) -> Result<ControlFlow<()>, Trouble> {
        let spot = self.root.find(from)?;
        if spot.kind == Kind::File {
            return visit(&spot.path(), &spot);
        }
        // What is ignored further up is ignored here.
        for above in from.ancestors() {
            let spot = self.root.find(&above)?;
            self.note(&spot);
        }
        self.folder(from, &spot, visit)
    }

    fn folder(
        &mut self,
        path: &FilePath,
        spot: &Spot,
        visit: &mut Visit<'_>,
    ) -> Result<ControlFlow<()>, Trouble> {
        let before = self.ignored.len();
        self.note(spot);
        for (name, kind) in self.root.list(spot)? {
            let below = path.below(&name);
            let flow = self.entry(&below, &name, kind, visit)?;
            if flow.is_break() {
                return Ok(flow);
            }
        }
        self.ignored.truncate(before);
        Ok(ControlFlow::Continue(()))
    }

    fn entry(
        &mut self,
        path: &FilePath,
        name: &str,
        kind: Kind,
        visit: &mut Visit<'_>,
    ) -> Result<ControlFlow<()>, Trouble> {
        let text = path.to_string();
        let go_on = Ok(ControlFlow::Continue(()));
        if !self.picked.all && self.is_ignored(&text, name, kind) {
            return go_on;
        }
        match kind {
            Kind::Folder if path.names().len() < DEEPEST => match self.root.find(path) {
                Ok(spot) if spot.kind == Kind::Folder => self.folder(path, &spot, visit),
                // It has gone meanwhile.
                _ => go_on,
            },
            Kind::File if self.picked.fits(&text) => match self.root.find(path) {
                Ok(spot) => visit(&text, &spot),
                Err(_) => go_on,
            },
            _ => go_on,
        }
    }

    fn is_ignored(&self, path: &str, name: &str, kind: Kind) -> bool {
        let is_folder = kind == Kind::Folder;
        if is_folder && name == ".git" {
            return true;
        }
        // The nearest word counts.
        let words = self.ignored.iter().rev().map(|ignored| ignored.matched(path, is_folder));
        words.into_iter().find(|word| !word.is_none()).is_some_and(|word| word.is_ignore())
    }

    /// What the ignore files of a folder say.
    fn note(&mut self, folder: &Spot) {
        let path = folder.path();
        for name in [".gitignore", ".ignore"] {
            let place = if path.is_empty() { name.to_owned() } else { format!("{path}/{name}") };
            let Some(text) = self.text(&place) else { continue };
            let mut builder = GitignoreBuilder::new(if path.is_empty() { "." } else { &path });
            for line in text.lines() {
                // A line that makes no sense ignores nothing.
                let _ = builder.add_line(None, line);
            }
            self.ignored.extend(builder.build());
        }
    }

    fn text(&self, path: &str) -> Option<String> {
        let spot = FilePath::of_file(path).and_then(|path| self.root.find(&path)).ok()?;
        let file = self.root.read(&spot, 0, MOST_IGNORED).ok()?;
        Some(String::from_utf8_lossy(&file.content).into_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Search, search};
    use super::*;
    use callboard_actors::journal::Home;
    use callboard_actors::vocabulary::{WorkflowId, Workplace};
    use callboard_actors::workspaces::Guard;
    use std::fs;

    /// A workspace with some files in it, opened.
    fn with_files<T>(work: impl FnOnce(&Root) -> T) -> T {
        let (home, folder) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let path = fs::canonicalize(folder.path()).unwrap();
        for (name, content) in [
            (".gitignore", "*.log\n/build/\n!kept.log\n"),
            ("a.py", "import os\nprint(1)\n"),
            ("x.log", "import\n"),
            ("kept.log", "Import\n"),
            ("build/out.py", "import\n"),
            ("src/.gitignore", "a.log\n!b.log\n/local\n"),
            ("src/b.log", "nothing\n"),
            ("src/build/in.py", "import re\n"),
            ("src/local/c.py", "import\n"),
            (".git/config", "import\n"),
            ("binary", "import \0\n"),
        ] {
            fs::create_dir_all(path.join(name).parent().unwrap()).unwrap();
            fs::write(path.join(name), content).unwrap();
        }
        std::os::unix::fs::symlink("src", path.join("link")).unwrap();
        let record = WorkflowId("wf".parse().unwrap());
        let (folder, within) = (path.to_str().unwrap().to_owned(), String::new());
        let place = Workplace { record, folder, within };
        let home = Home::open(home.path(), None).unwrap();
        work(&Root::open(&place, &Guard::new(&home)).unwrap())
    }

    fn files(root: &Root, from: &str, glob: Option<&str>, all: bool) -> Vec<String> {
        let (picked, mut found) = (Picked::new(glob, all).unwrap(), Vec::new());
        let from = FilePath::read(from).unwrap();
        let _ = Tour::new(root, &picked)
            .visit(&from, &mut |path, _| {
                found.push(path.to_owned());
                Ok(ControlFlow::Continue(()))
            })
            .unwrap();
        found
    }

    #[test]
    fn what_is_ignored_is_left_out_and_links_are_followed_nowhere() {
        with_files(|root| {
            let usual = [
                ".gitignore",
                "a.py",
                "binary",
                "kept.log",
                "src/.gitignore",
                "src/b.log",
                "src/build/in.py",
            ];
            assert_eq!(files(root, "", None, false), usual);
            assert_eq!(files(root, "src", Some("*.log"), false), ["src/b.log"]);
            assert_eq!(files(root, ".", Some("*.py"), false), ["a.py", "src/build/in.py"]);
            assert_eq!(files(root, "", Some("src/**/*.py"), false), ["src/build/in.py"]);
            assert_eq!(files(root, "a.py", None, false), ["a.py"]);
            assert_eq!(files(root, "build", None, false), ["build/out.py"], "it was named");
            assert!(files(root, "", None, true).contains(&".git/config".to_owned()));
        });
    }

    #[test]
    fn lines_are_found_by_regular_expressions_in_text_alone() {
        with_files(|root| {
            let found = |pattern: &str, ignore_case, limit| {
                let (from, picked) = (FilePath::top(), Picked::default());
                let wanted = Search { pattern: pattern.into(), ignore_case, from, picked, limit };
                search(root, &wanted)
            };
            let lines = found("^import", false, 10).unwrap();
            let places: Vec<_> =
                lines.lines.iter().map(|(path, line, _)| (path.as_str(), *line)).collect();
            assert_eq!((places, lines.more), (vec![("a.py", 1), ("src/build/in.py", 1)], false));
            assert_eq!(found("^IMPORT", true, 10).unwrap().lines.len(), 3);
            let one = found("^import", true, 1).unwrap();
            assert_eq!((one.lines.len(), one.more), (1, true));
            assert!(found("(", false, 1).unwrap_err().to_string().starts_with("the pattern"));
        });
    }
}
