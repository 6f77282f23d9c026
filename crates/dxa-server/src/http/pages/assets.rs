//! The files of the pages, in the binary: nothing is fetched from anywhere else.

use axum::extract::Path;
use axum::http::header;
use axum::response::{IntoResponse, Response};

use crate::http::problem::Code;
use crate::http::problem::Problem;

const STYLE: &str = "text/css; charset=utf-8";
const SCRIPT: &str = "text/javascript; charset=utf-8";

/// Every file with its type.
const FILES: [(&str, &str, &str); 14] = [
    ("dxa.css", STYLE, include_str!("../../../assets/dxa.css")),
    ("study.css", STYLE, include_str!("../../../assets/study.css")),
    ("quality.css", STYLE, include_str!("../../../assets/quality.css")),
    ("icon.svg", "image/svg+xml", include_str!("../../../assets/icon.svg")),
    ("frame.js", SCRIPT, include_str!("../../../assets/frame.js")),
    ("service.js", SCRIPT, include_str!("../../../assets/service.js")),
    ("worklist.js", SCRIPT, include_str!("../../../assets/worklist.js")),
    ("waiting.js", SCRIPT, include_str!("../../../assets/waiting.js")),
    ("study.js", SCRIPT, include_str!("../../../assets/study.js")),
    ("picture.js", SCRIPT, include_str!("../../../assets/picture.js")),
    ("points.js", SCRIPT, include_str!("../../../assets/points.js")),
    ("shapes.js", SCRIPT, include_str!("../../../assets/shapes.js")),
    ("reading.js", SCRIPT, include_str!("../../../assets/reading.js")),
    ("context.js", SCRIPT, include_str!("../../../assets/context.js")),
];

/// A style, a script or the icon.
pub(in crate::http) async fn asset(Path(name): Path<String>) -> Result<Response, Problem> {
    let file = FILES.iter().find(|(known, ..)| *known == name).ok_or(Code::NotFound)?;
    let headers = [(header::CONTENT_TYPE, file.1), (header::CACHE_CONTROL, "max-age=300")];
    Ok((headers, file.2).into_response())
}
