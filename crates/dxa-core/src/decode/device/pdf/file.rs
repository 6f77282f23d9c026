//! Where the objects of a PDF file lie, and its streams inflated under a counted budget.
//!
//! The cross-reference table is not trusted and not needed: objects are found by walking the file.

use std::cell::Cell;
use std::collections::BTreeMap;
use std::io::Read;

use flate2::read::ZlibDecoder;

use super::PdfError;
use super::objects::{Dict, Lexer, Object, is_blank};

/// Most objects of one file, and most words of the file that look like the start of one.
const OBJECTS: usize = 100_000;
const KEYWORDS: usize = 3 * OBJECTS;
/// Most bytes that all streams of a file may take and inflate to, each use counted.
const INFLATED: usize = 8 << 20;
/// Most nodes of all objects, operands of pages and entries of fonts that are read, each use counted:
/// together with the bytes this bounds the time of any file.
const NODES: usize = 800_000;
/// So many bytes of one object cost as much as a node.
const BYTES_OF_A_NODE: usize = 16;
/// A stream may inflate to this many times its size, or to the floor.
const RATIO: usize = 100;
const FLOOR: usize = 64 << 10;
/// Most references that are followed in a row, and most filters of one stream.
const HOPS: usize = 8;

#[derive(Clone, Copy)]
enum Place {
    /// Where the object begins in the file, and the extent of its stream.
    File(usize, Option<(usize, usize)>),
    /// Index of an inflated object stream and the offset in it.
    Packed(usize, usize),
}

/// A PDF file with its objects located.
pub(super) struct File<'a> {
    bytes: &'a [u8],
    places: BTreeMap<u32, Place>,
    packed: Vec<Vec<u8>>,
    pub(super) root: Option<Object>,
    bytes_left: Cell<usize>,
    nodes_left: Cell<usize>,
    pub(super) exhausted: Cell<bool>,
}

impl<'a> File<'a> {
    pub(super) fn open(bytes: &'a [u8]) -> Result<Self, PdfError> {
        let mut file = Self {
            bytes,
            places: BTreeMap::new(),
            packed: Vec::new(),
            root: None,
            bytes_left: Cell::new(INFLATED),
            nodes_left: Cell::new(NODES),
            exhausted: Cell::new(false),
        };
        let packs = file.locate()?;
        for pack in packs {
            file.unpack(pack);
        }
        if file.exhausted.get() {
            return Err(PdfError::LimitsExceeded);
        }
        Ok(file)
    }

    /// Takes from what may be read; false, and for all that follows too, when no more is left.
    pub(super) fn spend(&self, nodes: usize) -> bool {
        spend(&self.nodes_left, nodes, &self.exhausted)
    }

    /// Reads one object and pays for it: a node each, and for long ones also by their length.
    fn read(&self, bytes: &[u8], at: usize) -> Option<Object> {
        if self.exhausted.get() {
            return None;
        }
        let mut lexer = Lexer::new(bytes, at);
        let object = lexer.object();
        let paid = self.spend(lexer.nodes + lexer.at.saturating_sub(at) / BYTES_OF_A_NODE);
        object.filter(|_| paid)
    }

    /// Finds `N G obj` and trailers; returns the numbers of object streams.
    fn locate(&mut self) -> Result<Vec<u32>, PdfError> {
        let mut packs = Vec::new();
        let mut at = 0;
        let mut keywords = 0;
        // Once no `endstream` follows, none is looked for again.
        let mut more_ends = true;
        while let Some(found) = next_keyword(self.bytes, at) {
            at = found.after;
            keywords += 1;
            if keywords > KEYWORDS || self.places.len() > OBJECTS || self.exhausted.get() {
                return Err(PdfError::LimitsExceeded);
            }
            if found.id.is_none() && !found.trailer {
                continue;
            }
            let begin = at;
            let mut lexer = Lexer::new(self.bytes, at);
            let object = lexer.object();
            self.spend(lexer.nodes);
            // What was read is not walked again, so that overlapping objects cost nothing.
            at = at.max(lexer.at);
            let Some(id) = found.id else {
                self.note_trailer(object.as_ref().and_then(Object::dict))?;
                continue;
            };
            self.places.insert(id, Place::File(begin, None));
            let Some(Object::Dict(dict)) = object else { continue };
            let Some(data) = stream_start(self.bytes, at).filter(|_| more_ends) else { continue };
            let Some(length) = stream_length(&self.bytes[data..], &dict) else {
                more_ends = false;
                continue;
            };
            at = data + length;
            self.places.insert(id, Place::File(begin, Some((data, at))));
            match dict.get("Type").and_then(Object::name) {
                Some("ObjStm") => packs.push(id),
                Some("XRef") => self.note_trailer(Some(&dict))?,
                _ => {}
            }
        }
        Ok(packs)
    }

    fn note_trailer(&mut self, dict: Option<&Dict>) -> Result<(), PdfError> {
        let Some(dict) = dict else { return Ok(()) };
        if dict.contains_key("Encrypt") {
            return Err(PdfError::Encrypted);
        }
        if let Some(root) = dict.get("Root") {
            self.root = Some(root.clone());
        }
        Ok(())
    }

    /// Locates the objects inside of an object stream.
    fn unpack(&mut self, id: u32) {
        let Some(dict) = self.get(id).and_then(|object| object.dict().cloned()) else { return };
        let Some(data) = self.stream(id) else { return };
        let index = self.packed.len();
        let first = dict.get("First").and_then(Object::count).unwrap_or(0);
        let many = dict.get("N").and_then(Object::count).unwrap_or(0).min(OBJECTS);
        let mut lexer = Lexer::new(&data, 0);
        let mut found = Vec::new();
        for _ in 0..many {
            let (Some(number), Some(offset)) = (lexer.object(), lexer.object()) else { break };
            if !self.spend(2) {
                break;
            }
            let (Some(number), Some(offset)) = (number.count(), offset.count()) else { break };
            found.extend(u32::try_from(number).ok().map(|number| (number, first.saturating_add(offset))));
        }
        for (number, offset) in found {
            if self.places.len() < OBJECTS {
                self.places.entry(number).or_insert(Place::Packed(index, offset));
            }
        }
        self.packed.push(data);
    }

    /// Numbers of all objects.
    pub(super) fn ids(&self) -> impl Iterator<Item = u32> {
        self.places.keys().copied()
    }

    /// The object of this number.
    pub(super) fn get(&self, id: u32) -> Option<Object> {
        match *self.places.get(&id)? {
            Place::File(at, _) => self.read(self.bytes, at),
            Place::Packed(index, at) => self.read(self.packed.get(index)?, at),
        }
    }

    /// What a reference points at, in the end.
    pub(super) fn resolve(&self, object: &Object) -> Option<Object> {
        let mut object = object.clone();
        for _ in 0..HOPS {
            match object {
                Object::Reference(id) => object = self.get(id)?,
                other => return Some(other),
            }
        }
        None
    }

    /// The resolved entry of a dictionary.
    pub(super) fn entry(&self, dict: &Dict, key: &str) -> Option<Object> {
        self.resolve(dict.get(key)?)
    }

    /// The decoded data of a stream object.
    pub(super) fn stream(&self, id: u32) -> Option<Vec<u8>> {
        let Some(Place::File(at, Some((start, end)))) = self.places.get(&id) else { return None };
        let object = self.read(self.bytes, *at)?;
        self.decoded(object.dict()?, self.bytes.get(*start..*end)?)
    }

    fn decoded(&self, dict: &Dict, raw: &[u8]) -> Option<Vec<u8>> {
        let filters = match self.entry(dict, "Filter") {
            None | Some(Object::Null) => Vec::new(),
            Some(Object::Array(filters)) => filters,
            Some(one) => vec![one],
        };
        if filters.len() > HOPS || !spend(&self.bytes_left, raw.len(), &self.exhausted) {
            return None;
        }
        let mut data = raw.to_vec();
        for filter in filters {
            data = match self.resolve(&filter)?.name()? {
                "FlateDecode" | "Fl" => self.inflate(&data)?,
                "ASCII85Decode" | "A85" => ascii85(&data)?,
                "ASCIIHexDecode" | "AHx" => ascii_hex(&data),
                _ => return None,
            };
            if !spend(&self.bytes_left, data.len(), &self.exhausted) {
                return None;
            }
        }
        let parameters = self.entry(dict, "DecodeParms").and_then(|parameters| match parameters {
            Object::Array(items) => items.into_iter().next_back().and_then(|item| self.resolve(&item)),
            other => Some(other),
        });
        match parameters.as_ref().and_then(Object::dict) {
            Some(parameters)
                if parameters.get("Predictor").and_then(Object::count).is_some_and(|p| p >= 10) =>
            {
                unpredicted(&data, parameters.get("Columns").and_then(Object::count).unwrap_or(1))
            }
            _ => Some(data),
        }
    }

    fn inflate(&self, data: &[u8]) -> Option<Vec<u8>> {
        let limit = data.len().saturating_mul(RATIO).max(FLOOR).min(self.bytes_left.get());
        let mut inflated = Vec::new();
        let mut reader = ZlibDecoder::new(data).take(u64::try_from(limit).ok()? + 1);
        // A stream cut short still gives what came before.
        let _ = reader.read_to_end(&mut inflated);
        if inflated.len() > limit {
            self.exhausted.set(true);
            return None;
        }
        Some(inflated)
    }
}

/// Takes an amount from what is left, or marks the file as exhausted.
fn spend(left: &Cell<usize>, amount: usize, exhausted: &Cell<bool>) -> bool {
    match left.get().checked_sub(amount) {
        Some(rest) => left.set(rest),
        None => exhausted.set(true),
    }
    !exhausted.get()
}

struct Keyword {
    after: usize,
    trailer: bool,
    id: Option<u32>,
}

/// The next `N G obj` or `trailer`.
fn next_keyword(bytes: &[u8], from: usize) -> Option<Keyword> {
    let mut at = from;
    while at < bytes.len() {
        if bytes[at] == b'o' && bytes[at..].starts_with(b"obj") {
            // `endobj` has a letter before it and therefore no number.
            return Some(Keyword { after: at + 3, trailer: false, id: object_number(&bytes[..at]) });
        }
        if bytes[at] == b't' && bytes[at..].starts_with(b"trailer") {
            return Some(Keyword { after: at + 7, trailer: true, id: None });
        }
        at += 1;
    }
    None
}

/// The object number of `N G ` at the end of these bytes.
fn object_number(before: &[u8]) -> Option<u32> {
    let tail = &before[before.len().saturating_sub(24)..];
    let text: String = tail.iter().map(|b| if is_blank(*b) { ' ' } else { char::from(*b) }).collect();
    let mut parts = text.trim_end().rsplit(' ').filter(|part| !part.is_empty());
    let generation = parts.next()?;
    let number = parts.next()?;
    let digits =
        number.rfind(|c: char| !c.is_ascii_digit()).map_or(number, |at| number.get(at + 1..).unwrap_or(""));
    (text.ends_with(' ') || before.last().is_some_and(u8::is_ascii_digit)).then_some(())?;
    generation.parse::<u32>().ok()?;
    digits.parse().ok()
}

/// Where the data of a stream begins whose keyword follows here.
fn stream_start(bytes: &[u8], at: usize) -> Option<usize> {
    let blanks = bytes.get(at..)?.iter().take_while(|b| is_blank(**b)).count();
    let mut start = at + blanks;
    start += bytes[start..].strip_prefix(b"stream").map(|_| 6)?;
    start += usize::from(bytes.get(start) == Some(&b'\r'));
    start += usize::from(bytes.get(start) == Some(&b'\n'));
    Some(start.min(bytes.len()))
}

/// The declared length where `endstream` follows it, else up to the next `endstream`.
fn stream_length(rest: &[u8], dict: &Dict) -> Option<usize> {
    let declared = dict.get("Length").and_then(Object::count).filter(|length| ends_stream(rest, *length));
    declared.or_else(|| find(rest, b"endstream"))
}

fn ends_stream(rest: &[u8], length: usize) -> bool {
    rest.get(length..).is_some_and(|tail| {
        let blanks = tail.iter().take(4).take_while(|b| is_blank(**b)).count();
        tail[blanks..].starts_with(b"endstream")
    })
}

fn find(bytes: &[u8], pattern: &[u8]) -> Option<usize> {
    bytes.windows(pattern.len()).position(|window| window == pattern)
}

fn ascii_hex(data: &[u8]) -> Vec<u8> {
    let digits: Vec<u8> = data
        .iter()
        .take_while(|b| **b != b'>')
        .filter_map(|b| char::from(*b).to_digit(16).and_then(|digit| u8::try_from(digit).ok()))
        .collect();
    digits.chunks(2).map(|pair| pair[0] << 4 | pair.get(1).copied().unwrap_or(0)).collect()
}

fn ascii85(data: &[u8]) -> Option<Vec<u8>> {
    let data = data.strip_prefix(b"<~").unwrap_or(data);
    let mut decoded = Vec::with_capacity(data.len() / 5 * 4);
    let mut group: Vec<u32> = Vec::with_capacity(5);
    for byte in data.iter().copied().take_while(|b| *b != b'~').filter(|b| !is_blank(*b)) {
        match byte {
            b'z' if group.is_empty() => decoded.extend([0; 4]),
            b'!'..=b'u' => group.push(u32::from(byte - b'!')),
            _ => return None,
        }
        if group.len() == 5 {
            decoded.extend(base85(&group));
            group.clear();
        }
    }
    if group.len() > 1 {
        let kept = group.len() - 1;
        group.resize(5, 84);
        decoded.extend(base85(&group).into_iter().take(kept));
    }
    Some(decoded)
}

fn base85(group: &[u32]) -> [u8; 4] {
    group.iter().fold(0u32, |sum, digit| sum.wrapping_mul(85).wrapping_add(*digit)).to_be_bytes()
}

/// Undoes the PNG predictors for one-byte samples.
fn unpredicted(data: &[u8], columns: usize) -> Option<Vec<u8>> {
    let width = columns.clamp(1, 1 << 16);
    let mut plain: Vec<u8> = Vec::with_capacity(data.len());
    let mut above = vec![0u8; width];
    for row in data.chunks(width + 1) {
        let (kind, row) = row.split_first()?;
        let mut line = vec![0u8; width];
        for (index, byte) in row.iter().enumerate() {
            let left = if index > 0 { line[index - 1] } else { 0 };
            let predicted = match kind {
                0 => 0,
                1 => left,
                2 => above[index],
                3 => u8::try_from((u16::from(left) + u16::from(above[index])) / 2).unwrap_or(0),
                4 => paeth(left, above[index], if index > 0 { above[index - 1] } else { 0 }),
                _ => return None,
            };
            line[index] = byte.wrapping_add(predicted);
        }
        plain.extend_from_slice(&line[..row.len()]);
        above = line;
    }
    Some(plain)
}

/// The neighbor closest to left + above − corner.
fn paeth(left: u8, above: u8, corner: u8) -> u8 {
    let estimate = i16::from(left) + i16::from(above) - i16::from(corner);
    let distance = |byte: u8| (estimate - i16::from(byte)).abs();
    [left, above, corner].into_iter().min_by_key(|byte| distance(*byte)).unwrap_or(0)
}
