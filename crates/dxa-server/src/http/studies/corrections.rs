//! Corrections by a user: a part of the result in its own shape, from which the study is measured again.

use axum::extract::{Path, State};
use axum::http::HeaderMap;
use axum::response::Response;
use dxa_core::corrections::ScanCorrections;
use serde_json::{Map, Value, json};

use super::{change, list, result};
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
    let part = Part { list: "vertebrae", key: "level", name: level, scan: index(&scan)? };
    correct(app, requester, headers, uid, part, body).await
}

/// Corrects a region.
///
/// The body is the region as the result has it; `polygon_px`, `excluded` and `laterality` are taken from it.
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
    let part = Part { list: "regions", key: "site", name: site, scan: index(&scan)? };
    correct(app, requester, headers, uid, part, body).await
}

/// Which part of a result.
struct Part {
    list: &'static str,
    key: &'static str,
    name: String,
    scan: usize,
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
    let scan = shown.pointer(&format!("/scans/{}", part.scan));
    let scan = scan.ok_or_else(|| Problem::new(Code::NotFound, "the study has no such scan"))?;
    for (key, value) in [("scan", Value::from(part.scan)), (part.key, Value::from(part.name.as_str()))] {
        if body.insert(key.to_owned(), value.clone()).is_some_and(|given| given != value) {
            return Err(invalid(key, "is not what the path says"));
        }
    }
    check(&uid, &part, &body, scan)?;
    app.record(requester.event(Kind::Change).study(&uid).patient(&study.patient).detail(part.list)).await?;
    // A later correction of the same part takes the place of an earlier; the first word is the list it belongs to.
    let side = body.get("laterality").and_then(Value::as_str).unwrap_or_default();
    let target = format!("{}/{}/{}/{side}", part.list, part.scan, part.name);
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

fn invalid(field: &str, why: &str) -> Problem {
    Problem::new(Code::Invalid, format!("`{field}` {why}"))
}

/// The exchange format's own reader says whether the part can be taken; what it cannot know is the image.
fn check(uid: &str, part: &Part, body: &Map<String, Value>, scan: &Value) -> Result<(), Problem> {
    let file = json!({ "studies": [{ "study": { "instance_uid": uid }, part.list: [body] }] });
    let read = dxa_exchange::corrections::read(file.to_string().as_bytes())
        .map_err(|error| invalid(error.field.rsplit('.').next().unwrap_or_default(), &error.why))?;
    // A list that the reader does not know would be taken and change nothing.
    let says_nothing = read
        .iter()
        .all(|study| study.corrections.scans.values().all(|scan| *scan == ScanCorrections::default()));
    if says_nothing && body.contains_key("points_px") {
        return Err(Problem::new(
            Code::NotImplemented,
            "points of this part are not taken back by this version",
        ));
    }
    let size = |key: &str| scan.get(key).and_then(Value::as_f64).unwrap_or(0.0);
    let (width, height) = (size("columns"), size("rows"));
    let mut points = Vec::new();
    for key in ["polygon_px", "points_px"] {
        collect_points(body.get(key).unwrap_or(&Value::Null), &mut points);
    }
    let inside = |(x, y): &(f64, f64)| (0.0..=width).contains(x) && (0.0..=height).contains(y);
    if points.iter().all(inside) { Ok(()) } else { Err(invalid("points", "lie outside the image")) }
}

/// All pairs of numbers, however deep.
fn collect_points(value: &Value, points: &mut Vec<(f64, f64)>) {
    match value {
        Value::Array(items) => {
            if let [x, y] = &items[..]
                && let (Some(x), Some(y)) = (x.as_f64(), y.as_f64())
            {
                points.push((x, y));
                return;
            }
            items.iter().for_each(|item| collect_points(item, points));
        }
        Value::Object(fields) => fields.values().for_each(|field| collect_points(field, points)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}
