//! STOW-RS to an archive.

use reqwest::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE};
use serde_json::Value;

use super::Attempt;
use crate::config::StowDestination;
use crate::store::Document;

/// Posts one object and reads what became of it.
pub(super) async fn post(web: &reqwest::Client, to: &StowDestination, document: &Document) -> Attempt {
    let Some(instance) = &document.uid else {
        return Attempt::Refused("the document is no DICOM object".to_owned());
    };
    let boundary = format!("dxa-{}", instance.replace('.', ""));
    let mut body = format!("--{boundary}\r\nContent-Type: application/dicom\r\n\r\n").into_bytes();
    body.extend_from_slice(&document.body);
    body.extend_from_slice(format!("\r\n--{boundary}--\r\n").as_bytes());
    let kind = format!("multipart/related; type=\"application/dicom\"; boundary=\"{boundary}\"");
    let mut request = web
        .post(format!("{}/studies", to.url.trim_end_matches('/')))
        .header(CONTENT_TYPE, kind)
        .header(ACCEPT, "application/dicom+json")
        .body(body);
    if let Some(authorization) = &to.authorization {
        request = request.header(AUTHORIZATION, authorization.expose());
    }
    let answer = match request.send().await {
        Ok(answer) => answer,
        Err(error) if error.is_timeout() => return Attempt::Again("no answer in time".to_owned()),
        Err(_) => return Attempt::Again("no connection".to_owned()),
    };
    let status = answer.status().as_u16();
    // Archives answer in JSON where they can; one that does not is judged by its status.
    let said: Value = super::web::json(answer).await;
    judge(status, &said, instance)
}

/// What status and Store Instances Response mean for one object, PS3.18 section 10.5.3.
fn judge(status: u16, said: &Value, instance: &str) -> Attempt {
    let words = |text: &str| format!("HTTP {status}: {text}");
    let reason = item(said, "00081198", instance).map(|failed| number(failed, "00081197").unwrap_or(0));
    if let Some(reason) = reason {
        let text = words(&format!("not stored, reason {reason:04X}"));
        return if (0xA700..=0xA7FF).contains(&reason) || reason == 0x0110 {
            Attempt::Again(text)
        } else {
            Attempt::Refused(text)
        };
    }
    match status {
        200 => Attempt::Delivered(words("stored")),
        202 if item(said, "00081199", instance).is_some() => {
            Attempt::Delivered(words("stored with a warning"))
        }
        202 => Attempt::Again(words("accepted, and the answer does not name the object")),
        400 | 405..=407 | 409..=417 => Attempt::Refused(words("refused")),
        401 | 403 | 404 | 408 | 429 | 500.. => Attempt::Again(words("not stored")),
        _ => Attempt::Refused(words("an answer that is none of STOW-RS")),
    }
}

/// The item of a sequence that is about the object.
fn item<'v>(said: &'v Value, sequence: &str, instance: &str) -> Option<&'v Value> {
    let items = said.get(sequence)?.get("Value")?.as_array()?;
    items.iter().find(|item| item.pointer("/00081155/Value/0").and_then(Value::as_str) == Some(instance))
}

fn number(item: &Value, tag: &str) -> Option<u64> {
    item.get(tag)?.get("Value")?.get(0)?.as_u64()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_success_that_names_a_failure_is_none() {
        let failed = json!({"00081198": {"Value": [{"00081155": {"Value": ["1.2"]}, "00081197": {"Value": [42752]}}]}});
        assert!(matches!(judge(200, &failed, "1.2"), Attempt::Again(_)));
        assert!(matches!(judge(200, &failed, "1.3"), Attempt::Delivered(_)));
        assert!(matches!(judge(202, &Value::Null, "1.2"), Attempt::Again(_)));
        let stored = json!({"00081199": {"Value": [{"00081155": {"Value": ["1.2"]}}]}});
        assert!(matches!(judge(202, &stored, "1.2"), Attempt::Delivered(_)));
        assert!(matches!(judge(409, &Value::Null, "1.2"), Attempt::Refused(_)));
        assert!(matches!(judge(503, &Value::Null, "1.2"), Attempt::Again(_)));
    }
}
