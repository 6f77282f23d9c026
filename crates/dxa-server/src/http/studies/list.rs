//! `GET /api/v1/studies`: what there is, newest first.

use std::collections::HashMap;

use axum::Json;
use axum::extract::{Query as Parameters, State};
use axum::http::HeaderMap;
use dxa_exchange::view::URGENT;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use sqlx::Row;
use utoipa::{IntoParams, ToSchema};

use crate::audit::Kind;
use crate::http::app::App;
use crate::http::caller::Requester;
use crate::http::problem::{Code, Problem};
use crate::store::{Error, Query, StudyRow, is_uid};

/// Filters and the page.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(default, deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(in crate::http) struct Filters {
    /// Our own id of the patient.
    pub(in crate::http) patient: Option<String>,
    /// The hospital's Patient ID; `*` and `?` stand for anything.
    pub(in crate::http) patient_id: Option<String>,
    /// Patient's Name, the same way, without case.
    pub(in crate::http) name: Option<String>,
    /// First day of the study, `YYYY-MM-DD`.
    pub(in crate::http) from: Option<String>,
    /// Last day of the study.
    pub(in crate::http) to: Option<String>,
    /// Accession Number.
    pub(in crate::http) accession: Option<String>,
    /// A modality of the study.
    pub(in crate::http) modality: Option<String>,
    /// `receiving`, `analyzing`, `analyzed` or `failed`.
    pub(in crate::http) state: Option<String>,
    /// State of the newest report: `preliminary`, `final` or `amended`.
    pub(in crate::http) report: Option<String>,
    /// What makes it urgent: `very_high_risk`, `new_fracture`, `suspected_fracture`, `to_confirm`, `quality_problem`
    /// or `any` of these.
    pub(in crate::http) urgent: Option<String>,
    /// Rows, 50 unless said, 500 at most.
    #[param(minimum = 1, maximum = 500)]
    pub(in crate::http) limit: Option<u32>,
    /// Rows before the page.
    #[param(maximum = 100_000_000)]
    pub(in crate::http) offset: Option<u32>,
}

/// A page of studies.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::http) struct Studies {
    studies: Vec<Listed>,
    /// Offset of the next page; null on the last.
    next: Option<u32>,
}

/// A study of the list.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::http) struct Listed {
    pub(in crate::http) instance_uid: String,
    pub(in crate::http) date: Option<String>,
    pub(in crate::http) accession_number: Option<String>,
    pub(in crate::http) description: Option<String>,
    pub(in crate::http) modalities: Vec<String>,
    pub(in crate::http) series: i64,
    pub(in crate::http) instances: i64,
    pub(in crate::http) patient: Person,
    /// `receiving`, `analyzing`, `analyzed` or `failed`.
    pub(in crate::http) state: String,
    /// Why it was set aside.
    pub(in crate::http) failure: Option<String>,
    /// When the last object came, RFC 3339.
    pub(in crate::http) received_at: String,
    pub(in crate::http) result: Option<Newest>,
}

/// Whose study it is.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::http) struct Person {
    /// Our own opaque id.
    pub(in crate::http) id: String,
    /// The hospital's.
    pub(in crate::http) patient_id: Option<String>,
    pub(in crate::http) name: Option<String>,
    pub(in crate::http) birth_date: Option<String>,
    pub(in crate::http) sex: Option<String>,
}

/// The newest result of a study.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::http) struct Newest {
    pub(in crate::http) version: i64,
    /// `preliminary`, `final` or `amended`.
    pub(in crate::http) status: String,
    /// What was found, in short.
    #[schema(value_type = Option<Object>)]
    pub(in crate::http) summary: Option<Value>,
}

/// Lists studies.
///
/// Newest first, and with `urgent=any` the gravest before that. Whoever may not see identities gets none, and cannot search by them.
#[utoipa::path(get, path = "/api/v1/studies", tag = "studies", params(Filters),
    responses((status = 200, body = Studies), (status = 400, body = crate::http::openapi::ProblemBody)))]
pub(in crate::http) async fn list_studies(
    State(app): State<App>,
    requester: Requester,
    parameters: Result<Parameters<Filters>, axum::extract::rejection::QueryRejection>,
) -> Result<Json<Studies>, Problem> {
    let Parameters(filters) = parameters
        .map_err(|_| Problem::new(Code::BadRequest, "a query parameter is not known or not valid"))?;
    let anonymous = requester.sees_no_identity();
    let named = [&filters.patient, &filters.patient_id, &filters.name, &filters.accession];
    if anonymous && named.iter().any(|filter| filter.is_some()) {
        return Err(Problem::new(Code::Forbidden, "this account cannot search by identity"));
    }
    let query = filters.query()?;
    app.record(requester.event(Kind::Query)).await?;
    let (offset, limit) = (filters.offset.unwrap_or(0), query.limit);
    let mut page = listed(&app, &query).await?;
    if anonymous {
        page.0.iter_mut().for_each(Listed::remove_identity);
    }
    let next = page.1.then(|| offset.saturating_add(u32::try_from(limit).unwrap_or(u32::MAX)));
    Ok(Json(Studies { studies: page.0, next }))
}

/// The rows of a query, and whether there are more.
pub(in crate::http) async fn listed(app: &App, query: &Query) -> Result<(Vec<Listed>, bool), Problem> {
    let found = app.store().studies(query).await?;
    let mut results = newest(app, &found.rows).await?;
    let rows = found.rows.into_iter().map(|row| {
        let result = results.remove(&row.uid);
        Listed::of(row, result)
    });
    Ok((rows.collect(), found.more))
}

impl Filters {
    /// The conditions.
    ///
    /// # Errors
    /// 400 for a word or a day that is not known.
    pub(in crate::http) fn query(&self) -> Result<Query, Problem> {
        let known = |given: &Option<String>, words: &[&str]| {
            let is_known = given.as_deref().is_none_or(|word| words.contains(&word));
            is_known.then_some(()).ok_or_else(|| Problem::new(Code::BadRequest, "a state is not known"))
        };
        known(&self.state, &["receiving", "analyzing", "analyzed", "failed"])?;
        known(&self.report, &["preliminary", "final", "amended"])?;
        known(&self.urgent, &[&["any"], &URGENT[..]].concat())?;
        let (from, to) = (day(self.from.as_deref())?, day(self.to.as_deref())?);
        let dates = (from.is_some() || to.is_some())
            .then(|| format!("{}-{}", from.unwrap_or_default(), to.unwrap_or_default()));
        let limit = self.limit.unwrap_or(50);
        if !(1..=500).contains(&limit) {
            return Err(Problem::new(Code::BadRequest, "the limit is between 1 and 500"));
        }
        Ok(Query {
            patient: self.patient.clone(),
            patient_id: self.patient_id.clone(),
            patient_name: self.name.clone(),
            study_date: dates,
            accession_number: self.accession.clone(),
            modality: self.modality.clone(),
            state: self.state.clone(),
            report: self.report.clone(),
            urgent: self.urgent.clone(),
            limit: limit.into(),
            offset: self.offset.unwrap_or(0).into(),
            ..Query::default()
        })
    }
}

/// `YYYY-MM-DD` as DICOM writes it.
fn day(text: Option<&str>) -> Result<Option<String>, Problem> {
    let Some(text) = text else { return Ok(None) };
    let day: Result<jiff::civil::Date, _> = text.parse();
    let day = day.map_err(|_| Problem::new(Code::BadRequest, "a day is written YYYY-MM-DD"))?;
    Ok(Some(day.strftime("%Y%m%d").to_string()))
}

impl Listed {
    fn of(row: StudyRow, result: Option<Newest>) -> Self {
        let tags: Map<String, Value> = serde_json::from_str(&row.tags).unwrap_or_default();
        let text = |key: &str| tags.get(key)?.pointer("/Value/0")?.as_str().map(str::to_owned);
        let group = |group: &str| {
            let name = tags.get("00100010")?.pointer(&format!("/Value/0/{group}"))?;
            name.as_str().map(str::to_owned)
        };
        let received =
            jiff::Timestamp::from_millisecond(row.arrived_at).unwrap_or(jiff::Timestamp::UNIX_EPOCH);
        Self {
            instance_uid: row.uid,
            date: row.study_date.as_deref().and_then(written_day),
            accession_number: row.accession_number,
            description: row.description,
            modalities: row.modalities.split('\\').filter(|m| !m.is_empty()).map(str::to_owned).collect(),
            series: row.series,
            instances: row.instances,
            patient: Person {
                id: row.patient,
                patient_id: text("00100020"),
                name: group("Ideographic").or_else(|| group("Alphabetic")),
                birth_date: text("00100030").as_deref().and_then(written_day),
                sex: text("00100040"),
            },
            state: row.state,
            failure: row.failure,
            received_at: received.to_string(),
            result,
        }
    }

    fn remove_identity(&mut self) {
        self.accession_number = None;
        self.description = None;
        self.date = self.date.as_deref().and_then(|date| date.get(..4)).map(str::to_owned);
        self.received_at = String::new();
        self.patient.id = String::new();
        self.patient.patient_id = None;
        self.patient.name = None;
        self.patient.birth_date = None;
    }
}

/// `YYYYMMDD` as people write it; nothing when it is no day.
fn written_day(day: &str) -> Option<String> {
    let is_day = day.len() == 8 && day.bytes().all(|byte| byte.is_ascii_digit());
    is_day.then(|| format!("{}-{}-{}", &day[..4], &day[4..6], &day[6..]))
}

/// The newest results of studies, by UID.
async fn newest(app: &App, studies: &[StudyRow]) -> Result<HashMap<String, Newest>, Problem> {
    let with: Vec<&StudyRow> = studies.iter().filter(|study| study.version > 0).collect();
    if with.is_empty() {
        return Ok(HashMap::new());
    }
    let holders: Vec<String> = (1..=with.len()).map(|index| format!("${index}")).collect();
    let text = format!(
        "SELECT results.study AS study, results.version AS version, results.state AS state, \
         results.summary AS summary FROM results JOIN studies ON studies.uid = results.study \
         AND studies.version = results.version WHERE results.study IN ({})",
        holders.join(", ")
    );
    let mut select = sqlx::query(sqlx::AssertSqlSafe(text));
    for study in with {
        select = select.bind(study.uid.clone());
    }
    let rows = select.fetch_all(app.store().database().read()).await.map_err(Error::from)?;
    let read = |row: &sqlx::any::AnyRow| {
        let summary: Option<String> = row.try_get("summary")?;
        let newest = Newest {
            version: row.try_get("version")?,
            status: row.try_get("state")?,
            summary: summary.and_then(|summary| serde_json::from_str(&summary).ok()),
        };
        Ok::<_, sqlx::Error>((row.try_get("study")?, newest))
    };
    Ok(rows.iter().map(read).collect::<Result<_, _>>().map_err(Error::from)?)
}

/// The study that a path names.
///
/// # Errors
/// 400 for what is no UID, 404 when there is none.
pub(super) async fn study(app: &App, uid: &str) -> Result<StudyRow, Problem> {
    if !is_uid(uid) {
        return Err(Problem::new(Code::BadRequest, "the path names no valid Study Instance UID"));
    }
    Ok(app.store().study(uid).await?)
}

/// The study that a change is about, as the client has seen it.
pub(super) async fn study_to_change(app: &App, uid: &str, headers: &HeaderMap) -> Result<StudyRow, Problem> {
    let study = study(app, uid).await?;
    super::entity::check(headers, &study)?;
    Ok(study)
}
