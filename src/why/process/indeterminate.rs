//! A process of which nobody knows whether its attempt did its work (`on_lost = ask`): it waits for an
//! operator, because to ask again might do, and cost, everything twice.

use super::super::answer::Answer;
use super::super::commands::{cancel, post, retry};
use super::super::house::House;
use super::super::tale;
use super::past::Past;

/// What was lost, and who has to decide.
pub(super) fn explain(house: &House, past: &Past) -> Answer {
    let newest = past.messages.iter().rev().find(|message| message.position == past.position);
    let why = newest.map(|message| tale::text(message, "why")).unwrap_or_default();
    let verdict = format!(
        "process {} waits for you: its attempt may have done its work, but what became of it is not known: {why}",
        past.id
    );
    let fail = format!("/processes/{}/fail", past.id);
    Answer::of("process", &past.id, "indeterminate", verdict)
        .since(past.since)
        .because(format!(
            "runtime {} says on_lost = \"ask\": it is not asked again by itself",
            past.runtime()
        ))
        .and_because(past.attempts_in_words())
        .and_because(past.redrives())
        .remedy(retry(
            &past.id,
            "asks again; what the lost attempt did may be done, and paid for, twice",
        ))
        .remedy(post(house, &fail, "takes it for failed"))
        .remedy(cancel(&past.id, "ends it"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use callboard_actors::journal::{Loaded, Reader};
    use callboard_actors::vocabulary::Timestamp;

    #[test]
    fn every_way_out_is_offered_with_its_price() {
        let empty = Past::of(&"p".parse().unwrap(), Loaded::default());
        let past = Past { status: "INDETERMINATE", ..empty };
        let house = House {
            reader: Reader::of_file("nowhere".as_ref()),
            folder: "/home".into(),
            address: "127.0.0.1:8000".into(),
            topic_root: "claude".into(),
            limits: std::collections::BTreeMap::new(),
            tree: None,
            now: Timestamp(0),
        };
        let answer = explain(&house, &past);
        let commands: Vec<_> = answer.commands.iter().map(|one| one.command.as_str()).collect();
        assert_eq!(
            commands,
            [
                "callboard retry p",
                "curl -X POST -H \"Authorization: Bearer $(cat /home/token)\" http://127.0.0.1:8000/processes/p/fail",
                "callboard cancel p",
            ]
        );
    }
}
