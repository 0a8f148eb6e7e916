/*!
The tables of a report.
*/

use maud::{Markup, html};
use serde_json::{Map, Value};

use crate::cli::common::grouped;
use crate::cli::html::bar;
use crate::cli::model::ngrams_by_strength;
use crate::cli::table::percent;
use crate::cli::terminal::one_line;
use crate::eval::curves::AtThreshold;
use crate::eval::metrics::sigmoid;
use crate::model::artefact::Artefact;
use crate::model::names::Named;
use crate::train::report::{BUDGETS, Report, Slice};

/// N-grams of either sign that are named.
const NGRAMS: usize = 25;
/// Fewer postings of a class than this say little; their rows stand back.
const FEW: usize = 20;

pub(super) fn figures(report: &Report) -> Markup {
    html! {
        h2 { "Figures" }
        @for domain in report.domains.iter().filter(|d| !d.figures.is_empty()) {
            h3 {
                (domain.name) ": " (grouped((domain.review.scams + domain.review.honest) as u64)) " postings, "
                (grouped(domain.review.scams as u64)) " scams (" (format!("{:.1} %", 100.0 * domain.prior)) " by weight)"
            }
            @let runs = domain.figures.len();
            table {
                thead { tr {
                    th { "figure" } th.n { @if runs > 1 { "mean" } @else { "value" } } th.n { "95 % interval" }
                    @if runs > 1 { th.n { "over " (runs) " seeds" } }
                } }
                tbody {
                    @for (k, (name, estimate)) in domain.figures[0].1.iter().enumerate() {
                        @let values: Vec<f64> = domain.figures.iter().map(|run| run.1[k].1.value).collect();
                        tr {
                            td { (name) }
                            td.n { (format!("{:.3}", values.iter().sum::<f64>() / runs as f64)) }
                            td.n { (estimate.told(|low, high| format!("{low:.3} to {high:.3}"))) }
                            @if runs > 1 {
                                @let least = values.iter().copied().fold(f64::INFINITY, f64::min);
                                @let most = values.iter().copied().fold(f64::NEG_INFINITY, f64::max);
                                td.n { (format!("{least:.3} to {most:.3}")) }
                            }
                        }
                    }
                }
            }
        }
        p.soft {
            "Intervals by bootstrap over groups of postings that are not independent (of one employer, campaign or author)"
            @if report.domains.iter().any(|d| d.figures.len() > 1) { ", of the first seed; curves and tables below are of that seed" }
            "."
        }
    }
}

pub(super) fn budgets(report: &Report) -> Markup {
    html! {
        h2 { "Review budget" }
        p { "When only the top of a feed can be looked at: the share of all scams that is found, and the share of scams in it." }
        div.scroll { table {
            thead { tr {
                th { "domain" }
                @for share in BUDGETS { th.n colspan="2" { "top " (100.0 * share) " %" } }
            } tr {
                th { "" }
                @for _ in BUDGETS { th.n { "found" } th.n { "precision" } }
            } }
            tbody {
                @for domain in report.domains.iter().filter(|d| !d.budgets.is_empty()) {
                    tr {
                        td { (domain.name) }
                        @for budget in &domain.budgets {
                            td.n { (share(Some(budget.recall))) } td.n { (share(Some(budget.precision))) }
                        }
                    }
                }
            }
        } }
        p.soft { "With few scams in a feed no order can fill the budget with them; with many, no budget finds them all." }
    }
}

pub(super) fn thresholds(report: &Report) -> Markup {
    html! {
        h2 { "Thresholds" }
        table {
            thead { tr { th { "action" } th.n { "logit" } th.n { "probability" } th { "set by" } } }
            tbody {
                @for (name, logit) in [("review", report.review), ("block", report.block)] {
                    tr {
                        td { span.badge.(name) { (name) } }
                        td.n { (format!("{logit:+.3}")) } td.n { (percent(sigmoid(logit))) }
                        td {
                            @if let Some(t) = report.threshold(name) {
                                "at most " (t.percent()) " % of the honest weight of " (t.set_by) ": "
                                (grouped(t.honest_postings as u64)) " honest postings stand behind it, " (t.flagged) " flagged"
                                @if (t.honest_postings as f64) * t.false_positive_rate < 5.0 {
                                    "; so few cannot prove so small a rate"
                                }
                            } @else { "not stated" }
                        }
                    }
                }
            }
        }
        @for (name, of) in [("review", 0), ("block", 1)] {
            h3 { "At " (name) " or above" }
            div.scroll { table {
                thead { tr { th { "domain" } (rates_head()) } }
                tbody {
                    @for domain in &report.domains {
                        tr { td { (domain.name) } (rates(if of == 0 { &domain.review } else { &domain.block })) }
                    }
                }
            } }
        }
    }
}

fn rates_head() -> Markup {
    html! {
        th.n { "scams found" } th.n { "recall" } th.n { "honest flagged" } th.n { "false positive rate" } th.n { "precision" }
    }
}

/// What a class that is not there would say is left out; precision needs both.
fn rates(at: &AtThreshold) -> Markup {
    let of = |flagged: usize, all: usize| {
        if all == 0 { String::new() } else { format!("{flagged} of {}", grouped(all as u64)) }
    };
    let precision = at.precision.filter(|_| at.scams > 0 && at.honest > 0);
    html! {
        td.n { (of(at.scams_flagged, at.scams)) } td.n { (share(at.recall)) }
        td.n { (of(at.honest_flagged, at.honest)) } td.n { (share(at.false_positive_rate)) }
        td.n { (share(precision)) }
    }
}

pub(super) fn slices(report: &Report) -> Markup {
    let mut tables: Vec<(&str, &str)> = report.slices.iter().map(|s| (s.domain.as_str(), s.by)).collect();
    tables.dedup();
    html! {
        h2 { "Slices" }
        @if tables.is_empty() { p { "All postings are of one language and kind." } }
        @for (domain, by) in tables {
            h3 { (domain) " by " (by) ", at review or above" }
            div.scroll { table {
                thead { tr { th { (by) } th.n { "ROC AUC" } (rates_head()) } }
                tbody {
                    @for slice in report.slices.iter().filter(|s| s.domain == domain && s.by == by) { (slice_row(slice)) }
                }
            } }
        }
        p.soft { "Rows with fewer than " (FEW) " postings of each class that they have stand back: they say little." }
    }
}

fn slice_row(slice: &Slice) -> Markup {
    let few = |n: usize| n > 0 && n < FEW;
    let class = if few(slice.review.scams) || few(slice.review.honest) { "soft" } else { "" };
    html! {
        tr class=[(!class.is_empty()).then_some(class)] {
            td { (slice.name) }
            td.n { @match slice.roc_auc { Some(auc) => (format!("{auc:.3}")), None => "" } }
            (rates(&slice.review))
        }
    }
}

/// Names and weights of n-grams.
fn rows<'a>(ngrams: impl Iterator<Item = &'a Named>, weight: impl Fn(&Named) -> f64) -> Vec<(&'a str, f64)> {
    ngrams.map(|ngram| (ngram.name.as_str(), weight(ngram))).collect()
}

pub(super) fn weights(model: &Artefact) -> anyhow::Result<Markup> {
    let verdict = &model.manifest.verdict;
    let mut parts: Vec<(&str, f64, &str)> =
        vec![("(intercept)", verdict.intercept, ""), ("(text logit)", verdict.text, "")];
    parts.extend(verdict.signals.iter().map(|(id, w)| (id.as_str(), *w, "signal")));
    parts.extend(verdict.composites.iter().map(|(id, w)| (id.as_str(), *w, "combination")));
    if let Some(vacancy) = verdict.vacancy {
        parts.push(("(intercept as a vacancy)", vacancy.intercept, ""));
        parts.push(("(text logit as a vacancy)", vacancy.text, ""));
    }
    parts.sort_by(|a, b| b.1.total_cmp(&a.1).then_with(|| a.0.cmp(b.0)));
    let ngrams = ngrams_by_strength(model)?;
    let of_sign = |sign: f64| ngrams.iter().filter(move |ngram| ngram.weight * sign > 0.0).take(NGRAMS);
    let mut strongest =
        vec![("for a scam", rows(of_sign(1.0), |n| n.weight)), ("for the ad", rows(of_sign(-1.0), |n| n.weight))];
    if verdict.vacancy.is_some() {
        let mut by_second: Vec<&Named> = ngrams.iter().filter(|ngram| ngram.second > 0.0).collect();
        by_second.sort_by(|a, b| b.second.total_cmp(&a.second));
        strongest.push(("for a fraudulent vacancy", rows(by_second.into_iter().take(NGRAMS), |n| n.second)));
    }
    let largest = parts.iter().fold(0.0f64, |most, part| most.max(part.1.abs()));
    Ok(html! {
        h2 { "What the model weighs" }
        h3 { "Signals and combinations" }
        table.weights {
            thead { tr { th { "name" } th { "kind" } th.n { "weight" } th { "" } } }
            tbody {
                @for (name, weight, kind) in parts {
                    tr { td { (name) } td.soft { (kind) } td.n { (format!("{weight:+.3}")) } td { (bar(weight, largest)) } }
                }
            }
        }
        h3 { "Strongest n-grams of " (grouped(model.table.len() as u64)) }
        @if ngrams.is_empty() { p { "This model has no names of n-grams." } }
        div.columns {
            @for (title, rows) in strongest {
                @let largest = rows.iter().fold(0.0f64, |most, row| most.max(row.1.abs()));
                table.weights {
                    thead { tr { th { (title) } th.n { "weight" } th { "" } } }
                    tbody {
                        @for (name, weight) in rows {
                            tr { td.w { bdi { (one_line(name)) } } td.n { (format!("{weight:+.3}")) } td { (bar(weight, largest)) } }
                        }
                    }
                }
            }
        }
        p.soft { "A class of entity stands in angle brackets. Weights are those of the text stage, before it is weighed itself." }
    })
}

pub(super) fn provenance(report: &Report) -> Markup {
    html! {
        h2 { "Data" }
        @for source in report.data.iter().filter_map(Value::as_object) {
            h3 { (source.get("path").map_or_else(String::new, plain)) }
            (pairs(source))
        }
        @if !report.parameters.is_empty() { h2 { "Parameters" } (pairs(&report.parameters)) }
    }
}

/// Names and values; what is nested is named by its way.
fn pairs(map: &Map<String, Value>) -> Markup {
    let mut flat = Vec::new();
    flatten("", map, &mut flat);
    html! {
        table { tbody { @for (name, value) in flat { tr { td.soft { (name) } td.w { code { (value) } } } } } }
    }
}

fn flatten(before: &str, map: &Map<String, Value>, out: &mut Vec<(String, String)>) {
    for (key, value) in map {
        let name = format!("{before}{}", key.replace('_', " "));
        match value {
            Value::Object(inner) => flatten(&format!("{name}: "), inner, out),
            Value::Array(items) => {
                let items: Vec<String> = items.iter().map(plain).collect();
                out.push((name, if items.is_empty() { "none".to_owned() } else { items.join(", ") }));
            }
            Value::Null => {}
            value => out.push((name, plain(value))),
        }
    }
}

fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

fn share(value: Option<f64>) -> String {
    value.map_or_else(String::new, |share| format!("{:.1} %", 100.0 * share))
}
