//! What the service is told: one TOML file, overridden by `DXA_SECTION__KEY` in the environment.

mod deliver;
mod fhir;
mod hl7;
mod load;
mod priors;
mod quality;
mod report;
mod security;

pub use deliver::{Deliver, DicomDestination, FhirDestination, Hl7Destination, StowDestination};
pub use fhir::Fhir;
pub use hl7::{Hl7, OrderedProcedure, Scanner};
pub use load::{ConfigError, load};
pub use priors::{Priors, QueryArchive, WebArchive};
pub use quality::{NewBaseline, Quality};
pub use report::Report;
pub use security::{Audit, Auth, AuthMode, Oidc, Secret, Tls};

use std::net::SocketAddr;
use std::path::PathBuf;

use dxa_core::reference::Profile;
use serde::{Deserialize, Serialize};

use crate::work::{Making, Printing};

/// Everything that can be configured; every key has a default.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// Where things are kept.
    pub store: Store,
    /// The HTTP listener.
    pub http: Http,
    /// The DICOM listener.
    pub dimse: Dimse,
    /// The listener for messages of record systems.
    pub hl7: Hl7,
    /// How results are written in FHIR.
    pub fhir: Fhir,
    /// When a study is complete and how it is scored.
    pub study: Study,
    /// How analyses are run.
    pub work: Work,
    /// Where results go.
    pub deliver: Deliver,
    /// Printed reports.
    pub report: Report,
    /// Where earlier studies are fetched from.
    pub priors: Priors,
    /// How phantoms are judged.
    pub quality: Quality,
    /// Who may use the service.
    pub auth: Auth,
    /// Where audit events go.
    pub audit: Audit,
}

impl Config {
    /// How the documents of a result are made.
    #[must_use]
    pub fn making(&self) -> Making {
        Making {
            printing: self.printing(),
            mappings: self.deliver.mappings().into_iter().cloned().collect(),
            chinese_bundle: self.deliver.fhir.iter().any(|to| to.bundle_number() == 1),
            patient_systems: self.fhir.patient_systems.clone(),
        }
    }

    /// How reports are printed with every result; `None` when nobody is sent one.
    fn printing(&self) -> Option<Printing> {
        let of_dicom = self.deliver.dicom.iter().map(|to| &to.send);
        let mut send = of_dicom.chain(self.deliver.stow.iter().map(|to| &to.send)).flatten();
        let wanted = self.report.attach || send.any(|kind| kind == "pdf");
        wanted.then(|| Printing { report: self.report.clone() })
    }

    /// The same with every default filled in that follows from another key, to be shown.
    #[must_use]
    pub fn in_full(mut self) -> Self {
        self.store.database = Secret::new(self.store.database_url());
        self.store.blobs = self.store.blobs_url();
        self
    }
}

/// Where things are kept.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct Store {
    /// The folder of the store.
    pub data: PathBuf,
    /// `sqlite:PATH` or `postgres://…`; by default a file in the data folder.
    pub database: Secret,
    /// `file:FOLDER` or `s3://bucket/prefix`; by default a folder in the data folder.
    pub blobs: String,
    /// Of a bucket that is not Amazon's: its address, `http://host:port`.
    pub s3_endpoint: Option<String>,
    /// Region of the bucket.
    pub s3_region: Option<String>,
    /// Access key of the bucket; else the environment's.
    pub s3_key: Option<Secret>,
    /// Secret of that key.
    pub s3_secret: Option<Secret>,
    /// Bytes of one segment of received objects.
    pub segment_bytes: u64,
    /// Segments written with zeros in advance, because a sync of bytes that have their place is faster.
    pub prepared_segments: usize,
    /// Nothing is received when less than this many bytes of the disk are free.
    pub reserve_bytes: u64,
}

impl Default for Store {
    fn default() -> Self {
        Self {
            data: load::data_folder(),
            database: Secret::default(),
            blobs: String::new(),
            s3_endpoint: None,
            s3_region: None,
            s3_key: None,
            s3_secret: None,
            segment_bytes: 64 << 20,
            prepared_segments: 2,
            reserve_bytes: 2 << 30,
        }
    }
}

impl Store {
    /// The database's address, with the default filled in.
    #[must_use]
    pub fn database_url(&self) -> String {
        if self.database.expose().is_empty() {
            return format!("sqlite:{}", self.data.join("index.sqlite").display());
        }
        self.database.expose().to_owned()
    }

    /// Where received bytes lie, with the default filled in.
    #[must_use]
    pub fn blobs_url(&self) -> String {
        if self.blobs.is_empty() {
            return format!("file:{}", self.data.join("objects").display());
        }
        self.blobs.clone()
    }
}

/// The HTTP listener.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct Http {
    /// Address and port.
    pub listen: SocketAddr,
    /// Certificate and key; without them plain HTTP.
    pub tls: Option<Tls>,
    /// Address under which others reach the service, for links; by default the listener's.
    pub public_url: Option<String>,
    /// Bytes of one request.
    pub request_bytes: u64,
    /// Requests a second from one address before it is told to wait; 0: no limit.
    pub requests_per_second: u32,
}

impl Default for Http {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from(([127, 0, 0, 1], 8080)),
            tls: None,
            public_url: None,
            request_bytes: 2 << 30,
            requests_per_second: 0,
        }
    }
}

/// The DICOM listener.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct Dimse {
    /// Address and port.
    pub listen: SocketAddr,
    /// Our AE title.
    pub ae_title: String,
    /// Peers that may associate; empty: everybody who reaches the listener.
    pub peers: Vec<Peer>,
    /// Certificate and key; with `client_ca`, peers must show a certificate too.
    pub tls: Option<Tls>,
    /// Associations open at the same time; one more is refused for the moment.
    pub associations: usize,
    /// Largest PDU we take, bytes.
    pub pdu_bytes: u32,
    /// Largest object, bytes.
    pub object_bytes: u64,
    /// Objects being received, all associations together, bytes; more has to wait.
    pub memory_bytes: u64,
    /// A peer that opens a connection must ask for an association within this time.
    pub artim_seconds: u64,
    /// An association without a message is closed after this time.
    pub idle_seconds: u64,
}

impl Default for Dimse {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from(([127, 0, 0, 1], 11112)),
            ae_title: "DXA".to_owned(),
            peers: Vec::new(),
            tls: None,
            associations: 64,
            pdu_bytes: 131_072,
            object_bytes: 256 << 20,
            memory_bytes: 64 << 20,
            artim_seconds: 10,
            idle_seconds: 60,
        }
    }
}

/// A DICOM system we know.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Peer {
    /// Its AE title.
    pub ae_title: String,
    /// The address it connects from; any when left out.
    pub from: Option<std::net::IpAddr>,
    /// `host:port` where it listens, for reports of storage commitment.
    pub address: Option<String>,
}

/// When a study is complete and how it is scored.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct Study {
    /// A study is complete this long after its last association closed.
    pub quiet_seconds: f64,
    /// Objects that are expected are waited for as long as this after the last one that came.
    pub expected_seconds: f64,
    /// Rules and tables to apply.
    pub profile: String,
}

impl Default for Study {
    fn default() -> Self {
        Self { quiet_seconds: 5.0, expected_seconds: 600.0, profile: Profile::DEFAULT.to_owned() }
    }
}

/// How analyses are run.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct Work {
    /// Analyses at the same time; 0: one a core.
    pub workers: usize,
    /// One study may take this long.
    pub deadline_seconds: u64,
    /// One study may take this much memory, bytes.
    pub memory_bytes: u64,
    /// A study is set aside after this many failed tries.
    pub attempts: u32,
    /// A claim on work ends when its holder has been silent this long.
    pub lease_seconds: u64,
}

impl Default for Work {
    fn default() -> Self {
        Self { workers: 0, deadline_seconds: 10, memory_bytes: 2 << 30, attempts: 2, lease_seconds: 30 }
    }
}
