//! Damaged files: a fixed series of small changes to whole ones.

/// An endless series of mutants, the same in every run.
pub(crate) struct Mutants<'s> {
    seeds: &'s [Vec<u8>],
    state: u64,
}

/// Numbers that lengths and counts are careless about.
const NUMBERS: [u32; 12] =
    [0, 1, 2, 0x7F, 0xFF, 0x7FFF, 0xFFFE, 0xFFFF, 0x7FFF_FFFF, 0xFFFF_FF00, 0xFFFF_FFFE, 0xFFFF_FFFF];

/// Tags and representations that change how the bytes behind them are read.
const WORDS: [&[u8]; 10] = [
    b"\xFE\xFF\x00\xE0",
    b"\xFE\xFF\x0D\xE0",
    b"\xFE\xFF\xDD\xE0",
    b"\xE0\x7F\x10\x00",
    b"SQ\0\0",
    b"UN\0\0",
    b"OB\0\0",
    b"US",
    b"UL",
    b"??",
];

impl<'s> Mutants<'s> {
    pub(crate) fn of(seeds: &'s [Vec<u8>]) -> Self {
        Self { seeds, state: 0x9E37_79B9_7F4A_7C15 }
    }

    /// xorshift64.
    fn random(&mut self, below: usize) -> usize {
        self.state ^= self.state << 13;
        self.state ^= self.state >> 7;
        self.state ^= self.state << 17;
        ((self.state >> 16) % below.max(1) as u64) as usize
    }

    fn mutate(&mut self, bytes: &mut Vec<u8>) {
        if bytes.is_empty() {
            return;
        }
        // Half of the changes go to the first kilobyte, where headers are dense.
        let reach = if self.random(2) == 0 { bytes.len().min(1_024) } else { bytes.len() };
        let at = self.random(reach);
        match self.random(8) {
            0 => bytes[at] ^= 1 << self.random(8),
            1 => bytes[at] = self.random(256) as u8,
            2 => overwrite(bytes, at, &NUMBERS[self.random(NUMBERS.len())].to_le_bytes()),
            3 => overwrite(bytes, at, &NUMBERS[self.random(NUMBERS.len())].to_be_bytes()[2..]),
            4 => overwrite(bytes, at, WORDS[self.random(WORDS.len())]),
            5 => {
                let end = (at + 1 + self.random(16)).min(bytes.len());
                bytes.drain(at..end);
            }
            6 => {
                let end = (at + 1 + self.random(64)).min(bytes.len());
                let again = bytes[at..end].to_vec();
                bytes.splice(at..at, again);
            }
            _ => self.splice(bytes, at),
        }
    }

    /// Puts a piece of another file in.
    fn splice(&mut self, bytes: &mut Vec<u8>, at: usize) {
        let other = &self.seeds[self.random(self.seeds.len())];
        let from = self.random(other.len());
        let to = (from + self.random(128)).min(other.len());
        bytes.splice(at..at, other[from..to].iter().copied());
    }
}

impl Iterator for Mutants<'_> {
    type Item = Vec<u8>;

    fn next(&mut self) -> Option<Vec<u8>> {
        let seed = self.random(self.seeds.len());
        let mut bytes = self.seeds[seed].clone();
        for _ in 0..=self.random(3) {
            self.mutate(&mut bytes);
        }
        Some(bytes)
    }
}

fn overwrite(bytes: &mut [u8], at: usize, with: &[u8]) {
    let end = (at + with.len()).min(bytes.len());
    bytes[at..end].copy_from_slice(&with[..end - at]);
}
