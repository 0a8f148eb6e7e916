/*!
The parts of the screen around the posting: head, signals, what keys do.
*/

use ratatui::style::{Color, Modifier, Style};
use ratatui::text::{Line, Span};

use super::app::{App, Input, Mode};
use super::shown::Shown;
use crate::cli::common::counted;
use crate::cli::table::percent;
use crate::cli::terminal::{clip, fit, of_action, of_family, one_line, width};
use crate::review::decision::Reason;

/// Columns of a signal's name.
const NAME: usize = 22;
/// Columns of a bar.
const BAR: usize = 8;

/// The keys of a posting, the most needed first: as many are named as there is room for.
const KEYS: [(&str, &str); 13] = [
    ("s", "scam"),
    ("h", "honest"),
    ("u", "unsure"),
    ("space", "skip"),
    ("z", "undo"),
    ("?", "help"),
    ("q", "quit"),
    ("c", "campaign"),
    ("n", "note"),
    ("f", "filter"),
    ("/", "search"),
    ("Tab", "signals"),
    ("↑↓", "scroll"),
];

/// The same style for ratatui.
pub(super) fn style(of: anstyle::Style) -> Style {
    use anstyle::{AnsiColor, Effects};
    let mut style = Style::new();
    if let Some(anstyle::Color::Ansi(color)) = of.get_fg_color() {
        style = style.fg(match color {
            AnsiColor::Red => Color::Red,
            AnsiColor::Green => Color::Green,
            AnsiColor::Yellow => Color::Yellow,
            AnsiColor::Blue => Color::Blue,
            AnsiColor::Magenta => Color::Magenta,
            AnsiColor::Cyan => Color::Cyan,
            AnsiColor::BrightRed => Color::LightRed,
            AnsiColor::BrightGreen => Color::LightGreen,
            AnsiColor::BrightYellow => Color::LightYellow,
            AnsiColor::BrightBlue => Color::LightBlue,
            AnsiColor::BrightMagenta => Color::LightMagenta,
            AnsiColor::BrightCyan => Color::LightCyan,
            _ => Color::Reset,
        });
    }
    for (effect, modifier) in
        [(Effects::BOLD, Modifier::BOLD), (Effects::DIMMED, Modifier::DIM), (Effects::UNDERLINE, Modifier::UNDERLINED)]
    {
        if of.get_effects().contains(effect) {
            style = style.add_modifier(modifier);
        }
    }
    style
}

pub(super) fn bold() -> Style {
    Style::new().add_modifier(Modifier::BOLD)
}

pub(super) fn dim() -> Style {
    Style::new().add_modifier(Modifier::DIM)
}

/// A style with its colours taken away where there are none.
fn painted(app: &App, of: anstyle::Style) -> Style {
    let style = style(of);
    if app.plan.look.colour { style } else { Style { fg: None, ..style } }
}

/// Where the queue stands.
pub(super) fn title(app: &App, columns: usize) -> Line<'static> {
    let plan = &app.plan;
    let place = match app.place() {
        Some(_) => format!("{} of {}", app.at + 1, app.visible.len()),
        None => format!("end of {}", app.visible.len()),
    };
    let mut left = format!(" {place}, {}", plan.order_name);
    if !app.filter.is_empty() {
        let f = &app.filter;
        let words = f.words.as_ref().map(|w| format!("/{}", one_line(w)));
        let parts = [f.signal.clone(), f.action.map(|a| a.name().to_owned()), f.language.clone(), words];
        left.push_str(&format!(", only {}", parts.into_iter().flatten().collect::<Vec<_>>().join(" ")));
    }
    let right = format!("{} decided, {} left  {} ", app.count, app.left(), one_line(&plan.moderator));
    let room = columns.saturating_sub(width(&right) + 1);
    let text = if room > 12 { format!("{} {right}", fit(&left, room)) } else { fit(&left, columns) };
    Line::styled(fit(&text, columns), Style::new().add_modifier(Modifier::REVERSED))
}

/// What is said of the posting as a whole.
pub(super) fn head(app: &App, shown: &Shown, columns: usize) -> [Line<'static>; 2] {
    let (verdict, item) = (&shown.verdict, &app.queue.items()[shown.place]);
    let mut first = vec![Span::raw(" ")];
    if app.plan.blind {
        first.push(Span::styled("verdict hidden", dim()));
    } else {
        let name = verdict.action.name().to_uppercase();
        first.push(Span::styled(name, painted(app, of_action(verdict.action)).add_modifier(Modifier::BOLD)));
        first.push(Span::raw(match (verdict.probability, verdict.logit) {
            (Some(p), Some(logit)) => format!("  {}  logit {logit:+.2}", percent(p)),
            _ => "  nothing can be said".to_owned(),
        }));
    }
    let mut about = format!("  {}", verdict.language);
    if item.copies > 1 {
        about.push_str(&format!("  {} copies", item.copies));
    }
    match app.campaign().map(|m| m.len()) {
        Some(1) => {}
        Some(n) => about.push_str(&format!("  campaign of {n} texts")),
        None => about.push_str("  looking for its campaign"),
    }
    if verdict.truncated {
        about.push_str("  text cut off");
    }
    if verdict.as_vacancy && !app.plan.blind {
        about.push_str("  as a vacancy, by words");
    }
    if !verdict.passage.is_empty() && !app.plan.blind {
        about.push_str("  by one passage");
    }
    first.push(Span::raw(about));
    let mut second = format!(" id {}", one_line(&verdict.id.chars().take(200).collect::<String>()));
    for decision in &shown.decisions {
        second.push_str(&format!("  [{} says {}]", one_line(&decision.moderator), decision.label));
    }
    if !app.note.is_empty() {
        second.push_str(&format!("  note: {}", one_line(&app.note)));
    }
    [Line::from(first), Line::styled(clip(&second, columns).into_owned(), dim())]
}

/// As [`signals`], for a panel of its own: words stand below their signals, and every contact has a line.
pub(super) fn signals_beside(app: &App, shown: &Shown, columns: usize, rows: usize) -> Vec<Line<'static>> {
    let short = signals(app, shown, columns, rows);
    let found = &shown.verdict.signals;
    if app.plan.blind || found.is_empty() || rows < 2 * found.len() + shown.contacts.len() + 2 {
        return short;
    }
    let largest = largest(shown);
    let mut out = Vec::new();
    for at in 0..found.len() {
        out.push(signal(app, shown, at, largest, 0));
        let words = words(shown, at);
        if !words.is_empty() {
            out.push(Line::styled(format!("    {}", clip(&words, columns.saturating_sub(5))), dim()));
        }
    }
    if !shown.contacts.is_empty() {
        out.push(Line::raw(""));
        out.push(Line::styled(" contacts", bold()));
        out.extend(shown.contacts.iter().map(|c| Line::raw(format!("    {}", clip(c, columns.saturating_sub(5))))));
    }
    out
}

/// Signals with what each adds, and contacts; at most `rows` lines.
pub(super) fn signals(app: &App, shown: &Shown, columns: usize, rows: usize) -> Vec<Line<'static>> {
    let mut out = Vec::new();
    let contacts = match shown.contacts.is_empty() {
        true => None,
        false => Some(format!(" contacts  {}", shown.contacts.join(", "))),
    };
    let room = rows.saturating_sub(usize::from(contacts.is_some()));
    if app.plan.blind {
        out.push(Line::styled(" signals hidden", dim()));
    } else if shown.verdict.signals.is_empty() {
        out.push(Line::styled(" no signal", dim()));
    } else {
        let all = shown.verdict.signals.len();
        let largest = largest(shown);
        let named = if all > room { room.saturating_sub(1) } else { all };
        out.extend((0..named).map(|i| signal(app, shown, i, largest, columns)));
        if named < all {
            out.push(Line::styled(format!("   and {} more (Tab)", all - named), dim()));
        }
    }
    out.truncate(room);
    out.extend(contacts.map(|text| Line::raw(clip(&text, columns).into_owned())));
    out
}

fn largest(shown: &Shown) -> f64 {
    shown.verdict.signals.iter().map(|s| s.contribution.abs()).fold(0.0, f64::max)
}

/// The words of a signal's first spans, in quotes.
fn words(shown: &Shown, at: usize) -> String {
    let quoted =
        |span: &crate::verdict::Span| format!("\"{}\"", one_line(&span.text.chars().take(200).collect::<String>()));
    shown.verdict.signals[at].spans.iter().take(3).map(quoted).collect::<Vec<_>>().join(" ")
}

fn signal(app: &App, shown: &Shown, at: usize, largest: f64, columns: usize) -> Line<'static> {
    let signal = &shown.verdict.signals[at];
    let catalogue = app.scorer.extractor().catalogue();
    let family = catalogue.find(&signal.id).map_or("", |id| catalogue.get(id).family.as_str());
    let filled = if largest > 0.0 { (signal.contribution.abs() / largest * BAR as f64).round() as usize } else { 0 };
    let bar = format!("{}{:blank$}", "█".repeat(filled), "", blank = BAR - filled);
    let head = format!("{:>3} ", at + 1);
    let number = format!(" {:+6.2} ", signal.contribution);
    let used = width(&head) + NAME + width(&number) + BAR + 1;
    Line::from(vec![
        Span::raw(head),
        Span::styled(fit(&signal.id, NAME), painted(app, of_family(family)).remove_modifier(Modifier::UNDERLINED)),
        Span::raw(number),
        Span::raw(bar),
        Span::styled(format!(" {}", clip(&words(shown, at), columns.saturating_sub(used))), dim()),
    ])
}

/// What was said last, or what is asked.
pub(super) fn message(app: &App, columns: usize) -> Line<'static> {
    let text = match &app.mode {
        Mode::Confirm { label, .. } => {
            let targets = app.campaign_targets();
            let copies: usize = targets.iter().map(|&place| app.queue.items()[place].copies).sum();
            let texts = counted(targets.len() as u64, "undecided text");
            let text = format!(" decide {label} for {texts} ({})?", counted(copies as u64, "posting"));
            return Line::styled(clip(&text, columns).into_owned(), bold());
        }
        Mode::Input { what, text } => {
            let (name, hint) = match what {
                Input::Note => ("note", ""),
                Input::Search => ("search", "words in any field; nothing shows all again"),
                Input::Filter => ("filter", "signal, action or language; nothing shows all again"),
            };
            let hint = if text.is_empty() { hint } else { "" };
            // The end of what is typed is what the eye is on.
            let room = columns.saturating_sub(name.len() + 6);
            let mut tail = one_line_end(text);
            while width(&tail) > room {
                tail.remove(0);
            }
            return Line::from(vec![
                Span::styled(format!(" {name}: {tail}"), bold()),
                Span::styled("▏", bold()),
                Span::styled(clip(hint, room).into_owned(), dim()),
            ]);
        }
        _ => app.message.as_str(),
    };
    Line::styled(clip(&format!(" {}", one_line(text)), columns).into_owned(), bold())
}

/// As `one_line`, but a blank that was just typed stays.
fn one_line_end(text: &str) -> String {
    let blank = if text.ends_with(' ') { " " } else { "" };
    one_line(text) + blank
}

/// What the keys do now: one line, or as many as the reasons of a decision take.
pub(super) fn keys(app: &App, columns: usize) -> Vec<Line<'static>> {
    let mut pairs: Vec<(String, String)> = Vec::new();
    let mut question = None;
    let mut add = |key: &str, what: &str| pairs.push((key.to_owned(), what.to_owned()));
    match &app.mode {
        Mode::View if app.place().is_none() => {
            [("g", "again from the start"), ("z", "undo"), ("/", "search"), ("f", "filter"), ("q", "quit")]
                .into_iter()
                .for_each(|(key, what)| add(key, what));
        }
        Mode::View => KEYS.into_iter().for_each(|(key, what)| add(key, what)),
        Mode::Reason { label, whole } => {
            question =
                Some(if *whole { format!(" {label} for the campaign: why?") } else { format!(" {label}: why?") });
            for (number, reason) in (1..).zip(Reason::of(*label)) {
                add(&format!("{number}"), &reason.name().replace('_', " "));
            }
            add("Enter", "none");
            add("Esc", "back");
        }
        Mode::Confirm { .. } => [("y", "yes"), ("n", "no")].into_iter().for_each(|(key, what)| add(key, what)),
        Mode::Input { .. } => {
            [("Enter", "done"), ("Esc", "back")].into_iter().for_each(|(key, what)| add(key, what));
        }
        Mode::Campaign { .. } => {
            [("s", "all scam"), ("h", "all honest"), ("u", "all unsure"), ("↑↓", "scroll"), ("Esc", "back")]
                .into_iter()
                .for_each(|(key, what)| add(key, what))
        }
        Mode::Help { .. } => [("↑↓", "scroll"), ("Esc", "back")].into_iter().for_each(|(key, what)| add(key, what)),
    }
    let mut lines = vec![Line::default()];
    let mut used = 0;
    // A question has to show all its answers; else the keys that are needed most will do.
    let wraps = question.is_some();
    if let Some(question) = question {
        used = width(&question);
        lines[0].push_span(Span::styled(question, bold()));
    }
    for (key, what) in pairs {
        let wide = 1 + width(&key) + 1 + width(&what) + 1;
        if used + wide > columns {
            if !wraps {
                break;
            }
            lines.push(Line::default());
            used = 0;
        }
        used += wide;
        if let Some(line) = lines.last_mut() {
            line.push_span(Span::raw(" "));
            line.push_span(Span::styled(key, bold()));
            line.push_span(Span::styled(format!(" {what} "), dim()));
        }
    }
    lines
}
