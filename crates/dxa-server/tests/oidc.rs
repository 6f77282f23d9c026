//! Logging in through an identity provider, played by a small one on this machine.

#![allow(clippy::unwrap_used, reason = "a test stops where something is missing")]
#![allow(clippy::type_complexity, reason = "what a stand-in keeps")]

mod web;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use axum::body::Body;
use axum::extract::{Form, State};
use axum::http::{Request, StatusCode, header};
use axum::routing::{get, post};
use axum::{Json, Router};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use dxa_server::auth::Provider;
use dxa_server::config::{AuthMode, Oidc};
use ring::rand::SystemRandom;
use ring::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use web::{Answer, Service};

/// What the provider says in its next token, beside what is always said.
#[derive(Clone)]
struct Played {
    address: String,
    key: Arc<EcdsaKeyPair>,
    published: Arc<EcdsaKeyPair>,
    claims: Arc<Mutex<Value>>,
    challenge: Arc<Mutex<String>>,
}

fn key() -> Arc<EcdsaKeyPair> {
    let random = SystemRandom::new();
    let document = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &random).unwrap();
    Arc::new(EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, document.as_ref(), &random).unwrap())
}

async fn configuration(State(played): State<Played>) -> Json<Value> {
    let address = &played.address;
    Json(json!({
        "issuer": address,
        "authorization_endpoint": format!("{address}/authorize"),
        "token_endpoint": format!("{address}/token"),
        "jwks_uri": format!("{address}/jwks"),
        "response_types_supported": ["code"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["ES256"],
    }))
}

async fn jwks(State(played): State<Played>) -> Json<Value> {
    let point = played.published.public_key().as_ref().to_vec();
    Json(json!({ "keys": [{
        "kty": "EC", "crv": "P-256", "use": "sig", "alg": "ES256", "kid": "1",
        "x": URL_SAFE_NO_PAD.encode(&point[1..33]), "y": URL_SAFE_NO_PAD.encode(&point[33..65]),
    }] }))
}

async fn token(
    State(played): State<Played>,
    Form(form): Form<BTreeMap<String, String>>,
) -> Result<Json<Value>, StatusCode> {
    let challenge = URL_SAFE_NO_PAD.encode(Sha256::digest(form["code_verifier"].as_bytes()));
    if form["code"] != "the-code" || challenge != *played.challenge.lock().unwrap() {
        return Err(StatusCode::BAD_REQUEST);
    }
    let head = URL_SAFE_NO_PAD.encode(json!({ "alg": "ES256", "kid": "1" }).to_string());
    let claims = URL_SAFE_NO_PAD.encode(played.claims.lock().unwrap().to_string());
    let signed = format!("{head}.{claims}");
    let signature = played.key.sign(&SystemRandom::new(), signed.as_bytes()).unwrap();
    let id_token = format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature.as_ref()));
    Ok(Json(json!({ "access_token": "a", "token_type": "Bearer", "expires_in": 60, "id_token": id_token })))
}

async fn play(honest: bool) -> Played {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let published = key();
    let key = if honest { Arc::clone(&published) } else { key() };
    let played = Played { address, key, published, claims: Arc::default(), challenge: Arc::default() };
    let router = Router::new()
        .route("/.well-known/openid-configuration", get(configuration))
        .route("/jwks", get(jwks))
        .route("/token", post(token))
        .with_state(played.clone());
    tokio::spawn(async move { axum::serve(listener, router).await });
    played
}

async fn service_of(played: &Played) -> Service {
    let oidc = Oidc {
        issuer: played.address.clone(),
        client_id: "dxa".to_owned(),
        client_secret: None,
        roles_claim: Some("groups".to_owned()),
    };
    let provider = Provider::new(oidc.clone()).unwrap();
    Service::with_provider(
        |config| {
            config.auth.mode = AuthMode::Oidc;
            config.auth.oidc = Some(oidc);
        },
        Some(provider),
    )
    .await
}

/// Goes to the provider and back; `change` may falsify the claims and the state.
async fn log_in(service: &Service, played: &Played, change: impl FnOnce(&mut Value, &mut String)) -> Answer {
    let begun = service.get("/login/oidc").await;
    assert_eq!(begun.status, StatusCode::SEE_OTHER, "{}", begun.text());
    let address = begun.headers[header::LOCATION].to_str().unwrap();
    let query: BTreeMap<String, String> =
        serde_urlencoded::from_str(address.split('?').nth(1).unwrap()).unwrap();
    assert_eq!(query["client_id"], "dxa");
    assert_eq!(query["code_challenge_method"], "S256");
    played.challenge.lock().unwrap().clone_from(&query["code_challenge"]);
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_secs();
    let mut claims = json!({
        "iss": played.address, "aud": "dxa", "sub": "42", "iat": now, "exp": now + 60,
        "nonce": query["nonce"], "preferred_username": "dr.chen", "groups": ["dxa-physician", "staff"],
    });
    let mut state = query["state"].clone();
    change(&mut claims, &mut state);
    *played.claims.lock().unwrap() = claims;
    let cookie = begun.headers[header::SET_COOKIE].to_str().unwrap().split(';').next().unwrap().to_owned();
    let query = serde_urlencoded::to_string([("code", "the-code"), ("state", &state)]).unwrap();
    let request = Request::get(format!("/login/oidc/return?{query}")).header(header::COOKIE, cookie);
    service.ask(request.body(Body::empty()).unwrap()).await
}

#[tokio::test(flavor = "multi_thread")]
async fn people_log_in_at_the_identity_provider() {
    let played = play(true).await;
    let service = service_of(&played).await;
    for _ in 0..2 {
        let entered = log_in(&service, &played, |_, _| {}).await;
        assert_eq!(entered.status, StatusCode::SEE_OTHER, "{}", entered.text());
        let cookies = entered.headers.get_all(header::SET_COOKIE);
        let cookie = cookies.iter().find_map(|cookie| cookie.to_str().unwrap().strip_prefix("dxa_session="));
        let cookie = cookie.unwrap().split(';').next().unwrap();
        let request = Request::get("/api/v1/session").header(header::COOKIE, format!("dxa_session={cookie}"));
        let session = service.ask(request.body(Body::empty()).unwrap()).await.json();
        assert_eq!(session["name"], "dr.chen");
        assert_eq!(session["permissions"], "read correct sign");
    }
    let accounts = dxa_server::auth::accounts(service.store.database()).await.unwrap();
    assert_eq!(accounts.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_provider_did_not_say_lets_nobody_in() {
    let played = play(true).await;
    let service = service_of(&played).await;
    let cases: [(&str, fn(&mut Value, &mut String)); 7] = [
        ("state", |_, state| state.push('x')),
        ("nonce", |claims, _| claims["nonce"] = "another".into()),
        ("audience", |claims, _| claims["aud"] = "another".into()),
        ("issuer", |claims, _| claims["iss"] = "http://another".into()),
        ("time", |claims, _| claims["exp"] = 1.into()),
        ("role", |claims, _| claims["groups"] = json!(["staff"])),
        ("no role", |claims, _| claims["groups"] = Value::Null),
    ];
    for (name, change) in cases {
        let answer = log_in(&service, &played, change).await;
        assert_eq!(answer.code(), "forbidden", "{name}");
        assert!(!answer.headers.contains_key(header::SET_COOKIE), "{name}");
    }
    let dishonest = play(false).await;
    let service = service_of(&dishonest).await;
    assert_eq!(log_in(&service, &dishonest, |_, _| {}).await.code(), "forbidden");
}
