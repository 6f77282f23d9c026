//! A result in a line: what the list of studies shows, and what makes a study urgent.

use crate::record::{Study, Vertebra};
use serde::{Deserialize, Serialize};

/// What the list of studies shows of a result.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Summary {
    /// WHO category, or the category on Z-scores.
    pub category: Option<String>,
    /// The lowest T that counts.
    pub lowest: Option<LowestT>,
    /// Graded vertebrae from the worst on, as `L1 G2`, without those of which a reader says that they are no fracture.
    pub fractured: Vec<String>,
    /// Those of them whose fracture a reader confirmed.
    pub confirmed: Vec<String>,
    /// What was scanned, each kind once.
    pub kinds: Vec<String>,
    /// Why it should be looked at before others; codes of [`URGENT`].
    pub urgent: Vec<String>,
}

/// A T-score with its place.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct LowestT {
    /// Site.
    pub site: String,
    /// `L`, `R` or `B`.
    pub laterality: Option<String>,
    /// T-score.
    pub t: f64,
}

/// What makes a study urgent, the gravest first.
pub const URGENT: [&str; 5] =
    ["very_high_risk", "new_fracture", "suspected_fracture", "to_confirm", "quality_problem"];

/// Findings that ask a person to say what is on the image.
const ASKING: [&str; 4] =
    ["needs_review", "levels_uncertain", "side_contradicts_image", "laterality_conflict"];

impl Summary {
    /// Of a result.
    #[must_use]
    pub fn of(study: &Study) -> Self {
        let assessment = &study.assessment;
        let who = assessment.who_category.clone().filter(|category| category != "not_applicable");
        let mut kinds: Vec<String> = Vec::new();
        for scan in &study.scans {
            if !kinds.contains(&scan.kind) {
                kinds.push(scan.kind.clone());
            }
        }
        Self {
            category: who.or_else(|| assessment.age_category.clone()),
            lowest: assessment.lowest.as_ref().map(|lowest| LowestT {
                site: lowest.site.clone(),
                laterality: lowest.laterality.clone(),
                t: lowest.t,
            }),
            fractured: fractured(study, |_| true),
            confirmed: fractured(study, is_confirmed),
            kinds,
            urgent: URGENT.into_iter().filter(|code| is_urgent(code, study)).map(str::to_owned).collect(),
        }
    }
}

fn fractured(study: &Study, counts: impl Fn(&Vertebra) -> bool) -> Vec<String> {
    let mut graded: Vec<(u8, &Vertebra)> =
        study.vertebrae.iter().filter(|one| counts(one)).filter_map(|one| Some((lost(one)?, one))).collect();
    graded.sort_by_key(|(grade, _)| std::cmp::Reverse(*grade));
    graded.iter().map(|(grade, one)| format!("{} G{grade}", one.level)).collect()
}

/// Whether a reader confirmed the fracture.
fn is_confirmed(one: &Vertebra) -> bool {
    one.fracture.as_deref() == Some("confirmed")
}

/// The grade of a vertebra that lost height and of which no reader says that it is no fracture.
fn lost(one: &Vertebra) -> Option<u8> {
    one.grade.filter(|grade| *grade > 0 && one.fracture.as_deref() != Some("rejected"))
}

fn is_urgent(code: &str, study: &Study) -> bool {
    let changed = |what: &[&str]| {
        study.vertebra_comparisons.iter().any(|change| what.contains(&change.change.as_str()))
    };
    match code {
        "very_high_risk" => study.assessment.fracture_risk.as_deref() == Some("very_high"),
        "new_fracture" => changed(&["new_fracture", "worse"]),
        "suspected_fracture" => study.vertebrae.iter().any(|one| lost(one).is_some() && !is_confirmed(one)),
        "to_confirm" => {
            study.refusals.iter().any(|refusal| refusal.code == "needs_confirmation")
                || study
                    .findings
                    .iter()
                    .any(|found| found.severity == "withhold" || ASKING.contains(&found.code.as_str()))
        }
        _ => study.quality.iter().any(|check| check.status == "fail"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn study(change: serde_json::Value) -> Study {
        let mut value = json!({ "study": {}, "patient": {}, "scans": [], "assessment": {},
            "provenance": { "software": "", "protocol_sha256": "" } });
        for (key, part) in change.as_object().unwrap() {
            value[key] = part.clone();
        }
        serde_json::from_value(value).unwrap()
    }

    #[test]
    fn the_gravest_comes_first_and_nothing_is_urgent_by_itself() {
        assert_eq!(Summary::of(&study(json!({}))), Summary::default());
        let grave = study(json!({
            "vertebrae": [
                { "scan": 0, "level": "T8", "evaluable": true, "provenance": "automatic", "grade": 1 },
                { "scan": 0, "level": "L1", "evaluable": true, "provenance": "automatic", "grade": 3 },
                { "scan": 0, "level": "L2", "evaluable": true, "provenance": "automatic", "grade": 0 }],
            "quality": [{ "scan": 0, "id": "spine-tilt", "status": "fail" }],
            "assessment": { "fracture_risk": "very_high", "who_category": "not_applicable",
                "age_category": "below_expected" } }));
        let summary = Summary::of(&grave);
        assert_eq!(summary.urgent, ["very_high_risk", "suspected_fracture", "quality_problem"]);
        assert_eq!(summary.fractured, ["L1 G3", "T8 G1"]);
        assert_eq!(summary.category.as_deref(), Some("below_expected"));
        let read = |fracture: &str| {
            Summary::of(&study(json!({ "vertebrae": [{ "scan": 0, "level": "L1", "evaluable": true,
                "provenance": "automatic", "grade": 3, "fracture": fracture }] })))
        };
        let confirmed = read("confirmed");
        assert_eq!(
            (&confirmed.fractured, &confirmed.confirmed),
            (&vec!["L1 G3".to_owned()], &vec!["L1 G3".to_owned()])
        );
        assert!(confirmed.urgent.is_empty(), "nobody has to look at what was read");
        assert_eq!(read("rejected"), Summary::default());
        assert_eq!(read("suspected").urgent, ["suspected_fracture"]);
    }
}
