//! The HTTP server as a supervised actor. The listening socket outlives it, so that a restart keeps
//! the port.

use super::{access, routes};
use crate::wire::App;
use actix::{Actor, ActorContext, ActorFutureExt, AsyncContext, Context, Handler, WrapFuture};
use actix_web::dev::ServerHandle;
use actix_web::middleware::from_fn;
use actix_web::{App as Service, HttpServer, web};
use callboard_actors::supervision::{ChildSpec, Lifeline, Shutdown};
use std::net::TcpListener;
use std::sync::Arc;
use std::time::Duration;

/// Adds routes of other doors to the server.
pub type Door = fn(&App, &mut web::ServiceConfig);

/// How the server is made.
struct Plan {
    app: App,
    listener: TcpListener,
    doors: Vec<Door>,
    shutdown_timeout: Duration,
}

struct Server {
    plan: Arc<Plan>,
    handle: Option<ServerHandle>,
    lifeline: Lifeline,
}

/// Worker threads of the server.
const WORKERS: usize = 2;

/// The server as a child of the tree's edge.
pub fn server(
    app: App,
    listener: TcpListener,
    doors: Vec<Door>,
    shutdown_timeout: Duration,
) -> ChildSpec {
    give_up_the_silent(&listener);
    let plan = Arc::new(Plan { app, listener, doors, shutdown_timeout });
    let make = move |lifeline| Server { plan: Arc::clone(&plan), handle: None, lifeline };
    ChildSpec::actor("http", make).shutdown(shutdown_timeout + Duration::from_secs(2)).essential(
        "the server cannot be stopped by a request, or nobody could start it again: restart it, or stop the program",
    )
}

/// After how long a client is given up that takes nothing of what it is sent.
const GIVE_UP: Duration = Duration::from_secs(75);

/// Ends connections whose other end takes nothing. Only the system can: an answer or an actor is driven by
/// its socket, and one that takes nothing drives nobody. What is accepted inherits this.
fn give_up_the_silent(listener: &TcpListener) {
    #[cfg(any(target_os = "linux", target_os = "android"))]
    {
        let milliseconds = u32::try_from(GIVE_UP.as_millis()).unwrap_or(u32::MAX);
        if let Err(error) = rustix::net::sockopt::set_tcp_user_timeout(listener, milliseconds) {
            tracing::warn!(%error, "failed to limit how long a silent client is kept");
        }
    }
    #[cfg(not(any(target_os = "linux", target_os = "android")))]
    let _ = (listener, GIVE_UP);
}

impl Plan {
    fn run(self: &Arc<Self>) -> std::io::Result<actix_web::dev::Server> {
        let plan = Arc::clone(self);
        let service = move || {
            let plan = Arc::clone(&plan);
            Service::new()
                .configure(|config| {
                    routes::routes(&plan.app, config);
                    plan.doors.iter().for_each(|door| door(&plan.app, config));
                })
                .default_service(web::to(routes::not_found))
                .wrap(from_fn(access::head_as_get))
                .wrap(from_fn(access::guard))
                .wrap(from_fn(access::log))
        };
        let server = HttpServer::new(service)
            .workers(WORKERS)
            .disable_signals()
            // Else a small frame waits for the client's delayed acknowledgement of the one before: 40 ms.
            .tcp_nodelay(true)
            .shutdown_timeout(self.shutdown_timeout.as_secs())
            .listen(self.listener.try_clone()?)?;
        Ok(server.run())
    }
}

impl Actor for Server {
    type Context = Context<Self>;

    fn started(&mut self, ctx: &mut Self::Context) {
        match self.plan.run() {
            Ok(server) => {
                self.handle = Some(server.handle());
                ctx.spawn(server.into_actor(self).map(|result, server, ctx| {
                    if let Err(error) = result {
                        server.lifeline.fail(error.to_string());
                    }
                    ctx.stop();
                }));
            }
            Err(error) => {
                self.lifeline.fail(format!("failed to listen: {error}"));
                ctx.stop();
            }
        }
    }
}

impl Handler<Shutdown> for Server {
    type Result = ();

    /// Connections that are open may finish, for a while; the server's own end stops the actor.
    fn handle(&mut self, _: Shutdown, ctx: &mut Self::Context) {
        self.plan.app.close();
        match self.handle.take() {
            Some(handle) => {
                ctx.spawn(handle.stop(true).into_actor(self));
            }
            None => ctx.stop(),
        }
    }
}
