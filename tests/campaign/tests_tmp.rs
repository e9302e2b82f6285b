//! Tmp.
use crate::disk::{Disk, Policy, State};
use crate::scenario::{End, record};
use crate::trial::*;
use crate::world::{Mock, Setup, scratch};
use std::time::Instant;

#[test]
fn tmp() {
    let folder = scratch();
    let mock = Mock::start();
    let setup = Setup::new(folder.path(), mock.address);
    let t = Instant::now();
    let recording = record(&setup, &mock, folder.path(), End::Stopped);
    eprintln!(
        "recorded {:?} {} ops {} said",
        t.elapsed(),
        recording.trace.operations.len(),
        recording.said.len()
    );
    let t = Instant::now();
    let disk = Disk::after(&recording.trace.operations).unwrap();
    let kept = disk.crash(Policy::KeepAll).comparable();
    eprintln!("built {:?}", t.elapsed());
    let real = State::read(&folder.path().join("home")).comparable();
    eprintln!("differences {:?}", kept.differences(&real));
    for (i, op) in recording.trace.operations.iter().enumerate() {
        if i > 0 {
            continue;
        }
        match op {
            crate::trace::Operation::Sent { data } => eprintln!(
                "{i} sent {} {:?}",
                data.len(),
                String::from_utf8_lossy(&data[..data.len().min(60)])
            ),
            crate::trace::Operation::Write { path, offset, data } => {
                eprintln!("{i} write {path} {offset:?} {}", data.len())
            }
            o => eprintln!("{i} {o:?}"),
        }
    }
    for part in &recording.cast.parts {
        eprintln!("{part:?}");
    }
    let t = Instant::now();
    let n = recording.trace.operations.len();
    let crashes: Vec<_> = (0..n)
        .step_by(n / 20)
        .map(|prefix| Crash {
            prefix,
            policy: Policy::DropUnsynced,
            state: Disk::after(&recording.trace.operations[..prefix])
                .unwrap()
                .crash(Policy::DropUnsynced),
        })
        .collect();
    eprintln!("{} crashes built {:?}", crashes.len(), t.elapsed());
    let t = Instant::now();
    let o = try_all(&recording, &crashes, Instant::now() + std::time::Duration::from_secs(100), 3);
    eprintln!("{o:#?} {:?}", t.elapsed());
}
