//! The minimal lower layer protocol: a message between a start byte and two end bytes.

const START: u8 = 0x0B;
const END: [u8; 2] = [0x1C, 0x0D];

/// A message in its frame.
#[must_use]
pub fn framed(message: &[u8]) -> Vec<u8> {
    let mut frame = Vec::with_capacity(message.len() + 3);
    frame.push(START);
    frame.extend_from_slice(message);
    frame.extend_from_slice(&END);
    frame
}

/// Takes messages out of a stream of bytes as they come.
#[derive(Debug, Default)]
pub struct Frames {
    pending: Vec<u8>,
    /// Bytes of the pending message in which no end was found.
    searched: usize,
}

/// A stream that is not in frames, or a message above the limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FrameError {
    /// More bytes than a message may have.
    #[error("a message of more than {0} bytes")]
    TooLong(usize),
}

impl Frames {
    /// Adds bytes that came in.
    pub fn extend(&mut self, bytes: &[u8]) {
        self.pending.extend_from_slice(bytes);
    }

    /// The next whole message of at most `limit` bytes; what stands before a start byte is dropped.
    ///
    /// # Errors
    /// A message above the limit; the connection is then of no more use.
    pub fn next(&mut self, limit: usize) -> Result<Option<Vec<u8>>, FrameError> {
        if self.pending.first() != Some(&START) {
            let start = self.pending.iter().position(|byte| *byte == START).unwrap_or(self.pending.len());
            self.pending.drain(..start);
            self.searched = 0;
        }
        let from = self.searched.saturating_sub(1);
        let found = self.pending[from..].windows(2).position(|pair| pair == END).map(|at| at + from);
        match found {
            Some(end) if end <= limit + 1 => {
                let message = self.pending[1..end].to_vec();
                self.pending.drain(..end + END.len());
                self.searched = 0;
                Ok(Some(message))
            }
            None if self.pending.len() <= limit + 1 => {
                self.searched = self.pending.len();
                Ok(None)
            }
            _ => Err(FrameError::TooLong(limit)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_come_out_whole_however_they_came_in() {
        let stream = [b"noise".to_vec(), framed(b"MSH|1"), framed(b"MSH|2\rPID"), vec![START]].concat();
        for step in 1..stream.len() {
            let mut frames = Frames::default();
            let mut out = Vec::new();
            for part in stream.chunks(step) {
                frames.extend(part);
                while let Some(message) = frames.next(100).unwrap() {
                    out.push(message);
                }
            }
            assert_eq!(out, [b"MSH|1".to_vec(), b"MSH|2\rPID".to_vec()], "{step}");
        }
    }

    #[test]
    fn a_message_without_end_is_refused_at_the_limit() {
        let mut frames = Frames::default();
        frames.extend(&[&[START][..], &[b'x'; 12]].concat());
        assert_eq!(frames.next(10), Err(FrameError::TooLong(10)));
    }
}
