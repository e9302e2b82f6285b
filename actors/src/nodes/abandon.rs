//! A node that an operator has ended with `fail` does nothing any more, and so neither ends its turn's process nor settles
//! what was reserved for it: whoever had the node carried out sees to both.

use super::end::News;
use super::metrics::Metrics;
use super::pause::Pause;
use super::purse::{Bill, Lost, Purse};
use super::spending::settle;
use super::state::{Facts, Node};
use crate::entity::{Directory, TellError};
use crate::journal::MessageKind;
use crate::machine::{Machine as _, tagged};
use crate::processes::{Command, Process, Refusal};
use crate::vocabulary::{MessageId, Name, ProcessId};

/// What an operator left behind who ended a node.
struct Left {
    facts: Facts,
    /// The process that it was at.
    process: Option<ProcessId>,
    by: String,
}

/// Has the process of a node cancelled that an operator has ended, and settles its turn; what the node took. `None`: it
/// ended by itself, as all others do, and has said what it took.
pub async fn abandon(
    nodes: &Directory<Node>,
    processes: &Directory<Process>,
    purse: &impl Purse,
    name: &Name,
) -> Option<Metrics> {
    let mut pause = Pause::new();
    loop {
        match left_behind(nodes, name).await {
            Ok(None) => return None,
            Ok(Some(left)) => match clear_up(processes, purse, name, &left).await {
                Ok(lost) => return Some(left.facts.metrics.losing(lost)),
                Err(why) => {
                    tracing::warn!(node = %name, %why, "failed to end a process: trying again");
                }
            },
            Err(why) => tracing::warn!(node = %name, %why, "failed to read a node: trying again"),
        }
        pause.rest().await;
    }
}

async fn left_behind(nodes: &Directory<Node>, name: &Name) -> Result<Option<Left>, String> {
    let loaded = nodes.journal().load(Directory::<Node>::stream(name), 0).await;
    let loaded = loaded.map_err(|fault| fault.to_string())?;
    let Some(parked) = loaded.parked.filter(|parked| parked.failed) else { return Ok(None) };
    let mut node = Node::default();
    for message in loaded.messages.iter().filter(|message| message.kind == MessageKind::Event) {
        // What cannot be read may be why it was ended.
        let Ok(event) = tagged::join(&message.event_type, message.data.get()) else { continue };
        node.apply(&event);
    }
    let process = node.phase().process().cloned();
    Ok(node.facts.map(|facts| Left { facts, process, by: parked.by }))
}

/// What was lost of the turn that the node was at.
async fn clear_up(
    processes: &Directory<Process>,
    purse: &impl Purse,
    name: &Name,
    left: &Left,
) -> Result<Lost, String> {
    let Some(process) = &left.process else { return Ok(Lost::NOTHING) };
    let bills = if cancel(processes, name, process, &left.by).await? {
        // It waits for no room any more.
        match News::of(processes, process, u32::MAX).await {
            Ok(News::Ended(_, bills)) => bills,
            Ok(News::Held { .. }) => return Err(format!("process {process} still waits")),
            Err(error) => return Err(error.to_string()),
        }
    } else {
        // It never came into being.
        vec![Bill::default()]
    };
    Ok(match &left.facts.order.budget {
        Some(budget) => settle(purse, budget, &left.facts.node_id, left.facts.turn, &bills).await,
        None => bills.iter().fold(Lost::NOTHING, |lost, bill| lost.plus(bill.in_vain())),
    })
}

/// `false`: there is none.
async fn cancel(
    processes: &Directory<Process>,
    node: &Name,
    process: &ProcessId,
    by: &str,
) -> Result<bool, String> {
    let id = MessageId::derived(&["node", node.as_str(), "abandon"]);
    match processes.tell(&process.0, id, Command::Cancel { by: by.to_owned() }).await {
        Err(TellError::Refused(Refusal::Unknown)) => Ok(false),
        Err(error) if error.is_passing() => Err(error.to_string()),
        // Whoever refuses otherwise has ended, or is about to.
        _ => Ok(true),
    }
}
