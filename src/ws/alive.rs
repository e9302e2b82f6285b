//! Connections that are still there: a silent client is asked from time to time, and given up in the end.

use actix::{Actor, ActorContext, AsyncContext};
use actix_web_actors::ws::WebsocketContext;
use std::time::{Duration, Instant};

/// How often a silent client is asked whether it is there …
const PING_EVERY: Duration = Duration::from_secs(20);
/// … and after how long a silence it is given up.
const GIVE_UP: Duration = Duration::from_secs(75);

/// A connection that knows when it last heard anything.
pub(super) trait Alive: Actor<Context = WebsocketContext<Self>> {
    /// When that was.
    fn heard_at(&self) -> Instant;
}

/// Asks from time to time, and gives up.
pub(super) fn ping_from_time_to_time<A: Alive>(ctx: &mut WebsocketContext<A>) {
    ctx.run_interval(PING_EVERY, |connection, ctx| {
        if connection.heard_at().elapsed() > GIVE_UP {
            ctx.stop();
        } else {
            ctx.ping(b"");
        }
    });
}
