//! Content: safe on disk before a row names it, and gone only when none does (law 5).

use crate::kit::{Lamp, Scene, Stage, lives, name};
use callboard_actors::entity::Directory;
use callboard_actors::journal::{
    Append, Fault, Files, Home, Inspection, MessageKind, NewMessage, ReadError, Swept, Wake,
};
use callboard_actors::machine::Held;
use callboard_actors::vocabulary::{Durable, Hash, Reference};
use std::fs;
use std::path::Path;
use tokio::sync::oneshot;

fn files(scene: &Scene) -> Files {
    Files::new(scene.home())
}

fn reference(file: &str, content: &[u8], line: Option<u64>) -> Reference {
    let bytes = content.len() as u64;
    Reference { hash: Hash::of(content), bytes, file: file.into(), line }
}

#[test]
fn what_is_published_is_read_back_and_leaves_no_debris() {
    let scene = Scene::new();
    let files = files(&scene);
    let published = files.publish("state/shared/a/b.json", b"one").unwrap();
    assert_eq!(files.read(&published).unwrap(), b"one");
    files.publish("state/shared/a/b.json", b"two").unwrap();
    assert!(matches!(files.read(&published), Err(ReadError::Damaged { .. })));
    let folder = scene.folder.path().join("state/shared/a");
    assert_eq!(fs::read_dir(&folder).unwrap().count(), 1);
    files.remove("state/shared/a/b.json").unwrap();
    files.remove("state/shared/a/b.json").unwrap();
    assert!(matches!(files.read(&published), Err(ReadError::Missing(_))));
}

#[test]
fn nothing_outside_the_home_can_be_reached() {
    let scene = Scene::new();
    let files = files(&scene);
    let outside = tempfile::TempDir::new().unwrap();
    let victim = outside.path().join("victim");
    fs::write(&victim, "secret").unwrap();
    let relative = format!("../{}/victim", outside.path().file_name().unwrap().to_str().unwrap());
    for file in [victim.to_str().unwrap(), &relative, "state/../../x", "", "."] {
        let there = reference(file, b"secret", None);
        assert!(matches!(files.read(&there), Err(ReadError::Io { .. })), "{file:?}");
        assert!(files.publish(file, b"mine").is_err(), "{file:?}");
        assert!(files.write_line(file, 0, 1, b"mine").is_err(), "{file:?}");
        assert!(files.link(&there, "state/shared/x").is_err(), "{file:?}");
        assert!(files.remove(file).is_err(), "{file:?}");
        assert!(files.create_exclusively(file, b"mine").is_err(), "{file:?}");
        assert!(files.read_prefix(file, 5).is_err(), "{file:?}");
    }
    assert_eq!(fs::read_to_string(&victim).unwrap(), "secret");
}

#[test]
fn a_line_is_written_at_the_committed_length_whatever_lies_beyond_it() {
    let scene = Scene::new();
    let files = files(&scene);
    let log = "claude_logs/s.jsonl";
    let first = files.write_line(log, 0, 1, b"{\"a\":1}").unwrap();
    // A crash in the middle of the second line; the committed length is the truth.
    fs::write(scene.folder.path().join(log), "{\"a\":1}\n{\"half").unwrap();
    let second = files.write_line(log, 8, 2, b"{\"b\":2}").unwrap();
    assert_eq!(
        fs::read_to_string(scene.folder.path().join(log)).unwrap(),
        "{\"a\":1}\n{\"b\":2}\n"
    );
    assert_eq!(files.read(&first).unwrap(), b"{\"a\":1}");
    assert_eq!(files.read(&second).unwrap(), b"{\"b\":2}");
    let short = files.write_line(log, 100, 3, b"{}").unwrap_err();
    assert!(short.to_string().contains("has 16 bytes, but 100 were committed"), "{short}");
    let third = Reference { line: Some(3), ..second.into_inner() };
    assert!(matches!(files.read(&third), Err(ReadError::Damaged { .. })));
}

#[test]
fn a_first_line_is_not_written_over_somebody_elses() {
    let scene = Scene::new();
    let files = files(&scene);
    let (log, ours) = ("claude_logs/s.jsonl", b"{\"a\":1}");
    let path = scene.folder.path().join(log);
    let torn = ["", "{\"a\"", "{\"a\":1}", "{\"a\":1}\n", "\0\0\0\":1}\n", "{\"a\0\0\0\0"];
    for left in torn {
        fs::write(&path, left).unwrap();
        files.write_line(log, 0, 1, ours).unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"{\"a\":1}\n", "{left:?}");
    }
    for foreign in ["{\"b\":1}\n", "{\"a\":1}\n{\"b\":2}\n", "x", "{\"a\":1}\n\0"] {
        fs::write(&path, foreign).unwrap();
        let error = files.write_line(log, 0, 1, ours).unwrap_err();
        assert_eq!(error.kind(), std::io::ErrorKind::InvalidData, "{foreign:?}");
        assert_eq!(fs::read_to_string(&path).unwrap(), foreign);
    }
}

#[test]
fn many_point_the_link_at_once_and_none_fails() {
    let scene = Scene::new();
    let files = files(&scene);
    std::thread::scope(|scope| {
        for number in 0..8 {
            let files = files.clone();
            scope.spawn(move || {
                for _ in 0..200 {
                    files.point("claude_logs/latest.jsonl", &format!("{number}.jsonl")).unwrap();
                }
            });
        }
    });
    assert_eq!(fs::read_dir(scene.folder.path().join("claude_logs")).unwrap().count(), 1);
}

#[test]
fn a_link_vouches_only_for_the_content_that_it_was_asked_for() {
    let scene = Scene::new();
    let files = files(&scene);
    let prompt = files.publish("prompts/queue/p.txt", b"prompt").unwrap();
    fs::write(scene.folder.path().join("prompts/archive/p.txt"), "something else").unwrap();
    let archived = files.link(&prompt, "prompts/archive/p.txt").unwrap();
    files.remove("prompts/queue/p.txt").unwrap();
    // An earlier try got as far as this.
    let again = files.link(&prompt, "prompts/archive/p.txt").unwrap();
    assert_eq!((files.read(&archived).unwrap(), again), (b"prompt".to_vec(), archived));
    let nowhere = reference("prompts/queue/q.txt", b"q", None);
    assert_eq!(
        files.link(&nowhere, "prompts/archive/q.txt").unwrap_err().kind(),
        std::io::ErrorKind::NotFound
    );
}

/// Only the journal's file store gives out what is [`Durable`]: in types there is no other way.
fn _durable_has_no_constructor(
    reference: Reference,
) -> Result<Durable<Reference>, serde_json::Error> {
    serde_json::from_value(serde_json::to_value(reference)?)
}

async fn sweep(stage: &Stage, released_before: i64) -> (usize, usize) {
    use callboard_actors::vocabulary::Timestamp;
    let swept = stage.journal.sweep_now(std::time::Duration::ZERO, Timestamp(released_before));
    let swept = swept.await.unwrap();
    (swept.expired, swept.debris)
}

#[test]
fn debris_goes_and_what_is_named_stays_until_its_time_is_over() {
    lives(async |stage| {
        let files = stage.journal.files().clone();
        let kept = files.publish("state/blobs/ab/kept", b"kept").unwrap().into_inner();
        let old = files.publish("state/blobs/ab/old", b"old").unwrap().into_inner();
        files.publish("state/blobs/ab/debris", b"debris").unwrap();
        files.publish("processes/p1/1/claim", b"nobody's").unwrap();
        let row = |r: &Reference, refs: i64, released: Option<i64>| {
            let database = rusqlite::Connection::open(stage.journal.home().database()).unwrap();
            let sql = "INSERT INTO files VALUES (?, ?, ?, ?, ?, 0)";
            let bytes = i64::try_from(r.bytes).unwrap();
            database.execute(sql, (r.hash.as_str(), &r.file, bytes, refs, released)).unwrap();
        };
        row(&kept, 1, Some(5));
        row(&old, 0, Some(5));
        assert_eq!(sweep(&stage, 5).await, (0, 2), "released at that moment, not before it");
        assert_eq!(stage.journal.content(old.clone()).await.unwrap(), b"old");
        assert_eq!(sweep(&stage, 6).await, (1, 0));
        assert!(matches!(stage.journal.content(old).await, Err(ReadError::Expired(_))));
        assert_eq!(stage.journal.content(kept).await.unwrap(), b"kept");
        assert!(!stage.journal.home().root().join("processes/p1").exists());
    });
}

#[test]
fn what_is_younger_than_the_grace_period_is_left_alone() {
    lives(async |stage| {
        let files = stage.journal.files().clone();
        files.publish("state/blobs/ab/young", b"its row is on its way").unwrap();
        let hour = std::time::Duration::from_hours(1);
        let swept = stage.journal.sweep_now(hour, callboard_actors::vocabulary::Timestamp(0));
        assert_eq!(swept.await.unwrap(), Swept::default());
        assert!(stage.journal.home().root().join("state/blobs/ab/young").exists());
        assert!(Path::new("/").exists() && Home::open(Path::new("/proc/nowhere"), None).is_err());
    });
}

/// Commits what happens to content, in a stream of its own.
async fn commit(stage: &Stage, of: &str, held: Vec<Held>) {
    let stream = Directory::<Lamp>::stream(&name(of));
    let last = stage.journal.load(stream.clone(), 0).await.unwrap().head;
    let (reply, answer) = oneshot::channel();
    let fact = NewMessage {
        kind: MessageKind::Fact,
        message_id: None,
        topic: None,
        event_type: "HELD".into(),
        error: None,
        data: serde_json::value::to_raw_value(&0).unwrap(),
        caused_by: None,
        correlation: None,
    };
    stage.journal.append(Append {
        stream,
        head: last,
        messages: vec![fact],
        row: None,
        wake: Wake::At(None),
        parked: None,
        held,
        snapshot: None,
        reply,
    });
    answer.await.unwrap().unwrap();
}

fn queued(of: &str) -> String {
    format!("prompts/queue/{of}.txt")
}

fn archived(of: &str) -> String {
    format!("prompts/archive/{of}.txt")
}

/// Both can be read, each where it is said to lie, and verifying finds nothing.
async fn both_can_be_read(stage: &Stage, references: [&Reference; 2]) {
    for reference in references {
        assert_eq!(stage.journal.content(reference.clone()).await.unwrap(), b"same");
        assert_eq!(stage.journal.files().read(reference).unwrap(), b"same");
    }
    let home = stage.journal.home();
    let inspection = Inspection::open(home.database()).unwrap();
    assert_eq!(inspection.verify(home, &[]).unwrap(), []);
}

#[test]
fn two_with_the_same_content_do_not_share_its_fate() {
    let scene = Scene::new();
    // Both wait in the queue. The first one's archive is made, and the server falls before it is said.
    let [one, two] = scene.life(async |stage| {
        let publish = |of| stage.journal.files().publish(&queued(of), b"same").unwrap();
        let (one, two) = (publish("one"), publish("two"));
        commit(&stage, "one", vec![Held::Keep(one.clone())]).await;
        commit(&stage, "two", vec![Held::Keep(two.clone())]).await;
        both_can_be_read(&stage, [&one, &two]).await;
        stage.journal.files().link(&one, &archived("one")).unwrap();
        [one, two]
    });
    let archive = scene.life(async |stage| {
        let root = stage.journal.home().root().to_owned();
        assert!(root.join(queued("one")).exists() && root.join(archived("one")).exists());
        both_can_be_read(&stage, [&one, &two]).await;
        // As it was not said, it is debris; made again, it is said.
        assert_eq!(sweep(&stage, 1).await, (0, 1));
        both_can_be_read(&stage, [&one, &two]).await;
        let archive = stage.journal.files().link(&one, &archived("one")).unwrap();
        assert_eq!(stage.journal.files().link(&one, &archived("one")).unwrap(), archive);
        both_can_be_read(&stage, [&one, &two]).await;
        let moved = Held::Moved { from: (*one).clone(), to: archive.clone() };
        commit(&stage, "one", vec![moved, Held::Release((*archive).clone())]).await;
        both_can_be_read(&stage, [&archive, &two]).await;
        assert!(!root.join(queued("one")).exists(), "it has left its first place");
        assert_eq!(std::fs::read_dir(root.join("prompts/archive")).unwrap().count(), 1);
        archive
    });
    scene.life(async |stage| {
        assert_eq!(sweep(&stage, i64::MAX).await, (1, 0), "the first one's time is over");
        assert_eq!(stage.journal.content((*two).clone()).await.unwrap(), b"same");
        assert!(stage.journal.files().read(&two).is_ok());
        assert!(matches!(stage.journal.files().read(&archive), Err(ReadError::Missing(_))));
        // Somebody has removed the second one's file by hand: it is let go all the same.
        stage.journal.files().remove(&two.file).unwrap();
        commit(&stage, "two", vec![Held::Release((*two).clone())]).await;
    });
    assert_eq!(scene.number("SELECT count(*) FROM files WHERE refs = 0"), 2);
    assert_eq!(scene.number("SELECT count(*) FROM files WHERE refs <> 0"), 0);
}

#[test]
fn equal_content_by_hash_is_one_file_that_stays_as_long_as_somebody_needs_it() {
    let scene = Scene::new();
    let reference = scene.life(async |stage| {
        let publish = || stage.journal.files().publish_by_hash(b"same").unwrap();
        let first = publish();
        assert_eq!(first, publish());
        commit(&stage, "one", vec![Held::Keep(first.clone())]).await;
        commit(&stage, "two", vec![Held::Keep(publish())]).await;
        commit(&stage, "one", vec![Held::Release((*first).clone())]).await;
        assert_eq!(sweep(&stage, i64::MAX).await, (0, 0), "the other needs it");
        both_can_be_read(&stage, [&first, &first]).await;
        commit(&stage, "two", vec![Held::Release((*first).clone())]).await;
        assert_eq!(sweep(&stage, i64::MAX).await, (1, 0));
        assert!(matches!(
            stage.journal.content((*first).clone()).await,
            Err(ReadError::Expired(_))
        ));
        // What is damaged on disk is written anew.
        let path = stage.journal.home().path(&first.file);
        fs::write(&path, "sane").unwrap();
        commit(&stage, "one", vec![Held::Keep(publish())]).await;
        first
    });
    scene.life(async |stage| {
        both_can_be_read(&stage, [&reference, &reference]).await;
    });
}

#[test]
fn a_place_is_not_left_before_that_is_committed() {
    let scene = Scene::new();
    scene.life(async |stage| {
        let one = stage.journal.files().publish(&queued("one"), b"same").unwrap();
        commit(&stage, "one", vec![Held::Keep(one.clone())]).await;
        let archive = stage.journal.files().link(&one, &archived("one")).unwrap();
        let (reply, answer) = oneshot::channel();
        stage.journal.append(Append {
            stream: Directory::<Lamp>::stream(&name("one")),
            head: 77,
            messages: Vec::new(),
            row: None,
            wake: Wake::At(None),
            parked: None,
            held: vec![Held::Moved { from: (*one).clone(), to: archive }],
            snapshot: None,
            reply,
        });
        assert!(matches!(answer.await.unwrap(), Err(Fault::Conflict { .. })));
        assert_eq!(stage.journal.files().read(&one).unwrap(), b"same");
    });
    assert_eq!(scene.findings(), Vec::<String>::new());
}
