//! A grammar with its tables, made once: names of nodes become numbers.

use std::sync::LazyLock;

use super::{Flow, Part, go, javascript, python, rust, typescript};
use crate::Language;

/// The names of nodes and what they are.
pub(super) type Parts = &'static [(&'static str, Part)];
/// The names of nodes, of tokens too (`&&`), and what they do.
pub(super) type Flows = &'static [(&'static str, Flow)];

/// A language's grammar and what its nodes mean.
#[derive(Debug)]
pub(crate) struct Grammar {
    pub(crate) language: tree_sitter::Language,
    /// What an `if` stands in that goes on from another one; 0 where the grammar has no such node.
    pub(crate) else_clause: u16,
    parts: Vec<Part>,
    flows: Vec<Flow>,
}

static GRAMMARS: LazyLock<[Grammar; 6]> = LazyLock::new(|| Language::ALL.map(Grammar::make));

impl Grammar {
    pub(crate) fn of(language: Language) -> &'static Self {
        &GRAMMARS[language as usize]
    }

    pub(crate) fn part(&self, kind: u16) -> Part {
        self.parts.get(usize::from(kind)).copied().unwrap_or_default()
    }

    pub(crate) fn flow(&self, kind: u16) -> Flow {
        self.flows.get(usize::from(kind)).copied().unwrap_or_default()
    }

    fn make(language: Language) -> Self {
        let tree_sitter = tree_sitter::Language::new(match language {
            Language::Python => tree_sitter_python::LANGUAGE,
            Language::JavaScript => tree_sitter_javascript::LANGUAGE,
            Language::TypeScript => tree_sitter_typescript::LANGUAGE_TYPESCRIPT,
            Language::Tsx => tree_sitter_typescript::LANGUAGE_TSX,
            Language::Go => tree_sitter_go::LANGUAGE,
            Language::Rust => tree_sitter_rust::LANGUAGE,
        });
        let mut parts = vec![Part::default(); tree_sitter.node_kind_count()];
        let mut flows = vec![Flow::default(); tree_sitter.node_kind_count()];
        let (named_parts, named_flows) = tables(language);
        for (name, part) in named_parts.iter().copied().flatten() {
            fill(&tree_sitter, &mut parts, name, *part);
        }
        for (name, flow) in named_flows.iter().copied().flatten() {
            fill(&tree_sitter, &mut flows, name, *flow);
        }
        let else_clause = tree_sitter.id_for_node_kind("else_clause", true);
        Self { language: tree_sitter, else_clause, parts, flows }
    }
}

/// A name may have several numbers (aliases), so all of that name get the meaning.
fn fill<T: Copy>(language: &tree_sitter::Language, table: &mut [T], name: &str, meaning: T) {
    for (kind, slot) in table.iter_mut().enumerate() {
        if u16::try_from(kind).is_ok_and(|kind| language.node_kind_for_id(kind) == Some(name)) {
            *slot = meaning;
        }
    }
}

fn tables(language: Language) -> (&'static [Parts], &'static [Flows]) {
    match language {
        Language::Python => (&[python::PARTS], &[python::FLOWS]),
        Language::JavaScript => (&[javascript::PARTS, javascript::FIELDS], &[javascript::FLOWS]),
        Language::TypeScript | Language::Tsx => {
            (&[javascript::PARTS, typescript::PARTS], &[javascript::FLOWS])
        }
        Language::Go => (&[go::PARTS], &[go::FLOWS]),
        Language::Rust => (&[rust::PARTS], &[rust::FLOWS]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_in_a_table_is_a_node_of_its_grammar() {
        for language in Language::ALL {
            let grammar = Grammar::of(language);
            let is_node = |name: &str| {
                [true, false]
                    .iter()
                    .any(|named| grammar.language.id_for_node_kind(name, *named) != 0)
            };
            let (parts, flows) = tables(language);
            let parts = parts.iter().copied().flatten().map(|(name, _)| *name);
            let flows = flows.iter().copied().flatten().map(|(name, _)| *name);
            let strange: Vec<&str> = parts.chain(flows).filter(|name| !is_node(name)).collect();
            assert_eq!(strange, Vec::<&str>::new(), "{language}");
        }
    }
}
