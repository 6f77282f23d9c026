//! Media types as clients write them: `Accept` and `Content-Type`.

use axum::http::{HeaderMap, header};

/// A media type with its parameters.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Media {
    /// `type/subtype`, lower case.
    pub(super) essence: String,
    parameters: Vec<(String, String)>,
}

impl Media {
    /// Reads one media type; nothing when it has no slash.
    pub(super) fn read(text: &str) -> Option<Self> {
        let mut pieces = split(text, ';').into_iter();
        let essence = pieces.next()?.trim().to_ascii_lowercase();
        let (kind, subtype) = essence.split_once('/')?;
        if kind.is_empty() || subtype.is_empty() {
            return None;
        }
        let parameters = pieces.filter_map(|piece| {
            let (key, value) = piece.split_once('=')?;
            Some((key.trim().to_ascii_lowercase(), value.trim().trim_matches('"').to_owned()))
        });
        Some(Self { parameters: parameters.collect(), essence })
    }

    /// The media type of a request's body.
    pub(super) fn of_body(headers: &HeaderMap) -> Option<Self> {
        Self::read(headers.get(header::CONTENT_TYPE)?.to_str().ok()?)
    }

    /// A parameter.
    pub(super) fn parameter(&self, name: &str) -> Option<&str> {
        self.parameters.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    fn weight(&self) -> f64 {
        self.parameter("q").and_then(|q| q.parse().ok()).unwrap_or(1.0)
    }

    /// Whether this range covers a media type.
    pub(super) fn covers(&self, essence: &str) -> bool {
        if self.essence == "*/*" || self.essence == essence {
            return true;
        }
        let range = self.essence.strip_suffix("/*");
        range.is_some_and(|kind| essence.split('/').next() == Some(kind))
    }
}

/// The boundary of a multipart of DICOM objects, from its media type.
pub(crate) fn boundary(content_type: &str) -> Option<String> {
    let media = Media::read(content_type)?;
    (media.essence == "multipart/related").then(|| media.parameter("boundary").map(str::to_owned))?
}

/// What the client accepts, best first; everything when it does not say. `?accept=` of PS3.18 comes before the header.
pub(super) fn accepted(headers: &HeaderMap, query: Option<&str>) -> Vec<Media> {
    let of_header = || {
        let values = headers.get_all(header::ACCEPT).into_iter().filter_map(|value| value.to_str().ok());
        values.collect::<Vec<_>>().join(",")
    };
    let text = query.map_or_else(of_header, str::to_owned);
    let text = if text.trim().is_empty() { "*/*".to_owned() } else { text };
    let mut media: Vec<Media> = split(&text, ',').into_iter().filter_map(Media::read).collect();
    media.retain(|media| media.weight() > 0.0);
    media.sort_by(|a, b| b.weight().total_cmp(&a.weight()));
    media
}

/// Whether one of the media types is accepted.
pub(super) fn accepts(accepted: &[Media], offered: &[&str]) -> bool {
    accepted.iter().any(|media| offered.iter().any(|offered| media.covers(offered)))
}

/// Splits outside of quotation marks.
fn split(text: &str, separator: char) -> Vec<&str> {
    let mut quoted = false;
    text.split(move |letter| {
        quoted ^= letter == '"';
        letter == separator && !quoted
    })
    .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_may_be_quoted() {
        let media = Media::read(r#"Multipart/Related; type="application/dicom"; boundary="a;b,c""#).unwrap();
        assert_eq!(media.essence, "multipart/related");
        assert_eq!(media.parameter("type"), Some("application/dicom"));
        assert_eq!(media.parameter("boundary"), Some("a;b,c"));
        assert_eq!(Media::read("nonsense"), None);
    }

    #[test]
    fn the_heaviest_comes_first_and_zero_is_never() {
        let mut headers = HeaderMap::new();
        headers.insert(header::ACCEPT, "image/*;q=0.5, image/png, text/html;q=0".parse().unwrap());
        let accepted = accepted(&headers, None);
        assert_eq!(accepted[0].essence, "image/png");
        assert!(accepts(&accepted, &["image/jpeg"]));
        assert!(!accepts(&accepted, &["text/html"]));
    }
}
