//! The real Claude Code.
