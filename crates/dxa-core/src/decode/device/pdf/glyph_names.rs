//! Names of glyphs as characters, and widths of the standard sans-serif font.

/// Advance widths of the printable ASCII characters in the standard Helvetica, in thousandths.
#[rustfmt::skip]
pub(super) const HELVETICA_WIDTHS: [u16; 95] = [
    278, 278, 355, 556, 556, 889, 667, 191, 333, 333, 389, 584, 278, 333, 278, 278,
    556, 556, 556, 556, 556, 556, 556, 556, 556, 556, 278, 278, 584, 584, 584, 556,
    1015, 667, 667, 722, 722, 667, 611, 778, 722, 278, 500, 667, 556, 833, 722, 778,
    667, 778, 722, 667, 611, 722, 667, 944, 667, 667, 611, 278, 278, 278, 469, 556,
    333, 556, 556, 500, 556, 556, 278, 556, 556, 222, 222, 500, 222, 833, 556, 556,
    556, 556, 333, 500, 278, 556, 500, 722, 500, 500, 500, 334, 260, 334, 584,
];

/// Names that are more than one letter.
#[rustfmt::skip]
const NAMES: &[(&str, char)] = &[
    ("space", ' '), ("exclam", '!'), ("quotedbl", '"'), ("numbersign", '#'), ("dollar", '$'),
    ("percent", '%'), ("ampersand", '&'), ("quotesingle", '\''), ("parenleft", '('), ("parenright", ')'),
    ("asterisk", '*'), ("plus", '+'), ("comma", ','), ("hyphen", '-'), ("period", '.'),
    ("slash", '/'), ("zero", '0'), ("one", '1'), ("two", '2'), ("three", '3'),
    ("four", '4'), ("five", '5'), ("six", '6'), ("seven", '7'), ("eight", '8'),
    ("nine", '9'), ("colon", ':'), ("semicolon", ';'), ("less", '<'), ("equal", '='),
    ("greater", '>'), ("question", '?'), ("at", '@'), ("bracketleft", '['), ("backslash", '\\'),
    ("bracketright", ']'), ("underscore", '_'), ("minus", '−'), ("endash", '–'), ("emdash", '—'),
    ("quoteright", '’'), ("quoteleft", '‘'), ("onesuperior", '¹'), ("twosuperior", '²'), ("threesuperior", '³'),
    ("degree", '°'), ("plusminus", '±'), ("periodcentered", '·'), ("bullet", '•'), ("nbspace", '\u{a0}'),
    ("adieresis", 'ä'), ("odieresis", 'ö'), ("udieresis", 'ü'), ("germandbls", 'ß'), ("Adieresis", 'Ä'),
    ("Odieresis", 'Ö'), ("Udieresis", 'Ü'), ("eacute", 'é'), ("egrave", 'è'), ("mu", 'µ'),
];

/// The text of a glyph name; `None` for names that only their font understands.
pub(super) fn text(name: &str) -> Option<String> {
    let stem = name.split('.').next().filter(|stem| !stem.is_empty())?;
    if let Some((_, c)) = NAMES.iter().find(|(known, _)| *known == stem) {
        return Some(c.to_string());
    }
    let hex = |digits: &str| u32::from_str_radix(digits, 16).ok().and_then(char::from_u32).map(String::from);
    if let Some(digits) = stem.strip_prefix("uni").filter(|digits| digits.len() == 4) {
        return hex(digits);
    }
    if let Some(digits) = stem.strip_prefix('u').filter(|digits| (4..=6).contains(&digits.len())) {
        return hex(digits);
    }
    (stem.chars().count() == 1).then(|| stem.to_owned())
}
