/*!
The posting on the screen: read, scored, its lines laid out for a width.
*/

use ratatui::style::{Modifier, Style};
use ratatui::text::{Line, Span};

use super::app::Plan;
use super::panels::style;
use crate::cli::explain::marks::{Marks, PieceKind};
use crate::cli::terminal::{Look, of_family, one_line, width};
use crate::entities::reading::Reading;
use crate::entities::{ContactKind, EntityKind};
use crate::posting::{Field, Posting};
use crate::review::decision::Standing;
use crate::review::queue::Item;
use crate::score::Scorer;
use crate::verdict::Verdict;

/// Contacts that are listed.
const CONTACTS: usize = 12;
/// Characters of a field that are laid out; more of one field nobody reads on a terminal.
const LONGEST_FIELD: usize = 200_000;

/// A posting, ready to be drawn.
pub(super) struct Shown {
    /// Its place in the queue.
    pub(super) place: usize,
    pub(super) verdict: Verdict,
    /// Ways to reach whoever posted it.
    pub(super) contacts: Vec<String>,
    /// What was decided about it, as far as it is to be seen.
    pub(super) decisions: Vec<Standing>,
    posting: Posting,
    /// The lines, and the width they were laid out for.
    lines: (usize, Vec<Line<'static>>),
}

impl Shown {
    pub(super) fn new(place: usize, item: &Item, scorer: &Scorer, decisions: Vec<Standing>) -> Shown {
        let posting = item.posting();
        let reading = scorer.reader().read(&posting);
        let verdict = scorer.score_reading(&posting, &reading);
        let contacts = contacts(&reading);
        Shown { place, verdict, contacts, decisions, posting, lines: (0, Vec::new()) }
    }

    /// The text, laid out for this many columns.
    pub(super) fn lines(&mut self, columns: usize, scorer: &Scorer, plan: &Plan) -> &[Line<'static>] {
        if self.lines.0 != columns {
            self.lines = (columns, self.lay_out(columns, scorer, plan));
        }
        &self.lines.1
    }

    fn lay_out(&self, columns: usize, scorer: &Scorer, plan: &Plan) -> Vec<Line<'static>> {
        let look = Look { colour: plan.look.colour, width: columns };
        let unmarked = Verdict { signals: Vec::new(), ..self.verdict.clone() };
        let verdict = if plan.blind { &unmarked } else { &self.verdict };
        let marks = Marks::new(verdict, scorer.extractor().catalogue(), look);
        let bold = Style::new().add_modifier(Modifier::BOLD);
        let mut out: Vec<Line<'static>> = Vec::new();
        for field in Field::READ {
            let text = self.posting.get(field);
            if text.trim().is_empty() {
                continue;
            }
            let text = match text.char_indices().nth(LONGEST_FIELD) {
                Some((end, _)) => &text[..end],
                None => text,
            };
            let mut lines: Vec<Line<'static>> = marks
                .lines(field, text)
                .into_iter()
                .map(|pieces| pieces.into_iter().map(|p| span(p.text, &p.kind, look.colour)).collect())
                .collect();
            // A short field stands beside its name: there are 24 lines.
            let name = Span::styled(field.name(), bold);
            if let [line] = lines.as_mut_slice()
                && line.width() + field.name().len() + 2 <= columns
            {
                line.spans.splice(0..0, [name, Span::raw("  ")]);
                out.append(&mut lines);
            } else {
                out.push(Line::from(name));
                let indented = |mut line: Line<'static>| {
                    line.spans.insert(0, Span::raw("  "));
                    line
                };
                out.extend(lines.into_iter().map(indented));
            }
        }
        for field in [Field::Url, Field::PostedAt, Field::Source] {
            let text = one_line(&self.posting.get(field).chars().take(500).collect::<String>());
            if !text.is_empty() {
                out.push(
                    Line::from(format!("{}  {text}", field.name())).style(Style::new().add_modifier(Modifier::DIM)),
                );
            }
        }
        out
    }
}

fn span(text: String, kind: &PieceKind, colour: bool) -> Span<'static> {
    match kind {
        PieceKind::Plain => Span::raw(text),
        PieceKind::Mark(family) if colour => Span::styled(text, style(of_family(family))),
        PieceKind::Mark(_) => Span::styled(text, Style::new().add_modifier(Modifier::UNDERLINED)),
        PieceKind::Number => Span::styled(text, Style::new().add_modifier(Modifier::DIM)),
    }
}

/// What is named as a way to reach someone, once each, in the order of the text.
fn contacts(reading: &Reading) -> Vec<String> {
    let mut out: Vec<String> = Vec::new();
    for segment in &reading.segments {
        for entity in &segment.entities {
            let text = match &entity.kind {
                EntityKind::Contact(contact) if contact.has_identifier() => {
                    format!("{} {}", channel(contact.kind), contact.normalized(&segment.text))
                }
                EntityKind::Contact(contact) => channel(contact.kind).to_owned(),
                EntityKind::Link(link) => format!("link {}", link.host(&segment.text)),
                _ => continue,
            };
            let text = one_line(&text);
            if !out.contains(&text) && width(&text) > 0 && out.len() < CONTACTS {
                out.push(text);
            }
        }
    }
    out
}

const fn channel(kind: ContactKind) -> &'static str {
    match kind {
        ContactKind::Email => "mail",
        ContactKind::FreeMail => "free mail",
        ContactKind::Phone => "phone",
        ContactKind::Telegram => "Telegram",
        ContactKind::WhatsApp => "WhatsApp",
        ContactKind::Line => "LINE",
        ContactKind::WeChat => "WeChat",
        ContactKind::Qq => "QQ",
        ContactKind::Zalo => "Zalo",
        ContactKind::Viber => "Viber",
        ContactKind::Messenger => "Messenger",
        ContactKind::Kakao => "KakaoTalk",
        ContactKind::Other => "chat",
        ContactKind::Wallet => "wallet",
    }
}
