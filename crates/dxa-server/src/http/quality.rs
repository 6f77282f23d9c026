//! `GET /api/v1/quality`: what many results say of each scanner, and how the service does; as JSON and as tables.

use axum::Json;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query as Parameters, State};
use axum::http::header;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use serde_json::{Map, Value, json};
use utoipa::{IntoParams, ToSchema};

use super::app::App;
use super::caller::Requester;
use super::problem::{Code, Problem};
use super::studies::table;
use crate::audit::Kind;
use crate::quality::{Period, Room, tally};

/// The days that count.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(default, deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(in crate::http) struct Days {
    /// First day, `YYYY-MM-DD`; without it a year before the newest scan.
    pub(in crate::http) from: Option<String>,
    /// Last day; without it there is none.
    pub(in crate::http) to: Option<String>,
}

impl Days {
    /// The period.
    ///
    /// # Errors
    /// 400 for what is no day, and for a period that ends before it begins.
    pub(in crate::http) fn period(&self) -> Result<Period, Problem> {
        let day = |text: &Option<String>| {
            let text = text.as_deref().map(str::trim).filter(|text| !text.is_empty());
            text.map(str::parse::<jiff::civil::Date>).transpose()
        };
        let (Ok(from), Ok(to)) = (day(&self.from), day(&self.to)) else {
            return Err(Problem::new(Code::BadRequest, "a day is written as YYYY-MM-DD"));
        };
        if from.zip(to).is_some_and(|(from, to)| from > to) {
            return Err(Problem::new(Code::BadRequest, "the last day lies before the first"));
        }
        Ok(Period { from, to })
    }
}

/// What the room is for a period, for whoever asks; it is written down that it was asked for.
pub(in crate::http) async fn room(
    app: &App,
    requester: &Requester,
    period: &Period,
    detail: &str,
) -> Result<Room, Problem> {
    app.record(requester.event(Kind::Query).detail(detail)).await?;
    Ok(tally(app.store(), app.config(), period, !requester.sees_no_identity()).await?)
}

/// The quality room.
///
/// Agreement with the devices, phantoms, precision and failed checks of each scanner; deliveries and work.
#[utoipa::path(get, path = "/api/v1/quality", tag = "operations", params(Days),
    responses((status = 200, body = Room), (status = 400, body = super::openapi::ProblemBody)))]
pub(super) async fn quality(
    State(app): State<App>,
    requester: Requester,
    days: Result<Parameters<Days>, QueryRejection>,
) -> Result<Json<Room>, Problem> {
    let Parameters(days) = days.map_err(unknown)?;
    Ok(Json(room(&app, &requester, &days.period()?, "quality").await?))
}

/// Which table.
#[derive(Clone, Copy, Debug, Default, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum Table {
    /// A row a scanner, quantity, site and reference.
    #[default]
    Agreement,
    /// A row a scan of a phantom and region.
    Phantoms,
    /// A row a scanner, region and source.
    Precision,
    /// A row a scanner, check and month.
    Checks,
    /// A row a destination.
    Deliveries,
}

/// The days, and which table.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(default, deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct OfTable {
    /// First day, `YYYY-MM-DD`; without it a year before the newest scan.
    from: Option<String>,
    /// Last day; without it there is none.
    to: Option<String>,
    /// The table.
    table: Table,
}

/// A table of the quality room as CSV.
#[utoipa::path(get, path = "/api/v1/quality/csv", tag = "operations", params(OfTable),
    responses((status = 200, content_type = "text/csv", body = String),
        (status = 400, body = super::openapi::ProblemBody)))]
pub(super) async fn quality_csv(
    State(app): State<App>,
    requester: Requester,
    asked: Result<Parameters<OfTable>, QueryRejection>,
) -> Result<Response, Problem> {
    let Parameters(OfTable { from, to, table: which }) = asked.map_err(unknown)?;
    let period = Days { from, to }.period()?;
    let room = room(&app, &requester, &period, "quality.csv").await?;
    let room = serde_json::to_value(room).map_err(|_| Problem::from(Code::Internal))?;
    let columns = which.columns();
    let bytes = table(columns, &which.rows(room))?;
    let name = format!("attachment; filename=\"quality-{}.csv\"", which.name());
    Ok((
        [(header::CONTENT_TYPE, "text/csv; charset=utf-8"), (header::CONTENT_DISPOSITION, name.as_str())],
        bytes,
    )
        .into_response())
}

fn unknown(_: QueryRejection) -> Problem {
    Problem::new(Code::BadRequest, "a query parameter is not known or not valid")
}

/// The entries of a list, which is empty afterwards.
fn taken(list: &mut Value) -> impl Iterator<Item = Value> + use<> {
    let entries = match list.take() {
        Value::Array(entries) => entries,
        _ => Vec::new(),
    };
    entries.into_iter()
}

/// A column with where its value is in a row.
type Column = (&'static str, &'static str);

const SCANNER: [Column; 4] = [
    ("manufacturer", "/scanner/manufacturer"),
    ("model", "/scanner/model"),
    ("station", "/scanner/station"),
    ("serial", "/scanner/serial"),
];

impl Table {
    fn name(self) -> &'static str {
        match self {
            Self::Agreement => "agreement",
            Self::Phantoms => "phantoms",
            Self::Precision => "precision",
            Self::Checks => "checks",
            Self::Deliveries => "deliveries",
        }
    }

    fn columns(self) -> Vec<Column> {
        let own: &[Column] = match self {
            Self::Agreement => &[
                ("quantity", "/row/quantity"),
                ("site", "/row/site"),
                ("reference", "/row/reference"),
                ("unit", "/row/unit"),
                ("n", "/row/n"),
                ("bias", "/row/bias"),
                ("bias_low", "/row/bias_interval/0"),
                ("bias_high", "/row/bias_interval/1"),
                ("sd", "/row/sd"),
                ("limit_low", "/row/limits/0"),
                ("limit_low_low", "/row/lower_limit_interval/0"),
                ("limit_low_high", "/row/lower_limit_interval/1"),
                ("limit_high", "/row/limits/1"),
                ("limit_high_low", "/row/upper_limit_interval/0"),
                ("limit_high_high", "/row/upper_limit_interval/1"),
                ("rmse", "/row/rmse"),
                ("r", "/row/r"),
                ("within_0.1", "/row/within_tenth"),
            ],
            Self::Phantoms => &[
                ("phantom", "/row/phantom"),
                ("site", "/row/site"),
                ("laterality", "/row/laterality"),
                ("source", "/row/source"),
                ("baseline_scans", "/row/baseline_scans"),
                ("mean", "/row/mean"),
                ("sd", "/row/sd"),
                ("day", "/part/day"),
                ("study", "/part/study"),
                ("bmd_g_cm2", "/part/bmd_g_cm2"),
                ("deviation_percent", "/part/deviation_percent"),
                ("cusum_upper", "/part/cusum_upper"),
                ("cusum_lower", "/part/cusum_lower"),
                ("signals", "/part/signals"),
            ],
            Self::Precision => &[
                ("site", "/row/site"),
                ("laterality", "/row/laterality"),
                ("source", "/row/source"),
                ("n_subjects", "/row/subjects"),
                ("n_scans", "/row/scans"),
                ("df", "/row/df"),
                ("rms_sd", "/row/rms_sd"),
                ("rms_cv_percent", "/row/rms_cv_percent"),
                ("lsc", "/row/lsc"),
                ("lsc_percent", "/row/lsc_percent"),
                ("df_sufficient", "/row/df_sufficient"),
                ("rms_sd_upper95", "/row/rms_sd_upper95"),
                ("acceptable_lsc_percent", "/row/acceptable_lsc_percent"),
            ],
            Self::Checks => &[
                ("check", "/row/check"),
                ("month", "/part/month"),
                ("n", "/part/n"),
                ("failed", "/part/failed"),
                ("not_evaluable", "/part/not_evaluable"),
                ("share", "/part/share"),
                ("share_low", "/part/interval/0"),
                ("share_high", "/part/interval/1"),
            ],
            Self::Deliveries => &[
                ("destination", "/row/destination"),
                ("configured", "/row/configured"),
                ("waiting", "/row/waiting"),
                ("sent", "/row/sent"),
                ("dead", "/row/dead"),
                ("superseded", "/row/superseded"),
                ("oldest_waiting", "/row/oldest_waiting"),
            ],
        };
        let scanner: &[Column] = if matches!(self, Self::Deliveries) { &[] } else { &SCANNER };
        [scanner, own].concat()
    }

    /// The rows with the scanner, and the part of the row, that each is of.
    fn rows(self, mut room: Value) -> Vec<Value> {
        if matches!(self, Self::Deliveries) {
            return taken(&mut room["deliveries"]).map(|row| json!({ "row": row })).collect();
        }
        let mut rows = Vec::new();
        for mut scanner in taken(&mut room["scanners"]) {
            let of_scanner = taken(&mut scanner[self.name()]);
            // The names alone: each row would hold all charts of its scanner otherwise.
            let scanner: Map<String, Value> =
                SCANNER.iter().map(|(name, _)| ((*name).to_owned(), scanner[*name].clone())).collect();
            for mut row in of_scanner {
                let parts: Vec<Value> = match self {
                    Self::Phantoms => taken(&mut row["points"]).collect(),
                    Self::Checks => taken(&mut row["months"]).collect(),
                    _ => vec![Value::Null],
                };
                let of = |part| json!({ "scanner": scanner, "row": row, "part": part });
                rows.extend(parts.into_iter().map(of));
            }
        }
        rows
    }
}
