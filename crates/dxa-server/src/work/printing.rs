//! The printed report that is kept and sent with a result.

use dxa_exchange::issue::Standing;
use dxa_exchange::record::Study;
use dxa_exchange::sc::{self, Drawn};
use dxa_exchange::text::Language;
use dxa_report::{Printed, Printer};
use serde::{Deserialize, Serialize};
use tracing::warn;

use super::analysis::Encoded;
use crate::config::Report;

/// How reports are printed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Printing {
    /// The configuration.
    pub report: Report,
}

impl Printing {
    /// Language of what is sent.
    #[must_use]
    pub fn language(&self) -> Language {
        self.report.language.parse().unwrap_or(Language::English)
    }

    /// The report of a result, with its pictures; `None` where it cannot be printed, and the log says why.
    #[must_use]
    pub fn pdf(&self, study: &Study, standing: &Standing, pictures: &[Encoded]) -> Option<Vec<u8>> {
        let pictures =
            drawn(pictures.iter().map(|picture| (picture.kind.as_str(), picture.number, &picture.body)));
        let printed = Printed { study, standing, language: self.language(), pictures: &pictures };
        let made = Printer::new(self.report.layout.clone()).map_err(|error| error.to_string());
        let made = made.and_then(|printer| printer.report(&printed).map_err(|error| error.to_string()));
        made.inspect_err(|error| {
            warn!(study = study.study.instance_uid.as_deref(), error, "a report could not be printed");
        })
        .ok()
    }
}

/// The drawn scans among the documents of a result: picture 0 is the report page.
pub fn drawn<'d>(documents: impl Iterator<Item = (&'d str, i64, &'d Vec<u8>)>) -> Vec<(usize, Drawn)> {
    let pictures = documents.filter(|(kind, number, _)| *kind == "sc" && *number > 0);
    let drawn =
        pictures.filter_map(|(_, number, body)| Some((usize::try_from(number - 1).ok()?, sc::drawn(body)?)));
    let mut drawn: Vec<(usize, Drawn)> = drawn.collect();
    drawn.sort_by_key(|(scan, _)| *scan);
    drawn
}
