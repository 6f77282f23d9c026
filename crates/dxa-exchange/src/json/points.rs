//! Six points in, vertebrae out: what a correction with these points would come to, before it is kept.

use std::collections::BTreeMap;

use dxa_core::grade::Person;
use dxa_core::patient::Sex;
use dxa_core::pipeline;
use dxa_core::study::PixelSpacing;
use dxa_core::units::Years;
use serde::Deserialize;
use serde_json::{Value, json};

use super::vertebrae::Vertebra;
use crate::corrections::{self, CorrectionsError, VertebraFile};

/// The levels of one spine, and what is known of the person and the pixels.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Asked {
    vertebrae: Vec<VertebraFile>,
    #[serde(default)]
    pixel_spacing_mm: Option<[f64; 2]>,
    #[serde(default)]
    sex: Option<String>,
    #[serde(default)]
    age_years: Option<f64>,
}

/// Grades points: `{"vertebrae": [{"scan", "level", "points_px"}], "pixel_spacing_mm", "sex", "age_years"}` gives
/// `{"vertebrae": […]}`, each as an analysis has it. Levels without points, and those that are said not to be
/// evaluable, are left out.
///
/// # Errors
/// JSON of another shape, a level that is not known, a pixel of no size.
///
/// ```
/// let body = br#"{"vertebrae": [{"scan": 0, "level": "L1", "points_px":
///     {"ps": [0, 0], "ms": [15, 3], "as": [30, 6], "ai": [30, 26], "mi": [15, 27], "pi": [0, 28]}}]}"#;
/// let graded = dxa_exchange::json::grade_points(body)?;
/// assert_eq!(graded["vertebrae"][0]["grade"], 2); // 1 - 20 / 28 = 0.29
/// assert_eq!(graded["vertebrae"][0]["shape"], "wedge");
/// # Ok::<(), dxa_exchange::corrections::CorrectionsError>(())
/// ```
pub fn grade_points(body: &[u8]) -> Result<Value, CorrectionsError> {
    let asked: Asked = corrections::read_as(body)?;
    let spacing = asked.pixel_spacing_mm.map(spacing).transpose()?;
    let mut points = BTreeMap::new();
    let mut scan = 0;
    for (at, vertebra) in asked.vertebrae.into_iter().enumerate() {
        scan = vertebra.scan;
        let read = vertebra.read(|key: &str| format!("vertebrae[{at}].{key}"))?;
        if let (Some(own), true) = (read.points, read.evaluable.unwrap_or(true)) {
            points.insert(read.level, own);
        }
    }
    let sex = asked.sex.and_then(|code| [Sex::Female, Sex::Male].into_iter().find(|sex| sex.code() == code));
    let person = Person { sex, age: asked.age_years.and_then(Years::new) };
    let graded = pipeline::grade_points(&points, spacing, person);
    let rows = graded.iter().map(|(level, one)| json!(Vertebra::of(scan, level, one, spacing)));
    Ok(json!({ "vertebrae": rows.collect::<Vec<_>>() }))
}

fn spacing([row_mm, column_mm]: [f64; 2]) -> Result<PixelSpacing, CorrectionsError> {
    if [row_mm, column_mm].iter().all(|mm| mm.is_finite() && *mm > 0.0) {
        return Ok(PixelSpacing { row_mm, column_mm });
    }
    let why = "a pixel has a height and a width above zero".to_owned();
    Err(CorrectionsError { field: "pixel_spacing_mm".to_owned(), why })
}
