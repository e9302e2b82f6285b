//! Python: dots lead upwards; else a module is looked for beside the file and in the folders above it, and in their
//! `src`.

use super::house::{House, Target, below, folder, upwards};
use crate::Import;

pub(super) fn target(house: &House<'_>, from: &str, import: &Import) -> Target {
    let dots = import.module.len() - import.module.trim_start_matches('.').len();
    let path = import.module[dots..].replace('.', "/");
    if dots > 0 {
        let Some(base) = upwards(folder(from)).nth(dots - 1) else { return Target::Nowhere };
        return found(house, base, &path, &import.names).map_or(Target::Nowhere, Target::Inside);
    }
    let bases = upwards(folder(from)).flat_map(|base| [base.to_owned(), below(base, "src")]);
    let inside = bases.into_iter().find_map(|base| found(house, &base, &path, &import.names));
    let package = || path.split('/').next().unwrap_or_default().to_owned();
    inside.map_or_else(|| Target::Outside(package()), Target::Inside)
}

/// The modules among the names, and for the other names the module itself.
fn found(house: &House<'_>, base: &str, path: &str, names: &[String]) -> Option<Vec<String>> {
    let module = |path: &str| {
        let whole = below(base, path);
        house.first([format!("{whole}.py"), below(&whole, "__init__.py"), format!("{whole}.pyi")])
    };
    let own = module(path);
    let modules: Vec<Option<String>> =
        names.iter().map(|name| module(&below(path, name))).collect();
    let needs_own = modules.is_empty() || modules.iter().any(Option::is_none);
    let paths: Vec<String> =
        modules.into_iter().flatten().chain(own.filter(|_| needs_own)).collect();
    (!paths.is_empty()).then_some(paths)
}
