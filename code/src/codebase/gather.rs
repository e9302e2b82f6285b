//! The list of files, in the order of their paths: ignore files are respected, links are not followed.
//!
//! `.gitignore`, `.ignore` and `.git/info/exclude` count within the root, also where there is no repository; hidden
//! files are left out. What lies outside the root is not looked at, neither ignore files of folders above nor those of
//! the user: the result depends on the folder alone.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::Read;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use ignore::{DirEntry, WalkBuilder};

use super::{OtherFiles, SkipReason, Skipped};
use crate::Language;

/// A source file that is to be read.
#[derive(Clone, Debug)]
pub(super) struct Candidate {
    /// From the root, with `/`.
    pub(super) path: String,
    pub(super) language: Language,
    pub(super) bytes: u64,
}

/// What a walk found.
#[derive(Debug, Default)]
pub(super) struct Gathered {
    pub(super) candidates: Vec<Candidate>,
    /// By extension.
    pub(super) others: BTreeMap<String, OtherFiles>,
    pub(super) skipped: Vec<Skipped>,
    /// Folders with a `go.mod`, and the module that it declares.
    pub(super) go_modules: BTreeMap<String, String>,
    /// Source files beyond the most that are read.
    pub(super) left_out: usize,
}

/// Lists the files below a folder.
pub(super) fn gather(root: &Path, most: usize) -> Gathered {
    let installed = Arc::new(Mutex::new(Vec::new()));
    let noted = Arc::clone(&installed);
    let own_root = root.to_owned();
    let mut builder = WalkBuilder::new(root);
    builder.follow_links(false).parents(false).git_global(false).require_git(false);
    builder.sort_by_file_path(Ord::cmp).filter_entry(move |entry| {
        let is_installed = entry.depth() > 0 && is_installed(entry);
        if is_installed {
            noted
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .push(relative(&own_root, entry.path()));
        }
        !is_installed
    });
    let mut gathered = Gathered::default();
    for entry in builder.build() {
        match entry {
            Ok(entry) => gathered.note(root, &entry, most),
            Err(error) => gathered.skip("", SkipReason::Unreadable { error: error.to_string() }),
        }
    }
    let installed = std::mem::take(&mut *installed.lock().unwrap_or_else(PoisonError::into_inner));
    for path in installed {
        gathered.skip(&path, SkipReason::Installed);
    }
    gathered
}

/// Whether a folder holds what was installed or built.
fn is_installed(entry: &DirEntry) -> bool {
    let is_folder = entry.file_type().is_some_and(|kind| kind.is_dir());
    let is_known = entry.file_name() == "node_modules" || entry.file_name() == "__pycache__";
    let is_marked =
        || ["CACHEDIR.TAG", "pyvenv.cfg"].iter().any(|mark| entry.path().join(mark).is_file());
    is_folder && (is_known || is_marked())
}

/// A path from the root, with `/`.
fn relative(root: &Path, path: &Path) -> String {
    let inside = path.strip_prefix(root).unwrap_or(path);
    let parts: Vec<_> = inside.iter().map(|part| part.to_string_lossy()).collect();
    parts.join("/")
}

/// The module of a `go.mod`, which stands in a line of its own near its begin.
fn go_module(path: &Path) -> Option<String> {
    let mut text = String::new();
    File::open(path).ok()?.take(1 << 16).read_to_string(&mut text).ok()?;
    let name = text.lines().find_map(|line| line.trim().strip_prefix("module "))?;
    Some(name.split("//").next()?.trim().trim_matches('"').to_owned())
}

impl Gathered {
    fn skip(&mut self, path: &str, reason: SkipReason) {
        self.skipped.push(Skipped { path: path.to_owned(), reason });
    }

    fn note(&mut self, root: &Path, entry: &DirEntry, most: usize) {
        let Some(kind) = entry.file_type().filter(|kind| !kind.is_dir()) else { return };
        let path = relative(root, entry.path());
        if kind.is_symlink() {
            return self.skip(&path, SkipReason::Link);
        }
        if !kind.is_file() {
            return self
                .skip(&path, SkipReason::Unreadable { error: "no regular file".to_owned() });
        }
        let bytes = entry.metadata().map_or(0, |metadata| metadata.len());
        match Language::of(entry.path()) {
            None => self.note_other(&path, entry.path(), bytes),
            Some(_) if self.candidates.len() == most => self.left_out += 1,
            Some(language) => self.candidates.push(Candidate { path, language, bytes }),
        }
    }

    fn note_other(&mut self, path: &str, full: &Path, bytes: u64) {
        if full.file_name().is_some_and(|name| name == "go.mod") {
            let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder);
            self.go_modules.extend(go_module(full).map(|module| (folder.to_owned(), module)));
        }
        let extension =
            full.extension().map(|extension| extension.to_string_lossy().to_lowercase());
        let counted = self.others.entry(extension.unwrap_or_default()).or_default();
        counted.files += 1;
        counted.bytes += bytes;
    }
}
