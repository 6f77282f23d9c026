//! Slabs of known density, measured by the stages that any scan passes.

use anyhow::{Context as _, Result, anyhow, ensure};
use dxa_core::calibrate;
use dxa_core::decode::quantitative::EnergyImage;
use dxa_core::findings::Refusal;
use dxa_core::guard::{self, Input, Leniency, Limits};
use dxa_core::measure::region;
use dxa_core::outline::RegionOutline;
use dxa_core::segment::edge::{self, EdgeRule};
use dxa_core::site::Site;
use dxa_core::study::PixelSpacing;
use rayon::prelude::*;

use super::super::scan::Recipe;
use super::Seeds;
use super::error::{Pair, quantile};

/// Slabs from above, g/cm².
const SLABS: [f64; 3] = [0.5, 1.0, 1.5];
const CONDITIONS: [(&str, f64, f64); 4] = [
    ("beam=kedge spacing=0.5", 0.5, 0.5),
    ("beam=switching spacing=0.5", 0.5, 0.5),
    ("beam=kedge spacing=0.25x0.30", 0.25, 0.30),
    ("beam=kedge spacing=1.05x0.60", 1.05, 0.60),
];

/// Prints slope, intercept and correlation of each condition.
pub(super) fn print(seeds: Seeds) -> Result<()> {
    println!("\n### Linearity\n");
    println!("Slabs of 0.5, 1.0 and 1.5 g/cm² in water; a line through measured against true density.\n");
    println!(
        "| scan | phantoms | error of each slab, median, % | slope, median | 2.5 to 97.5 % | intercept, median, g/cm² | lowest r |\n|---|---|---|---|---|---|---|"
    );
    for (condition, row_mm, column_mm) in CONDITIONS {
        let spacing = PixelSpacing { row_mm, column_mm };
        let phantoms = seeds
            .iter()
            .collect::<Vec<_>>()
            .into_par_iter()
            .map(|seed| slabs(condition, spacing, seed))
            .collect::<Result<Vec<_>>>()?;
        let lines: Vec<_> = phantoms.iter().map(|pairs| line(pairs)).collect();
        let errors = (0..SLABS.len()).map(|index| {
            let of_slab: Vec<f64> =
                phantoms.iter().filter_map(|pairs| Some(pairs.get(index)?.percent())).collect();
            format!("{:+.2}", quantile(&of_slab, 0.5))
        });
        let errors = errors.collect::<Vec<_>>().join(", ");
        let of = |value: fn(&(f64, f64, f64)) -> f64, share: f64| {
            quantile(&lines.iter().map(value).collect::<Vec<_>>(), share)
        };
        let slope = |share: f64| of(|line| line.0, share);
        println!(
            "| {condition} | {} | {errors} | {:.4} | {:.4} to {:.4} | {:+.4} | {:.6} |",
            phantoms.len(),
            slope(0.5),
            slope(0.025),
            slope(0.975),
            of(|line| line.1, 0.5),
            of(|line| line.2, 0.0)
        );
    }
    Ok(())
}

/// True and measured density of each slab from above.
fn slabs(condition: &str, spacing: PixelSpacing, seed: u64) -> Result<Vec<Pair>> {
    let recipe = Recipe::new("phantom", condition);
    let files = dxa_sim::simulate(recipe.kind, seed, &recipe.settings)?;
    let image = |energy: &str| {
        let file = files.iter().find(|file| file.name.ends_with(&format!("{energy}.dcm")));
        let file = file.with_context(|| format!("the phantom has no {energy} image"))?;
        let object = guard::open(Input::whole(&file.bytes), Leniency::Tolerant, &Limits::DEFAULT)?;
        EnergyImage::read(&object).map_err(refused)
    };
    let calibrated = calibrate::pair(&image("low")?, &image("high")?, spacing).map_err(refused)?;
    let bone = edge::bone(&calibrated.field, EdgeRule::LevelStep).map_err(refused)?;
    let mut outlines = bone.outlines();
    outlines.sort_by(|a, b| top(a).total_cmp(&top(b)));
    let site: Site = "L1".parse().map_err(|_| anyhow!("no such site"))?;
    let density = |outline| -> Result<f64> {
        let region = RegionOutline { site, outline: vec![outline] };
        Ok(region::measure(&calibrated, &bone, &region).map_err(refused)?.bmd().get())
    };
    ensure!(outlines.len() == SLABS.len(), "{} of {} slabs were found", outlines.len(), SLABS.len());
    let pair = |(truth, outline)| Ok(Pair { truth, measured: density(outline)? });
    SLABS.into_iter().zip(outlines).map(pair).collect()
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
