//! Choosing among lines of JSON.

use crate::program::{Select, Take};
use serde_json::Value;

impl Select {
    /// Of this line the value, if it is one of the chosen.
    pub(super) fn of<'a>(&self, line: &'a Value) -> Option<&'a Value> {
        let fits = |(pointer, wanted): (&String, &String)| {
            line.pointer(pointer).is_some_and(|value| text(value) == *wanted)
        };
        self.conditions.iter().all(fits).then(|| line.pointer(&self.pointer)).flatten()
    }
}

/// A text that is gathered from chosen lines.
#[derive(Debug, Default)]
pub(super) struct Gathered(Option<String>);

impl Gathered {
    /// Takes a line; gives what it adds.
    pub(super) fn take(&mut self, select: &Select, line: &Value) -> Option<String> {
        let found = text(select.of(line)?);
        match (&mut self.0, select.take) {
            (Some(sofar), Take::All) => sofar.push_str(&found),
            (gathered, _) => *gathered = Some(found.clone()),
        }
        Some(found)
    }

    /// What was gathered; `None`: no line was chosen.
    pub(super) fn into_text(self) -> Option<String> {
        self.0
    }
}

/// A number that is added up from chosen lines.
#[derive(Debug, Default)]
pub(super) struct Counted(Option<f64>);

impl Counted {
    pub(super) fn take(&mut self, select: Option<&Select>, line: &Value) {
        if let Some(number) = select.and_then(|select| select.of(line)?.as_f64()) {
            *self.0.get_or_insert(0.0) += number;
        }
    }

    pub(super) fn dollars(&self) -> Option<f64> {
        self.0
    }

    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "saturating is what is meant"
    )]
    pub(super) fn tokens(&self) -> u64 {
        self.0.unwrap_or(0.0) as u64
    }
}

/// A value as text: strings as they are, anything else as JSON.
pub(super) fn text(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn select(take: Take) -> Select {
        let conditions = [("/type".to_owned(), "text".to_owned())].into();
        Select { conditions, pointer: "/part/text".into(), take }
    }

    #[test]
    fn the_last_or_all_of_the_chosen_lines_make_the_text() {
        let lines = [
            json!({ "type": "text", "part": { "text": "a" } }),
            json!({ "type": "tool", "part": { "text": "b" } }),
            json!({ "type": "text", "part": { "text": "c" } }),
        ];
        let gather = |take| {
            let mut gathered = Gathered::default();
            let added = lines.iter().filter_map(|line| gathered.take(&select(take), line)).count();
            (gathered.into_text(), added)
        };
        assert_eq!(gather(Take::Last), (Some("c".into()), 2));
        assert_eq!(gather(Take::All), (Some("ac".into()), 2));
    }

    #[test]
    fn numbers_are_added_and_what_nobody_said_is_not_known() {
        let select = Select { conditions: [].into(), pointer: "/n".into(), take: Take::Last };
        let mut counted = Counted::default();
        assert_eq!((counted.dollars(), counted.tokens()), (None, 0));
        for n in [1, 2] {
            counted.take(Some(&select), &json!({ "n": n }));
        }
        assert_eq!((counted.dollars(), counted.tokens()), (Some(3.0), 3));
    }
}
