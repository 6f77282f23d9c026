//! The outlines of a result that lie on the image of one scan, for objects that refer to that image.

use dxa_core::site::Site;
use dxa_core::vertebra::Level;

use crate::codes::{self, Code};
use crate::issue::{Issue, SourceObject};
use crate::record::{Scan, Study};

/// The image of a scan with what was outlined on it.
pub(crate) struct Outlined<'a> {
    pub(crate) scan: &'a Scan,
    pub(crate) rows: u32,
    pub(crate) columns: u32,
    /// The objects of the scan; all are images of the same size.
    pub(crate) objects: Vec<&'a SourceObject>,
    pub(crate) shapes: Vec<Shape>,
}

/// A closed outline.
pub(crate) struct Shape {
    /// What is written beside it.
    pub(crate) label: String,
    pub(crate) anatomy: Code,
    /// `L` or `R`.
    pub(crate) side: Option<String>,
    /// Corners, `[column, row]`; (0, 0) is the corner of the first pixel.
    pub(crate) corners: Vec<[f64; 2]>,
    /// A person placed it.
    pub(crate) by_user: bool,
}

impl<'a> Outlined<'a> {
    /// The outlines of a scan; `None` where there is no image, none of its objects is known, or nothing is outlined.
    pub(crate) fn of(study: &'a Study, index: usize, issue: &Issue<'a>) -> Option<Self> {
        study.study.instance_uid.as_deref().filter(|uid| !uid.is_empty())?;
        let scan = study.scans.get(index)?;
        let (rows, columns) = (scan.rows?, scan.columns?);
        let largest = u32::from(u16::MAX);
        if rows == 0 || columns == 0 || rows > largest || columns > largest {
            return None;
        }
        let known = scan.sop_instance_uids.iter().map(|uid| issue.sources.object(uid));
        let objects: Vec<&SourceObject> = known.collect::<Option<_>>()?;
        let shapes: Vec<Shape> = regions(study, index).chain(vertebrae(study, index)).collect();
        if objects.is_empty() || shapes.is_empty() {
            return None;
        }
        Some(Self { scan, rows, columns, objects, shapes })
    }
}

fn regions(study: &Study, index: usize) -> impl Iterator<Item = Shape> {
    study.regions.iter().filter(move |region| region.scan == index).filter_map(|region| {
        let corners = region.polygon_px.clone().filter(|corners| corners.len() > 2)?;
        let site: Site = region.site.parse().ok()?;
        let anatomy = codes::finding_site(site);
        let (label, side) = (region.site.clone(), region.laterality.clone());
        Some(Shape { label, anatomy, side, corners, by_user: false })
    })
}

fn vertebrae(study: &Study, index: usize) -> impl Iterator<Item = Shape> {
    study.vertebrae.iter().filter(move |vertebra| vertebra.scan == index).filter_map(|vertebra| {
        let level: Level = vertebra.level.parse().ok()?;
        let points = vertebra.points_px.as_ref()?;
        let around = [points.ps, points.ms, points.as_, points.ai, points.mi, points.pi];
        let corners: Option<Vec<[f64; 2]>> = around.into_iter().collect();
        let label = match vertebra.grade {
            Some(grade) if grade > 0 => format!("{level} G{grade}"),
            Some(_) => level.to_string(),
            None => format!("{level} ?"),
        };
        let by_user = vertebra.provenance == "user";
        Some(Shape { label, anatomy: codes::vertebra(level), side: None, corners: corners?, by_user })
    })
}
