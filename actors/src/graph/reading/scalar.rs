//! Where a part of a text stands in the file. YAML has five ways of writing a text; what they have in common is that the
//! characters between blanks stand there as they are. So both are walked side by side, blanks aside; where an escape
//! makes them differ there is no answer.

/// Line and column of the byte `offset` of `text`, which was written at `at`.
pub(super) fn inside(
    lines: &[String],
    at: (usize, usize),
    text: &str,
    offset: usize,
) -> Option<(usize, usize)> {
    let mut written = characters(lines, at).peekable();
    if let Some((_, '"' | '\'')) = written.peek() {
        written.next();
    }
    let is_solid = |c: &char| !c.is_whitespace();
    for wanted in text.get(..offset)?.chars().filter(is_solid) {
        let (_, found) = written.next()?;
        if found != wanted {
            return None;
        }
    }
    let next = text[offset..].chars().find(is_solid);
    let (place, found) = written.next()?;
    (next == Some(found)).then_some(place)
}

/// What stands in the file from a place on, without blanks.
fn characters(
    lines: &[String],
    at: (usize, usize),
) -> impl Iterator<Item = ((usize, usize), char)> {
    let rows = lines.iter().enumerate().skip(at.0 - 1);
    let all = rows.flat_map(|(row, line)| {
        line.chars().enumerate().map(move |(column, c)| ((row + 1, column + 1), c))
    });
    all.filter(move |(place, c)| *place >= at && !c.is_whitespace())
}
