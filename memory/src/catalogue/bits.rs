//! A set of slots: one bit each.

/// Which of `length` slots are in.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Bits {
    words: Vec<u64>,
    length: usize,
}

impl Bits {
    /// The empty set.
    pub(crate) fn none(length: usize) -> Self {
        Self { words: vec![0; length.div_ceil(64)], length }
    }

    /// One more slot, which is in.
    pub(crate) fn push(&mut self) {
        if self.length.is_multiple_of(64) {
            self.words.push(0);
        }
        self.length += 1;
        self.insert(self.length - 1);
    }

    /// Takes a slot in.
    pub(crate) fn insert(&mut self, slot: usize) {
        self.words[slot / 64] |= 1 << (slot % 64);
    }

    /// Takes a slot out.
    pub(crate) fn remove(&mut self, slot: usize) {
        self.words[slot / 64] &= !(1 << (slot % 64));
    }

    /// Whether a slot is in.
    pub(crate) fn contains(&self, slot: usize) -> bool {
        self.words.get(slot / 64).is_some_and(|word| word >> (slot % 64) & 1 == 1)
    }

    /// How many are in.
    pub(crate) fn count(&self) -> usize {
        self.words.iter().map(|word| word.count_ones() as usize).sum()
    }

    /// Keeps what is in both.
    pub(crate) fn and(&mut self, other: &Self) {
        self.words.iter_mut().zip(&other.words).for_each(|(mine, theirs)| *mine &= theirs);
    }

    /// Takes in what is in the other.
    pub(crate) fn or(&mut self, other: &Self) {
        self.words.iter_mut().zip(&other.words).for_each(|(mine, theirs)| *mine |= theirs);
    }

    /// Takes out what is in the other.
    pub(crate) fn without(&mut self, other: &Self) {
        self.words.iter_mut().zip(&other.words).for_each(|(mine, theirs)| *mine &= !theirs);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_set_holds_what_was_taken_in() {
        let mut all = Bits::default();
        (0..130).for_each(|_| all.push());
        let mut odd = Bits::none(130);
        (1..130).step_by(2).for_each(|slot| odd.insert(slot));
        assert_eq!((all.count(), odd.count()), (130, 65));
        all.without(&odd);
        assert!(all.contains(128) && !all.contains(129) && !all.contains(130));
        all.remove(128);
        all.or(&odd);
        assert_eq!(all.count(), 129);
        all.and(&odd);
        assert_eq!(all, odd);
    }
}
