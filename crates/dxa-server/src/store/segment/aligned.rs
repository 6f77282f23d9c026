//! Memory that a disk reads from without the page cache between.

use super::record::{HEADER, PAGE};

/// Whole pages whose first byte has an address that is a multiple of a page.
#[derive(Debug)]
pub(super) struct Aligned {
    memory: Vec<u8>,
    from: usize,
    length: usize,
}

impl Aligned {
    /// Bytes `from` to `to` of a record, both multiples of a page.
    pub(super) fn of_record(header: &[u8; HEADER], object: &[u8], from: u64, to: u64) -> Self {
        if from > 0 {
            return Self::of_object(object, from, to);
        }
        let mut pages = Self::zeros(at(to));
        let (head, rest) = pages.bytes_mut().split_at_mut(HEADER);
        head.copy_from_slice(header);
        fill(rest, object);
        pages
    }

    /// Bytes `from` to `to` of a record, without the first page.
    pub(super) fn of_object(object: &[u8], from: u64, to: u64) -> Self {
        let mut pages = Self::zeros(at(to - from));
        fill(pages.bytes_mut(), object.get(at(from) - HEADER..).unwrap_or_default());
        pages
    }

    /// Zeros.
    pub(super) fn zeros(length: usize) -> Self {
        let page = at(PAGE);
        let memory = vec![0; length + page];
        let from = memory.as_ptr().align_offset(page).min(page);
        Self { memory, from, length }
    }

    pub(super) fn bytes(&self) -> &[u8] {
        &self.memory[self.from..self.from + self.length]
    }

    pub(super) fn bytes_mut(&mut self) -> &mut [u8] {
        &mut self.memory[self.from..self.from + self.length]
    }
}

/// As much as there is and fits.
fn fill(pages: &mut [u8], bytes: &[u8]) {
    let part = bytes.len().min(pages.len());
    pages[..part].copy_from_slice(&bytes[..part]);
}

fn at(place: u64) -> usize {
    usize::try_from(place).unwrap_or(usize::MAX)
}
