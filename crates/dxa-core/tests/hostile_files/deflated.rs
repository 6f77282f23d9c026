//! Deflated data sets: bombs, ratios on both sides of the limit, streams that are damaged or cut.

use std::io::Write;

use flate2::Compression;
use flate2::write::DeflateEncoder;

use super::writer::{self, Image, Syntax, deflate, meta};
use super::{Answer, HostileFile};

/// Inflated bytes per deflated byte.
const RATIO: usize = 100;

pub(super) fn files() -> Vec<HostileFile> {
    let new = |name: &str, answer, make: fn() -> Vec<u8>| HostileFile::new(name, answer, make);
    vec![
        new("deflated", Answer::Accepted, || Image::small(Syntax::Deflated).file()),
        new("deflated-1000-to-1", Answer::LimitsExceeded, || {
            file(&deflate(&noisy(4_000, 1_000, usize::MAX)))
        }),
        new("deflated-4-gib-of-zeros", Answer::LimitsExceeded, four_gib_of_zeros),
        new("deflated-ratio-below", Answer::Accepted, || around_ratio(true)),
        new("deflated-ratio-above", Answer::LimitsExceeded, || around_ratio(false)),
        new("deflated-below-16-mib", Answer::Accepted, || file(&deflate(&noisy(4_096, 2_047, 50)))),
        new("deflated-above-16-mib", Answer::LimitsExceeded, || file(&deflate(&noisy(4_096, 2_049, 50)))),
        new("deflated-begins-black", Answer::Accepted, begins_black),
        new("deflated-damaged", Answer::Unreadable, || {
            let mut stream = deflate(&noisy(64, 64, 1));
            // Three set bits begin a block of the reserved type (RFC 1951 3.2.3).
            stream[0] = 0xFF;
            file(&stream)
        }),
        new("deflated-cut-in-half", Answer::Unreadable, || {
            let stream = deflate(&noisy(64, 64, 1));
            file(&stream[..stream.len() / 2])
        }),
        new("deflated-cut-by-one", Answer::Unreadable, || {
            let stream = deflate(&noisy(64, 64, 1));
            file(&stream[..stream.len() - 1])
        }),
        new("deflated-without-a-byte", Answer::Unreadable, || file(&[])),
        new("deflated-but-not", Answer::Unreadable, || file(&noisy(64, 64, 1))),
    ]
}

fn file(stream: &[u8]) -> Vec<u8> {
    writer::file(&meta(Syntax::Deflated.uid()), stream)
}

/// The data set of an image of 16 bits a pixel.
fn image(pixels: Vec<u8>, rows: u16, columns: u16) -> Vec<u8> {
    let image = Image {
        rows: ("US", vec![rows]),
        columns: ("US", vec![columns]),
        pixels,
        ..Image::small(Syntax::ExplicitLittle)
    };
    image.data_set().bytes
}

/// Black pixels of which every byte in `rarity` is noise.
fn noisy(rows: u16, columns: u16, rarity: usize) -> Vec<u8> {
    let mut pixels = vec![0; usize::from(rows) * usize::from(columns) * 2];
    noise(pixels.iter_mut().step_by(rarity));
    image(pixels, rows, columns)
}

fn noise<'a>(bytes: impl Iterator<Item = &'a mut u8>) {
    let mut state = 0x2545_F491_4F6C_DD1D_u64;
    for byte in bytes {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        *byte = state.to_le_bytes()[7];
    }
}

/// One MiB of zeros closed by a full flush is whole in itself, so its bytes can be repeated 4,096 times.
fn four_gib_of_zeros() -> Vec<u8> {
    let mut encoder = DeflateEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(&vec![0; 1 << 20]).expect("memory does not fail");
    encoder.flush().expect("memory does not fail");
    let block = encoder.get_ref().clone();
    file(&[block.repeat(4_096), deflate(&[0])].concat())
}

/// A megabyte that inflates just below or just above the ratio: its noise is cut to fit.
fn around_ratio(below: bool) -> Vec<u8> {
    let with_noise = |count: usize| {
        let mut pixels = vec![0; 1_024 * 512 * 2];
        noise(pixels.iter_mut().take(count));
        let data_set = image(pixels, 1_024, 512);
        let stream = deflate(&data_set);
        (data_set.len() <= stream.len() * RATIO, stream)
    };
    let (mut low, mut high) = (0, 20_000);
    while high - low > 1 {
        let middle = (low + high) / 2;
        if with_noise(middle).0 { high = middle } else { low = middle }
    }
    file(&with_noise(if below { high } else { low }).1)
}

/// The first megabyte alone is far above the ratio, the whole far below it.
fn begins_black() -> Vec<u8> {
    let mut pixels = vec![0; 2_048 * 512 * 2];
    let half = pixels.len() / 2;
    noise(pixels.iter_mut().skip(half));
    file(&deflate(&image(pixels, 2_048, 512)))
}
