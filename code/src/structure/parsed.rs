//! A file's structure, and how to find a place in it.

use serde::{Deserialize, Serialize};

use super::outline::Outline;
use super::{Complexity, Import, LineCounts, Symbol};
use crate::limits::Watch;
use crate::syntax::{Source, walk};
use crate::text::Span;
use crate::{Fault, Language, Limits};

/// What a text is made of.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Parsed {
    /// The language it was read as.
    pub language: Language,
    /// Its length.
    pub bytes: usize,
    /// Its lines.
    pub lines: LineCounts,
    /// What it declares, in the order of their places; containers stand before what is in them.
    pub symbols: Vec<Symbol>,
    /// What it takes from elsewhere.
    pub imports: Vec<Import>,
    /// How involved it is.
    pub complexity: Complexity,
    /// Whether some of it did not parse: then the rest is what could be made of it.
    pub has_errors: bool,
    /// How many symbols and imports there are beyond [`Limits::items`].
    pub left_out: usize,
}

impl Parsed {
    /// The innermost symbol on a line (from 1), its comments and attributes included.
    pub fn symbol_at(&self, line: usize) -> Option<&Symbol> {
        let here = self.symbols.iter().filter(|symbol| symbol.extent.has_line(line));
        here.min_by_key(|symbol| symbol.extent.bytes.len())
    }

    /// The symbols of a name, either its own (`get`) or with containers (`Store.get`, `Store::get`), in the order of
    /// their places: a name may be declared more than once.
    pub fn symbols_named(&self, name: &str) -> Vec<&Symbol> {
        self.symbols.iter().filter(|symbol| self.is_named(symbol, name)).collect()
    }

    fn is_named(&self, symbol: &Symbol, name: &str) -> bool {
        let separator = self.language.separator();
        let Some((container, own)) = name.rsplit_once(separator) else {
            return symbol.name == name;
        };
        let outside = symbol.container.as_deref().and_then(|all| all.strip_suffix(container));
        symbol.name == own
            && outside.is_some_and(|rest| rest.is_empty() || rest.ends_with(separator))
    }

    /// All that belongs to the symbol of a name, if there is exactly one.
    pub fn range_of(&self, name: &str) -> Option<&Span> {
        let mut named = self.symbols.iter().filter(|symbol| self.is_named(symbol, name));
        let only = named.next()?;
        named.next().is_none().then_some(&only.extent)
    }
}

/// Tells a text's structure, also of one that does not parse, as far as it can be read.
pub fn parse(language: Language, text: &str, limits: &Limits) -> Result<Parsed, Fault> {
    let mut watch = Watch::start(text, limits)?;
    let source = Source::read(language, text, limits, &watch)?;
    structure(&source, &mut watch)
}

/// The same for a text that has been read.
pub(crate) fn structure(source: &Source<'_>, watch: &mut Watch) -> Result<Parsed, Fault> {
    let mut outline = Outline::new(source);
    walk(source, watch, &mut outline)?;
    Ok(Parsed {
        language: source.language,
        bytes: source.text.len(),
        lines: LineCounts::of(source.text, &outline.comments),
        symbols: outline.symbols,
        imports: outline.imports,
        complexity: outline.counter.finish(),
        has_errors: source.tree.root_node().has_error(),
        left_out: outline.left_out,
    })
}
