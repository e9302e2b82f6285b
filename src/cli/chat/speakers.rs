//! [`Speakers`]: several models may speak at once, and one terminal has one line. One has the word; what the others say
//! is kept until he has finished. Pure.

use std::collections::VecDeque;

/// So much of what waits for the word is kept, in bytes: the beginning.
const KEPT: usize = 256 << 10;

/// Something to be printed.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Shown {
    /// In a line of its own.
    Line(String),
    /// Behind what was printed last.
    Piece(String),
}

/// Who speaks; the first has the word.
#[derive(Debug, Default)]
pub(super) struct Speakers(VecDeque<Speaker>);

#[derive(Debug)]
struct Speaker {
    process: String,
    path: String,
    attempt: u64,
    /// What was said while another had the word.
    kept: String,
    /// What is to be printed behind his last word; he has finished.
    last: Option<Vec<Shown>>,
}

impl Speakers {
    /// Somebody says something.
    pub(super) fn say(
        &mut self,
        process: &str,
        path: &str,
        attempt: u64,
        text: &str,
    ) -> Vec<Shown> {
        let place = self.0.iter().position(|speaker| speaker.process == process);
        let (place, is_new) = place.map_or((self.0.len(), true), |place| (place, false));
        if is_new {
            let (process, path) = (process.to_owned(), path.to_owned());
            self.0.push_back(Speaker { process, path, attempt, kept: String::new(), last: None });
        }
        let speaker = &mut self.0[place];
        let is_again = attempt > speaker.attempt;
        speaker.attempt = attempt;
        if place > 0 {
            if is_again {
                speaker.kept.clear();
            }
            let room = KEPT.saturating_sub(speaker.kept.len());
            speaker.kept.push_str(&text[..text.floor_char_boundary(room)]);
            return Vec::new();
        }
        let head = (is_new || is_again).then(|| Shown::Line(head(path, attempt)));
        head.into_iter().chain([Shown::Piece(text.to_owned())]).collect()
    }

    /// A turn has been answered: these are its last lines.
    pub(super) fn finish(&mut self, process: &str, last: Vec<Shown>) -> Vec<Shown> {
        match self.0.iter_mut().find(|speaker| speaker.process == process) {
            // Nothing was said, or it was heard by nobody.
            None => last,
            Some(speaker) => {
                speaker.last = Some(last);
                self.pass()
            }
        }
    }

    /// Nobody at this place speaks any more; empty: nobody at all.
    pub(super) fn silence(&mut self, path: &str) -> Vec<Shown> {
        for speaker in &mut self.0 {
            if path.is_empty() || speaker.path == path {
                speaker.last.get_or_insert_default();
            }
        }
        self.pass()
    }

    /// Whoever has finished passes the word on.
    fn pass(&mut self) -> Vec<Shown> {
        let mut shown = Vec::new();
        while let Some(last) = self.0.front_mut().and_then(|speaker| speaker.last.take()) {
            shown.extend(last);
            self.0.pop_front();
            if let Some(next) = self.0.front_mut() {
                shown.push(Shown::Line(head(&next.path, next.attempt)));
                shown.push(Shown::Piece(std::mem::take(&mut next.kept)));
            }
        }
        shown
    }
}

fn head(path: &str, attempt: u64) -> String {
    if attempt > 1 { format!("{path}, attempt {attempt} ›") } else { format!("{path} ›") }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(shown: &[Shown]) -> String {
        let one = |shown: &Shown| match shown {
            Shown::Line(line) => format!("[{line}]"),
            Shown::Piece(piece) => piece.clone(),
        };
        shown.iter().map(one).collect()
    }

    fn line(text: &str) -> Vec<Shown> {
        vec![Shown::Line(text.to_owned())]
    }

    #[test]
    fn one_has_the_word_and_the_others_wait_for_it() {
        let mut speakers = Speakers::default();
        assert_eq!(text(&speakers.say("p", "pro", 1, "I ")), "[pro ›]I ");
        assert_eq!(text(&speakers.say("q", "con", 1, "No")), "");
        assert_eq!(text(&speakers.say("r", "sum", 1, "So")), "");
        assert_eq!(text(&speakers.say("p", "pro", 1, "say")), "say");
        assert_eq!(text(&speakers.finish("q", line("q: 1"))), "");
        assert_eq!(text(&speakers.finish("p", line("p: 2"))), "[p: 2][con ›]No[q: 1][sum ›]So");
        assert_eq!(text(&speakers.say("r", "sum", 1, "!")), "!");
        assert_eq!(text(&speakers.say("r", "sum", 2, "Again")), "[sum, attempt 2 ›]Again");
        assert_eq!(text(&speakers.silence("sum")), "");
        assert_eq!(text(&speakers.say("s", "x", 1, "y")), "[x ›]y");
        assert_eq!(text(&speakers.finish("nobody", line("z"))), "[z]");
    }
}
