//! How blocks are compressed: those that are written as events arrive, each by itself; those of a day that is over, with a dictionary of what
//! they have in common.

use rusqlite::{Connection, OptionalExtension, params};

use crate::{Result, StoreError};

/// 1: higher levels gain 2% for much more time; lower ones, or longer steps at this one, save 5 to 15% of an append's instructions for
/// 25 to 60 bytes more an event.
const LEVEL: i32 = 1;
/// With a dictionary, 3 makes a twelfth less than 1 for a third more time; 6, for three times that, 3% less than 3.
const LEVEL_WITH_DICTIONARY: i32 = 3;
/// From 16 KiB to 64, 3% are gained; every reader holds it.
const MOST_DICTIONARY_BYTES: usize = 32 << 10;
/// A smaller one is not worth its bytes.
const LEAST_DICTIONARY_BYTES: usize = 4 << 10;
/// Of what it is to compress, a dictionary is at most this part.
const RAW_BYTES_FOR_EACH: u64 = 256;
/// A dictionary is made of so many times its size; more makes none that is better.
const SAMPLES_FOR_EACH: usize = 128;
/// Blocks are sampled in pieces, so that what stands late in one counts, too.
const SAMPLE_BYTES: usize = 4 << 10;
/// Of a file.
const COPIES: [u8; 2] = [1, 2];

type Compressor = zstd::bulk::Compressor<'static>;

/// What compresses blocks as they arrive.
pub(super) fn compressor() -> Result<Compressor> {
    with_checksum(Compressor::new(LEVEL))
}

/// What compresses blocks that are there to stay.
pub(super) fn compressor_with(dictionary: Option<&[u8]>) -> Result<Compressor> {
    with_checksum(Compressor::with_dictionary(LEVEL_WITH_DICTIONARY, dictionary.unwrap_or_default()))
}

fn with_checksum(made: std::io::Result<Compressor>) -> Result<Compressor> {
    let failed = |error: std::io::Error| StoreError::Failed(format!("cannot set up compression: {error}"));
    let mut compressor = made.map_err(failed)?;
    // Four bytes a block, verified whenever it is opened.
    compressor.include_checksum(true).map_err(failed)?;
    Ok(compressor)
}

/// Compresses into a buffer that is used again.
pub(super) fn compress(compressor: &mut Compressor, raw: &[u8], into: &mut Vec<u8>) -> Result<()> {
    into.clear();
    into.reserve(zstd::zstd_safe::compress_bound(raw.len()));
    compressor
        .compress_to_buffer(raw, into)
        .map_err(|error| StoreError::Failed(format!("cannot compress a block: {error}")))?;
    Ok(())
}

/// What blocks are sampled for.
pub(super) struct Samples {
    bytes: Vec<u8>,
    sizes: Vec<usize>,
    dictionary_bytes: usize,
}

impl Samples {
    /// `None` where there is too little for a dictionary.
    pub(super) fn of(raw_bytes: u64) -> Option<Self> {
        let dictionary_bytes = ((raw_bytes / RAW_BYTES_FOR_EACH) as usize).min(MOST_DICTIONARY_BYTES);
        (dictionary_bytes >= LEAST_DICTIONARY_BYTES).then(|| Self {
            bytes: Vec::new(),
            sizes: Vec::new(),
            dictionary_bytes,
        })
    }

    /// How much is wanted at most.
    pub(super) const fn wanted_bytes(&self) -> usize {
        self.dictionary_bytes * SAMPLES_FOR_EACH
    }

    pub(super) const fn is_enough(&self) -> bool {
        self.bytes.len() >= self.wanted_bytes()
    }

    pub(super) fn add(&mut self, raw: &[u8]) {
        self.bytes.extend_from_slice(raw);
        self.sizes.extend(raw.chunks(SAMPLE_BYTES).map(<[u8]>::len));
    }

    /// `None` where nothing is found in common.
    pub(super) fn dictionary(&self) -> Option<Vec<u8>> {
        zstd::dict::from_continuous(&self.bytes, &self.sizes, self.dictionary_bytes).ok()
    }
}

/// Puts a dictionary into a file.
pub(super) fn keep_dictionary(connection: &Connection, dictionary: &[u8]) -> Result<()> {
    for copy in COPIES {
        connection.execute(
            "INSERT INTO zstd_dictionary(copy, checksum, bytes) VALUES (?1, ?2, ?3)",
            params![copy, crc32fast::hash(dictionary), dictionary],
        )?;
    }
    Ok(())
}

/// The dictionary of a file, by the name of its database in SQL.
///
/// # Errors
/// [`StoreError::Damaged`] when the file has one, and no copy of it is whole.
pub(super) fn dictionary_of(connection: &Connection, database: &str) -> Result<Option<Vec<u8>>> {
    let has_table = format!("SELECT 1 FROM {database}.sqlite_master WHERE name = 'zstd_dictionary'");
    if connection.query_row(&has_table, [], |_| Ok(())).optional()?.is_none() {
        return Ok(None);
    }
    let mut is_there = false;
    for copy in COPIES {
        let sql = format!("SELECT checksum, bytes FROM {database}.zstd_dictionary WHERE copy = ?1");
        let read =
            connection.query_row(&sql, [copy], |row| Ok((row.get::<_, u32>(0)?, row.get::<_, Vec<u8>>(1)?))).optional();
        match read {
            Ok(None) => {}
            Ok(Some((checksum, bytes))) if checksum == crc32fast::hash(&bytes) => return Ok(Some(bytes)),
            Ok(Some(_)) => is_there = true,
            Err(error) => match StoreError::from(error) {
                StoreError::Damaged(_) => is_there = true,
                other => return Err(other),
            },
        }
    }
    if is_there {
        Err(StoreError::Damaged("what its blocks are compressed with cannot be read".to_owned()))
    } else {
        Ok(None)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file() -> Connection {
        let connection = Connection::open_in_memory().unwrap();
        connection
            .execute_batch("CREATE TABLE zstd_dictionary(copy INTEGER PRIMARY KEY, checksum INTEGER NOT NULL, bytes BLOB NOT NULL)")
            .unwrap();
        connection
    }

    #[test]
    fn a_dictionary_is_read_as_long_as_one_copy_is_whole() {
        let connection = file();
        assert_eq!(dictionary_of(&connection, "main").unwrap(), None);
        keep_dictionary(&connection, b"what all have").unwrap();
        let damage = "UPDATE zstd_dictionary SET bytes = x'00' WHERE copy = ?1";
        connection.execute(damage, [1]).unwrap();
        assert_eq!(dictionary_of(&connection, "main").unwrap().as_deref(), Some(&b"what all have"[..]));
        connection.execute(damage, [2]).unwrap();
        assert!(matches!(dictionary_of(&connection, "main"), Err(StoreError::Damaged(_))));
    }

    #[test]
    fn a_file_from_before_there_were_dictionaries_has_none() {
        assert_eq!(dictionary_of(&Connection::open_in_memory().unwrap(), "main").unwrap(), None);
    }

    #[test]
    fn little_is_compressed_without_a_dictionary() {
        assert!(Samples::of(100_000).is_none() && Samples::of(100 << 20).is_some());
    }
}
