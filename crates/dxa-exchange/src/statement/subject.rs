//! What a group of statements is about, and the key by which it is recognized in every document.

/// Something in a study.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct About {
    /// Index of the scan.
    pub scan: Option<usize>,
    /// What.
    pub subject: Subject,
    /// Which of several rows about the same thing.
    pub nth: usize,
}

/// What something in a study is.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Subject {
    /// A region: site, side, where its numbers come from.
    Region {
        /// Site code.
        site: String,
        /// `L`, `R` or `B`.
        side: Option<String>,
        /// Provenance code.
        provenance: String,
    },
    /// Body composition of a part of the body.
    Composition(String),
    /// A vertebra of a lateral scan, by level.
    Vertebra(String),
    /// The spine as a whole.
    Spine,
    /// An angle of the spine, by the levels between which it is measured.
    Angle(String),
    /// The change of a region since an earlier study.
    Change {
        /// Site code.
        site: String,
        /// `L`, `R` or `B`.
        side: Option<String>,
    },
    /// The change of a vertebra since an earlier study, by level.
    LevelChange(String),
    /// The geometry of a hip.
    Hip,
    /// Who was measured.
    Person,
    /// Something that a device says beside its densities.
    DeviceItem,
    /// A check of how a scan was taken.
    Quality(String),
    /// What the scores amount to.
    Assessment,
    /// A rule.
    Rule(String),
    /// A doubt.
    Finding(String),
    /// A refusal.
    Refusal(String),
}

impl About {
    /// The key: `s0:region:femoral_neck:L:computed`, `s1:vertebra:T12`, `assessment`; repeated ones end in `#1`.
    #[must_use]
    pub fn key(&self) -> String {
        let scan = self.scan.map(|scan| format!("s{scan}:")).unwrap_or_default();
        let nth = if self.nth > 0 { format!("#{}", self.nth) } else { String::new() };
        format!("{scan}{}{nth}", self.subject.key())
    }

    /// Reads a key.
    #[must_use]
    pub fn parse(key: &str) -> Option<Self> {
        let (key, nth) = match key.rsplit_once('#') {
            Some((key, nth)) => (key, nth.parse().ok()?),
            None => (key, 0),
        };
        let (scan, rest) = match key.strip_prefix('s').and_then(|rest| rest.split_once(':')) {
            Some((scan, rest)) if scan.bytes().all(|byte| byte.is_ascii_digit()) => {
                (Some(scan.parse().ok()?), rest)
            }
            _ => (None, key),
        };
        Some(Self { scan, subject: Subject::parse(rest)?, nth })
    }
}

impl Subject {
    fn key(&self) -> String {
        let side = |side: &Option<String>| side.clone().unwrap_or_default();
        match self {
            Self::Region { site, side: of, provenance } => format!("region:{site}:{}:{provenance}", side(of)),
            Self::Composition(part) => format!("composition:{part}"),
            Self::Vertebra(level) => format!("vertebra:{level}"),
            Self::Spine => "spine".to_owned(),
            Self::Angle(levels) => format!("angle:{levels}"),
            Self::Change { site, side: of } => format!("change:{site}:{}", side(of)),
            Self::LevelChange(level) => format!("level_change:{level}"),
            Self::Hip => "hip".to_owned(),
            Self::Person => "person".to_owned(),
            Self::DeviceItem => "device_item".to_owned(),
            Self::Quality(id) => format!("quality:{id}"),
            Self::Assessment => "assessment".to_owned(),
            Self::Rule(id) => format!("rule:{id}"),
            Self::Finding(code) => format!("finding:{code}"),
            Self::Refusal(code) => format!("refusal:{code}"),
        }
    }

    fn parse(key: &str) -> Option<Self> {
        let (name, rest) = key.split_once(':').unwrap_or((key, ""));
        let own = rest.to_owned();
        let side = |text: &str| (!text.is_empty()).then(|| text.to_owned());
        Some(match name {
            "region" => {
                let mut parts = rest.splitn(3, ':');
                let (site, of, provenance) = (parts.next()?, parts.next()?, parts.next()?);
                Self::Region { site: site.to_owned(), side: side(of), provenance: provenance.to_owned() }
            }
            "composition" => Self::Composition(own),
            "vertebra" => Self::Vertebra(own),
            "spine" => Self::Spine,
            "angle" => Self::Angle(own),
            "change" => {
                let (site, of) = rest.split_once(':')?;
                Self::Change { site: site.to_owned(), side: side(of) }
            }
            "level_change" => Self::LevelChange(own),
            "hip" => Self::Hip,
            "person" => Self::Person,
            "device_item" => Self::DeviceItem,
            "quality" => Self::Quality(own),
            "assessment" => Self::Assessment,
            "rule" => Self::Rule(own),
            "finding" => Self::Finding(own),
            "refusal" => Self::Refusal(own),
            _ => return None,
        })
    }

    /// Site code and side, where it is about a region.
    #[must_use]
    pub fn region(&self) -> Option<(&str, Option<&str>)> {
        match self {
            Self::Region { site, side, .. } | Self::Change { site, side } => Some((site, side.as_deref())),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_read_back() {
        for key in [
            "s0:region:L1-L2,L4::device_reported",
            "s12:region:femoral_neck:L:computed#1",
            "s3:composition:left_arm",
            "s1:vertebra:T12",
            "s1:spine",
            "s1:angle:t4_t12",
            "s0:change:total_hip:R",
            "s1:level_change:T12",
            "s0:hip",
            "person",
            "s0:device_item#3",
            "s0:quality:spine-tilt",
            "assessment",
            "rule:cn-2022/vfa-65",
            "s0:finding:device_score_differs#2",
            "refusal:no_reference",
        ] {
            assert_eq!(About::parse(key).unwrap().key(), key);
        }
        assert_eq!(About::parse("s0:other"), None);
    }
}
