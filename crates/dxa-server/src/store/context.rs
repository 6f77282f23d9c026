//! What people say of a patient that DICOM does not know.

use sqlx::Row as _;

use super::{Error, Store, now};

/// One entry; the newest holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ContextEntry {
    /// Our own id of the patient.
    pub patient: String,
    /// A context file (docs/context.md), JSON.
    pub body: String,
    /// Account.
    pub author: String,
    /// Unix milliseconds; set when it is added.
    pub created_at: i64,
}

impl Store {
    /// Adds an entry. The caller asks for new analyses of the patient's studies.
    ///
    /// # Errors
    /// [`Error::NotFound`] without the patient.
    pub async fn add_context(&self, entry: &ContextEntry) -> Result<(), Error> {
        let known = sqlx::query("SELECT id FROM patients WHERE id = $1")
            .bind(&entry.patient)
            .fetch_optional(self.database().read())
            .await?;
        known.ok_or(Error::NotFound("patient"))?;
        sqlx::query(
            "INSERT INTO patient_context (patient, body, author, created_at) VALUES ($1, $2, $3, $4)",
        )
        .bind(&entry.patient)
        .bind(&entry.body)
        .bind(&entry.author)
        .bind(now())
        .execute(self.database().write())
        .await?;
        Ok(())
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
                author: row.try_get("author")?,
                created_at: row.try_get("created_at")?,
            })
        };
        Ok(rows.iter().map(read).collect::<Result<_, sqlx::Error>>()?)
    }
}
