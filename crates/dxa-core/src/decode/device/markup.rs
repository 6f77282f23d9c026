//! HTML in device texts: tags away, entities decoded, superscripts kept readable.

/// Longest tag, in bytes.
const LONGEST_TAG: usize = 256;

/// Longest entity that is looked for, between `&` and `;`.
const LONGEST_ENTITY: usize = 8;

/// Text without tags, with entities decoded and blanks run together.
pub(super) fn plain_text(html: &str) -> String {
    let decoded = decode_entities(html);
    let mut plain = String::with_capacity(decoded.len());
    let mut rest = decoded.as_str();
    while let Some(open) = rest.find('<') {
        plain.push_str(&rest[..open]);
        let tail = &rest[open..];
        match tag_length(tail) {
            Some(length) => {
                // A line break parts words; sub- and superscripts belong to the word before them.
                if tail[1..].trim_start_matches('/').to_ascii_lowercase().starts_with("br") {
                    plain.push(' ');
                }
                rest = &tail[length..];
            }
            None => {
                plain.push('<');
                rest = &tail[1..];
            }
        }
    }
    plain.push_str(rest);
    plain.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Length of the tag at the start of the text; `None` for a bare less-than sign.
pub(super) fn tag_length(text: &str) -> Option<usize> {
    let inner = text.strip_prefix('<')?;
    let starts = inner.chars().next().is_some_and(|c| c.is_alphabetic() || matches!(c, '/' | '?' | '!'));
    let end = inner.bytes().take(LONGEST_TAG).position(|byte| byte == b'>')?;
    (starts && !inner[..end].contains('<')).then_some(end + 2)
}

/// One pass of entity decoding; what is no entity stays as it is.
pub(super) fn decode_entities(text: &str) -> String {
    let mut decoded = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('&') {
        decoded.push_str(&rest[..at]);
        let tail = &rest[at + 1..];
        let end = tail.bytes().take(LONGEST_ENTITY + 1).position(|b| b == b';');
        match end.and_then(|end| tail.get(..end)).and_then(entity) {
            Some(character) => {
                decoded.push(character);
                rest = &tail[end.unwrap_or(0) + 1..];
            }
            None => {
                decoded.push('&');
                rest = tail;
            }
        }
    }
    decoded.push_str(rest);
    decoded
}

fn entity(name: &str) -> Option<char> {
    if let Some(number) = name.strip_prefix('#') {
        let code = match number.strip_prefix(['x', 'X']) {
            Some(hex) => u32::from_str_radix(hex, 16).ok()?,
            None => number.parse().ok()?,
        };
        return char::from_u32(code);
    }
    Some(match name {
        "lt" => '<',
        "gt" => '>',
        "amp" => '&',
        "quot" => '"',
        "apos" => '\'',
        "nbsp" => '\u{a0}',
        "sup1" => '¹',
        "sup2" => '²',
        "sup3" => '³',
        "minus" => '−',
        "ndash" => '–',
        "mdash" => '—',
        "middot" => '·',
        "Delta" => 'Δ',
        "auml" => 'ä',
        "ouml" => 'ö',
        "uuml" => 'ü',
        "szlig" => 'ß',
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headings_lose_their_tags_and_keep_their_exponent() {
        for (html, wanted) in [
            ("Area[cm<sup><small>2</small></sup>]", "Area[cm2]"),
            ("Area[cm&lt;sup&gt;2&lt;/sup&gt;]", "Area[cm2]"),
            ("BMD (g/cm&#178;)", "BMD (g/cm²)"),
            ("<b>L1</b>", "L1"),
            ("T <br/> score", "T score"),
            ("a < b", "a < b"),
            ("R&D &unknown; &", "R&D &unknown; &"),
            ("&#xB2;&#99999999;", "²&#99999999;"),
            ("<", "<"),
        ] {
            assert_eq!(plain_text(html), wanted, "{html}");
        }
    }
}
