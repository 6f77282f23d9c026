//! What people add to a study: corrections and signatures; and the documents made of a result.

use sqlx::Row as _;

use super::{Error, Store, hexadecimal, now};
use sha2::{Digest as _, Sha256};

/// A change by a user, applied when the study is analyzed again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Correction {
    /// Study Instance UID.
    pub study: String,
    /// The version that the user saw.
    pub base_version: i64,
    /// Part of the result it replaces, such as `scans/0/regions/L1`.
    pub target: String,
    /// That part, JSON.
    pub body: String,
    /// Account.
    pub author: String,
    /// Unix milliseconds; set when it is added.
    pub created_at: i64,
}

/// A signature.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signature {
    /// Study Instance UID.
    pub study: String,
    /// Version that was signed.
    pub version: i64,
    /// `sign` or `amend`.
    pub action: String,
    /// Account.
    pub author: String,
    /// Why, for an amendment.
    pub reason: Option<String>,
    /// Unix milliseconds; set when it is added.
    pub created_at: i64,
}

/// A document made of a version of a result, kept so that everybody gets the same bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Document {
    /// Study Instance UID.
    pub study: String,
    /// Version of the result.
    pub version: i64,
    /// `sr`, `sc`, `pdf`, `gsps`, `seg`, …
    pub kind: String,
    /// Which, where there are several of a kind.
    pub number: i64,
    /// `en` or `zh-CN`.
    pub language: String,
    /// Media type.
    pub media_type: String,
    /// SOP Class UID of a DICOM object.
    pub sop_class: Option<String>,
    /// SOP Instance UID of a DICOM object.
    pub uid: Option<String>,
    /// Its bytes.
    pub body: Vec<u8>,
}

/// Whether a version is a draft of a study that somebody signed before: a record keeps the report that a physician
/// stands behind, until it is amended.
///
/// # Errors
/// When the index does not answer.
pub async fn is_draft_after_signature(
    connection: &mut sqlx::AnyConnection,
    study: &str,
    version: i64,
) -> Result<bool, Error> {
    let found = sqlx::query(
        "SELECT 1 AS found FROM results WHERE study = $1 AND version = $2 AND state = 'preliminary' \
         AND EXISTS (SELECT 1 FROM signatures WHERE signatures.study = $1)",
    )
    .bind(study)
    .bind(version)
    .fetch_optional(connection)
    .await?;
    Ok(found.is_some())
}

impl Store {
    /// Adds a correction. The caller asks for a new analysis.
    ///
    /// # Errors
    /// When the index does not answer.
    pub async fn add_correction(&self, correction: &Correction) -> Result<(), Error> {
        sqlx::query(
            "INSERT INTO corrections (study, base_version, target, body, author, created_at) \
             VALUES ($1, $2, $3, $4, $5, $6)",
        )
        .bind(&correction.study)
        .bind(correction.base_version)
        .bind(&correction.target)
        .bind(&correction.body)
        .bind(&correction.author)
        .bind(now())
        .execute(self.database().write())
        .await?;
        Ok(())
    }

    /// Corrections of a study, oldest first; a later one of the same target takes the place of an earlier.
    ///
    /// # Errors
    /// When the index does not answer.
    pub async fn corrections(&self, study: &str) -> Result<Vec<Correction>, Error> {
        let rows = sqlx::query("SELECT * FROM corrections WHERE study = $1 ORDER BY id")
            .bind(study)
            .fetch_all(self.database().read())
            .await?;
        let read = |row: &sqlx::any::AnyRow| {
            Ok(Correction {
                study: row.try_get("study")?,
                base_version: row.try_get("base_version")?,
                target: row.try_get("target")?,
                body: row.try_get("body")?,
                author: row.try_get("author")?,
                created_at: row.try_get("created_at")?,
            })
        };
        Ok(rows.iter().map(read).collect::<Result<_, sqlx::Error>>()?)
    }

    /// Adds a signature.
    ///
    /// # Errors
    /// When the index does not answer.
    pub async fn add_signature(&self, signature: &Signature) -> Result<(), Error> {
        sqlx::query(
            "INSERT INTO signatures (study, version, action, author, reason, created_at) VALUES ($1, $2, $3, $4, $5, $6)",
        )
        .bind(&signature.study)
        .bind(signature.version)
        .bind(&signature.action)
        .bind(&signature.author)
        .bind(&signature.reason)
        .bind(now())
        .execute(self.database().write())
        .await?;
        Ok(())
    }

    /// Signatures of a study, oldest first.
    ///
    /// # Errors
    /// When the index does not answer.
    pub async fn signatures(&self, study: &str) -> Result<Vec<Signature>, Error> {
        let rows = sqlx::query("SELECT * FROM signatures WHERE study = $1 ORDER BY id")
            .bind(study)
            .fetch_all(self.database().read())
            .await?;
        let read = |row: &sqlx::any::AnyRow| {
            Ok(Signature {
                study: row.try_get("study")?,
                version: row.try_get("version")?,
                action: row.try_get("action")?,
                author: row.try_get("author")?,
                reason: row.try_get("reason")?,
                created_at: row.try_get("created_at")?,
            })
        };
        Ok(rows.iter().map(read).collect::<Result<_, sqlx::Error>>()?)
    }

    /// Keeps a document unless it is there; the first one stays.
    ///
    /// # Errors
    /// When the index does not answer.
    pub async fn add_document(&self, document: &Document) -> Result<(), Error> {
        let mut connection = self.database().write().acquire().await?;
        Self::put_document(&mut connection, document).await
    }

    /// The same inside a transaction.
    ///
    /// # Errors
    /// When the index does not answer.
    pub async fn put_document(
        connection: &mut sqlx::AnyConnection,
        document: &Document,
    ) -> Result<(), Error> {
        sqlx::query(
            "INSERT INTO documents (study, version, kind, number, language, media_type, sop_class, uid, sha256, body, \
             created_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) \
             ON CONFLICT (study, version, kind, number, language) DO NOTHING",
        )
        .bind(&document.study)
        .bind(document.version)
        .bind(&document.kind)
        .bind(document.number)
        .bind(&document.language)
        .bind(&document.media_type)
        .bind(&document.sop_class)
        .bind(&document.uid)
        .bind(hexadecimal(&Sha256::digest(&document.body)))
        .bind(document.body.clone())
        .bind(now())
        .execute(&mut *connection)
        .await?;
        if document.kind == "fhir" && document.number == 0 && document.language == "en" {
            super::fhir::put(connection, &document.study, document.version, &document.body).await?;
        }
        Ok(())
    }

    /// A document, if it was made before.
    ///
    /// # Errors
    /// [`Error::Damaged`] when its bytes are not those that were kept.
    pub async fn document(
        &self,
        study: &str,
        version: i64,
        kind: &str,
        number: i64,
        language: &str,
    ) -> Result<Option<Document>, Error> {
        let row = sqlx::query(
            "SELECT * FROM documents WHERE study = $1 AND version = $2 AND kind = $3 AND number = $4 AND language = $5",
        )
        .bind(study)
        .bind(version)
        .bind(kind)
        .bind(number)
        .bind(language)
        .fetch_optional(self.database().read())
        .await?;
        let Some(row) = row else { return Ok(None) };
        let body: Vec<u8> = row.try_get("body")?;
        if hexadecimal(&Sha256::digest(&body)) != row.try_get::<String, _>("sha256")? {
            return Err(Error::Damaged);
        }
        Ok(Some(Document {
            study: row.try_get("study")?,
            version: row.try_get("version")?,
            kind: row.try_get("kind")?,
            number: row.try_get("number")?,
            language: row.try_get("language")?,
            media_type: row.try_get("media_type")?,
            sop_class: row.try_get("sop_class")?,
            uid: row.try_get("uid")?,
            body,
        }))
    }

    /// The documents of a version that are `wanted` by kind and number.
    ///
    /// # Errors
    /// [`Error::Damaged`] when the bytes of one are not those that were kept.
    pub async fn documents(
        &self,
        study: &str,
        version: i64,
        wanted: impl Fn(&str, i64) -> bool + Send,
    ) -> Result<Vec<Document>, Error> {
        let rows =
            sqlx::query("SELECT kind, number, language FROM documents WHERE study = $1 AND version = $2")
                .bind(study)
                .bind(version)
                .fetch_all(self.database().read())
                .await?;
        let mut documents = Vec::new();
        for row in rows {
            let (kind, language): (String, String) = (row.try_get("kind")?, row.try_get("language")?);
            let number = row.try_get("number")?;
            if wanted(&kind, number) {
                documents.extend(self.document(study, version, &kind, number, &language).await?);
            }
        }
        Ok(documents)
    }
}
