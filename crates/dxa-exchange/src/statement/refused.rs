//! The refusal because of which a quantity is missing.

use crate::record::{Region, Study};
use crate::text::{Language, said};

use super::{About, Quantity, Statement, Subject};

/// A refusal behind a missing quantity.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Refused {
    /// Its code.
    pub(crate) code: String,
    /// One sentence.
    pub(crate) sentence: String,
}

/// Refusals of scores; all others are of a scan and what it shows.
const OF_SCORES: [&str; 2] = ["no_reference", "out_of_reference_range"];

impl Statement {
    /// Why the quantity is missing, as far as the study says it.
    pub(crate) fn refused(&self, about: &About, study: &Study, language: Language) -> Vec<Refused> {
        let of =
            |code: &str, sentence: &str| Refused { code: code.to_owned(), sentence: sentence.to_owned() };
        let of_study = |refusal: &crate::record::Refusal| {
            of(&refusal.code, said::refusal(&refusal.code, &refusal.message, language))
        };
        match &about.subject {
            Subject::Region { site, .. } if matches!(self.quantity, Quantity::T | Quantity::Z) => {
                let kind = if self.quantity == Quantity::T { "T" } else { "Z" };
                of_score(kind, about.scan, site, study).map(of_study).collect()
            }
            Subject::Assessment => {
                study.refusals.iter().filter(|one| is_of_scores(&one.code)).map(of_study).collect()
            }
            Subject::Change { site, side } => {
                let same = study.comparisons.iter().filter(|change| {
                    Some(change.scan) == about.scan && change.site == *site && change.laterality == *side
                });
                let refused = same.into_iter().nth(about.nth).and_then(|change| change.refused.as_ref());
                let refused =
                    refused.map(|why| of(&why.code, said::incomparable(&why.code, &why.message, language)));
                refused.into_iter().collect()
            }
            Subject::Vertebra(level) => {
                let same =
                    study.vertebrae.iter().filter(|one| Some(one.scan) == about.scan && one.level == *level);
                let reason =
                    same.into_iter().nth(about.nth).and_then(|one| one.not_evaluable_reason.as_deref());
                let reason = reason.map(|code| of(code, said::not_evaluable(code, language)));
                reason.into_iter().chain(of_scan(about.scan, study).map(of_study)).collect()
            }
            _ => of_scan(about.scan, study).map(of_study).collect(),
        }
    }
}

fn is_of_scores(code: &str) -> bool {
    OF_SCORES.contains(&code)
}

/// What was refused of a scan, scores aside.
pub(super) fn of_scan(scan: Option<usize>, study: &Study) -> impl Iterator<Item = &crate::record::Refusal> {
    study.refusals.iter().filter(move |refusal| refusal.scan == scan && !is_of_scores(&refusal.code))
}

/// Whether the profile's score of a kind was refused to a region that has none.
pub(super) fn is_score_refused(kind: &str, region: &Region, study: &Study) -> bool {
    let has_one = region.scores.iter().any(|score| score.kind == kind && !score.named);
    !has_one && of_score(kind, Some(region.scan), &region.site, study).next().is_some()
}

/// The refusals that name a site as one without a score; they are said once a scan, kind and reason, with all its sites.
fn of_score<'s>(
    kind: &str,
    scan: Option<usize>,
    site: &str,
    study: &'s Study,
) -> impl Iterator<Item = &'s crate::record::Refusal> {
    let begins = format!("No {kind}-score for ");
    study.refusals.iter().filter(move |refusal| {
        let sites = refusal.message.strip_prefix(&begins).and_then(|rest| rest.split_once(": "));
        let is_named = sites.is_some_and(|(sites, _)| sites.split(", ").any(|named| named == site));
        refusal.scan == scan && is_of_scores(&refusal.code) && is_named
    })
}
