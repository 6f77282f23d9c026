//! One object with the device's numbers and with pixels that carry density: both are given, each as what it is.

#![expect(clippy::disallowed_methods, reason = "a test reads files")]
#![expect(clippy::unwrap_used, reason = "a failure here is a failure of the test")]

mod simulated;

use dicom_object::{FileDicomObject, InMemDicomObject};
use dxa_core::guard::{Leniency, Limits};
use dxa_core::measurement::Origin;
use dxa_core::pipeline::{self, Told};
use dxa_core::protocol::Protocol;
use dxa_core::reference::{Library, Profile};
use dxa_core::report::Analysis;
use dxa_core::study::{ScanKind, Tier};
use simulated::simulate;

fn open(bytes: &[u8]) -> FileDicomObject<InMemDicomObject> {
    dicom_object::from_reader(bytes).unwrap()
}

/// The files with everything private of a report of Hologic in the first of them.
fn with_numbers(files: &[&[u8]]) -> Vec<Vec<u8>> {
    let path = format!("{}/../../test-scans/07-hologic-spine.dcm", env!("CARGO_MANIFEST_DIR"));
    let device = open(&std::fs::read(path).unwrap());
    let mut all: Vec<_> = files.iter().map(|bytes| open(bytes)).collect();
    for element in device.iter().filter(|element| element.header().tag.group() % 2 == 1) {
        all[0].put(element.clone());
    }
    let maker = device.element(dicom_dictionary_std::tags::MANUFACTURER).unwrap();
    all.iter_mut().for_each(|object| drop(object.put(maker.clone())));
    let written = |object: &FileDicomObject<InMemDicomObject>| {
        let mut bytes = Vec::new();
        object.write_all(&mut bytes).unwrap();
        bytes
    };
    all.iter().map(written).collect()
}

fn analyzed(files: &[Vec<u8>]) -> Analysis {
    let read = |bytes: &Vec<u8>| {
        let total = bytes.len() as u64;
        pipeline::read(&bytes[..], total, Leniency::Tolerant, &Limits::DEFAULT).unwrap().unwrap()
    };
    let protocol = Protocol::new(Profile::bundled("iscd-2023").unwrap(), Library::bundled());
    let source = |index: usize| Ok(files[index].clone());
    pipeline::analyze(files.iter().map(read).collect(), &source, &Told::default(), &protocol)
}

/// BMD of a site as the device and as we have it.
fn both(analysis: &Analysis, site: &str) -> [Vec<f64>; 2] {
    [Origin::DeviceReported, Origin::Computed].map(|origin| {
        let rows = analysis.regions.iter().map(|region| &region.measurement);
        let of = rows.filter(|row| row.site == site.parse().unwrap() && row.origin == origin);
        of.filter_map(|row| row.bmd_g_cm2).collect()
    })
}

#[test]
fn a_map_with_numbers_of_the_device_gives_both() {
    let scan = simulate("ap-spine", 17, &[("output", "map")]);
    let analysis = analyzed(&with_numbers(&[scan.bytes(0)]));
    assert_eq!((analysis.scans[0].tier, analysis.scans[0].kind), (Tier::Quantitative, ScanKind::ApSpine));
    assert_eq!(
        analysis.refusals.iter().map(|refusal| refusal.code.code()).find(|code| *code != "no_reference"),
        None
    );
    for site in ["L1", "L4", "L1-L4"] {
        let [device, ours] = both(&analysis, site);
        assert_eq!((device.len(), ours.len()), (1, 1), "{site}");
    }
    let [_, truth, _] = scan.truth("L1-L4");
    let [_, ours] = both(&analysis, "L1-L4");
    assert!(truth > 0.0 && ours[0] > 0.2);
}

#[test]
fn a_pair_with_numbers_of_the_device_gives_both() {
    let scan = simulate("ap-spine", 18, &[]);
    let analysis = analyzed(&with_numbers(&[scan.bytes(0), scan.bytes(1)]));
    assert_eq!(analysis.scans[0].tier, Tier::Quantitative);
    let [device, ours] = both(&analysis, "L1-L4");
    assert_eq!((device.len(), ours.len()), (1, 1));
    // One of the two alone still has its numbers, and says what is missing.
    let lone = analyzed(&with_numbers(&[scan.bytes(0)]));
    assert_eq!(lone.scans[0].tier, Tier::Reported);
    assert_eq!(both(&lone, "L1-L4").map(|rows| rows.len()), [1, 0]);
    assert!(lone.refusals.iter().any(|refusal| refusal.code.code() == "pair_incomplete"));
}
