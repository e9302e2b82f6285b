//! Go: an import below a module that a `go.mod` declares is a folder below that file.

use super::house::{House, Target, below};

pub(super) fn target(house: &House<'_>, module: &str) -> Target {
    let inside = house.go_modules.iter().find_map(|(folder, own)| {
        let rest = module.strip_prefix(own.as_str())?;
        (rest.is_empty() || rest.starts_with('/'))
            .then(|| below(folder, rest.trim_start_matches('/')))
    });
    match inside {
        Some(folder) if house.has_folder(&folder) => Target::Inside(vec![folder]),
        Some(_) => Target::Nowhere,
        None => Target::Outside(module.to_owned()),
    }
}
