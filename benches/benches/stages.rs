//! Each stage of a study by itself, and whole studies: how long on one core.
//!
//! Scans are simulated: a spine, a hip and a forearm as calibrated pairs, and a lateral spine.

use std::collections::BTreeMap;
use std::hint::black_box;

use criterion::{Criterion, criterion_group, criterion_main};
use dxa_core::calibrate::{self, Calibrated};
use dxa_core::decode::object::ReadObject;
use dxa_core::decode::pixels;
use dxa_core::decode::quantitative::{EnergyImage, ulna_length_mm};
use dxa_core::geometry::DetectorPoint;
use dxa_core::grade::{Grader, Person};
use dxa_core::guard::{self, Input, Leniency, Limits, Object};
use dxa_core::measure::region;
use dxa_core::outline::Outlines;
use dxa_core::patient::{Ethnicity, Sex};
use dxa_core::pipeline::{self, Told};
use dxa_core::protocol::Protocol;
use dxa_core::reference::vertebrae::SpineModel;
use dxa_core::reference::{Device, Library, Maker, Profile, Subject};
use dxa_core::report::Analysis;
use dxa_core::score::{self, Measured};
use dxa_core::segment::edge::{self, Bone, EdgeRule};
use dxa_core::segment::hip::NeckConvention;
use dxa_core::segment::vertebrae::{self, LateralImage};
use dxa_core::segment::{forearm, hip, spine};
use dxa_core::site::Site;
use dxa_core::study::PixelSpacing;
use dxa_core::units::{GramsPerCm2, Years};
use dxa_core::vertebra::{Level, SixPoints};
use dxa_exchange::issue::{Issue, Sources, Standing};
use dxa_exchange::json::{self, Run};
use dxa_exchange::text::Language;
use dxa_exchange::{fhir, hl7, record, sr};

const PAIRS: [&str; 3] = ["ap-spine", "hip", "forearm"];
const LATERAL: &str = "lateral-spine";

/// The DICOM files of a simulated scan.
fn files(kind: &str) -> Vec<Vec<u8>> {
    let made = dxa_sim::simulate(kind, 1, &BTreeMap::new());
    let dicom = made.into_iter().flatten().filter(|file| file.name.ends_with(".dcm"));
    let files: Vec<Vec<u8>> = dicom.map(|file| file.bytes).collect();
    assert!(!files.is_empty(), "{kind} makes no file: nothing would be measured");
    files
}

fn read(file: &[u8]) -> ReadObject {
    let read = pipeline::read(file, file.len() as u64, Leniency::Tolerant, &Limits::DEFAULT);
    must(must(read))
}

fn open(file: &[u8]) -> Object<'_> {
    must(guard::open(Input::whole(file), Leniency::Tolerant, &Limits::DEFAULT))
}

/// A scan that is refused would be measured as a very quick one.
fn must<T, E: std::fmt::Debug>(result: Result<T, E>) -> T {
    match result {
        Ok(value) => value,
        Err(error) => panic!("a simulated scan is refused: {error:?}"),
    }
}

fn protocol() -> Protocol<'static> {
    Protocol::new(must(Profile::named(Profile::DEFAULT)), Library::bundled())
}

/// Headers to result.
fn analyze(files: &[Vec<u8>], protocol: &Protocol<'_>) -> Analysis {
    let objects = files.iter().map(|file| read(file)).collect();
    let source = |object: usize| Ok(files[object].clone());
    pipeline::analyze(objects, &source, &Told::default(), protocol)
}

fn calibrated(files: &[Vec<u8>], spacing: PixelSpacing) -> Calibrated {
    let images: Vec<EnergyImage> = files.iter().map(|file| must(EnergyImage::read(&open(file)))).collect();
    let [one, other] = images.as_slice() else { panic!("a pair is not {} files", images.len()) };
    // Which is which stands in the images; the wrong order is refused.
    calibrate::pair(one, other, spacing).unwrap_or_else(|_| must(calibrate::pair(other, one, spacing)))
}

fn bone(kind: &str, calibrated: &Calibrated) -> Bone {
    must(match kind {
        "ap-spine" => spine::bone(&calibrated.field, spine::Subject::Person),
        _ => edge::bone(&calibrated.field, EdgeRule::HalfStep),
    })
}

fn outlines(kind: &str, calibrated: &Calibrated, bone: &Bone, ulna_mm: Option<f64>) -> Outlines {
    match kind {
        "ap-spine" => must(spine::find_in(&calibrated.field, bone, spine::Subject::Person)),
        "hip" => must(hip::find(&calibrated.field, Some(bone), NeckConvention::Hologic)),
        _ => must(forearm::find(&calibrated.field, Some(bone), ulna_mm)).outlines,
    }
}

fn densities(criterion: &mut Criterion) {
    for kind in PAIRS {
        let files = files(kind);
        let analysis = analyze(&files, &protocol());
        let spacing = analysis.scans.first().and_then(|scan| scan.spacing);
        let spacing = must(spacing.ok_or("no spacing"));
        let calibrated_once = calibrated(&files, spacing);
        let bone_once = bone(kind, &calibrated_once);
        let ulna_mm = ulna_length_mm(open(&files[0]).root());
        let regions = outlines(kind, &calibrated_once, &bone_once, ulna_mm).regions;
        assert!(!regions.is_empty(), "{kind} has no region: nothing would be measured");
        let mut group = criterion.benchmark_group(kind);
        group
            .bench_function("decode", |b| b.iter(|| files.iter().map(|file| read(file)).collect::<Vec<_>>()));
        group.bench_function("calibrate, with its pixels", |b| b.iter(|| calibrated(&files, spacing)));
        group.bench_function("segment", |b| {
            b.iter(|| outlines(kind, &calibrated_once, &bone(kind, &calibrated_once), ulna_mm));
        });
        group.bench_function("measure", |b| {
            let measure = |region| black_box(region::measure(&calibrated_once, &bone_once, region)).is_ok();
            b.iter(|| regions.iter().filter(|region| measure(region)).count());
        });
        group.finish();
    }
}

fn lateral(criterion: &mut Criterion) {
    let files = files(LATERAL);
    let analysis = analyze(&files, &protocol());
    let spacing = analysis.scans.first().and_then(|scan| scan.spacing);
    let spacing = must(spacing.ok_or("no spacing"));
    let gray = || must(calibrate::display(&must(pixels::read(&open(&files[0]))), spacing)).0;
    let field = gray();
    let image = LateralImage { gray: field.values.view(), spacing, spacing_known: true };
    let mut group = criterion.benchmark_group(LATERAL);
    group.bench_function("calibrate, with its pixels", |b| b.iter(gray));
    group.bench_function("segment", |b| {
        b.iter(|| must(vertebrae::find(&image, SpineModel::bundled())).vertebrae.len());
    });
    group.finish();
}

/// A spine of bodies 25 mm high and 30 mm deep, the first lumbar one wedged.
fn spine_points() -> BTreeMap<Level, SixPoints> {
    let body = |(at, level): (usize, Level)| {
        let top = 32.0 * at as f64;
        let front = if level == Level::L1 { 17.0 } else { 24.0 };
        let point = |x_mm, y_mm| DetectorPoint { x_mm, y_mm };
        let points = [
            point(0.0, top),
            point(15.0, top),
            point(30.0, top),
            point(30.0, top + front),
            point(15.0, top + 24.0),
            point(0.0, top + 25.0),
        ];
        (level, SixPoints::from_array(points))
    };
    Level::ALL.into_iter().enumerate().map(body).collect()
}

fn numbers(criterion: &mut Criterion) {
    let (profile, library) = (must(Profile::named(Profile::DEFAULT)), Library::bundled());
    let age = Years::new(63.28);
    let subject = Subject { sex: Some(Sex::Female), age, ethnicity: Some(Ethnicity::NonHispanicWhite) };
    let device = Device { maker: Some(Maker::Hologic), model: None, software: None };
    let sites = Site::all();
    let scored = |site| {
        let measured = Measured { site, bmd: GramsPerCm2::new(0.8), device_t: None, device_reference: None };
        score::score_region(profile, library, &subject, &device, &measured)
    };
    criterion.bench_function("score, every site", |b| {
        b.iter(|| sites.iter().map(|site| scored(*site).scores.len()).sum::<usize>());
    });
    let points = spine_points();
    let grader = Grader::bundled();
    let person = Person { sex: Some(Sex::Female), age };
    criterion.bench_function("grade, fourteen levels", |b| {
        b.iter(|| grader.grade(&points, person).values().filter(|one| one.is_ok()).count());
    });
}

fn documents(criterion: &mut Criterion) {
    let run = Run { profile_source: "default", precision: &[] };
    let json_of = |analysis: &Analysis| {
        let mut document = Vec::new();
        must(json::write_study(&mut document, analysis, std::slice::from_ref(analysis), &run));
        document
    };
    let all: Vec<Vec<u8>> = [&PAIRS[..2], &[LATERAL]].concat().into_iter().flat_map(files).collect();
    let analysis = analyze(&all, &protocol());
    let document = json_of(&analysis);
    let study = must(must(record::read(&document)).into_iter().next().ok_or("no study"));
    let (sources, standing, mapping) = (Sources::default(), Standing::default(), hl7::Mapping::default());
    let issue = Issue { sources: &sources, standing: &standing, language: Language::English };
    let mut group = criterion.benchmark_group("encode");
    group.bench_function("JSON", |b| b.iter(|| json_of(&analysis).len()));
    group.bench_function("JSON read back", |b| b.iter(|| must(record::read(&document)).len()));
    group.bench_function("DICOM SR", |b| b.iter(|| sr::encode(&study, &issue).is_some()));
    group.bench_function("FHIR", |b| {
        b.iter(|| fhir::bundle(&study, &issue, None).map(|bundle| must(bundle.to_json()).len()));
    });
    group.bench_function("HL7", |b| b.iter(|| hl7::oru(&study, &issue, &mapping, None).is_some()));
    group.finish();
}

fn whole(criterion: &mut Criterion) {
    let protocol = protocol();
    let mut group = criterion.benchmark_group("whole study");
    group.sample_size(10);
    for kind in PAIRS.into_iter().chain([LATERAL]) {
        let files = files(kind);
        group.bench_function(kind, |b| b.iter(|| analyze(&files, &protocol).regions.len()));
    }
    group.finish();
}

criterion_group!(benches, densities, lateral, numbers, documents, whole);
criterion_main!(benches);
