//! What a caller may rely on: the committed scans come out again, and mistakes are named in a sentence.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use dxa_sim::{DEFAULT_SEED, Kind, SimFile, kinds, simulate};

fn run(kind: &str, seed: u64, settings: &[(&str, &str)]) -> Result<Vec<SimFile>, String> {
    let settings = settings.iter().map(|&(key, value)| (key.to_owned(), value.to_owned())).collect();
    simulate(kind, seed, &settings).map_err(|error| error.to_string())
}

/// Kinds that need no CT beside them.
fn alone() -> impl Iterator<Item = &'static Kind> {
    kinds().iter().filter(|kind| kind.settings().all(|key| key != "ct"))
}

fn committed() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../test-scans")
}

#[test]
fn the_committed_scans_come_out_again() {
    let files = run("fixtures", DEFAULT_SEED, &[]).unwrap();
    for file in &files {
        let held = std::fs::read(committed().join(&file.name)).unwrap();
        assert!(held == file.bytes, "{} differs from the committed file", file.name);
    }
    let names: BTreeSet<_> = files.iter().map(|file| file.name.clone()).collect();
    let entries = std::fs::read_dir(committed()).unwrap();
    let held = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let held: BTreeSet<_> = held.filter(|name| name != "README.md").collect();
    assert_eq!(held, names);
}

#[test]
fn the_readme_names_every_committed_file() {
    let readme = std::fs::read_to_string(committed().join("README.md")).unwrap();
    for file in run("fixtures", DEFAULT_SEED, &[]).unwrap() {
        assert!(readme.contains(&file.name), "{} is not explained", file.name);
    }
}

#[test]
fn every_kind_repeats_itself_and_moves_with_the_seed() {
    for kind in alone().filter(|kind| kind.name != "fixtures") {
        let first = run(kind.name, 7, &[]).unwrap();
        assert_eq!(first, run(kind.name, 7, &[]).unwrap(), "{}", kind.name);
        let other = run(kind.name, 8, &[]).unwrap();
        assert!(first.iter().zip(&other).all(|(a, b)| a.bytes != b.bytes), "{}", kind.name);
    }
}

#[test]
fn every_setting_of_every_kind_reaches_the_file() {
    let values = BTreeMap::from([
        ("patient.sex", "M"),
        ("patient.age", "33"),
        ("patient.name", "Else^Someone"),
        ("manufacturer", "Another Maker"),
        ("model", "Another Model"),
        ("protocol_name", "Another Protocol"),
        ("decimal", "comma"),
        ("side", "R"),
        ("visit", "2"),
        ("date", "20210304"),
        ("output", "map"),
        ("scale", "transmission"),
        ("polarity", "dark"),
        ("burned_in", "lines"),
        ("beam", "switching"),
        ("spacing", "0.7x0.6"),
        ("photons", "0"),
        ("blur", "1"),
        ("motion", "6"),
        ("fan", "80"),
        ("edge", "slab"),
        ("bmd", "0.77"),
        ("thickness", "17"),
        ("fat", "33"),
        ("gradient", "12"),
        ("fat_over_bone", "9"),
        ("gas", "5"),
        ("tilt", "8"),
        ("offset", "20"),
        ("scoliosis", "20"),
        ("rotation", "12"),
        ("lumbar", "6"),
        ("missing", "t12"),
        ("fracture", "L2:30"),
        ("osteophyte", "L3:6"),
        ("outlier", "L4:1.4"),
        ("artefact", "rods"),
        ("filling", "lean"),
        ("slabs", "0.4,0.8"),
        ("case", "hand"),
        ("panniculus", "4"),
        ("skin", "95"),
        ("abduction", "9"),
        ("head_margin", "-5"),
        ("below_lesser_trochanter", "12"),
        ("ischium", "20"),
        ("ulna_length", "240"),
        ("above_styloid", "12"),
        ("below_site", "-4"),
        ("displaced", "0.5"),
        ("marrow", "0.3"),
        ("renderer", "hard"),
        ("facing", "left"),
        ("object", "dx"),
        ("scale_from", "pixel_spacing"),
        ("person", "7"),
        ("fractured", "1"),
        ("deform", "40"),
        ("osteophytes", "0.6"),
        ("first", "T8"),
        ("last", "L2"),
        ("density", "0.6"),
        ("black", "0.3"),
        ("white", "0.12"),
        ("gamma", "0.7"),
    ]);
    // The same word would not fit all bones.
    let own = BTreeMap::from([
        (("hip", "artefact"), "screw"),
        (("forearm", "artefact"), "plate"),
        // This seed draws a man.
        (("lateral-spine", "patient.sex"), "F"),
        (("lateral-spine", "fracture"), "L2:wedge:30"),
        (("lateral-spine", "polarity"), "monochrome1"),
        (("lateral-spine", "spacing"), "0.7"),
        (("lateral-spine", "scoliosis"), "4"),
        (("lateral-spine", "fat"), "0.5"),
    ]);
    for kind in alone() {
        // Large pixels take less time.
        let coarse = [("spacing", "1.2")];
        let lateral = kind.name == "lateral-spine";
        let coarse = if lateral { [("spacing", "0.8")] } else { coarse };
        let base: &[_] = if kind.settings().any(|key| key == "spacing") { &coarse } else { &[] };
        let plain = kind.settings().next().map(|_| run(kind.name, 3, base).unwrap());
        for key in kind.settings() {
            let mut settings: Vec<_> = base.iter().copied().filter(|(name, _)| *name != key).collect();
            settings.push((key, own.get(&(kind.name, key)).unwrap_or(&values[key])));
            let changed = run(kind.name, 3, &settings).unwrap();
            assert_ne!(plain.as_ref().unwrap()[0], changed[0], "{} ignores {key}", kind.name);
        }
    }
}

#[test]
fn a_name_beyond_latin_is_written_in_utf8() {
    let file = run("sr", 1, &[("patient.name", "Wang^XiaoDong=王^小东")]).unwrap().remove(0);
    let holds = |wanted: &[u8]| file.bytes.windows(wanted.len()).any(|bytes| bytes == wanted);
    assert!(holds("Wang^XiaoDong=王^小东".as_bytes()) && holds(b"ISO_IR 192"));
}

#[test]
fn mistakes_are_sentences_that_say_what_to_do() {
    let kind = run("ge-foot", 1, &[]).unwrap_err();
    assert!(
        kind.starts_with("There is no simulation `ge-foot`; choose one of fixtures, ge-ap-spine,"),
        "{kind}"
    );
    let key = run("ge-hip", 1, &[("patient.shoe_size", "43")]).unwrap_err();
    assert!(key.starts_with("The simulation `ge-hip` has no setting `patient.shoe_size`; it takes"), "{key}");
    let fixtures = run("fixtures", 1, &[("side", "L")]).unwrap_err();
    assert_eq!(fixtures, "The simulation `fixtures` has no setting `side`; it takes none.");
    let age = run("sr", 1, &[("patient.age", "old")]).unwrap_err();
    assert_eq!(age, "The setting `patient.age` cannot be `old`; give whole years from 1 to 110.");
}
