//! OpenID Connect: authorization code with PKCE; the provider says who it is and which roles they have.

use std::pin::Pin;
use std::time::Duration;

use openidconnect::core::{
    CoreAuthDisplay, CoreAuthPrompt, CoreAuthenticationFlow, CoreErrorResponseType, CoreGenderClaim,
    CoreJsonWebKey, CoreJweContentEncryptionAlgorithm, CoreProviderMetadata, CoreRevocableToken,
    CoreRevocationErrorResponse, CoreTokenIntrospectionResponse, CoreTokenResponse,
};
use openidconnect::{
    AsyncHttpClient, AuthorizationCode, Client, ClientId, ClientSecret, CsrfToken, EmptyAdditionalClaims,
    EndpointMaybeSet, EndpointNotSet, EndpointSet, HttpClientError, HttpRequest, HttpResponse, IssuerUrl,
    Nonce, PkceCodeChallenge, PkceCodeVerifier, RedirectUrl, Scope, StandardErrorResponse, TokenResponse,
};
use serde_json::Value;

use super::accounts::{Account, LoginError, of_subject};
use super::permission::Role;
use crate::config::Oidc;
use crate::store::Database;

/// What discovery makes of a client.
type Discovered = Client<
    EmptyAdditionalClaims,
    CoreAuthDisplay,
    CoreGenderClaim,
    CoreJweContentEncryptionAlgorithm,
    CoreJsonWebKey,
    CoreAuthPrompt,
    StandardErrorResponse<CoreErrorResponseType>,
    CoreTokenResponse,
    CoreTokenIntrospectionResponse,
    CoreRevocableToken,
    CoreRevocationErrorResponse,
    EndpointSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointMaybeSet,
    EndpointMaybeSet,
>;

/// The identity provider, as configured. It is asked for its addresses and keys at each login, so that it may be
/// down when we start, and may change its keys.
#[derive(Clone, Debug)]
pub struct Provider {
    config: Oidc,
    web: Web,
}

/// A login that was begun; what must be the same when the browser comes back.
#[derive(Clone, Debug)]
pub struct Started {
    /// Where the browser goes.
    pub address: String,
    /// What the browser keeps meanwhile.
    pub kept: String,
}

/// Why the provider's answer does not let somebody in.
#[derive(Debug, thiserror::Error)]
pub enum OidcError {
    /// It cannot be reached, or its answers are no OpenID Connect.
    #[error("the identity provider does not answer as it should")]
    Provider,
    /// The answer belongs to no login that was begun here.
    #[error("the answer of the identity provider belongs to another login")]
    Mixed,
    /// The identity is not proven.
    #[error("the identity provider's statement does not hold")]
    Unproven,
    /// None of the roles that it says are ours.
    #[error("the identity provider gives this person no role here")]
    NoRole,
    /// The account.
    #[error(transparent)]
    Account(#[from] LoginError),
}

const PATIENCE: Duration = Duration::from_secs(10);
const MOST_BYTES: usize = 1 << 20;
/// Claim that lists roles, unless configured.
const ROLES: &str = "roles";

impl Provider {
    /// The provider of a configuration.
    ///
    /// # Errors
    /// When no client for its connections can be made.
    pub fn new(config: Oidc) -> Result<Self, OidcError> {
        // Another part of the program may have chosen it before.
        let _ = rustls::crypto::ring::default_provider().install_default();
        // A provider has no reason to send us elsewhere.
        let client = reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .timeout(PATIENCE)
            .build()
            .map_err(|_| OidcError::Provider)?;
        Ok(Self { config, web: Web(client) })
    }

    /// Begins a login that comes back to `redirect`.
    ///
    /// # Errors
    /// [`OidcError::Provider`].
    pub async fn start(&self, redirect: &str) -> Result<Started, OidcError> {
        let client = self.discover(redirect).await?;
        let (challenge, verifier) = PkceCodeChallenge::new_random_sha256();
        let (address, state, nonce) = client
            .authorize_url(
                CoreAuthenticationFlow::AuthorizationCode,
                CsrfToken::new_random,
                Nonce::new_random,
            )
            .add_scope(Scope::new("profile".to_owned()))
            .set_pkce_challenge(challenge)
            .url();
        let kept = format!("{}.{}.{}", state.secret(), nonce.secret(), verifier.secret());
        Ok(Started { address: address.to_string(), kept })
    }

    /// Ends a login: the account of whoever the provider says came back.
    ///
    /// # Errors
    /// When the answer is not to the login that was begun, is not proven, or names nobody with a role here.
    pub async fn finish(
        &self,
        database: &Database,
        redirect: &str,
        kept: &str,
        state: &str,
        code: String,
    ) -> Result<Account, OidcError> {
        let mut pieces = kept.splitn(3, '.');
        let (Some(known), Some(nonce), Some(verifier)) = (pieces.next(), pieces.next(), pieces.next()) else {
            return Err(OidcError::Mixed);
        };
        if !bool::from(subtle::ConstantTimeEq::ct_eq(known.as_bytes(), state.as_bytes())) {
            return Err(OidcError::Mixed);
        }
        let client = self.discover(redirect).await?;
        let tokens: CoreTokenResponse = client
            .exchange_code(AuthorizationCode::new(code))
            .map_err(|_| OidcError::Provider)?
            .set_pkce_verifier(PkceCodeVerifier::new(verifier.to_owned()))
            .request_async(&self.web)
            .await
            .map_err(|_| OidcError::Provider)?;
        let token = tokens.id_token().ok_or(OidcError::Unproven)?;
        let claims = token
            .claims(&client.id_token_verifier(), &Nonce::new(nonce.to_owned()))
            .map_err(|_| OidcError::Unproven)?;
        // The signature was checked above; the roles are in a claim whose name is configured.
        let raw = payload(&token.to_string()).ok_or(OidcError::Unproven)?;
        let roles = roles(raw.get(self.config.roles_claim.as_deref().unwrap_or(ROLES)));
        if roles.is_empty() {
            return Err(OidcError::NoRole);
        }
        let subject = format!("{} {}", self.config.issuer, claims.subject().as_str());
        let name = raw.get("preferred_username").and_then(Value::as_str).unwrap_or(claims.subject().as_str());
        Ok(of_subject(database, &subject, name, &roles).await?)
    }

    async fn discover(&self, redirect: &str) -> Result<Discovered, OidcError> {
        let issuer = IssuerUrl::new(self.config.issuer.clone()).map_err(|_| OidcError::Provider)?;
        let redirect = RedirectUrl::new(redirect.to_owned()).map_err(|_| OidcError::Provider)?;
        let metadata =
            CoreProviderMetadata::discover_async(issuer, &self.web).await.map_err(|_| OidcError::Provider)?;
        let secret =
            self.config.client_secret.as_ref().map(|secret| ClientSecret::new(secret.expose().to_owned()));
        let id = ClientId::new(self.config.client_id.clone());
        Ok(Client::from_provider_metadata(metadata, id, secret).set_redirect_uri(redirect))
    }
}

/// How the provider is asked.
#[derive(Clone, Debug)]
struct Web(reqwest::Client);

impl<'c> AsyncHttpClient<'c> for Web {
    type Error = HttpClientError<reqwest::Error>;
    type Future = Pin<Box<dyn Future<Output = Result<HttpResponse, Self::Error>> + Send + 'c>>;

    fn call(&'c self, request: HttpRequest) -> Self::Future {
        Box::pin(async move {
            let request = request.try_into().map_err(Box::new)?;
            let mut response = self.0.execute(request).await.map_err(Box::new)?;
            let mut answer = openidconnect::http::Response::builder().status(response.status());
            for (name, value) in response.headers() {
                answer = answer.header(name, value);
            }
            let mut body = Vec::new();
            while let Some(chunk) = response.chunk().await.map_err(Box::new)? {
                if body.len() + chunk.len() > MOST_BYTES {
                    break;
                }
                body.extend_from_slice(&chunk);
            }
            answer.body(body).map_err(HttpClientError::Http)
        })
    }
}

/// The claims of a token as they are written in it.
fn payload(token: &str) -> Option<Value> {
    use base64::Engine as _;
    let middle = token.split('.').nth(1)?;
    let bytes = base64::engine::general_purpose::URL_SAFE_NO_PAD.decode(middle).ok()?;
    serde_json::from_slice(&bytes).ok()
}

/// Those of the provider's roles that are ours; `dxa-viewer` means `viewer`.
fn roles(claim: Option<&Value>) -> Vec<Role> {
    let names: Vec<&str> = match claim {
        Some(Value::String(names)) => names.split([' ', ',']).collect(),
        Some(Value::Array(names)) => names.iter().filter_map(Value::as_str).collect(),
        Some(Value::Null | Value::Bool(_) | Value::Number(_) | Value::Object(_)) | None => Vec::new(),
    };
    let mut roles: Vec<Role> =
        names.iter().filter_map(|name| name.strip_prefix("dxa-").unwrap_or(name).parse().ok()).collect();
    roles.sort_unstable();
    roles.dedup();
    roles
}
