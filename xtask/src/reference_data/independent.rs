//! Tests against numbers worked out by other people's code: `xtask/tests/independent/make_vectors.py`.

use std::collections::{BTreeMap, BTreeSet};

use super::curve::AgeCurve;
use super::sample::aged;
use super::smoothness::Smoothness;
use super::survey::{Design, Estimate, Observation};

const SAMPLE: &str = include_str!("../../tests/independent/sample.csv");
const EXPECTED: &str = include_str!("../../tests/independent/expected.csv");

fn numbers(text: &str) -> Vec<Vec<f64>> {
    text.lines().skip(1).map(|line| line.split(',').map(|cell| cell.parse().unwrap()).collect()).collect()
}

fn sample() -> (Design, Vec<Observation>) {
    let rows = numbers(SAMPLE);
    let unit = |row: &Vec<f64>| (row[3] as u16, row[4] as u8);
    let design = Design::new(rows.iter().map(unit));
    let observation = |row: &Vec<f64>| Observation {
        age: row[0],
        completed_years: row[0] as u8,
        value: row[1],
        weight: row[2],
        unit: design.unit(unit(row).0, unit(row).1).unwrap(),
    };
    let observations = rows.iter().map(observation).collect();
    (design, observations)
}

fn expected() -> BTreeMap<&'static str, f64> {
    EXPECTED
        .lines()
        .skip(1)
        .map(|line| line.split_once(',').unwrap())
        .map(|(n, v)| (n, v.parse().unwrap()))
        .collect()
}

fn check(found: f64, name: &str, tolerance: f64) {
    let wanted = expected()[name];
    assert!((found - wanted).abs() <= tolerance, "{name}: {found} is not {wanted}");
}

#[test]
fn moments_and_their_errors_of_everybody_and_of_a_domain() {
    let (design, everybody) = sample();
    let domain = aged(&everybody, 30, 39);
    let with_members: BTreeSet<usize> = domain.iter().map(|one| one.unit).collect();
    assert!(with_members.len() < design.unit_count(), "a unit without a member must be kept");
    for (name, part) in [("all", &everybody), ("domain", &domain)] {
        let Estimate { value, error } = design.mean(part);
        check(value, &format!("mean_{name}"), 1e-9);
        check(error, &format!("mean_error_{name}"), 1e-9);
        let Estimate { value, error } = design.sd(part);
        check(value, &format!("sd_{name}"), 1e-9);
        check(error, &format!("sd_error_{name}"), 1e-8);
    }
}

#[test]
fn curves_of_mean_and_sd() {
    let (_, everybody) = sample();
    let smoothness = Smoothness { mean: 30.0, variance: 300.0 };
    let curve = AgeCurve::fit(&everybody, (16.0, 85.0), smoothness);
    check(curve.mean.freedom, "mean_freedom", 1e-6);
    for age in ["17.5", "30.0", "52.25", "70.0", "84.0"] {
        let at: f64 = age.parse().unwrap();
        check(curve.mean_at(at), &format!("mean_at_{age}"), 1e-8);
        check(curve.sd_at(at), &format!("sd_at_{age}"), 1e-7);
    }
}

#[test]
fn a_mean_beyond_the_whole_has_no_error_when_the_part_is_the_whole() {
    let (design, everybody) = sample();
    let difference = design.mean_beyond_whole(&everybody, &everybody);
    assert!(difference.value.abs() < 1e-12 && difference.error < 1e-12);
    let part = aged(&everybody, 30, 39);
    assert!(design.mean_beyond_whole(&part, &everybody).error > 0.0);
}
