//! A segment of the index of a day: for up to 1,024 stretches of events, in which of them each row is set.
//!
//! ```text
//! segment    header, directory, pages
//! header     magic, bytes of directory and of pages, first and last seq, mark of the last event, stretches, checksum of header and directory
//! directory  events of each stretch (varints); where each page begins and the last one ends (u32)
//! page       checksum; which of 64 rows are set anywhere (u64); their sets, one after the other (of short rows, in numbers of four stretches)
//! ```
//! All of it is told by the events, so whatever does not read as it should is thrown away and made again.

use std::{fs::File, os::unix::fs::FileExt, sync::Arc};

use super::{
    super::varint::{Broken, Cursor, put},
    grams::{ROWS, RowSet, SHORT_ROWS},
    postings::{self, MOST_STRETCHES, Stretches},
};

/// Another layout, another number of rows, another folding rule: another mark.
const MAGIC: &[u8; 8] = b"hbsrch01";
const ROWS_OF_PAGE: u32 = 64;
const PAGES: u32 = ROWS / ROWS_OF_PAGE;
/// Stretches that share a place in the sets of short rows.
const SHARING: usize = 4;
const HEADER_BYTES: usize = 48;
/// A damaged size is not asked of the allocator.
const MOST_BYTES: u32 = 256 << 20;

/// What a segment is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Segment {
    /// Where it begins in the file.
    offset: u64,
    directory_bytes: u32,
    pages_bytes: u32,
    pub(super) first_seq: u64,
    pub(super) last_seq: u64,
    /// Tells the last event from another that has its number, as after a backup was put back.
    pub(super) mark: u32,
    stretches: u16,
}

/// Rows of one stretch of events, and its last `seq`.
pub(super) struct Stretch {
    pub(super) rows: RowSet,
    pub(super) last_seq: u64,
}

#[derive(Debug)]
pub(super) enum Unread {
    Broken,
    Failed(std::io::Error),
}

impl From<Broken> for Unread {
    fn from(_: Broken) -> Self {
        Self::Broken
    }
}

impl From<std::io::Error> for Unread {
    fn from(error: std::io::Error) -> Self {
        // A file that ends early is a damaged one.
        if error.kind() == std::io::ErrorKind::UnexpectedEof { Self::Broken } else { Self::Failed(error) }
    }
}

/// The segment that begins at `offset`, and its bytes.
pub(super) fn build(offset: u64, first_seq: u64, mark: u32, stretches: &[Arc<Stretch>]) -> (Segment, Vec<u8>) {
    let by_row = ByRow::new(stretches);
    let mut pages = Vec::new();
    let mut begins: Vec<u32> = Vec::with_capacity(PAGES as usize + 1);
    for page in 0..PAGES {
        begins.push(pages.len() as u32);
        write_page(&by_row, page, places(page, stretches.len()), &mut pages);
    }
    begins.push(pages.len() as u32);
    let mut directory = Vec::new();
    let mut next = first_seq;
    for stretch in stretches {
        put(&mut directory, stretch.last_seq + 1 - next);
        next = stretch.last_seq + 1;
    }
    for begin in &begins {
        directory.extend_from_slice(&begin.to_le_bytes());
    }
    let segment = Segment {
        offset,
        directory_bytes: directory.len() as u32,
        pages_bytes: pages.len() as u32,
        first_seq,
        last_seq: next - 1,
        mark,
        stretches: stretches.len() as u16,
    };
    let mut bytes = segment.header(&directory).to_vec();
    bytes.extend_from_slice(&directory);
    bytes.extend_from_slice(&pages);
    (segment, bytes)
}

/// How many places the sets of a page have.
fn places(page: u32, stretches: usize) -> usize {
    if page < SHORT_ROWS / ROWS_OF_PAGE { stretches.div_ceil(SHARING) } else { stretches }
}

/// The places of each row, in one list; those of short rows may repeat.
struct ByRow {
    begins: Vec<u32>,
    places: Vec<u16>,
}

impl ByRow {
    fn new(all: &[Arc<Stretch>]) -> Self {
        let mut begins = vec![0_u32; ROWS as usize + 1];
        for stretch in all {
            stretch.rows.each(|row| begins[row as usize + 1] += 1);
        }
        (0..ROWS as usize).for_each(|row| begins[row + 1] += begins[row]);
        let mut next = begins.clone();
        let mut places = vec![0_u16; begins[ROWS as usize] as usize];
        for (number, stretch) in all.iter().enumerate() {
            stretch.rows.each(|row| {
                let place = if row < SHORT_ROWS { number / SHARING } else { number };
                let at = &mut next[row as usize];
                places[*at as usize] = place as u16;
                *at += 1;
            });
        }
        Self { begins, places }
    }

    fn of(&self, row: u32) -> &[u16] {
        &self.places[self.begins[row as usize] as usize..self.begins[row as usize + 1] as usize]
    }
}

fn write_page(by_row: &ByRow, page: u32, places: usize, out: &mut Vec<u8>) {
    let begin = out.len();
    let sets = (0..ROWS_OF_PAGE).map(|place| by_row.of(page * ROWS_OF_PAGE + place));
    let present = sets.clone().enumerate().fold(0_u64, |bits, (place, set)| bits | u64::from(!set.is_empty()) << place);
    if present == 0 {
        return;
    }
    out.extend_from_slice(&[0; 4]);
    out.extend_from_slice(&present.to_le_bytes());
    let mut members = Vec::new();
    for set in sets.filter(|set| !set.is_empty()) {
        members.clear();
        members.extend_from_slice(set);
        members.dedup();
        postings::write(&members, places, out);
    }
    let sum = page_sum(page, &out[begin + 4..]);
    out[begin..begin + 4].copy_from_slice(&sum.to_le_bytes());
}

fn page_sum(page: u32, bytes: &[u8]) -> u32 {
    let mut sum = crc32fast::Hasher::new_with_initial(page);
    sum.update(bytes);
    sum.finalize()
}

impl Segment {
    fn header(&self, directory: &[u8]) -> [u8; HEADER_BYTES] {
        let mut header = [0; HEADER_BYTES];
        header[..8].copy_from_slice(MAGIC);
        header[8..12].copy_from_slice(&self.directory_bytes.to_le_bytes());
        header[12..16].copy_from_slice(&self.pages_bytes.to_le_bytes());
        header[16..24].copy_from_slice(&self.first_seq.to_le_bytes());
        header[24..32].copy_from_slice(&self.last_seq.to_le_bytes());
        header[32..36].copy_from_slice(&self.mark.to_le_bytes());
        header[36..38].copy_from_slice(&self.stretches.to_le_bytes());
        let mut sum = crc32fast::Hasher::new();
        sum.update(&header[..HEADER_BYTES - 4]);
        sum.update(directory);
        header[HEADER_BYTES - 4..].copy_from_slice(&sum.finalize().to_le_bytes());
        header
    }

    /// The segment at `offset`.
    pub(super) fn open(file: &File, offset: u64) -> Result<Self, Unread> {
        let mut header = [0; HEADER_BYTES];
        file.read_exact_at(&mut header, offset)?;
        let mut fields = Cursor(&header);
        if fields.bytes(8)? != MAGIC {
            return Err(Unread::Broken);
        }
        let segment = Self {
            offset,
            directory_bytes: u32::from_le_bytes(array(&mut fields)?),
            pages_bytes: u32::from_le_bytes(array(&mut fields)?),
            first_seq: u64::from_le_bytes(array(&mut fields)?),
            last_seq: u64::from_le_bytes(array(&mut fields)?),
            mark: u32::from_le_bytes(array(&mut fields)?),
            stretches: u16::from_le_bytes(array(&mut fields)?),
        };
        let fits = (1..=MOST_STRETCHES).contains(&usize::from(segment.stretches))
            && segment.directory_bytes < MOST_BYTES
            && segment.pages_bytes < MOST_BYTES
            && segment.first_seq <= segment.last_seq;
        if !fits {
            return Err(Unread::Broken);
        }
        segment.directory(file)?;
        Ok(segment)
    }

    pub(super) fn end(&self) -> u64 {
        self.offset + HEADER_BYTES as u64 + u64::from(self.directory_bytes) + u64::from(self.pages_bytes)
    }

    fn directory(&self, file: &File) -> Result<Directory, Unread> {
        let mut bytes = vec![0; HEADER_BYTES + self.directory_bytes as usize];
        file.read_exact_at(&mut bytes, self.offset)?;
        let (header, directory) = bytes.split_at(HEADER_BYTES);
        if *header != self.header(directory) {
            return Err(Unread::Broken);
        }
        let mut cursor = Cursor(directory);
        let mut ends = Vec::with_capacity(usize::from(self.stretches));
        let mut next = self.first_seq;
        for _ in 0..self.stretches {
            next = next.checked_add(cursor.number()?).ok_or(Broken)?;
            ends.push(next - 1);
        }
        let begins = (0..=PAGES).map(|_| Ok(u32::from_le_bytes(array(&mut cursor)?))).collect::<Result<_, Broken>>()?;
        Ok(Directory { ends, begins })
    }

    /// The stretches in which all of the rows may be set, by their first and last `seq`; neighbours are joined. Oldest first. `rows` ascend.
    pub(super) fn find(&self, file: &File, rows: &[u32]) -> Result<Vec<(u64, u64)>, Unread> {
        let directory = self.directory(file)?;
        let total = usize::from(self.stretches);
        let mut left = Stretches::first(total);
        let mut page = Vec::new();
        for of_page in rows.chunk_by(|one, other| one / ROWS_OF_PAGE == other / ROWS_OF_PAGE) {
            let number = of_page[0] / ROWS_OF_PAGE;
            let places = places(number, total);
            directory.read_page(self, file, number, &mut page)?;
            let mut kept = Stretches::first(places);
            keep_rows(&page, of_page, places, &mut kept)?;
            left.keep(&if places == total { kept } else { kept.widened(SHARING, total) });
            if left.is_empty() {
                break;
            }
        }
        let ends = &directory.ends;
        let begin = |stretch: usize| stretch.checked_sub(1).map_or(self.first_seq, |before| ends[before] + 1);
        Ok(joined((0..total).filter(|one| left.has(*one)).map(|one| (begin(one), ends[one]))))
    }

    /// Reads all of it.
    pub(super) fn check(&self, file: &File) -> Result<(), Unread> {
        let directory = self.directory(file)?;
        let mut page = Vec::new();
        for number in 0..PAGES {
            directory.read_page(self, file, number, &mut page)?;
            let last = number * ROWS_OF_PAGE + ROWS_OF_PAGE - 1;
            let places = places(number, usize::from(self.stretches));
            keep_rows(&page, &[last], places, &mut Stretches::first(places))?;
        }
        Ok(())
    }
}

fn array<const N: usize>(cursor: &mut Cursor<'_>) -> Result<[u8; N], Broken> {
    cursor.bytes(N)?.try_into().map_err(|_| Broken)
}

struct Directory {
    /// Last `seq` of each stretch.
    ends: Vec<u64>,
    begins: Vec<u32>,
}

impl Directory {
    fn read_page(&self, segment: &Segment, file: &File, page: u32, out: &mut Vec<u8>) -> Result<(), Unread> {
        let (begin, end) = (self.begins[page as usize], self.begins[page as usize + 1]);
        out.clear();
        if begin >= end || end > segment.pages_bytes {
            // Sums tell damage of the directory: this is a page of no rows.
            return Ok(());
        }
        out.resize((end - begin) as usize, 0);
        let pages_at = segment.offset + HEADER_BYTES as u64 + u64::from(segment.directory_bytes);
        file.read_exact_at(out, pages_at + u64::from(begin))?;
        let sum = u32::from_le_bytes(array(&mut Cursor(out))?);
        if page_sum(page, &out[4..]) != sum {
            return Err(Unread::Broken);
        }
        Ok(())
    }
}

/// Keeps the places in which all `wanted` rows of one page are set.
fn keep_rows(page: &[u8], wanted: &[u32], places: usize, left: &mut Stretches) -> Result<(), Broken> {
    if page.is_empty() {
        *left = Stretches::first(0);
        return Ok(());
    }
    let mut cursor = Cursor(&page[4..]);
    let present = u64::from_le_bytes(array(&mut cursor)?);
    let mut wanted = wanted.iter().map(|row| row % ROWS_OF_PAGE).peekable();
    for row in 0..ROWS_OF_PAGE {
        let is_present = present >> row & 1 != 0;
        let set = if is_present { Some(postings::read(&mut cursor, places)?) } else { None };
        if wanted.next_if_eq(&row).is_some() {
            left.keep(&set.unwrap_or(Stretches::first(0)));
        }
        if wanted.peek().is_none() {
            break;
        }
    }
    Ok(())
}

/// Ranges in order, those that touch made one.
pub(super) fn joined(ranges: impl Iterator<Item = (u64, u64)>) -> Vec<(u64, u64)> {
    let mut all: Vec<(u64, u64)> = Vec::new();
    for (first, last) in ranges {
        match all.last_mut() {
            Some(before) if before.1 + 1 == first => before.1 = last,
            _ => all.push((first, last)),
        }
    }
    all
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::{
        super::grams::{Collector, rows_of_needle},
        *,
    };

    fn stretches(count: usize) -> Vec<Arc<Stretch>> {
        let mut collector = Collector::default();
        (0..count)
            .map(|number| {
                collector.add_text(&format!("event of stretch{number:04} and {}", "odd ".repeat(number % 2)));
                Arc::new(Stretch { rows: collector.finish(), last_seq: 10 * number as u64 + 19 })
            })
            .collect()
    }

    fn written(count: usize) -> (Segment, File) {
        let all = stretches(count);
        let mut file = tempfile::tempfile().unwrap();
        file.write_all(b"before").unwrap();
        let (segment, bytes) = build(6, 10, 7, &all);
        file.write_all(&bytes).unwrap();
        assert_eq!(segment.end(), 6 + bytes.len() as u64);
        (segment, file)
    }

    #[test]
    fn a_segment_finds_the_stretches_that_hold_a_text() {
        for count in [1, 2, 300, MOST_STRETCHES] {
            let (built, file) = written(count);
            let segment = Segment::open(&file, 6).unwrap();
            assert_eq!(segment, built);
            segment.check(&file).unwrap();
            assert_eq!((segment.first_seq, segment.last_seq, segment.mark), (10, 10 * count as u64 + 9, 7));
            let find = |text: &str| segment.find(&file, &rows_of_needle(text)).unwrap();
            assert_eq!(find("event"), [(10, 10 * count as u64 + 9)]);
            // Found by every fourth, since it is short.
            assert_eq!(find("odd").is_empty(), count == 1);
            let one = (10 * count as u64, 10 * count as u64 + 9);
            assert!(
                find(&format!("stretch{:04}", count - 1)).iter().any(|(first, last)| *first <= one.0 && one.1 <= *last)
            );
            assert!(segment.find(&file, &rows_of_needle("absent")).unwrap().is_empty());
        }
    }

    #[test]
    fn any_flipped_byte_is_noticed() {
        let (segment, file) = written(3);
        let mut random = fastrand::Rng::with_seed(1);
        for _ in 0..300 {
            let at = random.u64(6..segment.end());
            let mut byte = [0];
            file.read_exact_at(&mut byte, at).unwrap();
            file.write_all_at(&[byte[0] ^ 1 << random.u32(..8)], at).unwrap();
            let told = Segment::open(&file, 6).and_then(|segment| segment.check(&file));
            assert!(matches!(told, Err(Unread::Broken)), "at {at}");
            file.write_all_at(&byte, at).unwrap();
        }
        file.set_len(segment.end() - 1).unwrap();
        assert!(matches!(segment.check(&file), Err(Unread::Broken)));
    }
}
