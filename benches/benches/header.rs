//! Header read and classification, and whole reports: how many a second on one core.

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use dxa_benches::{dicom_files, read_header, touch_every_element};
use std::hint::black_box;
use std::path::{Path, PathBuf};

fn test_scans() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../test-scans");
    let files = dicom_files(&folder).unwrap_or_default();
    assert!(!files.is_empty(), "{} holds no .dcm file: nothing would be measured", folder.display());
    files
}

fn reading(criterion: &mut Criterion) {
    let files = test_scans();
    let mut group = criterion.benchmark_group("test-scans");
    group.throughput(Throughput::Elements(files.len() as u64));
    group.bench_function("header", |bencher| {
        bencher.iter(|| files.iter().filter(|file| black_box(read_header(file)).is_ok()).count());
    });
    group.bench_function("every element", |bencher| {
        bencher.iter(|| files.iter().filter(|file| black_box(touch_every_element(file)).is_ok()).count());
    });
    group.finish();
}

criterion_group!(benches, reading);
criterion_main!(benches);
