//! Rust. A match of n arms has n ways; `?` is no decision, as in clippy's older cyclomatic lint, nor is `loop`,
//! whose way out is an `if` that counts.

use super::Flow::{Branches, Decides, Matches, Nests};
use super::Part::{Attribute, Comment, Declares, Imports, Scope};
use super::SymbolKind::{
    Constant, Enum, Function, Macro, Module, Struct, Trait, Type, Union, Variable,
};
use super::table::{Flows, Parts};

pub(super) const PARTS: Parts = &[
    ("line_comment", Comment),
    ("block_comment", Comment),
    ("attribute_item", Attribute),
    ("impl_item", Scope),
    ("mod_item", Declares(Module)),
    ("struct_item", Declares(Struct)),
    ("enum_item", Declares(Enum)),
    ("union_item", Declares(Union)),
    ("trait_item", Declares(Trait)),
    ("type_item", Declares(Type)),
    ("function_item", Declares(Function)),
    ("function_signature_item", Declares(Function)),
    ("const_item", Declares(Constant)),
    ("static_item", Declares(Variable)),
    ("macro_definition", Declares(Macro)),
    ("use_declaration", Imports),
    ("extern_crate_declaration", Imports),
];

pub(super) const FLOWS: Flows = &[
    ("if_expression", Branches),
    ("while_expression", Branches),
    ("for_expression", Branches),
    ("loop_expression", Nests),
    ("match_expression", Matches),
    ("match_arm", Decides),
    ("&&", Decides),
    ("||", Decides),
];
