//! How the service does: what waits to be delivered, and what waits to be analyzed.

use std::collections::BTreeMap;

use sqlx::Row as _;

use super::room::{DestinationRow, Queue, SetAside, Work};
use crate::config::Deliver;
use crate::deliver::{self, SUPERSEDED};
use crate::store::{Error, Store, rfc3339};
use crate::work::queue::ANALYZE;

/// Results that times are taken of.
const LAST: i64 = 1000;

/// Studies set aside that are listed.
const LISTED: i64 = 50;

/// Every destination that is configured or was sent something.
pub(super) async fn deliveries(store: &Store, configured: &Deliver) -> Result<Vec<DestinationRow>, Error> {
    let mut all: BTreeMap<String, DestinationRow> = BTreeMap::new();
    let new = |name: &str| DestinationRow { destination: name.to_owned(), ..DestinationRow::default() };
    for name in deliver::destinations(configured) {
        all.insert(name.clone(), DestinationRow { configured: true, ..new(&name) });
    }
    let rows = sqlx::query(
        "SELECT destination, state, COUNT(*) AS many, MIN(created_at) AS oldest FROM deliveries \
         WHERE state <> 'dead' GROUP BY destination, state",
    )
    .fetch_all(store.database().read())
    .await?;
    let mut oldest: BTreeMap<String, i64> = BTreeMap::new();
    for row in rows {
        let (name, state): (String, String) = (row.try_get("destination")?, row.try_get("state")?);
        let (many, since): (i64, i64) = (row.try_get("many")?, row.try_get("oldest")?);
        let destination = all.entry(name.clone()).or_insert_with(|| new(&name));
        if state == "delivered" {
            destination.sent += many;
        } else {
            destination.waiting += many;
            let known = oldest.entry(name).or_insert(since);
            *known = since.min(*known);
        }
    }
    let rows = sqlx::query(
        "SELECT destination, CASE WHEN last_answer = $1 THEN 1 ELSE 0 END AS superseded, COUNT(*) AS many \
         FROM deliveries WHERE state = 'dead' GROUP BY 1, 2",
    )
    .bind(SUPERSEDED)
    .fetch_all(store.database().read())
    .await?;
    for row in rows {
        let name: String = row.try_get("destination")?;
        let (superseded, many): (i32, i64) = (row.try_get("superseded")?, row.try_get("many")?);
        let destination = all.entry(name.clone()).or_insert_with(|| new(&name));
        *(if superseded == 1 { &mut destination.superseded } else { &mut destination.dead }) += many;
    }
    for (name, since) in oldest {
        if let Some(destination) = all.get_mut(&name) {
            destination.oldest_waiting = Some(rfc3339(since));
        }
    }
    Ok(all.into_values().collect())
}

/// What waits, runs and was set aside, and how long results took.
pub(super) async fn queue(store: &Store) -> Result<Queue, Error> {
    let rows = sqlx::query(
        "SELECT kind, state, COUNT(*) AS many FROM jobs WHERE state IN ('queued', 'running', 'failed') \
         GROUP BY kind, state",
    )
    .fetch_all(store.database().read())
    .await?;
    let none = |kind: &str| Work { kind: kind.to_owned(), ..Work::default() };
    let mut work = BTreeMap::from([(ANALYZE.to_owned(), none(ANALYZE))]);
    for row in rows {
        let (kind, state): (String, String) = (row.try_get("kind")?, row.try_get("state")?);
        let of_kind = work.entry(kind.clone()).or_insert_with(|| none(&kind));
        let place = match state.as_str() {
            "queued" => &mut of_kind.waiting,
            "running" => &mut of_kind.running,
            _ => &mut of_kind.set_aside,
        };
        *place += row.try_get::<i64, _>("many")?;
    }
    let mut waited = store.waits_for_results(LAST).await?;
    waited.sort_unstable();
    let at = |share: f64| {
        let rank = (share * waited.len() as f64).ceil() as usize;
        waited.get(rank.max(1) - 1).map(|milliseconds| *milliseconds as f64 / 1000.0)
    };
    Ok(Queue {
        work: work.into_values().collect(),
        set_aside: set_aside(store).await?,
        results: waited.len(),
        median_seconds: at(0.5),
        p95_seconds: at(0.95),
        longest_seconds: at(1.0),
    })
}

async fn set_aside(store: &Store) -> Result<Vec<SetAside>, Error> {
    let rows = sqlx::query(
        "SELECT subject, failure, updated_at FROM jobs WHERE state = 'failed' AND kind = $1 \
         ORDER BY updated_at DESC LIMIT $2",
    )
    .bind(ANALYZE)
    .bind(LISTED)
    .fetch_all(store.database().read())
    .await?;
    let read = |row: &sqlx::any::AnyRow| {
        let reason: Option<String> = row.try_get("failure")?;
        Ok(SetAside {
            study: row.try_get("subject")?,
            reason: reason.unwrap_or_default(),
            since: rfc3339(row.try_get("updated_at")?),
        })
    };
    Ok(rows.iter().map(read).collect::<Result<_, sqlx::Error>>()?)
}
