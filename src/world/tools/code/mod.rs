//! The tools that understand code: `parse_code`, `validate_syntax`, `find_issues`, `analyze_codebase`; and
//! [`refuse_broken`], by which those who write files refuse what does not parse.
//!
//! All understanding is the crate `callboard-code`. Nothing is run, nothing is fetched, and every call ends in time.

mod analyze_codebase;
mod find_issues;
mod gate;
mod parse_code;
mod subject;
mod validate_syntax;

pub(super) use analyze_codebase::{AnalyzeCodebase, cache, options, tool as analyze_codebase};
pub(super) use find_issues::{FindIssues, tool as find_issues};
pub(super) use gate::{refuse_broken, refuse_worse};
pub(super) use parse_code::{ParseCode, tool as parse_code};
pub(super) use validate_syntax::{ValidateSyntax, tool as validate_syntax};
