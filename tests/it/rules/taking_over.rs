//! A server that is killed anywhere between an agent's answer and its turn: what the agent did becomes a change once, and
//! can be taken back.
//!
//! While it is taken over, the server is held up again and again, and its folder is copied: each copy is what `kill -9`
//! would have left then. From each another server goes on.

use super::agents::{Studio, can_be_tried};
use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;
use tempfile::TempDir;

/// So long the server goes on between two pictures.
const SLICE: Duration = Duration::from_micros(1_500);

/// More pictures than these are not taken.
const MOST: usize = 400;

/// What stands still, and its folder's pictures.
struct Camera {
    pid: Pid,
    folder: PathBuf,
    album: TempDir,
}

fn copy(from: &Path, to: &Path) {
    let status = Command::new("cp").arg("-a").args([from, to]).status().unwrap();
    assert!(status.success(), "{} to {}", from.display(), to.display());
}

impl Camera {
    fn before(studio: &Studio) -> Self {
        let pid = Pid::from_raw(studio.server.pid().cast_signed()).unwrap();
        let album = tempfile::tempdir().unwrap();
        Self { pid, folder: studio.folder.path().to_owned(), album }
    }

    /// What `kill -9` would leave at this moment.
    fn shoot(&self, number: usize) -> PathBuf {
        let picture = self.album.path().join(number.to_string());
        fs::create_dir(&picture).unwrap();
        kill_process(self.pid, Signal::STOP).unwrap();
        for name in ["home", "work"] {
            copy(&self.folder.join(name), &picture.join(name));
        }
        kill_process(self.pid, Signal::CONT).unwrap();
        picture
    }

    /// Pictures until the workflow has ended, one of each way in which the journal and the files stood.
    fn film(&self) -> BTreeMap<String, PathBuf> {
        let mut film = BTreeMap::new();
        for number in 0..MOST {
            let picture = self.shoot(number);
            let (how, is_over) = seen(&picture);
            // The first of a kind: the files of the last may be those of the next.
            film.entry(how).or_insert(picture);
            if is_over {
                break;
            }
            std::thread::sleep(SLICE);
        }
        film
    }
}

/// How far the journal is, and how far the files are; and whether all is over.
fn seen(picture: &Path) -> (String, bool) {
    let journal = rusqlite::Connection::open(picture.join("home/callboard.db")).unwrap();
    let of = |sql: &str| journal.query_row(sql, [], |row| row.get::<_, i64>(0)).unwrap();
    let head = of("SELECT coalesce(max(id), 0) FROM messages");
    let is_over = of("SELECT count(*) FROM workflows WHERE status = 'completed'") > 0;
    let audit = of("SELECT count(*) FROM audit");
    let files: Vec<_> = ["made.txt", "new/deep/file", "docs/old.md"]
        .map(|name| u8::from(picture.join("work").join(name).exists()))
        .into();
    let main = fs::metadata(picture.join("work/src/main.py")).map_or(0, |file| file.len());
    (format!("{head:06} {audit} {files:?} {main}"), is_over)
}

/// Puts a picture back in its place.
fn restore(picture: &Path, folder: &Path) {
    for name in ["home", "work"] {
        let at = folder.join(name);
        fs::remove_dir_all(&at).unwrap();
        copy(&picture.join(name), &at);
    }
}

/// What has happened since the server was killed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Since {
    Nothing,
    MachineAnew,
    RulesChanged,
}

impl Since {
    fn happen(self, picture: &Path, folder: &Path) {
        restore(picture, folder);
        let may = if self == Self::RulesChanged { "{}" } else { "{ can_write_files: true }" };
        let rules = format!(
            "version: 1\ndeny: [.env, '*.pem']\ndefault: {{ can_read_files: true }}\nprofiles: {{ coder: {may} }}\n"
        );
        fs::write(folder.join("config/rules.yaml"), rules).unwrap();
        if self == Self::MachineAnew {
            start_machine_anew(folder);
        }
    }
}

/// Who may write nothing by now has either changed all before, or nothing; and it is said which.
async fn says_what_was_made(studio: &Studio, path: &str, how: &str) {
    let row = studio.end(path).await;
    assert_eq!(row["status"], "completed", "{how}: {row}\n{}", studio.server.log());
    let changes = studio.changes(path).await.len();
    let (_, processes) = studio.server.get("/processes").await;
    let process = processes["items"][0]["id"].as_str().unwrap().to_owned();
    let (_, said) = studio.server.get(&format!("/processes/{process}/response")).await;
    let told = said["files"]["changed"].as_array().unwrap().len();
    assert!([(0, 0), (1, 4)].contains(&(changes, told)), "{how}: {changes} changes, {said}");
    assert_eq!(studio.at("work/made.txt").exists(), changes == 1, "{how}");
    let not_kept = said["files"]["not_kept"].to_string();
    assert_eq!(not_kept.contains("made.txt"), changes == 0, "{how}: {said}");
}

/// As if the machine had been started anew: notes of attempts whose programs work on copies are of another start.
fn start_machine_anew(folder: &Path) {
    let mut todo = vec![folder.join("home")];
    while let Some(next) = todo.pop() {
        for entry in fs::read_dir(next).unwrap().flatten() {
            let path = entry.path();
            if path.is_dir() {
                todo.push(path);
            } else if path.file_name().is_some_and(|name| name == "snapshot") {
                fs::write(path, "{\"boot_id\": \"another\"}").unwrap();
            }
        }
    }
}

async fn is_made_once_and_undone(studio: &Studio, path: &str, how: &str) -> Value {
    let row = studio.end(path).await;
    let log = || studio.server.log();
    assert_eq!(row["status"], "completed", "{how}: {row}\n{}", log());
    let made = studio.text("work/made.txt");
    assert!(made.is_some_and(|made| made.starts_with("made in attempt ")), "{how}");
    let main = studio.text("work/src/main.py").unwrap();
    assert_eq!(main.matches("bye").count(), 1, "{how}: {main}");
    assert_eq!(studio.text("work/new/deep/file").as_deref(), Some("deep"), "{how}");
    let changes = studio.changes(path).await;
    assert_eq!(changes.len(), 1, "{how}: {changes:#?}");
    let (status, undone) = studio.server.post(&format!("{path}/undo"), serde_json::json!({})).await;
    assert!(status.is_success(), "{how}: {undone}");
    assert_eq!(studio.text("work/src/main.py").as_deref(), Some("print('hello')\n"), "{how}");
    assert_eq!(studio.text("work/docs/old.md").as_deref(), Some("old"), "{how}");
    let left = ["work/made.txt", "work/new"].map(|name| studio.at(name).exists());
    assert_eq!(left, [false, false], "{how}");
    row
}

#[actix_web::test]
async fn wherever_it_is_cut_off_a_change_is_made_once_and_can_be_undone() {
    if !can_be_tried() {
        return;
    }
    let mut studio = Studio::open("work").await;
    let path = studio.start().await;
    studio.until_it_has_worked().await;
    let camera = Camera::before(&studio);
    let film = camera.film();
    assert!(film.len() >= 3, "{:?}", film.keys());
    for (how, picture) in &film {
        for since in [Since::Nothing, Since::MachineAnew, Since::RulesChanged] {
            studio = studio.again_after(|folder| since.happen(picture, folder)).await;
            let how = format!("{how}, {since:?}");
            if since == Since::RulesChanged {
                says_what_was_made(&studio, &path, &how).await;
            } else {
                is_made_once_and_undone(&studio, &path, &how).await;
            }
        }
    }
}
