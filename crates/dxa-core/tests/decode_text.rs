//! Text in every character set that DICOM defines, with its spellings, switches, contradictions and damage.
//!
//! The bytes were written by the codecs of Python, those with three groups are the examples of PS3.5.

use dxa_core::decode::text::CharacterSet;
use proptest::prelude::*;

/// Term of (0008,0005), bytes, text.
#[rustfmt::skip]
const DEFINED: &[(&str, &[u8], &str)] = &[
    ("ISO_IR 100", b"Buc^J\xe9r\xf4me", "Buc^Jérôme"),
    ("ISO_IR 101", b"Wa\xb3\xeasa^\xaeofie", "Wałęsa^Žofie"),
    ("ISO_IR 109", b"\xdeo\xb6o^\xd8o\xbco", "Ŝoĥo^Ĝoĵo"),
    ("ISO_IR 110", b"B\xbarzi\xf1\xb9^\xc0ris", "Bērziņš^Āris"),
    ("ISO_IR 144", b"\xbb\xee\xdace\xdc\xd1yp\xd3", "Люкceмбypг"),
    ("ISO_IR 127", b"\xe2\xc8\xc7\xe6\xea^\xe4\xe6\xd2\xc7\xd1", "قباني^لنزار"),
    ("ISO_IR 126", b"\xc4\xe9\xef\xed\xf5\xf3\xe9\xef\xf2", "Διονυσιος"),
    ("ISO_IR 138", b"\xf9\xf8\xe5\xef^\xe3\xe1\xe5\xf8\xe4", "שרון^דבורה"),
    ("ISO_IR 148", b"\xc7avu\xfeo\xf0lu^\xddlker", "Çavuşoğlu^İlker"),
    ("ISO_IR 203", b"\xa6\xbdur^\xb4o\xeb", "Šœur^Žoë"),
    ("ISO_IR 166", b"\xb9\xd2\xc1\xca\xa1\xd8\xc5^\xaa\xd7\xe8\xcd", "นามสกุล^ชื่อ"),
    ("ISO_IR 13", b"\xd4\xcf\xc0\xde^\xc0\xdb\xb3", "ﾔﾏﾀﾞ^ﾀﾛｳ"),
    ("ISO_IR 192", b"Wang^XiaoDong=\xe7\x8e\x8b^\xe5\xb0\x8f\xe6\x9d\xb1", "Wang^XiaoDong=王^小東"),
    ("GB18030", b"Wang^XiaoDong=\xcd\xf5^\xd0\xa1\xb6\xab", "Wang^XiaoDong=王^小东"),
    ("GB18030", b"\xfe\x9f^\x819\xee9", "䶮^㐀"),
    ("GBK", b"\xd6\xec^\xe9F\xbb\xf9", "朱^镕基"),
    ("GB2312", b"\xd5\xc5^\xc8\xfd", "张^三"),
    ("\\ISO 2022 IR 100", b"X^\x1b-AJ\xe9r\xf4me^Y", "X^Jérôme^Y"),
    ("\\ISO 2022 IR 101", b"X^\x1b-BWa\xb3\xeasa^Y", "X^Wałęsa^Y"),
    ("\\ISO 2022 IR 109", b"X^\x1b-C\xdeo\xb6o^Y", "X^Ŝoĥo^Y"),
    ("\\ISO 2022 IR 110", b"X^\x1b-D\xc0ris^Y", "X^Āris^Y"),
    ("\\ISO 2022 IR 144", b"X^\x1b-L\xb8\xd2\xd0\xdd^Y", "X^Иван^Y"),
    ("\\ISO 2022 IR 127", b"X^\x1b-G\xe2\xc8\xc7\xe6\xea^Y", "X^قباني^Y"),
    ("\\ISO 2022 IR 126", b"X^\x1b-F\xc4\xe9\xef\xed\xf5\xf3\xe9\xef\xf2^Y", "X^Διονυσιος^Y"),
    ("\\ISO 2022 IR 138", b"X^\x1b-H\xf9\xf8\xe5\xef^Y", "X^שרון^Y"),
    ("\\ISO 2022 IR 148", b"X^\x1b-M\xc7avu\xfeo\xf0lu^Y", "X^Çavuşoğlu^Y"),
    ("\\ISO 2022 IR 203", b"X^\x1b-b\xb4o\xeb^Y", "X^Žoë^Y"),
    ("\\ISO 2022 IR 166", b"X^\x1b-T\xb9\xd2\xc1\xca\xa1\xd8\xc5^Y", "X^นามสกุล^Y"),
    ("\\ISO 2022 IR 87", b"Yamada^Tarou=\x1b$B;3ED\x1b(B^\x1b$BB@O:\x1b(B=\x1b$B$d$^$@\x1b(B^\x1b$B$?$m$&\x1b(B", "Yamada^Tarou=山田^太郎=やまだ^たろう"),
    ("ISO 2022 IR 13\\ISO 2022 IR 87", b"\xd4\xcf\xc0\xde^\xc0\xdb\xb3=\x1b$B;3ED\x1b(J^\x1b$BB@O:\x1b(J=\x1b$B$d$^$@\x1b(J^\x1b$B$?$m$&\x1b(J", "ﾔﾏﾀﾞ^ﾀﾛｳ=山田^太郎=やまだ^たろう"),
    ("\\ISO 2022 IR 149", b"Hong^Gildong=\x1b$)C\xfb\xf3^\x1b$)C\xd1\xce\xd4\xd7=\x1b$)C\xc8\xab^\x1b$)C\xb1\xe6\xb5\xbf", "Hong^Gildong=洪^吉洞=홍^길동"),
    ("\\ISO 2022 IR 58", b"Zhang^XiaoDong=\x1b$)A\xd5\xc5^\x1b$)A\xd0\xa1\xb6\xab=", "Zhang^XiaoDong=张^小东="),
    ("ISO 2022 IR 58", b"\x1b$)A\xd5\xc5^\x1b$)A\xd0\xa1\xb6\xab", "张^小东"),
    ("ISO 2022 IR 6\\ISO 2022 IR 159", b"A^\x1b$(Dl?0!\x1b(B^B", "A^鷗丂^B"),
    ("\\ISO 2022 IR 87\\ISO 2022 IR 159", b"\x1b$B>f\x1b$(Dl?\x1b(BX", "丈鷗X"),
    ("\\ISO 2022 IR 13", b"A\x1b)I\xd4\xcf\xc0\xde^B", "Aﾔﾏﾀﾞ^B"),
    ("ISO 2022 IR 100\\ISO 2022 IR 144\\ISO 2022 IR 87", b"\xe9\x1b-L\xb8\xd2\xd0\xdd\x1b$B;3ED\x1b(B\xcf^\xfc", "éИван山田Я^ü"),
    ("ISO 2022 IR 100\\ISO 2022 IR 126", b"\x1b-F\xc4\xe9\xef^J\xe9r\xf4me", "Διο^Jérôme"),
    ("ISO 2022 IR 100\\ISO 2022 IR 126", b"\x1b-F\xc4\x0d\x0a\xe9", "Δ\r\né"),
    ("\\ISO 2022 IR 87", b"\x1b$BMLC>\x1b(B^X", "楊綻^X"),
];

#[test]
fn every_defined_term_is_decoded() {
    for (term, bytes, expected) in DEFINED {
        let set = CharacterSet::parse(term.as_bytes());
        let read = set.decode(bytes);
        assert_eq!(read.value, *expected, "{term}");
        assert!(!set.has_unknown_term() && !read.damaged && read.repaired_from.is_none(), "{term}: {read:?}");
    }
}

#[test]
fn terms_are_known_in_the_spellings_of_real_files() {
    let same: [(&[&str], &[u8], &str); 6] = [
        (
            &[
                "ISO_IR 100",
                "ISO IR 100",
                "ISO-IR 100",
                "ISO_IR_100",
                "ISO_IR100",
                "iso_ir 100 ",
                "ISO 8859-1",
            ],
            b"\xe9a",
            "éa",
        ),
        (&["ISO_IR 192", "ISO IR 192", "UTF-8", "utf8", "UTF 8"], "é王".as_bytes(), "é王"),
        (&["GB18030", "GB 18030", "gb18030"], b"\xcd\xf5", "王"),
        (&["GB2312", "GB_2312", "GBK", "gbk"], b"\xcd\xf5", "王"),
        (
            &["ISO 2022 IR 58", "ISO_2022_IR_58", "ISO2022 IR 58", "\\ISO 2022 IR 58"],
            b"\x1b$)A\xcd\xf5",
            "王",
        ),
        (&["ISO_IR 144", "ISO 8859-5", "ISO-8859-5"], b"\xd0", "а"),
    ];
    for (terms, bytes, expected) in same {
        for term in terms {
            let read = CharacterSet::parse(term.as_bytes()).decode(bytes);
            assert_eq!(read.value, expected, "{term}");
            assert!(read.repaired_from.is_none() && !read.damaged, "{term}");
        }
    }
}

#[test]
fn an_unknown_term_is_told_and_loses_nothing() {
    let set = CharacterSet::parse(b"KOI8-R");
    assert!(set.has_unknown_term());
    assert_eq!(set.decode(b"plain").value, "plain");
    assert!(set.decode(b"\xe9x").damaged);
    assert!(CharacterSet::parse(b"ISO_IR 100\\NONSENSE").has_unknown_term());
    assert!(!CharacterSet::parse(b"").has_unknown_term());
}

/// Escape sequences where none was announced, and sets used without switching to them.
#[test]
fn code_extension_used_wrongly_is_read_and_told() {
    let cases: [(&str, &[u8], &str); 7] = [
        ("", b"\x1b$)A\xd5\xc5", "张"),
        ("ISO_IR 100", b"\x1b$)A\xd5\xc5", "张"),
        ("\\ISO 2022 IR 58", b"Zhang=\xd5\xc5^\xd0\xa1\xb6\xab", "Zhang=张^小东"),
        ("\\ISO 2022 IR 58", b"\x1b$)A\xd5\xc5^\xd0\xa1\xb6\xab", "张^小东"),
        ("\\ISO 2022 IR 149", b"\xc8\xab^\xb1\xe6\xb5\xbf", "홍^길동"),
        ("\\ISO 2022 IR 144", b"\xb8\xd2\xd0\xdd", "Иван"),
        ("\\GB18030", b"\xd5\xc5", "张"),
    ];
    for (term, bytes, expected) in cases {
        let read = CharacterSet::parse(term.as_bytes()).decode(bytes);
        assert_eq!(read.value, expected, "{term}");
        assert_eq!(read.repaired_from.as_deref(), Some(bytes), "{term}");
    }
}

/// Hangul are pairs of bytes that would be hanzi in GBK; where Korean is announced they are not repaired.
#[test]
fn korean_is_not_taken_for_chinese() {
    let read = CharacterSet::parse(b"ISO_IR 100\\ISO 2022 IR 149").decode(b"\xc8\xab^\xb1\xe6\xb5\xbf");
    assert!(read.repaired_from.is_none());
}

#[test]
fn backslash_and_caret_inside_a_character_of_gbk_are_no_delimiters() {
    for term in ["GBK", "GB18030"] {
        let read = CharacterSet::parse(term.as_bytes()).decode(b"\xcd\xf5^\x81\x5c\x8e\x5e");
        assert_eq!((read.value.as_str(), read.damaged), ("王^乗巀", false), "{term}");
    }
    let read = CharacterSet::parse(b"ISO_IR 100").decode(b"\xcd\xf5^\xd0\xa1\x81\x5c");
    assert_eq!(read.value, "王^小乗");
}

#[test]
fn utf8_and_gbk_under_each_others_label_are_told_apart() {
    let read = CharacterSet::parse(b"ISO_IR 192").decode(b"\xcd\xf5^\xd0\xa1\xb6\xab");
    assert_eq!(read.value, "王^小东");
    assert!(read.repaired_from.is_some() && !read.damaged);
    let latin = CharacterSet::parse(b"ISO_IR 192").decode(b"M\xfcller");
    assert!(latin.damaged && latin.repaired_from.is_none());
}

#[test]
fn letters_of_windows_under_a_latin_label_are_read() {
    let read = CharacterSet::parse(b"ISO_IR 100").decode(b"\x8eupani\xe8^O\x92Brien");
    assert_eq!(read.value, "Županiè^O’Brien");
    assert!(read.repaired_from.is_some() && !read.damaged);
    assert!(CharacterSet::parse(b"ISO_IR 100").decode(b"x\x81y").damaged);
}

#[test]
fn damage_is_told_and_keeps_what_can_be_read() {
    let cases: [(&str, &[u8], &str); 9] = [
        ("ISO_IR 192", b"\xe7\x8e\x8b\xe5\xb0", "王"),
        ("ISO_IR 192", b"\xc0\xafX", "X"),
        ("ISO_IR 192", b"\xed\xa0\x80X", "X"),
        ("ISO_IR 100", b"\xe7\x8e\x8b\xe5\xb0\x8f\xe4\xb8", "王小"),
        ("GB18030", b"\xcd\xf5\xd0", "王"),
        ("\\ISO 2022 IR 87", b"\x1b$B;3E", "山"),
        ("\\ISO 2022 IR 58", b"\x1b$)A\xd5\xc5\x1b", "张"),
        ("\\ISO 2022 IR 58", b"\x1b%GX", "X"),
        ("ISO_IR 100", b"A\0B", "AB"),
    ];
    for (term, bytes, part) in cases {
        let read = CharacterSet::parse(term.as_bytes()).decode(bytes);
        assert!(read.damaged, "{term}: {read:?}");
        assert!(read.value.contains(part), "{term}: {:?} has no {part}", read.value);
        assert!(!read.value.contains('\0'), "{term}");
    }
}

/// A value of nothing but escape sequences ends.
#[test]
fn escape_sequences_without_end_are_passed_over() {
    for sequence in [&b"\x1b"[..], b"\x1b$B", b"\x1b$)A", b"\x1b-", b"\x1b$", b"\x1b$("] {
        let read = CharacterSet::parse(b"\\ISO 2022 IR 87\\ISO 2022 IR 58").decode(&sequence.repeat(20_000));
        assert!(!read.value.contains('\u{1b}'));
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    /// Whatever is declared and whatever comes: no panic, and a repaired text keeps its bytes.
    #[test]
    fn any_bytes_under_any_label_are_read(
        term in 0..DEFINED.len(),
        bytes in proptest::collection::vec(prop_oneof![any::<u8>(), Just(0x1b), Just(b'$'), Just(b'^')], 0..64),
        other in proptest::collection::vec(any::<u8>(), 0..24),
    ) {
        for label in [DEFINED[term].0.as_bytes(), &other] {
            let read = CharacterSet::parse(label).decode(&bytes);
            if let Some(raw) = read.repaired_from {
                prop_assert_eq!(raw, bytes.clone());
            }
        }
    }

    /// ASCII is the same in every set.
    #[test]
    fn ascii_is_never_changed(term in 0..DEFINED.len(), text in "[ -\\[\\]-}]{0,40}") {
        let read = CharacterSet::parse(DEFINED[term].0.as_bytes()).decode(text.as_bytes());
        prop_assert_eq!(read.value, text);
        prop_assert!(read.repaired_from.is_none() && !read.damaged);
    }
}
