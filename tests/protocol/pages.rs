//! [`http`]: a client of the mocks' own pages, on which they tell what they were asked.

/// A client of the mocks' own pages.
pub(crate) fn http() -> reqwest::Client {
    // The TLS library wants to be told once, also where nothing is encrypted.
    let _is_first = rustls::crypto::ring::default_provider().install_default();
    reqwest::Client::new()
}
