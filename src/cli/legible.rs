//! [`legible`]: what others wrote, as a terminal may be given it: it is read, and orders nothing.
//!
//! Models, programs and servers say what they like, also letters that a terminal obeys: that move the cursor over what was
//! printed, name the window, or have it answer as if somebody had typed. Those are shown as what they are. Colours are
//! let through: they are ours, and do no harm.

use std::borrow::Cow;

/// What begins an order to a terminal.
const ESCAPE: char = '\u{1b}';

/// The text, its orders shown in place of obeyed.
pub(super) fn legible(text: &str) -> Cow<'_, str> {
    if !text.contains(orders) {
        return Cow::Borrowed(text);
    }
    let mut shown = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find(orders) {
        let (before, from) = rest.split_at(at);
        shown.push_str(before);
        let taken = colour(from).unwrap_or_else(|| from.chars().next().map_or(0, char::len_utf8));
        let (order, behind) = from.split_at(taken);
        match order.chars().next() {
            Some(_) if order.len() > 1 && order.starts_with(ESCAPE) => shown.push_str(order),
            Some(letter) => shown.push(picture(letter)),
            None => {}
        }
        rest = behind;
    }
    shown.push_str(rest);
    Cow::Owned(shown)
}

/// Whether a terminal obeys it.
fn orders(letter: char) -> bool {
    letter.is_control() && !matches!(letter, '\n' | '\t')
}

/// How long the colour is that the text begins with; `None`: it begins with none.
fn colour(text: &str) -> Option<usize> {
    let numbers = text.strip_prefix("\u{1b}[")?;
    let length = numbers.find(|letter: char| !letter.is_ascii_digit() && letter != ';')?;
    numbers[length..].starts_with('m').then_some(length + 3)
}

/// What stands in its place.
fn picture(letter: char) -> char {
    match u32::from(letter) {
        code @ 0..0x20 => char::from_u32(0x2400 + code).unwrap_or(char::REPLACEMENT_CHARACTER),
        0x7f => '\u{2421}',
        _ => char::REPLACEMENT_CHARACTER,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_terminal_would_obey_is_shown_and_colours_stay() {
        let plain = "some words,\n\tin two lines — äß";
        assert!(matches!(legible(plain), Cow::Borrowed(_)));
        let evil = "a\u{1b}]0;mine\u{7}b\u{1b}[2Jc\u{1b}[31mred\u{1b}[0m\rd\u{9b}5ne\u{7f}\u{1b}";
        let shown = "a␛]0;mine␇b␛[2Jc\u{1b}[31mred\u{1b}[0m␍d\u{fffd}5ne␡␛";
        assert_eq!(legible(evil), shown);
        assert_eq!(legible("\u{1b}[31"), "␛[31");
    }
}
