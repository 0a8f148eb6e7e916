/*!
The directory of an archive, which stands at its end, and whether it agrees with what it tells of.
*/

use std::fs::File;
use std::ops::Range;
use std::sync::Arc;

use rawzip::{
    CompressionMethod, FileReader, MAX_CENTRAL_DIRECTORY_RECORD_SIZE, ZipArchive, ZipArchiveEntryWayfinder,
    ZipFileHeaderRecord, ZipLocator,
};

use crate::feed::reject::clip;

/// Members of one archive; their list is held while it is read.
const MOST_MEMBERS: usize = 100_000;

/// Characters of a member's name that are kept.
const NAME_KEPT: usize = 300;

pub(super) type Archive = ZipArchive<Arc<FileReader>>;

/// A member as the directory tells of it.
pub(super) struct Member {
    pub(super) name: String,
    pub(super) place: ZipArchiveEntryWayfinder,
    pub(super) method: CompressionMethod,
    pub(super) encrypted: bool,
}

pub(super) fn broken(error: &rawzip::Error) -> String {
    format!("the zip archive is damaged or cut off ({error}); copy it again")
}

/// The members that may be feeds, in the order of the directory, which has to agree with what stands before each of them.
pub(super) fn read(file: File) -> Result<(Archive, Vec<Member>), String> {
    let size = file.metadata().map_err(|e| e.to_string())?.len();
    let file = Arc::new(FileReader::from(file));
    let mut buffer = vec![0; MAX_CENTRAL_DIRECTORY_RECORD_SIZE];
    let archive = ZipLocator::new().locate_in_reader(file, &mut buffer, size).map_err(|(_, error)| broken(&error))?;
    let (mut members, mut ranges, mut count) = (Vec::new(), Vec::new(), 0_u64);
    let mut local = vec![0; 2 * usize::from(u16::MAX)];
    let mut entries = archive.entries(&mut buffer);
    while let Some(record) = entries.next_entry().map_err(|e| broken(&e))? {
        count += 1;
        if count > MOST_MEMBERS as u64 {
            return Err(format!(
                "the zip archive has more than {MOST_MEMBERS} members; unpack it and name the directory"
            ));
        }
        let name = shown(record.file_path().as_ref());
        let entry = archive.get_entry(record.wayfinder()).map_err(|e| broken(&e))?;
        let header = entry.local_header(&mut local).map_err(|e| broken(&e))?;
        if header.file_path().as_ref() != record.file_path().as_ref() {
            return Err(format!(
                "the directory of the zip archive lies: {name:?} has another name where it stands; is it made to deceive?"
            ));
        }
        ranges.push(record.local_header_offset()..entry.compressed_data_range().1);
        if may_be_feed(&record, &name) {
            members.push(Member {
                name,
                place: record.wayfinder(),
                method: record.compression_method(),
                encrypted: record.flags().is_encrypted() || record.flags().has_strong_encryption(),
            });
        }
    }
    if count != archive.entries_hint() {
        let said = archive.entries_hint();
        return Err(format!(
            "the directory of the zip archive lies: it says {said} members and has {count}; copy it again"
        ));
    }
    match overlap(ranges) {
        true => {
            Err("the directory of the zip archive lies: members lie over each other; is it made to fill memory?"
                .to_owned())
        }
        false => Ok((archive, members)),
    }
}

fn overlap(mut ranges: Vec<Range<u64>>) -> bool {
    ranges.sort_unstable_by_key(|range| range.start);
    ranges.windows(2).any(|pair| pair[0].end > pair[1].start)
}

/// Neither a directory nor a link, nor what one system puts into an archive beside the files.
fn may_be_feed(record: &ZipFileHeaderRecord<'_>, name: &str) -> bool {
    let hidden = |part: &str| part == "__MACOSX" || (part.starts_with('.') && !matches!(part, "." | ".."));
    !(record.is_dir() || record.mode().is_symlink() || name.split(['/', '\\']).any(hidden))
}

/// A member's name for messages: it is whoever made the archive who chose it.
fn shown(name: &[u8]) -> String {
    let name = String::from_utf8_lossy(name).replace(|c: char| c.is_control(), "\u{fffd}");
    clip(&name, NAME_KEPT).into_owned()
}
