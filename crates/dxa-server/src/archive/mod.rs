//! Archives that are only read: a bucket, or a service that speaks DICOMweb.

mod bucket;
pub(crate) mod dicomweb;
mod web;

use bucket::Bucket;
use web::Web;

/// One object of an archive.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listed {
    /// Its place in the archive.
    pub path: String,
    /// Bytes; 0 where the listing does not say.
    pub size: u64,
    /// Something that changes when it does; 0 where nothing tells.
    pub changed: u64,
}

/// An archive behind an address.
#[derive(Debug)]
pub enum Archive {
    /// `s3://bucket/prefix`; keys, region and endpoint come from the environment (`AWS_…`).
    Bucket(Bucket),
    /// `https://host/dicom-web`, with a query of studies behind `/studies?` where not all are wanted.
    Web(Web),
}

/// Why an archive does not give what it has.
#[derive(Debug, thiserror::Error)]
pub enum ArchiveError {
    /// The bucket said so.
    #[error("the bucket does not answer as it should ({0})")]
    Bucket(#[from] object_store::Error),
    /// The service said so.
    #[error("{0}")]
    Web(String),
}

impl Archive {
    /// The archive at an address; `None` when it is no address.
    ///
    /// # Errors
    /// An address that cannot be used.
    pub fn at(address: &str) -> Option<Result<Self, ArchiveError>> {
        let (scheme, _) = address.split_once("://")?;
        match scheme {
            "s3" => Some(Bucket::open(address).map(Self::Bucket)),
            "http" | "https" => Some(Web::open(address).map(Self::Web)),
            _ => None,
        }
    }

    /// Tells everything there is.
    ///
    /// # Errors
    /// When the listing broke off.
    pub async fn list(&self, tell: &mut dyn FnMut(Listed)) -> Result<(), ArchiveError> {
        match self {
            Self::Bucket(bucket) => bucket.list(tell).await,
            Self::Web(web) => web.list(tell).await,
        }
    }

    /// Some bytes of an object from a place on, and how many it has in all; at least one unless it ends there.
    ///
    /// # Errors
    /// When they do not come.
    pub async fn read(
        &self,
        object: &Listed,
        from: u64,
        wanted: u64,
    ) -> Result<(Vec<u8>, u64), ArchiveError> {
        match self {
            Self::Bucket(bucket) => Ok((bucket.read(object, from, wanted).await?, object.size)),
            Self::Web(web) => {
                let whole = web.read(&object.path).await?;
                let total = whole.len() as u64;
                let start = usize::try_from(from).unwrap_or(usize::MAX).min(whole.len());
                Ok((whole[start..].to_vec(), total))
            }
        }
    }
}
