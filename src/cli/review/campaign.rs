/*!
The campaign of a posting: how large it is, and who its members are.
*/

use ratatui::text::Line;

use super::app::App;
use super::panels::{bold, dim};
use crate::cli::common::counted;
use crate::cli::table::percent;
use crate::cli::terminal::{clip, fit, one_line};
use crate::posting::{Field, Posting};

/// The campaign on the screen in lines, `rows` of its members from `top` on; and the line it really begins with.
pub(super) fn lines(app: &App, top: usize, columns: usize, rows: usize) -> (Vec<Line<'static>>, usize) {
    let members = app.campaign().unwrap_or_default();
    let items = app.queue.items();
    let copies: usize = members.iter().map(|&m| items[m].copies).sum();
    let (texts, postings) = (counted(members.len() as u64, "text"), counted(copies as u64, "posting"));
    let decided = members.iter().filter(|&&m| app.decided[m]).count();
    let mut out = vec![
        Line::styled(format!(" campaign: {texts} in {postings}, {decided} decided"), bold()),
        Line::styled(
            clip(" Copies of one text but for numbers, places and contacts, or the same contact.", columns)
                .into_owned(),
            dim(),
        ),
    ];
    let room = rows.saturating_sub(out.len());
    let top = top.min(members.len().saturating_sub(room));
    for &member in members.iter().skip(top).take(room) {
        let item = &items[member];
        let mark = match (Some(member) == app.place(), app.decided[member]) {
            (true, _) => '>',
            (_, true) => '✓',
            _ => ' ',
        };
        let probability = match (app.plan.blind, item.scored.probability) {
            (false, Some(p)) => percent(p),
            _ => "-".to_owned(),
        };
        let start = format!(" {mark} {probability:>6} {:>4}x {} ", item.copies, fit(&one_line(&item.id), 16));
        let text = clip(&(start + &summary(&item.posting())), columns).into_owned();
        out.push(if Some(member) == app.place() { Line::styled(text, bold()) } else { Line::raw(text) });
    }
    (out, top)
}

/// The beginning of a posting's text.
fn summary(posting: &Posting) -> String {
    let parts = [Field::Title, Field::Description]
        .map(|field| one_line(&posting.get(field).chars().take(300).collect::<String>()));
    parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(": ")
}
