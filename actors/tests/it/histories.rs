//! For any history, with crashes at any point: what is rebuilt is what was (laws 2, 4, 6, 7).

use crate::kit::{BROKEN, Command, Event, How, Lamp, Scene, Spot, Stage, id, name};
use callboard_actors::entity::{EntityBranch, Receipt, TellError};
use callboard_actors::journal::{self, MessageKind};
use callboard_actors::machine::{Machine, tagged};
use callboard_actors::supervision::{Branch, Verb};
use callboard_actors::vocabulary::EffectKey;
use proptest::prelude::*;
use std::collections::BTreeMap;

#[derive(Debug, Clone)]
enum Step {
    /// Tells a lamp something under this id.
    Tell(u8, u16, Command),
    /// Tells without waiting for the answer.
    Throw(u8, u16, Command),
    Operate(u8, Verb),
    LetGo(u8),
    Rebuild,
    Crash,
}

fn command() -> impl Strategy<Value = Command> {
    let key = |n: u8| format!("glow/{n}").as_str().into();
    let how = prop_oneof![
        Just(How::AtOnce),
        Just(How::WhenLet),
        Just(How::WithNews),
        Just(How::Stuck),
        Just(How::Panics)
    ];
    prop_oneof![
        8 => (-9..10_i64).prop_map(|by| Command::Turn { by }),
        1 => Just(Command::Look),
        4 => (0..6_u8, how).prop_map(move |(n, how)| Command::Want { key: key(n), how, due: None }),
        2 => (0..6_u8).prop_map(move |n| Command::Forget { key: key(n) }),
        1 => prop_oneof![Just(Spot::Decide), Just(Spot::Apply), Just(Spot::Wants), Just(Spot::Row)]
            .prop_map(|spot| Command::Break { spot }),
    ]
}

/// Each lamp has keys of its own, so that the world can tell them apart.
fn own_keys(lamp: u8, command: Command) -> Command {
    let own = |key: EffectKey| format!("l{lamp}.{key}").as_str().into();
    match command {
        Command::Want { key, how, due } => Command::Want { key: own(key), how, due },
        Command::Forget { key } => Command::Forget { key: own(key) },
        other => other,
    }
}

fn step() -> impl Strategy<Value = Step> {
    let told = || (0..3_u8, 0..40_u16, command()).prop_map(|(l, id, c)| (l, id, own_keys(l, c)));
    let verb = prop_oneof![
        Just(Verb::Restart),
        Just(Verb::Suspend),
        Just(Verb::Resume),
        Just(Verb::Retry),
        Just(Verb::Skip),
        Just(Verb::Skip)
    ];
    prop_oneof![
        10 => told().prop_map(|(lamp, id, command)| Step::Tell(lamp, id, command)),
        6 => told().prop_map(|(lamp, id, command)| Step::Throw(lamp, id, command)),
        4 => (0..3_u8, verb).prop_map(|(lamp, verb)| Step::Operate(lamp, verb)),
        2 => (0..6_u8).prop_map(Step::LetGo),
        1 => Just(Step::Rebuild),
        2 => Just(Step::Crash),
    ]
}

/// What an answer settles for good, in comparable words; nothing if it may change.
fn settled(answer: &Result<Receipt, TellError<crate::kit::Dark>>) -> Option<String> {
    match answer {
        Ok(Receipt { position, version, .. }) => Some(format!("{position} {version}")),
        Err(TellError::Refused(refusal)) if refusal.light > 0 => Some(refusal.to_string()),
        Err(_) => None,
    }
}

type Answers = BTreeMap<(u8, u16, String), String>;

async fn take(stage: &Stage, step: &Step, answers: &mut Answers) {
    match step.clone() {
        Step::Tell(lamp, told, command) => {
            let key = (lamp, told, format!("{command:?}"));
            let answer = stage.tell(&format!("l{lamp}"), &format!("{told}"), command).await;
            if let Some(words) = settled(&answer) {
                let first = answers.entry(key).or_insert_with(|| words.clone());
                assert_eq!(*first, words, "an honest retry got another answer");
            }
        }
        Step::Throw(lamp, told, command) => {
            stage.tell_later(&format!("l{lamp}"), &format!("{told}"), command);
        }
        Step::Operate(lamp, verb) => {
            let branch = EntityBranch::new(stage.lamps.clone(), "/lamps");
            // It may not be parked, or not exist.
            let _ = branch.operate(vec![format!("l{lamp}")], verb, "ann".into()).await;
        }
        Step::LetGo(n) => {
            (0..3).for_each(|lamp| stage.world.let_go(&format!("l{lamp}.glow/{n}")));
        }
        Step::Rebuild | Step::Crash => {}
    }
}

/// The state that a stream's events fold to, by the machine alone.
async fn folded(stage: &Stage, lamp: &str) -> (Lamp, i64) {
    let stream = callboard_actors::entity::Directory::<Lamp>::stream(&name(lamp));
    let loaded = stage.journal.load(stream, 0).await.unwrap();
    let mut lamp = Lamp::default();
    for message in loaded.messages.iter().filter(|m| m.kind == MessageKind::Event) {
        let event: Event = tagged::join(&message.event_type, message.data.get()).unwrap();
        lamp.apply(&event);
    }
    (lamp, loaded.version)
}

fn play(steps: &[Step]) {
    BROKEN.set(true);
    let scene = Scene::new();
    let mut answers = Answers::new();
    for life in steps.split_inclusive(|step| matches!(step, Step::Crash | Step::Rebuild)) {
        scene.life(async |stage| {
            stage.start_scheduler();
            for step in life {
                take(&stage, step, &mut answers).await;
            }
        });
        assert_eq!(scene.findings(), Vec::<String>::new());
        if matches!(life.last(), Some(Step::Rebuild)) {
            scene.database().execute("UPDATE lamps SET light = 77, error = 'x'", []).unwrap();
            journal::rebuild(&scene.home(), &scene.settings, &[Scene::lamps()]).unwrap();
            assert_eq!(scene.findings(), Vec::<String>::new());
        }
    }
    let lines = scene.world.lines();
    assert!(!lines.iter().any(|line| line.starts_with("TWICE")), "{lines:?}");
    scene.life(async |stage| {
        for lamp in 0..3 {
            let lamp = format!("l{lamp}");
            let (state, version) = folded(&stage, &lamp).await;
            let stream = callboard_actors::entity::Directory::<Lamp>::stream(&name(&lamp));
            let row = stage.journal.reader().row("lamps", stream).await.unwrap();
            assert_eq!(row.is_some(), version > 0);
            if let Some(row) = row {
                assert_eq!(row["light"], state.light);
            }
        }
        // Every answer that was given stands.
        for ((lamp, told, command), words) in answers {
            let stream =
                callboard_actors::entity::Directory::<Lamp>::stream(&name(&format!("l{lamp}")));
            let loaded = stage.journal.load(stream, 0).await.unwrap();
            let id = id(&format!("{told}")).to_string();
            let found = loaded.messages.iter().filter(|m| m.message_id.as_ref() == Some(&id));
            assert_eq!(found.count(), 1, "{command} was answered with {words}");
        }
    });
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, max_shrink_iters: 200, ..ProptestConfig::default() })]

    #[test]
    fn whatever_happens_the_journal_keeps_its_promises(steps in prop::collection::vec(step(), 1..60)) {
        play(&steps);
    }
}

#[test]
fn a_rebuild_mends_read_models_and_names_what_it_cannot_fold() {
    BROKEN.set(false);
    let scene = Scene::new();
    scene.life(async |stage| {
        for lamp in ["a", "b", "gone"] {
            stage.tell(lamp, lamp, Command::Turn { by: 5 }).await.unwrap();
        }
        stage.tell("b", "break", Command::Break { spot: Spot::Apply }).await.unwrap();
    });
    assert_eq!(scene.findings(), Vec::<String>::new());
    let damage = "UPDATE lamps SET light = 77 WHERE id <> 'b'; DELETE FROM lamps WHERE id = 'gone'";
    scene.database().execute_batch(damage).unwrap();
    assert_eq!(scene.findings().len(), 2);
    BROKEN.set(true);
    let rebuilt = journal::rebuild(&scene.home(), &scene.settings, &[Scene::lamps()]).unwrap();
    assert_eq!((rebuilt.streams, rebuilt.rows, rebuilt.unreadable.len()), (2, 2, 1));
    assert_eq!(scene.number("SELECT light FROM lamps WHERE id = 'b'"), 5, "as it was");
    BROKEN.set(false);
    assert_eq!(scene.findings(), Vec::<String>::new());
    let again = journal::rebuild(&scene.home(), &scene.settings, &[Scene::lamps()]).unwrap();
    assert_eq!((again.streams, again.rows, again.unreadable.len()), (3, 3, 0));
    BROKEN.set(true);
}
