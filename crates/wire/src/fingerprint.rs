//! Numbers for texts, to tell by whether two are the same.

/// A number for some texts in order: the same on every machine and in every version, for it is kept on disk. Two that differ share one by chance
/// alone, unless somebody looked for them.
pub fn fingerprint(texts: &[&str]) -> u64 {
    let mut hash = 0x9e37_79b9_7f4a_7c15;
    for text in texts {
        let (words, rest) = text.as_bytes().as_chunks::<8>();
        for word in words {
            hash = mixed(hash ^ u64::from_le_bytes(*word));
        }
        let mut last = [0; 8];
        last[..rest.len()].copy_from_slice(rest);
        hash = mixed(hash ^ u64::from_le_bytes(last));
        // Where one ends and the next begins is part of it.
        hash = mixed(hash ^ 0x2545_f491_4f6c_dd1d ^ text.len() as u64);
    }
    hash
}

const fn mixed(number: u64) -> u64 {
    let wide = number as u128 * 0xff51_afd7_ed55_8ccd;
    wide as u64 ^ (wide >> 64) as u64
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn what_is_kept_on_disk_stays_what_it_is() {
        assert_eq!(fingerprint(&["agent", "a task of eleven", ""]), 4_603_372_282_332_995_312);
        assert_eq!(fingerprint(&[]), 0x9e37_79b9_7f4a_7c15);
    }

    #[test]
    fn every_byte_and_every_end_counts() {
        let parts = [&["ab", "c"][..], &["a", "bc"], &["abc"], &["abc", ""], &["", "abc"], &["abc\0"], &["ab", "\0c"]];
        let numbers: HashSet<u64> = parts.iter().map(|texts| fingerprint(texts)).collect();
        assert_eq!(numbers.len(), parts.len());
        let texts: Vec<String> = (0..100_000).map(|number| format!("task-{number}")).collect();
        let numbers: HashSet<u64> = texts.iter().map(|text| fingerprint(&["agent", text])).collect();
        assert_eq!(numbers.len(), texts.len());
    }
}
