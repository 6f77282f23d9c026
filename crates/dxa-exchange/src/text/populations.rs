//! Populations of reference tables: their names stay as published, with what they mean in Chinese.

use super::Language;

/// Every population of a bundled table, as its sidecar names it.
const POPULATIONS: [(&str, &str); 26] = [
    ("Austrian (LEAD cohort)", "奥地利人（LEAD队列）"),
    ("Chinese (91 studies pooled)", "中国人（91项研究汇总）"),
    ("Chinese (Changsha)", "中国人（长沙）"),
    ("Chinese (mainland)", "中国人（大陆）"),
    ("Chinese (six centers)", "中国人（六中心）"),
    ("Hong Kong Chinese", "香港华人"),
    ("Japanese (JPOS)", "日本人（JPOS）"),
    ("Japanese", "日本人"),
    ("Korean (KNHANES 2008-2010)", "韩国人（KNHANES 2008-2010）"),
    ("Korean (hospitals, 2003-2004)", "韩国人（医院，2003-2004）"),
    ("Korean", "韩国人"),
    ("Singaporean", "新加坡人"),
    ("Sri Lankan (left hips)", "斯里兰卡人（左髋）"),
    ("Sri Lankan (right hips)", "斯里兰卡人（右髋）"),
    ("Sri Lankan", "斯里兰卡人"),
    ("Taiwanese (Taipei)", "台湾人（台北）"),
    ("US Chinese", "美国华人"),
    ("US Mexican American", "美国墨西哥裔"),
    ("US non-Hispanic Asian", "美国非西班牙裔亚裔"),
    ("US non-Hispanic Black", "美国非西班牙裔黑人"),
    ("US non-Hispanic White", "美国非西班牙裔白人"),
    ("US, 40 years and older", "美国40岁及以上人群"),
    ("US, all groups", "美国全体人群"),
    ("USA (Combined NHANES/Lunar)", "美国人（NHANES/Lunar合并）"),
    ("Vietnamese (Hanoi)", "越南人（河内）"),
    ("Vietnamese (Ho Chi Minh City)", "越南人（胡志明市）"),
];

/// Behind the population: whose rows they are, then the ages of young adults.
const ROWS: [(&str, &str); 2] = [(" women", "女性"), (" men", "男性")];

/// A population as a score names it, such as `US non-Hispanic White women 20-29`. One that is not known here, such as
/// that of a device, stays as it is.
pub(super) fn said(name: &str, language: Language) -> String {
    match language {
        Language::English => name.to_owned(),
        Language::Chinese => chinese(name).unwrap_or_else(|| name.to_owned()),
    }
}

fn chinese(name: &str) -> Option<String> {
    let (_, published, meaning) = POPULATIONS
        .iter()
        .filter_map(|(published, meaning)| Some((name.strip_prefix(published)?, *published, *meaning)))
        .min_by_key(|(rest, _, _)| rest.len())?;
    let rest = &name[published.len()..];
    let (rest, who) = ROWS
        .iter()
        .find_map(|(row, who)| rest.strip_prefix(row).map(|rest| (rest, *who)))
        .unwrap_or((rest, ""));
    let ages = match rest {
        "" => String::new(),
        ", young adults" => "，青年".to_owned(),
        rest => {
            let ages = rest.strip_prefix(' ')?;
            ages.starts_with(|letter: char| letter.is_ascii_digit()).then(|| format!("{ages}岁"))?
        }
    };
    Some(format!("{meaning}{who}{ages}（{published}）"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use dxa_core::reference::Library;

    #[test]
    fn every_bundled_table_is_said_in_chinese() {
        for table in Library::bundled().iter() {
            let population = &table.sidecar.population;
            for name in [format!("{population} women 20-29"), format!("{population} men, young adults")] {
                let said = said(&name, Language::Chinese);
                assert!(said.starts_with(|letter: char| !letter.is_ascii()), "{name}: {said}");
                assert!(said.ends_with(&format!("（{population}）")), "its published name stays: {said}");
            }
        }
    }

    #[test]
    fn rows_and_ages_are_said_and_what_is_not_known_stays() {
        let chinese = |name| said(name, Language::Chinese);
        assert_eq!(
            chinese("US non-Hispanic White women 20-29"),
            "美国非西班牙裔白人女性20-29岁（US non-Hispanic White）"
        );
        assert_eq!(chinese("Sri Lankan (left hips) men"), "斯里兰卡人（左髋）男性（Sri Lankan (left hips)）");
        for name in ["White Female", "Korean something else"] {
            assert_eq!(chinese(name), name);
        }
        assert_eq!(said("Korean women", Language::English), "Korean women");
    }
}
