//! Slabs of known density, measured by the stages that any scan passes.

use anyhow::{Context as _, Result, anyhow};
use dxa_core::calibrate;
use dxa_core::decode::quantitative::EnergyImage;
use dxa_core::findings::Refusal;
use dxa_core::guard::{self, Input, Leniency, Limits};
use dxa_core::measure::region;
use dxa_core::outline::RegionOutline;
use dxa_core::segment::edge::{self, EdgeRule};
use dxa_core::site::Site;
use dxa_core::study::PixelSpacing;

use super::super::scan::Recipe;
use super::error::Pair;

/// Slabs from above, g/cm².
const SLABS: [f64; 3] = [0.5, 1.0, 1.5];
const CONDITIONS: [(&str, f64, f64); 4] = [
    ("beam=kedge spacing=0.5", 0.5, 0.5),
    ("beam=switching spacing=0.5", 0.5, 0.5),
    ("beam=kedge spacing=0.25x0.30", 0.25, 0.30),
    ("beam=kedge spacing=1.05x0.60", 1.05, 0.60),
];

/// Prints slope, intercept and correlation of each condition.
pub(super) fn print() -> Result<()> {
    println!("\n### Linearity\n");
    println!("Slabs of 0.5, 1.0 and 1.5 g/cm² in water; a line through measured against true density.\n");
    println!("| scan | measured, g/cm² | slope | intercept, g/cm² | r |\n|---|---|---|---|---|");
    for (condition, row_mm, column_mm) in CONDITIONS {
        let measured = slabs(condition, PixelSpacing { row_mm, column_mm })?;
        let pairs: Vec<Pair> = SLABS
            .into_iter()
            .zip(&measured)
            .map(|(truth, measured)| Pair { truth, measured: *measured })
            .collect();
        let (slope, intercept, r) = line(&pairs);
        let shown: Vec<String> = measured.iter().map(|value| format!("{value:.4}")).collect();
        println!("| {condition} | {} | {slope:.4} | {intercept:+.4} | {r:.6} |", shown.join(", "));
    }
    Ok(())
}

fn slabs(condition: &str, spacing: PixelSpacing) -> Result<Vec<f64>> {
    let recipe = Recipe::new("phantom", condition);
    let files = dxa_sim::simulate(recipe.kind, super::FIRST_SEED, &recipe.settings)?;
    let image = |energy: &str| {
        let file = files.iter().find(|file| file.name.ends_with(&format!("{energy}.dcm")));
        let file = file.with_context(|| format!("the phantom has no {energy} image"))?;
        let object = guard::open(Input::whole(&file.bytes), Leniency::Tolerant, &Limits::DEFAULT)?;
        EnergyImage::read(&object).map_err(refused)
    };
    let calibrated = calibrate::pair(&image("low")?, &image("high")?, spacing).map_err(refused)?;
    let bone = edge::bone(&calibrated.field, EdgeRule::HalfStep).map_err(refused)?;
    let mut outlines = bone.outlines();
    outlines.sort_by(|a, b| top(a).total_cmp(&top(b)));
    let site: Site = "L1".parse().map_err(|_| anyhow!("no such site"))?;
    let density = |outline| {
        let region = RegionOutline { site, outline: vec![outline] };
        Ok(region::measure(&calibrated, &bone, &region).map_err(refused)?.bmd().get())
    };
    outlines.into_iter().map(density).collect()
}

fn refused(refusal: Refusal) -> anyhow::Error {
    anyhow!(refusal.message)
}

fn top(outline: &dxa_core::geometry::Polygon) -> f64 {
    outline.corners.iter().map(|corner| corner.y_mm).fold(f64::INFINITY, f64::min)
}

/// Slope, intercept and correlation by least squares.
fn line(pairs: &[Pair]) -> (f64, f64, f64) {
    let n = pairs.len() as f64;
    let mean = |of: fn(&Pair) -> f64| pairs.iter().map(of).sum::<f64>() / n;
    let (x, y) = (mean(|pair| pair.truth), mean(|pair| pair.measured));
    let product = |of: &dyn Fn(&Pair) -> f64| pairs.iter().map(of).sum::<f64>();
    let xy = product(&|pair| (pair.truth - x) * (pair.measured - y));
    let xx = product(&|pair| (pair.truth - x).powi(2));
    let yy = product(&|pair| (pair.measured - y).powi(2));
    (xy / xx, y - xy / xx * x, xy / (xx * yy).sqrt())
}
