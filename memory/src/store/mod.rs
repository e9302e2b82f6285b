//! The store: what goes in, how it is found, and how it is moved to another model.

mod embed;
mod fuse;
mod held;
mod index;
mod list;
mod nearest;
mod open;
mod options;
mod query;
mod search;
mod status;
mod write;

pub use embed::{Embed, Embedded, Pending, Step};
pub use list::Page;
pub use open::Store;
pub use options::Options;
pub use query::{Found, Hit, How, Mode, Query, Ranks};
pub use status::Status;
pub use write::Entry;
