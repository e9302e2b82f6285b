//! Who clients are.

/// Who all clients are: there is one token.
pub const PRINCIPAL: &str = "token";
