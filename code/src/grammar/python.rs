//! Python. Complexity as radon counts it (comprehensions too), but without assertions; match as McCabe's switch.

use super::Flow::{Branches, Cases, Decides, Nests};
use super::Part::{Comment, Declares, Imports, Wraps};
use super::SymbolKind::{Class, Function, Type, Variable};
use super::table::{Flows, Parts};

pub(super) const PARTS: Parts = &[
    ("comment", Comment),
    ("decorated_definition", Wraps),
    ("expression_statement", Wraps),
    ("function_definition", Declares(Function)),
    ("class_definition", Declares(Class)),
    ("type_alias_statement", Declares(Type)),
    ("assignment", Declares(Variable)),
    ("import_statement", Imports),
    ("import_from_statement", Imports),
    ("future_import_statement", Imports),
];

pub(super) const FLOWS: Flows = &[
    ("if_statement", Branches),
    ("elif_clause", Decides),
    ("for_statement", Branches),
    ("while_statement", Branches),
    ("try_statement", Nests),
    ("except_clause", Decides),
    ("with_statement", Nests),
    ("match_statement", Nests),
    ("case_clause", Cases),
    ("conditional_expression", Decides),
    ("for_in_clause", Decides),
    ("if_clause", Decides),
    ("and", Decides),
    ("or", Decides),
];
