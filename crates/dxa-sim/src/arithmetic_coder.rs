//! The adaptive binary arithmetic coder of JPEG 2000 and JBIG2.
//!
//! # References
//! ITU-T T.800 annex C; ITU-T T.88 annex E, test sequence in H.2.

/// Probability of the less likely bit, next state after a likely and an unlikely bit, whether the two swap.
type State = (u32, u8, u8, bool);

const STATES: [State; 47] = [
    (0x5601, 1, 1, true),
    (0x3401, 2, 6, false),
    (0x1801, 3, 9, false),
    (0x0ac1, 4, 12, false),
    (0x0521, 5, 29, false),
    (0x0221, 38, 33, false),
    (0x5601, 7, 6, true),
    (0x5401, 8, 14, false),
    (0x4801, 9, 14, false),
    (0x3801, 10, 14, false),
    (0x3001, 11, 17, false),
    (0x2401, 12, 18, false),
    (0x1c01, 13, 20, false),
    (0x1601, 29, 21, false),
    (0x5601, 15, 14, true),
    (0x5401, 16, 14, false),
    (0x5101, 17, 15, false),
    (0x4801, 18, 16, false),
    (0x3801, 19, 17, false),
    (0x3401, 20, 18, false),
    (0x3001, 21, 19, false),
    (0x2801, 22, 19, false),
    (0x2401, 23, 20, false),
    (0x2201, 24, 21, false),
    (0x1c01, 25, 22, false),
    (0x1801, 26, 23, false),
    (0x1601, 27, 24, false),
    (0x1401, 28, 25, false),
    (0x1201, 29, 26, false),
    (0x1101, 30, 27, false),
    (0x0ac1, 31, 28, false),
    (0x09c1, 32, 29, false),
    (0x08a1, 33, 30, false),
    (0x0521, 34, 31, false),
    (0x0441, 35, 32, false),
    (0x02a1, 36, 33, false),
    (0x0221, 37, 34, false),
    (0x0141, 38, 35, false),
    (0x0111, 39, 36, false),
    (0x0085, 40, 37, false),
    (0x0049, 41, 38, false),
    (0x0025, 42, 39, false),
    (0x0015, 43, 40, false),
    (0x0009, 44, 41, false),
    (0x0005, 45, 42, false),
    (0x0001, 45, 43, false),
    (0x5601, 46, 46, false),
];

/// An encoder with a state for each context.
pub(crate) struct Encoder {
    contexts: Vec<(u8, bool)>,
    interval: u32,
    code: u32,
    /// Shifts until the next byte leaves the code register.
    shifts: u32,
    /// The first byte is a place for a carry and never part of the result.
    bytes: Vec<u8>,
}

impl Encoder {
    /// All contexts in the first state.
    pub(crate) fn new(contexts: usize) -> Self {
        Self { contexts: vec![(0, false); contexts], interval: 0x8000, code: 0, shifts: 12, bytes: vec![0] }
    }

    /// Puts a context into another state before the first bit.
    pub(crate) fn start(&mut self, context: usize, state: u8) {
        self.contexts[context] = (state, false);
    }

    /// Codes one bit.
    pub(crate) fn put(&mut self, context: usize, bit: bool) {
        let (state, likely) = self.contexts[context];
        let (unlikely_share, after_likely, after_unlikely, swaps) = STATES[usize::from(state)];
        self.interval -= unlikely_share;
        let takes_lower = self.interval < unlikely_share;
        if bit == likely {
            if self.interval & 0x8000 != 0 {
                self.code += unlikely_share;
                return;
            }
            self.contexts[context] = (after_likely, likely);
        } else {
            self.contexts[context] = (after_unlikely, likely != swaps);
        }
        // The two parts change places when the likely one has become the smaller.
        if (bit == likely) == takes_lower {
            self.interval = unlikely_share;
        } else {
            self.code += unlikely_share;
        }
        self.renormalize();
    }

    fn renormalize(&mut self) {
        loop {
            self.interval <<= 1;
            self.code <<= 1;
            self.shifts -= 1;
            if self.shifts == 0 {
                self.byte_out();
            }
            if self.interval & 0x8000 != 0 {
                return;
            }
        }
    }

    /// Moves a byte out; after FF only seven bits, so that a carry never runs further than one byte.
    fn byte_out(&mut self) {
        let Some(last) = self.bytes.last_mut() else { return };
        if *last != 0xff && self.code >= 0x800_0000 {
            *last += 1;
            self.code &= 0x7ff_ffff;
        }
        let (place, shifts) = if *last == 0xff { (20, 7) } else { (19, 8) };
        self.bytes.push((self.code >> place) as u8);
        self.code &= (1 << place) - 1;
        self.shifts = shifts;
    }

    /// Ends the code with as many ones as fit; a last FF is left out.
    pub(crate) fn finish(mut self) -> Vec<u8> {
        let limit = self.code + self.interval;
        self.code |= 0xffff;
        if self.code >= limit {
            self.code -= 0x8000;
        }
        for _ in 0..2 {
            self.code <<= self.shifts;
            self.byte_out();
        }
        if self.bytes.last() == Some(&0xff) {
            self.bytes.pop();
        }
        self.bytes.split_off(1)
    }
}

#[cfg(test)]
mod tests {
    use super::Encoder;

    #[test]
    fn codes_the_test_sequence_of_the_standard() {
        // T.88 H.2, one context; the marker FF AC after it is no part of the code.
        let data = [
            0x00, 0x02, 0x00, 0x51, 0x00, 0x00, 0x00, 0xc0, 0x03, 0x52, 0x87, 0x2a, 0xaa, 0xaa, 0xaa, 0xaa,
            0x82, 0xc0, 0x20, 0x00, 0xfc, 0xd7, 0x9e, 0xf6, 0xbf, 0x7f, 0xed, 0x90, 0x4f, 0x46, 0xa3, 0xbf,
        ];
        let code = [
            0x84, 0xc7, 0x3b, 0xfc, 0xe1, 0xa1, 0x43, 0x04, 0x02, 0x20, 0x00, 0x00, 0x41, 0x0d, 0xbb, 0x86,
            0xf4, 0x31, 0x7f, 0xff, 0x88, 0xff, 0x37, 0x47, 0x1a, 0xdb, 0x6a, 0xdf,
        ];
        let mut encoder = Encoder::new(1);
        for byte in data {
            for place in (0..8).rev() {
                encoder.put(0, byte >> place & 1 == 1);
            }
        }
        assert_eq!(encoder.finish(), code);
    }
}
