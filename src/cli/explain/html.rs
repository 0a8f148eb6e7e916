/*!
The explanation as a page: the posting with its evidence marked in place, and the whole sum.
*/

use std::collections::BTreeSet;

use maud::{Markup, html};

use super::bars::{signal_rows, term_rows};
use super::marked::{FAMILIES, class, marked, visible};
use super::reasons::{COUNTERFACTUAL, FOR_THE_AD, TRUNCATED, UNREAD, UNSEEN, passage_said, vacancy_said};
use super::{Explanation, note};
use crate::cli::html::{bar, page};
use crate::cli::table::percent;
use crate::cli::terminal::one_line;
use crate::eval::metrics::sigmoid;
use crate::posting::Field;
use crate::score::counterfactual::TEXT;
use crate::verdict::Action;

const STYLE: &str = include_str!("explain.css");

pub(super) fn write(explanation: &Explanation<'_>) -> String {
    let verdict = explanation.verdict;
    let title = format!("{}: {}", verdict.action.name(), one_line(&verdict.id));
    let body = html! {
        (head(explanation))
        (posting(explanation))
        (signals(explanation))
        (sum(explanation))
        (for_clear(explanation))
        (for_the_ad(explanation))
        (unseen())
        footer {
            "lurescan " (env!("CARGO_PKG_VERSION")) ", model " (verdict.model)
            ". Colours are families of signals; numbers are signals; positions are those of the original text."
        }
    };
    page(&title, STYLE, &body)
}

fn head(explanation: &Explanation<'_>) -> Markup {
    let verdict = explanation.verdict;
    html! {
        h1 {
            span.badge.(verdict.action.name()) { (verdict.action.name()) } " "
            @if let Some(p) = verdict.probability { (percent(p)) }
        }
        @match verdict.logit {
            Some(logit) => (scale(logit, explanation.review, explanation.block)),
            None => p { "Too little text in a language of ours to say anything." },
        }
        p { (note(verdict.action)) }
        dl {
            dt { "Posting" } dd { (visible(&verdict.id, false)) }
            dt { "Language" } dd { (verdict.language) }
            @for field in Field::ALL {
                @let text = explanation.posting.get(field);
                @if !Field::READ.contains(&field) && !text.trim().is_empty() {
                    dt { (field.name().replace('_', " ")) " (not read)" } dd { bdi { (visible(text, false)) } }
                }
            }
        }
        @if verdict.truncated { p { b { (TRUNCATED) } } }
        @if let Some(said) = vacancy_said(verdict) { p { (said) } }
        @if let Some(said) = passage_said(verdict) { p { (visible(&said, false)) } }
    }
}

/// Where the logit lies between the thresholds.
fn scale(logit: f64, review: f64, block: f64) -> Markup {
    let (low, high) = [logit, review, block].iter().fold((-4.0_f64, 4.0_f64), |(l, h), v| (l.min(*v), h.max(*v)));
    let at = |value: f64| format!("{:.1}", 20.0 + (value.clamp(low, high) - low) / (high - low) * 680.0);
    let threshold = |name: &'static str, value: f64, y: u32| {
        html! {
            line.(name) x1=(at(value)) x2=(at(value)) y1="18" y2="46" {}
            text x=(at(value)) y=(y) text-anchor="middle" { (name) " from " (percent(sigmoid(value))) }
        }
    };
    let said = format!(
        "Logit {logit:+.3}; review from {review:+.3} ({}), block from {block:+.3} ({})",
        percent(sigmoid(review)),
        percent(sigmoid(block))
    );
    html! {
        svg.scale viewBox="0 0 720 80" role="img" aria-label=(said) {
            rect.track x="20" y="29" width="680" height="6" rx="3" {}
            (threshold("review", review, 12))
            (threshold("block", block, 60))
            circle.now cx=(at(logit)) cy="32" r="7" {}
        }
        p.soft { (said) "." }
    }
}

fn posting(explanation: &Explanation<'_>) -> Markup {
    let verdict = explanation.verdict;
    let rows = signal_rows(verdict, explanation.catalogue);
    let families: BTreeSet<&str> = rows.iter().map(|row| class(&row.family)).collect();
    html! {
        h2 { "The posting" }
        @if !rows.is_empty() {
            ul.legend {
                @for family in FAMILIES.into_iter().chain(["other"]).filter(|f| families.contains(f)) {
                    li { mark class={ "f-" (family) " u-" (family) } { (family) } }
                }
            }
        }
        @for field in Field::READ {
            @let text = explanation.posting.get(field);
            @if !text.trim().is_empty() {
                h3 { (field.name().replace('_', " ")) }
                (marked(explanation.verdict, field.name(), text, &rows))
            }
        }
    }
}

fn signals(explanation: &Explanation<'_>) -> Markup {
    let rows = signal_rows(explanation.verdict, explanation.catalogue);
    let largest = largest(explanation);
    let abstains = explanation.verdict.action == Action::Abstain;
    html! {
        h2 { "Signals" }
        @if rows.is_empty() {
            p { "None." }
        } @else {
            div.scroll { table {
                thead { tr { th { "#" } th { "signal" } th.n { "strength" } th.n { "adds" } th { "" } th { "fires when" } } }
                tbody {
                    @for (row, signal) in rows.iter().zip(&explanation.verdict.signals) {
                        tr id={ "s" (row.number) } {
                            td { (row.number) }
                            td { mark class={ "f-" (class(&row.family)) " u-" (class(&row.family)) } { (row.name) } br; span.soft { (row.family) } }
                            td.n { (format!("{:.2}", signal.strength)) }
                            td.n { @if abstains { "" } @else { (format!("{:+.3}", row.contribution)) } }
                            td { @if !abstains { (bar(row.contribution, largest)) } }
                            td { (definition(explanation, &row.name)) }
                        }
                    }
                }
            } }
            p.soft {
                "A signal says what the text says, not what the posting is: honest postings carry many of these. Strength "
                "is how plainly it is said; a signal that adds nothing by itself may count in a combination below."
            }
        }
    }
}

fn definition(explanation: &Explanation<'_>, id: &str) -> Markup {
    let found = explanation.catalogue.find(id).map(|s| explanation.catalogue.get(s));
    html! {
        @if let Some(signal) = found {
            (signal.fires_when)
            @if !signal.not_when.is_empty() { br; span.soft { "Not when: " (signal.not_when) } }
        }
    }
}

/// Every part of the logit, and their sum.
fn sum(explanation: &Explanation<'_>) -> Markup {
    let verdict = explanation.verdict;
    let Some(logit) = verdict.logit else { return html! {} };
    let largest = largest(explanation);
    let line = |name: Markup, kind: &str, value: f64| {
        html! {
            tr {
                td.w { (name) } td.soft { (kind) }
                td.n { (format!("{value:+.3}")) } td { (bar(value, largest)) }
            }
        }
    };
    let signals: f64 = verdict.signals.iter().map(|s| s.contribution).sum::<f64>() + 0.0;
    html! {
        h2 { "The sum" }
        div.scroll { table {
            thead { tr { th { "part" } th { "kind" } th.n { "adds to the logit" } th { "" } } }
            tbody {
                (line(html! { "intercept" }, "what every posting starts from", verdict.intercept.unwrap_or(0.0)))
                (line(html! { "all signals above" }, "signals", signals))
                @for row in term_rows(verdict, usize::MAX) {
                    @let combination = explanation.composites.iter().find(|c| c.id == row.name);
                    @let name = html! {
                        bdi { (visible(&row.name, false)) }
                        @if let Some(combination) = combination { br; span.soft { (combination.definition) } }
                    };
                    (line(name, row.kind, row.contribution))
                }
                tr.sum {
                    td { "logit" } td { "probability " (percent(sigmoid(logit))) }
                    td.n { (format!("{logit:+.3}")) } td { (bar(logit, largest.max(logit.abs()))) }
                }
            }
        } }
    }
}

fn largest(explanation: &Explanation<'_>) -> f64 {
    let verdict = explanation.verdict;
    let terms = verdict.terms.iter().flatten().map(|t| t.contribution);
    let all = verdict.signals.iter().map(|s| s.contribution).chain(terms).chain(verdict.intercept);
    all.fold(0.0, |largest: f64, value| largest.max(value.abs()))
}

fn for_clear(explanation: &Explanation<'_>) -> Markup {
    let Some(found) = explanation.for_clear else { return html! {} };
    html! {
        h2 { "What would have to be absent for " code { "clear" } }
        @if found.sets.is_empty() {
            @let why = if explanation.verdict.truncated { UNREAD } else { "the threshold lies below what every posting starts from" };
            p { "Nothing that this posting shows: " (why) "." }
        } @else {
            p { (explanation.sets_said()) }
            table {
                thead { tr { th { "without" } th.n { "logit" } th.n { "probability" } } }
                tbody {
                    @for set in &found.sets {
                        tr {
                            td {
                                @for (i, name) in set.without.iter().enumerate() {
                                    @if i > 0 { " and " }
                                    @match explanation.number(name) {
                                        Some(number) => { a href={ "#s" (number) } { (number) " " (name) } }
                                        None if name == TEXT => "all that the wording adds",
                                        None => (name),
                                    }
                                }
                            }
                            td.n { (format!("{:+.3}", set.logit)) }
                            td.n { (percent(set.probability)) }
                        }
                    }
                }
            }
            p.soft { (COUNTERFACTUAL) }
        }
    }
}

fn for_the_ad(explanation: &Explanation<'_>) -> Markup {
    let found = explanation.for_the_ad();
    html! {
        h2 { "What speaks for the ad" }
        @if found.is_empty() {
            p { "Nothing was found." }
        } @else {
            ul {
                @for (number, name, contribution) in found {
                    li {
                        @match number {
                            Some(number) => { a href={ "#s" (number) } { (number) " " (name) } }
                            None => bdi { (visible(name, false)) },
                        }
                        " " (format!("{contribution:+.3}"))
                    }
                }
            }
        }
        p.soft { (FOR_THE_AD) }
    }
}

fn unseen() -> Markup {
    html! {
        h2 { "What this cannot see" }
        ul { @for text in UNSEEN { li { (text) } } }
    }
}

#[cfg(test)]
mod tests;
