//! The second look at what seems to declare something: what it is here, and under which names.

use tree_sitter::Node;

use super::SymbolKind::{self, Class, Constant, Function, Interface, Method, Struct, Variable};
use crate::Language;
use crate::syntax::Source;

/// What is around a declaration.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Around {
    /// Whether it stands in a function.
    pub(super) in_function: bool,
    /// Whether what it stands in directly has methods.
    pub(super) has_methods: bool,
    /// Where that begins which it is part of: `const a = 1, b = 2`.
    pub(super) begins: Option<usize>,
}

/// The symbols that a node declares, and the part of it that runs; none where it only seemed so.
pub(super) fn by<'t>(
    source: &Source<'t>,
    node: Node<'_>,
    kind: SymbolKind,
    around: Around,
) -> Vec<(SymbolKind, &'t str)> {
    let kind = match source.language {
        Language::Python => python(source, node, kind, around),
        Language::JavaScript | Language::TypeScript | Language::Tsx => {
            script(source, node, kind, around)
        }
        Language::Go => go(node, kind, around),
        Language::Rust if kind == Function && around.has_methods => Some(Method),
        Language::Rust => Some(kind),
    };
    let field = if node.kind() == "field_definition" { "property" } else { "name" };
    let field = if source.language == Language::Python && !kind.is_some_and(is_named) {
        "left"
    } else {
        field
    };
    let mut cursor = node.walk();
    let names = node.children_by_field_name(field, &mut cursor).filter(Node::is_named);
    let names = names.map(|name| source.of(name)).filter(|name| !name.is_empty() && *name != "_");
    kind.map(|kind| names.map(|name| (kind, name)).collect()).unwrap_or_default()
}

/// What Python writes with `def` and `class`.
fn is_named(kind: SymbolKind) -> bool {
    matches!(kind, Function | Method | Class)
}

/// The function that a declaration holds: itself, or its value.
pub(super) fn body(node: Node<'_>) -> Option<Node<'_>> {
    let value = || node.child_by_field_name("value")?.child_by_field_name("body");
    node.child_by_field_name("body").or_else(value)
}

fn python(
    source: &Source<'_>,
    node: Node<'_>,
    kind: SymbolKind,
    around: Around,
) -> Option<SymbolKind> {
    match kind {
        Function if around.has_methods => Some(Method),
        Variable if around.in_function => None,
        Variable => {
            let left =
                node.child_by_field_name("left").filter(|left| left.kind() == "identifier")?;
            let is_upper = !source.of(left).contains(char::is_lowercase);
            Some(if is_upper { Constant } else { Variable })
        }
        _ => Some(kind),
    }
}

fn script(
    source: &Source<'_>,
    node: Node<'_>,
    kind: SymbolKind,
    around: Around,
) -> Option<SymbolKind> {
    let value = node.child_by_field_name("value").map_or("", |value| value.kind());
    let is_function =
        matches!(value, "arrow_function" | "function_expression" | "generator_function");
    match node.kind() {
        "field_definition" | "public_field_definition" => is_function.then_some(Method),
        "variable_declarator" if is_function => Some(Function),
        "variable_declarator" if value == "class" => Some(Class),
        "variable_declarator" if around.in_function || !has_plain_name(node) => None,
        "variable_declarator" => Some(if is_const(source, around) { Constant } else { Variable }),
        _ => Some(kind),
    }
}

fn has_plain_name(node: Node<'_>) -> bool {
    node.child_by_field_name("name").is_some_and(|name| name.kind() == "identifier")
}

/// Whether it is part of a declaration that begins with `const`.
fn is_const(source: &Source<'_>, around: Around) -> bool {
    around.begins.is_some_and(|start| source.text[start..].starts_with("const"))
}

fn go(node: Node<'_>, kind: SymbolKind, around: Around) -> Option<SymbolKind> {
    let type_kind = || node.child_by_field_name("type").map_or("", |of| of.kind());
    match kind {
        Constant | Variable if around.in_function => None,
        SymbolKind::Type => Some(match type_kind() {
            "struct_type" => Struct,
            "interface_type" => Interface,
            _ => kind,
        }),
        _ => Some(kind),
    }
}
