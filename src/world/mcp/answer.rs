//! What a call came to: a value, or words; bounded, as models read it.
//!
//! | the server gives | the result is |
//! |---|---|
//! | structured content | that |
//! | texts | the text |
//! | other things, too | `{text?, structured?, parts: […]}`; images and the like by reference |
//! | `isError` | an error in its words |

use super::kept::{Kept, Place};
use super::plain::line;
use callboard_actors::tools::ToolError;
use rmcp::model::{CallToolResult, ContentBlock, ResourceContents};
use serde_json::{Map, Value, json};

/// So many letters of text are read at most.
const LONGEST_TEXT: usize = 60_000;

/// So many bytes of structured content, as JSON.
const LARGEST_VALUE: usize = 200_000;

/// So many parts that are no text.
const MOST_PARTS: usize = 50;

/// So many letters of an error.
const LONGEST_ERROR: usize = 4_000;

/// What a call gave; images and the like are kept in this place.
pub(super) async fn read(
    server: &str,
    result: CallToolResult,
    place: &Place,
) -> Result<Value, ToolError> {
    let is_error = result.is_error == Some(true);
    let mut parts = Parts::default();
    for block in result.content {
        parts.add(block, place).await;
    }
    let text = parts.text();
    if is_error {
        let said = text.or_else(|| result.structured_content.map(|value| value.to_string()));
        return Err(ToolError::new(error(server, &said.unwrap_or_default())));
    }
    let structured = result.structured_content.map(bounded);
    Ok(match (structured, text, parts.others) {
        (Some(structured), _, others) if others.is_empty() => structured,
        (None, text, others) if others.is_empty() => text.unwrap_or_default().into(),
        (structured, text, others) => together(structured, text, others),
    })
}

fn error(server: &str, said: &str) -> String {
    let said = cut(said, LONGEST_ERROR);
    if said.trim().is_empty() {
        return format!("{server} says that it failed, and not why");
    }
    said
}

fn together(structured: Option<Value>, text: Option<String>, others: Vec<Value>) -> Value {
    let mut whole = Map::new();
    if let Some(structured) = structured {
        whole.insert("structured".into(), structured);
    } else if let Some(text) = text {
        whole.insert("text".into(), text.into());
    }
    whole.insert("parts".into(), others.into());
    whole.into()
}

/// What is too large to be read is cut, and then it is text.
fn bounded(value: Value) -> Value {
    let written = value.to_string();
    if written.len() <= LARGEST_VALUE { value } else { cut(&written, LONGEST_TEXT).into() }
}

fn cut(text: &str, most: usize) -> String {
    match text.char_indices().nth(most) {
        None => text.to_owned(),
        Some((end, _)) => {
            let all = text.chars().count();
            format!("{}\n[cut: the first {most} of {all} letters]", &text[..end])
        }
    }
}

#[derive(Default)]
struct Parts {
    texts: Vec<String>,
    others: Vec<Value>,
}

impl Parts {
    async fn add(&mut self, block: ContentBlock, place: &Place) {
        let other = match block {
            ContentBlock::Text(text) => return self.texts.push(text.text),
            _ if self.others.len() >= MOST_PARTS => return,
            ContentBlock::Image(image) => {
                media("image", &image.mime_type, &image.data, place).await
            }
            ContentBlock::Audio(audio) => {
                media("audio", &audio.mime_type, &audio.data, place).await
            }
            ContentBlock::ResourceLink(link) => json!({
                "type": "resource_link", "uri": cut(&link.uri, 2_000), "name": line(&link.name, 200),
                "mime_type": link.mime_type,
            }),
            ContentBlock::Resource(embedded) => resource(embedded.resource, place).await,
            _ => json!({ "type": "unknown", "note": "this kind of content is not known here" }),
        };
        self.others.push(other);
    }

    fn text(&self) -> Option<String> {
        (!self.texts.is_empty()).then(|| cut(&self.texts.join("\n"), LONGEST_TEXT))
    }
}

async fn resource(contents: ResourceContents, place: &Place) -> Value {
    match contents {
        ResourceContents::TextResourceContents { uri, mime_type, text, .. } => json!({
            "type": "resource", "uri": cut(&uri, 2_000), "mime_type": mime_type,
            "text": cut(&text, LONGEST_TEXT),
        }),
        ResourceContents::BlobResourceContents { uri, mime_type, blob, .. } => {
            let mime_type = mime_type.unwrap_or_else(|| "application/octet-stream".into());
            let mut media = media("resource", &mime_type, &blob, place).await;
            media["uri"] = cut(&uri, 2_000).into();
            media
        }
        _ => json!({ "type": "resource", "note": "this kind of content is not known here" }),
    }
}

async fn media(kind: &str, mime_type: &str, data: &str, place: &Place) -> Value {
    let mime_type = line(mime_type, 100);
    match place.keep(&mime_type, data).await {
        Ok(Kept { file, bytes, hash }) => json!({
            "type": kind, "mime_type": mime_type, "bytes": bytes, "sha256": hash, "file": file,
            "note": "kept in the home under `file`, for people; it cannot be looked at by tools",
        }),
        Err(why) => {
            json!({ "type": kind, "mime_type": mime_type, "note": format!("left out: {why}") })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use callboard_actors::journal::{Files, Home};

    async fn came(result: Value) -> Result<Value, ToolError> {
        let folder = tempfile::tempdir().unwrap();
        let home = Home::open(folder.path(), None).unwrap();
        let place = Place::new(Files::new(home));
        read("s", serde_json::from_value(result).unwrap(), &place).await
    }

    fn text(text: &str) -> Value {
        json!({ "type": "text", "text": text })
    }

    #[tokio::test]
    async fn texts_are_a_text_and_structured_content_goes_before_it() {
        let said = came(json!({ "content": [text("a"), text("b")] })).await;
        assert_eq!(said, Ok(json!("a\nb")));
        let said = came(json!({ "content": [text("{\"n\":1}")], "structuredContent": { "n": 1 } }));
        assert_eq!(said.await, Ok(json!({ "n": 1 })));
        assert_eq!(came(json!({ "content": [] })).await, Ok(json!("")));
    }

    #[tokio::test]
    async fn what_is_long_is_cut_and_says_so() {
        let Ok(Value::String(said)) = came(json!({ "content": [text(&"ä".repeat(70_000))] })).await
        else {
            panic!("a text is a text")
        };
        assert!(said.ends_with("[cut: the first 60000 of 70000 letters]"));
        let large = json!({ "content": [], "structuredContent": { "x": "y".repeat(300_000) } });
        assert!(came(large).await.unwrap().as_str().unwrap().contains("[cut: "));
    }

    #[tokio::test]
    async fn errors_are_errors_in_the_servers_words() {
        let said = came(json!({ "content": [text("no such city")], "isError": true })).await;
        assert_eq!(said, Err(ToolError::new("no such city")));
        let said = came(json!({ "content": [], "isError": true })).await;
        assert_eq!(said, Err(ToolError::new("s says that it failed, and not why")));
    }

    #[tokio::test]
    async fn images_are_kept_and_referred_to_and_what_is_none_is_left_out() {
        let image = |data: &str| json!({ "type": "image", "data": data, "mimeType": "image/png" });
        let said = came(json!({ "content": [text("look"), image("aGVsbG8="), image("%%%")] }));
        let said = said.await.unwrap();
        assert_eq!(said["text"], "look");
        let (kept, bad) = (&said["parts"][0], &said["parts"][1]);
        assert_eq!((&kept["bytes"], &kept["mime_type"]), (&json!(5), &json!("image/png")));
        assert!(kept["file"].as_str().unwrap().contains(".png"), "{kept}");
        assert!(bad["note"].as_str().unwrap().starts_with("left out: "), "{bad}");
    }
}
