//! A connection's end when the server stops.

use crate::wire::App;
use actix::{Actor, ActorContext, ActorFutureExt, AsyncContext, WrapFuture};
use actix_http::ws::{CloseCode, CloseReason};
use actix_web_actors::ws::WebsocketContext;

/// Has the connection end, with a word of goodbye, when the server stops.
pub(super) fn with_the_server<A>(app: &App, actor: &A, ctx: &mut WebsocketContext<A>)
where
    A: Actor<Context = WebsocketContext<A>>,
{
    let mut closing = app.closing();
    let end = async move {
        // An error says that the server has gone altogether.
        let _ = closing.wait_for(|closing| *closing).await;
    };
    ctx.spawn(end.into_actor(actor).map(|(), _, ctx: &mut WebsocketContext<A>| {
        let text = "the server stops: connect again and go on from your cursor";
        ctx.close(Some(CloseReason { code: CloseCode::Away, description: Some(text.into()) }));
        ctx.stop();
    }));
}
