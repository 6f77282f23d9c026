//! `multipart/related` (RFC 2046) as it arrives: a machine that is fed bytes and gives parts, in bounded memory.
//!
//! The parsers at hand take the whole body into memory when the sender is faster than the reader.

use bytes::{Buf, Bytes};

/// What the reader needs next, or has found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Event {
    /// More bytes, or the end of them.
    NeedMore,
    /// A part begins.
    Part(PartHead),
    /// Bytes of the part.
    Data(Bytes),
    /// The part ends.
    PartEnd,
    /// The last boundary was read.
    End,
}

/// The headers of a part that anybody asks for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct PartHead {
    /// Content-Type as written; empty when not given.
    pub(crate) content_type: String,
}

/// Why a body is no multipart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum MultipartError {
    /// The boundary parameter is missing or not one RFC 2046 allows.
    #[error("the Content-Type has no valid boundary")]
    Boundary,
    /// Text before the first boundary that does not end.
    #[error("the first boundary does not come")]
    Preamble,
    /// Headers of a part that are too long or no headers.
    #[error("the headers of a part are too long or cannot be read")]
    Head,
    /// More parts than are taken at once.
    #[error("more than {MAX_PARTS} parts in one request")]
    Parts,
    /// Bytes after a boundary that belong to nothing.
    #[error("a boundary is followed by something else than a part")]
    AfterBoundary,
    /// The body ends before the last boundary.
    #[error("the body ends before its last boundary")]
    Unfinished,
}

/// Parts in one request.
pub(crate) const MAX_PARTS: usize = 10_000;
const MAX_HEAD: usize = 8 << 10;
const MAX_PREAMBLE: usize = 4 << 10;
const MAX_BOUNDARY: usize = 70;

/// Reads one body.
#[derive(Debug)]
pub(crate) struct Multipart {
    delimiter: Vec<u8>,
    buffer: Bytes,
    state: State,
    ended: bool,
    parts: usize,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Preamble,
    AfterBoundary,
    Head,
    Body,
    Done,
}

impl Multipart {
    /// A reader for the boundary of a Content-Type.
    ///
    /// # Errors
    /// [`MultipartError::Boundary`].
    pub(crate) fn new(boundary: &str) -> Result<Self, MultipartError> {
        let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"'()+_,-./:=? ".contains(&byte);
        let valid = !boundary.is_empty()
            && boundary.len() <= MAX_BOUNDARY
            && boundary.bytes().all(allowed)
            && !boundary.ends_with(' ');
        if !valid {
            return Err(MultipartError::Boundary);
        }
        // The line break before a boundary belongs to it; the first boundary may open the body.
        let buffer = Bytes::from_static(b"\r\n");
        let delimiter = format!("\r\n--{boundary}").into_bytes();
        Ok(Self { delimiter, buffer, state: State::Preamble, ended: false, parts: 0 })
    }

    /// Feeds bytes, which are copied only where something before them waits for them.
    pub(crate) fn push(&mut self, bytes: Bytes) {
        self.buffer = if self.buffer.is_empty() { bytes } else { [&self.buffer[..], &bytes].concat().into() };
    }

    /// Says that no more bytes come.
    pub(crate) fn finish(&mut self) {
        self.ended = true;
    }

    /// The next event.
    ///
    /// # Errors
    /// A body that is no multipart.
    pub(crate) fn next(&mut self) -> Result<Event, MultipartError> {
        match self.state {
            State::Preamble => self.preamble(),
            State::AfterBoundary => self.after_boundary(),
            State::Head => self.head(),
            State::Body => self.body(),
            State::Done => Ok(Event::End),
        }
    }

    fn more(&self) -> Result<Event, MultipartError> {
        if self.ended { Err(MultipartError::Unfinished) } else { Ok(Event::NeedMore) }
    }

    fn preamble(&mut self) -> Result<Event, MultipartError> {
        if let Some(at) = find(&self.buffer, &self.delimiter) {
            self.buffer.advance(at + self.delimiter.len());
            self.state = State::AfterBoundary;
            return self.after_boundary();
        }
        if self.buffer.len() > MAX_PREAMBLE { Err(MultipartError::Preamble) } else { self.more() }
    }

    fn after_boundary(&mut self) -> Result<Event, MultipartError> {
        if self.buffer.starts_with(b"--") {
            self.state = State::Done;
            return Ok(Event::End);
        }
        let blanks = self.buffer.iter().take_while(|byte| matches!(byte, b' ' | b'\t')).count();
        match self.buffer.get(blanks..blanks + 2) {
            Some(b"\r\n") => {
                self.parts += 1;
                if self.parts > MAX_PARTS {
                    return Err(MultipartError::Parts);
                }
                self.buffer.advance(blanks + 2);
                self.state = State::Head;
                self.head()
            }
            Some(_) => Err(MultipartError::AfterBoundary),
            None if blanks > MAX_BOUNDARY => Err(MultipartError::AfterBoundary),
            None => self.more(),
        }
    }

    fn head(&mut self) -> Result<Event, MultipartError> {
        if self.buffer.starts_with(b"\r\n") {
            self.buffer.advance(2);
            self.state = State::Body;
            return Ok(Event::Part(PartHead::default()));
        }
        let window = self.buffer.len().min(MAX_HEAD);
        let Some(end) = find(&self.buffer[..window], b"\r\n\r\n") else {
            return if window == MAX_HEAD { Err(MultipartError::Head) } else { self.more() };
        };
        let head = self.buffer.split_to(end);
        self.buffer.advance(4);
        self.state = State::Body;
        Ok(Event::Part(PartHead::read(&head)?))
    }

    fn body(&mut self) -> Result<Event, MultipartError> {
        if let Some(at) = find(&self.buffer, &self.delimiter) {
            if at > 0 {
                return Ok(Event::Data(self.buffer.split_to(at)));
            }
            self.buffer.advance(self.delimiter.len());
            self.state = State::AfterBoundary;
            return Ok(Event::PartEnd);
        }
        // What may be the beginning of a boundary waits for more.
        let shortest = self.buffer.len().saturating_sub(self.delimiter.len() - 1);
        let begins = |from: &usize| self.delimiter.starts_with(&self.buffer[*from..]);
        let certain = (shortest..self.buffer.len()).find(begins).unwrap_or(self.buffer.len());
        if certain == 0 { self.more() } else { Ok(Event::Data(self.buffer.split_to(certain))) }
    }
}

impl PartHead {
    fn read(head: &[u8]) -> Result<Self, MultipartError> {
        let text = std::str::from_utf8(head).map_err(|_| MultipartError::Head)?;
        let mut found = Self::default();
        for line in text.split("\r\n") {
            let (name, value) = line.split_once(':').ok_or(MultipartError::Head)?;
            if name.eq_ignore_ascii_case("content-type") {
                value.trim().clone_into(&mut found.content_type);
            }
        }
        Ok(found)
    }
}

fn find(haystack: &[u8], needle: &[u8]) -> Option<usize> {
    memchr::memmem::find(haystack, needle)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Types and bodies of the parts, given `step` bytes at a time.
    fn read(boundary: &str, body: &[u8], step: usize) -> Result<Vec<(String, Vec<u8>)>, MultipartError> {
        let mut reader = Multipart::new(boundary)?;
        let mut pieces = body.chunks(step.max(1));
        let mut parts = Vec::new();
        loop {
            match reader.next()? {
                Event::NeedMore => match pieces.next() {
                    Some(piece) => reader.push(Bytes::copy_from_slice(piece)),
                    None => reader.finish(),
                },
                Event::Part(head) => parts.push((head.content_type, Vec::new())),
                Event::Data(data) => parts.last_mut().unwrap().1.extend_from_slice(&data),
                Event::PartEnd => {}
                Event::End => return Ok(parts),
            }
        }
    }

    fn written(boundary: &str, parts: &[(&str, &[u8])]) -> Vec<u8> {
        let mut body = Vec::new();
        for (kind, data) in parts {
            body.extend_from_slice(format!("--{boundary}\r\nContent-Type: {kind}\r\n\r\n").as_bytes());
            body.extend_from_slice(data);
            body.extend_from_slice(b"\r\n");
        }
        body.extend_from_slice(format!("--{boundary}--\r\n").as_bytes());
        body
    }

    #[test]
    fn what_is_no_multipart_is_refused_for_its_reason() {
        let long = [&b"--b\r\nX: "[..], &[b'a'; 9000], b"\r\n\r\n\r\n--b--"].concat();
        let many = "--b\r\n\r\n\r\n".repeat(MAX_PARTS + 1);
        let cases: [(&[u8], MultipartError); 9] = [
            (b"", MultipartError::Unfinished),
            (b"--b\r\nContent-Type: x\r\n\r\ndata", MultipartError::Unfinished),
            (b"--b\r\nContent-Type: x\r\n\r\ndata\r\n--b", MultipartError::Unfinished),
            (b"--bX\r\n\r\n\r\n--b--", MultipartError::AfterBoundary),
            (b"--b\r\nno header\r\n\r\n\r\n--b--", MultipartError::Head),
            (b"--b\r\n\xFF: x\r\n\r\n\r\n--b--", MultipartError::Head),
            (&long, MultipartError::Head),
            (many.as_bytes(), MultipartError::Parts),
            (&[b'x'; 5000], MultipartError::Preamble),
        ];
        for (body, error) in cases {
            for step in [1, 7, 100_000] {
                assert_eq!(read("b", body, step), Err(error), "{:?}", &body[..body.len().min(40)]);
            }
        }
        for boundary in ["", "a\rb", "a\"b", "ends in blank ", &"b".repeat(71)] {
            assert_eq!(Multipart::new(boundary).unwrap_err(), MultipartError::Boundary);
        }
    }

    #[test]
    fn an_endless_part_is_given_on_and_not_kept() {
        let mut reader = Multipart::new("b").unwrap();
        reader.push(Bytes::from_static(b"--b\r\n\r\n"));
        assert!(matches!(reader.next().unwrap(), Event::Part(_)));
        for _ in 0..100 {
            reader.push(Bytes::from_static(&[b'-'; 65_536]));
            while reader.next().unwrap() != Event::NeedMore {}
            assert!(reader.buffer.len() < 80);
        }
    }

    proptest! {
        #[test]
        fn parts_come_out_as_they_went_in(
            parts in prop::collection::vec(prop::collection::vec(prop::sample::select(b"\r\n-b\0x".to_vec()), 0..40), 0..4),
            step in 1usize..50,
        ) {
            let boundary = "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb";
            let given: Vec<(&str, &[u8])> = parts.iter().map(|data| ("application/dicom", &data[..])).collect();
            let read = read(boundary, &written(boundary, &given), step).unwrap();
            prop_assert_eq!(read.len(), parts.len());
            for (part, data) in read.iter().zip(&parts) {
                prop_assert_eq!(&part.1, data);
            }
        }

        #[test]
        fn no_bytes_make_it_fail_in_another_way(body in prop::collection::vec(any::<u8>(), 0..300), step in 1usize..50) {
            let _ = read("b", &[b"--b\r\n", &body[..]].concat(), step);
        }
    }
}
