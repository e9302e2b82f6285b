//! Limits: how far they are used up, what waits for room, and what a person is asked for it.

use super::super::answer::{Answer, Remedy};
use super::super::house::{House, Look};
use super::super::words::{count, quoted};
use super::commands::answers;
use super::past::{Past, text};
use callboard_actors::machine::Machine;
use callboard_actors::vocabulary::{Name, NodeId, StreamId};
use callboard_actors::workflows::{Fact, Line, Room, Workflow};
use serde_json::{Map, Value};

/// What a node waits for that waits for room, and what can be done; `None`: it waits for none.
pub(super) async fn of_node(
    house: &House,
    name: &Name,
    row: &Map<String, Value>,
) -> Look<Option<(String, Vec<Remedy>)>> {
    let turn = row.get("turn").and_then(Value::as_u64).unwrap_or(1);
    let Some(root) = root(house, text(row, "workflow_id")).await? else { return Ok(None) };
    let (node, turn) = (NodeId(name.clone()), u32::try_from(turn).unwrap_or(u32::MAX));
    let waits = root.workflow.as_ref().and_then(|workflow| workflow.room_for(&node, turn));
    Ok(waits.map(|waits| in_words(&root.id, &waits)))
}

fn in_words(workflow: &str, waits: &Room<'_>) -> (String, Vec<Remedy>) {
    let Some(asked) = waits.question else {
        let what = "it waits for others to be settled: what is reserved for them leaves no room for its next call";
        return (what.to_owned(), Vec::new());
    };
    let what = format!("it waits for a person to grant more: {}", quoted(&waits.reached));
    (what, answers(workflow, asked))
}

/// The root of a workflow's lineage.
async fn root(house: &House, workflow: &str) -> Look<Option<Past>> {
    let Ok(name) = workflow.parse::<Name>() else { return Ok(None) };
    let stream = StreamId { kind: Workflow::KIND, name };
    let row = house.reader.row("workflows", stream).await?;
    let root = row.and_then(|row| text(&row, "root_id").parse::<Name>().ok());
    match root {
        Some(root) => Past::load(house, &root).await,
        None => Ok(None),
    }
}

/// How far the limits are used up.
pub(super) fn told(past: &Past, answer: Answer) -> Answer {
    let lines = past.workflow.iter().flat_map(Workflow::budget);
    answer.and_because(lines.filter_map(|line| used(&line)))
}

/// The same of those that began anew, for a run that has ended.
pub(super) fn told_anew(past: &Past) -> Vec<String> {
    let lines = past.workflow.iter().flat_map(Workflow::budget);
    lines.filter(|line| line.renewed > 0).filter_map(|line| used(&line)).collect()
}

fn used(line: &Line) -> Option<String> {
    let (limit, granted) = (&line.limit, &line.granted);
    let dollars = limit.usd.map(|usd| {
        let (spent, reserved, lost) = (line.spent.usd, line.reserved.usd, line.lost.usd);
        let most = usd + granted.usd;
        format!("{spent:.4} of {most:.4} US dollars spent, {reserved:.4} reserved, {lost:.4} lost")
    });
    let tokens = limit.tokens.map(|most| {
        let (spent, reserved, lost) = (line.spent.tokens, line.reserved.tokens, line.lost.tokens);
        let most = most + granted.tokens;
        format!("{spent} of {most} tokens spent, {reserved} reserved, {lost} lost")
    });
    let turns = limit.turns.map(|most| {
        let (spent, reserved, lost) = (line.spent.turns, line.reserved.turns, line.lost.turns);
        let most = u64::from(most) + granted.turns;
        format!("{spent} of {most} turns spent, {reserved} reserved, {lost} lost")
    });
    let unpriced = Some(line.unpriced_turns).filter(|turns| *turns > 0 && limit.usd.is_some());
    let unpriced = unpriced.map(|turns| {
        format!("{turns} of its turns have a price that nobody knows: `models.prices` in the settings can say it")
    });
    let parts: Vec<String> =
        [dollars, tokens, turns, unpriced, renewed(line)].into_iter().flatten().collect();
    (!parts.is_empty()).then(|| format!("{}: {}", line.of, parts.join("; ")))
}

/// That its limits began anew, and what was taken before.
fn renewed(line: &Line) -> Option<String> {
    let before = line.before?;
    let (times, turns) = (count(line.renewed, "time"), count(before.turns, "turn"));
    Some(format!(
        "they began anew {times}, and do not count {:.4} US dollars, {} tokens and {turns} that it took before",
        before.usd, before.tokens
    ))
}

/// What a retry of a run grants that has reached a limit.
pub(super) fn granted_anew(past: &Past) -> Option<String> {
    let limits = &past.workflow.as_ref()?.order()?.limits;
    let all = [
        limits.usd.map(|usd| format!("{usd} US dollars")),
        limits.tokens.map(|tokens| format!("{tokens} tokens")),
        limits.turns.map(|turns| count(turns, "turn")),
        limits.seconds.map(|seconds| count(seconds, "second")),
        limits.steps.map(|steps| count(steps, "step")),
    ];
    let all: Vec<String> = all.into_iter().flatten().collect();
    let own = if all.is_empty() {
        "a retry begins the limits of what is below it anew, as they are written".to_owned()
    } else {
        format!("a retry grants the run its limits anew, as they are written ({})", all.join(", "))
    };
    Some(format!(
        "{own}: what it took counts against them no more, and what a person granted beside them is not granted again"
    ))
}

/// A fact of a budget in words; `None`: it is of no account.
pub(super) fn fact(fact: &Fact) -> Option<String> {
    Some(match fact {
        Fact::Waiting { reservation } => format!("{} waits for room", quoted(&reservation.path)),
        Fact::Denied { error, .. } => format!("a call was refused: {}", quoted(error)),
        Fact::Granted { by, .. } => format!("{} granted more", quoted(by)),
        Fact::Stopped { by, .. } => format!("{} granted no more", quoted(by)),
        Fact::Settled { lost, .. } if lost.attempts > 0 => {
            let attempts = count(lost.attempts, "attempt");
            format!("{attempts} brought no answer, and was paid for or may have been")
        }
        Fact::Reserved { .. } | Fact::Settled { .. } | Fact::Bound { .. } => return None,
    })
}
