//! Load for the HTTP interface: fills an index, and asks at a fixed rate whatever the answers take.
//!
//! `http_load fill sqlite:PATH 100000` writes studies of nobody into the index of a stopped service, each with a
//! result of eight kilobytes and eight resources of FHIR; `http_load queue sqlite:PATH 1000 NAME` puts messages for the
//! record system of that name into the outbox; `http_load ask URL RATE SECONDS` prints the times of the answers.

#![allow(clippy::print_stdout, reason = "a command-line tool speaks on its output")]

use std::time::{Duration, Instant};

use dxa_server::store::{Database, Document, Store, now};

type Failed = Box<dyn std::error::Error + Send + Sync>;

#[tokio::main]
async fn main() -> Result<(), Failed> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["fill", database, studies] => fill(database, studies.parse()?).await,
        ["queue", database, messages, name] => queue(database, messages.parse()?, name).await,
        ["ask", url, rate, seconds] => ask(url, rate.parse()?, seconds.parse()?).await,
        _ => Err(
            "usage: http_load fill DATABASE STUDIES | queue DATABASE MESSAGES NAME | ask URL RATE SECONDS"
                .into(),
        ),
    }
}

async fn fill(url: &str, studies: i64) -> Result<(), Failed> {
    let database = Database::open(url).await?;
    let text = "x".repeat(8000);
    let mut transaction = database.begin().await?;
    for number in 0..studies {
        let (patient, study) = (format!("p{number}"), format!("1.2.3.{number}"));
        let day = format!("20{:02}{:02}{:02}", number % 24, number % 12 + 1, number % 28 + 1);
        let tags = format!(
            "{{\"00080020\":{{\"vr\":\"DA\",\"Value\":[\"{day}\"]}},\"00100010\":{{\"vr\":\"PN\",\"Value\":\
             [{{\"Alphabetic\":\"Nobody^{number}\"}}]}},\"00100020\":{{\"vr\":\"LO\",\"Value\":[\"{number}\"]}},\
             \"0020000D\":{{\"vr\":\"UI\",\"Value\":[\"{study}\"]}}}}"
        );
        sqlx::query(
            "INSERT INTO patients (id, identity, patient_id, name, created_at) VALUES ($1, $1, $2, $3, $4)",
        )
        .bind(&patient)
        .bind(number.to_string())
        .bind(format!("Nobody^{number}"))
        .bind(now())
        .execute(&mut *transaction)
        .await?;
        sqlx::query(
            "INSERT INTO studies (uid, patient, study_date, tags, created_at, arrived_at, arrivals, state, version) \
             VALUES ($1, $2, $3, $4, $5, $5, 1, 'analyzed', 1)",
        )
        .bind(&study)
        .bind(&patient)
        .bind(&day)
        .bind(tags)
        .bind(now())
        .execute(&mut *transaction)
        .await?;
        sqlx::query(
            "INSERT INTO series (uid, study, modality, tags, created_at) VALUES ($1, $2, 'DX', '{}', $3)",
        )
        .bind(format!("{study}.0"))
        .bind(&study)
        .bind(now())
        .execute(&mut *transaction)
        .await?;
        sqlx::query(
            "INSERT INTO results (study, version, state, json, inputs_sha256, protocol_sha256, software, author, \
             reason, created_at) VALUES ($1, 1, 'preliminary', $2, '', '', 'none', 'none', 'new_study', $3)",
        )
        .bind(&study)
        .bind(format!("{{\"filling\":\"{text}\"}}"))
        .bind(now())
        .execute(&mut *transaction)
        .await?;
        resources(&mut transaction, number, &study).await?;
    }
    transaction.commit().await?;
    println!("{studies} studies");
    Ok(())
}

/// A patient, a report and six observations of a kilobyte each.
async fn resources(connection: &mut sqlx::AnyConnection, number: i64, study: &str) -> Result<(), Failed> {
    let text = "x".repeat(1000);
    for part in 0..8 {
        let kind = ["Patient", "DiagnosticReport"].get(part).copied().unwrap_or("Observation");
        let id = format!("r{number}-{part}");
        sqlx::query(
            "INSERT INTO fhir_resources (type, id, study, patient, status, day, codes, updated_at, body) \
             VALUES ($1, $2, $3, $4, 'final', '2024-05-17', $5, $6, $7)",
        )
        .bind(kind)
        .bind(&id)
        .bind(study)
        .bind((part > 0).then(|| format!("r{number}-0")))
        .bind(format!("\nhttp://loinc.org|{part}\n"))
        .bind(now())
        .bind(format!("{{\"resourceType\":\"{kind}\",\"id\":\"{id}\",\"filling\":\"{text}\"}}"))
        .execute(&mut *connection)
        .await?;
    }
    Ok(())
}

/// Messages of studies of nobody, each with a control id of its own.
async fn queue(url: &str, messages: i64, name: &str) -> Result<(), Failed> {
    let database = Database::open(url).await?;
    let mut transaction = database.begin().await?;
    for number in 0..messages {
        let study = format!("1.2.4.{number}");
        let body = format!(
            "MSH|^~\\&|DXA|||||||C{number}|P|2.5.1\rPID|1||{number}\rOBX|1|TX|1||{}\r",
            "x".repeat(4000)
        );
        let document = Document {
            study: study.clone(),
            version: 1,
            kind: "hl7".to_owned(),
            number: 0,
            language: "en".to_owned(),
            media_type: "x-application/hl7-v2+er7".to_owned(),
            sop_class: None,
            uid: None,
            body: body.into_bytes(),
        };
        Store::put_document(&mut transaction, &document).await?;
        sqlx::query(
            "INSERT INTO deliveries (id, study, version, destination, protocol, kind, state, next_at, created_at, \
             updated_at) VALUES ($1, $1, 1, $2, 'hl7', 'hl7', 'queued', $3, $3, $3)",
        )
        .bind(&study)
        .bind(name)
        .bind(now())
        .execute(&mut *transaction)
        .await?;
    }
    transaction.commit().await?;
    println!("{messages} messages");
    Ok(())
}

/// One request every 1/rate seconds, each timed from the moment it was due. `{}` in the URL is a running number.
async fn ask(url: &str, rate: u32, seconds: u32) -> Result<(), Failed> {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let client = reqwest::Client::new();
    let begin = Instant::now() + Duration::from_millis(200);
    let mut tasks = Vec::new();
    for number in 0..rate * seconds {
        let due = begin + Duration::from_secs(1) * number / rate;
        tokio::time::sleep_until(due.into()).await;
        // Spread over the index.
        let url = url.replace("{}", &(u64::from(number) * 7919 % 100_000).to_string());
        let request = client.get(url);
        tasks.push(tokio::spawn(async move {
            let answer = request.send().await?.error_for_status()?;
            let bytes = answer.bytes().await?.len();
            Ok::<_, reqwest::Error>((due.elapsed(), bytes))
        }));
    }
    let (mut times, mut failed, mut bytes) = (Vec::new(), 0, 0);
    for task in tasks {
        match task.await? {
            Ok((time, length)) => {
                times.push(time);
                bytes = length;
            }
            Err(_) => failed += 1,
        }
    }
    times.sort_unstable();
    let at =
        |share: f64| times.get(((times.len() as f64 * share) as usize).min(times.len().saturating_sub(1)));
    println!(
        "{} answers of {bytes} bytes, {failed} failed: p50 {:?}, p90 {:?}, p99 {:?}, longest {:?}",
        times.len(),
        at(0.5).copied().unwrap_or_default(),
        at(0.9).copied().unwrap_or_default(),
        at(0.99).copied().unwrap_or_default(),
        at(1.0).copied().unwrap_or_default(),
    );
    Ok(())
}
