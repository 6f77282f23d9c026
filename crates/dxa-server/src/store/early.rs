//! What is done for an object while it is still coming in: its digest, its checksum, and its way to the disk.

use std::sync::Arc;

use dxa_core::guard::{DigestBegun, Limits};

use super::database::Database;
use super::keeper::{self, Look};
use super::segment::{Lease, Objects};

/// The part of an object that has been dealt with already. Dropped, it leaves nothing that counts.
#[derive(Debug)]
pub struct Early {
    database: Database,
    objects: Arc<Objects>,
    digest: Option<DigestBegun>,
    /// Whether the head may still say how long the object will be.
    open: bool,
    crc: crc32fast::Hasher,
    checked: usize,
    lease: Option<Lease>,
    look: Option<(String, Look)>,
}

/// What it comes to.
#[derive(Debug)]
pub(super) struct Begun {
    pub(super) digest: Option<DigestBegun>,
    pub(super) crc: u32,
    pub(super) lease: Option<Lease>,
    pub(super) look: Option<(String, Look)>,
}

/// The head of an object is looked at once so much of it is here, and no more when so much is.
const HEAD_BYTES: std::ops::Range<usize> = 4 << 10..256 << 10;
/// Only as much memory is set aside for what was announced and has not come.
const ANNOUNCED_BYTES: usize = 16 << 20;

impl Early {
    pub(super) fn new(database: Database, objects: Arc<Objects>) -> Self {
        let crc = crc32fast::Hasher::new();
        Self { database, objects, digest: None, open: true, crc, checked: 0, lease: None, look: None }
    }

    /// It is said to have this SOP Instance UID.
    pub fn announced(&mut self, uid: &str) {
        self.look = Some((uid.to_owned(), keeper::look(&self.database, uid)));
    }

    /// More of the object has come; `bytes` is all that has come, a DICOM file from its preamble on.
    pub async fn along(&mut self, bytes: &mut Vec<u8>) {
        if self.open && bytes.len() >= HEAD_BYTES.start {
            self.begin(bytes);
        }
        // First the disk, which works on while the digest is made.
        if let Some(lease) = &mut self.lease
            && lease.along(bytes).await.is_err()
        {
            self.lease = None;
        }
        if let Some(digest) = &mut self.digest {
            digest.take(bytes);
        }
        self.crc.update(&bytes[self.checked..]);
        self.checked = bytes.len();
    }

    fn begin(&mut self, bytes: &mut Vec<u8>) {
        self.digest = DigestBegun::new(bytes, &Limits::DEFAULT);
        self.open = self.digest.is_none() && bytes.len() < HEAD_BYTES.end;
        let announced = self.digest.as_ref().map(DigestBegun::announced);
        if let Some(announced) = announced.filter(|announced| *announced <= ANNOUNCED_BYTES) {
            bytes.reserve_exact(announced.saturating_sub(bytes.len()));
            self.lease = self.objects.lease(announced);
        }
    }

    /// Whether little is left to do for the object.
    pub(super) fn is_far(&self) -> bool {
        self.digest.is_some()
    }

    /// All has come.
    pub(super) fn finish(mut self, bytes: &[u8]) -> Begun {
        self.crc.update(bytes.get(self.checked..).unwrap_or_default());
        Begun { digest: self.digest, crc: self.crc.finalize(), lease: self.lease, look: self.look }
    }
}
