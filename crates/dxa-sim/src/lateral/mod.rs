//! A lateral spine as densitometers export it: real outlines in simulated tissue, with exact six points.

mod behind;
mod bodies;
mod choices;
mod display;
pub(crate) mod from_ct;
mod outline;
mod person;
mod raster;
mod ribs;
mod surroundings;
mod truth;
mod write;

use serde_json::{Value, json};

use crate::SimError;
use crate::kinds::{Group, SCANNED};
use crate::limb::draws::around;
use crate::object::Object;
use crate::patient::{Sex, Study};
use crate::random::Random;
use crate::scene::scan::visit;
use crate::settings::Settings;

use bodies::Mineral;
use choices::{Choices, Field};
use outline::plus;
use person::Vertebra;
use raster::Raster;

/// Settings of `lateral-spine`.
pub(crate) const SETTINGS: &[Group] = &[
    SCANNED,
    &["visit", "date", "renderer", "facing", "polarity", "object", "scale_from", "spacing"],
    &["person", "fractured", "deform", "fracture", "scoliosis", "osteophytes", "gas", "first", "last"],
    &["thickness", "fat", "density", "photons", "black", "white", "gamma"],
];

/// Simulates one picture.
///
/// # Errors
/// A value that its setting does not take.
pub(crate) fn build(study: &Study, settings: &Settings) -> Result<Vec<(&'static str, Object)>, SimError> {
    let seed = study.seed();
    let mut life = Random::new(seed, "lateral person");
    let mut day = Random::new(seed, &format!("lateral visit {}", visit(settings)?));
    let choices = Choices::of(settings, &mut life, &mut day)?;
    let (mut spine, is_male) = person::draw(&choices.person, &mut life);
    let field = choices.field.around(&mut spine, &mut day);
    let raster = scene(&spine, &field, &choices, &mut life, &mut day);
    let shown = display::show(&raster, &choices.display, &mut day);
    let gray = choices.form.gray(&shown);
    let vertebrae = truth::vertebrae(&spine, &raster, choices.facing_left, &gray);
    let scene = scene_json(&choices, &raster, vertebrae);
    let mut study = study.clone();
    study.patient.sex = settings.sex.unwrap_or(if is_male { Sex::Male } else { Sex::Female });
    Ok(vec![("lateral-spine.dcm", write::object(&study, settings, &choices, &raster, gray, scene))])
}

/// Everything behind the pixels.
fn scene(
    spine: &[Vertebra],
    field: &Field,
    choices: &Choices,
    life: &mut Random,
    day: &mut Random,
) -> Raster {
    let mut raster = Raster::new(field.rows, field.columns, field.spacing);
    surroundings::add(&mut raster, spine, &choices.trunk, day);
    let density = choices.trunk.density;
    for one in spine {
        bodies::add(&mut raster, &one.body, &Mineral::draw(density, choices.is_hard, life));
        if life.fraction() < choices.osteophytes {
            let size = life.uniform(1.5, 6.0);
            bodies::add_osteophyte(&mut raster, &one.body, life.fraction() < 0.5, size, density);
        }
    }
    behind::add(&mut raster, spine, choices.behind, life);
    ribs::add(
        &mut raster,
        spine,
        0.17 * density * choices.trunk.clutter.max(0.35),
        choices.trunk.clutter,
        life,
    );
    raster
}

fn scene_json(choices: &Choices, raster: &Raster, vertebrae: Vec<Value>) -> Value {
    json!({
        "anatomy": "lateral_spine",
        "renderer": if choices.is_hard { "hard" } else { "clean" },
        "facing": if choices.facing_left { "left" } else { "right" },
        "rows": raster.rows,
        "columns": raster.columns,
        "spacing_mm": raster.spacing,
        "field_mm": raster.size(),
        "vertebrae": vertebrae,
        "person": {
            "soft_tissue": choices.trunk.thickness,
            "fat": choices.trunk.fat,
            "density": choices.trunk.density,
            "scoliosis_mm": choices.person.scoliosis,
        },
        "display": {
            "photons": choices.display.photons,
            "black_share": choices.display.clipped[0],
            "white_share": choices.display.clipped[1],
            "gamma": choices.display.gamma,
        },
    })
}

impl Field {
    /// The field that shows the wanted part of a spine, which is moved into it.
    fn around(&self, spine: &mut [Vertebra], random: &mut Random) -> Self {
        let level = |name: &str| spine.iter().find(|one| one.level == name).map(|one| one.body.clone());
        let last = level(&self.last).unwrap_or_else(|| spine[spine.len() - 1].body.clone());
        let lowest = last.corners.iter().map(|corner| corner[1]).fold(f64::NEG_INFINITY, f64::max);
        let bottom = lowest + self.below_mm;
        let highest = self.first.as_deref().and_then(level);
        let highest =
            highest.map(|body| body.corners.iter().map(|corner| corner[1]).fold(f64::INFINITY, f64::min));
        let height = highest.map_or(self.height_mm, |highest| bottom - highest + random.uniform(2.0, 9.0));
        let height = height.clamp(40.0, 520.0);
        let seen: Vec<f64> = spine
            .iter()
            .map(|one| one.body.middle())
            .filter(|middle| middle[1] > bottom - height)
            .map(|middle| middle[0])
            .collect();
        let low = seen.iter().copied().fold(f64::INFINITY, f64::min);
        let high = seen.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let shift = self.place * self.width_mm + around(random, 0.0, 5.0) - f64::midpoint(low, high);
        let up = height - bottom;
        for one in spine.iter_mut() {
            one.body = one.body.moved(1.0, |point| plus(point, [shift, up], 1.0));
        }
        Self {
            rows: (height / self.spacing[0] + 0.5) as usize,
            columns: (self.width_mm / self.spacing[1] + 0.5) as usize,
            ..self.clone()
        }
    }
}

#[cfg(test)]
mod tests;
