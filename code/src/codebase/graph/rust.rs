//! Rust: modules are files by their paths; a path is followed as far as there are files.

use super::house::{House, Target, below, folder, upwards};
use crate::{Import, ImportKind};

pub(super) fn target(house: &House<'_>, from: &str, import: &Import) -> Target {
    let place = Place::of(house, from);
    if import.kind == ImportKind::Module {
        let path = place.within(&[import.module.as_str()]);
        return file(house, &path).map_or(Target::Nowhere, |path| Target::Inside(vec![path]));
    }
    let names = import.names.iter().map(Some).chain(import.names.is_empty().then_some(None));
    let mut found = Vec::new();
    for name in names {
        let words: Vec<&str> = import.module.split("::").chain(name.map(String::as_str)).collect();
        match place.resolve(house, &words) {
            Some(path) => found.push(path),
            None if matches!(words[0], "crate" | "self" | "super") => return Target::Nowhere,
            None => return Target::Outside(words[0].to_owned()),
        }
    }
    Target::Inside(found)
}

/// Where a file stands: its crate's folder, and its module's path in there.
struct Place<'p> {
    root: &'p str,
    module: Vec<&'p str>,
}

impl<'p> Place<'p> {
    /// The nearest folder with a `lib.rs` or a `main.rs` is the crate's; without one the file's own.
    fn of(house: &House<'_>, path: &'p str) -> Self {
        let is_root = |folder: &&str| crate_file(house, folder).is_some();
        let root = upwards(folder(path)).find(is_root).unwrap_or(folder(path));
        let inside = path[root.len()..].trim_start_matches('/').trim_end_matches(".rs");
        let mut module: Vec<&str> = inside.split('/').collect();
        if matches!(module.last(), Some(&("mod" | "lib" | "main"))) {
            module.pop();
        }
        Self { root, module }
    }

    /// The path of something within this module.
    fn within(&self, words: &[&str]) -> String {
        let path = self.module.iter().chain(words).copied().collect::<Vec<_>>().join("/");
        below(self.root, &path)
    }

    /// The file that a path leads to; the longest beginning of it that is one.
    fn resolve(&self, house: &House<'_>, words: &[&str]) -> Option<String> {
        let ups = words.iter().take_while(|word| **word == "super").count();
        let (base, rest) = match *words.first()? {
            "crate" => (Vec::new(), &words[1..]),
            "self" => (self.module.clone(), &words[1..]),
            _ if ups > 0 => {
                (self.module[..self.module.len().checked_sub(ups)?].to_vec(), &words[ups..])
            }
            _ => {
                // A module of this file, or a crate.
                let own = file(house, &self.within(&words[..1]))?;
                let deeper = (2..=words.len())
                    .rev()
                    .find_map(|most| file(house, &self.within(&words[..most])));
                return Some(deeper.unwrap_or(own));
            }
        };
        (0..=rest.len()).rev().find_map(|most| {
            let path = base.iter().chain(&rest[..most]).copied().collect::<Vec<_>>().join("/");
            if path.is_empty() {
                crate_file(house, self.root)
            } else {
                file(house, &below(self.root, &path))
            }
        })
    }
}

/// The file that a crate's folder begins with.
fn crate_file(house: &House<'_>, folder: &str) -> Option<String> {
    house.first(["lib.rs", "main.rs"].map(|name| below(folder, name)))
}

fn file(house: &House<'_>, path: &str) -> Option<String> {
    house.first([format!("{path}.rs"), below(path, "mod.rs")])
}
