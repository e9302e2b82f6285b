//! Names that Mermaid takes: ids of plain letters, and labels in which everything that means something to it is written
//! as an entity (`#35;`).

use crate::world::tools::drawing::design::Design;
use std::collections::{BTreeMap, BTreeSet};

/// The ids of a design's components, as Mermaid has them: like ours, as far as that can be.
pub(super) struct Names<'a>(BTreeMap<&'a str, String>);

impl<'a> Names<'a> {
    pub(super) fn of(design: &'a Design) -> Self {
        let (mut names, mut taken) = (BTreeMap::new(), BTreeSet::new());
        for component in &design.components {
            // Behind a prefix no id is a word of the language (`end`, `class`, `default`).
            let plain: String = component
                .id
                .chars()
                .map(|c| if c.is_ascii_alphanumeric() { c } else { '_' })
                .collect();
            let first = format!("c_{plain}");
            let more = (2..).map(|number| format!("{first}_{number}"));
            let free =
                std::iter::once(first.clone()).chain(more).find(|name| taken.insert(name.clone()));
            names.extend(free.map(|name| (component.id.as_str(), name)));
        }
        Self(names)
    }

    /// The id of a component; a design that was checked has one for each.
    pub(super) fn get(&self, id: &str) -> &str {
        self.0.get(id).map_or("c_", String::as_str)
    }
}

/// A text in which nothing means anything to Mermaid.
pub(super) fn escaped(text: &str) -> String {
    escaped_but(text, "")
}

/// The same, but for these characters.
pub(super) fn escaped_but(text: &str, allowed: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.trim().chars() {
        match c {
            '\n' => escaped.push_str("<br/>"),
            c if c.is_control() => escaped.push(' '),
            c if c.is_alphanumeric() || " .,_".contains(c) || allowed.contains(c) => {
                escaped.push(c);
            }
            c if c.is_ascii() => escaped.extend(["#", &u32::from(c).to_string(), ";"]),
            c => escaped.push(c),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn ids_are_plain_and_each_is_one_components() {
        let ids = ["a b", "a-b", "end", "ä"];
        let components: Vec<_> = ids.iter().map(|id| json!({ "id": id })).collect();
        let design: Design =
            serde_json::from_value(json!({ "kind": "class", "components": components })).unwrap();
        let names = Names::of(&design);
        assert_eq!(ids.map(|id| names.get(id)), ["c_a_b", "c_a_b_2", "c_end", "c__"]);
    }

    #[test]
    fn what_means_something_is_written_as_an_entity() {
        assert_eq!(escaped("a \"b\" <c>; #d\ne"), "a #34;b#34; #60;c#62;#59; #35;d<br/>e");
        assert_eq!(escaped("Größe 1.0"), "Größe 1.0");
    }
}
