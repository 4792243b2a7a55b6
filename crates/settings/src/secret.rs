//! Secrets: made from the system's random source, kept as SHA-256 only.

use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

use crate::{Result, SettingsError};

/// Characters of a key after its prefix; 62³² is about 190 bits.
const SECRET_CHARS: usize = 32;
const ALPHABET: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

pub(crate) type Hash = [u8; 32];

/// 32 characters after `prefix`, each of 62, evenly drawn.
pub(crate) fn make(prefix: &str) -> Result<String> {
    let mut text = String::with_capacity(prefix.len() + SECRET_CHARS);
    text.push_str(prefix);
    let mut left = SECRET_CHARS;
    while left > 0 {
        let mut random = [0_u8; 64];
        getrandom::fill(&mut random)
            .map_err(|error| SettingsError::Failed(format!("the system gave no random bytes: {error}")))?;
        // Bytes from 248 up are dropped, so that all characters are equally likely.
        for byte in random.into_iter().filter(|byte| *byte < 248).take(left) {
            text.push(char::from(ALPHABET[usize::from(byte % 62)]));
            left -= 1;
        }
    }
    Ok(text)
}

pub(crate) fn hash(plaintext: &str) -> Hash {
    Sha256::digest(plaintext.as_bytes()).into()
}

pub(crate) fn same(stored: &[u8], presented: &Hash) -> bool {
    stored.ct_eq(presented.as_slice()).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_use_the_whole_alphabet_evenly() {
        let mut counts = [0_u32; 128];
        for _ in 0..500 {
            let secret = make("hb_live_").unwrap();
            assert_eq!(secret.len(), 40);
            secret.bytes().skip(8).for_each(|byte| counts[usize::from(byte)] += 1);
        }
        // 16,000 draws over 62 characters: 258 each; 150 and 400 are seven deviations away.
        assert!(ALPHABET.iter().all(|byte| (150..400).contains(&counts[usize::from(*byte)])));
    }
}
