//! The printed report that is kept and sent with a result.

use dxa_exchange::issue::Standing;
use dxa_exchange::record::Study;
use dxa_exchange::sc::{self, Drawn};
use dxa_exchange::text::Language;
use dxa_exchange::view::trend::Visit;
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

    /// The report of a result, with its pictures.
    ///
    /// # Errors
    /// Why it cannot be printed, in a sentence.
    pub fn pdf(
        &self,
        study: &Study,
        standing: &Standing,
        pictures: &[Encoded],
        visits: &[Visit],
    ) -> Result<Vec<u8>, String> {
        let pictures = drawn(pictures.iter().map(|picture| (picture.number, &picture.body)));
        let printed = Printed { study, standing, language: self.language(), pictures: &pictures, visits };
        let made = Printer::new(self.report.layout.clone()).map_err(|error| error.to_string());
        let made = made.and_then(|printer| printer.report(&printed).map_err(|error| error.to_string()));
        made.inspect_err(|error| {
            warn!(study = study.study.instance_uid.as_deref(), error, "a report could not be printed");
        })
    }
}

/// Whether a document of a result is a drawn scan: picture 0 is the report page.
#[must_use]
pub fn is_drawn(kind: &str, number: i64) -> bool {
    kind == "sc" && number > 0
}

/// The drawn scans of a result, from their numbers and bytes.
pub fn drawn<'d>(pictures: impl Iterator<Item = (i64, &'d Vec<u8>)>) -> Vec<(usize, Drawn)> {
    let drawn =
        pictures.filter_map(|(number, body)| Some((usize::try_from(number - 1).ok()?, sc::drawn(body)?)));
    let mut drawn: Vec<(usize, Drawn)> = drawn.collect();
    drawn.sort_by_key(|(scan, _)| *scan);
    drawn
}
