/*!
Compiles the data files of `src/entities/data` into one table, so that the program parses nothing when it starts; and the
properties of characters into another, so that each is looked up at once. The sources of the lexicons, which only training
and a user's own lexicon read, are packed.

The modules that read the files are those of the library itself; what they make of the files is written with postcard and
decoded by `entities/embedded.rs`. A file that does not parse stops the build with the cause and its line.
*/

use std::error::Error;
use std::io::Write;
use std::path::Path;

// The build uses the reading half of these modules and none of the finding half.
#[allow(dead_code, unused_imports)]
#[path = "src/entities"]
mod entities {
    #[path = "amount.rs"]
    pub(crate) mod amount;
    #[path = "bytes.rs"]
    pub(crate) mod bytes;
    #[path = "chars.rs"]
    pub(crate) mod chars;
    #[path = "class.rs"]
    pub(crate) mod class;
    #[path = "contact.rs"]
    pub(crate) mod contact;
    #[path = "entity.rs"]
    pub(crate) mod entity;
    #[path = "error.rs"]
    pub(crate) mod error;
    #[path = "finder.rs"]
    pub(crate) mod finder;
    #[path = "first_words.rs"]
    pub(crate) mod first_words;
    #[path = "gazetteer.rs"]
    pub(crate) mod gazetteer;
    #[path = "gazetteer_make.rs"]
    pub(crate) mod gazetteer_make;
    #[path = "inflection.rs"]
    pub(crate) mod inflection;
    #[path = "link.rs"]
    pub(crate) mod link;
    #[path = "mail.rs"]
    pub(crate) mod mail;
    #[path = "money.rs"]
    pub(crate) mod money;
    #[path = "numerals.rs"]
    pub(crate) mod numerals;
    #[path = "part.rs"]
    pub(crate) mod part;
    #[path = "pass.rs"]
    pub(crate) mod pass;
    #[path = "period.rs"]
    pub(crate) mod period;
    #[path = "phone.rs"]
    pub(crate) mod phone;
    #[path = "places.rs"]
    pub(crate) mod places;
    #[path = "tables.rs"]
    pub(crate) mod tables;
    #[path = "tables_contact.rs"]
    pub(crate) mod tables_contact;
    #[path = "vocab.rs"]
    pub(crate) mod vocab;

    pub use class::Class;
    pub use contact::{Contact, ContactKind};
    pub use entity::{Entity, EntityKind, NumberShape};
    pub use error::TableError;
    pub use finder::Finder;
    pub use link::{Link, LinkKind};
    pub use money::Money;
    pub use period::Period;
    pub use places::{Place, PlaceId, PlaceKind};
}

// Names in the tables are folded as texts are.
#[path = "src/text"]
mod text {
    #[path = "around.rs"]
    pub(crate) mod around;
    #[path = "chars_make.rs"]
    pub(crate) mod chars_make;
    #[path = "spelling.rs"]
    pub(crate) mod spelling;
}

const CURRENCIES: &str = include_str!("src/entities/data/currencies.toml");
const AMOUNTS: &str = include_str!("src/entities/data/amounts.toml");
const CONTACTS: &str = include_str!("src/entities/data/contacts.toml");
/// The first file wins where two have a name.
const PLACES: &str = concat!(
    include_str!("src/entities/data/places.tsv"),
    "\n",
    include_str!("src/entities/data/cldr.tsv"),
    "\n",
    include_str!("src/entities/data/geonames.tsv")
);

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-changed=src/entities");
    let data = ["data/digits.txt", "data/han.txt", "data/homophones.txt", "data/lookalikes.txt"];
    for part in ["around.rs", "chars_make.rs", "spelling.rs"].into_iter().chain(data) {
        println!("cargo::rerun-if-changed=src/text/{part}");
    }
    println!("cargo::rerun-if-changed=build.rs");
    let finder = entities::Finder::from_tables(CURRENCIES, AMOUNTS, CONTACTS, PLACES)?;
    let directory = std::env::var_os("OUT_DIR").ok_or("OUT_DIR is not set: run this through cargo")?;
    let packed = lz4_flex::block::compress_prepend_size(&postcard::to_stdvec(&finder)?);
    std::fs::write(Path::new(&directory).join("entities.lz4"), packed)?;
    std::fs::write(Path::new(&directory).join("places.bin"), finder.place_table())?;
    let chars = text::chars_make::source(&text::chars_make::Files {
        han: include_str!("src/text/data/han.txt"),
        lookalikes: include_str!("src/text/data/lookalikes.txt"),
        digits: include_str!("src/text/data/digits.txt"),
        homophones: include_str!("src/text/data/homophones.txt"),
    });
    std::fs::write(Path::new(&directory).join("chars.rs"), chars)?;
    std::fs::write(Path::new(&directory).join("lexicons.xz"), lexicons(Path::new("src/signals/lexicons"))?)?;
    Ok(())
}

/// The files of a directory by name, as (name, text), packed.
fn lexicons(directory: &Path) -> Result<Vec<u8>, Box<dyn Error>> {
    println!("cargo::rerun-if-changed={}", directory.display());
    let mut files = Vec::new();
    for entry in std::fs::read_dir(directory)? {
        let entry = entry?;
        files.push((entry.file_name().to_string_lossy().into_owned(), std::fs::read_to_string(entry.path())?));
    }
    files.sort();
    let mut packed = lzma_rust2::XzWriter::new(Vec::new(), lzma_rust2::XzOptions::with_preset(6))?;
    packed.write_all(&postcard::to_stdvec(&files)?)?;
    Ok(packed.finish()?)
}
