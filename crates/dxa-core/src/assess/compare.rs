//! Two visits of one person: what may be compared, how much changed, and whether that is more than error.

use jiff::civil::Date;

use super::answer::Answer;
use super::input::{Input, Value};
use super::sites::RADIUS_33;
use crate::findings::{Finding, Severity};
use crate::measurement::Measurement;
use crate::reference::{Device, Maker};
use crate::score::precision::LSC_FACTOR;
use crate::site::{LumbarSet, Side, Site};
use crate::study::Scan;

/// One visit.
#[derive(Clone, Debug)]
pub struct Visit<'a> {
    /// When.
    pub date: Option<Date>,
    /// The scans of the study, to which regions refer by index.
    pub scans: &'a [Scan],
    /// The regions.
    pub regions: Vec<&'a Measurement>,
}

/// The precision error of one scanner at one site.
#[derive(Clone, Debug, PartialEq)]
pub struct SitePrecision {
    /// Site; of the spine exactly this set of vertebrae.
    pub site: Site,
    /// Side; `None` when both were measured together.
    pub side: Option<Side>,
    /// Words that stand in the model of the scanner; `None` for the only one there is.
    pub model: Option<String>,
    /// RMS standard deviation, g/cm².
    pub rms_sd_g_cm2: f64,
}

/// Why two measurements may not be compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Incomparable {
    /// Another manufacturer.
    OtherManufacturer,
    /// Another model.
    OtherModel,
    /// Manufacturer or model is not known.
    DeviceUnknown,
    /// Another set of vertebrae.
    OtherVertebrae,
    /// The other side.
    OtherSide,
    /// The side is not known.
    SideUnknown,
    /// One of them has no density, or none that is not withheld.
    NoDensity,
}

impl Incomparable {
    /// All of them.
    pub const ALL: [Self; 7] = [
        Self::OtherManufacturer,
        Self::OtherModel,
        Self::DeviceUnknown,
        Self::OtherVertebrae,
        Self::OtherSide,
        Self::SideUnknown,
        Self::NoDensity,
    ];

    /// Its code in results.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::OtherManufacturer => "other_manufacturer",
            Self::OtherModel => "other_model",
            Self::DeviceUnknown => "device_unknown",
            Self::OtherVertebrae => "other_vertebrae",
            Self::OtherSide => "other_side",
            Self::SideUnknown => "side_unknown",
            Self::NoDensity => "no_density",
        }
    }

    /// What is missing for a yes or no; the others are a no.
    fn missing(self) -> Option<Input> {
        match self {
            Self::DeviceUnknown => Some(Input::Devices),
            Self::SideUnknown => Some(Input::Sides),
            Self::NoDensity => Some(Input::CurrentDensity),
            Self::OtherManufacturer | Self::OtherModel | Self::OtherVertebrae | Self::OtherSide => None,
        }
    }
}

/// Where a least significant change comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LscSource {
    /// The site's own precision.
    Measured,
    /// The least acceptable precision; said to be a default wherever it is used.
    Default,
}

impl LscSource {
    /// Its code in results.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Measured => "measured",
            Self::Default => "default",
        }
    }
}

/// A least significant change.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Lsc {
    /// g/cm².
    pub g_cm2: f64,
    /// Percent of the earlier density.
    pub percent: f64,
    /// Where it comes from.
    pub source: LscSource,
}

/// How much a density changed.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Change {
    /// Now minus then, g/cm².
    pub g_cm2: f64,
    /// Percent of then.
    pub percent: f64,
    /// The least significant change, where one is known.
    pub lsc: Option<Lsc>,
    /// Whether the change is real; `None` without a least significant change.
    pub significant: Option<bool>,
}

/// The rules about two visits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ComparisonRule {
    /// May they be compared?
    CompareGate,
    /// Is the change at least the site's own least significant change?
    Lsc,
    /// Is it at least the default?
    LscDefault,
}

impl ComparisonRule {
    /// All, in the order of results.
    pub const ALL: [Self; 3] = [Self::CompareGate, Self::Lsc, Self::LscDefault];

    /// Its stable id.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::CompareGate => "compare-gate",
            Self::Lsc => "lsc",
            Self::LscDefault => "lsc-default",
        }
    }

    /// Where it was read.
    #[must_use]
    pub fn source(self) -> &'static str {
        match self {
            Self::CompareGate => {
                "ISCD Official Positions; bone area: J Clin Densitom 2005 (doi 10.1016/j.jocd.2005.12.001)"
            }
            Self::Lsc => "ISCD Official Positions, precision assessment: LSC = 2.77 x RMS-SD",
            Self::LscDefault => "ISCD least acceptable precision 1.9 / 1.8 / 2.5 %; unverified",
        }
    }
}

/// What one rule came to for one region of two visits.
#[derive(Clone, Debug, PartialEq)]
pub struct ComparisonRuleResult {
    /// Which rule.
    pub id: ComparisonRule,
    /// The answer.
    pub answer: Answer,
    /// Its inputs that are known.
    pub inputs: Vec<(Input, Value)>,
}

/// One region at two visits.
#[derive(Clone, Debug, PartialEq)]
pub struct Comparison {
    /// Index of the scan of this visit.
    pub scan: usize,
    /// Site.
    pub site: Site,
    /// Side.
    pub side: Option<Side>,
    /// Date of the earlier visit.
    pub prior_date: Option<Date>,
    /// Date of this visit.
    pub date: Option<Date>,
    /// The change, or why none is given.
    pub change: Result<Change, Incomparable>,
    /// The rules with their answers.
    pub rules: Vec<ComparisonRuleResult>,
    /// Doubts, such as another bone area.
    pub findings: Vec<Finding>,
}

/// Compares the regions of a visit with those of an earlier one, in the order of this visit.
///
/// Asked for are sets of two vertebrae or more, total hip, femoral neck and 33 % radius. A region of a
/// place that the earlier visit did not measure at all is left out. Densities of different makers are
/// never converted into each other.
///
/// # References
/// Rules `compare-gate`, `lsc`, `lsc-default`.
#[must_use]
pub fn compare(current: &Visit<'_>, prior: &Visit<'_>, precision: &[SitePrecision]) -> Vec<Comparison> {
    current
        .regions
        .iter()
        .filter(|region| is_followed(region.site))
        .filter_map(|region| {
            let partner = partner(current, region, prior)?;
            Some(comparison(current, prior, region, partner, precision))
        })
        .collect()
}

/// Sites whose change is followed.
fn is_followed(site: Site) -> bool {
    match site {
        Site::Lumbar(set) => set.len() >= 2,
        site => matches!(site, Site::TotalHip | Site::FemoralNeck) || site == RADIUS_33,
    }
}

type Partner<'a> = Result<&'a Measurement, Incomparable>;

/// The same region of the earlier visit, why there is none, or nothing when the place was not measured.
fn partner<'a>(current: &Visit<'_>, region: &Measurement, prior: &Visit<'a>) -> Option<Partner<'a>> {
    let at_place: Vec<&Measurement> =
        prior.regions.iter().copied().filter(|other| same_place(region.site, other.site)).collect();
    let first = at_place.first()?;
    let of_set = || at_place.iter().copied().filter(|other| other.site == region.site);
    let Some(of_side) = of_set().find(|other| other.side == region.side) else {
        let why = match (of_set().next(), region.side) {
            (None, _) => Incomparable::OtherVertebrae,
            (Some(_), None) => Incomparable::SideUnknown,
            (Some(_), Some(_)) if of_set().all(|other| other.side.is_none()) => Incomparable::SideUnknown,
            (Some(_), Some(_)) => Incomparable::OtherSide,
        };
        return Some(Err(same_device(current, region, prior, first).err().unwrap_or(why)));
    };
    let sided = !matches!(region.site, Site::Lumbar(_));
    if sided && region.side.is_none() {
        return Some(Err(Incomparable::SideUnknown));
    }
    // Of several scans of the place at that visit, one of the same device.
    let of_device = of_set()
        .filter(|other| other.side == region.side)
        .find(|other| same_device(current, region, prior, other).is_ok());
    let chosen = of_device.unwrap_or(of_side);
    Some(same_device(current, region, prior, chosen).map(|()| chosen))
}

fn same_place(one: Site, other: Site) -> bool {
    match (one, other) {
        (Site::Lumbar(_), Site::Lumbar(set)) => set.len() >= 2,
        _ => one == other,
    }
}

fn same_device(
    current: &Visit<'_>,
    region: &Measurement,
    prior: &Visit<'_>,
    other: &Measurement,
) -> Result<(), Incomparable> {
    let scans = current.scans.get(region.scan).zip(prior.scans.get(other.scan));
    let (now, then) = scans.ok_or(Incomparable::DeviceUnknown)?;
    let makers = now.manufacturer.as_deref().zip(then.manufacturer.as_deref());
    let (maker, earlier) = makers.ok_or(Incomparable::DeviceUnknown)?;
    if !same_maker(maker, earlier) {
        return Err(Incomparable::OtherManufacturer);
    }
    let models = now.model.as_deref().zip(then.model.as_deref());
    let (model, earlier) = models.ok_or(Incomparable::DeviceUnknown)?;
    if same_words(model, earlier) { Ok(()) } else { Err(Incomparable::OtherModel) }
}

/// The spellings of one maker are one maker.
fn same_maker(one: &str, other: &str) -> bool {
    match (Maker::from_text(one), Maker::from_text(other)) {
        (Some(one), Some(other)) => one == other,
        (None, None) => same_words(one, other),
        _ => false,
    }
}

fn same_words(one: &str, other: &str) -> bool {
    let words = |text: &str| -> Vec<String> { text.split_whitespace().map(str::to_lowercase).collect() };
    words(one) == words(other)
}

fn comparison(
    current: &Visit<'_>,
    prior: &Visit<'_>,
    region: &Measurement,
    partner: Partner<'_>,
    precision: &[SitePrecision],
) -> Comparison {
    let densities = partner.and_then(|other| both(region, other));
    let model = current.scans.get(region.scan).and_then(|scan| scan.model.as_deref());
    let precision = precision_of(region, model, precision);
    let change = densities.map(|(now, then, _)| change(region.site, now, then, precision));
    let findings = densities.ok().and_then(|(.., other)| area_differs(region, other)).into_iter().collect();
    let values = densities.ok().map(|(now, then, _)| (now, then));
    Comparison {
        scan: region.scan,
        site: region.site,
        side: region.side,
        prior_date: prior.date,
        date: current.date,
        rules: rules(change, values, precision),
        change,
        findings,
    }
}

fn both<'a>(now: &Measurement, then: &'a Measurement) -> Result<(f64, f64, &'a Measurement), Incomparable> {
    let density = |region: &Measurement| region.bmd_g_cm2.filter(|bmd| *bmd > 0.0 && !region.withheld);
    let (now, earlier) = density(now).zip(density(then)).ok_or(Incomparable::NoDensity)?;
    Ok((now, earlier, then))
}

/// Rule `lsc-default`: percent of L1–L4, total hip and femoral neck.
#[must_use]
pub fn default_lsc_percent(site: Site) -> Option<f64> {
    match site {
        Site::Lumbar(set) if set == LumbarSet::FULL => Some(5.3),
        Site::TotalHip => Some(5.0),
        Site::FemoralNeck => Some(6.9),
        _ => None,
    }
}

/// Densities have three decimals; the margin is for the binary form of their difference only.
const MARGIN: f64 = 1e-9;

fn change(site: Site, now: f64, then: f64, precision: Option<f64>) -> Change {
    let g_cm2 = now - then;
    let own = precision.map(|rms_sd| {
        let lsc = LSC_FACTOR * rms_sd;
        Lsc { g_cm2: lsc, percent: 100.0 * lsc / then, source: LscSource::Measured }
    });
    let lsc = own.or_else(|| {
        let percent = default_lsc_percent(site)?;
        Some(Lsc { g_cm2: then * percent / 100.0, percent, source: LscSource::Default })
    });
    let significant = lsc.map(|lsc| g_cm2.abs() >= lsc.g_cm2 - MARGIN);
    Change { g_cm2, percent: 100.0 * g_cm2 / then, lsc, significant }
}

/// The precision of the region's own side, else of both together, on this model.
fn precision_of(region: &Measurement, model: Option<&str>, precision: &[SitePrecision]) -> Option<f64> {
    let device = Device::from_texts(None, model, None);
    let of_model = |own: &&SitePrecision| own.model.as_deref().is_none_or(|model| device.is_model(model));
    let usable = |own: &&SitePrecision| own.rms_sd_g_cm2.is_finite() && own.rms_sd_g_cm2 > 0.0;
    let known = || precision.iter().filter(|own| own.site == region.site).filter(of_model).filter(usable);
    let of_side = known().find(|own| own.side.is_some() && own.side == region.side);
    of_side.or_else(|| known().find(|own| own.side.is_none())).map(|own| own.rms_sd_g_cm2)
}

fn rules(
    change: Result<Change, Incomparable>,
    densities: Option<(f64, f64)>,
    precision: Option<f64>,
) -> Vec<ComparisonRuleResult> {
    let gate = match change {
        Ok(_) => Answer::known(true),
        Err(why) => why.missing().map_or_else(|| Answer::known(false), Answer::needs),
    };
    let significant = |source| {
        let of_source = change.ok().filter(|change| change.lsc.is_some_and(|lsc| lsc.source == source));
        of_source.and_then(|change| change.significant)
    };
    let mut inputs = Vec::new();
    if let Some((now, then)) = densities {
        inputs.push((Input::CurrentDensity, Value::Number(now)));
        inputs.push((Input::PriorDensity, Value::Number(then)));
    }
    let mut with_precision = inputs.clone();
    with_precision.extend(precision.map(|rms_sd| (Input::Precision, Value::Number(rms_sd))));
    let lsc = |source| gate.clone().and(Answer::given(Input::Precision, significant(source)));
    let default = if precision.is_some() { Answer::known(false) } else { lsc(LscSource::Default) };
    vec![
        ComparisonRuleResult {
            id: ComparisonRule::Lsc,
            answer: lsc(LscSource::Measured),
            inputs: with_precision,
        },
        ComparisonRuleResult { id: ComparisonRule::LscDefault, answer: default, inputs: inputs.clone() },
        ComparisonRuleResult { id: ComparisonRule::CompareGate, answer: gate, inputs },
    ]
}

/// Rule `compare-gate`: a larger difference of bone area is a doubt.
const AREA_PERCENT: f64 = 2.0;
const LUMBAR_AREA_CM2: f64 = 1.0;

fn area_differs(now: &Measurement, then: &Measurement) -> Option<Finding> {
    let (area, earlier) = now.area_cm2.zip(then.area_cm2).filter(|(_, earlier)| *earlier > 0.0)?;
    let difference = (area - earlier).abs();
    let percent = 100.0 * difference / earlier;
    let lumbar = matches!(now.site, Site::Lumbar(_)) && difference > LUMBAR_AREA_CM2 + MARGIN;
    if percent <= AREA_PERCENT + MARGIN && !lumbar {
        return None;
    }
    let message = format!(
        "The bone area of {} differs by {difference:.2} cm² ({percent:.1} %) between the two visits.",
        now.site
    );
    let mut finding =
        Finding::new("comparison_area_differs", Severity::Review, message).at(now.site, now.side);
    finding.scan = Some(now.scan);
    Some(finding)
}
