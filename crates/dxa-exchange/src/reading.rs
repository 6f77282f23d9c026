//! A second physician's reading of a study, and where it differs from a result.

use serde::{Deserialize, Serialize};

use crate::record::{Region, Study, Vertebra};

/// What a second reader says, without having seen what the first one says. What is not said is not compared.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Reading {
    /// Vertebrae of lateral scans.
    pub vertebrae: Vec<ReadLevel>,
    /// Regions, and whether they are to be left out.
    pub regions: Vec<ReadRegion>,
    /// Anything else.
    pub remark: Option<String>,
}

/// What is said of a vertebra.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReadLevel {
    /// Index of the scan.
    pub scan: usize,
    /// `T4` to `L5`.
    pub level: String,
    /// Genant grade; `None` for one that cannot be evaluated.
    pub grade: Option<u8>,
    /// Whether it is a fragility fracture; a grade of 0 and one that cannot be evaluated are none.
    #[serde(default)]
    pub fracture: bool,
}

/// What is said of a region.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReadRegion {
    /// Index of the scan.
    pub scan: usize,
    /// Site.
    pub site: String,
    /// `L` or `R`.
    #[serde(default)]
    pub laterality: Option<String>,
    /// Whether it is to be left out of totals.
    pub excluded: bool,
}

/// What one of the two says of a place.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum Opinion {
    /// Of a vertebra.
    Vertebra {
        /// Genant grade; `None` for one that was not evaluated.
        grade: Option<u8>,
        /// Whether it is a fragility fracture; `None` while nobody has said.
        fracture: Option<bool>,
    },
    /// Of a region.
    Region {
        /// Whether it is left out of totals.
        excluded: bool,
    },
}

/// A place of which a result and a reading say different things.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Difference {
    /// Index of the scan.
    pub scan: usize,
    /// Level or site.
    pub place: String,
    /// `L` or `R`.
    pub laterality: Option<String>,
    /// What the result says; `None` where it has no such vertebra or region.
    pub report: Option<Opinion>,
    /// What the reader says.
    pub reading: Opinion,
}

/// Longest remark, characters.
const LONGEST: usize = 2000;

impl Reading {
    /// Holds a reading against the study that it is about.
    ///
    /// # Errors
    /// The field that cannot be, and why.
    pub fn check(&self, study: &Study) -> Result<(), (&'static str, &'static str)> {
        if self.vertebrae.is_empty() && self.regions.is_empty() {
            return Err(("vertebrae", "and `regions` say nothing"));
        }
        for (at, read) in self.vertebrae.iter().enumerate() {
            let is_lateral = study.scans.get(read.scan).is_some_and(|scan| scan.kind == "lateral_spine");
            let twice = |other: &ReadLevel| other.scan == read.scan && other.level == read.level;
            if !is_lateral {
                return Err(("scan", "is no lateral spine of this study"));
            }
            if read.level.parse::<dxa_core::vertebra::Level>().map(dxa_core::vertebra::Level::code)
                != Ok(read.level.as_str())
            {
                return Err(("level", "is no level from T4 to L5"));
            }
            if self.vertebrae[..at].iter().any(twice) {
                return Err(("level", "is said twice"));
            }
            if read.grade.is_some_and(|grade| grade > 3) {
                return Err(("grade", "is a number from 0 to 3, or null"));
            }
            if read.fracture && read.grade.is_none_or(|grade| grade == 0) {
                return Err(("fracture", "needs a grade of 1 or more"));
            }
        }
        for (at, read) in self.regions.iter().enumerate() {
            if !study.regions.iter().any(|region| read.is_of(region)) {
                return Err(("site", "is no region of this study"));
            }
            let twice = |other: &ReadRegion| {
                (other.scan, &other.site, &other.laterality) == (read.scan, &read.site, &read.laterality)
            };
            if self.regions[..at].iter().any(twice) {
                return Err(("site", "is said twice"));
            }
        }
        match &self.remark {
            Some(remark) if remark.chars().count() > LONGEST => Err(("remark", "is too long")),
            _ => Ok(()),
        }
    }

    /// Where a result says something else, in the order of the reading.
    #[must_use]
    pub fn differences(&self, study: &Study) -> Vec<Difference> {
        let vertebrae = self.vertebrae.iter().map(|read| {
            let own = study.vertebrae.iter().find(|one| one.scan == read.scan && one.level == read.level);
            Difference {
                scan: read.scan,
                place: read.level.clone(),
                laterality: None,
                report: own.map(of_vertebra),
                reading: Opinion::vertebra(read.grade, Some(read.fracture)),
            }
        });
        // What a rule leaves out for its scores is nothing that a reader of the image could judge.
        let by_rule = |read: &&ReadRegion| {
            let mut own = study.regions.iter().filter(|region| read.is_of(region));
            own.any(|region| region.excluded.as_ref().is_some_and(|excluded| excluded.by == "rule"))
        };
        let read_regions = self.regions.iter().filter(|read| !by_rule(read));
        let regions = read_regions.map(|read| Difference {
            scan: read.scan,
            place: read.site.clone(),
            laterality: read.laterality.clone(),
            report: study.regions.iter().filter(|region| read.is_of(region)).map(of_region).reduce(either),
            reading: Opinion::Region { excluded: read.excluded },
        });
        vertebrae
            .chain(regions)
            .filter(|place| place.report != Some(place.reading) && !place.says_nothing())
            .collect()
    }
}

impl ReadRegion {
    fn is_of(&self, region: &Region) -> bool {
        region.scan == self.scan && region.site == self.site && region.laterality == self.laterality
    }
}

impl Opinion {
    /// A fracture is only spoken of where height is lost.
    fn vertebra(grade: Option<u8>, fracture: Option<bool>) -> Self {
        let lost = grade.is_some_and(|grade| grade > 0);
        Self::Vertebra { grade, fracture: if lost { fracture } else { Some(false) } }
    }
}

impl Difference {
    /// Neither of the two evaluates the place.
    fn says_nothing(&self) -> bool {
        self.report.is_none() && matches!(self.reading, Opinion::Vertebra { grade: None, .. })
    }
}

fn of_vertebra(one: &Vertebra) -> Opinion {
    let fracture = match one.fracture.as_deref() {
        Some("confirmed") => Some(true),
        Some("rejected") => Some(false),
        _ => None,
    };
    Opinion::vertebra(one.grade, fracture)
}

fn of_region(region: &Region) -> Opinion {
    Opinion::Region { excluded: region.excluded.is_some() }
}

/// The device's row and ours are one region; it is left out when one of them is.
fn either(one: Opinion, other: Opinion) -> Opinion {
    if one == (Opinion::Region { excluded: true }) { one } else { other }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn study() -> Study {
        let vertebra = |level: &str, grade: Option<u8>, fracture: Option<&str>| {
            json!({ "scan": 1, "level": level, "evaluable": grade.is_some(), "provenance": "automatic",
                "grade": grade, "fracture": fracture })
        };
        let region = |site: &str, excluded: Option<&str>| {
            json!({ "scan": 0, "site": site, "provenance": "computed", "device": {},
                "excluded": excluded.map(|by| json!({ "reason": "manual", "by": by })) })
        };
        serde_json::from_value(json!({ "study": {}, "patient": {}, "assessment": {},
            "scans": [{ "kind": "ap_spine", "tier": "none", "sop_instance_uids": [] },
                { "kind": "lateral_spine", "tier": "none", "sop_instance_uids": [] }],
            "vertebrae": [vertebra("T12", Some(2), Some("suspected")), vertebra("L1", Some(2), Some("confirmed")),
                vertebra("L2", Some(0), None), vertebra("L3", None, None)],
            "regions": [region("L1", None), region("L2", Some("user")), region("L4", Some("rule"))],
            "provenance": { "software": "", "protocol_sha256": "" } }))
        .unwrap()
    }

    fn reading(value: serde_json::Value) -> Reading {
        serde_json::from_value(value).unwrap()
    }

    #[test]
    fn only_what_differs_is_a_difference() {
        let same = reading(json!({
            "vertebrae": [{ "scan": 1, "level": "L1", "grade": 2, "fracture": true },
                { "scan": 1, "level": "L2", "grade": 0 }, { "scan": 1, "level": "L3", "grade": null },
                { "scan": 1, "level": "T4", "grade": null }],
            "regions": [{ "scan": 0, "site": "L1", "excluded": false },
                { "scan": 0, "site": "L2", "excluded": true }, { "scan": 0, "site": "L4", "excluded": false }] }));
        assert_eq!(same.check(&study()), Ok(()));
        assert_eq!(same.differences(&study()), []);
        let other = reading(json!({
            "vertebrae": [{ "scan": 1, "level": "T12", "grade": 2, "fracture": true },
                { "scan": 1, "level": "L1", "grade": 1, "fracture": true },
                { "scan": 1, "level": "L3", "grade": 0 }, { "scan": 1, "level": "T4", "grade": 0 }],
            "regions": [{ "scan": 0, "site": "L1", "excluded": true }] }));
        let differ = other.differences(&study());
        let places: Vec<&str> = differ.iter().map(|one| one.place.as_str()).collect();
        assert_eq!(places, ["T12", "L1", "L3", "T4", "L1"]);
        assert_eq!(
            differ[0].report,
            Some(Opinion::Vertebra { grade: Some(2), fracture: None }),
            "nobody has said"
        );
        assert_eq!((&differ[3].report, differ[4].reading), (&None, Opinion::Region { excluded: true }));
    }

    #[test]
    fn what_cannot_be_read_is_refused_by_name() {
        let refused = |value| reading(value).check(&study()).unwrap_err().0;
        assert_eq!(refused(json!({})), "vertebrae");
        assert_eq!(refused(json!({ "vertebrae": [{ "scan": 0, "level": "L1", "grade": 1 }] })), "scan");
        assert_eq!(refused(json!({ "vertebrae": [{ "scan": 1, "level": "l1", "grade": 1 }] })), "level");
        assert_eq!(refused(json!({ "vertebrae": [{ "scan": 1, "level": "L1", "grade": 4 }] })), "grade");
        let sound = json!({ "scan": 1, "level": "L1", "grade": 0, "fracture": true });
        assert_eq!(refused(json!({ "vertebrae": [sound] })), "fracture");
        let twice = json!({ "scan": 1, "level": "L1", "grade": 0 });
        assert_eq!(refused(json!({ "vertebrae": [twice, twice] })), "level");
        assert_eq!(refused(json!({ "regions": [{ "scan": 0, "site": "L9", "excluded": true }] })), "site");
    }
}
