//! Passwords: what is taken for one, and how it is kept (argon2id, salted).

use argon2::{
    Argon2,
    password_hash::{PasswordHasher, PasswordVerifier, phc},
};
use hiveboard_settings::PasswordHash;
use tokio::sync::Semaphore;

use crate::{
    blocking::blocking,
    error::{ApiError, ApiResult},
};

const LEAST_CHARS: usize = 10;
const MOST_CHARS: usize = 200;

/// Hashing takes 19 MiB and a good part of a core; more at once would be felt by those who ingest.
static AT_ONCE: Semaphore = Semaphore::const_new(2);

/// A hash that no password has, for addresses without an account: the answer to them takes as long.
const NOBODY: &str =
    "$argon2id$v=19$m=19456,t=2,p=1$aGl2ZWJvYXJkLW5vYm9keQ$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

/// What is wrong with it as a new password.
pub(crate) fn objection(password: &str) -> Option<&'static str> {
    let chars = password.chars().count();
    match chars {
        ..LEAST_CHARS => Some("must have 10 characters at least; a few words that only you put together do well"),
        MOST_CHARS.. => Some("may have 199 characters at most"),
        _ if password.chars().all(|letter| password.starts_with(letter)) => {
            Some("must not be one character over and over")
        }
        _ => None,
    }
}

pub(crate) async fn hash(password: String) -> ApiResult<PasswordHash> {
    let _turn = AT_ONCE.acquire().await.map_err(ApiError::internal)?;
    blocking(move || {
        let hash: phc::PasswordHash =
            Argon2::default().hash_password(password.as_bytes()).map_err(ApiError::internal)?;
        Ok(PasswordHash(hash.to_string()))
    })
    .await
}

/// Whether it is the password; compared in constant time, and as slowly where there is none.
pub(crate) async fn is_right(password: String, kept: Option<PasswordHash>) -> ApiResult<bool> {
    let _turn = AT_ONCE.acquire().await.map_err(ApiError::internal)?;
    blocking(move || {
        let text = kept.as_ref().map_or(NOBODY, |kept| &kept.0);
        let parsed = phc::PasswordHash::new(text).map_err(ApiError::internal)?;
        let fits = Argon2::default().verify_password(password.as_bytes(), &parsed).is_ok();
        Ok(fits && kept.is_some())
    })
    .await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_password_is_kept_as_argon2id_and_only_it_fits() {
        let kept = hash("correct horse battery".to_owned()).await.expect("hashed");
        assert!(kept.0.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{}", kept.0);
        assert!(!format!("{kept:?}").contains("argon2id"));
        assert_ne!(hash("correct horse battery".to_owned()).await.expect("hashed"), kept, "salted");
        assert!(is_right("correct horse battery".to_owned(), Some(kept.clone())).await.expect("compared"));
        assert!(!is_right("correct horse batterz".to_owned(), Some(kept)).await.expect("compared"));
        assert!(!is_right("anything".to_owned(), None).await.expect("compared"), "nobody's password is none");
    }

    #[test]
    fn short_and_endless_passwords_are_refused() {
        assert!(objection("123456789").is_some() && objection("aaaaaaaaaaaa").is_some());
        assert!(objection(&"ab".repeat(100)).is_some());
        assert_eq!((objection("correct horse"), objection("пароль-десять")), (None, None));
    }
}
