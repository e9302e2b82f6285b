//! Joins strace's lines into whole calls.

use std::collections::HashMap;

use super::births::Births;
use super::call::Call;
use super::follower::{Follower, is_to_a_socket};
use super::operation::Trace;

/// Reads the lines of one run.
#[derive(Debug)]
struct Reader {
    follower: Follower,
    births: Births,
    /// By thread: a call that has begun, and how many operations had ended then.
    under_way: HashMap<u32, (String, usize)>,
}

/// Reads what strace wrote about the files of `home`, an absolute path.
pub(super) fn read(text: &str, home: &str) -> Result<Trace, String> {
    let mut reader = Reader {
        follower: Follower::new(home),
        births: Births::read(text),
        under_way: HashMap::new(),
    };
    for (number, line) in text.lines().enumerate() {
        reader.line(line).map_err(|error| format!("line {} of the trace: {error}", number + 1))?;
    }
    Ok(reader.follower.trace)
}

impl Reader {
    fn line(&mut self, line: &str) -> Result<(), String> {
        let Some((thread, text)) = line.split_once(char::is_whitespace) else { return Ok(()) };
        let thread = thread.parse().map_err(|_| format!("no thread in {line:?}"))?;
        let text = text.trim_start();
        if text.ends_with(" = ?") {
            return Ok(()); // the program was killed before the call had ended
        }
        if let Some(begun) = text.strip_suffix(" <unfinished ...>") {
            return self.begin(thread, begun);
        }
        if let Some((_, rest)) = text.strip_prefix("<... ").and_then(|t| t.split_once(" resumed>"))
        {
            let Some((first, began)) = self.under_way.remove(&thread) else { return Ok(()) };
            return self.end(thread, &format!("{first}{rest}"), began);
        }
        self.end(thread, text, self.follower.ended())
    }

    fn begin(&mut self, thread: u32, text: &str) -> Result<(), String> {
        let call = Call::parse(text);
        if call.is_some_and(|call| call.name == "close" || is_to_a_socket(&call)) {
            return self.end(thread, text, self.follower.ended());
        }
        self.under_way.insert(thread, (text.to_owned(), self.follower.ended()));
        Ok(())
    }

    fn end(&mut self, thread: u32, text: &str, began: usize) -> Result<(), String> {
        match Call::parse(text) {
            Some(call) if call.result.is_none_or(|result| result >= 0) => {
                self.follower.call(self.births.program(thread), &call, began)
            }
            // Signals, exits, and what failed.
            _ => Ok(()),
        }
    }
}
