//! What was said before, for programs that keep conversations of their own.

use callboard_actors::processes::{Past, Work};
use std::fmt::Write as _;

/// The program's own name of the conversation, if it was the one that spoke last.
pub(super) fn own_session(work: &Work) -> Option<&str> {
    let last = work.history.last().filter(|past| past.runtime == work.attempt.runtime)?;
    last.provider_session.as_deref()
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
