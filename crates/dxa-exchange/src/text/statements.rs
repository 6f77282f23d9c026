//! What statements are about, in words.

use dxa_core::site::Site;

use crate::statement::{About, Quantity, Subject};

use super::Language;

/// What a group is about, in words.
pub(crate) fn about(about: &About, language: Language) -> String {
    let region = about.subject.region().map(|(site, side)| {
        let site = site.parse::<Site>().map_or_else(|_| site.to_owned(), |site| super::site(site, language));
        match (side, language) {
            (Some("L"), Language::English) => format!("{site} left"),
            (Some("R"), Language::English) => format!("{site} right"),
            (Some("B"), Language::English) => format!("{site} mean of both"),
            (Some("L"), Language::Chinese) => format!("左侧{site}"),
            (Some("R"), Language::Chinese) => format!("右侧{site}"),
            (Some("B"), Language::Chinese) => format!("双侧{site}平均"),
            _ => site,
        }
    });
    let word =
        |english: &str, chinese: &str, detail: &str| format!("{} {detail}", language.of(english, chinese));
    match &about.subject {
        Subject::Region { .. } => region.unwrap_or_default(),
        Subject::Change { .. } => word("Change of", "变化：", &region.unwrap_or_default()),
        Subject::Composition(part) => word("Body composition", "体成分", &part.replace('_', " ")),
        Subject::Vertebra(level) => word("Vertebra", "椎体", level),
        Subject::Spine => language.of("Spine", "脊柱").to_owned(),
        Subject::Angle(levels) => {
            word("Angle of the spine", "脊柱角度", &levels.replace('_', "-").to_uppercase())
        }
        Subject::LevelChange(level) => word("Change of vertebra", "椎体变化：", level),
        Subject::Hip => language.of("Geometry of the hip", "髋部几何").to_owned(),
        Subject::Person => language.of("Person", "受检者").to_owned(),
        Subject::DeviceItem => language.of("Item of the device", "设备项目").to_owned(),
        Subject::Quality(check) => word("Quality check", "质量检查", check),
        Subject::Assessment => language.of("Assessment", "评估").to_owned(),
        Subject::Rule(id) => word("Rule", "规则", id),
        Subject::Finding(code) => word("Finding", "提示", &code.replace('_', " ")),
        Subject::Refusal(code) => word("Refusal", "拒绝", &code.replace('_', " ")),
    }
}

/// A quantity in words.
#[must_use]
pub(crate) fn quantity(quantity: Quantity, language: Language) -> &'static str {
    language.of(quantity.english(), quantity.chinese())
}
