//! Acknowledged appends through the journal, against a bare loop that writes the same rows in batches
//! of the same mean size.
//!
//! Bodies of 300 bytes and 2 kB lie in the table. Those of 50 kB are files by reference: written,
//! synced, renamed, their folder synced, then the row. The bare loop has them written by as many
//! threads as there are producers.

use crate::support::{
    Bare, Ledger, Row, Sample, Scale, Table, drive, folder, ledger_append, median, millis, number,
    on_a_system, ratio,
};
use callboard_actors::journal::{Append, Files, Journal, MessageKind, NewMessage, Wake, home};
use callboard_actors::machine::Held;
use callboard_actors::vocabulary::{Hash, MessageId, Reference, StreamId};
use serde_json::value::RawValue;
use std::path::Path;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, mpsc};
use std::time::{Duration, Instant};

/// What is appended.
#[derive(Debug, Clone, Copy)]
enum Body {
    Inline(usize),
    File(usize),
}

const BODIES: [(&str, Body); 3] =
    [("300 B", Body::Inline(300)), ("2 kB", Body::Inline(2_000)), ("50 kB", Body::File(50_000))];

/// One side of one round.
#[derive(Debug)]
struct Side {
    per_second: f64,
    batch: f64,
    p50: Duration,
    p99: Duration,
}

/// Runs it.
pub(crate) fn run(scale: Scale) -> anyhow::Result<()> {
    let rounds = scale.pick(5, 1);
    let span = scale.pick(Duration::from_millis(800), Duration::from_millis(60));
    let mut table = Table::new([
        "body",
        "producers",
        "batch",
        "journal/s",
        "bare/s",
        "ratio",
        "p50 ms",
        "p99 ms",
        "bare p50 ms",
        "p50 ratio",
    ]);
    let mut results: Vec<((&str, u32), Vec<(Side, Side)>)> = Vec::new();
    for (name, _) in BODIES {
        results
            .extend(scale.pick(&[1, 16, 256][..], &[1, 16]).iter().map(|n| ((name, *n), vec![])));
    }
    for _ in 0..rounds {
        for ((name, producers), sides) in &mut results {
            let body = BODIES.iter().find(|(known, _)| known == name).map(|(_, body)| *body);
            let body = body.expect("it was listed");
            let journal = journal(body, *producers, span)?;
            let bare = bare(body, *producers, journal.batch, span)?;
            sides.push((journal, bare));
        }
    }
    for ((name, producers), sides) in &results {
        let of = |value: fn(&(Side, Side)) -> f64| median(sides.iter().map(value));
        let ms = |value| millis(Duration::from_secs_f64(value));
        table.row([
            (*name).to_owned(),
            producers.to_string(),
            number(of(|(journal, _)| journal.batch)),
            number(of(|(journal, _)| journal.per_second)),
            number(of(|(_, bare)| bare.per_second)),
            ratio(of(|(journal, bare)| journal.per_second / bare.per_second)),
            ms(of(|(journal, _)| journal.p50.as_secs_f64())),
            ms(of(|(journal, _)| journal.p99.as_secs_f64())),
            ms(of(|(_, bare)| bare.p50.as_secs_f64())),
            ratio(of(|(journal, bare)| journal.p50.as_secs_f64() / bare.p50.as_secs_f64())),
        ]);
    }
    table.print();
    Ok(())
}

// ---- Through the journal ----

fn journal(body: Body, producers: u32, span: Duration) -> anyhow::Result<Side> {
    on_a_system(async {
        let folder = folder()?;
        let ledger = Ledger::open(folder.path())?;
        let journal = ledger.journal.clone();
        let before = ledger.commits();
        let heads: Heads = (0..producers).map(|_| AtomicI64::new(0)).collect();
        let ask = move |producer, before| {
            append(journal.clone(), Arc::clone(&heads), body, producer, before)
        };
        let mut driven = drive(producers, span, ask).await?;
        let commits = ledger.commits() - before;
        ledger.close()?;
        let side = Side {
            per_second: driven.per_second(),
            batch: per(driven.count, commits),
            p50: driven.latencies.percentile(0.5),
            p99: driven.latencies.percentile(0.99),
        };
        Ok(side)
    })
}

/// Where each producer's stream ends.
type Heads = Arc<[AtomicI64]>;

async fn append(
    journal: Journal,
    heads: Heads,
    body: Body,
    producer: u32,
    before: u32,
) -> anyhow::Result<()> {
    let (data, held) = match body {
        Body::Inline(length) => (inline(length), Vec::new()),
        Body::File(length) => {
            let content = content(length, producer, before);
            let publish =
                move |files: &Files| files.publish(&home::blob(&Hash::of(&content)), &content);
            let reference = journal.files().run(publish).await?;
            (serde_json::to_string(&reference)?, vec![Held::Keep(reference)])
        }
    };
    let name = format!("stream-{producer}").parse()?;
    let messages = vec![message(data)?];
    let end = &heads[producer as usize];
    let committed = ledger_append(&journal, |reply| Append {
        stream: StreamId { kind: "bench", name },
        head: end.load(Ordering::Relaxed),
        messages,
        row: None,
        wake: Wake::At(None),
        parked: None,
        held,
        snapshot: None,
        reply,
    })
    .await?;
    end.store(committed.first, Ordering::Relaxed);
    Ok(())
}

fn message(data: String) -> anyhow::Result<NewMessage> {
    Ok(NewMessage {
        kind: MessageKind::Event,
        message_id: None,
        topic: Some("bench.appended".into()),
        event_type: "APPENDED".into(),
        error: None,
        data: RawValue::from_string(data)?,
        caused_by: None,
        correlation: Some(MessageId::derived(&["bench"])),
    })
}

// ---- Bare ----

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a batch is between one and some thousand"
)]
fn bare(body: Body, producers: u32, batch: f64, span: Duration) -> anyhow::Result<Side> {
    let batch = batch.round().max(1.0) as usize;
    let folder = folder()?;
    let mut bare = Bare::open(folder.path(), producers)?;
    let (count, took, commits) = match body {
        Body::Inline(length) => {
            let row = || Row { data: inline(length), content: None };
            bare.write(span, || Ok((0..batch).map(|_| row()).collect()))?
        }
        Body::File(length) if producers == 1 => {
            let mut number = 0..;
            let mut file =
                || write_file(folder.path(), &content(length, 0, number.next().unwrap_or(0)));
            bare.write(span, || Ok(vec![file()?]))?
        }
        Body::File(length) => with_writers(folder.path(), length, producers, span, |rows| {
            bare.write(span, || Ok(rows.iter().take(batch).collect()))
        })?,
    };
    let mut sample = Sample::default();
    sample.extend(commits);
    Ok(Side {
        per_second: per(count, 1) / took.as_secs_f64(),
        batch: per(batch as u64, 1),
        p50: sample.percentile(0.5),
        p99: sample.percentile(0.99),
    })
}

/// Has threads write files for as long as `work` takes rows.
fn with_writers<T>(
    folder: &Path,
    length: usize,
    threads: u32,
    span: Duration,
    work: impl FnOnce(mpsc::Receiver<Row>) -> anyhow::Result<T>,
) -> anyhow::Result<T> {
    std::thread::scope(|scope| {
        let (sender, rows) = mpsc::sync_channel(threads as usize);
        let began = Instant::now();
        for thread in 0..threads {
            let sender = sender.clone();
            scope.spawn(move || {
                for number in 0.. {
                    // The reader goes first; the deadline is for the case that it never does.
                    let row = write_file(folder, &content(length, thread, number));
                    let is_gone = row.is_ok_and(|row| sender.send(row).is_err());
                    if is_gone || began.elapsed() > span * 20 {
                        return;
                    }
                }
            });
        }
        drop(sender);
        work(rows)
    })
}

/// What the file store does, without it.
fn write_file(folder: &Path, content: &[u8]) -> anyhow::Result<Row> {
    use std::fs::{self, File};
    use std::io::Write;
    let hash = Hash::of(content);
    let path = home::blob(&hash);
    let target = folder.join(&path);
    let parent = target.parent().expect("a blob lies in a folder");
    if !parent.is_dir() {
        fs::create_dir_all(parent)?;
    }
    let temporary = parent.join(format!(".tmp-{}", hash.as_str()));
    let mut file = File::create(&temporary)?;
    file.write_all(content)?;
    file.sync_all()?;
    fs::rename(&temporary, &target)?;
    File::open(parent)?.sync_all()?;
    let bytes = content.len() as u64;
    let reference = Reference { hash, bytes, file: path.clone(), line: None };
    let data = serde_json::to_string(&reference)?;
    let hash = reference.hash.as_str().to_owned();
    Ok(Row { data, content: Some((hash, i64::try_from(bytes)?, path)) })
}

// ---- Both ----

/// JSON of this length.
fn inline(length: usize) -> String {
    format!(r#"{{"body":"{}"}}"#, "x".repeat(length.saturating_sub(11)))
}

/// Content that nobody else has.
fn content(length: usize, producer: u32, number: u32) -> Vec<u8> {
    let mut content = vec![b'x'; length];
    let mark = format!("{producer}/{number}/");
    content[..mark.len()].copy_from_slice(mark.as_bytes());
    content
}

#[expect(clippy::cast_precision_loss, reason = "counts are small")]
fn per(count: u64, of: u64) -> f64 {
    count as f64 / of.max(1) as f64
}
