//! What was said before, for programs that keep conversations of their own.

use callboard_actors::processes::{Past, Work};
use std::fmt::Write as _;

/// The program's own name of the conversation, if it was the one that spoke last, under the same standing
/// instructions: programs go on with those that a conversation began with, whatever they are told later.
///
/// One that works on a copy of its workflow's folder has a home of its own, which goes with it, and its memory too.
pub(super) fn own_session(work: &Work) -> Option<&str> {
    if work.equipment.is_some() {
        return None;
    }
    let attempt = &work.attempt;
    let system = attempt.pinned.system.as_ref().map(|system| &system.hash);
    let is_ours = |past: &&Past| past.runtime == attempt.runtime && past.system.as_ref() == system;
    work.history.last().filter(is_ours)?.provider_session.as_deref()
}

/// A prompt with the standing instructions in front of it: for a program that has no other place for them.
pub(super) fn instructed(system: Option<&str>, prompt: String) -> String {
    match system {
        Some(system) => format!("<instructions>\n{system}\n</instructions>\n\n{prompt}"),
        None => prompt,
    }
}

/// The prompt, with what was said before in front of it: for a program that cannot know it.
pub(super) fn told_again(work: &Work) -> String {
    if work.history.is_empty() {
        return work.prompt.clone();
    }
    let mut text = String::from("This is what was said so far in this conversation.\n");
    for Past { prompt, content, .. } in &work.history {
        // Writing to a String cannot fail.
        let _ = write!(text, "\n<user>\n{prompt}\n</user>\n<assistant>\n{content}\n</assistant>\n");
    }
    let _ = write!(text, "\nNow answer this:\n\n{}", work.prompt);
    text
}
