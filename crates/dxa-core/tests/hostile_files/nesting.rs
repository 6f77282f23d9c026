//! Sequences inside sequences: to the limit, one past it, and as many as a file can hold.

use super::writer::{ITEM, ITEM_END, SEQUENCE_END, Syntax, Tag, UNDEFINED, Writer, identified};
use super::{Answer, HostileFile};

/// Content Sequence, which reports nest in each other.
const SEQUENCE: Tag = (0x0040, 0xA730);

const LIMIT: usize = 32;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Form {
    /// Undefined lengths, every delimiter in place.
    Closed,
    /// Undefined lengths, no delimiter at all.
    Open,
    /// True lengths.
    Defined,
    /// The first sequence is an UN of undefined length, so all below is Implicit VR.
    Unknown,
}

pub(super) fn files() -> Vec<HostileFile> {
    let mut files = Vec::new();
    for form in [Form::Closed, Form::Open, Form::Defined, Form::Unknown] {
        for syntax in [Syntax::ExplicitLittle, Syntax::ImplicitLittle, Syntax::ExplicitBig] {
            // Implicit VR writes no UN, and big-endian objects never had any.
            if form == Form::Unknown && syntax != Syntax::ExplicitLittle {
                continue;
            }
            for levels in [LIMIT, LIMIT + 1, 2_000, 100_000, 1_000_000] {
                let name = format!("nested-{levels}-{form:?}-{syntax:?}").to_lowercase();
                files.push(HostileFile::new(name, answer(form, levels), move || file(form, syntax, levels)));
            }
        }
    }
    files
}

fn answer(form: Form, levels: usize) -> Answer {
    match (form, levels) {
        (Form::Open, LIMIT) => Answer::Unreadable,
        (_, LIMIT) => Answer::Accepted,
        _ => Answer::LimitsExceeded,
    }
}

fn file(form: Form, syntax: Syntax, levels: usize) -> Vec<u8> {
    let mut writer = identified(syntax);
    match form {
        Form::Closed => {
            open(&mut writer, levels);
            close(&mut writer, levels);
        }
        Form::Open => open(&mut writer, levels),
        Form::Defined => defined(&mut writer, levels),
        Form::Unknown => unknown(&mut writer, levels),
    }
    writer.file()
}

fn open(writer: &mut Writer, levels: usize) {
    for _ in 0..levels {
        writer.header(SEQUENCE, "SQ", UNDEFINED);
        writer.plain_header(ITEM, UNDEFINED);
    }
}

fn close(writer: &mut Writer, levels: usize) {
    for _ in 0..levels {
        writer.plain_header(ITEM_END, 0);
        writer.plain_header(SEQUENCE_END, 0);
    }
}

fn defined(writer: &mut Writer, levels: usize) {
    let header = if writer.syntax == Syntax::ImplicitLittle { 8 } else { 12 };
    for level in 0..levels {
        let below = (levels - level - 1) * (header + 8);
        writer.header(SEQUENCE, "SQ", below as u32 + 8);
        writer.plain_header(ITEM, below as u32);
    }
}

fn unknown(writer: &mut Writer, levels: usize) {
    writer.header(SEQUENCE, "UN", UNDEFINED);
    writer.plain_header(ITEM, UNDEFINED);
    let mut below = Writer::new(Syntax::ImplicitLittle);
    open(&mut below, levels - 1);
    close(&mut below, levels);
    writer.raw(&below.bytes);
}
