//! Reads a volume of the NIfTI-1 format, single file, with or without gzip.
//!
//! # References
//! Cox et al. 2004, the NIfTI-1 data format: header of 348 bytes, sform of three rows.

use std::io::Read;

/// A volume whose axes run to the right of the person, forward, and up.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Volume {
    /// Voxels along the three axes.
    pub(crate) size: [usize; 3],
    /// Size of a voxel, mm.
    pub(crate) spacing: [f64; 3],
    /// Values, the first axis fastest.
    values: Vec<f32>,
}

/// More than this is no volume that anybody projects.
const MOST_BYTES: u64 = 1 << 30;
const HEADER_BYTES: usize = 348;
const SFORM: usize = 280;

impl Volume {
    /// Reads a file; none where it is no volume along the axes of the body.
    pub(super) fn read(file: &[u8]) -> Option<Self> {
        let bytes = unpacked(file)?;
        let header = Header(bytes.get(..HEADER_BYTES)?);
        if header.integer(0, 4)? != HEADER_BYTES as i64 || bytes.get(344..347) != Some(b"n+1") {
            return None;
        }
        let size = [header.extent(1)?, header.extent(2)?, header.extent(3)?];
        let count = size.iter().try_fold(1_usize, |count, extent| count.checked_mul(*extent))?;
        let start = header.float(108)? as usize;
        let (slope, intercept) = (header.float(112)?, header.float(116)?);
        let values = numbers(bytes.get(start..)?, header.integer(70, 2)?, count)?;
        let slope = if slope == 0.0 { 1.0 } else { slope };
        let values = values.into_iter().map(|value| (value * slope + intercept) as f32).collect();
        let axes = header.axes()?;
        Some(Self { size, spacing: axes.map(f64::abs), values }.turned(axes))
    }

    /// The value of a voxel; zero outside.
    pub(crate) fn at(&self, [x, y, z]: [usize; 3]) -> f32 {
        let [width, depth, height] = self.size;
        if x >= width || y >= depth || z >= height {
            return 0.0;
        }
        self.values.get((z * depth + y) * width + x).copied().unwrap_or_default()
    }

    /// The same with every axis turned around that runs the other way.
    fn turned(self, axes: [f64; 3]) -> Self {
        if axes.iter().all(|axis| *axis > 0.0) {
            return self;
        }
        let [width, depth, height] = self.size;
        let place =
            |index: usize, axis: f64, extent: usize| if axis < 0.0 { extent - 1 - index } else { index };
        let mut values = Vec::with_capacity(self.values.len());
        for z in 0..height {
            for y in 0..depth {
                values.extend((0..width).map(|x| {
                    self.at([place(x, axes[0], width), place(y, axes[1], depth), place(z, axes[2], height)])
                }));
            }
        }
        Self { values, ..self }
    }
}

fn unpacked(file: &[u8]) -> Option<Vec<u8>> {
    if !file.starts_with(&[0x1f, 0x8b]) {
        return Some(file.to_vec());
    }
    let mut bytes = Vec::new();
    flate2::read::GzDecoder::new(file).take(MOST_BYTES).read_to_end(&mut bytes).ok()?;
    Some(bytes)
}

/// The fields of a header, little endian.
struct Header<'a>(&'a [u8]);

impl Header<'_> {
    fn integer(&self, at: usize, length: usize) -> Option<i64> {
        let bytes = self.0.get(at..at + length)?;
        let unsigned = bytes.iter().rev().fold(0_i64, |value, byte| (value << 8) | i64::from(*byte));
        let half = 1_i64 << (8 * length - 1);
        Some(if unsigned >= half { unsigned - 2 * half } else { unsigned })
    }

    fn float(&self, at: usize) -> Option<f64> {
        let bytes: [u8; 4] = self.0.get(at..at + 4)?.try_into().ok()?;
        Some(f64::from(f32::from_le_bytes(bytes)))
    }

    fn extent(&self, axis: usize) -> Option<usize> {
        usize::try_from(self.integer(40 + 2 * axis, 2)?).ok().filter(|extent| (2..=4096).contains(extent))
    }

    /// Signed length of a voxel along each axis; none where an axis is not one of the body.
    fn axes(&self) -> Option<[f64; 3]> {
        let mut axes = [0.0; 3];
        for (row, axis) in axes.iter_mut().enumerate() {
            for column in 0..3 {
                let value = self.float(SFORM + 16 * row + 4 * column)?;
                if row == column {
                    *axis = value;
                } else if value.abs() > 1e-3 {
                    return None;
                }
            }
        }
        axes.iter().all(|axis| (0.05..20.0).contains(&axis.abs())).then_some(axes)
    }
}

/// Values of a NIfTI data type, little endian.
fn numbers(bytes: &[u8], kind: i64, count: usize) -> Option<Vec<f64>> {
    fn of<const N: usize>(bytes: &[u8], count: usize, read: fn([u8; N]) -> f64) -> Option<Vec<f64>> {
        let bytes = bytes.get(..count.checked_mul(N)?)?;
        Some(bytes.chunks_exact(N).filter_map(|chunk| chunk.try_into().ok().map(read)).collect())
    }
    match kind {
        2 => of(bytes, count, |[byte]: [u8; 1]| f64::from(byte)),
        4 => of(bytes, count, |bytes| f64::from(i16::from_le_bytes(bytes))),
        8 => of(bytes, count, |bytes| f64::from(i32::from_le_bytes(bytes))),
        16 => of(bytes, count, |bytes| f64::from(f32::from_le_bytes(bytes))),
        64 => of(bytes, count, f64::from_le_bytes),
        512 => of(bytes, count, |bytes| f64::from(u16::from_le_bytes(bytes))),
        _ => None,
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::Volume;

    /// A file with 16-bit values and these signed voxel sizes.
    pub(in crate::ct) fn file(size: [u16; 3], axes: [f32; 3], values: &[i16]) -> Vec<u8> {
        let mut bytes = vec![0; 352];
        let mut put = |at: usize, field: &[u8]| bytes[at..at + field.len()].copy_from_slice(field);
        put(0, &348_i32.to_le_bytes());
        for (axis, extent) in size.iter().enumerate() {
            put(42 + 2 * axis, &extent.to_le_bytes());
            put(280 + 20 * axis, &axes[axis].to_le_bytes());
        }
        put(70, &4_i16.to_le_bytes());
        put(108, &352.0_f32.to_le_bytes());
        put(112, &1.0_f32.to_le_bytes());
        put(344, b"n+1\0");
        bytes.extend(values.iter().flat_map(|value| value.to_le_bytes()));
        bytes
    }

    #[test]
    fn values_stand_where_the_axes_say() {
        let values: Vec<i16> = (0..24).collect();
        let plain = Volume::read(&file([2, 3, 4], [3.0, 3.0, 2.0], &values)).unwrap();
        assert_eq!((plain.size, plain.spacing), ([2, 3, 4], [3.0, 3.0, 2.0]));
        assert!((plain.at([1, 2, 3]) - 23.0).abs() < 1e-6 && plain.at([2, 0, 0]).abs() < 1e-6);
        let turned = Volume::read(&file([2, 3, 4], [-3.0, 3.0, -2.0], &values)).unwrap();
        assert!((turned.at([1, 0, 3]) - 0.0).abs() < 1e-6 && (turned.at([0, 2, 0]) - 23.0).abs() < 1e-6);
    }

    #[test]
    fn what_is_cut_short_or_oblique_is_refused() {
        let whole = file([2, 3, 4], [3.0, 3.0, 2.0], &[0; 24]);
        assert!(Volume::read(&whole[..whole.len() - 1]).is_none());
        assert!(Volume::read(b"").is_none() && Volume::read(&[0x1f, 0x8b, 0, 0]).is_none());
        let mut oblique = whole;
        oblique[284..288].copy_from_slice(&1.0_f32.to_le_bytes());
        assert!(Volume::read(&oblique).is_none());
    }
}
