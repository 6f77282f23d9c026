//! What people say of a patient that DICOM does not know.

use dxa_exchange::context::{self, Dates, Facts, Together, Told};
use serde_json::Value;
use sqlx::Row as _;

use super::{Error, Store, now};

/// One entry; of each author the newest holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ContextEntry {
    /// Our own id of the patient.
    pub patient: String,
    /// A context file (docs/context.md), JSON.
    pub body: String,
    /// When its keys were so, where that is not when it was added.
    pub dates: Dates,
    /// Account.
    pub author: String,
    /// Unix milliseconds; set when it is added.
    pub created_at: i64,
}

/// Adds an entry of a patient that is known to be there.
///
/// # Errors
/// When the index does not answer.
pub async fn put_context(
    connection: &mut sqlx::AnyConnection,
    patient: &str,
    body: &str,
    dates: &Dates,
    author: &str,
) -> Result<(), Error> {
    sqlx::query(
        "INSERT INTO patient_context (patient, body, dates, author, created_at) VALUES ($1, $2, $3, $4, $5)",
    )
    .bind(patient)
    .bind(body)
    .bind(dates_text(dates))
    .bind(author)
    .bind(now())
    .execute(connection)
    .await?;
    Ok(())
}

/// Dates as a column holds them.
pub(super) fn dates_text(dates: &Dates) -> String {
    serde_json::json!(dates).to_string()
}

/// Dates of a column; none of what was told before there were any.
pub(super) fn dates(row: &sqlx::any::AnyRow) -> Result<Dates, sqlx::Error> {
    let text: Option<String> = row.try_get("dates")?;
    Ok(text.and_then(|text| serde_json::from_str(&text).ok()).unwrap_or_default())
}

/// What one source told of a patient last.
///
/// # Errors
/// When the index does not answer.
pub async fn newest_context(
    connection: &mut sqlx::AnyConnection,
    patient: &str,
    author: &str,
) -> Result<Facts, Error> {
    let row = sqlx::query(
        "SELECT body, dates, created_at FROM patient_context WHERE patient = $1 AND author = $2 \
         ORDER BY id DESC LIMIT 1",
    )
    .bind(patient)
    .bind(author)
    .fetch_optional(connection)
    .await?;
    let Some(row) = row else { return Ok(Facts::default()) };
    let body: String = row.try_get("body")?;
    let body = serde_json::from_str::<Value>(&body).ok().and_then(|body| body.as_object().cloned());
    Ok(Facts::of(&body.unwrap_or_default(), &dates(&row)?, Some(row.try_get("created_at")?)))
}

/// The hospital's number of a patient, and who gave it; empty where it is not known.
///
/// # Errors
/// [`Error::NotFound`] without the patient.
pub async fn number_of(
    connection: &mut sqlx::AnyConnection,
    patient: &str,
) -> Result<(String, String), Error> {
    let row = sqlx::query("SELECT patient_id, issuer FROM patients WHERE id = $1")
        .bind(patient)
        .fetch_optional(connection)
        .await?;
    let row = row.ok_or(Error::NotFound("patient"))?;
    let text = |name: &str| row.try_get::<Option<String>, _>(name).map(Option::unwrap_or_default);
    Ok((text("patient_id")?, text("issuer")?))
}

/// What all sources tell of a patient, from the entries of each.
#[must_use]
pub fn together(entries: &[ContextEntry]) -> Together {
    let told = |entry: &ContextEntry| {
        let facts = serde_json::from_str(&entry.body).ok()?;
        let dates = entry.dates.clone();
        Some(Told { source: entry.author.clone(), at: entry.created_at, facts, dates })
    };
    context::together(&entries.iter().filter_map(told).collect::<Vec<_>>())
}

impl Store {
    /// The hospital's number of a patient, and who gave it: [`number_of`] without a transaction.
    ///
    /// # Errors
    /// [`Error::NotFound`] without the patient.
    pub async fn patient_number(&self, patient: &str) -> Result<(String, String), Error> {
        let mut connection = self.database().read().acquire().await?;
        number_of(&mut connection, patient).await
    }

    /// All entries of a patient, oldest first.
    ///
    /// # Errors
    /// When the index does not answer.
    pub async fn contexts(&self, patient: &str) -> Result<Vec<ContextEntry>, Error> {
        let rows = sqlx::query("SELECT * FROM patient_context WHERE patient = $1 ORDER BY id")
            .bind(patient)
            .fetch_all(self.database().read())
            .await?;
        let read = |row: &sqlx::any::AnyRow| {
            Ok(ContextEntry {
                patient: row.try_get("patient")?,
                body: row.try_get("body")?,
                dates: dates(row)?,
                author: row.try_get("author")?,
                created_at: row.try_get("created_at")?,
            })
        };
        Ok(rows.iter().map(read).collect::<Result<_, sqlx::Error>>()?)
    }
}
