//! Building the index behind the scan, a few rows at a time.

use super::Store;
use crate::error::Result;

impl Store {
    /// Links at most so many more vectors into the index, if there are enough for one to be worth it (`index_above`);
    /// says how many are not linked yet. Whoever has time calls it again until that is 0.
    ///
    /// Searches are right at any moment: what is not linked yet is looked at one by one. A thousand take about half a second. The
    /// index is not written down: a store that is opened builds it anew, from its rows.
    pub fn index_step(&mut self, most: usize) -> Result<usize> {
        let threshold = self.options.index_above;
        let held = self.hold()?;
        let Some(matrix) = &held.matrix else { return Ok(0) };
        if matrix.len() <= threshold {
            return Ok(0);
        }
        for _ in 0..most {
            if !held.graph.link_next(matrix) {
                break;
            }
        }
        Ok(matrix.len() - held.graph.len())
    }
}
