//! What can be done, as commands to be copied. Which of them is offered is decided by each situation.

use super::answer::Remedy;
use super::house::House;
use super::kinds::Kind;
use super::words::shell_word;

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

/// Starts a server.
pub(super) fn serve() -> Remedy {
    remedy("callboard serve".to_owned(), "starts a server, which goes on where the last one was")
}

/// Orders what only HTTP has.
pub(super) fn post(house: &House, path: &str, does: &str) -> Remedy {
    remedy(house.curl(path), does)
}
