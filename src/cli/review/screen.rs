/*!
Drawing: a head, the posting, its signals below or beside it, and what the keys do.
*/

use ratatui::Frame;
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::text::Line;
use ratatui::widgets::{Block, Borders, Clear, Paragraph};

use super::app::{App, Mode};
use super::panels::{bold, dim, head, keys, message, signals, signals_beside, title};
use super::{campaign, shown::Shown};
use crate::cli::common::{by_number, counted};
use crate::cli::terminal::wrap;

/// A smaller window shows only that it is too small.
const LEAST: (u16, u16) = (40, 10);
/// From this width on the signals stand beside the text.
const BESIDE: u16 = 110;
/// Lines of signals below the text.
const BELOW: u16 = 6;

const HELP: &[(&str, &str)] = &[
    ("s h u", "scam, honest, unsure; then a key for the reason, or Enter for none"),
    ("space", "skip: not stored, comes again in the next session"),
    ("z", "undo the last decision of this session; the store keeps both, the decision and its revocation"),
    ("n", "a note, saved with the decision that follows"),
    (
        "c",
        "the campaign: copies of this text, and who gives the same contact; s, h, u there decide for all of it, after asking",
    ),
    ("f", "filter: an action (block), a language (th), the beginning of a signal's name (free_t), or several"),
    ("/", "search for words in any field; Esc takes filter and search away"),
    ("← →", "one posting back or on, decided or not; deciding again changes your mind"),
    ("↑ ↓ j k", "scroll; Page Up, Page Down, Home, End too"),
    ("Tab", "more room for signals, or less"),
    ("g", "to the first posting that is not decided"),
    ("q", "quit; nothing is lost, the next session goes on here"),
];

const HELP_NOTE: &str = "A decision is on the disk when `saved` is shown. Numbers after a mark are those of the signals. A \
     signal says what the text says, not what the posting is. `clear` does not mean safe. In a random sample, do not \
     skip by what the text says: it would bend the estimates.";

pub(super) fn draw(frame: &mut Frame<'_>, app: &mut App) {
    let area = frame.area();
    if area.width < LEAST.0 || area.height < LEAST.1 {
        let text = format!("The window is too small: at least {} columns and {} lines.", LEAST.0, LEAST.1);
        let lines: Vec<Line<'_>> = wrap(&text, usize::from(area.width).max(1)).into_iter().map(Line::from).collect();
        return frame.render_widget(Paragraph::new(lines), area);
    }
    let columns = usize::from(area.width);
    let keys = keys(app, columns);
    let lengths = [u16::from(keys.len() == 1), keys.len() as u16];
    let [top, middle, said, foot] = Layout::vertical([
        Constraint::Length(1),
        Constraint::Min(1),
        Constraint::Length(lengths[0]),
        Constraint::Length(lengths[1]),
    ])
    .areas(area);
    frame.render_widget(Clear, area);
    frame.render_widget(title(app, columns), top);
    match app.mode {
        Mode::Help { top } => help(frame, middle, app, top),
        Mode::Campaign { top } => {
            let (lines, top) = campaign::lines(app, top, columns, usize::from(middle.height));
            app.mode = Mode::Campaign { top };
            frame.render_widget(Paragraph::new(lines), middle);
        }
        Mode::Confirm { .. } | Mode::Reason { whole: true, .. } => {
            let (lines, _) = campaign::lines(app, 0, columns, usize::from(middle.height));
            frame.render_widget(Paragraph::new(lines), middle);
        }
        _ => match app.shown.take() {
            Some(mut shown) => {
                posting(frame, middle, app, &mut shown);
                app.shown = Some(shown);
            }
            None => frame.render_widget(Paragraph::new(end(app, columns)), middle),
        },
    }
    frame.render_widget(message(app, columns), said);
    frame.render_widget(Paragraph::new(keys), foot);
}

fn posting(frame: &mut Frame<'_>, area: Rect, app: &mut App, shown: &mut Shown) {
    let [about, rest] = Layout::vertical([Constraint::Length(2), Constraint::Min(1)]).areas(area);
    let columns = usize::from(area.width);
    frame.render_widget(Paragraph::new(head(app, shown, columns).to_vec()), about);
    let beside = area.width >= BESIDE;
    let (text, panel) = if beside {
        let [text, panel] = Layout::horizontal([Constraint::Fill(3), Constraint::Fill(2)]).areas(rest);
        (text, panel)
    } else {
        // Below a short text the signals get what it leaves free.
        let length = shown.lines(usize::from(rest.width) - 2, &app.scorer, &app.plan).len();
        let free = usize::from(rest.height).saturating_sub(length + 1);
        let least = if app.wide_signals { rest.height.saturating_sub(4) } else { BELOW.min(rest.height / 2) };
        let most = free.max(usize::from(least));
        let needed = signals(app, shown, columns, most).len() as u16;
        let [text, panel] = Layout::vertical([Constraint::Min(1), Constraint::Length(needed + 1)]).areas(rest);
        (text, panel)
    };
    let height = usize::from(text.height).saturating_sub(usize::from(beside));
    // The first column stays free, so that text and head stand below one another.
    let inner = Rect { x: text.x + 1, width: text.width.saturating_sub(2), height: height as u16, ..text };
    let lines = shown.lines(usize::from(inner.width), &app.scorer, &app.plan);
    let count = lines.len();
    let scroll = app.scroll.min(count.saturating_sub(height));
    let seen: Vec<Line<'static>> = lines.iter().skip(scroll).take(height).cloned().collect();
    app.scroll = scroll;
    frame.render_widget(Paragraph::new(seen), inner);

    let below = count.saturating_sub(scroll + height);
    let rule = rule(scroll, below, usize::from(if beside { text.width } else { panel.width }));
    if beside {
        if scroll + below > 0 {
            frame.render_widget(rule, Rect { y: text.y + text.height.saturating_sub(1), height: 1, ..text });
        }
        let lines = signals_beside(app, shown, usize::from(panel.width) - 1, usize::from(panel.height));
        let edge = Block::new().borders(Borders::LEFT).border_style(dim());
        frame.render_widget(Paragraph::new(lines).block(edge), panel);
    } else {
        frame.render_widget(rule, Rect { height: 1, ..panel });
        let lines = signals(app, shown, columns, usize::from(panel.height).saturating_sub(1));
        let rows = Rect { y: panel.y + 1, height: panel.height.saturating_sub(1), ..panel };
        frame.render_widget(Paragraph::new(lines), rows);
    }
}

/// The line below the text, which says how much of it is out of sight.
fn rule(above: usize, below: usize, columns: usize) -> Line<'static> {
    let more = match (above, below) {
        (0, 0) => String::new(),
        (0, below) => format!(" {below} more lines ↓ "),
        (above, 0) => format!(" {above} lines above ↑ "),
        (above, below) => format!(" {above} lines above ↑, {below} more ↓ "),
    };
    let dashes = columns.saturating_sub(more.chars().count() + 2);
    Line::styled(format!("{}{more}──", "─".repeat(dashes)), dim())
}

fn help(frame: &mut Frame<'_>, area: Rect, app: &mut App, top: usize) {
    let columns = usize::from(area.width).saturating_sub(2);
    let mut lines = Vec::new();
    for (key, text) in HELP {
        for (i, part) in wrap(text, columns.saturating_sub(11)).into_iter().enumerate() {
            lines.push(Line::raw(format!(" {:<9} {part}", if i == 0 { *key } else { "" })));
        }
    }
    lines.push(Line::raw(""));
    lines.extend(wrap(HELP_NOTE, columns).into_iter().map(|part| Line::styled(format!(" {part}"), dim())));
    let top = top.min(lines.len().saturating_sub(usize::from(area.height)));
    app.mode = Mode::Help { top };
    frame.render_widget(Paragraph::new(lines.split_off(top)), area);
}

/// What stands where no posting is left.
fn end(app: &App, columns: usize) -> Vec<Line<'static>> {
    let left = app.left();
    let text = match (left, app.visible.len()) {
        (0, 1) => "The only text is decided.".to_owned(),
        (0, n) => format!("All {n} texts are decided."),
        (left, n) => {
            let texts = counted(n as u64, "text");
            let [were, them] = [("was", "were"), ("it", "them")].map(|(one, more)| by_number(left as u64, one, more));
            format!("This is the end of the queue. {left} of {texts} {were} skipped; g goes through {them} again.")
        }
    };
    let mut lines = vec![Line::raw("")];
    lines.extend(
        wrap(&text, columns.saturating_sub(2)).into_iter().map(|part| Line::styled(format!(" {part}"), bold())),
    );
    let next = "What was decided is in the store: `lurescan labels export` makes a training set of it, `lurescan labels \
                report` estimates precision and recall.";
    lines.push(Line::raw(""));
    lines.extend(wrap(next, columns.saturating_sub(2)).into_iter().map(|part| Line::raw(format!(" {part}"))));
    lines
}
