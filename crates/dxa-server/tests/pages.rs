//! The pages for people over HTTP: who sees what, that nothing in them runs, and that they follow what happens.

#![allow(clippy::unwrap_used, reason = "a test stops where something is missing")]

mod objects;
mod web;

use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use dicom_core::{DataElement, PrimitiveValue, VR};
use dicom_dictionary_std::{tags, uids};
use dxa_server::auth::Role;
use serde_json::{Value, json};
use web::{Answer, Service};

const STUDY: &str = "1.2.826.0.1.3680043.9.7.1";

async fn as_role(service: &Service, token: &str, path: &str) -> Answer {
    let request = Request::get(path).header(header::AUTHORIZATION, format!("Bearer {token}"));
    service.ask(request.body(Body::empty()).unwrap()).await
}

/// Everything between two marks, again and again.
fn between<'t>(text: &'t str, from: &str, to: &str) -> Vec<&'t str> {
    text.split(from).skip(1).filter_map(|rest| rest.split(to).next()).collect()
}

#[tokio::test]
async fn pages_are_for_those_who_may_see_names() {
    let service = Service::with_accounts().await;
    for path in ["/", "/studies/1.2.3", "/patients/0123/context"] {
        let nobody = service.get(path).await;
        assert_eq!(
            (nobody.status, &nobody.headers[header::LOCATION]),
            (StatusCode::SEE_OTHER, &"/login".parse().unwrap())
        );
    }
    assert_eq!(service.get("/changes").await.code(), "unauthenticated");
    for role in Role::ALL {
        let token = service.token(role).await;
        let sees = role != Role::Researcher;
        let corrects = matches!(role, Role::Technologist | Role::Physician);
        for (path, may, found) in [
            ("/", sees, StatusCode::OK),
            ("/studies/1.2.3", sees, StatusCode::NOT_FOUND),
            ("/studies/nonsense", sees, StatusCode::NOT_FOUND),
            ("/patients/0123/context", corrects, StatusCode::NOT_FOUND),
            ("/changes", sees, StatusCode::OK),
        ] {
            let expected = if may { found } else { StatusCode::FORBIDDEN };
            assert_eq!(as_role(&service, &token, path).await.status, expected, "{} {path}", role.name());
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_holds_the_result_and_runs_nothing_of_its_own() {
    let service = Service::open().await.working();
    let uid = service.analyzed("07-hologic-spine.dcm").await;
    let page = service.get(&format!("/studies/{uid}")).await;
    assert_eq!(page.status, StatusCode::OK);
    let text = page.text();
    assert!(text.len() < 200_000, "{} bytes", text.len());
    let result = service.get(&format!("/api/v1/studies/{uid}")).await.json();
    let study = &result["studies"][0];
    for region in study["regions"].as_array().unwrap() {
        let density = format!("{:.3}", region["bmd_g_cm2"].as_f64().unwrap());
        assert!(text.contains(&density), "{region}");
    }
    for rule in study["assessment"]["rules"].as_array().unwrap() {
        assert!(text.contains(rule["id"].as_str().unwrap()), "{rule}");
    }
    let tag = service.get(&format!("/api/v1/studies/{uid}")).await.headers[header::ETAG].clone();
    assert!(text.contains(&format!("data-tag=\"{}\"", tag.to_str().unwrap().replace('"', "&#34;"))));
    for page in ["/".to_owned(), format!("/studies/{uid}"), format!("/studies/{uid}?lang=zh-CN")] {
        let text = service.get(&page).await.text();
        assert!(
            !text.contains("<script>") && !text.contains(" style=") && !text.contains("<style"),
            "{page}"
        );
        assert!(!text.contains(" onclick") && !text.contains("javascript:"), "{page}");
        let assets: Vec<&str> = between(&text, "\"/assets/", "\"");
        assert!(assets.len() > 3);
        for asset in assets {
            let file = service.get(&format!("/assets/{asset}")).await;
            assert_eq!(file.status, StatusCode::OK, "{asset}");
            for import in between(&file.text(), "from \"./", "\"") {
                assert_eq!(
                    service.get(&format!("/assets/{import}")).await.status,
                    StatusCode::OK,
                    "{import}"
                );
            }
        }
    }
    assert_eq!(service.get("/assets/no-such.js").await.code(), "not_found");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_language_is_kept_and_every_part_speaks_it() {
    let service = Service::open().await.working();
    let uid = service.analyzed("07-hologic-spine.dcm").await;
    let asked = service.get(&format!("/studies/{uid}?lang=zh-CN")).await;
    let cookie = asked.headers[header::SET_COOKIE].to_str().unwrap().to_owned();
    assert!(cookie.starts_with("dxa_language=zh-CN;"), "{cookie}");
    let kept = Request::get("/").header(header::COOKIE, cookie.split(';').next().unwrap());
    let list = service.ask(kept.body(Body::empty()).unwrap()).await.text();
    assert!(list.contains("<html lang=\"zh-CN\">") && list.contains("工作列表"), "{list}");
    let text = asked.text();
    let headings: Vec<&str> = between(&text, "<h2>", "</h2>");
    assert!(headings.len() > 4);
    for heading in headings {
        assert!(heading.chars().any(|letter| ('\u{4e00}'..='\u{9fff}').contains(&letter)), "{heading}");
    }
}

#[tokio::test]
async fn a_study_without_a_result_is_waited_for() {
    let service = Service::open().await;
    service.stow(&[objects::capture(1, 1, 8)]).await;
    let page = service.get(&format!("/studies/{STUDY}")).await;
    assert_eq!(page.status, StatusCode::OK);
    assert!(page.text().contains("/assets/waiting.js"), "{}", page.text());
    let before = service.get(&format!("/changes?study={STUDY}")).await.json();
    let of_list = service.get("/changes").await.json()["mark"].clone();
    service.store.set_state(STUDY, "failed", Some("it is no densitometry")).await.unwrap();
    let after = service.get(&format!("/changes?study={STUDY}")).await.json();
    assert_ne!(before["mark"], after["mark"]);
    assert_eq!(after["state"], "failed");
    assert_ne!(service.get("/changes").await.json()["mark"], of_list);
    assert_eq!(service.get("/changes?study=..").await.code(), "bad_request");
}

/// A result that is older than what was asked for says so: a correction whose analysis failed is not in it.
#[tokio::test(flavor = "multi_thread")]
async fn a_result_that_is_behind_says_so() {
    let service = Service::open().await.working();
    let uid = service.analyzed("07-hologic-spine.dcm").await;
    let page = format!("/studies/{uid}");
    let notice = "The newest analysis failed";
    assert!(!service.get(&page).await.text().contains(notice));
    let why = "the analysis took longer than 60 s";
    service.store.set_state(&uid, "failed", Some(why)).await.unwrap();
    let english = service.get(&page).await.text();
    assert!(english.contains(notice) && english.contains(why), "{english}");
    let chinese = service.get(&format!("{page}?lang=zh-CN")).await.text();
    assert!(chinese.contains("最新分析失败") && chinese.contains("分析超过时限"), "{chinese}");
    assert!(!chinese.contains(why));
    service.store.set_state(&uid, "analyzing", None).await.unwrap();
    assert!(service.get(&page).await.text().contains("A new analysis is under way"));
}

/// A report that should be sent and cannot be printed is missed by those who wait for it: the page says so.
#[tokio::test(flavor = "multi_thread")]
async fn a_report_that_cannot_be_printed_is_told() {
    let service = Service::with(|config| config.report.attach = true).await.working();
    let told = "The printed report of this version could not be made";
    let plain = service.analyzed_object(objects::capture(1, 1, 8)).await;
    assert!(!service.get(&format!("/studies/{plain}")).await.text().contains(told));
    let mut data = objects::data_set(2, 1, 8);
    let name = PrimitiveValue::from("Canary^\u{10fffd}");
    data.put(DataElement::new(tags::PATIENT_NAME, VR::PN, name));
    let file = objects::written(&data, uids::EXPLICIT_VR_LITTLE_ENDIAN);
    let uid = service.analyzed_object(file).await;
    let page = service.get(&format!("/studies/{uid}")).await.text();
    assert!(page.contains(told) && page.contains("U+10FFFD"), "{page}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_gravest_is_listed_first_where_eyes_are_needed() {
    let service = Service::open().await.working();
    for scan in ["07-hologic-spine.dcm", "09-sr-enhanced-hologic.dcm"] {
        service.analyzed(scan).await;
    }
    let uids = |answer: Answer| -> Vec<String> {
        let studies = answer.json()["studies"].clone();
        let all = studies.as_array().unwrap().iter();
        all.map(|study| study["instance_uid"].as_str().unwrap().to_owned()).collect()
    };
    let newest_first = uids(service.get("/api/v1/studies").await);
    for (uid, urgent) in newest_first.iter().zip(["quality_problem", "very_high_risk"]) {
        let summary = json!({ "urgent": [urgent] }).to_string();
        sqlx::query("UPDATE results SET summary = $1 WHERE study = $2")
            .bind(summary)
            .bind(uid)
            .execute(service.store.database().write())
            .await
            .unwrap();
    }
    let gravest_first: Vec<String> = newest_first.iter().rev().cloned().collect();
    assert_eq!(uids(service.get("/api/v1/studies?urgent=any").await), gravest_first);
    assert_eq!(uids(service.get("/api/v1/studies").await), newest_first);
    let page = service.get("/?urgent=any").await.text();
    assert!(page.find(&gravest_first[0]) < page.find(&gravest_first[1]));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_report_that_cannot_be_printed_is_a_page_for_people_and_a_problem_for_programs() {
    let service = Service::open().await.working();
    let mut named = objects::data_set(1, 1, 8);
    let rare = PrimitiveValue::from("Rare^A=\u{10fffd}");
    named.put(DataElement::new(tags::PATIENT_NAME, VR::PN, rare));
    let uid = service.analyzed_object(objects::written(&named, uids::EXPLICIT_VR_LITTLE_ENDIAN)).await;
    let ask = async |accept: &str, language: &str| {
        let request =
            Request::get(format!("/api/v1/studies/{uid}/report.pdf")).header(header::ACCEPT, accept);
        let request = request.header(header::ACCEPT_LANGUAGE, language);
        service.ask(request.body(Body::empty()).unwrap()).await
    };
    for accept in ["*/*", "application/pdf", "application/json, text/html;q=0"] {
        assert_eq!(ask(accept, "en").await.code(), "unavailable", "{accept}");
    }
    let browser = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8";
    for (language, title) in [("en", "This report cannot be printed."), ("zh-CN", "该报告无法打印。")]
    {
        let page = ask(browser, language).await;
        assert_eq!(page.status, StatusCode::SERVICE_UNAVAILABLE);
        let kind = page.headers[header::CONTENT_TYPE].to_str().unwrap();
        assert!(kind.starts_with("text/html"), "{kind}");
        let text = page.text();
        assert!(text.contains(title) && text.contains("U+10FFFD"), "{text}");
        assert_eq!(
            text.contains("no font at hand"),
            language == "en",
            "the reason is in the same language: {text}"
        );
    }
}

/// A simulated lateral spine with a wedge, small, to be quick.
fn lateral() -> Vec<u8> {
    let settings = [("object", "dx"), ("spacing", "0.5"), ("fracture", "L1:wedge:35"), ("fractured", "0")];
    let settings = settings.map(|(key, value)| (key.to_owned(), value.to_owned())).into_iter().collect();
    let files = dxa_sim::simulate("lateral-spine", 21, &settings).unwrap();
    files.into_iter().find(|file| file.name.ends_with(".dcm")).unwrap().bytes
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_urgent_is_found_and_what_is_tried_is_what_would_be_kept() {
    let service = Service::with(|config| config.work.deadline_seconds = 120).await.working();
    let plain = service.analyzed("09-sr-enhanced-hologic.dcm").await;
    let uid = service.analyzed_object(lateral()).await;
    let found = service.get("/api/v1/studies?urgent=suspected_fracture").await.json();
    let uids: Vec<&Value> =
        found["studies"].as_array().unwrap().iter().map(|one| &one["instance_uid"]).collect();
    assert_eq!(uids, [&json!(uid)], "{found}");
    let summary = &found["studies"][0]["result"]["summary"];
    assert!(summary["fractured"][0].as_str().unwrap().starts_with("L1 G"), "{summary}");
    let preliminary = service.get("/api/v1/studies?report=preliminary").await.json();
    assert_eq!(preliminary["studies"].as_array().unwrap().len(), 2);
    let none = service.get("/?status=final").await.text();
    assert!(!none.contains(&plain) && !none.contains(&uid));
    assert!(service.get("/?urgent=any").await.text().contains(&uid));
    let page = service.get(&format!("/studies/{uid}")).await.text();
    assert!(page.contains("<a class=\"where\" href=\"?scan=0#viewer\">"), "a finding leads nowhere: {page}");
    assert_eq!(service.get("/api/v1/studies?urgent=%25").await.code(), "bad_request");

    let path = format!("/api/v1/studies/{uid}");
    let study = service.get(&path).await.json()["studies"][0].clone();
    let rows = study["vertebrae"].as_array().unwrap();
    let evaluable: Vec<Value> = rows
        .iter()
        .filter(|row| row["evaluable"] == true)
        .map(|row| {
            let mut points = row["points_px"].clone();
            if row["level"] == "L2" {
                points["as"][1] = json!((points["as"][1].as_f64().unwrap() + 12.0));
            }
            json!({ "scan": 0, "level": row["level"], "points_px": points })
        })
        .collect();
    let asked = json!({ "vertebrae": evaluable, "pixel_spacing_mm": study["scans"][0]["pixel_spacing_mm"],
        "sex": study["patient"]["sex"], "age_years": study["patient"]["age_years"] });
    let request = Request::post("/api/v1/grade").header(header::CONTENT_TYPE, "application/json");
    let tried = service.ask(request.body(Body::from(asked.to_string())).unwrap()).await.json();
    let of_level = |rows: &Value| {
        rows["vertebrae"].as_array().unwrap().iter().find(|row| row["level"] == "L2").cloned().unwrap()
    };
    let tried = of_level(&tried);
    let tag = service.get(&path).await.headers[header::ETAG].clone();
    let part = format!("{path}/scans/0/vertebrae/L2");
    let request =
        Request::put(part).header(header::IF_MATCH, tag).header(header::CONTENT_TYPE, "application/json");
    let body = json!({ "points_px": tried["points_px"] }).to_string();
    assert!(service.ask(request.body(Body::from(body)).unwrap()).await.status.is_success());
    for _ in 0..1200 {
        let kept = of_level(&service.get(&path).await.json()["studies"][0]);
        if kept["provenance"] == "user" {
            for key in ["heights_mm", "loss_percent", "shape", "grade", "grade_probabilities"] {
                assert_eq!(kept[key], tried[key], "{key}");
            }
            assert!(kept["grade"].as_u64().unwrap() > 0, "{kept}");
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    }
    panic!("the correction is not kept");
}

#[tokio::test]
async fn points_that_are_no_points_are_refused() {
    let service = Service::open().await;
    for body in [
        json!([]),
        json!({ "vertebrae": [{ "scan": 0, "level": "S1" }] }),
        json!({ "vertebrae": [], "pixel_spacing_mm": [0.0, 1.0] }),
        json!({ "vertebrae": [{ "scan": 0, "level": "L1", "points_px": { "ps": ["x", 1] } }] }),
    ] {
        let request = Request::post("/api/v1/grade").header(header::CONTENT_TYPE, "application/json");
        let answer = service.ask(request.body(Body::from(body.to_string())).unwrap()).await;
        assert_eq!(answer.code(), "invalid", "{body}");
    }
}
