//! Lines that strace wrote, and a program that it watches.

use std::fs::{self, File, OpenOptions};
use std::io::{Seek, SeekFrom, Write};
use std::os::unix::fs::{FileExt, PermissionsExt, symlink};
use std::path::Path;
use std::process::Command;
use std::thread;

use rustix::fs::{Mode, OFlags, RenameFlags, ResolveFlags, openat2, renameat_with};

use super::reader::read;
use super::{Operation, is_permitted, read_trace, traced};
use crate::disk::{Disk, Policy, State};

/// Names the folder that [`playground`] plays in.
const PLAYGROUND: &str = "CALLBOARD_TEST_CAMPAIGN_PLAYGROUND";

/// A line of strace, in which `'text'` stands for text in hexadecimal.
fn line(readable: &str) -> String {
    let parts = readable
        .split('\'')
        .enumerate()
        .map(|(index, part)| if index % 2 == 0 { part.to_owned() } else { hex(part.as_bytes()) });
    parts.collect()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |hex, byte| format!("{hex}\\x{byte:02x}"))
}

fn operations(lines: &[&str]) -> Result<Vec<Operation>, String> {
    let text: Vec<_> = lines.iter().map(|readable| line(readable)).collect();
    read(&text.join("\n"), "/h").map(|trace| trace.operations)
}

#[test]
fn writing_goes_on_where_it_was() {
    let found = operations(&[
        r#"1 openat(AT_FDCWD<'/'>, "'/h/a'", O_RDWR|O_CREAT|O_CLOEXEC, 0600) = 3<'/h/a'>"#,
        r#"1 write(3<'/h/a'>, "'xyz'", 3) = 2"#,
        r#"1 writev(3<'/h/a'>, [{iov_base="'1'", iov_len=1}, {iov_base="'2'", iov_len=1}], 2) = 2"#,
        r#"1 pwrite64(3<'/h/a'>, "'p'", 1, 9) = 1"#,
        "1 fcntl(3<'/h/a'>, F_DUPFD_CLOEXEC, 3) = 4<'/h/a'>",
        "1 lseek(4<'/h/a'>, 0, SEEK_END) = 10",
        r#"1 write(3<'/h/a'>, "'e'", 1) = 1"#,
    ]);
    let write = |offset, data: &[u8]| Operation::Write {
        path: "a".into(),
        offset: Some(offset),
        data: data.to_vec(),
    };
    let open = Operation::Open { path: "a".into(), create: true, truncate: false, mode: 0o600 };
    let expected = vec![open, write(0, b"xy"), write(2, b"12"), write(9, b"p"), write(10, b"e")];
    assert_eq!(found.unwrap(), expected);
}

#[test]
fn calls_that_overlap_count_from_their_end_and_what_is_sent_from_its_beginning() {
    let found = operations(&[
        "1 fsync(3<'/h/a'> <unfinished ...>",
        r#"2 sendto(9<'socket:[77]'>, "'HTTP/1.1 202'", 12, MSG_NOSIGNAL, NULL, 0 <unfinished ...>"#,
        "3 mkdir(\"'/h/d'\", 0700) = 0",
        "1 <... fsync resumed>)              = 0",
        "2 <... sendto resumed>) = 12",
        "4 fsync(3<'/h/a'> <unfinished ...>",
        "4 +++ killed by SIGKILL +++",
    ]);
    let sent = Operation::Sent { data: b"HTTP/1.1 202".to_vec() };
    let mkdir = Operation::Mkdir { path: "d".into(), mode: 0o700 };
    let sync = Operation::Sync { path: "a".into(), began: 0 };
    assert_eq!(found.unwrap(), [sent, mkdir, sync]);
}

#[test]
fn names_may_change_places_and_permissions_are_kept() {
    let found = operations(&[
        r#"1 openat2(3<'/h/a'>, "'x'", {flags=O_WRONLY|O_CREAT|O_EXCL, mode=0600, resolve=RESOLVE_BENEATH}, 24) = 4<'/h/a/x'>"#,
        "1 fchmod(4<'/h/a/x'>, 0640) = 0",
        r#"1 renameat2(3<'/h/a'>, "'x'", 3<'/h/a'>, "'y'", RENAME_EXCHANGE) = 0"#,
        r#"1 renameat2(3<'/h/a'>, "'x'", 3<'/h/a'>, "'z'", RENAME_NOREPLACE) = 0"#,
        r#"1 mkdir("'/h/workspaces/.commands/1'", 0700) = 0"#,
    ]);
    let path = || "a/x".to_owned();
    let expected = [
        Operation::Open { path: path(), create: true, truncate: false, mode: 0o600 },
        Operation::Mode { path: path(), mode: 0o640 },
        Operation::Exchange { one: path(), other: "a/y".into() },
        Operation::Rename { from: path(), to: "a/z".into() },
    ];
    assert_eq!(found.unwrap(), expected);
}

#[test]
fn what_failed_or_is_elsewhere_is_passed_over() {
    let found = operations(&[
        "1 mkdir(\"'/h/d'\", 0700) = -1 EEXIST (File exists)",
        "1 mkdir(\"'/hh'\", 0700) = 0",
        "1 fsync(3<'/h/a'>(deleted)) = 0",
        "1 fsync(3<'/h/a'>) = ?",
        "2 mkdir(\"'/h/d'\", 0700 <unfinished ...>",
        "2 <... mkdir resumed>) = ?",
        "1 --- SIGCHLD {si_signo=SIGCHLD} ---",
    ]);
    assert_eq!(found.unwrap(), []);
}

#[test]
fn what_cannot_be_followed_is_an_error() {
    for unfollowed in [
        "1 fallocate(3<'/h/a'>, 0, 0, 100) = 0",
        "1 mmap(NULL, 3, PROT_READ|PROT_WRITE, MAP_SHARED, 3<'/h/a'>, 0) = 0x7fa76ddc1000",
        "1 rename(\"'/h/a'\", \"'/elsewhere'\") = 0",
        r#"1 pwrite64(3<'/h/a'>, "'p'"..., 100, 9) = 100"#,
        "1 openat(AT_FDCWD<'/'>, \"'/h/'\", O_RDWR|O_TMPFILE, 0600) = 3<'/h/#1'>(deleted)",
    ] {
        assert!(operations(&[unfollowed]).is_err(), "{unfollowed}");
    }
    let reserved = "1 fallocate(3<'/h/a'>, FALLOC_FL_KEEP_SIZE, 0, 100) = 0";
    assert_eq!(operations(&[reserved]).unwrap(), []);
}

#[test]
fn a_child_goes_on_where_its_parent_was_with_descriptors_of_its_own() {
    let open = |thread, file, descriptor| {
        format!(
            "{thread} openat(AT_FDCWD<'/'>, \"'/h/{file}'\", O_WRONLY|O_CREAT, 0600) = {descriptor}<'/h/{file}'>"
        )
    };
    let write = |thread, file, descriptor| {
        format!("{thread} write({descriptor}<'/h/{file}'>, \"'x'\", 1) = 1")
    };
    let lines = [
        open(1, "a", 3),
        write(1, "a", 3),
        "1 clone3({flags=CLONE_VM|CLONE_THREAD, exit_signal=0} => {parent_tid=[2]}, 88) = 2".into(),
        "2 clone3({flags=CLONE_VM|CLONE_VFORK, exit_signal=SIGCHLD}, 88 <unfinished ...>".into(),
        "5 dup2(3<'/h/a'>, 1) = 1<'/h/a'>".into(),
        "5 close(3<'/h/a'>) = 0".into(),
        "2 <... clone3 resumed>) = 5".into(),
        write(5, "a", 1),
        open(5, "b", 3),
        write(5, "b", 3),
        write(2, "a", 3),
    ];
    let lines: Vec<_> = lines.iter().map(String::as_str).collect();
    let offsets = |wanted: &str| -> Vec<_> {
        let all = operations(&lines).unwrap().into_iter();
        all.filter_map(|operation| match operation {
            Operation::Write { path, offset, .. } if path == wanted => offset,
            _ => None,
        })
        .collect()
    };
    assert_eq!((offsets("a"), offsets("b")), (vec![0, 1, 2], vec![0]));
}

/// In a root of its own a confined program makes our folders anew, which are not ours there.
#[test]
fn who_has_a_root_of_its_own_does_nothing_to_our_names() {
    let lines = [
        "1 mkdir(\"'/h/a'\", 0700) = 0",
        "1 clone3({flags=CLONE_VM|CLONE_VFORK, exit_signal=SIGCHLD}, 88) = 5",
        "5 pivot_root(\"'.'\", \"'.outside'\") = 0",
        "5 mkdir(\"'/h/b'\", 0777) = 0",
        "5 clone3({flags=CLONE_VM|CLONE_VFORK, exit_signal=SIGCHLD}, 88) = 6",
        "6 rmdir(\"'/h/a'\") = 0",
        "1 mkdir(\"'/h/c'\", 0700) = 0",
    ];
    let made = operations(&lines).unwrap().into_iter().map(|operation| match operation {
        Operation::Mkdir { path, .. } => path,
        other => panic!("{other:?}"),
    });
    assert_eq!(made.collect::<Vec<_>>(), ["a", "c"]);
}

#[test]
fn what_is_kept_of_a_traced_program_is_what_it_wrote() {
    if !is_permitted() {
        return;
    }
    let scratch = tempfile::tempdir().unwrap();
    let home = scratch.path().join("home");
    fs::create_dir(&home).unwrap();
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["--exact", "trace::tests::playground", "--ignored"]).env(PLAYGROUND, &home);
    let output = scratch.path().join("trace");
    assert!(traced(&command, &output).status().unwrap().success());
    let trace = read_trace(&output, &home);
    let kept = Disk::after(&trace.operations).unwrap().crash(Policy::KeepAll).comparable();
    let real = State::read(&home).comparable();
    assert!(real.entries.len() > 5, "{real:?}");
    assert_eq!(kept.differences(&real), [""; 0]);
}

/// The program that is watched: it writes in every way that a program may.
#[test]
#[ignore = "run under strace by the test above"]
fn playground() {
    let home = std::env::var(PLAYGROUND).unwrap();
    let home = Path::new(&home);
    fs::create_dir_all(home.join("a folder/within")).unwrap();
    threads_write(home);
    let path = home.join("a folder/x");
    let mut file = File::create(&path).unwrap();
    file.write_all(b"one two three").unwrap();
    file.seek(SeekFrom::Start(4)).unwrap();
    file.write_all(b"TWO").unwrap();
    file.write_all_at(b"!", 20).unwrap();
    file.set_len(18).unwrap();
    file.sync_all().unwrap();
    fs::rename(&path, home.join("y>\"")).unwrap();
    file.write_all(b"renamed").unwrap();
    fs::hard_link(home.join("y>\""), home.join("z")).unwrap();
    symlink("y", home.join("latest")).unwrap();
    fs::rename(home.join("latest"), home.join("newest")).unwrap();
    File::create(home.join("gone")).unwrap().write_all(b"gone").unwrap();
    fs::remove_file(home.join("gone")).unwrap();
    File::open(home).unwrap().sync_all().unwrap();
    programs_write(home);
    changes_places(home);
    fs::create_dir_all(home.join("tree/of/folders")).unwrap();
    fs::write(home.join("tree/of/file"), "x").unwrap();
    fs::remove_dir_all(home.join("tree")).unwrap();
    database(home);
}

fn threads_write(home: &Path) {
    thread::scope(|scope| {
        for number in 0..4 {
            scope.spawn(move || {
                let mut options = OpenOptions::new();
                for line in 0..50 {
                    let path = home.join(format!("log {number}"));
                    let mut file = options.create(true).append(true).open(path).unwrap();
                    file.write_all(format!("line {line}\n").as_bytes()).unwrap();
                    file.sync_data().unwrap();
                }
            });
        }
    });
}

/// As files of workspaces are replaced.
fn changes_places(home: &Path) {
    let folder = File::open(home).unwrap();
    let flags = OFlags::CREATE | OFlags::WRONLY | OFlags::TRUNC;
    let open = |name| openat2(&folder, name, flags, Mode::RUSR | Mode::WUSR, ResolveFlags::BENEATH);
    for name in ["one", "other"] {
        rustix::io::write(open(name).unwrap(), name.as_bytes()).unwrap();
    }
    renameat_with(&folder, "one", &folder, "other", RenameFlags::EXCHANGE).unwrap();
    fs::set_permissions(home.join("one"), fs::Permissions::from_mode(0o640)).unwrap();
}

/// As shims have programs write: into a file that is open already, and by themselves.
fn programs_write(home: &Path) {
    let mut file = File::options().create(true).append(true).open(home.join("stdout")).unwrap();
    file.write_all(b"before ").unwrap();
    let mut command = Command::new("sh");
    command.args(["-c", "echo one; (echo two; echo three > \"$0/third\") & wait; echo four"]);
    let status = command.arg(home).stdout(file.try_clone().unwrap()).status().unwrap();
    assert!(status.success());
    file.write_all(b"after").unwrap();
}

/// `SQLite`, as the server uses it.
fn database(home: &Path) {
    let connection = rusqlite::Connection::open(home.join("x.db")).unwrap();
    connection.pragma_update(None, "journal_mode", "WAL").unwrap();
    connection.pragma_update(None, "synchronous", "FULL").unwrap();
    connection.execute_batch("CREATE TABLE t (x)").unwrap();
    for number in 0..20 {
        connection.execute("INSERT INTO t VALUES (?)", [number]).unwrap();
    }
    connection.execute_batch("PRAGMA wal_checkpoint(TRUNCATE); INSERT INTO t VALUES (0)").unwrap();
    // As a program that dies: the log is not folded in at the end.
    std::mem::forget(connection);
}
