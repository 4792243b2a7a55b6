//! Whether a write-ahead log is whole.
//!
//! SQLite reads a log up to the first frame whose checksum is wrong and forgets the rest, which is right after a power cut, when only the commit
//! under way can be torn. A broken frame with whole commits behind it is damage: acknowledged events are gone.

use std::{
    fs::File,
    io::{BufReader, Read},
    path::Path,
};

const HEADER_BYTES: usize = 32;
const FRAME_HEADER_BYTES: usize = 24;
const MAGIC: u32 = 0x377f_0682;

/// What is wrong with the log at that path; `None` when it is whole, torn at its end, empty, or absent.
pub(super) fn damage_in_log(log: &Path) -> Option<String> {
    let file = File::open(log).ok()?;
    let bytes = file.metadata().ok()?.len();
    if bytes == 0 {
        return None;
    }
    scan(&mut BufReader::with_capacity(1 << 20, file), bytes)
}

fn scan(log: &mut impl Read, bytes: u64) -> Option<String> {
    let mut header = [0; HEADER_BYTES];
    if log.read_exact(&mut header).is_err() {
        // A log begins with its header, synced before anything is acknowledged from it.
        return None;
    }
    let word = |at: usize| u32::from_be_bytes([header[at], header[at + 1], header[at + 2], header[at + 3]]);
    let page_bytes = word(8) as usize;
    let big_endian = word(0) & 1 == 1;
    let mut sums = checksum(&header[..24], (0, 0), big_endian);
    let sound = word(0) & !1 == MAGIC && page_bytes.is_power_of_two() && sums == (word(24), word(28));
    if !sound {
        let frames = bytes.saturating_sub(HEADER_BYTES as u64) / (FRAME_HEADER_BYTES as u64 + 512);
        return (frames > 0).then(|| "the header of its log is broken, and the log holds commits".to_owned());
    }
    let salts = &header[16..24];
    let mut frame = vec![0; FRAME_HEADER_BYTES + page_bytes];
    // Number of the first broken frame, and what came behind it of this same log.
    let (mut broken, mut commits_behind) = (None, 0);
    let mut number = 0_u64;
    while log.read_exact(&mut frame).is_ok() {
        number += 1;
        if frame[8..16] != *salts {
            if broken.is_none() {
                // Left over from before the log began anew, unless its own kind follows.
                broken = Some(number);
            }
            continue;
        }
        let is_commit = frame[4..8] != [0; 4];
        if broken.is_none() {
            let next = checksum(&frame[FRAME_HEADER_BYTES..], checksum(&frame[..8], sums, big_endian), big_endian);
            let at =
                |place: usize| u32::from_be_bytes([frame[place], frame[place + 1], frame[place + 2], frame[place + 3]]);
            if next == (at(16), at(20)) {
                sums = next;
                continue;
            }
            broken = Some(number);
        }
        commits_behind += u32::from(is_commit);
    }
    // One commit behind may be the torn one itself.
    broken
        .filter(|_| commits_behind > 1)
        .map(|frame| format!("frame {frame} of its log is broken, and {commits_behind} commits behind it are lost"))
}

/// SQLite's running sum over pairs of words.
fn checksum(bytes: &[u8], mut sums: (u32, u32), big_endian: bool) -> (u32, u32) {
    let word = |bytes: &[u8]| {
        let four = [bytes[0], bytes[1], bytes[2], bytes[3]];
        if big_endian { u32::from_be_bytes(four) } else { u32::from_le_bytes(four) }
    };
    for pair in bytes.chunks_exact(8) {
        sums.0 = sums.0.wrapping_add(word(&pair[..4])).wrapping_add(sums.1);
        sums.1 = sums.1.wrapping_add(word(&pair[4..])).wrapping_add(sums.0);
    }
    sums
}
