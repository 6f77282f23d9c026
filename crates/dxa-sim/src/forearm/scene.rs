//! A forearm on the table: bones, soft tissue, the field, and what a positioning error does to each.

use serde_json::{Value, json};

use super::bones::Bones;
use super::metal::{Metal, MetalKind};
use super::strips::{self, Strips};
use crate::SimError;
use crate::device_numbers::Side;
use crate::limb::draws::around;
use crate::limb::integral::{self, Place};
use crate::limb::plane::{Point, rounded};
use crate::limb::pose::Pose;
use crate::limb::skin::rounded_off;
use crate::random::Random;
use crate::scene::edge::Edge;
use crate::scene::soft_tissue::SoftTissue;
use crate::scene::{Anatomy, Column, Frame};
use crate::settings::Settings;

/// A forearm in its field.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct ForearmScene {
    side: Side,
    bones: Bones,
    metal: Metal,
    tissue: SoftTissue,
    pose: Pose,
    field: [f64; 2],
    /// Length of the ulna, mm, and whether it was typed in.
    ulna: (f64, bool),
    tilt_deg: f64,
    /// Half-width of the limb at the wrist and its growth with each mm toward the elbow, mm.
    limb: [f64; 2],
}

/// Width of the field, mm.
const FIELD_WIDTH: f64 = 110.0;
/// A forearm is this much thinner than the trunk that soft tissue is drawn for.
const THINNER: f64 = 0.3;

impl ForearmScene {
    /// A forearm of a person and a visit.
    ///
    /// # Errors
    /// A value that its setting does not take.
    pub(crate) fn drawn(
        settings: &Settings,
        side: Side,
        person: &mut Random,
        visit: &mut Random,
    ) -> Result<Self, SimError> {
        let position = Position::read(settings, visit)?;
        let drawn = person.uniform(0.55, 0.85);
        let density = settings.number("bmd", [0.1, 3.0], "0.1 to 3 g/cm²")?.unwrap_or(drawn);
        let ulna = ulna_length(settings, around(person, 252.0, 14.0))?;
        let tissue = tissue(settings, person, visit)?;
        let bones = Bones::drawn(person, density, Edge::of(settings)?);
        let limb = [person.uniform(29.0, 33.0), person.uniform(0.06, 0.14)];
        let kinds =
            [("none", MetalKind::None), ("bracelet", MetalKind::Bracelet), ("plate", MetalKind::Plate)];
        let kind = settings.choice("artefact", &kinds, "none, bracelet or plate")?;
        let metal = Metal::drawn(kind.unwrap_or(MetalKind::None), &bones, visit);
        let (pose, height) = position.place(side, ulna.0);
        Ok(Self {
            side,
            bones,
            metal,
            tissue,
            pose,
            field: [FIELD_WIDTH, height],
            ulna,
            tilt_deg: position.tilt_deg,
            limb,
        })
    }

    /// Amount of soft tissue in the middle, g/cm².
    pub(crate) fn soft_tissue(&self) -> f64 {
        self.tissue.thickness
    }

    /// Length of the ulna as typed in; none when nobody did.
    pub(crate) fn typed_length(&self) -> Option<f64> {
        Some(self.ulna.0).filter(|_| self.ulna.1)
    }

    fn strips(&self) -> Strips {
        Strips { endplate: self.bones.endplate, ulna_length: self.ulna.0 }
    }

    fn soft(&self, local: Point) -> Column {
        let half = self.limb[0] + self.limb[1] * local.y;
        let skin = half - local.x.abs();
        rounded_off(self.tissue.column(local.x, local.y - 40.0), skin, half)
    }

    fn quality(&self, [width, height]: [f64; 2]) -> Value {
        let end = self.pose.to_image(Point::new(0.0, self.strips().end()));
        let metal = integral::Frame { from: Point::new(0.0, 0.0), to: Point::new(width, height) };
        let [found] = integral::sums(metal, 4, |point| {
            let distance = self.metal.distance(self.pose.to_bone(point));
            Place { distances: [distance], bone: 0.0, other: 0.0 }
        });
        json!({
            "forearm_tilt_deg": rounded(self.tilt_deg.abs()),
            "above_styloid_mm": rounded(self.pose.origin.y),
            "below_site_33_mm": rounded(height - end.y),
            "metal_mm2": rounded(found.area_cm2 * 100.0),
        })
    }
}

impl Anatomy for ForearmScene {
    fn column(&self, x_mm: f64, y_mm: f64) -> Column {
        let local = self.pose.to_bone(Point::new(x_mm, y_mm));
        let soft = self.soft(local);
        if soft == Column::default() {
            return soft;
        }
        let [radius, ulna] = [self.bones.radius_distance(local), self.bones.ulna_distance(local)];
        let bone = self.bones.density(local.y, radius) + self.bones.density(local.y, ulna);
        let bone = if local.y < 12.0 { bone + self.bones.carpal_density(local) } else { bone };
        Column { metal: self.metal.density(local), ..soft.with_bone(bone) }
    }

    fn width_mm(&self) -> f64 {
        self.field[0]
    }

    fn height_mm(&self) -> f64 {
        self.field[1]
    }

    fn truth(&self, frame: &Frame) -> Value {
        let image = [f64::from(frame.columns) * frame.spacing[1], f64::from(frame.rows) * frame.spacing[0]];
        let strips = self.strips();
        json!({
            "anatomy": "forearm",
            "laterality": self.side.code(),
            "ulna_length_mm": self.typed_length().map(rounded),
            "regions": strips::to_json(&self.bones, self.pose, &strips, image, self.side.code()),
            "landmarks": strips::landmarks(&self.bones, self.pose, &strips),
            "quality": self.quality(image),
            "form": { "tilt_deg": self.tilt_deg, "true_ulna_length_mm": self.ulna.0 },
            "soft_tissue": self.tissue.to_json(),
        })
    }
}

/// Length of the ulna, and whether it is known to the scanner.
fn ulna_length(settings: &Settings, drawn: f64) -> Result<(f64, bool), SimError> {
    let read = |value: &str| match value {
        "none" => Some(None),
        _ => value.parse().ok().filter(|length| (150.0..=350.0).contains(length)).map(Some),
    };
    // Whole millimeters, as a person reads them from a ruler.
    let drawn = (drawn + 0.5).floor();
    Ok(match settings.read("ulna_length", read, "150 to 350 mm, or none")? {
        None => (drawn, true),
        Some(None) => (drawn, false),
        Some(Some(length)) => (length, true),
    })
}

fn tissue(settings: &Settings, person: &mut Random, visit: &mut Random) -> Result<SoftTissue, SimError> {
    let tissue = SoftTissue::of(settings, person, visit)?;
    let thinner = if settings.scene("thickness").is_some() { 1.0 } else { THINNER };
    Ok(SoftTissue { thickness: tissue.thickness * thinner, gas: Vec::new(), over_bone: 0.0, ..tissue })
}

/// How the arm lies.
struct Position {
    tilt_deg: f64,
    offset: f64,
    above_styloid: f64,
    below_site: f64,
}

impl Position {
    fn read(settings: &Settings, visit: &mut Random) -> Result<Self, SimError> {
        let drawn = Self {
            tilt_deg: visit.uniform(-1.5, 1.5),
            offset: visit.uniform(-5.0, 5.0),
            above_styloid: visit.uniform(24.0, 32.0),
            below_site: visit.uniform(10.0, 25.0),
        };
        let tilt = settings.number("tilt", [-20.0, 20.0], "-20 to 20 degrees")?.unwrap_or(0.0);
        let above = settings.number("above_styloid", [-20.0, 60.0], "-20 to 60 mm")?;
        let below = settings.number("below_site", [-60.0, 60.0], "-60 to 60 mm")?;
        Ok(Self {
            tilt_deg: tilt + drawn.tilt_deg,
            above_styloid: above.unwrap_or(drawn.above_styloid),
            below_site: below.unwrap_or(drawn.below_site),
            ..drawn
        })
    }

    /// Where the styloid lies, and how high the field is.
    fn place(&self, side: Side, ulna_length: f64) -> (Pose, f64) {
        let lateral = side.pick(1.0, -1.0);
        let origin = Point::new(FIELD_WIDTH / 2.0 + self.offset, self.above_styloid);
        let pose = Pose::new(origin, lateral, self.tilt_deg);
        let end = pose.to_image(Point::new(0.0, strips::end_of_33(ulna_length)));
        (pose, end.y + self.below_site)
    }
}
