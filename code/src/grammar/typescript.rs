//! TypeScript and TSX: what they add to JavaScript.

use super::Part::{Declares, Wraps};
use super::SymbolKind::{Class, Enum, Function, Interface, Method, Module, Type};
use super::table::Parts;

pub(super) const PARTS: Parts = &[
    ("ambient_declaration", Wraps),
    ("expression_statement", Wraps),
    ("abstract_class_declaration", Declares(Class)),
    ("interface_declaration", Declares(Interface)),
    ("type_alias_declaration", Declares(Type)),
    ("enum_declaration", Declares(Enum)),
    ("internal_module", Declares(Module)),
    ("module", Declares(Module)),
    ("function_signature", Declares(Function)),
    ("abstract_method_signature", Declares(Method)),
    ("public_field_definition", Declares(Method)),
];
