/*!
Beside the sum: what would have to be absent for `clear`, what speaks for the ad, and what nobody has looked at.
*/

use super::{Explanation, dim, line};
use crate::cli::table::percent;
use crate::cli::terminal::{HEADING, Look, one_line, wrap};
use crate::score::counterfactual::TEXT;
use crate::signals::catalogue::SignalKind;
use crate::verdict::Verdict;

/// What a counterfactual is about.
pub(super) const COUNTERFACTUAL: &str = "This is about the model, not about the posting: the evidence is taken out of the \
    sum while the words stay. A scam that leaves these words out is a scam all the same.";
/// Of a text that was cut off, and why it is never clear.
pub(super) const TRUNCATED: &str = "The text is longer than the limit; only its beginning was read.";
pub(super) const UNREAD: &str = "the end of its text was not read, and what was not read is not cleared";
/// How far words can speak for an ad.
pub(super) const FOR_THE_AD: &str = "Anyone can type a licence number, a company's address or a warning: all such signals \
    together lower the logit by 1.5 at most, and never lead from block to clear.";
/// What the program does not know.
pub(super) const UNSEEN: [&str; 5] = [
    "`clear` does not mean safe: it means that little was found. Quiet lures with usual pay and few signals pass about one \
     time in four.",
    "Whether the employer exists, a licence number is valid, or an address belongs to whom it says.",
    "Pictures, linked pages, profiles, reviews and what is said later in a chat.",
    "Who posted it, what else they posted, and what became of those who answered.",
    "Words that no lexicon holds: oblique wording, new slang, languages and romanisations that are not read.",
];
/// Signals and words for the ad that a terminal shows.
const SHOWN: usize = 6;

/// That one passage decides, with its words, if one does.
pub(super) fn passage_said(verdict: &Verdict) -> Option<String> {
    let words: Vec<String> = verdict.passage.iter().map(|span| format!("\"{}\"", one_line(&span.text))).collect();
    let said = "One passage by itself says so much more for a scam than the whole does that the logit is by it";
    (!words.is_empty()).then(|| format!("{said}: {}", words.join(" ")))
}

/// That the posting is read as a vacancy, if it is.
pub(super) fn vacancy_said(verdict: &Verdict) -> Option<&'static str> {
    verdict.as_vacancy.then_some(
        "Its words say more for a fraudulent vacancy than words and signals together say for a scam: the logit is by these \
         words alone, and signals weigh nothing in it",
    )
}

impl Explanation<'_> {
    /// What the sets are, in a sentence.
    pub(super) fn sets_said(&self) -> String {
        let Some(found) = self.for_clear else { return String::new() };
        match (found.smallest, found.found) {
            (false, _) => "Without this it would be clear, and no part of it is enough; with so many signals not every set was tried:".to_owned(),
            (true, 1) => "Without this, and with nothing smaller, it would be clear:".to_owned(),
            (true, n) if n > found.sets.len() => {
                format!(
                    "Without any one of these it would be clear; of {n} smallest sets, the {} that lower it most:",
                    found.sets.len()
                )
            }
            (true, _) => "Without any one of these, and with nothing smaller, it would be clear:".to_owned(),
        }
    }

    /// What speaks for the ad: signals of that kind, then words and combinations, each with its contribution.
    pub(super) fn for_the_ad(&self) -> Vec<(Option<usize>, &str, f64)> {
        let kind = |id: &str| self.catalogue.find(id).map(|s| self.catalogue.get(s).kind);
        let signals = (1..).zip(&self.verdict.signals).filter(|(_, s)| kind(&s.id) == Some(SignalKind::ForTheAd));
        let terms = self.verdict.terms.iter().flatten().filter(|t| t.contribution < 0.0);
        signals
            .map(|(number, s)| (Some(number), s.id.as_str(), s.contribution))
            .chain(terms.map(|t| (None, t.name.as_str(), t.contribution)))
            .collect()
    }
}

pub(super) fn write(explanation: &Explanation<'_>, look: &Look, out: &mut String) {
    let heading = |text: &str, out: &mut String| line(out, format_args!("\n{}", look.paint(HEADING, text)));
    if let Some(found) = explanation.for_clear {
        heading("for `clear`", out);
        if found.sets.is_empty() {
            let why = if explanation.verdict.truncated { UNREAD } else { "every posting starts above the threshold" };
            indented(&format!("nothing that this posting shows is enough: {why}"), look, out);
        } else {
            indented(&explanation.sets_said(), look, out);
        }
        for set in &found.sets {
            let name = |name: &String| match explanation.number(name) {
                Some(number) => format!("{number} {name}"),
                None if name == TEXT => "what the wording adds".to_owned(),
                None => name.clone(),
            };
            let names: Vec<String> = set.without.iter().map(name).collect();
            let (logit, probability) = (set.logit, percent(set.probability));
            indented(&format!("- {}: logit {logit:+.3}, {probability}", names.join(" and ")), look, out);
        }
        if !found.sets.is_empty() {
            dim(COUNTERFACTUAL, look, out);
        }
    }
    let for_the_ad = explanation.for_the_ad();
    if !for_the_ad.is_empty() {
        heading("for the ad", out);
        for (number, name, contribution) in for_the_ad.iter().take(SHOWN) {
            let number = number.map_or(String::new(), |n| format!("{n} "));
            let name = one_line(&name.chars().take(200).collect::<String>());
            indented(&format!("- {number}{name} {contribution:+.3}"), look, out);
        }
        dim(FOR_THE_AD, look, out);
    }
}

fn indented(text: &str, look: &Look, out: &mut String) {
    for text in wrap(text, look.width.saturating_sub(2)) {
        line(out, format_args!("  {text}"));
    }
}
