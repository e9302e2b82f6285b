//! How often each answer has been used.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::script::{Item, Per};

/// Uses by whom they are counted for; the empty key is the server.
#[derive(Debug, Default)]
pub(super) struct Counts(Mutex<HashMap<String, HashMap<usize, u32>>>);

impl Counts {
    /// Takes one use of the item at `index` for `key`; false when its `times` are used up.
    /// Atomic: of two calls at once only one gets the last use.
    pub(super) fn take(&self, key: &str, index: usize, item: &Item) -> bool {
        let Some(times) = item.times else { return true };
        let key = match item.per {
            Per::Server => "",
            Per::Process => key,
        };
        let mut counts = self.lock();
        let used = counts.entry(key.to_owned()).or_default().entry(index).or_default();
        let free = *used < times;
        *used += u32::from(free);
        free
    }

    /// Forgets what was counted for `key`.
    pub(super) fn forget(&self, key: &str) {
        self.lock().remove(key);
    }

    /// A panic elsewhere cannot leave a count half written.
    fn lock(&self) -> MutexGuard<'_, HashMap<String, HashMap<usize, u32>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use std::thread;

    use super::*;

    fn item(times: Option<u32>, per: Per) -> Item {
        Item { times, per, ..Item::default() }
    }

    #[test]
    fn an_item_without_times_never_wears_out() {
        let (counts, item) = (Counts::default(), item(None, Per::Server));
        assert!((0..100).all(|_| counts.take("", 0, &item)));
    }

    #[test]
    fn the_servers_count_is_shared_and_a_processs_is_its_own() {
        let counts = Counts::default();
        let (shared, own) = (item(Some(1), Per::Server), item(Some(1), Per::Process));
        assert!(counts.take("a", 0, &shared) && !counts.take("b", 0, &shared));
        assert!(
            counts.take("a", 1, &own) && counts.take("b", 1, &own) && !counts.take("a", 1, &own)
        );
        counts.forget("a");
        assert!(counts.take("a", 1, &own) && !counts.take("b", 1, &own));
    }

    #[test]
    fn calls_at_once_share_the_uses_exactly() {
        let (counts, item) = (Counts::default(), item(Some(100), Per::Server));
        let taken: usize = thread::scope(|scope| {
            let takers = [(); 4]
                .map(|()| scope.spawn(|| (0..100).filter(|_| counts.take("", 7, &item)).count()));
            takers.into_iter().map(|taker| taker.join().unwrap()).sum()
        });
        assert_eq!(taken, 100);
    }
}
