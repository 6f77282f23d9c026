//! The assessment of the document.

use dxa_core::assess::{AgeCategory, ScoreBasis, WhoCategory};
use dxa_core::report::Analysis;
use serde::Serialize;
use serde_json::Value;

#[derive(Serialize)]
pub(super) struct Assessment<'a> {
    profile: &'a str,
    profile_source: &'a str,
    score_basis: Option<&'static str>,
    lowest: Option<Lowest<'a>>,
    who_category: Option<&'static str>,
    age_category: Option<&'static str>,
    diagnosis: Diagnosis,
    fracture_risk: &'static str,
    vfa_indicated: Option<bool>,
    rules: [Value; 0],
}

#[derive(Serialize)]
struct Lowest<'a> {
    site: String,
    laterality: Option<&'static str>,
    t: f64,
    reference: &'a str,
}

#[derive(Serialize)]
struct Diagnosis {
    osteoporosis: Option<bool>,
    criteria: [Value; 0],
}

impl<'a> Assessment<'a> {
    pub(super) fn of(analysis: &'a Analysis, profile_source: &'a str) -> Self {
        let assessment = &analysis.assessment;
        Self {
            profile: &analysis.provenance.profile,
            profile_source,
            score_basis: assessment.basis.map(|basis| match basis {
                ScoreBasis::T => "T",
                ScoreBasis::Z => "Z",
            }),
            lowest: assessment.lowest.as_ref().map(|lowest| Lowest {
                site: lowest.site.to_string(),
                laterality: lowest.side.map(dxa_core::site::Side::code),
                t: lowest.t,
                reference: &lowest.reference,
            }),
            who_category: assessment.who.map(WhoCategory::code),
            age_category: assessment.age.map(AgeCategory::code),
            // Criteria and risk need rules that this version does not have; nothing is said about them.
            diagnosis: Diagnosis { osteoporosis: None, criteria: [] },
            fracture_risk: "unknown",
            vfa_indicated: None,
            rules: [],
        }
    }
}
