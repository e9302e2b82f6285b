//! JavaScript and TypeScript: relative paths, with or without extension, to a file or a folder's index.

use super::house::{House, Target, below, folder};

const EXTENSIONS: [&str; 8] = ["ts", "tsx", "d.ts", "js", "jsx", "mjs", "cjs", "mts"];

pub(super) fn target(house: &House<'_>, from: &str, module: &str) -> Target {
    if !module.starts_with('.') {
        return Target::Outside(package(module));
    }
    let Some(path) = joined(folder(from), module) else { return Target::Nowhere };
    // TypeScript names the file that it will be: `./x.js` is `./x.ts`.
    let stem =
        [".js", ".jsx", ".mjs"].iter().find_map(|end| path.strip_suffix(end)).unwrap_or(&path);
    let with = |path: &str| EXTENSIONS.map(|extension| format!("{path}.{extension}"));
    let tries = [path.clone()]
        .into_iter()
        .chain(with(&path))
        .chain(with(stem))
        .chain(with(&below(&path, "index")));
    house.first(tries).map_or(Target::Nowhere, |path| Target::Inside(vec![path]))
}

/// `@scope/name` of `@scope/name/part`, `name` of `name/part`.
fn package(module: &str) -> String {
    let parts = if module.starts_with('@') { 2 } else { 1 };
    module.split('/').take(parts).collect::<Vec<_>>().join("/")
}

/// A path from a folder, without dots; none above the root.
fn joined(folder: &str, path: &str) -> Option<String> {
    let mut parts: Vec<&str> = folder.split('/').filter(|part| !part.is_empty()).collect();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => drop(parts.pop()?),
            part => parts.push(part),
        }
    }
    Some(parts.join("/"))
}
