//! `regions`: one row a region of a scan.

use crate::record::Region;

use super::column::Row;
use super::{Studied, Table, described, each, of_scan, of_study};

pub(super) const TABLE: Table = Table {
    name: "regions",
    about: "One row a region of a scan: area, content and density, measured here or printed by the device.",
    keys: 7,
    columns: || described(fill),
    rows: |studied| each(studied, |study| &study.regions, fill),
};

fn fill(row: &mut Row, studied: &Studied, region: &Region) {
    of_study(row, studied);
    of_scan(row, studied, Some(region.scan));
    of_region(row, region);
    row.number("area_cm2", "cm2", "Projected area.", region.area_cm2);
    row.number("bmc_g", "g", "Bone mineral content.", region.bmc_g);
    row.number("bmd_g_cm2", "g/cm2", "Areal bone mineral density.", region.bmd_g_cm2);
    row.number(
        "uncertainty_g_cm2",
        "g/cm2",
        "One standard deviation of the density; null where it was not measured here.",
        region.uncertainty_g_cm2,
    );
    row.number("device_t", "{SD}", "T-score that the device printed.", region.device.t);
    row.number("device_z", "{SD}", "Z-score that the device printed.", region.device.z);
    row.text(
        "device_reference",
        "Reference population that the device printed.",
        region.device.reference.as_deref(),
    );
    let excluded = region.excluded.as_ref();
    row.code(
        "excluded",
        "Why the region does not count, as a code; null where it counts.",
        excluded.map(|why| why.reason.as_str()),
    );
    row.code("excluded_by", "rule or user.", excluded.map(|why| why.by.as_str()));
    row.code(
        "included_by",
        "user, where a reader takes the region in whatever a rule says.",
        region.included.as_ref().map(|who| who.by.as_str()),
    );
    row.code("method", "How it was measured here; null for numbers of the device.", region.method.as_deref());
}

/// What tells the regions of a scan apart.
pub(super) fn of_region(row: &mut Row, region: &Region) {
    row.code("site", "Site, as L1-L4 or femoral_neck.", Some(&region.site));
    row.code(
        "laterality",
        "L, R or B (mean of both); null where there are no sides.",
        region.laterality.as_deref(),
    );
    row.code("provenance", "device_reported, device_reported_ocr or computed.", Some(&region.provenance));
}
