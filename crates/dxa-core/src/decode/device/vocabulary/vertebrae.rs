//! Vertebrae and sets of vertebrae as reports spell them.

use super::is_letter;
use crate::site::{Lumbar, LumbarSet};

/// A vertebra or set of vertebrae at the start: `l1`, `l1-l4`, `l1,l3-l4`, `l2-4`.
pub(super) fn lumbar_at(rest: &str) -> Option<(LumbarSet, usize)> {
    let bytes = rest.as_bytes();
    let (first, mut at) = vertebra(bytes, 0, true)?;
    let mut members = vec![first];
    let mut last = first;
    loop {
        let mut next = skip_blanks(bytes, at);
        let separator = bytes.get(next).copied().filter(|b| matches!(b, b'-' | b',' | b'&' | b'+' | b'/'));
        if separator.is_some() {
            next = skip_blanks(bytes, next + 1);
        }
        let Some((number, end)) = vertebra(bytes, next, separator.is_none()) else { break };
        let range = separator == Some(b'-');
        members.extend(if range { last.min(number)..=last.max(number) } else { number..=number });
        (last, at) = (number, end);
    }
    // `l1.5`, `l1b`, `l1-l5`: not a vertebra of ours, or more than one.
    let tail = &rest[at..];
    let runs_on = tail.starts_with(is_letter)
        || (tail.starts_with('.') && tail[1..].starts_with(|c: char| c.is_ascii_digit()));
    let lumbar: Vec<Lumbar> = members.iter().map(|number| Lumbar::ALL[usize::from(*number) - 1]).collect();
    (!runs_on).then_some((LumbarSet::new(&lumbar)?, at))
}

fn vertebra(bytes: &[u8], at: usize, needs_letter: bool) -> Option<(u8, usize)> {
    let letter = bytes.get(at) == Some(&b'l');
    if needs_letter && !letter {
        return None;
    }
    let at = at + usize::from(letter);
    let number = bytes.get(at)?.checked_sub(b'0').filter(|number| (1..=4).contains(number))?;
    let runs_on = bytes.get(at + 1).is_some_and(|b| b.is_ascii_digit() || *b == b'.');
    (!runs_on).then_some((number, at + 1))
}

fn skip_blanks(bytes: &[u8], at: usize) -> usize {
    at + bytes[at.min(bytes.len())..].iter().take_while(|b| **b == b' ').count()
}
