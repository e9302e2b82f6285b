//! What tools ask of others who are paid: no turn of a model, but dollars and tokens like any.

use super::kit::{amount, bounds, facts, refused, reserve_within, root, told, usd};
use crate::graph::Limits;
use crate::nodes::{Amount, Bill, Key};
use crate::workflows::command::Command;

fn search(usd: f64, tokens: u64) -> Amount {
    Amount { turns: 0, tokens: Some(tokens), usd: Some(usd) }
}

#[test]
fn a_search_takes_dollars_and_tokens_and_no_turn() {
    let it = root(Limits { turns: Some(1), tokens: Some(1_000), ..usd(1.0) });
    let order = reserve_within("turn", amount(0.5), bounds(&it));
    let (it, said) = facts(it, order);
    assert_eq!(said, ["turn reserved"]);
    let bill = Bill { turns: 1, tokens: 100, usd: 0.4, ..Bill::default() };
    let it = told(it, Command::Settle { key: Key("turn".into()), bill });
    // All turns are made: a search needs none.
    let order = reserve_within("search", search(0.3, 500), bounds(&it));
    let (it, said) = facts(it, order);
    assert_eq!(said, ["search reserved"]);
    assert!(
        refused(&it, &reserve_within("other", search(0.7, 1), bounds(&it))).contains("0.40 spent")
    );
    let bill = Bill { tokens: 50, usd: 0.1, lost: 1, ..Bill::default() };
    let it = told(it, Command::Settle { key: Key("search".into()), bill });
    let line = &it.state().budget()[0];
    assert_eq!((line.spent.turns, line.lost.turns), (1, 0), "{line:?}");
    assert_eq!((line.spent.tokens, line.lost.tokens), (150, 500), "{line:?}");
    assert!((line.spent.usd - 0.5).abs() < 1e-9 && (line.lost.usd - 0.3).abs() < 1e-9, "{line:?}");
}
