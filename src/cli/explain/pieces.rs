/*!
A field's text cut where evidence begins or ends, so that overlapping spans can be shown in any markup: each piece knows
every signal that covers it.
*/

use crate::verdict::Verdict;

/// A stretch of text that the same signals cover throughout.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Piece<'a> {
    pub(super) text: &'a str,
    /// Numbers of the signals that cover it, from 1, the strongest first.
    pub(super) signals: Vec<usize>,
    /// Numbers of the signals of which a span ends with it.
    pub(super) ends: Vec<usize>,
}

/// The pieces of a field, in order; their texts put together are the text.
pub(super) fn pieces<'a>(verdict: &Verdict, field: &str, text: &'a str) -> Vec<Piece<'a>> {
    let mut spans: Vec<(usize, usize, usize)> = (1..)
        .zip(&verdict.signals)
        .flat_map(|(number, signal)| {
            let here = signal.spans.iter().filter(|span| span.field == field && span.start < span.end);
            here.map(move |span| (span.start, span.end, number))
        })
        .collect();
    spans.sort_unstable();
    let mut cuts: Vec<usize> = spans.iter().flat_map(|&(start, end, _)| [start, end]).collect();
    cuts.sort_unstable();
    cuts.dedup();
    let mut out = Vec::new();
    let mut rest = text;
    let mut at = 0;
    let mut next_span = spans.iter().peekable();
    let mut open: Vec<(usize, usize)> = Vec::new();
    for cut in cuts {
        let bytes = rest.char_indices().nth(cut - at).map_or(rest.len(), |(byte, _)| byte);
        let (piece, after) = rest.split_at(bytes);
        let mut signals: Vec<usize> = open.iter().map(|o| o.1).collect();
        signals.sort_unstable();
        signals.dedup();
        let mut ends: Vec<usize> = open.iter().filter(|o| o.0 == cut).map(|o| o.1).collect();
        ends.sort_unstable();
        ends.dedup();
        if !piece.is_empty() {
            out.push(Piece { text: piece, signals, ends });
        }
        open.retain(|o| o.0 > cut);
        while let Some(&(_, end, number)) = next_span.next_if(|s| s.0 == cut) {
            open.push((end, number));
        }
        (rest, at) = (after, cut);
    }
    if !rest.is_empty() {
        out.push(Piece { text: rest, signals: Vec::new(), ends: Vec::new() });
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::explain::tests::verdict_with;

    fn shown(text: &str, spans: &[(&str, usize, usize)]) -> Vec<(String, Vec<usize>, Vec<usize>)> {
        let verdict = verdict_with("description", spans);
        pieces(&verdict, "description", text).into_iter().map(|p| (p.text.to_owned(), p.signals, p.ends)).collect()
    }

    #[test]
    fn overlapping_spans_share_pieces() {
        let spans = [("free_travel", 2, 13), ("high_pay", 7, 17)];
        let piece = |text: &str, signals: &[usize], ends: &[usize]| (text.to_owned(), signals.to_vec(), ends.to_vec());
        assert_eq!(
            shown("a free flight now", &spans),
            [
                piece("a ", &[], &[]),
                piece("free ", &[1], &[]),
                piece("flight", &[1, 2], &[1]),
                piece(" now", &[2], &[2])
            ]
        );
    }

    #[test]
    fn offsets_count_characters() {
        let spans = [("free_travel", 1, 3), ("high_pay", 3, 4)];
        let all: String = shown("a免费é机票", &spans).iter().map(|p| format!("[{}]", p.0)).collect();
        assert_eq!(all, "[a][免费][é][机票]");
        assert_eq!(shown("", &spans), []);
        assert_eq!(shown("a", &[("high_pay", 0, 9)])[0].1, [1]);
    }
}
