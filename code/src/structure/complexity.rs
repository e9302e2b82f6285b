//! How many ways lead through a function: McCabe's cyclomatic number.
//!
//! T. J. McCabe, "A Complexity Measure", IEEE Transactions on Software Engineering SE-2 (1976); counted by decisions,
//! as NIST Special Publication 500-235, section 4.1, does: 1, and 1 more for each `if`, loop with a condition, case
//! (not `default`, not `case _`), `catch`, conditional expression, comprehension and its conditions, and each `and`,
//! `or` and `??`. A match that has to be exhaustive counts its arms less one. The tables in `grammar` say which nodes
//! these are. Functions without a name of their own (closures, callbacks) count for the one around them; functions with
//! a name count for themselves.

use serde::{Deserialize, Serialize};

use crate::grammar::Flow;
use crate::text::Span;

/// The complexity of a file and of each of its functions.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Complexity {
    /// The sum over its functions, and the decisions outside of them.
    pub total: u64,
    /// Its functions, in the order of their places.
    pub functions: Vec<FunctionMeasure>,
}

/// How large and how involved a function is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FunctionMeasure {
    /// Its name with its container's.
    pub name: String,
    /// The function from its first word to its end.
    pub span: Span,
    /// How many lines it has.
    pub lines: usize,
    /// Its cyclomatic complexity, 1 or more.
    pub complexity: u64,
    /// How deep its statements are nested: an `if` in a loop is 2.
    pub nesting: usize,
}

/// Counts while a tree is walked.
#[derive(Debug, Default)]
pub(super) struct Counter {
    outside: i64,
    open: Vec<Open>,
    done: Vec<(usize, FunctionMeasure)>,
    begun: usize,
}

#[derive(Debug)]
struct Open {
    depth: usize,
    number: usize,
    name: String,
    span: Span,
    ways: i64,
    /// The depths of the nodes that nest.
    nests: Vec<usize>,
    deepest: usize,
}

impl Counter {
    /// A function begins at this depth.
    pub(super) fn begin(&mut self, depth: usize, name: String, span: Span) {
        let number = self.begun;
        self.begun += 1;
        self.open.push(Open { depth, number, name, span, ways: 1, nests: Vec::new(), deepest: 0 });
    }

    /// A node at this depth decides or nests; what goes on from an `else` does not nest anew.
    pub(super) fn count(&mut self, depth: usize, flow: Flow, goes_on: bool) {
        let ways = match flow {
            Flow::Straight | Flow::Nests => 0,
            Flow::Decides | Flow::Branches | Flow::Cases => 1,
            Flow::Matches => -1,
        };
        let Some(open) = self.open.last_mut() else {
            self.outside += ways;
            return;
        };
        open.ways += ways;
        if matches!(flow, Flow::Branches | Flow::Nests | Flow::Matches) && !goes_on {
            open.nests.push(depth);
            open.deepest = open.deepest.max(open.nests.len());
        }
    }

    /// The node of this depth ends.
    pub(super) fn leave(&mut self, depth: usize) {
        let Some(open) = self.open.last_mut() else { return };
        if open.nests.last() == Some(&depth) {
            open.nests.pop();
        }
        if open.depth == depth {
            self.done.extend(self.open.pop().map(|open| (open.number, open.measure())));
        }
    }

    pub(super) fn finish(mut self) -> Complexity {
        self.done.sort_by_key(|(number, _)| *number);
        let functions: Vec<FunctionMeasure> =
            self.done.into_iter().map(|(_, measure)| measure).collect();
        let outside = u64::try_from(self.outside).unwrap_or(0);
        let total = functions.iter().map(|function| function.complexity).sum::<u64>() + outside;
        Complexity { total, functions }
    }
}

impl Open {
    fn measure(self) -> FunctionMeasure {
        FunctionMeasure {
            name: self.name,
            lines: self.span.lines(),
            span: self.span,
            // A match without arms has one way fewer than nothing.
            complexity: u64::try_from(self.ways).unwrap_or(0).max(1),
            nesting: self.deepest,
        }
    }
}
