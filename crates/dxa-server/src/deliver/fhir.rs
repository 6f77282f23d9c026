//! A transaction Bundle to a FHIR server.

use dxa_exchange::fhir::Bundle;
use reqwest::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE};
use serde_json::Value;

use super::Attempt;
use crate::config::FhirDestination;

/// Posts the Bundle as a transaction and reads the answer for every resource.
/// What `earlier` Bundles observed and this one does not goes along as entered in error.
pub(super) async fn post(
    web: &reqwest::Client,
    to: &FhirDestination,
    bundle: &[u8],
    earlier: &[Vec<u8>],
) -> Attempt {
    let Some(Transaction { body, entries, withdrawn }) = transaction(bundle, earlier) else {
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
    judge(status, &said, entries).withdrawing(withdrawn)
}

/// What is posted, with how many entries, and how many of them take something back.
struct Transaction {
    body: Vec<u8>,
    entries: usize,
    withdrawn: usize,
}

fn transaction(bundle: &[u8], earlier: &[Vec<u8>]) -> Option<Transaction> {
    let bundle: Bundle = serde_json::from_slice(bundle).ok()?;
    let earlier = earlier.iter().filter_map(|earlier| serde_json::from_slice(earlier).ok()).collect();
    let stated = bundle.entry.len();
    let transaction = dxa_exchange::fhir::transaction(bundle, earlier);
    let entries = transaction.entry.len();
    Some(Transaction { body: transaction.to_json().ok()?, entries, withdrawn: entries - stated })
}

/// Delivered is what a FHIR server says it did with every entry; a page of somebody between says nothing of it.
fn judge(status: u16, said: &Value, sent: usize) -> Attempt {
    let words = |text: &str| format!("HTTP {status}: {text}");
    match status {
        200 | 201 => {}
        401 | 403 | 404 | 408 | 409 | 412 | 429 | 500.. => return Attempt::Again(words("not taken")),
        _ => return Attempt::Refused(words("refused")),
    }
    let answered = said.get("type").and_then(Value::as_str) == Some("transaction-response");
    let entries =
        said.get("entry").and_then(Value::as_array).filter(|entries| answered && entries.len() == sent);
    let Some(entries) = entries else {
        return Attempt::Again(words("the answer is not that of a FHIR server to every resource"));
    };
    let status = |entry: &Value| {
        entry.pointer("/response/status").and_then(Value::as_str).unwrap_or("no status").to_owned()
    };
    match entries.iter().map(status).find(|status| !status.starts_with('2')) {
        None => Attempt::Delivered(words("taken")),
        Some(failed) => Attempt::Again(words(&format!("a resource was answered with {failed}"))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn every_resource_must_be_taken() {
        let answer = |status: &str| {
            json!({"resourceType": "Bundle", "type": "transaction-response",
                "entry": [{"response": {"status": "201 Created"}}, {"response": {"status": status}}]})
        };
        assert!(matches!(judge(200, &answer("200 OK"), 2), Attempt::Delivered(_)));
        assert!(matches!(judge(200, &answer("500 Error"), 2), Attempt::Again(_)));
        assert!(matches!(judge(200, &answer("200 OK"), 3), Attempt::Again(_)), "one was not answered");
        assert!(matches!(judge(200, &Value::Null, 2), Attempt::Again(_)), "the page of a proxy");
        assert!(matches!(judge(422, &Value::Null, 2), Attempt::Refused(_)));
    }
}
