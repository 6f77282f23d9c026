//! Objects of every kind, and what each is classified as: kind, side, tier, spacing, refusals.

mod made;

use dicom_core::Tag;
use dicom_dictionary_std::{tags, uids};
use made::{Made, scan, scans};

const CR: &str = uids::COMPUTED_RADIOGRAPHY_IMAGE_STORAGE;
const DX: &str = uids::DIGITAL_X_RAY_IMAGE_STORAGE_FOR_PRESENTATION;
const DX_PROCESSING: &str = uids::DIGITAL_X_RAY_IMAGE_STORAGE_FOR_PROCESSING;
const SC: &str = uids::SECONDARY_CAPTURE_IMAGE_STORAGE;

#[test]
fn exports_of_a_densitometer_are_display_images_whatever_modality_the_site_chose() {
    for modality in ["CR", "OT", "DX", "BMD", "SC", "RG"] {
        let made = Made::lunar("Right Femur").text(tags::MODALITY, modality);
        assert_eq!(scan(&made), "hip R display exposed_area: not_calibrated", "{modality}");
    }
    for (class, modality) in [(DX, "DX"), (SC, "OT"), (SC, "BMD")] {
        let made = Made::lunar("AP Spine").text(tags::SOP_CLASS_UID, class).text(tags::MODALITY, modality);
        assert_eq!(scan(&made), "ap_spine - display exposed_area: not_calibrated", "{class}");
    }
}

#[test]
fn kinds_come_from_the_protocol() {
    let cases = [
        ("AP Spine", "ap_spine - display exposed_area: not_calibrated"),
        ("Left Femur", "hip L display exposed_area: not_calibrated"),
        ("Left Ortho Knee", "knee L display exposed_area: not_calibrated"),
        ("LVA", "lateral_spine - display exposed_area: not_calibrated not_evaluable"),
        ("Lateral", "lateral_spine - display exposed_area: not_calibrated not_evaluable"),
        ("Total Body", "whole_body - display exposed_area: not_calibrated"),
        ("Right Forearm", "forearm R display exposed_area: not_calibrated"),
        ("Hand", "unsupported - display exposed_area: not_evaluable not_calibrated"),
        ("ANONYMIZED", "unsupported - display exposed_area: not_evaluable not_calibrated"),
        ("", "unsupported - display exposed_area: not_evaluable not_calibrated"),
    ];
    for (protocol, expected) in cases {
        assert_eq!(scan(&Made::lunar(protocol)), expected, "{protocol}");
    }
}

/// A hip from a radiography room is no bone density, whoever built the room.
#[test]
fn plain_radiographs_are_refused() {
    let rooms = [
        (CR, "CR", "FUJIFILM Corporation", "FCR 5000"),
        (CR, "CR", "FUJI PHOTO FILM Co., ltd.", "9000"),
        (DX, "DX", "GE Healthcare", "Discovery XR656"),
        (DX, "DX", "GE MEDICAL SYSTEMS", "Definium 8000"),
        (DX, "DX", "Philips Medical Systems", "DigitalDiagnost Range"),
        (DX, "DX", "Swissray", "ddR Formula"),
        (DX, "DX", "", ""),
        (SC, "OT", "ACME", "Scanner"),
    ];
    for (class, modality, maker, model) in rooms {
        for body_part in ["HIP", "LSPINE", "FOREARM", "KNEE", "WHOLEBODY", ""] {
            let made =
                Made::radiograph(class, modality, maker, model).text(tags::BODY_PART_EXAMINED, body_part);
            assert_eq!(scan(&made), "unsupported - none none: unsupported_device", "{maker} {body_part}");
        }
    }
    let dual_energy_chest = Made::radiograph(DX, "DX", "GE Healthcare", "Discovery XR656")
        .text(tags::BODY_PART_EXAMINED, "CHEST")
        .text(tags::SERIES_DESCRIPTION, "Dual energy subtraction");
    assert_eq!(scan(&dual_energy_chest), "unsupported - none none: unsupported_device");
}

#[test]
fn lateral_spines_of_any_maker_are_taken() {
    let room = |class, modality| Made::radiograph(class, modality, "FUJIFILM Corporation", "FCR 5000");
    // The pixels made here show no spine.
    let lateral = "lateral_spine - display pixel_spacing: not_calibrated not_evaluable";
    for (class, modality) in [(CR, "CR"), (DX, "DX"), (SC, "OT")] {
        let made =
            room(class, modality).text(tags::BODY_PART_EXAMINED, "LSPINE").text(tags::VIEW_POSITION, "LL");
        assert_eq!(scan(&made), lateral, "{class}");
        let coded = vec![Made::code("399067008", "SCT", "lateral")];
        let made = room(class, modality)
            .text(tags::BODY_PART_EXAMINED, "TSPINE")
            .sequence(tags::VIEW_CODE_SEQUENCE, coded);
        assert_eq!(scan(&made), lateral, "{class}, view by code");
    }
    let cervical =
        room(CR, "CR").text(tags::BODY_PART_EXAMINED, "CSPINE").text(tags::PROTOCOL_NAME, "Cervical LAT");
    assert_eq!(scan(&cervical), "lateral_spine - display pixel_spacing: not_evaluable not_calibrated");
}

/// "Lateral" alone is the spine to a densitometer only.
#[test]
fn a_lateral_view_of_nothing_is_no_spine() {
    let room = Made::radiograph(DX, "DX", "FUJIFILM Corporation", "FCR").text(tags::VIEW_POSITION, "LL");
    assert_eq!(scan(&room), "unsupported - none none: unsupported_device");
    for name in ["Lateral", "Chest lateral", "Lateral knee"] {
        let made = room.clone().text(tags::PROTOCOL_NAME, name);
        assert_eq!(scan(&made), "unsupported - none none: unsupported_device", "{name}");
    }
}

#[test]
fn other_modalities_are_refused_by_name() {
    let cases = [
        (uids::CT_IMAGE_STORAGE, "CT", "SIEMENS", "unsupported_modality"),
        (uids::MR_IMAGE_STORAGE, "MR", "SIEMENS", "unsupported_modality"),
        (
            uids::DIGITAL_MAMMOGRAPHY_X_RAY_IMAGE_STORAGE_FOR_PRESENTATION,
            "MG",
            "HOLOGIC, Inc.",
            "unsupported_modality",
        ),
        (SC, "MG", "HOLOGIC, Inc.", "unsupported_modality"),
        (uids::CT_IMAGE_STORAGE, "", "HOLOGIC", "unsupported_modality"),
        (uids::ULTRASOUND_IMAGE_STORAGE, "US", "BeamMed", "ultrasound"),
        (uids::ULTRASOUND_MULTI_FRAME_IMAGE_STORAGE, "US", "ACME", "ultrasound"),
        (SC, "BDUS", "ACME", "ultrasound"),
        (SC, "OT", "BeamMed Ltd.", "ultrasound"),
        (SC, "BMD", "Sunlight Medical", "ultrasound"),
        (CR, "CR", "HOLOGIC Sahara", "ultrasound"),
        (SC, "OT", "GE Lunar Achilles", "ultrasound"),
        (SC, "OT", "OsteoSys SONOST 3000", "ultrasound"),
    ];
    for (class, modality, maker, code) in cases {
        let made = Made::radiograph(class, modality, maker, "")
            .text(tags::BODY_PART_EXAMINED, "HIP")
            .text(tags::STUDY_DESCRIPTION, "DXA");
        assert_eq!(scan(&made), format!("unsupported - none none: {code}"), "{class} {modality} {maker}");
    }
}

#[test]
fn wording_makes_a_scan_of_an_unknown_maker_densitometry() {
    let wordings =
        ["DXA Exam", "DEXA hip", "Bone Densitometry", "骨密度检查", "双能X线骨密度", "Денситометрия"];
    for wording in wordings {
        let made = Made::radiograph(CR, "CR", "ACME", "One")
            .text(tags::SPECIFIC_CHARACTER_SET, "ISO_IR 192")
            .text(tags::STUDY_DESCRIPTION, wording)
            .text(tags::PROTOCOL_NAME, "Left Hip");
        assert_eq!(scan(&made), "hip L display pixel_spacing: not_calibrated", "{wording}");
    }
    let modality = Made::radiograph(CR, "BMD", "ACME", "One").text(tags::PROTOCOL_NAME, "AP Spine");
    assert_eq!(scan(&modality), "ap_spine - display pixel_spacing: not_calibrated");
}

#[test]
fn pages_are_kept_and_wait_for_a_person() {
    let page = Made::of(SC, "OT")
        .text(tags::MANUFACTURER, "HOLOGIC")
        .text(tags::MANUFACTURER_MODEL_NAME, "Horizon A");
    assert_eq!(
        scan(&page.clone().page(64, 64)),
        "report_page - display none: not_calibrated needs_confirmation"
    );
    let burned = page.clone().image(64, 64, 8).text(tags::BURNED_IN_ANNOTATION, "YES");
    assert_eq!(scan(&burned), "report_page - display none: not_calibrated needs_confirmation");
    let empty = page.page(64, 64).without(tags::PIXEL_DATA);
    assert_eq!(scan(&empty), "report_page - none none: no_pixel_data");
    let of_nobody = Made::of(SC, "OT").text(tags::MANUFACTURER, "ACME").page(64, 64);
    assert_eq!(scan(&of_nobody), "unsupported - none none: unsupported_device");
}

#[test]
fn reports_without_numbers_are_refused_as_such() {
    let report = Made::of(uids::ENHANCED_SR_STORAGE, "SR").sequence(tags::CONTENT_SEQUENCE, vec![]);
    assert_eq!(scan(&report), "structured_report - none none: not_evaluable");
    let document = Made::of(uids::ENCAPSULATED_PDF_STORAGE, "DOC").text(Tag(0x0042, 0x0011), "%PDF-1.4");
    assert_eq!(scan(&document), "document - none none: needs_confirmation");
}

#[test]
fn pixels_that_cannot_be_used_leave_no_tier() {
    let lunar = Made::lunar("AP Spine");
    let cases = [
        (lunar.clone().without(tags::PIXEL_DATA), "no_pixel_data"),
        (lunar.clone().image(16, 16, 8), "image_too_small"),
        (lunar.clone().image(31, 400, 8).text(tags::PIXEL_SPACING, "1\\1"), "image_too_small"),
        (lunar.clone().compressed("1.2.840.10008.1.2.4.51"), "unsupported_transfer_syntax"),
        (lunar.clone().compressed("1.2.840.10008.1.2.4.100"), "unsupported_transfer_syntax"),
    ];
    for (made, code) in cases {
        let read = scan(&made);
        assert!(read.starts_with("ap_spine - none ") && read.ends_with(code), "{read}, not {code}");
    }
    let jpeg = lunar.compressed(uids::JPEG_LOSSLESS_SV1);
    assert_eq!(scan(&jpeg), "ap_spine - display exposed_area: not_calibrated");
}

#[test]
fn spacing_comes_from_the_first_attribute_that_gives_one() {
    let bare = Made::lunar("AP Spine");
    let none = bare.clone().without(tags::EXPOSED_AREA);
    let cases = [
        (bare.clone().text(tags::PIXEL_SPACING, "1.05\\0.6"), "pixel_spacing", Some((1.05, 0.6))),
        (bare.clone().text(tags::PIXEL_SPACING, "0.000\\0.000"), "exposed_area", Some((0.25, 0.25))),
        (bare.clone().text(tags::PIXEL_SPACING, "0.5"), "exposed_area", Some((0.25, 0.25))),
        (bare.clone().text(tags::PIXEL_SPACING, "-1\\-1"), "exposed_area", Some((0.25, 0.25))),
        (bare.clone().text(tags::PIXEL_SPACING, "NaN\\NaN"), "exposed_area", Some((0.25, 0.25))),
        (bare.clone().text(tags::PIXEL_SPACING, "a\\b"), "exposed_area", Some((0.25, 0.25))),
        (bare.clone().text(tags::IMAGER_PIXEL_SPACING, "0.2\\0.3"), "imager_pixel_spacing", Some((0.2, 0.3))),
        (
            bare.clone()
                .text(tags::IMAGER_PIXEL_SPACING, "0.22\\0.22")
                .text(tags::ESTIMATED_RADIOGRAPHIC_MAGNIFICATION_FACTOR, "1.1"),
            "imager_pixel_spacing",
            Some((0.2, 0.2)),
        ),
        (
            bare.clone()
                .text(tags::IMAGER_PIXEL_SPACING, "0.22\\0.22")
                .text(tags::ESTIMATED_RADIOGRAPHIC_MAGNIFICATION_FACTOR, "0"),
            "imager_pixel_spacing",
            Some((0.22, 0.22)),
        ),
        (
            bare.clone().text(tags::NOMINAL_SCANNED_PIXEL_SPACING, "0.1\\0.1"),
            "nominal_scanned",
            Some((0.1, 0.1)),
        ),
        (none.clone(), "model_default", Some((0.25, 0.25))),
        (
            none.clone().text(tags::MANUFACTURER_MODEL_NAME, "Prodigy Advance"),
            "model_default",
            Some((0.6, 0.6)),
        ),
        (none.clone().text(tags::MANUFACTURER_MODEL_NAME, "Lunar DPX"), "none", None),
        (none.clone().text(tags::PROTOCOL_NAME, "Total Body"), "none", None),
        (none.text(tags::PROTOCOL_NAME, "XXXX"), "none", None),
        // 2.2 % apart; then 1.9 %.
        (bare.clone().shorts(tags::EXPOSED_AREA, &[1000, 1227]), "none", None),
        (bare.clone().shorts(tags::EXPOSED_AREA, &[1000, 1223]), "exposed_area", Some((1223.0 / 240.0, 5.0))),
        (bare.shorts(tags::EXPOSED_AREA, &[0, 0]), "model_default", Some((0.25, 0.25))),
    ];
    for (index, (made, source, size)) in cases.into_iter().enumerate() {
        let analysis = made::analyze(&[made]);
        let scan = &analysis.scans[0];
        assert_eq!(scan.spacing_source.code(), source, "case {index}");
        let close = |a: f64, b: f64| (a - b).abs() < 1e-12;
        let agrees = match (scan.spacing, size) {
            (Some(read), Some((row, column))) => close(read.row_mm, row) && close(read.column_mm, column),
            (read, expected) => read.is_none() && expected.is_none(),
        };
        assert!(agrees, "case {index}: {:?}", scan.spacing);
        let refused = analysis.refusals.iter().any(|refusal| refusal.code.code() == "no_spacing");
        assert_eq!(refused, size.is_none(), "case {index}");
    }
}

/// Exposed Area of a radiography room is the field of its beam, not of its raster.
#[test]
fn exposed_area_counts_for_lunar_only() {
    let hologic = Made::lunar("AP Spine")
        .text(tags::MANUFACTURER, "HOLOGIC")
        .text(tags::MANUFACTURER_MODEL_NAME, "Discovery A");
    assert_eq!(scan(&hologic), "ap_spine - display none: no_spacing not_calibrated");
}

fn mapping(unit: &str, scheme: &str) -> Made {
    let unit = Made::code(unit, scheme, "unit");
    Made::item().sequence(tags::MEASUREMENT_UNITS_CODE_SEQUENCE, vec![unit])
}

fn map() -> Made {
    Made::radiograph(DX, "DX", "ACME", "Map")
        .text(tags::PROTOCOL_NAME, "AP Spine")
        .sequence(tags::REAL_WORLD_VALUE_MAPPING_SEQUENCE, vec![mapping("g/cm2", "UCUM")])
}

#[test]
fn density_maps_are_quantitative() {
    // What it maps is refused: the mapping names a unit and has no numbers.
    let quantitative = "ap_spine - quantitative pixel_spacing: not_calibrated";
    assert_eq!(scan(&map()), quantitative);
    for class in [CR, SC, uids::MULTI_FRAME_GRAYSCALE_WORD_SECONDARY_CAPTURE_IMAGE_STORAGE] {
        let made = map().text(tags::SOP_CLASS_UID, class).text(tags::NUMBER_OF_FRAMES, "1");
        assert_eq!(scan(&made), quantitative, "{class}");
    }
    let group =
        Made::item().sequence(tags::REAL_WORLD_VALUE_MAPPING_SEQUENCE, vec![mapping("g/cm2", "UCUM")]);
    for tag in [tags::SHARED_FUNCTIONAL_GROUPS_SEQUENCE, tags::PER_FRAME_FUNCTIONAL_GROUPS_SEQUENCE] {
        let made = map().without(tags::REAL_WORLD_VALUE_MAPPING_SEQUENCE).sequence(tag, vec![group.clone()]);
        assert_eq!(scan(&made), quantitative);
    }
}

#[test]
fn what_lacks_a_part_of_a_density_map_is_none() {
    let spacing = map().without(tags::PIXEL_SPACING);
    assert_eq!(scan(&spacing), "ap_spine - none none: no_spacing");
    let imager = spacing.text(tags::IMAGER_PIXEL_SPACING, "0.2\\0.2");
    assert_eq!(scan(&imager), "ap_spine - none imager_pixel_spacing: no_spacing");
    let display = "unsupported - none none: unsupported_device";
    for (unit, scheme) in [("1", "UCUM"), ("g/cm3", "UCUM"), ("g/cm2", "99X"), ("mg/cm2", "UCUM")] {
        let made = map().sequence(tags::REAL_WORLD_VALUE_MAPPING_SEQUENCE, vec![mapping(unit, scheme)]);
        assert_eq!(scan(&made), display, "{unit}");
    }
    assert_eq!(scan(&map().image(100, 100, 8)), display, "8 bits");
    let none = map().sequence(tags::REAL_WORLD_VALUE_MAPPING_SEQUENCE, vec![]);
    assert_eq!(scan(&none), display, "no item");
}

fn energy(energy: &str, number: u32) -> Made {
    Made::radiograph(DX_PROCESSING, "DX", "ACME", "Pair")
        .text(tags::PROTOCOL_NAME, "AP Spine")
        .text(tags::PRESENTATION_INTENT_TYPE, "FOR PROCESSING")
        .text(tags::IMAGE_TYPE, &format!("ORIGINAL\\PRIMARY\\\\{energy}"))
        .text(tags::INSTANCE_NUMBER, &number.to_string())
        .text(tags::SOP_INSTANCE_UID, &format!("2.25.10{number}"))
        .text(tags::KVP, "100")
}

fn calibrated(made: Made, block: u16) -> Made {
    made.text(Tag(0x0019, block), "DXA OPEN 1.0")
        .doubles(Tag(0x0019, block << 8 | 2), &[0.5; 14])
        .doubles(Tag(0x0019, block << 8 | 3), &[0.5; 14])
}

#[test]
fn a_calibrated_pair_is_one_quantitative_scan() {
    // What it holds is refused: its images state no scale.
    let quantitative = ["ap_spine - quantitative pixel_spacing: not_calibrated"];
    let (low, high) = (energy("LOW_ENERGY", 1), energy("HIGH_ENERGY", 2));
    assert_eq!(scans(&[calibrated(low.clone(), 0x10), high.clone()]), quantitative);
    assert_eq!(scans(&[low.clone(), calibrated(high.clone(), 0x11)]), quantitative);
    assert_eq!(scans(&[high.clone(), calibrated(low.clone(), 0xE0)]), quantitative);
    let number = |made: Made| made.text(tags::ACQUISITION_NUMBER, "3");
    assert_eq!(scans(&[number(calibrated(low, 0x10)), number(high)]), quantitative);
}

#[test]
fn a_pair_without_calibration_is_not_calibrated() {
    let (low, high) = (energy("LOW_ENERGY", 1), energy("HIGH_ENERGY", 2));
    let refused = ["ap_spine - display pixel_spacing: not_calibrated"];
    assert_eq!(scans(&[low.clone(), high.clone()]), refused);
    let short = calibrated(low.clone(), 0x10).doubles(Tag(0x0019, 0x1002), &[0.5; 13]);
    assert_eq!(scans(&[short, high.clone()]), refused);
    let infinite = calibrated(low.clone(), 0x10).doubles(Tag(0x0019, 0x1003), &[f64::NAN; 14]);
    assert_eq!(scans(&[infinite, high.clone()]), refused);
    let other_creator = calibrated(low, 0x10).text(Tag(0x0019, 0x0010), "ACME");
    assert_eq!(scans(&[other_creator, high]), refused);
}

#[test]
fn an_incomplete_pair_is_refused_per_acquisition() {
    let incomplete = "ap_spine - none pixel_spacing: pair_incomplete";
    let (low, high) = (calibrated(energy("LOW_ENERGY", 1), 0x10), energy("HIGH_ENERGY", 2));
    assert_eq!(scans(std::slice::from_ref(&low)), [incomplete]);
    assert_eq!(scans(std::slice::from_ref(&high)), [incomplete]);
    assert_eq!(scans(&[low.clone(), energy("LOW_ENERGY", 2)]), [incomplete]);
    assert_eq!(scans(&[low.clone(), energy("LOW_ENERGY", 3), high.clone()]), [incomplete]);
    let others = [
        high.clone().image(100, 120, 16),
        high.clone().text(tags::PIXEL_SPACING, "0.2\\0.3"),
        high.clone().text(tags::ACQUISITION_NUMBER, "2"),
        high.clone().text(tags::SERIES_INSTANCE_UID, "2.25.99"),
    ];
    for other in others {
        assert_eq!(scans(&[low.clone(), other]), [incomplete, incomplete]);
    }
    let damaged = scans(&[low, high.without(tags::PIXEL_DATA)]);
    assert_eq!(damaged, ["ap_spine - none pixel_spacing: no_pixel_data"]);
}

fn total_body(number: u32, time: &str) -> Made {
    Made::lunar("Total Body")
        .text(tags::INSTANCE_NUMBER, &number.to_string())
        .text(tags::SOP_INSTANCE_UID, &format!("2.25.20{number}"))
        .text(tags::ACQUISITION_TIME, time)
}

#[test]
fn two_renderings_of_one_whole_body_are_one_scan() {
    let one = "whole_body - display exposed_area: not_calibrated";
    assert_eq!(scans(&[total_body(11, "141312"), total_body(12, "141312")]), [one]);
    assert_eq!(scans(&[total_body(11, ""), total_body(12, "")]), [one]);
    let both = [one, one];
    assert_eq!(scans(&[total_body(11, "141312"), total_body(12, "150000")]), both);
    assert_eq!(scans(&[total_body(11, "141312"), total_body(12, "")]), both);
    let other_series = total_body(12, "141312").text(tags::SERIES_INSTANCE_UID, "2.25.99");
    assert_eq!(scans(&[total_body(11, "141312"), other_series]), both);
    let renderings = made::analyze(&[total_body(12, "141312"), total_body(11, "141312")]);
    assert_eq!(renderings.scans[0].sop_instance_uids, ["2.25.2011", "2.25.2012"]);
}

/// Both knees, or two views of one hip, are scans of their own.
#[test]
fn regional_scans_are_never_merged() {
    let knee = |name, number: &str| Made::lunar(name).text(tags::INSTANCE_NUMBER, number);
    let left = "knee L display exposed_area: not_calibrated";
    let right = "knee R display exposed_area: not_calibrated";
    assert_eq!(scans(&[knee("Right Ortho Knee", "2"), knee("Left Ortho Knee", "1")]), [left, right]);
    assert_eq!(scans(&[knee("Left Ortho Knee", "1"), knee("Left Ortho Knee", "2")]), [left, left]);
}

#[test]
fn scans_stand_in_the_order_of_series_and_instance_with_missing_numbers_last() {
    let object = |name: &str, series: &str, uid: &str, instance: &str| {
        Made::lunar(name)
            .text(tags::SERIES_NUMBER, series)
            .text(tags::SERIES_INSTANCE_UID, uid)
            .text(tags::INSTANCE_NUMBER, instance)
    };
    let made = [
        object("Left Knee", "", "2.25.1", "1"),
        object("Left Forearm", "10", "2.25.1", "1"),
        object("Left Femur", "9", "2.25.5", ""),
        object("AP Spine", "9", "2.25.5", "2"),
        object("LVA", "9", "2.25.4", "7"),
        object("Right Femur", "9", "2.25.5", "10"),
    ];
    let kinds: Vec<String> =
        scans(&made).into_iter().map(|line| line.split(" display").next().unwrap().to_owned()).collect();
    assert_eq!(kinds, ["lateral_spine -", "ap_spine -", "hip R", "hip L", "forearm L", "knee L"]);
}

/// The coded side counts, and a person is told to look.
#[test]
fn a_contradicted_side_is_given_by_the_code_and_doubted() {
    let made = Made::lunar("Left Femur").text(tags::IMAGE_LATERALITY, "R");
    let analysis = made::analyze(&[made]);
    assert_eq!(analysis.scans[0].laterality.map(dxa_core::site::Side::code), Some("R"));
    assert!(analysis.findings.iter().any(|finding| finding.code == "laterality_doubtful"));
}
