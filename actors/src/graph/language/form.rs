//! [`Form`]: how a text is read.

/// How a text is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::graph) enum Form {
    /// As one value.
    Expression,
    /// As a text with places to fill in.
    Template,
}

impl Form {
    /// What it is called.
    pub(in crate::graph) fn word(self) -> &'static str {
        match self {
            Self::Expression => "expression",
            Self::Template => "template",
        }
    }
}
