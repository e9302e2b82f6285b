//! Whatever tries to get out of a workspace, or into the home: files outside, the canaries, are neither read nor changed.

use super::house::{House, picture};
use crate::kit::Scene;
use rustix::fs::{CWD, RenameFlags, renameat_with};
use std::fs;
use std::os::unix::fs::symlink;
use std::os::unix::net::UnixListener;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use tempfile::TempDir;

const CANARY: &str = "the canary sings";

/// A workspace between canaries; the home lies in it.
struct Cage {
    _above: TempDir,
    outside: PathBuf,
    inside: PathBuf,
    home: PathBuf,
}

fn cage(scene: &Scene) -> Cage {
    let above = TempDir::new().unwrap();
    let outside = above.path().join("outside");
    let inside = above.path().join("inside");
    fs::create_dir_all(outside.join("deep")).unwrap();
    fs::create_dir_all(inside.join("sub")).unwrap();
    for canary in ["canary", "deep/canary"] {
        fs::write(outside.join(canary), CANARY).unwrap();
    }
    fs::write(above.path().join("canary"), CANARY).unwrap();
    fs::write(inside.join("mine.txt"), "mine").unwrap();
    Cage { outside, inside, home: scene.folder.path().to_owned(), _above: above }
}

impl Cage {
    /// Nothing outside is other than it was, and nobody has heard of it.
    async fn holds(&self, house: &House, paths: &[&str]) {
        let before = picture(&self.outside);
        for path in paths {
            for (way, outcome) in house.attempts(path).await.into_iter().enumerate() {
                let heard = outcome.map(|heard| String::from_utf8_lossy(&heard).into_owned());
                assert!(
                    heard.as_ref().map_or(true, |heard| !heard.contains("canary")),
                    "{path:?}, way {way}: {heard:?}"
                );
            }
            assert_eq!(picture(&self.outside), before, "{path:?}");
        }
        assert_eq!(fs::read_to_string(self.outside.with_file_name("canary")).unwrap(), CANARY);
    }
}

#[test]
fn no_path_leads_out() {
    let scene = Scene::new();
    let cage = cage(&scene);
    let absolute = cage.outside.join("canary");
    let long = format!("{}outside/canary", "sub/../".repeat(90));
    let paths = [
        "../canary",
        "../outside/canary",
        "sub/../../canary",
        "sub/../../outside/canary",
        "./../canary",
        "..",
        "sub/..//../canary",
        absolute.to_str().unwrap(),
        "/etc/passwd",
        "//etc/passwd",
        "sub/../..",
        "..\0/canary",
        "../canary\n",
        "~/canary",
        "/proc/self/root/etc/passwd",
        "/proc/self/cwd",
        "%2e%2e/canary",
        "..\\canary",
        "\u{2025}/canary",
        &long,
        ".callboard-tmp-x",
        &"x".repeat(300),
        &"d/".repeat(2_000),
    ];
    scene.life_in_real_time(async |stage| {
        let house = House::on(&stage, &cage.inside);
        cage.holds(&house, &paths).await;
    });
}

#[test]
fn no_link_leads_out() {
    let scene = Scene::new();
    let cage = cage(&scene);
    let at = |name: &str| cage.inside.join(name);
    let links: [(&str, PathBuf); 13] = [
        ("relative", "../outside/canary".into()),
        ("absolute", cage.outside.join("canary")),
        ("folder", "../outside".into()),
        ("absolute-folder", cage.outside.clone()),
        ("up", "..".into()),
        ("sub/up", "../..".into()),
        ("chain", "folder".into()),
        ("long", "sub/up/outside/canary".into()),
        ("dangling", "../outside/new".into()),
        ("root", "/".into()),
        ("itself", "itself".into()),
        ("proc", "/proc/self/fd".into()),
        ("dots", "sub/../../outside/deep".into()),
    ];
    for (name, target) in &links {
        symlink(target, at(name)).unwrap();
    }
    let paths = [
        "relative",
        "absolute",
        "folder/canary",
        "folder/new",
        "absolute-folder/canary",
        "up/outside/canary",
        "sub/up/outside/canary",
        "chain/deep/canary",
        "long",
        "dangling",
        "root/etc/passwd",
        "itself",
        "proc/0",
        "dots/canary",
        "dots",
        "folder",
        "chain",
        "up",
    ];
    let before = links.iter().map(|(name, _)| fs::read_link(at(name)).unwrap()).collect::<Vec<_>>();
    scene.life_in_real_time(async |stage| {
        let house = House::on(&stage, &cage.inside);
        cage.holds(&house, &paths).await;
    });
    let after = links.iter().map(|(name, _)| fs::read_link(at(name)).unwrap()).collect::<Vec<_>>();
    assert_eq!(before, after, "the links are as they were");
}

#[test]
fn a_link_within_the_workspace_is_another_name_of_what_it_leads_to() {
    let scene = Scene::new();
    let cage = cage(&scene);
    fs::write(cage.inside.join("sub/real"), "real").unwrap();
    symlink("sub/../sub/real", cage.inside.join("link")).unwrap();
    scene.life_in_real_time(async |stage| {
        let house = House::on(&stage, &cage.inside);
        let deed = super::house::Deed::Write("link".into(), b"new".to_vec());
        let entry = house.act("1", &deed).await.unwrap().unwrap();
        assert_eq!(entry.change.touches[0].path, "sub/real");
        assert_eq!(fs::read_to_string(cage.inside.join("sub/real")).unwrap(), "new");
        assert!(cage.inside.join("link").is_symlink());
    });
}

#[test]
fn what_is_no_file_is_not_opened() {
    let scene = Scene::new();
    let cage = cage(&scene);
    let pipe = cage.inside.join("pipe");
    assert!(std::process::Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    let _socket = UnixListener::bind(cage.inside.join("socket")).unwrap();
    symlink("pipe", cage.inside.join("to-pipe")).unwrap();
    symlink("/dev/zero", cage.inside.join("zero")).unwrap();
    scene.life_in_real_time(async |stage| {
        let house = House::on(&stage, &cage.inside);
        for path in ["pipe", "socket", "to-pipe", "zero", "pipe/x", "socket/x"] {
            let outcomes = house.attempts(path).await;
            assert!(outcomes.iter().all(Result::is_err), "{path}: {outcomes:?}");
        }
    });
    assert!(pipe.exists());
}

#[test]
fn the_home_is_never_seen_whatever_it_is_called() {
    let scene = Scene::new();
    let mut cage = cage(&scene);
    // The workspace holds the home: as a folder of its own name, and behind links.
    cage.inside = fs::canonicalize(&cage.home).unwrap().parent().unwrap().to_owned();
    let name = cage.home.file_name().unwrap().to_str().unwrap().to_owned();
    let play = TempDir::new_in(&cage.inside).unwrap();
    let mine = play.path().file_name().unwrap().to_str().unwrap().to_owned();
    fs::write(cage.home.join("token"), CANARY).unwrap();
    symlink(format!("../{name}"), play.path().join("home")).unwrap();
    symlink(format!("../{name}/token"), play.path().join("token")).unwrap();
    fs::hard_link(cage.home.join("token"), play.path().join("hard")).unwrap();
    fs::hard_link(cage.home.join("callboard.db"), play.path().join("journal")).unwrap();
    let paths = [
        name.clone(),
        format!("{name}/token"),
        format!("{name}/callboard.db"),
        format!("{name}/new"),
        format!("./{name}//token"),
        format!("{mine}/home/token"),
        format!("{mine}/home"),
        format!("{mine}/token"),
        format!("{mine}/hard"),
        format!("{mine}/journal"),
        format!("{name}/state/blobs/x"),
    ];
    scene.life_in_real_time(async |stage| {
        let house = House::on(&stage, &cage.inside);
        for path in &paths {
            let outcomes = house.attempts(path).await;
            assert!(outcomes.iter().all(Result::is_err), "{path}: {outcomes:?}");
        }
        let listed = house.workspaces.read(&house.place, |root| {
            root.list(&root.find(&callboard_actors::workspaces::FilePath::top())?)
        });
        assert!(listed.await.unwrap().iter().all(|(listed, _)| *listed != name));
    });
    assert_eq!(fs::read_to_string(cage.home.join("token")).unwrap(), CANARY);
    assert!(!cage.home.join("new").exists());
}

/// Somebody has a folder be a link to the outside, and a folder again, all the time.
fn race(inside: &Path, outside: &Path, stop: &AtomicBool) {
    let (folder, link) = (inside.join("swap"), inside.join("swap-link"));
    symlink(outside, &link).unwrap();
    while !stop.load(Ordering::Relaxed) {
        renameat_with(CWD, &folder, CWD, &link, RenameFlags::EXCHANGE).unwrap();
    }
}

#[test]
fn nothing_that_is_swapped_meanwhile_leads_out() {
    let scene = Scene::new();
    let cage = cage(&scene);
    let folder = cage.inside.join("swap");
    fs::create_dir_all(folder.join("deep")).unwrap();
    for mine in ["canary", "deep/canary"] {
        fs::write(folder.join(mine), "mine").unwrap();
    }
    let stop = Arc::new(AtomicBool::new(false));
    let (inside, outside, stopped) = (cage.inside.clone(), cage.outside.clone(), Arc::clone(&stop));
    let racer = std::thread::spawn(move || race(&inside, &outside, &stopped));
    let before = picture(&cage.outside);
    scene.life_in_real_time(async |stage| {
        let house = House::on(&stage, &cage.inside);
        let mut tried = 0;
        for _ in 0..60 {
            for path in ["swap/canary", "swap/deep/canary", "swap/new"] {
                for outcome in house.attempts(path).await {
                    tried += usize::from(outcome.is_ok());
                    let heard = outcome.unwrap_or_default();
                    assert!(!String::from_utf8_lossy(&heard).contains("sings"), "{path}");
                }
                assert_eq!(picture(&cage.outside), before, "{path}");
            }
        }
        assert!(tried > 0, "nothing was ever reached: the race proves nothing");
    });
    stop.store(true, Ordering::Relaxed);
    racer.join().unwrap();
}
