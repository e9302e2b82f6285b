//! Go. Complexity as gocyclo counts it.

use super::Flow::{Branches, Decides, Nests};
use super::Part::{Comment, Declares, Imports, Wraps};
use super::SymbolKind::{Constant, Function, Method, Type, Variable};
use super::table::{Flows, Parts};

pub(super) const PARTS: Parts = &[
    ("comment", Comment),
    ("type_declaration", Wraps),
    ("const_declaration", Wraps),
    ("var_declaration", Wraps),
    ("var_spec_list", Wraps),
    ("function_declaration", Declares(Function)),
    ("method_declaration", Declares(Method)),
    ("type_spec", Declares(Type)),
    ("type_alias", Declares(Type)),
    ("const_spec", Declares(Constant)),
    ("var_spec", Declares(Variable)),
    ("import_spec", Imports),
];

pub(super) const FLOWS: Flows = &[
    ("if_statement", Branches),
    ("for_statement", Branches),
    ("expression_switch_statement", Nests),
    ("type_switch_statement", Nests),
    ("select_statement", Nests),
    ("expression_case", Decides),
    ("type_case", Decides),
    ("communication_case", Decides),
    ("&&", Decides),
    ("||", Decides),
];
