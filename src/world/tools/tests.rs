//! Each tool against a real journal, and what it says when it cannot.
