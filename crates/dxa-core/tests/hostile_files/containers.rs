//! What is missing or disguised around a data set, and what is no DICOM at all.

use super::writer::{Image, Syntax, file, meta};
use super::{Answer, HostileFile};

pub(super) fn files() -> Vec<HostileFile> {
    let mut files = Vec::new();
    for syntax in [Syntax::ExplicitLittle, Syntax::ImplicitLittle, Syntax::ExplicitBig] {
        files.extend(incomplete(syntax));
    }
    for (name, magic) in [
        ("mz", &b"MZ\x90\x00"[..]),
        ("elf", b"\x7fELF\x02\x01\x01"),
        ("pdf", b"%PDF-1.7\n"),
        ("html", b"<html><script>"),
        ("script", b"#!/bin/sh\nexit 0\n"),
        ("tiff", b"II*\x00\x08\x00\x00\x00"),
    ] {
        files.push(HostileFile::new(format!("polyglot-{name}"), Answer::Accepted, move || {
            let mut file = Image::small(Syntax::ExplicitLittle).file();
            file[..magic.len()].copy_from_slice(magic);
            file
        }));
        files.push(HostileFile::new(format!("not-dicom-{name}"), Answer::Unreadable, move || {
            [magic, &[b' '; 4_096]].concat()
        }));
    }
    files.extend(stated_otherwise());
    files.extend(no_dicom());
    files
}

/// What old archives hold: each part of the container missing in turn.
fn incomplete(syntax: Syntax) -> Vec<HostileFile> {
    let missing = |what: &str, front: fn(Syntax) -> Vec<u8>| {
        HostileFile::new(format!("no-{what}-{syntax:?}").to_lowercase(), Answer::Accepted, move || {
            [front(syntax), Image::small(syntax).data_set().bytes].concat()
        })
    };
    vec![
        missing("preamble-and-meta", |_| Vec::new()),
        missing("preamble-and-prefix", |syntax| meta(syntax.uid())),
        missing("preamble", |syntax| [b"DICM".to_vec(), meta(syntax.uid())].concat()),
        missing("meta", |_| file(&[], &[])),
        missing("transfer-syntax", |_| file(&meta(""), &[])),
    ]
}

/// The meta header names one little-endian syntax and the data set is in the other.
fn stated_otherwise() -> Vec<HostileFile> {
    let (implicit, explicit) = (Syntax::ImplicitLittle, Syntax::ExplicitLittle);
    [("explicit-called-implicit", implicit, explicit), ("implicit-called-explicit", explicit, implicit)]
        .into_iter()
        .map(|(name, stated, written)| {
            HostileFile::new(name, Answer::Accepted, move || {
                file(&meta(stated.uid()), &Image::small(written).data_set().bytes)
            })
        })
        .collect()
}

fn no_dicom() -> Vec<HostileFile> {
    let unreadable = |name: &str, make: fn() -> Vec<u8>| HostileFile::new(name, Answer::Unreadable, make);
    vec![
        unreadable("empty", Vec::new),
        unreadable("one-byte", || vec![8]),
        unreadable("preamble-only", || vec![0; 128]),
        unreadable("zeros", || vec![0; 1 << 20]),
        unreadable("ones", || vec![0xFF; 1 << 20]),
        unreadable("text", || "The patient was seen. ".repeat(1_000).into_bytes()),
        unreadable("prefix-only", || file(&[], &[])),
        unreadable("meta-only", || file(&meta(Syntax::ExplicitLittle.uid()), &[])),
        unreadable("another-byte-order", || {
            file(&meta(Syntax::ExplicitBig.uid()), &Image::small(Syntax::ExplicitLittle).data_set().bytes)
        }),
    ]
}
