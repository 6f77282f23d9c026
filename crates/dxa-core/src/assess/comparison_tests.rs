//! Two visits: who may be compared, and what counts as change. Expectations are worked by hand.

use jiff::civil::{Date, date};

use super::case::region;
use super::{Comparison, ComparisonRule, Incomparable, LscSource, Outcome, SitePrecision, Visit, compare};
use crate::measurement::Measurement;
use crate::site::Side;
use crate::study::{Scan, ScanKind, SpacingSource, Tier};

fn scan(manufacturer: Option<&str>, model: Option<&str>) -> Scan {
    Scan {
        kind: ScanKind::ApSpine,
        laterality: None,
        tier: Tier::Reported,
        sop_instance_uids: Vec::new(),
        manufacturer: manufacturer.map(str::to_owned),
        model: model.map(str::to_owned),
        software: None,
        rows: None,
        columns: None,
        spacing: None,
        spacing_source: SpacingSource::None,
    }
}

fn horizon() -> Scan {
    scan(Some("HOLOGIC"), Some("Horizon A"))
}

fn measured(site: &str, side: Option<Side>, bmd: f64, area: f64) -> Measurement {
    Measurement { side, bmd_g_cm2: Some(bmd), area_cm2: Some(area), ..region(site).0 }
}

fn compared(
    now: (&Scan, &[Measurement]),
    then: (&Scan, &[Measurement]),
    own: &[SitePrecision],
) -> Vec<Comparison> {
    let now = visit(now, date(2024, 5, 17));
    let then = visit(then, date(2022, 5, 10));
    let comparisons = compare(&now, &then, own);
    comparisons.into_iter().inspect(|one| assert_eq!(one.prior_date, then.date)).collect()
}

fn visit<'a>((scan, regions): (&'a Scan, &'a [Measurement]), day: Date) -> Visit<'a> {
    Visit { date: Some(day), scans: std::slice::from_ref(scan), regions: regions.iter().collect() }
}

fn one(now: Measurement, then: Measurement, own: &[SitePrecision]) -> Comparison {
    let mut all = compared((&horizon(), &[now]), (&horizon(), &[then]), own);
    assert_eq!(all.len(), 1);
    all.remove(0)
}

fn precision(site: &str, side: Option<Side>, model: Option<&str>, rms_sd: f64) -> SitePrecision {
    SitePrecision { site: site.parse().unwrap(), side, model: model.map(str::to_owned), rms_sd_g_cm2: rms_sd }
}

fn outcome(comparison: &Comparison, id: ComparisonRule) -> Outcome {
    comparison.rules.iter().find(|rule| rule.id == id).unwrap().answer.outcome()
}

#[test]
fn a_change_is_real_from_the_least_significant_change_on() {
    // RMS-SD 0.010 g/cm² makes 2.77 × 0.010 = 0.0277 g/cm².
    let own = [precision("L1-L4", None, None, 0.010)];
    let spine = |bmd| measured("L1-L4", None, bmd, 55.0);
    for (now, significant) in [(0.927, false), (0.928, true), (0.873, false), (0.872, true), (0.900, false)] {
        let comparison = one(spine(now), spine(0.900), &own);
        let change = comparison.change.unwrap();
        assert_eq!(change.significant, Some(significant), "{now}");
        assert_eq!(change.lsc.unwrap().source, LscSource::Measured);
        let fired = if significant { Outcome::Fired } else { Outcome::NotFired };
        assert_eq!(outcome(&comparison, ComparisonRule::Lsc), fired);
        assert_eq!(outcome(&comparison, ComparisonRule::LscDefault), Outcome::NotFired);
        assert_eq!(outcome(&comparison, ComparisonRule::CompareGate), Outcome::Fired);
    }
    let change = one(spine(0.945), spine(0.900), &own).change.unwrap();
    assert!((change.g_cm2 - 0.045).abs() < 1e-12 && (change.percent - 5.0).abs() < 1e-9);
}

#[test]
fn without_own_precision_the_default_is_used_and_named() {
    // 5.3 % of 1.000 spine, 5.0 % of 1.000 total hip, 6.9 % of 1.000 neck.
    for (site, side, below, at) in [
        ("L1-L4", None, 1.052, 1.053),
        ("total_hip", Some(Side::Left), 0.951, 0.950),
        ("femoral_neck", Some(Side::Right), 1.068, 1.069),
    ] {
        for (now, significant) in [(below, false), (at, true)] {
            let comparison = one(measured(site, side, now, 40.0), measured(site, side, 1.0, 40.0), &[]);
            let change = comparison.change.unwrap();
            assert_eq!(change.significant, Some(significant), "{site} {now}");
            assert_eq!(change.lsc.unwrap().source, LscSource::Default);
            assert_eq!(outcome(&comparison, ComparisonRule::Lsc), Outcome::CannotTell);
        }
    }
    // The default is about L1-L4; another set of vertebrae has its own precision or none.
    let subset = |bmd| measured("L2-L4", None, bmd, 40.0);
    let comparison = one(subset(1.2), subset(1.0), &[]);
    let change = comparison.change.unwrap();
    assert_eq!((change.lsc, change.significant), (None, None));
    assert_eq!(outcome(&comparison, ComparisonRule::LscDefault), Outcome::CannotTell);
}

#[test]
fn only_like_is_compared_with_like() {
    let hip = |side| measured("total_hip", side, 0.8, 35.0);
    let left = Some(Side::Left);
    let refused = |now: &Scan, then: &Scan, a: Measurement, b: Measurement| {
        let comparison = compared((now, &[a]), (then, &[b]), &[]).remove(0);
        assert_ne!(outcome(&comparison, ComparisonRule::CompareGate), Outcome::Fired);
        comparison.change.unwrap_err()
    };
    let lunar = scan(Some("GE MEDICAL SYSTEMS LUNAR"), Some("Prodigy"));
    let discovery = scan(Some("HOLOGIC"), Some("Discovery W"));
    let nobody = scan(None, Some("Horizon A"));
    assert_eq!(refused(&horizon(), &lunar, hip(left), hip(left)), Incomparable::OtherManufacturer);
    assert_eq!(refused(&horizon(), &discovery, hip(left), hip(left)), Incomparable::OtherModel);
    assert_eq!(refused(&horizon(), &nobody, hip(left), hip(left)), Incomparable::DeviceUnknown);
    let h = horizon();
    assert_eq!(refused(&h, &h, hip(left), hip(Some(Side::Right))), Incomparable::OtherSide);
    assert_eq!(refused(&h, &h, hip(None), hip(None)), Incomparable::SideUnknown);
    assert_eq!(refused(&h, &h, hip(left), hip(None)), Incomparable::SideUnknown);
    let spine = |set: &str| measured(set, None, 0.9, 40.0);
    assert_eq!(refused(&h, &h, spine("L1-L4"), spine("L2-L4")), Incomparable::OtherVertebrae);
    let withheld = Measurement { withheld: true, ..hip(left) };
    assert_eq!(refused(&h, &h, withheld, hip(left)), Incomparable::NoDensity);
    // Spellings of one maker and one model are one device.
    let spelled = scan(Some("Hologic, Inc."), Some("horizon  a"));
    assert!(compared((&h, &[hip(left)]), (&spelled, &[hip(left)]), &[])[0].change.is_ok());
    // What the other visit did not measure is not compared, nor is what is never followed.
    assert!(compared((&h, &[hip(left)]), (&h, &[spine("L1-L4")]), &[]).is_empty());
    assert!(
        compared((&h, &[measured("wards", left, 0.5, 1.0)]), (&h, &[measured("wards", left, 0.6, 1.0)]), &[])
            .is_empty()
    );
}

#[test]
fn another_bone_area_is_said() {
    let said = |site: &str, now: f64, then: f64| {
        let side = (site != "L1-L4").then_some(Side::Left);
        let comparison = one(measured(site, side, 0.9, now), measured(site, side, 0.9, then), &[]);
        comparison.findings.iter().any(|finding| finding.code == "comparison_area_differs")
    };
    assert!(!said("total_hip", 35.7, 35.0)); // 2.0 %
    assert!(said("total_hip", 35.8, 35.0)); // 2.3 %
    assert!(!said("L1-L4", 61.0, 60.0)); // 1.0 cm², 1.7 %
    assert!(said("L1-L4", 61.1, 60.0)); // 1.1 cm²
}

#[test]
fn precision_is_of_one_model_one_set_of_vertebrae_and_one_side() {
    let lsc = |now: Measurement, own: &[SitePrecision]| {
        let then = Measurement { bmd_g_cm2: Some(0.9), ..now.clone() };
        one(now, then, own).change.unwrap().lsc.map(|lsc| (lsc.source, lsc.g_cm2))
    };
    let close = |lsc: Option<(LscSource, f64)>, rms_sd: f64| {
        let (source, g_cm2) = lsc.unwrap();
        assert_eq!(source, LscSource::Measured);
        assert!((g_cm2 - 2.77 * rms_sd).abs() < 1e-12, "{g_cm2} of {rms_sd}");
    };
    let spine = || measured("L1-L4", None, 0.9, 55.0);
    let hip = |side| measured("total_hip", Some(side), 0.9, 33.0);
    let here = Some("horizon  a");
    close(lsc(spine(), &[precision("L1-L4", None, here, 0.01)]), 0.01);
    let elsewhere = [precision("L1-L4", None, Some("Discovery W"), 0.01)];
    assert_eq!(lsc(spine(), &elsewhere).unwrap().0, LscSource::Default);
    let other_set = [precision("L2-L4", None, None, 0.01)];
    assert_eq!(lsc(spine(), &other_set).unwrap().0, LscSource::Default);
    let sides =
        [precision("total_hip", None, None, 0.01), precision("total_hip", Some(Side::Left), None, 0.02)];
    close(lsc(hip(Side::Left), &sides), 0.02);
    close(lsc(hip(Side::Right), &sides), 0.01);
    assert_eq!(lsc(hip(Side::Right), &sides[1..]).unwrap().0, LscSource::Default);
}
