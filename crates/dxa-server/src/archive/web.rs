//! Studies of a service that speaks DICOMweb: found by QIDO-RS, fetched by WADO-RS, one object at a time.

use serde_json::Value;

use super::dicomweb::DicomWeb;
use super::{ArchiveError, Listed};

/// A service and which of its studies are wanted.
#[derive(Debug)]
pub struct Web {
    service: DicomWeb,
    query: String,
}

/// Entries that are asked for at a time.
const PAGE: usize = 200;
/// Bytes of one object at most; what is longer would be refused later.
const LONGEST: usize = 257 << 20;

impl Web {
    pub(super) fn open(url: &str) -> Result<Self, ArchiveError> {
        let (base, query) = url.split_once('?').unwrap_or((url, ""));
        let base = base.trim_end_matches('/').trim_end_matches("/studies");
        let authorization = std::env::var("DXA_DICOMWEB_AUTHORIZATION").ok();
        let service = DicomWeb::at(base, authorization).map_err(ArchiveError::Web)?;
        Ok(Self { service, query: query.to_owned() })
    }

    pub(super) async fn list(&self, tell: &mut dyn FnMut(Listed)) -> Result<(), ArchiveError> {
        let mut from = 0;
        loop {
            let studies = self.page("studies", &self.query, from).await?;
            for study in studies.iter().filter_map(|study| text(study, "0020000D")) {
                self.study(&study, tell).await?;
            }
            if studies.len() < PAGE {
                return Ok(());
            }
            from += PAGE;
        }
    }

    async fn study(&self, study: &str, tell: &mut dyn FnMut(Listed)) -> Result<(), ArchiveError> {
        let mut from = 0;
        loop {
            let objects = self.page(&format!("studies/{study}/instances"), "", from).await?;
            for object in &objects {
                if let Some((series, instance)) = text(object, "0020000E").zip(text(object, "00080018")) {
                    let path = format!("studies/{study}/series/{series}/instances/{instance}");
                    tell(Listed { path, size: 0, changed: 0 });
                }
            }
            if objects.len() < PAGE {
                return Ok(());
            }
            from += PAGE;
        }
    }

    async fn page(&self, path: &str, query: &str, from: usize) -> Result<Vec<Value>, ArchiveError> {
        let join = if query.is_empty() { "" } else { "&" };
        let path = format!("/{path}?{query}{join}limit={PAGE}&offset={from}");
        self.service.search(&path).await.map_err(ArchiveError::Web)
    }

    /// The whole of one object.
    pub(super) async fn read(&self, path: &str) -> Result<Vec<u8>, ArchiveError> {
        let only = async {
            let mut objects = self.service.objects(&format!("/{path}"), LONGEST).await?;
            objects.next().await
        };
        Ok(only.await.map_err(ArchiveError::Web)?.unwrap_or_default())
    }
}

fn text(row: &Value, tag: &str) -> Option<String> {
    let value = row.get(tag)?.pointer("/Value/0")?.as_str()?.trim();
    // A UID is part of an address that is asked next.
    let plain = value.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
    (plain && !value.is_empty()).then(|| value.to_owned())
}
