//! Statements of regions, body composition and vertebrae.

use crate::record::{
    Composition, DeviceItem, Heights, HipGeometry, Patient, Points, Region, Score, Spine, Study, Vertebra,
};

use super::refused::{is_score_refused, of_scan};
use super::{Against, Group, Outline, Quantity, Said, Subject, Why};

pub(super) fn groups(study: &Study) -> Vec<Group> {
    let regions = study.regions.iter().map(|region| self::region(region, study));
    let composition = study.body_composition.iter().map(composition);
    let vertebrae = study.vertebrae.iter().map(vertebra);
    let hips = (0..).zip(&study.scans).filter_map(|(scan, of)| Some(hip(scan, of.hip_geometry.as_ref()?)));
    let items = study.device_items.iter().map(device_item);
    std::iter::once(person(&study.patient))
        .chain(regions)
        .chain(hips)
        .chain(composition)
        .chain(items)
        .chain(vertebrae)
        .chain(study.spine.iter().flat_map(spine))
        .collect()
}

/// What of a person the numbers depend on; who it is stands in every document by itself.
fn person(patient: &Patient) -> Group {
    let mut said = Said::default();
    said.number(Quantity::Age, patient.age_years, "a");
    said.number(Quantity::BodyHeight, patient.height_cm, "cm");
    said.number(Quantity::BodyWeight, patient.weight_kg, "kg");
    said.word(Quantity::PopulationOf, patient.ethnicity.as_deref());
    said.group(None, Subject::Person)
}

fn hip(scan: usize, of: &HipGeometry) -> Group {
    let mut said = Said::default();
    said.number_or(Quantity::HipAxisLength, of.hip_axis_length_mm, "mm", Why::Failed);
    said.number_or(Quantity::NeckShaftAngle, of.neck_shaft_angle_deg, "deg", Why::Failed);
    said.number_or(Quantity::NeckWidth, of.neck_width_mm, "mm", Why::Failed);
    said.group(Some(scan), Subject::Hip)
}

fn device_item(item: &DeviceItem) -> Group {
    let mut said = Said::default();
    said.text(Quantity::ItemName, Some(item.code.as_deref().unwrap_or(&item.key)));
    said.text(Quantity::ItemValue, Some(&item.value));
    said.text(Quantity::ItemUnit, item.unit.as_deref());
    said.group(Some(item.scan), Subject::DeviceItem)
}

fn region(region: &Region, study: &Study) -> Group {
    let mut said = Said::default();
    said.word(Quantity::Provenance, Some(&region.provenance));
    said.number(Quantity::Area, region.area_cm2, "cm2");
    said.number(Quantity::Content, region.bmc_g, "g");
    said.number(Quantity::Density, region.bmd_g_cm2, "g/cm2");
    if region.bmd_g_cm2.is_none() {
        let why = why_missing(region.scan, study);
        said.missing(Quantity::Density, why);
        let others = [(Quantity::Area, region.area_cm2), (Quantity::Content, region.bmc_g)];
        // What a device leaves out beside what it prints was refused by nobody.
        let refused = others.into_iter().filter(|(_, value)| value.is_none() && why != Why::Unknown);
        refused.for_each(|(quantity, _)| said.missing(quantity, why));
    }
    said.number(Quantity::Uncertainty, region.uncertainty_g_cm2, "g/cm2");
    let device = &region.device;
    let printed = |kind: &Option<f64>| {
        let mut against = Against::default();
        against.reference.id = device.reference.clone().filter(|_| kind.is_some()).unwrap_or_default();
        against
    };
    said.scored(Quantity::DeviceT, device.t, "1", &printed(&device.t));
    said.scored(Quantity::DeviceZ, device.z, "1", &printed(&device.z));
    region.scores.iter().for_each(|score| scores(&mut said, score));
    for (quantity, kind) in [(Quantity::T, "T"), (Quantity::Z, "Z")] {
        if is_score_refused(kind, region, study) {
            said.missing(quantity, Why::NotAttempted);
        }
    }
    if let Some(excluded) = &region.excluded {
        said.word(Quantity::Excluded, Some(&excluded.reason));
        said.word(Quantity::ExcludedBy, Some(&excluded.by));
    }
    said.word(Quantity::IncludedBy, region.included.as_ref().map(|included| included.by.as_str()));
    said.text(Quantity::Method, region.method.as_deref());
    let subject = Subject::Region {
        site: region.site.clone(),
        side: region.laterality.clone(),
        provenance: region.provenance.clone(),
    };
    let mut group = said.group(Some(region.scan), subject);
    if let Some(polygon) = region.polygon_px.as_ref().filter(|polygon| !polygon.is_empty()) {
        group.outline = Outline::Polygon(polygon.clone());
    }
    group
}

/// A scan that was refused was tried in vain when its anatomy was looked at, and else not tried.
fn why_missing(scan: usize, study: &Study) -> Why {
    match of_scan(Some(scan), study).next().map(|refusal| refusal.code.as_str()) {
        None => Why::Unknown,
        Some("not_evaluable") => Why::Failed,
        Some(_) => Why::NotAttempted,
    }
}

fn scores(said: &mut Said, score: &Score) {
    let against =
        Against { reference: score.reference.clone(), named: score.named, quantity: score.quantity.clone() };
    let [rounded, exact, percent] = match score.kind.as_str() {
        "T" => [Quantity::T, Quantity::TExact, Quantity::TPercent],
        _ => [Quantity::Z, Quantity::ZExact, Quantity::ZPercent],
    };
    said.scored(rounded, Some(score.value), "1", &against);
    said.scored(exact, score.exact, "1", &against);
    said.scored(percent, score.percent, "%", &against);
    said.scored(Quantity::Scored, score.measured, score.unit.as_deref().unwrap_or("1"), &against);
}

fn composition(row: &Composition) -> Group {
    let mut said = Said::default();
    said.number(Quantity::Fat, row.fat_g, "g");
    said.number(Quantity::Lean, row.lean_g, "g");
    said.number(Quantity::TotalMass, row.total_g, "g");
    said.number(Quantity::FatPercent, row.fat_percent, "%");
    row.scores.iter().for_each(|score| scores(&mut said, score));
    said.group(Some(row.scan), Subject::Composition(row.region.clone()))
}

fn vertebra(vertebra: &Vertebra) -> Group {
    use Quantity::{
        HeightAnterior, HeightMiddle, HeightPosterior, LossAnterior, LossMiddle, LossPosterior,
        PixelsAnterior, PixelsMiddle, PixelsPosterior,
    };
    let mut said = Said::default();
    said.word(Quantity::Provenance, Some(&vertebra.provenance));
    said.flag(Quantity::Evaluable, Some(vertebra.evaluable));
    let why = if vertebra.evaluable { Why::NotAttempted } else { Why::Failed };
    let heights = [HeightAnterior, HeightMiddle, HeightPosterior];
    three(&mut said, heights, vertebra.heights_mm.as_ref(), "mm", Some(why));
    let pixels = [PixelsAnterior, PixelsMiddle, PixelsPosterior];
    three(&mut said, pixels, vertebra.heights_px.as_ref(), "{pixels}", None);
    let losses = [LossAnterior, LossMiddle, LossPosterior];
    three(&mut said, losses, vertebra.loss_percent.as_ref(), "%", Some(why));
    said.word_or(Quantity::Shape, vertebra.shape.as_deref(), why);
    said.word_or(Quantity::Grade, vertebra.grade.map(|grade| format!("G{grade}")).as_deref(), why);
    said.word(Quantity::Fracture, vertebra.fracture.as_deref());
    let probabilities =
        [Quantity::Probability0, Quantity::Probability1, Quantity::Probability2, Quantity::Probability3];
    for (quantity, value) in probabilities.into_iter().zip(vertebra.grade_probabilities.iter().flatten()) {
        said.number(quantity, Some(*value), "1");
    }
    use Quantity::{ExpertProbability0, ExpertProbability1, ExpertProbability2, ExpertProbability3};
    let expert = [ExpertProbability0, ExpertProbability1, ExpertProbability2, ExpertProbability3];
    for (quantity, value) in expert.into_iter().zip(vertebra.expert_grade_probabilities.iter().flatten()) {
        said.number(quantity, Some(*value), "1");
    }
    said.word(Quantity::NotEvaluable, vertebra.not_evaluable_reason.as_deref());
    said.number(Quantity::ImageQuality, vertebra.image_quality, "1");
    vertebra.flags.iter().for_each(|flag| said.word(Quantity::Flag, Some(flag)));
    let mut group = said.group(Some(vertebra.scan), Subject::Vertebra(vertebra.level.clone()));
    if let Some(points) = vertebra.points_px.as_ref().and_then(six) {
        group.outline = Outline::SixPoints(points);
    }
    group
}

fn six(points: &Points) -> Option<[[f64; 2]; 6]> {
    Some([points.ps?, points.ms?, points.as_?, points.ai?, points.mi?, points.pi?])
}

/// Three numbers, and why one is missing where that is to be said.
fn three(
    said: &mut Said,
    quantities: [Quantity; 3],
    values: Option<&Heights>,
    unit: &str,
    missing: Option<Why>,
) {
    let values = values.map_or([None; 3], |values| [values.anterior, values.middle, values.posterior]);
    for (quantity, value) in quantities.into_iter().zip(values) {
        match missing {
            Some(why) => said.number_or(quantity, value, unit, why),
            None => said.number(quantity, value, unit),
        }
    }
}

fn whole(levels: Option<i64>) -> Option<f64> {
    i32::try_from(levels?).ok().map(f64::from)
}

fn spine(spine: &Spine) -> Vec<Group> {
    let mut said = Said::default();
    said.number_or(Quantity::DeformityIndex, spine.deformity_index, "1", Why::Failed);
    spine.levels_evaluated.iter().for_each(|level| said.word(Quantity::LevelEvaluated, Some(level)));
    said.word(Quantity::AnteriorSide, spine.anterior.as_deref());
    said.number(Quantity::LevelMargin, spine.level_margin, "1");
    said.number(Quantity::LevelAlternative, whole(spine.level_alternative), "1");
    said.number(Quantity::LevelShift, whole(spine.level_shift), "1");
    let angle = |(levels, degrees): (&String, &Option<f64>)| {
        let mut said = Said::default();
        said.number_or(Quantity::Kyphosis, *degrees, "deg", Why::Failed);
        said.group(Some(spine.scan), Subject::Angle(levels.clone()))
    };
    let angles = spine.kyphosis_deg.iter().flatten().map(angle);
    std::iter::once(said.group(Some(spine.scan), Subject::Spine)).chain(angles).collect()
}
