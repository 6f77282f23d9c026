//! `report.html`: a result as a page that needs no script.

use askama::Template;
use axum::response::{Html, IntoResponse, Response};
use serde_json::Value;

use super::result;
use crate::http::problem::{Code, Problem};
use crate::store::{ResultRow, ResultState};

#[derive(Template)]
#[template(path = "report.html")]
struct Report {
    language: &'static str,
    words: &'static Words,
    status: &'static str,
    status_word: &'static str,
    version: i64,
    name: String,
    id: String,
    birth: String,
    sex: String,
    date: String,
    accession: String,
    category: String,
    regions: Vec<Row>,
    vertebrae: Vec<Vertebra>,
    refusals: Vec<String>,
    findings: Vec<String>,
    software: String,
}

struct Row {
    site: String,
    area: String,
    bmc: String,
    bmd: String,
    provenance: String,
    t: String,
    t_reference: String,
    z: String,
    z_reference: String,
}

struct Vertebra {
    level: String,
    shape: String,
    grade: String,
}

struct Words {
    title: &'static str,
    version: &'static str,
    statuses: [&'static str; 3],
    name: &'static str,
    id: &'static str,
    birth: &'static str,
    sex: &'static str,
    date: &'static str,
    accession: &'static str,
    category: &'static str,
    site: &'static str,
    origin: &'static str,
    reference: &'static str,
    vertebra: &'static str,
    shape: &'static str,
    grade: &'static str,
    refusals: &'static str,
    findings: &'static str,
}

const ENGLISH: Words = Words {
    title: "Bone densitometry",
    version: "version",
    statuses: ["preliminary, not signed", "final", "amended"],
    name: "Name",
    id: "Patient ID",
    birth: "Born",
    sex: "Sex",
    date: "Study date",
    accession: "Accession number",
    category: "Category",
    site: "Site",
    origin: "Origin",
    reference: "Reference",
    vertebra: "Vertebra",
    shape: "Shape",
    grade: "Grade",
    refusals: "Not given",
    findings: "To be noted",
};

const CHINESE: Words = Words {
    title: "骨密度检查",
    version: "版本",
    statuses: ["初步报告，未签名", "最终报告", "修订报告"],
    name: "姓名",
    id: "患者编号",
    birth: "出生日期",
    sex: "性别",
    date: "检查日期",
    accession: "检查号",
    category: "分类",
    site: "部位",
    origin: "来源",
    reference: "参考人群",
    vertebra: "椎体",
    shape: "形态",
    grade: "分级",
    refusals: "未给出",
    findings: "提示",
};

/// The page of a result.
///
/// # Errors
/// A language other than `en` and `zh-CN`.
pub(super) fn report(row: &ResultRow, language: Option<&str>) -> Result<Response, Problem> {
    let (language, words) = match language {
        None | Some("en") => ("en", &ENGLISH),
        Some("zh-CN") => ("zh-CN", &CHINESE),
        Some(_) => return Err(Problem::new(Code::BadRequest, "the language is en or zh-CN")),
    };
    let study = result::value(row)?;
    let status_word = match row.state {
        ResultState::Preliminary => words.statuses[0],
        ResultState::Final => words.statuses[1],
        ResultState::Amended => words.statuses[2],
    };
    let at = |pointer: &str| text(study.pointer(pointer).unwrap_or(&Value::Null));
    let list = |key: &str| study[key].as_array().cloned().unwrap_or_default();
    let page = Report {
        language,
        words,
        status: row.state.code(),
        status_word,
        version: row.version,
        name: at("/patient/name"),
        id: at("/patient/id"),
        birth: at("/patient/birth_date"),
        sex: at("/patient/sex"),
        date: at("/study/date"),
        accession: at("/study/accession_number"),
        category: at("/assessment/who_category"),
        regions: list("regions").iter().map(Row::of).collect(),
        vertebrae: list("vertebrae").iter().map(Vertebra::of).collect(),
        refusals: list("refusals").iter().map(|refusal| text(&refusal["message"])).collect(),
        findings: list("findings").iter().map(|finding| text(&finding["message"])).collect(),
        software: at("/provenance/software"),
    };
    let html = page.render().map_err(|_| Problem::from(Code::Internal))?;
    Ok(Html(html).into_response())
}

impl Row {
    fn of(region: &Value) -> Self {
        let side = region["laterality"].as_str().map(|side| format!(" {side}")).unwrap_or_default();
        let score = |kind: &str| {
            let scores = region["scores"].as_array().into_iter().flatten();
            scores.into_iter().find(|score| score["kind"] == kind).cloned().unwrap_or_default()
        };
        let (t, z) = (score("T"), score("Z"));
        Self {
            site: format!("{}{side}", text(&region["site"])),
            area: text(&region["area_cm2"]),
            bmc: text(&region["bmc_g"]),
            bmd: decimals(&region["bmd_g_cm2"], 3),
            provenance: text(&region["provenance"]),
            t: decimals(&t["value"], 1),
            t_reference: text(&t["reference"]["id"]),
            z: decimals(&z["value"], 1),
            z_reference: text(&z["reference"]["id"]),
        }
    }
}

impl Vertebra {
    fn of(vertebra: &Value) -> Self {
        Self {
            level: text(&vertebra["level"]),
            shape: text(&vertebra["shape"]),
            grade: text(&vertebra["grade"]),
        }
    }
}

/// A value for reading; nothing for null.
fn text(value: &Value) -> String {
    match value {
        Value::Null => "–".to_owned(),
        Value::String(text) => text.clone(),
        Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_) => value.to_string(),
    }
}

/// The result holds rounded numbers; here they only get their zeros back.
fn decimals(value: &Value, decimals: usize) -> String {
    value.as_f64().map_or_else(|| "–".to_owned(), |number| format!("{number:.decimals$}"))
}
