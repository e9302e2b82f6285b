//! Search by words: FTS5, ranked by BM25.

use rusqlite::{Connection, Result};

/// More words than these say nothing more about what is looked for.
const MOST_WORDS: usize = 64;

/// What FTS5 is asked for a text: any of its words. None, if it has none.
fn expression(text: &str) -> Option<String> {
    let mut words: Vec<String> = Vec::new();
    for word in text.split(|letter: char| !letter.is_alphanumeric()).filter(|word| !word.is_empty())
    {
        let word = format!("\"{}\"", word.to_lowercase());
        if words.len() < MOST_WORDS && !words.contains(&word) {
            words.push(word);
        }
    }
    (!words.is_empty()).then(|| words.join(" OR "))
}

/// The numbers of the items that fit a text's words best, the best first, of those that are allowed.
pub(crate) fn search(
    connection: &Connection,
    text: &str,
    most: usize,
    is_allowed: impl Fn(i64) -> bool,
) -> Result<Vec<i64>> {
    let Some(expression) = expression(text) else { return Ok(Vec::new()) };
    let sql = "SELECT rowid FROM words WHERE words MATCH ?1 ORDER BY bm25(words), rowid";
    let mut statement = connection.prepare_cached(sql)?;
    let mut rows = statement.query([expression])?;
    let mut found = Vec::new();
    while found.len() < most
        && let Some(row) = rows.next()?
    {
        let number = row.get(0)?;
        if is_allowed(number) {
            found.push(number);
        }
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_text_becomes_words_and_never_syntax() {
        assert_eq!(
            expression("Vite + React_18, vite!"),
            Some("\"vite\" OR \"react\" OR \"18\"".to_owned())
        );
        assert_eq!(
            expression("NEAR(a* \"b\") NOT -c"),
            Some("\"near\" OR \"a\" OR \"b\" OR \"not\" OR \"c\"".to_owned())
        );
        assert_eq!(expression(" \"*-  "), None);
    }
}
