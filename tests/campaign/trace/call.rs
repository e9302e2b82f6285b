//! One system call as strace writes it with `-y -xx`: every string and path in hexadecimal, so
//! that commas, quotes and brackets mean what they look like.

/// A call: its name, its arguments as they stand there, and what it returned.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Call {
    pub(super) name: String,
    pub(super) arguments: Vec<String>,
    /// `None` for a call that is still under way.
    pub(super) result: Option<i64>,
}

impl Call {
    /// Reads `name(arguments) = result`, or as much of it as there is.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let (name, rest) = text.split_once('(')?;
        let (arguments, result) = match rest.rsplit_once(" = ") {
            Some((arguments, result)) => (arguments.trim_end().strip_suffix(')')?, number(result)),
            None => (rest, None),
        };
        Some(Self { name: name.to_owned(), arguments: split(arguments), result }.plain())
    }

    /// What says the same in another form: `openat2` has flags and permissions in a structure.
    fn plain(mut self) -> Self {
        if self.name == "openat2" {
            let how = split(self.argument(2).trim_matches(['{', '}']));
            let field = |name: &str| {
                let value =
                    how.iter().find_map(|field| field.strip_prefix(name)?.strip_prefix('='));
                value.unwrap_or_default().to_owned()
            };
            let (flags, mode) = (field("flags"), field("mode"));
            self.arguments.splice(2.., [flags, mode]);
            "openat".clone_into(&mut self.name);
        }
        self
    }

    /// The argument at `index`, or nothing.
    pub(super) fn argument(&self, index: usize) -> &str {
        self.arguments.get(index).map_or("", String::as_str)
    }

    /// The argument at `index` as a number.
    pub(super) fn number(&self, index: usize) -> Option<i64> {
        number(self.argument(index))
    }

    /// Whether the flags at `index` have this one.
    pub(super) fn has_flag(&self, index: usize, flag: &str) -> bool {
        self.argument(index).split('|').any(|found| found == flag)
    }

    /// The permissions at `index`, which strace writes in octal.
    pub(super) fn mode(&self, index: usize) -> u32 {
        u32::from_str_radix(self.argument(index), 8).unwrap_or(0)
    }

    /// All bytes that the call was given: one string, or the pieces of a vector.
    pub(super) fn bytes(&self, index: usize) -> Vec<u8> {
        let argument = self.argument(index);
        let quoted = argument.split('"').skip(1).step_by(2);
        quoted.flat_map(unhex).collect()
    }

    /// Whether strace cut the bytes at `index` short.
    pub(super) fn is_cut(&self, index: usize) -> bool {
        self.argument(index).contains("\"...")
    }
}

/// What a descriptor refers to.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Target {
    /// A path that exists.
    Path(String),
    /// A file without a name.
    Deleted,
    /// A connection.
    Socket,
    /// Something else.
    Other,
}

/// Reads `5<path>`, `AT_FDCWD<path>` or `5<path>(deleted)`.
pub(super) fn target(argument: &str) -> Target {
    let Some((_, rest)) = argument.split_once('<') else { return Target::Other };
    let Some((inner, mark)) = rest.rsplit_once('>') else { return Target::Other };
    let path = text(inner);
    match (path.as_str(), mark) {
        (_, "(deleted)") => Target::Deleted,
        (path, _) if path.starts_with("socket:") => Target::Socket,
        (path, _) if path.starts_with('/') => Target::Path(path.to_owned()),
        _ => Target::Other,
    }
}

/// A number, perhaps with something behind it.
pub(super) fn number(text: &str) -> Option<i64> {
    let end = text.find(|c: char| c != '-' && !c.is_ascii_digit()).unwrap_or(text.len());
    text[..end].parse().ok()
}

/// The text of a quoted argument.
pub(super) fn quoted(argument: &str) -> String {
    text(argument.trim_matches('"'))
}

fn text(hex: &str) -> String {
    String::from_utf8_lossy(&unhex(hex)).into_owned()
}

fn unhex(hex: &str) -> Vec<u8> {
    hex.split("\\x").skip(1).filter_map(|byte| u8::from_str_radix(byte, 16).ok()).collect()
}

/// Splits at the commas outside brackets.
fn split(arguments: &str) -> Vec<String> {
    let mut depth = 0_usize;
    let parts = arguments.split(|c: char| {
        match c {
            '[' | '{' => depth += 1,
            ']' | '}' => depth = depth.saturating_sub(1),
            _ => {}
        }
        c == ',' && depth == 0
    });
    parts.map(|part| part.trim().to_owned()).filter(|part| !part.is_empty()).collect()
}
