/*!
What keeps persons out of outputs and logs.
*/

use std::path::PathBuf;

use anyhow::{Context, bail};

use super::common::warn;
use super::terminal::one_line;
use crate::feed::Reject;
use crate::redact::{Redactor, SHORTEST_KEY};
use crate::score::Scorer;

/// Masking of what identifies a person.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Privacy")]
pub(crate) struct RedactArgs {
    /// Mask telephone numbers, mail addresses, handles, wallets, ids in chat services, and what stands behind the host of a
    /// link, in all texts of the outputs. Each becomes a token such as `[phone:khfjdmbaocgpdlne]`, a keyed hash: the same
    /// for the same identifier, however it is written. Offsets stay those of the original; rejects lose their raw bytes.
    #[arg(long)]
    redact: bool,
    /// File with the key of the hash, 16 bytes or more: runs with one key give the same tokens. Without it each run has a
    /// random key of its own.
    #[arg(long, value_name = "FILE", requires = "redact")]
    redact_key: Option<PathBuf>,
}

impl RedactArgs {
    /// The file of the key, which is read.
    pub(crate) fn key_file(&self) -> Option<&PathBuf> {
        self.redact_key.as_ref()
    }

    pub(crate) fn redactor<'a>(
        &self,
        scorer: &'a Scorer,
        checkpointed: bool,
        quiet: bool,
    ) -> anyhow::Result<Option<Redactor<'a>>> {
        if !self.redact {
            return Ok(None);
        }
        let Some(path) = &self.redact_key else {
            if checkpointed {
                bail!("--redact with --checkpoint needs --redact-key FILE: a run that goes on has to mask as it began");
            }
            if !quiet {
                warn("--redact without --redact-key: the key is random, so tokens of this run match those of no other");
            }
            return Ok(Redactor::new(scorer.reader(), &rand::random::<[u8; 32]>()));
        };
        let name = path.display();
        let key = std::fs::read(path).with_context(|| format!("{name}: cannot be read"))?;
        match Redactor::new(scorer.reader(), key.trim_ascii_end()) {
            Some(redactor) => Ok(Some(redactor)),
            None => bail!("{name}: the key has {} bytes; it needs {SHORTEST_KEY} or more", key.trim_ascii_end().len()),
        }
    }
}

/// What is told of a reject: where it is, and why, without its text.
pub(crate) fn told(reject: &Reject) -> String {
    let file = if &*reject.file == "-" { "stdin" } else { &*reject.file };
    let field = reject.field.as_ref().map_or(String::new(), |field| format!(", field {field:?}"));
    format!("{file}: record {}{field}: {}", reject.record, one_line(&without_excerpts(&reject.reason)))
}

/// A reason without what it quotes of the record: logs are kept by others, and longer, than feeds.
pub(crate) fn without_excerpts(reason: &str) -> String {
    let quoted = |mark: char| match (reason.find(mark), reason.rfind(mark)) {
        (Some(first), Some(last)) if first < last => Some((first, last)),
        _ => None,
    };
    let mut out = match quoted('"').or_else(|| quoted('`')) {
        Some((first, last)) => format!("{}…{}", &reason[..=first], &reason[last..]),
        None => reason.to_owned(),
    };
    // A number of a label is one too; lengths and limits have fewer digits, or stand before the word for what they count.
    let mut from = 0;
    while let Some(start) = out[from..].find(|c: char| c.is_ascii_digit()).map(|at| from + at) {
        let end = out[start..].find(|c: char| !c.is_ascii_digit()).map_or(out.len(), |at| start + at);
        let counted = [" bytes", " values", " cells", " columns"].iter().any(|unit| out[end..].starts_with(unit));
        from = end;
        if end - start >= 6 && !counted {
            out.replace_range(start..end, "…");
            from = start + '…'.len_utf8();
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reasons_quote_nothing_in_logs() {
        for (reason, told) in [
            ("the label is \"call 555-0100\"; it must be 0 or 1", "the label is \"…\"; it must be 0 or 1"),
            ("the label is 5550100; it must be 0", "the label is …; it must be 0"),
            ("invalid type: integer `7`, expected a map", "invalid type: integer `…`, expected a map"),
            ("the record has 16777217 bytes", "the record has 16777217 bytes"),
            ("not valid UTF-8 at byte 12", "not valid UTF-8 at byte 12"),
        ] {
            assert_eq!(without_excerpts(reason), told);
        }
    }
}
