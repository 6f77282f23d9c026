//! Simulated archives: what a device with a known reference would have printed.

use super::*;

/// Numbers in [0, 1) from a seed (Steele's SplitMix64).
struct Chance(u64);

impl Chance {
    fn uniform(&mut self) -> f64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((z ^ (z >> 31)) >> 11) as f64 / (1u64 << 53) as f64
    }

    /// Box and Muller's normal deviate.
    fn normal(&mut self) -> f64 {
        let radius = (-2.0 * (1.0 - self.uniform()).ln()).sqrt();
        radius * (std::f64::consts::TAU * self.uniform()).cos()
    }
}

fn printed(value: f64, decimals: usize) -> Printed {
    Printed::from_text(&format!("{value:.decimals$}")).unwrap()
}

/// A scan of a person of this density under a reference, as a device prints it.
fn scan(line: usize, bmd: f64, (mean, sd): (f64, f64)) -> PrintedScore {
    PrintedScore {
        line: line as u64,
        bmd: printed(bmd, 3),
        t: Some(printed((bmd - mean) / sd, 1)),
        z: None,
        age: None,
    }
}

fn series(scans: Vec<PrintedScore>, dated: bool) -> Series {
    Series { sex: Sex::Female, site: Site::TotalHip, scans, dated }
}

/// Densities of a clinic: N(0.85, 0.15) as in the field notes.
fn archive(chance: &mut Chance, count: usize, reference: (f64, f64)) -> Vec<PrintedScore> {
    (0..count).map(|line| scan(line, 0.85 + 0.15 * chance.normal(), reference)).collect()
}

#[test]
fn two_hundred_scans_give_mean_and_sd_back_in_all_but_a_few_archives() {
    let archives = 500;
    let mut good = 0;
    let mut contained = 0;
    for seed in 0..archives {
        let mut chance = Chance(seed);
        let (mean, sd) = (0.85 + 0.3 * chance.uniform(), 0.09 + 0.06 * chance.uniform());
        let found = infer(&series(archive(&mut chance, 200, (mean, sd)), true));
        let [period] = found.young.as_slice() else { panic!("seed {seed}: {found:?}") };
        let young = period.found.as_ref().unwrap();
        good += usize::from((young.mean - mean).abs() <= 0.001 && (young.sd - sd).abs() <= 0.0005);
        let holds = |(least, most): (f64, f64), value| least - 1e-9 <= value && value <= most + 1e-9;
        contained += usize::from(holds(young.mean_range, mean) && holds(young.sd_range, sd));
        assert!(young.max_residual <= MAX_RESIDUAL);
    }
    assert!(good * 100 >= archives as usize * 95, "{good}");
    assert_eq!(contained, archives as usize, "what rounding allows holds the truth always");
}

#[test]
fn a_change_of_reference_is_found_in_time_with_both_references() {
    let (before, after) = ((1.047, 0.110), (1.064, 0.106));
    let mut off = 0;
    for seed in 0..200 {
        let mut chance = Chance(1000 + seed);
        let mut scans = archive(&mut chance, 150, before);
        scans.extend(archive(&mut chance, 150, after));
        let found = infer(&series(scans, true));
        assert_eq!(found.young.len(), 2, "seed {seed}");
        let [first, second] = [&found.young[0], &found.young[1]];
        assert!(first.span.to <= 150 && 150 <= second.span.from, "seed {seed}: {found:?}");
        for (period, (mean, sd)) in [(first, before), (second, after)] {
            let young = period.found.as_ref().unwrap();
            off += usize::from((young.mean - mean).abs() > 0.001 || (young.sd - sd).abs() > 0.0005);
        }
    }
    assert!(off <= 20, "{off} of 400");
}

#[test]
fn the_same_mixture_without_dates_is_refused_as_mixed() {
    let mut chance = Chance(7);
    let mut scans = archive(&mut chance, 150, (1.047, 0.110));
    scans.extend(archive(&mut chance, 150, (1.064, 0.106)));
    let found = infer(&series(scans.clone(), false));
    assert_eq!(found.young[0].found, Err(YoungProblem::Mixed));
    // Interleaved references are no periods either.
    let interleaved: Vec<_> = (0..150).flat_map(|at| [scans[at], scans[at + 150]]).collect();
    let found = infer(&series(interleaved, true));
    assert!(found.young.iter().all(|period| period.found.is_err()), "{found:?}");
}

#[test]
fn few_or_equal_scans_tell_nothing() {
    let mut chance = Chance(3);
    let few = archive(&mut chance, 19, (1.0, 0.1));
    assert_eq!(infer(&series(few, true)).young[0].found, Err(YoungProblem::TooFew(19)));
    let alike: Vec<_> = (0..100).map(|line| scan(line, 0.9, (1.0, 0.1))).collect();
    assert!(matches!(infer(&series(alike, true)).young[0].found, Err(YoungProblem::TooAlike { .. })));
    assert_eq!(infer(&series(Vec::new(), true)).young, []);
}

#[test]
fn one_typing_error_is_not_averaged_away() {
    let mut chance = Chance(11);
    let mut scans = archive(&mut chance, 200, (1.0, 0.1));
    scans[100].t = Some(printed(3.3, 1));
    assert_eq!(infer(&series(scans.clone(), false)).young[0].found, Err(YoungProblem::Mixed));
    // In time it stands out, and the reference before and after is the same.
    let found = infer(&series(scans, true));
    let good: Vec<_> = found.young.iter().filter_map(|period| period.found.as_ref().ok()).collect();
    assert!(good.len() >= 2 && good.iter().all(|young| (young.mean - 1.0).abs() < 0.001), "{found:?}");
}

#[test]
fn scores_with_two_decimals_narrow_the_reference_further() {
    let mut chance = Chance(5);
    let scans: Vec<_> = (0..60)
        .map(|line| {
            let bmd = 0.85 + 0.15 * chance.normal();
            let t = (bmd - 0.96) / 0.132;
            PrintedScore { line, bmd: printed(bmd, 4), t: Some(printed(t, 2)), z: None, age: None }
        })
        .collect();
    let young = infer(&series(scans, true)).young[0].found.clone().unwrap();
    assert!((young.mean - 0.96).abs() < 1e-4 && (young.sd - 0.132).abs() < 1e-4, "{young:?}");
}

/// A curve with a loss after menopause, and a spread that grows with age.
fn at_age(age: f64) -> (f64, f64) {
    (1.06 - 0.16 / (1.0 + (-(age - 58.0) / 7.0).exp()), 0.11 + 0.0005 * (age - 20.0))
}

#[test]
fn a_smooth_age_curve_comes_back_from_printed_z() {
    let (mut points, mut off, mut refused) = (0, 0, 0);
    for seed in 0..12 {
        let mut chance = Chance(500 + seed);
        let scans = (0..300).map(|line| {
            let age = 25.0 + 55.0 * chance.uniform();
            let (mean, sd) = at_age(age);
            let bmd = mean + sd * chance.normal();
            let z = Some(printed((bmd - mean) / sd, 1));
            PrintedScore { line, bmd: printed(bmd, 3), t: None, z, age: Some((age * 100.0).round() / 100.0) }
        });
        match infer(&series(scans.collect(), true)).curve.unwrap() {
            Ok(curve) => {
                assert!(curve.max_residual <= MAX_RESIDUAL);
                for point in &curve.points {
                    let (mean, sd) = at_age(point.age);
                    points += 1;
                    off += usize::from((point.mean - mean).abs() > 0.002 || (point.sd - sd).abs() > 0.002);
                }
            }
            Err(_) => refused += 1,
        }
    }
    assert!(refused == 0 && off * 20 <= points, "{off} of {points}, {refused}");
}

#[test]
fn ages_without_decimals_or_another_population_give_no_curve() {
    let mut chance = Chance(9);
    let mut scans = Vec::new();
    for line in 0..300 {
        let age = 50.0 + 25.0 * chance.uniform();
        let (mean, sd) = if line % 2 == 0 { (1.0 - 0.01 * (age - 50.0), 0.12) } else { (0.9, 0.11) };
        let bmd = mean + sd * chance.normal();
        let z = Some(printed((bmd - mean) / sd, 1));
        scans.push(PrintedScore { line, bmd: printed(bmd, 3), t: None, z, age: Some(age) });
    }
    assert!(matches!(infer(&series(scans, true)).curve, Some(Err(CurveProblem::NoCurve { .. }))));
}
