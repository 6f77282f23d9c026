//! Area, content and density of hips whose truth is exact, inside of true cut lines.
#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a failure here is a failed test; numbers are its report"
)]

mod simulated;

use dxa_core::measure::region::measure;
use dxa_core::segment::edge::{self, EdgeRule};
use simulated::{largest, simulate};

#[test]
fn total_hip_and_neck() {
    for spacing in ["0.5", "0.25x0.3", "1.05x0.6"] {
        for shape in ["curved", "slab", "linear", "shell", "soft"] {
            for seed in 1..4 {
                let scan = simulate("hip", seed, &[("spacing", spacing), ("edge", shape)]);
                let calibrated = scan.pair().unwrap();
                let rule = EdgeRule::HalfStep { contrast_cm2_g: calibrated.contrast_cm2_g };
                let bone = edge::bone(&calibrated.field, rule).unwrap();
                let mut line = format!(
                    "{spacing} {shape} {seed} k={:.2} noise {:.4} zero {:.4}:",
                    calibrated.contrast_cm2_g,
                    calibrated.soft_tissue.noise_g_cm2,
                    calibrated.soft_tissue.zero_g_cm2
                );
                for (site, area) in [("total_hip", scan.total_hip_area()), ("femoral_neck", scan.neck_box())]
                {
                    let region = largest(site, bone.outlines_within(&area));
                    let found = measure(&calibrated, &bone, &region).unwrap();
                    let truth = scan.truth(site);
                    let found3 = [found.area.get(), found.bmc.get(), found.bmd().get()];
                    let error: Vec<String> = truth
                        .iter()
                        .zip(found3)
                        .map(|(t, f)| format!("{:+.2}", 100.0 * (f / t - 1.0)))
                        .collect();
                    line += &format!(
                        "  {site} {} (u {:.2}%)",
                        error.join(" "),
                        100.0 * found.uncertainty.combined() / truth[2]
                    );
                }
                println!("{line}");
            }
        }
    }
}
