//! Printed reports.

use dxa_report::Layout;
use serde::{Deserialize, Serialize};

/// Printed reports.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct Report {
    /// Language of the reports that are sent: `en` or `zh-CN`.
    pub language: String,
    /// Whether the PDF goes into HL7 messages and FHIR bundles too.
    pub attach: bool,
    /// Head, logo, sections and fonts.
    pub layout: Layout,
}

impl Default for Report {
    fn default() -> Self {
        Self { language: "en".to_owned(), attach: false, layout: Layout::default() }
    }
}
