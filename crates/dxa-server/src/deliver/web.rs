//! What HTTP servers answer.

use serde_json::Value;

/// Bytes of an answer that are read at most.
const LONGEST: usize = 4 << 20;

/// The answer as JSON; null where it is none or too long, so that the status alone counts.
pub(crate) async fn json(mut answer: reqwest::Response) -> Value {
    let mut bytes = Vec::new();
    while let Ok(Some(chunk)) = answer.chunk().await {
        bytes.extend_from_slice(&chunk);
        if bytes.len() > LONGEST {
            return Value::Null;
        }
    }
    serde_json::from_slice(&bytes).unwrap_or(Value::Null)
}
