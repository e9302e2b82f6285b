//! Rows outside any stream: written with what tells of them, or not at all, by whoever knows how things stand.

use crate::kit::{Scene, Stage};
use callboard_actors::journal::{
    AsideRows, Fault, MessageKind, NewMessage, Performance, SettingRow, Summed, TotalBy,
};
use callboard_actors::vocabulary::{Position, Timestamp};
use serde_json::value::RawValue;

fn message() -> NewMessage {
    NewMessage {
        kind: MessageKind::Publication,
        message_id: None,
        topic: Some("claude.system.config_change".into()),
        event_type: "CONFIG_CHANGE".into(),
        error: None,
        data: RawValue::from_string("{}".into()).unwrap(),
        caused_by: None,
        correlation: None,
    }
}

fn setting(value: &str, expected: Position) -> AsideRows {
    let row = SettingRow {
        value: value.into(),
        description: None,
        is_secret: false,
        updated_at: Timestamp(0),
        position: 0,
    };
    AsideRows::Setting { key: "a.b".into(), expected, value: Some(row) }
}

async fn stored(stage: &Stage) -> Option<(String, Position)> {
    let rows = stage.journal.reader().settings().await.unwrap();
    rows.get("a.b").map(|row| (row.value.clone(), row.position))
}

#[test]
fn a_setting_is_changed_only_by_who_knows_its_position_and_each_change_is_told() {
    let scene = Scene::new();
    scene.life(async |stage| {
        let set = |value, expected| stage.journal.aside(setting(value, expected), vec![message()]);
        assert_eq!(set("1", 0).await.unwrap().first, 1);
        let stale = set("2", 0).await.unwrap_err();
        assert_eq!(stale, Fault::Conflict { expected: 0, found: 1 });
        assert_eq!(stored(&stage).await, Some(("1".into(), 1)));
        assert_eq!(set("2", 1).await.unwrap().first, 2);
        let unset = AsideRows::Setting { key: "a.b".into(), expected: 2, value: None };
        stage.journal.aside(unset, vec![message()]).await.unwrap();
        assert_eq!((stored(&stage).await, stage.journal.feed().head()), (None, 3));
        set("3", 0).await.unwrap();
    });
    scene.life(async |stage| assert_eq!(stored(&stage).await, Some(("3".into(), 4))));
    assert_eq!(scene.findings(), Vec::<String>::new());
}

#[test]
fn rows_whose_message_cannot_be_written_are_not_written_either() {
    let scene = Scene::new();
    let trigger = "CREATE TRIGGER broken BEFORE INSERT ON messages WHEN new.event_type = 'BROKEN'
        BEGIN SELECT RAISE(ABORT, 'it is broken'); END";
    scene.database().execute_batch(trigger).unwrap();
    scene.life(async |stage| {
        let broken = NewMessage { event_type: "BROKEN".into(), ..message() };
        let fault = stage.journal.aside(setting("1", 0), vec![message(), broken]).await;
        assert!(matches!(fault, Err(Fault::Refused(_))), "{fault:?}");
        assert_eq!((stored(&stage).await, stage.journal.feed().head()), (None, 0));
        stage.journal.aside(setting("2", 0), vec![message()]).await.unwrap();
    });
    assert_eq!(scene.findings(), Vec::<String>::new());
}

#[test]
fn an_hour_is_summed_up_once_whoever_tries() {
    let scene = Scene::new();
    let hours = |expected: Option<i64>| {
        let performance = Performance { count: 2, tokens_in: 5, ..Performance::default() };
        let (runtime, model) = ("replay".to_owned(), "sonnet".to_owned());
        let hour = Timestamp(3_600_000);
        let ada = Summed { hour, runtime, model, agent_id: "ada".into(), performance };
        let bob = Summed { agent_id: "bob".into(), ..ada.clone() };
        AsideRows::Hours {
            expected: expected.map(Timestamp),
            until: Timestamp(7_200_000),
            sums: vec![ada, bob],
            forget_before: Timestamp(0),
        }
    };
    scene.life(async |stage| {
        let both =
            [stage.journal.aside(hours(None), vec![]), stage.journal.aside(hours(None), vec![])];
        let [first, second] = futures::future::join_all(both).await.try_into().unwrap();
        assert!(first.is_ok());
        assert_eq!(second, Err(Fault::Conflict { expected: 0, found: 7_200_000 }));
    });
    scene.life(async |stage| {
        assert!(stage.journal.aside(hours(None), vec![]).await.is_err());
        let (from, until) = (Timestamp(0), Timestamp::MAX);
        let totals = stage.journal.reader().totals(TotalBy::Model, from, until).await.unwrap();
        assert_eq!((totals.len(), totals[0].performance.count), (1, 4));
    });
    assert_eq!(scene.number("SELECT count(*) FROM metrics"), 6);
}
