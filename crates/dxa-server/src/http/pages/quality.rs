//! `GET /quality`: the quality room.

use axum::extract::rejection::QueryRejection;
use axum::extract::{Query as Parameters, State};
use axum::response::Response;

use super::{page, problem, reader};
use crate::http::app::App;
use crate::http::caller::Requester;
use crate::http::problem::Problem;
use crate::http::quality::{Days, room};
use crate::pages::{Frame, QualityPage};

/// The room for the days that were asked for; a wrong day says so.
pub(in crate::http) async fn quality(
    State(app): State<App>,
    requester: Result<Requester, Problem>,
    frame: Frame,
    days: Result<Parameters<Days>, QueryRejection>,
) -> Response {
    let requester = match reader(&app, &frame, requester).await {
        Ok(requester) => requester,
        Err(answer) => return answer,
    };
    let days = days.map(|Parameters(days)| days).unwrap_or_default();
    let period = match days.period() {
        Ok(period) => period,
        Err(error) => return problem(&frame, &error),
    };
    match room(&app, &requester, &period, "quality").await {
        Ok(room) => page(&frame, &QualityPage::of(&frame, &room)),
        Err(error) => problem(&frame, &error),
    }
}
