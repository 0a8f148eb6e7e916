/*!
A text with its evidence marked: by colour where there is colour, else by brackets, and always by the signals' numbers.

Spans that overlap become one mark with the numbers of all their signals; the exact spans are in the JSON.
*/

use unicode_segmentation::UnicodeSegmentation;

use crate::cli::terminal::{DIM, Look, harmless, of_family, width};
use crate::posting::Field;
use crate::signals::catalogue::Catalogue;
use crate::verdict::Verdict;

/// Left of the text.
const INDENT: usize = 2;

/// Which stretches of which fields are marked.
pub(in crate::cli) struct Marks {
    look: Look,
    marks: Vec<Mark>,
}

struct Mark {
    field: String,
    start: usize,
    end: usize,
    /// Numbers of signals, from 1.
    signals: Vec<usize>,
    /// Of the signal that contributes most.
    family: String,
}

/// A grapheme cluster, or what is put around a mark.
struct Cell<'a> {
    text: &'a str,
    width: usize,
    mark: Option<usize>,
    /// The number of a mark.
    is_number: bool,
}

/// A stretch of a line that looks the same throughout.
pub(in crate::cli) struct Piece {
    pub(in crate::cli) text: String,
    pub(in crate::cli) kind: PieceKind,
}

/// How a stretch of a line looks.
#[derive(Clone, PartialEq, Eq)]
pub(in crate::cli) enum PieceKind {
    Plain,
    /// Evidence, with its signal's family.
    Mark(String),
    /// The numbers of a mark.
    Number,
}

impl Marks {
    pub(in crate::cli) fn new(verdict: &Verdict, catalogue: &Catalogue, look: Look) -> Marks {
        let family = |id: &str| catalogue.find(id).map_or(String::new(), |s| catalogue.get(s).family.clone());
        let mut spans: Vec<_> = (1..)
            .zip(&verdict.signals)
            .flat_map(|(number, signal)| signal.spans.iter().map(move |span| (span, number, &signal.id)))
            .collect();
        spans.sort_by(|a, b| (&a.0.field, a.0.start, a.1).cmp(&(&b.0.field, b.0.start, b.1)));
        let mut marks: Vec<Mark> = Vec::new();
        for (span, number, id) in spans {
            match marks.last_mut() {
                Some(last) if last.field == span.field && span.start < last.end => {
                    last.end = last.end.max(span.end);
                    // Signals come by size, so the smallest number is the colour.
                    if number < last.signals[0] {
                        last.family = family(id);
                    }
                    if let Err(at) = last.signals.binary_search(&number) {
                        last.signals.insert(at, number);
                    }
                }
                _ => marks.push(Mark {
                    field: span.field.clone(),
                    start: span.start,
                    end: span.end,
                    signals: vec![number],
                    family: family(id),
                }),
            }
        }
        Marks { look, marks }
    }

    /// Writes the text of a field with its marks, wrapped to the width.
    pub(super) fn write(&self, field: Field, text: &str, out: &mut String) {
        for pieces in self.lines(field, text) {
            if !pieces.is_empty() {
                out.extend(std::iter::repeat_n(' ', INDENT));
            }
            for piece in pieces {
                match piece.kind {
                    PieceKind::Plain => out.push_str(&piece.text),
                    PieceKind::Mark(family) => out.push_str(&self.look.paint(of_family(&family), piece.text)),
                    PieceKind::Number => out.push_str(&self.look.paint(DIM, piece.text)),
                }
            }
            out.push('\n');
        }
    }

    /// The text of a field with its marks, in lines that leave room for an indent.
    pub(in crate::cli) fn lines(&self, field: Field, text: &str) -> Vec<Vec<Piece>> {
        let numbers: Vec<String> = self
            .marks
            .iter()
            .map(|mark| {
                let list: Vec<String> = mark.signals.iter().map(usize::to_string).collect();
                if self.look.colour { format!("({})", list.join(",")) } else { format!("]({})", list.join(",")) }
            })
            .collect();
        let cells = self.cells(field, text, &numbers);
        let columns = self.look.width.saturating_sub(INDENT).max(10);
        let mut lines = Vec::new();
        let mut start = 0;
        while start < cells.len() {
            let (end, next) = line_end(&cells, start, columns);
            lines.push(self.pieces(&cells[start..end]));
            start = next;
        }
        lines
    }

    fn cells<'a>(&self, field: Field, text: &'a str, numbers: &'a [String]) -> Vec<Cell<'a>> {
        let mut marks = self.marks.iter().enumerate().filter(|(_, m)| m.field == field.name()).peekable();
        let mut cells = Vec::with_capacity(text.len());
        let mut at = 0;
        let mut open: Option<usize> = None;
        let close = |open: &mut Option<usize>, cells: &mut Vec<Cell<'a>>| {
            if let Some(mark) = open.take() {
                let text = numbers[mark].as_str();
                cells.push(Cell { text, width: width(text), mark: Some(mark), is_number: true });
            }
        };
        let text = text.trim_end();
        for grapheme in text.graphemes(true) {
            if open.is_some_and(|mark| self.marks[mark].end <= at) {
                close(&mut open, &mut cells);
            }
            if open.is_none()
                && let Some((mark, _)) = marks.next_if(|(_, m)| m.start <= at)
            {
                open = Some(mark);
                if !self.look.colour {
                    cells.push(Cell { text: "[", width: 1, mark: open, is_number: false });
                }
            }
            cells.push(cell(grapheme, open));
            at += grapheme.chars().count();
        }
        close(&mut open, &mut cells);
        cells
    }

    fn pieces(&self, cells: &[Cell<'_>]) -> Vec<Piece> {
        let mut pieces = Vec::new();
        let mut rest = cells;
        while let Some(first) = rest.first() {
            let alike = rest.iter().take_while(|c| c.mark == first.mark && c.is_number == first.is_number).count();
            let kind = match first.mark {
                Some(_) if first.is_number => PieceKind::Number,
                Some(mark) => PieceKind::Mark(self.marks[mark].family.clone()),
                None => PieceKind::Plain,
            };
            pieces.push(Piece { text: rest[..alike].iter().map(|c| c.text).collect(), kind });
            rest = &rest[alike..];
        }
        pieces
    }
}

fn cell(grapheme: &str, mark: Option<usize>) -> Cell<'_> {
    let (text, width) = match grapheme {
        "\n" | "\r\n" | "\r" => ("\n", 0),
        "\t" => (" ", 1),
        // Stacked marks beyond any script's use would run over the lines around them.
        _ if grapheme.len() > 64 || grapheme.chars().any(|c| harmless(c) != c) => ("\u{fffd}", 1),
        _ => (grapheme, width(grapheme)),
    };
    Cell { text, width, mark, is_number: false }
}

/// Where the line that begins at `start` ends, and where the next one begins.
fn line_end(cells: &[Cell<'_>], start: usize, columns: usize) -> (usize, usize) {
    let mut used = 0;
    let mut last_break = None;
    for (i, cell) in cells.iter().enumerate().skip(start) {
        if cell.text == "\n" {
            return (i, i + 1);
        }
        // A zero-width flood is broken as well.
        if (used + cell.width > columns || i - start > 8 * columns) && i > start {
            // Blanks may hang over the edge.
            return if cell.text == " " { (i, i + 1) } else { last_break.unwrap_or((i, i)) };
        }
        used += cell.width;
        if cell.text == " " && i > start {
            last_break = Some((i, i + 1));
        } else if cell.width == 2 && !cells.get(i + 1).is_some_and(|next| next.is_number) {
            last_break = Some((i + 1, i + 1));
        }
    }
    (cells.len(), cells.len())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::explain::tests::verdict_with;

    fn marked(text: &str, spans: &[(&str, usize, usize)], width: usize, colour: bool) -> String {
        let verdict = verdict_with("description", spans);
        let mut out = String::new();
        Marks::new(&verdict, &Catalogue::embedded(), Look { colour, width }).write(Field::Description, text, &mut out);
        out
    }

    #[test]
    fn evidence_is_in_brackets_with_the_numbers_of_its_signals() {
        let spans = [("free_travel", 2, 13), ("high_pay", 7, 13), ("chat_contact", 15, 17)];
        assert_eq!(marked("a free flight, tg\nnow", &spans, 80, false), "  a [free flight](1,2), [tg](3)\n  now\n");
        assert_eq!(marked("👩‍🚀é 飞机", &[("free_travel", 5, 7)], 80, false), "  👩‍🚀é [飞机](1)\n");
    }

    #[test]
    fn colour_takes_the_place_of_brackets() {
        let out = marked("free flight", &[("free_travel", 0, 4)], 80, true);
        assert_eq!(out, "  \u{1b}[4m\u{1b}[35mfree\u{1b}[0m\u{1b}[2m(1)\u{1b}[0m flight\n");
    }

    #[test]
    fn lines_are_wrapped() {
        let text =
            "one two three four five six seven eight 招聘客服招聘客服招聘客服招聘客服 ".repeat(3) + &"x".repeat(100);
        let out = marked(&text, &[("free_travel", 4, 30), ("high_pay", 42, 44)], 40, false);
        assert!(out.lines().all(|line| width(line) <= 40), "{out}");
        let squeezed = |text: &str| text.split_whitespace().collect::<String>();
        let expected = text.replacen("two three four five six se", "[two three four five six se](1)", 1).replacen(
            "招聘客服",
            "招聘[客服](2)",
            1,
        );
        assert_eq!(squeezed(&out), squeezed(&expected));
    }

    #[test]
    fn terminals_are_left_alone() {
        let hostile = format!("a\u{1b}[2Jb\u{202e}c{}d\0", "\u{301}".repeat(500));
        let out = marked(&hostile, &[], 60, false);
        assert_eq!(out, "  a\u{fffd}[2Jb\u{fffd}\u{fffd}d\u{fffd}\n");
        let flood = marked(&"\u{200b}".repeat(10_000), &[("obfuscated_text", 0, 10_000)], 40, false);
        assert!(flood.ends_with("](1)\n"));
    }
}
