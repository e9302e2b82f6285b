//! The graph itself.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::house::{House, Target};
use super::{go, python, rust, script};
use crate::codebase::SourceFile;
use crate::{Import, Language};

/// One file imports another.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Edge {
    /// Who imports.
    pub from: String,
    /// What: a file's path; for Go, whose packages are folders, a folder's; of what is unresolved the words that
    /// stand there.
    pub to: String,
}

/// Who imports whom.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImportGraph {
    /// Within the root, without those from a file to itself.
    pub edges: Vec<Edge>,
    /// Packages from elsewhere, and how many files use each.
    pub external: BTreeMap<String, usize>,
    /// What should lead into the root by its form, and does not.
    pub unresolved: Vec<Edge>,
}

impl ImportGraph {
    pub(in crate::codebase) fn of(
        files: &[SourceFile],
        go_modules: &BTreeMap<String, String>,
    ) -> Self {
        let house = House::new(files, go_modules);
        let (mut edges, mut unresolved) = (BTreeSet::new(), BTreeSet::new());
        let mut external: BTreeMap<String, usize> = BTreeMap::new();
        for file in files {
            let mut packages = BTreeSet::new();
            let edge = |to: String| Edge { from: file.path.clone(), to };
            for import in &file.report.parsed.imports {
                match target(&house, file, import) {
                    Target::Inside(paths) => edges.extend(paths.into_iter().map(edge)),
                    Target::Outside(package) => packages.extend([package]),
                    Target::Nowhere => unresolved.extend([edge(import.module.clone())]),
                }
            }
            for package in packages {
                *external.entry(package).or_default() += 1;
            }
        }
        let edges = edges.into_iter().filter(|edge| edge.from != edge.to).collect();
        Self { edges, external, unresolved: unresolved.into_iter().collect() }
    }
}

fn target(house: &House<'_>, file: &SourceFile, import: &Import) -> Target {
    match file.report.parsed.language {
        Language::Python => python::target(house, &file.path, import),
        Language::JavaScript | Language::TypeScript | Language::Tsx => {
            script::target(house, &file.path, &import.module)
        }
        Language::Go => go::target(house, &import.module),
        Language::Rust => rust::target(house, &file.path, import),
    }
}
