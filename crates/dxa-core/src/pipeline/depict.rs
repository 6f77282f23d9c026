//! The image of an analyzed scan once more, for drawing on it and for handing it out.

use crate::decode::object::{self, ReadObject};
use crate::field::Field;
use crate::findings::{Refusal, RefusalCode};
use crate::guard::{self, Input, Leniency, Limits, Object};
use crate::report::Analysis;
use crate::study::{Scan, ScanKind};

use super::source::{Source, changed, contained, gone};
use super::stages;

/// Hands the objects of a scan and its image to `draw`: gray from 0 to 1 for looking at, bone bright.
///
/// # Errors
/// Files that cannot be read any more or hold another object than was analyzed; pixels that cannot be shown.
pub fn depict<T>(
    analysis: &Analysis,
    scan: usize,
    source: Source<'_>,
    draw: impl FnOnce(&[Object<'_>], &Field) -> T,
) -> Result<T, Refusal> {
    with_image(analysis, scan, source, |objects, read, of| {
        Ok(draw(objects, &stages::gray(objects, read, of)?))
    })
}

/// The values that regions of a scan are found in: bone mineral in g/cm² with soft tissue at zero where it is
/// calibrated, else gray from 0 to 1.
///
/// # Errors
/// As [`depict`]; scans of other anatomy.
pub fn values(analysis: &Analysis, scan: usize, source: Source<'_>) -> Result<Field, Refusal> {
    with_image(analysis, scan, source, |objects, read, of| match of.kind {
        ScanKind::ApSpine | ScanKind::Hip | ScanKind::Forearm => {
            Ok(stages::image(objects, read, of)?.field().clone())
        }
        ScanKind::LateralSpine => stages::stored_gray(objects, read, of),
        _ => Err(Refusal::new(RefusalCode::NotEvaluable, "No regions are looked for in this scan.")),
    })
}

/// Reads the objects of a scan once more.
fn with_image<T>(
    analysis: &Analysis,
    scan: usize,
    source: Source<'_>,
    take: impl FnOnce(&[Object<'_>], &[&ReadObject], &Scan) -> Result<T, Refusal>,
) -> Result<T, Refusal> {
    let missing = || Refusal::new(RefusalCode::NotEvaluable, "There is no such scan.");
    let of = analysis.scans.get(scan).ok_or_else(missing)?;
    let places = analysis.places.get(scan).ok_or_else(missing)?;
    let files: Vec<Vec<u8>> = places
        .iter()
        .map(|place| source(*place).map_err(|error| gone(error.kind())))
        .collect::<Result<_, _>>()?;
    let opened = files.iter().map(|file| open(file, of)).collect::<Result<Vec<_>, _>>()?;
    let (objects, read): (Vec<Object<'_>>, Vec<ReadObject>) = opened.into_iter().unzip();
    let read: Vec<&ReadObject> = read.iter().collect();
    contained(|| take(&objects, &read, of))
}

fn open<'f>(file: &'f [u8], scan: &Scan) -> Result<(Object<'f>, ReadObject), Refusal> {
    let walked =
        guard::open(Input::whole(file), Leniency::Tolerant, &Limits::DEFAULT).map_err(|_| changed())?;
    let read = object::read(&walked).map_err(|_| changed())?;
    let uid = read.header.identity.sop_instance.as_ref();
    let known = uid.is_none_or(|uid| scan.sop_instance_uids.contains(uid));
    if known { Ok((walked, read)) } else { Err(changed()) }
}
