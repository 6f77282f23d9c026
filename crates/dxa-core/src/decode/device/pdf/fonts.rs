//! Fonts as far as text needs them: bytes to characters and their widths.

use std::collections::BTreeMap;

use encoding_rs::{GBK, MACINTOSH, UTF_16BE, WINDOWS_1252};

use super::file::File;
use super::glyph_names;
use super::objects::{Dict, Lexer, Object};

/// Most entries of one character map or width table.
const ENTRIES: usize = 100_000;
/// What a font costs of the file's budget, beside the entries that it writes itself.
const FONT: usize = 500;

/// One shown character.
pub(super) struct Shown {
    pub(super) text: String,
    /// Advance in thousandths of the font size.
    pub(super) width: f64,
    /// Whether word spacing applies to it.
    pub(super) is_space: bool,
}

/// How codes of a composite font without a character map are read.
#[derive(Clone, Copy, PartialEq)]
enum Codes {
    Unknown,
    Utf16,
    Gbk,
}

/// A font.
pub(super) struct Font {
    composite: bool,
    codes: Codes,
    one_byte_codes: bool,
    unicode: BTreeMap<u32, String>,
    /// Runs of codes with the text of the first, by first code.
    runs: BTreeMap<u32, (u32, Vec<u8>)>,
    widths: BTreeMap<u32, f64>,
    /// Runs of codes of one width, by first code.
    equal_widths: BTreeMap<u32, (u32, f64)>,
    default_width: f64,
    /// Thousandths for glyph-space units: 1 but in Type 3 fonts.
    scale: f64,
}

impl Font {
    pub(super) fn load(file: &File<'_>, dict: &Dict) -> Self {
        file.spend(FONT);
        let subtype = file.entry(dict, "Subtype");
        let subtype = subtype.as_ref().and_then(Object::name).unwrap_or("");
        let mut font = if subtype == "Type0" { composite(file, dict) } else { simple(file, dict, subtype) };
        if let Some(Object::Reference(id)) = dict.get("ToUnicode")
            && let Some(map) = file.stream(*id)
        {
            font.read_map(file, &map);
        }
        font
    }

    /// The characters of a shown string.
    pub(super) fn shown(&self, bytes: &[u8]) -> Vec<Shown> {
        if !self.composite || self.one_byte_codes {
            return bytes.iter().map(|byte| self.one(u32::from(*byte), *byte == b' ')).collect();
        }
        if self.codes == Codes::Gbk {
            let (text, _, _) = GBK.decode(bytes);
            return text.chars().map(|c| self.character(c)).collect();
        }
        bytes
            .chunks(2)
            .map(|pair| self.one(pair.iter().fold(0, |code, byte| code << 8 | u32::from(*byte)), false))
            .collect()
    }

    fn one(&self, code: u32, is_space: bool) -> Shown {
        let mapped = self.text(code);
        if self.codes == Codes::Utf16 && mapped.is_none() {
            return self.character(char::from_u32(code).unwrap_or('\u{fffd}'));
        }
        let width = self.width(code).unwrap_or(self.default_width) * self.scale;
        Shown { text: mapped.unwrap_or_else(|| "\u{fffd}".to_owned()), width, is_space }
    }

    /// What a code stands for: an entry of its own comes before the run that it lies in.
    fn text(&self, code: u32) -> Option<String> {
        if let Some(text) = self.unicode.get(&code) {
            return Some(text.clone());
        }
        let (low, (high, text)) = self.runs.range(..=code).next_back()?;
        let step = usize::try_from(code - low).ok()?;
        (code <= *high).then(|| stepped(text, step))
    }

    fn width(&self, code: u32) -> Option<f64> {
        if let Some(width) = self.widths.get(&code) {
            return Some(*width);
        }
        let (_, (last, width)) = self.equal_widths.range(..=code).next_back()?;
        (code <= *last).then_some(*width)
    }

    /// A character of a font whose codes are text; Latin characters are half as wide as Han ones.
    fn character(&self, c: char) -> Shown {
        let width = if c.is_ascii() { 500.0 } else { self.default_width };
        Shown { text: c.to_string(), width, is_space: false }
    }

    /// Reads a ToUnicode character map.
    fn read_map(&mut self, file: &File<'_>, map: &[u8]) {
        let mut lexer = Lexer::new(map, 0);
        let mut stack: Vec<Object> = Vec::new();
        while let Some(object) = lexer.object() {
            if !file.spend(lexer.nodes) {
                return;
            }
            let Object::Word(word) = &object else {
                if stack.len() < ENTRIES {
                    stack.push(object);
                }
                continue;
            };
            match word.as_str() {
                "endbfchar" => self.add_characters(&stack),
                "endbfrange" => self.add_ranges(&stack),
                "endcodespacerange" => {
                    let one_byte = |object: &Object| matches!(object, Object::Text(code) if code.len() == 1);
                    self.one_byte_codes = !stack.is_empty() && stack.iter().all(one_byte);
                }
                _ => {}
            }
            stack.clear();
        }
    }

    fn add_characters(&mut self, stack: &[Object]) {
        for pair in stack.chunks_exact(2) {
            if let [Object::Text(code), Object::Text(text)] = pair {
                self.insert(number(code), utf16(text));
            }
        }
    }

    fn add_ranges(&mut self, stack: &[Object]) {
        for triple in stack.chunks_exact(3) {
            let [Object::Text(low), Object::Text(high), target] = triple else { continue };
            let (low, high) = (number(low), number(high).min(0xffff));
            match target {
                Object::Text(text) if low < high => {
                    self.runs.insert(low, (high, text.clone()));
                }
                Object::Text(text) => self.insert(low, utf16(text)),
                Object::Array(texts) => {
                    for (code, text) in (low..=high).zip(texts) {
                        if let Object::Text(text) = text {
                            self.insert(code, utf16(text));
                        }
                    }
                }
                _ => {}
            }
        }
    }

    fn insert(&mut self, code: u32, text: String) {
        if self.unicode.len() < ENTRIES {
            self.unicode.insert(code, text);
        }
    }
}

fn number(code: &[u8]) -> u32 {
    code.iter().take(4).fold(0, |number, byte| number << 8 | u32::from(*byte))
}

fn utf16(bytes: &[u8]) -> String {
    let (text, _) = UTF_16BE.decode_without_bom_handling(bytes);
    text.into_owned()
}

/// The text `step` places after this one.
fn stepped(text: &[u8], step: usize) -> String {
    let mut bytes = text.to_vec();
    if let [.., high, low] = bytes.as_mut_slice() {
        let last = u16::from_be_bytes([*high, *low]).wrapping_add(u16::try_from(step).unwrap_or(0));
        [*high, *low] = last.to_be_bytes();
    }
    utf16(&bytes)
}

fn composite(file: &File<'_>, dict: &Dict) -> Font {
    let encoding = file.entry(dict, "Encoding");
    let codes = match encoding.as_ref().and_then(Object::name).unwrap_or("") {
        name if name.contains("UCS2") || name.contains("UTF16") => Codes::Utf16,
        name if name.starts_with("GBK") || name.starts_with("GB-EUC") => Codes::Gbk,
        _ => Codes::Unknown,
    };
    let descendant = match file.entry(dict, "DescendantFonts") {
        Some(Object::Array(fonts)) => fonts.first().and_then(|font| file.resolve(font)),
        _ => None,
    };
    let descendant = descendant.and_then(|font| font.dict().cloned()).unwrap_or_default();
    let default_width = file.entry(&descendant, "DW").and_then(|width| width.number()).unwrap_or(1000.0);
    let (mut widths, mut equal_widths) = (BTreeMap::new(), BTreeMap::new());
    if let Some(Object::Array(items)) = file.entry(&descendant, "W") {
        read_cid_widths(file, &items, &mut widths, &mut equal_widths);
    }
    Font {
        composite: true,
        codes,
        one_byte_codes: false,
        unicode: BTreeMap::new(),
        runs: BTreeMap::new(),
        widths,
        equal_widths,
        default_width,
        scale: 1.0,
    }
}

/// `c [w w …]` and `first last w`.
fn read_cid_widths(
    file: &File<'_>,
    items: &[Object],
    widths: &mut BTreeMap<u32, f64>,
    equal: &mut BTreeMap<u32, (u32, f64)>,
) {
    let code = |object: &Object| object.count().and_then(|count| u32::try_from(count).ok());
    let mut at = 0;
    while let Some(first) = items.get(at).and_then(code) {
        match items.get(at + 1).and_then(|item| file.resolve(item)) {
            Some(Object::Array(list)) => {
                for (code, width) in (first..).zip(list.iter().filter_map(Object::number)) {
                    widths.insert(code, width);
                }
                at += 2;
            }
            Some(last) => {
                let (Some(last), Some(width)) = (code(&last), items.get(at + 2).and_then(Object::number))
                else {
                    return;
                };
                equal.insert(first, (last, width));
                at += 3;
            }
            None => return,
        }
        if widths.len() > ENTRIES {
            return;
        }
    }
}

fn simple(file: &File<'_>, dict: &Dict, subtype: &str) -> Font {
    let base = file.entry(dict, "BaseFont");
    let base = base.as_ref().and_then(Object::name).unwrap_or("").to_owned();
    let mut unicode = BTreeMap::new();
    let encoding = file.entry(dict, "Encoding");
    let (name, differences) = match &encoding {
        Some(Object::Name(name)) => (name.clone(), None),
        Some(Object::Dict(encoding)) => {
            let name = file.entry(encoding, "BaseEncoding").and_then(|name| name.name().map(str::to_owned));
            (name.unwrap_or_default(), file.entry(encoding, "Differences"))
        }
        _ => (String::new(), None),
    };
    let table = if name == "MacRomanEncoding" { MACINTOSH } else { WINDOWS_1252 };
    for code in 32u8..=255 {
        let (text, _, _) = table.decode(std::slice::from_ref(&code));
        unicode.insert(u32::from(code), text.into_owned());
    }
    if let Some(Object::Array(items)) = differences {
        apply_differences(&items, &mut unicode);
    }
    let (widths, default_width) = simple_widths(file, dict, &base);
    let scale = if subtype == "Type3" { type3_scale(file, dict) } else { 1.0 };
    Font {
        composite: false,
        codes: Codes::Unknown,
        one_byte_codes: true,
        unicode,
        runs: BTreeMap::new(),
        widths,
        equal_widths: BTreeMap::new(),
        default_width,
        scale,
    }
}

fn apply_differences(items: &[Object], unicode: &mut BTreeMap<u32, String>) {
    let mut code = 0u32;
    for item in items {
        match item {
            Object::Number(_) => code = item.count().and_then(|count| u32::try_from(count).ok()).unwrap_or(0),
            Object::Name(name) => {
                unicode.insert(code, glyph_names::text(name).unwrap_or_else(|| "\u{fffd}".to_owned()));
                code = code.saturating_add(1);
            }
            _ => {}
        }
    }
}

fn simple_widths(file: &File<'_>, dict: &Dict, base: &str) -> (BTreeMap<u32, f64>, f64) {
    let first = file
        .entry(dict, "FirstChar")
        .and_then(|first| first.count())
        .and_then(|first| u32::try_from(first).ok());
    match (first, file.entry(dict, "Widths")) {
        (Some(first), Some(Object::Array(list))) => {
            let widths = list
                .iter()
                .take(256)
                .map(|width| file.resolve(width).and_then(|width| width.number()).unwrap_or(0.0));
            ((first..).zip(widths).collect(), 500.0)
        }
        _ if base.contains("Courier") => (BTreeMap::new(), 600.0),
        _ => ((32u32..).zip(glyph_names::HELVETICA_WIDTHS.map(f64::from)).collect(), 556.0),
    }
}

/// Type 3 widths are in glyph space; the font matrix makes them text space.
fn type3_scale(file: &File<'_>, dict: &Dict) -> f64 {
    let matrix = file.entry(dict, "FontMatrix");
    let first =
        matrix.as_ref().and_then(Object::array).and_then(|matrix| matrix.first()).and_then(Object::number);
    first.unwrap_or(0.001) * 1000.0
}
