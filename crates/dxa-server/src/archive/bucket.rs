//! Objects of a bucket below a prefix.

use std::sync::Arc;
use std::time::Duration;

use futures_util::StreamExt as _;
use object_store::aws::AmazonS3Builder;
use object_store::path::Path as Key;
use object_store::{ObjectStore, ObjectStoreExt as _, RetryConfig};

use super::{ArchiveError, Listed};

/// How long one request is tried.
const PATIENCE: Duration = Duration::from_secs(60);

/// A bucket and the prefix of what is wanted in it.
#[derive(Debug)]
pub struct Bucket {
    store: Arc<dyn ObjectStore>,
    prefix: Key,
}

impl Bucket {
    pub(super) fn open(url: &str) -> Result<Self, ArchiveError> {
        let rest = url.split_once("://").map_or("", |(_, rest)| rest);
        let (bucket, prefix) = rest.split_once('/').unwrap_or((rest, ""));
        // Refused only where the program has chosen one already.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let retry = RetryConfig { max_retries: 4, retry_timeout: PATIENCE, ..RetryConfig::default() };
        let store = AmazonS3Builder::from_env().with_bucket_name(bucket).with_retry(retry).build()?;
        Ok(Self { store: Arc::new(store), prefix: Key::from(prefix) })
    }

    pub(super) async fn list(&self, tell: &mut dyn FnMut(Listed)) -> Result<(), ArchiveError> {
        let mut objects = self.store.list(Some(&self.prefix));
        while let Some(object) = objects.next().await {
            let object = object?;
            let key = object.location.as_ref();
            let below = key.strip_prefix(self.prefix.as_ref()).unwrap_or(key).trim_start_matches('/');
            let changed = object.last_modified.timestamp_nanos_opt().and_then(|at| u64::try_from(at).ok());
            tell(Listed { path: below.to_owned(), size: object.size, changed: changed.unwrap_or_default() });
        }
        Ok(())
    }

    pub(super) async fn read(
        &self,
        object: &Listed,
        from: u64,
        wanted: u64,
    ) -> Result<Vec<u8>, ArchiveError> {
        let to = from.saturating_add(wanted).min(object.size);
        if from >= to {
            return Ok(Vec::new());
        }
        let key = format!("{}/{}", self.prefix, object.path);
        let key = Key::parse(key).map_err(|source| object_store::Error::InvalidPath { source })?;
        Ok(self.store.get_range(&key, from..to).await?.to_vec())
    }
}
