/*!
The formats that are read, by name, and what a file's name says of them.
*/

use std::fmt;
use std::str::FromStr;

/// A format that is asked for, or found.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum InputFormat {
    /// Told by the file's extension and first bytes.
    #[default]
    Auto,
    /// A page in HTML, of which the schema.org postings in JSON-LD are read.
    Html,
    /// JSON over lines at will: an array, objects one after the other, an object around a list.
    Json,
    /// One JSON object a line.
    Jsonl,
    /// A table with a header, separated by commas, tabs, semicolons or bars.
    Csv,
    /// An export of Telegram Desktop, a message a posting.
    Telegram,
    /// The whole input as one posting.
    Text,
    /// An export of a chat of WhatsApp, a message a posting.
    WhatsApp,
    /// A document of which some element is a posting.
    Xml,
    /// Columns in row groups; a pipe is copied to a temporary file first.
    Parquet,
}

impl InputFormat {
    /// Every format, in the order in which help lists them.
    pub const ALL: [InputFormat; 10] = [
        InputFormat::Auto,
        InputFormat::Json,
        InputFormat::Jsonl,
        InputFormat::Csv,
        InputFormat::Html,
        InputFormat::Telegram,
        InputFormat::Text,
        InputFormat::WhatsApp,
        InputFormat::Xml,
        InputFormat::Parquet,
    ];

    /// Whether a file's name says that it is in one of these formats, compressed or not.
    pub fn is_known_extension(file: &str) -> bool {
        EXTENSIONS.contains(&extension(file).as_str())
    }

    /// Whether a file's name says that it is compressed, and not what is in it.
    pub fn is_compressed_name(file: &str) -> bool {
        let packed =
            file.rsplit_once('.').is_some_and(|(_, last)| PACKED.contains(&last.to_ascii_lowercase().as_str()));
        packed && extension(file).is_empty()
    }

    /// The format's name on the command line.
    pub const fn name(self) -> &'static str {
        match self {
            InputFormat::Auto => "auto",
            InputFormat::Json => "json",
            InputFormat::Jsonl => "jsonl",
            InputFormat::Csv => "csv",
            InputFormat::Html => "html",
            InputFormat::Telegram => "telegram",
            InputFormat::Text => "text",
            InputFormat::Xml => "xml",
            InputFormat::WhatsApp => "whatsapp",
            InputFormat::Parquet => "parquet",
        }
    }
}

impl fmt::Display for InputFormat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// A name that is no format's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnknownFormat(String);

impl fmt::Display for UnknownFormat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?} is no input format; use {}", self.0, InputFormat::ALL.map(InputFormat::name).join(", "))
    }
}

impl std::error::Error for UnknownFormat {}

impl FromStr for InputFormat {
    type Err = UnknownFormat;

    fn from_str(name: &str) -> Result<InputFormat, UnknownFormat> {
        match name.to_ascii_lowercase().as_str() {
            "auto" => Ok(InputFormat::Auto),
            "json" => Ok(InputFormat::Json),
            "jsonl" | "ndjson" => Ok(InputFormat::Jsonl),
            "csv" | "tsv" => Ok(InputFormat::Csv),
            "html" | "htm" => Ok(InputFormat::Html),
            "telegram" => Ok(InputFormat::Telegram),
            "text" | "txt" => Ok(InputFormat::Text),
            "xml" | "rss" | "atom" => Ok(InputFormat::Xml),
            "whatsapp" => Ok(InputFormat::WhatsApp),
            "parquet" => Ok(InputFormat::Parquet),
            _ => Err(UnknownFormat(name.to_owned())),
        }
    }
}

/// Extensions of which a file's name tells its format.
const EXTENSIONS: [&str; 16] = [
    "atom", "csv", "htm", "html", "json", "jsonl", "ndjson", "parquet", "psv", "rss", "tab", "tsv", "txt", "xhtml",
    "xml", "zip",
];

/// Extensions of compressed files.
const PACKED: [&str; 6] = ["bz2", "gz", "gzip", "xz", "zst", "zstd"];

/// The extension of a file's name in lower case, under one of compression.
pub(super) fn extension(name: &str) -> String {
    let name = name.rsplit(['/', '\\']).next().unwrap_or(name).to_ascii_lowercase();
    let mut parts = name.rsplit('.');
    let last = parts.next().unwrap_or_default();
    let known = if PACKED.contains(&last) { parts.next().unwrap_or_default() } else { last };
    // A name without a dot has no extension.
    if parts.next().is_some() { known.to_owned() } else { String::new() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_formats() {
        for format in InputFormat::ALL {
            assert_eq!(format.to_string().parse(), Ok(format));
        }
        assert_eq!("NDJSON".parse(), Ok(InputFormat::Jsonl));
        assert_eq!(
            "docx".parse::<InputFormat>().unwrap_err().to_string(),
            "\"docx\" is no input format; use auto, json, jsonl, csv, html, telegram, text, whatsapp, xml, parquet"
        );
    }
}
