//! What stands before a declaration and belongs to it: comments that touch it, attributes, and what is around it.

use std::ops::Range;

/// Comments and attributes that wait for the declaration behind them.
#[derive(Clone, Debug)]
pub(super) struct Lead {
    depth: usize,
    /// Where it begins, in bytes.
    pub(super) start: usize,
    /// The comments in it.
    pub(super) comments: Vec<Range<usize>>,
    /// The row on which it ends, from 0.
    last_row: usize,
    /// Where the declaration begins that it is part of.
    pub(super) begins: Option<usize>,
    /// The end of what is around it, if that is around nothing else.
    pub(super) end: usize,
}

impl Lead {
    fn begin(depth: usize, extent: &Extent) -> Self {
        let (start, last_row) = (extent.bytes.start, extent.rows.end);
        Self { depth, start, comments: Vec::new(), last_row, begins: None, end: extent.bytes.end }
    }
}

/// A node around declarations.
#[derive(Debug)]
struct Around {
    depth: usize,
    lead: Lead,
    begins: Option<usize>,
    is_around_one: bool,
}

/// The leads at each depth of a walk.
#[derive(Debug, Default)]
pub(super) struct Leads {
    waiting: Vec<Lead>,
    around: Vec<Around>,
}

/// A node's bytes, and the rows on which it begins and ends.
pub(super) struct Extent {
    pub(super) bytes: Range<usize>,
    pub(super) rows: Range<usize>,
}

impl Leads {
    /// A comment or an attribute stands at this depth: it joins the lead that it touches, or begins one.
    pub(super) fn wait(&mut self, depth: usize, extent: &Extent, is_comment: bool) {
        self.forget_below(depth);
        let lead = match self.waiting.pop_if(|lead| lead.depth == depth) {
            Some(lead) if extent.rows.start <= lead.last_row + 1 => lead,
            _ => Lead::begin(depth, extent),
        };
        let mut lead = Lead { last_row: extent.rows.end, ..lead };
        if is_comment {
            lead.comments.push(extent.bytes.clone());
        }
        self.waiting.push(lead);
    }

    /// Something stands at this depth that has no lead.
    pub(super) fn pass(&mut self, depth: usize) {
        self.forget_below(depth);
        self.waiting.pop_if(|lead| lead.depth == depth);
    }

    /// A declaration stands at this depth: what has waited, or is around it, is its own.
    pub(super) fn take(&mut self, depth: usize, extent: &Extent) -> Lead {
        self.forget_below(depth);
        let waiting = self.waiting.pop_if(|lead| lead.depth == depth);
        let touches = waiting.filter(|lead| extent.rows.start <= lead.last_row + 1);
        let own = touches.unwrap_or_else(|| Lead::begin(depth, extent));
        let Some(around) = self.around.last().filter(|around| around.depth + 1 == depth) else {
            return own;
        };
        let begins = around.begins;
        if !around.is_around_one {
            return Lead { begins, ..own };
        }
        let comments =
            if own.comments.is_empty() { around.lead.comments.clone() } else { own.comments };
        Lead {
            start: around.lead.start.min(own.start),
            end: around.lead.end.max(own.end),
            comments,
            begins,
            ..own
        }
    }

    /// What belongs to a node belongs to the declaration inside, if that is the only one: of several in a group, none
    /// can be replaced with the group.
    pub(super) fn wrap(&mut self, lead: Lead, begins: usize, is_around_one: bool) {
        self.around.push(Around { depth: lead.depth, lead, begins: Some(begins), is_around_one });
    }

    /// The node of this depth ends.
    pub(super) fn leave(&mut self, depth: usize) {
        self.forget_below(depth);
        self.around.pop_if(|around| around.depth == depth);
    }

    fn forget_below(&mut self, depth: usize) {
        while self.waiting.pop_if(|lead| lead.depth > depth).is_some() {}
    }
}
