//! The questions of the IOF one-minute test in words.

use dxa_core::context::IofItem;

use super::Language;

/// A question as a form asks it.
#[must_use]
pub fn question(item: IofItem, language: Language) -> &'static str {
    let (english, chinese) = match item {
        IofItem::ParentOsteoporosis => ("Parent with osteoporosis or fracture", "父母有骨质疏松或骨折"),
        IofItem::ParentKyphosis => ("Parent with a stoop", "父母驼背"),
        IofItem::AgeOver40 => ("Older than 40", "年龄超过40岁"),
        IofItem::AdultFracture => ("Low-trauma fracture as an adult", "成年后轻微外力骨折"),
        IofItem::Falls => ("More than one fall a year", "每年跌倒一次以上"),
        IofItem::HeightLoss => ("Lost more than 3 cm after 40", "40岁后身高变矮超过3 cm"),
        IofItem::LowBmi => ("BMI under 19", "体质指数低于19"),
        IofItem::Glucocorticoid => ("Glucocorticoids for over 3 months", "糖皮质激素使用超过3个月"),
        IofItem::RheumatoidArthritis => ("Rheumatoid arthritis", "类风湿关节炎"),
        IofItem::HormoneOrGutDisease => (
            "Thyroid or parathyroid disease, diabetes type 1, gut disease",
            "甲状腺或甲状旁腺疾病、1型糖尿病、胃肠疾病",
        ),
        IofItem::EarlyMenopause => ("Menopause by 45", "45岁或之前绝经"),
        IofItem::Amenorrhoea => ("No periods for over 12 months", "闭经超过12个月"),
        IofItem::OvariesRemoved => {
            ("Ovaries removed before 50, without hormones", "50岁前切除卵巢且未用激素")
        }
        IofItem::LowAndrogen => ("Low androgen", "雄激素过低"),
        IofItem::Alcohol => ("More than 2 units of alcohol a day", "每日饮酒超过2个单位"),
        IofItem::Smoking => ("Smoking", "吸烟"),
        IofItem::LittleExercise => ("Less than 30 minutes of exercise a day", "每日运动少于30分钟"),
        IofItem::NoDairyNoCalcium => ("No dairy and no calcium", "不吃乳制品且未补钙"),
        IofItem::LittleSunNoVitaminD => {
            ("Less than 10 minutes outdoors a day and no vitamin D", "每日户外少于10分钟且未补维生素D")
        }
    };
    language.of(english, chinese)
}
