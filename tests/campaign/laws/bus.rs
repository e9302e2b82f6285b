//! The bus and the shared state: what was told stands, nothing is lost, nothing comes in another order, and
//! nothing again after its acknowledgement.

use super::journal::{Delivery, Journal, Message, Subscription};
use super::{Case, Heard};
use crate::scenario::Said;

pub(super) fn violations(case: &Case<'_>) -> Vec<String> {
    let mut found: Vec<_> = case.said.iter().filter_map(|said| broken(said, case.before)).collect();
    found.dedup();
    found.extend(case.cast.plans.cursors.iter().filter_map(|plan| wrong_cursor(case, plan)));
    found.extend(case.cast.plans.states.iter().filter_map(|plan| wrong_state(case, plan)));
    let subscriptions = case.before.subscriptions.iter();
    found.extend(subscriptions.filter_map(|found| wrong_deliveries(case, found)));
    found.extend(wrong_files(case.after, case.heard));
    found
}

/// Whatever was said stands in the journal that the crash left.
fn broken(said: &Said, before: &Journal) -> Option<String> {
    let at = |position: &i64| before.messages.get(usize::try_from(position - 1).unwrap());
    let stands = match said {
        Said::Registered { agent } => {
            let stream = Some(format!("agent/{agent}"));
            before.messages.iter().any(|message| message.stream == stream)
        }
        Said::Written { agent, position } => at(position).is_some_and(|message| {
            message.stream == Some(format!("agent/{agent}"))
                && message.event_type == "AGENT_MESSAGE"
        }),
        Said::Spoken { topic, position } => {
            at(position).is_some_and(|message| message.topic.as_ref() == Some(topic))
        }
        Said::Subscribed { name } => before.subscription(name).is_some(),
        Said::Dead { name, position } => before.delivery(name, *position).is_some(),
        Said::Redriven { position } => {
            let of_it = |found: &&Delivery| found.position == *position;
            before.deliveries.iter().find(of_it).is_some_and(|found| found.status != "failed")
        }
        _ => true,
    };
    (!stands).then(|| format!("it was said and does not stand in the journal: {said:?}"))
}

/// A cursor stands where the last acknowledgement that was heard has put it, or the one under way.
fn wrong_cursor(case: &Case<'_>, (name, plan): &(String, Vec<i64>)) -> Option<String> {
    let said = case.said.iter().filter_map(|said| match said {
        Said::Acknowledged { name: of, position } if of == name => Some(*position),
        _ => None,
    });
    let told =
        said.filter_map(|position| plan.iter().position(|planned| *planned == position)).max();
    let cursor = case.before.subscription(name)?.position;
    let allowed: Vec<_> = plan.iter().skip(told.unwrap_or(0)).take(2).collect();
    (!allowed.contains(&&cursor)).then(|| {
        format!("the cursor of {name} was left at {cursor}, and belongs at one of {allowed:?}")
    })
}

/// A key holds what was last told to be kept, or something later.
fn wrong_state(case: &Case<'_>, (key, plan): &(String, Vec<Option<String>>)) -> Option<String> {
    let said = case.said.iter().filter_map(|said| match said {
        Said::Stored { key: of, hash } if of == key => Some(Some(hash.clone())),
        _ => None,
    });
    let told = said.filter_map(|hash| plan.iter().position(|planned| *planned == hash)).max();
    let held = case.before.states.get(key).cloned();
    let allowed = &plan[told.unwrap_or(0)..];
    (!allowed.contains(&held))
        .then(|| format!("the crash left {held:?} under {key}, and one of {allowed:?} was told"))
}

/// What is delivered after the crash is what was not acknowledged before it: all of that, in order.
fn wrong_deliveries(case: &Case<'_>, subscription: &Subscription) -> Option<String> {
    let heard = case.heard.deliveries.get(&subscription.name)?;
    let (name, cursor) = (&subscription.name, subscription.position);
    let status = |position| case.before.delivery(name, position).map(|found| found.status.as_str());
    let is_open = |message: &&Message| match status(message.position) {
        Some("pending") => true,
        Some(_) => false,
        None => message.position > cursor,
    };
    let concerned = case.after.messages.iter().filter(|message| subscription.concerns(message));
    let open: Vec<_> = concerned.filter(is_open).map(|message| message.position).collect();
    (*heard != open).then(|| format!("{name} (at {cursor}) heard {heard:?}, and {open:?} are open"))
}

/// What can be read under a key is what its row says.
fn wrong_files(after: &Journal, heard: &Heard) -> Vec<String> {
    let wrong = heard.states.iter().filter(|(key, found)| after.states.get(*key) != found.as_ref());
    wrong
        .map(|(key, found)| format!("{key} is read as {found:?}, another than its row's"))
        .collect()
}
