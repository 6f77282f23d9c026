//! A hip on the table: bone, pelvis, soft tissue, the field, and what a positioning error does to each.

use serde_json::{Value, json};

use super::femur::{Femur, FemurForm};
use super::landmarks::{self, Convention, Landmarks};
use super::metal::{Metal, MetalKind};
use super::pelvis::Pelvis;

use super::regions::Setting;
use crate::SimError;
use crate::device_numbers::Side;
use crate::limb::integral::{Frame as Bounds, Place, sums};
use crate::limb::plane::{Point, rounded};
use crate::limb::pose::Pose;
use crate::limb::skin::rounded_off;
use crate::random::Random;
use crate::scene::edge::Edge;
use crate::scene::soft_tissue::SoftTissue;
use crate::scene::{Anatomy, Column, Frame};
use crate::settings::Settings;

/// A hip in its field.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct HipScene {
    side: Side,
    femur: Femur,
    pelvis: Pelvis,
    metal: Metal,
    tissue: SoftTissue,
    /// Share of fat over the femur less that beside it.
    fat_over_bone: f64,
    pose: Pose,
    landmarks: Landmarks,
    field: [f64; 2],
    abduction_deg: f64,
    rotation_deg: f64,
    /// From the head laterally to the skin, mm.
    skin: f64,
    /// Fat that hangs over the upper part of the field, g/cm², and where it ends, mm from above.
    panniculus: (f64, f64),
}

/// Width of the field, mm.
const FIELD_WIDTH: f64 = 152.0;
/// Within this distance of the skin the thigh gets thinner, mm.
const ROUND_MM: f64 = 60.0;
/// Over this distance the edge of a panniculus fades, mm.
const FOLD_MM: f64 = 8.0;

impl HipScene {
    /// A hip of a person and a visit.
    ///
    /// # Errors
    /// A value that its setting does not take.
    pub(crate) fn drawn(
        settings: &Settings,
        side: Side,
        person: &mut Random,
        visit: &mut Random,
    ) -> Result<Self, SimError> {
        let errors = Errors::read(settings, visit)?;
        let drawn = person.uniform(0.7, 1.2);
        let bmd = settings.number("bmd", [0.1, 3.0], "0.1 to 3 g/cm²")?;
        let form = FemurForm {
            rotation_deg: errors.rotation_deg,
            density: bmd.unwrap_or(drawn),
            edge: Edge::of(settings)?,
        };
        let tissue = SoftTissue::of(settings, person, visit)?;
        let fat_over_bone = tissue.over_bone;
        // There is no bowel in the field, and the fat over the bone follows the bone.
        let tissue = SoftTissue { gas: Vec::new(), over_bone: 0.0, ..tissue };
        let panniculus = settings.number("panniculus", [0.0, 15.0], "0 to 15 g/cm²")?;
        let drawn_skin = person.uniform(112.0, 150.0);
        let skin = settings.number("skin", [60.0, 300.0], "60 to 300 mm")?.unwrap_or(drawn_skin);
        let femur = Femur::drawn(person, form);
        let pelvis = Pelvis::drawn(person, femur.head_radius, errors.ischium_mm, form.density);
        let metal = Metal::drawn(errors.metal, &femur, visit);
        let (pose, landmarks, height) = errors.place(side, &femur, visit);
        Ok(Self {
            side,
            femur,
            pelvis,
            metal,
            tissue,
            fat_over_bone,
            pose,
            landmarks,
            field: [FIELD_WIDTH, height],
            abduction_deg: errors.abduction_deg,
            rotation_deg: errors.rotation_deg,
            skin,
            panniculus: (panniculus.unwrap_or(0.0), pose.origin.y + visit.uniform(-25.0, 15.0)),
        })
    }

    /// Greatest amount of soft tissue, g/cm².
    pub(crate) fn soft_tissue(&self) -> f64 {
        self.tissue.thickness + self.panniculus.0
    }

    /// Soft tissue at a place whose distance from the femur is given.
    fn soft(&self, point: Point, femur_mm: f64) -> Column {
        let [width, height] = self.field;
        let across = self.pose.lateral * (point.x - width / 2.0);
        let column = self.tissue.column(across, point.y - height / 2.0);
        let skin = self.skin - self.pose.to_upright(point).x;
        let column = rounded_off(column, skin, ROUND_MM);
        if column == Column::default() {
            return column;
        }
        let over =
            self.fat_over_bone * (0.5 - femur_mm / FOLD_MM).clamp(0.0, 1.0) * (column.lean + column.fat);
        let over = over.clamp(-column.fat, column.lean);
        Column { lean: column.lean - over, fat: column.fat + over + self.hanging(point), ..column }
    }

    /// Fat of the panniculus, whose fold hangs lower in the middle of the field.
    fn hanging(&self, point: Point) -> f64 {
        let across = point.x / self.field[0] - 0.5;
        let above = self.panniculus.1 - point.y + 20.0 * (0.25 - across * across);
        let share = (above / FOLD_MM).clamp(0.0, 1.0);
        self.panniculus.0 * share * share * (3.0 - 2.0 * share)
    }

    fn setting(&self, image: [f64; 2]) -> Setting<'_> {
        Setting {
            femur: &self.femur,
            pelvis: &self.pelvis,
            pose: self.pose,
            landmarks: self.landmarks,
            image,
        }
    }

    fn quality(&self, [width, height]: [f64; 2]) -> Value {
        let (head, radius) = (self.pose.origin, self.femur.head_radius);
        let nearest = head.x.min(width - head.x).min(head.y).min(height - head.y);
        json!({
            "shaft_tilt_deg": rounded(self.abduction_deg.abs()),
            "lesser_trochanter_mm": rounded(self.landmarks.lesser_mm),
            "head_margin_mm": rounded(nearest - radius),
            "below_lesser_trochanter_mm": rounded(height - self.landmarks.lesser_edge.y),
            "ischium_in_neck_box_mm2": {
                "hologic": rounded(self.ischium_in_box(Convention::Hologic)),
                "lunar": rounded(self.ischium_in_box(Convention::Lunar)),
            },
            "metal_mm2": rounded(self.metal_area([width, height])),
        })
    }

    fn ischium_in_box(&self, convention: Convention) -> f64 {
        let edge = self.landmarks.box_edge(convention);
        let corners = landmarks::neck_box(&self.femur, self.pose, edge);
        let bounds = Bounds::around(&corners);
        let [found] = sums(bounds, 4, |point| {
            let (s, n) = self.femur.neck_coordinates(self.pose.to_bone(point));
            let inside = landmarks::box_distance(s, n, edge);
            let ischium = self.pelvis.ischium_distance(self.pose.to_upright(point));
            Place { distances: [inside.max(ischium)], bone: 0.0, other: 0.0 }
        });
        found.area_cm2 * 100.0
    }

    fn metal_area(&self, [width, height]: [f64; 2]) -> f64 {
        if self.metal == Metal::None {
            return 0.0;
        }
        let field = Bounds { from: Point::new(0.0, 0.0), to: Point::new(width, height) };
        let [found] = sums(field, 4, |point| {
            let distance = self.metal.distance(self.pose.to_bone(point));
            Place { distances: [distance], bone: 0.0, other: 0.0 }
        });
        found.area_cm2 * 100.0
    }
}

impl Anatomy for HipScene {
    fn column(&self, x_mm: f64, y_mm: f64) -> Column {
        let point = Point::new(x_mm, y_mm);
        let local = self.pose.to_bone(point);
        let distance = self.femur.distance(local);
        let soft = self.soft(point, distance);
        if soft == Column::default() {
            return soft;
        }
        let bone =
            self.femur.density_below(local, distance) + self.pelvis.density(self.pose.to_upright(point));
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
        let laterality = self.side.code();
        let regions =
            if self.metal.leaves_bone() { self.setting(image).to_json(laterality) } else { Vec::new() };
        json!({
            "anatomy": "hip",
            "laterality": laterality,
            "regions": regions,
            "landmarks": landmarks::to_json(&self.femur, self.pose, &self.landmarks),
            "quality": self.quality(image),
            "form": {
                "abduction_deg": self.abduction_deg,
                "rotation_deg": self.rotation_deg,
                "fat_over_femur_minus_beside": self.fat_over_bone,
                "panniculus_g_cm2": self.panniculus.0,
            },
            "soft_tissue": self.tissue.to_json(),
        })
    }
}

/// How the person lies, and what is wrong with that.
struct Errors {
    abduction_deg: f64,
    rotation_deg: f64,
    head_margin: f64,
    below_lesser: f64,
    ischium_mm: f64,
    metal: MetalKind,
}

impl Errors {
    fn read(settings: &Settings, visit: &mut Random) -> Result<Self, SimError> {
        let kinds = [
            ("none", MetalKind::None),
            ("button", MetalKind::Button),
            ("screw", MetalKind::Screw),
            ("prosthesis", MetalKind::Prosthesis),
        ];
        let abduction = settings.number("abduction", [-25.0, 25.0], "-25 to 25 degrees")?;
        let rotation = settings.number("rotation", [-10.0, 25.0], "-10 to 25 degrees")?;
        let head = settings.number("head_margin", [-40.0, 50.0], "-40 to 50 mm")?;
        let below = settings.number("below_lesser_trochanter", [-30.0, 80.0], "-30 to 80 mm")?;
        let ischium = settings.number("ischium", [-10.0, 40.0], "-10 to 40 mm")?;
        let metal = settings.choice("artefact", &kinds, "none, button, screw or prosthesis")?;
        Ok(Self {
            abduction_deg: abduction.unwrap_or(0.0) + visit.uniform(-1.5, 1.5),
            rotation_deg: rotation.unwrap_or(0.0) + visit.uniform(-1.5, 1.5),
            head_margin: {
                let drawn = visit.uniform(27.0, 33.0);
                head.unwrap_or(drawn)
            },
            below_lesser: {
                let drawn = visit.uniform(28.0, 40.0);
                below.unwrap_or(drawn)
            },
            ischium_mm: ischium.unwrap_or(0.0),
            metal: metal.unwrap_or(MetalKind::None),
        })
    }

    /// Where the femur lies, and how high the field is.
    fn place(&self, side: Side, femur: &Femur, visit: &mut Random) -> (Pose, Landmarks, f64) {
        let lateral = if side == Side::Left { 1.0 } else { -1.0 };
        let medial = femur.head_radius + self.head_margin;
        let x = if side == Side::Left { medial } else { FIELD_WIDTH - medial };
        let y = femur.head_radius + visit.uniform(34.0, 42.0);
        let pose = Pose::new(Point::new(x, y), lateral, self.abduction_deg);
        let landmarks = Landmarks::of(femur, pose);
        (pose, landmarks, landmarks.lesser_edge.y + self.below_lesser)
    }
}
