//! Where received bytes lie: records in append-only segments, in a folder or in a bucket.

mod aligned;
mod bucket;
mod folder;
mod open;
mod record;
mod spares;

pub(super) use open::Lease;
pub(super) use record::{Kind, Record};

use object_store::path::Path as Key;

use super::Error;
use crate::config;

/// Where the bytes of one object lie.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// Name of the segment.
    pub segment: String,
    /// First byte of the object in it.
    pub position: i64,
    /// Bytes.
    pub length: i64,
    /// CRC-32 of the bytes.
    pub crc: i64,
}

/// What a batch of records became.
#[derive(Debug, Default)]
pub(super) struct Written {
    /// One place a record, in their order.
    pub(super) places: Vec<Place>,
    /// Segments written to, and the end of the last record in each.
    pub(super) ends: Vec<(String, i64)>,
    /// Segments that take no more records.
    pub(super) sealed: Vec<String>,
}

impl Written {
    /// These segments take no more records.
    fn seal(&mut self, segments: &[std::sync::Arc<open::Open>]) {
        for segment in segments {
            segment.seal();
            self.ends.push((segment.name.clone(), segment.known_to()));
            self.sealed.push(segment.name.clone());
        }
    }
}

/// All segments.
#[derive(Debug)]
pub(super) enum Objects {
    /// Files.
    Folder(std::sync::Arc<folder::Folder>),
    /// Objects of a bucket, one a batch.
    Bucket(bucket::Bucket),
}

impl Objects {
    /// # Errors
    /// A folder or bucket that cannot be used, or a scheme that is neither.
    pub(super) fn open(config: &config::Store) -> Result<Self, Error> {
        let url = config.blobs_url();
        match url.split_once(':') {
            Some(("file", path)) => {
                let path = path.strip_prefix("//").unwrap_or(path);
                Ok(Self::Folder(std::sync::Arc::new(folder::Folder::open(path.as_ref(), config)?)))
            }
            Some(("s3" | "memory", _)) => Ok(Self::Bucket(bucket::Bucket::open(&url, config)?)),
            _ => Err(Error::Io(std::io::Error::other("store.blobs must begin with `file:` or `s3://`"))),
        }
    }

    /// Gives every record its room; where it comes to lie unless its segment fails.
    ///
    /// # Errors
    /// [`Error::Full`] when there is no space.
    pub(super) async fn plan(&self, records: &mut Vec<Record>) -> Result<Written, Error> {
        let Self::Folder(folder) = self else { return Ok(Written::default()) };
        if let Some(planned) = folder.plan_now(records)? {
            return Ok(planned);
        }
        let (folder, mut taken) = (std::sync::Arc::clone(folder), std::mem::take(records));
        let planned = tokio::task::spawn_blocking(move || {
            let planned = folder.plan(&mut taken);
            (planned, taken)
        });
        let (planned, given_back) = planned.await.map_err(|_| Error::Closing)?;
        *records = given_back;
        planned
    }

    /// Writes records; they are durable when this returns.
    ///
    /// # Errors
    /// [`Error::Full`] when there is no space; then and with every other error nothing counts as written.
    pub(super) async fn write(&self, mut records: Vec<Record>) -> Result<Written, Error> {
        match self {
            Self::Folder(folder) => {
                let folder = std::sync::Arc::clone(folder);
                tokio::task::spawn_blocking(move || folder.write(&mut records))
                    .await
                    .map_err(|_| Error::Closing)?
            }
            Self::Bucket(bucket) => bucket.write(&records).await,
        }
    }

    /// Room for an object of so many bytes that is still coming in; none in a bucket, and none where it would have to be
    /// made.
    pub(super) fn lease(&self, bytes: usize) -> Option<Lease> {
        match self {
            Self::Folder(folder) => folder.lease(bytes as u64),
            Self::Bucket(_) => None,
        }
    }

    /// Ends the segments of this run, so that the next start need not look at them.
    pub(super) async fn seal(&self) -> Option<Written> {
        let Self::Folder(folder) = self else { return None };
        let folder = std::sync::Arc::clone(folder);
        tokio::task::spawn_blocking(move || folder.seal()).await.ok()
    }

    /// Reads the bytes of an object.
    ///
    /// # Errors
    /// [`Error::Damaged`] when they are not those that were written.
    pub(super) async fn read(&self, place: &Place) -> Result<Vec<u8>, Error> {
        let bytes = match self {
            Self::Folder(folder) => {
                let (folder, place) = (std::sync::Arc::clone(folder), place.clone());
                tokio::task::spawn_blocking(move || folder.read(&place))
                    .await
                    .map_err(|_| Error::Closing)??
            }
            Self::Bucket(bucket) => bucket.read(place).await?,
        };
        if i64::from(crc32fast::hash(&bytes)) != place.crc { Err(Error::Damaged) } else { Ok(bytes) }
    }

    /// Whether more can be written.
    pub(super) fn has_space(&self) -> bool {
        match self {
            Self::Folder(folder) => folder.has_space(0),
            Self::Bucket(_) => true,
        }
    }

    /// Whether the segments alone can give back what the index has not made durable yet.
    pub(super) fn can_recover(&self) -> bool {
        matches!(self, Self::Folder(_))
    }
}

/// A name as a key of a bucket.
fn key(prefix: &str, name: &str) -> Key {
    Key::from(format!("{prefix}/{name}"))
}

fn signed(value: u64) -> i64 {
    i64::try_from(value).unwrap_or(i64::MAX)
}
