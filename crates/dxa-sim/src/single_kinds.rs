//! One scan of one kind, its numbers drawn from the seed and its header open to settings.

use crate::SimError;
use crate::charset::Charset;
use crate::device_numbers::{Decimal, Row, Side, forearm, hip, spine, whole_body};
use crate::ge::{self, Machine, Scan};
use crate::hologic::{self, Export, Results};
use crate::object::{Device, Object};
use crate::patient::{Patient, Study};
use crate::pdf::{Layout, Report};
use crate::picture;
use crate::quantitative::{Carrier, Energy, bmd_map, bone_field, energy_image};
use crate::random::Random;
use crate::settings::Settings;
use crate::structured_report::{Writer, measurement_report, report};
use crate::{phantom, spine, unusable};

/// The files of one kind; `None` when there is no such kind.
///
/// # Errors
/// A value that its setting does not take.
pub(crate) fn build(
    kind: &str,
    seed: u64,
    settings: &Settings,
) -> Result<Option<Vec<(&'static str, Object)>>, SimError> {
    let random = Random::new(seed, kind);
    let study = Study::new(&occasion(kind, settings), seed, person(random.clone()).with(settings))
        .in_charset(charset(settings));
    let study = match settings.read("date", date, "a day as YYYYMMDD")? {
        Some(date) => study.on(&date),
        None => study,
    };
    let run = Run { study, random, settings };
    let objects = match kind {
        "ge-ap-spine" => vec![("ge-ap-spine.dcm", run.ge(Scan::ap_spine(), &picture::ap_spine(716, 780)))],
        "ge-hip" => vec![(
            "ge-hip.dcm",
            run.ge(Scan::hip(run.side()), &picture::hip(680, run.hip_rows(), run.side())),
        )],
        "ge-lateral" => vec![("ge-lateral.dcm", run.ge(Scan::lateral(), &picture::lateral_spine(808, 1768)))],
        "hologic-spine" => vec![("hologic-spine.dcm", run.hologic_spine())],
        "hologic-hip" => vec![("hologic-hip.dcm", run.hologic_hip())],
        "hologic-forearm" => vec![("hologic-forearm.dcm", run.hologic_forearm())],
        "hologic-whole-body" => vec![("hologic-whole-body.dcm", run.hologic_body())],
        "sr" => vec![("sr.dcm", run.structured_report())],
        "pdf" => vec![("pdf.dcm", run.pdf())],
        "bmd-map" => vec![("bmd-map.dcm", run.map())],
        "dual-energy-pair" => run.pair(),
        "ap-spine" => spine::build(&run.study, run.maker(), settings)?,
        "phantom" => phantom::build(&run.study, run.maker(), settings)?,
        "unusable-pair" => unusable::build(&run.study, run.maker(), settings)?,
        "ct-ap-spine" => crate::ct::build(&run.study, run.maker(), settings)?,
        "lateral-spine" => crate::lateral::build(&run.study, settings)?,
        "ct-lateral" => crate::lateral::from_ct::build(&run.study, settings)?,
        "forearm" => crate::forearm::build(&run.study, run.maker(), settings)?,
        "hip" => crate::hip::build(&run.study, run.maker(), settings)?,
        _ => return Ok(None),
    };
    Ok(Some(objects))
}

/// Eight digits with a month and a day that there are.
fn date(value: &str) -> Option<String> {
    let is_day = value.len() == 8 && value.bytes().all(|byte| byte.is_ascii_digit());
    let within = |range: std::ops::Range<usize>, most: u8| {
        value.get(range).and_then(|part| part.parse().ok()).is_some_and(|part: u8| (1..=most).contains(&part))
    };
    (is_day && within(4..6, 12) && within(6..8, 28)).then(|| value.to_owned())
}

/// What keeps the UIDs of one visit apart from those of another.
fn occasion(kind: &str, settings: &Settings) -> String {
    match settings.scene("visit") {
        None | Some("1") => kind.to_owned(),
        Some(visit) => format!("{kind} visit {visit}"),
    }
}

/// Latin-1 as most exports, UTF-8 as soon as a given text needs it.
fn charset(settings: &Settings) -> Charset {
    let given = [&settings.name, &settings.manufacturer, &settings.model, &settings.protocol_name];
    if given.into_iter().flatten().all(|text| text.is_ascii()) { Charset::Latin1 } else { Charset::Utf8 }
}

/// A woman whose age and build depend on the seed.
fn person(mut random: Random) -> Patient {
    let number = 1000 + random.between(0, 8999);
    let mut patient = Patient::woman(u16::try_from(number).unwrap_or(1000), "Sim^Single");
    patient.age = random.between(51, 88) as u16;
    patient.height_cm = random.between(150, 172) as u16;
    patient.weight_kg = random.between(46, 88) as u16;
    patient
}

/// Everything that a builder draws from.
struct Run<'a> {
    study: Study,
    random: Random,
    settings: &'a Settings,
}

impl Run<'_> {
    fn side(&self) -> Side {
        self.settings.side.unwrap_or(Side::Left)
    }

    fn hip_rows(&self) -> u16 {
        self.side().pick(600, 537)
    }

    fn random(&self) -> Random {
        self.random.clone()
    }

    fn manufacturer(&self, usual: &str) -> String {
        self.settings.manufacturer.clone().unwrap_or_else(|| usual.to_owned())
    }

    fn model(&self, usual: &str) -> String {
        self.settings.model.clone().unwrap_or_else(|| usual.to_owned())
    }

    /// Manufacturer and model of a research scanner.
    fn maker(&self) -> [String; 2] {
        [self.manufacturer("DXA Open Research"), self.model("Dual 1")]
    }

    fn ge(&self, scan: Scan, picture: &picture::Canvas) -> Object {
        let machine = Machine::idxa();
        let machine = Machine {
            manufacturer: self.manufacturer(&machine.manufacturer),
            model: self.model(&machine.model),
            ..machine
        };
        let scan = match &self.settings.protocol_name {
            Some(name) => scan.named(name),
            None => scan,
        };
        ge::export(&self.study, &machine, &scan, 1, picture)
    }

    fn hologic(&self, kind: &'static str, description: &str, side: Option<Side>, results: Results) -> Object {
        let usual = Export::of(self.settings.protocol_name.as_deref().unwrap_or(description));
        let export = Export {
            manufacturer: self.manufacturer(&usual.manufacturer),
            model: self.model(&usual.model),
            decimal: self.settings.decimal.unwrap_or(usual.decimal),
            ..usual
        };
        hologic::export(&self.study, &export, kind, side, results)
    }

    fn hologic_spine(&self) -> Object {
        let rows = spine(&self.study.patient, &mut self.random());
        self.hologic("ap_spine", "AP Lumbar Spine", None, Results::Regions(rows))
    }

    fn hologic_hip(&self) -> Object {
        let rows = hip(self.side(), &self.study.patient, &mut self.random());
        let description = self.side().pick("Left Hip", "Right Hip");
        self.hologic("hip", description, Some(self.side()), Results::Regions(rows))
    }

    fn hologic_forearm(&self) -> Object {
        let rows = forearm(self.side(), &self.study.patient, &mut self.random());
        let description = self.side().pick("L.Forearm", "R.Forearm");
        self.hologic("forearm", description, Some(self.side()), Results::Regions(rows))
    }

    fn hologic_body(&self) -> Object {
        let parts = whole_body(&self.study.patient, &mut self.random());
        self.hologic("whole_body", "Whole Body", None, Results::Body(parts))
    }

    fn structured_report(&self) -> Object {
        let mut random = self.random();
        let patient = &self.study.patient;
        let mut rows: Vec<Row> = spine(patient, &mut random).into_iter().filter(is_coded).collect();
        rows.extend(hip(self.side(), patient, &mut random).into_iter().filter(is_coded));
        let reference = "USA (Combined NHANES/Lunar)";
        let writer = Writer::enhanced(&self.manufacturer("GE Healthcare"), &self.model("Lunar iDXA"));
        let root = measurement_report(&self.study, &rows, reference, vec![]);
        report(&self.study, &writer, &root, "structured_report", Device::of(rows, reference))
    }

    fn pdf(&self) -> Object {
        let rows = spine(&self.study.patient, &mut self.random());
        let decimal = self.settings.decimal.unwrap_or(Decimal::Point);
        let report = Report {
            title: "AP Lumbar Spine",
            kind: "ap_spine",
            side: None,
            layout: Layout::Placed,
            decimal,
        };
        report.object(&self.study, &self.manufacturer("HOLOGIC"), &self.model("Horizon A"), rows)
    }

    fn map(&self) -> Object {
        let field = bone_field(240, 170, [1.05, 0.60], &mut self.random());
        let (manufacturer, model) = (self.manufacturer("Lunar Research"), self.model("Map 1"));
        bmd_map(&self.study, Carrier::Dx, &manufacturer, &model, &field)
    }

    fn pair(&self) -> Vec<(&'static str, Object)> {
        const LOW: &str = "dual-energy-low.dcm";
        let field = bone_field(280, 320, [0.50, 0.50], &mut self.random());
        let [manufacturer, model] = self.maker();
        let image = |energy| energy_image(&self.study, energy, &manufacturer, &model, &field);
        let high = image(Energy::High).expect(|expected| expected.one_scan_with(LOW));
        vec![(LOW, image(Energy::Low)), ("dual-energy-high.dcm", high)]
    }
}

/// Whether there are codes for the region: single vertebrae, L1-L4, neck and total hip.
fn is_coded(row: &Row) -> bool {
    matches!(row.site.as_str(), "L1" | "L2" | "L3" | "L4" | "L1-L4" | "femoral_neck" | "total_hip")
}
