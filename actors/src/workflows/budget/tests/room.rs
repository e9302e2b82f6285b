//! What has room, what waits for it, what is asked and what is refused.

use super::kit::{
    Told, amount, answer, asking, bounds, facts, question, refused, reserve, reserve_within, root,
    settle, told, usd,
};
use crate::graph::Limits;
use crate::nodes::{Amount, Bill, Bound, BoundId, Key};
use crate::workflows::command::{self, Command};
use crate::workflows::item::{Failure, ItemId};
use crate::workflows::state::Phase;
use serde_json::json;

#[test]
fn what_has_no_room_beside_others_waits_for_them_and_is_then_let_go_or_refused() {
    let it = root(usd(1.0));
    let (it, said) = {
        let c = reserve(&it, "a", 0.6);
        facts(it, c)
    };
    assert_eq!(said, ["a reserved"]);
    let (it, said) = {
        let c = reserve(&it, "b", 0.5);
        facts(it, c)
    };
    assert_eq!(said, ["b waits"]);
    // One that fits goes past it.
    let (it, said) = {
        let c = reserve(&it, "c", 0.3);
        facts(it, c)
    };
    assert_eq!(said, ["c reserved"]);
    let (it, said) = facts(it, settle("a", 0.1, 0));
    assert_eq!(said, ["a settled", "b reserved"]);
    let (it, said) = {
        let c = reserve(&it, "d", 0.5);
        facts(it, c)
    };
    assert_eq!(said, ["d waits"]);
    let (it, said) = facts(it, settle("b", 0.5, 0));
    assert_eq!(said, ["b settled", "d denied"]);
    let text = refused(&it, &reserve(&it, "e", 0.5));
    assert_eq!(
        text,
        "the limit of 1.00 US dollars for run 1 of panel is reached: 0.60 spent, 0.30 reserved, and the next call of \
         panel/e may take 0.50 more: retry the run to grant 1.00 US dollars anew, or start it with a higher limit"
    );
}

#[test]
fn what_was_lost_counts_as_much_as_was_reserved_for_it_and_what_was_not_sent_nothing() {
    let it = root(usd(1.0));
    let it = {
        let c = reserve(&it, "a", 0.25);
        told(it, c)
    };
    let it = told(it, settle("a", 0.125, 2));
    let line = &it.state().budget()[0];
    assert_eq!((line.spent.usd, line.lost.usd, line.lost.turns), (0.125, 0.5, 2));
    let it = {
        let c = reserve(&it, "b", 0.25);
        told(it, c)
    };
    let it = told(it, settle("b", 0.0, 0));
    let line = &it.state().budget()[0];
    assert_eq!((line.spent.usd, line.lost.usd, line.reserved.usd), (0.125, 0.5, 0.0));
    assert!(refused(&it, &settle("b", 0.0, 0)).contains("no work at b"), "it is settled once");
}

#[test]
fn a_price_that_nobody_knows_lets_nothing_begin_once_all_is_spent() {
    let it = root(usd(1.0));
    let unknown = |it: &Told, key: &str| {
        let amount = Amount { turns: 1, tokens: None, usd: None };
        reserve_within(key, amount, bounds(it))
    };
    let it = {
        let c = unknown(&it, "a");
        told(it, c)
    };
    let it = {
        let c = unknown(&it, "b");
        told(it, c)
    };
    let bill = Bill { turns: 1, unpriced: 1, ..Bill::default() };
    let it = told(it, Command::Settle { key: Key("a".into()), bill });
    assert_eq!(it.state().budget()[0].unpriced_turns, 1);
    let it = told(it, settle("b", 1.5, 0));
    assert!(refused(&it, &unknown(&it, "c")).contains("nobody knows how much more"));
}

#[test]
fn a_person_is_asked_once_and_a_grant_lets_go_in_order_what_fits() {
    let it = root(asking(&usd(0.5)));
    let it = {
        let c = reserve(&it, "a", 0.5);
        told(it, c)
    };
    let it = told(it, settle("a", 0.5, 0));
    let (it, said) = {
        let c = reserve(&it, "b", 0.4);
        facts(it, c)
    };
    assert_eq!(said, ["b waits", "asks"]);
    let (it, said) = {
        let c = reserve(&it, "c", 0.4);
        facts(it, c)
    };
    assert_eq!(said, ["c waits"], "nobody is asked twice");
    assert_eq!(it.state().status(), "interrupted");
    let text = &it.state().interrupts().next().unwrap().question;
    assert!(text.contains("0.50 spent, 0.00 reserved") && text.ends_with("or stop?"), "{text}");
    for wrong in [
        json!({}),
        json!({"grant": {}}),
        json!({"grant": {"usd": -1}}),
        json!({"stop": false}),
        json!("yes"),
    ] {
        let text = refused(&it, &answer(&it, wrong));
        assert!(text.contains("does not fit the question"), "{text}");
    }
    let before = question(&it);
    let (it, said) = {
        let c = answer(&it, json!({"grant": {"usd": 0.5}}));
        facts(it, c)
    };
    assert_eq!(said, ["granted", "b reserved"], "c has to wait until it is known what is left");
    assert_eq!(it.state().status(), "running");
    let (it, said) = facts(it, settle("b", 0.4, 0));
    assert_eq!(said, ["b settled", "asks"]);
    assert_ne!(question(&it), before, "a question is answered once");
    let (it, said) = {
        let c = answer(&it, json!({"stop": true}));
        facts(it, c)
    };
    assert_eq!(said, ["stopped", "c denied"]);
    assert_eq!(it.state().interrupts().count(), 0);
    assert!(refused(&it, &reserve(&it, "d", 0.4)).contains("is reached"), "and is asked no more");
}

#[test]
fn nobody_is_asked_for_one_who_waits_no_more() {
    let it = root(asking(&usd(0.5)));
    let it = {
        let c = reserve(&it, "a", 0.6);
        told(it, c)
    };
    assert_eq!(it.state().interrupts().count(), 1);
    let it = told(it, settle("a", 0.0, 0));
    assert_eq!(it.state().interrupts().count(), 0);
}

#[test]
fn what_is_below_is_bounded_by_all_above_in_one_commit() {
    let it = root(usd(1.0));
    let id = BoundId("child/run/1/0".into());
    let child =
        Bound { id, of: "run 1 of part".into(), limits: Limits { turns: Some(1), ..usd(5.0) } };
    let chain = [vec![child], bounds(&it)].concat();
    let it = told(it, reserve_within("a", amount(0.7), chain.clone()));
    let it = told(it, reserve_within("b", amount(0.1), chain.clone()));
    assert_eq!(it.state().budget().len(), 2);
    let (it, said) = facts(it, settle("a", 0.7, 0));
    assert_eq!(said, ["a settled", "b denied"], "the child may take one turn");
    let text = refused(&it, &reserve(&it, "c", 0.4));
    assert!(text.contains("1.00 US dollars for run 1 of panel"), "{text}");
}

#[test]
fn a_run_that_is_tried_again_is_granted_as_much_once_more() {
    let it = root(usd(0.5));
    let it = {
        let c = reserve(&it, "a", 0.5);
        told(it, c)
    };
    let it = told(it, settle("a", 0.5, 0));
    let failure = Failure::new("limit", "reached");
    let it = ["a", "b"].into_iter().fold(it, |it, node| {
        let item = ItemId { step: 2, node: node.into(), index: None, attempt: 1 };
        let spent = crate::nodes::Metrics::default();
        let outcome = command::Outcome::Failed { failure: failure.clone(), spent };
        told(it, Command::ReportItem { item, outcome, plan: None })
    });
    assert_eq!(*it.state().phase(), Phase::Failed);
    assert!(refused(&it, &reserve(&it, "b", 0.1)).contains("under way"));
    let it = told(it, Command::Retry { by: "ann".into() });
    let (_, said) = {
        let c = reserve(&it, "b2", 0.5);
        facts(it, c)
    };
    assert_eq!(said, ["b2 reserved"]);
}
