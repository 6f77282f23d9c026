//! A hip on the table: bone, pelvis, soft tissue, the field, and what a positioning error does to each.

use serde_json::{Value, json};

use super::femur::{Femur, FemurForm};
use super::landmarks::{self, Convention, Landmarks};
use super::metal::{Metal, MetalKind};
use super::pelvis::Pelvis;
use super::pose::Pose;
use super::regions::Setting;
use crate::SimError;
use crate::device_numbers::Side;
use crate::limb::integral::{Frame as Bounds, Place, sums};
use crate::limb::plane::{Point, rounded};
use crate::limb::tissue::Tissue;
use crate::random::Random;
use crate::scene::{Anatomy, Column, Frame};
use crate::settings::Settings;

/// Settings of this anatomy alone.
pub(crate) const SETTINGS: [&str; 10] = [
    "density",
    "edge",
    "panniculus",
    "abduction",
    "rotation",
    "head_margin",
    "below_lesser_trochanter",
    "ischium",
    "metal",
    "skin",
];

/// A hip in its field.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct HipScene {
    side: Side,
    femur: Femur,
    pelvis: Pelvis,
    metal: Metal,
    tissue: Tissue,
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
        let density = settings.number("density", [0.1, 3.0], "a factor from 0.1 to 3")?;
        let form = FemurForm {
            rotation_deg: errors.rotation_deg,
            density: density.unwrap_or_else(|| person.uniform(0.75, 1.25)),
            edge: settings.number("edge", [0.05, 1.0], "a share from 0.05 to 1")?,
        };
        let tissue = Tissue::drawn(settings, [14.0, 26.0], person, visit)?;
        let panniculus = settings.number("panniculus", [0.0, 15.0], "an amount from 0 to 15 g/cm²")?;
        let skin = settings.number("skin", [60.0, 300.0], "a distance from 60 to 300 mm")?;
        let skin = skin.unwrap_or_else(|| person.uniform(112.0, 150.0));
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
            pose,
            landmarks,
            field: [FIELD_WIDTH, height],
            abduction_deg: errors.abduction_deg,
            rotation_deg: errors.rotation_deg,
            skin,
            panniculus: (panniculus.unwrap_or(0.0), pose.head.y + visit.uniform(-25.0, 15.0)),
        })
    }

    /// Greatest amount of soft tissue, g/cm².
    pub(crate) fn soft_tissue(&self) -> f64 {
        self.tissue.thickness + self.panniculus.0
    }

    fn soft(&self, point: Point) -> Column {
        let (across, down) = (point.x / self.field[0] - 0.5, point.y / self.field[1] - 0.5);
        let skin = self.skin - self.pose.to_pelvis(point).x;
        let column = self.tissue.column(across * self.pose.lateral, down, skin, ROUND_MM);
        if skin <= 0.0 {
            return column;
        }
        // The fold hangs lower in the middle of the field.
        let above = self.panniculus.1 - point.y + 20.0 * (0.25 - across * across);
        let share = (above / FOLD_MM).clamp(0.0, 1.0);
        Column { fat: column.fat + self.panniculus.0 * share * share * (3.0 - 2.0 * share), ..column }
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
        let (head, radius) = (self.pose.head, self.femur.head_radius);
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
            let (s, n) = self.femur.neck_coordinates(self.pose.to_femur(point));
            let inside = landmarks::box_distance(s, n, edge);
            let ischium = self.pelvis.ischium_distance(self.pose.to_pelvis(point));
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
            let distance = self.metal.distance(self.pose.to_femur(point));
            Place { distances: [distance], bone: 0.0, other: 0.0 }
        });
        found.area_cm2 * 100.0
    }
}

impl Anatomy for HipScene {
    fn column(&self, x_mm: f64, y_mm: f64) -> Column {
        let point = Point::new(x_mm, y_mm);
        let local = self.pose.to_femur(point);
        let soft = self.soft(point);
        if soft == Column::default() {
            return soft;
        }
        let bone = self.femur.density(local) + self.pelvis.density(self.pose.to_pelvis(point));
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
                "soft_tissue_g_cm2": self.tissue.thickness,
                "fat_share": self.tissue.fat,
                "panniculus_g_cm2": self.panniculus.0,
            },
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
        let abduction = settings.number("abduction", [-25.0, 25.0], "an angle from -25 to 25 degrees")?;
        let rotation = settings.number("rotation", [-10.0, 25.0], "an angle from -10 to 25 degrees")?;
        let head = settings.number("head_margin", [-40.0, 50.0], "a distance from -40 to 50 mm")?;
        let below =
            settings.number("below_lesser_trochanter", [-30.0, 80.0], "a length from -30 to 80 mm")?;
        let ischium = settings.number("ischium", [-10.0, 40.0], "a shift from -10 to 40 mm")?;
        let metal = settings.choice("metal", &kinds, "none, button, screw or prosthesis")?;
        Ok(Self {
            abduction_deg: abduction.unwrap_or(0.0) + visit.uniform(-1.5, 1.5),
            rotation_deg: rotation.unwrap_or(0.0) + visit.uniform(-1.5, 1.5),
            head_margin: head.unwrap_or_else(|| visit.uniform(27.0, 33.0)),
            below_lesser: below.unwrap_or_else(|| visit.uniform(28.0, 40.0)),
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
