//! QIDO-RS: studies, series and instances by their attributes.

use axum::extract::{Path, Query as Pairs, State};
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::{IntoResponse, Response};
use serde_json::{Map, Value, json};

use super::query::{self, Asked};
use super::{DICOM_JSON, base};
use crate::audit::Kind;
use crate::http::app::App;
use crate::http::caller::Requester;
use crate::http::media;
use crate::http::problem::{Code, Problem};
use crate::store::{InstanceRow, Level, SeriesRow, StudyRow, is_uid};

type Parameters = Pairs<Vec<(String, String)>>;

/// Studies by attributes.
#[utoipa::path(get, path = "/dicom-web/studies", tag = "dicomweb",
    params(("PatientID" = Option<String>, Query), ("PatientName" = Option<String>, Query),
        ("StudyDate" = Option<String>, Query), ("AccessionNumber" = Option<String>, Query),
        ("ModalitiesInStudy" = Option<String>, Query), ("StudyInstanceUID" = Option<String>, Query),
        ("includefield" = Option<String>, Query), ("fuzzymatching" = Option<bool>, Query),
        ("limit" = Option<u32>, Query), ("offset" = Option<u32>, Query)),
    responses((status = 200, content_type = "application/dicom+json", body = Vec<Object>),
        (status = 400, body = crate::http::openapi::ProblemBody)))]
pub(in crate::http) async fn search_studies(
    State(app): State<App>,
    requester: Requester,
    headers: HeaderMap,
    Pairs(pairs): Parameters,
) -> Result<Response, Problem> {
    let asked = begin(&app, &requester, &headers, &pairs, Level::Study).await?;
    if asked.query.limit == 0 {
        return Ok(answer(Vec::new(), &asked, false));
    }
    let found = app.store().studies(&asked.query).await?;
    let base = base(&app, &headers);
    Ok(answer(found.rows.iter().map(|row| study(row, &base)).collect(), &asked, found.more))
}

/// Series by attributes.
#[utoipa::path(get, path = "/dicom-web/series", tag = "dicomweb",
    params(("Modality" = Option<String>, Query), ("SeriesInstanceUID" = Option<String>, Query),
        ("limit" = Option<u32>, Query), ("offset" = Option<u32>, Query)),
    responses((status = 200, content_type = "application/dicom+json", body = Vec<Object>),
        (status = 400, body = crate::http::openapi::ProblemBody)))]
pub(in crate::http) async fn search_series(
    State(app): State<App>,
    requester: Requester,
    headers: HeaderMap,
    Pairs(pairs): Parameters,
) -> Result<Response, Problem> {
    series_of(app, requester, headers, pairs, None).await
}

/// Series of a study.
#[utoipa::path(get, path = "/dicom-web/studies/{study}/series", tag = "dicomweb",
    params(("study" = String, Path, description = "Study Instance UID"), ("Modality" = Option<String>, Query),
        ("limit" = Option<u32>, Query), ("offset" = Option<u32>, Query)),
    responses((status = 200, content_type = "application/dicom+json", body = Vec<Object>),
        (status = 400, body = crate::http::openapi::ProblemBody)))]
pub(in crate::http) async fn search_series_of(
    State(app): State<App>,
    requester: Requester,
    headers: HeaderMap,
    Path(study): Path<String>,
    Pairs(pairs): Parameters,
) -> Result<Response, Problem> {
    series_of(app, requester, headers, pairs, Some(study)).await
}

/// Instances by attributes.
#[utoipa::path(get, path = "/dicom-web/instances", tag = "dicomweb",
    params(("SOPInstanceUID" = Option<String>, Query), ("SOPClassUID" = Option<String>, Query),
        ("limit" = Option<u32>, Query), ("offset" = Option<u32>, Query)),
    responses((status = 200, content_type = "application/dicom+json", body = Vec<Object>),
        (status = 400, body = crate::http::openapi::ProblemBody)))]
pub(in crate::http) async fn search_instances(
    State(app): State<App>,
    requester: Requester,
    headers: HeaderMap,
    Pairs(pairs): Parameters,
) -> Result<Response, Problem> {
    instances_of(app, requester, headers, pairs, (None, None)).await
}

/// Instances of a study.
#[utoipa::path(get, path = "/dicom-web/studies/{study}/instances", tag = "dicomweb",
    params(("study" = String, Path, description = "Study Instance UID"),
        ("limit" = Option<u32>, Query), ("offset" = Option<u32>, Query)),
    responses((status = 200, content_type = "application/dicom+json", body = Vec<Object>),
        (status = 400, body = crate::http::openapi::ProblemBody)))]
pub(in crate::http) async fn search_instances_of(
    State(app): State<App>,
    requester: Requester,
    headers: HeaderMap,
    Path(study): Path<String>,
    Pairs(pairs): Parameters,
) -> Result<Response, Problem> {
    instances_of(app, requester, headers, pairs, (Some(study), None)).await
}

/// Instances of a series.
#[utoipa::path(get, path = "/dicom-web/studies/{study}/series/{series}/instances", tag = "dicomweb",
    params(("study" = String, Path, description = "Study Instance UID"),
        ("series" = String, Path, description = "Series Instance UID"),
        ("limit" = Option<u32>, Query), ("offset" = Option<u32>, Query)),
    responses((status = 200, content_type = "application/dicom+json", body = Vec<Object>),
        (status = 400, body = crate::http::openapi::ProblemBody)))]
pub(in crate::http) async fn search_instances_in(
    State(app): State<App>,
    requester: Requester,
    headers: HeaderMap,
    Path((study, series)): Path<(String, String)>,
    Pairs(pairs): Parameters,
) -> Result<Response, Problem> {
    instances_of(app, requester, headers, pairs, (Some(study), Some(series))).await
}

async fn series_of(
    app: App,
    requester: Requester,
    headers: HeaderMap,
    pairs: Vec<(String, String)>,
    of: Option<String>,
) -> Result<Response, Problem> {
    let mut asked = begin(&app, &requester, &headers, &pairs, Level::Series).await?;
    let within = of.is_some();
    narrow(&mut asked.query.studies, of)?;
    if asked.query.limit == 0 {
        return Ok(answer(Vec::new(), &asked, false));
    }
    let found = app.store().series(&asked.query).await?;
    let base = base(&app, &headers);
    let with_study = !within || asked.include.all;
    Ok(answer(found.rows.iter().map(|row| series(row, &base, with_study)).collect(), &asked, found.more))
}

async fn instances_of(
    app: App,
    requester: Requester,
    headers: HeaderMap,
    pairs: Vec<(String, String)>,
    (study, series): (Option<String>, Option<String>),
) -> Result<Response, Problem> {
    let mut asked = begin(&app, &requester, &headers, &pairs, Level::Instance).await?;
    let with_study = study.is_none() || asked.include.all;
    let with_series = series.is_none() || asked.include.all;
    narrow(&mut asked.query.studies, study)?;
    narrow(&mut asked.query.series, series)?;
    if asked.query.limit == 0 {
        return Ok(answer(Vec::new(), &asked, false));
    }
    let found = app.store().instances(&asked.query).await?;
    let base = base(&app, &headers);
    let rows = found.rows.iter().map(|row| instance(row, &base, with_study, with_series)).collect();
    Ok(answer(rows, &asked, found.more))
}

async fn begin(
    app: &App,
    requester: &Requester,
    headers: &HeaderMap,
    pairs: &[(String, String)],
    level: Level,
) -> Result<Asked, Problem> {
    if !media::accepts(&media::accepted(headers, None), &[DICOM_JSON, "application/json"]) {
        return Err(Problem::new(Code::NotAcceptable, "the answer is application/dicom+json"));
    }
    let asked = query::read(pairs, level)?;
    app.record(requester.event(Kind::Query)).await?;
    Ok(asked)
}

/// What the path names, and the query may narrow further.
fn narrow(uids: &mut Vec<String>, named: Option<String>) -> Result<(), Problem> {
    let Some(named) = named else { return Ok(()) };
    if !is_uid(&named) {
        return Err(Problem::new(Code::BadRequest, "the path names no valid UID"));
    }
    if !uids.is_empty() && !uids.contains(&named) {
        return Err(Problem::new(
            Code::BadRequest,
            "the query asks for another study or series than the path",
        ));
    }
    *uids = vec![named];
    Ok(())
}

/// An object of attributes, and those of it that are answered only when asked for.
struct Row {
    always: Map<String, Value>,
    asked_for: Map<String, Value>,
}

fn answer(rows: Vec<Row>, asked: &Asked, more: bool) -> Response {
    let include = |row: Row| {
        let mut attributes = row.always;
        let wanted = |key: &String| asked.include.all || asked.include.keys.contains(key);
        attributes.extend(row.asked_for.into_iter().filter(|(key, _)| wanted(key)));
        attributes.sort_keys();
        Value::Object(attributes)
    };
    let rows: Vec<Value> = rows.into_iter().map(include).collect();
    let body = Value::Array(rows).to_string();
    let mut response = ([(header::CONTENT_TYPE, DICOM_JSON)], body).into_response();
    let warnings = [
        (
            asked.fuzzy,
            "299 dxa \"The fuzzymatching parameter is not supported. Literal matching was performed.\"",
        ),
        (more, "299 dxa \"There are more results; ask for them with offset.\""),
    ];
    for (_, warning) in warnings.into_iter().filter(|(holds, _)| *holds) {
        response.headers_mut().append(header::WARNING, HeaderValue::from_static(warning));
    }
    response
}

fn study(row: &StudyRow, base: &str) -> Row {
    let modalities: Vec<&str> = row.modalities.split('\\').filter(|modality| !modality.is_empty()).collect();
    let mut always = attributes(&row.tags);
    add(&mut always, "00080056", "CS", json!(["ONLINE"]));
    add(&mut always, "00080061", "CS", json!(modalities));
    add(&mut always, "00081190", "UR", json!([format!("{base}/studies/{}", row.uid)]));
    add(&mut always, "00201206", "IS", json!([row.series]));
    add(&mut always, "00201208", "IS", json!([row.instances]));
    Row { always, asked_for: Map::new() }
}

fn series(row: &SeriesRow, base: &str, with_study: bool) -> Row {
    let mut always = attributes(&row.tags);
    add(&mut always, "0020000D", "UI", json!([row.study]));
    add(&mut always, "00081190", "UR", json!([format!("{base}/studies/{}/series/{}", row.study, row.uid)]));
    add(&mut always, "00201209", "IS", json!([row.instances]));
    let mut asked_for = attributes(&row.study_tags);
    if with_study {
        always.append(&mut asked_for);
    }
    Row { always, asked_for }
}

fn instance(row: &InstanceRow, base: &str, with_study: bool, with_series: bool) -> Row {
    let mut always = attributes(&row.tags);
    let url = format!("{base}/studies/{}/series/{}/instances/{}", row.study, row.series, row.uid);
    add(&mut always, "0020000D", "UI", json!([row.study]));
    add(&mut always, "0020000E", "UI", json!([row.series]));
    add(&mut always, "00080056", "CS", json!(["ONLINE"]));
    add(&mut always, "00081190", "UR", json!([url]));
    let mut asked_for = Map::new();
    for (tags, with) in [(&row.study_tags, with_study), (&row.series_tags, with_series)] {
        let mut more = attributes(tags);
        if with { always.append(&mut more) } else { asked_for.append(&mut more) }
    }
    Row { always, asked_for }
}

fn attributes(tags: &str) -> Map<String, Value> {
    serde_json::from_str(tags).unwrap_or_default()
}

fn add(attributes: &mut Map<String, Value>, key: &str, vr: &str, values: Value) {
    attributes.insert(key.to_owned(), json!({ "vr": vr, "Value": values }));
}
