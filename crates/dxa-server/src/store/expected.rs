//! What worklists and orders know of the objects that a study will have.

use dxa_exchange::hl7::Order;
use sqlx::any::AnyRow;
use sqlx::{AnyConnection, Row as _};

use super::{Database, Error, Store, now};

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

/// A study that is ordered or announced, and of which nothing is here.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ExpectedRow {
    /// Study Instance UID, where it is known.
    pub study: Option<String>,
    /// Accession number, where it is known.
    pub accession: Option<String>,
    /// Code of what is ordered.
    pub procedure: Option<String>,
    /// When it is to be, as the order has it.
    pub scheduled: Option<String>,
    /// How many objects it will have, where somebody knows.
    pub instances: Option<i64>,
    /// Who says so: an account, or the sender of an order.
    pub source: String,
    /// Unix milliseconds.
    pub updated_at: i64,
}

/// Whether everything that is expected of a study is here; `None` when nothing is.
///
/// What a worklist says of a study counts before what was ordered.
///
/// # Errors
/// When the index does not answer.
pub async fn is_met(database: &Database, study: &str) -> Result<Option<bool>, Error> {
    let row = sqlx::query("SELECT instances, uids FROM expected WHERE study = $1")
        .bind(study)
        .fetch_optional(database.read())
        .await?;
    let Some(row) = row else { return is_order_met(database, study).await };
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

/// Whether as many objects are here as the orders of a study are known to make; `None` where no order is known to make
/// any. An order of another patient number says nothing.
async fn is_order_met(database: &Database, study: &str) -> Result<Option<bool>, Error> {
    let row = sqlx::query(
        "SELECT CAST(SUM(orders.instances) AS BIGINT) AS wanted, \
         (SELECT COUNT(*) FROM instances WHERE instances.study = $1) AS here \
         FROM studies JOIN patients ON patients.id = studies.patient \
         JOIN orders ON orders.study = studies.uid OR (orders.study = '' AND orders.accession_number <> '' \
             AND orders.accession_number = studies.accession_number) \
         JOIN order_numbers AS told ON told.sender = orders.sender AND told.placer = orders.placer \
             AND told.accession_number = orders.accession_number AND told.patient_id = patients.patient_id \
         WHERE studies.uid = $1 AND orders.state <> 'CA'",
    )
    .bind(study)
    .fetch_one(database.read())
    .await?;
    let wanted: Option<i64> = row.try_get("wanted")?;
    let here: i64 = row.try_get("here")?;
    Ok(wanted.map(|wanted| here >= wanted))
}

/// The studies that are here of the orders that a sender names so.
///
/// # Errors
/// When the index does not answer.
pub async fn ordered_study(database: &Database, sender: &str, order: &Order) -> Result<Vec<String>, Error> {
    let rows = sqlx::query(
        "SELECT DISTINCT studies.uid AS uid FROM studies JOIN orders ON orders.study = studies.uid \
         OR (orders.study = '' AND orders.accession_number <> '' \
             AND orders.accession_number = studies.accession_number) \
         WHERE orders.sender = $1 AND ($2 = '' OR orders.placer = $2) \
         AND ($3 = '' OR orders.accession_number = $3)",
    )
    .bind(sender)
    .bind(&order.placer.value)
    .bind(&order.accession)
    .fetch_all(database.read())
    .await?;
    Ok(rows.iter().map(|row| row.try_get("uid")).collect::<Result<_, _>>()?)
}

impl Store {
    /// What is ordered or announced and not here, the latest word first.
    ///
    /// # Errors
    /// When the index does not answer.
    pub async fn expected(&self, limit: i64) -> Result<Vec<ExpectedRow>, Error> {
        let rows = sqlx::query(
            "SELECT study, accession_number, procedure, scheduled, instances, source, updated_at FROM ( \
             SELECT study, accession_number, procedure, scheduled, instances, sender AS source, updated_at \
             FROM orders WHERE state <> 'CA' \
             AND NOT EXISTS (SELECT 1 FROM studies WHERE studies.uid = orders.study) \
             AND (orders.study <> '' OR NOT EXISTS (SELECT 1 FROM studies \
                  WHERE studies.accession_number = orders.accession_number)) \
             UNION ALL \
             SELECT study, '' AS accession_number, NULL AS procedure, NULL AS scheduled, instances, source, \
             created_at AS updated_at FROM expected \
             WHERE NOT EXISTS (SELECT 1 FROM studies WHERE studies.uid = expected.study)) AS waiting \
             ORDER BY updated_at DESC, study, accession_number LIMIT $1",
        )
        .bind(limit)
        .fetch_all(self.database().read())
        .await?;
        let read = |row: &AnyRow| {
            let text = |name: &str| {
                let text: Option<String> = row.try_get(name)?;
                Ok::<_, sqlx::Error>(text.filter(|text| !text.is_empty()))
            };
            Ok(ExpectedRow {
                study: text("study")?,
                accession: text("accession_number")?,
                procedure: text("procedure")?,
                scheduled: text("scheduled")?,
                instances: row.try_get("instances")?,
                source: row.try_get("source")?,
                updated_at: row.try_get("updated_at")?,
            })
        };
        Ok(rows.iter().map(read).collect::<Result<_, sqlx::Error>>()?)
    }
}
