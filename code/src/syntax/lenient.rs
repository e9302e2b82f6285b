//! What grammars let pass and compilers do not, where it is a matter of syntax.
//!
//! A file that is written because it parses has to be one that its compiler takes. Python's grammar reads Python 2 as
//! well and is lenient with indents; those of Go and Rust take statements outside functions, so that snippets
//! parse. So a few checks stand beside the tree.

use std::ops::Range;

use tree_sitter::Node;

use super::{Source, SyntaxErrorKind};
use crate::Language;

/// What is wrong, and where.
type Faults = Vec<(SyntaxErrorKind, Range<usize>)>;

/// What is wrong with a node that is no error to the grammar, in a tree without errors.
pub(super) fn faults(source: &Source<'_>, node: Node<'_>) -> Faults {
    match (source.language, node.kind()) {
        (Language::Go | Language::Rust, "source_file") => outside(source, node),
        (Language::Python, "print_statement" | "exec_statement") => vec![old(source, node)],
        (Language::Python, "block" | "module" | "decorated_definition") => indents(source, node),
        (Language::Python, "if_statement" | "for_statement" | "while_statement") => {
            clauses(source, node)
        }
        (Language::Python, "try_statement") => {
            alone(node).into_iter().chain(clauses(source, node)).collect()
        }
        _ => Vec::new(),
    }
}

/// Whether faults can be anywhere in a text, so that all of it has to be walked.
pub(super) const fn are_anywhere(language: Language) -> bool {
    matches!(language, Language::Python)
}

/// What stands outside a function and is no declaration, and Go's package clause, if it is not there.
fn outside(source: &Source<'_>, file: Node<'_>) -> Faults {
    let mut cursor = file.walk();
    let children = || file.named_children(&mut file.walk()).collect::<Vec<_>>();
    let strange = file.named_children(&mut cursor).filter(|node| !is_declaration(source, *node));
    let mut faults: Faults = strange
        .map(|node| (unexpected("statement outside a function"), first_line(source, node)))
        .collect();
    let is_package = |node: &Node<'_>| node.kind() == "package_clause";
    if source.language == Language::Go && !children().iter().any(is_package) {
        let what = "a package clause".to_owned();
        faults.insert(0, (SyntaxErrorKind::Missing { what }, 0..0));
    }
    faults
}

fn is_declaration(source: &Source<'_>, node: Node<'_>) -> bool {
    match (source.language, node.kind()) {
        (_, "comment" | "line_comment" | "block_comment") => true,
        (Language::Go, kind) => {
            kind == "package_clause"
                || (kind.ends_with("_declaration") && kind != "short_var_declaration")
        }
        (_, "let_declaration") => false,
        (_, "expression_statement") => {
            node.named_child(0).is_some_and(|inner| inner.kind() == "macro_invocation")
        }
        (_, "macro_invocation" | "macro_definition" | "shebang") => true,
        (_, kind) => kind.ends_with("_item") || kind.ends_with("_declaration"),
    }
}

fn first_line(source: &Source<'_>, node: Node<'_>) -> Range<usize> {
    let line = source.of(node).lines().next().unwrap_or_default();
    node.start_byte()..node.start_byte() + line.len()
}

fn old(source: &Source<'_>, node: Node<'_>) -> (SyntaxErrorKind, Range<usize>) {
    let word = source
        .of(node)
        .split(|character: char| !character.is_alphabetic())
        .next()
        .unwrap_or_default();
    let found = format!("statement of Python 2: `{word}` is a function");
    (unexpected(&found), node.start_byte()..node.start_byte() + word.len())
}

/// A `try` that neither catches nor ends in order.
fn alone(node: Node<'_>) -> Option<(SyntaxErrorKind, Range<usize>)> {
    let mut cursor = node.walk();
    let is_handler = |child: Node<'_>| matches!(child.kind(), "except_clause" | "finally_clause");
    let what = "`except` or `finally`".to_owned();
    let is_alone = !node.named_children(&mut cursor).any(is_handler);
    is_alone.then(|| (SyntaxErrorKind::Missing { what }, node.end_byte()..node.end_byte()))
}

fn unexpected(found: &str) -> SyntaxErrorKind {
    SyntaxErrorKind::Unexpected { found: found.to_owned(), expected: Vec::new() }
}

/// The statements of a block that begin a line are indented as its first, those of a module not at all.
fn indents(source: &Source<'_>, block: Node<'_>) -> Faults {
    let mut cursor = block.walk();
    let mut statements =
        block.named_children(&mut cursor).filter(|node| node.kind() != "comment").peekable();
    let is_module = block.kind() == "module";
    let Some(first) = statements.peek() else {
        let what = "an indented block".to_owned();
        let missing = (SyntaxErrorKind::Missing { what }, block.start_byte()..block.start_byte());
        return if is_module { Vec::new() } else { vec![missing] };
    };
    let Some(indent) = (if is_module { Some("") } else { indent(source, *first) }) else {
        return Vec::new();
    };
    let differs = |node: &Node<'_>| self::indent(source, *node).is_some_and(|own| own != indent);
    statements.filter(differs).map(indented).collect()
}

/// `else`, `except` and their like are indented as what they belong to.
fn clauses(source: &Source<'_>, node: Node<'_>) -> Faults {
    let Some(own) = indent(source, node) else { return Vec::new() };
    let mut cursor = node.walk();
    let clauses =
        node.named_children(&mut cursor).filter(|child| child.kind().ends_with("_clause"));
    let differs = |clause: &Node<'_>| indent(source, *clause).is_some_and(|other| other != own);
    clauses.filter(differs).map(indented).collect()
}

fn indented(node: Node<'_>) -> (SyntaxErrorKind, Range<usize>) {
    (unexpected("indent"), node.start_byte()..node.start_byte())
}

/// What stands before a node on its line, if that is only white space.
fn indent<'t>(source: &Source<'t>, node: Node<'_>) -> Option<&'t str> {
    let before = source.slice(node.start_byte() - node.start_position().column..node.start_byte());
    let before = before.trim_start_matches(['\u{feff}', '\u{c}']);
    before.trim_start_matches([' ', '\t']).is_empty().then_some(before)
}
