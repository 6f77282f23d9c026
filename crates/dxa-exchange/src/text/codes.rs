//! Sites and refusals in words.

use dxa_core::findings::{Refusal, RefusalCode};
use dxa_core::site::{ForearmBone, ForearmPart, Site};

use crate::Refused;

use super::Language;

/// A site as a reader calls it.
#[must_use]
pub fn site(site: Site, language: Language) -> String {
    let (english, chinese) = match site {
        Site::Lumbar(set) => return set.to_string(),
        Site::FemoralNeck => ("femoral neck", "股骨颈"),
        Site::TotalHip => ("total hip", "全髋"),
        Site::Trochanter => ("trochanter", "大转子"),
        Site::Intertrochanter => ("intertrochanter", "转子间"),
        Site::Wards => ("Ward's triangle", "Ward三角区"),
        Site::Forearm(ForearmBone::Radius, part) => return forearm("radius", "桡骨", part, language),
        Site::Forearm(ForearmBone::RadiusUlna, part) => {
            return forearm("radius + ulna", "桡尺骨", part, language);
        }
        Site::TotalBody => ("whole body", "全身"),
        Site::TotalBodyLessHead => ("whole body less head", "全身（除头）"),
    };
    language.of(english, chinese).to_owned()
}

fn forearm(english: &str, chinese: &str, part: ForearmPart, language: Language) -> String {
    let (part_english, part_chinese) = match part {
        ForearmPart::OneThird => ("33 %", "33%"),
        ForearmPart::Mid => ("mid", "中段"),
        ForearmPart::Ultradistal => ("ultradistal", "超远端"),
        ForearmPart::Total => ("total", "总计"),
    };
    format!("{} {}", language.of(english, chinese), language.of(part_english, part_chinese))
}

/// A refusal as a sentence; the English one is the refusal's own.
#[must_use]
pub fn refusal(refusal: &Refusal, language: Language) -> &str {
    language.of(&refusal.message, refusal_in_chinese(refusal.code))
}

/// The Chinese sentence of a refusal.
pub(super) fn refusal_in_chinese(code: RefusalCode) -> &'static str {
    match code {
        RefusalCode::NotCalibrated => "显示用像素不能计算骨密度。",
        RefusalCode::UnsupportedModality => "该检查方式不是骨密度测量，不作分析。",
        RefusalCode::UnsupportedDevice => "厂商与描述均未表明这是骨密度设备，普通X线片不含骨密度。",
        RefusalCode::Ultrasound => "超声设备的结果不适用骨密度T值，不作评分。",
        RefusalCode::NoPixelData => "该图像对象没有像素数据。",
        RefusalCode::ImageTooSmall => "图像过小，无法显示所需解剖结构。",
        RefusalCode::NoSpacing => "无法确定像素大小，不给出长度、面积和骨密度，只给出比值。",
        RefusalCode::PairIncomplete => "双能扫描需要一幅低能和一幅高能图像，现缺少其一或几何不一致。",
        RefusalCode::NotEvaluable => "该内容无法评估。",
        RefusalCode::NoReference => "当前规则没有适用的参考人群，不给出分值。",
        RefusalCode::OutOfReferenceRange => "年龄超出参考人群范围，不给出分值。",
        RefusalCode::UnsupportedTransferSyntax => "无法解码该传输语法的像素。",
        RefusalCode::NeedsConfirmation => "报告内容只有图像，数值须经人工确认。",
    }
}

/// Why a file made no study, as a sentence; the English one is the error's own.
#[must_use]
pub fn error(error: &Refused, language: Language) -> &str {
    let chinese = match error.code {
        "limits_exceeded" => "该文件超出安全限制，未予读取。",
        "patient_mismatch" => "同一检查UID对应两个患者编号，均不作分析。",
        "duplicate_instance" => "另一文件以不同内容使用了相同的实例UID，本文件未采用。",
        _ => "该文件不是完整的DICOM文件，无法读取。",
    };
    language.of(&error.message, chinese)
}
