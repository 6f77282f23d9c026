//! The physics of simulated scans against numbers that others computed, read from the written files alone.

use std::collections::BTreeMap;

use dicom_core::Tag;
use dicom_dictionary_std::tags;
use dicom_object::{DefaultDicomObject, FileDicomObject};
use dxa_sim::{SimFile, simulate};
use serde_json::Value;

const ATTENUATION: &str = include_str!("../data/attenuation.csv");
const BEAMS: &str = include_str!("../data/beams.csv");

/// One scan as a reader has it.
struct Scan {
    files: Vec<DefaultDicomObject>,
    truth: Value,
}

fn scan(kind: &str, settings: &[(&str, &str)]) -> Scan {
    let settings: BTreeMap<_, _> =
        settings.iter().map(|&(key, value)| (key.to_owned(), value.to_owned())).collect();
    let mut files = simulate(kind, 5, &settings).unwrap();
    let truth: Value = serde_json::from_slice(&files.pop().unwrap().bytes).unwrap();
    let open = |file: &SimFile| FileDicomObject::from_reader(&file.bytes[128..]).unwrap();
    Scan { files: files.iter().map(open).collect(), truth: truth["files"][0]["scene"].clone() }
}

impl Scan {
    fn size(&self) -> (usize, usize) {
        let number = |tag| usize::from(self.files[0].element(tag).unwrap().to_int::<u16>().unwrap());
        (number(tags::ROWS), number(tags::COLUMNS))
    }

    /// Stored values of one file in the unit of its mapping.
    fn values(&self, file: usize) -> Vec<f64> {
        let object = &self.files[file];
        let mapping = object.element(tags::REAL_WORLD_VALUE_MAPPING_SEQUENCE).unwrap().items().unwrap();
        let number = |tag| mapping[0].element(tag).unwrap().to_float64().unwrap();
        let (slope, intercept) =
            (number(tags::REAL_WORLD_VALUE_SLOPE), number(tags::REAL_WORLD_VALUE_INTERCEPT));
        let words = object.element(tags::PIXEL_DATA).unwrap().to_multi_int::<u16>().unwrap();
        words.into_iter().map(|word| f64::from(word) * slope + intercept).collect()
    }

    /// Mean of both log attenuations over an outline-free patch around a point in pixels.
    fn logs_around(&self, [x, y]: [f64; 2]) -> [f64; 2] {
        let (_, columns) = self.size();
        [0, 1].map(|file| {
            let values = self.values(file);
            let (x, y) = (x as usize, y as usize);
            let patch =
                (y - 8..y + 8).flat_map(|row| (x - 8..x + 8).map(move |column| row * columns + column));
            patch.map(|index| values[index]).sum::<f64>() / 256.0
        })
    }

    fn calibration(&self) -> Vec<f64> {
        self.files[0].element(Tag(0x0019, 0x1102)).unwrap().to_multi_float64().unwrap()
    }
}

/// Bone after the calibration of a file: terms `L^i·H^j`, i before j, without the constant.
fn bone(calibration: &[f64], [low, high]: [f64; 2]) -> f64 {
    let powers = (0..=4).flat_map(|i| (0..=4 - i).map(move |j| (i, j))).filter(|&power| power != (0, 0));
    powers.zip(calibration).map(|((i, j), factor)| factor * low.powi(i) * high.powi(j)).sum()
}

fn column(table: &str, header: &str) -> Vec<f64> {
    let at = table.lines().next().unwrap().split(',').position(|name| name == header).unwrap();
    table.lines().skip(1).map(|line| line.split(',').nth(at).unwrap().parse().unwrap()).collect()
}

#[test]
fn attenuation_is_that_of_the_field_notes() {
    // Total mass attenuation from xraydb, cm²/g, at 30, 40, 60, 70 and 100 keV.
    let expected = [
        ("hydroxyapatite", [2.0992, 0.9876, 0.4067, 0.3131, 0.2019]),
        ("lean", [0.3783, 0.2685, 0.2048, 0.1916, 0.1693]),
        ("adipose", [0.3064, 0.2396, 0.1974, 0.1875, 0.1688]),
        ("water", [0.3756, 0.2683, 0.2059, 0.1929, 0.1708]),
        ("aluminium", [1.1284, 0.5684, 0.2778, 0.2301, 0.1704]),
    ];
    for (material, values) in expected {
        let found = column(ATTENUATION, material);
        for (energy, value) in [30, 40, 60, 70, 100].into_iter().zip(values) {
            assert!((found[energy - 10] - value).abs() < 1.0e-4, "{material} at {energy} keV");
        }
    }
}

#[test]
fn the_beam_hardens_as_the_prototype_found() {
    // R of lean behind so much lean: the ratio of what another g/cm² takes from both beams.
    let expected =
        [("kedge", 0.0, 1.547), ("kedge", 20.0, 1.449), ("kedge", 30.0, 1.429), ("switching", 20.0, 1.188)];
    for (beam, lean, ratio) in expected {
        let logs = |thickness: f64| {
            let thickness = thickness.to_string();
            let settings = [
                ("photons", "0"),
                ("filling", "lean"),
                ("slabs", "0"),
                ("beam", beam),
                ("thickness", thickness.as_str()),
            ];
            scan("phantom", &settings).logs_around([30.0, 30.0])
        };
        let (less, more) = (logs((lean - 0.5_f64).max(0.0)), logs((lean - 0.5_f64).max(0.0) + 1.0));
        let found = (more[0] - less[0]) / (more[1] - less[1]);
        // Half a g/cm² of hardening where there is none to start with, steps of 0.0002 elsewhere.
        assert!((found - ratio).abs() < 0.005, "{beam} behind {lean}: {found} for {ratio}");
    }
}

#[test]
fn the_calibration_inverts_the_beam_to_the_published_error() {
    for (beam, integrates) in [("kedge", false), ("switching", true)] {
        let calibration = scan("phantom", &[("photons", "0"), ("beam", beam)]).calibration();
        let energies = column(BEAMS, "energy_kev");
        let spectrum = |energy: &str| -> Vec<f64> {
            let photons = column(BEAMS, &format!("{beam}_{energy}"));
            photons.iter().zip(&energies).map(|(n, e)| if integrates { n * e } else { *n }).collect()
        };
        let spectra = [spectrum("low"), spectrum("high")];
        let middle = |material: &str| -> Vec<f64> {
            let table = column(ATTENUATION, material);
            let between = |(energy, pair): (&f64, &[f64])| {
                let part = (energy / (energy - 0.5)).ln() / ((energy + 0.5) / (energy - 0.5)).ln();
                pair[0] * (pair[1] / pair[0]).powf(part)
            };
            energies.iter().zip(table.windows(2)).map(between).collect()
        };
        let (mineral, lean) = (middle("hydroxyapatite"), middle("lean"));
        let mut worst = 0.0_f64;
        for step in 0..500 {
            let (m, s) = (f64::from(step % 20) * 2.5 / 19.0, 5.0 + f64::from(step / 20) * 30.0 / 24.0);
            let logs = spectra.each_ref().map(|spectrum| {
                let left = |index: usize| spectrum[index] * (-mineral[index] * m - lean[index] * s).exp();
                -((0..140).map(left).sum::<f64>() / spectrum.iter().sum::<f64>()).ln()
            });
            worst = worst.max((bone(&calibration, logs) - m).abs());
        }
        assert!(worst <= 0.0006, "{beam}: {worst}");
    }
}

#[test]
fn slabs_read_back_as_what_they_are() {
    let scan = scan("phantom", &[("photons", "0"), ("slabs", "0.5,1.0,1.5"), ("filling", "lean")]);
    let beside = bone(&scan.calibration(), scan.logs_around([40.0, 60.0]));
    for region in scan.truth["regions"].as_array().unwrap() {
        let corners = region["outline_px"].as_array().unwrap();
        let middle = [0, 1].map(|axis| corners.iter().map(|c| c[axis].as_f64().unwrap()).sum::<f64>() / 4.0);
        let found = bone(&scan.calibration(), scan.logs_around(middle)) - beside;
        let expected = region["bmd_g_cm2"].as_f64().unwrap();
        assert!((found - expected).abs() < 0.001, "{found} for {expected}");
    }
}

#[test]
fn a_map_without_noise_holds_the_mineral_of_the_truth() {
    // The whole mineral between two disc lines, ribs and transverse processes apart, is that of the pixels.
    let scan = scan(
        "ap-spine",
        &[
            ("photons", "0"),
            ("output", "map"),
            ("spacing", "0.25"),
            ("blur", "0"),
            ("tilt", "0"),
            ("scoliosis", "0"),
            ("gas", "0"),
        ],
    );
    let (rows, columns) = scan.size();
    let values = scan.values(0);
    let line = |name: &str| {
        let lines = scan.truth["landmarks"].as_array().unwrap();
        lines.iter().find(|line| line["name"] == name).unwrap()["from_px"][1].as_f64().unwrap()
    };
    let label = |level: &str| {
        let labels = scan.truth["labels"].as_array().unwrap();
        labels.iter().find(|label| label["level"] == level).unwrap().clone()
    };
    for (above, level, below) in [("disc_l1_l2", "L2", "disc_l2_l3"), ("disc_l2_l3", "L3", "disc_l3_l4")] {
        let (top, bottom) = (line(above), line(below));
        let middle = label(level)["middle_px"][0].as_f64().unwrap();
        let half = label(level)["body_mm"][0].as_f64().unwrap() / 2.0 / 0.25;
        let mut sum = 0.0;
        for row in 0..rows {
            // A row counts by its share between the lines.
            let share = (bottom.min(row as f64 + 1.0) - top.max(row as f64)).clamp(0.0, 1.0);
            let inside = (0..columns).filter(|column| (*column as f64 + 0.5 - middle).abs() < half);
            sum += share * inside.map(|column| values[row * columns + column]).sum::<f64>();
        }
        let found = sum * 0.25 * 0.25 / 100.0;
        let regions = scan.truth["regions"].as_array().unwrap();
        let expected =
            regions.iter().find(|region| region["site"] == level).unwrap()["bmc_g"].as_f64().unwrap();
        // Beside the waist of the body the strip holds a little of the transverse processes.
        assert!((found / expected - 1.0).abs() < 0.01, "{level}: {found} g for {expected} g");
    }
}
