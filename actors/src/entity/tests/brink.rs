//! Between an actor that has left its slot and its end, someone may want it. On one thread its hosts
//! never see that moment; from other threads they do.

use super::kit::{Command, Lamp, Scene, Stage, id, name};
use crate::entity::slot::Start;
use crate::entity::slot::{Presence, Wake};
use crate::entity::{Directory, HostSettings};
use actix::{Actor, Context, Handler};
use std::cell::Cell;
use std::rc::Rc;

/// Stands in for the hosts: counts how often it is asked, and starts nobody.
struct Door(Rc<Cell<u32>>);

impl Actor for Door {
    type Context = Context<Self>;
}

impl Handler<Start> for Door {
    type Result = ();
    fn handle(&mut self, _: Start, _: &mut Self::Context) {
        self.0.set(self.0.get() + 1);
    }
}

impl Handler<Wake> for Door {
    type Result = ();
    fn handle(&mut self, _: Wake, _: &mut Self::Context) {}
}

/// A lamp whose actor has left its slot, but has not ended; and the count of calls since.
fn on_the_brink(stage: &Stage) -> (Directory<Lamp>, Rc<Cell<u32>>) {
    let lamps = Directory::<Lamp>::new(stage.journal.clone(), HostSettings::default());
    let asked = Rc::new(Cell::new(0));
    let door = Door(Rc::clone(&asked)).start();
    lamps.attend(door.clone().recipient());
    lamps.with(&name("a"), |slot| slot.presence = Presence::Here(door.recipient()));
    assert!(lamps.leave(&name("a")));
    (lamps, asked)
}

async fn settle() {
    for _ in 0..10 {
        tokio::task::yield_now().await;
    }
}

#[test]
fn whoever_was_woken_before_its_former_actor_ended_is_asked_for_again() {
    Scene::new().life(async |stage| {
        let (lamps, asked) = on_the_brink(&stage);
        lamps.wake(&name("a"));
        settle().await;
        assert_eq!(asked.get(), 1, "which its hosts ignore: the former one is still there");
        lamps.absent(&name("a"));
        settle().await;
        assert_eq!(asked.get(), 2);
    });
}

#[test]
fn whoever_was_told_before_its_former_actor_ended_is_asked_for_again_and_keeps_its_inbox() {
    Scene::new().life(async |stage| {
        let (lamps, asked) = on_the_brink(&stage);
        let (a, told) = (name("a"), id("1"));
        let mut telling = Box::pin(lamps.tell(&a, told, Command::Turn { by: 1 }));
        assert!(futures::poll!(&mut telling).is_pending());
        lamps.absent(&a);
        settle().await;
        assert_eq!((asked.get(), lamps.census()), (2, (0, 1, 0)));
    });
}

#[test]
fn whom_nobody_wants_leaves_nothing_behind() {
    Scene::new().life(async |stage| {
        let (lamps, asked) = on_the_brink(&stage);
        lamps.with(&name("a"), |_| ());
        lamps.absent(&name("a"));
        settle().await;
        assert_eq!((asked.get(), lamps.names(|_| true)), (0, vec![]));
    });
}
