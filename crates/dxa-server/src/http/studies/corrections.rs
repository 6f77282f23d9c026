//! Corrections by a user: a part of the result in its own shape, from which the study is measured again.

use axum::extract::{Path, State};
use axum::http::HeaderMap;
use axum::response::Response;
use serde_json::{Map, Value, json};

use super::{change, corrected_part, list, result};
use crate::audit::Kind;
use crate::http::app::App;
use crate::http::body::JsonBody;
use crate::http::caller::Requester;
use crate::http::problem::{Code, Problem};
use crate::store::now;

/// Corrects a vertebra.
///
/// The body is the vertebra as the result has it; `points_px` and `evaluable` are taken from it.
#[utoipa::path(put, path = "/api/v1/studies/{uid}/scans/{scan}/vertebrae/{level}", tag = "changes",
    params(("uid" = String, Path, description = "Study Instance UID"),
        ("scan" = u32, Path, description = "Index into `scans`"), ("level" = String, Path, example = "L1"),
        ("If-Match" = Option<String>, Header, description = "ETag of the study")),
    request_body(content = Object),
    responses((status = 200, body = Object), (status = 202, body = Object),
        (status = 412, body = crate::http::openapi::ProblemBody),
        (status = 422, body = crate::http::openapi::ProblemBody),
        (status = 428, body = crate::http::openapi::ProblemBody)))]
pub(in crate::http) async fn correct_vertebra(
    State(app): State<App>,
    requester: Requester,
    headers: HeaderMap,
    Path((uid, scan, level)): Path<(String, String, String)>,
    JsonBody(body): JsonBody<Map<String, Value>>,
) -> Result<Response, Problem> {
    let part = Part { list: "vertebrae", key: Some(("level", level)), scan: index(&scan)? };
    correct(app, requester, headers, uid, part, body).await
}

/// Corrects a region.
///
/// The body is the region as the result has it; `polygon_px`, `excluded`, `included` and `laterality` are taken from it.
#[utoipa::path(put, path = "/api/v1/studies/{uid}/scans/{scan}/regions/{site}", tag = "changes",
    params(("uid" = String, Path, description = "Study Instance UID"),
        ("scan" = u32, Path, description = "Index into `scans`"), ("site" = String, Path, example = "L1"),
        ("If-Match" = Option<String>, Header, description = "ETag of the study")),
    request_body(content = Object),
    responses((status = 200, body = Object), (status = 202, body = Object),
        (status = 412, body = crate::http::openapi::ProblemBody),
        (status = 422, body = crate::http::openapi::ProblemBody),
        (status = 428, body = crate::http::openapi::ProblemBody)))]
pub(in crate::http) async fn correct_region(
    State(app): State<App>,
    requester: Requester,
    headers: HeaderMap,
    Path((uid, scan, site)): Path<(String, String, String)>,
    JsonBody(body): JsonBody<Map<String, Value>>,
) -> Result<Response, Problem> {
    let part = Part { list: "regions", key: Some(("site", site)), scan: index(&scan)? };
    correct(app, requester, headers, uid, part, body).await
}

/// Moves a line that cuts the bone, or the neck box.
///
/// The body is the line of a disc as the result has it, `disc_t12_l1` to `disc_l4_l5`, or the `neck_box` of a hip;
/// `points_px` is taken from it, and what lies beside it is cut anew. A neck box keeps its size.
#[utoipa::path(put, path = "/api/v1/studies/{uid}/scans/{scan}/landmarks/{name}", tag = "changes",
    params(("uid" = String, Path, description = "Study Instance UID"),
        ("scan" = u32, Path, description = "Index into `scans`"),
        ("name" = String, Path, example = "disc_l1_l2"),
        ("If-Match" = Option<String>, Header, description = "ETag of the study")),
    request_body(content = Object),
    responses((status = 200, body = Object), (status = 202, body = Object),
        (status = 412, body = crate::http::openapi::ProblemBody),
        (status = 422, body = crate::http::openapi::ProblemBody),
        (status = 428, body = crate::http::openapi::ProblemBody)))]
pub(in crate::http) async fn correct_landmark(
    State(app): State<App>,
    requester: Requester,
    headers: HeaderMap,
    Path((uid, scan, name)): Path<(String, String, String)>,
    JsonBody(body): JsonBody<Map<String, Value>>,
) -> Result<Response, Problem> {
    let part = Part { list: "landmarks", key: Some(("name", name)), scan: index(&scan)? };
    correct(app, requester, headers, uid, part, body).await
}

/// Moves the labels of a lateral scan.
///
/// The body is the `spine` of the result; `level_shift` is taken from it: by how many levels the labels lie below
/// those that were found, 1 makes every body one level lower. Corrected vertebrae keep their bodies.
#[utoipa::path(put, path = "/api/v1/studies/{uid}/scans/{scan}/spine", tag = "changes",
    params(("uid" = String, Path, description = "Study Instance UID"),
        ("scan" = u32, Path, description = "Index into `scans`"),
        ("If-Match" = Option<String>, Header, description = "ETag of the study")),
    request_body(content = Object),
    responses((status = 200, body = Object), (status = 202, body = Object),
        (status = 412, body = crate::http::openapi::ProblemBody),
        (status = 422, body = crate::http::openapi::ProblemBody),
        (status = 428, body = crate::http::openapi::ProblemBody)))]
pub(in crate::http) async fn correct_spine(
    State(app): State<App>,
    requester: Requester,
    headers: HeaderMap,
    Path((uid, scan)): Path<(String, String)>,
    JsonBody(body): JsonBody<Map<String, Value>>,
) -> Result<Response, Problem> {
    let part = Part { list: "spine", key: None, scan: index(&scan)? };
    correct(app, requester, headers, uid, part, body).await
}

/// Which part of a result.
pub(super) struct Part {
    /// The key of the result that it belongs to: `regions`, `vertebrae`, `landmarks` or `spine`.
    pub(super) list: &'static str,
    /// What tells it from others of its list, and its name there.
    pub(super) key: Option<(&'static str, String)>,
    /// Index of the scan.
    pub(super) scan: usize,
}

fn index(scan: &str) -> Result<usize, Problem> {
    scan.parse().map_err(|_| Problem::new(Code::NotFound, "a scan is named by its index"))
}

async fn correct(
    app: App,
    requester: Requester,
    headers: HeaderMap,
    uid: String,
    part: Part,
    mut body: Map<String, Value>,
) -> Result<Response, Problem> {
    let study = list::study_to_change(&app, &uid, &headers).await?;
    let (_, newest) = result::find(&app, &uid, None).await?;
    let shown = result::value(&newest)?;
    let mut path = vec![("scan", Value::from(part.scan))];
    path.extend(part.key.iter().map(|(key, name)| (*key, Value::from(name.as_str()))));
    for (key, value) in path {
        if body.insert(key.to_owned(), value.clone()).is_some_and(|given| given != value) {
            return Err(invalid(key, "is not what the path says"));
        }
    }
    corrected_part::complete(&part, &mut body, &shown)?;
    check(&uid, &part, &body)?;
    app.record(requester.event(Kind::Change).study(&uid).patient(&study.patient).detail(part.list)).await?;
    let target = part.target(&body);
    change::change(&app, &study, async |connection| {
        sqlx::query(
            "INSERT INTO corrections (study, base_version, target, body, author, created_at) \
             VALUES ($1, $2, $3, $4, $5, $6)",
        )
        .bind(&uid)
        .bind(study.version)
        .bind(&target)
        .bind(Value::Object(body).to_string())
        .bind(&requester.caller.name)
        .bind(now())
        .execute(connection)
        .await?;
        Ok(())
    })
    .await?;
    change::answer(&app, &study).await
}

impl Part {
    /// What a later correction of the same part takes the place of; the first word is the list it belongs to.
    fn target(&self, body: &Map<String, Value>) -> String {
        let name = self.key.as_ref().map(|(_, name)| name.as_str()).unwrap_or_default();
        let side = body.get("laterality").and_then(Value::as_str).unwrap_or_default();
        format!("{}/{}/{name}/{side}", self.list, self.scan)
    }
}

pub(super) fn invalid(field: &str, why: &str) -> Problem {
    Problem::new(Code::Invalid, format!("`{field}` {why}"))
}

/// The exchange format's own reader says whether the part can be taken.
fn check(uid: &str, part: &Part, body: &Map<String, Value>) -> Result<(), Problem> {
    let said = if part.key.is_some() { json!([body]) } else { json!(body) };
    let file = json!({ "studies": [{ "study": { "instance_uid": uid }, part.list: said }] });
    dxa_exchange::corrections::read(file.to_string().as_bytes())
        .map(|_| ())
        .map_err(|error| invalid(error.field.rsplit('.').next().unwrap_or_default(), &error.why))
}
