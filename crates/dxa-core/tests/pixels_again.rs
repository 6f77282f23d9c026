//! Pixels are fetched a second time: a file that vanished or changed in between is refused.

use std::io;

use dicom_dictionary_std::tags;
use dxa_core::pipeline::{self, Told};
use dxa_core::protocol::Protocol;
use dxa_core::reference::{Library, Profile};

mod made;

use made::Made;

/// The refusals of one display image whose file is `now` when its pixels are asked for.
fn refusals(first: &Made, now: impl Fn() -> io::Result<Vec<u8>> + Sync) -> Vec<&'static str> {
    let profile = Profile::bundled("iscd-2023").expect("the default profile is bundled");
    let protocol = Protocol::new(profile, Library::bundled());
    let analysis = pipeline::analyze(vec![first.read()], &|_| now(), &Told::default(), &protocol);
    assert!(analysis.regions.is_empty());
    analysis.refusals.iter().map(|refusal| refusal.code.code()).collect()
}

fn spine() -> Made {
    Made::lunar("AP Spine")
}

#[test]
fn the_same_file_is_looked_at() {
    assert_eq!(refusals(&spine(), || Ok(spine().bytes())), ["not_calibrated"]);
}

#[test]
fn a_file_that_vanished_is_refused() {
    let gone = || Err(io::ErrorKind::NotFound.into());
    assert_eq!(refusals(&spine(), gone), ["not_calibrated", "no_pixel_data"]);
}

#[test]
fn a_file_that_changed_is_refused() {
    for now in [
        spine().image(200, 240, 8).bytes(),
        spine().text(tags::PATIENT_ID, "someone else").bytes(),
        spine().bytes()[..2000].to_vec(),
        b"no DICOM any more".to_vec(),
        Vec::new(),
    ] {
        assert_eq!(refusals(&spine(), || Ok(now.clone())), ["not_calibrated", "not_evaluable"]);
    }
}
