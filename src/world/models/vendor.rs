//! [`Vendor`]: who is asked, as far as words about failures depend on it.

/// Who is asked.
#[derive(Clone, Debug)]
pub(super) struct Vendor {
    /// As messages call it: `anthropic`.
    pub(super) name: String,
    /// What a person can do about a key that is missing or refused: `set ANTHROPIC_API_KEY or …`.
    pub(super) set_key: String,
    /// The setting of its address.
    pub(super) base_url: String,
}

impl Vendor {
    /// The vendor behind a runtime, whose key a well-known variable may set.
    pub(super) fn new(name: &str, variable: Option<&str>, runtime: &str) -> Self {
        let setting = format!("runtimes.{runtime}.api_key");
        let set_key = variable.map_or_else(
            || format!("set {setting}"),
            |variable| format!("set {variable} or {setting}"),
        );
        let base_url = format!("runtimes.{runtime}.base_url");
        Self { name: name.to_owned(), set_key, base_url }
    }
}
