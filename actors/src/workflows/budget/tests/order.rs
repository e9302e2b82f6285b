//! Whatever the order in which calls are reserved and settled: no limit is passed.

use super::super::fact::Fact;
use super::kit::{amount, bounds, reserve_within, root, settle, usd};
use crate::machine::scenario::Outcome;
use crate::nodes::{Bound, BoundId};
use crate::workflows::command::Refusal;
use crate::workflows::event::Event;
use proptest::prelude::*;
use std::collections::BTreeMap;

/// What may happen to a budget.
#[derive(Debug, Clone)]
enum Move {
    Reserve { cents: u32 },
    Settle { which: usize, cents: u32, lost: u32 },
}

fn moves() -> impl Strategy<Value = Vec<Move>> {
    let reserve = (1..60_u32).prop_map(|cents| Move::Reserve { cents });
    let settle = (any::<prop::sample::Index>(), 0..80_u32, 0..2_u32)
        .prop_map(|(which, cents, lost)| Move::Settle { which: which.index(1_000), cents, lost });
    prop::collection::vec(prop_oneof![reserve, settle], 1..60)
}

fn dollars(cents: u32) -> f64 {
    f64::from(cents) / 100.0
}

proptest! {
    /// What is spent and reserved passes a limit by no more than answers cost beyond their estimates, and what was lost.
    #[test]
    fn no_order_of_reserving_and_settling_passes_a_limit(moves in moves(), inner in 1..150_u32) {
        let mut it = root(usd(1.0));
        let id = BoundId("child".into());
        let child = Bound { id, of: "child".into(), limits: usd(dollars(inner)) };
        let chain = [vec![child], bounds(&it)].concat();
        let (mut open, mut beyond) = (BTreeMap::<String, u32>::new(), 0.0);
        for (number, step) in moves.into_iter().enumerate() {
            let command = match step {
                Move::Reserve { cents } => reserve_within(&format!("{number:02}-{cents}"), amount(dollars(cents)), chain.clone()),
                Move::Settle { which, cents, lost } => {
                    let Some(key) = open.keys().nth(which % open.len().max(1)).cloned() else { continue };
                    let estimate = open.remove(&key).unwrap();
                    beyond += dollars(cents.saturating_sub(estimate)) + dollars(estimate) * f64::from(lost);
                    settle(&key, dollars(cents), lost)
                }
            };
            let Outcome { scenario, result } = it.when(command);
            it = scenario;
            for event in result.iter().flatten() {
                if let Event::Budget { fact: Fact::Reserved { reservation, .. }, .. } = event {
                    let cents = reservation.key.0.split('-').nth(1).unwrap().parse().unwrap();
                    prop_assert!(open.insert(reservation.key.0.clone(), cents).is_none());
                }
            }
            prop_assert!(result.is_ok() || matches!(result, Err(Refusal::Limit(_))));
            for line in it.state().budget() {
                let most = line.limit.usd.unwrap() + beyond + 1e-6;
                let held = line.spent.usd + line.lost.usd + line.reserved.usd;
                prop_assert!(held <= most, "{held} of {most}: {line:?}");
            }
            // Whoever waits has somebody to wait for.
            prop_assert!(!open.is_empty() || it.state().facts.as_ref().unwrap().ledger.waiting.is_empty());
        }
    }
}
