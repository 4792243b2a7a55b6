//! Our own shape: the message as it is, signed.

use hiveboard_wire::{MICROS_PER_SECOND, Timestamp};
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use super::http::Post;

pub(super) fn request(message: &str, secret: Option<&str>, now: Timestamp) -> Post {
    let mut headers = Vec::new();
    if let Some(secret) = secret {
        let at = now.micros().div_euclid(MICROS_PER_SECOND);
        headers.push(("x-hiveboard-signature", format!("t={at},v1={}", signature(secret, at, message))));
    }
    Post { body: message.to_owned(), headers }
}

/// Hex of HMAC-SHA256 over the time, a dot and the body.
fn signature(secret: &str, at: i64, body: &str) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).expect("HMAC takes keys of any length");
    mac.update(format!("{at}.").as_bytes());
    mac.update(body.as_bytes());
    mac.finalize().into_bytes().iter().fold(String::with_capacity(64), |mut hex, byte| {
        use std::fmt::Write as _;
        let _ok = write!(hex, "{byte:02x}");
        hex
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_signature_is_that_of_the_documentation() {
        // printf '%s' '1700000000.{"type":"alert.test"}' | openssl dgst -sha256 -hmac whsec
        assert_eq!(
            signature("whsec", 1_700_000_000, r#"{"type":"alert.test"}"#),
            "ebc05345e0e60d275c8a308a6f60314e43f2dcc2031898d6717e8f0d26b50538"
        );
    }
}
