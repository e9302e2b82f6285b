//! [`Block`]: what definitions are made of. Chains of blocks always have a beginning and a way to the end.

use proptest::prelude::*;

/// A part of a graph with one entry and one exit.
#[derive(Debug, Clone)]
pub(super) enum Block {
    /// Computes; which channels it writes depends on the number.
    Set(u8),
    /// Asks the model.
    Agent(u8),
    /// Asks the person.
    Ask,
    /// Waits for some time.
    Nap,
    /// Once for each of so many items, at most so many at once.
    Each { items: u8, at_once: u8, what: Inner },
    /// The model breaks, perhaps twice; another node takes over.
    Breaks { twice: bool },
    /// All at once, then a join.
    Parallel(Vec<Vec<Block>>),
    /// One or the other, depending on the state.
    Choice(Vec<Block>, Vec<Block>),
    /// At most so many times.
    Loop(u8, Vec<Block>),
    /// A workflow of its own.
    Sub(Vec<Block>),
}

/// What is done for each item.
#[derive(Debug, Clone, Copy)]
pub(super) enum Inner {
    Set,
    Agent,
    Sub,
}

fn simple() -> impl Strategy<Value = Block> {
    let inner = prop_oneof![Just(Inner::Set), Just(Inner::Agent), Just(Inner::Sub)];
    let each = (0..4_u8, 1..3_u8, inner).prop_map(|(items, at_once, what)| Block::Each {
        items,
        at_once,
        what,
    });
    prop_oneof![
        4 => (0..5_u8).prop_map(Block::Set),
        2 => (0..2_u8).prop_map(Block::Agent),
        2 => Just(Block::Ask),
        1 => Just(Block::Nap),
        2 => each,
        1 => any::<bool>().prop_map(|twice| Block::Breaks { twice }),
    ]
}

/// Chains of some blocks, nested at most twice.
pub(super) fn chain() -> impl Strategy<Value = Vec<Block>> {
    let block = simple().prop_recursive(2, 10, 3, |block| {
        let chain = || prop::collection::vec(block.clone(), 1..3);
        prop_oneof![
            3 => prop::collection::vec(chain(), 2..4).prop_map(Block::Parallel),
            1 => (chain(), chain()).prop_map(|(one, other)| Block::Choice(one, other)),
            1 => (1..3_u8, chain()).prop_map(|(times, body)| Block::Loop(times, body)),
            1 => chain().prop_map(Block::Sub),
        ]
    });
    prop::collection::vec(block, 1..4)
}
