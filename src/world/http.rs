//! [`client`]: how we ask others over HTTP: under our name, by TLS that trusts whom the system trusts, and following no
//! redirect by itself: it would carry keys and headers to another host.

use reqwest::{Client, ClientBuilder, redirect};
use rustls::ClientConfig;
use rustls::crypto::ring::default_provider;
use rustls_platform_verifier::BuilderVerifierExt;
use std::sync::{Arc, LazyLock};
use std::time::Duration;

/// Who asks, for the other side's logs.
const USER_AGENT: &str = concat!("callboard/", env!("CARGO_PKG_VERSION"));

/// Read once for all clients: a system trusts well over a hundred authorities.
static TLS: LazyLock<Result<ClientConfig, rustls::Error>> = LazyLock::new(|| {
    let config = ClientConfig::builder_with_provider(Arc::new(default_provider()));
    let config = config.with_safe_default_protocol_versions()?.with_platform_verifier()?;
    Ok(config.with_no_client_auth())
});

/// The beginning of a client that waits so long for a connection.
///
/// # Errors
/// Why there is no TLS, in words.
pub(super) fn client(connect: Duration) -> Result<ClientBuilder, String> {
    let failed = |error: &rustls::Error| {
        format!("failed to set up TLS: {error}; install the system's ca-certificates")
    };
    let tls = TLS.as_ref().map_err(failed)?.clone();
    Ok(Client::builder()
        .tls_backend_preconfigured(tls)
        .user_agent(USER_AGENT)
        .connect_timeout(connect)
        .redirect(redirect::Policy::none()))
}

/// The client itself.
///
/// # Errors
/// Why there is none, in words.
pub(super) fn build(builder: ClientBuilder) -> Result<Client, String> {
    builder.build().map_err(|error| format!("failed to make an HTTP client: {error:?}"))
}
