//! `GET /fhir/{type}?…` and `POST /fhir/{type}/_search`.

use axum::extract::{Form, Path, Query as Parameters, State};
use axum::http::HeaderMap;
use axum::response::Response;
use serde_json::json;

use super::outcome::Outcome;
use super::parameters::{AFTER, Asked, Total, token};
use super::{allowed, answer, base, check_accepted, kind};
use crate::audit::Kind;
use crate::auth::Access;
use crate::http::app::App;
use crate::http::caller::Requester;
use crate::http::problem::Problem;
use crate::store::ResourceRow;

type Pairs = Vec<(String, String)>;

/// Search with the parameters in the address.
pub(super) async fn by_query(
    State(app): State<App>,
    requester: Result<Requester, Problem>,
    headers: HeaderMap,
    Path(name): Path<String>,
    Parameters(pairs): Parameters<Pairs>,
) -> Result<Response, Outcome> {
    search(&app, requester, &headers, &name, pairs).await
}

/// Search with the parameters in the body, where no proxy writes them into a log.
pub(super) async fn by_form(
    State(app): State<App>,
    requester: Result<Requester, Problem>,
    headers: HeaderMap,
    Path(name): Path<String>,
    Form(pairs): Form<Pairs>,
) -> Result<Response, Outcome> {
    search(&app, requester, &headers, &name, pairs).await
}

async fn search(
    app: &App,
    requester: Result<Requester, Problem>,
    headers: &HeaderMap,
    name: &str,
    pairs: Pairs,
) -> Result<Response, Outcome> {
    let kind = kind(name)?;
    let requester = allowed(requester, Access::Search, kind)?;
    let asked = Asked::of(kind, &pairs)?;
    check_accepted(headers, asked.format.as_deref())?;
    app.record(requester.event(Kind::Query).detail(kind)).await?;
    let base = base(app, headers);
    let total = match asked.total {
        Total::NotAsked => None,
        Total::Wanted | Total::Only => Some(app.store().count_resources(&asked.search).await?),
    };
    let mut link = vec![json!({ "relation": "self", "url": address(&base, kind, &pairs, None) })];
    let rows = if asked.total == Total::Only {
        Vec::new()
    } else {
        let page = app.store().resources(&asked.search).await?;
        if let Some(last) = page.rows.last().filter(|_| page.more) {
            let next = token(&last.place());
            link.push(json!({ "relation": "next", "url": address(&base, kind, &pairs, Some(next)) }));
        }
        page.rows
    };
    Ok(answer(bundle(&base, total, &link, &rows)))
}

/// A Bundle around resources as they are kept: they are not read and written again.
pub(super) fn bundle(
    base: &str,
    total: Option<i64>,
    link: &[serde_json::Value],
    rows: &[ResourceRow],
) -> String {
    let entries: Vec<String> = rows
        .iter()
        .map(|row| {
            let url = json!(format!("{base}/{}/{}", row.kind, row.id));
            format!("{{\"fullUrl\":{url},\"resource\":{},\"search\":{{\"mode\":\"match\"}}}}", row.body)
        })
        .collect();
    let total = total.map(|total| format!("\"total\":{total},")).unwrap_or_default();
    let entry =
        if entries.is_empty() { String::new() } else { format!(",\"entry\":[{}]", entries.join(",")) };
    let link = serde_json::Value::from(link);
    format!("{{\"resourceType\":\"Bundle\",\"type\":\"searchset\",{total}\"link\":{link}{entry}}}")
}

fn address(base: &str, kind: &str, pairs: &Pairs, after: Option<String>) -> String {
    let mut pairs: Vec<(&str, String)> = pairs
        .iter()
        .filter(|(name, _)| after.is_none() || name != AFTER)
        .map(|(name, value)| (name.as_str(), value.clone()))
        .collect();
    pairs.extend(after.map(|after| (AFTER, after)));
    let query = serde_urlencoded::to_string(&pairs).unwrap_or_default();
    if query.is_empty() { format!("{base}/{kind}") } else { format!("{base}/{kind}?{query}") }
}
