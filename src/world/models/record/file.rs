//! The file that a recorder appends to.

use std::fmt::Write as _;
use std::fs::{File, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use crate::world::models::replay::Item;

/// What a new recording begins with.
const HEADER: &str = "# Recorded by Callboard: one answer a line. Edit it freely.\n\
                      name: recorded\n\
                      unmatched: refuse\n\
                      answers:\n";

/// Appends `item` as one line, under a lock that holds off every other recorder.
pub(super) fn append(path: &Path, item: &Item) -> io::Result<()> {
    let line = line(item)?;
    let mut file =
        OpenOptions::new().create(true).read(true).append(true).mode(0o600).open(path)?;
    file.lock()?;
    cut_torn_line(&mut file)?;
    let fresh = file.metadata()?.len() == 0;
    let text = if fresh { HEADER.to_owned() + &line } else { line };
    file.write_all(text.as_bytes())
}

/// A crash may have left half a line behind; without its line break it was never recorded.
fn cut_torn_line(file: &mut File) -> io::Result<()> {
    let length = file.metadata()?.len();
    if length == 0 {
        return Ok(());
    }
    let mut last = [0];
    file.seek(SeekFrom::End(-1))?;
    file.read_exact(&mut last)?;
    if last == *b"\n" {
        return Ok(());
    }
    let mut text = Vec::new();
    file.seek(SeekFrom::Start(0))?;
    file.read_to_end(&mut text)?;
    let whole = text.iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1);
    file.set_len(whole as u64)
}

fn line(item: &Item) -> io::Result<String> {
    let json = serde_json::to_string(item)?;
    Ok(format!("  - {}\n", escaped(&json)))
}

/// `json` with every character escaped that JSON allows in a string and YAML does not print
/// (YAML 1.2.2, 5.1 and 5.4): the two differ in nothing else.
fn escaped(json: &str) -> String {
    let mut text = String::with_capacity(json.len());
    for character in json.chars() {
        match character {
            '\u{7f}'..='\u{9f}'
            | '\u{2028}'
            | '\u{2029}'
            | '\u{feff}'
            | '\u{fffe}'
            | '\u{ffff}' => {
                let _infallible = write!(text, "\\u{:04x}", u32::from(character));
            }
            _ => text.push(character),
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use std::thread;

    use proptest::prelude::*;

    use super::*;

    fn item(answer: &str) -> Item {
        Item { answer: Some(answer.to_owned()), ..Item::default() }
    }

    fn answers(path: &Path) -> Vec<String> {
        #[derive(serde::Deserialize)]
        struct Recorded {
            answers: Vec<Item>,
        }
        let text = std::fs::read_to_string(path).unwrap();
        let recorded: Recorded = serde_saphyr::from_str(&text).unwrap();
        recorded.answers.into_iter().filter_map(|item| item.answer).collect()
    }

    #[test]
    fn recorders_at_once_lose_no_line() {
        let folder = tempfile::tempdir().unwrap();
        let path = &folder.path().join("r.yaml");
        thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| {
                    (0..50).for_each(|_| append(path, &item(&"x".repeat(9000))).unwrap());
                });
            }
        });
        assert_eq!(answers(path).len(), 200);
    }

    #[test]
    fn a_torn_line_is_cut_off_before_the_next_one() {
        let folder = tempfile::tempdir().unwrap();
        let path = &folder.path().join("r.yaml");
        append(path, &item("one")).unwrap();
        let length = std::fs::metadata(path).unwrap().len();
        append(path, &item("two")).unwrap();
        File::options().write(true).open(path).unwrap().set_len(length + 9).unwrap();
        append(path, &item("three")).unwrap();
        assert_eq!(answers(path), ["one", "three"]);
    }

    proptest! {
        #[test]
        fn any_text_comes_back_as_it_was(text in any::<String>()) {
            let yaml = line(&item(&text)).unwrap();
            let read: Vec<Item> = serde_saphyr::from_str(&yaml).unwrap();
            prop_assert_eq!(read, vec![item(&text)]);
        }
    }

    #[test]
    fn so_does_every_character_that_yaml_might_mind() {
        let text: String = ('\0'..='\u{1ffff}').collect();
        let yaml = line(&item(&text)).unwrap();
        assert!(!yaml.contains(['\u{7f}', '\u{85}', '\u{9f}', '\u{2028}', '\u{feff}', '\u{ffff}']));
        let read: Vec<Item> = serde_saphyr::from_str(&yaml).unwrap();
        assert!(read == vec![item(&text)]);
    }
}
