//! [`Kept`]: what of a difference is taken over, and what is not; [`planned`]: that nobody's work is in the way.

use super::copy::{Copy, Difference};
use crate::rules::{Refused, Standing};
use callboard_actors::vocabulary::Workplace;
use callboard_actors::workspaces::{FilePath, Planned, Root, Trouble};
use std::collections::BTreeMap;

/// So many files that are not taken over are named.
const NAMED: usize = 50;

/// So much of the names of files stands in the audit.
const LONGEST: usize = 1_000;

/// What of a difference is taken over, and what is not.
#[derive(Debug, Default)]
pub(in crate::world) struct Kept {
    /// What files are to hold; `None`: they are to go.
    pub(in crate::world) wanted: BTreeMap<String, Option<Vec<u8>>>,
    /// What is left out, and why, for whoever wanted it. Only the first.
    pub(in crate::world) left: Vec<(String, String)>,
    /// Those of it that a rule refuses, by the paths of the record.
    pub(in crate::world) refused: Vec<(String, Refused)>,
}

impl Kept {
    /// What one who may this much may take over.
    pub(in crate::world) fn of(
        difference: Difference,
        standing: &Standing,
        place: &Workplace,
    ) -> Self {
        let Difference { written, removed, left_out } = difference;
        let mut kept = Self::default();
        let written = written.into_iter().map(|(path, content)| (path, Some(content)));
        for (path, content) in written.chain(removed.into_iter().map(|path| (path, None))) {
            let recorded = place.recorded(&path);
            match standing.keeps_from(&recorded, true) {
                None => drop(kept.wanted.insert(path, content)),
                Some(refused) => {
                    kept.leave(&path, &refused.to_string());
                    kept.refuse(recorded, refused);
                }
            }
        }
        for path in left_out {
            kept.leave(&path, "it is too large, or one of too many");
        }
        kept
    }

    /// Nothing of it is taken over.
    pub(in crate::world) fn refuse_all(&mut self, refused: &Refused) {
        for path in std::mem::take(&mut self.wanted).into_keys() {
            self.leave(&path, &refused.to_string());
            self.refuse(path, refused.clone());
        }
    }

    /// Only the first are told.
    fn leave(&mut self, path: &str, why: &str) {
        if self.left.len() < NAMED {
            self.left.push((path.to_owned(), why.to_owned()));
        }
    }

    fn refuse(&mut self, path: String, refused: Refused) {
        if self.refused.len() < NAMED {
            self.refused.push((path, refused));
        }
    }

    /// The names of what is taken over, for people.
    pub(in crate::world) fn names(&self) -> String {
        let names: Vec<_> = self.wanted.keys().map(String::as_str).collect();
        let names = names.join(", ");
        match names.char_indices().nth(LONGEST) {
            Some((end, _)) => format!("{}…", &names[..end]),
            None => names,
        }
    }
}

/// The change that is wanted, unless somebody else has changed one of the files since they were copied.
pub(in crate::world) fn planned(
    root: &Root,
    copy: &Copy,
    wanted: &BTreeMap<String, Option<Vec<u8>>>,
) -> Result<Planned, Trouble> {
    let mut planned = Vec::new();
    for (path, content) in wanted {
        if !copy.is_as_copied(root, path) {
            return Err(Trouble::refused(format!(
                "{path:?} was changed by somebody else while the program ran, so nothing that it did was taken over: run it again"
            )));
        }
        let found = root.found(&FilePath::of_file(path)?)?;
        planned.push(match content {
            Some(content) => found.becomes(content.clone()),
            None => found.goes(),
        });
    }
    Ok(planned)
}
