//! Which rows a search has seen: marks that need no clearing.

/// A mark for each row; a row is seen if its mark is the current one.
#[derive(Debug, Default)]
pub(super) struct Visited {
    marks: Vec<u32>,
    current: u32,
}

impl Visited {
    /// Forgets all that was seen.
    pub(super) fn begin(&mut self, rows: usize) {
        self.marks.resize(rows, 0);
        self.current = self.current.wrapping_add(1);
        if self.current == 0 {
            self.marks.fill(0);
            self.current = 1;
        }
    }

    /// Marks a row; says whether it was new.
    pub(super) fn see(&mut self, row: u32) -> bool {
        std::mem::replace(&mut self.marks[row as usize], self.current) != self.current
    }
}
