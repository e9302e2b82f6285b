//! A node that an operator has ended with `fail` does nothing any more, and so does not end its turn's process either:
//! whoever had the node carried out sees to that.

use super::pause::Pause;
use super::state::Node;
use crate::entity::Directory;
use crate::journal::MessageKind;
use crate::machine::{Machine as _, tagged};
use crate::processes::{Command, Process};
use crate::vocabulary::{MessageId, Name, ProcessId};

/// Has the process of a node cancelled that an operator has ended; all others end theirs themselves.
pub async fn abandon(nodes: &Directory<Node>, processes: &Directory<Process>, name: &Name) {
    let mut pause = Pause::new();
    loop {
        match left_behind(nodes, name).await {
            Ok(None) => return,
            Ok(Some((process, by))) => match cancel(processes, name, &process, by).await {
                Ok(()) => return,
                Err(why) => {
                    tracing::warn!(%process, %why, "failed to cancel a process: trying again");
                }
            },
            Err(why) => tracing::warn!(node = %name, %why, "failed to read a node: trying again"),
        }
        pause.rest().await;
    }
}

/// The process that a node was at when an operator ended it, and who did.
async fn left_behind(
    nodes: &Directory<Node>,
    name: &Name,
) -> Result<Option<(ProcessId, String)>, String> {
    let loaded = nodes.journal().load(Directory::<Node>::stream(name), 0).await;
    let loaded = loaded.map_err(|fault| fault.to_string())?;
    let Some(parked) = loaded.parked.filter(|parked| parked.failed) else { return Ok(None) };
    let mut node = Node::default();
    for message in loaded.messages.iter().filter(|message| message.kind == MessageKind::Event) {
        // What cannot be read may be why it was ended.
        let Ok(event) = tagged::join(&message.event_type, message.data.get()) else { continue };
        node.apply(&event);
    }
    Ok(node.phase().process().map(|process| (process.clone(), parked.by)))
}

/// It may have ended, or never have come into being: whoever refuses has nobody at work.
async fn cancel(
    processes: &Directory<Process>,
    node: &Name,
    process: &ProcessId,
    by: String,
) -> Result<(), String> {
    let id = MessageId::derived(&["node", node.as_str(), "abandon"]);
    match processes.tell(&process.0, id, Command::Cancel { by }).await {
        Err(error) if error.is_passing() => Err(error.to_string()),
        _ => Ok(()),
    }
}
