//! The WebSocket protocol, as far as subscribers of a benchmark need it.

use tokio::io::AsyncReadExt as _;
use tokio::net::TcpStream;

/// A text frame of a client, shorter than 126 bytes; the mask is all zeros.
pub(crate) fn masked(text: &[u8]) -> Vec<u8> {
    let length = u8::try_from(text.len()).expect("a short text");
    [&[0x81, 0x80 | length, 0, 0, 0, 0][..], text].concat()
}

/// The payload of the next frame.
pub(crate) async fn frame(socket: &mut TcpStream, buffer: &mut Vec<u8>) -> anyhow::Result<Vec<u8>> {
    loop {
        if let Some((start, end)) = extent(buffer) {
            let payload = buffer[start..end].to_vec();
            buffer.drain(..end);
            return Ok(payload);
        }
        let count = socket.read_buf(buffer).await?;
        anyhow::ensure!(count > 0, "the server hung up");
    }
}

/// Where the payload of the first frame begins and ends, once it is there.
fn extent(buffer: &[u8]) -> Option<(usize, usize)> {
    let (start, length) = match buffer.get(1)? {
        126 => (4, usize::from(u16::from_be_bytes(buffer.get(2..4)?.try_into().ok()?))),
        127 => (10, usize::try_from(u64::from_be_bytes(buffer.get(2..10)?.try_into().ok()?)).ok()?),
        length => (2, usize::from(*length)),
    };
    (buffer.len() >= start + length).then_some((start, start + length))
}

/// Whether this is part of a text.
pub(crate) fn contains(text: &[u8], part: &[u8]) -> bool {
    text.windows(part.len()).any(|window| window == part)
}
