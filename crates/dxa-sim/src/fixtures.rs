//! The twenty cases of `fixtures`: what a bone densitometry archive really holds, one function a case.

use crate::broken::{truncated, without_header};
use crate::charset::Charset;
use crate::compressed::compress;
use crate::device_numbers::{Decimal, Row, Side, forearm, hip, spine, whole_body, without_t};
use crate::dicom_writer::Syntax;
use crate::ge::{self, Machine, Scan};
use crate::hologic::{self, Export, Results, reference_line};
use crate::hologic_text::AnalysisText;
use crate::object::{Device, Expected, Object};
use crate::other_makers::{lateral_radiograph, page_picture, ultrasound};
use crate::patient::{Patient, Sex, Study};
use crate::pdf::{self, Layout};
use crate::picture::{self, Canvas};
use crate::quantitative::{Carrier, Energy, bmd_map, bone_field, energy_image};
use crate::random::Random;
use crate::structured_report::{self as sr, Writer};
use dicom_dictionary_std::tags;
use serde_json::json;

/// One file of the set.
#[derive(Clone, Debug)]
pub(crate) struct Fixture {
    /// File name.
    pub(crate) name: &'static str,
    /// What the file is for, one sentence.
    pub(crate) about: &'static str,
    /// What it holds.
    pub(crate) object: Object,
    /// What was done to its bytes.
    pub(crate) damage: Option<Damage>,
}

/// What can be done to a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Damage {
    /// Cut off.
    Truncated,
    /// Data set only.
    WithoutHeader,
}

impl Damage {
    /// The damaged file.
    pub(crate) fn apply(self, file: Vec<u8>) -> Vec<u8> {
        match self {
            Self::Truncated => truncated(file),
            Self::WithoutHeader => without_header(&file),
        }
    }
}

/// A file as its object is, undamaged.
pub(crate) fn file(name: &'static str, about: &'static str, object: Object) -> Fixture {
    Fixture { name, about, object, damage: None }
}

/// The whole set, in the order of the cases.
pub(crate) fn all(seed: u64) -> Vec<Fixture> {
    let cases: [fn(u64) -> Vec<Fixture>; 20] = [
        ge_ap_spine,
        ge_hips,
        ge_lateral,
        ge_whole_body,
        prodigy_localized,
        prodigy_anonymized,
        hologic_analyses,
        hologic_damaged_text,
        structured_reports,
        pdf_reports,
        page_without_text,
        density_maps,
        dual_energy,
        ultrasound_heel,
        chinese_names,
        radiograph,
        broken_files,
        compressed_pixels,
        late_study,
        duplicate_uid,
    ];
    cases.into_iter().flat_map(|case| case(seed)).collect()
}

fn study(seed: u64, patient: Patient) -> Study {
    Study::new("fixtures", seed, patient)
}

fn draw(study: &Study, label: &str) -> Random {
    Random::new(study.seed(), &format!("{} {label}", study.patient.id))
}

fn ge_ap_spine(seed: u64) -> Vec<Fixture> {
    let study = study(seed, Patient::woman(1, "Sim^Spine"));
    let object = ge::export(&study, &Machine::idxa(), &Scan::ap_spine(), 1, &picture::ap_spine(716, 780));
    vec![file(
        "01-ge-idxa-ap-spine.dcm",
        "GE iDXA AP spine: region only in ProtocolName, scale only from ExposedArea.",
        object,
    )]
}

fn hips_of(study: &Study, first: u32) -> [Object; 2] {
    [(Side::Left, 600, first), (Side::Right, 537, first + 1)].map(|(side, rows, instance)| {
        ge::export(study, &Machine::idxa(), &Scan::hip(side), instance, &picture::hip(680, rows, side))
    })
}

fn ge_hips(seed: u64) -> Vec<Fixture> {
    let [left, right] = hips_of(&study(seed, Patient::woman(2, "Sim^Hips").aged(71)), 5);
    vec![
        file("02-ge-idxa-left-femur.dcm", "GE iDXA left hip; shares its series with the right one.", left),
        file("02-ge-idxa-right-femur.dcm", "GE iDXA right hip; the side is only in ProtocolName.", right),
    ]
}

fn ge_lateral(seed: u64) -> Vec<Fixture> {
    let study = study(seed, Patient::woman(3, "Sim^Lateral").aged(74));
    let object =
        ge::export(&study, &Machine::idxa(), &Scan::lateral(), 7, &picture::lateral_spine(808, 1768));
    vec![file("03-ge-idxa-lva.dcm", "GE iDXA lateral vertebral assessment, four sweeps.", object)]
}

fn ge_whole_body(seed: u64) -> Vec<Fixture> {
    let study = study(seed, Patient::man(4, "Sim^Body"));
    let view = |instance, bone| {
        let drawing = picture::whole_body(272, 791, bone);
        ge::export(&study, &Machine::idxa(), &Scan::whole_body(), instance, &drawing)
    };
    const SOFT: &str = "04-ge-idxa-total-body-soft.dcm";
    vec![
        file(SOFT, "GE iDXA whole body, rendered for soft tissue.", view(11, false)),
        file(
            "04-ge-idxa-total-body-bone.dcm",
            "The same acquisition rendered for bone: only SOP UID and InstanceNumber differ.",
            view(12, true).expect(|expected| expected.one_scan_with(SOFT)),
        ),
    ]
}

fn prodigy(study: &Study, scan: &Scan, rows: u16) -> Object {
    ge::export(study, &Machine::prodigy(), scan, 1, &picture::ap_spine(300, rows))
}

fn prodigy_localized(seed: u64) -> Vec<Fixture> {
    let russian = study(seed, Patient::woman(5, "Симулятор^Анна").aged(66)).in_charset(Charset::Cyrillic);
    let scan =
        Scan::ap_spine().named("Поясничный отдел позвоночника, прямая проекция").exposing(Some([180, 245]));
    let russian = prodigy(&russian, &scan, 405).change(|data| {
        data.text(tags::STUDY_DESCRIPTION, "Денситометрия").text(tags::SERIES_DESCRIPTION, "Изображения ДРА")
    });
    let chinese =
        study(seed, Patient::woman(6, "Wang^Moni=王^模拟").of("Chinese")).in_charset(Charset::Gb18030);
    let scan = Scan::ap_spine().named("腰椎正位").exposing(None);
    let chinese = prodigy(&chinese, &scan, 405).change(|data| {
        data.text(tags::STUDY_DESCRIPTION, "双能X线骨密度检查").text(tags::SERIES_DESCRIPTION, "骨密度图像")
    });
    vec![
        file(
            "05-ge-prodigy-russian.dcm",
            "GE Prodigy spine with Russian descriptions in ISO_IR 144.",
            russian,
        ),
        file(
            "05-ge-prodigy-chinese.dcm",
            "GE Prodigy spine with Chinese descriptions in GB18030 and no ExposedArea.",
            chinese,
        ),
    ]
}

fn prodigy_anonymized(seed: u64) -> Vec<Fixture> {
    let study = study(seed, Patient::woman(7, "SIM-0007"));
    let scan = Scan::ap_spine().named("ANONYMIZED").exposing(Some([180, 244])).of_kind("unsupported");
    let object = prodigy(&study, &scan, 405);
    vec![file(
        "06-ge-prodigy-anonymized-protocol.dcm",
        "GE Prodigy scan whose ProtocolName was anonymized away: no region can be known.",
        object,
    )]
}

fn hologic_spine(study: &Study, export: &Export, change: impl FnOnce(Vec<Row>) -> Vec<Row>) -> Object {
    let rows = change(spine(&study.patient, &mut draw(study, "rows")));
    hologic::export(study, export, "ap_spine", None, Results::Regions(rows))
}

fn hologic_hip(study: &Study, export: &Export, side: Side) -> Object {
    let rows = hip(side, &study.patient, &mut draw(study, "rows"));
    hologic::export(study, export, "hip", Some(side), Results::Regions(rows))
}

fn hologic_analyses(seed: u64) -> Vec<Fixture> {
    let keep = |rows| rows;
    let woman = study(seed, Patient::woman(8, "Sim^Horizon").aged(68));
    let hip = study(seed, Patient::woman(9, "Sim^Komma").aged(77));
    let comma = Export { decimal: Decimal::Comma, syntax: Syntax::Implicit, ..Export::of("Left Hip") };
    let arm = study(seed, Patient::woman(10, "Sim^Forearm"));
    let arm_rows = forearm(Side::Left, &arm.patient, &mut draw(&arm, "rows"));
    let second_block = Export { creator: "Hologic", block: 0x11, ..Export::of("L.Forearm") };
    let body = study(seed, Patient::man(11, "Sim^Whole"));
    let parts = whole_body(&body.patient, &mut draw(&body, "rows"));
    let young = study(seed, Patient::woman(12, "Sim^Young").aged(36));
    let man = study(seed, Patient::man(13, "Sim^Man").aged(67));
    vec![
        file(
            "07-hologic-spine.dcm",
            "Hologic spine: all fifteen rows, totals add up.",
            hologic_spine(&woman, &Export::of("AP Lumbar Spine"), keep),
        ),
        file(
            "07-hologic-left-hip-decimal-comma.dcm",
            "Hologic hip in a locale with decimal comma, Implicit VR.",
            hologic_hip(&hip, &comma, Side::Left),
        ),
        file(
            "07-hologic-forearm-second-block.dcm",
            "Hologic forearm; the creator is spelled `Hologic` and owns block 11.",
            hologic::export(&arm, &second_block, "forearm", Some(Side::Left), Results::Regions(arm_rows)),
        ),
        file(
            "07-hologic-whole-body.dcm",
            "Hologic whole body with composition.",
            hologic::export(&body, &Export::of("Whole Body"), "whole_body", None, Results::Body(parts)),
        ),
        file(
            "07-hologic-spine-premenopausal.dcm",
            "Hologic spine of a woman of 36: T cells are blank, only Z is given.",
            hologic_spine(&young, &Export::of("AP Lumbar Spine"), without_t),
        ),
        file(
            "07-hologic-right-hip-man.dcm",
            "Hologic hip of a man.",
            hologic_hip(&man, &Export::of("Right Hip"), Side::Right),
        ),
    ]
}

fn hologic_damaged_text(seed: u64) -> Vec<Fixture> {
    let export = Export::of("AP Lumbar Spine");
    let study_rows = study(seed, Patient::woman(14, "Sim^Missing"));
    let gaps = |rows: Vec<Row>| {
        let without_l2 = rows.into_iter().filter(|row| !row.label.contains("L2"));
        without_l2
            .map(|row| if row.label == "L3" { Row { area: None, bmc: None, ..row } } else { row })
            .collect()
    };
    let missing = hologic_spine(&study_rows, &export, gaps);
    vec![
        file(
            "08-hologic-missing-rows.dcm",
            "Hologic spine without any row that names L2, and with blank area and content of L3.",
            missing,
        ),
        file(
            "08-hologic-html-unknown-key.dcm",
            "Hologic hip with HTML entities, an unknown key, an unknown row and an unknown column.",
            html_hip(seed),
        ),
    ]
}

/// The text is written here by hand, for it is wrong on purpose.
fn html_hip(seed: u64) -> Object {
    let study = study(seed, Patient::woman(15, "Müller^Sim"));
    let export = Export::of("Right Hip");
    let mut rows = hip(Side::Right, &study.patient, &mut draw(&study, "rows"));
    let mut printed = rows.clone();
    for row in &mut printed {
        row.label = match row.label.as_str() {
            "Neck" => "<b>Neck</b>".to_owned(),
            "Total" => "&nbsp;Total&nbsp;".to_owned(),
            label => label.replace('\'', "&#39;"),
        };
    }
    let patient = Patient { name: "M&uuml;ller^Sim".to_owned(), ..study.patient.clone() };
    let mut text = AnalysisText::new(&hologic::scan_id(&study), &patient, export.decimal)
        .line("ScanType", &export.description)
        .line("k", "1.130")
        .line("d0", "48.6")
        .line("FutureIndex&trade;", "12.5 &lt; 20")
        .regions(&printed, &reference_line(&study.patient))
        .cell(0, 6, "Porosity[(%)]")
        .cell(1, 6, "11.2");
    for (column, cell) in ["Neck <i>superior</i>", "1.02", "0.71", "0.696", " ", " "].into_iter().enumerate()
    {
        text = text.cell(6, column, cell);
    }
    rows.retain(|row| row.bmd.is_some());
    hologic::from_text(&study, &export, "hip", Some(Side::Right), Results::Regions(rows), text).with(
        "unknown",
        json!({ "keys": ["FutureIndex™"], "columns": ["Porosity (%)"], "rows": ["Neck superior"] }),
    )
}

fn sr_rows(study: &Study) -> Vec<Row> {
    let mut rows = spine(&study.patient, &mut draw(study, "spine"));
    rows.retain(|row| matches!(row.site.as_str(), "L1" | "L2" | "L3" | "L4" | "L1-L4"));
    rows.extend(sr_hips(study));
    rows
}

fn sr_hips(study: &Study) -> Vec<Row> {
    let both = [Side::Left, Side::Right].map(|side| hip(side, &study.patient, &mut draw(study, side.word())));
    both.into_iter()
        .flatten()
        .filter(|row| matches!(row.site.as_str(), "femoral_neck" | "total_hip"))
        .collect()
}

fn structured_reports(seed: u64) -> Vec<Fixture> {
    let hologic = study(seed, Patient::woman(16, "Sim^Enhanced"));
    let rows = sr_rows(&hologic);
    let reference = "2012 BMDCS/NHANES White Female";
    let gap = sr::Node::missing(
        sr::Code::new("46383-6", "LN", "DXA Bone [Mass/Area] Bone density"),
        sr::Code::new("114006", "DCM", "Measurement failure"),
    );
    let root = sr::measurement_report(
        &hologic,
        &rows,
        reference,
        vec![sr::Node::container(sr::Code::new("125007", "DCM", "Measurement Group"), vec![gap])],
    );
    let enhanced = sr::report(
        &hologic,
        &Writer::enhanced("HOLOGIC", "Horizon A"),
        &root,
        "structured_report",
        Device::of(rows, reference),
    );
    let lunar = study(seed, Patient::man(17, "Sim^Lunar"));
    let rows = sr_hips(&lunar);
    let reference = "USA (Combined NHANES/Lunar)";
    let root = sr::measurement_report(&lunar, &rows, reference, vec![]);
    let hips = sr::report(
        &lunar,
        &Writer::enhanced("GE Healthcare", "Lunar iDXA"),
        &root,
        "hip",
        Device::of(rows, reference),
    );
    let flat = study(seed, Patient::woman(18, "Sim^Flat"));
    let rows = sr_rows(&flat);
    let root = sr::flat_report(&rows, vec![sr::texture_score("1.284"), sr::unknown_number()]);
    let device = sr::with_extras(Device { rows, ..Device::default() }, "1.284");
    let flat = sr::report(
        &flat,
        &Writer::flat("GE Healthcare", "Lunar Prodigy"),
        &root,
        "structured_report",
        device,
    );
    vec![
        file(
            "09-sr-enhanced-hologic.dcm",
            "Enhanced SR after TID 1500: spine and hips with LOINC and SNOMED codes, and a measurement that failed.",
            enhanced,
        ),
        file(
            "09-sr-enhanced-ge-hips.dcm",
            "Enhanced SR after TID 1500 of a man's hips, as a GE system would code it.",
            hips,
        ),
        file(
            "09-sr-flat-names-tbs.dcm",
            "Comprehensive SR as a flat list under private codes, told apart by names; with TBS and an unknown code.",
            flat,
        ),
    ]
}

fn pdf_reports(seed: u64) -> Vec<Fixture> {
    let woman = study(seed, Patient::woman(19, "Sim^Pdf"));
    let rows = spine(&woman.patient, &mut draw(&woman, "rows"));
    let placed = pdf::Report {
        title: "AP Lumbar Spine",
        kind: "ap_spine",
        side: None,
        layout: Layout::Placed,
        decimal: Decimal::Point,
    };
    let hip_of = study(seed, Patient::woman(20, "Sim^Kern").aged(70));
    let hip_rows = hip(Side::Left, &hip_of.patient, &mut draw(&hip_of, "rows"));
    let kerned = pdf::Report {
        title: "Left Hip",
        kind: "hip",
        side: Some(Side::Left),
        layout: Layout::Kerned,
        decimal: Decimal::Comma,
    };
    vec![
        file(
            "10-pdf-spine.dcm",
            "Encapsulated PDF whose text layer holds the table, plain stream.",
            placed.object(&woman, "HOLOGIC", "Horizon A", rows),
        ),
        file(
            "10-pdf-hip-kerned-comma.dcm",
            "Encapsulated PDF with a FlateDecode stream, kerned letters and decimal comma.",
            kerned.object(&hip_of, "HOLOGIC", "Discovery W", hip_rows),
        ),
    ]
}

fn page_without_text(seed: u64) -> Vec<Fixture> {
    let study = study(seed, Patient::woman(21, "Sim^Picture"));
    let rows: Vec<_> = spine(&study.patient, &mut draw(&study, "rows"))
        .into_iter()
        .filter(|row| row.label.len() == 2 || row.label == "L1-L4")
        .collect();
    vec![file(
        "11-report-page-picture.dcm",
        "Report page that is only a picture: numbers could be read by eye, never silently.",
        page_picture(&study, &rows),
    )]
}

fn density_maps(seed: u64) -> Vec<Fixture> {
    let dx = study(seed, Patient::woman(22, "Sim^Map"));
    let field = bone_field(240, 170, [1.05, 0.60], &mut draw(&dx, "field"));
    let dx = bmd_map(&dx, Carrier::Dx, "Lunar Research", "Map 1", &field);
    let frames = study(seed, Patient::man(23, "Sim^Frames"));
    let field = bone_field(280, 320, [0.50, 0.50], &mut draw(&frames, "field"));
    let frames = bmd_map(&frames, Carrier::MultiFrame, "Hologic Research", "Map 2", &field);
    vec![
        file(
            "12-bmd-map-dx.dcm",
            "Map of g/cm² as DX with spacing 1.05 x 0.60 mm; the real world values are mapped at top level.",
            dx,
        ),
        file(
            "12-bmd-map-multi-frame.dcm",
            "Map of g/cm² as Multi-frame Grayscale Word SC, mapped in the shared functional groups.",
            frames,
        ),
    ]
}

fn dual_energy(seed: u64) -> Vec<Fixture> {
    const LOW: &str = "13-dual-energy-low.dcm";
    let pair = study(seed, Patient::woman(24, "Sim^Pair"));
    let field = bone_field(280, 320, [0.50, 0.50], &mut draw(&pair, "field"));
    let image = |study, energy| energy_image(study, energy, "DXA Open Research", "Dual 1", &field);
    let lone = study(seed, Patient::woman(25, "Sim^Lone"));
    let lone = image(&lone, Energy::Low)
        .expect(|_| Expected::refused("ap_spine", "pair_incomplete").spacing([0.5, 0.5], "pixel_spacing"));
    vec![
        file(
            LOW,
            "Low image of a dual-energy pair with the private calibration in block 11.",
            image(&pair, Energy::Low),
        ),
        file(
            "13-dual-energy-high.dcm",
            "High image of the pair.",
            image(&pair, Energy::High).expect(|expected| expected.one_scan_with(LOW)),
        ),
        file("13-dual-energy-lone-low.dcm", "Low image whose partner never came.", lone),
    ]
}

fn ultrasound_heel(seed: u64) -> Vec<Fixture> {
    let study = study(seed, Patient::woman(26, "Sim^Heel"));
    vec![file("14-ultrasound-bdus.dcm", "Ultrasound bone densitometer: refused by name.", ultrasound(&study))]
}

fn chinese_names(seed: u64) -> Vec<Fixture> {
    let cases = [
        ("15-name-gb18030.dcm", "Name in GB18030.", Charset::Gb18030, "Wang^XiaoDong=王^小东"),
        (
            "15-name-iso-2022-ir-58.dcm",
            "Name in GB 2312 behind escape sequences, `\\ISO 2022 IR 58`.",
            Charset::Gb2312Escaped,
            "Wang^XiaoDong=王^小东",
        ),
        (
            "15-name-ir-58-without-escapes.dcm",
            "`\\ISO 2022 IR 58` is named but the escape sequences are missing.",
            Charset::Gb2312Unescaped,
            "Zhang^San=张^三",
        ),
        (
            "15-name-utf8.dcm",
            "Name in UTF-8 with a traditional character.",
            Charset::Utf8,
            "Wang^XiaoDong=王^小東",
        ),
        (
            "15-name-gbk-called-latin1.dcm",
            "GBK bytes under the label ISO_IR 100.",
            Charset::GbkCalledLatin1,
            "王^小东",
        ),
    ];
    (27..)
        .zip(cases)
        .map(|(number, (name, about, charset, patient))| named(seed, number, charset, patient, name, about))
        .collect()
}

fn named(
    seed: u64,
    number: u16,
    charset: Charset,
    patient: &str,
    name: &'static str,
    about: &'static str,
) -> Fixture {
    let patient = Patient::woman(number, patient).of("Chinese");
    let study = study(seed, patient).in_charset(charset);
    let scan = Scan::ap_spine().named("腰椎正位").exposing(Some([180, 108]));
    let hex = crate::random::hex(&charset.encode(&study.patient.name));
    file(name, about, prodigy(&study, &scan, 180).with("patient_name_bytes", json!(hex)))
}

fn radiograph(seed: u64) -> Vec<Fixture> {
    let study = study(seed, Patient::man(32, "Sim^Radiograph").aged(79));
    vec![file(
        "16-lateral-dx-monochrome1.dcm",
        "Ordinary lateral radiograph, MONOCHROME1, detector spacing with magnification 1.1.",
        lateral_radiograph(&study),
    )]
}

fn broken_files(seed: u64) -> Vec<Fixture> {
    let cut = study(seed, Patient::woman(33, "Sim^Cut"));
    let bare = study(seed, Patient::woman(34, "Sim^Bare"));
    let scan = Scan::ap_spine().exposing(Some([180, 108]));
    let cut = prodigy(&cut, &scan, 180).expect(|expected| expected.error("unreadable"));
    vec![
        Fixture {
            damage: Some(Damage::Truncated),
            ..file("17-truncated.dcm", "A file cut off in its pixels.", cut)
        },
        Fixture {
            damage: Some(Damage::WithoutHeader),
            ..file(
                "17-no-preamble.dcm",
                "A data set without preamble and meta header, Implicit VR.",
                prodigy(&bare, &scan, 180),
            )
        },
    ]
}

fn compressed_pixels(seed: u64) -> Vec<Fixture> {
    let scan = Scan::ap_spine().exposing(Some([180, 243]));
    let rle = prodigy(&study(seed, Patient::woman(35, "Sim^Rle")), &scan, 405);
    let jpeg = prodigy(&study(seed, Patient::man(36, "Sim^Jpeg")), &scan, 405);
    vec![
        file("18-rle.dcm", "GE Prodigy spine with RLE pixels.", compress(rle, Syntax::Rle, 300)),
        file(
            "18-jpeg-lossless.dcm",
            "GE Prodigy spine with JPEG lossless pixels, first-order prediction.",
            compress(jpeg, Syntax::JpegLossless, 300),
        ),
    ]
}

fn late_study(seed: u64) -> Vec<Fixture> {
    let study = study(seed, Patient::woman(37, "Sim^Late").aged(69));
    let spine_image =
        ge::export(&study, &Machine::idxa(), &Scan::ap_spine(), 1, &picture::ap_spine(716, 780));
    let [left, right] = hips_of(&study, 2);
    let rows = sr_rows(&study);
    let reference = "USA (Combined NHANES/Lunar)";
    let root = sr::measurement_report(&study, &rows, reference, vec![]);
    let report = sr::report(
        &study,
        &Writer::enhanced("GE Healthcare", "Lunar iDXA"),
        &root,
        "structured_report",
        Device::of(rows, reference),
    );
    vec![
        file("19-late-1-ap-spine.dcm", "First object of a study that arrives in pieces.", spine_image),
        file("19-late-2-left-femur.dcm", "Second object of the study.", left),
        file("19-late-3-right-femur.dcm", "Third object of the study.", right),
        file(
            "19-late-4-report.dcm",
            "The report of the study, sent last: the result must be made anew.",
            report,
        ),
    ]
}

fn duplicate_uid(seed: u64) -> Vec<Fixture> {
    let study = study(seed, Patient { sex: Sex::Female, ..Patient::woman(38, "Sim^Twice") });
    let scan = Scan::ap_spine().exposing(Some([180, 108]));
    let image = |drawing: &Canvas| ge::export(&study, &Machine::prodigy(), &scan, 1, drawing);
    let mut other = picture::ap_spine(300, 180);
    other.ellipse(0.3, 0.5, 0.05, 0.05, 90.0);
    vec![
        file(
            "20-duplicate-uid-first.dcm",
            "A spine whose SOP Instance UID comes again with other pixels.",
            image(&picture::ap_spine(300, 180)),
        ),
        file(
            "20-duplicate-uid-second.dcm",
            "The other object under the same SOP Instance UID.",
            image(&other).expect(|expected| expected.error("duplicate_instance")),
        ),
    ]
}
