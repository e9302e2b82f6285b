//! [`Asked`]: what is to be asked of a model, as far as what it may cost depends on it.

/// What is to be asked, as far as its cost depends on it.
#[derive(Debug, Clone, Copy)]
pub struct Asked<'a> {
    /// By which runtime.
    pub runtime: &'a str,
    /// Of which model.
    pub model: &'a str,
    /// What.
    pub prompt: &'a str,
    /// With which standing instructions.
    pub system: Option<&'a str>,
    /// As whom.
    pub profile: Option<&'a str>,
    /// How many bytes were said before in its conversation.
    pub history_bytes: u64,
    /// How many bytes what its calls of tools came to has, where it is told that.
    pub results_bytes: Option<u64>,
    /// How many bytes the tools have that it is given.
    pub tools_bytes: u64,
}

impl Asked<'_> {
    /// At least about so many tokens go in: English has four bytes to a token, code three.
    pub fn tokens_in(&self) -> u64 {
        const BYTES_PER_TOKEN: u64 = 3;
        /// For what is put around them.
        const FRAME: u64 = 16;
        let said = self.prompt.len() + self.system.map_or(0, str::len);
        let beside = self.results_bytes.unwrap_or(0) + self.tools_bytes;
        (said as u64 + self.history_bytes + beside).div_ceil(BYTES_PER_TOKEN) + FRAME
    }
}
