//! Totals of regions measured on one image: ΣBMC / Σarea, never a mean of densities.

use super::region::{self, RegionMeasure};
use crate::measurement::{DeviceScores, Measurement, OnImage, Origin};
use crate::site::{ForearmBone, ForearmPart, LumbarSet, Site};

/// One region of a scan: as it is listed, and unrounded with the parts of its uncertainty.
#[derive(Clone, Debug, PartialEq)]
pub struct Part {
    /// As it is listed.
    pub measured: Measurement,
    /// What was measured; `None` where the image carries no density, or the region has none.
    pub amount: Option<RegionMeasure>,
}

/// The sets of vertebrae, the total hip and the total forearm that the regions of one scan make.
///
/// A total is given when all its parts are there and none of them was left out by a user. Where a part has
/// no density its total has none; the area is still the sum.
///
/// # Units
/// Area cm², content g, density and its standard uncertainty g/cm².
#[must_use]
pub fn totals(parts: &[Part]) -> Vec<Measurement> {
    let lumbar = LumbarSet::all().into_iter().filter(|set| set.len() >= 2);
    let sets = lumbar.map(|set| (Site::Lumbar(set), vertebrae(set)));
    sets.chain(OTHER_TOTALS.into_iter().map(|(total, of)| (total, of.to_vec())))
        .filter_map(|(total, of)| sum(total, &of, parts))
        .collect()
}

const fn radius(part: ForearmPart) -> Site {
    Site::Forearm(ForearmBone::Radius, part)
}

const fn both(part: ForearmPart) -> Site {
    Site::Forearm(ForearmBone::RadiusUlna, part)
}

/// Totals beside those of vertebrae, with the parts that they are the sum of.
const OTHER_TOTALS: [(Site, [Site; 3]); 3] = {
    use ForearmPart::{Mid, OneThird, Total, Ultradistal};
    [
        (Site::TotalHip, [Site::FemoralNeck, Site::Trochanter, Site::Intertrochanter]),
        (radius(Total), [radius(OneThird), radius(Mid), radius(Ultradistal)]),
        (both(Total), [both(OneThird), both(Mid), both(Ultradistal)]),
    ]
};

fn vertebrae(set: LumbarSet) -> Vec<Site> {
    set.iter().filter_map(|vertebra| LumbarSet::new(&[vertebra])).map(Site::Lumbar).collect()
}

fn sum(total: Site, of: &[Site], parts: &[Part]) -> Option<Measurement> {
    if parts.iter().any(|part| part.measured.site == total) {
        return None;
    }
    let counts = |part: &&Part, site| part.measured.site == site && part.measured.excluded.is_none();
    let part = |site: &Site| parts.iter().find(|part| counts(part, *site));
    let parts: Vec<&Part> = of.iter().map(part).collect::<Option<_>>()?;
    let first = &parts.first()?.measured;
    let area_cm2 = parts.iter().map(|part| part.measured.area_cm2).sum::<Option<f64>>()?;
    let amounts: Option<Vec<RegionMeasure>> = parts.iter().map(|part| part.amount).collect();
    let amount = amounts.and_then(|amounts| region::total(&amounts));
    let uncertainty_g_cm2 = amount.map(|amount| amount.uncertainty.combined());
    Some(Measurement {
        scan: first.scan,
        site: total,
        side: first.side,
        area_cm2: Some(area_cm2),
        bmc_g: amount.map(|amount| amount.bmc.get()),
        bmd_g_cm2: amount.map(|amount| amount.bmd().get()),
        origin: Origin::Computed,
        method: Some(METHOD.to_owned()),
        device: DeviceScores::default(),
        withheld: false,
        on_image: Some(OnImage { uncertainty_g_cm2, ..OnImage::default() }),
        excluded: None,
        included: false,
    })
}

/// Named in results for every total.
const METHOD: &str = "sum of computed regions: BMC / area";

#[cfg(test)]
mod tests {
    use super::*;
    use crate::context::NotAssessable;
    use crate::units::{Cm2, Grams};

    fn part(site: &str, area: f64, bmc: Option<f64>, excluded: Option<NotAssessable>) -> Part {
        let uncertainty = region::Uncertainty { baseline: 0.01, ..region::Uncertainty::default() };
        let amount = |bmc| {
            let (area, bmc) = (Cm2::new(area).unwrap(), Grams::new(bmc).unwrap());
            RegionMeasure { area, bmc, uncertainty }
        };
        let measured = Measurement {
            scan: 3,
            site: site.parse().unwrap(),
            side: None,
            area_cm2: Some(area),
            bmc_g: bmc,
            bmd_g_cm2: bmc.map(|bmc| bmc / area),
            origin: Origin::Computed,
            method: None,
            device: DeviceScores::default(),
            withheld: false,
            on_image: Some(OnImage { uncertainty_g_cm2: Some(0.01), outline: Vec::new() }),
            excluded,
            included: false,
        };
        Part { measured, amount: bmc.map(amount) }
    }

    fn codes(totals: &[Measurement]) -> String {
        totals.iter().map(|total| total.site.to_string()).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn a_total_is_content_over_area_and_not_a_mean_of_densities() {
        let parts = [
            part("femoral_neck", 5.0, Some(4.0), None),
            part("trochanter", 10.0, Some(7.0), None),
            part("intertrochanter", 20.0, Some(21.0), None),
            part("wards", 1.0, Some(0.5), None),
        ];
        let totals = totals(&parts);
        let [hip] = totals.as_slice() else { panic!("{totals:?}") };
        // (4 + 7 + 21) / (5 + 10 + 20) = 32 / 35; the mean of 0.8, 0.7 and 1.05 would be 0.85.
        assert_eq!((hip.area_cm2, hip.bmc_g, hip.bmd_g_cm2), (Some(35.0), Some(32.0), Some(32.0 / 35.0)));
        assert_eq!(hip.site, Site::TotalHip);
        let uncertainty = hip.on_image.as_ref().and_then(|on_image| on_image.uncertainty_g_cm2).unwrap();
        assert!((uncertainty - 0.01).abs() < 1e-12);
    }

    #[test]
    fn a_vertebra_left_out_is_in_no_total() {
        let all = |left_out| {
            [
                part("L1", 12.0, Some(9.0), None),
                part("L2", 13.0, Some(11.0), None),
                part("L3", 14.0, Some(30.0), left_out),
                part("L4", 16.0, Some(15.0), None),
            ]
        };
        assert_eq!(totals(&all(None)).len(), 11);
        let remaining = totals(&all(Some(NotAssessable::Artefact)));
        assert_eq!(codes(&remaining), "L1-L2 L1,L4 L2,L4 L1-L2,L4");
    }

    #[test]
    fn without_content_a_total_has_an_area_only() {
        let totals = totals(&[part("L1", 12.0, None, None), part("L2", 13.0, Some(9.0), None)]);
        assert_eq!(
            (codes(&totals).as_str(), totals[0].area_cm2, totals[0].bmc_g),
            ("L1-L2", Some(25.0), None)
        );
    }
}
