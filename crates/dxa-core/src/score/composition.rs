//! Z-scores of body composition from what a device reported of the whole body.

use super::{Score, ScoreKind, ScoreReference, lms_z, score, who};
use crate::patient::Sex;
use crate::reference::{CompositionQuantity, CompositionTable};
use crate::reported::{BodyPart, ReportedComposition};
use crate::units::Years;

/// A Z-score of one quantity, beside the part of the body that it is listed with.
#[derive(Clone, Debug, PartialEq)]
pub struct CompositionScore {
    /// The part it is listed with.
    pub part: BodyPart,
    /// What was scored.
    pub quantity: CompositionQuantity,
    /// Its value, in the unit of the quantity.
    pub measured: f64,
    /// The Z-score.
    pub score: Score,
}

/// Scores the composition rows of one scan.
///
/// Indices are masses over height squared; appendicular lean mass is that of both arms and both legs.
/// A quantity without its rows, without height, or outside the ages of the table is left out.
///
/// # Units
/// Masses in grams, height in centimeters; indices in kg/m².
///
/// # References
/// Cole and Green 1992 for the LMS method; the table names its own.
#[must_use]
pub fn score_composition(
    table: &CompositionTable,
    sex: Sex,
    age: Years,
    height_cm: Option<f64>,
    rows: &[&ReportedComposition],
) -> Vec<CompositionScore> {
    let measured = |quantity| Some((quantity, value(quantity, height_cm, rows)?));
    let scored = |(quantity, measured): (CompositionQuantity, f64)| {
        let knot = table.at_age(quantity, sex, age)?;
        let exact = lms_z(measured, knot.l, knot.m, knot.s);
        let score = score(ScoreKind::Z, exact, None, reference(table, sex));
        exact.is_finite().then_some(CompositionScore {
            part: listed_with(quantity),
            quantity,
            measured,
            score,
        })
    };
    CompositionQuantity::ALL.into_iter().filter_map(measured).filter_map(scored).collect()
}

fn listed_with(quantity: CompositionQuantity) -> BodyPart {
    match quantity {
        CompositionQuantity::AndroidGynoidFatRatio => BodyPart::Android,
        CompositionQuantity::FatMassIndex
        | CompositionQuantity::LeanMassIndex
        | CompositionQuantity::AppendicularLeanMassIndex
        | CompositionQuantity::FatPercent => BodyPart::Total,
    }
}

fn value(
    quantity: CompositionQuantity,
    height_cm: Option<f64>,
    rows: &[&ReportedComposition],
) -> Option<f64> {
    let row = |part: BodyPart| rows.iter().find(|row| row.part == part);
    let fat = |part| row(part)?.fat_g;
    let lean = |part| row(part)?.lean_g;
    let index = |grams: f64| height_cm.filter(|cm| *cm > 0.0).map(|cm| 10.0 * grams / (cm * cm));
    let value = match quantity {
        CompositionQuantity::FatMassIndex => fat(BodyPart::Total).and_then(index),
        CompositionQuantity::LeanMassIndex => lean(BodyPart::Total).and_then(index),
        CompositionQuantity::AppendicularLeanMassIndex => {
            let limbs = [BodyPart::LeftArm, BodyPart::RightArm, BodyPart::LeftLeg, BodyPart::RightLeg];
            limbs.into_iter().map(lean).sum::<Option<f64>>().and_then(index)
        }
        CompositionQuantity::FatPercent => row(BodyPart::Total)
            .and_then(|total| total.fat_percent.or_else(|| Some(100.0 * total.fat_g? / total.total_g?))),
        CompositionQuantity::AndroidGynoidFatRatio => {
            fat(BodyPart::Android).zip(fat(BodyPart::Gynoid)).map(|(android, gynoid)| android / gynoid)
        }
    };
    value.filter(|value| value.is_finite() && *value > 0.0)
}

fn reference(table: &CompositionTable, sex: Sex) -> ScoreReference {
    ScoreReference {
        id: table.id.clone(),
        version: table.version.clone(),
        population: format!("{} {}", table.population, who(sex)),
        status: table.status,
        site_as_stated: None,
        sha256: table.sha256.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(part: BodyPart, fat_g: f64, lean_g: f64) -> ReportedComposition {
        ReportedComposition {
            part,
            fat_g: Some(fat_g),
            lean_g: Some(lean_g),
            total_g: None,
            fat_percent: None,
        }
    }

    fn scored(
        age: f64,
        height_cm: Option<f64>,
        rows: &[ReportedComposition],
    ) -> Vec<(&'static str, f64, f64)> {
        let table = CompositionTable::bundled().unwrap();
        let rows: Vec<_> = rows.iter().collect();
        let scores = score_composition(table, Sex::Female, Years::new(age).unwrap(), height_cm, &rows);
        scores.into_iter().map(|one| (one.quantity.code(), one.measured, one.score.exact)).collect()
    }

    /// Women of 60: FMI M 10.40274; a height of 1.60 m makes the median fat mass 26 631.0 g.
    #[test]
    fn a_median_is_zero_and_one_standard_deviation_is_one() {
        let (l, m, s) = (0.11237_f64, 10.40274, 0.34280);
        let one_sd = m * (1.0 + l * s).powf(1.0 / l);
        for (index, expected) in [(m, 0.0), (one_sd, 1.0)] {
            let fat = index * 2560.0;
            let scores = scored(60.0, Some(160.0), &[row(BodyPart::Total, fat, 40000.0)]);
            assert_eq!(scores[0].0, "fmi");
            assert!(
                (scores[0].1 - index).abs() < 1e-9 && (scores[0].2 - expected).abs() < 1e-9,
                "{scores:?}"
            );
        }
    }

    #[test]
    fn limbs_need_all_four_and_indices_need_height() {
        let limb = |part| row(part, 1000.0, 5000.0);
        let mut rows = vec![row(BodyPart::Total, 25000.0, 40000.0)];
        rows.extend([BodyPart::LeftArm, BodyPart::RightArm, BodyPart::LeftLeg].map(limb));
        let codes = |rows: &[ReportedComposition], height| -> Vec<&str> {
            scored(60.0, height, rows).into_iter().map(|(code, ..)| code).collect()
        };
        assert_eq!(codes(&rows, Some(160.0)), ["fmi", "lmi"]);
        rows.push(limb(BodyPart::RightLeg));
        assert_eq!(codes(&rows, Some(160.0)), ["fmi", "lmi", "almi"]);
        // 4 × 5 kg over 1.6² m² = 7.8125 kg/m²
        assert!((scored(60.0, Some(160.0), &rows)[2].1 - 7.8125).abs() < 1e-12);
        rows.extend([row(BodyPart::Android, 2000.0, 1.0), row(BodyPart::Gynoid, 4000.0, 1.0)]);
        assert_eq!(codes(&rows, None), ["android_gynoid_fat_ratio"]);
        assert_eq!(scored(90.0, Some(160.0), &rows), []);
        assert_eq!(codes(&[row(BodyPart::Total, 0.0, 0.0)], Some(160.0)), Vec::<&str>::new());
    }
}
