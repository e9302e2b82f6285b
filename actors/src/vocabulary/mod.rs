//! The words that every floor of the house shares: ids, time, topics, references.
//! Nothing here acts; nothing here knows who uses it.

mod estimate;
mod fallback;
mod ids;
mod nearest;
mod nesting;
mod payload;
mod reference;
mod time;
mod topic;
mod workplace;

pub use estimate::Estimate;
pub use fallback::Fallback;
pub use ids::{
    AgentId, EffectKey, InvalidName, MessageId, Name, NodeId, Position, ProcessId, ScheduleId,
    SessionId, StreamId, Version, WorkflowId, derived_uuid,
};
pub use nearest::nearest;
pub use nesting::{DEEPEST, is_deeper_than, is_too_deep};
pub use payload::Payload;
pub use reference::{Durable, Hash, Reference};
pub use time::{Clock, Timestamp, span};
pub use topic::{InvalidTopic, Pattern, Patterns, Topic};
pub use workplace::Workplace;
