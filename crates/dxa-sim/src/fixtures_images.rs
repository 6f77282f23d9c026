//! Those of the twenty cases that turn on images: headers, names, damage, compression, studies in pieces.

use dicom_dictionary_std::tags;
use serde_json::json;

use crate::charset::Charset;
use crate::compressed::compress;
use crate::device_numbers::Side;
use crate::dicom_writer::Syntax;
use crate::fixtures::{Damage, Fixture, file, study};
use crate::fixtures_results::sr_rows;
use crate::ge::{self, Machine, Scan};
use crate::object::{Device, Object};
use crate::other_makers::{lateral_radiograph, ultrasound};
use crate::patient::{Patient, Study};
use crate::picture::{self, Canvas};
use crate::random::hex;
use crate::structured_report::{self as sr, Writer};

pub(crate) fn ge_ap_spine(seed: u64) -> Vec<Fixture> {
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

pub(crate) fn ge_hips(seed: u64) -> Vec<Fixture> {
    let [left, right] = hips_of(&study(seed, Patient::woman(2, "Sim^Hips").aged(71)), 5);
    vec![
        file("02-ge-idxa-left-femur.dcm", "GE iDXA left hip; shares its series with the right one.", left),
        file("02-ge-idxa-right-femur.dcm", "GE iDXA right hip; the side is only in ProtocolName.", right),
    ]
}

pub(crate) fn ge_lateral(seed: u64) -> Vec<Fixture> {
    let study = study(seed, Patient::woman(3, "Sim^Lateral").aged(74));
    let object =
        ge::export(&study, &Machine::idxa(), &Scan::lateral(), 7, &picture::lateral_spine(808, 1768));
    vec![file("03-ge-idxa-lva.dcm", "GE iDXA lateral vertebral assessment, four sweeps.", object)]
}

pub(crate) fn ge_whole_body(seed: u64) -> Vec<Fixture> {
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

pub(crate) fn prodigy_localized(seed: u64) -> Vec<Fixture> {
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

pub(crate) fn prodigy_anonymized(seed: u64) -> Vec<Fixture> {
    let study = study(seed, Patient::woman(7, "SIM-0007"));
    let scan = Scan::ap_spine().named("ANONYMIZED").exposing(Some([180, 244])).of_kind("unsupported");
    let object = prodigy(&study, &scan, 405);
    vec![file(
        "06-ge-prodigy-anonymized-protocol.dcm",
        "GE Prodigy scan whose ProtocolName was anonymized away: no region can be known.",
        object,
    )]
}

pub(crate) fn ultrasound_heel(seed: u64) -> Vec<Fixture> {
    let study = study(seed, Patient::woman(26, "Sim^Heel"));
    vec![file("14-ultrasound-bdus.dcm", "Ultrasound bone densitometer: refused by name.", ultrasound(&study))]
}

pub(crate) fn chinese_names(seed: u64) -> Vec<Fixture> {
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
    let bytes = hex(&charset.encode(&study.patient.name));
    file(name, about, prodigy(&study, &scan, 180).with("patient_name_bytes", json!(bytes)))
}

pub(crate) fn radiograph(seed: u64) -> Vec<Fixture> {
    let study = study(seed, Patient::man(32, "Sim^Radiograph").aged(79));
    vec![file(
        "16-lateral-dx-monochrome1.dcm",
        "Ordinary lateral radiograph, MONOCHROME1, detector spacing with magnification 1.1.",
        lateral_radiograph(&study),
    )]
}

pub(crate) fn broken_files(seed: u64) -> Vec<Fixture> {
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

pub(crate) fn compressed_pixels(seed: u64) -> Vec<Fixture> {
    let scan = Scan::ap_spine().exposing(Some([180, 243]));
    let rle = prodigy(&study(seed, Patient::woman(35, "Sim^Rle")), &scan, 405);
    let jpeg = prodigy(&study(seed, Patient::man(36, "Sim^Jpeg")), &scan, 405);
    let wavelet = prodigy(&study(seed, Patient::woman(39, "Sim^Plane")), &scan, 405);
    vec![
        file("18-rle.dcm", "GE Prodigy spine with RLE pixels.", compress(rle, Syntax::Rle, 300)),
        file(
            "18-jpeg-lossless.dcm",
            "GE Prodigy spine with JPEG lossless pixels, first-order prediction.",
            compress(jpeg, Syntax::JpegLossless, 300),
        ),
        file(
            "18-jpeg-2000.dcm",
            "GE Prodigy spine with reversible JPEG 2000 pixels.",
            compress(wavelet, Syntax::Jpeg2000, 300),
        ),
    ]
}

pub(crate) fn late_study(seed: u64) -> Vec<Fixture> {
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

pub(crate) fn duplicate_uid(seed: u64) -> Vec<Fixture> {
    let study = study(seed, Patient::woman(38, "Sim^Twice"));
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
