//! A transaction Bundle to a FHIR server.

use reqwest::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE};
use serde_json::Value;

use super::Attempt;
use crate::config::FhirDestination;
use crate::store::Document;

/// Posts the Bundle as a transaction and reads the answer for every resource.
pub(super) async fn post(web: &reqwest::Client, to: &FhirDestination, document: &Document) -> Attempt {
    let Some(body) = transaction(&document.body) else {
        return Attempt::Refused("the document is no Bundle".to_owned());
    };
    let mut request = web
        .post(to.url.trim_end_matches('/'))
        .header(CONTENT_TYPE, "application/fhir+json")
        .header(ACCEPT, "application/fhir+json")
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
    let said: Value = super::web::json(answer).await;
    judge(status, &said)
}

fn transaction(bundle: &[u8]) -> Option<Vec<u8>> {
    let bundle: dxa_exchange::fhir::Bundle = serde_json::from_slice(bundle).ok()?;
    dxa_exchange::fhir::transaction(bundle).to_json().ok()
}

fn judge(status: u16, said: &Value) -> Attempt {
    let words = |text: &str| format!("HTTP {status}: {text}");
    let entries = said.get("entry").and_then(Value::as_array);
    let failed = entries.and_then(|entries| {
        let status =
            |entry: &Value| entry.pointer("/response/status").and_then(Value::as_str).map(str::to_owned);
        entries.iter().filter_map(status).find(|status| !status.starts_with('2'))
    });
    match (status, failed) {
        (200 | 201, None) => Attempt::Delivered(words("taken")),
        (200 | 201, Some(failed)) => Attempt::Again(words(&format!("a resource was answered with {failed}"))),
        (401 | 403 | 404 | 408 | 409 | 412 | 429 | 500.., _) => Attempt::Again(words("not taken")),
        _ => Attempt::Refused(words("refused")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn every_resource_must_be_taken() {
        let answer = |status: &str| json!({"entry": [{"response": {"status": "201 Created"}}, {"response": {"status": status}}]});
        assert!(matches!(judge(200, &answer("200 OK")), Attempt::Delivered(_)));
        assert!(matches!(judge(200, &answer("500 Error")), Attempt::Again(_)));
        assert!(matches!(judge(422, &Value::Null), Attempt::Refused(_)));
    }
}
