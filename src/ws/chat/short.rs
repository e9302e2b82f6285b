//! [`cut`]: texts that others wrote, as long as a frame has room for.

/// So much of an error is in one frame, in bytes.
pub(super) const ERROR: usize = 4 << 10;

/// The beginning of a text.
pub(super) fn cut(mut text: String, most: usize) -> String {
    if text.len() > most {
        text.truncate(text.floor_char_boundary(most));
        text.push('…');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_cut_between_characters() {
        assert_eq!(cut("aäb".into(), 4), "aäb");
        assert_eq!(cut("aäb".into(), 2), "a…");
    }
}
