//! What there is beside the result of a study, asked at once: most studies have none of it.

use sqlx::Row as _;

use super::{Error, Store, StudyRow};

/// Which lists of a study, or of its patient, have entries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Beside {
    /// Signatures of the study.
    pub signatures: bool,
    /// Corrections of it.
    pub corrections: bool,
    /// Comments on it.
    pub comments: bool,
    /// Readings of second physicians.
    pub readings: bool,
    /// Documents of a kind of its newest version.
    pub documents: bool,
    /// What was told of the patient.
    pub contexts: bool,
    /// Other studies of the patient.
    pub visits: bool,
}

impl Store {
    /// What there is beside the newest result of a study, and whether that has a document of a kind.
    ///
    /// # Errors
    /// When the index does not answer.
    pub async fn beside(&self, study: &StudyRow, kind: &str) -> Result<Beside, Error> {
        let row = sqlx::query(
            "SELECT (SELECT COUNT(*) FROM signatures WHERE study = $1) AS signatures, \
             (SELECT COUNT(*) FROM corrections WHERE study = $1) AS corrections, \
             (SELECT COUNT(*) FROM comments WHERE study = $1) AS comments, \
             (SELECT COUNT(*) FROM readings WHERE study = $1) AS readings, \
             (SELECT COUNT(*) FROM documents WHERE study = $1 AND version = $2 AND kind = $3) AS documents, \
             (SELECT COUNT(*) FROM patient_context WHERE patient = $4) AS contexts, \
             (SELECT COUNT(*) FROM studies WHERE patient = $4 AND uid <> $1) AS visits",
        )
        .bind(&study.uid)
        .bind(study.version)
        .bind(kind)
        .bind(&study.patient)
        .fetch_one(self.database().read())
        .await?;
        let there = |name: &str| Ok::<_, sqlx::Error>(row.try_get::<i64, _>(name)? > 0);
        Ok(Beside {
            signatures: there("signatures")?,
            corrections: there("corrections")?,
            comments: there("comments")?,
            readings: there("readings")?,
            documents: there("documents")?,
            contexts: there("contexts")?,
            visits: there("visits")?,
        })
    }
}
