//! The numbers of devices and ours of the same regions, side by side.

use crate::record::Region;

/// The finding of a scan of a phantom, which is for the control of the scanner and no study of a person.
pub const PHANTOM_FINDING: &str = "phantom_study";

/// A number of ours and the device's of the same thing.
pub type Pair = (f64, f64);

/// One region of a scan with what both say of it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SideBySide {
    /// Index of the scan.
    pub scan: usize,
    /// Site code.
    pub site: String,
    /// `L`, `R` or `B`.
    pub laterality: Option<String>,
    /// What was measured here.
    pub ours: Amounts,
    /// What the device printed.
    pub device: Amounts,
    /// Scores.
    pub scores: Vec<ScorePair>,
}

/// Area, content and density of a region.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Amounts {
    /// cm².
    pub area_cm2: Option<f64>,
    /// g.
    pub bmc_g: Option<f64>,
    /// g/cm².
    pub bmd_g_cm2: Option<f64>,
}

/// A score of a density of the device and the one that the device printed for it.
#[derive(Clone, Debug, PartialEq)]
pub struct ScorePair {
    /// `T` or `Z`.
    pub kind: String,
    /// Our reference table.
    pub reference: String,
    /// As shown, one decimal, for that is what a device prints.
    pub pair: Pair,
}

impl SideBySide {
    /// Every region of a study.
    ///
    /// Densities stand side by side where a scan has both the device's number and ours of the same region; scores
    /// where a device printed one of the same kind, unless the table was asked for by name.
    #[must_use]
    pub fn all(regions: &[Region]) -> Vec<Self> {
        let mut all: Vec<Self> = Vec::new();
        for region in regions {
            let same = |known: &Self| {
                known.scan == region.scan
                    && known.site == region.site
                    && known.laterality == region.laterality
            };
            let at = all.iter().position(same).unwrap_or_else(|| {
                let (site, laterality) = (region.site.clone(), region.laterality.clone());
                all.push(Self { scan: region.scan, site, laterality, ..Self::default() });
                all.len() - 1
            });
            all[at].take(region);
        }
        all
    }

    fn take(&mut self, region: &Region) {
        let place = match region.provenance.as_str() {
            "computed" => Some(&mut self.ours),
            "device_reported" => Some(&mut self.device),
            // What was read from a picture waits for a person.
            _ => None,
        };
        if let Some(place) = place.filter(|place| **place == Amounts::default()) {
            *place = Amounts { area_cm2: region.area_cm2, bmc_g: region.bmc_g, bmd_g_cm2: region.bmd_g_cm2 };
        }
        for score in region.scores.iter().filter(|score| !score.named) {
            let device = if score.kind == "T" { region.device.t } else { region.device.z };
            if let Some(device) = device {
                let (kind, reference) = (score.kind.clone(), score.reference.id.clone());
                self.scores.push(ScorePair { kind, reference, pair: (score.value, device) });
            }
        }
    }

    /// Area, content and density where both are there, by the name of the quantity.
    pub fn amounts(&self) -> impl Iterator<Item = (&'static str, Pair)> + use<> {
        let (ours, device) = (self.ours, self.device);
        let all = [
            ("area_cm2", ours.area_cm2.zip(device.area_cm2)),
            ("bmc_g", ours.bmc_g.zip(device.bmc_g)),
            ("bmd_g_cm2", ours.bmd_g_cm2.zip(device.bmd_g_cm2)),
        ];
        all.into_iter().filter_map(|(quantity, pair)| Some((quantity, pair?)))
    }
}

/// The unit of a quantity, as people write it.
#[must_use]
pub fn unit(quantity: &str) -> &'static str {
    match quantity {
        "bmd_g_cm2" => "g/cm²",
        "bmc_g" => "g",
        "area_cm2" => "cm²",
        _ => "SD",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::{DeviceScores, Reference, Score};

    fn region(provenance: &str, bmd: f64) -> Region {
        Region {
            site: "L1".to_owned(),
            provenance: provenance.to_owned(),
            bmd_g_cm2: Some(bmd),
            ..Region::default()
        }
    }

    fn score(kind: &str, value: f64, named: bool) -> Score {
        let reference = Reference { id: "table".to_owned(), ..Reference::default() };
        Score { kind: kind.to_owned(), value, named, reference, ..Score::default() }
    }

    #[test]
    fn only_what_a_device_wrote_stands_beside_ours() {
        let mut device = region("device_reported", 0.9);
        device.device = DeviceScores { t: Some(-1.2), ..DeviceScores::default() };
        device.scores = vec![score("T", -1.3, false), score("Z", -0.1, false), score("T", -1.0, true)];
        let elsewhere = Region { scan: 1, ..region("device_reported", 0.7) };
        let read = region("device_reported_ocr", 0.5);
        let all = SideBySide::all(&[read, region("computed", 0.92), device, elsewhere]);
        assert_eq!(all.len(), 2);
        assert_eq!(all[0].amounts().collect::<Vec<_>>(), [("bmd_g_cm2", (0.92, 0.9))]);
        let pair = ScorePair { kind: "T".to_owned(), reference: "table".to_owned(), pair: (-1.3, -1.2) };
        assert_eq!(all[0].scores, [pair]);
        assert_eq!(all[1].amounts().count(), 0);
    }
}
