//! Which threads are one program's, and which program began which: told by the calls that make them.
//!
//! It is read from the whole trace before anything else: a child is often seen at work before the call that
//! made it returns.

use std::collections::HashMap;

use super::call::Call;

/// Every thread that was made during a trace.
#[derive(Debug, Default)]
pub(super) struct Births(HashMap<u32, Birth>);

#[derive(Debug)]
struct Birth {
    parent: u32,
    is_thread: bool,
}

/// A program in a trace, by the number of its first thread; the one that was traced is 0.
pub(super) type Program = u32;

impl Births {
    pub(super) fn read(text: &str) -> Self {
        let (mut births, mut begun) = (HashMap::new(), HashMap::new());
        for line in text.lines() {
            let Some((thread, text)) = line.split_once(char::is_whitespace) else { continue };
            let (Ok(thread), text) = (thread.parse::<u32>(), text.trim_start()) else { continue };
            if let Some(first) = text.strip_suffix(" <unfinished ...>") {
                begun.insert(thread, first);
                continue;
            }
            let resumed = text.strip_prefix("<... ").and_then(|text| text.split_once(" resumed>"));
            let whole = match resumed {
                Some((_, rest)) => format!("{}{rest}", begun.remove(&thread).unwrap_or_default()),
                None => text.to_owned(),
            };
            births.extend(birth(thread, &whole));
        }
        Self(births)
    }

    /// The program that a thread belongs to, and the one that made that.
    pub(super) fn program(&self, mut thread: u32) -> (Program, Option<Program>) {
        while let Some(Birth { parent, is_thread }) = self.0.get(&thread) {
            if !is_thread {
                return (thread, Some(self.program(*parent).0));
            }
            thread = *parent;
        }
        (0, None)
    }
}

fn birth(parent: u32, text: &str) -> Option<(u32, Birth)> {
    if !["clone(", "clone3(", "fork(", "vfork("].iter().any(|name| text.starts_with(name)) {
        return None;
    }
    let child = Call::parse(text)?.result.filter(|child| *child > 0)?;
    Some((child.try_into().ok()?, Birth { parent, is_thread: text.contains("CLONE_THREAD") }))
}
