//! What a caller sets of a lateral picture, and what the seed draws where nothing is set.

use crate::SimError;
use crate::limb::draws::around;
use crate::random::Random;
use crate::settings::Settings;

use super::behind::Strength;
use super::display::Display;
use super::person::{self, Deformity, Form};
use super::surroundings::Trunk;
use super::write::{Carrier, Form as Stored, ScaleFrom};

/// Everything that is decided before anything is drawn.
#[derive(Clone, Debug)]
pub(super) struct Choices {
    pub(super) person: person::Choices,
    pub(super) trunk: Trunk,
    pub(super) behind: Strength,
    pub(super) display: Display,
    pub(super) field: Field,
    pub(super) form: Stored,
    pub(super) is_hard: bool,
    pub(super) facing_left: bool,
    /// Chance of a lip of bone at each body.
    pub(super) osteophytes: f64,
}

/// What of the person the picture shows, and its raster.
#[derive(Clone, Debug)]
pub(super) struct Field {
    /// Uppermost level in it; without one its height decides.
    pub(super) first: Option<String>,
    /// Lowest level in it.
    pub(super) last: String,
    /// What it shows below that, mm.
    pub(super) below_mm: f64,
    pub(super) width_mm: f64,
    pub(super) height_mm: f64,
    /// Where the spine lies, in parts of the width from the back.
    pub(super) place: f64,
    /// Row and column spacing, mm.
    pub(super) spacing: [f64; 2],
    pub(super) rows: usize,
    pub(super) columns: usize,
}

const LEVELS: [(&str, &str); 18] = [
    ("C7", "C7"),
    ("T1", "T1"),
    ("T2", "T2"),
    ("T3", "T3"),
    ("T4", "T4"),
    ("T5", "T5"),
    ("T6", "T6"),
    ("T7", "T7"),
    ("T8", "T8"),
    ("T9", "T9"),
    ("T10", "T10"),
    ("T11", "T11"),
    ("T12", "T12"),
    ("L1", "L1"),
    ("L2", "L2"),
    ("L3", "L3"),
    ("L4", "L4"),
    ("L5", "L5"),
];

impl Choices {
    /// Reads the settings; `life` draws what belongs to the person, `day` what belongs to the visit.
    ///
    /// # Errors
    /// A value that its key does not take.
    pub(super) fn of(settings: &Settings, life: &mut Random, day: &mut Random) -> Result<Self, SimError> {
        let renderers = [("clean", false), ("hard", true)];
        let is_hard = settings.choice("renderer", &renderers, "clean or hard")?.unwrap_or(false);
        let sides = [("right", false), ("left", true)];
        let drawn_left = day.fraction() < 0.2;
        let facing_left = settings.choice("facing", &sides, "right or left")?.unwrap_or(drawn_left);
        let share = |key| settings.number(key, [0.0, 1.0], "a share from 0 to 1");
        let form = stored(settings, day)?;
        Ok(Self {
            person: person(settings, is_hard, life)?,
            trunk: trunk(settings, is_hard, life)?,
            behind: strength(is_hard, life),
            display: display(settings, is_hard, day)?,
            field: field(settings, &form, day)?,
            form,
            is_hard,
            facing_left,
            osteophytes: share("osteophytes")?.unwrap_or(if is_hard { 0.18 } else { 0.04 }),
        })
    }
}

fn person(settings: &Settings, is_hard: bool, life: &mut Random) -> Result<person::Choices, SimError> {
    let usual = if is_hard { life.uniform(0.0, 2.4) } else { life.uniform(0.0, 0.6) };
    let deform = settings.number("deform", [0.0, 100.0], "percent of the vertebrae, 0 to 100")?;
    let person = settings.number("person", [1.0, 9999.0], "the number of a spine of the table, from 1")?;
    let fractured = settings.number("fractured", [0.0, 1.0], "a share from 0 to 1")?;
    let scoliosis = settings.number("scoliosis", [0.0, 6.0], "mm between both lines of a plate, 0 to 6")?;
    Ok(person::Choices {
        fractured: fractured.unwrap_or(0.4),
        deformed: deform.unwrap_or(0.0) / 100.0,
        asked: settings.read("fracture", deformities, "level:form:percent, as T8:wedge:30,L1:crush:40; forms are wedge, biconcave and crush, percent 5 to 70")?.unwrap_or_default(),
        scoliosis: scoliosis.unwrap_or(usual),
        person: person.map(|number| number as usize),
    })
}

fn deformities(text: &str) -> Option<Vec<Deformity>> {
    let one = |text: &str| {
        let parts: Vec<&str> = text.split(':').collect();
        let &[level, form, percent] = parts.as_slice() else { return None };
        let form = Form::NAMES.iter().find(|(name, _)| *name == form)?.1;
        let percent = percent.parse().ok().filter(|percent| (5.0..=70.0).contains(percent))?;
        let known = LEVELS.iter().skip(4).any(|(name, _)| *name == level) && level != "L5";
        known.then(|| Deformity { level: level.to_owned(), form, percent })
    };
    text.split(',').map(one).collect()
}

fn trunk(settings: &Settings, is_hard: bool, life: &mut Random) -> Result<Trunk, SimError> {
    let thickness = life.uniform(24.0, 36.0);
    let fat = life.uniform(0.15, 0.42);
    let density = around(life, 1.0, 0.16).clamp(0.6, 1.45);
    let gas = life.between(0, if is_hard { 7 } else { 2 });
    let gas_set = settings.number("gas", [0.0, 15.0], "bubbles, 0 to 15")?;
    Ok(Trunk {
        thickness: settings.number("thickness", [15.0, 45.0], "g/cm² from 15 to 45")?.unwrap_or(thickness),
        fat: settings.number("fat", [0.0, 0.6], "a share from 0 to 0.6")?.unwrap_or(fat),
        clutter: if is_hard { life.uniform(0.8, 1.25) } else { life.uniform(0.2, 0.45) },
        gas: gas_set.map_or(gas, |gas| gas as u32),
        density: settings.number("density", [0.4, 1.8], "a factor from 0.4 to 1.8")?.unwrap_or(density),
    })
}

fn strength(is_hard: bool, life: &mut Random) -> Strength {
    if is_hard {
        Strength {
            bone: life.uniform(0.7, 1.1),
            distance: life.uniform(0.66, 0.92),
            overlap: life.uniform(2.0, 6.0),
            foramen: life.uniform(0.02, 0.3),
        }
    } else {
        Strength {
            bone: life.uniform(0.5, 0.75),
            distance: life.uniform(0.95, 1.05),
            overlap: life.uniform(-1.0, 1.5),
            foramen: life.uniform(0.2, 0.4),
        }
    }
}

fn display(settings: &Settings, is_hard: bool, day: &mut Random) -> Result<Display, SimError> {
    let share = |key| settings.number(key, [0.0, 0.6], "a share from 0 to 0.6");
    let (black, white) = if is_hard {
        (day.uniform(0.12, 0.24), day.uniform(0.02, 0.1))
    } else {
        (day.uniform(0.05, 0.2), day.uniform(0.01, 0.05))
    };
    let photons = if is_hard { day.uniform(3e7, 1e8) } else { day.uniform(1.5e8, 5e8) };
    let gamma = if is_hard { day.uniform(0.65, 1.4) } else { day.uniform(0.8, 1.15) };
    Ok(Display {
        photons: settings
            .number("photons", [0.0, 1e12], "photons for each mm², 0 for no noise")?
            .unwrap_or(photons),
        ground: if is_hard { day.uniform(0.06, 0.16) } else { day.uniform(0.05, 0.09) },
        blur_mm: if is_hard { day.uniform(0.3, 0.65) } else { day.uniform(0.25, 0.4) },
        line_noise: if is_hard { day.uniform(0.0, 0.015) } else { 0.002 },
        flatten: day.uniform(0.15, 0.5),
        clipped: [share("black")?.unwrap_or(black), share("white")?.unwrap_or(white)],
        gamma: settings.number("gamma", [0.3, 3.0], "0.3 to 3")?.unwrap_or(gamma),
    })
}

fn stored(settings: &Settings, day: &mut Random) -> Result<Stored, SimError> {
    let carriers = [("cr", Carrier::Cr), ("dx", Carrier::Dx), ("sc", Carrier::Sc)];
    let scales = [
        ("exposed_area", ScaleFrom::ExposedArea),
        ("pixel_spacing", ScaleFrom::PixelSpacing),
        ("imager_pixel_spacing", ScaleFrom::ImagerPixelSpacing),
        ("none", ScaleFrom::Nothing),
    ];
    let drawn = day.fraction();
    let carrier = settings.choice("object", &carriers, "cr, dx or sc")?.unwrap_or(match drawn {
        x if x < 0.6 => Carrier::Cr,
        x if x < 0.8 => Carrier::Dx,
        _ => Carrier::Sc,
    });
    let usual = if carrier == Carrier::Cr { ScaleFrom::ExposedArea } else { ScaleFrom::PixelSpacing };
    let scale_from = settings
        .choice("scale_from", &scales, "exposed_area, pixel_spacing, imager_pixel_spacing or none")?
        .unwrap_or(usual);
    let polarities = [("bright", false), ("monochrome1", true)];
    let turned = day.fraction() < 0.15 && carrier == Carrier::Dx;
    let is_inverse = settings.choice("polarity", &polarities, "bright or monochrome1")?.unwrap_or(turned);
    Ok(Stored { carrier, scale_from, is_inverse })
}

fn field(settings: &Settings, form: &Stored, day: &mut Random) -> Result<Field, SimError> {
    let levels = "a level from C7 to L5";
    let first = settings.choice("first", &LEVELS, levels)?;
    let last = settings.choice("last", &LEVELS, levels)?;
    let drawn = [0.25, 0.3, 0.35, 0.4, 0.5, 0.5, 0.6, 0.8];
    let drawn = drawn[day.between(0, 7) as usize];
    let usual =
        if form.scale_from == ScaleFrom::ExposedArea { [438.0 / 1768.0, 200.0 / 808.0] } else { [drawn; 2] };
    let expected = "rows x columns in mm from 0.2 to 1.1, as 0.25x0.30, or one number";
    let spacing = settings.read("spacing", spacing, expected)?.unwrap_or(usual);
    let crop = day.fraction();
    let drawn_last = match crop {
        x if x < 0.06 => "L4",
        _ => "L5",
    };
    let below = if last.is_some() { day.uniform(3.0, 9.0) } else { day.uniform(2.0, 42.0) };
    let drawn_first = ["T5", "T6", "T7", "T4"][day.between(0, 3) as usize];
    let cut = day.fraction() < 0.12;
    Ok(Field {
        first: first.map(str::to_owned).or(cut.then(|| drawn_first.to_owned())),
        last: last.unwrap_or(drawn_last).to_owned(),
        below_mm: below,
        width_mm: if form.scale_from == ScaleFrom::ExposedArea { 200.0 } else { day.uniform(150.0, 215.0) },
        height_mm: if form.scale_from == ScaleFrom::ExposedArea { 438.0 } else { day.uniform(400.0, 470.0) },
        place: day.uniform(0.36, 0.5),
        spacing,
        rows: 0,
        columns: 0,
    })
}

fn spacing(text: &str) -> Option<[f64; 2]> {
    let parse = |text: &str| text.parse().ok().filter(|value: &f64| (0.2..=1.1).contains(value));
    match text.split_once('x') {
        Some((row, column)) => Some([parse(row)?, parse(column)?]),
        None => parse(text).map(|value| [value; 2]),
    }
}
