//! What code declares, as Markdown: from the symbols that the grammar finds, in the order in which they stand, with the words
//! that somebody has for them.

use super::markdown::{code, line, section};
use callboard_code::{Codebase, Language, Parsed, SourceFile, Symbol, SymbolKind};
use std::collections::BTreeMap;

/// Words for files and symbols, by path, name, or name with its container.
pub(super) type Words = BTreeMap<String, String>;

/// The document, and how many symbols are in it.
pub(super) fn document(
    title: &str,
    introduction: &str,
    codebase: &Codebase,
    words: &Words,
    all: bool,
) -> (String, usize) {
    let (mut text, mut count) = (format!("# {}\n", line(title)), 0);
    if !introduction.trim().is_empty() {
        text.extend(["\n", introduction.trim(), "\n"]);
    }
    for SourceFile { path, report } in &codebase.files {
        let parsed = &report.parsed;
        let shown: Vec<&Symbol> =
            parsed.symbols.iter().filter(|symbol| all || is_public(parsed, symbol)).collect();
        if shown.is_empty() {
            continue;
        }
        count += shown.len();
        text.extend(["\n## `", path, "`\n"]);
        if let Some(words) = words.get(path) {
            text.extend(["\n", words.trim(), "\n"]);
        }
        text.extend(shown.into_iter().map(|symbol| entry(parsed.language, symbol, words)));
    }
    (text, count)
}

fn entry(language: Language, symbol: &Symbol, words: &Words) -> String {
    let name = full_name(language, symbol);
    let said = words.get(&name).or_else(|| words.get(&symbol.name)).map_or("", String::as_str);
    let doc = symbol.doc.as_deref().unwrap_or_default();
    let both = [doc.trim(), said.trim()].into_iter().filter(|text| !text.is_empty());
    let body = std::iter::once(code(language.name(), &symbol.signature))
        .chain(both.map(|text| format!("\n{text}\n")));
    section(&format!("### `{name}`"), &body.collect::<String>())
}

fn full_name(language: Language, symbol: &Symbol) -> String {
    match &symbol.container {
        Some(container) => format!("{container}{}{}", language.separator(), symbol.name),
        None => symbol.name.clone(),
    }
}

/// Whether others are to use it, by what the language says, or else its people.
fn is_public(parsed: &Parsed, symbol: &Symbol) -> bool {
    match parsed.language {
        Language::Python => !symbol.name.starts_with('_') || symbol.name == "__init__",
        Language::Go => symbol.name.starts_with(char::is_uppercase),
        Language::Rust => is_public_in_rust(parsed, symbol),
        _ => !symbol.name.starts_with(['_', '#']) && !symbol.signature.starts_with("private "),
    }
}

/// What a trait has is as public as the trait.
fn is_public_in_rust(parsed: &Parsed, symbol: &Symbol) -> bool {
    let is_pub = |symbol: &Symbol| symbol.signature.starts_with("pub ");
    let of_trait = || {
        let container = symbol.container.as_deref()?;
        parsed
            .symbols
            .iter()
            .find(|other| other.kind == SymbolKind::Trait && other.name == container)
    };
    is_pub(symbol) || of_trait().is_some_and(is_pub)
}
