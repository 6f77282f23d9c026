//! A phantom: slabs of bone mineral of known density in water, as spine phantoms have them.

use serde_json::{Value, json};

use crate::SimError;
use crate::kinds::{BEAM, Group, SCANNED, VIEW};
use crate::object::Object;
use crate::patient::Study;
use crate::quantitative::lumbar_spine;
use crate::random::Random;
use crate::scene::acquire::Acquisition;
use crate::scene::integral::Measured;
use crate::scene::scan::{Output, visit};
use crate::scene::write::{View, write_scan};
use crate::scene::{Anatomy, Column, Frame};
use crate::settings::Settings;

/// Settings of `phantom`, as docs/simulation.md explains them.
pub(crate) const SETTINGS: &[Group] = &[SCANNED, VIEW, BEAM, &["thickness", "filling", "slabs"]];

/// Width and height of a slab, and the gap to the next, mm.
const SLAB: [f64; 2] = [42.0, 30.0];
const GAP: f64 = 7.0;
/// Width of the field, and the height above the first and below the last slab, mm.
const WIDTH: f64 = 140.0;
const MARGIN: f64 = 22.0;
/// Density of water over that of bone mineral.
const WATER_DISPLACED: f64 = 1.0 / 3.0;

/// Slabs from above, in a layer of even thickness.
#[derive(Clone, Debug, PartialEq)]
struct Phantom {
    /// Density of each, g/cm².
    slabs: Vec<f64>,
    /// What is around them, g/cm².
    layer: Column,
    /// Left edge of all, and upper edge of the first, mm.
    corner: [f64; 2],
}

/// Simulates one scan.
///
/// # Errors
/// A value that its setting does not take.
pub(crate) fn build(
    study: &Study,
    maker: [String; 2],
    settings: &Settings,
) -> Result<Vec<(&'static str, Object)>, SimError> {
    let mut stream = Random::new(study.seed(), &format!("phantom visit {}", visit(settings)?));
    let phantom = Phantom::of(settings, &mut stream)?;
    let tissue = phantom.layer.water + phantom.layer.lean;
    let acquisition = Acquisition::of(settings, tissue, phantom.height_mm(), &mut stream)?;
    let view = View {
        kind: "ap_spine",
        files: ["phantom-low.dcm", "phantom-high.dcm", "phantom-map.dcm", "phantom.dcm"],
        protocol: settings.protocol_name.clone().unwrap_or_else(|| "AP Spine phantom".to_owned()),
        region: lumbar_spine(),
        side: None,
        maker,
    };
    Ok(write_scan(study, &view, &phantom, &acquisition, Output::of(settings)?, &mut stream))
}

impl Phantom {
    fn of(settings: &Settings, stream: &mut Random) -> Result<Self, SimError> {
        let thickness = settings.number("thickness", [0.0, 45.0], "0 to 45 g/cm²")?.unwrap_or(18.0);
        let water = Column { water: thickness, ..Column::default() };
        let lean = Column { lean: thickness, ..Column::default() };
        let filling = settings.choice("filling", &[("water", water), ("lean", lean)], "water or lean")?;
        let slabs =
            settings.read("slabs", slabs, "up to eight densities from 0 to 3 g/cm², as 0.5,1.0,1.5")?;
        let corner =
            [0.5 * (WIDTH - SLAB[0]) + stream.uniform(-2.0, 2.0), MARGIN + stream.uniform(-2.0, 2.0)];
        Ok(Self {
            slabs: slabs.unwrap_or_else(|| vec![0.5, 1.0, 1.5]),
            layer: filling.unwrap_or(water),
            corner,
        })
    }

    fn bone(&self, x: f64, y: f64) -> f64 {
        let (right, down) = (x - self.corner[0], y - self.corner[1]);
        let index = libm::floor(down / (SLAB[1] + GAP));
        let within = (0.0..SLAB[0]).contains(&right) && down - index * (SLAB[1] + GAP) < SLAB[1];
        if within && index >= 0.0 { self.slabs.get(index as usize).copied().unwrap_or(0.0) } else { 0.0 }
    }

    fn region(&self, frame: &Frame, index: usize, density: f64) -> Value {
        let area_cm2 = SLAB[0] * SLAB[1] / 100.0;
        let top = self.corner[1] + index as f64 * (SLAB[1] + GAP);
        let corners = [[0.0, 0.0], [SLAB[0], 0.0], [SLAB[0], SLAB[1]], [0.0, SLAB[1]]];
        let corners = corners.map(|[x, y]| [self.corner[0] + x, top + y]);
        let site = format!("L{}", index + 1);
        let mut region = Measured { area_cm2, bmc_g: density * area_cm2 }.to_json(&site);
        if let Value::Object(entries) = &mut region {
            entries.insert("outline_mm".to_owned(), json!(corners));
            entries.insert("outline_px".to_owned(), json!(corners.map(|corner| frame.pixels(corner))));
        }
        region
    }
}

impl Anatomy for Phantom {
    fn column(&self, x_mm: f64, y_mm: f64) -> Column {
        let bone = self.bone(x_mm, y_mm);
        if self.layer.lean > 0.0 {
            return self.layer.with_bone(bone);
        }
        Column { bone, water: (self.layer.water - bone * WATER_DISPLACED).max(0.0), ..self.layer }
    }

    fn width_mm(&self) -> f64 {
        WIDTH
    }

    fn height_mm(&self) -> f64 {
        2.0 * MARGIN + self.slabs.len() as f64 * (SLAB[1] + GAP) - GAP
    }

    fn has_edges_along_pixels(&self) -> bool {
        true
    }

    fn truth(&self, frame: &Frame) -> Value {
        let regions =
            self.slabs.iter().enumerate().map(|(index, density)| self.region(frame, index, *density));
        json!({
            "regions": regions.collect::<Vec<_>>(),
            "filling_g_cm2": { "water": self.layer.water, "lean": self.layer.lean },
            "field_mm": [WIDTH, self.height_mm()],
        })
    }
}

fn slabs(text: &str) -> Option<Vec<f64>> {
    let number = |text: &str| text.trim().parse().ok().filter(|density| (0.0..=3.0).contains(density));
    let slabs: Option<Vec<f64>> = text.split(',').map(number).collect();
    slabs.filter(|slabs| slabs.len() <= 8)
}
