//! [`Needs`]: which names a text reads. Only these are converted for it: an expression over a counter does not pay for
//! the conversation beside it.

use std::collections::{BTreeMap, BTreeSet, HashSet};

/// The names that a text reads.
#[derive(Debug)]
pub(super) struct Needs(BTreeMap<String, Members>);

/// Which part of a name is read.
#[derive(Debug, PartialEq)]
pub(super) enum Members {
    /// Itself, or a part that is only known when it is read.
    All,
    /// These members.
    These(BTreeSet<String>),
}

impl Needs {
    /// From dotted paths, as `undeclared_variables` gives them.
    pub(super) fn of(paths: HashSet<String>) -> Self {
        let mut needs = BTreeMap::new();
        for path in paths {
            let mut parts = path.split('.');
            let root = parts.next().unwrap_or_default().to_owned();
            let members = needs.entry(root).or_insert_with(|| Members::These(BTreeSet::new()));
            match (parts.next(), members) {
                (None, members) => *members = Members::All,
                (Some(member), Members::These(names)) => drop(names.insert(member.to_owned())),
                (Some(_), Members::All) => {}
            }
        }
        Self(needs)
    }

    /// What of this name is read; `None`: nothing.
    pub(super) fn of_name(&self, name: &str) -> Option<&Members> {
        self.0.get(name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_that_is_read_whole_is_needed_whole_in_whatever_order_it_is_found() {
        let of = |paths: &[&str]| Needs::of(paths.iter().map(ToString::to_string).collect());
        let both = of(&["state.a", "state", "input.x.y", "input.z"]);
        assert_eq!(both.of_name("state"), Some(&Members::All));
        let members = BTreeSet::from(["x".to_owned(), "z".to_owned()]);
        assert_eq!(both.of_name("input"), Some(&Members::These(members)));
        assert_eq!(both.of_name("run"), None);
    }
}
