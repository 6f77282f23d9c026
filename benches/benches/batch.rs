//! What a batch does beside analyzing: the inventory of an archive's headers, and tables of a million rows.

use std::collections::BTreeSet;
use std::fs::File;
use std::hint::black_box;
use std::io::{self, Write as _};
use std::path::Path;
use std::sync::atomic::AtomicBool;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use dxa_batch::source::Local;
use dxa_batch::template::{Entry, Template};
use dxa_batch::{Format, Record};
use dxa_core::guard::{Leniency, Limits};
use dxa_core::pipeline;
use dxa_exchange::tables::column::{Column, Content};
use dxa_exchange::tables::{TABLES, place};

/// Images of the archive, each of a study of its own.
const IMAGES: usize = 10_000;
/// Images of a folder.
const A_FOLDER: usize = 500;
/// What of an image is written; the rest is a hole, for an inventory does not read it.
const HEAD: usize = 16 << 10;

/// Writes images that differ in their UIDs, which keep their lengths.
fn archive(folder: &Path) -> io::Result<()> {
    let image = std::fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join("../test-scans/15-name-utf8.dcm"))?;
    let read = pipeline::read(image.as_slice(), image.len() as u64, Leniency::Tolerant, &Limits::DEFAULT)?;
    let identity = read.map_err(io::Error::other)?.header.identity;
    let uids: Vec<Vec<u8>> =
        [identity.sop_instance, identity.study].into_iter().flatten().map(String::into_bytes).collect();
    for number in 0..IMAGES {
        let own = folder.join(format!("{:03}", number / A_FOLDER));
        std::fs::create_dir_all(&own)?;
        let mut head = image[..HEAD].to_vec();
        for uid in &uids {
            renumber(&mut head, uid, number);
        }
        let mut file = File::create(own.join(format!("{number}.dcm")))?;
        file.write_all(&head)?;
        file.set_len(image.len() as u64)?;
    }
    Ok(())
}

/// Writes a number over the last digits of a UID, wherever it stands.
fn renumber(head: &mut [u8], uid: &[u8], number: usize) {
    let digits = format!("{number:05}");
    let places: Vec<usize> =
        head.windows(uid.len()).enumerate().filter(|(_, bytes)| *bytes == uid).map(|(at, _)| at).collect();
    for at in places {
        let end = at + uid.len();
        head[end - digits.len()..end].copy_from_slice(digits.as_bytes());
    }
}

fn inventory(criterion: &mut Criterion) {
    let (source, room) = (must(tempfile::tempdir()), must(tempfile::tempdir()));
    must(archive(source.path()));
    let stop = AtomicBool::new(false);
    let mut group = criterion.benchmark_group("inventory of headers");
    group.sample_size(10).throughput(Throughput::Elements(IMAGES as u64));
    group.bench_function("one core, warm", |b| {
        b.iter(|| {
            let local = must(Local::at(source.path(), room.path()));
            let counted = must(dxa_batch::count(&local, room.path(), 1, &|_| {}, &stop));
            assert_eq!((counted.files, counted.studies, counted.problems), (IMAGES as u64, IMAGES as u64, 0));
        });
    });
    group.finish();
}

/// Rows of a study, and studies that together have a million.
const ROWS: usize = 1_000;
const STUDIES: usize = 1_000;
/// Studies that differ.
const DISTINCT: usize = 50;

/// A value of a column, as varied as such values are.
fn value(column: &Column, study: usize, row: usize) -> Option<String> {
    Some(match column.content {
        Content::Key | Content::Digest => format!("{:020x}", study * 0x9e37_79b9),
        Content::Uid => format!("1.2.826.0.1.3680043.10.1561.{study}"),
        Content::Number => format!("{:.4}", (row * 7919 % 80_000) as f64 / 10_000.0 - 4.0),
        Content::Age => format!("{}", 50 + study % 40),
        Content::Integer => (row % 4).to_string(),
        Content::Flag => row.is_multiple_of(2).to_string(),
        Content::Date => format!("2024-05-{:02}", 1 + row % 28),
        _ => format!("{} {}", column.name, row % 12),
    })
}

fn records() -> Vec<Record> {
    let scores = must(place("scores").ok_or("no table of scores"));
    let record = |study: usize| {
        let mut record = Record { rows: vec![Vec::new(); TABLES.len()], ..Record::default() };
        let row = |row| TABLES[scores].columns().iter().map(|column| value(column, study, row)).collect();
        record.rows[scores] = (0..ROWS).map(row).collect();
        record
    };
    (0..DISTINCT).map(record).collect()
}

fn tables(criterion: &mut Criterion) {
    let records = records();
    let scores = must(place("scores").ok_or("no table of scores"));
    let columns: Vec<&str> = TABLES[scores].columns().iter().map(|column| column.name).collect();
    let entry: Entry = must(format!("scores:{}", columns.join(",")).parse());
    let template = must(Template::of(&[entry]));
    let mut group = criterion.benchmark_group("a million rows of scores");
    group.sample_size(10).throughput(Throughput::Elements((ROWS * STUDIES) as u64));
    for (name, format) in [("Parquet", Format::Parquet), ("CSV", Format::Csv)] {
        let out = must(tempfile::tempdir());
        group.bench_function(name, |b| {
            b.iter(|| {
                let all = records.iter().cycle().take(STUDIES).map(Ok);
                let formats = BTreeSet::from([format]);
                let done = dxa_batch::export_records(all, String::new(), out.path(), &template, &formats);
                assert_eq!(black_box(must(done)).files[0].rows, (ROWS * STUDIES) as u64);
            });
        });
    }
    group.finish();
}

fn must<T, E: std::fmt::Debug>(result: Result<T, E>) -> T {
    match result {
        Ok(value) => value,
        Err(error) => panic!("nothing would be measured: {error:?}"),
    }
}

criterion_group!(benches, inventory, tables);
criterion_main!(benches);
