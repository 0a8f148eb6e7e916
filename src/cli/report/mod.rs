/*!
The report of an evaluation as a page: what was found, how sure that is, and what it was measured on.

Every number comes from [`Report`]; nothing is measured here. The same report gives the same bytes: no clock, no path of
the machine.
*/

mod charts;
mod sections;

use std::path::Path;

use maud::{Markup, html};

use super::html::page;
use super::output::Output;
use crate::model::artefact::Artefact;
use crate::train::report::Report;

const STYLE: &str = include_str!("report.css");

/// Writes the page to a file; `model` is described by its weights, where one model was measured.
pub(crate) fn save(report: &Report, model: Option<&Artefact>, path: &Path) -> anyhow::Result<()> {
    let text = render(report, model)?;
    let mut output = Output::file(path)?;
    output.write(text.as_bytes())?;
    output.finish()
}

fn render(report: &Report, model: Option<&Artefact>) -> anyhow::Result<String> {
    let body = html! {
        (head(report))
        (sections::figures(report))
        h2 { "Curves" }
        div.charts { (charts::precision_recall(report)) (charts::roc(report)) }
        p.soft {
            "Precision depends on how many scams there are: " (priors(report))
            ". Postings count by their weight, where the data gives one."
        }
        h2 { "Calibration" }
        p {
            "How often postings of a probability are scams, with 95 % intervals by posting. On the diagonal the probability "
            "means what it says; it is calibrated for a feed with 5 % of scams, so a domain with another share lies off it "
            "even if the order is right."
        }
        div.charts { @for domain in &report.domains { (charts::reliability(domain)) } }
        h2 { "Scores by class" }
        div.charts { @for domain in &report.domains { (charts::distribution(domain, report)) } }
        (sections::budgets(report))
        (sections::thresholds(report))
        (sections::slices(report))
        @if let Some(model) = model { (sections::weights(model)?) }
        (sections::provenance(report))
        footer {
            "lurescan " (env!("CARGO_PKG_VERSION"))
            ". " code { "clear" } " does not mean safe. No automatic block without an appeal to a human."
        }
    };
    Ok(page(&format!("Report: {}", report.name), STYLE, &body))
}

fn head(report: &Report) -> Markup {
    html! {
        h1 { "Report: " (report.name) }
        p { (report.source) }
    }
}

fn priors(report: &Report) -> String {
    let of = |domain: &crate::train::report::DomainReport| format!("{:.1} % on {}", 100.0 * domain.prior, domain.name);
    report.domains.iter().map(of).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use scraper::{ElementRef, Html, Selector};
    use serde_json::json;

    use super::*;
    use crate::eval::bootstrap::intervals;
    use crate::eval::curves;
    use crate::eval::metrics::{Curve, Scored, sort};
    use crate::train::report::{DomainReport, Slice};

    /// A report of made-up scores, in which every name is hostile.
    fn sample(name: &str) -> Report {
        let of = |i: usize| {
            let noise = (i * 7_919 % 1_000) as f64 / 250.0 - 2.0;
            let label = i.is_multiple_of(5);
            Scored {
                logit: noise + if label { 1.0 } else { -2.0 },
                label,
                weight: if label { 1.0 } else { 3.5 },
                group: i,
            }
        };
        let mut sorted: Vec<Scored> = (0..500).map(of).collect();
        sort(&mut sorted);
        let curve = Curve::of(&sorted).unwrap();
        let (review, block) = (curves::at_threshold(&sorted, 0.0), curves::at_threshold(&sorted, 2.0));
        Report {
            name: name.to_owned(),
            source: name.to_owned(),
            review: 0.0,
            block: 2.0,
            thresholds: Vec::new(),
            data: vec![json!({ "path": name, "sha256": "ab" })],
            parameters: json!({ "seed": 1, "text": { "c": 100.0 } }).as_object().unwrap().clone(),
            domains: vec![DomainReport {
                name: name.to_owned(),
                figures: vec![(name.to_owned(), intervals(&sorted, 20, 1).unwrap())],
                prior: 0.067,
                precision_recall: curves::precision_recall(&curve),
                roc: curves::roc(&curve),
                reliability: curves::reliability(&sorted),
                distribution: curves::distribution(&sorted),
                budgets: vec![curves::budget(&sorted, 0.01).unwrap()],
                review,
                block,
            }],
            slices: vec![Slice {
                domain: name.to_owned(),
                by: "kind",
                name: name.to_owned(),
                roc_auc: None,
                review,
                block,
            }],
        }
    }

    #[test]
    fn names_of_files_do_not_break_out_of_the_markup() {
        let name = r#"</text></svg></style><script>alert("1")</script> $x$ <b onclick='1'>&amp;"#;
        let source = render(&sample(name), Some(&Artefact::embedded().unwrap())).unwrap();
        let page = Html::parse_document(&source);
        for element in page.tree.nodes().filter_map(ElementRef::wrap) {
            assert!(!matches!(element.value().name(), "script" | "b" | "img" | "link"), "{}", element.html());
            assert!(element.value().attrs().all(|(attribute, _)| !attribute.starts_with("on")));
        }
        let text = |selector: &str| -> String {
            page.select(&Selector::parse(selector).unwrap()).flat_map(|e| e.text()).collect()
        };
        assert_eq!(text("h1"), format!("Report: {name}"));
        assert_eq!(page.select(&Selector::parse("figure > svg > svg").unwrap()).count(), 4);
        assert!(text("svg").contains("</script> $x$"), "the legend names the domain");
        assert!(text("table").contains("(text logit)") && text("table").contains("text: c"));
    }

    #[test]
    fn every_figure_of_the_report_is_on_the_page() {
        let report = sample("mine");
        let source = render(&report, None).unwrap();
        let cells: Vec<String> = Html::parse_document(&source)
            .select(&Selector::parse("td").unwrap())
            .map(|cell| cell.text().collect())
            .collect();
        for (name, estimate) in &report.domains[0].figures[0].1 {
            let at = cells.iter().position(|cell| cell == name).unwrap();
            assert_eq!(cells[at + 1], format!("{:.3}", estimate.value));
            let (low, high) = estimate.interval().unwrap();
            assert_eq!(cells[at + 2], format!("{low:.3} to {high:.3}"));
        }
        assert!(!source.contains("What the model weighs"));
    }
}
