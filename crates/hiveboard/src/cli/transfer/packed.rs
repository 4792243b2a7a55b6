//! Files as people keep them: plain, `.gz` or `.zst`, or the standard streams.

use std::{
    fs::File,
    io::{self, BufRead, BufReader, BufWriter, Read, Write},
    path::{Path, PathBuf},
};

use anyhow::{Context, bail};
use flate2::{Compression, bufread::MultiGzDecoder, write::GzEncoder};

use crate::terminal::output::Reader;

const BUFFER_BYTES: usize = 256 * 1024;
const ZSTD_LEVEL: i32 = 3;
/// The largest window that a frame may ask for: 128 MiB, what `zstd` itself takes unless told otherwise.
const ZSTD_WINDOW_LOG: u32 = 27;

/// How a file is packed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Packing {
    None,
    Gzip,
    Zstd,
}

impl Packing {
    /// By a name's ending; and the name without it.
    pub(super) fn of(name: &str) -> (Self, &str) {
        let endings = [(".gz", Self::Gzip), (".zst", Self::Zstd)];
        let found = endings.into_iter().find_map(|(ending, packing)| Some((packing, name.strip_suffix(ending)?)));
        found.unwrap_or((Self::None, name))
    }
}

/// A file that is complete or not there: it is written beside its place and moved there at the end.
pub(super) struct Output {
    writer: Packed,
    /// Where it is written, and where it belongs; `None` for the standard output.
    places: Option<(PathBuf, PathBuf)>,
}

enum Packed {
    Plain(BufWriter<Box<dyn Write + Send>>),
    Gzip(GzEncoder<BufWriter<Box<dyn Write + Send>>>),
    Zstd(zstd::Encoder<'static, BufWriter<Box<dyn Write + Send>>>),
}

impl Output {
    /// `None` writes to the standard output.
    pub(super) fn open(path: Option<&Path>, packing: Packing) -> anyhow::Result<Self> {
        let (places, sink): (_, Box<dyn Write + Send>) = match path {
            None => (None, Box::new(Reader(io::stdout()))),
            Some(path) => {
                let mut name = path.file_name().context("the output names no file")?.to_owned();
                name.push(".partial");
                let partial = path.with_file_name(name);
                let file = File::create(&partial).with_context(|| format!("cannot write to {}", partial.display()))?;
                (Some((partial, path.to_owned())), Box::new(file))
            }
        };
        let sink = BufWriter::with_capacity(BUFFER_BYTES, sink);
        let writer = match packing {
            Packing::None => Packed::Plain(sink),
            Packing::Gzip => Packed::Gzip(GzEncoder::new(sink, Compression::default())),
            Packing::Zstd => Packed::Zstd(zstd::Encoder::new(sink, ZSTD_LEVEL)?),
        };
        Ok(Self { writer, places })
    }

    /// All was written.
    pub(super) fn finish(self) -> anyhow::Result<()> {
        let mut sink = match self.writer {
            Packed::Plain(sink) => sink,
            Packed::Gzip(packed) => packed.finish()?,
            Packed::Zstd(packed) => packed.finish()?,
        };
        sink.flush()?;
        drop(sink);
        if let Some((partial, path)) = self.places {
            std::fs::rename(&partial, &path)
                .with_context(|| format!("cannot move {} to {}", partial.display(), path.display()))?;
        }
        Ok(())
    }
}

impl Write for Output {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match &mut self.writer {
            Packed::Plain(sink) => sink.write(bytes),
            Packed::Gzip(packed) => packed.write(bytes),
            Packed::Zstd(packed) => packed.write(bytes),
        }
    }

    // What is packed is only written out at the end: flushing in between would pack it less.
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Unpacks by what a stream begins with, whatever it is called.
pub(super) fn unpacked(source: impl Read + 'static) -> anyhow::Result<Box<dyn BufRead>> {
    let mut source = BufReader::with_capacity(BUFFER_BYTES, source);
    let head = source.fill_buf()?;
    if head.starts_with(b"PAR1") {
        bail!("this is a Parquet file; what is read back is NDJSON: `hiveboard export --format ndjson`");
    }
    let (is_gzip, is_zstd) = (head.starts_with(&[0x1f, 0x8b]), head.starts_with(&[0x28, 0xb5, 0x2f, 0xfd]));
    let unpacked: Box<dyn Read> = if is_gzip {
        Box::new(MultiGzDecoder::new(source))
    } else if is_zstd {
        let mut decoder = zstd::Decoder::with_buffer(source)?;
        decoder.window_log_max(ZSTD_WINDOW_LOG)?;
        Box::new(decoder)
    } else {
        return Ok(Box::new(source));
    };
    Ok(Box::new(BufReader::with_capacity(BUFFER_BYTES, unpacked)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_packed_is_read_back_by_its_first_bytes() {
        let dir = tempfile::tempdir().expect("a directory");
        for (name, packing, plain) in
            [("a.ndjson", Packing::None, "a.ndjson"), ("b.gz", Packing::Gzip, "b"), ("c.zst", Packing::Zstd, "c")]
        {
            assert_eq!(Packing::of(name), (packing, plain));
            let path = dir.path().join(name);
            let mut output = Output::open(Some(&path), packing).expect("it opens");
            output.write_all(b"one\ntwo\n").expect("written");
            assert!(!path.exists(), "half a file is not taken for one");
            output.finish().expect("finished");
            let lines: Vec<String> = unpacked(File::open(&path).expect("there"))
                .expect("known")
                .lines()
                .collect::<io::Result<_>>()
                .expect("text");
            assert_eq!(lines, ["one", "two"], "{name}");
        }
        assert_eq!(std::fs::read_dir(dir.path()).expect("a directory").count(), 3, "nothing else is left");
        assert!(unpacked(&b"PAR1...."[..]).is_err());
        assert_eq!(unpacked(&b""[..]).expect("empty").lines().count(), 0);
    }
}
