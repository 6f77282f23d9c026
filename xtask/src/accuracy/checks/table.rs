//! The checks, and the settings of the simulator that make each fail and pass.

use serde_json::Value;

use super::truth;

/// A check, and scans on which it must fail and pass.
///
/// `{a..b}` is a value that runs from a to b over the scans, `{a|b}` one of the words.
pub(super) struct Check {
    pub(super) id: &'static str,
    pub(super) kind: &'static str,
    pub(super) fails: &'static str,
    pub(super) passes: &'static str,
    pub(super) limit: f64,
    /// The limit is the least that passes.
    pub(super) least: bool,
    /// What the check measures, exactly, from the scene of the truth.
    pub(super) truth: fn(&Value) -> Option<f64>,
}

/// Settings of scans that several checks share: each fault is one that the others do not measure.
const SPINES: &str = "tilt={-4.4..4.4} offset={-17..17} scoliosis={-10..10} rotation={-6..6}";
const TILTED: &str = "tilt={-12..12} outlier={L1|L2|L3|L4}:{1.3..1.9}";
const ASIDE: &str = "offset={-50..50} rotation={-25..25}";
const WITHOUT_T12: &str = "missing=t12";
const WITHOUT_L5: &str = "missing={l5|l4}";
const HIPS: &str = "abduction={-3..3} rotation={-6..0} head_margin={1..30} below_lesser_trochanter={11..40}";
const ABDUCTED: &str = "abduction={-13..13} below_lesser_trochanter={-5..9}";
const ROTATED: &str = "rotation={12..25} head_margin={-20..-1}";
const FOREARMS: &str = "tilt={-3..3} above_styloid={11..32} below_site={1..25}";
const TILTED_FOREARMS: &str = "tilt={-12..12}";
const WITHOUT_HAND: &str = "above_styloid={-8..9}";
const WITHOUT_THIRD: &str = "below_site={-40..-1}";

pub(super) const CHECKS: [Check; 25] = [
    spine("spine-tilt", TILTED, 5.0, truth::tilt_deg),
    spine("spine-centering", ASIDE, 20.0, truth::offset_mm),
    at_least(spine("spine-t12-in-view", WITHOUT_T12, 50.0, truth::t12_percent)),
    at_least(spine("spine-l5-in-view", WITHOUT_L5, 25.0, truth::l5_percent)),
    at_least(spine("spine-iliac-crest-in-view", WITHOUT_L5, 5.0, truth::crest_mm)),
    at_least(spine("spine-margins", ASIDE, 20.0, truth::margin_mm)),
    spine("spine-curvature", "scoliosis={-25..25}", 10.0, truth::cobb_deg),
    spine("spine-rotation", ASIDE, 5.0, truth::spinous_mm),
    spine("spine-metal", "artefact={metal|metal_beside|rods}", 30.0, truth::metal_mm2),
    spine("spine-motion", "motion={-5..5}", 1.0, truth::motion_mm),
    spine("spine-osteophyte", "osteophyte={L1|L2|L3|L4}:{5..12}", 4.0, truth::osteophyte_mm),
    spine("vertebral-outlier", TILTED, 25.0, truth::spread_percent),
    spine("vertebral-height-loss", "fracture={L1|L2|L3|L4}:{25..50}", 20.0, truth::height_loss_percent),
    hip("hip-shaft-tilt", ABDUCTED, 5.0, truth::shaft_tilt_deg),
    hip("hip-rotation", ROTATED, 5.0, truth::lesser_trochanter_mm),
    at_least(hip("hip-head-in-view", ROTATED, 0.0, truth::head_margin_mm)),
    at_least(hip("hip-margin-below", ABDUCTED, 10.0, truth::below_mm)),
    hip("hip-ischium-in-neck-box", "ischium={8..40}", 10.0, truth::ischium_mm2),
    hip("hip-metal", "artefact={button|screw|prosthesis}", 20.0, truth::metal_area_mm2),
    hip("hip-motion", "motion={-5..5}", 1.0, truth::motion_mm),
    forearm("forearm-tilt", TILTED_FOREARMS, 5.0, truth::forearm_tilt_deg),
    at_least(forearm("forearm-distal-end", WITHOUT_HAND, 10.0, truth::above_styloid_mm)),
    at_least(forearm("forearm-third-in-view", WITHOUT_THIRD, 0.0, truth::below_site_mm)),
    forearm("forearm-metal", "artefact={bracelet|plate}", 20.0, truth::metal_area_mm2),
    forearm("forearm-motion", "motion={-5..5}", 1.0, truth::motion_mm),
];

type Truth = fn(&Value) -> Option<f64>;

const fn spine(id: &'static str, fails: &'static str, limit: f64, truth: Truth) -> Check {
    Check { id, kind: "ap-spine", fails, passes: SPINES, limit, least: false, truth }
}

const fn hip(id: &'static str, fails: &'static str, limit: f64, truth: Truth) -> Check {
    Check { kind: "hip", passes: HIPS, ..spine(id, fails, limit, truth) }
}

const fn forearm(id: &'static str, fails: &'static str, limit: f64, truth: Truth) -> Check {
    Check { kind: "forearm", passes: FOREARMS, ..spine(id, fails, limit, truth) }
}

const fn at_least(check: Check) -> Check {
    Check { least: true, ..check }
}
