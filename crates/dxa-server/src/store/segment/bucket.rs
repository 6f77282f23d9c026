//! Segments as objects of a bucket: one a batch, put before anything is acknowledged.

use std::sync::Arc;
use std::time::Duration;

use object_store::aws::AmazonS3Builder;
use object_store::memory::InMemory;
use object_store::{ObjectStore, ObjectStoreExt as _, PutPayload, RetryConfig};

use super::record::{self, Record};
use super::{Place, Written, key};
use crate::config;
use crate::store::{Error, opaque_id};

/// How long a put or get is tried: a sender waits for the answer.
const PATIENCE: Duration = Duration::from_secs(20);

/// A bucket and the prefix of our keys in it.
#[derive(Debug)]
pub(in crate::store) struct Bucket {
    store: Arc<dyn ObjectStore>,
    prefix: String,
}

impl Bucket {
    /// # Errors
    /// Settings that the bucket's client refuses.
    pub(super) fn open(url: &str, config: &config::Store) -> Result<Self, Error> {
        let rest = url.split_once("://").map_or("", |(_, rest)| rest);
        let (bucket, prefix) = rest.split_once('/').unwrap_or((rest, ""));
        let prefix = prefix.trim_matches('/').to_owned();
        if url.starts_with("memory:") {
            return Ok(Self { store: Arc::new(InMemory::new()), prefix });
        }
        // Refused only where the program has chosen one already.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let retry = RetryConfig { max_retries: 2, retry_timeout: PATIENCE, ..RetryConfig::default() };
        let mut builder = AmazonS3Builder::from_env().with_bucket_name(bucket).with_retry(retry);
        if let Some(endpoint) = &config.s3_endpoint {
            builder = builder.with_endpoint(endpoint).with_allow_http(endpoint.starts_with("http:"));
        }
        if let Some(region) = &config.s3_region {
            builder = builder.with_region(region);
        }
        if let (Some(key), Some(secret)) = (&config.s3_key, &config.s3_secret) {
            builder = builder.with_access_key_id(key.expose()).with_secret_access_key(secret.expose());
        }
        Ok(Self { store: Arc::new(builder.build()?), prefix })
    }

    /// Puts a batch; see [`super::Objects::write`].
    pub(super) async fn write(&self, records: &[Record]) -> Result<Written, Error> {
        let name = format!("{}.seg", opaque_id()?);
        let mut places = Vec::with_capacity(records.len());
        let mut body = Vec::new();
        for record in records {
            let start = body.len();
            body.extend_from_slice(&record::header(record, &[0; 16]));
            places.push(Place {
                segment: name.clone(),
                position: i64::try_from(body.len()).unwrap_or(i64::MAX),
                length: i64::try_from(record.bytes.len()).unwrap_or(i64::MAX),
                crc: i64::from(record.crc),
            });
            body.extend_from_slice(&record.bytes);
            let size = usize::try_from(record::size(record.bytes.len() as u64)).unwrap_or(usize::MAX);
            body.resize(start.saturating_add(size), 0);
        }
        self.store.put(&key(&self.prefix, &name), PutPayload::from(body)).await?;
        Ok(Written { places, ends: Vec::new(), sealed: Vec::new() })
    }

    /// Reads the bytes at a place.
    pub(super) async fn read(&self, place: &Place) -> Result<Vec<u8>, Error> {
        let position = u64::try_from(place.position).map_err(|_| Error::Damaged)?;
        let length = u64::try_from(place.length).map_err(|_| Error::Damaged)?;
        let range = position..position + length;
        match self.store.get_range(&key(&self.prefix, &place.segment), range).await {
            Ok(bytes) => Ok(bytes.to_vec()),
            Err(object_store::Error::NotFound { .. }) => Err(Error::Damaged),
            Err(error) => Err(error.into()),
        }
    }
}
