//! Properties of generated workflows: [`blocks`] makes definitions of any shape, [`play`] runs them with a model and a
//! person who take their time by a seed, [`properties`] says what holds.
//!
//! Whatever else is to hold of any workflow (forks, undoing) needs a property more, and a [`play::Sample`].

mod blocks;
mod build;
mod play;
mod properties;
