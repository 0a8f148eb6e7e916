/*!
Text of any encoding as UTF-8.

JSON is UTF-8 by definition, but tables are what a spreadsheet of the place wrote, and XML is what it says it is. What is
asked for holds, then a byte order mark, then what an XML declaration says. Without any of them the bytes tell: ASCII is
passed on until the first byte that is none, so that a slow pipe is not held up, and there the encoding is guessed once.
Bytes that the encoding does not have become U+FFFD and are counted.
*/

use std::fmt;
use std::io::{self, Read};
use std::str::FromStr;
use std::sync::{Arc, Mutex, PoisonError};

use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use encoding_rs::{Decoder, DecoderResult, Encoding, UTF_8, UTF_16BE, UTF_16LE};

use super::source::{Peeked, Stream};

/// Bytes that an encoding is guessed from.
const SAMPLE: usize = 64 * 1024;
/// Bytes that are decoded at a time.
const OUTPUT: usize = 64 * 1024;
/// So many characters of UTF-8 outweigh one sequence that is not.
const OUTWEIGH: usize = 20;

/// An encoding of text, by a name of the WHATWG's Encoding Standard.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TextEncoding(&'static Encoding);

impl TextEncoding {
    /// The encoding's name.
    pub fn name(self) -> &'static str {
        self.0.name()
    }
}

impl fmt::Display for TextEncoding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// A name that is no encoding's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnknownEncoding(String);

impl fmt::Display for UnknownEncoding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{:?} is no encoding; among those known are utf-8, utf-16le, utf-16be, windows-1252, gb18030, big5, \
             shift_jis, euc-kr",
            self.0
        )
    }
}

impl std::error::Error for UnknownEncoding {}

impl FromStr for TextEncoding {
    type Err = UnknownEncoding;

    fn from_str(name: &str) -> Result<TextEncoding, UnknownEncoding> {
        match name.to_ascii_lowercase().as_str() {
            "utf16" => Ok(TextEncoding(UTF_16LE)),
            "utf-16be" | "utf16be" => Ok(TextEncoding(UTF_16BE)),
            _ => Encoding::for_label_no_replacement(name.as_bytes())
                .map(TextEncoding)
                .ok_or_else(|| UnknownEncoding(name.to_owned())),
        }
    }
}

/// What is known of a stream's encoding; the reader of the stream writes it, and another may look.
#[derive(Clone, Debug, Default)]
pub(super) struct Told(Arc<Mutex<State>>);

#[derive(Debug, Default)]
struct State {
    encoding: Option<&'static Encoding>,
    guessed: bool,
    replaced: u64,
}

impl Told {
    fn with<T>(&self, change: impl FnOnce(&mut State) -> T) -> T {
        change(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// What its user should know of it: what was assumed, and what was lost.
    pub(super) fn notice(&self) -> Option<String> {
        self.with(|state| {
            let encoding = state.encoding?;
            let name = encoding.name();
            let assumed = (state.guessed && encoding != UTF_8).then(|| {
                format!("its text is not UTF-8 and is read as {name}, by the look of it; --encoding NAME overrides")
            });
            let lost = (state.replaced > 0).then(|| match state.replaced {
                1 => format!("1 byte sequence that is not valid {name} became U+FFFD"),
                n => format!("{n} byte sequences that are not valid {name} became U+FFFD"),
            });
            match (assumed, lost) {
                (Some(assumed), Some(lost)) => Some(format!("{assumed}; {lost}")),
                (assumed, lost) => assumed.or(lost),
            }
        })
    }
}

/// Decodes a stream whose encoding is asked for, or that is told by its first bytes to be UTF-16.
pub(super) fn settled(
    mut stream: Peeked<Stream>,
    asked: Option<TextEncoding>,
    told: &Told,
) -> io::Result<Peeked<Stream>> {
    let encoding = match asked {
        Some(TextEncoding(encoding)) => Some(encoding),
        None => utf_16(&mut stream)?,
    };
    Ok(match encoding {
        Some(encoding) => decoded(stream, Mode::Decode(decoder(encoding, told)), told),
        None => stream,
    })
}

/// Decodes a stream of which nothing is known but what it may declare.
pub(super) fn unsettled(stream: Peeked<Stream>, declared: Option<&'static Encoding>, told: &Told) -> Peeked<Stream> {
    if told.with(|state| state.encoding.is_some()) {
        return stream;
    }
    let mode = match declared {
        Some(encoding) => Mode::Decode(decoder(encoding, told)),
        None => Mode::Ascii,
    };
    decoded(stream, mode, told)
}

fn decoder(encoding: &'static Encoding, told: &Told) -> Decoder {
    told.with(|state| state.encoding = Some(encoding));
    encoding.new_decoder_with_bom_removal()
}

fn decoded(stream: Peeked<Stream>, mode: Mode, told: &Told) -> Peeked<Stream> {
    let stream: Stream = Box::new(Transcoder {
        inner: stream,
        input: Vec::new(),
        at: 0,
        ended: false,
        mode,
        output: Vec::new(),
        taken: 0,
        told: told.clone(),
    });
    Peeked::new(stream)
}

/// Bytes of a page in which it says its encoding; the standard has 1,024 and browsers look further.
const CHARSET: usize = 4096;

/// The encoding that an XML declaration states.
pub(super) fn declared(head: &[u8]) -> Option<&'static Encoding> {
    let head = head.trim_ascii_start().strip_prefix(b"<?xml")?;
    let declaration = &head[..memchr::memchr(b'>', head)?];
    let at = memchr::memmem::find(declaration, b"encoding")? + "encoding".len();
    let value = declaration[at..].trim_ascii_start().strip_prefix(b"=")?.trim_ascii_start();
    let (quote, value) = value.split_first()?;
    let label = &value[..value.iter().position(|byte| byte == quote)?];
    labelled(label)
}

/// The encoding of a label, if it can be: who can read the label as ASCII does not read UTF-16.
fn labelled(label: &[u8]) -> Option<&'static Encoding> {
    Some(match Encoding::for_label_no_replacement(label)? {
        encoding if encoding == UTF_16LE || encoding == UTF_16BE => UTF_8,
        encoding => encoding,
    })
}

/// The encoding that a page in HTML states, of itself or as XML.
pub(super) fn declared_by_page(head: &[u8]) -> Option<&'static Encoding> {
    if let Some(encoding) = declared(head) {
        return Some(encoding);
    }
    let name = b"charset=";
    let at = head.windows(name.len()).take(CHARSET).position(|found| found.eq_ignore_ascii_case(name))?;
    let value = head[at + name.len()..].trim_ascii_start();
    let value = value.strip_prefix(b"\"").or_else(|| value.strip_prefix(b"'")).unwrap_or(value);
    let end = value.iter().position(|byte| !byte.is_ascii_alphanumeric() && !b"-_:.".contains(byte))?;
    labelled(&value[..end])
}

/// UTF-16, by its byte order mark or by every other byte of two ASCII characters being zero.
fn utf_16(stream: &mut Peeked<Stream>) -> io::Result<Option<&'static Encoding>> {
    loop {
        let head = stream.head();
        let text = |byte: u8| matches!(byte, b'\t' | b'\n' | b'\r' | b' '..=b'~');
        match head {
            [0xff, 0xfe, ..] => return Ok(Some(UTF_16LE)),
            [0xfe, 0xff, ..] => return Ok(Some(UTF_16BE)),
            [a, 0, b, 0, ..] if text(*a) && text(*b) => return Ok(Some(UTF_16LE)),
            [0, a, 0, b, ..] if text(*a) && text(*b) => return Ok(Some(UTF_16BE)),
            _ => {}
        }
        let undecided = match head {
            [] => true,
            [0xff] | [0xfe] | [0] => true,
            [a] => text(*a),
            [a, 0] | [a, 0, _] => text(*a),
            [0, a] | [0, a, 0] => text(*a),
            _ => false,
        };
        if !undecided || !stream.peek_more()? {
            return Ok(None);
        }
    }
}

enum Mode {
    /// Nothing but ASCII so far.
    Ascii,
    Decode(Decoder),
    /// No text by the look of it; whoever reads it will say so.
    AsIs,
}

/// Reads a stream as UTF-8.
struct Transcoder<R> {
    inner: R,
    /// Bytes that were read and are still to be decoded, from `at` on.
    input: Vec<u8>,
    at: usize,
    ended: bool,
    mode: Mode,
    /// Text that is still to be taken, from `taken` on.
    output: Vec<u8>,
    taken: usize,
    told: Told,
}

impl<R: Read> Transcoder<R> {
    /// Reads once; false at the end.
    fn fill(&mut self) -> io::Result<bool> {
        self.input.drain(..self.at);
        self.at = 0;
        if self.ended {
            return Ok(false);
        }
        let have = self.input.len();
        self.input.resize(have.max(SAMPLE / 2) + SAMPLE / 2, 0);
        let read = loop {
            match self.inner.read(&mut self.input[have..]) {
                Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
                result => break result,
            }
        };
        self.input.truncate(have + *read.as_ref().unwrap_or(&0));
        self.ended = read? == 0;
        Ok(!self.ended)
    }

    /// Decides at the first byte that is not ASCII.
    fn decide(&mut self) -> io::Result<()> {
        while self.input.len() - self.at <= SAMPLE && self.fill()? {}
        let sample = &self.input[self.at..];
        let whole = sample.len() <= SAMPLE;
        let sample = &sample[..sample.len().min(SAMPLE)];
        self.mode = match guess(sample, whole) {
            Some(encoding) => {
                self.told.with(|state| (state.encoding, state.guessed) = (Some(encoding), true));
                Mode::Decode(encoding.new_decoder_without_bom_handling())
            }
            None => Mode::AsIs,
        };
        Ok(())
    }
}

impl<R: Read> Read for Transcoder<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if buffer.is_empty() {
            return Ok(0);
        }
        loop {
            if self.taken < self.output.len() {
                let read = (&self.output[self.taken..]).read(buffer)?;
                self.taken += read;
                return Ok(read);
            }
            if self.at == self.input.len() && !self.ended {
                self.fill()?;
            }
            let rest = &self.input[self.at..];
            match &mut self.mode {
                Mode::Ascii | Mode::AsIs if rest.is_empty() => return Ok(0),
                Mode::AsIs => {
                    let mut rest = rest;
                    let read = rest.read(buffer)?;
                    self.at += read;
                    return Ok(read);
                }
                Mode::Ascii => {
                    let mut ascii = &rest[..Encoding::ascii_valid_up_to(rest)];
                    if ascii.is_empty() {
                        self.decide()?;
                        continue;
                    }
                    let read = ascii.read(buffer)?;
                    self.at += read;
                    return Ok(read);
                }
                Mode::Decode(decoder) => {
                    self.output.resize(OUTPUT, 0);
                    let (read, wrote, lost, done) = decode(decoder, rest, self.ended, &mut self.output);
                    self.at += read;
                    self.output.truncate(wrote);
                    self.taken = 0;
                    if lost > 0 {
                        self.told.with(|state| state.replaced += lost);
                    }
                    if done {
                        self.mode = Mode::AsIs;
                    }
                }
            }
        }
    }
}

/// Decodes as much as there is room for: bytes read and written, sequences replaced, and whether the end was reached.
fn decode(decoder: &mut Decoder, input: &[u8], last: bool, output: &mut [u8]) -> (usize, usize, u64, bool) {
    const LOST: &[u8] = "\u{fffd}".as_bytes();
    let (mut read, mut wrote, mut lost) = (0, 0, 0);
    loop {
        let room = output.len() - LOST.len();
        if wrote + LOST.len() > room {
            return (read, wrote, lost, false);
        }
        let (result, taken, made) =
            decoder.decode_to_utf8_without_replacement(&input[read..], &mut output[wrote..room], last);
        read += taken;
        wrote += made;
        match result {
            DecoderResult::InputEmpty => return (read, wrote, lost, last),
            DecoderResult::OutputFull => return (read, wrote, lost, false),
            DecoderResult::Malformed(..) => {
                output[wrote..wrote + LOST.len()].copy_from_slice(LOST);
                wrote += LOST.len();
                lost += 1;
            }
        }
    }
}

/// The encoding of a text that is not ASCII; none when it is no text. `whole` tells that it does not go on.
fn guess(sample: &[u8], whole: bool) -> Option<&'static Encoding> {
    let controls = sample.iter().filter(|b| matches!(b, 0..=8 | 0x0e..=0x1a | 0x1c..=0x1f | 0x7f)).count();
    if sample.contains(&0) || controls > sample.len() / 200 {
        return None;
    }
    let (mut valid, mut broken) = (0, 0);
    for chunk in sample.utf8_chunks() {
        valid += chunk.valid().chars().filter(|c| !c.is_ascii()).count();
        broken += usize::from(!chunk.invalid().is_empty());
    }
    // The sample may end in the middle of a character.
    if !whole && std::str::from_utf8(sample).is_err() && !ends_broken(sample) {
        broken -= 1;
    }
    if broken * OUTWEIGH <= valid {
        return Some(UTF_8);
    }
    let mut detector = EncodingDetector::new(Iso2022JpDetection::Deny);
    detector.feed(sample, whole);
    Some(detector.guess(None, Utf8Detection::Deny))
}

/// Whether the end of the sample is no beginning of a character.
fn ends_broken(sample: &[u8]) -> bool {
    let last = sample.utf8_chunks().last().map_or(&[][..], |chunk| chunk.invalid());
    std::str::from_utf8(last).map_or_else(|e| e.error_len().is_some(), |_| true)
}

#[cfg(test)]
mod tests;
