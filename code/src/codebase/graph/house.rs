//! The paths that there are, and how to walk among them.

use std::collections::{BTreeMap, BTreeSet};

use crate::codebase::SourceFile;

/// All files that were read, by path.
#[derive(Debug)]
pub(super) struct House<'f> {
    paths: BTreeSet<&'f str>,
    folders: BTreeSet<&'f str>,
    pub(super) go_modules: &'f BTreeMap<String, String>,
}

/// Where an import leads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Target {
    /// Into the root: files, or for Go a folder.
    Inside(Vec<String>),
    /// Out of it: to the package of that name.
    Outside(String),
    /// Into the root by its form, but nothing is there.
    Nowhere,
}

impl<'f> House<'f> {
    pub(super) fn new(files: &'f [SourceFile], go_modules: &'f BTreeMap<String, String>) -> Self {
        let paths: BTreeSet<&str> = files.iter().map(|file| file.path.as_str()).collect();
        let folders = paths.iter().map(|path| folder(path)).collect();
        Self { paths, folders, go_modules }
    }

    /// The first of these paths that is a file.
    pub(super) fn first(&self, paths: impl IntoIterator<Item = String>) -> Option<String> {
        paths.into_iter().find(|path| self.paths.contains(path.as_str()))
    }

    /// Whether there are files directly in a folder.
    pub(super) fn has_folder(&self, path: &str) -> bool {
        self.folders.contains(path)
    }
}

/// The folder of a path; the root is empty.
pub(super) fn folder(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(folder, _)| folder)
}

/// A path below a folder.
pub(super) fn below(folder: &str, path: &str) -> String {
    match (folder, path) {
        ("", path) => path.to_owned(),
        (folder, "") => folder.to_owned(),
        (folder, path) => format!("{folder}/{path}"),
    }
}

/// A folder and those above it, the root last.
pub(super) fn upwards(path: &str) -> impl Iterator<Item = &str> {
    std::iter::successors(Some(path), |path| (!path.is_empty()).then(|| folder(path)))
}
