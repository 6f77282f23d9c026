//! Passwords, kept as Argon2id.

use argon2::{Argon2, PasswordHasher, PasswordVerifier};
use tokio::sync::Semaphore;

/// Hashes at a time; each takes 19 MiB and a core.
static TURNS: Semaphore = Semaphore::const_new(2);

/// Least characters of a password (NIST SP 800-63B asks for 8; a clinic's accounts are worth more).
pub(super) const LEAST_CHARACTERS: usize = 12;

/// The PHC string to keep; `None` when hashing fails, which it does for want of memory only.
pub(super) async fn hash(password: String) -> Option<String> {
    let _turn = TURNS.acquire().await.ok()?;
    let hash = move || Argon2::default().hash_password(password.as_bytes()).ok().map(|hash| hash.to_string());
    tokio::task::spawn_blocking(hash).await.ok().flatten()
}

/// Whether a password is the one kept. Without one kept it takes as long and says no, so that the time does not
/// tell which accounts there are.
pub(super) async fn verify(password: String, kept: Option<String>) -> bool {
    let Ok(_turn) = TURNS.acquire().await else { return false };
    let verify = move || {
        let argon2 = Argon2::default();
        match kept {
            Some(kept) => {
                let kept: &str = &kept;
                argon2.verify_password(password.as_bytes(), kept).is_ok()
            }
            None => {
                let _ = argon2.hash_password(password.as_bytes());
                false
            }
        }
    };
    tokio::task::spawn_blocking(verify).await.unwrap_or(false)
}
