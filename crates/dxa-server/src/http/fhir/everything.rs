//! `GET /fhir/DiagnosticReport/{id}/$everything`: a report with all that it rests on.

use axum::extract::{Path, State};
use axum::http::HeaderMap;
use axum::response::Response;
use serde_json::json;

use super::outcome::Outcome;
use super::searching::bundle;
use super::{allowed, answer, base, check_accepted};
use crate::audit::Kind;
use crate::auth::Access;
use crate::http::app::App;
use crate::http::caller::Requester;
use crate::http::problem::{Code, Problem};
use crate::store::Search;

/// Resources of one report at most.
const MOST: i64 = 10_000;
const NAME: &str = "diagnosticreport-everything";

/// The report first, then the resources of its study that the caller may read.
pub(super) async fn everything(
    State(app): State<App>,
    requester: Result<Requester, Problem>,
    headers: HeaderMap,
    Path(id): Path<String>,
) -> Result<Response, Outcome> {
    let requester = allowed(requester, Access::Read, "DiagnosticReport")?;
    check_accepted(&headers, None)?;
    let report = app.store().resource("DiagnosticReport", &id).await?;
    app.record(requester.event(Kind::Export).study(&report.study).detail("fhir")).await?;
    let study = report.study.clone();
    let mut rows = vec![report];
    let may_read = |kind: &&str| requester.caller.records.may(Access::Read, kind);
    for kind in ["Observation", "ImagingStudy", "Provenance"].into_iter().filter(may_read) {
        let search =
            Search { kind: kind.to_owned(), study: Some(study.clone()), limit: MOST, ..Search::default() };
        rows.extend(app.store().resources(&search).await?.rows);
    }
    // Patient and devices belong to several studies; they are named by what was found.
    for kind in ["Patient", "Device"].into_iter().filter(may_read) {
        for id in referred(&rows, kind) {
            rows.extend(app.store().resource(kind, &id).await.ok());
        }
    }
    let base = base(&app, &headers);
    let link = [json!({ "relation": "self", "url": format!("{base}/DiagnosticReport/{id}/$everything") })];
    let total = i64::try_from(rows.len()).ok();
    Ok(answer(bundle(&base, total, &link, &rows)))
}

/// Ids of resources of a type that some resources point at.
fn referred(rows: &[crate::store::ResourceRow], kind: &str) -> std::collections::BTreeSet<String> {
    let sign = format!("\"{kind}/");
    let ids = |body: &str| -> Vec<String> {
        body.split(sign.as_str())
            .skip(1)
            .filter_map(|rest| Some(rest.split_once('"')?.0.to_owned()))
            .collect()
    };
    rows.iter().flat_map(|row| ids(&row.body)).collect()
}

/// The definition of the operation.
pub(super) async fn definition(
    State(app): State<App>,
    headers: HeaderMap,
    Path(id): Path<String>,
) -> Result<Response, Outcome> {
    if id != NAME {
        return Err(Problem::new(Code::NotFound, "there is no such operation").into());
    }
    let body = json!({
        "resourceType": "OperationDefinition",
        "id": NAME,
        "url": format!("{}/OperationDefinition/{NAME}", base(&app, &headers)),
        "version": env!("CARGO_PKG_VERSION"),
        "name": "DiagnosticReportEverything",
        "title": "A report with all that it rests on",
        "status": "active",
        "kind": "operation",
        "affectsState": false,
        "code": "everything",
        "description": "Gives the report, its observations, imaging study, devices, patient and provenance as a searchset.",
        "resource": ["DiagnosticReport"],
        "system": false,
        "type": false,
        "instance": true,
        "parameter": [{
            "name": "return", "use": "out", "min": 1, "max": "1", "type": "Bundle",
            "documentation": "The report is the first entry."
        }]
    });
    Ok(answer(body.to_string()))
}
