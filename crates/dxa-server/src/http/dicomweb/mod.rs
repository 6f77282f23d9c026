//! DICOMweb (PS3.18): storing, searching and retrieving.

mod bulk;
mod frames;
mod metadata;
pub(crate) mod multipart;
mod qido;
mod query;
mod rendered;
mod retrieve;
mod stow;
mod stow_answer;

pub(super) use bulk::*;
pub(super) use frames::*;
pub(super) use metadata::*;
pub(super) use qido::*;
pub(super) use rendered::*;
pub(super) use retrieve::*;
pub(super) use stow::*;

use axum::http::HeaderMap;

use super::app::App;
use super::pages;

/// The media type of the DICOM JSON model.
const DICOM_JSON: &str = "application/dicom+json";

/// Where this service is, as the client reached it, for URLs in answers.
fn base(app: &App, headers: &HeaderMap) -> String {
    format!("{}/dicom-web", pages::base(app, headers))
}
