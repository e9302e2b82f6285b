//! Pieces of Markdown that hold whatever is put into them.

/// A text as a line of its own: nothing in it begins another block.
pub(super) fn line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// A list; its elements may have several lines.
pub(super) fn list(elements: &[String]) -> String {
    let mut text = String::new();
    for element in elements {
        text.extend(["* ", &element.trim().replace('\n', "\n  "), "\n"]);
    }
    text
}

/// A block of code, in a fence that is longer than any in it.
pub(super) fn code(language: &str, text: &str) -> String {
    let longest = text.split(|c| c != '`').map(str::len).max().unwrap_or(0);
    let fence = "`".repeat(usize::max(3, longest + 1));
    format!("{fence}{language}\n{}\n{fence}\n", text.trim_end())
}

/// A section: its heading, and what stands in it; nothing where that is empty.
pub(super) fn section(heading: &str, body: &str) -> String {
    match body.trim() {
        "" => String::new(),
        body => format!("\n{heading}\n\n{body}\n"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whatever_is_put_in_stays_in() {
        assert_eq!(line("a\n# b"), "a # b");
        assert_eq!(
            code("rust", "/// ```\n/// x\n/// ```"),
            "````rust\n/// ```\n/// x\n/// ```\n````\n"
        );
        assert_eq!(list(&["a\nb".into()]), "* a\n  b\n");
        assert_eq!(
            (section("## A", " "), section("## A", "b")),
            (String::new(), "\n## A\n\nb\n".into())
        );
    }
}
