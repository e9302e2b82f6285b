//! Schedules: what is started by the clock: again and again by a cron expression, or once.
//!
//! ```text
//! active ⇄ paused ─► ended
//!    │ due/n: its time has come
//!    └──► firing (fire/n: it is started) ──► active, ended, failed (its only time was in vain)
//! ```
//!
//! | state | command | events | then wanted |
//! |---|---|---|---|
//! | new, ended | `CreateSchedule` | `Created` | `due/n` |
//! | active, failed | `Change` | `Changed` | `due/n` |
//! | firing | `Change` | `Changed` | `fire/n` |
//! | paused | `Change` | `Changed` | nothing |
//! | active | `Pause` | `Paused` | nothing |
//! | firing | `Pause` | `Paused` | `fire/n` |
//! | failed | `Pause` | `Paused` | nothing |
//! | paused | `Resume` | `Missed`, `Resumed` | `due/n` |
//! | active, paused, failed | `Run` | `Due` | `fire/n` |
//! | active, paused, failed | `End` | `Ended` | nothing |
//! | firing | `End` | `Ended` | `fire/n` |
//! | active | `Arrive` in time | `Due` | `fire/n` |
//! | active | `Arrive` late | `Missed`, `Due`, `Ended` | `due/n` or `fire/n` or nothing |
//! | firing | `Report` started | `Fired`, `Ended` | `due/n` or nothing |
//! | firing | `Report` failed | `Failed` | `due/n` or nothing |
//! | firing | `Report` overlapped | `Skipped`, `Ended` | `due/n` or nothing |
//!
//! That a time has come is committed before anything is started (`Due`), and so is what is said of those that were
//! missed: a crash in between starts the same thing, by the same name, and not another. `Ended` only where no time is
//! left, `Missed` only where times have passed. `firing` goes beside the other states: what is being started comes to
//! its end whatever becomes of the schedule.

mod arrive;
mod command;
mod decide;
mod effect;
mod event;
mod fold;
mod past;
mod perform;
mod rhythm;
mod row;
mod spec;
mod state;
#[cfg(test)]
mod tests;
mod timing;

pub use command::{Came, Command, Made, Order, Refusal};
pub use effect::{Effect, Firing};
pub use event::{Because, End, Event};
pub use perform::{Begin, Hitch, Nobody, Performer};
pub use rhythm::BadTiming;
pub use spec::{Missed, Overlap, Spec, Start};
pub use state::{Occasion, Phase, Schedule};
pub use timing::{Timing, UTC};
