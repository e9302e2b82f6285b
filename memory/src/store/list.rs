//! Looking items up without searching.

use super::Store;
use crate::database::items;
use crate::error::Result;
use crate::filter::Filter;
use crate::item::Item;
use serde::{Deserialize, Serialize};

/// The most items on one page.
const MOST_ON_A_PAGE: usize = 1_000;

/// Some of the items, in the order in which they came; an item that changed has come anew.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Page {
    /// They.
    pub items: Vec<Item>,
    /// Where the next page begins, if there may be one.
    pub next: Option<i64>,
}

impl Store {
    /// The item with an id.
    pub fn get(&mut self, id: &str) -> Result<Option<Item>> {
        let found = self.database.read(|connection| items::by_id(connection, id))?;
        Ok(found.map(|numbered| numbered.item))
    }

    /// A page of the items that meet a filter: at most `most` (and 1,000), behind where the last page ended (0 for the first).
    pub fn list(&mut self, filter: Option<&Filter>, behind: i64, most: usize) -> Result<Page> {
        let most = most.clamp(1, MOST_ON_A_PAGE);
        let Some(filter) = filter else { return self.list_all(behind, most) };
        filter.check()?;
        let numbers = self.hold()?.catalogue.listed(filter, behind, most);
        let next = (numbers.len() == most).then(|| numbers.last().copied()).flatten();
        let items = self.database.read(|connection| {
            let found = numbers.iter().map(|number| items::by_number(connection, *number));
            found.filter_map(Result::transpose).map(|found| Ok(found?.item)).collect()
        })?;
        Ok(Page { items, next })
    }

    fn list_all(&mut self, behind: i64, most: usize) -> Result<Page> {
        let limit = i64::try_from(most).unwrap_or(i64::MAX);
        let found = self.database.read(|connection| items::behind(connection, behind, limit))?;
        let next = (found.len() == most).then(|| found.last().map(|last| last.number)).flatten();
        Ok(Page { items: found.into_iter().map(|numbered| numbered.item).collect(), next })
    }

    /// How many items meet a filter.
    pub fn count(&mut self, filter: Option<&Filter>) -> Result<u64> {
        let Some(filter) = filter else { return self.database.read(items::count) };
        filter.check()?;
        Ok(self.hold()?.catalogue.allowed(filter).count() as u64)
    }
}
