//! Scores against worked vectors.

use super::*;
use crate::reference::Library;

fn bmd(value: f64) -> GramsPerCm2 {
    GramsPerCm2::new(value).unwrap()
}

fn table(id: &str) -> &'static ReferenceTable {
    Library::bundled().get(id).unwrap()
}

/// Published test vectors of the T-score against the NHANES III total hip of women (0.942, 0.122).
#[test]
fn t_scores_meet_the_published_vectors() {
    let vectors = [
        (0.632_140_042_031_460_8, -2.539_835_721_053_599_6),
        (0.975_348_855_980_136_9, 0.273_351_278_5),
        (0.851_034_389_425_335, -0.745_619_758_8),
        (0.793_607_204_288_659_9, -1.216_334_391_1),
        (0.765_426_918_354_406_6, -1.447_320_341_4),
        (0.487_461_618_334_127_6, -3.725_724_439_9),
        (0.712_699_044_764_510_3, -1.879_516_026_5),
        (0.803_269_509_618_881_3, -1.137_135_167_1),
        (0.821_816_579_559_149_3, -0.985_110_003_6),
        (0.605_724_740_548_994_9, -2.756_354_585_7),
    ];
    for (density, t) in vectors {
        let score = t_score(table("nhanes3-us-nhw"), Sex::Female, Site::TotalHip, bmd(density)).unwrap();
        assert!((score.exact - t).abs() < 1e-9, "{density}: {}", score.exact);
        assert!((score.percent.unwrap() - 100.0 * density / 0.942).abs() < 1e-9);
    }
}

/// What enCORE printed on reports whose chart gave the reference; it rounds from unrounded densities.
#[test]
fn ge_charts_meet_the_printed_scores() {
    let spine = "L1-L4".parse().unwrap();
    let radius = "radius_33".parse().unwrap();
    let checks = [
        ("ge-lunar-prodigy-encore16-us", spine, 1.022, -1.3),
        ("ge-lunar-idxa-encore17-us", Site::TotalHip, 0.777, -1.8),
        ("ge-lunar-idxa-encore17-us", Site::TotalHip, 0.800, -1.6),
        ("ge-lunar-idxa-encore17-us", Site::TotalHip, 0.788, -1.7),
        ("ge-lunar-idxa-encore17-us", spine, 1.285, 0.7),
        ("ge-lunar-idxa-encore17-us", Site::TotalHip, 0.991, -0.1),
        ("ge-lunar-idxa-encore17-us", Site::TotalHip, 1.007, 0.0),
        ("ge-lunar-idxa-encore17-us", radius, 0.861, -0.2),
    ];
    for (id, site, density, printed) in checks {
        let score = t_score(table(id), Sex::Female, site, bmd(density)).unwrap();
        assert!((score.value - printed).abs() < 0.1 + 1e-9, "{id} {site} {density}: {}", score.value);
    }
}

/// Korean children's spine (ESPE 2014): minus two standard deviations stand in the same abstract.
#[test]
fn lms_meets_the_published_minus_two_sd() {
    let rows = [
        (0.068, 0.577, 0.133, 0.441),
        (0.226, 0.630, 0.135, 0.477),
        (0.380, 0.687, 0.136, 0.515),
        (0.560, 0.643, 0.150, 0.463),
        (0.588, 0.710, 0.144, 0.518),
    ];
    // All four numbers are printed to a thousandth: −2 must lie among the scores of what they may stand for.
    let ends = |printed: f64| [printed - 0.0005, printed + 0.0005];
    for (l, m, s, minus_two) in rows {
        let (mut least, mut most) = (f64::INFINITY, f64::NEG_INFINITY);
        for (l, m, s, x) in ends(l).into_iter().flat_map(|l| {
            ends(m).into_iter().flat_map(move |m| {
                ends(s).into_iter().flat_map(move |s| ends(minus_two).map(|x| (l, m, s, x)))
            })
        }) {
            let z = Distribution::Lms { l, m, s }.z(bmd(x));
            (least, most) = (least.min(z), most.max(z));
        }
        assert!(least <= -2.0 && -2.0 <= most && most - least < 0.05, "M {m}: {least} to {most}");
    }
}

#[test]
fn lms_with_l_zero_is_the_logarithm_and_its_neighbors_join_it() {
    let z = |l| Distribution::Lms { l, m: 1.0, s: 0.1 }.z(bmd(0.8));
    assert!((z(0.0) - 0.8f64.ln() / 0.1).abs() < 1e-12);
    for l in [1e-300, 1e-12, 1e-9, -1e-9] {
        assert!((z(l) - z(0.0)).abs() < 1e-6, "{l}: {}", z(l));
    }
    assert!((z(1.0) - (0.8 - 1.0) / 0.1).abs() < 1e-12, "L = 1 is the normal distribution");
    assert!((z(-2.0) - (0.8f64.powi(-2) - 1.0) / -0.2).abs() < 1e-12);
}

#[test]
fn the_density_at_a_z_has_that_z() {
    let distributions = [
        Distribution::Normal { mean: 0.942, sd: 0.122 },
        Distribution::Lms { l: 0.38, m: 0.687, s: 0.136 },
        Distribution::Lms { l: 0.0, m: 0.687, s: 0.136 },
        Distribution::Lms { l: -1.2, m: 0.687, s: 0.136 },
    ];
    for distribution in distributions {
        for z in [-2.5, -1.0, 0.0, 2.0] {
            let back = distribution.z(bmd(distribution.at_z(z).unwrap()));
            assert!((back - z).abs() < 1e-9, "{distribution:?}: {z} comes back as {back}");
        }
    }
    assert_eq!(Distribution::Lms { l: 5.0, m: 0.7, s: 0.2 }.at_z(-2.0), None);
}

#[test]
fn scores_round_half_away_from_zero_and_never_to_minus_zero() {
    // mean 0.942, SD 0.122
    for (density, value) in
        [(0.942 - 0.122 * 1.05, -1.1), (0.942 + 0.122 * 1.05, 1.1), (0.942 - 0.122 * 2.449, -2.4)]
    {
        let score = t_score(table("nhanes3-us-nhw"), Sex::Female, Site::TotalHip, bmd(density)).unwrap();
        assert!((score.value - value).abs() < 1e-12, "{density}: {}", score.value);
    }
    let score = t_score(table("nhanes3-us-nhw"), Sex::Female, Site::TotalHip, bmd(0.941)).unwrap();
    assert!(score.exact < 0.0 && score.value.abs() < 1e-12 && score.value.is_sign_positive());
}
