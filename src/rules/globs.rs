//! [`Globs`]: patterns of paths, of which one has to fit. `*` stays within a folder, `**` does not. A pattern without a
//! slash fits in every folder, one that ends with a slash fits a folder and all that is in it: as people write them in
//! ignore files.

use globset::{GlobBuilder, GlobSet, GlobSetBuilder};

/// Patterns of which one has to fit.
#[derive(Debug, Clone)]
pub(super) struct Globs {
    written: Vec<String>,
    set: GlobSet,
}

impl Globs {
    /// Reads patterns; `folded`: capitals do not count.
    pub(super) fn new(written: &[String], folded: bool) -> Result<Self, String> {
        let mut set = GlobSetBuilder::new();
        for pattern in written {
            for pattern in meant(pattern)? {
                let glob = GlobBuilder::new(&pattern)
                    .literal_separator(true)
                    .case_insensitive(folded)
                    .build();
                set.add(glob.map_err(|error| error.to_string())?);
            }
        }
        let set = set.build().map_err(|error| error.to_string())?;
        Ok(Self { written: written.to_owned(), set })
    }

    /// Whether one of them fits.
    pub(super) fn fit(&self, path: &str) -> bool {
        self.set.is_match(path)
    }

    /// As they were written.
    pub(super) fn written(&self) -> &[String] {
        &self.written
    }

    /// The first that fits: which it is, and as it was written.
    pub(super) fn which(&self, path: &str) -> Option<(usize, String)> {
        if !self.fit(path) {
            return None;
        }
        let alone = |(_, pattern): &(usize, &String)| {
            Self::new(&[(*pattern).clone()], true).is_ok_and(|globs| globs.fit(path))
        };
        let found = self.written.iter().enumerate().find(alone);
        found.map(|(place, pattern)| (place, pattern.clone()))
    }
}

/// What a pattern means: itself, and what is in the folder that it names.
fn meant(pattern: &str) -> Result<Vec<String>, String> {
    if pattern.is_empty() || pattern.starts_with('/') || pattern.split('/').any(|part| part == "..")
    {
        return Err(format!(
            "`{pattern}` is no pattern of paths in a workspace: write it relative, without .., as src/** or *.md"
        ));
    }
    let pattern = pattern.trim_start_matches("./");
    let (core, is_folder) = match pattern.strip_suffix('/') {
        Some(core) => (core, true),
        None => (pattern, false),
    };
    let core =
        if core.contains('/') || core == "**" { core.to_owned() } else { format!("**/{core}") };
    if let Some(folder) = core.strip_suffix("/**") {
        return Ok(vec![folder.to_owned(), core]);
    }
    if core.ends_with("**") {
        return Ok(vec![core]);
    }
    let inside = format!("{core}/**");
    Ok(if is_folder { vec![core, inside] } else { vec![core.clone(), inside] })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_mean_what_people_mean() {
        let fits =
            |pattern: &str, path: &str| Globs::new(&[pattern.into()], true).unwrap().fit(path);
        for (pattern, path) in [
            (".git/", ".git"),
            (".git/", "a/.git/config"),
            (".env", "a/b/.env"),
            (".env", ".ENV"),
            ("*.pem", "keys/server.pem"),
            ("**", "a/b/c"),
            ("docs/**", "docs/a/b.md"),
            ("docs", "docs/a/b.md"),
            ("*.md", "a/b.md"),
            ("src/*.rs", "src/a.rs"),
        ] {
            assert!(fits(pattern, path), "{pattern} fits {path}");
        }
        for (pattern, path) in [
            ("docs/**", "docsx/a"),
            ("src/*.rs", "src/a/b.rs"),
            (".env", "a.env"),
            ("*.pem", "pem"),
        ] {
            assert!(!fits(pattern, path), "{pattern} does not fit {path}");
        }
        for bad in ["/etc/passwd", "../x", "", "a/../b", "["] {
            assert!(Globs::new(&[bad.into()], true).is_err(), "{bad:?}");
        }
    }
}
