//! [`Page`]: a document as text: decoded by its charset, HTML as Markdown, what is no text refused.

use super::fetch::Document;
use super::html;
use callboard_actors::tools::ToolError;
use encoding_rs::{Encoding, UTF_8};

/// What a document says.
#[derive(Debug)]
pub(super) struct Page {
    pub(super) url: String,
    pub(super) title: Option<String>,
    /// `markdown` for what was HTML, else `text`.
    pub(super) format: &'static str,
    pub(super) text: String,
    /// What was left of it, in words.
    pub(super) notes: Vec<&'static str>,
}

impl Page {
    /// Reads a document. Blocks, for as long as its conversion takes.
    ///
    /// # Errors
    /// If it is no text.
    pub(super) fn of(document: Document) -> Result<Self, ToolError> {
        let Document { url, content_type, body, is_cut } = document;
        let kind = content_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
        let is_html = match kind.as_str() {
            "text/html" | "application/xhtml+xml" => true,
            "" => body.trim_ascii_start().starts_with(b"<"),
            kind if is_text(kind) => false,
            kind => {
                return Err(ToolError::new(format!(
                    "{url} is {kind}, not text: only text, HTML, JSON, XML and the like are read"
                )));
            }
        };
        let text = decoded(&body, &content_type, is_html);
        let mut notes = Vec::new();
        if is_cut {
            notes.push("the document is longer than 2 MiB, and the rest was not read");
        }
        if !is_html {
            return Ok(Self { url: url.to_string(), title: None, format: "text", text, notes });
        }
        let converted = html::markdown(&text, &url)?;
        notes.extend(converted.notes);
        let (title, text) = (converted.title, converted.text);
        Ok(Self { url: url.to_string(), title, format: "markdown", text, notes })
    }
}

fn is_text(kind: &str) -> bool {
    const MORE: [&str; 9] = [
        "application/json",
        "application/xml",
        "application/javascript",
        "application/x-javascript",
        "application/yaml",
        "application/x-yaml",
        "application/toml",
        "application/x-sh",
        "application/sql",
    ];
    kind.starts_with("text/")
        || MORE.contains(&kind)
        || kind.ends_with("+json")
        || kind.ends_with("+xml")
}

/// By its byte order mark, else by what its header or its head says, else as UTF-8.
fn decoded(body: &[u8], content_type: &str, is_html: bool) -> String {
    let head = &body[..body.len().min(1_024)];
    let in_head = || is_html.then(|| charset(&String::from_utf8_lossy(head))).flatten();
    let encoding = charset(content_type).or_else(in_head).unwrap_or(UTF_8);
    encoding.decode(body).0.into_owned()
}

fn charset(text: &str) -> Option<&'static Encoding> {
    let lower = text.to_ascii_lowercase();
    let (_, behind) = lower.split_once("charset")?;
    let value = behind.trim_start().strip_prefix('=')?.trim_start().trim_start_matches(['"', '\'']);
    let end = value.find(|c: char| !c.is_ascii_alphanumeric() && !"-_:".contains(c));
    Encoding::for_label(&value.as_bytes()[..end.unwrap_or(value.len())])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(content_type: &str, body: &[u8]) -> Result<Page, ToolError> {
        let (url, body) = ("https://a.example/docs/".parse().unwrap(), body.to_owned());
        Page::of(Document { url, content_type: content_type.into(), body, is_cut: false })
    }

    #[test]
    fn the_charset_is_that_of_the_header_the_head_or_utf_8() {
        let text = |content_type: &str, body: &[u8]| page(content_type, body).unwrap().text;
        assert_eq!(text("text/plain; charset=ISO-8859-1", b"caf\xe9"), "café");
        assert_eq!(text("text/plain; charset=\"shift_jis\"", b"\x83e"), "テ");
        assert_eq!(text("text/plain", "café".as_bytes()), "café");
        let html = b"<html><head><meta charset=windows-1252></head><body><p>\x80 5</p>";
        assert_eq!(text("text/html", html), "€ 5");
    }

    #[test]
    fn what_is_no_text_is_refused_by_its_name() {
        let error = page("image/png", b"\x89PNG").unwrap_err().error;
        assert!(error.starts_with("https://a.example/docs/ is image/png, not text"), "{error}");
        assert!(page("application/vnd.api+json", b"{}").is_ok());
        assert_eq!(page("", b" <!doctype html><h1>A</h1>").unwrap().format, "markdown");
    }
}
