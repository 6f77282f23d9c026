//! What a worklist knows of the objects that a study will have.

use sqlx::{AnyConnection, Row as _};

use super::{Database, Error, now};

/// The objects that a study will have.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Expected {
    /// Study Instance UID.
    pub study: String,
    /// How many objects, where somebody knows.
    pub instances: Option<i64>,
    /// SOP Instance UIDs, where somebody knows.
    pub uids: Vec<String>,
    /// The account that says so.
    pub source: String,
}

/// Notes what is expected; the latest word counts.
///
/// # Errors
/// When the index does not answer.
pub async fn expect(connection: &mut AnyConnection, expected: &Expected) -> Result<(), Error> {
    sqlx::query(
        "INSERT INTO expected (study, instances, uids, source, created_at) VALUES ($1, $2, $3, $4, $5) \
         ON CONFLICT (study) DO UPDATE SET instances = excluded.instances, uids = excluded.uids, \
         source = excluded.source, created_at = excluded.created_at",
    )
    .bind(&expected.study)
    .bind(expected.instances)
    .bind(expected.uids.join("\\"))
    .bind(&expected.source)
    .bind(now())
    .execute(connection)
    .await?;
    Ok(())
}

/// Whether everything that is expected of a study is here; `None` when nothing is.
///
/// # Errors
/// When the index does not answer.
pub async fn is_met(database: &Database, study: &str) -> Result<Option<bool>, Error> {
    let row = sqlx::query("SELECT instances, uids FROM expected WHERE study = $1")
        .bind(study)
        .fetch_optional(database.read())
        .await?;
    let Some(row) = row else { return Ok(None) };
    let here = sqlx::query("SELECT uid FROM instances WHERE study = $1")
        .bind(study)
        .fetch_all(database.read())
        .await?;
    let here: Vec<String> = here.iter().map(|row| row.try_get("uid")).collect::<Result<_, _>>()?;
    let instances: Option<i64> = row.try_get("instances")?;
    let uids: Option<String> = row.try_get("uids")?;
    let enough = instances.is_none_or(|wanted| i64::try_from(here.len()).is_ok_and(|here| here >= wanted));
    let uids = uids.unwrap_or_default();
    let named = uids.split('\\').filter(|uid| !uid.is_empty()).all(|uid| here.iter().any(|here| here == uid));
    Ok(Some(enough && named))
}
