/*!
What keys do.
*/

use ratatui::crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

use super::app::{App, Input, Mode};
use crate::review::decision::{Label, Reason};
use crate::review::queue::Filter;

/// Lines of a page when scrolling, less than any window has.
const PAGE: usize = 8;
/// A typed line is no longer than this many characters.
const LONGEST_LINE: usize = 500;

pub(super) fn press(app: &mut App, key: KeyEvent) {
    if key.modifiers.contains(KeyModifiers::CONTROL) {
        // In raw mode the terminal itself no longer ends the program.
        if key.code == KeyCode::Char('c') {
            app.end();
        }
        return;
    }
    let code = key.code;
    match app.mode.clone() {
        Mode::View => view(app, code),
        Mode::Reason { label, whole } => reason(app, code, label, whole),
        Mode::Confirm { label, reason } => match code {
            KeyCode::Char('y' | 'Y') => app.decide(label, reason, true),
            KeyCode::Char('n' | 'N') | KeyCode::Esc => app.mode = Mode::Campaign { top: 0 },
            _ => {}
        },
        Mode::Input { what, text } => input(app, code, what, text),
        Mode::Campaign { top } => campaign(app, code, top),
        Mode::Help { top } => match scrolled(code, top) {
            Some(top) => app.mode = Mode::Help { top },
            None => app.mode = Mode::View,
        },
    }
}

fn view(app: &mut App, code: KeyCode) {
    match code {
        KeyCode::Char('s') => ask(app, Label::Scam, false),
        KeyCode::Char('h') => ask(app, Label::Honest, false),
        KeyCode::Char('u') => ask(app, Label::Unsure, false),
        KeyCode::Char(' ') => app.skip(),
        KeyCode::Char('z') => app.undo(),
        KeyCode::Char('n') if app.place().is_some() => {
            app.mode = Mode::Input { what: Input::Note, text: app.note.clone() };
        }
        KeyCode::Char('/') => {
            let text = app.filter.words.clone().unwrap_or_default();
            app.mode = Mode::Input { what: Input::Search, text };
        }
        KeyCode::Char('f') => app.mode = Mode::Input { what: Input::Filter, text: filter_text(&app.filter) },
        KeyCode::Char('c') if app.place().is_some() => match app.campaign() {
            Some(_) => app.mode = Mode::Campaign { top: 0 },
            None => app.say("campaigns are still being looked for; press c again in a moment"),
        },
        KeyCode::Char('g') => app.restart(),
        KeyCode::Char('?') => app.mode = Mode::Help { top: 0 },
        KeyCode::Char('q') => app.end(),
        KeyCode::Tab => app.wide_signals = !app.wide_signals,
        KeyCode::Right => app.step(true),
        KeyCode::Left => app.step(false),
        KeyCode::Esc if !app.filter.is_empty() => app.set_filter(Filter::default()),
        _ => {
            if let Some(scroll) = scrolled(code, app.scroll) {
                app.scroll = scroll;
            }
        }
    }
}

fn ask(app: &mut App, label: Label, whole: bool) {
    if app.place().is_some() {
        app.message.clear();
        app.mode = Mode::Reason { label, whole };
    }
}

fn reason(app: &mut App, code: KeyCode, label: Label, whole: bool) {
    let chosen: Option<Reason> = match code {
        KeyCode::Enter => None,
        KeyCode::Char(c) => {
            let number = c.to_digit(10).unwrap_or(0) as usize;
            match number.checked_sub(1).and_then(|at| Reason::of(label).get(at)) {
                Some(reason) => Some(*reason),
                None => return,
            }
        }
        KeyCode::Esc => {
            app.mode = if whole { Mode::Campaign { top: 0 } } else { Mode::View };
            return;
        }
        _ => return,
    };
    if whole {
        app.mode = Mode::Confirm { label, reason: chosen };
    } else {
        app.decide(label, chosen, false);
    }
}

fn campaign(app: &mut App, code: KeyCode, top: usize) {
    match code {
        KeyCode::Char('s') => ask(app, Label::Scam, true),
        KeyCode::Char('h') => ask(app, Label::Honest, true),
        KeyCode::Char('u') => ask(app, Label::Unsure, true),
        _ => {
            let members = app.campaign().map_or(0, |m| m.len());
            app.mode = match scrolled(code, top) {
                Some(top) => Mode::Campaign { top: top.min(members.saturating_sub(1)) },
                None => Mode::View,
            };
        }
    }
}

fn input(app: &mut App, code: KeyCode, what: Input, mut text: String) {
    match code {
        KeyCode::Enter => return app.enter(what, &text),
        KeyCode::Esc => {
            app.mode = Mode::View;
            return;
        }
        KeyCode::Backspace => {
            text.pop();
        }
        KeyCode::Char(c) if !c.is_control() && text.chars().count() < LONGEST_LINE => text.push(c),
        _ => {}
    }
    app.mode = Mode::Input { what, text };
}

/// Where a list begins after a key that scrolls; the screen keeps it within the list.
fn scrolled(code: KeyCode, top: usize) -> Option<usize> {
    match code {
        KeyCode::Down | KeyCode::Char('j') => Some(top + 1),
        KeyCode::Up | KeyCode::Char('k') => Some(top.saturating_sub(1)),
        KeyCode::PageDown => Some(top + PAGE),
        KeyCode::PageUp => Some(top.saturating_sub(PAGE)),
        KeyCode::Home => Some(0),
        KeyCode::End => Some(usize::MAX / 2),
        _ => None,
    }
}

fn filter_text(filter: &Filter) -> String {
    let action = filter.action.map(|a| a.name().to_owned());
    [filter.signal.clone(), action, filter.language.clone()].into_iter().flatten().collect::<Vec<_>>().join(" ")
}
