//! A text with its tree.

use std::ops::{ControlFlow, Range};

use tree_sitter::{Node, ParseOptions, Parser, Tree};

use crate::grammar::Grammar;
use crate::limits::Watch;
use crate::text::{Places, Span};
use crate::{Fault, Language, Limits};

/// A text with its tree; every text has one, also one that does not parse.
#[derive(Debug)]
pub(crate) struct Source<'t> {
    pub(crate) language: Language,
    pub(crate) grammar: &'static Grammar,
    pub(crate) text: &'t str,
    pub(crate) places: Places<'t>,
    pub(crate) tree: Tree,
    pub(crate) items: usize,
}

impl<'t> Source<'t> {
    /// Parses, and gives up when the watch says so.
    pub(crate) fn read(
        language: Language,
        text: &'t str,
        limits: &Limits,
        watch: &Watch,
    ) -> Result<Self, Fault> {
        watch.look()?;
        let grammar = Grammar::of(language);
        let mut parser = parser(grammar);
        let tree =
            feed(&mut parser, text, &mut || watch.look().is_err()).ok_or_else(|| watch.fault())?;
        Ok(Self { language, grammar, text, places: Places::new(text), tree, items: limits.items })
    }

    pub(crate) fn of(&self, node: Node<'_>) -> &'t str {
        self.slice(node.byte_range())
    }

    /// A node's field as text.
    pub(crate) fn field(&self, node: Node<'_>, name: &str) -> Option<&'t str> {
        node.child_by_field_name(name).map(|child| self.of(child))
    }

    pub(crate) fn slice(&self, bytes: Range<usize>) -> &'t str {
        self.text.get(bytes).unwrap_or_default()
    }

    pub(crate) fn span(&self, node: Node<'_>) -> Span {
        self.places.span(node.byte_range())
    }
}

/// A parser for a grammar.
pub(super) fn parser(grammar: &Grammar) -> Parser {
    let mut parser = Parser::new();
    parser.set_language(&grammar.language).expect("the grammars are built for this tree-sitter");
    parser
}

/// Parses until the end, or until it is told to stop.
pub(super) fn feed(
    parser: &mut Parser,
    text: &str,
    stop: &mut dyn FnMut() -> bool,
) -> Option<Tree> {
    let bytes = text.as_bytes();
    let mut progress =
        |_: &_| if stop() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) };
    let options = ParseOptions::new().progress_callback(&mut progress);
    parser.parse_with_options(&mut |at, _| bytes.get(at..).unwrap_or_default(), None, Some(options))
}
