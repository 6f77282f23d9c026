//! What six points come to, before anybody keeps them.

use axum::Json;
use serde_json::Value;

use crate::http::body::RawJson;
use crate::http::problem::{Code, Problem};

/// Grades the points of vertebrae.
///
/// The body is `{"vertebrae": [{"scan", "level", "points_px"}], "pixel_spacing_mm", "sex", "age_years"}`; the answer
/// has the same vertebrae as a result has them, each graded as a correction with these points would be. Nothing is
/// kept and no study is named.
#[utoipa::path(post, path = "/api/v1/grade", tag = "studies", request_body(content = Object),
    responses((status = 200, body = Object), (status = 422, body = crate::http::openapi::ProblemBody)))]
pub(in crate::http) async fn grade_points(RawJson(bytes): RawJson) -> Result<Json<Value>, Problem> {
    let graded = dxa_exchange::json::grade_points(&bytes);
    graded.map(Json).map_err(|error| {
        let field = if error.field.contains(char::is_whitespace) { "the body" } else { &error.field };
        // The reader's own sentence may quote what was sent.
        Problem::new(Code::Invalid, format!("`{field}` is not as expected"))
    })
}
