//! JPEG 2000 without a wavelet: one tile, one layer, no decomposition, every bit kept.
//!
//! # References
//! ITU-T T.800: annex A (markers), B.10 (packet header), C (arithmetic coder), D (bit planes).

use crate::arithmetic_coder::Encoder;

/// Side of a code-block.
const BLOCK: usize = 64;
/// Guard bits and exponent of the only sub-band; their sum less one is the number of planes it may have.
const GUARD: u8 = 2;
const EXPONENT: u8 = 8;
const PLANES: u32 = 9;

/// The codestream of an 8-bit grey image.
pub(crate) fn codestream(pixels: &[u8], columns: u16) -> Vec<u8> {
    let width = usize::from(columns.max(1));
    let rows = pixels.len() / width;
    let mut stream = vec![0xff, 0x4f];
    stream.extend(main_header(u32::from(columns), u32::try_from(rows).unwrap_or(u32::MAX)));
    let packet = packet(pixels, width, rows);
    stream.extend([0xff, 0x90, 0, 10, 0, 0]);
    stream.extend(u32::try_from(packet.len() + 14).unwrap_or(u32::MAX).to_be_bytes());
    stream.extend([0, 1, 0xff, 0x93]);
    stream.extend(packet);
    stream.extend([0xff, 0xd9]);
    stream
}

/// Size, coding style and quantization.
fn main_header(width: u32, height: u32) -> Vec<u8> {
    let mut header = vec![0xff, 0x51, 0, 41, 0, 0];
    for number in [width, height, 0, 0, width, height, 0, 0] {
        header.extend(number.to_be_bytes());
    }
    header.extend([0, 1, 7, 1, 1]);
    header.extend([0xff, 0x52, 0, 12, 0, 0, 0, 1, 0, 0, 4, 4, 0, 1]);
    header.extend([0xff, 0x5c, 0, 4, GUARD << 5, EXPONENT << 3]);
    header
}

/// The only packet: its header, then the bytes of all code-blocks.
fn packet(pixels: &[u8], width: usize, rows: usize) -> Vec<u8> {
    let (across, down) = (width.div_ceil(BLOCK), rows.div_ceil(BLOCK));
    let blocks: Vec<_> = (0..across * down)
        .map(|index| Block::cut(pixels, width, rows, index % across * BLOCK, index / across * BLOCK).coded())
        .collect();
    let mut included = TagTree::new(across, down, blocks.iter().map(|block| u32::from(block.planes == 0)));
    let mut zero_planes = TagTree::new(across, down, blocks.iter().map(|block| PLANES - block.planes));
    let mut header = StuffedBits::default();
    header.put(1, 1);
    for (index, block) in blocks.iter().enumerate() {
        included.write(&mut header, index, 1);
        if block.planes > 0 {
            zero_planes.write(&mut header, index, u32::MAX);
            block.announce(&mut header);
        }
    }
    let mut packet = header.finish();
    packet.extend(blocks.into_iter().flat_map(|block| block.bytes));
    packet
}

/// A code-block after coding.
struct Coded {
    planes: u32,
    bytes: Vec<u8>,
}

impl Coded {
    /// Number of passes and length, as a packet header has them.
    fn announce(&self, header: &mut StuffedBits) {
        let passes = 3 * self.planes - 2;
        match passes {
            1 => header.put(0, 1),
            2 => header.put(0b10, 2),
            3..=5 => header.put(0b1100 | (passes - 3), 4),
            _ => header.put(0b1111 << 5 | (passes - 6), 9),
        }
        let length = u32::try_from(self.bytes.len()).unwrap_or(u32::MAX);
        let needed = u32::BITS - length.leading_zeros();
        let given = 3 + passes.ilog2();
        let more = needed.saturating_sub(given);
        for _ in 0..more {
            header.put(1, 1);
        }
        header.put(0, 1);
        header.put(length, given + more);
    }
}

/// Samples of a code-block less 128 as sign and magnitude, with a border of one around.
struct Block {
    width: usize,
    height: usize,
    magnitude: Vec<u32>,
    negative: Vec<bool>,
    significant: Vec<bool>,
    visited: Vec<bool>,
    refined: Vec<bool>,
}

/// First context of each group (T.800 table D.1 to D.4).
const SIGN: usize = 9;
const REFINEMENT: usize = 14;
const RUN: usize = 17;
const UNIFORM: usize = 18;

impl Block {
    fn cut(pixels: &[u8], width: usize, rows: usize, left: usize, top: usize) -> Self {
        let (columns, height) = (BLOCK.min(width - left), BLOCK.min(rows - top));
        let size = (columns + 2) * (height + 2);
        let mut block = Self {
            width: columns,
            height,
            magnitude: vec![0; size],
            negative: vec![false; size],
            significant: vec![false; size],
            visited: vec![false; size],
            refined: vec![false; size],
        };
        for row in 0..height {
            for column in 0..columns {
                let value = i32::from(pixels[(top + row) * width + left + column]) - 128;
                let at = block.at(column, row);
                block.magnitude[at] = value.unsigned_abs();
                block.negative[at] = value < 0;
            }
        }
        block
    }

    fn at(&self, column: usize, row: usize) -> usize {
        (row + 1) * (self.width + 2) + column + 1
    }

    /// All planes from the highest; the first has a cleanup pass only.
    fn coded(mut self) -> Coded {
        let planes = self.magnitude.iter().map(|value| u32::BITS - value.leading_zeros()).max().unwrap_or(0);
        let mut coder = Encoder::new(19);
        coder.start(0, 4);
        coder.start(RUN, 3);
        coder.start(UNIFORM, 46);
        for plane in (0..planes).rev() {
            if plane + 1 < planes {
                self.propagate(&mut coder, plane);
                self.refine(&mut coder, plane);
            }
            self.clean_up(&mut coder, plane);
        }
        Coded { planes, bytes: if planes == 0 { Vec::new() } else { coder.finish() } }
    }

    /// Positions in stripes of four rows, column by column.
    fn scan(&self) -> Vec<usize> {
        let (width, height) = (self.width, self.height);
        let stripes = (0..height).step_by(4);
        let columns = stripes.flat_map(|top| (0..width).map(move |column| (column, top)));
        columns
            .flat_map(|(column, top)| (top..height.min(top + 4)).map(move |row| (column, row)))
            .map(|(column, row)| self.at(column, row))
            .collect()
    }

    /// Neighbours left and right, above and below, diagonal.
    fn neighbors(&self, at: usize) -> [[usize; 2]; 4] {
        let line = self.width + 2;
        [
            [at - 1, at + 1],
            [at - line, at + line],
            [at - line - 1, at - line + 1],
            [at + line - 1, at + line + 1],
        ]
    }

    fn counts(&self, at: usize) -> (u32, u32, u32) {
        let count =
            |pair: [usize; 2]| pair.iter().map(|&place| u32::from(self.significant[place])).sum::<u32>();
        let [beside, along, above, below] = self.neighbors(at);
        (count(beside), count(along), count(above) + count(below))
    }

    /// Context of a coefficient that is not yet significant, low-pass in both directions (table D.1).
    fn zero_context(&self, at: usize) -> usize {
        match self.counts(at) {
            (2, _, _) => 8,
            (1, 1.., _) => 7,
            (1, 0, 1..) => 6,
            (1, 0, 0) => 5,
            (_, 2, _) => 4,
            (_, 1, _) => 3,
            (_, _, 2..) => 2,
            (_, _, 1) => 1,
            _ => 0,
        }
    }

    fn bit(&self, at: usize, plane: u32) -> bool {
        self.magnitude[at] >> plane & 1 == 1
    }

    /// The sign against what the neighbours suggest (tables D.2 and D.3); the coefficient is then significant.
    fn sign(&mut self, coder: &mut Encoder, at: usize) {
        let [beside, along, ..] = self.neighbors(at);
        let pull = |pair: [usize; 2]| {
            let one = |&place: &usize| match (self.significant[place], self.negative[place]) {
                (false, _) => 0,
                (true, false) => 1,
                (true, true) => -1,
            };
            pair.iter().map(one).sum::<i32>().clamp(-1, 1)
        };
        let (context, flipped) = match (pull(beside), pull(along)) {
            (1, 1) => (4, false),
            (1, 0) => (3, false),
            (1, _) => (2, false),
            (0, 1) => (1, false),
            (0, 0) => (0, false),
            (0, _) => (1, true),
            (_, 1) => (2, true),
            (_, 0) => (3, true),
            _ => (4, true),
        };
        coder.put(SIGN + context, self.negative[at] != flipped);
        self.significant[at] = true;
    }

    /// Whether the coefficient becomes significant in this plane.
    fn significance(&mut self, coder: &mut Encoder, at: usize, plane: u32) {
        coder.put(self.zero_context(at), self.bit(at, plane));
        if self.bit(at, plane) {
            self.sign(coder, at);
        }
    }

    fn propagate(&mut self, coder: &mut Encoder, plane: u32) {
        for at in self.scan() {
            if !self.significant[at] && self.zero_context(at) > 0 {
                self.significance(coder, at, plane);
                self.visited[at] = true;
            }
        }
    }

    fn refine(&mut self, coder: &mut Encoder, plane: u32) {
        for at in self.scan() {
            if self.significant[at] && !self.visited[at] {
                let context = match (self.refined[at], self.counts(at)) {
                    (true, _) => 2,
                    (false, (0, 0, 0)) => 0,
                    (false, _) => 1,
                };
                coder.put(REFINEMENT + context, self.bit(at, plane));
                self.refined[at] = true;
            }
        }
    }

    fn clean_up(&mut self, coder: &mut Encoder, plane: u32) {
        for top in (0..self.height).step_by(4) {
            for column in 0..self.width {
                let bottom = self.height.min(top + 4);
                let places: Vec<_> = (top..bottom).map(|row| self.at(column, row)).collect();
                self.clean_up_column(coder, &places, plane);
            }
        }
        self.visited.fill(false);
    }

    /// Four untouched coefficients without neighbours are told in one: how far down the first bit is.
    fn clean_up_column(&mut self, coder: &mut Encoder, places: &[usize], plane: u32) {
        let untouched =
            |&at: &usize| !self.significant[at] && !self.visited[at] && self.zero_context(at) == 0;
        let mut rest = places;
        if places.len() == 4 && places.iter().all(untouched) {
            let first = places.iter().position(|&at| self.bit(at, plane));
            coder.put(RUN, first.is_some());
            let Some(first) = first else { return };
            coder.put(UNIFORM, first & 2 != 0);
            coder.put(UNIFORM, first & 1 != 0);
            self.sign(coder, places[first]);
            rest = &places[first + 1..];
        }
        for &at in rest {
            if !self.significant[at] && !self.visited[at] {
                self.significance(coder, at, plane);
            }
        }
    }
}

/// A tree of minima over the grid of code-blocks (T.800 B.10.2).
struct TagTree {
    /// From the leaves to the root: columns of the level, and its nodes.
    levels: Vec<(usize, Vec<TagNode>)>,
}

#[derive(Clone, Copy)]
struct TagNode {
    value: u32,
    low: u32,
    known: bool,
}

impl TagTree {
    fn new(across: usize, down: usize, values: impl Iterator<Item = u32>) -> Self {
        let node = |value| TagNode { value, low: 0, known: false };
        let mut levels = vec![(across, values.map(node).collect::<Vec<_>>())];
        let (mut width, mut height) = (across, down);
        while width * height > 1 {
            let (upper_width, upper_height) = (width.div_ceil(2), height.div_ceil(2));
            let mut upper = vec![node(u32::MAX); upper_width * upper_height];
            for (index, leaf) in
                levels.last().map(|(_, nodes)| nodes.as_slice()).unwrap_or_default().iter().enumerate()
            {
                let parent = &mut upper[index / width / 2 * upper_width + index % width / 2];
                parent.value = parent.value.min(leaf.value);
            }
            levels.push((upper_width, upper));
            (width, height) = (upper_width, upper_height);
        }
        Self { levels }
    }

    /// Tells, from the root down, whether the leaf's value is below `threshold`, and if so which it is.
    fn write(&mut self, header: &mut StuffedBits, leaf: usize, threshold: u32) {
        let across = self.levels.first().map_or(1, |(width, _)| *width);
        let (column, row) = (leaf % across, leaf / across);
        let mut low = 0;
        for (depth, (width, nodes)) in self.levels.iter_mut().enumerate().rev() {
            let node = &mut nodes[(row >> depth) * *width + (column >> depth)];
            low = low.max(node.low);
            while low < threshold && !node.known {
                node.known = low >= node.value;
                header.put(u32::from(node.known), 1);
                low += u32::from(!node.known);
            }
            node.low = low;
        }
    }
}

/// Bits from the highest; a byte FF is followed by one of seven bits.
#[derive(Default)]
struct StuffedBits {
    bytes: Vec<u8>,
    pending: u8,
    count: u8,
}

impl StuffedBits {
    fn put(&mut self, bits: u32, count: u32) {
        for place in (0..count).rev() {
            self.pending = self.pending << 1 | (bits >> place & 1) as u8;
            self.count += 1;
            let room = if self.bytes.last() == Some(&0xff) { 7 } else { 8 };
            if self.count == room {
                self.bytes.push(self.pending);
                (self.pending, self.count) = (0, 0);
            }
        }
    }

    /// Filled up with zeros; the last byte is never FF.
    fn finish(mut self) -> Vec<u8> {
        while self.count > 0 || self.bytes.last() == Some(&0xff) {
            self.put(0, 1);
        }
        self.bytes
    }
}
