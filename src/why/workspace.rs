//! A workspace: who has changed what in its folder, what was in the way, and who else works there. Its id is that of the
//! workflow at the beginning of the lineage.

use super::answer::{Answer, Remedy};
use super::commands::{resume_all, why};
use super::house::{House, Look};
use super::kinds::Kind;
use super::words::{count, quoted, shell_word};
use super::{parked, tale};
use callboard_actors::journal::{Loaded, Message, MessageKind, RowFilter};
use callboard_actors::machine::{Machine, tagged};
use callboard_actors::vocabulary::{Name, StreamId};
use callboard_actors::workspaces::{Entry, Event, Settled, Workspace};

/// So many others in the same folder are named.
const OTHERS: usize = 5;

/// How a workspace stands; `None`: there is none of this name.
pub(super) async fn explain(house: &House, name: &Name) -> Look<Option<Answer>> {
    let stream = StreamId { kind: Workspace::KIND, name: name.clone() };
    let loaded = house.reader.stream(stream, 0).await?;
    let workspace = fold(&loaded);
    let Some(folder) = workspace.folder() else { return Ok(None) };
    let answer = match (&loaded.parked, house.held(Kind::Workspace.folder()).await) {
        (Some(parked), _) => parked::explain(Kind::Workspace, name.as_str(), parked),
        (None, Some(held)) => {
            let what = format!("is held with all others by {}: {}", held.by, quoted(&held.why));
            of(name, "held", &what).since(held.since).remedy(resume_all(Kind::Workspace))
        }
        (None, None) => situation(name, &workspace),
    };
    let others = others(house, name, folder).await?;
    let shared = (!others.is_empty()).then(|| {
        let names = others.join(", ");
        format!("others work in the same folder, each with a record of its own: {names}; what one of them has changed is somebody else's work to the others")
    });
    let answer = answer.because(format!("its folder is {}", quoted(folder))).and_because(shared);
    let newest = loaded.messages.iter().rfind(|message| message.kind == MessageKind::Event);
    let answer = match (newest, answer.since) {
        (Some(newest), None) => answer.since(newest.created_at),
        _ => answer,
    };
    let story = tale::told(&loaded.messages, Kind::Workspace, |message| Some(event(message)));
    let answer = answer.evidence(story).remedy(files(name));
    let answer = if workspace.changes().is_empty() { answer } else { answer.remedy(undo(name)) };
    Ok(Some(answer.remedies(others.iter().map(|id| why(id, "says what that one is doing there")))))
}

/// What cannot be read is left out: it may be why it is parked.
fn fold(loaded: &Loaded) -> Workspace {
    let mut workspace = Workspace::default();
    for message in loaded.messages.iter().filter(|one| one.kind == MessageKind::Event) {
        if let Ok(event) = tagged::join(&message.event_type, message.data.get()) {
            workspace.apply(&event);
        }
    }
    workspace
}

fn of(name: &Name, situation: &str, what: &str) -> Answer {
    Answer::of("workspace", name, situation, format!("workspace {name} {what}"))
}

fn situation(name: &Name, workspace: &Workspace) -> Answer {
    if let Some(why) = workspace.is_unfilled() {
        let what = format!("has none of the files that it was to begin with: {}", quoted(why));
        return of(name, "unfilled", &what);
    }
    let Some(last) = workspace.changes().last() else {
        let (situation, what) = if workspace.is_busy() {
            ("filling", "is being filled with the files of what it was forked from")
        } else {
            ("unchanged", "has had nothing changed in it")
        };
        return of(name, situation, what);
    };
    let (number, by) = (last.number, by(last));
    let all = count(workspace.changes().len() as u64, "change");
    match &last.settled {
        None => of(name, "changing", &format!("is being changed: change {number}, {by}")),
        Some(Settled::Conflict { path, why, .. }) => {
            let what = format!(
                "has {all} on record; the last ({number}, {by}) was not made: {}: {}",
                quoted(path),
                quoted(why)
            );
            of(name, "conflict", &what)
        }
        Some(Settled::Done) => {
            of(name, "changed", &format!("has {all} on record, the last of them {by}"))
        }
    }
}

fn by(entry: &Entry) -> String {
    let by = &entry.change.by;
    format!("by {} of {}", by.tool, quoted(&by.path))
}

/// The other records of the same folder, the newest first.
async fn others(house: &House, name: &Name, folder: &str) -> Look<Vec<String>> {
    let same = vec![RowFilter::is("folder", folder.to_owned())];
    let rows = house.reader.rows("workspaces", same, None, OTHERS + 1).await?.items;
    let ids = rows.iter().filter_map(|row| row.get("id")?.as_str());
    Ok(ids.filter(|id| *id != name.as_str()).take(OTHERS).map(str::to_owned).collect())
}

fn files(name: &Name) -> Remedy {
    let command = format!("callboard files {}", shell_word(name.as_str()));
    Remedy { command, does: "lists what was changed, and by whom".to_owned() }
}

fn undo(name: &Name) -> Remedy {
    let command = format!("callboard undo {}", shell_word(name.as_str()));
    Remedy { command, does: "takes all of it back, once nobody works there".to_owned() }
}

/// An event of a workspace in words.
pub(super) fn event(message: &Message) -> String {
    let Ok(event) = tagged::join(&message.event_type, message.data.get()) else {
        return tale::in_capitals(message, &message.event_type);
    };
    match event {
        Event::Opened { folder, .. } => format!("opened: {}", quoted(&folder)),
        Event::Filled { files, .. } => format!("filled with {}", count(files, "file")),
        Event::Unfilled { why, .. } => format!("not filled: {}", quoted(&why)),
        Event::Ordered { number, change, .. } => {
            let files = count(change.touches.len() as u64, "file");
            format!(
                "change {number} of {files} ordered by {} of {}",
                change.by.tool,
                quoted(&change.by.path)
            )
        }
        Event::Changed { number, files, .. } => {
            let paths: Vec<_> = files.iter().map(|file| file.path.as_str()).collect();
            format!("change {number} made: {}", quoted(&paths.join(", ")))
        }
        Event::Conflicted { number, path, why, .. } => {
            format!("change {number} not made: {}: {}", quoted(&path), quoted(&why))
        }
    }
}
