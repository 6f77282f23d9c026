//! What this server can do: `GET /fhir/metadata`. Open to everybody, as FHIR asks.

use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

use super::{KINDS, answer, base};
use crate::http::app::App;

/// Day of the last change of what is stated here.
const STATED: &str = "2026-11-30";

/// The CapabilityStatement.
pub(super) async fn statement(State(app): State<App>, headers: HeaderMap) -> Response {
    let base = base(&app, &headers);
    let resources: Vec<Value> = KINDS.iter().map(|(kind, own)| resource(kind, own, &base)).collect();
    let security = if app.is_open() {
        json!({ "description": "This server listens on its own machine only and asks nobody to log in." })
    } else {
        json!({
            "service": [{ "coding": [{
                "system": "http://terminology.hl7.org/CodeSystem/restful-security-service",
                "code": "SMART-on-FHIR"
            }] }],
            "description": "Bearer tokens with scopes such as system/Observation.rs, issued by the administrator."
        })
    };
    let body = json!({
        "resourceType": "CapabilityStatement",
        "status": "active",
        "date": STATED,
        "kind": "instance",
        "software": { "name": "dxa", "version": env!("CARGO_PKG_VERSION") },
        "implementation": { "description": "Results of bone densitometry", "url": base },
        "fhirVersion": "4.0.1",
        "format": ["json", "application/fhir+json"],
        "rest": [{ "mode": "server", "security": security, "resource": resources }]
    });
    answer(body.to_string())
}

fn resource(kind: &str, own: &[&str], base: &str) -> Value {
    let parameter = |name: &&str| {
        let form = match *name {
            "patient" => "reference",
            "date" | "started" => "date",
            _ => "token",
        };
        let mut parameter = json!({ "name": name, "type": form });
        if form == "reference" {
            parameter["documentation"] = "Also as patient.identifier, with the hospital's number.".into();
        }
        parameter
    };
    let mut parameters: Vec<Value> = own.iter().map(parameter).collect();
    if own.contains(&"patient") && kind != "ImagingStudy" {
        parameters.push(json!({ "name": "subject", "type": "reference" }));
    }
    parameters.push(json!({ "name": "_id", "type": "token" }));
    parameters.push(json!({ "name": "_lastUpdated", "type": "date" }));
    let mut resource = json!({
        "type": kind,
        "interaction": [{ "code": "read" }, { "code": "search-type" }],
        "versioning": "versioned",
        "readHistory": false,
        "searchParam": parameters
    });
    if kind == "DiagnosticReport" {
        let definition = format!("{base}/OperationDefinition/diagnosticreport-everything");
        resource["operation"] = json!([{ "name": "everything", "definition": definition }]);
    }
    resource
}

/// What SMART clients look for.
pub(super) async fn smart() -> Response {
    let kind = [(header::CONTENT_TYPE, HeaderValue::from_static("application/json"))];
    let scopes: Vec<String> = std::iter::once("*")
        .chain(KINDS.map(|(kind, _)| kind))
        .map(|kind| format!("system/{kind}.rs"))
        .collect();
    let body = json!({
        "scopes_supported": scopes,
        "capabilities": ["permission-v1", "permission-v2"]
    });
    (kind, body.to_string()).into_response()
}
