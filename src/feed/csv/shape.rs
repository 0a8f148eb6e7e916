/*!
Is a text a table, and what parts its cells? Told by the first line, and by the rows where no name of that is known.
*/

use super::is_text;
use super::rows::Rows;
use crate::feed::alias;
use crate::feed::record::Context;

/// The separators that are tried, the likeliest first.
const SEPARATORS: [u8; 4] = [b',', b'\t', b';', b'|'];

/// Rows that are looked at to tell the separator.
const ROWS_TRIED: usize = 20;

/// Cells that a line without a known name must have to be a header.
const FEWEST_CELLS: usize = 3;

/// Rows that must follow one another for a table without a known header.
const FEWEST_ROWS: usize = 4;

/// Longest column name of a first line that is taken for a header without being told.
const LONGEST_GUESSED_NAME: usize = 64;

/// The separator of a header: the one that makes the most known names of it. None when none makes more than another.
pub(in crate::feed) fn separator(first_line: &[u8]) -> Option<u8> {
    let known = SEPARATORS.map(|separator| (known(&names(first_line, separator)), separator));
    let most = known.iter().map(|(known, _)| *known).max()?;
    let mut best = known.iter().filter(|(known, _)| *known == most);
    let first = best.next().map(|(_, separator)| *separator);
    if best.next().is_some() { None } else { first }
}

/// The separator that a line of the form `sep=;` tells, as Excel writes it before the header.
pub(in crate::feed) fn told_separator(line: &[u8]) -> Option<u8> {
    let line = line.strip_prefix(b"\"").and_then(|line| line.strip_suffix(b"\"")).unwrap_or(line);
    match line {
        [b's' | b'S', b'e' | b'E', b'p' | b'P', b'=', separator] if SEPARATORS.contains(separator) => Some(*separator),
        _ => None,
    }
}

/// Whether a text of which the header is not known is a table all the same: nearly all its rows have as many cells as the
/// first, whose cells are as short as names or quoted. In prose a blank stands beside a separator.
pub(in crate::feed) fn is_table(head: &[u8]) -> bool {
    SEPARATORS.into_iter().any(|separator| {
        let mut rows = Rows::new(head, separator, Context::new("", Default::default()), 0);
        let Ok(Some(header)) = rows.next_row(head.len()) else { return false };
        let quoted = rows.raw.first() == Some(&b'"');
        let is_name =
            |cell: &[u8]| cell.trim_ascii().len() == cell.len() && (1..=LONGEST_GUESSED_NAME).contains(&cell.len());
        if header.cells < FEWEST_CELLS || !(quoted || (0..header.cells).all(|i| is_name(rows.cell(i)))) {
            return false;
        }
        let counts = cell_counts(head, separator);
        let odd = counts.iter().filter(|cells| **cells != header.cells).count();
        counts.len() >= FEWEST_ROWS && odd * 5 <= counts.len()
    })
}

/// How many cells the first rows have. The last is left out: it may be cut off where the head ends.
fn cell_counts(head: &[u8], separator: u8) -> Vec<usize> {
    let mut rows = Rows::new(head, separator, Context::new("", Default::default()), 0);
    let mut cells = Vec::new();
    while cells.len() <= ROWS_TRIED
        && let Ok(Some(row)) = rows.next_row(1)
    {
        cells.push(row.cells);
    }
    cells.truncate(cells.len().max(3) - 1);
    cells
}

/// The separator by which the rows have as many cells as the header, and then the one that makes the most cells of it.
pub(in crate::feed) fn separator_of_rows(head: &[u8]) -> u8 {
    let fit = |separator: u8| {
        let cells = cell_counts(head, separator);
        let columns = cells.first().copied().unwrap_or_default();
        let header = head.split(|b| matches!(b, b'\r' | b'\n')).next().unwrap_or_default();
        let odd = cells.iter().filter(|c| **c != columns).count();
        (known(&names(header, separator)), std::cmp::Reverse(odd), columns)
    };
    // Of equals the last is the greatest, and the first is the likeliest.
    SEPARATORS.into_iter().rev().max_by_key(|separator| fit(*separator)).unwrap_or(SEPARATORS[0])
}

/// Whether a first line can only be meant as a header: two columns at least, one of them known to hold text. With blanks
/// beside its separators half of the columns must be known: "Typist in Laos, free ticket, WhatsApp" is an ad.
pub(in crate::feed) fn is_header(first_line: &[u8]) -> bool {
    let Some(separator) = separator(first_line) else { return false };
    let names = names(first_line, separator);
    let is_spaced = first_line.windows(2).any(|pair| pair[0] == separator && pair[1] == b' ');
    names.len() >= 2
        && names.iter().all(|name| name.len() <= LONGEST_GUESSED_NAME)
        && names.iter().any(|name| is_text(alias::resolve(name)))
        && (!is_spaced || 2 * known(&names) >= names.len())
}

/// How many of a header's names the alias table has.
fn known(names: &[String]) -> usize {
    names.iter().filter(|name| alias::resolve(name).is_some()).count()
}

/// The cells of one line, as far as they are text.
fn names(line: &[u8], separator: u8) -> Vec<String> {
    let mut rows = Rows::new(line, separator, Context::new("", Default::default()), 0);
    match rows.next_row(line.len() + 1) {
        Ok(Some(row)) => (0..row.cells).map(|i| String::from_utf8_lossy(rows.cell(i)).trim().to_owned()).collect(),
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tables_without_a_known_header_are_told_from_prose() {
        let rows = "1;a b;c\n2;d e;\"f\n;g\"\n".repeat(5);
        assert!(is_table(format!("Ref;Überschrift;Beschreibung\n{rows}").as_bytes()));
        assert!(is_table(rows.as_bytes()), "no header at all");
        assert!(is_table("\"Typist, with a long name\",\"b, c\",d\n".repeat(6).as_bytes()));
        for prose in [
            "Typist, driver, cook wanted\nSalary, room, meals\n".repeat(9),
            "Driver | Rome | 2000\n".repeat(9),
            "Ref;Titel;Text\n1;a;b\n".to_owned(),
            "We look for,you know,somebody\nwho likes to work\nat night\nand by day\nand so on\n".to_owned(),
            "a,b\n".repeat(9),
        ] {
            assert!(!is_table(prose.as_bytes()), "{prose}");
        }
    }

    #[test]
    fn a_list_of_words_is_no_header() {
        for header in
            ["id,title,x", "id, title, description", "Ref;title;Stadt", "title,salary", "title, pay, place, hours"]
        {
            assert!(is_header(header.as_bytes()), "{header}");
        }
        for ad in [
            "Typist needed in Laos, 1000 usd, free ticket, whatsapp",
            "Cook, waiter, salary",
            "Bangkok | driver | 9000 | phone",
        ] {
            assert!(!is_header(ad.as_bytes()), "{ad}");
        }
    }
}
