//! WADO-RS metadata: all attributes of objects in the DICOM JSON model (PS3.18 F), bulk data by address.

use axum::extract::{Path, State};
use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse, Response};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use dicom_core::VR;
use dicom_dictionary_std::tags;
use dxa_core::decode::text::CharacterSet;
use dxa_core::guard::{self, Element, Elements, Input, Leniency, Limits};
use serde_json::{Map, Value, json};

use super::retrieve::{Named, find};
use super::{DICOM_JSON, base};
use crate::audit::Kind;
use crate::http::app::App;
use crate::http::caller::Requester;
use crate::http::media;
use crate::http::problem::{Code, Problem};
use crate::store::{Error, dicom_json};

/// Attributes of all objects of a study.
#[utoipa::path(get, path = "/dicom-web/studies/{study}/metadata", tag = "dicomweb",
    params(("study" = String, Path, description = "Study Instance UID")),
    responses((status = 200, content_type = "application/dicom+json", body = Vec<Object>),
        (status = 404, body = crate::http::openapi::ProblemBody)))]
pub(in crate::http) async fn study_metadata(
    State(app): State<App>,
    requester: Requester,
    headers: HeaderMap,
    Path(study): Path<String>,
) -> Result<Response, Problem> {
    metadata(app, requester, headers, Named { study, ..Named::default() }).await
}

/// Attributes of all objects of a series.
#[utoipa::path(get, path = "/dicom-web/studies/{study}/series/{series}/metadata", tag = "dicomweb",
    params(("study" = String, Path, description = "Study Instance UID"),
        ("series" = String, Path, description = "Series Instance UID")),
    responses((status = 200, content_type = "application/dicom+json", body = Vec<Object>),
        (status = 404, body = crate::http::openapi::ProblemBody)))]
pub(in crate::http) async fn series_metadata(
    State(app): State<App>,
    requester: Requester,
    headers: HeaderMap,
    Path((study, series)): Path<(String, String)>,
) -> Result<Response, Problem> {
    metadata(app, requester, headers, Named { study, series: Some(series), instance: None }).await
}

/// Attributes of an object.
#[utoipa::path(get, path = "/dicom-web/studies/{study}/series/{series}/instances/{instance}/metadata",
    tag = "dicomweb",
    params(("study" = String, Path, description = "Study Instance UID"),
        ("series" = String, Path, description = "Series Instance UID"),
        ("instance" = String, Path, description = "SOP Instance UID")),
    responses((status = 200, content_type = "application/dicom+json", body = Vec<Object>),
        (status = 404, body = crate::http::openapi::ProblemBody)))]
pub(in crate::http) async fn instance_metadata(
    State(app): State<App>,
    requester: Requester,
    headers: HeaderMap,
    Path(path): Path<(String, String, String)>,
) -> Result<Response, Problem> {
    metadata(app, requester, headers, Named::instance(path)).await
}

async fn metadata(
    app: App,
    requester: Requester,
    headers: HeaderMap,
    named: Named,
) -> Result<Response, Problem> {
    if !media::accepts(&media::accepted(&headers, None), &[DICOM_JSON, "application/json"]) {
        return Err(Problem::new(Code::NotAcceptable, "the answer is application/dicom+json"));
    }
    let rows = find(&app, &named).await?;
    app.record(requester.event(Kind::Access).study(&named.study)).await?;
    let base = base(&app, &headers);
    let mut objects = Vec::with_capacity(rows.len());
    for row in rows.iter().filter(|row| !row.damaged) {
        let bytes = app.store().read(row).await?;
        let url = format!("{base}/studies/{}/series/{}/instances/{}", row.study, row.series, row.uid);
        let read = tokio::task::spawn_blocking(move || attributes(&bytes, &url));
        objects.push(read.await.map_err(|_| Error::Closing)??);
    }
    Ok(([(header::CONTENT_TYPE, DICOM_JSON)], Value::Array(objects).to_string()).into_response())
}

/// Values up to this size are given in place.
const INLINE: usize = 1 << 10;

fn attributes(bytes: &[u8], url: &str) -> Result<Value, Problem> {
    let object = guard::open(Input::whole(bytes), Leniency::Strict, &Limits::DEFAULT);
    let object = object.map_err(|_| Problem::from(Code::Damaged))?;
    let root = object.root();
    let set = CharacterSet::of(root);
    let mut attributes = data_set(&set, root, Some(url));
    if attributes.contains_key("00080005") {
        // The answer is UTF-8, whatever the object was written in.
        attributes.insert("00080005".to_owned(), json!({ "vr": "CS", "Value": ["ISO_IR 192"] }));
    }
    Ok(Value::Object(attributes))
}

fn data_set(set: &CharacterSet, elements: Elements<'_>, url: Option<&str>) -> Map<String, Value> {
    // Group lengths and the meta header are no part of the model.
    let counted = elements.iter().filter(|element| element.tag().1 != 0 && element.tag().0 > 2);
    let big_endian = elements.object().syntax().big_endian;
    counted.map(|element| (key(&element), attribute(set, &element, big_endian, url))).collect()
}

fn key(element: &Element<'_>) -> String {
    format!("{:04X}{:04X}", element.tag().0, element.tag().1)
}

fn attribute(set: &CharacterSet, element: &Element<'_>, big_endian: bool, url: Option<&str>) -> Value {
    if element.vr() == VR::SQ && !element.is_empty() {
        let items: Vec<Value> =
            element.items().map(|item| Value::Object(data_set(set, item, None))).collect();
        return json!({ "vr": "SQ", "Value": items });
    }
    if let Some(value) = dicom_json(set, element) {
        return value;
    }
    let vr = element.vr().to_string();
    if element.is_empty() {
        return json!({ "vr": vr });
    }
    if let Some(values) = numbers(element, big_endian) {
        return json!({ "vr": vr, "Value": values });
    }
    let is_pixels = element.tag() == tags::PIXEL_DATA;
    match url {
        Some(url) if is_pixels || element.len() > INLINE => {
            json!({ "vr": vr, "BulkDataURI": format!("{url}/bulkdata/{}", key(element)) })
        }
        // Inside of a sequence nothing has an address of its own.
        _ => json!({ "vr": vr, "InlineBinary": STANDARD.encode(little(element, big_endian)) }),
    }
}

/// Numbers that the index has no use for.
fn numbers(element: &Element<'_>, big_endian: bool) -> Option<Vec<Value>> {
    let bytes = little(element, big_endian);
    let four = |of: fn([u8; 4]) -> Value| {
        bytes.chunks_exact(4).map(|b| of([b[0], b[1], b[2], b[3]])).collect::<Vec<_>>()
    };
    match element.vr() {
        VR::UL => Some(four(|bytes| u32::from_le_bytes(bytes).into())),
        VR::SL => Some(four(|bytes| i32::from_le_bytes(bytes).into())),
        VR::FL => Some(four(|bytes| f32::from_le_bytes(bytes).into())),
        VR::SS => Some(bytes.chunks_exact(2).map(|b| i16::from_le_bytes([b[0], b[1]]).into()).collect()),
        VR::AT => Some(four(|b| format!("{:02X}{:02X}{:02X}{:02X}", b[1], b[0], b[3], b[2]).into())),
        _ => None,
    }
}

/// The value in little endian, which the model asks for.
pub(super) fn little(element: &Element<'_>, big_endian: bool) -> Vec<u8> {
    let mut bytes = element.bytes().to_vec();
    if big_endian {
        let width = match element.vr() {
            VR::OW | VR::SS | VR::US | VR::AT => 2,
            VR::OF | VR::OL | VR::FL | VR::UL | VR::SL => 4,
            VR::OD | VR::OV | VR::FD | VR::UV | VR::SV => 8,
            _ => 1,
        };
        bytes.chunks_exact_mut(width).for_each(<[u8]>::reverse);
    }
    bytes
}
