//! PDF objects and their lexer: no recursion deeper than a fixed limit, no more nodes than a fixed limit.

use std::collections::BTreeMap;

/// Deepest nesting of arrays and dictionaries, and most nodes of one object.
const DEPTH: usize = 24;
const NODES: usize = 50_000;

/// A dictionary.
pub(super) type Dict = BTreeMap<String, Object>;

/// An object of the PDF language.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Object {
    Null,
    Bool(bool),
    Number(f64),
    Name(String),
    Text(Vec<u8>),
    Array(Vec<Object>),
    Dict(Dict),
    Reference(u32),
    /// An operator or another bare word.
    Word(String),
}

impl Object {
    pub(super) fn number(&self) -> Option<f64> {
        match self {
            Self::Number(number) => Some(*number),
            _ => None,
        }
    }

    /// A number that counts something.
    pub(super) fn count(&self) -> Option<usize> {
        let number = self.number().filter(|number| (0.0..1e9).contains(number))?;
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "checked to be in range")]
        Some(number as usize)
    }

    pub(super) fn name(&self) -> Option<&str> {
        match self {
            Self::Name(name) => Some(name),
            _ => None,
        }
    }

    pub(super) fn array(&self) -> Option<&[Object]> {
        match self {
            Self::Array(items) => Some(items),
            _ => None,
        }
    }

    pub(super) fn dict(&self) -> Option<&Dict> {
        match self {
            Self::Dict(dict) => Some(dict),
            _ => None,
        }
    }
}

/// Reads objects one after another.
pub(super) struct Lexer<'a> {
    bytes: &'a [u8],
    pub(super) at: usize,
    /// Nodes of the object read last.
    pub(super) nodes: usize,
}

impl<'a> Lexer<'a> {
    pub(super) fn new(bytes: &'a [u8], at: usize) -> Self {
        Self { bytes, at, nodes: 0 }
    }

    /// The next object; `None` at the end or where nothing sensible follows.
    pub(super) fn object(&mut self) -> Option<Object> {
        self.nodes = 0;
        self.nested(0)
    }

    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    pub(super) fn skip_blanks(&mut self) {
        while let Some(byte) = self.peek() {
            match byte {
                b'%' => {
                    self.at +=
                        self.bytes[self.at..].iter().take_while(|b| !matches!(b, b'\r' | b'\n')).count()
                }
                byte if is_blank(byte) => self.at += 1,
                _ => return,
            }
        }
    }

    fn nested(&mut self, depth: usize) -> Option<Object> {
        self.skip_blanks();
        self.nodes += 1;
        if depth > DEPTH || self.nodes > NODES {
            return None;
        }
        let byte = self.peek()?;
        match byte {
            b'/' => Some(Object::Name(self.name())),
            b'(' => self.literal().map(Object::Text),
            b'<' if self.bytes.get(self.at + 1) == Some(&b'<') => self.dict(depth),
            b'<' => Some(Object::Text(self.hex())),
            b'[' => self.array(depth),
            b'+' | b'-' | b'.' | b'0'..=b'9' => Some(self.number_or_reference()),
            b')' | b'>' | b']' | b'{' | b'}' => {
                self.at += 1;
                Some(Object::Word(char::from(byte).to_string()))
            }
            _ => Some(word(&self.regular())),
        }
    }

    /// Characters up to the next blank or delimiter.
    fn regular(&mut self) -> String {
        let length =
            self.bytes[self.at..].iter().take_while(|b| !is_blank(**b) && !is_delimiter(**b)).count();
        let text = String::from_utf8_lossy(&self.bytes[self.at..self.at + length]).into_owned();
        self.at += length;
        text
    }

    fn name(&mut self) -> String {
        self.at += 1;
        let raw = self.regular();
        let mut name = String::new();
        let mut rest = raw.as_str();
        while let Some(at) = rest.find('#') {
            name.push_str(&rest[..at]);
            match rest.get(at + 1..at + 3).and_then(|hex| u8::from_str_radix(hex, 16).ok()) {
                Some(byte) => {
                    name.push(char::from(byte));
                    rest = &rest[at + 3..];
                }
                None => {
                    name.push('#');
                    rest = &rest[at + 1..];
                }
            }
        }
        name.push_str(rest);
        name
    }

    fn number_or_reference(&mut self) -> Object {
        let text = self.regular();
        let number = text.parse::<f64>().ok().filter(|number| number.is_finite()).unwrap_or(0.0);
        let Ok(id) = text.parse::<u32>() else { return Object::Number(number) };
        let back = self.at;
        self.skip_blanks();
        let generation =
            self.peek().is_some_and(|b| b.is_ascii_digit()) && self.regular().parse::<u32>().is_ok();
        if generation {
            self.skip_blanks();
            let ends = self.bytes.get(self.at + 1).is_none_or(|b| is_blank(*b) || is_delimiter(*b));
            if self.peek() == Some(b'R') && ends {
                self.at += 1;
                return Object::Reference(id);
            }
        }
        self.at = back;
        Object::Number(number)
    }

    fn array(&mut self, depth: usize) -> Option<Object> {
        self.at += 1;
        let mut items = Vec::new();
        loop {
            match self.nested(depth + 1)? {
                Object::Word(word) if word == "]" => return Some(Object::Array(items)),
                item => items.push(item),
            }
        }
    }

    fn dict(&mut self, depth: usize) -> Option<Object> {
        self.at += 2;
        let mut dict = Dict::new();
        loop {
            self.skip_blanks();
            if self.bytes[self.at.min(self.bytes.len())..].starts_with(b">>") {
                self.at += 2;
                return Some(Object::Dict(dict));
            }
            let Object::Name(key) = self.nested(depth + 1)? else { continue };
            self.skip_blanks();
            if self.bytes[self.at.min(self.bytes.len())..].starts_with(b">>") {
                continue;
            }
            let value = self.nested(depth + 1)?;
            dict.insert(key, value);
        }
    }

    fn hex(&mut self) -> Vec<u8> {
        self.at += 1;
        let end = self.bytes[self.at..].iter().position(|b| *b == b'>').unwrap_or(self.bytes.len() - self.at);
        let digits: Vec<u8> = self.bytes[self.at..self.at + end]
            .iter()
            .filter_map(|b| char::from(*b).to_digit(16).and_then(|digit| u8::try_from(digit).ok()))
            .collect();
        self.at = (self.at + end + 1).min(self.bytes.len());
        digits.chunks(2).map(|pair| pair[0] << 4 | pair.get(1).copied().unwrap_or(0)).collect()
    }

    fn literal(&mut self) -> Option<Vec<u8>> {
        self.at += 1;
        let mut text = Vec::new();
        let mut open = 1usize;
        loop {
            let byte = self.peek()?;
            self.at += 1;
            match byte {
                b'(' => open += 1,
                b')' => {
                    open -= 1;
                    if open == 0 {
                        return Some(text);
                    }
                }
                b'\\' => {
                    text.extend(self.escape()?);
                    continue;
                }
                _ => {}
            }
            text.push(byte);
        }
    }

    fn escape(&mut self) -> Option<Option<u8>> {
        let byte = self.peek()?;
        self.at += 1;
        Some(match byte {
            b'n' => Some(b'\n'),
            b'r' => Some(b'\r'),
            b't' => Some(b'\t'),
            b'b' => Some(8),
            b'f' => Some(12),
            b'0'..=b'7' => {
                let mut code = u32::from(byte - b'0');
                for _ in 0..2 {
                    let Some(digit) = self.peek().filter(|b| (b'0'..=b'7').contains(b)) else { break };
                    code = code * 8 + u32::from(digit - b'0');
                    self.at += 1;
                }
                Some(u8::try_from(code & 0xff).unwrap_or(0))
            }
            b'\r' => {
                self.at += usize::from(self.peek() == Some(b'\n'));
                None
            }
            b'\n' => None,
            other => Some(other),
        })
    }
}

fn word(text: &str) -> Object {
    match text {
        "null" => Object::Null,
        "true" => Object::Bool(true),
        "false" => Object::Bool(false),
        other => Object::Word(other.to_owned()),
    }
}

pub(super) fn is_blank(byte: u8) -> bool {
    matches!(byte, 0 | 9 | 10 | 12 | 13 | 32)
}

fn is_delimiter(byte: u8) -> bool {
    matches!(byte, b'(' | b')' | b'<' | b'>' | b'[' | b']' | b'{' | b'}' | b'/' | b'%')
}
