//! WADO-RS rendered: an image for looking at, as PNG or JPEG. No density can be read from it.

use std::io::Cursor;

use axum::extract::{Path, RawQuery, State};
use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse, Response};
use dicom_dictionary_std::tags;
use dxa_core::decode::pixels::{self, StoredPixels};
use dxa_core::guard::{self, Input, Leniency, Limits, Object};
use image::codecs::jpeg::JpegEncoder;
use image::{DynamicImage, GrayImage, ImageFormat, RgbImage};

use super::metadata::little;
use super::retrieve::{Named, accept_of, find, read_one};
use crate::http::app::App;
use crate::http::caller::Requester;
use crate::http::media;
use crate::http::problem::{Code, Problem};
use crate::store::{Error, InstanceRow};

/// The image of an object.
///
/// `image/png` or `image/jpeg`, with the window that the object names.
#[utoipa::path(get, path = "/dicom-web/studies/{study}/series/{series}/instances/{instance}/rendered",
    tag = "dicomweb",
    params(("study" = String, Path, description = "Study Instance UID"),
        ("series" = String, Path, description = "Series Instance UID"),
        ("instance" = String, Path, description = "SOP Instance UID"),
        ("accept" = Option<String>, Query, description = "image/png or image/jpeg")),
    responses((status = 200, content_type = "image/png", body = Vec<u8>),
        (status = 404, body = crate::http::openapi::ProblemBody),
        (status = 406, body = crate::http::openapi::ProblemBody)))]
pub(in crate::http) async fn rendered_instance(
    State(app): State<App>,
    requester: Requester,
    headers: HeaderMap,
    RawQuery(query): RawQuery,
    Path(path): Path<(String, String, String)>,
) -> Result<Response, Problem> {
    rendered(app, requester, headers, query, Named::instance(path)).await
}

/// The first image of a series.
#[utoipa::path(get, path = "/dicom-web/studies/{study}/series/{series}/rendered", tag = "dicomweb",
    params(("study" = String, Path, description = "Study Instance UID"),
        ("series" = String, Path, description = "Series Instance UID")),
    responses((status = 200, content_type = "image/png", body = Vec<u8>),
        (status = 404, body = crate::http::openapi::ProblemBody),
        (status = 406, body = crate::http::openapi::ProblemBody)))]
pub(in crate::http) async fn rendered_series(
    State(app): State<App>,
    requester: Requester,
    headers: HeaderMap,
    RawQuery(query): RawQuery,
    Path((study, series)): Path<(String, String)>,
) -> Result<Response, Problem> {
    let named = Named { study, series: Some(series), instance: None };
    rendered(app, requester, headers, query, named).await
}

/// The first image of a study.
#[utoipa::path(get, path = "/dicom-web/studies/{study}/rendered", tag = "dicomweb",
    params(("study" = String, Path, description = "Study Instance UID")),
    responses((status = 200, content_type = "image/png", body = Vec<u8>),
        (status = 404, body = crate::http::openapi::ProblemBody),
        (status = 406, body = crate::http::openapi::ProblemBody)))]
pub(in crate::http) async fn rendered_study(
    State(app): State<App>,
    requester: Requester,
    headers: HeaderMap,
    RawQuery(query): RawQuery,
    Path(study): Path<String>,
) -> Result<Response, Problem> {
    rendered(app, requester, headers, query, Named { study, ..Named::default() }).await
}

async fn rendered(
    app: App,
    requester: Requester,
    headers: HeaderMap,
    query: Option<String>,
    named: Named,
) -> Result<Response, Problem> {
    let accepted = media::accepted(&headers, accept_of(query.as_deref()).as_deref());
    let best = accepted.iter().find_map(|media| {
        let known = [(ImageFormat::Png, "image/png"), (ImageFormat::Jpeg, "image/jpeg")];
        known.into_iter().find(|(_, essence)| media.covers(essence))
    });
    let (format, essence) =
        best.ok_or_else(|| Problem::new(Code::NotAcceptable, "images are given as image/png or image/jpeg"))?;
    // Without the object named, the first one with an image.
    let named = if named.instance.is_some() {
        named
    } else {
        let rows = find(&app, &named).await?;
        let first = rows.into_iter().find(InstanceRow::has_image).ok_or(Code::NotFound)?;
        Named::instance((first.study, first.series, first.uid))
    };
    let (_, bytes) = read_one(&app, &requester, &named).await?;
    let encoded = tokio::task::spawn_blocking(move || encode(&picture(&bytes)?, format));
    let encoded = encoded.await.map_err(|_| Error::Closing)??;
    Ok(([(header::CONTENT_TYPE, essence)], encoded).into_response())
}

fn encode(picture: &DynamicImage, format: ImageFormat) -> Result<Vec<u8>, Problem> {
    let mut out = Cursor::new(Vec::new());
    let written = match format {
        ImageFormat::Jpeg => picture.write_with_encoder(JpegEncoder::new_with_quality(&mut out, 92)),
        _ => picture.write_to(&mut out, ImageFormat::Png),
    };
    written.map_err(|_| Problem::from(Code::Internal))?;
    Ok(out.into_inner())
}

fn picture(bytes: &[u8]) -> Result<DynamicImage, Problem> {
    let object = guard::open(Input::whole(bytes), Leniency::Strict, &Limits::DEFAULT);
    let object = object.map_err(|_| Problem::from(Code::Damaged))?;
    if let Some(color) = color(&object) {
        return Ok(color);
    }
    let stored = pixels::read(&object);
    let stored = stored.map_err(|refusal| Problem::new(Code::NotAcceptable, refusal.message))?;
    gray(&object, &stored).ok_or_else(|| Code::Internal.into())
}

/// Color pictures without compression, as report pages are.
fn color(object: &Object<'_>) -> Option<DynamicImage> {
    let root = object.root();
    let short = |tag| root.get(tag).and_then(|element| element.u16());
    let photometric = root.get(tags::PHOTOMETRIC_INTERPRETATION)?;
    let plain = photometric.text_bytes() == b"RGB"
        && short(tags::SAMPLES_PER_PIXEL) == Some(3)
        && short(tags::BITS_ALLOCATED) == Some(8);
    let pixels = root.get(tags::PIXEL_DATA).filter(|pixels| plain && !pixels.has_fragments())?;
    let (rows, columns) = (short(tags::ROWS)?, short(tags::COLUMNS)?);
    let size = usize::from(rows) * usize::from(columns);
    let value = little(&pixels, object.syntax().big_endian);
    let first = value.get(..3 * size)?;
    let interleaved = if short(tags::PLANAR_CONFIGURATION) == Some(1) {
        (0..size).flat_map(|at| [first[at], first[size + at], first[2 * size + at]]).collect()
    } else {
        first.to_vec()
    };
    RgbImage::from_raw(columns.into(), rows.into(), interleaved).map(DynamicImage::ImageRgb8)
}

/// Gray values through the object's window (PS3.3 C.11.2), or from the least to the greatest without one.
fn gray(object: &Object<'_>, stored: &StoredPixels) -> Option<DynamicImage> {
    let decimal = |tag| {
        let element = object.root().get(tag)?;
        let text = std::str::from_utf8(element.text_bytes()).ok()?;
        text.split('\\').next()?.trim().parse::<f64>().ok().filter(|value| value.is_finite())
    };
    let slope = decimal(tags::RESCALE_SLOPE).filter(|slope| *slope != 0.0).unwrap_or(1.0);
    let intercept = decimal(tags::RESCALE_INTERCEPT).unwrap_or(0.0);
    let scaled = |value: i32| f64::from(value) * slope + intercept;
    let window =
        decimal(tags::WINDOW_CENTER).zip(decimal(tags::WINDOW_WIDTH)).filter(|(_, width)| *width >= 1.0);
    let (low, high) = match window {
        Some((center, width)) => {
            let half = (width - 1.0) / 2.0;
            (center - 0.5 - half, center - 0.5 + half)
        }
        None => {
            let inside = stored.values().filter(|value| !stored.is_padding(*value)).map(scaled);
            inside.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), value| {
                (low.min(value), high.max(value))
            })
        }
    };
    let shade = |value: i32| {
        if stored.is_padding(value) {
            return 0;
        }
        let share = if high > low { (scaled(value) - low) / (high - low) } else { 0.5 };
        let share = if stored.white_is_zero { 1.0 - share } else { share };
        // Rounded into the eight bits of the picture.
        (share.clamp(0.0, 1.0) * 255.0).round() as u8
    };
    let table = stored.table(shade);
    let shades =
        stored.words().iter().map(|word| table.get(usize::from(*word)).copied().unwrap_or(0)).collect();
    let (columns, rows) = (u32::try_from(stored.columns).ok()?, u32::try_from(stored.rows).ok()?);
    GrayImage::from_raw(columns, rows, shades).map(DynamicImage::ImageLuma8)
}
