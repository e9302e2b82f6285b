//! One walk that gathers everything about a file's structure.

use std::ops::Range;

use tree_sitter::Node;

use super::complexity::Counter;
use super::declared::{self, Around};
use super::lead::{Extent, Lead, Leads};
use super::{Import, Symbol, SymbolKind, doc, imports};
use crate::Language;
use crate::grammar::{Flow, Part};
use crate::syntax::{At, Source, Visit};
use crate::text::excerpt;

/// What has been gathered so far.
pub(super) struct Outline<'s, 't> {
    source: &'s Source<'t>,
    scopes: Vec<Scope>,
    /// How many of the scopes are functions.
    functions: usize,
    leads: Leads,
    pub(super) counter: Counter,
    pub(super) symbols: Vec<Symbol>,
    pub(super) imports: Vec<Import>,
    pub(super) comments: Vec<Range<usize>>,
    pub(super) left_out: usize,
}

/// What names the declarations inside.
struct Scope {
    depth: usize,
    name: String,
    kind: Option<SymbolKind>,
}

impl<'s, 't> Outline<'s, 't> {
    pub(super) fn new(source: &'s Source<'t>) -> Self {
        Self {
            source,
            scopes: Vec::new(),
            functions: 0,
            leads: Leads::default(),
            counter: Counter::default(),
            symbols: Vec::new(),
            imports: Vec::new(),
            comments: Vec::new(),
            left_out: 0,
        }
    }

    fn comment(&mut self, depth: usize, node: Node<'_>) {
        let extent = self.extent(node);
        self.comments.push(extent.bytes.clone());
        // A comment behind code on its line is about that.
        let line_start = node.start_byte() - node.start_position().column;
        if self.source.slice(line_start..node.start_byte()).trim().is_empty() {
            self.leads.wait(depth, &extent, true);
        }
    }

    /// Without the end of line that some grammars count to a comment.
    fn extent(&self, node: Node<'_>) -> Extent {
        let text = self.source.of(node);
        let bytes =
            node.start_byte()..node.start_byte() + text.trim_end_matches(['\n', '\r']).len();
        let (first, last) = (node.start_position().row, node.end_position());
        let ends_before =
            usize::from(last.column == 0 && last.row > first && bytes.end < node.end_byte());
        Extent { bytes, rows: first..last.row - ends_before }
    }

    fn import(&mut self, node: Node<'_>) {
        for import in imports::of(self.source, node) {
            if self.imports.len() < self.source.items {
                self.imports.push(import);
            } else {
                self.left_out += 1;
            }
        }
    }

    fn declare(&mut self, depth: usize, node: Node<'_>, kind: SymbolKind, lead: &Lead) {
        if node.kind() == "mod_item" && declared::body(node).is_none() {
            return self.import(node);
        }
        let in_function = self.functions > 0;
        let has_methods = self.scopes.last().is_some_and(Scope::has_methods);
        let declared = declared::by(
            self.source,
            node,
            kind,
            Around { in_function, has_methods, begins: lead.begins },
        );
        let symbols: Vec<Symbol> =
            declared.into_iter().map(|(kind, name)| self.symbol(node, kind, name, lead)).collect();
        if let Some(first) = symbols.first() {
            self.open(depth, node, first);
        }
        for symbol in symbols {
            if self.symbols.len() < self.source.items {
                self.symbols.push(symbol);
            } else {
                self.left_out += 1;
            }
        }
    }

    /// What is inside is in this symbol.
    fn open(&mut self, depth: usize, node: Node<'_>, symbol: &Symbol) {
        let is_function = symbol.kind.is_function();
        if is_function && declared::body(node).is_some() {
            self.counter.begin(depth, self.qualified(symbol), symbol.span.clone());
        }
        self.functions += usize::from(is_function);
        self.scopes.push(Scope { depth, name: symbol.name.clone(), kind: Some(symbol.kind) });
    }

    fn symbol(&self, node: Node<'_>, kind: SymbolKind, name: &str, lead: &Lead) -> Symbol {
        let span = self.source.span(node);
        let extent =
            self.source.places.span(lead.start.min(span.bytes.start)..lead.end.max(span.bytes.end));
        Symbol {
            kind,
            name: excerpt(name, 200),
            container: self.container(node),
            extent,
            signature: self.signature(node),
            doc: doc::of(self.source, node, &lead.comments),
            span,
        }
    }

    fn container(&self, node: Node<'_>) -> Option<String> {
        if self.source.language == Language::Go && node.kind() == "method_declaration" {
            return Some(self.receiver(node));
        }
        // Whoever nests deeper than that asks for the nearest.
        let nearest = &self.scopes[self.scopes.len().saturating_sub(8)..];
        let names: Vec<&str> = nearest.iter().map(|scope| scope.name.as_str()).collect();
        (!names.is_empty()).then(|| names.join(self.source.language.separator()))
    }

    /// `Store` of `func (s *Store[T]) Get()`.
    fn receiver(&self, node: Node<'_>) -> String {
        let receiver =
            self.source.field(node, "receiver").unwrap_or_default().trim_matches(['(', ')']);
        let of = receiver.split_whitespace().last().unwrap_or_default().trim_start_matches('*');
        excerpt(of.split('[').next().unwrap_or_default(), 200)
    }

    fn qualified(&self, symbol: &Symbol) -> String {
        let separator = self.source.language.separator();
        match &symbol.container {
            Some(container) => format!("{container}{separator}{}", symbol.name),
            None => symbol.name.clone(),
        }
    }

    /// The head of a declaration on one line.
    fn signature(&self, node: Node<'_>) -> String {
        let end = declared::body(node).map_or(node.end_byte(), |body| body.start_byte());
        let head = self.source.slice(node.start_byte()..end);
        let head =
            if end == node.end_byte() { head.lines().next().unwrap_or_default() } else { head };
        let words = head.split_whitespace().take(100).collect::<Vec<_>>().join(" ");
        excerpt(words.trim_end_matches([':', '{', '=', ';', ' ']).trim_end(), 200)
    }

    fn scope(&mut self, depth: usize, node: Node<'_>) {
        let name = self.source.field(node, "type").unwrap_or_default();
        let name = excerpt(name.split('<').next().unwrap_or_default(), 200);
        self.scopes.push(Scope { depth, name, kind: None });
    }

    fn count(&mut self, at: &At<'_, '_>) {
        let grammar = self.source.grammar;
        let flow = grammar.flow(at.node.kind_id());
        if flow == Flow::Straight || (flow == Flow::Cases && is_wildcard(self.source, at.node)) {
            return;
        }
        let in_else =
            at.above.last().is_some_and(|kind| *kind != 0 && *kind == grammar.else_clause);
        let goes_on =
            flow == Flow::Branches && (in_else || at.cursor.field_name() == Some("alternative"));
        self.counter.count(at.depth, flow, goes_on);
    }

    fn lead(&mut self, depth: usize, node: Node<'_>) -> Lead {
        let extent = self.extent(node);
        self.leads.take(depth, &extent)
    }

    fn wrap(&mut self, depth: usize, node: Node<'_>) {
        if node.kind() == "export_statement" {
            self.import(node);
        }
        self.docstring(node);
        let lead = self.lead(depth, node);
        let is_around_one = self.is_around_one(node);
        self.leads.wrap(lead, node.start_byte(), is_around_one);
    }

    fn is_around_one(&self, node: Node<'_>) -> bool {
        let declares = |child: &Node<'_>| {
            matches!(self.source.grammar.part(child.kind_id()), Part::Declares(_) | Part::Wraps)
        };
        node.named_children(&mut node.walk()).filter(declares).take(2).count() < 2
    }

    /// A statement that is nothing but a string counts as a comment.
    fn docstring(&mut self, node: Node<'_>) {
        let only = node
            .named_child(0)
            .filter(|child| node.named_child_count() == 1 && child.kind() == "string");
        if self.source.language == Language::Python {
            self.comments.extend(only.map(|string| string.byte_range()));
        }
    }
}

impl Scope {
    /// An `impl` has methods as a class has.
    fn has_methods(&self) -> bool {
        self.kind.is_none_or(SymbolKind::has_methods)
    }

    fn is_function(&self) -> bool {
        self.kind.is_some_and(SymbolKind::is_function)
    }
}

/// `case _` without a guard.
fn is_wildcard(source: &Source<'_>, node: Node<'_>) -> bool {
    let pattern = node.named_child(0).map(|pattern| source.of(pattern));
    pattern == Some("_") && node.child_by_field_name("guard").is_none()
}

impl<'t> Visit<'t> for Outline<'_, '_> {
    fn enter(&mut self, at: &At<'_, 't>) -> bool {
        let (node, depth) = (at.node, at.depth);
        self.count(at);
        match self.source.grammar.part(node.kind_id()) {
            _ if !node.is_named() => {}
            Part::Comment => self.comment(depth, node),
            Part::Attribute => {
                let extent = self.extent(node);
                self.leads.wait(depth, &extent, false);
            }
            Part::Declares(kind) => {
                let lead = self.lead(depth, node);
                self.declare(depth, node, kind, &lead);
            }
            Part::Wraps => self.wrap(depth, node),
            part => {
                self.leads.pass(depth);
                match part {
                    Part::Scope => self.scope(depth, node),
                    Part::Imports => self.import(node),
                    _ => {}
                }
            }
        }
        true
    }

    fn leave(&mut self, depth: usize) {
        self.counter.leave(depth);
        self.leads.leave(depth);
        let ended = self.scopes.pop_if(|scope| scope.depth == depth);
        self.functions -= usize::from(ended.is_some_and(|scope| scope.is_function()));
    }
}
