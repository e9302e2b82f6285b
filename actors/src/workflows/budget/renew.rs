//! Limits that begin anew: whoever takes up a run that had ended grants it all its limits once more, as they are written.
//! What it took until then counts against them no more, but is not forgotten: it is shown.

use super::account::Sum;
use crate::nodes::BoundId;
use crate::workflows::state::Facts;

/// How often the limits of a run began anew.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub(in crate::workflows) struct Renewed {
    /// So often.
    pub(super) times: u32,
    /// What its models had taken until then, and what was lost.
    pub(super) taken: Sum,
}

impl Facts {
    /// The limits of the same run begin anew.
    pub(in crate::workflows) fn renew(&mut self) {
        let taken = self.ledger.taken(&self.own_bound().id);
        let renewed = &mut self.run.renewed;
        *renewed = Renewed { times: renewed.times + 1, taken: renewed.taken.plus(taken) };
        self.grant_anew();
    }

    /// Its limits begin anew.
    pub(in crate::workflows) fn grant_anew(&mut self) {
        self.grants += 1;
        self.ledger.begin();
    }
}

impl super::ledger::Ledger {
    /// What was taken within a bound, and what was lost.
    fn taken(&self, bound: &BoundId) -> Sum {
        let account = self.accounts.get(bound);
        account.map(|account| account.spent.plus(account.lost)).unwrap_or_default()
    }
}
