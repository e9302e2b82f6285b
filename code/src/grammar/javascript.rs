//! JavaScript, and what TypeScript has of it. Complexity as ESLint's rule `complexity` counts it, but without
//! optional chains and default values.

use super::Flow::{Branches, Decides, Nests};
use super::Part::{Attribute, Comment, Declares, Imports, Wraps};
use super::SymbolKind::{Class, Constant, Function, Method};
use super::table::{Flows, Parts};

pub(super) const PARTS: Parts = &[
    ("comment", Comment),
    ("decorator", Attribute),
    ("export_statement", Wraps),
    ("lexical_declaration", Wraps),
    ("variable_declaration", Wraps),
    ("function_declaration", Declares(Function)),
    ("generator_function_declaration", Declares(Function)),
    ("class_declaration", Declares(Class)),
    ("method_definition", Declares(Method)),
    ("variable_declarator", Declares(Constant)),
    ("import_statement", Imports),
    ("call_expression", Imports),
];

/// A class's field that holds a function is a method.
pub(super) const FIELDS: Parts = &[("field_definition", Declares(Method))];

pub(super) const FLOWS: Flows = &[
    ("if_statement", Branches),
    ("for_statement", Branches),
    ("for_in_statement", Branches),
    ("while_statement", Branches),
    ("do_statement", Branches),
    ("switch_statement", Nests),
    ("switch_case", Decides),
    ("try_statement", Nests),
    ("catch_clause", Decides),
    ("ternary_expression", Decides),
    ("&&", Decides),
    ("||", Decides),
    ("??", Decides),
];
