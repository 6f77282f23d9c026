//! Pixel data hold exactly what rows, columns, samples, bits and frames announce.

use dicom_core::{Tag, VR};
use dicom_dictionary_std::tags;

use super::{Element, Elements, Limits, Object, Rejection, name};

/// Checks the image attributes and the length of the pixels against each other.
///
/// # Errors
/// Attributes that are missing, malformed or beyond the limits; pixels of another length than they announce.
pub(super) fn check(object: &Object<'_>, limits: &Limits) -> Result<(), Rejection> {
    let root = object.root();
    let image = Image::read(root);
    if let Some(rows) = image.rows {
        side(rows, limits)?;
    }
    if let Some(columns) = image.columns {
        side(columns, limits)?;
    }
    match image.pixels {
        None => Ok(()),
        // An element without a value is no pixels rather than too few of them.
        Some(pixels) if pixels.is_empty() => Ok(()),
        Some(pixels) => check_pixels(object, &image, pixels, limits),
    }
}

/// The elements that decide how many bytes an image has.
#[derive(Default)]
struct Image<'o> {
    rows: Option<Element<'o>>,
    columns: Option<Element<'o>>,
    samples: Option<Element<'o>>,
    photometric: Option<Element<'o>>,
    frames: Option<Element<'o>>,
    bits: Option<Element<'o>>,
    pixels: Option<Element<'o>>,
}

impl<'o> Image<'o> {
    fn read(root: Elements<'o>) -> Self {
        let mut image = Self::default();
        for element in root.iter() {
            let slot = match element.tag() {
                tags::ROWS => &mut image.rows,
                tags::COLUMNS => &mut image.columns,
                tags::SAMPLES_PER_PIXEL => &mut image.samples,
                tags::PHOTOMETRIC_INTERPRETATION => &mut image.photometric,
                tags::NUMBER_OF_FRAMES => &mut image.frames,
                tags::BITS_ALLOCATED => &mut image.bits,
                tags::PIXEL_DATA | tags::FLOAT_PIXEL_DATA | tags::DOUBLE_FLOAT_PIXEL_DATA => {
                    &mut image.pixels
                }
                _ => continue,
            };
            *slot = Some(element);
        }
        image
    }
}

fn check_pixels(
    object: &Object<'_>,
    image: &Image<'_>,
    pixels: Element<'_>,
    limits: &Limits,
) -> Result<(), Rejection> {
    let rows = side(required(image.rows, tags::ROWS)?, limits)?;
    let columns = side(required(image.columns, tags::COLUMNS)?, limits)?;
    let samples = image.samples.map_or(Ok(1), |samples| short(samples, 1..=4))?;
    let bits = match pixels.tag() {
        tags::FLOAT_PIXEL_DATA => 32,
        tags::DOUBLE_FLOAT_PIXEL_DATA => 64,
        _ => bits_allocated(required(image.bits, tags::BITS_ALLOCATED)?)?,
    };
    let frames = image.frames.map_or(Ok(1), |frames| frame_count(frames, limits))?;
    if pixels.vr() == VR::SQ {
        return Err(Rejection::Contradiction("the pixels are a sequence".to_owned()));
    }
    if pixels.has_fragments() != object.syntax().encapsulated {
        let kind = if pixels.has_fragments() { "fragments" } else { "no fragments" };
        return Err(Rejection::Contradiction(format!(
            "the pixels come in {kind}, against the transfer syntax"
        )));
    }
    if pixels.has_fragments() {
        return Ok(());
    }
    let samples_in_two = if is_subsampled(image.photometric) { 4 } else { 2 * u64::from(samples) };
    let values = u64::from(rows) * u64::from(columns) * u64::from(frames) * samples_in_two / 2;
    let expected = (values * u64::from(bits)).div_ceil(8);
    let padded = expected + expected % 2;
    let found = pixels.len() as u64;
    if found != expected && found != padded {
        return Err(Rejection::Contradiction(format!(
            "the pixels should be {expected} bytes ({rows} rows, {columns} columns, {samples} samples, {bits} bits, {frames} frames) and are {found}"
        )));
    }
    Ok(())
}

/// 4:2:2 color stores two samples a pixel instead of three.
fn is_subsampled(photometric: Option<Element<'_>>) -> bool {
    photometric.is_some_and(|photometric| photometric.text_bytes().ends_with(b"_422"))
}

fn required(element: Option<Element<'_>>, tag: Tag) -> Result<Element<'_>, Rejection> {
    element.ok_or_else(|| Rejection::Contradiction(format!("there are pixels but no {}", name(tag))))
}

fn side(element: Element<'_>, limits: &Limits) -> Result<u16, Rejection> {
    let side = short(element, 1..=u16::MAX)?;
    if side > limits.rows_columns {
        let limit = limits.rows_columns;
        return Err(Rejection::Limit(format!(
            "{} is {side}, above the limit of {limit}",
            name(element.tag())
        )));
    }
    Ok(side)
}

fn short(element: Element<'_>, allowed: std::ops::RangeInclusive<u16>) -> Result<u16, Rejection> {
    match element.u16() {
        Some(value) if allowed.contains(&value) => Ok(value),
        Some(value) => Err(Rejection::Contradiction(format!("{} cannot be {value}", name(element.tag())))),
        None => Err(Rejection::Contradiction(format!("{} is not one unsigned short", name(element.tag())))),
    }
}

fn bits_allocated(element: Element<'_>) -> Result<u16, Rejection> {
    let bits = short(element, 1..=64)?;
    if bits == 1 || bits % 8 == 0 || bits == 12 {
        return Ok(bits);
    }
    Err(Rejection::Contradiction(format!("{} cannot be {bits}", name(element.tag()))))
}

fn frame_count(element: Element<'_>, limits: &Limits) -> Result<u32, Rejection> {
    if element.is_empty() {
        return Ok(1);
    }
    let text = str::from_utf8(element.text_bytes()).unwrap_or_default().trim();
    let wrong =
        || Rejection::Contradiction(format!("{} is not a positive whole number", name(element.tag())));
    let frames: i64 = text.parse().map_err(|_| wrong())?;
    match u32::try_from(frames) {
        Ok(0) | Err(_) => Err(wrong()),
        Ok(frames) if frames > limits.frames => {
            Err(Rejection::Limit(format!("{frames} frames are above the limit of {}", limits.frames)))
        }
        Ok(frames) => Ok(frames),
    }
}
