//! What the service keeps: received objects in segments, and an index of everything in a database.

mod beside;
mod conditions;
mod context;
mod copies;
mod database;
mod early;
mod expected;
mod facts;
mod fhir;
mod index;
mod keep;
mod keeper;
mod marks;
mod messages;
mod opinions;
mod quality;
mod reported;
mod reports;
mod results;
mod schema;
mod script;
mod segment;

pub use beside::Beside;
pub use context::{ContextEntry, newest_context, number_of, put_context, together};
pub use copies::{Checked, Copied, backup, restore};
pub use database::{Database, Engine};
pub use early::Early;
pub use expected::{Expected, ExpectedRow, expect, is_met, ordered_study};
pub use facts::{Facts, dicom_json, is_uid};
pub use fhir::{Between, ResourceRow, RowPlace, Search, Wanted};
pub use index::{InstanceRow, Level, Matches, Query, SeriesRow, StudyRow};
pub use keep::{Identity, Incoming, Kept};
pub use messages::{
    MessageRow, MessageState, WaitingMessage, add_message, forget_facts, put_order, settle_message, wait_for,
};
pub use opinions::{Comment, GivenReading, is_independent};
pub use quality::{CountedScan, Numbers, PhantomScan, QUANTITIES, RegionFacts, ScanFacts, Scanner};
pub use reported::{
    NamedStudy, ReportedRow, add_reported, forget_reported, give_reported, named_study, waiting_reported,
};
pub use reports::{Correction, Document, Signature, is_draft_after_signature};
pub use results::{NewResult, ResultRow, ResultState, Standing};
pub(crate) use script::Script;
pub use segment::Place;

use std::fs::File;
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{SystemTime, UNIX_EPOCH};

use nix::fcntl::Flock;

use crate::config::Config;

/// Why the store could not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The disk is at its reserve, or the bucket does not take more. Nothing was kept; try again later.
    #[error("the store takes nothing more for now: {0}")]
    Full(String),
    /// What came is no object that could be kept. Nothing was kept; sending it again will not help.
    #[error("the object is refused: {0}")]
    Refused(Refusal),
    /// Not there.
    #[error("there is no such {0}")]
    NotFound(&'static str),
    /// Somebody else was faster: the version asked to be changed is not the newest.
    #[error("version {asked} is not the newest, {newest} is")]
    Stale {
        /// What the caller had seen.
        asked: i64,
        /// What there is.
        newest: i64,
    },
    /// What lies on the disk is not what was written there.
    #[error("the stored object is damaged and was set aside")]
    Damaged,
    /// Written by a newer version of the program.
    #[error(
        "the store has version {found} and this program knows versions up to {known}; use the newer program"
    )]
    Newer {
        /// Version of the tables.
        found: usize,
        /// Newest version known.
        known: usize,
    },
    /// Another process holds the store.
    #[error("another process uses this store")]
    Busy,
    /// The service is stopping.
    #[error("the service is stopping")]
    Closing,
    /// The database.
    #[error("the index does not answer: {0}")]
    Database(#[from] sqlx::Error),
    /// The disk.
    #[error("the disk does not do what it is asked: {0}")]
    Io(#[from] std::io::Error),
    /// The bucket.
    #[error("the bucket does not do what it is asked: {0}")]
    Bucket(#[from] object_store::Error),
}

/// Why an object cannot be kept. The sentences name tags and sizes, never values.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// The guard did not let it through.
    #[error("{0}")]
    Rejected(#[from] dxa_core::guard::Rejection),
    /// It lacks an identifier, or has one that is not valid.
    #[error("{0} is missing or not valid")]
    Identity(&'static str),
    /// What the sender said of it is not what it says of itself.
    #[error("{0} of the data set is not what the sender announced")]
    Contradiction(&'static str),
}

/// The store. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Store {
    database: Database,
    objects: Arc<segment::Objects>,
    keeper: keeper::Keeper,
    /// Held by this process alone, where the index is a file.
    held: Arc<Mutex<Option<Flock<File>>>>,
    /// Results of before the start are being counted.
    counting: Arc<AtomicBool>,
}

impl Store {
    /// Opens the store, makes it where there is none, and takes into the index what a crash left out of it.
    ///
    /// # Errors
    /// A database or folder that cannot be used, or one of a newer program.
    pub async fn open(config: &Config) -> Result<Self, Error> {
        let database = Database::open(&config.store.database_url()).await?;
        let held = Arc::new(Mutex::new(copies::hold(&database, &config.store.data)?));
        let objects = Arc::new(segment::Objects::open(&config.store)?);
        keeper::recover(&database, &objects).await?;
        let keeper = keeper::Keeper::start(database.clone(), Arc::clone(&objects));
        Ok(Self { database, objects, keeper, held, counting: Arc::default() })
    }

    /// The index, for the modules that have tables of their own (accounts, audit, deliveries, …).
    #[must_use]
    pub fn database(&self) -> &Database {
        &self.database
    }

    /// Keeps one object. When this returns, the object is durable and in the index.
    ///
    /// # Errors
    /// [`Error::Refused`] for what is no object, [`Error::Full`] and the rest for what may work later.
    pub async fn keep(&self, incoming: Incoming) -> Result<Kept, Error> {
        self.keep_early(incoming, self.early()).await
    }

    /// Begins with an object that is going to come in piece by piece.
    #[must_use]
    pub fn early(&self) -> Early {
        Early::new(self.database.clone(), Arc::clone(&self.objects))
    }

    /// [`Self::keep`], of which `early` has done a part.
    ///
    /// # Errors
    /// As [`Self::keep`].
    pub async fn keep_early(&self, incoming: Incoming, early: Early) -> Result<Kept, Error> {
        let little_is_left = early.is_far();
        let prepare = move || {
            let begun = early.finish(&incoming.bytes);
            keep::prepare(incoming, begun)
        };
        // A thread is woken only where it has something to do.
        let prepared = if little_is_left {
            prepare()
        } else {
            tokio::task::spawn_blocking(prepare).await.map_err(|_| Error::Closing)?
        };
        self.keeper.keep(prepared.map_err(Error::Refused)?).await
    }

    /// The bytes of an instance as they came (a DICOM file), checked against their digest.
    ///
    /// # Errors
    /// [`Error::NotFound`]; [`Error::Damaged`] when the bytes are not those that came: the instance is then
    /// marked and no longer used.
    pub async fn read(&self, instance: &InstanceRow) -> Result<Vec<u8>, Error> {
        let place = instance.place.clone();
        let objects = Arc::clone(&self.objects);
        let digest = instance.digest.clone();
        let read = objects.read(&place).await;
        let checked = match read {
            Ok(bytes) => tokio::task::spawn_blocking(move || keep::check(bytes, &digest))
                .await
                .map_err(|_| Error::Closing)?,
            Err(error) => Err(error),
        };
        if matches!(checked, Err(Error::Damaged)) {
            sqlx::query("UPDATE instances SET damaged = 1 WHERE uid = $1")
                .bind(&instance.uid)
                .execute(self.database.write())
                .await?;
            tracing::error!(instance = %instance.uid, "a stored object is damaged");
        }
        checked
    }

    /// Whether objects can be taken now: there is space, and the last write did not fail.
    #[must_use]
    pub fn is_ready(&self) -> bool {
        self.objects.has_space()
    }

    /// Finishes what was begun and closes the store.
    pub async fn close(&self) {
        self.keeper.close().await;
        self.database.close().await;
        self.held.lock().unwrap_or_else(PoisonError::into_inner).take();
    }
}

/// Now, Unix milliseconds.
#[must_use]
pub fn now() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
}

/// A time of the index as answers have it, RFC 3339.
pub(crate) fn rfc3339(milliseconds: i64) -> String {
    jiff::Timestamp::from_millisecond(milliseconds).unwrap_or_default().to_string()
}

/// A new opaque identifier: 128 random bits in hexadecimal.
///
/// # Errors
/// When the system has no random numbers.
pub fn opaque_id() -> Result<String, Error> {
    let mut bytes = [0u8; 16];
    getrandom::fill(&mut bytes).map_err(|error| Error::Io(std::io::Error::other(error.to_string())))?;
    Ok(hexadecimal(&bytes))
}

/// Lower-case hexadecimal.
pub(crate) fn hexadecimal(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes.iter().fold(String::with_capacity(2 * bytes.len()), |mut text, byte| {
        // Writing to a String cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}
