//! The page of a second reader: the images and a form, and nothing of what was read before.

use std::collections::HashMap;

use askama::Template;
use dxa_core::site::Lumbar;
use dxa_core::vertebra::Level;
use dxa_exchange::record::{Scan, Study};
use dxa_exchange::view::number::{coordinate, shown_name};
use dxa_exchange::view::{Fact, Say, Words, head};

use super::frame::Frame;
use super::study::scan_name;

/// The page.
#[derive(Template)]
#[template(path = "reading.html")]
pub(crate) struct ReadingPage<'a> {
    frame: &'a Frame,
    w: &'static Words,
    uid: &'a str,
    /// What the reading must name in `If-Match`.
    tag: String,
    name: String,
    facts: Vec<Fact>,
    scans: Vec<ReadScan>,
}

/// A scan to be read.
struct ReadScan {
    index: usize,
    name: String,
    address: Option<String>,
    width: String,
    height: String,
    /// Levels of a lateral spine.
    levels: Vec<&'static str>,
    /// Vertebrae of a spine from the front.
    sites: Vec<&'static str>,
}

impl<'a> ReadingPage<'a> {
    /// The page of a study; `images` says where the image of an object is.
    pub(crate) fn of(
        frame: &'a Frame,
        study: &Study,
        uid: &'a str,
        tag: String,
        images: &HashMap<String, String>,
    ) -> Self {
        let say = Say::of(frame.language);
        let scans = study.scans.iter().enumerate().filter(|(index, scan)| is_read(study, *index, scan));
        Self {
            frame,
            w: say.w,
            uid,
            tag,
            name: shown_name(study.patient.name.as_deref()),
            facts: head::facts(study, say),
            scans: scans.map(|(index, scan)| ReadScan::of(index, scan, images, say)).collect(),
        }
    }
}

/// Whether a scan has something of which a reader of its image can say anything: vertebrae.
pub(crate) fn has_readable(study: &Study) -> bool {
    study.scans.iter().enumerate().any(|(index, scan)| is_read(study, index, scan))
}

fn is_read(study: &Study, index: usize, scan: &Scan) -> bool {
    let has_region = || study.regions.iter().any(|region| region.scan == index);
    scan.rows.is_some() && (scan.kind == "lateral_spine" || (scan.kind == "ap_spine" && has_region()))
}

impl ReadScan {
    fn of(index: usize, scan: &Scan, images: &HashMap<String, String>, say: Say) -> Self {
        let stretch = scan.pixel_spacing_mm.map_or(1.0, |[row, column]| row / column);
        let is_lateral = scan.kind == "lateral_spine";
        let levels = Level::ALL.into_iter().filter(|_| is_lateral).map(Level::code);
        let sites = Lumbar::ALL.into_iter().filter(|_| !is_lateral).map(Lumbar::code);
        Self {
            index,
            name: scan_name(scan, say),
            address: scan.sop_instance_uids.iter().find_map(|uid| images.get(uid)).cloned(),
            width: coordinate(f64::from(scan.columns.unwrap_or(0))),
            height: coordinate(f64::from(scan.rows.unwrap_or(0)) * stretch),
            levels: levels.collect(),
            sites: sites.collect(),
        }
    }
}
