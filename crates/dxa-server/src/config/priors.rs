//! Where earlier studies of a patient are fetched from.

use serde::{Deserialize, Serialize};

use super::security::{Secret, Tls};

/// Archives that are asked for earlier studies, and how many of them are fetched; without archives nothing is.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct Priors {
    /// Archives that answer C-FIND and C-MOVE; they must know our AE title and where we listen.
    pub dicom: Vec<QueryArchive>,
    /// Archives that answer QIDO-RS and WADO-RS.
    pub web: Vec<WebArchive>,
    /// Studies older than this many years are left where they are.
    pub years: u16,
    /// The latest so many are fetched.
    pub studies: usize,
    /// A study is fetched when one of its modalities is among these.
    pub modalities: Vec<String>,
}

impl Default for Priors {
    fn default() -> Self {
        let modalities = ["BMD", "CR", "DX", "OT", "SR"].map(str::to_owned).to_vec();
        Self { dicom: Vec::new(), web: Vec::new(), years: 10, studies: 2, modalities }
    }
}

impl Priors {
    /// Whether anything is fetched from anywhere.
    #[must_use]
    pub fn is_configured(&self) -> bool {
        self.studies > 0 && !(self.dicom.is_empty() && self.web.is_empty())
    }
}

/// An archive that answers C-FIND and C-MOVE.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct QueryArchive {
    /// Name in messages.
    pub name: String,
    /// Its AE title.
    pub ae_title: String,
    /// `host:port`.
    pub address: String,
    /// Certificate we show and authority we trust; without it the connection is plain.
    #[serde(default)]
    pub tls: Option<Tls>,
}

/// An archive that answers QIDO-RS and WADO-RS.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct WebArchive {
    /// Name in messages.
    pub name: String,
    /// Address of the service, without `/studies`.
    pub url: String,
    /// Value of the Authorization header.
    #[serde(default)]
    pub authorization: Option<Secret>,
}
