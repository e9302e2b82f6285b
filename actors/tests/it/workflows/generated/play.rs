//! Playing a generated workflow: in which order models and people answer is decided by a seed, what they answer is not.

use super::blocks::Block;
use super::build::written;
use crate::kit::{Scene, Stage};
use crate::nodes::house::{Model, Reply};
use crate::workflows::house::{House, Script, workflow};
use crate::workflows::travel::{Traveller as _, checkpoints};
use callboard_actors::journal::Journal;
use callboard_actors::machine::tagged;
use callboard_actors::vocabulary::{Hash, MessageId, Patterns, Position};
use callboard_actors::workflows::{Command, Event, ForkError};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

/// A workflow to be played.
#[derive(Clone, Copy)]
pub(super) struct Sample {
    pub(super) script: Script,
}

impl Sample {
    pub(super) fn of(chain: &[Block]) -> Self {
        Self { script: written(chain) }
    }

    /// Goes on to the end, from wherever it is; its final state.
    pub(super) async fn to_end(self, stage: &Stage, model: &Model, seed: u64) -> Value {
        let house = House::on(stage, model);
        house.start(self.script, json!({})).await;
        let person = actix_rt::spawn(answer_all(
            house.agents.journal.clone(),
            house.workflows.clone(),
            seed,
        ));
        let end = house.end_of(1).await;
        person.abort();
        end.unwrap_or_else(|error| panic!("{error} in {}", self.script.root))
    }

    /// A straight run: its final state, what has happened, how often the model was asked.
    pub(super) fn straight(self, seed: u64) -> Straight {
        let (scene, model) = (Scene::new(), model(seed));
        let end = scene.life(async |stage| self.to_end(&stage, &model, seed).await);
        let (events, head) = scene.life(async |stage| {
            let house = House::on(&stage, &model);
            (house.events().await, stage.journal.feed().head())
        });
        Straight { end, events, head, asked: model.asked().len() }
    }

    /// A straight run, and a fork of it, or of what is below it, at each of its checkpoints: what they all come to.
    pub(super) fn forked(self, seed: u64) -> (Value, Vec<(String, Value)>) {
        let (scene, model) = (Scene::new(), model(seed));
        scene.life(async |stage| {
            let end = self.to_end(&stage, &model, seed).await;
            let house = House::on(&stage, &model);
            let (journal, workflows) = (house.agents.journal.clone(), house.workflows.clone());
            let person = actix_rt::spawn(answer_all(journal, workflows, seed));
            let mut ends = Vec::new();
            for of in house.lineage(workflow().0.as_str()).await {
                for checkpoint in checkpoints(&house, &of).await {
                    let id = format!("fork-{}", ends.len());
                    match house.fork(&of, Some(checkpoint), None, &id).await {
                        Ok(_) => {}
                        // The one above it was elsewhere already.
                        Err(ForkError::Left { .. }) => continue,
                        Err(error) => panic!("{error} at {checkpoint} of {of}"),
                    }
                    let end = house.end_of_run(&id, 1).await;
                    ends.push((format!("{of} at {checkpoint}"), end.unwrap()));
                }
            }
            person.abort();
            (end, ends)
        })
    }

    /// A run whose house falls when so much was written, and is rebuilt; the model takes its time by other seeds then.
    pub(super) fn cut(self, scene: &Scene, at: Position, seeds: [u64; 2]) -> (Value, usize) {
        let [first, second] = seeds.map(model);
        scene.life(async |stage| {
            let mut heads = stage.journal.feed().watch();
            let until = heads.wait_for(|head| *head >= at);
            tokio::select! {
                biased;
                _ = until => {}
                _ = self.to_end(&stage, &first, seeds[0]) => {}
            }
        });
        let end = scene.life(async |stage| self.to_end(&stage, &second, seeds[1]).await);
        (end, first.asked().len() + second.asked().len())
    }
}

impl Sample {
    /// A run whose house falls after each answer that a person gives, in an order by a seed; its final state, how often
    /// the model was asked, and how many answers there were.
    pub(super) fn answer_by_answer(self, scene: &Scene, seed: u64) -> (Value, usize, usize) {
        const MOST: usize = 300;
        let model = model(seed);
        for answers in 0..MOST {
            let end = scene.life(async |stage| {
                let house = House::on(&stage, &model);
                house.start(self.script, json!({})).await;
                tokio::select! {
                    end = house.end_of(1) => Some(end),
                    () = answer_one(&house, seed) => None,
                }
            });
            if let Some(end) = end {
                let end = end.unwrap_or_else(|error| panic!("{error} in {}", self.script.root));
                return (end, model.asked().len(), answers);
            }
        }
        panic!("no end after {MOST} answers to {}", self.script.root);
    }
}

/// Answers one of the questions that are open, or come within a minute of the first that is.
async fn answer_one(house: &House, seed: u64) {
    let patterns = ["claude.workflow.interrupted", "claude.workflow.answered"];
    let patterns = Patterns::parse(&patterns).unwrap();
    let mut subscription = house.agents.journal.subscribe(patterns, 0);
    let (mut open, mut waits) = (BTreeMap::new(), Duration::from_hours(1_000));
    while let Ok(batch) = tokio::time::timeout(waits, subscription.next()).await {
        for message in batch.unwrap().messages {
            match tagged::join(&message.event_type, message.data.get()).unwrap() {
                Event::Interrupted { workflow_id, interrupt, .. } => {
                    open.insert(interrupt.interrupt_id, (workflow_id, interrupt.question));
                }
                Event::Answered { interrupt_id, .. } => drop(open.remove(&interrupt_id)),
                _ => {}
            }
        }
        if !open.is_empty() {
            waits = pause(seed, "the first");
        }
    }
    let mut order: Vec<_> = open.into_iter().collect();
    order.sort_by_key(|(id, _)| pause(seed, id.as_str()));
    for (interrupt_id, (workflow_id, question)) in order {
        let command = Command::Answer {
            interrupt_id,
            answer: json!(format!("[{question}]")),
            by: "me".into(),
        };
        // Nobody may want the answer any more.
        if house.workflows.tell(&workflow_id.0, MessageId::fresh(), command).await.is_ok() {
            return;
        }
    }
}

/// What a straight run has come to.
pub(super) struct Straight {
    pub(super) end: Value,
    pub(super) events: Vec<Event>,
    pub(super) head: Position,
    pub(super) asked: usize,
}

/// Says what it was asked, some time later; and breaks where it is to.
fn model(seed: u64) -> Model {
    Model::new(move |work| {
        let prompt = &work.prompt;
        if prompt.starts_with("broken") {
            return Reply::Breaks;
        }
        Reply::Later(pause(seed, prompt), format!("<{prompt}>"))
    })
}

/// Answers every question, of subgraphs, too, some time after it was asked.
async fn answer_all(
    journal: Journal,
    workflows: callboard_actors::entity::Directory<callboard_actors::workflows::Workflow>,
    seed: u64,
) {
    let patterns = Patterns::parse(&["claude.workflow.interrupted"]).unwrap();
    let (mut subscription, mut known) = (journal.subscribe(patterns, 0), BTreeSet::new());
    while let Ok(batch) = subscription.next().await {
        for message in batch.messages {
            let event = tagged::join(&message.event_type, message.data.get()).unwrap();
            let Event::Interrupted { workflow_id, interrupt, .. } = event else { continue };
            if !known.insert(interrupt.interrupt_id.clone()) {
                continue;
            }
            let (workflows, pause) = (workflows.clone(), pause(seed, &interrupt.question));
            actix_rt::spawn(async move {
                tokio::time::sleep(pause).await;
                let answer = json!(format!("[{}]", interrupt.question));
                let command = Command::Answer {
                    interrupt_id: interrupt.interrupt_id,
                    answer,
                    by: "me".into(),
                };
                // Answered before a crash, it is not open any more.
                let _ = workflows.tell(&workflow_id.0, MessageId::fresh(), command).await;
            });
        }
    }
}

/// From nothing to a minute.
fn pause(seed: u64, what: &str) -> Duration {
    let hash = Hash::of(format!("{seed} {what}").as_bytes()).to_string();
    Duration::from_millis(u64::from_str_radix(&hash[..6], 16).unwrap() % 60_000)
}
