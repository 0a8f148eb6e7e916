/*!
Text for people: colour, width, and what a hostile posting must not do to a terminal.
*/

use std::borrow::Cow;
use std::io::{self, IsTerminal};

use anstream::AutoStream;
use anstyle::{AnsiColor, Style};
use unicode_segmentation::UnicodeSegmentation;
use unicode_width::UnicodeWidthStr;

use crate::verdict::Action;

/// Columns where nothing tells the width.
const DEFAULT_WIDTH: usize = 100;

/// When to use colour.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Color {
    /// On a terminal, unless NO_COLOR is set.
    #[default]
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

/// How to write for people.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Look {
    pub(crate) colour: bool,
    pub(crate) width: usize,
}

impl Look {
    /// For stdout; `to_file` when the text goes elsewhere.
    pub(crate) fn new(color: Color, to_file: bool) -> Look {
        let colour = match color {
            Color::Always => true,
            Color::Never => false,
            Color::Auto => !to_file && AutoStream::choice(&io::stdout()) != anstream::ColorChoice::Never,
        };
        let terminal = (!to_file && io::stdout().is_terminal())
            .then(|| terminal_size::terminal_size().map(|(width, _)| usize::from(width.0)))
            .flatten();
        let told = || std::env::var("COLUMNS").ok().and_then(|columns| columns.parse().ok());
        let width = terminal.or_else(told).unwrap_or(DEFAULT_WIDTH).clamp(40, 1_000);
        Look { colour, width }
    }

    /// The text in a style, where there is colour.
    pub(crate) fn paint<'a>(&self, style: Style, text: impl Into<Cow<'a, str>>) -> Cow<'a, str> {
        let text = text.into();
        if self.colour && !text.is_empty() { Cow::Owned(format!("{style}{text}{style:#}")) } else { text }
    }
}

/// Headings.
pub(crate) const HEADING: Style = Style::new().bold();
/// What stands back.
pub(crate) const DIM: Style = Style::new().dimmed();

/// The colour of an action.
pub(crate) fn of_action(action: Action) -> Style {
    let style = |color: AnsiColor| Style::new().fg_color(Some(color.into()));
    match action {
        Action::Abstain => style(AnsiColor::Cyan),
        Action::Clear => style(AnsiColor::Green),
        Action::Review => style(AnsiColor::Yellow).bold(),
        Action::Block => style(AnsiColor::Red).bold(),
    }
}

/// The colour of a family of signals; families that the house does not know are underlined only. None
/// is plain blue, which cannot be read on the black of many terminals.
pub(crate) fn of_family(family: &str) -> Style {
    let color = match family {
        "pay" => AnsiColor::Yellow,
        "perks" => AnsiColor::Magenta,
        "role" => AnsiColor::BrightCyan,
        "bar" => AnsiColor::Cyan,
        "place" => AnsiColor::BrightRed,
        "process" => AnsiColor::BrightYellow,
        "contact" => AnsiColor::BrightBlue,
        "money" => AnsiColor::Red,
        "form" => AnsiColor::BrightMagenta,
        "trust" => AnsiColor::Green,
        _ => return Style::new().underline(),
    };
    Style::new().fg_color(Some(color.into())).underline()
}

/// Columns that a text takes.
pub(crate) fn width(text: &str) -> usize {
    UnicodeWidthStr::width(text)
}

/// One line of a text that came from outside: runs of white space are one space, and what could move the cursor, change
/// colours or turn the direction of writing is replaced.
pub(crate) fn one_line(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for word in text.split_whitespace() {
        if !out.is_empty() {
            out.push(' ');
        }
        out.extend(word.chars().map(harmless));
    }
    out
}

/// The character, or its stand-in where it would act on the terminal.
pub(crate) fn harmless(c: char) -> char {
    let acts = c.is_control()
        || matches!(c, '\u{061c}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    if acts { char::REPLACEMENT_CHARACTER } else { c }
}

/// At most `columns` columns of a text; what is cut shows as `…`.
pub(crate) fn clip(text: &str, columns: usize) -> Cow<'_, str> {
    // A zero-width flood is cut too: bytes are bounded by a multiple of the columns.
    if width(text) <= columns && text.len() <= 16 * columns + 64 {
        return Cow::Borrowed(text);
    }
    let mut out = String::new();
    let mut used = 0;
    for grapheme in text.graphemes(true) {
        let wide = width(grapheme);
        if used + wide + 1 > columns || out.len() + grapheme.len() > 16 * columns {
            break;
        }
        used += wide;
        out.push_str(grapheme);
    }
    if columns > 0 {
        out.push('…');
    }
    Cow::Owned(out)
}

/// The text, clipped and filled up with spaces to exactly this width.
pub(crate) fn fit(text: &str, columns: usize) -> String {
    let clipped = clip(text, columns);
    let missing = columns.saturating_sub(width(&clipped));
    format!("{clipped}{:missing$}", "")
}

/// Wraps words to lines of at most `columns` columns.
pub(crate) fn wrap(text: &str, columns: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in text.split_whitespace() {
        match lines.last_mut() {
            Some(line) if width(line) + 1 + width(word) <= columns => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(word.to_owned()),
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hostile_text_is_one_harmless_line() {
        assert_eq!(one_line("  a\n\tb \u{1b}[31mred \u{202e}x\0"), "a b \u{fffd}[31mred \u{fffd}x\u{fffd}");
    }

    #[test]
    fn wide_characters_take_two_columns() {
        assert_eq!(clip("招聘客服", 8), "招聘客服");
        assert_eq!(clip("招聘客服", 7), "招聘客…");
        assert_eq!(clip("招聘客服", 6), "招聘…");
        assert_eq!(fit("招聘客服", 6), "招聘… ");
        assert_eq!(clip("👩‍🚀👩‍🚀👩‍🚀", 5), "👩‍🚀👩‍🚀…");
        assert_eq!(clip("abc", 0), "");
        assert!(clip(&"\u{200b}".repeat(1_000_000), 10).len() < 400);
    }

    #[test]
    fn words_wrap() {
        assert_eq!(wrap("one two three", 7), ["one two", "three"]);
        assert_eq!(wrap("", 7), Vec::<String>::new());
    }
}
