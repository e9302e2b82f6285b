//! Tables with aligned columns, and the small texts that stand in them. Pure.

use std::time::Duration;

use callboard_actors::vocabulary;

/// Rows under headers, every column as wide as its widest cell, the last one as long as it is.
pub(super) fn table(headers: &[&str], rows: &[Vec<String>]) -> String {
    let header: Vec<String> = headers.iter().map(|&text| text.to_owned()).collect();
    self::rows(&[&[header], rows].concat())
}

/// The same without headers.
pub(super) fn rows(rows: &[Vec<String>]) -> String {
    let columns = rows.iter().map(Vec::len).max().unwrap_or(0);
    let width = |column: usize| rows.iter().map(|row| length(&row[column])).max().unwrap_or(0);
    let widths: Vec<usize> = (0..columns).map(width).collect();
    let lines: Vec<String> = rows.iter().map(|row| line(row, &widths)).collect();
    lines.join("\n")
}

fn line(row: &[String], widths: &[usize]) -> String {
    let cells = row.iter().zip(widths);
    let padded = cells.map(|(cell, width)| format!("{cell}{}", " ".repeat(width - length(cell))));
    padded.collect::<Vec<_>>().join("  ").trim_end().to_owned()
}

/// Names and values, a line each, the values below each other.
pub(super) fn list(pairs: &[(&str, String)]) -> String {
    let width = pairs.iter().map(|(name, _)| length(name)).max().unwrap_or(0);
    let lines = pairs.iter().map(|(name, value)| {
        format!("{name}{}  {value}", " ".repeat(width - length(name))).trim_end().to_owned()
    });
    lines.collect::<Vec<_>>().join("\n")
}

fn length(text: &str) -> usize {
    text.chars().count()
}

/// The beginning of a text, in one line.
pub(super) fn cut(text: &str, most: usize) -> String {
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    if length(&line) <= most {
        return line;
    }
    let beginning: String = line.chars().take(most.saturating_sub(1)).collect();
    format!("{}…", beginning.trim_end())
}

/// A span of time, as long as it has to be: `0.4 s`, `12 s`, `3 m 20 s`, `5 h 2 m`, `4 d 3 h`.
pub(super) fn span(milliseconds: u64) -> String {
    vocabulary::span(Duration::from_millis(milliseconds))
}

/// What an answer took, in a few words.
pub(super) fn cost(metrics: &super::api::Metrics) -> String {
    // Scripted answers cost nothing, which is not worth a word.
    let cost = metrics.cost_usd.filter(|cost| *cost > 0.0);
    let dollars = cost.map(|cost| format!(", ${cost:.4}")).unwrap_or_default();
    let (tokens_in, tokens_out) = (metrics.tokens_in, metrics.tokens_out);
    format!("{tokens_in} + {tokens_out} tokens{dollars}, {}", span(metrics.duration_ms))
}

#[cfg(test)]
mod tests {
    use super::super::api::Metrics;
    use super::*;

    #[test]
    fn columns_are_as_wide_as_their_widest_cell() {
        let rows = [
            vec!["a".into(), "long one".into(), "x".into()],
            vec!["äöü".into(), "b".into(), String::new()],
        ];
        assert_eq!(
            table(&["ID", "WHAT", "Z"], &rows),
            "ID   WHAT      Z\na    long one  x\näöü  b"
        );
        assert_eq!(table(&["ID"], &[]), "ID");
    }

    #[test]
    fn values_stand_below_each_other() {
        assert_eq!(
            list(&[("id", "1".into()), ("status", "DEAD".into())]),
            "id      1\nstatus  DEAD"
        );
    }

    #[test]
    fn a_long_text_becomes_one_short_line() {
        assert_eq!(cut("a\nb  c", 9), "a b c");
        assert_eq!(cut("one two three", 9), "one two…");
    }

    #[test]
    fn a_span_is_as_exact_as_it_is_short() {
        let spans = [440, 12_000, 200_000, 18_120_000, 356_400_000].map(span);
        assert_eq!(spans, ["0.4 s", "12 s", "3 m 20 s", "5 h 2 m", "4 d 3 h"]);
    }

    #[test]
    fn only_what_costs_something_has_a_price() {
        let metrics = Metrics { tokens_in: 3, tokens_out: 9, cost_usd: None, duration_ms: 200 };
        assert_eq!(cost(&metrics), "3 + 9 tokens, 0.2 s");
        assert_eq!(
            cost(&Metrics { cost_usd: Some(0.5), ..metrics }),
            "3 + 9 tokens, $0.5000, 0.2 s"
        );
    }
}
