//! All routes in one place, and who may use each.

mod app;
mod body;
mod caller;
mod deliveries;
mod dicomweb;
mod expected;
mod fhir;
mod health;
mod limit;
mod login;
mod measured;
mod media;
mod messages;
mod openapi;
mod pages;
mod problem;
mod quality;
mod results;
mod secure;
mod server;
mod studies;

pub use app::App;
pub(crate) use dicomweb::multipart::{Event as Piece, Multipart};
pub(crate) use media::boundary;
pub use problem::{Code, Problem};
pub use server::serve;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::middleware::{from_fn, from_fn_with_state};
use axum::response::IntoResponse;
use axum::routing::get;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::compression::CompressionLayer;
use tower_http::compression::predicate::{DefaultPredicate, NotForContentType, Predicate};
use utoipa::OpenApi;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use utoipa_swagger_ui::SwaggerUi;

use crate::auth::Permission;

/// The whole HTTP surface as one value; tests call it without a port.
pub fn router(app: App) -> Router {
    let (router, description) = described(&app).split_for_parts();
    let not_there = || async { Problem::from(Code::NotFound) };
    let not_so = || async { Problem::from(Code::MethodNotAllowed) };
    router
        .merge(pages_for_people())
        .merge(fhir::routes())
        .merge(SwaggerUi::new("/api/docs").url("/api/openapi.json", description))
        .fallback(not_there)
        .method_not_allowed_fallback(not_so)
        .layer(DefaultBodyLimit::max(SMALL_BODY))
        .layer(from_fn_with_state(app.clone(), caller::identify))
        .layer(CompressionLayer::new().compress_when(worthwhile()))
        .layer(from_fn_with_state(app.clone(), limit::limit))
        .layer(from_fn_with_state(app.clone(), secure::this_machine))
        .layer(from_fn(measured::measure))
        .layer(CatchPanicLayer::custom(|_| {
            tracing::error!("a request ended in a panic");
            Problem::from(Code::Internal).into_response()
        }))
        .layer(from_fn_with_state(app.clone(), secure::headers))
        .with_state(app)
}

/// The description of the API.
#[must_use]
pub fn description(app: &App) -> utoipa::openapi::OpenApi {
    described(app).to_openapi()
}

/// Bodies of everything but stored objects.
const SMALL_BODY: usize = 1 << 20;

/// Images and objects are no smaller when compressed, and a secret beside what an attacker wrote could be guessed
/// from the length.
fn worthwhile() -> impl Predicate {
    DefaultPredicate::new()
        .and(NotForContentType::const_new("multipart/related"))
        .and(NotForContentType::const_new("application/dicom"))
        .and(NotForContentType::const_new("text/html"))
}

fn described(app: &App) -> OpenApiRouter<App> {
    use Permission::{Correct, Operate, Read, ReadDeidentified, Sign, Store};
    OpenApiRouter::with_openapi(openapi::Description::openapi())
        .routes(routes!(health::healthz))
        .routes(routes!(health::readyz))
        .routes(routes!(login::login_page, login::login))
        .merge(held(app, &Permission::ALL, [routes!(login::session)]))
        .merge(held(app, &Permission::ALL, [routes!(login::logout)]))
        .merge(held(
            app,
            &[Operate],
            [
                routes!(health::metrics),
                routes!(deliveries::list_deliveries),
                routes!(deliveries::resend),
                routes!(deliveries::resend_dead),
                routes!(messages::list_messages),
            ],
        ))
        .merge(held(
            app,
            &[Read, ReadDeidentified],
            [
                routes!(studies::list_studies),
                routes!(studies::study_result),
                routes!(studies::study_document),
            ],
        ))
        .merge(held(app, &[Read, Operate], [routes!(quality::quality), routes!(quality::quality_csv)]))
        .merge(held(app, &[Read], [routes!(studies::grade_points)]))
        .merge(held(
            app,
            &[Correct],
            [
                routes!(studies::correct_vertebra),
                routes!(studies::correct_region),
                routes!(studies::correct_spine),
                routes!(studies::correct_landmark),
                routes!(studies::reanalyze),
                routes!(studies::give_context),
            ],
        ))
        .merge(held(
            app,
            &[Read],
            [
                routes!(studies::patient_context),
                routes!(studies::list_comments),
                routes!(studies::list_readings),
                routes!(expected::list_expected),
            ],
        ))
        .merge(held(app, &[Correct, Sign], [routes!(studies::comment)]))
        .merge(held(app, &[Store], [routes!(expected::expect)]))
        .merge(held(
            app,
            &[Sign],
            [routes!(studies::sign), routes!(studies::amend), routes!(studies::give_reading)],
        ))
        .merge(
            held(app, &[Store], [routes!(dicomweb::store_instances), routes!(dicomweb::store_instances_of)])
                .layer(DefaultBodyLimit::disable()),
        )
        .merge(held(
            app,
            &[Read],
            [
                routes!(dicomweb::search_studies),
                routes!(dicomweb::search_series),
                routes!(dicomweb::search_instances),
                routes!(dicomweb::search_series_of),
                routes!(dicomweb::search_instances_of),
                routes!(dicomweb::search_instances_in),
                routes!(dicomweb::retrieve_study),
                routes!(dicomweb::retrieve_series),
                routes!(dicomweb::retrieve_instance),
                routes!(dicomweb::study_metadata),
                routes!(dicomweb::series_metadata),
                routes!(dicomweb::instance_metadata),
                routes!(dicomweb::rendered_study),
                routes!(dicomweb::rendered_series),
                routes!(dicomweb::rendered_instance),
                routes!(dicomweb::retrieve_frames),
                routes!(dicomweb::bulk_data),
            ],
        ))
}

/// Routes for callers that hold one of the permissions.
fn held<const N: usize>(
    app: &App,
    permissions: &'static [Permission],
    routes: [utoipa_axum::router::UtoipaMethodRouter<App>; N],
) -> OpenApiRouter<App> {
    let router = routes.into_iter().fold(OpenApiRouter::new(), OpenApiRouter::routes);
    router.route_layer(from_fn_with_state((app.clone(), permissions), caller::require))
}

fn pages_for_people() -> Router<App> {
    Router::new()
        .route("/", get(pages::worklist))
        .route("/studies/{uid}", get(pages::study))
        .route("/studies/{uid}/reading", get(pages::reading))
        .route("/patients/{id}/context", get(pages::context))
        .route("/quality", get(pages::quality))
        .route("/changes", get(pages::changes))
        .route("/assets/{name}", get(pages::asset))
        .route("/login/oidc", get(login::oidc_start))
        .route("/login/oidc/return", get(login::oidc_return))
}
