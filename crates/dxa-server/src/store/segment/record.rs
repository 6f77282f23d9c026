//! One object in a segment: a header block, the bytes, zeros up to the next page.

/// Why an object was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::store) enum Kind {
    /// To be in the index.
    Object,
    /// To be in quarantine.
    Quarantined,
}

/// One object to write.
#[derive(Debug)]
pub(in crate::store) struct Record {
    pub(in crate::store) kind: Kind,
    pub(in crate::store) bytes: Vec<u8>,
    pub(in crate::store) digest: [u8; 32],
    pub(in crate::store) crc: u32,
    pub(in crate::store) source: String,
    pub(in crate::store) arrived_at: i64,
    /// Where its bytes are written already, in part.
    pub(in crate::store) lease: Option<super::Lease>,
}

/// What a header block says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::store) struct Header {
    pub(in crate::store) kind: Kind,
    pub(in crate::store) length: u64,
    pub(in crate::store) crc: u32,
    pub(in crate::store) digest: [u8; 32],
    pub(in crate::store) arrived_at: i64,
    pub(in crate::store) source: String,
}

/// Bytes of a header block.
pub(super) const HEADER: usize = 512;

/// Records begin at multiples of this, so that writing one never touches the page of another.
pub(super) const PAGE: u64 = 4096;

/// Bytes of a record with `length` bytes of object.
pub(super) fn size(length: u64) -> u64 {
    (HEADER as u64 + length).next_multiple_of(PAGE)
}

/// The header block of a record in the segment with this identifier.
pub(super) fn header(record: &Record, segment: &[u8; 16]) -> [u8; HEADER] {
    let mut block = [0u8; HEADER];
    let mut put = |at: usize, bytes: &[u8]| block[at..at + bytes.len()].copy_from_slice(bytes);
    put(0, MAGIC);
    put(8, segment);
    put(24, &(record.bytes.len() as u64).to_le_bytes());
    put(32, &record.arrived_at.to_le_bytes());
    put(40, &u32::from(record.kind == Kind::Quarantined).to_le_bytes());
    put(44, &record.crc.to_le_bytes());
    put(48, &record.digest);
    let source = shortened(&record.source);
    put(80, &[u8::try_from(source.len()).unwrap_or(0)]);
    put(81, source.as_bytes());
    let crc = crc32fast::hash(&block[..HEADER - 4]);
    block[HEADER - 4..].copy_from_slice(&crc.to_le_bytes());
    block
}

/// Reads a header block; `None` when none was written there, or it was not written wholly.
pub(super) fn parse(block: &[u8], segment: &[u8; 16]) -> Option<Header> {
    let block: &[u8; HEADER] = block.try_into().ok()?;
    let word = |at: usize| u32::from_le_bytes([block[at], block[at + 1], block[at + 2], block[at + 3]]);
    let long = |at: usize| u64::from(word(at)) | (u64::from(word(at + 4)) << 32);
    if &block[..8] != MAGIC
        || &block[8..24] != segment
        || word(HEADER - 4) != crc32fast::hash(&block[..HEADER - 4])
    {
        return None;
    }
    let source = usize::from(block[80]);
    Some(Header {
        kind: if word(40) == 0 { Kind::Object } else { Kind::Quarantined },
        length: long(24),
        crc: word(44),
        digest: block[48..80].try_into().ok()?,
        arrived_at: long(32).cast_signed(),
        source: String::from_utf8_lossy(block.get(81..81 + source)?).into_owned(),
    })
}

const MAGIC: &[u8; 8] = b"DXAREC1\0";

/// The longest source that a header block has room for.
fn shortened(source: &str) -> &str {
    let mut end = source.len().min(200);
    while !source.is_char_boundary(end) {
        end -= 1;
    }
    &source[..end]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_header_is_read_as_it_was_written_and_a_torn_one_is_none() {
        let record = Record {
            kind: Kind::Quarantined,
            bytes: vec![7; 1000],
            digest: [9; 32],
            crc: 77,
            source: "骨".repeat(100),
            arrived_at: -5,
            lease: None,
        };
        let block = header(&record, &[1; 16]);
        let read = parse(&block, &[1; 16]).unwrap();
        assert_eq!((read.kind, read.length, read.crc, read.arrived_at), (Kind::Quarantined, 1000, 77, -5));
        assert_eq!(read.source, "骨".repeat(66));
        assert_eq!(parse(&block, &[2; 16]), None);
        for at in 0..HEADER {
            let mut torn = block;
            torn[at] ^= 1;
            assert_eq!(parse(&torn, &[1; 16]), None, "byte {at}");
        }
    }
}
