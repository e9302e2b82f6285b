//! Why a schedule starts something, or does not.

mod explain;
mod story;

pub(super) use explain::explain;
pub(super) use story::event;
