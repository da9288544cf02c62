//! The compressions of a tar archive. Each of them may be several compressed streams, one behind the other, as parallel
//! compressors write them.

use std::io::{self, BufRead, Read};

use bzip2::bufread::MultiBzDecoder;
use flate2::bufread::GzDecoder;
use lzma_rust2::XzReader;
use ruzstd::decoding::errors::{FrameDecoderError, ReadFrameHeaderError};
use ruzstd::decoding::{BlockDecodingStrategy, FrameDecoder};

/// The largest window or dictionary that a decoder may ask memory for: what `zstd --long` and `xz -9` need, and twice that.
const WINDOW: u64 = 128 << 20;
/// The same for xz in KiB, with what its decoder needs besides.
const XZ_MEMORY: u32 = 129 << 10;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Compression {
    None,
    Gzip,
    Bzip2,
    Xz,
    Zstandard,
}

impl Compression {
    /// Told from the first bytes.
    pub(super) fn of(beginning: &[u8]) -> Self {
        match beginning {
            [0x1f, 0x8b, ..] => Self::Gzip,
            [b'B', b'Z', b'h', b'1'..=b'9', ..] => Self::Bzip2,
            [0xfd, b'7', b'z', b'X', b'Z', 0, ..] => Self::Xz,
            // A frame, or one to be skipped before it.
            [0x28, 0xb5, 0x2f, 0xfd, ..] | [0x50..=0x5f, 0x2a, 0x4d, 0x18, ..] => Self::Zstandard,
            _ => Self::None,
        }
    }

    pub(super) fn name(self) -> &'static str {
        match self {
            Self::None => "tar",
            Self::Gzip => "gzip",
            Self::Bzip2 => "bzip2",
            Self::Xz => "xz",
            Self::Zstandard => "zstd",
        }
    }

    pub(super) fn decoder<'a>(self, source: impl BufRead + 'a) -> Box<dyn Read + 'a> {
        match self {
            Self::None => Box::new(source),
            Self::Gzip => Box::new(Gzip(Some(GzDecoder::new(source)))),
            Self::Bzip2 => Box::new(MultiBzDecoder::new(source)),
            Self::Xz => Box::new(XzReader::new_mem_limit(source, true, XZ_MEMORY)),
            Self::Zstandard => Box::new(Zstandard { source, decoder: FrameDecoder::new(), open: false }),
        }
    }
}

/// The members of a gzip file. Zeros behind the last one are what tapes fill up with.
struct Gzip<B>(Option<GzDecoder<B>>);

impl<B: BufRead> Read for Gzip<B> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while let Some(decoder) = &mut self.0 {
            let length = decoder.read(buffer)?;
            if length > 0 {
                return Ok(length);
            }
            if let Some(mut rest) = self.0.take().map(GzDecoder::into_inner)
                && !only_zeros(&mut rest)?
            {
                self.0 = Some(GzDecoder::new(rest));
            }
        }
        Ok(0)
    }
}

/// Passes over zeros, and tells whether nothing follows.
fn only_zeros(source: &mut impl BufRead) -> io::Result<bool> {
    loop {
        let buffered = source.fill_buf()?;
        let length = buffered.len();
        let zeros = buffered.iter().take_while(|byte| **byte == 0).count();
        source.consume(zeros);
        if zeros < length || length == 0 {
            return Ok(length == 0);
        }
    }
}

/// The frames of a zstd file.
struct Zstandard<B> {
    source: B,
    decoder: FrameDecoder,
    /// Whether a frame has begun.
    open: bool,
}

impl<B: BufRead> Read for Zstandard<B> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            if !self.open && !self.begin()? {
                return Ok(0);
            }
            while self.decoder.can_collect() == 0 && !self.decoder.is_finished() {
                let one = BlockDecodingStrategy::UptoBlocks(1);
                self.decoder.decode_blocks(&mut self.source, one).map_err(io::Error::other)?;
            }
            let length = self.decoder.read(buffer)?;
            if length > 0 {
                return Ok(length);
            }
            // The library reads the checksum and leaves it to us to compare it.
            let written = self.decoder.get_checksum_from_data();
            if written.is_some() && written != self.decoder.get_calculated_checksum() {
                return Err(io::Error::other("its checksum is wrong"));
            }
            self.open = false;
        }
    }
}

impl<B: BufRead> Zstandard<B> {
    /// Begins the next frame that holds data; false when there is none.
    fn begin(&mut self) -> io::Result<bool> {
        self.decoder.set_max_window_size(WINDOW);
        loop {
            if self.source.fill_buf()?.is_empty() {
                return Ok(false);
            }
            match self.decoder.reset(&mut self.source) {
                Ok(()) => {
                    self.open = true;
                    return Ok(true);
                }
                Err(FrameDecoderError::ReadFrameHeaderError(ReadFrameHeaderError::SkipFrame { length, .. })) => {
                    let skipped = io::copy(&mut (&mut self.source).take(length.into()), &mut io::sink())?;
                    if skipped < length.into() {
                        return Err(io::ErrorKind::UnexpectedEof.into());
                    }
                }
                Err(FrameDecoderError::WindowSizeTooBig { .. }) => return Err(io::ErrorKind::OutOfMemory.into()),
                Err(error) => return Err(io::Error::other(error)),
            }
        }
    }
}
