//! When the category of a region is another under another reference.

use super::{Assessment, Category, ScoreBasis, Scored};
use crate::findings::{Finding, Severity};
use crate::score::RegionScores;
use crate::site::{Side, Site};

/// Findings for the regions that count for diagnosis and whose category is another by one of the tables
/// asked for by name than by the profile, or by another of them.
///
/// `named` are the scores of each region, one entry for each table.
#[must_use]
pub fn dependent_categories(
    assessment: &Assessment,
    regions: &[Scored],
    named: &[Vec<RegionScores>],
) -> Vec<Finding> {
    let Some(basis) = assessment.basis else { return Vec::new() };
    let of_region = |index: &usize| {
        let ((region, own), named) = (regions.get(*index)?, named.get(*index)?);
        let scores: Vec<&RegionScores> = std::iter::once(own).chain(named).collect();
        let finding = category_depends_on_reference(region.site, region.side, basis, &scores)?;
        Some(Finding { scan: Some(region.scan), ..finding })
    };
    assessment.counting.iter().filter_map(of_region).collect()
}

/// A finding when the scores of one region against several references fall into different categories.
///
/// `scores` are those of one region, one entry for each reference; an entry without a score is left out.
#[must_use]
pub fn category_depends_on_reference(
    site: Site,
    side: Option<Side>,
    basis: ScoreBasis,
    scores: &[&RegionScores],
) -> Option<Finding> {
    let judged: Vec<(Category, String)> = scores
        .iter()
        .filter_map(|scores| Some((Category::of(basis, scores)?, reference(basis, scores)?)))
        .collect();
    let (first, _) = judged.first()?;
    if judged.iter().all(|(category, _)| category == first) {
        return None;
    }
    let listed: Vec<String> =
        judged.iter().map(|(category, id)| format!("{} by {id}", category.code())).collect();
    let message = format!("The category of {site} depends on the reference: {}.", listed.join(", "));
    Some(Finding::new("category_depends_on_reference", Severity::Review, message).at(site, side))
}

fn reference(basis: ScoreBasis, scores: &RegionScores) -> Option<String> {
    match basis {
        ScoreBasis::T => scores.deciding.as_ref().map(|t| t.reference.clone()),
        ScoreBasis::Z => scores.of(crate::score::ScoreKind::Z).map(|z| z.reference.id.clone()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::patient::Sex;
    use crate::reference::{Device, Library, Subject};
    use crate::score::score_by_names;
    use crate::units::{GramsPerCm2, Years};

    fn found(bmd: f64, ids: &[&str]) -> Option<Finding> {
        let tables: Vec<_> = ids.iter().map(|id| Library::bundled().get(id).unwrap()).collect();
        let who = Subject { sex: Some(Sex::Female), age: Years::new(65.0), ..Subject::default() };
        let device = Device::from_texts(Some("Hologic"), None, None);
        let scores = score_by_names(&tables, &who, &device, Site::TotalHip, GramsPerCm2::new(bmd));
        let scores: Vec<_> = scores.iter().collect();
        category_depends_on_reference(Site::TotalHip, None, ScoreBasis::T, &scores)
    }

    /// 0.630: (0.630 − 0.942)/0.122 = −2.6 and (0.630 − 0.890)/0.110 = −2.4.
    #[test]
    fn a_hip_between_two_populations_is_told_and_one_that_is_clear_is_not() {
        let both = ["nhanes3-us-nhw", "hong-kong-2005"];
        let finding = found(0.630, &both).unwrap();
        assert_eq!(finding.code, "category_depends_on_reference");
        assert!(finding.message.contains("osteoporosis by nhanes3-us-nhw"), "{}", finding.message);
        assert!(finding.message.contains("low_bone_mass by hong-kong-2005"), "{}", finding.message);
        assert_eq!(found(0.500, &both), None);
        assert_eq!(found(0.630, &both[..1]), None);
        // A table of another maker gives no score, so it has no say.
        assert_eq!(found(0.630, &["nhanes3-us-nhw", "nhanes3-us-nhw-lunar"]), None);
    }
}
