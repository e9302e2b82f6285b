//! Why a process is as it is. One file a situation; `explain.rs` chooses by state.

mod explain;
mod past;
mod story;

mod answered;
mod cancelled;
mod completed;
mod dead;
mod indeterminate;
mod queued;
mod retrying;
mod running;
mod turns;

pub(super) use explain::explain;
pub(super) use past::Past;
pub(super) use story::event;
pub(super) use turns::pasts;
