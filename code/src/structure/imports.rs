//! The imports of each language.

use tree_sitter::Node;

use super::{Import, ImportKind};
use crate::Language;
use crate::syntax::Source;
use crate::text::excerpt;

/// What a node imports; many nodes of calls import nothing.
pub(super) fn of(source: &Source<'_>, node: Node<'_>) -> Vec<Import> {
    let found = match source.language {
        Language::Python => python(source, node),
        Language::JavaScript | Language::TypeScript | Language::Tsx => script(source, node),
        Language::Go => go(source, node),
        Language::Rust => rust(source, node),
    };
    let import = |found: Found<'_>| Import {
        kind: found.kind,
        module: excerpt(&found.module, 300),
        names: found.names.into_iter().map(|name| excerpt(name, 200)).collect(),
        span: source.span(node),
    };
    found.into_iter().map(import).collect()
}

struct Found<'t> {
    kind: ImportKind,
    module: String,
    names: Vec<&'t str>,
}

impl<'t> Found<'t> {
    fn new(module: &str, names: Vec<&'t str>) -> Self {
        Self { kind: ImportKind::Import, module: module.to_owned(), names }
    }

    fn by(self, kind: ImportKind) -> Self {
        Self { kind, ..self }
    }
}

fn python<'t>(source: &Source<'t>, node: Node<'_>) -> Vec<Found<'t>> {
    let mut cursor = node.walk();
    let original = |name: Node<'_>| source.field(name, "name").unwrap_or_else(|| source.of(name));
    let mut names: Vec<&str> =
        node.children_by_field_name("name", &mut cursor).map(original).collect();
    match node.kind() {
        "import_statement" => names.into_iter().map(|name| Found::new(name, Vec::new())).collect(),
        "future_import_statement" => vec![Found::new("__future__", names)],
        _ => {
            let is_wildcard = |child: Node<'_>| child.kind() == "wildcard_import";
            let last = node.named_child_count().saturating_sub(1);
            let last = u32::try_from(last).ok().and_then(|last| node.named_child(last));
            names.extend(last.filter(|last| is_wildcard(*last)).map(|_| "*"));
            vec![Found::new(source.field(node, "module_name").unwrap_or_default(), names)]
        }
    }
}

fn script<'t>(source: &Source<'t>, node: Node<'_>) -> Vec<Found<'t>> {
    if node.kind() == "call_expression" {
        return call(source, node).into_iter().collect();
    }
    let Some(module) = source.field(node, "source") else { return Vec::new() };
    let kind =
        if node.kind() == "export_statement" { ImportKind::Reexport } else { ImportKind::Import };
    vec![Found::new(unquoted(module), names(source, node)).by(kind)]
}

/// The names in the braces of an import or a re-export, the default's and a namespace's too.
fn names<'t>(source: &Source<'t>, node: Node<'_>) -> Vec<&'t str> {
    let mut open = vec![node];
    let mut names = Vec::new();
    while let Some(node) = open.pop() {
        match node.kind() {
            "import_specifier" | "export_specifier" => names.extend(source.field(node, "name")),
            "identifier" => names.push(source.of(node)),
            "namespace_import" | "namespace_export" | "*" => names.push("*"),
            "import_statement" | "export_statement" | "import_clause" | "named_imports"
            | "export_clause" => {
                let mut cursor = node.walk();
                let children: Vec<Node<'_>> = node.children(&mut cursor).collect();
                open.extend(children.into_iter().rev());
            }
            _ => {}
        }
    }
    names
}

/// `require("x")` and `import("x")`.
fn call<'t>(source: &Source<'t>, node: Node<'_>) -> Option<Found<'t>> {
    let function = node.child_by_field_name("function")?;
    if !matches!(source.of(function), "require" | "import") {
        return None;
    }
    let argument = node.child_by_field_name("arguments")?.named_child(0)?;
    let is_plain = argument.kind() == "string";
    is_plain.then(|| Found::new(unquoted(source.of(argument)), Vec::new()).by(ImportKind::Call))
}

fn go<'t>(source: &Source<'t>, node: Node<'_>) -> Vec<Found<'t>> {
    let path = source.field(node, "path").unwrap_or_default();
    let all = source.field(node, "name").filter(|name| *name == ".").map(|_| "*");
    vec![Found::new(unquoted(path), all.into_iter().collect())]
}

fn rust<'t>(source: &Source<'t>, node: Node<'_>) -> Vec<Found<'t>> {
    match node.kind() {
        "mod_item" => {
            let name = source.field(node, "name").unwrap_or_default();
            vec![Found::new(name, Vec::new()).by(ImportKind::Module)]
        }
        "extern_crate_declaration" => {
            vec![Found::new(source.field(node, "name").unwrap_or_default(), Vec::new())]
        }
        _ => uses(source, node),
    }
}

/// A use tree's leaves, one import for each path that has names.
fn uses<'t>(source: &Source<'t>, node: Node<'_>) -> Vec<Found<'t>> {
    let mut open: Vec<(String, Node<'_>)> = Vec::new();
    open.extend(node.child_by_field_name("argument").map(|argument| (String::new(), argument)));
    let mut found: Vec<Found<'t>> = Vec::new();
    // A path is written once per level: a hostile tree of braces must not cost its square.
    let mut budget: usize = 100_000;
    while let Some((prefix, node)) = open.pop() {
        budget = budget.saturating_sub(prefix.len() + 1);
        if budget == 0 {
            break;
        }
        match node.kind() {
            "scoped_use_list" => {
                let below = join(&prefix, source.field(node, "path").unwrap_or_default());
                open.extend(node.child_by_field_name("list").map(|list| (below, list)));
            }
            "use_list" => {
                let mut cursor = node.walk();
                let leaves: Vec<Node<'_>> = node.named_children(&mut cursor).collect();
                open.extend(leaves.into_iter().rev().map(|leaf| (prefix.clone(), leaf)));
            }
            "line_comment" | "block_comment" => {}
            _ => leaf(source, &prefix, node, &mut found),
        }
    }
    found
}

fn leaf<'t>(source: &Source<'t>, prefix: &str, node: Node<'_>, found: &mut Vec<Found<'t>>) {
    let text = match node.kind() {
        "use_as_clause" => source.field(node, "path").unwrap_or_default(),
        _ => source.of(node),
    };
    let (path, name) = match text.rsplit_once("::") {
        Some((path, name)) => (join(prefix, path), name),
        None if prefix.is_empty() => (text.to_owned(), ""),
        None => (prefix.to_owned(), text),
    };
    let names = (!name.is_empty()).then_some(name);
    match found.last_mut().filter(|last| last.module == path) {
        Some(last) => last.names.extend(names),
        None => found.push(Found::new(&path, names.into_iter().collect())),
    }
}

fn join(prefix: &str, path: &str) -> String {
    if prefix.is_empty() { path.to_owned() } else { format!("{prefix}::{path}") }
}

fn unquoted(text: &str) -> &str {
    text.trim_matches(['"', '\'', '`'])
}
