//! Results as a Markdown table, ready for `docs/BENCHMARKS.md`.

use std::time::Duration;

/// A table that is printed once it is whole.
#[derive(Debug)]
pub(crate) struct Table {
    rows: Vec<Vec<String>>,
}

impl Table {
    /// A table with these columns.
    pub(crate) fn new<const N: usize>(columns: [&str; N]) -> Self {
        Self { rows: vec![columns.map(str::to_owned).to_vec()] }
    }

    /// Adds a row.
    pub(crate) fn row<const N: usize>(&mut self, cells: [String; N]) {
        self.rows.push(cells.to_vec());
    }

    /// Prints it.
    pub(crate) fn print(&self) {
        let count = self.rows.first().map_or(0, Vec::len);
        let width = |column: usize| {
            let cells = self.rows.iter().filter_map(|row| row.get(column));
            cells.map(|cell| cell.chars().count()).max().unwrap_or(0)
        };
        let widths: Vec<_> = (0..count).map(width).collect();
        for (index, row) in self.rows.iter().enumerate() {
            let cells = row.iter().zip(&widths).map(|(cell, width)| format!("{cell:>width$}"));
            println!("| {} |", cells.collect::<Vec<_>>().join(" | "));
            if index == 0 {
                let rules = widths.iter().map(|width| format!("{}:", "-".repeat(width + 1)));
                println!("|{}|", rules.collect::<Vec<_>>().join("|"));
            }
        }
    }
}

/// A whole number, its thousands apart.
pub(crate) fn number(value: f64) -> String {
    let digits = format!("{value:.0}");
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index) % 3 == 0 {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// A ratio.
pub(crate) fn ratio(value: f64) -> String {
    format!("{value:.2}")
}

/// Milliseconds.
pub(crate) fn millis(value: Duration) -> String {
    format!("{:.2}", value.as_secs_f64() * 1_000.0)
}
