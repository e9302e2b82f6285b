//! The items in memory: a slot for each, in the order of their numbers.

use super::bits::Bits;
use super::fields::Fields;
use crate::filter::{Filter, Scalar};
use crate::item::Item;

/// Which items there are, and what filters know of them.
#[derive(Debug, Default)]
pub(crate) struct Catalogue {
    numbers: Vec<i64>,
    live: Bits,
    fields: Fields,
    dead: usize,
}

impl Catalogue {
    /// Takes in an item whose number is greater than all before it.
    pub(crate) fn push(&mut self, number: i64, item: &Item) {
        debug_assert!(self.numbers.last().is_none_or(|last| *last < number));
        let slot = u32::try_from(self.numbers.len()).expect("memory ends before slots do");
        self.numbers.push(number);
        self.live.push();
        self.fields.take_object("", &item.metadata, slot);
        self.fields.take_scalar("$kind", item.kind.as_str().into(), slot);
        self.fields.take_scalar("$created_at", item.created_at.into(), slot);
    }

    /// Forgets an item. What filters know of it is masked; its slot is not used again.
    pub(crate) fn remove(&mut self, number: i64) -> Option<u32> {
        let slot = self.slot(number)?;
        self.live.remove(slot as usize);
        self.dead += 1;
        Some(slot)
    }

    /// The slot of a live item.
    pub(crate) fn slot(&self, number: i64) -> Option<u32> {
        let slot = self.numbers.binary_search(&number).ok()?;
        self.live.contains(slot).then(|| u32::try_from(slot).ok())?
    }

    /// The number of the item in a slot.
    pub(crate) fn number(&self, slot: u32) -> i64 {
        self.numbers[slot as usize]
    }

    /// Whether so much of it is dead that it is better made anew.
    pub(crate) fn is_stale(&self) -> bool {
        self.dead > 1_000 && self.dead > self.numbers.len() / 3
    }

    /// The live items that meet a filter.
    pub(crate) fn allowed(&self, filter: &Filter) -> Bits {
        let mut met = self.meeting(filter);
        met.and(&self.live);
        met
    }

    /// The numbers of items that meet a filter, behind a number, in order.
    pub(crate) fn listed(&self, filter: &Filter, behind: i64, most: usize) -> Vec<i64> {
        let allowed = self.allowed(filter);
        let first = self.numbers.partition_point(|number| *number <= behind);
        let slots = (first..self.numbers.len()).filter(|slot| allowed.contains(*slot));
        slots.take(most).map(|slot| self.numbers[slot]).collect()
    }

    fn meeting(&self, filter: &Filter) -> Bits {
        let mut met = Bits::none(self.numbers.len());
        match filter {
            Filter::Equals { field, value } => {
                self.fields.with(field, std::slice::from_ref::<Scalar>(value), &mut met);
            }
            Filter::In { field, values } => self.fields.with(field, values, &mut met),
            Filter::Range(range) => self.fields.within(range, &mut met),
            Filter::Exists { field } => self.fields.exists(field, &mut met),
            Filter::And(parts) => {
                met = self.live.clone();
                for part in parts {
                    met.and(&self.meeting(part));
                }
            }
            Filter::Or(parts) => {
                for part in parts {
                    met.or(&self.meeting(part));
                }
            }
            Filter::Not(part) => {
                met = self.live.clone();
                met.without(&self.meeting(part));
            }
        }
        met
    }
}
