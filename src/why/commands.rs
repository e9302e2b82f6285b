//! What can be done, as commands to be copied. Which of them is offered is decided by each situation.

use super::answer::{Answer, Remedy};
use super::house::House;
use super::kinds::Kind;
use super::words::shell_word;
use callboard_actors::vocabulary::{Name, Position};
use serde_json::Value;

fn remedy(command: String, does: &str) -> Remedy {
    Remedy { command, does: does.to_owned() }
}

/// Stops a process.
pub(super) fn cancel(id: &str, does: &str) -> Remedy {
    remedy(format!("callboard cancel {}", shell_word(id)), does)
}

/// Tries a process again.
pub(super) fn retry(id: &str, does: &str) -> Remedy {
    remedy(format!("callboard retry {}", shell_word(id)), does)
}

/// Asks on.
pub(super) fn why(id: &str, does: &str) -> Remedy {
    remedy(format!("callboard why {}", shell_word(id)), does)
}

/// Shows all of it.
pub(super) fn show(id: &str, does: &str) -> Remedy {
    remedy(format!("callboard show {}", shell_word(id)), does)
}

/// Gives an actor an order.
pub(super) fn operate(verb: &str, path: &str, does: &str) -> Remedy {
    remedy(format!("callboard operate {verb} {}", shell_word(path)), does)
}

/// Lets all entities of a kind act again.
pub(super) fn resume_all(kind: Kind) -> Remedy {
    let path = kind.folder();
    operate("resume", path, &format!("lets everything at {path} act again"))
}

/// Has an actor rebuilt.
pub(super) fn restart(path: &str, does: &str) -> Remedy {
    remedy(format!("callboard restart {}", shell_word(path)), does)
}

/// Follows a stream.
pub(super) fn follow(stream: &str) -> Remedy {
    remedy(
        format!("callboard messages --stream {} --follow", shell_word(stream)),
        "says what happens next",
    )
}

/// Walks through a stream.
pub(super) fn step(stream: &str) -> Remedy {
    remedy(
        format!("callboard step {}", shell_word(stream)),
        "walks through its journal, state by state",
    )
}

/// Checks the journal.
pub(super) fn verify() -> Remedy {
    remedy("callboard journal verify".to_owned(), "says what else in the journal is damaged")
}

/// Starts a server.
pub(super) fn serve() -> Remedy {
    remedy("callboard serve".to_owned(), "starts a server, which goes on where the last one was")
}

/// Takes an attempt whose outcome nobody knows for failed.
pub(super) fn fail(id: &str, does: &str) -> Remedy {
    remedy(format!("callboard fail {}", shell_word(id)), does)
}

/// Changes a setting while the server runs.
pub(super) fn set(key: &str, value: &str, does: &str) -> Remedy {
    remedy(format!("callboard config set {} {}", shell_word(key), shell_word(value)), does)
}

/// Shows an agent and its mailbox.
pub(super) fn show_agent(id: &str, does: &str) -> Remedy {
    remedy(format!("callboard agents show {}", shell_word(id)), does)
}

/// Registers an agent.
pub(super) fn register(profile: &str, id: &str, does: &str) -> Remedy {
    let (profile, id) = (shell_word(profile), shell_word(id));
    remedy(format!("callboard agents register {profile} --id {id}"), does)
}

/// Lists what stands behind a position on these topics, without taking it from anybody.
pub(super) fn list_behind(topics: &[String], position: Position, does: &str) -> Remedy {
    let topics = shell_word(&topics.join(","));
    remedy(format!("callboard messages --topic {topics} --after {position}"), does)
}

/// Whether a command only looks at the home, or brings a server along.
fn works_alone(remedy: &Remedy) -> bool {
    let alone = [
        "callboard serve",
        "callboard spawn",
        "callboard why",
        "callboard step",
        "callboard journal",
        "cat ",
    ];
    alone.iter().any(|beginning| remedy.command.starts_with(beginning))
}

/// Where no server is, what needs one comes behind the command that starts one.
pub(super) fn with_a_server_first(answer: Answer) -> Answer {
    let (alone, need): (Vec<_>, Vec<_>) = answer.commands.iter().cloned().partition(works_alone);
    let also = answer.also.into_iter().map(with_a_server_first).collect();
    let answer = Answer { commands: alone, also, ..answer };
    if need.is_empty() { answer } else { answer.remedy(serve()).remedies(need) }
}

/// Orders what only HTTP has.
pub(super) fn post(house: &House, path: &str, body: Option<&Value>, does: &str) -> Remedy {
    remedy(house.curl("POST", path, body), does)
}

/// Deletes what only HTTP deletes.
pub(super) fn delete(house: &House, path: &str, does: &str) -> Remedy {
    remedy(house.curl("DELETE", path, None), does)
}

/// Steers a schedule.
pub(super) fn schedule(verb: &str, id: &str, does: &str) -> Remedy {
    remedy(format!("callboard schedule {verb} {}", shell_word(id)), does)
}

/// Has a dead message delivered once more.
pub(super) fn redrive(house: &House, position: Position, subscription: &Name) -> Remedy {
    let path = format!("/messages/{position}/retry?subscription={subscription}");
    post(house, &path, None, "has it delivered once more, once its consumer is mended")
}
