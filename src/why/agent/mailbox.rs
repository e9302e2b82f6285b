//! What waits in an agent's mailbox, for whom, and what was delivered in vain.

use super::super::answer::Answer;
use super::super::commands::{show_agent, why};
use super::super::house::{House, Look};
use super::super::kinds::Kind;
use super::super::subscription::{State, in_words, paused, redrives, resume};
use super::super::words::{between, count};
use super::past::Past;
use callboard_actors::agents::Status;

/// Adds it to what is said of the agent.
pub(super) async fn told(house: &House, past: &Past, answer: Answer) -> Look<Answer> {
    let mailbox = State::of_mailbox(house, &past.id).await?;
    let troubles = in_words(&mailbox.troubles, mailbox.dead, house.now);
    let answer = answer.because(filled(house, &mailbox)).and_because(troubles);
    if !house.is_served() {
        return Ok(answer);
    }
    let answer = answer.remedies(redrives(house, &mailbox.troubles));
    if !mailbox.row.active {
        let is_paused = format!("nothing of it is delivered: {}", paused(&mailbox.row, house));
        return Ok(answer.because(is_paused).remedy(resume(house, &mailbox.row)));
    }
    if mailbox.waiting() == 0 {
        return Ok(answer);
    }
    let does = "says more of its mailbox";
    Ok(answer
        .and_because(mailbox.delivery())
        .and_because(mailbox.consumer(house))
        .and_because(taken(house, past, &mailbox).await)
        .remedy(show_agent(past.id.as_str(), "shows what waits in its mailbox"))
        .remedies(mailbox.is_open.then(|| why(mailbox.row.name.as_str(), does))))
}

fn filled(house: &House, mailbox: &State) -> String {
    match (mailbox.oldest(), mailbox.dead) {
        (None, 0) => "nothing waits in its mailbox".to_owned(),
        (None, dead) => format!("in its mailbox lies nothing but {}", count(dead, "dead letter")),
        (Some((position, at)), _) => {
            let (wait, time) = (verb(mailbox.waiting()), between(at, house.now));
            let many = mailbox.how_many();
            format!("{many} {wait} in its mailbox, the oldest, #{position}, for {time}")
        }
    }
}

fn verb(number: u64) -> &'static str {
    if number == 1 { "waits" } else { "wait" }
}

/// Who is to take them, while nobody does: only who may act can be connected.
async fn taken(house: &House, past: &Past, mailbox: &State) -> Option<String> {
    let id = &past.id;
    let is_kept = past.parked.is_some() || house.held(Kind::Agent.folder()).await.is_some();
    if mailbox.is_consumed() || is_kept || past.status == Some(Status::Unregistered) {
        return None;
    }
    Some(format!(
        "whoever connects as {id} takes them: {{\"op\": \"connect\", \"agent_id\": \"{id}\"}} on /ws"
    ))
}
