//! The description of the API, made from the handlers themselves.

use serde::Serialize;
use utoipa::openapi::security::{ApiKey, ApiKeyValue, HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::{Modify, OpenApi, ToSchema};

/// An error (RFC 9457). `code` never changes its meaning.
#[derive(Serialize, ToSchema)]
#[schema(title = "Problem")]
pub(super) struct ProblemBody {
    r#type: &'static str,
    title: &'static str,
    status: u16,
    /// A stable code, such as `not_found`.
    code: &'static str,
    detail: Option<String>,
}

#[derive(OpenApi)]
#[openapi(
    info(title = "dxa", description = "Bone densitometry: DICOMweb, results and operations.",
        license(name = "MIT OR Apache-2.0")),
    modifiers(&Ways),
    security(("token" = []), ("session" = [])),
    tags((name = "studies"), (name = "changes"), (name = "dicomweb"), (name = "operations"), (name = "session"))
)]
pub(super) struct Description;

/// How a client says who it is.
struct Ways;

impl Modify for Ways {
    fn modify(&self, api: &mut utoipa::openapi::OpenApi) {
        let components = api.components.get_or_insert_default();
        let bearer = HttpBuilder::new().scheme(HttpAuthScheme::Bearer).build();
        components.add_security_scheme("token", SecurityScheme::Http(bearer));
        let cookie = ApiKey::Cookie(ApiKeyValue::new(super::caller::COOKIE));
        components.add_security_scheme("session", SecurityScheme::ApiKey(cookie));
    }
}
