//! Callers on threads of their own.

use crate::kit::{Command, Scene, id, name};
use std::collections::BTreeSet;
use std::time::Duration;

const ON: Command = Command::Turn { by: 1 };
const THREADS: i64 = 4;
const EACH: i64 = 100;
const LAMPS: i64 = 5;

#[test]
fn callers_on_several_threads_are_each_answered_once_and_no_version_twice() {
    let scene = Scene::new();
    let receipts = scene.life_in_real_time(async |stage| {
        let threads: Vec<_> = (0..THREADS)
            .map(|thread| {
                let lamps = stage.lamps.clone();
                std::thread::spawn(move || {
                    let mut builder = tokio::runtime::Builder::new_current_thread();
                    let runtime = builder.enable_all().build().unwrap();
                    runtime.block_on(async {
                        let mut receipts = Vec::new();
                        for number in 0..EACH {
                            let lamp = format!("lamp-{}", number % LAMPS);
                            let told = id(&format!("{thread}/{number}"));
                            let receipt = lamps.tell(&name(&lamp), told, ON).await.unwrap();
                            receipts.push((lamp, receipt.version));
                        }
                        receipts
                    })
                })
            })
            .collect();
        while !threads.iter().all(std::thread::JoinHandle::is_finished) {
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
        threads.into_iter().flat_map(|thread| thread.join().unwrap()).collect::<BTreeSet<_>>()
    });
    let each = THREADS * EACH / LAMPS;
    let expected = (0..LAMPS).flat_map(|lamp| (1..=each).map(move |v| (format!("lamp-{lamp}"), v)));
    assert_eq!(receipts, expected.collect());
    assert_eq!(scene.number("SELECT sum(light) FROM lamps"), THREADS * EACH);
    assert_eq!(scene.findings(), Vec::<String>::new());
}
