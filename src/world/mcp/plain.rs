//! What a server says of itself and its tools is read by models and shown on terminals: here it becomes plain text of a
//! bounded length.

/// Plain text of at most so many letters: what controls a terminal, turns the direction of writing or cannot be seen is
/// left out, and what is longer is cut.
pub(super) fn plain(text: &str, most: usize) -> String {
    let letters =
        text.chars().filter(|letter| matches!(letter, '\n' | '\t') || !is_hidden(*letter));
    // One more, to see whether there is more; so nobody reads the whole of a long text.
    let mut cut: Vec<char> = letters.take(most + 1).collect();
    if cut.len() > most {
        cut.truncate(most.saturating_sub(1));
        cut.push('…');
    }
    let text: String = cut.into_iter().collect();
    text.trim().to_owned()
}

/// The same in one line.
pub(super) fn line(text: &str, most: usize) -> String {
    let words = plain(text, most);
    words.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Controls, marks of direction, what has no width, tags and private letters.
fn is_hidden(letter: char) -> bool {
    letter.is_control()
        || matches!(u32::from(letter),
            0xAD | 0x61C | 0x180E | 0x200B..=0x200F | 0x2028..=0x202E | 0x2060..=0x206F | 0xFEFF
            | 0xFFF9..=0xFFFB | 0xE000..=0xF8FF | 0xE0000..=0xE0FFF | 0xF0000..=0x0010_FFFF)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_seen_is_left_out_and_what_is_long_is_cut() {
        let text = "\u{1b}[31mread\u{202e}ti\u{200b}me\u{e0041}\r\n\tnow";
        assert_eq!(plain(text, 100), "[31mreadtime\n\tnow");
        assert_eq!(line(text, 100), "[31mreadtime now");
        assert_eq!(plain("äöüß", 3), "äö…");
        assert_eq!(plain("äöü", 3), "äöü");
    }
}
