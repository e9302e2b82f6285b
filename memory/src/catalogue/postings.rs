//! The slots that have one value. Most values of most fields are rare, so one slot takes no list.

/// Slots, in the order in which they came.
#[derive(Debug)]
pub(super) enum Postings {
    /// Only this one.
    One(u32),
    /// These.
    Many(Vec<u32>),
}

impl Postings {
    /// One more, if it is not the last that came.
    pub(super) fn push(&mut self, slot: u32) {
        if self.slots().last() == Some(&slot) {
            return;
        }
        match self {
            Self::One(first) => *self = Self::Many(vec![*first, slot]),
            Self::Many(slots) => slots.push(slot),
        }
    }

    /// All of them.
    pub(super) fn slots(&self) -> &[u32] {
        match self {
            Self::One(slot) => std::slice::from_ref(slot),
            Self::Many(slots) => slots,
        }
    }
}
