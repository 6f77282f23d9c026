//! Results as they were read: a version is never changed, so what was read of it once stays true.

use std::sync::{Arc, Mutex, PoisonError};

use dxa_exchange::record::Study;
use hashlink::LruCache;

use super::problem::{Code, Problem};
use crate::store::Store;

/// The results that were read last, by Study Instance UID and version.
#[derive(Debug)]
pub(super) struct Results(Mutex<LruCache<(String, i64), Arc<Study>>>);

/// Results that are kept: what a reader opens in a day, some 20 MB at most.
const KEPT: usize = 64;

impl Results {
    pub(super) fn none() -> Self {
        Self(Mutex::new(LruCache::new(KEPT)))
    }

    /// A version of a result.
    ///
    /// # Errors
    /// 404 without it; 500 for one that cannot be read.
    pub(super) async fn read(&self, store: &Store, study: &str, version: i64) -> Result<Arc<Study>, Problem> {
        let key = (study.to_owned(), version);
        let kept = self.0.lock().unwrap_or_else(PoisonError::into_inner).get(&key).cloned();
        if let Some(kept) = kept {
            return Ok(kept);
        }
        let result = store.result(study, Some(version)).await?;
        let read: Study = serde_json::from_str(&result.json).map_err(|_| Problem::from(Code::Damaged))?;
        let read = Arc::new(read);
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(key, Arc::clone(&read));
        Ok(read)
    }
}
